"""An answer that is one word for each of several cases: raises or runs, leaf or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..exercise import Finding, NotAttemptedError, WrongAnswer

__all__ = ["Choice", "Choices"]


@dataclass(frozen=True)
class Choice:
    """One case: the right word, and to each wrong one a sentence that helps without giving the right one away."""

    right: str
    wrong: Mapping[str, str]


class Choices:
    r"""A word for each case; an answer is a dict.

    >>> kind = Choices({"a": Choice("runs", {"raises": "Add saves nothing: what would be missing?"})})
    >>> kind.judge({"a": "raises"}).text
    '0 of 1 right.\na: raises? Add saves nothing: what would be missing?'
    """

    def __init__(self, cases: Mapping[str, Choice]) -> None:
        self.cases = cases

    def judge(self, answer: Any) -> Finding:
        """Right where every word is."""
        if answer is None or answer is ...:
            raise NotAttemptedError
        if not isinstance(answer, Mapping):
            return Finding(False, f"A dict is asked for, with a word for each of {', '.join(self.cases)}.")
        words = {case: answer.get(case, ...) for case in self.cases}
        if all(self._is_open(*each) for each in words.items()):
            raise NotAttemptedError
        said = [self._said(case, word) for case, word in words.items()]
        wrong = [each for each in said if each]
        if not wrong:
            return Finding(True, f"All {len(self.cases)}." if len(self.cases) > 1 else "")
        return Finding(False, "\n".join([f"{len(said) - len(wrong)} of {len(said)} right.", *wrong]))

    def _said(self, case: str, word: Any) -> str:
        """What is said of one case; nothing where it is right."""
        choice = self.cases[case]
        allowed = {choice.right, *choice.wrong}
        if self._is_open(case, word):
            return f"{case}: still open."
        known = {each.casefold(): each for each in allowed}.get(str(word).strip().casefold())
        if known is None:
            return f"{case}: {word!r} is none of {', '.join(map(repr, sorted(allowed)))}."
        return "" if known == choice.right else f"{case}: {known}? {choice.wrong[known]}"

    def _is_open(self, case: str, word: Any) -> bool:
        """Whether nothing was chosen; where "None" is a choice, None itself is as good."""
        choice = self.cases[case]
        return word is ... or (word is None and "None" not in {choice.right, *choice.wrong})

    def solution(self) -> dict[str, str]:
        """The right words."""
        return {case: choice.right for case, choice in self.cases.items()}

    def wrong_answers(self) -> Iterator[WrongAnswer]:
        """Each wrong word, with all others right."""
        for case, choice in self.cases.items():
            for word, sentence in choice.wrong.items():
                yield WrongAnswer(f"{case}: {word}", {**self.solution(), case: word}, sentence)
