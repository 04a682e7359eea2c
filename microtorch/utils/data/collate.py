"""How samples become a batch: what stands in the same place of each is stacked, whatever the samples are made of."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from copy import copy
from typing import Any

import numpy as np

from ...arrays.dtypes import float64
from ...core.variable import Variable
from ...ops.shaping.joining import stack
from ...tensor.creation import as_tensor, tensor

__all__ = ["default_collate", "default_convert"]


def default_collate(batch: Sequence[Any]) -> Any:
    """One batch of a list of samples: Variables, arrays and numbers get a first dimension, as long as the list.

    Args:
        batch: samples of one kind. Of dicts, lists and tuples, named ones too, each part becomes a batch, and a tuple a list;
            of strings, there is their list.

    Raises:
        TypeError: there is something else in a sample.
        RuntimeError: Variables have different shapes, or lists different lengths.

    >>> default_collate([{"x": 1, "word": "one"}, {"x": 2, "word": "two"}])["word"]
    ['one', 'two']
    >>> [each.tolist() for each in default_collate([(1, 0.5), (2, 0.25)])]
    [[1, 2], [0.5, 0.25]]
    """
    first = batch[0]
    if isinstance(first, Variable):
        return stack(batch)
    if isinstance(first, np.ndarray) and first.dtype.kind not in "SUO":
        return stack([as_tensor(each) for each in batch])
    if isinstance(first, np.bool_ | np.number):  # before float, which some of NumPy's numbers are
        return as_tensor(batch)
    if isinstance(first, int | float):
        return tensor(batch, dtype=float64 if isinstance(first, float) else None)
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        return _like_mapping(first, {key: default_collate([each[key] for each in batch]) for key in first})
    if isinstance(first, Sequence):
        lengths = {len(each) for each in batch}
        if len(lengths) > 1 and not hasattr(first, "_fields"):
            raise RuntimeError(f"each element in list of batch should be of equal size, and not {sorted(lengths)}")
        return _like_sequence(first, [default_collate(each) for each in zip(*batch, strict=False)])
    found = f"an array of {first.dtype}" if isinstance(first, np.ndarray) else type(first)
    raise TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {found}. A function of "
        "your own that makes a batch of a list of samples is DataLoader(..., collate_fn=...)"
    )


def default_convert(data: Any) -> Any:
    """A sample that is no batch (``batch_size=None``): its arrays and NumPy's numbers become Variables, all else stays.

    >>> import numpy as np
    >>> default_convert({"x": np.arange(2), "word": "one"})["x"].tolist()
    [0, 1]
    """
    if isinstance(data, np.ndarray | np.generic):
        return data if data.dtype.kind in "SUO" else as_tensor(data)
    if isinstance(data, Mapping):
        return _like_mapping(data, {key: default_convert(data[key]) for key in data})
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return _like_sequence(data, [default_convert(each) for each in data])
    return data


def _like_mapping(example: Mapping[Any, Any], items: dict[Any, Any]) -> Any:
    """A mapping of the example's kind, with these items; a dict, if none can be made."""
    try:
        if not isinstance(example, MutableMapping):
            return type(example)(items)  # type: ignore[call-arg]
        made = copy(example)
        made.update(items)
    except TypeError:
        return items
    return made


def _like_sequence(example: Sequence[Any], items: list[Any]) -> Any:
    """A sequence of the example's kind, with these items; a list for a tuple without names, or if none can be made."""
    if isinstance(example, tuple):
        return type(example)(*items) if hasattr(example, "_fields") else items
    try:
        if not isinstance(example, MutableSequence):
            return type(example)(items)  # type: ignore[call-arg]
        made = copy(example)
        for i, each in enumerate(items):
            made[i] = each
    except TypeError:
        return items
    return made
