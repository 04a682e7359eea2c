"""``draw`` and ``card``: a live graph or Variable, seen once, as something that shows itself and can be kept."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Callable, Mapping
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from .graph.names import Names, checked
from .graph.snapshot import Root, Snapshot, describe, freeze
from .graph.view import View
from .graph.walk import is_variable, what
from .picture import dot, layout, svg
from .picture.graphviz import GraphvizMissingError, render
from .picture.pinned import pinned
from .picture.scene import Scene
from .words import text

LIMIT = 200  # nodes in a picture


class Drawing:
    """A picture of a graph as it was when it was drawn: it holds no array and no node.

    In a notebook it shows itself; as text it is a table that says the same. ``svg`` is the picture's source.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def __repr__(self) -> str:
        return text.render(self.snapshot)

    @cached_property
    def svg(self) -> str:
        """The picture.

        Raises:
            GraphvizMissingError: there is nothing to place the boxes with.
        """
        return svg.render(View(self.snapshot))

    def save(self, path: str | Path) -> None:
        """Write the picture to a file, in the format its name ends with: svg, png, pdf, dot or txt.

        Raises:
            ValueError: the name ends with something else. Nothing is written then.
            GraphvizMissingError: there is no Graphviz, which all but txt need.
        """
        path = Path(path)
        make = FORMATS.get(path.suffix.lower())
        if make is None:
            known = ", ".join(FORMATS)
            raise ValueError(f"cannot save {path.name!r}: the name has to end with the format, one of {known}")
        path.write_bytes(make(self))

    def _repr_svg_(self) -> str | None:
        try:
            return self.svg
        except GraphvizMissingError as missing:
            if missing.failed:  # without any Graphviz there are just the words; but a broken one should be known
                warnings.warn(str(missing), RuntimeWarning, stacklevel=2)
            return None

    def _repr_html_(self) -> str | None:
        # As an image in HTML, because JupyterLab shows that in notebooks it does not trust, too: of SVG within HTML it
        # leaves only the words there, and of a bare SVG nothing. And an image has a text for those who do not see it.
        picture = self._repr_svg_()
        if picture is None:
            return None
        width = float(picture.partition('width="')[2].partition('"')[0])
        style = f"max-width: 100%; min-width: {0.75 * width:.0f}px; height: auto"  # made smaller at first, then scrolled
        data = base64.b64encode(picture.encode()).decode()
        image = f'src="data:image/svg+xml;base64,{data}" alt="{escape(text.describe(self.snapshot))}" style="{style}"'
        return f'<div style="overflow-x: auto"><img {image}/></div>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        html = self._repr_html_()
        return {"text/plain": repr(self)} | ({} if html is None else {"text/html": html})


FORMATS: dict[str, Callable[[Drawing], bytes]] = {
    ".svg": lambda drawing: drawing.svg.encode(),
    ".png": lambda drawing: render(pinned(layout.arrange(View(drawing.snapshot))), "png", pinned=True),
    ".pdf": lambda drawing: render(pinned(layout.arrange(View(drawing.snapshot))), "pdf", pinned=True),
    ".dot": lambda drawing: dot.graph(Scene.of(View(drawing.snapshot), "full", "right"), words=True).encode(),
    ".txt": lambda drawing: f"{drawing!r}\n".encode(),
}


def draw(*roots: Any, names: Mapping[str, Any] | None = None) -> Drawing:
    """Draw the graph behind ``roots``: Variables, PyTorch's tensors, or nodes (``out.grad_fn``).

    Inputs stand left and the result right. Thin solid arrows show the way of the values, thick dashed ones that of the
    gradients. Variables are called as ``names`` says, as they call themselves (``y.name``), or as the calling code
    calls them. Of a graph of more than 200 nodes the picture shows those
    nearest to the roots.

    Raises:
        TypeError: a root is neither a Variable nor a node.
        ValueError: a root has no graph.

    >>> import microtorch
    >>> x = microtorch.ones(2, 2, requires_grad=True)
    >>> y = x * 3
    >>> draw(y)
    Graph of y: 1 leaf, 1 function. Values flow down the table, gradients back up.
    ...
    """
    return Drawing(freeze(*roots, names=names, limit=LIMIT)[0])


def card(variable: Any, names: Mapping[str, Any] | None = None) -> Drawing:
    """Draw one Variable: its ``data``, ``grad`` and ``grad_fn``. Needs no Graphviz.

    Raises:
        TypeError: it is no Variable.

    >>> import microtorch
    >>> weight = microtorch.ones(2)
    >>> card(weight)
    weight: Variable (2,) float32, leaf, requires_grad=False, data [1, 1], grad None (not tracked), grad_fn None
    """
    if not is_variable(variable):
        got = what(None) if variable is None else f"a {type(variable).__name__}"
        raise TypeError(f"card(v) shows one Variable; got {got}")
    info = describe(variable, Names(checked(names), [variable], []))
    return Drawing(Snapshot((), (), (Root(None, 0, info),), 0))


def whole(snapshot: Snapshot) -> tuple[str, str]:
    """The graph as SVG, none of it left out; or "" and the reason, where it is too large to be read or nothing can place it."""
    if len(snapshot.nodes) > LIMIT:
        return "", f"A graph of {len(snapshot.nodes)} nodes is too large for a picture: here are its steps in words."
    try:
        return svg.render(View(snapshot)), ""
    except GraphvizMissingError as missing:
        return "", f"There is no picture, only the steps in words: {missing}"
