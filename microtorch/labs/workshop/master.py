"""What does a master say? One script in jupytext's ``py:percent``, from which the student's and the solved notebook are read.

What the student is to write stands between two marks, and after a third, if it is there, what the student finds instead::

    # BEGIN SOLUTION
    prediction = 4.5
    # INSTEAD
    # prediction = ...  # a number
    # END SOLUTION

Without the third, the student finds ``...  # your code here``. The check that comes next in the notebook is that of the solution.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Master", "MasterError", "solved_code", "student_code"]

BEGIN, INSTEAD, END = "# BEGIN SOLUTION", "# INSTEAD", "# END SOLUTION"
BLANK = "...  # your code here"
CHECK = re.compile(r"""^[^#\n]*\bcheck\(\s*["']([^"']+)["']""", re.MULTILINE)


class MasterError(ValueError):
    """A master that cannot be read; the message says where and why."""


@dataclass(frozen=True)
class Master:
    """A master, read: its cells are nbformat's, with the marks still in them."""

    path: Path
    cells: tuple[Any, ...]

    @classmethod
    def read(cls, path: str | Path) -> Master:
        """Read a master.

        Raises:
            MasterError: a mark has no partner, or no check follows a solution.
        """
        import jupytext

        master = cls(Path(path), tuple(jupytext.read(path).cells))
        for cell in master.cells:
            student_code(cell.source)
        master.solutions()
        return master

    @property
    def name(self) -> str:
        """Of its notebooks, without ending."""
        return self.path.stem

    def checks(self) -> list[str]:
        """The exercises that are checked, in the order of the notebook."""
        return [each for cell in self._code() for each in CHECK.findall(cell.source)]

    def solutions(self) -> dict[str, list[int]]:
        """The exercises in their order, each with the cells (by index) in which its solution stands.

        Raises:
            MasterError: no check follows a solution.
        """
        found: dict[str, list[int]] = {}
        waiting: list[int] = []
        for i, cell in enumerate(self.cells):
            if cell.cell_type != "code":
                continue
            if BEGIN in cell.source:
                waiting.append(i)
            for exercise in CHECK.findall(cell.source):
                if waiting:
                    found.setdefault(exercise, []).extend(waiting)
                    waiting = []
        if waiting:
            raise MasterError(f'{self.path.name}: no check("…") follows the solution in cell {waiting[0] + 1}')
        return found

    def notebook(self, solved: set[str] | None = None) -> Any:
        """The notebook, not yet run, with these exercises solved; left out: all of them."""
        import nbformat

        where = self.solutions()
        cells = {i for exercise in (where if solved is None else solved) for i in where[exercise]}
        metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        made = nbformat.v4.new_notebook(metadata={**metadata, "language_info": {"name": "python"}})
        made.nbformat_minor = 5
        for i, cell in enumerate(self.cells):
            source = solved_code(cell.source) if i in cells else student_code(cell.source)
            new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
            made.cells.append(new(source, id=f"cell-{i + 1:02}"))
        return made

    def solution_lines(self) -> list[str]:
        """Every line of every solution that a student's notebook may not have: what no code up to its cell has shown already."""
        found = []
        shown = ""
        for cell in self._code():
            shown += f"{student_code(cell.source)}\n"
            for part in solved_parts(cell.source):
                found += [line for line in part if line.strip() and line.strip() not in shown]
        return found

    def _code(self) -> list[Any]:
        return [cell for cell in self.cells if cell.cell_type == "code"]


def solved_code(source: str) -> str:
    """A cell with its solutions, and without the marks."""
    return "\n".join(line for solution, line in parts(source) if solution is not False)


def student_code(source: str) -> str:
    """A cell with what the student finds in place of its solutions."""
    return "\n".join(line for solution, line in parts(source) if solution is not True)


def solved_parts(source: str) -> list[list[str]]:
    """The lines of each solution of a cell."""
    found: list[list[str]] = []
    inside = False
    for solution, line in parts(source):
        if solution is True:
            if not inside:
                found.append([])
            found[-1].append(line)
        inside = solution is True
    return found


def parts(source: str) -> list[tuple[bool | None, str]]:
    """The lines of a cell, without the marks: True with those of a solution, False with those of a student alone, else None.

    Raises:
        MasterError: a mark has no partner.
    """
    found: list[tuple[bool | None, str]] = []
    state: bool | None = None
    given = False  # whether this solution says what the student finds
    for line in source.split("\n"):
        mark = line.strip()
        if mark not in {BEGIN, INSTEAD, END}:
            found.append((state, uncommented(line) if state is False else line))
        elif (mark == BEGIN) != (state is None) or (mark == INSTEAD and state is not True):
            raise MasterError(f"{mark!r} stands where none may be, in the cell that begins {source.strip().splitlines()[0]!r}")
        elif mark == END:
            if not given:
                found.append((False, line.replace(END, BLANK)))
            state = None
        else:
            state, given = mark == BEGIN, mark == INSTEAD
    if state is not None:
        raise MasterError(f"{BEGIN!r} has no {END!r}, in the cell that begins {source.strip().splitlines()[0]!r}")
    return found


def uncommented(line: str) -> str:
    """A line of what the student finds: it stands as a comment in the master, so that the master runs."""
    return re.sub(r"^(\s*)# ?", r"\1", line, count=1)
