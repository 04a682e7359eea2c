"""What is an exercise? A question with a name, a kind of answer, and the place in the stepper where the answer can be seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from .mistakes import MISTAKES
from .verdict import Verdict

__all__ = ["Exercise", "Finding", "Kind", "Lab", "NotAttemptedError", "WrongAnswer"]


class NotAttemptedError(Exception):
    """An answer that is still as the notebook came."""


class Finding(NamedTuple):
    """What was found out about an answer: whether it is right, what was seen, and which mistake of `MISTAKES` it looks like."""

    right: bool
    text: str
    mistake: str = ""


class WrongAnswer(NamedTuple):
    """A wrong answer that has a name, and words that a check has to say to it."""

    name: str
    answer: Any
    words: str


class Kind(Protocol):
    """A kind of answer. It knows a right one and the named wrong ones, so that each exercise can be proven."""

    def judge(self, answer: Any) -> Finding:
        """What is to be said of an answer.

        Raises:
            NotAttemptedError: it is none yet.
        """

    def solution(self) -> Any:
        """An answer that is right."""

    def wrong_answers(self) -> Iterator[WrongAnswer]:
        """All wrong answers that are recognised."""


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Args:
        id: lab and number, "L01-E2".
        title: what is asked, in a few words.
        kind: how an answer is judged: `Value`, `Choices`, `Calls`, `Passes` or `Predictions`.
        look: a sentence on where in the stepper the answer is seen: "Look at step 3: what does Mul send?"
        needs: the exercises whose answers this one builds on.
    """

    id: str
    title: str
    kind: Kind
    look: str = ""
    needs: tuple[str, ...] = ()

    def check(self, answer: Any) -> Verdict:
        """Judge an answer; whatever the answer does, nothing is raised."""
        try:
            finding = self.kind.judge(answer)
        except NotAttemptedError as error:
            say = str(error) or "Put your answer in place of the dots, and run the cell again."
            return Verdict(self.id, "not attempted", f"{self.title}. {say}")
        except Exception as error:  # noqa: BLE001 (a student's object may do anything when it is looked at)
            return Verdict(self.id, "wrong", self._with_look(f"Your answer raised {type(error).__name__}: {error}."))
        if finding.right:
            return Verdict(self.id, "right", finding.text or f"{self.title}.")
        cause = f" That is {MISTAKES[finding.mistake]}." if finding.mistake else ""
        return Verdict(self.id, "wrong", self._with_look(f"{finding.text}{cause}"), finding.mistake)

    def _with_look(self, text: str) -> str:
        between = "\n" if "\n" in text else " "
        return f"{text}{between}{self.look}" if self.look else text


@dataclass(frozen=True)
class Lab:
    """A lab: its exercises, and what a list of labs says of it."""

    id: str
    title: str
    minutes: int
    objective: str
    exercises: tuple[Exercise, ...]
