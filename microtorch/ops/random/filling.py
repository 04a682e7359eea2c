"""Filling a Variable with random numbers in place: what was there gets no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.shapes import shapes_do_not_broadcast
from ...core.variable import Variable, array_of, is_variable
from ...random import Generator, floating, integer_limits, integers, normal_numbers, numbers_of, uniform_numbers
from .sampling import Bernoulli, BernoulliOfTensor, Exponential, Normal, Random, Uniform, trials

__all__ = ["bernoulli", "exponential", "normal", "random", "uniform"]


def uniform(input: Variable, low: float = 0.0, to: float = 1.0, *, generator: Generator | None = None) -> Variable:
    """Numbers that are uniform from ``low`` to below ``to``.

    Raises:
        RuntimeError: ``low`` is above ``to``, or ``input`` is not floating.
    """
    array = array_of(input)
    kind = floating(array.dtype, "uniform_")
    if low > to:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low} > to={to}")
    return Uniform.apply(input, values=uniform_numbers(generator, array.shape, kind, low, to))


def normal(input: Variable, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Variable:
    """Numbers from a normal distribution.

    Raises:
        RuntimeError: ``std`` is negative, or ``input`` is not floating.
    """
    array = array_of(input)
    kind = floating(array.dtype, "normal_")
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    return Normal.apply(input, values=(normal_numbers(generator, array.shape, kind) * std + mean).astype(kind, copy=False))


def exponential(input: Variable, lambd: float = 1.0, *, generator: Generator | None = None) -> Variable:
    """Numbers from an exponential distribution of the rate ``lambd``.

    Raises:
        RuntimeError: ``lambd`` is not positive, or ``input`` is not floating.
    """
    array = array_of(input)
    kind = floating(array.dtype, "exponential_")
    if not lambd > 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    return Exponential.apply(input, values=np.asarray(numbers_of(generator).exponential(1 / lambd, array.shape)).astype(kind))


def random(input: Variable, low: int | None = None, to: int | None = None, *, generator: Generator | None = None) -> Variable:
    """Integers from ``low`` to below ``to``; of one argument, from 0 to below that; of none, up to the largest of the dtype.

    Raises:
        TypeError: the bounds are no integers.
        RuntimeError: there is no integer from ``low`` to below ``to``, or the dtype does not have them all.
    """
    array = array_of(input)
    given = [each for each in (low, to) if each is not None]
    start, end = given if len(given) == 2 else (0, *(given or [_largest(array.dtype) + 1]))
    values = integers(generator, start, end, shape=array.shape, dtype=array.dtype)
    return Random.apply(input, values=values, overload=2 - len(given))


def _largest(dtype: np.dtype[Any]) -> int:
    """The largest integer up to which a dtype has them all."""
    return int(2 ** (np.finfo(dtype).nmant + 1)) if dtype.kind == "f" else integer_limits(dtype)[1]


def bernoulli(input: Variable, p: Any = 0.5, *, generator: Generator | None = None) -> Variable:
    """1 with the probability ``p``, a number or a Variable that broadcasts, else 0.

    Raises:
        RuntimeError: a probability is not between 0 and 1, or ``p`` does not broadcast to the shape of ``input``.
    """
    array = array_of(input)
    if not is_variable(p):
        return Bernoulli.apply(input, values=trials(generator, array.shape, p, array.dtype), overload=2)
    floating(p.array.dtype, "bernoulli_")
    try:
        chance = np.broadcast_to(p.array, array.shape)
    except ValueError:
        raise shapes_do_not_broadcast("bernoulli_", array.shape, p.array.shape) from None
    return BernoulliOfTensor.apply(input, p, values=trials(generator, array.shape, chance, array.dtype))
