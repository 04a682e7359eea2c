"""Where does a line of code stand? In a cell of a notebook, or in a file."""

from __future__ import annotations

import sys

__all__ = ["cell", "place"]


def cell(filename: str) -> str:
    """Which cell of a notebook the code of this name is: "In [3]"; "" if none."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    tell = getattr(getattr(shell, "compile", None), "format_code_name", None)
    told = tell(filename) if tell else None
    return str(told[1]).replace("[", " [") if told else ""


def place(filename: str, line: int) -> str:
    """A line, as an error names it: "In [3], line 7", or "train.py:7" with the file's path."""
    found = cell(filename)
    return f"{found}, line {line}" if found else f"{filename}:{line}"
