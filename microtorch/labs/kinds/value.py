"""An answer that is a number, or an array of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...viz.passes.answering import UnreadableError, read, same
from ..exercise import Finding, NotAttemptedError, WrongAnswer
from ..mistakes import MISTAKES
from .comparing import shown

__all__ = ["Value"]


@dataclass(frozen=True)
class Value:
    """A number, or nested lists of numbers; an answer may also be a Variable, an array, or text as one types it, "9/2".

    Args:
        right: the right answer. One number is taken for an array that is the same everywhere.
        wrong: the wrong answers that are known, each with its name in `MISTAKES`.
        because: what is said to a right answer.

    >>> kind = Value(4.5, [("overwrote instead of added", 2.25)])
    >>> kind.judge("9/2").right
    True
    >>> kind.judge(2.25).mistake
    'overwrote instead of added'
    """

    right: Any
    wrong: Sequence[tuple[str, Any]] = ()
    because: str = ""

    def judge(self, answer: Any) -> Finding:
        """Right within a thousandth."""
        if answer is None or answer is ...:
            raise NotAttemptedError
        try:
            given = read(answer)
        except UnreadableError as error:
            return Finding(False, str(error))
        wanted = np.asarray(self.right)
        if not wanted.ndim and given.size and (given == given.flat[0]).all():
            given = np.asarray(given.flat[0])  # x.grad itself, where one number says it
        if same(given, wanted):
            return Finding(True, " ".join(filter(None, [f"{shown(answer)}.", self.because])))
        for name, each in self.wrong:
            if same(given, np.asarray(each)):
                return Finding(False, f"You answered {shown(answer)}.", name)
        if given.shape != wanted.shape and given.ndim:
            asked = f"shape {wanted.shape} is asked for" if wanted.ndim else "one number is asked for"
            return Finding(False, f"Your answer has the shape {given.shape}; {asked}.")
        return Finding(False, f"You answered {shown(answer)}.")

    def solution(self) -> Any:
        """The right answer."""
        return self.right

    def wrong_answers(self) -> Iterator[WrongAnswer]:
        """Those of ``wrong``."""
        return (WrongAnswer(name, answer, MISTAKES[name]) for name, answer in self.wrong)
