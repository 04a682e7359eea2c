"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.variable import Variable, wrap
from ..core.versions import count
from .optimizer import Optimizer

__all__ = ["SGD"]


class SGD(Optimizer):
    """``parameter -= lr * gradient``; with momentum, the gradients' decaying sum in place of the gradient.

    Args:
        params: Variables; or dicts, each a group with "params" and with settings of its own.
        lr: the learning rate.
        momentum: how much of the sum stays from one step to the next.
        dampening: how much of a new gradient is left out of the sum.
        weight_decay: ``weight_decay * parameter`` is added to the gradient.
        nesterov: look ahead: the step is the gradient, plus ``momentum`` times the sum.
        maximize: go up, not down.

    Raises:
        ValueError: a setting is negative, or ``nesterov`` without momentum or with dampening.

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> optimizer = SGD([x], lr=0.5)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> x.item()
    0.0
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        for name, value in (("learning rate", lr), ("momentum value", momentum), ("weight_decay value", weight_decay)):
            if value < 0:
                raise ValueError(f"Invalid {name}: {value}: it must not be negative")
        if nesterov and (momentum <= 0 or dampening):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        settings = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
        super().__init__(params, settings | {"nesterov": nesterov, "maximize": maximize})

    def update(self, group: dict[str, Any]) -> None:
        """One step for the parameters of a group; those without a ``.grad`` stay as they are."""
        learning = [(each, each.grad.array) for each in group["params"] if each.grad is not None]
        count(*[parameter for parameter, _ in learning], operation="SGD.step")
        for parameter, gradient in learning:
            np.subtract(parameter.array, group["lr"] * self._direction(parameter, gradient, group), parameter.array)

    def _direction(self, parameter: Variable, gradient: Array, group: dict[str, Any]) -> Array:
        """The way up the slope: the gradient, or the decaying sum of all gradients so far."""
        if group["maximize"]:
            gradient = -gradient
        if group["weight_decay"]:
            gradient = gradient + group["weight_decay"] * parameter.array
        if not group["momentum"]:
            return gradient
        state = self.state[parameter]
        if state.get("momentum_buffer") is None:
            state["momentum_buffer"] = wrap(gradient.copy())
            total: Array = state["momentum_buffer"].array
        else:
            total = state["momentum_buffer"].array
            total *= group["momentum"]
            total += (1 - group["dampening"]) * gradient
        return gradient + group["momentum"] * total if group["nesterov"] else total
