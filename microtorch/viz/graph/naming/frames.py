"""Whose code is it that runs? The reader's own, or the package's, Python's, an installed library's."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import FrameType

__all__ = ["callers", "is_own", "is_users"]

PACKAGE = f"{Path(__file__).parents[3]}{os.sep}"
PYTHON = f"{Path(os.__file__).parent}{os.sep}"
INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


@lru_cache(1000)
def is_own(filename: str) -> bool:
    """Whether code of this name belongs to the package."""
    return filename.startswith(PACKAGE)


@lru_cache(1000)
def is_users(filename: str) -> bool:
    """Whether code of this name, a file's or a cell's, is the reader's own."""
    if is_own(filename) or filename.startswith((PYTHON, "<frozen")):
        return False
    return not any(place in filename for place in INSTALLED)


def callers() -> list[FrameType]:
    """The frames of the reader's code, innermost first; where an installed library calls for itself, the one that does."""
    outside = [frame for frame in running() if not is_own(frame.f_code.co_filename)]
    # A cell's last expression is displayed by IPython, whose own variables are no names to the reader.
    outside = [frame for frame in outside if not str(frame.f_globals.get("__name__", "")).startswith("IPython.")]
    return [frame for frame in outside if is_users(frame.f_code.co_filename)] or outside[:1]


def running() -> Iterator[FrameType]:
    """All frames from here on outward."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back
