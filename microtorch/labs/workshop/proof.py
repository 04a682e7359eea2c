"""Is a lab sound? Its notebooks run and are judged, untouched, solved, and solved one exercise at a time; its checks are tried.

Each function returns complaints; of a sound lab, none.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..exercise import Exercise, Lab
from .master import Master
from .running import Ran, run

__all__ = ["check_is_sound", "one_at_a_time", "prove", "says_nothing", "solved", "untouched"]


def prove(master: Master, lab: Lab) -> Iterator[str]:
    """All that can be proven of a lab by its master and its exercises."""
    yield from untouched(master, lab)
    yield from solved(master, lab)
    yield from one_at_a_time(master, lab)
    yield from says_nothing(master)
    for exercise in lab.exercises:
        yield from check_is_sound(exercise)


def untouched(master: Master, lab: Lab) -> Iterator[str]:
    """As a student finds it: it runs from top to bottom, and every check says that nothing was attempted."""
    yield from states_are(ran(master, set()), {each.id: "not attempted" for each in lab.exercises}, "untouched")


def solved(master: Master, lab: Lab) -> Iterator[str]:
    """With all solutions, every check says right."""
    yield from states_are(ran(master, None), {each.id: "right" for each in lab.exercises}, "solved")


def one_at_a_time(master: Master, lab: Lab) -> Iterator[str]:
    """The solution of one exercise, with those that it needs, turns its check right, and no other but those."""
    for exercise in lab.exercises:
        with_it = {exercise.id, *needed(exercise, lab)} & master.solutions().keys()
        wanted = {each.id: "right" if each.id in with_it else "not attempted" for each in lab.exercises}
        yield from states_are(ran(master, with_it), wanted, f"with the solution of {exercise.id}")


def needed(exercise: Exercise, lab: Lab) -> set[str]:
    """All exercises on which one builds."""
    by_id = {each.id: each for each in lab.exercises}
    found: set[str] = set()
    for each in exercise.needs:
        found |= {each} | needed(by_id[each], lab)
    return found


def says_nothing(master: Master) -> Iterator[str]:
    """No line of a solution stands in the student's notebook."""
    text = "\n".join(cell.source for cell in master.notebook(set()).cells)
    for line in master.solution_lines():
        if line.strip() in text:
            yield f"{master.name}: the student's notebook has the line {line.strip()!r} of a solution"


def check_is_sound(exercise: Exercise) -> Iterator[str]:
    """The solution passes; every named wrong answer fails, and is told what it is; dots and None are no attempt."""
    right = exercise.check(exercise.kind.solution())
    if not right:
        yield f"{exercise.id}: its solution is not right: {right.text}"
    for wrong in exercise.kind.wrong_answers():
        verdict = exercise.check(wrong.answer)
        if verdict.state != "wrong":
            yield f"{exercise.id}: the wrong answer {wrong.name!r} is {verdict.state}: the check cannot fail on it"
        elif wrong.words not in verdict.text:
            yield f"{exercise.id}: to the wrong answer {wrong.name!r} it says {verdict.text!r}, without {wrong.words!r}"
    for blank in (None, ...):
        verdict = exercise.check(blank)
        if verdict.state != "not attempted":
            yield f"{exercise.id}: {blank!r} is {verdict.state}, not 'not attempted'"
    if any(exercise.check(anything) for anything in (object(), lambda *args, **named: object())):
        yield f"{exercise.id}: it takes anything for right"


def ran(master: Master, exercises: set[str] | None) -> Ran:
    """Run a notebook, in the folder of its labs."""
    import nbformat

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{master.name}.ipynb"
        nbformat.write(master.notebook(exercises), path)
        return run(path, master.path.parent.parent)


def states_are(seen: Ran, wanted: dict[str, Any], how: str) -> Iterable[str]:
    """What differs from what is wanted."""
    yield from (f"{how}: {error}" for error in seen.errors)
    for exercise, state in wanted.items():
        found = seen.states.get(exercise, "not checked")
        if found != state:
            yield f"{how}: {exercise} is {found}, not {state}"
    for exercise in seen.states.keys() - wanted.keys():
        yield f"{how}: {exercise} is checked, and is no exercise of the lab"
