"""Whose output is a widget? That of a notebook's cell: when the cell is run again, or deleted, its widgets are closed.

Nobody else lets go of them: ipywidgets holds every widget that was not closed, and so all that the widget shows.
"""

from __future__ import annotations

import sys
from typing import Any, Protocol
from weakref import WeakKeyDictionary

__all__ = ["close_with_cell"]


class Closable(Protocol):
    """A widget."""

    def close(self) -> None:
        """Remove it from the page."""


_made_in: WeakKeyDictionary[Closable, tuple[str, str]] = WeakKeyDictionary()  # for each widget: a cell, and one run of it
_shells: list[Any] = []  # those whose events are followed: one, but in tests


def close_with_cell(widget: Closable) -> None:
    """Close the widget as soon as the cell that now runs is run again, or any cell after it was deleted.

    Outside notebooks, and in those that do not say which cell is run, nothing happens.
    """
    shell = _shell()
    cell, run = _running(shell)
    if cell:
        _made_in[widget] = cell, run
        if not any(each is shell for each in _shells):
            shell.events.register("pre_run_cell", _before_a_cell)
            _shells.append(shell)


def _before_a_cell(info: Any) -> None:
    shell = _shell()
    cell, run = _running(shell)
    gone = {cell, *_metadata(shell).get("deletedCells", ())}
    for widget, (its_cell, its_run) in [*_made_in.items()]:
        if its_cell in gone and its_run != run:
            widget.close()
            _made_in.pop(widget, None)


def _shell() -> Any:
    """What runs the cells; None outside IPython."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _running(shell: Any) -> tuple[str, str]:
    """The id of the cell that is being run, and that of the request to run it; "" where nobody says."""
    return _metadata(shell).get("cellId") or "", _request(shell).get("header", {}).get("msg_id", "")


def _metadata(shell: Any) -> dict[str, Any]:
    """What the notebook has told with its request."""
    found: dict[str, Any] = _request(shell).get("metadata", {})
    return found


def _request(shell: Any) -> dict[str, Any]:
    """The message of Jupyter's protocol that is being answered."""
    ask = getattr(shell, "get_parent", None)
    return (ask() if callable(ask) else None) or {}
