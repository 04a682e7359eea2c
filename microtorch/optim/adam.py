"""Adam and AdamW: the average of the gradients, divided by the root of the average of their squares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.variable import Variable
from .averages import average, average_square
from .optimizer import Optimizer, counted, number, zeros_like
from .settings import learning_rate, not_negative, switches, two_betas

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Each element moves by about ``lr`` where its gradients agree, and by less where they do not, whatever their size.

    Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, https://arxiv.org/abs/1412.6980, algorithm 1; ``amsgrad``:
    Reddi, Kale and Kumar, "On the Convergence of Adam and Beyond", 2018, https://openreview.net/forum?id=ryQu7f-RZ.

    Args:
        params: Variables; or dicts, each a group with "params" and with settings of its own.
        lr: the learning rate.
        betas: what stays of the average of the gradients, and of that of their squares, from one step to the next.
        eps: is added to the divisor, which may be 0.
        weight_decay: ``weight_decay * parameter`` is added to the gradient.
        amsgrad: divide by the largest average of squares so far, not by the last.
        foreach, capturable, differentiable, fused: how torch computes; they change nothing here.
        maximize: go up, not down.
        decoupled_weight_decay: let the parameter shrink by ``lr * weight_decay`` of itself instead, as AdamW does.

    Raises:
        ValueError: a setting is negative, or a beta 1 or more.

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> optimizer = Adam([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 3)
    2.9
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Variable = 1e-3,
        betas: tuple[float | Variable, float | Variable] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        lr, betas = learning_rate(lr), two_betas(betas)
        not_negative(eps=eps, weight_decay=weight_decay)
        settings = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad, "maximize": maximize}
        how = switches(foreach=foreach, capturable=capturable, differentiable=differentiable, fused=fused)
        super().__init__(params, {**settings, **how, "decoupled_weight_decay": decoupled_weight_decay})

    def begin(self, parameter: Variable, group: dict[str, Any]) -> dict[str, Any]:
        """The averages begin at 0."""
        names = ["exp_avg", "exp_avg_sq", *["max_exp_avg_sq"] * group["amsgrad"]]
        return {"step": number(0.0), **{name: zeros_like(parameter) for name in names}}

    def move(self, values: Array, gradient: Array, state: dict[str, Any], lr: float, group: dict[str, Any]) -> None:
        """``m`` and ``v`` are the averages, ``t`` counts: ``values -= lr * (m / (1 - β₁ᵗ)) / (sqrt(v / (1 - β₂ᵗ)) + eps)``."""
        (beta1, beta2), t = group["betas"], counted(state)
        m, v = state["exp_avg"].array, state["exp_avg_sq"].array
        average(m, gradient, 1 - beta1)
        average_square(v, gradient, beta2)
        if group["amsgrad"]:
            v = np.maximum(state["max_exp_avg_sq"].array, v, out=state["max_exp_avg_sq"].array)
        scale = np.sqrt(v) / (1 - beta2**t) ** 0.5 + group["eps"]
        values -= lr / (1 - beta1**t) * m / scale


class AdamW(Adam):
    """Adam whose ``weight_decay`` is no part of the gradient: the parameters shrink by ``lr * weight_decay`` of themselves.

    Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, https://arxiv.org/abs/1711.05101, algorithm 2.

    Args: those of `Adam`.

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> x.grad = microtorch.tensor(0.0)
    >>> AdamW([x], lr=0.1, weight_decay=0.5).step()
    >>> round(x.item(), 3)
    2.85
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Variable = 1e-3,
        betas: tuple[float | Variable, float | Variable] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize, capturable=capturable,
            differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
        )  # fmt: skip
