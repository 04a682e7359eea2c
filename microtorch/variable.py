"""``Variable``: an array, its gradient, and the place in the graph it came from."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import dtypes, engine, function, primitive, printing
from .dtypes import Array, Size, dtype, from_numpy_dtype
from .function import LEAF_EDGE, NO_EDGE, Edge, Function, wrap
from .methods import Methods

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

    __slots__ = ("__dict__", "__weakref__", "_edge", "array")

    array: Array  # the values, of any shape; a scalar is 0-dimensional
    _edge: Edge  # where the gradient of this value goes: NO_EDGE, LEAF_EDGE, or (grad_fn, output number)

    # What most Variables never need is a class attribute until it is set.
    grad: Variable | None = None  # of a leaf: the sum of all gradients that backward() has brought
    name: str | None = None  # shown in drawings
    _accumulator: weakref.ref[function.AccumulateGrad] | None = None
    _raw: bool = False  # a tensor of 2017, which no Variable wraps: printed without "Variable containing:"

    def __init__(self, data: Variable | Array, requires_grad: bool = False) -> None:
        if isinstance(data, Variable):
            data = data.array
        if not isinstance(data, np.ndarray):
            raise TypeError(
                f"Variable(data) takes a Variable or a NumPy array, not {type(data).__name__}: "
                "make one of numbers with microtorch.tensor(...)"
            )
        from_numpy_dtype(data.dtype)
        self.array = data
        self._edge = NO_EDGE
        if requires_grad:
            self.requires_grad = True

    @property
    def grad_fn(self) -> Function | None:
        """The node of the operation that made this Variable; None for a leaf."""
        return self._edge[0]

    @property
    def output_nr(self) -> int:
        """Which of its ``grad_fn``'s outputs this is."""
        return max(self._edge[1], 0)

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made this Variable: only leaves get a ``.grad``."""
        return self._edge[0] is None

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this Variable are recorded."""
        return self._edge is not NO_EDGE

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if not self.is_leaf:
            if not wanted:
                raise RuntimeError(
                    f"you can only change requires_grad flags of leaf variables, and {self._described()} was made by "
                    f"{self._edge[0]}; use y = x.detach() for a value that does not require a gradient"
                )
            return
        if wanted and self.array.dtype.kind != "f":
            raise RuntimeError(
                f"only Tensors of floating point dtype can require gradients, and {self._described()} is of dtype "
                f"{self.dtype}; convert it first, for instance with .float()"
            )
        self._edge = LEAF_EDGE if wanted else NO_EDGE

    def requires_grad_(self, requires_grad: bool = True) -> Variable:
        """Set ``requires_grad`` in place, and return this Variable."""
        self.requires_grad = requires_grad
        return self

    @property
    def data(self) -> Variable:
        """The raw tensor: a Variable on the same memory that is not part of any graph."""
        raw = wrap(self.array)
        raw._raw = True
        return raw

    @data.setter
    def data(self, new: Variable) -> None:
        if not isinstance(new, Variable):
            raise TypeError(f"Variable data has to be a tensor, but got {type(new).__name__}")
        if self.requires_grad and new.array.dtype.kind != "f":
            raise RuntimeError(f"data of a Variable that requires a gradient must be of a floating dtype, not {new.dtype}")
        self.array = new.array

    def detach(self) -> Variable:
        """A Variable on the same memory that does not require a gradient."""
        return wrap(self.array)

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
        return self.shape if dim is None else self.array.shape[dim]

    def dim(self) -> int:
        """How many dimensions there are."""
        return self.array.ndim

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

    def numpy(self) -> Array:
        """The array itself, on the same memory.

        Raises:
            RuntimeError: this Variable requires a gradient, which would not see what is done to the array.
        """
        if self.requires_grad:
            raise RuntimeError("Can't call numpy() on Variable that requires grad. Use var.detach().numpy() instead.")
        return self.array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __reduce__(self) -> tuple[Any, ...]:
        if not self.is_leaf:
            raise RuntimeError(
                f"only leaves can be copied or pickled, and {self._described()} was made by {self.grad_fn}: use x.detach() "
                "first, or x.clone() for a copy that is part of the graph"
            )
        return _leaf, (self.array, self.requires_grad, self.grad, self.name, self._raw)

    def __format__(self, spec: str) -> str:
        return format(self.array.item() if not self.array.ndim else str(self), spec)

    def __index__(self) -> int:
        if self.array.dtype.kind not in "iub" or self.array.size != 1:
            raise TypeError(f"only integer tensors of a single element can be converted to an index: {self._described()}")
        return int(self.array.item())

    def __pos__(self) -> Variable:
        return self

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

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

    def __iter__(self) -> Iterator[Variable]:
        if not self.array.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return (self[i] for i in range(len(self.array)))

    def float(self) -> Variable:
        """The values as float32."""
        return self.to(dtypes.float32)

    def double(self) -> Variable:
        """The values as float64."""
        return self.to(dtypes.float64)

    def long(self) -> Variable:
        """The values as int64, rounded towards zero."""
        return self.to(dtypes.int64)

    def backward(
        self,
        gradient: Variable | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
    ) -> None:
        """Compute the gradient with respect to every leaf this Variable was computed from, and add it to the leaf's ``.grad``.

        Args:
            gradient: d(loss)/d(self), of this Variable's shape; may be left out for a single element, where it is 1.
            retain_graph: keep the saved values, so that backward can run again; the default is ``create_graph``.
            create_graph: record the backward pass itself, so that gradients can be differentiated again.

        Raises:
            RuntimeError: this Variable requires no gradient, is no scalar (without ``gradient``), or its graph was freed;
                or ``gradient`` has the wrong shape.
        """
        engine.backward(self, gradient, retain_graph, create_graph)

    def _described(self) -> str:
        """How an error message names this Variable."""
        return f"variable {self.name!r}" if self.name else f"this Variable of shape {tuple(self.array.shape)}"

    def __repr__(self) -> str:
        return printing.variable_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """In a notebook, a Variable as a cell's last expression shows its card."""
        from .viz import card

        return card(self)._repr_mimebundle_() | {"text/plain": repr(self)}

    @property
    def _wrapped(self) -> bool:
        return not self._raw or self.requires_grad


def _leaf(array: Array, requires_grad: bool, grad: Variable | None, name: str | None, raw: bool) -> Variable:
    """A leaf from what a copy or a pickle keeps of one."""
    leaf = Variable(array, requires_grad)
    leaf._raw = raw
    if grad is not None:
        leaf.grad = grad
    if name is not None:
        leaf.name = name
    return leaf


# Operations make Variables, and Variables make operations: the package's one import circle is closed here. Both modules
# import `Variable` for the type checker only, and find it, once they run, where this puts it.
for module in (function, primitive):
    vars(module)["Variable"] = Variable
