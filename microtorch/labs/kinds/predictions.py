"""An answer that is a quiz: the gradients of a walk, predicted before they were shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...viz.passes.quiz import Quiz, quiz
from ...viz.words.text import plural
from ..exercise import Finding, NotAttemptedError, WrongAnswer

__all__ = ["Predictions"]


class Predictions:
    """A `microtorch.viz.quiz` in which enough predictions were right in the end, however many tries they took.

    Args:
        root: makes what the quiz walks, so that the exercise can be proven.
        at_least: how many of its questions have to be right; left out: all.
    """

    def __init__(self, root: Callable[[], Any], at_least: int | None = None) -> None:
        self.root = root
        self.at_least = at_least

    def judge(self, answer: Any) -> Finding:
        """Right where enough predictions are."""
        asked = getattr(answer, "quiz", answer)  # a stepper has its quiz with it
        if not isinstance(asked, Quiz):
            if asked is None or asked is ...:
                raise NotAttemptedError
            return Finding(False, "The quiz itself is asked for: what viz.quiz(…) returned.")
        score = asked.score()
        if not score["tries"] and not score["asked"]:
            raise NotAttemptedError("Predict the gradients, one after another, and run this cell again.")
        wanted = min(self.at_least or score["questions"], score["questions"])
        if score["right"] >= wanted:
            first = score["right_at_first_try"]
            return Finding(
                True, f"{score['right']} of {plural(score['questions'], 'prediction')} right, {first} at the first try."
            )
        again = "What was shown to you does not count: make the quiz anew and predict it."
        shown = any(each.tried is not None and each.tried.shown and not each.tried.right for each in asked.questions)
        said = again if shown else "Go on, and run this cell again."
        return Finding(False, f"{score['right']} of the {wanted} predictions that are asked for are right so far. {said}")

    def solution(self) -> Quiz:
        """A quiz with every prediction right."""
        asked = quiz(self.root())
        for question in asked.questions:
            question.answer(question.solution)
        return asked

    def wrong_answers(self) -> Iterator[WrongAnswer]:
        """One where all was shown."""
        asked = quiz(self.root())
        for question in asked.questions:
            question.reveal()
        yield WrongAnswer("shown", asked, "does not count")
