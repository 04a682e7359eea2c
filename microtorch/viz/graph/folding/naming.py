"""What folds are called, and what is in them, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import prod

from ..names import clean
from ..snapshot import Node, Scope, VariableInfo
from .blocks import Block, Line, start, stop

SHOWN = 6  # things that are listed one by one


def label(line: Line, block: Block, around: Scope | None) -> str:
    """What a fold is called, in the module ``around`` it."""
    if block.kind == "module" and block.scope:
        return relative(block.scope, around)
    if block.kind == "leaves":
        leaves = ids(line, block)
        return f"{len(leaves):,} leaves: {names(line, leaves[:2])}, …" if names(line, leaves[:2]) else f"{len(leaves):,} leaves"
    if block.kind in {"chain", "part"}:
        count = block.stop - block.start
        common = Counter(line.snapshot.nodes[node].operation for node in line.order[block.start : block.stop]).most_common(3)
        operations = ", ".join([name for name, _ in common[:2]] + ["…"] * (len(common) > 2))
        return f"chain of {count:,}: {operations}" if block.kind == "chain" else f"{count:,} earlier: {operations}"
    if block.unit == "step":
        many = block.times > 1 and block.kind == "more"
        return f"steps {block.first:,}–{block.first + block.times - 1:,}" if many else numbered("step", block)
    if block.kind == "more" and (first := module_at(block, 0)) and (last := module_at(block, -1)):
        return f"{relative(first, around)}–{last.name.rpartition('.')[2]}"
    return numbered(block.pattern[0], block)


def numbered(name: str, block: Block) -> str:
    """The name of one unit, with its number; of the whole run, without."""
    if block.kind == "more":
        return f"{name} ({block.first:,}–{block.first + block.times - 1:,})"
    return name if block.times > 1 else f"{name} {block.first:,}" if name == "step" else f"{name} ({block.first:,})"


def note(line: Line, block: Block, around: Scope | None) -> str:
    """What is in a fold."""
    if block.kind == "leaves":
        return several(line, ids(line, block))
    count = block.stop - block.start
    functions = f"{count:,} function{'s' * (count != 1)}"
    if block.kind == "module" and block.scope:
        leaves = ids(line, block)
        return f"{clean(block.scope.kind)}: {', '.join([functions] + [several(line, leaves, block.scope)] * bool(leaves))}"
    if block.kind in {"chain", "part"}:
        common = Counter(line.snapshot.nodes[node].operation for node in line.order[block.start : block.stop]).most_common()
        listed = ", ".join(f"{name} {times:,}" for name, times in common[:SHOWN]) + ", …" * (len(common) > SHOWN)
        return f"{functions} {'in a row' if block.kind == 'chain' else 'made one after another'}: {listed}"
    times = f"{block.times:,} times: " if block.times > 1 else ""
    shared = f"; all with {several(line, block.shared)}" if block.shared else ""
    return f"{times}{block.pattern[1]}{shared}"


def relative(scope: Scope, around: Scope | None) -> str:
    """A module's name as it is seen from the module around it: never a mere number.

    >>> relative(Scope(2, "net.layers.0", "Linear"), Scope(1, "net", "Net"))
    'layers.0'
    >>> relative(Scope(2, "net.layers.0", "Linear"), Scope(1, "net.layers", "Sequential"))
    'layers.0'
    """
    name = clean(scope.name) or clean(scope.kind)
    if around is None or not name.startswith(f"{around.name}."):
        return name
    parts, cut = name.split("."), around.name.count(".") + 1
    while cut and parts[cut].isdigit():
        cut -= 1
    return ".".join(parts[cut:])


def module_at(block: Block, end: int) -> Scope | None:
    """The module that is the first (0) or last (-1) unit of a run, if its units are modules."""
    item: int | Block = block
    while isinstance(item, Block) and item.kind == "more":
        item = item.items[end]
    return item.scope if isinstance(item, Block) and item.kind == "module" else None


def several(line: Line, leaves: Sequence[int], scope: Scope | None = None) -> str:
    """Leaves with their shapes; where they are many or have no names, how many they are."""
    infos = [info for leaf in leaves if (info := line.snapshot.nodes[leaf].variable)]
    if len(infos) == len(leaves) <= SHOWN and all(info.name for info in infos):
        return ", ".join(named(info, scope) for info in infos)
    words = f"{len(leaves):,} {'leaf' if len(leaves) == 1 else 'leaves'}"
    return f"{words} with {sum(prod(info.shape) for info in infos):,} numbers" if infos else words


def named(info: VariableInfo, scope: Scope | None) -> str:
    """A leaf in a note: in its module's, without the module's name."""
    name = info.name.removeprefix(f"{scope.name}.") if scope and scope.name else info.name
    return f"{name} {'×'.join(map(str, info.shape))}".rstrip()


def names(line: Line, leaves: Sequence[int]) -> str:
    """Some leaves, by name, where they have one."""
    return ", ".join(filter(None, (line.snapshot.nodes[leaf].label for leaf in leaves)))


def ids(line: Line, block: Block) -> list[int]:
    """All leaves in a block, those of the blocks in it too."""
    return sorted(leaf for each in block.walk() for leaf in each.leaves if isinstance(leaf, int))


def pattern(line: Line, unit: list[int | Block]) -> tuple[str, str]:
    """What stands in a unit that repeats, in few words and in more."""
    only = unit[0]
    if len(unit) == 1 and isinstance(only, Block) and only.kind == "module":
        return word(line, only), f"{word(line, only)} ({sequence(line, only.items, 2 * SHOWN)})"
    return sequence(line, unit, 4), sequence(line, unit, 2 * SHOWN)


def sequence(line: Line, items: list[int | Block], most: int) -> str:
    """What stands one after the other, as "Linear → ReLU → Add", in ``most`` words; with commas where they are no row."""
    words = [word(line, item) for item in items]
    leads = all(leads_to(line, a, b) for a, b in pairwise(items))
    if len(words) > most:
        words = [*words[: most - 2], "…", words[-1]]
    return (" → " if leads else ", ").join(words)


def word(line: Line, item: int | Block) -> str:
    """One thing in a sequence."""
    if isinstance(item, int):
        node: Node = line.snapshot.nodes[line.order[item]]
        return node.operation or node.name
    if item.kind == "module" and item.scope:
        return clean(item.scope.kind)
    if item.unit:
        several = " " in item.pattern[0]
        return (f"({item.pattern[0]})" if several else item.pattern[0]) + f" ×{item.times:,}" * (item.times > 1)
    return f"{item.stop - item.start:,} functions"


def leads_to(line: Line, one: int | Block, other: int | Block) -> bool:
    """Whether something in the one is read by the other."""
    low, high = start(one), stop(one)
    return any(low <= source < high for i in range(start(other), stop(other)) for source in line.inputs[i])
