"""Adadelta: steps in the parameter's own unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.variable import Variable
from .averages import average_square
from .optimizer import Optimizer, counted, number, zeros_like
from .settings import learning_rate, not_negative, switches

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    """The gradient, divided by its average size, times the average size of the steps so far: no rate has to be chosen.

    Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, https://arxiv.org/abs/1212.5701, algorithm 1.

    Args:
        params: Variables; or dicts, each a group with "params" and with settings of its own.
        lr: the learning rate.
        rho: what stays of both averages of squares from one step to the next.
        eps: is added to both; the first steps are as large as its root.
        weight_decay: ``weight_decay * parameter`` is added to the gradient.
        foreach, capturable, differentiable: how torch computes; they change nothing here.
        maximize: go up, not down.

    Raises:
        ValueError: a setting is negative, or ``rho`` over 1.

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> optimizer = Adadelta([x], lr=1.0)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 3)
    2.997
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Variable = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        lr = learning_rate(lr)
        not_negative(rho=rho, eps=eps, weight_decay=weight_decay)
        if rho > 1:
            raise ValueError(f"Invalid rho value: {rho}: it must not be over 1")
        settings = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        how = switches(capturable=capturable, foreach=foreach, differentiable=differentiable)
        super().__init__(params, {**settings, **how})

    def begin(self, parameter: Variable, group: dict[str, Any]) -> dict[str, Any]:
        """The averages begin at 0."""
        return {"step": number(0.0), "square_avg": zeros_like(parameter), "acc_delta": zeros_like(parameter)}

    def move(self, values: Array, gradient: Array, state: dict[str, Any], lr: float, group: dict[str, Any]) -> None:
        """``change = sqrt(d + eps) / sqrt(v + eps) * gradient; values -= lr * change``, where ``d`` averages ``change²``."""
        counted(state)
        rho, eps = group["rho"], group["eps"]
        v, d = state["square_avg"].array, state["acc_delta"].array
        average_square(v, gradient, rho)
        change = np.sqrt(d + eps) / np.sqrt(v + eps) * gradient
        average_square(d, change, rho)
        values -= lr * change
