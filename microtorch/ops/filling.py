"""Filling a Variable with random numbers in place: what was there gets no gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..node import array_of, is_variable
from ..primitive import Primitive, rule
from ..random import Generator, numbers_of

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["bernoulli", "exponential", "normal", "random", "uniform"]


class _Filled(Primitive):
    def forward(self, input, *, draw, overload=0):
        self.overload = overload
        return np.asarray(draw(input.shape)).astype(input.dtype)

    @rule("zeros_like(grad)")
    def grad_input(self, grad):
        return np.zeros_like(grad)


class Uniform(_Filled):
    pass


class Normal(_Filled):
    pass


class Exponential(_Filled):
    pass


class Random(_Filled):
    pass


class Bernoulli(_Filled):
    pass


def uniform(input: Variable, low: float = 0.0, high: float = 1.0, *, generator: Generator | None = None) -> Variable:
    """Numbers that are uniform between ``low`` and ``high``.

    Raises:
        RuntimeError: ``low`` is above ``high``.
    """
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low} > to={high}")
    return Uniform.apply(input, draw=lambda shape: numbers_of(generator).uniform(low, high, shape))


def normal(input: Variable, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Variable:
    """Numbers from a normal distribution.

    Raises:
        RuntimeError: ``std`` is negative.
    """
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    return Normal.apply(input, draw=lambda shape: numbers_of(generator).normal(mean, std, shape))


def exponential(input: Variable, lambd: float = 1.0, *, generator: Generator | None = None) -> Variable:
    """Numbers from an exponential distribution of the rate ``lambd``.

    Raises:
        RuntimeError: ``lambd`` is not positive.
    """
    if lambd <= 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    return Exponential.apply(input, draw=lambda shape: numbers_of(generator).exponential(1 / lambd, shape))


def random(input: Variable, low: int = 0, high: int | None = None, *, generator: Generator | None = None) -> Variable:
    """Integers from ``low`` to below ``high``; of one argument, from 0 to below that; of none, whatever the dtype can hold.

    Raises:
        RuntimeError: there is no integer from ``low`` to below ``high``.
    """
    overload = 0
    if high is None:
        low, high, overload = (0, low, 1) if low else (0, _limit(array_of(input).dtype), 2)
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    return Random.apply(input, draw=lambda shape: numbers_of(generator).integers(low, high, shape), overload=overload)


def _limit(dtype: np.dtype[Any]) -> int:
    if dtype.kind == "f":
        return int(2 ** (np.finfo(dtype).nmant + 1))
    return 2 if dtype.kind == "b" else int(np.iinfo(dtype).max)


def bernoulli(input: Variable, p: Any = 0.5, *, generator: Generator | None = None) -> Variable:
    """1 with the probability ``p``, a number or a Variable that broadcasts, else 0.

    Raises:
        RuntimeError: a probability is not between 0 and 1.
    """
    chance = p.array if is_variable(p) else p
    if not np.all((np.asarray(chance) >= 0) & (np.asarray(chance) <= 1)):
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={chance}")
    overload = 1 if is_variable(p) else 2
    return Bernoulli.apply(input, draw=lambda shape: numbers_of(generator).random(shape) < chance, overload=overload)
