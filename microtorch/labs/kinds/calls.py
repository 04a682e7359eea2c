"""An answer that is a function: it is called, and has to do what a right one does."""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator, Sequence
from types import FunctionType
from typing import Any, NamedTuple

from ..exercise import Finding, NotAttemptedError, WrongAnswer
from ..mistakes import MISTAKES
from .comparing import equal, shown

__all__ = ["Calls", "Case", "is_blank"]


class Case(NamedTuple):
    """One call. ``call`` takes the function and returns what is compared; it makes its arguments anew each time.

    >>> Case("square of 3", lambda f: f(3)).call(lambda x: x * x)
    9
    """

    label: str
    call: Callable[[Callable[..., Any]], Any]


class Calls:
    """A function (or a class). It is right if in every case it does what ``right`` does.

    Args:
        right: a right one.
        cases: the calls.
        wrong: known wrong ones, each with its name in `MISTAKES`. A student's function is one if it does the same in every case.
        untouched: the function as the notebook has it, where something is to be repaired.

    >>> kind = Calls(lambda x: x * x, [Case("2", lambda f: f(2)), Case("3", lambda f: f(3))], [("wrong sign", lambda x: -x * x)])
    >>> kind.judge(lambda x: x + x).text
    'In the case 3, it gave 6; 9 was expected.'
    """

    def __init__(
        self,
        right: Callable[..., Any],
        cases: Sequence[Case],
        wrong: Sequence[tuple[str, Callable[..., Any]]] = (),
        untouched: Callable[..., Any] | None = None,
    ) -> None:
        self.right = right
        self.cases = cases
        self.wrong = wrong
        self.untouched = untouched

    def judge(self, answer: Any) -> Finding:
        """Right where every case is."""
        if answer is None or answer is ... or is_blank(answer):
            raise NotAttemptedError
        if not callable(answer):
            return Finding(False, f"A function is asked for, and {shown(answer)} is none: give its name, without parentheses.")
        wanted = [outcome(case, self.right) for case in self.cases]
        given = [outcome(case, answer) for case in self.cases]
        if all(map(agree, given, wanted)):
            return Finding(True, f"It does the right thing in {len(self.cases)} cases." if len(self.cases) > 1 else "")
        if any(isinstance(each.raised, NotImplementedError) for each in given):
            raise NotAttemptedError
        first = next(i for i in range(len(given)) if not agree(given[i], wanted[i]))
        seen = difference(self.cases[first], given[first], wanted[first])
        if self.untouched is not None and self._does_the_same(given, self.untouched):
            raise NotAttemptedError(f"{seen} It did so before: change it, and run its cell and this one again.")
        mistake = next((name for name, each in self.wrong if self._does_the_same(given, each)), "")
        return Finding(False, seen, mistake)

    def _does_the_same(self, given: list[Outcome], function: Callable[..., Any]) -> bool:
        return all(agree(each, outcome(case, function)) for each, case in zip(given, self.cases, strict=True))

    def solution(self) -> Callable[..., Any]:
        """The right function."""
        return self.right

    def wrong_answers(self) -> Iterator[WrongAnswer]:
        """Those of ``wrong``."""
        return (WrongAnswer(name, answer, MISTAKES[name]) for name, answer in self.wrong)


class Outcome(NamedTuple):
    """What came of a call: a result, or what it raised."""

    result: Any
    raised: Exception | None


def outcome(case: Case, function: Callable[..., Any]) -> Outcome:
    """Call it."""
    try:
        return Outcome(case.call(function), None)
    except Exception as error:  # noqa: BLE001 (whatever a student's function raises)
        return Outcome(None, error)


def agree(given: Outcome, wanted: Outcome) -> bool:
    """Whether two calls came to the same; of two that raised, that they raise the same kind."""
    if given.raised is not None or wanted.raised is not None:
        return type(given.raised) is type(wanted.raised)
    return equal(given.result, wanted.result)


def difference(case: Case, given: Outcome, wanted: Outcome) -> str:
    """What was seen, and what was expected."""
    place = f"In the case {case.label}, it"
    if given.raised is not None:
        return f"{place} raised {type(given.raised).__name__}: {str(given.raised).removesuffix('.')}."
    if wanted.raised is not None:
        return f"{place} gave {shown(given.result)}; it should have raised a {type(wanted.raised).__name__}."
    if given.result is None or given.result is ...:
        return f"{place} returned nothing: is there a return?"
    return f"{place} gave {shown(given.result)}; {shown(wanted.result)} was expected."


NOTHING = {"RESUME", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "NOP"}


def is_blank(answer: Any) -> bool:
    """Whether a function has nothing in it yet but a docstring and dots."""
    if not isinstance(answer, FunctionType):
        return False
    instructions = list(dis.get_instructions(answer))
    returned = [each.argval for each in instructions if each.opname in {"LOAD_CONST", "RETURN_CONST"}]
    return {each.opname for each in instructions} <= NOTHING and set(returned) <= {None, ...}
