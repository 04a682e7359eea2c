"""How is the gradient of each input said, and called? A rule beside the operation; and all rules of a node as one function.

`Rule` is what a `Primitive` says of one input. A `RuleSet` is made of them for each set of inputs that may need a gradient: of
``x * w``, where only ``w`` needs one, the set has the rule for ``w``, and saves what that reads, ``x``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from .unrolled import PASSED, Call, Gradients, call_all, pick

__all__ = ["Rule", "RuleSet", "RuleSets", "Shared", "names_of_values", "rule", "shared"]


class Rule(NamedTuple):
    """How one input's gradient follows from the output's: the function that computes it, and how to say it."""

    function: Callable[..., Any]
    reads: tuple[str, ...]  # what it needs of forward: names of inputs, outputs, or parameters
    formula: str
    in_words: bool
    flat: bool  # whether it does not change with its own input, where that changes a little: see `create_graph.recorded`


def rule(formula: str = "", *, words: str = "", flat: bool = False) -> Callable[[Callable[..., Any]], Rule]:
    """Declare the rule for one input of a `Primitive`: ``def grad_other(self, grad, …)`` gives the gradient of input ``other``.

    The parameters after ``grad`` name what the rule reads of forward: inputs, outputs (``out``), or parameters. Just that is
    saved, and only where the rule will be needed. The rule is written in operations that work on arrays and on Variables alike.

    Args:
        formula: the rule as one expression over the inputs' names, ``grad``, ``out`` and public operations. A test evaluates it.
        words: what the rule does, where no expression says it.
        flat: whether the gradient's own derivative with respect to this input is zero, as of relu, whose gradient is a step.
    """

    def declare(function: Callable[..., Any]) -> Rule:
        return Rule(function, _reads(function), formula or words, not formula, flat)

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


class RuleSet:
    """The rules of the inputs that need a gradient, and what is saved for them: made once for each such set of inputs."""

    __slots__ = ("flat", "gradients", "keep", "needed", "of_output", "operation", "others", "parts", "sources")

    gradients: Gradients  # of all that are needed

    def __init__(self, operation: Any, needed: Collection[int]) -> None:
        self.operation, self.needed, self.parts = operation, needed, dict[tuple[bool, ...], Gradients]()
        values, rules, shares = names_of_values(operation), *self.rules(needed)
        run: list[Rule | Shared] = [*shares.values(), *rules.values()]
        read = {name for each in run for name in each.reads} - {*shares}
        # Which of (*inputs, *parameters, *outputs) is saved, and how that is picked.
        self.sources = tuple(sorted(map(values.index, read)))
        self.keep = pick(self.sources)
        self.flat = [i for i, each in rules.items() if each.flat]
        self.others = [i for i in range(len(values) - len(operation.output_names)) if i not in needed]
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
        gradients = call_all([own.get(i) for i in range(len(self.operation.rules))])
        return _sharing([_call(each, order) for each in shares.values()], gradients) if shares else gradients


class RuleSets(dict[int, RuleSet]):
    """The rule sets of an operation, by the inputs that need a gradient, as bits of a number: made when first asked for."""

    def __init__(self, operation: Any) -> None:
        super().__init__()
        self.operation = operation

    def __missing__(self, needs: int) -> RuleSet:
        made = self[needs] = RuleSet(self.operation, [i for i in range(needs.bit_length()) if needs >> i & 1])
        return made


def names_of_values(operation: Any) -> tuple[str, ...]:
    """What a node of an operation may save, in order."""
    return (*operation.input_names, *operation.parameter_names, *operation.output_names)


def _call(each: Rule | Shared, order: list[str]) -> Call:
    """How a rule is called; where its formula is just "grad", it need not be: the gradient is passed on."""
    if isinstance(each, Rule) and each.formula == "grad":
        return PASSED
    return each.function, [order.index(name) for name in each.reads]


def _sharing(calls: Sequence[tuple[Callable[..., Any], list[int]]], gradients: Any) -> Gradients:
    """As ``gradients``, after the ``calls`` that compute what the rules share, and put it behind what is saved."""

    def after_sharing(node: Any, grad: Any, saved: tuple[Any, ...]) -> Any:
        for function, indices in calls:
            saved = (*saved, function(node, grad, *[saved[i] for i in indices]))
        return gradients(node, grad, saved)

    return after_sharing
