"""Is what a node saved still there, and still what it was? Or freed by backward, packed by the user's hooks, changed in place.

The values themselves are in `Node._saved`; what there is to say of each is in `Node._versions`, and comes from ``versions.py``.
"""

from __future__ import annotations

from typing import Any

from ..arrays.dtypes import from_numpy_dtype
from .accumulate_grad import AccumulateGrad
from .grad_mode import Block
from .node import Node, node_of, number_of
from .place import place
from .versions import Version, change

__all__ = ["already_freed", "refuse_changes", "unpacked"]


def unpacked(node: Node, create_graph: bool) -> tuple[Any, ...]:
    """What a node saved, checked to be unchanged since. Users' hooks that unpack it are recorded where ``create_graph``.

    Raises:
        RuntimeError: backward has released it, or it was changed in place.
    """
    saved: Any = node._saved
    if saved is None:
        raise already_freed(node)
    refuse_changes(node)
    if saved.__class__ is tuple:
        return saved
    with Block(grad=create_graph):
        return saved.unpacked()  # type: ignore[no-any-return]


def refuse_changes(node: Node) -> None:
    """Raise where something that a node saved was changed in place.

    Raises:
        RuntimeError: it was; with what changed it, and where.
    """
    for position, kept in enumerate(node._versions or ()):
        found = change(kept)
        if found is not None:
            raise _modified(node, position, *found)


def already_freed(node: Node) -> RuntimeError:
    """The error of a second backward pass."""
    return RuntimeError(
        f"Trying to backward through the graph a second time: the values that {node.name()} saved were freed by the first "
        "backward(). Call that one with retain_graph=True, or compute the output anew before each backward()."
    )


def _modified(node: Node, position: int, cell: Version, expected: int) -> RuntimeError:
    what, array = (node.saved_values() or ())[position]
    edge = node.saved_edge(position)
    producer = node_of(edge)
    tensor = f"[{from_numpy_dtype(array.dtype).tensor_type} {list(array.shape)}]"
    if isinstance(producer, AccumulateGrad):
        tensor += f" ({producer.variable._described()})"
    elif producer is not None:
        tensor += f", which is output {number_of(edge)} of {producer.name()},"
    changed = f" of {cell.variable!r}" if cell.variable else ""
    return RuntimeError(
        f"one of the variables needed for gradient computation has been modified by an inplace operation: {tensor} is at "
        f"version {cell.number}; expected version {expected} instead. {node.name()} saved it as {what!r}; "
        f"{cell.operation}{changed} changed it last, at {place(cell.code.co_filename, cell.line)}. Compute a new Variable there "
        f"(x = x + 1 for x += 1), or give {node.name()} a copy: x.clone()"
    )
