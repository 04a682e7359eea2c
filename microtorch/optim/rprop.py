"""Rprop: steps by the signs of the gradients alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.variable import Variable, wrap
from .optimizer import Optimizer, counted, number, zeros_like
from .settings import learning_rate, switches

__all__ = ["Rprop"]


class Rprop(Optimizer):
    """Each element has a step of its own, which grows as long as the gradient keeps its sign, and shrinks when it has changed.

    Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm", 1993,
    https://doi.org/10.1109/ICNN.1993.298623. For gradients of all data: signs of batches are too noisy.

    Args:
        params: Variables; or dicts, each a group with "params" and with settings of its own.
        lr: the first step.
        etas: by what a step is multiplied when the sign has changed, and when it has not.
        step_sizes: the smallest step, and the largest.
        capturable, foreach, differentiable: how torch computes; they change nothing here.
        maximize: go up, not down.

    Raises:
        ValueError: ``lr`` is negative, or not ``0 < etas[0] < 1 < etas[1]``.

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> optimizer = Rprop([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 3)
    2.9
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Variable = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        lr = learning_rate(lr)
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}: the first must be between 0 and 1, the second over 1")
        how = switches(foreach=foreach, differentiable=differentiable, capturable=capturable)
        super().__init__(params, {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize, **how})

    def begin(self, parameter: Variable, group: dict[str, Any]) -> dict[str, Any]:
        """All steps begin as ``lr``, and the gradient before the first is 0."""
        first = wrap(np.full_like(parameter.array, float(group["lr"])))
        return {"step": number(0.0), "prev": zeros_like(parameter), "step_size": first}

    def move(self, values: Array, gradient: Array, state: dict[str, Any], lr: float, group: dict[str, Any]) -> None:
        """``values -= sign(gradient) * size``; where the sign has changed, the element waits for one step."""
        counted(state)
        (shrink, grow), (smallest, largest) = group["etas"], group["step_sizes"]
        previous, size = state["prev"].array, state["step_size"].array
        agreement = gradient * previous
        size[agreement > 0] *= grow
        size[agreement < 0] *= shrink
        np.clip(size, smallest, largest, out=size)
        previous[...] = np.where(agreement < 0, 0, gradient)
        values -= np.sign(previous) * size
