"""A row of the tables: what it says, and the inputs that it is tried on."""

import ast
from dataclasses import dataclass
from typing import Any

import numpy as np

SHAPES = {
    "x": (2, 3), "y": (2, 3), "a": (3, 4), "v": (3,), "u": (3,), "s": (), "r": (1, 3), "c": (2, 1),
    "b": (2, 3, 4), "d": (2, 4, 3), "n": (0, 3),
}  # fmt: skip


@dataclass(frozen=True, init=False, eq=False)
class Operation:
    """One row.

    Its inputs are random: of one sign or ``positive`` throughout, none near 0, no two equal. Given values (a list) it is a
    point where a derivative needs care, and is compared with torch alone.
    """

    expression: str
    numpy: str
    inputs: dict[str, Any]  # name → shape, or list of values
    positive: bool
    twice: bool  # whether torch has a gradient of its gradient; where not, its gradient is less exact, too

    def __init__(self, expression: str, numpy: str = "", *, positive: bool = False, twice: bool = True, **inputs: Any) -> None:
        used = {each.id for each in ast.walk(ast.parse(expression)) if isinstance(each, ast.Name)}
        inputs = {name: shape for name, shape in (SHAPES | inputs).items() if name in used}
        values = {"expression": expression, "numpy": numpy or expression, "inputs": inputs, "positive": positive, "twice": twice}
        self.__dict__.update(values)

    def __str__(self) -> str:
        given = (f"{name}={shape}" for name, shape in self.inputs.items() if shape != SHAPES.get(name))
        return " ; ".join((self.expression, *given)).replace("::", ": :")  # "::" would end a test's name

    def values(self, dtype: str) -> dict[str, np.ndarray]:
        """The inputs: multiples of 1/1024, so that float32 holds them, and a small step from them, exactly."""
        rng = np.random.default_rng(len(self.expression))
        return {
            name: self._random(rng, shape, nr).astype(dtype) if isinstance(shape, tuple) else np.array(shape, dtype)
            for nr, (name, shape) in enumerate(self.inputs.items())
        }

    def _random(self, rng: np.random.Generator, shape: tuple[int, ...], nr: int) -> np.ndarray:
        length = int(np.prod(shape))
        size = rng.permutation(np.linspace(300, 1700, length + 1).round()[:length]) + 3 * nr
        sign = 1 if self.positive else rng.choice((-1, 1), length)
        return (sign * size / 1024).reshape(shape)


def functional(call: str, numpy: str, **inputs: Any) -> Operation:
    """A row of ``nn.functional``."""
    return Operation(f"nn.functional.{call}", numpy, **inputs)
