"""What the code called a value when it made it, read from the instruction after the one that did: ``h = relu(z)``.

A name that stands for something else by now, or stood in a function that has returned, is found nowhere else.
"""

from __future__ import annotations

import dis
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from itertools import zip_longest
from types import CodeType
from typing import Any

from ....core.node import Node
from ..source import Source

__all__ = ["assigned"]

STORES = ("STORE_NAME", "STORE_FAST", "STORE_GLOBAL", "STORE_DEREF")
BETWEEN = {"CACHE", "COPY", "DUP_TOP", "EXTENDED_ARG", "NOP"}
OPERATORS = ("BINARY_", "INPLACE_", "UNARY_")


def assigned(nodes: Iterable[Any]) -> dict[int, tuple[str, ...]]:
    """For nodes (in the order of their making) that know their source, by their ids: what their outputs were called.

    By now the name may stand for something else: so the line is told, and which of several it is, as in "h (line 3, #2)".
    """
    asked = [(node, vars(node).get("source")) for node in nodes if isinstance(node, Node)]
    sources = [(node, source) for node, source in asked if isinstance(source, Source)]
    codes = {id(source.code): source.code for _, source in sources}
    read = {key: Instructions(code) for key, code in codes.items()}
    called: dict[int, tuple[int, tuple[str, ...]]] = {}
    for (node, source), following in zip_longest(sources, [each for _, each in sources[1:]]):
        instructions = read[id(source.code)]
        names = instructions.names_after(source.at, 1 if node._shape is not None else len(node._outputs))
        if any(names) and instructions.have_made(source, following):
            called[id(node)] = instructions.lines.get(source.at, 0), names
    times, count = Counter(called.values()), Counter[Any]()
    found = {}
    for key, each in called.items():
        count[each] += 1
        where = f"line {each[0]}, #{count[each]}" if times[each] > 1 else f"line {each[0]}"
        found[key] = tuple(name and f"{name} ({where})" for name in each[1])
    return found


class Instructions:
    """The instructions of some code."""

    def __init__(self, code: CodeType) -> None:
        self.all = [each for each in dis.get_instructions(code) if each.opname not in BETWEEN]
        self.offsets = [each.offset for each in self.all]
        self.lines = {at: number for start, end, number in code.co_lines() if number for at in range(start, end, 2)}

    def index(self, at: int) -> int:
        """The place of an instruction in the list; while a call runs, Python may stand behind it, in its cache."""
        return bisect_right(self.offsets, at) - 1

    def names_after(self, at: int, count: int) -> tuple[str, ...]:
        """What the code calls the ``count`` values that an instruction makes; () where it gives them no names at once."""
        i = self.index(at)
        first = i if self.all[i].opname == "UNPACK_SEQUENCE" else i + 1
        if first < len(self.all) and self.all[first].opname == "JUMP_FORWARD":  # after `a if here else b`
            first = self.index(self.all[first].argval)
        after = self.all[first : first + count + 2]
        if after and after[0].opname == "UNPACK_SEQUENCE":
            names = [name for each in after[1:] for name in stored(each)][:count]
            return tuple(map(public, names)) if after[0].arg == count == len(names) else ()
        name = ""
        if after and stored(after[0]):
            name = public(stored(after[0])[0])
        elif len(after) > 1 and after[0].opname.startswith("LOAD_") and after[1].opname == "STORE_ATTR":
            name = public(f"{after[0].argval}.{after[1].argval}") if public(str(after[1].argval)) else ""
        return (name,) if count == 1 else tuple(name and f"{name}[{i}]" for i in range(count))

    def have_made(self, source: Source, following: Source | None) -> bool:
        """Whether what an instruction makes was there with this node: of the several that it may make, it is the last.

        Where that cannot be known, it is denied: no name is better than a wrong one.
        """
        again = following is not None and following.code is source.code and following.at == source.at
        if source.entered.co_name == "__call__":  # a module, in which code of the reader's may have gone on
            return following is None or (following.code is source.code and not again)
        alone = source.entered.co_name == "apply" and self.all[self.index(source.at)].opname.startswith(OPERATORS)
        return alone or not again


def stored(instruction: dis.Instruction) -> list[str]:
    """The variables that an instruction assigns to: two in a row may be one instruction."""
    if not instruction.opname.startswith(STORES):
        return []
    names = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
    return [str(name) for name in names[: instruction.opname.count("STORE")]]


def public(name: str) -> str:
    """The name, if it is one for the reader."""
    return "" if name.startswith("_") else name
