"""Checks in a notebook: an answer in, a verdict out; and at the end, how far one has come."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterable
from difflib import get_close_matches
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

from .exercise import Exercise, Lab
from .verdict import SIGNS, Verdict

__all__ = ["Summary", "check", "load", "register", "registered", "summary", "verdicts"]

_labs: dict[str, Lab] = {}
_exercises: dict[str, Exercise] = {}
_verdicts: dict[str, Verdict] = {}  # the last one of each exercise, in this session


def register(*labs: Lab) -> None:
    """Make the exercises of labs known to `check`; a lab that was there is replaced.

    Raises:
        ValueError: two exercises have the same id, or one has not that of its lab in front.
    """
    for lab in labs:
        ids = [each.id for each in lab.exercises]
        if len(set(ids)) < len(ids):
            raise ValueError(f"lab {lab.id} has two exercises of one id: {', '.join(ids)}")
        strange = [each for each in ids if not each.startswith(f"{lab.id}-")]
        if strange:
            raise ValueError(f"{strange[0]} is no exercise of lab {lab.id}: its id has to begin with {lab.id}-")
        _labs[lab.id] = lab
        _exercises.update({each.id: each for each in lab.exercises})


def load(name: str | PathLike[str] = "exercises.py") -> None:
    """Run a file that registers labs of one's own. It is looked for here, and in the folders above.

    So a notebook finds it, and its solution in the folder below.

    Raises:
        FileNotFoundError: there is none.
    """
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / name).is_file():
            runpy.run_path(str(folder / name))
            return
    raise FileNotFoundError(f"there is no {name} in {Path.cwd()}, nor in a folder above")


def registered(lab: str) -> Lab:
    """A lab by its id.

    Raises:
        ValueError: there is none.
    """
    if lab not in _labs:
        raise ValueError(f"there is no lab {lab!r}; there are {', '.join(_labs)}")
    return _labs[lab]


def verdicts() -> list[Verdict]:
    """The last verdict on each exercise in this session."""
    return list(_verdicts.values())


def check(exercise: str, answer: Any) -> Verdict:
    """Judge the answer to an exercise: not attempted, wrong, or right.

    A wrong answer gets told what was seen, what has likely gone wrong, and where in the stepper to look. It is not told the
    answer. Nothing that an answer does is raised.

    Args:
        exercise: its id, as the notebook names it: "L01-E2".
        answer: whatever is asked for: a number, a Variable, a list, a dict of choices, a function, a quiz. ``...`` is none yet.

    Raises:
        ValueError: there is no such exercise.

    >>> check("L01-E5", 2.25).mistake
    'forgot one path'
    """
    if exercise not in _exercises:
        near = get_close_matches(str(exercise).upper(), _exercises, 1)
        raise ValueError(f"there is no exercise {exercise!r}{f'; did you mean {near[0]!r}?' if near else ''}")
    verdict = _verdicts[exercise] = _exercises[exercise].check(answer)
    return verdict


def summary(lab: str) -> Summary:
    """How far one has come in a lab, by the last check of each exercise in this session.

    Raises:
        ValueError: there is no such lab.
    """
    found = registered(lab)
    untouched = {each.id: Verdict(each.id, "not attempted", f"{each.title}.") for each in found.exercises}
    return Summary(found, [_verdicts.get(id, verdict) for id, verdict in untouched.items()])


class Summary:
    """The state of each exercise of a lab."""

    def __init__(self, lab: Lab, verdicts: Iterable[Verdict]) -> None:
        self.lab = lab
        self.verdicts = tuple(verdicts)

    def __repr__(self) -> str:
        titles = {each.id: each.title for each in self.lab.exercises}
        lines = [f"{SIGNS[each.state]} {each.exercise}  {each.state:13}  {titles[each.exercise]}" for each in self.verdicts]
        return "\n".join([f"{self.lab.title}: {self._right} of {len(self.verdicts)} right", *lines])

    @property
    def _right(self) -> int:
        return sum(map(bool, self.verdicts))

    def to_dict(self) -> dict[str, Any]:
        """As data: the lab's id, how many exercises there are and are right, and the verdict on each."""
        counted = {"exercises": len(self.verdicts), "right": self._right}
        return {"lab": self.lab.id, **counted, "verdicts": [each.to_dict() for each in self.verdicts]}

    def save(self, path: str | PathLike[str]) -> None:
        """Write it as JSON."""
        Path(path).write_text(json.dumps(self.to_dict(), indent=1, ensure_ascii=False) + "\n", "utf-8")

    def _repr_html_(self) -> str:
        titles = {each.id: each.title for each in self.lab.exercises}
        rows = [
            f"<tr><td>{SIGNS[each.state]} {each.state}</td><td>{escape(each.exercise)}</td>"
            f'<td style="text-align:left">{escape(titles[each.exercise])}</td></tr>'
            for each in self.verdicts
        ]
        head = f"{escape(self.lab.title)}: {self._right} of {len(self.verdicts)} right"
        return f'<table><caption style="text-align:left">{head}</caption>{"".join(rows)}</table>'
