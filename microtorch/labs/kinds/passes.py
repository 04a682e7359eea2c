"""An answer that has to pass tests, whatever it is: a trained network, a record of a run, a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ..exercise import Finding, NotAttemptedError, WrongAnswer
from ..mistakes import MISTAKES
from .calls import is_blank

__all__ = ["Passes", "Requirement"]


class Requirement(NamedTuple):
    """One test: "" where the answer passes, else what was seen; and the name in `MISTAKES` of what that looks like.

    >>> Requirement(lambda net: "" if net else "It is empty.").seen([])
    'It is empty.'
    """

    seen: Callable[[Any], str]
    mistake: str = ""


class Passes:
    """Right is what passes all tests; the first that fails is told.

    Args:
        right: makes a right answer.
        tests: in their order.
        wrong: known wrong answers (makers of them), each with its name in `MISTAKES`: the test that fails has the same name.
    """

    def __init__(
        self, right: Callable[[], Any], tests: Sequence[Requirement], wrong: Sequence[tuple[str, Callable[[], Any]]] = ()
    ) -> None:
        self.right = right
        self.tests = tests
        self.wrong = wrong

    def judge(self, answer: Any) -> Finding:
        """Right where no test fails."""
        if answer is None or answer is ... or is_blank(answer):
            raise NotAttemptedError
        for test in self.tests:
            seen = test.seen(answer)
            if seen:
                return Finding(False, seen, test.mistake)
        return Finding(True, "")

    def solution(self) -> Any:
        """A right answer, made anew."""
        return self.right()

    def wrong_answers(self) -> Iterator[WrongAnswer]:
        """Those of ``wrong``, made anew."""
        return (WrongAnswer(name, make(), MISTAKES[name]) for name, make in self.wrong)
