"""RMSprop: the gradient, divided by the root of the average of its squares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.variable import Variable
from .averages import average, average_square
from .optimizer import Optimizer, counted, number, zeros_like
from .settings import learning_rate, not_negative, switches

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """Each element's gradient, divided by how large it is on average.

    Hinton, "Neural Networks for Machine Learning", lecture 6e, 2012; ``centered``: Graves, "Generating Sequences With Recurrent
    Neural Networks", 2013, https://arxiv.org/abs/1308.0850, equations 38 to 41.

    Args:
        params: Variables; or dicts, each a group with "params" and with settings of its own.
        lr: the learning rate.
        alpha: what stays of the average of the squares from one step to the next.
        eps: is added to the divisor, which may be 0.
        weight_decay: ``weight_decay * parameter`` is added to the gradient.
        momentum: how much of the sum of earlier steps stays.
        centered: divide by the deviation from the average gradient.
        capturable, foreach, differentiable: how torch computes; they change nothing here.
        maximize: go up, not down.

    Raises:
        ValueError: a setting is negative.

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> optimizer = RMSprop([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 3)
    2.0
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Variable = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        lr = learning_rate(lr)
        not_negative(eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        settings = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
        }
        how = switches(capturable=capturable, foreach=foreach, differentiable=differentiable)
        super().__init__(params, {**settings, "maximize": maximize, **how})

    def begin(self, parameter: Variable, group: dict[str, Any]) -> dict[str, Any]:
        """The averages and the sum begin at 0."""
        names = ["square_avg", *["momentum_buffer"] * (group["momentum"] > 0), *["grad_avg"] * group["centered"]]
        return {"step": number(0.0), **{name: zeros_like(parameter) for name in names}}

    def move(self, values: Array, gradient: Array, state: dict[str, Any], lr: float, group: dict[str, Any]) -> None:
        """``values -= lr * gradient / (sqrt(v) + eps)``; centered, with ``v - m²``; with momentum, the decaying sum of that."""
        counted(state)
        v = state["square_avg"].array
        average_square(v, gradient, group["alpha"])
        if group["centered"]:
            m = state["grad_avg"].array
            average(m, gradient, 1 - group["alpha"])
            v = v - m * m
        scale = np.sqrt(v) + group["eps"]
        if group["momentum"] > 0:
            total = state["momentum_buffer"].array
            total *= group["momentum"]
            total += gradient / scale
            values -= lr * total
        else:
            values -= lr * gradient / scale
