"""The package's own operations: a `Primitive` is forward in plain NumPy, and one rule for each input's gradient."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence
from operator import itemgetter
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

import numpy as np
from numpy import ndarray

from .dtypes import FLOAT32, FLOAT64, Array, promote
from .function import Function
from .grad_mode import mode
from .node import (
    DEAD_EDGE,
    NO_EDGE,
    Edge,
    array_of,
    constant,
    gradient_edge,
    new,
    next_sequence_nr,
    observed,
    rewrap,
    shapes_do_not_broadcast,
    unrecorded,
    wrap,
)
from .versions import stamps, version_of
from .views import viewing, viewing_each

if TYPE_CHECKING:
    from .variable import Variable

F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["Elementwise", "Primitive", "Rule", "Shared", "rule", "shared"]


class Rule(NamedTuple):
    """How one input's gradient follows from the output's: the function that computes it, and how to say it."""

    function: Callable[..., Any]
    reads: tuple[str, ...]  # what it needs of forward: names of inputs, outputs, or parameters
    formula: str
    in_words: bool


def rule(formula: str = "", *, words: str = "") -> Callable[[Callable[..., Any]], Rule]:
    """Declare the rule for one input of a `Primitive`: ``def grad_other(self, grad, …)`` gives the gradient of input ``other``.

    The parameters after ``grad`` name what the rule reads of forward: inputs, outputs (``out``), or parameters. Just that is
    saved, and only where the rule will be needed. The rule is written in operations that work on arrays and on Variables alike.

    Args:
        formula: the rule as one expression over the inputs' names, ``grad``, ``out`` and public operations. A test evaluates it.
        words: what the rule does, where no expression says it.
    """

    def declare(function: Callable[..., Any]) -> Rule:
        return Rule(function, _reads(function), formula or words, not formula)

    return declare


class Shared(NamedTuple):
    """What several rules of an operation need: computed once for all of them."""

    function: Callable[..., Any]
    reads: tuple[str, ...]


def shared(function: Callable[..., Any]) -> Shared:
    """Declare what several rules of a `Primitive` need: ``def centred(self, grad, input)``, for rules that read ``centred``.

    It reads what a rule may read, is written as a rule is, and is computed where one of the rules that read it is.
    """
    return Shared(function, _reads(function))


def _reads(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the parameters after ``self`` and ``grad``: inspect.signature takes a hundred times as long."""
    code = function.__code__
    return code.co_varnames[2 : code.co_argcount]


class Plan:
    """What a Primitive does when just some of its inputs need a gradient: made once for each such set."""

    __slots__ = ("gradients", "keep", "sources")

    def __init__(self, cls: type[Primitive], needed: Collection[int]) -> None:
        values, rules = _names_of_values(cls), {i: cls.rules[i] for i in needed}
        shares = {name: cls.shares[name] for each in rules.values() for name in each.reads if name in cls.shares}
        run: list[Shared | Rule] = [*shares.values(), *rules.values()]
        read = {name for each in run for name in each.reads} - {*shares}
        # Which of (*inputs, *parameters, *outputs) is saved, and how that is picked.
        self.sources = tuple(sorted(map(values.index, read)))
        self.keep = _picker(self.sources)
        order = [*(values[source] for source in self.sources), *shares]
        calls = [(each.function, [order.index(name) for name in each.reads]) for each in run]
        own = dict(zip(needed, calls[len(shares) :], strict=True))
        # The gradients from (node, grad, saved): one for each input, or None.
        gradients = _caller([own.get(i) for i in range(len(cls.rules))])
        self.gradients = _sharing(calls[: len(shares)], gradients) if shares else gradients


class Primitive(Function):
    """One of the package's operations: ``forward`` on NumPy arrays, and a `rule` for each input.

    A subclass defines ``forward(self, *inputs, **parameters)``, which returns an array (or a tuple of arrays), and for every
    input ``grad_<input>``. ``self`` is the node: what a rule needs besides inputs and output (a shape, an axis) is set on it.
    """

    __slots__ = ()

    torch_name: ClassVar[str]  # MulBackward0 is torch_name "Mul" and overload 0; set where the class is named otherwise
    overload: int = 0  # SumBackward0 sums everything, SumBackward1 along dimensions
    is_view: ClassVar[bool] = False  # whether the output shares the memory of the one input
    several_views: ClassVar[bool] = False  # whether there are several outputs, which all do
    input_names: ClassVar[tuple[str, ...]] = ()
    output_names: ClassVar[tuple[str, ...]] = ("out",)  # of the arrays that forward returns; declared where they are several
    parameter_names: ClassVar[tuple[str, ...]] = ()  # of the parameters that rules read: saved like inputs
    rules: ClassVar[tuple[Rule, ...]] = ()
    shares: ClassVar[dict[str, Shared]] = {}
    plans: ClassVar[list[Plan]] = []

    def __init_subclass__(cls) -> None:
        cls.torch_name = vars(cls).get("torch_name", cls.__name__)
        declared = {name[len("grad_") :]: each for name, each in vars(cls).items() if isinstance(each, Rule)}
        if declared:
            cls.input_names, cls.rules = tuple(declared), tuple(declared.values())
            cls.shares = {name: each for name, each in vars(cls).items() if isinstance(each, Shared)}
            reading: list[Rule | Shared] = [*cls.rules, *cls.shares.values()]
            read = {name: None for each in reading for name in each.reads}
            cls.parameter_names = tuple(name for name in read if name not in {*declared, *cls.shares, *cls.output_names})
            n = len(declared)
            cls.plans = [Plan(cls, [i for i in range(n) if needs >> i & 1]) for needs in range(1 << n)]
        if cls.rules:
            apply = (_apply_to_one if len(cls.rules) == 1 and not cls.parameter_names else _apply_to_several)(cls)
            if cls.is_view or cls.several_views:
                apply = (viewing if cls.is_view else viewing_each)(apply)
            cls.apply = staticmethod(apply)  # type: ignore[method-assign]

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
            parameters: everything that is not differentiated. What a rule reads may be a Variable: it is saved like an input.

        Returns:
            A Variable, or a tuple of them where ``forward`` returns a tuple.
        """
        values = tuple([each.array if isinstance(each, Variable) else constant(each) for each in inputs])
        edges = tuple([gradient_edge(each) if isinstance(each, Variable) else NO_EDGE for each in inputs])
        node = cls()
        return node.record(inputs, values, edges, node.forward(*values, **parameters))

    def record(self, given: Sequence[Any], values: Sequence[Any], edges: Sequence[Edge], out: Any) -> Any:
        """The output as a Variable (a tuple of them for a tuple), which this node remembers where an input needs a gradient.

        Args:
            given: the inputs as they came, and the parameters that rules read.
            values: the same as arrays and scalars.
            edges: of the inputs.
            out: what forward made of them.
        """
        several = out.__class__ is tuple
        recording = mode.recording
        if not recording or all(edge is NO_EDGE for edge in edges):
            return tuple(map(unrecorded, out)) if several else unrecorded(out)
        self.next_functions = tuple(edges)
        self._number = next_sequence_nr()
        self._hooks = None
        self._plan = plan = self.plans[sum(1 << i for i, (below, _) in enumerate(edges) if below is not None)]
        if several:
            self._shape = self._dtype = None
            self._outputs = tuple((each.shape, each.dtype) for each in out)
            results: tuple[Any, ...] = tuple(wrap(each, (self, nr)) for nr, each in enumerate(out))
        else:
            results = (wrap(out, (self, 0)),)
            self._shape, self._dtype = results[0].array.shape, results[0].array.dtype
        self._saved = plan.keep((*values, *(each.array for each in results)))
        self._versions = stamps(plan.keep((*given, *results)), self)
        if recording is not True:
            observed(self)
        return results if several else results[0]

    @classmethod
    def on(cls, *inputs: Any, **parameters: Any) -> Any:
        """The operation on arrays where arrays are given, on Variables where Variables are: for use in rules."""
        for each in inputs:
            if isinstance(each, Variable):
                return cls.apply(*inputs, **parameters)
        return cls().forward(*inputs, **parameters)

    def gradients(self, grad_outputs: Sequence[Any], wanted: Sequence[bool] | None, create_graph: bool) -> Sequence[Any]:
        """As `Node.gradients`, by the rules of the inputs that need one."""
        grad = grad_outputs[0] if self._shape is not None else grad_outputs
        if grad is None or (grad is grad_outputs and all(each is None for each in grad)):
            return [None] * len(self.next_functions)
        plan: Plan = self._plan
        saved = self._unpacked(create_graph)
        if wanted is not None:
            needs, bit = 0, 1
            for (below, _), want in zip(self.next_functions, wanted, strict=True):
                if want and below is not None:
                    needs += bit
                bit += bit
            plan = self.plans[needs]
            saved = tuple([saved[self._plan.sources.index(source)] for source in plan.sources])
        if create_graph:
            saved = self._rewrapped(plan, saved)
        return plan.gradients(self, grad, saved)

    def filled(self, grad_outputs: Sequence[Any]) -> Any:
        """Of an operation with several outputs, the gradients that have arrived, and zeros for what nobody used."""
        grads = [np.zeros(*output) if grad is None else grad for grad, output in zip(grad_outputs, self._outputs, strict=True)]
        return [np.asarray(grad) if isinstance(grad, np.generic) else grad for grad in grads]

    def _rewrapped(self, plan: Plan, saved: tuple[Any, ...]) -> tuple[Any, ...]:
        """Saved arrays as Variables with their place in the graph, so that rules can be differentiated."""
        edges = self.next_functions
        values: tuple[Any, ...] = ()
        for value, source in zip(saved, plan.sources):  # noqa: B905 - of one length
            if value.__class__ is ndarray:
                value = rewrap(value, edges[source] if source < len(edges) else self._edge_beyond(source))  # noqa: PLW2901
            values += (value,)
        return values

    def saved_edge(self, position: int) -> Edge:
        """Where the gradient of a saved value goes: of an input, to where it came from; of an output, here."""
        source: int = self._plan.sources[position]
        return self.next_functions[source] if source < len(self.next_functions) else self._edge_beyond(source)

    def _edge_beyond(self, source: int) -> Edge:
        """Of a value beyond the inputs: a parameter, which has none, or an output."""
        number = source - len(self.next_functions) - len(self.parameter_names)
        if number == 0 and self._edge_of_output is not None:
            return self._edge_of_output
        return (self, number) if number >= 0 else NO_EDGE

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The saved inputs and outputs as Variables with their place in the graph; Python scalars as they are."""
        return self._rewrapped(self._plan, self._unpacked(mode.grad))

    def saved_values(self) -> tuple[tuple[str, Any], ...] | None:
        """Name and value (array or Python scalar) of all that is saved; None once it was released."""
        if self._saved is None:
            return None
        names = _names_of_values(self)
        return tuple((names[source], value) for source, value in zip(self._plan.sources, self._saved, strict=True))


def _names_of_values(operation: Primitive | type[Primitive]) -> tuple[str, ...]:
    """What a node of an operation may save, in order."""
    return (*operation.input_names, *operation.parameter_names, *operation.output_names)


class Elementwise(Primitive):
    """A `Primitive` on two operands, element by element, that one NumPy ufunc computes, with torch's type promotion."""

    __slots__ = ()

    ufunc: ClassVar[Any]  # one of NumPy, or a function that computes as one does
    floating: ClassVar[bool] = False  # whether integers become floats first

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.rules and hasattr(cls, "ufunc"):
            cls.apply = staticmethod(_apply_to_two(cls))  # type: ignore[method-assign]

    def forward(self, x: Any, y: Any) -> Array:
        """The values alone: what `Primitive.on` asks for."""
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
            if "broadcast" not in str(error):
                raise RuntimeError(f"{cls.__name__}: {error}") from None
            raise shapes_do_not_broadcast(cls.__name__, np.shape(x), np.shape(y)) from None


def _apply_to_one(cls: type[Primitive]) -> Callable[..., Any]:
    """`Primitive.apply` for exactly one input, unrolled: see `_apply_to_two`."""
    plan = cls.plans[1]
    keep = plan.keep if plan.sources else None

    def apply(x: Any, **parameters: Any) -> Any:
        if isinstance(x, Variable):
            value, edge = x.array, x._edge
            if edge[0] is None and edge is not NO_EDGE:
                edge = gradient_edge(x)
        else:
            value, edge = array_of(x), NO_EDGE  # which says that it is none
        node = cls()
        out = node.forward(value, **parameters) if parameters else node.forward(value)
        recording = mode.recording
        if edge[0] is None or out.__class__ is tuple or not recording:
            return node.record((x,), (value,), (edge,), out)
        result = new(Variable)
        result.array = out = out if out.__class__ is ndarray else np.asarray(out)
        result._grad = result._view = result._version_cell = result._accumulator = None
        node.next_functions = (edge,)
        node._number = next_sequence_nr()
        node._shape = out.shape
        node._dtype = out.dtype
        node._hooks = None
        node._plan = plan
        if keep is None:
            node._saved, node._versions = (), None
        else:
            node._saved, node._versions = keep((value, out)), stamps(keep((x, result)), node)
        result._edge = (node, 0)
        if recording is not True:
            observed(node)
        return result

    return own_code(apply)


def _apply_to_several(cls: type[Primitive]) -> Callable[..., Any]:  # noqa: C901
    """`Primitive.apply` for any number of inputs, and for parameters that are saved like them: see `_apply_to_two`."""
    plans, names = cls.plans, cls.parameter_names

    def apply(*inputs: Any, **parameters: Any) -> Any:  # noqa: C901
        values, edges, needs, bit, alive = [], [], 0, 1, False
        for each in inputs:
            if isinstance(each, Variable):
                values.append(each.array)
                edge = each._edge
                if edge[0] is None and edge is not NO_EDGE:
                    edge = gradient_edge(each)
                if edge is not NO_EDGE:
                    alive = True
                    if edge[0] is not None:
                        needs += bit
                edges.append(edge)
            else:
                values.append(constant(each))
                edges.append(NO_EDGE)
            bit += bit
        for name in names:
            each = parameters[name]
            inputs += (each,)
            parameters[name] = array = each.array if isinstance(each, Variable) else each
            values.append(array)
        node = cls()
        try:
            out = node.forward(*(values[: len(edges)] if names else values), **parameters)
        except ValueError as error:
            raise _in_torch_terms(error, cls) from None
        recording = mode.recording
        if not alive or not recording or out.__class__ is tuple:
            return node.record(inputs, values, edges, out)
        result = new(Variable)
        result.array = out = out if out.__class__ is ndarray else np.asarray(out)
        result._grad = result._view = result._version_cell = result._accumulator = None
        node.next_functions = tuple(edges)
        node._number = next_sequence_nr()
        node._shape = out.shape
        node._dtype = out.dtype
        node._hooks = None
        node._plan = plan = plans[needs]
        if plan.sources:
            node._saved, node._versions = plan.keep((*values, out)), stamps(plan.keep((*inputs, result)), node)
        else:
            node._saved, node._versions = (), None
        result._edge = (node, 0)
        if recording is not True:
            observed(node)
        return result

    return own_code(apply)


def _in_torch_terms(error: ValueError, operation: type[Primitive]) -> Exception:
    if "broadcast" not in str(error):
        return error
    return RuntimeError(f"{operation.torch_name}: the shapes of the operands do not broadcast: {error}")


def _apply_to_two(cls: type[Elementwise]) -> Callable[[Any, Any], Variable]:  # noqa: C901, PLR0915 - unrolled, which is its purpose
    """`Primitive.apply` for exactly two inputs, unrolled, with its class bound and all that it calls written out.

    Small programs consist of such operations, and what they pay for is here: this takes half the time.
    """
    ufunc, plans = cls.ufunc, cls.plans
    in_general: Callable[..., Variable] = functools.partial(vars(Primitive)["apply"].__func__, cls)
    keeps = [plan.keep if plan.sources else None for plan in plans]
    reads_other_alone = [plan.sources == (1,) for plan in plans]
    reads_both = plans[3].sources == (0, 1)

    def apply(x: Any, y: Any) -> Variable:  # noqa: C901, PLR0912, PLR0915
        if isinstance(x, Variable):
            a, x_edge = x.array, x._edge
            if x_edge[0] is None and x_edge is not NO_EDGE:
                x_edge = gradient_edge(x)
                if x_edge is DEAD_EDGE:
                    return in_general(x, y)
        else:
            a, x_edge = constant(x), NO_EDGE
        b: Any
        if isinstance(y, Variable):
            b, y_edge = y.array, y._edge
            if y_edge[0] is None and y_edge is not NO_EDGE:
                y_edge = gradient_edge(y)
                if y_edge is DEAD_EDGE:
                    return in_general(x, y)
            same = a.__class__ is ndarray and b.dtype is a.dtype
        else:
            b, y_edge = (y if y.__class__ is float or y.__class__ is int else constant(y)), NO_EDGE
            same = b.__class__ is not ndarray
        # Two arrays of one floating dtype, or one and a number, need no promotion.
        if same and ((dtype := a.dtype) is FLOAT64 or dtype is FLOAT32):
            if b.__class__ is int:
                b = float(b)  # which NumPy takes faster
            try:
                out = ufunc(a, b)
            except ValueError:
                raise shapes_do_not_broadcast(cls.__name__, a.shape, np.shape(b)) from None
            if out.__class__ is not ndarray:
                out = np.asarray(out)
        else:
            out = cls.compute(a, b)
        needs = (x_edge is not NO_EDGE) + 2 * (y_edge is not NO_EDGE)
        recording = mode.recording
        if not needs or not recording:
            return unrecorded(out)
        result = new(Variable)
        result.array = out
        result._grad = result._view = result._version_cell = result._accumulator = None
        node = cls()
        node.next_functions = (x_edge, y_edge)
        node._number = next_sequence_nr()
        node._shape = out.shape
        node._dtype = out.dtype
        node._hooks = None
        node._plan = plans[needs]
        keep = keeps[needs]
        if keep is None:
            node._saved, node._versions = (), None
        else:
            node._saved = keep((a, b, out))
            if needs == 3 and reads_both:
                x_cell, y_cell = x._version_cell or version_of(x), y._version_cell or version_of(y)
                node._versions = ((x_cell, x_cell.number), (y_cell, y_cell.number))
            elif b.__class__ is not ndarray and reads_other_alone[needs]:
                node._versions = None
            else:
                node._versions = stamps(keep((x, y, result)), node)
        result._edge = (node, 0)
        if recording is not True:
            observed(node)
        return result

    return own_code(apply)


def _caller(calls: Sequence[tuple[Callable[..., Any], list[int]] | None]) -> Callable[[Any, Any, Any], Sequence[Any]]:
    """A function that calls the rules of one plan, each with the saved values it reads; the commonest forms are written out."""
    match calls:
        case [(f, [])]:
            return own_code(lambda node, grad, saved: (f(node, grad),))
        case [(f, [_])]:
            return own_code(lambda node, grad, saved: (f(node, grad, saved[0]),))
        case [(f, []), None]:
            return own_code(lambda node, grad, saved: (f(node, grad), None))
        case [(f, [_]), None]:
            return own_code(lambda node, grad, saved: (f(node, grad, saved[0]), None))
        case [(f, []), (g, [])]:
            return own_code(lambda node, grad, saved: (f(node, grad), g(node, grad)))
        case [(f, [i]), (g, [j])]:
            return own_code(lambda node, grad, saved: (f(node, grad, saved[i]), g(node, grad, saved[j])))
    return lambda node, grad, saved: [
        None if call is None else call[0](node, grad, *[saved[i] for i in call[1]]) for call in calls
    ]


def _sharing(calls: Sequence[tuple[Callable[..., Any], list[int]]], gradients: Any) -> Callable[[Any, Any, Any], Sequence[Any]]:
    """As ``gradients``, after the ``calls`` that compute what the rules share, and put it behind what is saved."""

    def after_sharing(node: Any, grad: Any, saved: tuple[Any, ...]) -> Any:
        for function, indices in calls:
            saved = (*saved, function(node, grad, *[saved[i] for i in indices]))
        return gradients(node, grad, saved)

    return after_sharing


def own_code(function: F) -> F:
    """``function`` with a code object of its own.

    CPython (since 3.11) adapts a piece of code to the types it meets there. What is shared by all operations meets all their
    classes, and stays slow; a copy for each class meets one, and setting the attributes of a node takes a tenth of the time.
    """
    assert isinstance(function, FunctionType)
    code = function.__code__.replace()
    return FunctionType(code, function.__globals__, code.co_name, function.__defaults__, function.__closure__)  # type: ignore[return-value]


def _picker(indices: Sequence[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """A function that picks these items out of a tuple, as a tuple: what itemgetter gives for two or more, or for a slice."""
    if len(indices) > 1:
        return itemgetter(*indices)
    start = indices[0] if indices else 0
    return itemgetter(slice(start, start + len(indices)))
