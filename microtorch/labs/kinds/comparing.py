"""Two results, compared as generously as float32 asks for; and a result in a few words."""

from __future__ import annotations

import reprlib
from typing import Any

from ...viz.graph.summary import array_of
from ...viz.passes.answering import UnreadableError, read, same
from ...viz.passes.question import told

__all__ = ["equal", "shown"]


def equal(given: Any, wanted: Any) -> bool:
    """Whether a result is the one that is wanted: numbers within a thousandth, in the shape that is wanted; all else exactly."""
    if wanted is None or isinstance(wanted, (str, bool)):
        return type(given) is type(wanted) and bool(given == wanted)
    if isinstance(wanted, dict):
        return isinstance(given, dict) and given.keys() == wanted.keys() and all(equal(given[key], wanted[key]) for key in wanted)
    if isinstance(wanted, (list, tuple)):
        sized = isinstance(given, (list, tuple)) and len(given) == len(wanted)
        return sized and all(equal(*pair) for pair in zip(given, wanted, strict=True))
    if isinstance(given, (str, bool)):
        return False
    try:
        numbers, right = read(given), read(wanted)
    except UnreadableError:
        return False
    return numbers.shape == right.shape and same(numbers, right)


def shown(result: Any) -> str:
    """A result in a few words."""
    if isinstance(result, (list, tuple)) and result and not isinstance(result[0], (int, float)):
        return f"({', '.join(map(shown, result))})"
    if result is None or isinstance(result, (str, bool, dict)):
        return reprlib.repr(result)
    try:
        array = array_of(result)
    except Exception:  # noqa: BLE001 (a student's object may do anything when it is looked at)
        return f"a {type(result).__name__}"
    return told(array) if array.dtype.kind in "iufc" and array.size else reprlib.repr(result)
