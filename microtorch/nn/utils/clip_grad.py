"""Gradients made smaller where they are too large: between ``backward()`` and the optimiser's step."""

from __future__ import annotations

from collections.abc import Iterable
from types import GeneratorType
from typing import Any
from warnings import warn

import numpy as np

from ...core.grad_mode import no_grad
from ...core.variable import Variable
from ...ops.reduction.norms import vector_norm
from ...ops.shaping.joining import stack
from ...tensor.creation import zeros

__all__ = ["clip_grad_norm", "clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]

Several = Variable | Iterable[Variable]


def clip_grad_norm_(
    parameters: Several, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Variable:
    """Scale all gradients by one number, in place, so that their norm, as that of one vector, is at most ``max_norm``.

    Args:
        parameters: those whose ``.grad`` is scaled, or one alone.
        max_norm: what the norm is to be at most.
        norm_type: which norm: ``inf`` for the largest absolute value.
        error_if_nonfinite: whether a norm that is nan or infinite is an error.
        foreach: of no use here.

    Returns:
        The norm before, a 0-dim Variable.

    Raises:
        RuntimeError: the norm is not finite, and that is an error.

    >>> import microtorch
    >>> w = microtorch.ones(2, requires_grad=True)
    >>> (w * microtorch.tensor([3.0, 4.0])).sum().backward()
    >>> clip_grad_norm_([w], max_norm=1.0).item(), [round(each, 4) for each in w.grad.tolist()]
    (5.0, [0.6, 0.8])
    """
    several = _listed(parameters)
    if isinstance(parameters, GeneratorType) and not several:
        warn("`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=2)
    total_norm = get_total_norm(_gradients(several), norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(several, max_norm, total_norm, foreach)
    return total_norm


def clip_grad_norm(
    parameters: Several, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Variable:
    """`clip_grad_norm_` by its name of 2017, which is deprecated."""
    warn("`nn.utils.clip_grad_norm` is now deprecated in favor of `nn.utils.clip_grad_norm_`.", FutureWarning, stacklevel=2)
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


@no_grad()
def get_total_norm(
    tensors: Several, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Variable:
    """The norm of several Variables as one vector: of all elements together. Arguments are those of `clip_grad_norm_`.

    Raises:
        RuntimeError: it is not finite, and that is an error.
    """
    norm_type = float(norm_type)
    norms = [vector_norm(each, norm_type) for each in _listed(tensors)]
    if not norms:
        return zeros(())
    total_norm = vector_norm(stack(norms), norm_type)
    if error_if_nonfinite and not np.isfinite(total_norm.array):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it cannot be clipped. "
            "To disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`"
        )
    return total_norm


@no_grad()
def clip_grads_with_norm_(parameters: Several, max_norm: float, total_norm: Variable, foreach: bool | None = None) -> None:
    """Scale all gradients, whose norm is ``total_norm``, in place, so that it is at most ``max_norm``."""
    scale: Any = float(max_norm) / (total_norm + 1e-6)
    for grad in _gradients(_listed(parameters)):
        grad.mul_(scale.clamp(max=1.0))


@no_grad()
def clip_grad_value_(parameters: Several, clip_value: float, foreach: bool | None = None) -> None:
    """Bring each element of each gradient between ``-clip_value`` and ``clip_value``, in place."""
    for grad in _gradients(_listed(parameters)):
        grad.clamp_(-float(clip_value), float(clip_value))


def _listed(given: Several) -> list[Variable]:
    return [given] if isinstance(given, Variable) else list(given)


def _gradients(parameters: list[Variable]) -> list[Any]:
    return [each.grad for each in parameters if each.grad is not None]
