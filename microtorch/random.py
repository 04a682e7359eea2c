"""Random numbers: `Generator`, the one that is used by default, and Variables that it fills. The numbers are NumPy's (PCG64)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .creation import made, or_default, shape_of
from .devices import cpu, on_cpu
from .dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from .dtypes import int64
from .node import array_of, is_variable, unrecorded, wrap

if TYPE_CHECKING:
    from .variable import Variable

__all__ = [
    "Generator", "bernoulli", "default_generator", "get_rng_state", "initial_seed", "manual_seed", "multinomial", "normal",
    "poisson", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like", "randperm", "seed", "set_rng_state",
]  # fmt: skip

_BITS = 128


class Generator:
    """A source of random numbers, with a state of its own, as ``torch.Generator``. The same seed gives the same numbers.

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
        self._seed: int | None = None
        self._made: np.random.Generator | None = None

    @property
    def numbers(self) -> np.random.Generator:
        """NumPy's generator, made when first needed: its module takes as long to load as all of microtorch."""
        if self._made is None:
            self.seed()
        assert self._made is not None
        return self._made

    def manual_seed(self, seed: int) -> Generator:
        """Begin the sequence anew, at the place that an integer stands for."""
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise TypeError(f"manual_seed expected a long, but got {type(seed).__name__}")
        self._seed = seed
        self._made = np.random.Generator(np.random.PCG64(seed % 2**64))
        return self

    def seed(self) -> int:
        """Begin the sequence anew, at a random place; return the number for it."""
        seed = int(np.random.SeedSequence().entropy) % 2**63  # type: ignore[arg-type] # without arguments, an int
        self.manual_seed(seed)
        return seed

    def initial_seed(self) -> int:
        """The number at which the sequence began."""
        assert self.numbers is not None
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
            self.initial_seed() % 2**64,
        ]
        data = b"".join(int(each).to_bytes(_BITS // 8, "little") for each in parts)
        return wrap(np.frombuffer(data, np.uint8).copy())

    def set_state(self, new_state: Variable) -> None:
        """Go to a place in the sequence.

        Raises:
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


def rand(
    *size: Any, generator: Generator | None = None, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """Random numbers, uniform between 0 and 1 (not included)."""
    on_cpu(device)
    return made(numbers_of(generator).random(shape_of(size)), or_default(dtype), requires_grad)


def randn(
    *size: Any, generator: Generator | None = None, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """Random numbers from the standard normal distribution."""
    on_cpu(device)
    return made(numbers_of(generator).standard_normal(shape_of(size)), or_default(dtype), requires_grad)


def rand_like(
    input: Variable,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Variable:
    """Uniform random numbers in the shape and dtype of ``input``."""
    return rand(
        array_of(input).shape, generator=generator, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad
    )


def randn_like(
    input: Variable,
    *,
    generator: Generator | None = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Variable:
    """Standard normal random numbers in the shape and dtype of ``input``."""
    return randn(
        array_of(input).shape, generator=generator, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad
    )


def randint(
    low: int,
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
        size: the shape.
        generator: where from.
        dtype: of the elements; int64 if left out.
        device: the CPU.
        requires_grad: whether ``backward()`` shall compute a gradient for it; of a floating dtype.

    Raises:
        RuntimeError: there is no integer from ``low`` to below ``high``.

    >>> import microtorch
    >>> microtorch.randint(0, 10, (2, 3)).shape
    torch.Size([2, 3])
    """
    on_cpu(device)
    if size is None:
        low, high, size = 0, low, high
    if high is None or isinstance(high, tuple | list):
        low, high = 0, low
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    return made(numbers_of(generator).integers(low, high, shape_of((size,))), dtype or int64, requires_grad)


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
    start, end = (0, low) if high is None else (low, high)
    shape, dtype = array_of(input).shape, dtype or input.dtype
    return randint(start, end, shape, generator=generator, dtype=dtype, requires_grad=requires_grad)


def randperm(
    n: int, *, generator: Generator | None = None, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """The integers from 0 to below ``n`` in random order.

    Raises:
        RuntimeError: ``n`` is negative.
    """
    on_cpu(device)
    if n < 0:
        raise RuntimeError(f"n must be non-negative, got {n}")
    return made(numbers_of(generator).permutation(n), dtype or int64, requires_grad)


def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None, dtype: Dtype | None = None
) -> Variable:
    """Random numbers from normal distributions: of one, of the given ``size``; or one for each element of Variables.

    Args:
        mean: a number, or a Variable of means.
        std: a number, or a Variable of standard deviations; both broadcast.
        size: the shape, where both are numbers.
        generator: where from.
        dtype: of the result; left out, that of the Variables, or the default one.

    Raises:
        RuntimeError: a standard deviation is negative, or ``size`` is missing, or one too many.

    >>> import microtorch
    >>> microtorch.normal(0.0, 1.0, (2,)).shape, microtorch.normal(microtorch.zeros(3), 0.5).shape
    (torch.Size([2]), torch.Size([3]))
    """
    centre, spread = (each.array if is_variable(each) else each for each in (mean, std))
    if np.any(np.less(spread, 0)):
        raise RuntimeError(f"normal expects std >= 0.0, but found std {np.min(spread)}")
    tensors = [each.array for each in (mean, std) if is_variable(each)]
    if bool(tensors) == (size is not None):
        raise RuntimeError("normal: give either a size and two numbers, or at least one Variable and no size")
    shape = np.broadcast_shapes(*(each.shape for each in tensors)) if tensors else shape_of((size,))
    kind = tensors[0].dtype if tensors and dtype is None else or_default(dtype).dtype
    return unrecorded((numbers_of(generator).standard_normal(shape) * spread + centre).astype(kind))


def bernoulli(input: Variable, p: float | None = None, *, generator: Generator | None = None) -> Variable:
    """1 with a probability, else 0: each element of ``input`` is one, or ``p`` is for all. Its gradient is 0.

    Raises:
        RuntimeError: a probability is not between 0 and 1, or ``input`` is of integers.
    """
    chances = array_of(input) if p is None else np.full(array_of(input).shape, p)
    if p is None and chances.dtype.kind != "f":
        raise RuntimeError(f"bernoulli: probabilities are of a floating dtype, not {input.dtype}")
    if not ((chances >= 0) & (chances <= 1)).all():
        raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false: a probability is between 0 and 1")
    return unrecorded((numbers_of(generator).random(chances.shape) < chances).astype(input.array.dtype))


def poisson(input: Variable, generator: Generator | None = None) -> Variable:
    """Random counts from Poisson distributions, whose rates are the elements of ``input``.

    Raises:
        RuntimeError: a rate is negative.
    """
    if (array_of(input) < 0).any():
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    return unrecorded(numbers_of(generator).poisson(input.array).astype(input.array.dtype))


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
    weights = array_of(input)
    if weights.ndim not in {1, 2} or weights.dtype.kind != "f":
        raise RuntimeError(f"multinomial: prob_dist must be 1 or 2 dim and floating: {input._described()} of {input.dtype}")
    if num_samples <= 0:
        raise RuntimeError(f"cannot sample n_sample <= 0 samples: {num_samples}")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if (weights.sum(-1) == 0).any():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement and (np.count_nonzero(weights, -1) < num_samples).any():
        raise RuntimeError(
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement: "
            f"{num_samples} of {np.count_nonzero(weights, -1).min()} that are possible"
        )
    numbers = numbers_of(generator)
    rows = weights.reshape(-1, weights.shape[-1]).astype(np.float64)
    drawn = [numbers.choice(len(row), num_samples, replacement, row / row.sum()) for row in rows]
    return unrecorded(np.reshape(np.asarray(drawn, np.int64), (*weights.shape[:-1], num_samples)))
