"""``Variable``: an array, its gradient, and the place in the graph it came from."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..arrays.dtypes import CHARACTERS, Array, Size, dtype, from_numpy_dtype
from ..methods import Methods
from ..tensor import printing
from ..tensor.dims import own_axis_of
from . import applying, engine, function, hooks, node, primitive, strided, versions, views
from . import backward as gradients
from . import copies as leaf_copies
from .grad_mode import mode
from .hooks import Hooks, RemovableHandle
from .node import LEAF_EDGE, NO_EDGE, VIEW_EDGE, AccumulateGrad, Edge, Node, node_of, number_of, wrap
from .versions import INFERENCE, Version, count, version_of
from .views import View, check_in_place, overlaps

__all__ = ["Variable"]


class Variable(Methods):
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
    _view: View | None  # of which other Variable, and how; None for one that has its memory for itself
    _version_cell: Version | None  # None until somebody counts
    _accumulator: weakref.ref[AccumulateGrad] | None

    # What most Variables never need is a class attribute until it is set.
    name: str | None = None  # shown in drawings
    _hooks: Hooks | None = None  # of a leaf
    _raw: bool = False  # a tensor of 2017, which no Variable wraps: printed without "Variable containing:"

    def __init__(self, data: Variable | Array, requires_grad: bool = False) -> None:
        cell = None
        if isinstance(data, Variable):
            if requires_grad and data._version_cell is INFERENCE:
                data._refuse_if_inference()
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
        if data.dtype.char not in CHARACTERS:
            from_numpy_dtype(data.dtype)  # says why not
        self.array = data
        self._edge = NO_EDGE
        self._grad = self._view = self._accumulator = None
        self._version_cell = cell
        if requires_grad:
            if data.dtype.kind != "f":
                raise self._has_no_gradient()
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
            if new is self:
                raise RuntimeError("can't assign Variable as its own grad")
            if new.array.shape != self.array.shape:
                raise RuntimeError(
                    f"attempting to assign a gradient of size {list(new.array.shape)} to a tensor of size "
                    f"{list(self.array.shape)}. Please ensure that the gradient and the tensor are the same size: "
                    f"{self._described()}"
                )
            if overlaps(new.array) or not new.array.flags.writeable:
                raise RuntimeError(
                    f"a .grad is added to in place, and needs memory of its own for each element: clone() the gradient for "
                    f"{self._described()} first"
                )
            if new.array.dtype != self.array.dtype:
                raise RuntimeError(
                    f"attempting to assign a gradient with dtype {new.dtype} to a tensor with dtype {self.dtype}: "
                    f"{self._described()}; convert one with .to()"
                )
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
        if not isinstance(wanted, bool):
            raise RuntimeError(f"requires_grad must be a bool, not {type(wanted).__name__}")
        if self._known_edge():
            raise RuntimeError(
                f"you can only change requires_grad flags of leaf variables, and {self._described()} was made by "
                f"{self.grad_fn}. If you want to use a computed variable in a subgraph that doesn't require "
                "differentiation use var_no_grad = var.detach()."
            )
        if wanted and self.array.dtype.kind != "f":
            raise self._has_no_gradient()
        if wanted:
            self._refuse_if_inference()
        edge = LEAF_EDGE if wanted else NO_EDGE
        if self._view is None:
            self._edge = edge
        else:
            self._view.edge = edge

    def _refuse_if_inference(self) -> None:
        if self._version_cell is INFERENCE and not mode.inference:
            raise RuntimeError(
                "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed: make a clone to get a "
                f"normal tensor, and set it there ({self._described()})"
            )

    def _has_no_gradient(self) -> RuntimeError:
        return RuntimeError(
            f"only Tensors of floating point dtype can require gradients, and {self._described()} is of dtype "
            f"{self.dtype}; convert it first, for instance with .float()"
        )

    def requires_grad_(self, requires_grad: bool = True) -> Variable:
        """Set ``requires_grad`` in place, and return this Variable."""
        if not requires_grad or not self._known_edge():  # what was computed requires one already
            self.requires_grad = requires_grad
        return self

    @property
    def data(self) -> Variable:
        """The raw tensor: a Variable on the same memory that is not part of any graph, and whose changes nobody counts."""
        raw = wrap(self.array)
        raw._raw = True
        if mode.inference and self.is_inference():
            raw._version_cell = INFERENCE
        return raw

    @data.setter
    def data(self, new: Variable) -> None:
        if not isinstance(new, Variable):
            raise TypeError(f"Variable data has to be a tensor, but got {type(new).__name__}")
        if self.requires_grad and new.array.dtype.kind != "f":
            raise RuntimeError(f"data of a Variable that requires a gradient must be of a floating dtype, not {new.dtype}")
        if new.array.shape != self.array.shape or new.array.dtype != self.array.dtype:
            self._accumulator = None  # which expects gradients like the old data
        self.array = new.array

    def set_(self, source: Variable | None = None) -> Variable:
        """Let this Variable share the memory of ``source`` from now on (without one, be empty), and return it.

        Raises:
            RuntimeError: this is a leaf that requires a gradient, or a view of one, outside of ``no_grad()``; or ``source`` has
                another dtype.
        """
        if source is None:
            source = wrap(np.empty(0, self.array.dtype))
        if source.array.dtype != self.array.dtype:
            raise RuntimeError(
                f"set_: could not set a {source.dtype.tensor_type} as the memory of a {self.dtype.tensor_type}: convert it "
                "with .to()"
            )
        if mode.recording and self.requires_grad:
            check_in_place(self, "set_")
        count(self, operation="set_")
        self.data = source
        return self

    def detach(self) -> Variable:
        """A Variable on the same memory that does not require a gradient; they share one version counter."""
        detached = wrap(self.array)
        detached._version_cell = version_of(self)
        return detached

    def detach_(self) -> Variable:
        """Cut this Variable off from its graph: it becomes a leaf that requires no gradient.

        Raises:
            RuntimeError: it is a view, whose history is that of its base.
        """
        if self._view is not None:
            raise RuntimeError("Can't detach views in-place. Use detach() instead.")
        self._edge = NO_EDGE
        return self

    @property
    def _version(self) -> int:
        """How often the values were changed in place: the number that tells backward whether what it saved is still true."""
        return 0 if self._version_cell is None else self._version_cell.number

    @property
    def _base(self) -> Variable | None:
        """The Variable whose memory this one is a view of; None where it is no view."""
        return None if self._view is None else self._view.base

    def _is_view(self) -> bool:
        """Whether this shares the memory, and the history, of another Variable."""
        return self._view is not None

    def is_inference(self) -> bool:
        """Whether this was made in inference mode."""
        return self._version_cell is INFERENCE

    def _own_hooks(self) -> Hooks:
        """Where hooks on this Variable are kept: with a leaf, which outlives its AccumulateGrad; else with its ``grad_fn``."""
        node = node_of(self._history())
        if node is not None:
            return node._own_hooks()
        if self._hooks is None:
            self._hooks = Hooks()
        accumulator = self._accumulator() if self._accumulator is not None else None
        if accumulator is not None:
            accumulator._hooks = self._hooks
        return self._hooks

    def register_hook(self, hook: Callable[[Variable], Variable | None]) -> RemovableHandle:
        """Call ``hook(grad)`` whenever the gradient with respect to this Variable is computed.

        What it returns, if not None, is used in place of the gradient. Hooks are called in the order of registration.

        Raises:
            RuntimeError: this Variable requires no gradient.
        """
        if not self.requires_grad:
            raise RuntimeError(f"cannot register a hook on a tensor that doesn't require gradient: {self._described()}")
        return RemovableHandle(self._own_hooks().tensor, (self.output_nr, hook), calls=hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Variable], None]) -> RemovableHandle:
        """Call ``hook(variable)`` whenever backward has added to the ``.grad`` of this leaf.

        Raises:
            RuntimeError: this Variable requires no gradient, or is no leaf.
        """
        if not self.requires_grad:
            raise RuntimeError(f"cannot register a hook on a tensor that doesn't require gradient: {self._described()}")
        if not self.is_leaf:
            raise RuntimeError(
                f"post accumulate grad hooks cannot be registered on non-leaf tensors, and {self._described()} was made by "
                f"{self.grad_fn}"
            )
        return RemovableHandle(self._own_hooks().accumulated, hook)

    def retain_grad(self) -> None:
        """Let backward() set ``.grad`` here too, though this Variable is no leaf.

        Raises:
            RuntimeError: this Variable requires no gradient.
        """
        if not self.requires_grad:
            raise RuntimeError(f"can't retain_grad on Tensor that has requires_grad=False: {self._described()}")
        if not self.retains_grad and self._known_edge():
            self._own_hooks().retained[self.output_nr] = weakref.ref(self)

    @property
    def retains_grad(self) -> bool:
        """Whether this is no leaf, and backward() sets its ``.grad`` all the same."""
        node, number = node_of(self._known_edge()), number_of(self._known_edge())
        if node is None or node._hooks is None:
            return False
        reference = node._hooks.retained.get(number)
        return reference is not None and reference() is self

    @property
    def shape(self) -> Size:
        """The length of each dimension."""
        return Size(self.array.shape)

    @property
    def dtype(self) -> dtype:
        """The type of the elements."""
        return from_numpy_dtype(self.array.dtype)

    @property
    def ndim(self) -> int:
        """How many dimensions there are."""
        return self.array.ndim

    def size(self, dim: int | None = None) -> Size | int:
        """The shape, or the length of one dimension."""
        return self.shape if dim is None else self.array.shape[own_axis_of(self, dim)]

    def dim(self) -> int:
        """How many dimensions there are."""
        return self.array.ndim

    ndimension = dim

    def numel(self) -> int:
        """How many elements there are."""
        return self.array.size

    def item(self) -> float | int | bool:
        """The only element, as a Python number.

        Raises:
            RuntimeError: there are several elements, or none.
        """
        if self.array.size != 1:
            raise RuntimeError(f"a Tensor with {self.array.size} elements cannot be converted to Scalar: {self._described()}")
        return self.array.item()  # type: ignore[no-any-return]

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers; a number for 0 dimensions."""
        return self.array.tolist()

    def numpy(self, *, force: bool = False) -> Array:
        """The array itself, on the same memory.

        Args:
            force: of a Variable that requires a gradient too.

        Raises:
            RuntimeError: this Variable requires a gradient, which would not see what is done to the array.
        """
        if self.requires_grad and not force:
            raise RuntimeError("Can't call numpy() on Variable that requires grad. Use var.detach().numpy() instead.")
        return self.array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    __reduce__ = leaf_copies.reduced
    __copy__ = leaf_copies.copied
    __deepcopy__ = leaf_copies.deep_copied

    def __format__(self, spec: str) -> str:
        if self.array.ndim and spec:
            raise TypeError(
                f"unsupported format string {spec!r} for {self._described()}: a number has one, and several are printed as "
                "set_printoptions() says"
            )
        return format(self.array.item() if not self.array.ndim else str(self), spec)

    def __index__(self) -> int:
        if self.array.dtype.kind not in "iub" or self.array.size != 1:
            raise TypeError(f"only integer tensors of a single element can be converted to an index: {self._described()}")
        return int(self.array.item())

    def __pos__(self) -> Variable:
        return self

    def __float__(self) -> float:
        return float(self._number())

    def __int__(self) -> int:
        return int(self._number())

    def __complex__(self) -> complex:
        return complex(self._number())

    def _number(self) -> Any:
        if self.array.size != 1:
            raise ValueError(f"only one element tensors can be converted to Python scalars: {self._described()}")
        return self.array.item()

    def __bool__(self) -> bool:
        if self.array.size != 1:
            raise RuntimeError(
                f"Boolean value of Tensor with {'more than one value' if self.array.size else 'no values'} is ambiguous: "
                f"{self._described()}"
            )
        return bool(self.array.item())

    def __len__(self) -> int:
        if not self.array.ndim:
            raise TypeError("len() of a 0-d tensor")
        return len(self.array)

    def __contains__(self, element: object) -> bool:
        if not isinstance(element, Variable | int | float | np.generic):
            raise RuntimeError(
                f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element).__name__}"
            )
        return bool((self == element).any())

    def __iter__(self) -> Iterator[Variable]:
        if not self.array.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind())

    def __reversed__(self) -> Variable:
        return self.flip(0) if self.array.ndim else self

    def backward(
        self,
        gradient: Variable | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Variable | Sequence[Variable] | None = None,
    ) -> None:
        """Compute the gradient with respect to every leaf this Variable was computed from, and add it to the leaf's ``.grad``.

        Args:
            gradient: d(loss)/d(self), of this Variable's shape; may be left out for a single element, where it is 1.
            retain_graph: keep the saved values, so that backward can run again; the default is ``create_graph``.
            create_graph: record the backward pass itself, so that gradients can be differentiated again.
            inputs: add to the ``.grad`` of these only.

        Raises:
            RuntimeError: this Variable requires no gradient, is no scalar (without ``gradient``), or its graph was freed;
                or ``gradient`` has the wrong shape.
        """
        gradients.backward(self, gradient, retain_graph, create_graph, None, inputs)

    def _described(self) -> str:
        """How an error message names this Variable."""
        return f"variable {self.name!r}" if self.name else f"this Variable of shape {tuple(self.array.shape)}"

    def __repr__(self) -> str:
        return printing.variable_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """In a notebook, a Variable as a cell's last expression shows its card."""
        from ..viz import card

        return card(self)._repr_mimebundle_() | {"text/plain": repr(self)}

    @property
    def _wrapped(self) -> bool:
        return not self._raw or self.requires_grad


# Operations make Variables, and Variables make operations: the package's one import circle is closed here. These modules
# import `Variable` for the type checker only, and find it, once they run, where this puts it.
for module in (node, applying, engine, gradients, function, hooks, leaf_copies, primitive, versions, views):
    vars(module)["Variable"] = Variable
hooks.wrap = wrap  # type: ignore[attr-defined]
views.strided = strided  # type: ignore[attr-defined] # the operations by which a view is reached from its base
