"""The graph: a ``Function`` is the node that remembers an operation, and the context its backward reads.

`Function` is what users derive from (PyTorch's static ``forward`` and ``backward``). The package's own operations are
`Primitive`: forward is plain NumPy, and each input has one rule which gives its gradient. `AccumulateGrad` is the node at
the end of every path: it adds what arrives to a leaf's ``.grad``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from itertools import count
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeGuard
from weakref import ref

import numpy as np
from numpy import ndarray

from .dtypes import FLOAT32, FLOAT64, Array, promote
from .grad_mode import mode, no_grad

if TYPE_CHECKING:
    from .variable import Variable

__all__ = ["AccumulateGrad", "Function", "Primitive", "rule"]

Edge = tuple["Function | None", int]  # where a gradient goes: a node, and which of that node's outputs it belongs to

NO_EDGE: Edge = (None, 0)  # of a value that needs no gradient
LEAF_EDGE: Edge = (None, -1)  # of a leaf that needs one: its AccumulateGrad is made when an operation first asks for it

new = object.__new__
next_sequence_nr = count().__next__


def close_the_circle(variable_class: type[Variable]) -> None:
    """Operations make Variables, and Variables make operations: the package's one import circle is closed here.

    ``variable.py`` imports the operations, which import this module; it calls this function once it has defined `Variable`.
    """
    globals()["Variable"] = variable_class


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
        outputs = tuple(wrap(each.array, (node, nr) if recorded else NO_EDGE) for nr, each in enumerate(results))
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


class Rule(NamedTuple):
    """How one input's gradient follows from the output's: the function that computes it, and how to say it."""

    function: Callable[..., Any]
    reads: tuple[str, ...]  # what it needs of forward: names of inputs, or "out"
    formula: str
    in_words: bool


def rule(formula: str = "", *, words: str = "") -> Callable[[Callable[..., Any]], Rule]:
    """Declare the rule for one input of a `Primitive`: ``def grad_other(self, grad, …)`` gives the gradient of input ``other``.

    The parameters after ``grad`` name what the rule reads of forward: inputs, or ``out``. Just that is saved, and only where
    the rule will be needed. The rule is written in operations that work on arrays and on Variables alike.

    Args:
        formula: the rule as one expression over the inputs' names, ``grad``, ``out`` and public operations. A test evaluates it.
        words: what the rule does, where no expression says it.
    """

    def declare(function: Callable[..., Any]) -> Rule:
        return Rule(function, tuple(inspect.signature(function).parameters)[2:], formula or words, not formula)

    return declare


class Plan(NamedTuple):
    """What a Primitive does when just some of its inputs need a gradient: made once for each such set."""

    keep: Callable[[tuple[Any, ...]], tuple[Any, ...]]  # picks what is saved out of (*inputs, out)
    sources: tuple[int, ...]  # which of these that is
    gradients: Callable[[Any, Any, tuple[Any, ...]], Sequence[Any]]  # of (node, grad, saved): one for each input, or None


class Primitive(Function):
    """One of the package's operations: ``forward`` on NumPy arrays, and a `rule` for each input.

    A subclass defines ``forward(self, *inputs, **parameters)``, which returns an array (or a tuple of arrays), and for every
    input ``grad_<input>``. ``self`` is the node: what a rule needs besides inputs and output (a shape, an axis) is set on it.
    """

    __slots__ = ("plan",)

    plan: Plan
    torch_name: ClassVar[str]  # MulBackward0 is torch_name "Mul" and overload 0; set where the class is named otherwise
    overload: int = 0  # SumBackward0 sums everything, SumBackward1 along dimensions
    input_names: ClassVar[tuple[str, ...]] = ()
    rules: ClassVar[tuple[Rule, ...]] = ()
    plans: ClassVar[list[Plan]] = []

    def __init_subclass__(cls) -> None:
        cls.torch_name = vars(cls).get("torch_name", cls.__name__)
        declared = {name[len("grad_") :]: each for name, each in vars(cls).items() if isinstance(each, Rule)}
        if declared:
            cls.input_names, cls.rules = tuple(declared), tuple(declared.values())
            n = len(declared)
            cls.plans = [cls._plan([i for i in range(n) if needs >> i & 1]) for needs in range(1 << n)]
        if len(cls.rules) == 1:
            cls.apply = staticmethod(_apply_to_one(cls))  # type: ignore[method-assign]

    @classmethod
    def _plan(cls, needed: Collection[int]) -> Plan:
        """The plan where the inputs with these numbers need a gradient."""
        values = [*cls.input_names, "out"]
        reads = {i: [values.index(name) for name in cls.rules[i].reads] for i in needed}
        sources = sorted({source for row in reads.values() for source in row})
        calls = [
            (cls.rules[i].function, _picker([sources.index(source) for source in reads[i]])) if i in reads else None
            for i in range(len(cls.rules))
        ]
        return Plan(_picker(sources), tuple(sources), _caller(calls))

    def name(self) -> str:
        """The name PyTorch gives such a node."""
        return f"{self.torch_name}Backward{self.overload}"

    @property
    def formulas(self) -> tuple[str, ...]:
        """For each input, its rule: an expression or a sentence."""
        return tuple(each.formula for each in self.rules)

    @classmethod
    def apply(cls, *inputs: Any, **parameters: Any) -> Any:
        """Compute ``forward`` on the inputs' arrays, and record the node where an input requires a gradient.

        Args:
            inputs: Variables, arrays or Python scalars: the node gets one edge for each.
            parameters: everything that is not differentiated.

        Returns:
            A Variable, or a tuple of them where ``forward`` returns a tuple.
        """
        needs, bit = 0, 1
        values: tuple[Any, ...] = ()
        edges: tuple[Edge, ...] = ()
        for each in inputs:
            if isinstance(each, Variable):
                value, edge = each.array, each._edge
                if edge is not NO_EDGE:
                    needs |= bit
                    if edge is LEAF_EDGE:
                        edge = leaf_edge(each)
            else:
                value, edge = constant(each), NO_EDGE
            values += (value,)
            edges += (edge,)
            bit <<= 1
        node = new(cls)
        out = node.forward(*values, **parameters)
        return node.recorded(needs, values, edges, out)

    def recorded(self, needs: int, values: tuple[Any, ...], edges: tuple[Edge, ...], out: Any) -> Any:
        """The output as a Variable (a tuple of them for a tuple), which this node remembers where an input needs a gradient."""
        several = out.__class__ is tuple
        if not several and out.__class__ is not ndarray:
            out = np.asarray(out)  # NumPy gives numbers where 0-dim arrays are meant
        if not needs or not mode.enabled:
            return tuple(map(wrap, out)) if several else wrap(out)
        self.next_functions = edges
        self.sequence_nr = next_sequence_nr()
        self.plan = self.plans[needs]
        self.saved = self.plan.keep((*values, out))
        if several:
            self.shape = self.dtype = None
            self.outputs = tuple((each.shape, each.dtype) for each in out)
            return tuple(wrap(each, (self, nr)) for nr, each in enumerate(out))
        self.shape, self.dtype = out.shape, out.dtype
        return wrap(out, (self, 0))

    @classmethod
    def on(cls, *inputs: Any, **parameters: Any) -> Any:
        """The operation on arrays where arrays are given, on Variables where Variables are: for use in rules."""
        if any(isinstance(each, Variable) for each in inputs):
            return cls.apply(*inputs, **parameters)
        return new(cls).forward(*inputs, **parameters)

    def gradients(self, grad_outputs: Sequence[Any], wanted: Sequence[bool] | None, create_graph: bool) -> Sequence[Any]:
        """As `Function.gradients`, by the rules of the inputs that need one."""
        grad = grad_outputs[0] if self.shape is not None else grad_outputs
        if grad is None:
            return [None] * len(self.next_functions)
        plan, saved = self.plan, self.saved
        if saved is None:
            raise already_freed(self)
        if wanted is not None:
            needed = [
                i for i, (edge, want) in enumerate(zip(self.next_functions, wanted, strict=True)) if want and edge is not NO_EDGE
            ]
            plan = self._plan(needed)
            saved = tuple(saved[self.plan.sources.index(source)] for source in plan.sources)
        if create_graph:
            saved = self._rewrapped(plan, saved)
        return plan.gradients(self, grad, saved)

    def _rewrapped(self, plan: Plan, saved: tuple[Any, ...]) -> tuple[Any, ...]:
        """Saved arrays as Variables with their place in the graph, so that rules can be differentiated."""
        edges = (*self.next_functions, (self, 0))
        return tuple(
            rewrap(value, edges[source]) if value.__class__ is ndarray else value
            for value, source in zip(saved, plan.sources, strict=True)
        )

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The saved inputs and outputs as Variables with their place in the graph; Python scalars as they are."""
        if self.saved is None:
            raise already_freed(self)
        return self._rewrapped(self.plan, self.saved)

    def saved_values(self) -> tuple[tuple[str, Any], ...] | None:
        """Name and value (array or Python scalar) of all that is saved; None once it was released."""
        if self.saved is None:
            return None
        names = (*self.input_names, "out")
        return tuple((names[source], value) for source, value in zip(self.plan.sources, self.saved, strict=True))


class Elementwise(Primitive):
    """A `Primitive` on two operands, element by element, that one NumPy ufunc computes, with torch's type promotion."""

    __slots__ = ()

    ufunc: ClassVar[np.ufunc]
    floating: ClassVar[bool] = False  # whether integers become floats first

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.apply = staticmethod(_apply_to_two(cls))  # type: ignore[method-assign]

    def forward(self, x: Any, y: Any) -> Array:
        return self.compute(x, y)

    @classmethod
    def compute(cls, x: Any, y: Any) -> Array:
        """The values alone, from arrays and Python scalars.

        Raises:
            RuntimeError: the shapes do not broadcast.
        """
        x, y = promote(x, y, floating=cls.floating)
        try:
            return np.asarray(cls.ufunc(x, y))
        except ValueError as error:
            raise shapes_do_not_broadcast(cls.__name__, np.shape(x), np.shape(y)) from error


def _apply_to_one(cls: type[Primitive]) -> Callable[..., Any]:
    """`Primitive.apply` for exactly one input, unrolled: see `_apply_to_two`."""
    plan = cls.plans[1]
    keep = plan.keep

    def apply(x: Any, **parameters: Any) -> Any:
        if isinstance(x, Variable):
            value, edge = x.array, x._edge
            if edge is LEAF_EDGE:
                edge = leaf_edge(x)
        else:
            value, edge = constant(x), NO_EDGE
        node = new(cls)
        out = node.forward(value, **parameters)
        if edge is NO_EDGE or out.__class__ is tuple or not mode.enabled:
            return node.recorded(edge is not NO_EDGE, (value,), (edge,), out)
        result = new(Variable)
        result.array = out = out if out.__class__ is ndarray else np.asarray(out)
        node.next_functions = (edge,)
        node.sequence_nr = next_sequence_nr()
        node.shape = out.shape
        node.dtype = out.dtype
        node.plan = plan
        node.saved = keep((value, out))
        result._edge = (node, 0)
        return result

    return apply


def _apply_to_two(  # noqa: C901 - unrolled, which is its purpose
    cls: type[Elementwise],
) -> Callable[[Any, Any], Variable]:
    """`Primitive.apply` for exactly two inputs, unrolled, with its class bound and all that it calls written out.

    Small programs consist of such operations, and what they pay for is here: this takes half the time.
    """
    ufunc, plans = cls.ufunc, cls.plans

    def apply(x: Any, y: Any) -> Variable:  # noqa: C901, PLR0912
        needs = 0
        if isinstance(x, Variable):
            a, x_edge = x.array, x._edge
            if x_edge is not NO_EDGE:
                needs = 1
                if x_edge is LEAF_EDGE:
                    x_edge = leaf_edge(x)
        else:
            a, x_edge = constant(x), NO_EDGE
        b: Any
        if isinstance(y, Variable):
            b, y_edge = y.array, y._edge
            if y_edge is not NO_EDGE:
                needs |= 2
                if y_edge is LEAF_EDGE:
                    y_edge = leaf_edge(y)
            same = a.__class__ is ndarray and b.dtype is a.dtype
        else:
            b, y_edge = (y if y.__class__ is int or y.__class__ is float else constant(y)), NO_EDGE
            same = b.__class__ is not ndarray
        # Two arrays of one floating dtype, or one and a number, need no promotion.
        if same and ((dtype := a.dtype) is FLOAT32 or dtype is FLOAT64):
            try:
                out = ufunc(a, b)
            except ValueError:
                raise shapes_do_not_broadcast(cls.__name__, a.shape, np.shape(b)) from None
            if out.__class__ is not ndarray:
                out = np.asarray(out)
        else:
            out = cls.compute(a, b)
        if not needs or not mode.enabled:
            return wrap(out)
        result = new(Variable)
        result.array = out
        node = new(cls)
        node.next_functions = (x_edge, y_edge)
        node.sequence_nr = next_sequence_nr()
        node.shape = out.shape
        node.dtype = out.dtype
        node.plan = plan = plans[needs]
        node.saved = plan.keep((a, b, out))
        result._edge = (node, 0)
        return result

    return apply


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


def _caller(
    calls: Sequence[tuple[Callable[..., Any], Callable[..., Any]] | None],
) -> Callable[[Any, Any, Any], Sequence[Any]]:
    """A function that calls the rules of one plan; the two commonest forms are written out, which saves a loop."""
    if len(calls) == 1 and calls[0] is not None:
        only = calls[0][0]
        return lambda node, grad, saved: (only(node, grad, *saved),)
    if len(calls) == 2 and calls[0] is not None:
        if calls[1] is None:
            first = calls[0][0]
            return lambda node, grad, saved: (first(node, grad, *saved), None)
        (f, f_reads), (g, g_reads) = calls[0], calls[1]
        return lambda node, grad, saved: (f(node, grad, *f_reads(saved)), g(node, grad, *g_reads(saved)))
    return lambda node, grad, saved: [None if call is None else call[0](node, grad, *call[1](saved)) for call in calls]


def _picker(indices: Sequence[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """A function that picks these items out of a tuple, as a tuple: what itemgetter gives for two or more, or for a slice."""
    if len(indices) > 1:
        return itemgetter(*indices)
    start = indices[0] if indices else 0
    return itemgetter(slice(start, start + len(indices)))


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
