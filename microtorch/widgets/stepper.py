"""The backward stepper in a notebook: a thin view on a recorded pass, drawn by static/stepper.js from plain data."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from html import escape
from typing import Any, Protocol

import anywidget
import traitlets

from ..viz.page import source
from .cells import close_with_cell

__all__ = ["BackwardStepper", "Walk"]

VIEW = "application/vnd.jupyter.widget-view+json"


class Asking(Protocol):
    """What asks about a pass: a `microtorch.viz.Quiz` is one."""

    def score(self) -> dict[str, Any]:
        """How it goes."""

    def reply(self, message: Any) -> dict[str, Any] | None:
        """What the page is told when it asks; None where that is no question."""


class Nudging(Protocol):
    """Finite differences beside gradients: a `microtorch.viz.Nudge` is one."""

    def page(self) -> dict[str, Any]:
        """All of it."""

    def nodes(self, walk: Any) -> dict[int, list[int]]:
        """Which of them are those of which leaf."""

    def reply(self, message: Any) -> dict[str, Any] | None:
        """What the page is told when it asks; None where that is no question."""


class Walk(Protocol):
    """What can be walked in a page: a `microtorch.viz.Trace` is one."""

    position: int
    is_open: bool

    @property
    def start(self) -> int:
        """The first position."""

    @property
    def end(self) -> int:
        """The last position."""

    @property
    def quiz(self) -> Asking | None:
        """The questions about it; None where nothing is asked."""

    def goto(self, position: int) -> None:
        """Stand at a position, from ``start`` to ``end``."""

    def page(self) -> dict[str, Any]:
        """All that is drawn, as JSON-able data."""

    def answer(self, message: Any) -> dict[str, Any] | None:
        """What the page is told when it asks for more of a long pass; None where that is no question."""

    def still(self, story: dict[str, Any], mark: str) -> dict[str, str]:
        """What a notebook keeps, by MIME type; in HTML an element with ``mark`` as its ``data-of``."""

    def note(self) -> str:
        """What the reader should know where it stands; "" for nothing."""

    def close(self) -> None:
        """Leave everything as it was before."""


class BackwardStepper(anywidget.AnyWidget):
    """Walks a recorded backward pass: where it stands, there the leaves' real ``.grad`` stands too.

    ``position`` can be set from Python as well as by the reader; a value that is no position is ignored. While ``predict`` is on,
    each gradient is asked for before it is shown, and no view goes beyond an open question.

    Made by `microtorch.viz.step`. It is closed when the cell that made it is run again.
    """

    # As text: of a file whose path it is given, anywidget waits for changes, and holds every widget for that, closed ones too.
    _esm = source.module("stepper")
    _css = source.css("stepper")

    data = traitlets.Dict().tag(sync=True)
    # Any: what a browser sends is judged by _judge, instead of being answered by a traceback.
    position = traitlets.Any(0).tag(sync=True)
    predict = traitlets.Bool(False).tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)
    mark = traitlets.Unicode().tag(sync=True)  # of what stands in the page until the widget takes its place

    def __init__(self, walk: Walk, *, predict: bool = False, nudge: Nudging | None = None) -> None:
        self.trace = walk
        self._nudge = nudge
        told = {} if nudge is None else {"nudge": nudge.page() | {"nodes": nudge.nodes(walk)}}
        mark = secrets.token_hex(8)
        super().__init__(data=walk.page() | told, position=walk.position, note=walk.note(), predict=predict, mark=mark)
        self.on_msg(self._answer)
        close_with_cell(self)

    @property
    def score(self) -> dict[str, Any]:
        """What came of the questions so far: see `microtorch.viz.Quiz.score`."""
        return self.trace.quiz.score() if self.trace.quiz is not None else {}

    def _answer(self, _: Any, message: Any, __: Any) -> None:
        those_asked = (self.trace.answer, *(each.reply for each in (self.trace.quiz, self._nudge) if each is not None))
        answer = next(filter(None, (each(message) for each in those_asked)), None)
        if answer is not None:
            self.send(answer)

    @traitlets.validate("position")
    def _judge(self, proposal: Any) -> int:
        value = proposal["value"]
        known = type(value) is int and self.trace.start <= value <= self.trace.end and self.trace.is_open
        return value if known else self.trace.position

    @traitlets.observe("position")
    def _follow(self, change: Any) -> None:
        try:
            self.trace.goto(change["new"])
        except BaseException:
            self.position = self.trace.position  # no move was made, and the page shall not show one
            raise
        self.note = self.trace.note()

    def close(self) -> None:
        """Give the leaves back as they were before the pass, and remove the view."""
        try:
            self.trace.close()
        finally:
            self._nudge = None
            super().close()
        self.data = {}

    def _ipython_display_(self) -> None:
        """Show it, and what the notebook keeps of it.

        As two outputs, since programs that know widgets look at nothing else in theirs: without a kernel it would stay empty.
        """
        from IPython.display import publish_display_data

        publish: Callable[..., None] = publish_display_data  # which has no types
        publish(self._kept() | {"text/plain": repr(self)})
        if self.data and (shown := self._repr_mimebundle_()):
            data, metadata = shown
            publish({VIEW: data[VIEW]}, metadata)

    def _kept(self) -> dict[str, str]:
        """Of a closed one nothing but its words; of one that asks, nothing that tells an answer."""
        if self.data and self.predict:
            return {"text/html": f'<div class="mt-still" data-of="{self.mark}"><pre>{escape(repr(self))}</pre></div>'}
        return self.trace.still(self.data, self.mark) if self.data else {}

    def __repr__(self) -> str:
        return f"BackwardStepper: {self.trace.quiz if self.predict else self.trace!r}"
