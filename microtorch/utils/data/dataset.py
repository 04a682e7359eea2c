"""Where samples come from: datasets that are asked by number, streams, and datasets made of others."""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from math import isclose
from typing import Any, Generic, TypeVar

from ...core.variable import Variable
from ...random import Generator, default_generator, randperm

__all__ = [
    "ChainDataset", "ConcatDataset", "Dataset", "IterableDataset", "StackDataset", "Subset", "TensorDataset", "random_split",
]  # fmt: skip

Sample = TypeVar("Sample")


class Dataset(Generic[Sample]):
    """Samples by number. A subclass defines ``__getitem__(index)`` and ``__len__()``.

    One that can fetch many at once also defines ``__getitems__(indices)``, which returns a list of samples.

    >>> class Squares(Dataset):
    ...     def __getitem__(self, index):
    ...         return index, index**2
    ...
    ...     def __len__(self):
    ...         return 4
    >>> (Squares() + Squares())[5]
    (1, 1)
    """

    # There is no __len__, as in torch: list() and others take one that only raises for a failure.

    def __getitem__(self, index: Any) -> Sample:
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[Sample], Iterable[Sample]):
    """Samples one after the other, as of a file that is read. A subclass defines ``__iter__()``, and ``__len__()`` if it can."""

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Variable, ...]]):
    """Variables side by side: a sample is the tuple of their rows.

    Args:
        tensors: Variables with the same length of the first dimension.

    Raises:
        TypeError: one is no Variable.
        AssertionError: the lengths differ.

    >>> import microtorch
    >>> data = TensorDataset(microtorch.zeros(3, 2), microtorch.arange(3))
    >>> len(data), data[2][1].item()
    (3, 2)
    """

    def __init__(self, *tensors: Variable) -> None:
        for i, each in enumerate(tensors):
            if not isinstance(each, Variable):
                raise TypeError(
                    f"TensorDataset takes Tensors, and argument {i} is of type {type(each).__name__}: make one of it with "
                    "microtorch.as_tensor(...)"
                )
        lengths = [len(each) for each in tensors]
        if len(set(lengths)) > 1:
            raise AssertionError(f"Size mismatch between tensors: their first dimensions have the lengths {lengths}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Variable, ...]:
        return tuple([tensor[index] for tensor in self.tensors])

    def __len__(self) -> int:
        return len(self.tensors[0])


class StackDataset(Dataset[Any]):
    """Datasets side by side: a sample is the tuple of their samples, or, where they came by keywords, a dict.

    Raises:
        ValueError: there is none; some came by keyword and some did not; or their lengths differ.

    >>> StackDataset(number=[1, 2], word=["one", "two"])[1]
    {'number': 2, 'word': 'two'}
    """

    datasets: tuple[Any, ...] | dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and kwargs:
            raise ValueError(
                "Supported either ``tuple``- (via ``args``) or ``dict``- (via ``kwargs``) like input/output, but both types are "
                "given."
            )
        if not args and not kwargs:
            raise ValueError("At least one dataset should be passed")
        self.datasets = args or kwargs
        lengths = [len(each) for each in self._columns()]
        if len(set(lengths)) > 1:
            raise ValueError(f"Size mismatch between datasets: their lengths are {lengths}")

    def _columns(self) -> Iterable[Any]:
        return self.datasets.values() if isinstance(self.datasets, dict) else self.datasets

    def _row(self, samples: tuple[Any, ...]) -> Any:
        return dict(zip(self.datasets, samples, strict=True)) if isinstance(self.datasets, dict) else samples

    def __getitem__(self, index: Any) -> Any:
        return self._row(tuple([each[index] for each in self._columns()]))

    def __getitems__(self, indices: list[Any]) -> list[Any]:
        columns = [samples_of(each, indices) for each in self._columns()]
        for each in columns:
            if len(each) != len(indices):
                raise ValueError(f"Nested dataset's output size mismatch. Expected {len(indices)}, got {len(each)}")
        return [self._row(samples) for samples in zip(*columns, strict=True)]

    def __len__(self) -> int:
        return len(next(iter(self._columns())))


class ConcatDataset(Dataset[Any]):
    """Datasets one after the other, as ``a + b`` makes it.

    Raises:
        AssertionError: there is none; or one is a stream, for which there is `ChainDataset`.
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("datasets should not be an empty iterable")
        if any(isinstance(each, IterableDataset) for each in self.datasets):
            raise AssertionError("ConcatDataset does not support IterableDataset")
        self.cumulative_sizes = list(accumulate(len(each) for each in self.datasets))

    def __getitem__(self, index: int) -> Any:
        if index < -len(self):
            raise ValueError("absolute value of index should not exceed dataset length")
        if index < 0:
            index += len(self)
        number = bisect_right(self.cumulative_sizes, index)
        return self.datasets[number][index - (self.cumulative_sizes[number - 1] if number else 0)]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


class ChainDataset(IterableDataset[Any]):
    """Streams one after the other, as ``a + b`` makes it.

    Raises:
        AssertionError: one is no `IterableDataset`; when its turn comes.
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = datasets

    def _streams(self) -> Iterator[Any]:
        for each in self.datasets:
            if not isinstance(each, IterableDataset):
                raise AssertionError("ChainDataset only supports IterableDataset")
            yield each

    def __iter__(self) -> Iterator[Any]:
        for each in self._streams():
            yield from each

    def __len__(self) -> int:
        return sum(len(each) for each in self._streams())


class Subset(Dataset[Sample]):
    """Some samples of a dataset, by their numbers there.

    Args:
        dataset: the whole.
        indices: which, in which order.

    Raises:
        NotImplementedError: a subclass has its own ``__getitem__``, and not its own ``__getitems__``, which a loader calls.

    >>> Subset("abcdef", [4, 0])[0]
    'e'
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        cls = type(self)
        if cls.__getitem__ is not Subset.__getitem__ and cls.__getitems__ is Subset.__getitems__:
            raise NotImplementedError(
                f"{cls.__name__} overrides __getitem__ but not __getitems__, which a DataLoader calls. Add this to it:\n\n"
                "def __getitems__(self, indices):\n    return [self[index] for index in indices]"
            )
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> Any:
        return self.dataset[[self.indices[i] for i in index] if isinstance(index, list) else self.indices[index]]

    def __getitems__(self, indices: list[int]) -> list[Any]:
        return samples_of(self.dataset, [self.indices[i] for i in indices])

    def __len__(self) -> int:
        return len(self.indices)


def samples_of(dataset: Any, indices: Sequence[Any]) -> list[Any]:
    """Several samples of a dataset: at once, if it knows how."""
    at_once = getattr(dataset, "__getitems__", None)
    return at_once(indices) if at_once else [dataset[index] for index in indices]


def random_split(dataset: Any, lengths: Sequence[float], generator: Generator | None = default_generator) -> list[Subset[Any]]:
    """A dataset in parts that have no sample in common, at random.

    Args:
        dataset: what has a length and is asked by number.
        lengths: of the parts; or fractions that sum up to 1, of which each part has the whole number below, and what is left over
            goes one by one to the first.
        generator: the same seed gives the same parts.

    Raises:
        ValueError: the lengths do not sum up to that of the dataset, or a fraction is negative.

    >>> import microtorch
    >>> train, test = random_split(range(10), [0.75, 0.25], microtorch.Generator().manual_seed(0))
    >>> len(train), len(test), sorted([*train, *test]) == [*range(10)]
    (8, 2, True)
    """
    counts = _counts(len(dataset), lengths) if isclose(sum(lengths), 1) and sum(lengths) <= 1 else [*lengths]
    if sum(counts) != len(dataset):
        raise ValueError(
            f"Sum of input lengths does not equal the length of the input dataset! They are {counts}, and it has {len(dataset)}"
        )
    order = iter(randperm(len(dataset), generator=generator).tolist())
    return [Subset(dataset, [next(order) for _ in range(count)]) for count in counts]  # type: ignore[arg-type] # sum() took it


def _counts(total: int, fractions: Sequence[float]) -> list[int]:
    """The lengths of parts that are given as fractions."""
    for i, each in enumerate(fractions):
        if not 0 <= each <= 1:
            raise ValueError(f"Fraction at index {i} is not between 0 and 1")
    counts = [int(total * each) for each in fractions]
    for i in range(total - sum(counts)):
        counts[i % len(counts)] += 1
    for i, count in enumerate(counts):
        if not count:
            warnings.warn(f"Length of split at index {i} is 0. This might result in an empty dataset.", stacklevel=3)
    return counts
