"""The graph: nodes, the edges between them, and the `AccumulateGrad` at the end of every path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeGuard, Union
from weakref import ref

import numpy as np
from numpy import ndarray

from ..arrays.dtypes import CHARACTERS, Array, from_numpy_dtype
from .grad_mode import Block, mode
from .hooks import Hooks, RemovableHandle
from .versions import INFERENCE, Stamp, Version, change, next_sequence_nr, stamp

if TYPE_CHECKING:
    from .variable import Variable

__all__ = ["AccumulateGrad", "Node"]


class Mark:
    """In place of an edge, why there is none yet, or never: false, where an edge is true."""

    def __bool__(self) -> bool:
        return False


# Where the gradient of a value goes: to the node that made it; to one Output of a node that made several; None: nowhere.
Edge = Union["Node", "Output", Mark, None]

NO_EDGE = None  # of a value that needs no gradient
LEAF_EDGE = Mark()  # of a leaf that needs one: its AccumulateGrad is made when an operation first asks for it
DEAD_EDGE = Mark()  # of what requires one, and has no way for it: shown as NO_EDGE is
VIEW_EDGE = Mark()  # of a view, whose history is that of its base: views.py knows it

new = object.__new__
_lock = Lock()
_acquire, _release = _lock.acquire, _lock.release  # a `with` block takes twice as long


class Node:
    """A node of the graph: what an operation leaves behind so that gradients can flow back through it."""

    # Private names, since the context of a user's Function is such a node: `ctx.shape` is the user's.
    __slots__ = (
        "__dict__", "__weakref__", "_below", "_dtype", "_number", "_plan", "_saved", "_shape", "_versions",
    )  # fmt: skip

    _below: tuple[Edge, ...]  # for each input, where its gradient goes; None, and never a Mark, where it has none
    _number: int  # rises with every node made: a node is always younger than the nodes it reads from
    _saved: Any  # a tuple of arrays, Python scalars and None; None once backward has released it; or Packed by the user's hooks
    _versions: tuple[Stamp, ...] | None  # beside `_saved`
    _hooks: Hooks | None = None  # a class attribute until somebody registers one
    _shape: tuple[int, ...] | None  # of the output; None where a node has several, which then stand in `_outputs`
    _dtype: np.dtype[Any] | None
    _outputs: tuple[tuple[tuple[int, ...], np.dtype[Any]], ...]
    _edge_of_output: Edge | None = None  # where the gradient of a saved output goes, if not here
    _plan: Any  # how a Primitive computes its gradients; None where something is out of the ordinary, for the engine to look at

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

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """In a notebook, a node as a cell's last expression shows its graph."""
        from ..viz import draw

        return draw(self)._repr_mimebundle_() | {"text/plain": repr(self)}

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"cannot pickle or copy {self!r}: a graph lives in the process that computed it")

    def twin(self) -> Node:
        """Another node with all that this one has, its hooks apart."""
        other = new(type(self))
        for cls in type(self).__mro__:
            for name in vars(cls).get("__slots__", ()):
                if not name.startswith("__") and hasattr(self, name):
                    setattr(other, name, getattr(self, name))
        vars(other).update({name: value for name, value in vars(self).items() if name != "_hooks"})
        return other

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

    def _unpacked(self, create_graph: bool) -> tuple[Any, ...]:
        """What is saved, checked to be unchanged since. Users' hooks that unpack it are recorded where ``create_graph``.

        Raises:
            RuntimeError: backward has released it, or it was changed in place.
        """
        if self._saved is None:
            raise already_freed(self)
        self._refuse_changes()
        if self._saved.__class__ is tuple:
            return self._saved
        with Block(grad=create_graph):
            return self._saved.unpacked()  # type: ignore[no-any-return]

    def _refuse_changes(self) -> None:
        """Raise where something saved was changed in place."""
        for position, kept in enumerate(self._versions or ()):
            found = change(kept)
            if found is not None:
                raise self._modified(position, *found)

    def saved_edge(self, position: int) -> Edge:
        """Where the gradient of a saved value goes."""
        raise NotImplementedError

    def _modified(self, position: int, cell: Version, expected: int) -> RuntimeError:
        what, array = (self.saved_values() or ())[position]
        edge = self.saved_edge(position)
        producer = node_of(edge)
        tensor = f"[{from_numpy_dtype(array.dtype).tensor_type} {list(array.shape)}]"
        if isinstance(producer, AccumulateGrad):
            tensor += f" ({producer.variable._described()})"
        elif producer is not None:
            tensor += f", which is output {number_of(edge)} of {producer.name()},"
        changed = f" of {cell.variable!r}" if cell.variable else ""
        return RuntimeError(
            f"one of the variables needed for gradient computation has been modified by an inplace operation: {tensor} is at "
            f"version {cell.number}; expected version {expected} instead. {self.name()} saved it as {what!r}; "
            f"{cell.operation}{changed} changed it last, at {cell.code.co_filename}:{cell.line}. Compute a new Variable there "
            f"(x = x + 1 for x += 1), or give {self.name()} a copy: x.clone()"
        )

    def _own_hooks(self) -> Hooks:
        if self._hooks is None:
            self._hooks = Hooks()
            self._plan = None
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


class AccumulateGrad(Node):
    """The end of every path: adds what arrives to the ``.grad`` of its leaf ``variable``."""

    __slots__ = ("variable",)

    variable: Variable

    _below = _saved = ()
    _versions = _plan = None

    def name(self) -> str:
        """``AccumulateGrad``."""
        return "AccumulateGrad"

    def saved_values(self) -> tuple[tuple[str, Any], ...] | None:
        """Nothing: it holds the leaf itself."""
        return ()

    def _own_hooks(self) -> Hooks:
        return self.variable._own_hooks()


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


def node_of(edge: Edge) -> Node | None:
    """The node that an edge leads to."""
    if isinstance(edge, Output):
        return edge.node
    return None if isinstance(edge, Mark) else edge


def number_of(edge: Edge) -> int:
    """Which of that node's outputs it belongs to."""
    return edge.number if isinstance(edge, Output) else 0


def is_variable(value: Any) -> TypeGuard[Variable]:
    return isinstance(value, Variable)


def mark(value: Any, node: Node) -> Stamp:
    """What ``node`` remembers of an input that it saves, beside its array: of a leaf, which it holds anyway, the leaf itself."""
    if not isinstance(value, Variable):
        return None
    return value if value._version_cell is None and value._edge is LEAF_EDGE else stamp(value, node)


def array_of(value: Any) -> Array:
    """The array of an argument that has to be a Variable.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, Variable):
        raise TypeError(f"expected a Variable, but got {type(value).__name__}: make one of it with microtorch.tensor(...)")
    return value.array


def wrap(array: Array, edge: Edge = NO_EDGE) -> Variable:
    """A Variable around an array, without a copy and without any check."""
    variable = new(Variable)
    variable.array = array if array.__class__ is ndarray else np.asarray(array)
    variable._edge = edge
    variable._grad = variable._view = variable._version_cell = variable._accumulator = None
    return variable


def rewrap(array: Array, edge: Edge) -> Variable:
    """A saved array as the Variable it was: a leaf that still has it is the leaf itself, else a new Variable on the same edge."""
    if isinstance(edge, AccumulateGrad) and edge.variable.array is array:
        return edge.variable
    return wrap(array, edge)


def gradient_edge(variable: Variable) -> Edge:
    """Where the gradient of ``variable`` goes: to its ``grad_fn``, or to a leaf's AccumulateGrad.

    All graphs that use a leaf share its AccumulateGrad. The node holds its leaf, and the leaf holds the node weakly: no cycle,
    so a graph is freed as soon as nobody needs it.
    """
    edge = variable._edge
    if edge is not LEAF_EDGE:
        if edge is not VIEW_EDGE:
            return edge
        assert variable._view is not None
        # Where nothing is recorded, nothing is renewed, as in torch: a view may learn of its base's new history later.
        edge = variable._view.edge_of(variable) if mode.recording else variable._view.edge
        if edge is not LEAF_EDGE:
            return edge
    reference = variable._accumulator
    node = reference() if reference is not None else None
    return node or _new_accumulator(variable)


def _new_accumulator(leaf: Variable) -> AccumulateGrad:
    _acquire()  # two threads must not make two
    try:
        reference = leaf._accumulator
        node = reference() if reference is not None else None
        if node is None:
            node = AccumulateGrad()
            node.variable = leaf
            if leaf._hooks is not None:
                node._hooks = leaf._hooks
            node._number = next_sequence_nr()
            node._shape, node._dtype = leaf.array.shape, leaf.array.dtype
            leaf._accumulator = ref(node)
    finally:
        _release()
    return node


def already_freed(node: Node) -> RuntimeError:
    return RuntimeError(
        f"Trying to backward through the graph a second time: the values that {node.name()} saved were freed by the first "
        "backward(). Call that one with retain_graph=True, or compute the output anew before each backward()."
    )


def unrecorded(array: Array) -> Variable:
    """A Variable without history, around a result that is not recorded."""
    variable = wrap(array)
    if mode.inference:
        variable._version_cell = INFERENCE
    return variable


def observed(node: Node) -> None:
    """Show a new node to those who asked to see each: anomaly mode, the hooks of saved tensors."""
    for observer in mode.observers:
        observer(node)


def to_shape(grad: Any, shape: tuple[int, ...], dtype: Any, source: Node | None = None, target: Any = None) -> Any:
    """``grad`` in the shape and dtype of the value it belongs to. Broadcasting is undone here, and only here.

    Broadcasting used one element many times, so its gradient is the sum over all its uses:
    for ``x`` of shape (3, 1) in ``x + y`` of shape (2, 3, 4), the sum over the first and the last axis.

    Raises:
        RuntimeError: no broadcasting leads from ``shape`` to the gradient's, which ``source`` made for ``target``.
    """
    lead = grad.ndim - len(shape)
    if lead > 0 and shape and grad.shape[lead:] == shape:  # as of the bias of a layer, which is added to each row
        axes: Any = 0 if lead == 1 else tuple(range(lead))
        grad = np.add.reduce(grad, axes) if grad.__class__ is ndarray else grad.sum(axis=axes)
    elif grad.shape != shape:
        axes = tuple(i for i, n in enumerate(grad.shape) if i < lead or (shape[i - lead] == 1 and n != 1))
        if lead < 0 or any(n != m for i, (n, m) in enumerate(zip(grad.shape[lead:], shape, strict=True), lead) if i not in axes):
            name, position = ("backward()", 0) if source is None else (source.name(), source._below.index(target))
            raise RuntimeError(
                f"Function {name} returned an invalid gradient at index {position} - got {list(grad.shape)} but expected shape "
                f"compatible with {list(shape)}: a gradient has the shape of its input, and is summed but never expanded to it"
            )
        grad = grad.sum(axis=axes, keepdims=True).reshape(shape)
    if is_variable(grad):
        return grad if grad.array.dtype is dtype else grad.to(from_numpy_dtype(dtype))
    return grad if grad.dtype is dtype else grad.astype(dtype)


_PLAIN = frozenset({bool, int, float, ndarray})


def constant(value: Any) -> Any:
    """An operand that is no Variable: a Python scalar, or an array that is not differentiated.

    Raises:
        TypeError: it is neither.
    """
    if value.__class__ in _PLAIN:
        if value.__class__ is ndarray and value.dtype.char not in CHARACTERS:
            from_numpy_dtype(value.dtype)  # says why no tensor can hold it
        return value
    if isinstance(value, int | float):
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, np.generic | np.ndarray) and value.dtype.kind in "biuf":
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, complex | np.complexfloating):
        raise TypeError("complex numbers are not supported: microtorch differentiates real functions only")
    raise TypeError(
        f"an operand must be a Variable, a number or a NumPy array, not {type(value).__name__}: {value!r}"[:200]
        + "; make a Variable of it with microtorch.tensor(...)"
    )


def refuse_bools(*values: Any, operation: str) -> None:
    """Raise where one of some arrays and scalars is of bools.

    Raises:
        RuntimeError: it is.
    """
    for each in values:
        if each.__class__ is bool or (each.__class__ is ndarray and each.dtype.char == "?"):
            raise RuntimeError(
                f"{operation} with a bool tensor is not supported: convert it with .to(), or, to invert a mask, use the `~` "
                "operator"
            )


def shapes_do_not_broadcast(operation: str, x: tuple[int, ...], y: tuple[int, ...]) -> RuntimeError:
    for back, (m, n) in enumerate(zip(reversed(x), reversed(y), strict=False), start=1):
        if m != n and 1 not in (m, n):
            at = max(len(x), len(y)) - back
            return RuntimeError(
                f"{operation}: the shapes {x} and {y} do not broadcast. The size of tensor a ({m}) must match the size of "
                f"tensor b ({n}) at non-singleton dimension {at}, or one of them must be 1."
            )
    return RuntimeError(f"{operation}: the shapes {x} and {y} do not broadcast")
