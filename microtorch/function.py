"""The graph: a ``Function`` is the node that remembers an operation, and the context its backward reads.

`Function` is what users derive from (PyTorch's static ``forward`` and ``backward``); the package's own operations are of the
kind in ``primitive.py``. `AccumulateGrad` is the node at the end of every path: it adds what arrives to a leaf's ``.grad``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, TypeGuard
from weakref import ref

import numpy as np
from numpy import ndarray

from .dtypes import Array
from .grad_mode import mode, no_grad

if TYPE_CHECKING:
    from .variable import Variable

__all__ = ["AccumulateGrad", "Function"]

Edge = tuple["Function | None", int]  # where a gradient goes: a node, and which of that node's outputs it belongs to

NO_EDGE: Edge = (None, 0)  # of a value that needs no gradient
LEAF_EDGE: Edge = (None, -1)  # of a leaf that needs one: its AccumulateGrad is made when an operation first asks for it

new = object.__new__
next_sequence_nr = count().__next__


class Function:
    """A node of the graph, which is also the context (``ctx``) of the operation it remembers.

    Derive from it to define an operation of your own, with two static methods: ``forward(ctx, *args)`` computes the result
    without being recorded, and ``backward(ctx, *grad_outputs)`` returns one gradient (or None) for each argument of forward.

    >>> import microtorch
    >>> class Double(microtorch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x * 2
    ...
    ...     @staticmethod
    ...     def backward(ctx, grad_output):
    ...         return grad_output * 2
    >>> x = microtorch.ones(3, requires_grad=True)
    >>> y = Double.apply(x)
    >>> y.grad_fn, y.grad_fn.next_functions
    (<DoubleBackward>, ((<AccumulateGrad>, 0),))
    >>> y.sum().backward()
    >>> x.grad.tolist()
    [2.0, 2.0, 2.0]
    """

    __slots__ = ("__dict__", "__weakref__", "dtype", "next_functions", "saved", "sequence_nr", "shape")

    next_functions: tuple[Edge, ...]
    sequence_nr: int  # rises with every node made: a node is always younger than the nodes it reads from
    saved: tuple[Any, ...] | None  # None once backward has released it
    shape: tuple[int, ...] | None  # of the output; None where a node has several, which then stand in `outputs`
    dtype: np.dtype[Any] | None
    outputs: tuple[tuple[tuple[int, ...], np.dtype[Any]], ...]
    needs_input_grad: tuple[bool, ...] = ()

    def name(self) -> str:
        """The name PyTorch gives such a node."""
        return f"{type(self).__name__}Backward"

    def __repr__(self) -> str:
        return f"<{self.name()}>"  # without the address PyTorch shows: equal runs print equal notebooks

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """In a notebook, a node as a cell's last expression shows its graph."""
        from .viz import draw

        return draw(self)._repr_mimebundle_() | {"text/plain": repr(self)}

    @property
    def metadata(self) -> dict[str, Any]:
        """A dict for whatever a user wants to remember about this node."""
        return self.__dict__.setdefault("_metadata", {})  # type: ignore[no-any-return]

    def output(self, number: int) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Shape and NumPy dtype of one of the values this node made: those that its gradient has."""
        if self.shape is not None:
            assert self.dtype is not None
            return self.shape, self.dtype
        return self.outputs[number]

    # What follows is for Functions that users write; Primitive has its own `apply` and `gradients`.

    if TYPE_CHECKING:
        forward: Callable[..., Any]  # of any signature: static in a user's Function, a method in a Primitive
        backward: Callable[..., Any]
    else:

        @staticmethod
        def forward(ctx, *args):
            """Compute the result from the arguments: to be defined by a subclass."""
            raise NotImplementedError("a Function needs a static method forward(ctx, *args)")

        @staticmethod
        def backward(ctx, *grad_outputs):
            """Compute the arguments' gradients from the results' gradients: to be defined by a subclass."""
            raise NotImplementedError("a Function needs a static method backward(ctx, *grad_outputs)")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Compute ``forward`` on the arguments and record the node.

        Args:
            args: Variables, which become the node's edges, and anything else, which is passed on as it is.

        Returns:
            What ``forward`` returned: a Variable or a tuple of them.

        Raises:
            TypeError: ``forward`` returned something that is no Variable.
        """
        node = new(cls)
        node.saved = ()
        node.next_functions = tuple(gradient_edge(arg) if isinstance(arg, Variable) else NO_EDGE for arg in args)
        node.needs_input_grad = tuple(edge is not NO_EDGE for edge in node.next_functions)
        with no_grad():
            result = cls.forward(node, *args)
        results = result if isinstance(result, tuple) else (result,)
        for each in results:
            if not isinstance(each, Variable):
                raise TypeError(f"{cls.__name__}.forward must return a Variable or a tuple of them, not {type(each).__name__}")
        recorded = mode.enabled and any(node.needs_input_grad)
        edges = ((node, nr) if recorded and each.array.dtype.kind == "f" else NO_EDGE for nr, each in enumerate(results))
        outputs = tuple(wrap(each.array, edge) for each, edge in zip(results, edges, strict=True))
        if recorded:
            node.sequence_nr = next_sequence_nr()
            node.shape = node.dtype = None
            node.outputs = tuple((each.array.shape, each.array.dtype) for each in outputs)
            node._remember(args, results)
        return outputs if isinstance(result, tuple) else outputs[0]

    def save_for_backward(self, *variables: Variable | None) -> None:
        """Keep inputs, outputs or intermediate Variables for ``backward``, which finds them in ``saved_tensors``."""
        self._to_save = variables

    def _remember(self, args: tuple[Any, ...], results: tuple[Variable, ...]) -> None:
        """Save each value with what it is rewrapped by: its edge, or for an output just its number.

        An output's edge leads to this node: kept here, it would be a reference cycle, as would the output Variable itself.
        """
        where: dict[int, Edge | int] = {id(each): nr for nr, each in enumerate(results)}
        where |= {id(arg): edge for arg, edge in zip(args, self.next_functions, strict=True)}
        to_save = self.__dict__.pop("_to_save", ())
        self.saved = tuple(None if each is None else (each.array, where.get(id(each), NO_EDGE)) for each in to_save)

    @property
    def saved_tensors(self) -> tuple[Variable | None, ...]:
        """What ``save_for_backward`` kept, as Variables with their place in the graph.

        Raises:
            RuntimeError: backward has released them.
        """
        if self.saved is None:
            raise already_freed(self)
        return tuple(each if each is None else self._rewrapped_one(*each) for each in self.saved)

    def _rewrapped_one(self, array: Array, where: Edge | int) -> Variable:
        return rewrap(array, (self, where) if isinstance(where, int) else where)

    def saved_values(self) -> tuple[tuple[str, Any], ...] | None:
        """Name and array of all that is saved; None once it was released."""
        if self.saved is None:
            return None
        return tuple((f"saved_tensors[{i}]", each[0]) for i, each in enumerate(self.saved) if each is not None)

    def gradients(self, grad_outputs: Sequence[Any], wanted: Sequence[bool] | None, create_graph: bool) -> Sequence[Any]:
        """One gradient (or None) for each entry of ``next_functions``, from one for each output.

        Args:
            grad_outputs: arrays, or Variables where ``create_graph``; None for an output nobody used.
            wanted: which of them anyone asked for; None for all.
            create_graph: compute on Variables, so that the gradients can be differentiated again.

        Raises:
            RuntimeError: the saved values were released, or ``backward`` returned too many or too few gradients.
        """
        if self.saved is None:
            raise already_freed(self)
        given = [self._materialised(grad, nr) for nr, grad in enumerate(grad_outputs)]
        if create_graph:
            result = self.backward(self, *given)
        else:
            with no_grad():
                result = self.backward(self, *given)
        results = result if isinstance(result, tuple) else (result,)
        expected = len(self.next_functions)
        # More gradients than arguments are right as long as the rest is None: torch's rule.
        if len(results) < expected or any(each is not None for each in results[expected:]):
            raise RuntimeError(
                f"{self.name()} returned an incorrect number of gradients: {type(self).__name__}.backward returned "
                f"{len(results)}, but forward took {expected} arguments; return one gradient for each, None where there is none"
            )
        return [self._checked(grad, create_graph) for grad in results[:expected]]

    def _materialised(self, grad: Any, number: int) -> Variable:
        if grad is None:
            shape, dtype = self.outputs[number]
            grad = np.zeros(shape, dtype)
        return grad if isinstance(grad, Variable) else wrap(np.asarray(grad))

    def _checked(self, grad: Any, create_graph: bool) -> Any:
        if grad is None:
            return None
        if not isinstance(grad, Variable):
            raise TypeError(f"{type(self).__name__}.backward must return Variables or None, not {type(grad).__name__}")
        return grad if create_graph else grad.array


class AccumulateGrad(Function):
    """The end of every path: adds what arrives to the ``.grad`` of its leaf ``variable``."""

    __slots__ = ("variable",)

    def __init__(self, variable: Variable) -> None:
        self.variable = variable
        self.next_functions = ()
        self.saved = ()
        self.sequence_nr = next_sequence_nr()
        self.shape, self.dtype = variable.array.shape, variable.array.dtype

    def name(self) -> str:
        """``AccumulateGrad``."""
        return "AccumulateGrad"


def is_variable(value: Any) -> TypeGuard[Variable]:
    return isinstance(value, Variable)


def wrap(array: Array, edge: Edge = NO_EDGE) -> Variable:
    """A Variable around an array, without a copy and without any check."""
    variable = new(Variable)
    variable.array = array if array.__class__ is np.ndarray else np.asarray(array)
    variable._edge = edge
    return variable


def rewrap(array: Array, edge: Edge) -> Variable:
    """A saved array as the Variable it was: a leaf is the leaf itself, anything else a new Variable on the same edge."""
    node = edge[0]
    return node.variable if isinstance(node, AccumulateGrad) else wrap(array, edge)


def gradient_edge(variable: Variable) -> Edge:
    """Where the gradient of ``variable`` goes: its ``grad_fn`` and output number, or a leaf's AccumulateGrad."""
    edge = variable._edge
    return leaf_edge(variable) if edge is LEAF_EDGE else edge


def leaf_edge(leaf: Variable) -> Edge:
    """The edge to a leaf's AccumulateGrad, which all graphs share that use the leaf.

    The node holds its leaf, and the leaf holds the node weakly: no cycle, so a graph is freed as soon as nobody needs it.
    """
    reference = leaf._accumulator
    node = reference() if reference is not None else None
    if node is None:
        node = AccumulateGrad(leaf)
        leaf._accumulator = ref(node)
    return node, 0


_PLAIN = frozenset({bool, int, float, ndarray})


def constant(value: Any) -> Any:
    """An operand that is no Variable: a Python scalar, or an array that is not differentiated.

    Raises:
        TypeError: it is neither.
    """
    if value.__class__ in _PLAIN:
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


def already_freed(node: Function) -> RuntimeError:
    return RuntimeError(
        f"Trying to backward through the graph a second time: the values that {node.name()} saved were freed by the first "
        "backward(). Call that one with retain_graph=True, or compute the output anew before each backward()."
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
