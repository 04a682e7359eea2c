"""Rules, and how they are called: what a `Primitive` says of each gradient, made into one function for each set of inputs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from operator import itemgetter
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from .primitive import Primitive

F = TypeVar("F", bound=Callable[..., Any])
Gradients = Callable[[Any, Any, Any], Sequence[Any]]  # from (node, grad, saved): a gradient, or None, for each input

__all__ = ["Plan", "Rule", "Shared", "names_of_values", "own_code", "rule", "shared"]


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

    __slots__ = ("gradients", "keep", "needed", "of_output", "operation", "parts", "sources")

    gradients: Gradients  # of all that are needed

    def __init__(self, operation: type[Primitive], needed: Collection[int]) -> None:
        self.operation, self.needed, self.parts = operation, needed, dict[tuple[bool, ...], Gradients]()
        values, rules, shares = names_of_values(operation), *self.rules(needed)
        run: list[Rule | Shared] = [*shares.values(), *rules.values()]
        read = {name for each in run for name in each.reads} - {*shares}
        # Which of (*inputs, *parameters, *outputs) is saved, and how that is picked.
        self.sources = tuple(sorted(map(values.index, read)))
        self.keep = _picker(self.sources)
        self.of_output = any(values[source] in operation.output_names for source in self.sources)
        self.gradients = self.first_gradients

    def rules(self, needed: Collection[int]) -> tuple[dict[int, Rule], dict[str, Shared]]:
        """Those of the inputs that need a gradient, and what they share."""
        rules, shares = {i: self.operation.rules[i] for i in needed}, self.operation.shares
        return rules, {name: shares[name] for each in rules.values() for name in each.reads if name in shares}

    def first_gradients(self, node: Any, grad: Any, saved: Any) -> Sequence[Any]:
        """``gradients``, until it is called for the first time: most operations never are, and importing all costs less so."""
        self.gradients = self.gradients_of(self.needed)
        return self.gradients(node, grad, saved)

    def only(self, wanted: Sequence[bool] | None) -> Gradients:
        """As ``gradients``, of some inputs only; None for all."""
        if wanted is None:
            return self.gradients
        key = tuple(wanted)
        if key not in self.parts:
            self.parts[key] = self.gradients_of([i for i in self.needed if wanted[i]])
        return self.parts[key]

    def gradients_of(self, needed: Collection[int]) -> Gradients:
        """What computes the gradients of just these inputs."""
        values, rules, shares = names_of_values(self.operation), *self.rules(needed)
        order = [*(values[source] for source in self.sources), *shares]
        own = {i: _call(each, order) for i, each in rules.items()}
        gradients = _caller([own.get(i) for i in range(len(self.operation.rules))])
        return _sharing([_call(each, order) for each in shares.values()], gradients) if shares else gradients


def names_of_values(operation: Primitive | type[Primitive]) -> tuple[str, ...]:
    """What a node of an operation may save, in order."""
    return (*operation.input_names, *operation.parameter_names, *operation.output_names)


_Call = tuple[Callable[..., Any], list[int]]  # a rule's function, and which of the saved values it reads


def _passed(node: Any, grad: Any) -> Any:
    return grad


_PASSED: _Call = (_passed, [])


def _call(each: Rule | Shared, order: list[str]) -> _Call:
    """How a rule is called; where its formula is just "grad", it need not be: the gradient is passed on."""
    if isinstance(each, Rule) and each.formula == "grad":
        return _PASSED
    return each.function, [order.index(name) for name in each.reads]


def _caller(calls: Sequence[_Call | None]) -> Gradients:  # noqa: C901, PLR0912 - a table
    """A function that calls the rules of one plan, each with the saved values it reads; the commonest forms are written out."""
    passed = [call is _PASSED for call in calls]
    match calls:
        case [_] if passed[0]:
            return own_code(lambda node, grad, saved: (grad,))
        case [_, None] if passed[0]:
            return own_code(lambda node, grad, saved: (grad, None))
        case [_, _] if all(passed):
            return own_code(lambda node, grad, saved: (grad, grad))
        case [(f, [])]:
            return own_code(lambda node, grad, saved: (f(node, grad),))
        case [(f, [i])]:
            return own_code(lambda node, grad, saved: (f(node, grad, saved[i]),))
        case [None, (g, [])]:
            return own_code(lambda node, grad, saved: (None, g(node, grad)))
        case [None, (g, [i])]:
            return own_code(lambda node, grad, saved: (None, g(node, grad, saved[i])))
        case [_, None, (h, [i])] if passed[0]:
            return own_code(lambda node, grad, saved: (grad, None, h(node, grad, saved[i])))
        case [_, (g, [i]), (h, [j])] if passed[0]:
            return own_code(lambda node, grad, saved: (grad, g(node, grad, saved[i]), h(node, grad, saved[j])))
        case [(f, []), None]:
            return own_code(lambda node, grad, saved: (f(node, grad), None))
        case [(f, [i]), None]:
            return own_code(lambda node, grad, saved: (f(node, grad, saved[i]), None))
        case [(f, []), (g, [])]:
            return own_code(lambda node, grad, saved: (f(node, grad), g(node, grad)))
        case [(f, [i]), (g, [j])]:
            return own_code(lambda node, grad, saved: (f(node, grad, saved[i]), g(node, grad, saved[j])))
    return lambda node, grad, saved: [
        None if call is None else call[0](node, grad, *[saved[i] for i in call[1]]) for call in calls
    ]


def _sharing(calls: Sequence[tuple[Callable[..., Any], list[int]]], gradients: Any) -> Gradients:
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
