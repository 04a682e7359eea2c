"""What an operation gave: a node does not keep it, but a Variable with a name may hold it, and an engine may tell."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from ..names import Names
from ..summary import SMALL, Summary, array_of, summarize
from ..walk import GradNode, key

__all__ = ["values"]


def values(node: GradNode, called: Names) -> tuple[Summary | None, ...]:
    """For each output of a node what it holds, where that is known and small."""
    tell = getattr(node, "computed", None)
    found: Mapping[int, Any] = dict(enumerate(tell())) if callable(tell) else called.made.get(key(node), {})
    return tuple(small(found.get(output)) for output in range(max(found, default=-1) + 1))


def small(value: Any) -> Summary | None:
    """Of a large array nothing is read, nor of what refuses to be read, as PyTorch's tensors without numbers do."""
    try:
        return None if value is None or prod(getattr(value, "shape", ())) > SMALL else summarize(array_of(value))
    except Exception:  # noqa: BLE001
        return None
