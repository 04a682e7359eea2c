"""Predict: what will this node send, what will x.grad be? Asked before the pass tells, judged in words, and counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..words.text import plural
from .mistakes import MISTAKES, right
from .question import SMALL, Question, Verdict, told
from .story import Story
from .trace import Trace, trace

__all__ = ["Quiz", "quiz"]

SENT = 200  # questions that a page is sent at once


class Quiz:
    """The questions of one recorded pass, and the score. It holds the trace; what is asked and answered moves nothing."""

    def __init__(self, walk: Trace) -> None:
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

        A question's ``value`` is the right answer, flat, where it is small: numbers, or None where one is not finite. "mistakes"
        are the words for those that its ``choices`` name; the right one has the name "". At most 200 questions.
        """
        asked = [each for each in self.questions if first <= each.position <= (len(self.questions) if last is None else last)]
        found = [question_data(each) for each in asked[:SENT]]
        named = {choice["mistake"] for each in found for choice in each["choices"]} - {""}
        return {"questions": found, "mistakes": {name: f"Not yet: that is {MISTAKES[name]}." for name in sorted(named)}}

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
        return {"question": index, **said, "score": self.score()}


def quiz(root: Any, gradient: Any = None) -> Quiz:
    """Ask before the pass tells: at each step, which gradient is sent, or what a ``.grad`` becomes.

    Args:
        root: what the pass starts from, whatever `trace` takes; or a trace.
        gradient: the gradient to begin with.

    Raises:
        TypeError: ``root`` is nothing that can be walked.
        RuntimeError: whatever ``root.backward(gradient)`` refuses to begin with.

    >>> import microtorch
    >>> x = microtorch.tensor(2.0, requires_grad=True)
    >>> out = x * x * 3
    >>> asking = quiz(out)
    >>> (question,) = asking.at(0)
    >>> question
    0. MulBackward0 (out) receives 1. What will it send to MulBackward0?
    >>> question.answer(-3)
    Not yet: that is the right size with the wrong sign. The rule of MulBackward0 (out) for MulBackward0: grad * 3.
    >>> question.answer(3)
    Right: 3.
    >>> asking.score()["mistakes"]
    {'wrong sign': 1}
    """
    return Quiz(root if isinstance(root, Trace) else trace(root, gradient))


def asked(walk: Trace) -> Iterator[tuple[int, int | None]]:
    """What can be asked: at which position, about which input of the node (None: about the ``.grad`` of a leaf)."""
    for k, step in enumerate(walk.steps):
        for sent in [*step.sent, *[None] * (step.grad is not None and step.received != (None,))]:
            array = right(step, sent)
            if array is not None and array.size and array.dtype.kind in "iufc":
                yield k, None if sent is None else sent.edge.port


def question_data(question: Question) -> dict[str, Any]:
    """One question for the page."""
    array = question.solution
    small = array.size <= SMALL and array.dtype.kind != "c"
    flat = [float(each) for each in array.reshape(-1).tolist()] if small else []
    return {
        "question": question.index,
        "text": question.text,
        "shape": list(array.shape),
        "choices": [{"text": words, "mistake": name} for name, words in question.options()],
        "hint": question.hint,
        "value": [each if math.isfinite(each) else None for each in flat] if small else None,
        "solution": told(array),
    }
