"""``draw`` and ``card``: a live graph or Variable, seen once, as something that shows itself and can be kept."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from .graph.fold import fold as folded
from .graph.fold import opened
from .graph.names import Names, checked
from .graph.norms import norm, of_leaves, with_norms
from .graph.snapshot import Root, Snapshot, describe, freeze
from .graph.view import View
from .graph.walk import is_variable, what
from .page.export import export_html
from .page.notebook import mimebundle
from .page.sheets import Layout, Sheet
from .picture import choosing, dot, svg
from .picture.graphviz import GraphvizMissingError, render
from .picture.layout import Picture
from .picture.pinned import pinned
from .picture.scene import Scene
from .words import folds, text

MOST = 100_000  # nodes of which a picture can tell, in folds: of a larger graph, those nearest to the roots
FEW = 40  # boxes, where about 80 do not fit
INSIDES = 24  # folds that a page can open: of more, each would wait for its picture


class Drawing:
    """A picture of a graph as it was when it was drawn: it holds no array and no node.

    In a notebook it shows itself, as wide as its cell; as text it is a table that says the same.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        detail: str = "auto",
        fold: Literal["auto"] | bool | Iterable[str] = "auto",
        direction: str = "auto",
    ) -> None:
        self.snapshot = snapshot
        self.detail = detail
        self.fold = fold
        self.direction = direction
        self.view = folded(snapshot, fold)

    def __repr__(self) -> str:
        alone = [node for node, box in self.view.boxes.items() if box[0] == "n"]
        return text.render(self.snapshot, alone, folds.folds(self.view))

    @cached_property
    def picture(self) -> Picture:
        """Everything in its place, for a notebook's usual column.

        Raises:
            GraphvizMissingError: there is nothing to place the boxes with.
        """
        return self.fitting(choosing.COLUMNS[0])

    def fitting(self, width: float) -> Picture:
        """Everything in its place, for a column of some pixels."""
        return choosing.fitting(self.views(), width, self.detail, self.direction)

    def views(self) -> Iterator[View]:
        """The graph with more and more in folds, as far as nothing is asked for: the first that fits a column is drawn there."""
        yield self.view
        outermost = self.view.outermost
        if self.fold == "auto" and outermost:
            yield self.fewer
            inner = tuple(each for fold in outermost for each in fold.folds)  # a network's layers rather than itself
            yield View(self.snapshot, inner, outermost=outermost)
            yield View(self.snapshot, outermost, outermost=outermost)

    @cached_property
    def fewer(self) -> View:
        """The graph in fewer boxes."""
        return folded(self.snapshot, limit=FEW)

    @property
    def svg(self) -> str:
        """The picture's source.

        Raises:
            GraphvizMissingError: there is nothing to place the boxes with.
        """
        return self.painted(self.picture)

    def painted(self, picture: Picture) -> str:
        """A picture as SVG."""
        return svg.draw(picture)

    @property
    def alt(self) -> str:
        """The picture in sentences, for those who do not see it."""
        return text.describe(self.snapshot)

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The whole graph, for a wide column and for a narrow one; then the insides of the folds that are closed there.

        Raises:
            GraphvizMissingError: there is nothing to place the boxes with.
        """
        shown = [self.picture, self.fitting(choosing.COLUMNS[1])]
        whole = Sheet("", text.title(self.snapshot), tuple(dict.fromkeys(map(self.layout, shown))))
        within = list(insides([each.view for each in shown]))
        detail = self.detail if self.detail in {"none", "values"} else "compact"
        pictures = choosing.fitting_each([[view] for view, _ in within], choosing.COLUMNS[0], detail, self.direction)
        return whole, *(self.inside(picture, parent) for picture, (_, parent) in zip(pictures, within, strict=True))

    def inside(self, picture: Picture, parent: str) -> Sheet:
        """What is seen of a fold that is opened."""
        fold = picture.view.inside
        assert fold is not None
        return Sheet(f"f{fold.id}", fold.label, (self.layout(picture),), parent)

    def layout(self, picture: Picture) -> Layout:
        """A picture as a page takes it."""
        return Layout(self.painted(picture), picture.width, picture.height)

    def save(self, path: str | Path) -> None:
        """Write the picture to a file, in the format its name ends with: svg, png, pdf, html, dot or txt.

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

    def _repr_html_(self) -> str | None:
        return self._repr_mimebundle_().get("text/html")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        try:
            return mimebundle(self)
        except GraphvizMissingError as missing:
            if missing.failed:  # without any Graphviz there are just the words; but a broken one should be known
                warnings.warn(str(missing), RuntimeWarning, stacklevel=2)
            return {"text/plain": repr(self)}


FORMATS: dict[str, Callable[[Drawing], bytes]] = {
    ".svg": lambda drawing: drawing.svg.encode(),
    ".png": lambda drawing: render(pinned(drawing.picture), form="png", pinned=True),
    ".pdf": lambda drawing: render(pinned(drawing.picture), form="pdf", pinned=True),
    ".html": lambda drawing: export_html(drawing).encode(),
    ".dot": lambda drawing: dot.graph(Scene.of(drawing.picture.view, drawing.picture.detail, "right"), words=True).encode(),
    ".txt": lambda drawing: f"{drawing!r}\n".encode(),
}


def insides(shown: Iterable[View]) -> Iterator[tuple[View, str]]:
    """What the folds of these views open to, the outer ones first, each with the key of the sheet in which it stands."""
    waiting = [(view, fold, "") for view in shown for fold in view.folds]
    seen: set[int] = set()
    for view, fold, parent in waiting:  # grows while it is walked
        if fold.id not in seen and len(seen) < INSIDES:
            seen.add(fold.id)
            inner = opened(view, fold)
            waiting += [(inner, each, f"f{fold.id}") for each in inner.folds]
            yield inner, parent


def draw(
    *roots: Any,
    detail: Literal["auto", "none", "compact", "values", "full"] = "auto",
    fold: Literal["auto"] | bool | Iterable[str] = "auto",
    direction: Literal["auto", "right", "down"] = "auto",
    names: Mapping[str, Any] | None = None,
) -> Drawing:
    """Draw the graph behind ``roots``: Variables, PyTorch's tensors, or nodes (``out.grad_fn``).

    Thin solid arrows show the way of the values, thick dashed ones that of the gradients. Variables are called as ``names``
    says, as they call themselves (``y.name``), or as the calling code calls them.

    After ``backward()`` the norm of a leaf's gradient stands on its edge; of a trace (`trace`), those of all edges.

    Args:
        roots: what the graph is read from; or one trace.
        detail: how much is written, each more than the one before: "none", operations and their constants alone, with the
            leaves' numbers in the table; "compact", names and shapes, too; "values", each Variable as a card; "full", the
            rules and what is saved. By itself, a small graph is drawn in full where there is room, and others compact.
        fold: whether modules, time steps, blocks that repeat and long chains are one box each, which opens: True for all of
            them, False for none, or the names of some. By itself, as few as it takes to show about 80 boxes.
        direction: "right", with the inputs on the left, or "down", with the inputs above.
        names: names to Variables.

    Raises:
        TypeError: a root is neither a Variable nor a node.
        ValueError: a root has no graph; or an argument is none of those above, or names no fold.

    >>> import microtorch
    >>> x = microtorch.ones(2, 2, requires_grad=True)
    >>> y = x * 3
    >>> draw(y)
    Graph of y: 1 leaf, 1 function. Values flow down the table, gradients back up.
    ...
    """
    choosing.checked("detail", detail, choosing.DETAILS)
    choosing.checked("direction", direction, choosing.DIRECTIONS)
    return Drawing(frozen(roots, names), detail, fold, direction)


def frozen(roots: Sequence[Any], names: Mapping[str, Any] | None) -> Snapshot:
    """The graph to draw, with the gradients' norms where they are known: of leaves, or from a trace, of all."""
    if len(roots) == 1 and hasattr(roots[0], "snapshot") and hasattr(roots[0], "steps"):
        sent = [each for step in roots[0].steps for each in step.sent]
        return with_norms(roots[0].snapshot, {each.edge.id: norm(each.value.summary) for each in sent if each.value})
    snapshot = freeze(*roots, names=names, limit=MOST)[0]
    return with_norms(snapshot, of_leaves(snapshot))


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
