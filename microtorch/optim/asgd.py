"""ASGD: gradient descent, and the average of where it has been."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..arrays.dtypes import Array
from ..core.variable import Variable
from .optimizer import Optimizer, counted, number, zeros_like
from .settings import learning_rate, not_negative, switches

__all__ = ["ASGD"]


class ASGD(Optimizer):
    """Averaged descent: steps that become smaller, while ``state[parameter]["ax"]`` averages the parameter from step ``t0`` on.

    Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992, https://doi.org/10.1137/0330046; with the
    rate of Bottou, "Stochastic Gradient Descent Tricks", 2012.

    Args:
        params: Variables; or dicts, each a group with "params" and with settings of its own.
        lr: the learning rate.
        lambd: by how much the parameters shrink, and how fast the rate decays.
        alpha: the power of the decay.
        t0: the step with which averaging begins.
        weight_decay: ``weight_decay * parameter`` is added to the gradient.
        foreach, differentiable, capturable: how torch computes; they change nothing here.
        maximize: go up, not down.

    Raises:
        ValueError: the rate or ``weight_decay`` is negative.

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> optimizer = ASGD([x], lr=0.5)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 3)
    -0.0
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Variable = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        lr = learning_rate(lr)
        not_negative(weight_decay=weight_decay)
        settings = {"lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay, "maximize": maximize}
        how = switches(foreach=foreach, differentiable=differentiable, capturable=capturable)
        super().__init__(params, {**settings, **how})

    def begin(self, parameter: Variable, group: dict[str, Any]) -> dict[str, Any]:
        """The rate is ``eta``, and the average, ``ax``, takes all of the parameter (``mu``) until step ``t0``."""
        return {"step": number(0.0), "eta": number(float(group["lr"])), "mu": number(1.0), "ax": zeros_like(parameter)}

    def move(self, values: Array, gradient: Array, state: dict[str, Any], lr: float, group: dict[str, Any]) -> None:
        """``values -= η * (lambd * values + gradient)``, then ``η = lr / (1 + lambd * lr * t)^alpha``."""
        lambd, t = group["lambd"], counted(state)
        eta, mu, ax = state["eta"].array, state["mu"].array, state["ax"].array
        rate, share = float(eta), float(mu)
        values *= 1 - lambd * rate
        values -= rate * gradient
        if share == 1:
            ax[...] = values
        else:
            ax += share * (values - ax)
        eta[...] = lr / (1 + lambd * lr * t) ** group["alpha"]
        mu[...] = 1 / max(1, t - group["t0"])
