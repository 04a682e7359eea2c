"""Nudge: change an input by a little, look how much the result changes, and lay that beside the gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.variable import Variable
from ..graph.names import named
from ..graph.naming.clean import clean
from ..graph.summary import array_of
from ..words.text import number, shape, table
from .of_torch import is_tensor
from .of_values import is_value
from .slopes import Precision, Slopes, judged
from .steps import Step
from .trace import Trace, trace

__all__ = ["Nudge", "Row", "nudge"]

ELEMENTS = 16  # of an input that are nudged; of a larger one so many
GOLDEN = (math.sqrt(5) - 1) / 2
CURVE = tuple(10.0**-exponent for exponent in range(11))


@dataclass(frozen=True)
class Row:
    """One element of one input: ``slope`` is what its nudge makes of the result, ``gradient`` what backward() says."""

    input: int
    title: str  # as in a program, "x[0, 1]"
    index: tuple[int, ...]
    slopes: Slopes
    gradient: float | None  # None where no gradient arrives
    verdict: str  # "agrees", or why not: see `judged`; "unsteady" where the function is
    remark: str = ""

    @property
    def slope(self) -> float:
        """The finite difference."""
        return self.slopes.slope

    @property
    def error(self) -> float:
        """By how much the two differ; no gradient counts as 0."""
        return abs(self.slope - (self.gradient or 0.0))

    @property
    def relative(self) -> float | None:
        """The error as a part of the larger of the two; None where both are 0."""
        scale = max(abs(self.slope), abs(self.gradient or 0.0))
        return self.error / scale if scale else None

    @property
    def quotient(self) -> str:
        """The difference with its numbers."""
        return f"({self.slopes.above:.7g} − {self.slopes.below:.7g}) / {self.slopes.width:.4g}"

    def cells(self) -> tuple[str, ...]:
        """A row of the table."""
        gradient = "None" if self.gradient is None else number(self.gradient)
        said = f"{self.verdict}: {self.remark}" if self.remark else self.verdict
        return self.title, self.quotient, number(self.slope), gradient, f"{self.error:.1g}", said

    def data(self) -> dict[str, Any]:
        """The row as JSON-able data: what is not finite is None."""
        numbers = {
            "value": self.slopes.x, "below": self.slopes.below, "above": self.slopes.above, "slope": self.slope,
            "gradient": self.gradient, "error": self.error, "relative": self.relative,
        }  # fmt: skip
        plain = {name: value if value is not None and math.isfinite(value) else None for name, value in numbers.items()}
        return {"title": self.title, **plain, "quotient": self.quotient, "verdict": self.verdict, "remark": self.remark}


class Nudge:
    """The finite differences of a function beside its gradient, for one ``h``. `at` makes it anew for another.

    It holds the function and its inputs, and calls the function with copies of them. `step` walks it, with a finite difference
    beside the gradient of each leaf's elements.
    """

    def __init__(self, f: Callable[..., Any], inputs: Sequence[Any], names: Sequence[str], h: float) -> None:
        self.h = step_size(h)
        self._f, self._inputs, self._names = f, tuple(inputs), tuple(names)
        self._arrays = [floats(each) for each in self._inputs]
        self._own, gradients = self._walked()
        again = scalar(f(*self._copies(self._arrays)))
        self.is_steady = not math.isfinite(again) or math.isclose(again, self._own, rel_tol=1e-5, abs_tol=1e-30)
        wanted = [k for k, each in enumerate(self._inputs) if asks_for_gradient(each)]
        self._size = sum(self._arrays[k].size for k in wanted)
        self.rows = tuple(self._row(k, index, gradients[k]) for k in wanted for index in chosen(self._arrays[k].shape))

    def _copies(self, arrays: Sequence[NDArray[Any]]) -> list[Any]:
        return [copied(each, array) for each, array in zip(self._inputs, arrays, strict=True)]

    def _walked(self) -> tuple[float, list[NDArray[Any] | None]]:
        """The result, and the gradient of each input, from a recorded pass over copies: no ``.grad`` changes."""
        copies = self._copies(self._arrays)
        out = self._f(*copies)
        result = scalar(out)
        if not getattr(out, "requires_grad", is_value(out)):
            return result, [None] * len(copies)
        walk = trace(out)
        if walk.steps and walk.steps[-1].error:
            raise RuntimeError(f"nudge: there is no gradient to compare with; backward() fails with {walk.steps[-1].error}")
        found = [arrived(walk, each) for each in copies]
        walk.close()
        return result, found

    def _beside(self, k: int, index: tuple[int, ...], by: float) -> tuple[float, float]:
        """Where the element is after it was nudged, as its dtype rounds it, and the result there."""
        arrays = list(self._arrays)
        arrays[k] = arrays[k].copy()
        arrays[k][index] += by
        copies = self._copies(arrays)
        return float(array_of(copies[k])[index]), scalar(self._f(*copies))

    def _slopes(self, k: int, index: tuple[int, ...], h: float) -> Slopes:
        x = float(self._arrays[k][index])
        return Slopes(x, self._own, *self._beside(k, index, -h), *self._beside(k, index, h))

    def _row(self, k: int, index: tuple[int, ...], gradients: NDArray[Any] | None) -> Row:
        title = f"{self._names[k]}[{', '.join(map(str, index))}]" if index else self._names[k]
        gradient = None if gradients is None else float(gradients[index])
        there, nearer = self._slopes(k, index, self.h), self._slopes(k, index, self.h / 2)
        if not self.is_steady:
            return Row(k, title, index, there, gradient, "unsteady")
        return Row(
            k, title, index, there, gradient, *judged(there, nearer, gradient, precision(self._inputs[k], self._arrays[k]))
        )

    def at(self, h: float) -> Nudge:
        """The same with another ``h``.

        Raises:
            ValueError: ``h`` is no number above 0.
        """
        return Nudge(self._f, self._inputs, self._names, h)

    def curve(self, row: int = 0) -> tuple[tuple[float, float], ...]:
        """The error of one row, for ``h`` from 1 to 1e-10: it falls as the curve bends less, then rises as digits are lost."""
        one = self.rows[row]
        slopes = [self._slopes(one.input, one.index, h).slope for h in CURVE]
        return tuple((h, abs(slope - (one.gradient or 0.0))) for h, slope in zip(CURVE, slopes, strict=True))

    def note(self) -> str:
        """What makes all rows doubtful; "" where nothing does."""
        unsteady = "The function gives another result each time it is called (dropout?): no difference says anything then."
        return "" if self.is_steady else unsteady

    def __repr__(self) -> str:
        head = ("", "x", "(f(x + h) − f(x − h)) / 2h", "slope", "gradient", "error", "")
        rows = [("", *each.cells()) for each in self.rows]
        left = f"  {len(rows)} of {self._size:,} elements." if len(rows) < self._size else ""
        return "\n".join(filter(None, [f"Nudge by h = {self.h:g}:", *table([head, *rows]), left, self.note()]))

    def page(self) -> dict[str, Any]:
        """All of it as JSON-able data."""
        return {"h": self.h, "note": self.note(), "rows": [each.data() for each in self.rows]}

    def walk(self) -> Trace:
        """The pass from what the function makes of the inputs themselves, to be walked; the inputs' ``.grad`` follows it."""
        return trace(self._f(*self._inputs))

    def nodes(self, walk: Trace) -> dict[int, list[int]]:
        """Which rows are elements of which leaf of a pass, by the leaf's node."""
        turns = [turn(walk, each) for each in self._inputs]
        found: dict[int, list[int]] = {}
        for i, row in enumerate(self.rows):
            step = turns[row.input]
            if step is not None:
                found.setdefault(step.node, []).append(i)
        return found

    def reply(self, message: Any) -> dict[str, Any] | None:
        """What the page is told where h was moved, {"nudge": 0.01}, or of the errors over h, {"curve": row}; else None."""
        if not isinstance(message, dict):
            return None
        h, row = message.get("nudge"), message.get("curve")
        if type(row) is int and 0 <= row < len(self.rows):
            return {"curve": row, "points": [[h, each if math.isfinite(each) else None] for h, each in self.curve(row)]}
        try:
            return self.at(h).page() if isinstance(h, (int, float)) else None
        except ValueError:
            return None


def nudge(f: Callable[..., Any], *inputs: Any, h: float = 1e-3) -> Nudge:
    """Lay the gradient beside finite differences, ``(f(x + h) − f(x − h)) / 2h``, element by element.

    A graph cannot be run forward again, since it does not keep all that this would need: so the function is given, which makes
    one number of its inputs. For a value in between, give the rest of the program as a function of it. Nothing is changed: the
    function gets copies.

    Args:
        f: the function; it returns a single element.
        inputs: Variables, PyTorch's tensors, or values of an engine like micrograd; nudged are those that require a gradient,
            of a large one 16 elements.
        h: by how much. Too large, and the curve bends on the way; too small, and the difference is lost in rounding.

    Raises:
        TypeError: an input is nothing of that, or ``f`` returns no single number.
        ValueError: ``h`` is no number above 0, or nothing requires a gradient.
        RuntimeError: backward() from what ``f`` returns fails.

    >>> import microtorch
    >>> x = microtorch.tensor([1.0, 2.0], requires_grad=True)
    >>> nudge(lambda x: (x**3).sum(), x, h=0.01)
    Nudge by h = 0.01:
        x     (f(x + h) − f(x − h)) / 2h    slope  gradient  error
        x[0]  (9.030301 − 8.970299) / 0.02  3      3         0.0001  agrees
        x[1]  (9.120601 − 8.880599) / 0.02  12     12        0.0001  agrees
    """
    for each in inputs:
        if not (isinstance(each, Variable) or is_tensor(each) or is_value(each)):
            raise TypeError(f"nudge takes a function and the Variables that it is a function of; got a {type(each).__name__}")
        if array_of(each).dtype.kind == "c":
            raise TypeError("nudge knows real numbers only: a complex one can be nudged in any direction")
    if not any(map(asks_for_gradient, inputs)):
        raise ValueError("nudge: none of the inputs requires a gradient; give nudge(f, x) an x with requires_grad=True")
    return Nudge(f, inputs, called(inputs), h)


def called(inputs: Sequence[Any]) -> list[str]:
    """What the inputs are called: their own names, or those in the code of the caller, or else by number."""
    found: dict[int, str] = {}
    for name, value in named():
        found.setdefault(id(value), name)
    names: list[str] = []
    for i, each in enumerate(inputs):
        own = getattr(each, "name", None) or getattr(each, "label", None)
        name = clean(own if isinstance(own, str) and own else found.get(id(each), f"input {i + 1}"))
        names.append(f"{name} (input {i + 1})" if name in names else name)
    return names


def asks_for_gradient(value: Any) -> bool:
    """Whether a gradient of it is wanted: of a student's values always."""
    return bool(getattr(value, "requires_grad", True))


def floats(value: Any) -> NDArray[Any]:
    """A copy of the numbers of an input; a student's integers as floats, which can be nudged."""
    array = np.array(array_of(value))
    return array.astype(float) if is_value(value) and array.dtype.kind in "biu" else array


def precision(value: Any, array: NDArray[Any]) -> Precision:
    """How finely an input keeps its numbers."""
    name = str(getattr(value, "dtype", array.dtype)).rpartition(".")[2]
    return Precision(name, 2.0**-7 if name == "bfloat16" else float(np.finfo(array.dtype.char).eps))


def copied(value: Any, array: NDArray[Any]) -> Any:
    """A new leaf of the same kind with these numbers."""
    if isinstance(value, Variable):
        return Variable(array.copy(), requires_grad=value.requires_grad)
    if is_tensor(value):
        copy = value.detach().clone()
        copy.copy_(copy.new_tensor(array.tolist(), dtype=copy.dtype).reshape(copy.shape))
        return copy.requires_grad_(value.requires_grad)
    return type(value)(array.item() if not array.ndim else array.copy())


def scalar(out: Any) -> float:
    """The one number that a function has returned.

    Raises:
        TypeError: it has returned something else.
    """
    array = array_of(out)
    if array.size != 1 or array.dtype.kind not in "biuf":
        what = f"the shape {shape(array.shape)}" if array.dtype.kind in "biufc" else f"a {type(out).__name__}"
        raise TypeError(f"nudge: the function has to return a single number, as .sum() or .mean() do; it returned {what}")
    return float(array.reshape(()))


def arrived(walk: Trace, leaf: Any) -> NDArray[Any] | None:
    """The gradient that arrives at a leaf, None where none does."""
    step = turn(walk, leaf)
    value = None if step is None else step.received[0]
    return None if value is None else value.array


def turn(walk: Trace, leaf: Any) -> Step | None:
    """The step of a leaf, None where it is not reached."""
    try:
        (position,) = walk.find(leaf)
    except ValueError:
        return None
    return walk.steps[position - 1]


def step_size(h: Any) -> float:
    """The h that was given.

    Raises:
        ValueError: it is no number above 0.
    """
    if isinstance(h, bool) or not isinstance(h, (int, float)) or not 0 < h < math.inf:
        raise ValueError(f"h is by how much x is nudged: a number above 0, as 0.001, not {h!r}")
    return float(h)


def chosen(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The elements that are nudged; of many some, far from each other and not all in one column."""
    size = math.prod(shape)
    some = sorted({int(i * GOLDEN % 1 * size) for i in range(ELEMENTS)})
    return [tuple(map(int, np.unravel_index(each, shape))) for each in (range(size) if size <= ELEMENTS else some)]
