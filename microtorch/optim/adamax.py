"""Adamax: Adam with the largest gradient in place of the average of the squares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.variable import Variable
from .averages import average
from .optimizer import Optimizer, counted, number, zeros_like
from .settings import learning_rate, not_negative, switches, two_betas

__all__ = ["Adamax"]


class Adamax(Optimizer):
    """Each element's average gradient, divided by the largest absolute value of its gradients, which decays.

    Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, https://arxiv.org/abs/1412.6980, algorithm 2.

    Args:
        params: Variables; or dicts, each a group with "params" and with settings of its own.
        lr: the learning rate.
        betas: what stays of the average of the gradients, and of the largest of them, from one step to the next.
        eps: is added to each absolute value.
        weight_decay: ``weight_decay * parameter`` is added to the gradient.
        foreach, differentiable, capturable: how torch computes; they change nothing here.
        maximize: go up, not down.

    Raises:
        ValueError: a setting is negative, or a beta 1 or more.

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> optimizer = Adamax([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 3)
    2.9
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Variable = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        lr, betas = learning_rate(lr), two_betas(betas)
        not_negative(eps=eps, weight_decay=weight_decay)
        settings = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        how = switches(foreach=foreach, differentiable=differentiable, capturable=capturable)
        super().__init__(params, {**settings, **how})

    def begin(self, parameter: Variable, group: dict[str, Any]) -> dict[str, Any]:
        """The average and the largest begin at 0."""
        return {"step": number(0.0), "exp_avg": zeros_like(parameter), "exp_inf": zeros_like(parameter)}

    def move(self, values: Array, gradient: Array, state: dict[str, Any], lr: float, group: dict[str, Any]) -> None:
        """``u = max(β₂ * u, |gradient| + eps); values -= lr * (m / (1 - β₁ᵗ)) / u``."""
        (beta1, beta2), t = group["betas"], counted(state)
        m, largest = state["exp_avg"].array, state["exp_inf"].array
        average(m, gradient, 1 - beta1)
        np.maximum(largest * beta2, np.abs(gradient) + group["eps"], out=largest)
        values -= lr / (1 - beta1**t) * m / largest
