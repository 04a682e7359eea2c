"""What does an operation leave behind, so that a gradient can find its way back through it? A node, and edges to older nodes.

Nodes know nothing of Variables: a Variable knows its node, by the edge in `Variable._edge`. What kinds of nodes there are:
`Primitive` (the package's own operations), `Function` (users' operations), `AccumulateGrad` (the end of every path), and
`CopySlices` (a change in place of a part).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Union

import numpy as np

from .hook_lists import HookLists, RemovableHandle
from .versions import Stamp

__all__ = ["Node"]


class NoEdge:
    """In place of an edge, why there is none yet, or never: false, where an edge is true."""

    def __bool__(self) -> bool:
        return False


# Where the gradient of a value goes: to the node that made it; to one Output of a node that made several; None: nowhere.
Edge = Union["Node", "Output", NoEdge, None]

NO_EDGE = None  # of a value that needs no gradient
LEAF_EDGE = NoEdge()  # of a leaf that needs one: its AccumulateGrad is made when an operation first asks for it
DEAD_EDGE = NoEdge()  # of what requires one, and has no way for it: shown as NO_EDGE is
VIEW_EDGE = NoEdge()  # of a view, whose history is that of its base: views.py knows it

new = object.__new__


class Node:
    """A node of the graph: what an operation leaves behind so that gradients can flow back through it."""

    # Private names, since the context of a user's Function is such a node: `ctx.shape` is the user's.
    __slots__ = (
        "__dict__", "__weakref__", "_below", "_dtype", "_number", "_saved", "_shape", "_shortcut", "_untracked", "_versions",
    )  # fmt: skip

    _below: tuple[Edge, ...]  # for each input, where its gradient goes; None, and never a NoEdge, where it has none
    _number: int  # rises with every node made: a node is always younger than the nodes it reads from
    _saved: Any  # a tuple of arrays, Python scalars and None; None once backward has released it; or Packed by the user's hooks
    _versions: tuple[Stamp, ...] | None  # beside `_saved`
    _hooks: HookLists | None = None  # a class attribute until somebody registers one
    _shape: tuple[int, ...] | None  # of the output; None where a node has several, which then stand in `_outputs`
    _dtype: np.dtype[Any] | None
    _outputs: tuple[tuple[tuple[int, ...], np.dtype[Any]], ...]
    # Of the result of a pass with create_graph=True: when the pass began, and the derivative of which order it gave.
    _pass: tuple[int, int] = (-1, 0)
    _edge_of_output: Edge | None = None  # where the gradient of a saved output goes, if not here
    # The rules that the engine may call at once; None where something is out of the ordinary (hooks, several outputs, a user's
    # backward …), and the engine calls `gradients`.
    _shortcut: Any
    # What was given where no gradient goes, for pictures: what `of_others` gives; unset where there is nothing.
    _untracked: Any

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """For each input, the node that made it, and which of that node's outputs it is; None for one without a gradient."""
        return tuple([(node_of(edge), number_of(edge)) for edge in self._below])

    def _sequence_nr(self) -> int:
        """PyTorch's name for the number that rises with every node made."""
        return self._number

    def name(self) -> str:
        """The name PyTorch gives such a node."""
        return f"{type(self).__name__}Backward"

    def __repr__(self) -> str:
        return f"<{self.name()}>"  # without the address PyTorch shows: equal runs print equal notebooks

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"cannot pickle or copy {self!r}: a graph lives in the process that computed it")

    @property
    def metadata(self) -> dict[str, Any]:
        """A dict for whatever a user wants to remember about this node."""
        return self.__dict__.setdefault("_metadata", {})  # type: ignore[no-any-return]

    def output(self, number: int) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Shape and NumPy dtype of one of the values this node made: those that its gradient has."""
        if self._shape is not None:
            assert self._dtype is not None
            return self._shape, self._dtype
        return self._outputs[number]

    def edge(self, number: int) -> Node | Output:
        """Where the gradient of one of the values this node made goes."""
        return self if self._shape is not None else Output(self, number)

    def saved_values(self) -> tuple[tuple[str, Any], ...] | None:
        """Name and value (array, Python scalar or None) of all that is saved; None once it was released."""
        raise NotImplementedError

    def saved_edge(self, position: int) -> Edge:
        """Where the gradient of a saved value goes."""
        raise NotImplementedError

    def gradients(self, grad_outputs: Sequence[Any], wanted: Sequence[bool] | None, create_graph: bool) -> Sequence[Any]:
        """One gradient (or None) for each entry of ``next_functions``, from one for each output.

        Args:
            grad_outputs: arrays, or Variables where ``create_graph``; None for an output nobody used.
            wanted: which of them anyone asked for; None for all.
            create_graph: compute on Variables, so that the gradients can be differentiated again.

        Raises:
            RuntimeError: the saved values were released, or changed in place.
        """
        raise NotImplementedError

    def _own_hooks(self) -> HookLists:
        if self._hooks is None:
            self._hooks = HookLists()
            self._shortcut = None
        return self._hooks

    def register_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(grad_inputs, grad_outputs)`` whenever this node has run: tuples of Variables or None.

        What it returns, if not None, replaces ``grad_inputs``.
        """
        return RemovableHandle(self._own_hooks().post, hook)

    def register_prehook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(grad_outputs)`` whenever this node is about to run: a tuple of Variables or None.

        What it returns, if not None, replaces ``grad_outputs``.
        """
        return RemovableHandle(self._own_hooks().pre, hook)


class Output:
    """One of several values that a node made, as the place where its gradient goes."""

    __slots__ = ("_dtype", "_shape", "node", "number")

    _saved = None  # as of what was freed: by that the engine notices that this is no node

    def __init__(self, node: Node, number: int) -> None:
        self.node, self.number = node, number
        self._shape, self._dtype = node._outputs[number]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Output) and self.node is other.node and self.number == other.number

    def __hash__(self) -> int:
        return hash((self.node, self.number))


class GradientEdge(NamedTuple):
    """A place in the graph, as ``torch.autograd.graph.GradientEdge``: what `grad` and `backward` take in place of a Variable."""

    node: Node
    output_nr: int


def node_of(edge: Edge) -> Node | None:
    """The node that an edge leads to."""
    if isinstance(edge, Output):
        return edge.node
    return None if isinstance(edge, NoEdge) else edge


def number_of(edge: Edge) -> int:
    """Which of that node's outputs it belongs to."""
    return edge.number if isinstance(edge, Output) else 0
