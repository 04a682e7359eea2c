"""Where in a pass something happens: at a node, at an accumulation, at a NaN, at an error."""

from __future__ import annotations

from collections.abc import Callable

from .steps import Recording, Step
from .story import Story
from .words import titles

__all__ = ["EVENTS", "find"]

EVENTS: dict[str, Callable[[Story, Step], bool]] = {
    "accumulates": lambda story, step: step.grad is not None and step.received != (None,),
    "nan": lambda story, step: story.bad(step),
    "error": lambda story, step: bool(step.error),
}


def find(trace: Recording, what: str) -> tuple[int, ...]:
    """The positions at which it has just happened: a node's turn, by its title or by a name; or one of the `EVENTS`.

    Raises:
        ValueError: nothing in the graph is called so.
    """
    called = {
        node.id
        for node, title in zip(trace.snapshot.nodes, titles(trace.snapshot), strict=True)
        if what in (title, node.name, node.label, *node.outputs)
    }
    if what and called:
        return tuple(k for k, step in enumerate(trace.steps, 1) if step.node in called)
    if what in EVENTS:
        story = Story(trace)
        return tuple(k for k, step in enumerate(trace.steps, 1) if EVENTS[what](story, step))
    names = list(dict.fromkeys(titles(trace.snapshot)))[:10]
    raise ValueError(f"nothing in this pass is called {what!r}; there are {', '.join(names)}; and the events {', '.join(EVENTS)}")
