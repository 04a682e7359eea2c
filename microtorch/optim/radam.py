"""RAdam: Adam whose first steps wait until the squares are known well enough."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.variable import Variable
from .averages import average, average_square
from .optimizer import Optimizer, counted, number, zeros_like
from .settings import learning_rate, not_negative, switches, two_betas

__all__ = ["RAdam"]


class RAdam(Optimizer):
    """Rectified Adam: as long as the average of the squares rests on few gradients, it is not divided by; then more and more.

    Liu and others, "On the Variance of the Adaptive Learning Rate and Beyond", 2020, https://arxiv.org/abs/1908.03265,
    algorithm 2.

    Args:
        params: Variables; or dicts, each a group with "params" and with settings of its own.
        lr: the learning rate.
        betas: what stays of the average of the gradients, and of that of their squares, from one step to the next.
        eps: is added to the divisor, which may be 0.
        weight_decay: ``weight_decay * parameter`` is added to the gradient.
        decoupled_weight_decay: let the parameter shrink by ``lr * weight_decay`` of itself instead, as AdamW does.
        foreach, capturable, differentiable: how torch computes; they change nothing here.
        maximize: go up, not down.

    Raises:
        ValueError: a setting is negative, or a beta 1 or more.

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> optimizer = RAdam([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 3)
    2.4
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Variable = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        lr, betas = learning_rate(lr), two_betas(betas)
        not_negative(eps=eps, weight_decay=weight_decay)
        settings = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        how = switches(foreach=foreach, capturable=capturable, differentiable=differentiable)
        super().__init__(params, {**settings, **how, "decoupled_weight_decay": decoupled_weight_decay})

    def begin(self, parameter: Variable, group: dict[str, Any]) -> dict[str, Any]:
        """The averages begin at 0."""
        return {"step": number(0.0), "exp_avg": zeros_like(parameter), "exp_avg_sq": zeros_like(parameter)}

    def move(self, values: Array, gradient: Array, state: dict[str, Any], lr: float, group: dict[str, Any]) -> None:
        """``values -= lr * m / (1 - β₁ᵗ)``; where ``ρ`` is over 5, times ``r * sqrt(1 - β₂ᵗ) / (sqrt(v) + eps)``."""
        (beta1, beta2), t = group["betas"], counted(state)
        m, v = state["exp_avg"].array, state["exp_avg_sq"].array
        average(m, gradient, 1 - beta1)
        average_square(v, gradient, beta2)
        change = m / (1 - beta1**t) * lr
        limit = 2 / (1 - beta2) - 1  # of ρ: of how many gradients the average of the squares is made
        rho = limit - 2 * t * beta2**t / (1 - beta2**t)
        if rho > 5:
            rectification = ((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)) ** 0.5
            change = change * ((1 - beta2**t) ** 0.5 / (np.sqrt(v) + group["eps"])) * rectification
        values -= change
