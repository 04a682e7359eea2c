"""Drawing random numbers from distributions that Variables describe: ``bernoulli``, ``normal``, ``poisson``, ``multinomial``.

What is drawn does not depend smoothly on what describes it: the gradients are zeros, as in torch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.dtypes import Array
from ...arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ...arrays.shapes import shapes_do_not_broadcast
from ...core.primitive import Primitive, rule
from ...core.variable import Variable, array_of, is_variable, unrecorded
from ...random import Generator, floating, normal_numbers, numbers_of
from ...tensor.creation import made, numpy_dtype, shape_of
from ...tensor.dims import integer_of
from ..reduction.partitions import first

__all__ = ["bernoulli", "multinomial", "normal", "poisson"]


class _Drawn(Primitive):
    """Random numbers in place of one input, already drawn."""

    def forward(self, input, *, values, overload=0):
        self.overload = overload
        return values

    @rule("zeros_like(grad)")
    def grad_input(self, grad):
        return np.zeros_like(grad)


class Bernoulli(_Drawn):
    pass


class Exponential(_Drawn):
    pass


class Random(_Drawn):
    pass


class Uniform(_Drawn):
    pass


class Poisson(_Drawn):
    pass


class Normal(_Drawn):
    pass


class BernoulliOfTensor(Primitive):
    """Random numbers in place of ``input``, each of its own probability ``p``."""

    torch_name = "Bernoulli"
    overload = 1

    def forward(self, input, p, *, values):
        return values

    @rule("zeros_like(grad)")
    def grad_input(self, grad):
        return np.zeros_like(grad)

    @rule("zeros_like(grad)")
    def grad_p(self, grad):
        return np.zeros_like(grad)


class NormalOfBoth(Primitive):
    torch_name = "Normal"
    overload = 3

    def forward(self, mean, std, *, values):
        return values

    @rule("zeros_like(grad)")
    def grad_mean(self, grad):
        return np.zeros_like(grad)

    @rule("zeros_like(grad)")
    def grad_std(self, grad):
        return np.zeros_like(grad)


def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    requires_grad: bool = False,
) -> Variable:
    """Random numbers from normal distributions: of one, of the given ``size``; or one for each element of Variables.

    Args:
        mean: a number, or a Variable of means.
        std: a number, or a Variable of standard deviations; both broadcast.
        size: the shape, a tuple, where both are numbers.
        generator: where from.
        dtype: of the result, where both are numbers; else it is that of the Variable.
        requires_grad: whether ``backward()`` shall compute a gradient for it, where both are numbers.

    Raises:
        TypeError: ``size`` is missing, or one too many.
        RuntimeError: a standard deviation is negative, or the shapes do not broadcast.

    >>> import microtorch
    >>> microtorch.normal(0.0, 1.0, (2,)).shape, microtorch.normal(microtorch.zeros(3), 0.5).shape
    (torch.Size([2]), torch.Size([3]))
    """
    centre, spread = (each.array if is_variable(each) else each for each in (mean, std))
    if np.any(np.less(spread, 0)):
        raise RuntimeError(f"normal expects std >= 0.0, but found std {np.min(spread)}")
    tensors = [each for each in (mean, std) if is_variable(each)]
    if bool(tensors) == (size is not None) or (tensors and (dtype is not None or requires_grad)):
        raise TypeError("normal() takes two numbers and size=, or at least one Variable, whose shape and dtype the result has")
    kind = floating(tensors[0].array.dtype if tensors else numpy_dtype(dtype), "normal")
    shape = _broadcast(*(each.array.shape for each in tensors)) if tensors else shape_of((), size)
    values = (normal_numbers(generator, shape, kind) * spread + centre).astype(kind, copy=False)
    if not tensors:
        return made(values, requires_grad)
    if len(tensors) == 2:
        return NormalOfBoth.apply(mean, std, values=values)
    return Normal.apply(tensors[0], values=values, overload=1 if is_variable(mean) else 2)


def _broadcast(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise shapes_do_not_broadcast("normal", *shapes) from None


def bernoulli(input: Variable, p: float | None = None, *, generator: Generator | None = None) -> Variable:
    """1 with a probability, else 0: each element of ``input`` is one, or the number ``p`` is for all.

    Raises:
        RuntimeError: a probability is not between 0 and 1, or ``input`` is of integers.
    """
    array = array_of(input)
    kind = array.dtype if p is not None else floating(array.dtype, "bernoulli")
    return Bernoulli.apply(input, values=trials(generator, array.shape, array if p is None else p, kind))


def trials(generator: Generator | None, shape: tuple[int, ...], chance: Any, dtype: np.dtype[Any]) -> Array:
    """1 or 0 for each place in a shape, 1 with the probability ``chance``.

    Raises:
        RuntimeError: it is not between 0 and 1.
    """
    if not np.all(np.greater_equal(chance, 0) & np.less_equal(chance, 1)):
        raise RuntimeError(
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false: bernoulli expects p to be in [0, 1], and it is from "
            f"{np.min(chance)} to {np.max(chance)}"
        )
    return np.asarray(numbers_of(generator).random(shape) < chance).astype(dtype)


def poisson(input: Variable, generator: Generator | None = None) -> Variable:
    """Random counts from Poisson distributions, whose rates are the elements of ``input``.

    Raises:
        RuntimeError: a rate is negative, or ``input`` is of integers.
    """
    array = array_of(input)
    kind = floating(array.dtype, "poisson")
    if not (array >= 0).all():
        raise RuntimeError(f"invalid Poisson rate, expected rate to be non-negative, and the least is {array.min()}")
    return Poisson.apply(input, values=np.asarray(numbers_of(generator).poisson(array)).astype(kind))


def multinomial(input: Variable, num_samples: int, replacement: bool = False, *, generator: Generator | None = None) -> Variable:
    """Random indices, each as likely as the weight that stands there.

    Args:
        input: weights that are not negative: a vector, or a matrix, whose rows are drawn from.
        num_samples: how many, of each row.
        replacement: whether one may be drawn twice.
        generator: where from.

    Returns:
        Of shape (num_samples,) or (rows, num_samples), and of dtype int64.

    Raises:
        RuntimeError: weights are negative, infinite, nan or all 0, or there are too few to draw from.

    >>> import microtorch
    >>> microtorch.multinomial(microtorch.tensor([0.0, 1.0, 0.0]), 2, replacement=True).tolist()
    [1, 1]
    """
    weights, count = array_of(input), integer_of(num_samples, "num_samples")
    _refuse_weights(input, count, replacement)
    drawn = (_again if replacement else _once)(numbers_of(generator), weights.reshape(-1, weights.shape[-1]), count)
    return unrecorded(drawn.astype(np.int64, copy=False).reshape(*weights.shape[:-1], count))


def _again(numbers: np.random.Generator, rows: Array, count: int) -> Array:
    """Where the running sums of the weights pass a random part of their total: a weight of 0 passes nothing."""
    sums = np.cumsum(rows, 1, np.float64)
    total = sums[:, -1:]
    parts = np.minimum(numbers.random((len(rows), count)) * total, np.nextafter(total, 0.0))  # rounded, it could be all
    return np.array([np.searchsorted(each, part, "right") for each, part in zip(sums, parts, strict=True)])


def _once(numbers: np.random.Generator, rows: Array, count: int) -> Array:
    """Who comes first, where each waits for an exponential time over its weight (Efraimidis and Spirakis 2006)."""
    times: Array = np.asarray(numbers.standard_exponential(rows.shape))
    with np.errstate(divide="ignore"):  # of 0, whose time never comes
        times /= rows
    return first(times, 1, count, descending=False)


def _refuse_weights(input: Variable, count: int, replacement: bool) -> None:
    weights = input.array
    if weights.ndim not in {1, 2} or weights.dtype.kind != "f":
        raise RuntimeError(
            "multinomial: prob_dist must be 1 or 2 dim, and of floating-point dtypes only: "
            f"{input._described()} is of {input.dtype}"
        )
    if count <= 0:
        raise RuntimeError(f"cannot sample n_sample <= 0 samples: {count}")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if (weights.sum(-1) == 0).any():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    possible = np.count_nonzero(weights, -1)
    if not replacement and (possible < count).any():
        raise RuntimeError(
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement: "
            f"{count} of {possible.min()} that are possible"
        )
