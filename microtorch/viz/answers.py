"""``compare`` and ``why``: questions about graphs, answered in words and on the picture."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from .drawing import Drawing
from .graph.comparing import compare as comparing
from .graph.comparing import why as reasons
from .graph.snapshot import Snapshot, snapshot
from .page.notebook import notebook_html
from .picture.graphviz import GraphvizMissingError
from .picture.layout import Picture
from .picture.marks import beside, mark
from .words import differences
from .words import reasons as words_of_reasons

__all__ = ["Comparison", "Reason", "compare", "why"]

ONLY, OTHER, ENDS, ON_THE_WAY = "+", "≠", "∅", "✓"
PURPLE, GREEN = "#7B2D8B", "#00704F"  # no arrow and no box has them, and white can be read on them


class Marked(Drawing):
    """A picture on which some nodes are marked."""

    def __init__(self, snapshot: Snapshot, signs: Mapping[int, str], color: str) -> None:
        super().__init__(snapshot)
        self.signs, self.color = signs, color

    def painted(self, picture: Picture) -> str:
        """The picture with its marks: what is marked and stands in a fold, marks the fold."""
        boxes = picture.view.boxes
        return mark(
            super().painted(picture), {boxes[node]: sign for node, sign in self.signs.items() if node in boxes}, self.color
        )


class Answer:
    """What is said, and the pictures beneath it. It holds no array and no node."""

    def __init__(self, words: str, pictures: list[tuple[str, Marked]], legend: str) -> None:
        self._words = words
        self._pictures = pictures
        self._legend = legend

    def __repr__(self) -> str:
        return self._words

    @property
    def svg(self) -> str:
        """The pictures, side by side.

        Raises:
            GraphvizMissingError: there is nothing to place the boxes with.
        """
        found = [picture.svg for _, picture in self._pictures]
        return found[0] if len(found) == 1 else beside(self._words, *found)

    def save(self, path: str | Path) -> None:
        """Write it to a file, in the format its name ends with: html, svg or txt.

        Raises:
            ValueError: the name ends with something else. Nothing is written then.
            GraphvizMissingError: there is no Graphviz, which svg needs.
        """
        path = Path(path)
        match path.suffix.lower():
            case ".txt":
                content = f"{self!r}\n"
            case ".svg":
                content = self.svg
            case ".html":
                title = escape(self._words.partition("\n")[0])
                content = f'<!DOCTYPE html>\n<meta charset="utf-8">\n<title>{title}</title>\n{self._repr_html_()}\n'
            case _:
                raise ValueError(f"cannot save {path.name!r}: the name has to end with the format, one of .html, .svg, .txt")
        path.write_text(content, encoding="utf-8")

    def _repr_html_(self) -> str:
        first, *lines = self._words.split("\n")
        said = f'<p style="margin: 0"><b>{escape(first)}</b></p>' + "".join(
            f'<p style="margin: 4px 0">{escape(line)}</p>' for line in lines
        )
        # Beside each other where there is room, else one beneath the other.
        row = "".join(
            f'<div style="flex: 1 1 380px; min-width: 0"><p style="margin: 4px 0">{escape(name)}</p>{image}</div>'
            for name, picture in self._pictures
            if (image := shown(picture))
        )
        legend = f'<p style="margin: 4px 0"><small>{escape(self._legend)}</small></p>' if row else ""
        return f'<div>{said}<div style="display: flex; flex-wrap: wrap; gap: 12px">{row}</div>{legend}</div>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def shown(picture: Marked) -> str:
    """The picture in HTML, "" where nothing can place it."""
    try:
        return notebook_html(picture.sheets, picture.alt, repr(picture))
    except GraphvizMissingError:
        return ""


# ---- compare --------------------------------------------------------------------------------------------------------


class Comparison(Answer):
    """Two graphs side by side. ``same`` says whether they are alike, ``differences`` in what they are not, in sentences."""

    def __init__(self, found: comparing.Comparison) -> None:
        called = differences.names(found.a.snapshot, found.b.snapshot)
        self.same = not found.differences
        self.differences = differences.sentences(found, called)
        signs = found.signs(ONLY, OTHER)
        sides = zip(called, (found.a, found.b), signs, strict=True)
        pictures = [(name, Marked(side.snapshot, marks, PURPLE)) for name, side, marks in sides]
        words = [differences.heading(found, called), *(f"- {each}" for each in self.differences)]
        legend = f"{ONLY} only in this graph; {OTHER} not the same in the other" if self.differences else ""
        super().__init__("\n".join(words), pictures, legend)


def compare(a: Any, b: Any, names: Mapping[str, Any] | None = None) -> Comparison:
    """Lay two graphs side by side: of the same code on two inputs, or of two programs, in one library or in two.

    ``a`` and ``b`` are Variables, PyTorch's tensors, nodes, or snapshots. Compared is what was computed and from what:
    operations, constants, shapes, and what leads where; not the data. Functions are numbered as in ``snapshot(a)``.

    Raises:
        TypeError: one is neither a Variable nor a node nor a snapshot.
        ValueError: one has no graph.

    >>> import microtorch
    >>> x = microtorch.ones(2, requires_grad=True)
    >>> def turns(count):
    ...     y = x
    ...     for _ in range(count):
    ...         y = y * x + x
    ...     return y.sum()
    >>> compare(turns(3), turns(5))
    a and b are not the same graph: 8 nodes are alike (8 in a, 12 in b).
    - b has 2 more turns of Mul → Add: 5, a has 3 (nodes 7 to 10 of b)
    >>> compare(turns(3), turns(3)).same
    True
    """
    return Comparison(comparing.compare(frozen(a, names), frozen(b, names)))


def frozen(value: Any, names: Mapping[str, Any] | None) -> Snapshot:
    """The snapshot of a graph, or the one that is given."""
    found = value if isinstance(value, Snapshot) else getattr(value, "snapshot", None)
    return found if isinstance(found, Snapshot) else snapshot(value, names=names)


# ---- why ------------------------------------------------------------------------------------------------------------


class Reason(Answer):
    """Why a Variable has its gradient, or none: ``reason``; printed, it says where the path ends, and what to do."""

    def __init__(self, found: reasons.Finding) -> None:
        self.reason = found.reason
        signs = {**dict.fromkeys(found.path, ON_THE_WAY), **{each.node: ENDS for each in found.entries}}
        legend = f"{ON_THE_WAY} on a way from the result to x" if found.path else f"{ENDS} values of x, without a way back to it"
        picture = Marked(found.snapshot, signs, GREEN if found.path else PURPLE)
        super().__init__(words_of_reasons.explain(found), [("", picture)], legend if signs else "")


def why(x: Any, out: Any, names: Mapping[str, Any] | None = None) -> Reason:
    """Say why ``x.grad`` is what it is after ``out.backward()``, most of all where it is None.

    ``reason`` is one of "reached", "not run", "requires no grad", "not a leaf", "values used without history" (the memory of
    x stands in the graph, by ``detach()``, ``.data`` or under ``no_grad()``) and "not used". Nothing is computed, and
    nothing changes.

    Raises:
        TypeError: x is no Variable, or ``out`` neither a Variable nor a node.

    >>> import microtorch
    >>> x = microtorch.ones(2, requires_grad=True)
    >>> y = x * 3
    >>> out = y.sum()
    >>> why(y, out).reason
    'not a leaf'
    >>> why(x, out)
    x and out: not run.
    A path leads from out to x, but no gradient has come along it yet: x.grad is None until you call out.backward().
    The gradient's way: out → Sum → Mul → x.
    """
    return Reason(reasons.examine(x, out, names))
