"""Adagrad: the gradient, divided by the root of the sum of all its squares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.variable import Variable, wrap
from .optimizer import Optimizer, counted, number
from .settings import learning_rate, not_negative, switches

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """Each element's steps become smaller the more it has had of gradient: what is rare keeps learning.

    Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", 2011,
    https://jmlr.org/papers/v12/duchi11a.html.

    Args:
        params: Variables; or dicts, each a group with "params" and with settings of its own.
        lr: the learning rate.
        lr_decay: the rate of step ``t``, from 0 on, is ``lr / (1 + t * lr_decay)``.
        weight_decay: ``weight_decay * parameter`` is added to the gradient.
        initial_accumulator_value: with what the sum of the squares begins.
        eps: is added to the divisor, which may be 0.
        foreach, differentiable, fused: how torch computes; they change nothing here.
        maximize: go up, not down.

    Raises:
        ValueError: a setting is negative.

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> optimizer = Adagrad([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 3)
    2.9
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Variable = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        lr, first = learning_rate(lr), initial_accumulator_value
        not_negative(lr_decay=lr_decay, weight_decay=weight_decay, initial_accumulator_value=first, eps=eps)
        settings = {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay, "initial_accumulator_value": first}
        how = switches(foreach=foreach, differentiable=differentiable, fused=fused)
        super().__init__(params, {**settings, "maximize": maximize, **how})
        for group in self.param_groups:
            for parameter in group["params"]:  # as in torch, where its state is there before the first step
                self.state[parameter] = self.begin(parameter, group)

    def begin(self, parameter: Variable, group: dict[str, Any]) -> dict[str, Any]:
        """The sum begins where the optimiser was told to."""
        return {"step": number(0.0), "sum": wrap(np.full_like(parameter.array, self.defaults["initial_accumulator_value"]))}

    def move(self, values: Array, gradient: Array, state: dict[str, Any], lr: float, group: dict[str, Any]) -> None:
        """``total += gradient²; values -= lr / (1 + t * lr_decay) * gradient / (sqrt(total) + eps)``."""
        t, total = counted(state) - 1, state["sum"].array
        total += gradient * gradient
        values -= lr / (1 + t * group["lr_decay"]) * gradient / (np.sqrt(total) + group["eps"])
