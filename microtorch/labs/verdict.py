"""What a check says: not attempted, wrong or right; in words, as a line in a notebook, and as data for a report."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, Literal

__all__ = ["MIME", "SIGNS", "State", "Verdict"]

State = Literal["not attempted", "wrong", "right"]

MIME = "application/vnd.microtorch.check+json"  # of what a notebook keeps for `python -m microtorch.labs report`

SIGNS: dict[State, str] = {"not attempted": "○", "wrong": "✗", "right": "✓"}
COLORS: dict[State, str] = {
    "not attempted": "#767676",
    "wrong": "#a84300",
    "right": "#00735c",
}  # 4.5 : 1 on white, and told by signs


@dataclass(frozen=True)
class Verdict:
    """The answer of a check; true where the exercise is solved.

    ``mistake`` is the name of what has gone wrong, one of `MISTAKES`, where it was recognised.
    """

    exercise: str
    state: State
    text: str
    mistake: str = ""

    def __bool__(self) -> bool:
        return self.state == "right"

    def __repr__(self) -> str:
        return f"{SIGNS[self.state]} {self.exercise} {self.state}: {self.text}"

    def to_dict(self) -> dict[str, str]:
        """What a report reads."""
        return {"exercise": self.exercise, "state": self.state, "text": self.text, "mistake": self.mistake}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": repr(self), "text/html": self._html(), MIME: self.to_dict()}

    def _html(self) -> str:
        # Attributes that every sanitiser leaves; the frame has the text's own colour, so that it is seen on dark pages, too.
        color = COLORS[self.state]
        sign = (
            f'<b style="background:{color};color:#ffffff;padding:1px 7px;border-radius:3px">{SIGNS[self.state]} {self.state}</b>'
        )
        said = escape(self.text).replace("\n", "<br>")
        style = f"border-left:4px solid {color};padding:4px 10px;margin:4px 0;line-height:1.5"
        return f'<div role="status" style="{style}">{sign} <b>{escape(self.exercise)}</b><br>{said}</div>'
