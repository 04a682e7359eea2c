"""An answer of a student's: read, whatever it is, and compared as generously as float32 and a pocket calculator ask for."""

from __future__ import annotations

import ast
import re
import reprlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.names import clean
from ..graph.summary import array_of

__all__ = ["UnreadableError", "near", "read", "same"]

Array = NDArray[Any]

CLOSE = 1e-3  # of a number: what four digits, as everything here is shown with, may be off after a product or two
SMALL = 1e-6  # of the largest element: what float32 leaves of a zero
NEAR = 0.05  # of a number: two digits
LONGEST = 10_000  # characters of a typed answer


class UnreadableError(ValueError):
    """What was answered is no number; the message says so to the student."""


def read(answer: Any) -> Array:
    """A number, nested lists, a Variable, a tensor, an array; or what someone has typed.

    That is "2.25", "2/3", "[[1, 2], [3, 4]]", "1 2; 3 4", "2.25 everywhere".

    Raises:
        UnreadableError: it is nothing of that.
    """
    if answer is None:
        raise UnreadableError("Nothing was answered: a number is wanted, or nested lists of numbers.")
    try:
        array = typed(answer) if isinstance(answer, str) else array_of(answer)
        if array.dtype.kind not in "iufc":
            raise ValueError("no number")
    except Exception as error:  # whatever a student's object does when it is looked at
        raise UnreadableError(f"{shown(answer)} cannot be read as a number or as nested lists of numbers.") from error
    return array


def shown(answer: Any) -> str:
    """What was answered, short."""
    if isinstance(answer, (str, int, float, list, tuple, dict, set)):
        return clean(reprlib.repr(answer), 60)
    return clean(f"a {type(answer).__name__}", 60)


def typed(text: str) -> Array:
    """Numbers as they are written; arithmetic of them is worked out."""
    if len(text) > LONGEST:
        raise ValueError("too long")
    return np.asarray(worked_out(ast.parse(bracketed(text.strip().replace("−", "-")), mode="eval").body))


def bracketed(text: str) -> str:
    """Numbers as they are written on paper, in Python's words; the page's ask.js does the same.

    >>> [bracketed(each) for each in ("1 2; 3 -4", "1 2", "3 - 4", "9/2 everywhere", "[1, 2]")]
    ['[[1, 2], [3, -4]]', '[1, 2]', '3-4', '9/2', '[1, 2]']
    """
    text = re.sub(r"\s+(everywhere|each|in each\b.*)$", "", text)
    if re.search(r"[\[(]", text):
        return text
    tight = re.sub(r"\s*([*/])\s*|\s*([+-])\s+", r"\1\2", text)
    rows = [", ".join(re.split(r"\s*,\s*|\s+", row.strip())) for row in tight.split(";")]
    if len(rows) > 1:
        return f"[[{'], ['.join(rows)}]]"
    return f"[{rows[0]}]" if "," in rows[0] else rows[0]


def worked_out(tree: ast.expr) -> Any:
    """Numbers, lists, and + - * / of numbers."""
    match tree:
        case ast.Constant(value=float() | int() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id="nan" | "inf" as name):
            return float(name)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [worked_out(part) for part in parts]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -number(inner)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return number(inner)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return number(left) + number(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return number(left) - number(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return number(left) * number(right)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return number(left) / number(right)
    raise ValueError("no number")


def number(tree: ast.expr) -> float:
    """A single number, which a list is not."""
    value = worked_out(tree)
    if isinstance(value, list):
        raise TypeError("a list")
    return float(value)


def same(given: Array, wanted: Array, scale: float = 0.0) -> bool:
    """Whether an answer is taken for this: also one number for an array that is the same everywhere."""
    return within(given, wanted, CLOSE, scale)


def near(given: Array, wanted: Array) -> bool:
    """Whether an answer is this, rounded too much."""
    return within(given, wanted, NEAR, 0.0)


def within(given: Array, wanted: Array, share: float, scale: float) -> bool:
    """Whether all elements are as near as that; beside elements of this size, a millionth is nothing."""
    if given.shape != wanted.shape:
        if given.ndim or not wanted.size or not (wanted == wanted.flat[0]).all():
            return False
        given = np.broadcast_to(given, wanted.shape)
    finite = np.abs(wanted[np.isfinite(wanted)])
    least = SMALL * max(scale, float(finite.max()) if finite.size else 0.0)
    with np.errstate(all="ignore"):
        return bool(np.allclose(given, wanted, rtol=share, atol=least, equal_nan=True))
