"""L-BFGS: Newton's method, with the curvature guessed from the last steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.grad_mode import enable_grad
from ..core.variable import Variable, wrap
from ..core.versions import count
from .line_search import Number, Point, strong_wolfe
from .optimizer import Optimizer
from .settings import learning_rate

__all__ = ["LBFGS"]

KEPT = ("d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss")  # in the state, by torch's names


class LBFGS(Optimizer):
    """Steps towards where the gradient would be 0, if the loss were a quadratic function with the curvature seen so far.

    Nocedal and Wright, "Numerical Optimization", 2006, algorithms 7.4 and 7.5. A step computes the loss several times.

    Args:
        params: Variables; one group of them.
        lr: how much of each step is gone, or where the line search begins.
        max_iter: how many iterations a step has at most.
        max_eval: how often a step computes the loss at most; ``max_iter * 5 // 4`` where it is None.
        tolerance_grad: a step ends where no element of the gradient is larger.
        tolerance_change: a step ends where neither the loss nor a parameter changes by more.
        history_size: how many of the last iterations the curvature is guessed from.
        line_search_fn: None, or "strong_wolfe".

    Raises:
        ValueError: ``lr`` is negative, or there is more than one group.

    >>> import microtorch
    >>> x = microtorch.tensor([3.0, -2.0], requires_grad=True)
    >>> optimizer = LBFGS([x], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((x - 1) ** 4).sum() + (x[0] * x[1]) ** 2
    ...     loss.backward()
    ...     return loss
    >>> first, last = optimizer.step(closure).item(), closure().item()
    >>> first, round(last, 4)
    (133.0, 0.1733)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Variable = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        settings = {
            "lr": learning_rate(lr), "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change, "history_size": history_size,
            "line_search_fn": line_search_fn,
        }  # fmt: skip
        super().__init__(params, settings)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change the parameters, by up to ``max_iter`` iterations.

        Args:
            closure: computes the loss, after ``zero_grad()``, calls ``backward()``, and returns the loss.

        Returns:
            What ``closure`` returned at first.

        Raises:
            TypeError: there is no ``closure``.
            RuntimeError: ``line_search_fn`` is neither None nor "strong_wolfe".
        """
        if closure is None:
            raise TypeError("LBFGS.step() computes the loss several times: give it a closure that does so, and calls backward()")
        group = self.param_groups[0]
        if group["line_search_fn"] not in {None, "strong_wolfe"}:
            raise RuntimeError(f"only 'strong_wolfe' is supported, and line_search_fn is {group['line_search_fn']!r}")
        state = self.state[group["params"][0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        with np.errstate(all="ignore"):
            return _Step(group, state, closure).run()


class _Step:
    """One step: its iterations, on the parameters laid behind each other in one array."""

    def __init__(self, group: dict[str, Any], state: dict[str, Any], closure: Callable[[], Any]) -> None:
        self.group, self.state, self.closure = group, state, enable_grad()(closure)
        self.params: list[Variable] = group["params"]
        self.memory = {name: _unwrapped(state[name]) for name in KEPT if name in state}
        self.looks = 0

    def run(self) -> Any:
        """Iterate until one of the group's limits is reached; the state is what torch's is."""
        first = self.closure()
        self.looked(1)
        loss, gradient = float(first), self.gradient()
        if self.is_flat(gradient):
            return first
        for iteration in range(1, self.group["max_iter"] + 1):
            self.state["n_iter"] += 1
            direction = self.direction(gradient)
            slope = gradient @ direction
            begins = min(1.0, 1.0 / np.abs(gradient).sum()) if self.state["n_iter"] == 1 else 1.0
            at = begins * float(self.group["lr"])
            self.memory |= {"d": direction, "t": at, "prev_flat_grad": gradient, "prev_loss": loss}
            if slope > -self.group["tolerance_change"]:
                break
            before = loss
            loss, gradient = self.go(Point(0.0, loss, gradient, slope), iteration == self.group["max_iter"])
            if iteration == self.group["max_iter"] or self.looks >= self.group["max_eval"] or self.is_flat(gradient):
                break
            moved = np.abs(direction * self.memory["t"]).max()
            if moved <= self.group["tolerance_change"] or abs(loss - before) < self.group["tolerance_change"]:
                break
        self.state |= {name: _wrapped(value) for name, value in self.memory.items()}
        return first

    def direction(self, gradient: Array) -> Array:
        """Where to go: minus the gradient, times the inverse curvature (algorithm 7.4, the two loops)."""
        memory = self.memory
        if self.state["n_iter"] == 1:
            memory |= {"old_dirs": [], "old_stps": [], "ro": [], "H_diag": 1}
            return -gradient
        self.remember(gradient - memory["prev_flat_grad"], memory["d"] * memory["t"])
        past = [*zip(memory["old_dirs"], memory["old_stps"], memory["ro"], strict=True)]
        direction: Array = -gradient
        shares = []
        for change, step, inverse in reversed(past):
            shares.append((step @ direction) * inverse)
            direction -= shares[-1] * change
        direction = direction * memory["H_diag"]
        for (change, step, inverse), share in zip(past, reversed(shares), strict=True):
            direction += (share - (change @ direction) * inverse) * step
        return direction

    def remember(self, change: Array, step: Array) -> None:
        """Keep how the gradient has changed along a step, if it has grown: the curvature is to stay positive."""
        memory, product = self.memory, change @ step
        if product > 1e-10:
            for name, value in (("old_dirs", change), ("old_stps", step), ("ro", 1 / product)):
                memory[name] = [*memory[name], value][-self.group["history_size"] :]
            memory["H_diag"] = product / (change @ change)

    def go(self, start: Point, is_last: bool) -> tuple[float, Array]:
        """Change the parameters; the loss there, and its gradient, which after the last iteration nobody asks for."""
        direction, at = self.memory["d"], self.memory["t"]
        if self.group["line_search_fn"]:
            look = partial(self.look, [each.array.copy() for each in self.params], direction)
            left = self.group["max_eval"] - self.looks
            found, looks = strong_wolfe(look, start, at, np.abs(direction).max(), left)
            self.looked(looks)
            self.memory["t"] = found.at
            self.move(direction, found.at)
            return found.loss, found.gradient
        self.move(direction, at)
        if is_last:
            return start.loss, start.gradient
        loss = float(self.closure())
        self.looked(1)
        return loss, self.gradient()

    def look(self, values: list[Array], direction: Array, at: Number) -> Point:
        """What is at a distance; the parameters are put back."""
        self.move(direction, at)
        loss, gradient = float(self.closure()), self.gradient()
        self.changed()
        for parameter, old in zip(self.params, values, strict=True):
            parameter.array[...] = old
        return Point(at, loss, gradient, gradient @ direction)

    def move(self, direction: Array, at: Number) -> None:
        """Go so far in a direction."""
        self.changed()
        ends = np.cumsum([each.array.size for each in self.params])
        for parameter, part in zip(self.params, np.split(direction, ends[:-1]), strict=True):
            values = parameter.array
            values += at * part.reshape(values.shape)

    def gradient(self) -> Array:
        """All gradients behind each other; zeros where there is none."""
        parts = [np.zeros_like(each.array) if each.grad is None else each.grad.array for each in self.params]
        flat: Array = np.concatenate([each.reshape(-1) for each in parts])
        return flat

    def changed(self) -> None:
        count(*self.params, operation="LBFGS.step")

    def looked(self, times: int) -> None:
        self.looks += times
        self.state["func_evals"] += times

    def is_flat(self, gradient: Array) -> bool:
        return bool(np.abs(gradient).max() <= self.group["tolerance_grad"])


def _wrapped(value: Any) -> Any:
    """For the state: arrays, and NumPy's numbers, as Variables."""
    if isinstance(value, list):
        return [_wrapped(each) for each in value]
    return wrap(np.array(value)) if isinstance(value, np.ndarray | np.generic) else value


def _unwrapped(value: Any) -> Any:
    """From the state: arrays; a 0-dim one as a number."""
    if isinstance(value, list):
        return [_unwrapped(each) for each in value]
    return value.array[()] if isinstance(value, Variable) else value
