"""Two graphs laid side by side: which node of one is which of the other, and in what the two differ.

Functions are matched in the order in which they were made, by their operations; leaves, by the inputs at which they stand. Then
what is joined to what is compared, and what else decides the result. The data themselves are not: two inputs of the same shape
that went the same way give the same graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from ..snapshot import Edge, Node, Operand, Snapshot
from .align import Gap, align, gaps, turns

__all__ = ["Comparison", "Difference", "Side", "compare"]


UNKNOWN = Operand()  # what PyTorch's Add was given, say: it keeps nothing of it


@dataclass(frozen=True)
class Difference:
    """One thing in which the graphs differ, at nodes of the one and of the other; what its ``kind`` needs stands in the rest."""

    kind: str
    a: tuple[int, ...]
    b: tuple[int, ...]
    what: str = ""  # a constant's name, an input's number
    values: tuple[str, str] = ("", "")  # in a, in b
    turns: tuple[int, int] = (0, 0)  # in a, in b
    unit: tuple[int, ...] = ()  # the nodes of one turn


@dataclass(frozen=True)
class Side:
    """One of the two graphs."""

    snapshot: Snapshot

    @cached_property
    def functions(self) -> list[int]:
        """All nodes but the leaves, in the order of their making."""
        return [node.id for node in self.snapshot.nodes if node.kind != "leaf"]

    @cached_property
    def leaves(self) -> list[Node]:
        """The leaves."""
        return [node for node in self.snapshot.nodes if node.kind == "leaf"]

    @cached_property
    def inputs(self) -> list[list[Edge]]:
        """The edges of each node."""
        found: list[list[Edge]] = [[] for _ in self.snapshot.nodes]
        for edge in self.snapshot.edges:
            found[edge.consumer].append(edge)
        return found

    @cached_property
    def operations(self) -> list[str]:
        """What the functions do."""
        return [self.snapshot.nodes[i].operation or self.snapshot.nodes[i].name for i in self.functions]


@dataclass
class Comparison:
    """Which node of ``a`` is which of ``b``, and all differences."""

    a: Side
    b: Side
    pairs: dict[int, int] = field(
        default_factory=dict
    )  # functions and leaves, also those with another operation at the same place
    differences: list[Difference] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)  # leaves of b that are matched

    @cached_property
    def back(self) -> dict[int, int]:
        """Of each node of b, which of a it is."""
        return {j: i for i, j in self.pairs.items()}

    def nodes(self, pair: tuple[int, int]) -> tuple[Node, Node]:
        """The two nodes of a pair."""
        return self.a.snapshot.nodes[pair[0]], self.b.snapshot.nodes[pair[1]]

    def pair(self, i: int | None, j: int | None) -> None:
        """Match two nodes, if both are leaves that are not matched yet."""
        if i is None or j is None or i in self.pairs or j in self.taken:
            return
        if all(node.kind == "leaf" for node in self.nodes((i, j))):
            self.pairs[i] = j
            self.taken.add(j)

    def signs(self, only: str, other: str) -> tuple[dict[int, str], dict[int, str]]:
        """What stands at the nodes that differ: of each graph by node, whether the other has none or another there."""
        a = {node: other if node in self.pairs else only for each in self.differences for node in each.a}
        b = {node: other if node in self.back else only for each in self.differences for node in each.b}
        return a, b


def compare(a: Snapshot, b: Snapshot) -> Comparison:
    """Lay two graphs side by side.

    >>> import microtorch
    >>> from microtorch.viz import snapshot
    >>> x = microtorch.ones(2, requires_grad=True)
    >>> [each.kind for each in compare(snapshot(x.exp()), snapshot(x.tanh())).differences]
    ['replaced']
    """
    found = Comparison(Side(a), Side(b))
    matches = align(found.a.operations, found.b.operations)
    found.pairs = {found.a.functions[i]: found.b.functions[j] for i, j in matches}
    for gap in gaps(matches, len(found.a.functions), len(found.b.functions)):
        found.differences.append(of_gap(found, gap))
    pair_leaves(found)
    for pair in found.pairs.items():
        for difference in DIFFERENCES:
            found.differences.extend(difference(found, *pair))
    found.differences.extend(of_roots(found))
    found.differences.extend(of_leaves_alone(found))
    return found


def of_gap(found: Comparison, gap: Gap) -> Difference:
    """Functions that only one of the graphs has, or that stand for others."""
    a, b = tuple(found.a.functions[gap.a0 : gap.a1]), tuple(found.b.functions[gap.b0 : gap.b1])
    if len(a) == len(b):
        found.pairs |= zip(a, b, strict=True)
    if a and b:
        return Difference("replaced", a, b)
    side, start, stop = (found.a, gap.a0, gap.a1) if a else (found.b, gap.b0, gap.b1)
    count = turns(side.operations, start, stop)
    if count.all == 1:
        return Difference("extra", a, b)
    unit = tuple(side.functions[count.start : count.start + count.size])
    numbers = (count.all, count.all - count.more) if a else (count.all - count.more, count.all)
    return Difference("turns", a, b, turns=numbers, unit=unit)


def pair_leaves(found: Comparison) -> None:
    """Match the leaves: those at the same inputs, and the roots; of the rest those of one name, then those of one shape."""
    for i, j in list(found.pairs.items()):
        for one, other in zip(found.a.inputs[i], found.b.inputs[j], strict=False):
            found.pair(one.producer, other.producer)
    for first, second in zip(found.a.snapshot.roots, found.b.snapshot.roots, strict=False):
        found.pair(first.node, second.node)
    for alike in (name, shape):
        waiting: dict[str, list[int]] = {}
        for leaf in reversed(found.b.leaves):
            if leaf.id not in found.taken:
                waiting.setdefault(alike(leaf), []).append(leaf.id)
        for leaf in found.a.leaves:
            if alike(leaf) and leaf.id not in found.pairs and waiting.get(alike(leaf)):
                found.pair(leaf.id, waiting[alike(leaf)].pop())


def name(leaf: Node) -> str:
    """What a leaf is called."""
    return leaf.label


def shape(leaf: Node) -> str:
    """Shape and type of a leaf's data."""
    info = leaf.variable
    return "" if info is None else f"{sized(info.shape)} of {info.dtype}"


def sized(shape: tuple[int, ...] | None) -> str:
    """A shape in words."""
    return f"({shape[0]},)" if shape and len(shape) == 1 else "x".join(map(str, shape or ())) or "scalar"


def of_leaves_alone(found: Comparison) -> Iterator[Difference]:
    """Leaves that only one of the graphs has, if nothing was said of them yet."""
    said = [each for each in found.differences if each.kind == "connection"]
    told_a = {edge.producer for each in said for edge in found.a.inputs[each.a[0]] if str(edge.port + 1) == each.what}
    told_b = {edge.producer for each in said for edge in found.b.inputs[each.b[0]] if str(edge.port + 1) == each.what}
    for leaf in found.a.leaves:
        if leaf.id not in found.pairs and leaf.id not in told_a:
            yield Difference("extra", (leaf.id,), ())
    for leaf in found.b.leaves:
        if leaf.id not in found.back and leaf.id not in told_b:
            yield Difference("extra", (), (leaf.id,))


# ---- what two nodes of a pair may differ in -------------------------------------------------------------------------


def of_leaf(found: Comparison, i: int, j: int) -> Iterator[Difference]:
    """Another shape or another type of a leaf's data."""
    values = tuple(map(shape, found.nodes((i, j))))
    if all(values) and values[0] != values[1]:
        yield Difference("leaf", (i,), (j,), values=(values[0], values[1]))


def of_form(found: Comparison, i: int, j: int) -> Iterator[Difference]:
    """The same operation in another form, or with more inputs."""
    one, other = found.nodes((i, j))
    if one.operation != other.operation or one.kind == "leaf":
        return
    if one.name != other.name:
        yield Difference("form", (i,), (j,), values=(one.name, other.name))
    counts = len(found.a.inputs[i]), len(found.b.inputs[j])
    if counts[0] != counts[1]:
        yield Difference("inputs", (i,), (j,), values=(f"{counts[0]:,}", f"{counts[1]:,}"))


def of_constants(found: Comparison, i: int, j: int) -> Iterator[Difference]:
    """Another exponent, axis, number at an input."""
    one, other = found.nodes((i, j))
    if one.operation != other.operation:
        return
    others = dict(other.constants)
    for name, value in one.constants:
        if name in others and not equal(value, others[name]):
            yield Difference("constant", (i,), (j,), name, (value, others[name]))
    operands = {port.index: port.operand for port in other.ports}
    for port in one.ports:
        mine, theirs = port.operand, operands.get(port.index)
        if mine is None or theirs is None or UNKNOWN in (mine, theirs):
            continue
        name = port.name or f"input {port.index + 1}"
        if not equal(mine.value, theirs.value):
            yield Difference("constant", (i,), (j,), name, (mine.value or "data", theirs.value or "data"))
        if mine.shape is not None and theirs.shape is not None and mine.shape != theirs.shape:
            yield Difference("data", (i,), (j,), name, (sized(mine.shape), sized(theirs.shape)))


def equal(one: str, other: str) -> bool:
    """Whether two constants are the same: 2 and 2.0 are."""
    if one == other:
        return True
    with suppress(ValueError):
        return float(one) == float(other)
    return False


def of_saved(found: Comparison, i: int, j: int) -> Iterator[Difference]:
    """Other shapes of what is kept for backward; names tell what is the same, and other engines have others."""
    one, other = found.nodes((i, j))
    if one.operation == other.operation:
        others = {saved.name: saved.summary for saved in other.saved}
        for saved in one.saved:
            match = others.get(saved.name)
            if saved.summary is not None and match is not None and saved.summary.shape != match.shape:
                yield Difference("saved", (i,), (j,), saved.name, (sized(saved.summary.shape), sized(match.shape)))


def of_edges(found: Comparison, i: int, j: int) -> Iterator[Difference]:
    """Inputs that come from somewhere else. What comes from a function that only one graph has is told with that."""
    for one, other in zip(found.a.inputs[i], found.b.inputs[j], strict=False):
        mapped = None if one.producer is None else found.pairs.get(one.producer)
        if (one.producer is None) == (other.producer is None) and mapped == other.producer and one.output == other.output:
            continue
        if not (alone(found.a, one.producer, found.pairs) or alone(found.b, other.producer, found.back)):
            values = source(found.a, one), source(found.b, other)
            yield Difference("connection", (i,), (j,), str(one.port + 1), values)


def alone(side: Side, node: int | None, known: dict[int, int]) -> bool:
    """Whether only one of the graphs has this function."""
    return node is not None and node not in known and side.snapshot.nodes[node].kind != "leaf"


def source(side: Side, edge: Edge) -> str:
    """Where an input comes from."""
    if edge.producer is None:
        return ""
    node = side.snapshot.nodes[edge.producer]
    output = f" output {edge.output}" if edge.output else ""
    return f"{node.label or node.operation or node.name} (node {node.id}){output}"


def of_roots(found: Comparison) -> Iterator[Difference]:
    """Another number of results, or results that are made elsewhere."""
    one, other = found.a.snapshot.roots, found.b.snapshot.roots
    if len(one) != len(other):
        yield Difference("roots", (), (), values=(str(len(one)), str(len(other))))
    for first, second in zip(one, other, strict=False):
        if first.node is None or second.node is None or first.node not in found.pairs or second.node not in found.back:
            continue
        if (found.pairs[first.node], first.output) != (second.node, second.output):
            ends = [Edge(0, 0, 0, root.node, root.output) for root in (first, second)]
            yield Difference("root", (first.node,), (second.node,), values=(source(found.a, ends[0]), source(found.b, ends[1])))


DIFFERENCES: list[Callable[[Comparison, int, int], Iterator[Difference]]] = [of_leaf, of_form, of_constants, of_saved, of_edges]
