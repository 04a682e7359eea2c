"""Predict: what will this node send, what will x.grad be? Asked before the pass tells, judged in words, and counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from ..words.text import plural
from .mistakes import right
from .question import CAUSES, SMALL, Question, Verdict, told, twins
from .steps import Recording
from .story import Story

__all__ = ["Quiz"]

SENT = 200  # questions that a page is sent at once


class Quiz:
    """The questions of one recorded pass, and the score. It holds the trace; what is asked and answered moves nothing."""

    predict = True  # a page of it asks, as that of a stepper whose ``predict`` is on

    def __init__(self, walk: Recording) -> None:
        self.trace = walk
        self.story = Story(walk)
        self.questions = tuple(Question(walk, self.story, i, k, port) for i, (k, port) in enumerate(asked(walk)))

    def __repr__(self) -> str:
        score = self.score()
        counted = plural(score["questions"], "question")
        lines = [f"Quiz on {self.story.title}: {counted}, {score['asked']} asked, {score['right']} right."]
        if score["asked"]:
            tries = plural(score["tries"], "try", "tries")
            lines.append(f"  {score['right_at_first_try']} at the first try; {tries} in all.")
        return "\n".join([*lines, *(f"  {name}: {times}×" for name, times in score["mistakes"].items())])

    def at(self, position: int | None = None) -> tuple[Question, ...]:
        """The questions about the step that comes next at a position; left out: where the trace stands."""
        k = self.trace.position if position is None else position
        return tuple(each for each in self.questions if each.position == k)

    def score(self) -> dict[str, Any]:
        """How it goes, as JSON-able data, for the check of a lab.

        "questions" there are in all, "asked" those that were tried or revealed, "right" and "right_at_first_try" of these,
        "tries" in all, and "mistakes": how often each, by name.
        """
        done = [each.tried for each in self.questions if each.tried is not None]
        mistakes = Counter(name for each in done for name in each.mistakes)
        return {
            "questions": len(self.questions),
            "asked": len(done),
            "right": sum(each.right for each in done),
            "right_at_first_try": sum(each.right and each.tries == 1 for each in done),
            "tries": sum(each.tries for each in done),
            "mistakes": dict(sorted(mistakes.items(), key=lambda pair: (-pair[1], pair[0]))),
        }

    def page(self, first: int = 0, last: int | None = None) -> dict[str, Any]:
        """The questions from one position to another as JSON-able data, with all that a page needs to judge without Python.

        At most 200 questions. "mistakes" are the words for all that can be said to be wrong, by name; the right one among the
        ``choices`` has the name "". "covers" is the number of steps about which nothing is left to be asked for.
        """
        asked = [each for each in self.questions if first <= each.position and (last is None or each.position <= last)]
        covers = asked[SENT].position if len(asked) > SENT else len(self.trace.steps)
        found = [question_data(each) for each in asked[:SENT] if each.position < covers]
        return {"questions": found, "mistakes": CAUSES, "covers": covers, "score": self.score()}

    def reply(self, message: Any) -> dict[str, Any] | None:
        """What the page is told when it asks; None where that is no question: what a browser sends is not trusted.

        {"ask": 3}                                    {"ask": 3, "questions": [...], "mistakes": {...}}: those at position 3
        {"question": 5, "answer": "[1, 2]"}           {"question": 5, "right": true, "text": ..., "hint": ..., "score": {...}}
        {"question": 5, "choice": 2}                  the same
        {"question": 5, "reveal": true}               the same, "right" is null
        """
        if not isinstance(message, dict) or not self.trace.is_open:
            return None
        position, index = message.get("ask"), message.get("question")
        if type(position) is int:
            return {"ask": position, **self.page(position, position)}
        if type(index) is not int or not 0 <= index < len(self.questions):
            return None
        question = self.questions[index]
        if message.get("reveal") is True:
            verdict = Verdict(None, f"{question.reveal()}.")
        elif "choice" in message:
            verdict = question.choose(message["choice"])
        else:
            verdict = question.answer(message.get("answer"))
        said = {"right": verdict.right, "text": verdict.text, "mistake": verdict.mistake, "hint": verdict.hint}
        return {"question": index, "open": question.is_open, **said, "score": self.score()}


def asked(walk: Recording) -> Iterator[tuple[int, int | None]]:
    """What can be asked: at which position, about which input of the node (None: about the ``.grad`` of a leaf).

    What is sent to the same node several times, as by ``y * y``, is asked for once: the answer would give the others away.
    """
    for k, step in enumerate(walk.steps):
        several = [sent for i, sent in enumerate(step.sent) if not any(twins(sent, each) for each in step.sent[:i])]
        for sent in [*several, *[None] * (step.grad is not None and step.received != (None,))]:
            array = right(step, sent)
            if array is not None and array.size and array.dtype.kind in "iufc":
                yield k, None if sent is None else sent.edge.port


def question_data(question: Question) -> dict[str, Any]:
    """One question for the page: "numbers" are the right answer where it is small, "wrong" are wrong ones, likely ones first."""
    array = question.solution
    return {
        "question": question.index,
        "position": question.position,
        "open": question.is_open,
        "text": question.text,
        "shape": list(array.shape),
        "unsummed": question.unsummed and list(question.unsummed),
        "choices": [{"text": words, "mistake": name} for name, words in question.options()],
        "hint": question.hint,
        "numbers": numbers(array),
        "scale": question.scale,
        "wrong": [
            {"mistake": name, "shape": list(each.shape), "numbers": numbers(each)}
            for name, each in question.wrong()
            if numbers(each) is not None
        ],
        "solution": told(array),
    }


def numbers(array: NDArray[Any]) -> list[float | str] | None:
    """The elements of an array, one where all are the same; what is not finite by its name. None where they are too many."""
    flat = array.reshape(-1)
    if array.dtype.kind == "c" or not flat.size:
        return None
    if (flat == flat[0]).all():
        flat = flat[:1]
    if flat.size > SMALL:
        return None
    return [each if math.isfinite(each) else str(each) for each in map(float, flat)]
