"""Random numbers: `Generator`, the one that is used by default, and Variables that it fills. The numbers are NumPy's (PCG64)."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import numpy as np

from .arrays.dtypes import Array, as_dtype, int64
from .arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from .core.variable import Variable, array_of, wrap
from .tensor.creation import made, numpy_dtype, shape_of
from .tensor.devices import cpu, on_cpu
from .tensor.dims import integer_of

__all__ = [
    "Generator", "default_generator", "get_rng_state", "initial_seed", "manual_seed", "rand", "rand_like", "randint",
    "randint_like", "randn", "randn_like", "randperm", "seed", "set_rng_state",
]  # fmt: skip

_BITS = 128
_FIRST_SEED = 67280421310721  # torch's own


class Generator:
    """A source of random numbers, with a state of its own, as ``torch.Generator``. The same seed gives the same numbers.

    A new one begins at a seed that is always the same, as in torch; only the default one begins anew in every run.

    Args:
        device: the CPU.

    >>> import microtorch
    >>> g = Generator().manual_seed(3)
    >>> microtorch.equal(microtorch.rand(2, generator=g), microtorch.rand(2, generator=g.manual_seed(3)))
    True
    """

    def __init__(self, device: Any = None) -> None:
        on_cpu(device)
        self.device = cpu
        self._seed: int | None = _FIRST_SEED
        self._made: np.random.Generator | None = None

    @property
    def numbers(self) -> np.random.Generator:
        """NumPy's generator, made when first needed: its module takes as long to load as all of microtorch."""
        if self._made is None:
            self._made = np.random.Generator(np.random.PCG64(self.initial_seed()))
        return self._made

    def manual_seed(self, seed: int) -> Generator:
        """Begin the sequence anew, at the place that an integer stands for.

        Raises:
            TypeError: it is no integer.
            RuntimeError: it has more than 64 bits.
        """
        number = integer_of(seed, "the seed")
        if not -(2**63) <= number < 2**64:
            raise RuntimeError(f"Overflow when unpacking long long: a seed is from -2**63 to 2**64 - 1, not {number}")
        self._seed, self._made = number % 2**64, None
        return self

    def seed(self) -> int:
        """Begin the sequence anew, at a random place; return the number for it."""
        return self.manual_seed(int.from_bytes(os.urandom(8), "little")).initial_seed()

    def initial_seed(self) -> int:
        """The number at which the sequence began."""
        if self._seed is None:
            self.seed()
        assert self._seed is not None
        return self._seed

    def get_state(self) -> Variable:
        """Where in its sequence the generator is: a vector of dtype uint8 for `set_state`."""
        state: Any = self.numbers.bit_generator.state
        parts = [
            state["state"]["state"],
            state["state"]["inc"],
            state["has_uint32"],
            state["uinteger"],
            self.initial_seed(),
        ]
        data = b"".join(int(each).to_bytes(_BITS // 8, "little") for each in parts)
        return wrap(np.frombuffer(data, np.uint8).copy())

    def set_state(self, new_state: Variable) -> None:
        """Go to a place in the sequence.

        Raises:
            TypeError: ``new_state`` is no Variable.
            RuntimeError: ``new_state`` is not what `get_state` returns.
        """
        array, size = array_of(new_state), _BITS // 8
        if array.dtype != np.uint8 or array.shape != (5 * size,):
            raise RuntimeError(f"RNG state must be what get_state() returns, not {new_state._described()} of {new_state.dtype}")
        state, inc, has, uinteger, seed = (
            int.from_bytes(array[i : i + size].tobytes(), "little") for i in range(0, 5 * size, size)
        )
        self.manual_seed(seed)
        self.numbers.bit_generator.state = {
            "bit_generator": "PCG64", "state": {"state": state, "inc": inc}, "has_uint32": has, "uinteger": uinteger,
        }  # fmt: skip


default_generator = Generator()
default_generator._seed = None  # until it is needed, when a random one is drawn


def manual_seed(seed: int) -> Generator:
    """Begin the sequence of random numbers anew, and return its generator. The numbers are NumPy's, not torch's."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Begin the sequence of random numbers anew at a random place, and return the number for it."""
    return default_generator.seed()


def initial_seed() -> int:
    """The number at which the sequence of random numbers began."""
    return default_generator.initial_seed()


def get_rng_state() -> Variable:
    """Where in its sequence the default generator is."""
    return default_generator.get_state()


def set_rng_state(new_state: Variable) -> None:
    """Take the default generator to a place in its sequence."""
    default_generator.set_state(new_state)


def numbers_of(generator: Generator | None) -> np.random.Generator:
    """NumPy's generator for an argument ``generator=``.

    Raises:
        TypeError: it is none.
    """
    if generator is None:
        return default_generator.numbers
    if not isinstance(generator, Generator):
        raise TypeError(f"generator must be a microtorch.Generator or None, not {type(generator).__name__}")
    return generator.numbers


def uniform_numbers(
    generator: Generator | None, shape: tuple[int, ...], dtype: np.dtype[Any], low: float = 0.0, high: float = 1.0
) -> Array:
    """Numbers of a floating dtype from ``low`` to below ``high``, which rounding would reach now and then."""
    values = numbers_of(generator).random(shape)
    if (low, high) != (0, 1):
        values = values * (high - low) + low
    return values.astype(dtype, copy=False) if low == high else np.minimum(values.astype(dtype), _below(high, low, dtype))


@lru_cache(maxsize=8)
def _below(high: float, low: float, dtype: np.dtype[Any]) -> Any:
    """The number of a dtype next to ``high``, on the side of ``low``."""
    return np.nextafter(dtype.type(high), dtype.type(low))


def normal_numbers(generator: Generator | None, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Standard normal numbers of a floating dtype, drawn with the precision of float32 where it has no more."""
    drawn = numbers_of(generator).standard_normal(shape, np.float64 if dtype == np.float64 else np.float32)
    return np.asarray(drawn).astype(dtype, copy=False)


def integers(generator: Generator | None, low: int, high: int, *, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Integers from ``low`` to below ``high``, in a dtype.

    Raises:
        TypeError: the bounds are no integers.
        RuntimeError: there is none between them, or the dtype does not have them all.
    """
    low, high = integer_of(low, "low"), integer_of(high, "high")
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    first, last = integer_limits(dtype)
    if low < first or high - 1 > last:
        wrong = f"from = {low}" if low < first else f"to - 1 = {high - 1}"
        raise RuntimeError(f"{wrong} is out of bounds for {dtype}, which holds {first} to {last}")
    return np.asarray(numbers_of(generator).integers(low, high, shape)).astype(dtype, copy=False)


def integer_limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    """The least and the largest integer of a dtype, as far as int64 has them."""
    if dtype.kind == "b":
        return 0, 1
    own, most = (np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)), np.iinfo(np.int64)
    return max(int(own.min), most.min), min(int(own.max), most.max)


def floating(dtype: np.dtype[Any], name: str) -> np.dtype[Any]:
    """A dtype, if it is floating.

    Raises:
        NotImplementedError: it is not; the message names the operation that asks.
    """
    if dtype.kind != "f":
        raise NotImplementedError(
            f"{name} is not implemented for {dtype}: its numbers are of a floating dtype; convert with .float()"
        )
    return dtype


def rand(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Variable:
    """Random numbers, uniform between 0 and 1 (not included).

    Raises:
        TypeError: a length is no integer, or ``generator`` none of microtorch.
        RuntimeError: a length is negative, or ``dtype`` not floating.
    """
    on_cpu(device)
    kind = floating(numpy_dtype(dtype), "rand")
    return made(uniform_numbers(generator, shape_of(sizes, size), kind), requires_grad)


def randn(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Variable:
    """Random numbers from the standard normal distribution. Errors are those of `rand`."""
    on_cpu(device)
    kind = floating(numpy_dtype(dtype), "randn")
    return made(normal_numbers(generator, shape_of(sizes, size), kind), requires_grad)


def rand_like(
    input: Variable,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Variable:
    """Uniform random numbers in the shape and dtype of ``input``. Errors are those of `rand`."""
    shape, kind = array_of(input).shape, dtype or input.dtype
    return rand(shape, generator=generator, dtype=kind, device=device, requires_grad=requires_grad)


def randn_like(
    input: Variable,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Variable:
    """Standard normal random numbers in the shape and dtype of ``input``. Errors are those of `rand`."""
    shape, kind = array_of(input).shape, dtype or input.dtype
    return randn(shape, generator=generator, dtype=kind, device=device, requires_grad=requires_grad)


def randint(
    low: Any = None,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Variable:
    """Random integers from ``low`` to below ``high``; ``randint(high, size)`` counts from 0.

    Args:
        low: the smallest.
        high: one more than the largest.
        size: the shape, a tuple.
        generator: where from.
        dtype: of the elements; int64 if left out.
        device: the CPU.
        requires_grad: whether ``backward()`` shall compute a gradient for it; of a floating dtype.

    Raises:
        TypeError: the bounds are no integers, or ``size`` no tuple.
        RuntimeError: there is no integer from ``low`` to below ``high``, or the dtype does not have them all.

    >>> import microtorch
    >>> microtorch.randint(0, 10, (2, 3)).shape
    torch.Size([2, 3])
    """
    on_cpu(device)
    if size is None:
        low, high, size = 0, low, high
    elif high is None or low is None:
        low, high = 0, low if high is None else high
    if size is None:
        raise TypeError("randint(): the argument size is missing, a tuple of ints")
    kind = as_dtype(dtype or int64).dtype
    return made(integers(generator, low, high, shape=shape_of((), size), dtype=kind), requires_grad)


def randint_like(
    input: Variable,
    low: int,
    high: int | None = None,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    requires_grad: bool = False,
) -> Variable:
    """Random integers from ``low`` to below ``high`` (of one argument: from 0 to below it), as ``input`` in shape and dtype."""
    shape, kind = array_of(input).shape, dtype or input.dtype
    start, end = (0, low) if high is None else (low, high)
    return randint(start, end, shape, generator=generator, dtype=kind, requires_grad=requires_grad)


def randperm(
    n: int, *, generator: Generator | None = None, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """The integers from 0 to below ``n`` in random order.

    Raises:
        TypeError: ``n`` is no integer.
        RuntimeError: ``n`` is negative, or the dtype does not have them all.
    """
    on_cpu(device)
    count, kind = integer_of(n, "n"), as_dtype(dtype or int64).dtype
    if count < 0:
        raise RuntimeError(f"n must be non-negative, got {count}")
    if count - 1 > integer_limits(kind)[1]:
        raise RuntimeError(f"value cannot be converted to type {kind} without overflow: {count - 1}")
    return made(numbers_of(generator).permutation(count).astype(kind, copy=False), requires_grad)
