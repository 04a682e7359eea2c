"""Where is a hook kept? In the lists of a node; those of a leaf are kept with the leaf, which outlives its AccumulateGrad.

What they are for, and when backward calls them, is in ``hooks.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any
from weakref import ref

__all__ = ["HookLists", "RemovableHandle"]

_next_id = count().__next__


class RemovableHandle:
    """What registering a hook returns: ``remove()`` takes the hook away again, as does the end of a ``with`` block.

    >>> import microtorch
    >>> x = microtorch.ones(2, requires_grad=True)
    >>> with x.register_hook(lambda grad: grad * 10):
    ...     x.sum().backward()
    >>> x.grad.tolist()
    [10.0, 10.0]
    """

    def __init__(self, hooks: dict[int, Any], hook: Any, *, calls: Any = None) -> None:
        called = hook if calls is None else calls
        if not callable(called):
            raise TypeError(f"a hook must be callable, and {type(called).__name__} is not")
        self.id = _next_id()
        self._hooks = hooks
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook away; a second time nothing happens."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()


class HookLists:
    """The hooks of one node, by kind, each in the order of registration; those of a leaf are those of its AccumulateGrad."""

    def __init__(self) -> None:
        self.tensor: dict[int, tuple[int, Callable[..., Any]]] = {}  # of a Variable: with its output number
        self.retained: dict[int, ref[Any]] = {}  # by output number: who asked for its .grad with retain_grad()
        self.retained_earlier: set[int] = set()  # whose .grad was asked for before their shape changed in place, at an older node
        self.pre: dict[int, Callable[..., Any]] = {}
        self.post: dict[int, Callable[..., Any]] = {}
        self.accumulated: dict[int, Callable[..., Any]] = {}
