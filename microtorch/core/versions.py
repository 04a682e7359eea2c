"""How does a node notice that a value it saved has been changed in place since? By version counters.

Every in-place operation raises the number in the version cell of the Variable it changes. Views share the cell of their base,
and ``detach()`` shares it too; ``.data`` gets a cell of its own, which is how it goes unnoticed. A node keeps each saved array
with the cell and the number it had (or with a leaf itself, which it holds anyway, while that has no cell): if backward finds
another number there, the gradient would be wrong, and it says so.

Most Variables are never changed in place. So a cell is made when somebody first counts; and where nothing at all was changed
since a node was made, backward need not look.
"""

from __future__ import annotations

import sys
from itertools import count as counting
from threading import RLock
from types import CodeType
from typing import Any, Protocol, TypeVar, Union

__all__ = ["INFERENCE", "Version", "change", "count", "counted", "stamp", "version_of"]

# Of a saved value: the cell and its number; a leaf itself, where nobody had counted then; None for what is no Variable's.
Stamp = Union["Counted", tuple["Version", int], None]

next_sequence_nr = counting().__next__  # the clock of the whole package: it numbers nodes and changes
latest = -1  # when something was changed in place for the last time: what was saved later, is unchanged

V = TypeVar("V", bound="Counted")

_lock = RLock()  # entered again by a signal handler that changes something in place
_PACKAGE = __name__.partition(".")[0] + "."


class Counted(Protocol):
    """What has versions: a Variable."""

    name: str | None
    _version_cell: Version | None

    def _described(self) -> str: ...


class Version:
    """How often the values in some memory were changed in place, and what did it last."""

    __slots__ = ("code", "line", "number", "operation", "variable")

    number: int
    operation: str
    variable: str | None  # the name of what it changed
    code: CodeType  # with `line`, where the last in-place operation stands
    line: int

    def bump(self, operation: str, variable: str | None, code: CodeType, line: int) -> None:
        """Note an in-place operation, and where it was asked for."""
        global latest
        self.operation, self.variable, self.code, self.line = operation, variable, code, line
        self.number += 1
        with _lock:  # or of two threads, the one with the smaller number might be the last to write it
            latest = next_sequence_nr()


class _Inference(Version):
    """The cell of everything made in inference mode, where nobody counts."""

    __slots__ = ()

    @property
    def number(self) -> int:  # type: ignore[override]
        raise RuntimeError("Inference tensors do not track version counter.")


INFERENCE = _Inference()


def version_of(variable: Counted) -> Version:
    """The cell of a Variable, made when somebody first asks for it."""
    cell = variable._version_cell
    if cell is None:
        cell = variable._version_cell = Version()
        cell.number = 0
    return cell


def count(*variables: Counted, operation: str) -> None:
    """Raise the versions of Variables that ``operation`` changes in place, where versions are counted."""
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__", "").startswith(_PACKAGE) and frame.f_back is not None:
        frame = frame.f_back  # to the line that asked for it
    for each in variables:
        if each._version_cell is not INFERENCE:
            version_of(each).bump(operation, each.name, frame.f_code, frame.f_lineno)


def counted(variable: V) -> V:
    """The Variable, which has its cell from now on."""
    version_of(variable)
    return variable


def stamp(variable: Counted, node: Any) -> Stamp:
    """What ``node`` remembers of a Variable that it saves, beside its array: not the Variable, whose memory it would keep.

    From its own output, or what is later computed in place from its own output, that would also lead in a circle.
    """
    cell = variable._version_cell
    if cell is None:
        cell = variable._version_cell = Version()
        cell.number = 0
    elif cell is INFERENCE:
        raise RuntimeError(
            f"Inference tensors cannot be saved for backward: {variable._described()}, by {node.name()}. To work around "
            "you can make a clone to get a normal tensor and use it in autograd."
        )
    return cell, cell.number


def change(stamp: Stamp) -> tuple[Version, int] | None:
    """The cell, and the number it had, of what was changed in place since it was saved; None where nothing was."""
    if stamp is None:
        return None
    cell, number = stamp if isinstance(stamp, tuple) else (stamp._version_cell, 0)
    return None if cell is None or cell.number == number else (cell, number)
