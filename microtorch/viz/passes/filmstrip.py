"""A pass as a strip of frames, one a step: for print and slides, where nothing moves."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from ..words.text import table
from .steps import Recording
from .story import Story
from .trace import Trace, trace
from .words import label

__all__ = ["Filmstrip", "filmstrip"]

FRAMES = 24  # in a strip; of a longer pass the first and the last ones
LEAVES = 4  # whose .grad each frame shows
WIDE = 4  # frames in a row
WIDTH, HEIGHT, GAP, LINE = 250, 180, 12, 15
LETTERS = 36  # in a line of a frame
COLOURS = {"frame": "#f7f7f7", "border": "#666666", "text": "#111111", "quiet": "#666666", "new": "#d55e00", "failed": "#b00020"}


class Filmstrip:
    """The steps of one backward pass, each a frame with its sentence and the leaves' ``.grad`` after it.

    In a notebook it shows itself; as text it is a table that says the same. It holds no array, no node and no leaf.
    """

    def __init__(self, recorded: Recording) -> None:
        self._story = Story(recorded)
        self._grads = [(k, step) for k, step in enumerate(recorded.steps, 1) if step.grad is not None]
        self._positions = range(recorded.start, recorded.end + 1)

    def __repr__(self) -> str:
        shown = self._grads[:LEAVES]
        names = [f"{self._story.titles[step.node]}.grad" for _, step in shown]
        rows: list[tuple[str, ...]] = [("#", *names, "what happens")]
        left_out = "…", *["…"] * len(shown), self._left_out()
        rows += [left_out if k is None else (str(k), *self._cells(k), self._sentence(k)) for k in self._frames()]
        return "\n".join([f"{self._story.title}, {self._story.length}{self._more()}:", *table(rows)])

    def _more(self) -> str:
        return f", the first {LEAVES} of {len(self._grads)} leaves" if len(self._grads) > LEAVES else ""

    def _left_out(self) -> str:
        return f"{len(self._positions) - FRAMES:,} more steps"

    def _frames(self) -> list[int | None]:
        """The positions shown; None where some are left out."""
        if len(self._positions) <= FRAMES:
            return [*self._positions]
        return [*self._positions[: FRAMES // 2], None, *self._positions[-FRAMES // 2 :]]

    def _sentence(self, k: int) -> str:
        return self._story.sentence(k)

    def _cells(self, k: int) -> list[str]:
        """What the leaves' ``.grad`` holds after ``k`` steps."""
        values = [(step.grad.new if turn <= k else step.grad.old) for turn, step in self._grads[:LEAVES] if step.grad is not None]
        trace = self._story.trace
        told = [change for part in trace.updates[: max(k - len(trace.steps), 0)] for change in part if change.kind != "update"]
        since = {change.node: change.new for change in told}
        held = [since.get(step.node, value) for (_, step), value in zip(self._grads, values, strict=False)]
        return ["None" if value is None else label(value) for value in held]

    @property
    def svg(self) -> str:
        """The strip as a picture, of presentation attributes only."""
        frames = self._frames()
        rows = -(-len(frames) // WIDE)
        width, height = min(len(frames), WIDE) * (WIDTH + GAP) + GAP, rows * (HEIGHT + GAP) + GAP
        drawn = [self._frame(k, GAP + i % WIDE * (WIDTH + GAP), GAP + i // WIDE * (HEIGHT + GAP)) for i, k in enumerate(frames)]
        title = escape(f"{self._story.title}, {self._story.length}")
        size = f'width="{width}" height="{height}"'
        head = f'{size} viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" font-size="12"'
        words = f"<title>{title}</title><desc>{escape(repr(self))}</desc>"
        page = f'<rect {size} fill="#ffffff"/>{"".join(drawn)}'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {head}>{words}{page}</svg>\n'

    def _frame(self, k: int | None, x: int, y: int) -> str:
        if k is None:
            words = self._left_out()
            return (
                f'<g class="mt-gap">{line(x + WIDTH / 2, y + HEIGHT / 2, f"… {words} …", COLOURS["quiet"], anchor="middle")}</g>'
            )
        steps = self._story.trace.steps
        step = steps[k - 1] if 0 < k <= len(steps) else None
        failed = step is not None and bool(step.error)
        border = (
            COLOURS["failed"] if failed else COLOURS["new"] if step is not None and step.grad is not None else COLOURS["border"]
        )
        box = f'x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="4" fill="{COLOURS["frame"]}" stroke="{border}"'
        found = [line(x + WIDTH - 8, y + 18, self._story.place(k), COLOURS["quiet"], anchor="end")]
        head = textwrap.shorten(self._story.head(k), 26 if len(self._story.place(k)) < 10 else 21, placeholder="…")
        found.append(line(x + 8, y + 18, head, COLOURS["text"], bold=True))
        told = textwrap.wrap(self._sentence(k), LETTERS)
        room = (HEIGHT - 50) // LINE - len(self._cells(k))
        told = told if len(told) <= room else [*told[: room - 1], f"{told[room - 1][: LETTERS - 1]}…"]
        found += [line(x + 8, y + 38 + LINE * i, each, COLOURS["text"]) for i, each in enumerate(told)]
        cells = list(zip(self._grads, self._cells(k), strict=False))
        for i, ((turn, leaf), cell) in enumerate(cells):
            name = self._story.titles[leaf.node]
            text = textwrap.shorten(f"{name}.grad = {cell}", LETTERS, placeholder="…")
            colour = COLOURS["new"] if turn == k else COLOURS["quiet"]
            found.append(line(x + 8, y + HEIGHT - 10 - LINE * (len(cells) - 1 - i), text, colour, bold=turn == k))
        return f'<g class="mt-frame"><rect {box}/>{"".join(found)}</g>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "image/svg+xml": self.svg}

    def save(self, path: str | Path) -> None:
        """Write the strip to a file, in the format its name ends with: svg or txt.

        Raises:
            ValueError: the name ends with something else. Nothing is written then.
        """
        path = Path(path)
        make = FORMATS.get(path.suffix.lower())
        if make is None:
            raise ValueError(f"cannot save {path.name!r}: the name has to end with the format, one of {', '.join(FORMATS)}")
        path.write_text(make(self), encoding="utf-8")


FORMATS: dict[str, Callable[[Filmstrip], str]] = {
    ".svg": lambda strip: strip.svg,
    ".txt": lambda strip: f"{strip!r}\n",
}


def line(x: float, y: float, text: str, colour: str, *, anchor: str = "start", bold: bool = False) -> str:
    """One line of text in the picture."""
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{colour}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'


def filmstrip(root: Any, gradient: Any = None, *, forward: bool = False) -> Filmstrip:
    """The backward pass from ``root`` as a strip of frames, one a step: for print and slides.

    Args:
        root: what to start from: whatever `trace` takes; or a trace, with the update that follows it.
        gradient: the gradient to begin with, of ``root``'s shape; may be left out for a single element.
        forward: begin before the graph exists, as `step` does.

    Raises:
        TypeError: ``root`` is nothing that can be walked.
        RuntimeError: whatever ``root.backward(gradient)`` refuses to begin with.

    >>> import microtorch
    >>> x = microtorch.tensor(2.0, requires_grad=True)
    >>> out = x * 3
    >>> filmstrip(out)
    backward() from out, 2 steps:
      #  x.grad  what happens
      0  None    Nothing has run yet: backward() will start at MulBackward0 (out) with 1.
      1  None    MulBackward0 (out) receives 1 and sends 3 to x.
      2  3       x accumulates 3: x.grad was None and is now 3.
    """
    if isinstance(root, Trace):
        return Filmstrip(root)
    walk = trace(root, gradient, forward=forward)
    walk.close()
    return Filmstrip(walk)
