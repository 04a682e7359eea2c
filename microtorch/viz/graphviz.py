"""Graphviz itself: its own program, or the one that pygraphviz carries; and an error that says how to get one."""

from __future__ import annotations

from subprocess import CalledProcessError
from typing import Any

__all__ = ["GraphvizMissingError", "library", "render"]


class GraphvizMissingError(RuntimeError):
    """There is nothing that could place boxes: neither the program ``dot`` nor pygraphviz, or no package graphviz."""

    def __init__(self) -> None:
        super().__init__(
            "drawing a graph needs Graphviz, and neither its program dot nor pygraphviz was found: "
            "pip install graphviz pygraphviz brings one, or install graphviz from your system; "
            "print(drawing) and .txt work without"
        )


def library() -> Any:
    """The Python package graphviz, which is imported only where something is drawn."""
    try:
        import graphviz
    except ImportError:
        raise GraphvizMissingError from None
    return graphviz


def render(source: str, form: str, *, pinned: bool = False) -> bytes:
    """What Graphviz makes of a DOT text: laid out by ``dot``, or with everything ``pinned`` where it is.

    Raises:
        GraphvizMissingError: there is no Graphviz.
    """
    graphviz = library()
    try:
        if pinned:
            return bytes(graphviz.pipe("neato", form, source.encode(), neato_no_op=2, quiet=True))
        return bytes(graphviz.pipe("dot", form, source.encode(), quiet=True))
    except (graphviz.ExecutableNotFound, CalledProcessError, OSError) as error:
        try:
            import pygraphviz
        except ImportError:
            raise GraphvizMissingError from error
    drawn = pygraphviz.AGraph(string=source).draw(format=form, prog="nop2" if pinned else "dot")
    return drawn if isinstance(drawn, bytes) else str(drawn).encode()
