"""What is shown, before any page: the whole graph and the insides of its folds, each laid out for one to three widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

__all__ = ["Drawn", "Layout", "Sheet", "data"]


@dataclass(frozen=True)
class Layout:
    """A picture at its natural size, in pixels; ``least`` is the scale under which its text gets too small to be read."""

    svg: str
    width: float
    height: float
    least: float = 0.9


@dataclass(frozen=True)
class Sheet:
    """One thing to look at: ``key`` is "" for the whole graph, "f3" for the inside of fold 3; ``parent`` is the key it is in.

    ``layouts`` stand in order of preference: the first that fits a column is shown, or else the narrowest, which is panned.
    """

    key: str
    title: str
    layouts: tuple[Layout, ...]
    parent: str = ""


class Drawn(Protocol):
    """What can be shown as pictures: a `microtorch.viz.Drawing` is one. Its ``repr`` says the same in words."""

    @property
    def sheets(self) -> Sequence[Sheet]:
        """The whole graph first, then the folds."""

    @property
    def alt(self) -> str:
        """The picture in a sentence or two, for those who do not see it."""


def data(sheets: Sequence[Sheet]) -> list[dict[str, Any]]:
    """The sheets for the viewer, as JSON-able data."""
    return [asdict(sheet) for sheet in sheets]
