"""What two graphs differ in, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ..graph.comparing.compare import Comparison, Difference, Side
from ..graph.names import clean
from ..graph.snapshot import Snapshot
from .text import plural

__all__ = ["heading", "names", "sentences"]

SHOWN = 6  # operations of a longer chain


def names(a: Snapshot, b: Snapshot) -> tuple[str, str]:
    """What the two graphs are called: as their results are, where these have two names, or else a and b."""
    found = [each.roots[0].variable.name if each.roots and each.roots[0].variable else "" for each in (a, b)]
    return (found[0], found[1]) if all(found) and found[0] != found[1] else ("a", "b")


def heading(found: Comparison, called: tuple[str, str]) -> str:
    """Whether the graphs are the same, and how much of them is."""
    a, b = called
    nodes = found.a.snapshot.nodes
    if not found.differences:
        leaves = sum(node.kind == "leaf" for node in nodes)
        size = f"{plural(leaves, 'leaf', 'leaves')}, {plural(len(nodes) - leaves, 'function')}"
        return f"{a} and {b} are the same graph: {size}."
    different = {node for each in found.differences for node in each.a}
    alike = sum(node not in different for node in found.pairs)
    sizes = f"{len(nodes):,} in {a}, {len(found.b.snapshot.nodes):,} in {b}"
    return f"{a} and {b} are not the same graph: {plural(alike, 'node is', 'nodes are')} alike ({sizes})."


def sentences(found: Comparison, called: tuple[str, str]) -> tuple[str, ...]:
    """All differences, those of the same kind with the same words together."""
    grouped: dict[tuple[str, str], list[Difference]] = {}
    for each in found.differences:
        words = "" if each.kind == "saved" else sentence(found, each, called)
        grouped.setdefault((each.kind, words), []).append(each)
    last = grouped.pop(("saved", ""), [])
    told = [words + where(group, called) for (_, words), group in grouped.items()]
    return (*told, saved(found, last, called)) if last else tuple(told)


def where(group: Sequence[Difference], called: tuple[str, str]) -> str:
    """The nodes it is about, as numbered in the table of the graph."""
    first = group[0]
    places = [f"{numbers(nodes)} of {name}" for nodes, name in ((first.a, called[0]), (first.b, called[1])) if nodes]
    if first.a == first.b:
        places = [numbers(first.a)]
    if not places or not places[0]:
        return ""
    return f" ({f'at {len(group):,} places, first at ' if len(group) > 1 else ''}{', '.join(places)})"


def numbers(nodes: tuple[int, ...]) -> str:
    """Nodes by their numbers."""
    if len(nodes) < 2:
        return f"node {nodes[0]}" if nodes else ""
    return f"nodes {nodes[0]} to {nodes[-1]}"


WORDS = {
    "replaced": "where {a} has {in_a}, {b} has {in_b}",
    "turns": "{more} has {count} of {unit}: {most:,}, {less} has {least:,}",
    "extra": "only {owner} has {in_a}{in_b}",
    "leaf": "{in_a} is {x} in {a}, {y} in {b}",
    "form": "{in_a} is {x} in {a}, {y} in {b}",
    "inputs": "{in_a} has {x} inputs in {a}, {y} in {b}",
    "constant": "{what} of {in_a} is {x} in {a}, {y} in {b}",
    "data": "the data at {what} of {in_a} is {x} in {a}, {y} in {b}",
    "connection": "input {what} of {in_a}: {from_x} in {a}, {from_y} in {b}",
    "root": "the result: {from_x} in {a}, {from_y} in {b}",
    "roots": "{a} has {x} results, {b} has {y}",
}


def sentence(found: Comparison, each: Difference, called: tuple[str, str]) -> str:
    """One difference, without the place."""
    (a, b), (x, y) = called, each.values
    (more, most), (less, least) = sorted(zip(called, each.turns, strict=True), key=lambda pair: -pair[1])
    owner, side = (a, found.a) if each.a else (b, found.b)
    return WORDS[each.kind].format(
        a=a, b=b, in_a=chain(found.a, each.a), in_b=chain(found.b, each.b), what=each.what, x=x, y=y, from_x=comes(x),
        from_y=comes(y), more=more, most=most, less=less, least=least, count=plural(most - least, "more turn"), owner=owner,
        unit=chain(side, each.unit),
    )  # fmt: skip


def comes(source: str) -> str:
    """Where an input comes from."""
    return f"from {source}" if source else "not tracked"


def saved(found: Comparison, group: Sequence[Difference], called: tuple[str, str]) -> str:
    """The shapes of saved values: they follow from those of the leaves, so one sentence does for all."""
    first, nodes = group[0], len({each.a for each in group})
    example = f"{first.what} of {chain(found.a, first.a)} is {first.values[0]} in {called[0]}, {first.values[1]} in {called[1]}"
    return f"{plural(nodes, 'function saves', 'functions save')} values of other shapes: {example}{where(group[:1], called)}"


def chain(side: Side, nodes: Sequence[int]) -> str:
    """What some nodes do, one after the other: "Mul → Add", of what repeats "Mul ×12"."""
    found = [side.snapshot.nodes[i] for i in nodes]
    words = [f"the leaf {node.label}".strip() if node.kind == "leaf" else clean(node.operation or node.name) for node in found]
    runs = [(word, len(list(group))) for word, group in groupby(words)]
    told = [word if times == 1 else f"{word} ×{times:,}" for word, times in runs]
    if len(told) > SHOWN:
        told[SHOWN // 2 : -SHOWN // 2] = [f"… {len(told) - SHOWN:,} more …"]
    return " → ".join(told)
