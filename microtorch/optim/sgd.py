"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.variable import Variable, wrap
from .optimizer import Optimizer
from .settings import learning_rate, not_negative, switches

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
        foreach, differentiable, fused: how torch computes; they change nothing here.

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
        lr: float | Variable = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        lr = learning_rate(lr)
        not_negative(momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        settings = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov}
        how = switches(foreach=foreach, differentiable=differentiable, fused=fused)
        super().__init__(params, {**settings, "maximize": maximize, **how})

    def begin(self, parameter: Variable, group: dict[str, Any]) -> dict[str, Any]:
        """The sum of the gradients begins with the first, if there is momentum."""
        return {"momentum_buffer": None} if group["momentum"] else {}

    def move(self, values: Array, gradient: Array, state: dict[str, Any], lr: float, group: dict[str, Any]) -> None:
        """``total = momentum * total + (1 - dampening) * gradient; values -= lr * total``."""
        if group["momentum"]:
            total = self._sum(gradient, state, group)
            gradient = gradient + group["momentum"] * total if group["nesterov"] else total
        values -= lr * gradient

    @staticmethod
    def _sum(gradient: Array, state: dict[str, Any], group: dict[str, Any]) -> Array:
        """The decaying sum of all gradients so far."""
        if state.get("momentum_buffer") is None:
            state["momentum_buffer"] = wrap(np.array(gradient))
            return gradient
        total: Array = state["momentum_buffer"].array
        total *= group["momentum"]
        total += (1 - group["dampening"]) * gradient
        return total
