"""In which order samples are taken: samplers give numbers of samples, or lists of them. The same seed gives the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any, Generic, TypeVar

from ...arrays.dtypes import float64
from ...ops.random.sampling import multinomial
from ...random import Generator, randint, randperm
from ...tensor.creation import as_tensor

__all__ = ["BatchSampler", "RandomSampler", "Sampler", "SequentialSampler", "SubsetRandomSampler", "WeightedRandomSampler"]

Index = TypeVar("Index")


class Sampler(Generic[Index]):
    """Numbers of samples. A subclass defines ``__iter__()``, and ``__len__()`` if it can."""

    def __init__(self, data_source: Any = None) -> None:
        """``data_source`` is what samplers of 2017 hand on to this class, which makes no use of it."""

    def __iter__(self) -> Iterator[Index]:
        raise NotImplementedError


class SequentialSampler(Sampler[int]):
    """0, 1, 2 … to the length of ``data_source``."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """The numbers below the length of ``data_source``, in a random order that is another one each time.

    Args:
        data_source: what has a length.
        replacement: whether each number is drawn from all, so that one can come twice.
        num_samples: how many; left out, as many as there are. Of more, in rounds.
        generator: where from; left out, from the default generator, which is asked once each time: the order is the same
            whatever is drawn meanwhile.

    Raises:
        TypeError: ``replacement`` is no bool.
        ValueError: ``num_samples`` is no positive integer; or there is nothing to draw from.

    >>> import microtorch
    >>> sorted(RandomSampler("abcd", generator=microtorch.Generator().manual_seed(1)))
    [0, 1, 2, 3]
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self._num_samples = num_samples
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement should be a boolean value, but got replacement={replacement}")
        _check_positive(self.num_samples, "num_samples")

    @property
    def num_samples(self) -> int:
        """How many numbers there are; where nobody said, as many as the data has by now."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        count, generator = len(self.data_source), self.generator
        if not count:
            raise ValueError("there is nothing to draw from: the data source is empty")
        if generator is None:
            generator = Generator().manual_seed(int(randint(0, 2**63 - 1, ()).item()))
        for done in range(0, self.num_samples, count):
            drawn = randint(0, count, (count,), generator=generator) if self.replacement else randperm(count, generator=generator)
            yield from drawn.tolist()[: self.num_samples - done]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given numbers in a random order that is another one each time."""

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices, self.generator = indices, generator

    def __iter__(self) -> Iterator[int]:
        for i in randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """Numbers from 0 to below the number of weights, each as probable as its weight says.

    Args:
        weights: a vector of numbers that are not negative; they need not sum up to 1.
        num_samples: how many numbers.
        replacement: whether one can come twice.
        generator: where from; left out, from the default generator.

    Raises:
        ValueError: ``num_samples`` is no positive integer, ``replacement`` no bool, or the weights no vector.

    >>> list(WeightedRandomSampler([0.0, 2.0, 0.0], 4))
    [1, 1, 1, 1]
    """

    def __init__(
        self, weights: Sequence[float], num_samples: int, replacement: bool = True, generator: Generator | None = None
    ) -> None:
        _check_positive(num_samples, "num_samples")
        _check_bool(replacement, "replacement")
        self.weights = as_tensor(weights, dtype=float64)
        if self.weights.array.ndim != 1:
            raise ValueError(f"weights should be a 1d sequence but given weights have shape {tuple(self.weights.shape)}")
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __iter__(self) -> Iterator[int]:
        yield from multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator).tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """The numbers of another sampler in lists.

    Args:
        sampler: whose, or anything that gives them one by one.
        batch_size: how many a list has.
        drop_last: whether a last list that would have less is left out.

    Raises:
        ValueError: ``batch_size`` is no positive integer, or ``drop_last`` no bool.

    >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        _check_positive(batch_size, "batch_size")
        _check_bool(drop_last, "drop_last")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := [*islice(indices, self.batch_size)]:
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        return (len(self.sampler) + (0 if self.drop_last else self.batch_size - 1)) // self.batch_size  # type: ignore[arg-type]


def _check_positive(value: Any, name: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{name} should be a positive integer value, but got {name}={value}")


def _check_bool(value: Any, name: str) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{name} should be a boolean value, but got {name}={value}")
