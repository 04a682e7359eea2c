"""Which line of whose code made a node? Told by the node itself, where `track_source` was on when it was made.

A node remembers the instruction, as two references; cell, line and text are looked up once somebody asks.
"""

from __future__ import annotations

import linecache
import re
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

from ...core.backward import backward
from ...core.grad_mode import Block, mode, required_bool
from ...core.node import Node
from ...core.place import cell
from ...core.strided import CopySlices
from .naming.clean import clean
from .naming.frames import is_own, is_users

__all__ = ["Line", "Source", "line_of", "made_by_backward", "track_source"]


class track_source(Block):  # noqa: N801 - a mode, as torch's are
    """Let each node know the line that makes it: as a function from now on, as a ``with`` block for its length.

    Args:
        on: whether.

    The line is the innermost one of your own code: in the ``forward`` of your own module, but not in ``nn.Linear``'s. Pictures
    show it, and name by it what has no other name any more: ``h (line 3)``. It is for this thread, and has its price: the
    tutorial's graph, forward and backward, takes 1.9 times as long, a small perceptron 1.5 times. In a notebook,
    ``%load_ext microtorch`` switches it on.

    Of PyTorch's graphs, which cannot be watched so, pictures know the lines where `torch.autograd.detect_anomaly` was on.

    Raises:
        TypeError: ``on`` is no bool.

    >>> import microtorch
    >>> from microtorch import viz
    >>> x = microtorch.ones(2, requires_grad=True)
    >>> with viz.track_source():
    ...     y = x * 2
    >>> y.grad_fn.source.line.number, y.grad_fn.source.line.text
    (2, 'y = x * 2')
    """

    def __init__(self, on: bool = True) -> None:
        on = required_bool(on, "track_source()")
        others = tuple(each for each in mode.observers if each is not remember)
        super().__init__(observers=(*others, remember) if on else others)
        self._at_call = mode.observers
        mode.set(**self._switches)

    def __enter__(self) -> None:
        super().__enter__()
        self._before[-1].update(observers=self._at_call)  # what was before the call, not what the call made of it


class Line(NamedTuple):
    """A line of code: ``where`` is a cell ("In [3]") or a file ("train.py")."""

    where: str
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.where}, line {self.number}" + f": {self.text}" * bool(self.text)


class Source:
    """Where a node was made: an instruction of somebody's code, and the code of the package that it entered by that.

    >>> import microtorch
    >>> from microtorch import viz
    >>> with viz.track_source():
    ...     y = microtorch.ones(2, requires_grad=True) * 2
    >>> y.grad_fn.source.line.number
    2
    """

    __slots__ = ("at", "code", "entered")

    def __init__(self, code: CodeType, at: int, entered: CodeType) -> None:
        self.code, self.at, self.entered = code, at, entered

    @property
    def line(self) -> Line:
        """Cell or file, number and text."""
        numbers = (number for start, end, number in self.code.co_lines() if start <= self.at < end and number)
        return line(self.code.co_filename, next(numbers, self.code.co_firstlineno))

    def __str__(self) -> str:
        return str(self.line)

    __repr__ = __str__


def made_by_backward(node: Any) -> bool:
    """Whether a backward pass with ``create_graph=True`` has made a node, as far as it knows its source."""
    if isinstance(node, Node):
        source = vars(node.fn if isinstance(node, CopySlices) else node).get("source")
        return type(source) is Source and source.entered.co_filename == backward.__code__.co_filename
    kept = getattr(node, "metadata", None)
    return type(kept) is dict and "parent_" in kept


def remember(node: Any) -> None:
    """Let a new node know the instruction that made it. No frame is kept, which would keep all its variables."""
    frame: FrameType | None = sys._getframe(2)
    below = library = None
    while frame is not None and not is_users(frame.f_code.co_filename):
        if library is None and below is not None and not is_own(frame.f_code.co_filename):
            library = frame, below
        below, frame = frame, frame.f_back
    found = (frame, below) if frame is not None else library  # the second, where an installed library runs by itself
    if found is not None and found[1] is not None:
        vars(node).setdefault("source", Source(found[0].f_code, found[0].f_lasti, found[1].f_code))


def line(filename: str, number: int, text: str | None = None) -> Line:
    """A line of a file or cell, its text looked up where that is not given."""
    if text is None:
        try:
            text = linecache.getline(filename, number)
        except ValueError:  # for no file can be called so
            text = ""
    return Line(clean(cell(filename) or Path(filename).name), number, clean(text.strip(), 120))


def line_of(node: Any, known: dict[tuple[int, int], Line]) -> Line | None:
    """The line that made a node, if it knows: tracked, or of PyTorch's nodes kept by its anomaly mode.

    Lines are looked up once: ``known`` are those that were, while the nodes live by whose instructions they are known.
    """
    if isinstance(node, Node):  # whose `metadata` would be made by asking
        source = vars(node.fn if isinstance(node, CopySlices) else node).get("source")
        if type(source) is not Source:
            return None
        key = id(source.code), source.at
        return known.get(key) or known.setdefault(key, source.line)
    kept = getattr(node, "metadata", None)
    stack = kept.get("traceback_") if type(kept) is dict else None
    for entry in map(str, reversed(stack if type(stack) is list else [])):
        told = re.match(r'  File "(.+)", line (\d+), in .*\n(.*)', entry)
        if told and is_users(told[1]):
            return line(told[1], int(told[2]), told[3])
    return None
