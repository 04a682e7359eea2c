"""Version counters: how a node notices that a value it saved has been changed in place since.

Every in-place operation raises the number in the version cell of the Variable it changes. Views share the cell of their base,
and ``detach()`` shares it too; ``.data`` gets a cell of its own, which is how it goes unnoticed. A node keeps each saved array
with the cell and the number it had: if backward finds another number there, the gradient would be wrong, and it says so.
"""

from __future__ import annotations

import sys
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .node import Node
    from .variable import Variable

__all__ = ["INFERENCE", "Version", "count", "stamps", "unchanged", "version_of"]

Stamp = tuple["Version", int] | None  # of a saved value: its cell and the number then; None for what is no Variable's

_PACKAGE = __name__.partition(".")[0] + "."


class Version:
    """How often the values in some memory were changed in place, and what did it last."""

    __slots__ = ("code", "line", "number", "operation", "variable")

    number: int
    operation: str
    variable: str | None  # the name of what it changed
    code: CodeType  # with `line`, where the last in-place operation stands
    line: int

    def bump(self, operation: str, variable: str | None) -> None:
        """Note an in-place operation, and the line that asked for it."""
        frame = sys._getframe(1)
        while frame.f_globals.get("__name__", "").startswith(_PACKAGE) and frame.f_back is not None:
            frame = frame.f_back
        self.operation, self.variable, self.code, self.line = operation, variable, frame.f_code, frame.f_lineno
        self.number += 1


class _Inference(Version):
    """The cell of everything made in inference mode, where nobody counts."""

    __slots__ = ()

    @property
    def number(self) -> int:  # type: ignore[override]
        raise RuntimeError("Inference tensors do not track version counter.")


INFERENCE = _Inference()


def version_of(variable: Variable) -> Version:
    """The cell of a Variable, made when somebody first asks for it."""
    cell = variable._version_cell
    if cell is None:
        cell = variable._version_cell = Version()
        cell.number = 0
    return cell


def count(variable: Variable, operation: str) -> None:
    """Raise the version of a Variable that ``operation`` changes in place, where versions are counted."""
    if variable._version_cell is not INFERENCE:
        version_of(variable).bump(operation, variable.name)


def stamps(values: tuple[Any, ...], node: Node) -> tuple[Stamp, ...] | None:
    """What ``node`` remembers of these values beside their arrays; None where no Variable is among them."""
    marks: tuple[Stamp, ...] = ()
    found = False
    for value in values:
        if value.__class__ is Variable or isinstance(value, Variable):
            cell = value._version_cell
            if cell is None:
                cell = value._version_cell = Version()
                cell.number = 0
            elif cell is INFERENCE:
                raise RuntimeError(
                    f"Inference tensors cannot be saved for backward: {value._described()}, by {node.name()}. To work around "
                    "you can make a clone to get a normal tensor and use it in autograd."
                )
            found = True
            marks += ((cell, cell.number),)
        else:
            marks += (None,)
    return marks if found else None


def unchanged(versions: tuple[Stamp, ...]) -> bool:
    """Whether nothing was changed in place since these were noted."""
    for stamp in versions:  # noqa: SIM110 - all() takes four times as long
        if stamp is not None and stamp[0].number != stamp[1]:
            return False
    return True
