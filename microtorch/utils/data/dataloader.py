"""Batches of a dataset, one after the other, as a training loop takes them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice, repeat
from typing import Any, Generic, TypeVar

from ...random import Generator
from .collate import default_collate, default_convert
from .dataset import IterableDataset, samples_of
from .sampler import BatchSampler, RandomSampler, SequentialSampler

__all__ = ["DataLoader", "default_collate", "get_worker_info"]

Sample = TypeVar("Sample")

_FIXED = {"batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"}


class DataLoader(Generic[Sample]):
    """Batches of a dataset: ``for inputs, targets in loader``, anew each time, all in this process.

    Args:
        dataset: what has a length and is asked by number, as a `Dataset`, a list or a Variable; or an `IterableDataset`.
        batch_size: how many samples a batch has; None for single samples, without a first dimension more.
        shuffle: whether the order is random, and another one each time.
        sampler: gives the numbers of the samples, in place of ``shuffle``.
        batch_sampler: gives lists of them, a batch each, in place of all these.
        num_workers: 0. More are accepted, with one warning: there are no other processes.
        collate_fn: makes a batch of a list of samples (where ``batch_size`` is None, something of one sample); left out,
            `default_collate` (`default_convert`).
        pin_memory: changes nothing, as do all below but ``drop_last`` and ``generator``: there is neither a GPU nor a worker.
        drop_last: whether a last batch that would be smaller is left out.
        timeout: for workers.
        worker_init_fn: for workers.
        multiprocessing_context: for workers.
        generator: of the random order: the same seed gives the same batches.
        prefetch_factor: for workers.
        persistent_workers: for workers.
        pin_memory_device: for GPUs.
        in_order: for workers.

    Raises:
        ValueError: arguments exclude each other, or are out of range; or an attribute is set later that would change nothing.

    >>> import microtorch
    >>> from microtorch.utils.data import TensorDataset
    >>> data = TensorDataset(microtorch.arange(5.0), microtorch.arange(5))
    >>> for inputs, targets in DataLoader(data, batch_size=2):
    ...     print(inputs.tolist(), targets.tolist())
    [0.0, 1.0] [0, 1]
    [2.0, 3.0] [2, 3]
    [4.0] [4]
    """

    _initialized = False

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers, multiprocessing_context)
        streams = isinstance(dataset, IterableDataset)
        if streams:
            _check_stream(shuffle=shuffle or None, sampler=sampler, batch_sampler=batch_sampler)
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError("batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last")
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        if sampler is None:
            if streams:
                sampler = repeat(None)  # a stream says itself when it ends
            else:
                sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset, self.batch_size, self.drop_last, self.generator = dataset, batch_size, drop_last, generator
        self.sampler, self.batch_sampler = sampler, batch_sampler
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self.num_workers, self.timeout, self.worker_init_fn, self.prefetch_factor = 0, timeout, worker_init_fn, prefetch_factor
        self.multiprocessing_context, self.persistent_workers = multiprocessing_context, persistent_workers
        self.pin_memory, self.pin_memory_device, self.in_order = pin_memory, pin_memory_device, in_order
        self._initialized = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self._initialized and name in _FIXED:
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized: make another one")
        super().__setattr__(name, value)

    def __iter__(self) -> Iterator[Any]:
        return (_PassOfStream if isinstance(self.dataset, IterableDataset) else _Pass)(self)

    def __len__(self) -> int:
        """How many batches there are; of a stream, if it knows its length."""
        if not isinstance(self.dataset, IterableDataset):
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]
        length = len(self.dataset)  # type: ignore[arg-type] # or Python says that it has none
        return length if self.batch_size is None else len(BatchSampler(range(length), self.batch_size, self.drop_last))


class _Pass:
    """One pass over a loader's dataset: what ``iter(loader)`` returns. An error in a sample does not end it."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        self.loader, self.dataset = loader, loader.dataset
        self.indices = iter(loader.sampler if loader.batch_sampler is None else loader.batch_sampler)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return self.loader.collate_fn(self.samples(next(self.indices)))

    next = __next__  # as in 2017: ``images, labels = iter(loader).next()``

    def __len__(self) -> int:
        return len(self.loader)

    def samples(self, index: Any) -> Any:
        """The samples with the numbers in a list; or the one sample, where there are no batches."""
        return self.dataset[index] if self.loader.batch_sampler is None else samples_of(self.dataset, index)


class _PassOfStream(_Pass):
    """One pass over a loader's stream."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        super().__init__(loader)
        self.stream = iter(loader.dataset)

    def samples(self, index: Any) -> Any:
        """The next samples, as many as there are in a list; or the next one."""
        if self.loader.batch_sampler is None:
            return next(self.stream)
        found = [*islice(self.stream, len(index))]
        if not found or (self.loader.drop_last and len(found) < len(index)):
            raise StopIteration
        return found


def _check_workers(
    num_workers: int, timeout: float, prefetch_factor: int | None, persistent_workers: bool, multiprocessing_context: Any
) -> None:
    """Refuse what torch refuses; and say that there are no workers, where some are asked for."""
    if num_workers < 0:
        raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
    if timeout < 0:
        raise ValueError("timeout option should be non-negative")
    if num_workers:
        _say_that_there_are_none()
    elif prefetch_factor is not None:
        raise ValueError("prefetch_factor option could only be specified in multiprocessing: leave it out, or set it to None")
    elif persistent_workers:
        raise ValueError("persistent_workers option needs num_workers > 0")
    elif multiprocessing_context is not None:
        raise ValueError("multiprocessing_context can only be used with multi-process loading (num_workers > 0)")
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ValueError("prefetch_factor option should be non-negative")


@cache  # so it is said once
def _say_that_there_are_none() -> None:
    warnings.warn("microtorch loads data in this process, as with num_workers=0, and starts no workers", stacklevel=4)


def _check_stream(**options: Any) -> None:
    for name, value in options.items():
        if value is not None:
            raise ValueError(f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={value}")


def get_worker_info() -> None:
    """None: there are no workers, and whoever asks is in the one process that there is."""
    return
