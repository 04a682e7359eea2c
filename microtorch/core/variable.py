"""What does a value remember? A `Variable` is an array, its gradient, and an edge to the place in the graph it came from.

It knows no operation. That ``x * y`` is a product is said in the binding table, ``methods.py`` at the top of the package, which
gives this class its operators and methods: those of the operations, and those of the core's other modules (``backward``,
``register_hook`` …). So every module above this one, and every operation, can import it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, cast

import numpy as np
from numpy import ndarray

from ..arrays.dtypes import OWN, Array, dtype, from_numpy_dtype, in_own_dtype
from ..arrays.shapes import Size
from .assigning import check_data, check_grad, check_requires_grad, has_no_gradient, refuse_inference
from .grad_mode import mode
from .hook_lists import HookLists
from .node import LEAF_EDGE, NO_EDGE, VIEW_EDGE, Edge, Node, new, node_of, number_of
from .versions import INFERENCE, Version, version_of

__all__ = ["Variable", "array_of", "is_variable", "unrecorded", "wrap"]


class History(Protocol):
    """What a view has in place of an edge: whose memory it shares, and so whose history it has. See ``views.py``."""

    base: Variable
    edge: Edge  # as it was when the view's version was `number`
    number: int
    made_in: str  # where a view was made that must not be changed in place

    def edge_of(self, variable: Variable) -> Edge:
        """The edge of the view that has this history, after all that was changed in place."""


class Variable:
    """A NumPy array that remembers how it was computed, so that gradients can flow back through the computation.

    Args:
        data: the values: a Variable (whose memory is shared) or a NumPy array.
        requires_grad: whether ``backward()`` shall compute the gradient with respect to this Variable.

    Raises:
        TypeError: ``data`` is neither; `microtorch.tensor` makes a Variable of numbers and lists.
        RuntimeError: ``requires_grad`` for integers or bools, which have no gradients.

    >>> import microtorch
    >>> x = Variable(microtorch.ones(2, 2), requires_grad=True)
    >>> y = x + 2
    >>> y.grad_fn
    <AddBackward0>
    >>> (y * y * 3).mean().backward()
    >>> x.grad.tolist()
    [[4.5, 4.5], [4.5, 4.5]]
    """

    __slots__ = ("__dict__", "__weakref__", "_accumulator", "_edge", "_grad", "_version_cell", "_view", "array")

    array: Array  # the values, of any shape; a scalar is 0-dimensional
    _edge: Edge  # where the gradient of this value goes: to its grad_fn, or one Output of that; or no edge, as of a leaf
    _grad: Variable | None
    _view: History | None  # None for one that has its memory for itself
    _version_cell: Version | None  # None until somebody counts
    _accumulator: weakref.ref[Node] | None  # a leaf's AccumulateGrad, which holds the leaf: no cycle

    # What most Variables never need is a class attribute until it is set.
    name: str | None = None  # shown in drawings
    _hooks: HookLists | None = None  # of a leaf
    _indexed_as_in_2017: bool = False  # what `.data` gave: its number, if it is one, is `loss.data[0]`
    _raw: bool = False  # a tensor of 2017, which no Variable wraps: printed without "Variable containing:"

    def __init__(self, data: Variable | Array, requires_grad: bool = False) -> None:
        cell = None
        if isinstance(data, Variable):
            if requires_grad and data._version_cell is INFERENCE:
                refuse_inference(data)
            cell = version_of(data)
            data = data.array
        elif type(data) is not np.ndarray and isinstance(data, np.ndarray):
            if isinstance(data, np.ma.MaskedArray):
                raise TypeError("Variable(data) takes no masked array: fill in what is masked, with data.filled(0) for instance")
            data = np.asarray(data)
        if not isinstance(data, np.ndarray):
            raise TypeError(
                f"Variable(data) takes a Variable or a NumPy array, not {type(data).__name__}: "
                "make one of numbers with microtorch.tensor(...)"
            )
        if OWN.get(data.dtype.char) is not data.dtype:
            data = in_own_dtype(data)  # or it says why not
        self.array = data
        self._edge = NO_EDGE
        self._grad = self._view = self._accumulator = None
        self._version_cell = cell
        if requires_grad:
            if data.dtype.kind != "f":
                raise has_no_gradient(self)
            self._edge = LEAF_EDGE

    @property
    def grad(self) -> Variable | None:
        """Of a leaf: the sum of all gradients that backward() has brought; of another Variable, only after `retain_grad`."""
        return self._grad

    @grad.setter
    def grad(self, new: Variable | None) -> None:
        if new is not None:
            if not isinstance(new, Variable):
                raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type(new).__name__}")
            check_grad(self, new)
        self._grad = new

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    @property
    def grad_fn(self) -> Node | None:
        """The node of the operation that made this Variable; None for a leaf."""
        return node_of(self._history())

    def _history(self) -> Edge:
        """As `_edge`, but of a view, the edge that it has now."""
        return self._edge if self._view is None else self._view.edge_of(self)

    def _known_edge(self) -> Edge:
        """As `_history`, but of a view the edge that it was last known to have: all that torch asks before a change."""
        return self._edge if self._view is None else self._view.edge

    @property
    def output_nr(self) -> int:
        """Which of its ``grad_fn``'s outputs this is."""
        return number_of(self._history())

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made this Variable: only leaves get a ``.grad``."""
        return not self._history()

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this Variable are recorded."""
        if self._edge is not VIEW_EDGE:
            return self._edge is not NO_EDGE
        assert self._view is not None
        return self._view.edge is not NO_EDGE or self._view.base.requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        check_requires_grad(self, wanted)
        edge = LEAF_EDGE if wanted else NO_EDGE
        if self._view is None:
            self._edge = edge
        else:
            self._view.edge = edge

    def requires_grad_(self, requires_grad: bool = True) -> Variable:
        """Set ``requires_grad`` in place, and return this Variable."""
        if not requires_grad or not self._known_edge():  # what was computed requires one already
            self.requires_grad = requires_grad
        return self

    @property
    def data(self) -> Variable:
        """The raw tensor: a Variable on the same memory that is not part of any graph, and whose changes nobody counts."""
        raw = wrap(self.array)
        raw._raw = raw._indexed_as_in_2017 = True
        if mode.inference and self.is_inference():
            raw._version_cell = INFERENCE
        return raw

    @data.setter
    def data(self, new: Variable) -> None:
        if not isinstance(new, Variable):
            raise TypeError(f"Variable data has to be a tensor, but got {type(new).__name__}")
        check_data(self, new)
        if new.array.shape != self.array.shape or new.array.dtype != self.array.dtype:
            self._accumulator = None  # which expects gradients like the old data
        self.array = new.array

    def detach(self) -> Variable:
        """A Variable on the same memory that does not require a gradient; they share one version counter."""
        detached = wrap(self.array)
        detached._version_cell = version_of(self)
        return detached

    @property
    def _version(self) -> int:
        """How often the values were changed in place: the number that tells backward whether what it saved is still true."""
        return 0 if self._version_cell is None else self._version_cell.number

    @property
    def _wrapped(self) -> bool:
        """Whether it prints as a Variable of 2017, and not as a tensor that none wraps."""
        return not self._raw or self.requires_grad

    def is_inference(self) -> bool:
        """Whether this was made in inference mode."""
        return self._version_cell is INFERENCE

    @property
    def shape(self) -> Size:
        """The length of each dimension."""
        return Size(self.array.shape)

    @property
    def dtype(self) -> dtype:
        """The type of the elements."""
        return from_numpy_dtype(self.array.dtype)

    def _described(self) -> str:
        """How an error message names this Variable."""
        return f"variable {self.name!r}" if self.name else f"this Variable of shape {tuple(self.array.shape)}"

    if TYPE_CHECKING:  # what the binding table adds, for type checkers, which do not see it happen
        _operation = cast(Callable[..., "Variable"], None)
        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __matmul__ = _operation
        __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __neg__ = __abs__ = __invert__ = _operation
        __and__ = __or__ = __xor__ = __lt__ = __le__ = __gt__ = __ge__ = __getitem__ = __setitem__ = _operation

        def __eq__(self, other: object) -> Variable: ...  # type: ignore[override] # element by element
        def __ne__(self, other: object) -> Variable: ...  # type: ignore[override]
        def __hash__(self) -> int: ...  # as a key, a Variable stands for itself
        def __iter__(self) -> Iterator[Variable]: ...
        def __len__(self) -> int: ...
        def __float__(self) -> float: ...
        def __int__(self) -> int: ...
        def __index__(self) -> int: ...
        def __getattr__(self, name: str) -> Any: ...


def wrap(array: Array, edge: Edge = NO_EDGE) -> Variable:
    """A Variable around an array, without a copy and without any check."""
    variable = new(Variable)
    variable.array = array if array.__class__ is ndarray else np.asarray(array)
    variable._edge = edge
    variable._grad = variable._view = variable._version_cell = variable._accumulator = None
    return variable


def unrecorded(array: Array) -> Variable:
    """A Variable without history, around a result that is not recorded."""
    variable = wrap(array)
    if mode.inference:
        variable._version_cell = INFERENCE
    return variable


def is_variable(value: Any) -> TypeGuard[Variable]:
    """Whether a value is a Variable."""
    return isinstance(value, Variable)


def array_of(value: Any) -> Array:
    """The array of an argument that has to be a Variable.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, Variable):
        raise TypeError(f"expected a Variable, but got {type(value).__name__}: make one of it with microtorch.tensor(...)")
    return value.array
