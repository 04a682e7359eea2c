"""A folder of notebooks that were handed in: who has solved what, read from what their checks have left in them.

Nothing is run and nothing is sent anywhere. A notebook's outputs can be written by hand; who wants to be sure lets the
notebooks run once more (``--run``), in a process of their own each, which is to run a stranger's code: do it where that is safe.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .verdict import MIME, SIGNS

__all__ = ["HandIn", "hand_in", "notebooks", "table"]


@dataclass(frozen=True)
class HandIn:
    """One notebook: the state of each exercise that is checked in it; or why it could not be read."""

    path: str
    states: dict[str, str]
    problem: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able data."""
        right = sum(state == "right" for state in self.states.values())
        counted = {"right": right, "checked": len(self.states)}
        return {"path": self.path, **counted, "states": self.states, **({"problem": self.problem} if self.problem else {})}


def notebooks(paths: Iterable[Path]) -> Iterator[Path]:
    """The notebooks that are meant by files and folders; copies that Jupyter has made are none.

    Raises:
        FileNotFoundError: there is no such file or folder.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*.ipynb") if ".ipynb_checkpoints" not in each.parts)
        elif path.is_file():
            yield path
        else:
            raise FileNotFoundError(f"there is no {path}")


def hand_in(path: Path, run_it: bool = False) -> HandIn:
    """What a notebook says; whatever is wrong with it becomes its ``problem``."""
    try:
        if not run_it:
            return HandIn(str(path), kept(path))
        from .workshop.running import run

        ran = run(path)
        return HandIn(str(path), ran.states, "; ".join(ran.errors))
    except Exception as error:  # noqa: BLE001 (what was handed in may be anything)
        return HandIn(str(path), {}, f"{type(error).__name__}: {error}")


def kept(path: Path) -> dict[str, str]:
    """The states that the checks have left in a notebook's outputs; the last of each exercise counts."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    found: dict[str, str] = {}
    for output in (output for cell in cells for output in cell.get("outputs", ())):
        said = output.get("data", {}).get(MIME)
        if isinstance(said, dict) and said.get("state") in SIGNS:
            found[str(said.get("exercise"))] = said["state"]
    return found


def table(hand_ins: list[HandIn]) -> str:
    """One line a notebook, one column an exercise.

    >>> print(table([HandIn("ada.ipynb", {"L01-E1": "right", "L01-E2": "wrong"}), HandIn("bob.ipynb", {}, "no JSON")]))
               L01-E1  L01-E2  right
    ada.ipynb  ✓       ✗       1
    bob.ipynb  –       –       0      no JSON
    """
    exercises = sorted({each for hand_in in hand_ins for each in hand_in.states})
    rows = [["", *exercises, "right", ""]]
    for each in hand_ins:
        signs = [SIGNS.get(each.states.get(exercise), "–") for exercise in exercises]  # type: ignore[call-overload]
        rows.append([each.path, *signs, str(each.to_dict()["right"]), each.problem])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
