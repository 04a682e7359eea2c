"""NAdam: Adam that looks ahead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.variable import Variable
from .averages import average, average_square
from .optimizer import Optimizer, counted, number, zeros_like
from .settings import learning_rate, not_negative, switches, two_betas

__all__ = ["NAdam"]


class NAdam(Optimizer):
    """Adam with Nesterov's momentum: the step takes the average as it will be after the next gradient, as far as it is known.

    Dozat, "Incorporating Nesterov Momentum into Adam", 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ.

    Args:
        params: Variables; or dicts, each a group with "params" and with settings of its own.
        lr: the learning rate.
        betas: what stays of the average of the gradients, and of that of their squares, from one step to the next.
        eps: is added to the divisor, which may be 0.
        weight_decay: ``weight_decay * parameter`` is added to the gradient.
        momentum_decay: how fast the momentum grows from half of the first beta to all of it.
        decoupled_weight_decay: let the parameter shrink by ``lr * weight_decay`` of itself instead, as AdamW does.
        foreach, capturable, differentiable: how torch computes; they change nothing here.
        maximize: go up, not down.

    Raises:
        ValueError: a setting is negative, or a beta 1 or more.

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> optimizer = NAdam([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 3)
    2.894
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Variable = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        lr, betas = learning_rate(lr), two_betas(betas)
        not_negative(eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay)
        settings = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "momentum_decay": momentum_decay}
        how = switches(foreach=foreach, capturable=capturable, differentiable=differentiable)
        super().__init__(params, {**settings, "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize, **how})

    def begin(self, parameter: Variable, group: dict[str, Any]) -> dict[str, Any]:
        """The averages begin at 0, the product of all momenta at 1."""
        averages = {name: zeros_like(parameter) for name in ("exp_avg", "exp_avg_sq")}
        return {"step": number(0.0), "mu_product": number(1.0), **averages}

    def move(self, values: Array, gradient: Array, state: dict[str, Any], lr: float, group: dict[str, Any]) -> None:
        """As Adam, with ``μₜ₊₁ * m / (1 - Πμ μₜ₊₁) + (1 - μₜ) * gradient / (1 - Πμ)`` for the average of the gradients."""
        (beta1, beta2), decay, t = group["betas"], group["momentum_decay"], counted(state)
        m, v, product = state["exp_avg"].array, state["exp_avg_sq"].array, state["mu_product"].array
        mu, next_mu = (beta1 * (1 - 0.5 * 0.96 ** (each * decay)) for each in (t, t + 1))
        product *= mu
        average(m, gradient, 1 - beta1)
        average_square(v, gradient, beta2)
        scale = np.sqrt(v / (1 - beta2**t)) + group["eps"]
        values -= lr * (1 - mu) / (1 - float(product)) * gradient / scale
        values -= lr * next_mu / (1 - float(product) * next_mu) * m / scale
