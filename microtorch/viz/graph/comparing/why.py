"""Why has ``x`` this ``.grad``, or none? Does a path lead from a result to it; if not, where does what could be one end?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from ....core.node import Node as OwnNode
from ..names import Names, checked, clean
from ..protocol import inputs
from ..snapshot import Root, Snapshot, VariableInfo, describe, freeze
from ..summary import array_of
from ..walk import GradNode, is_leaf, is_node, is_variable, key, reachable, what

__all__ = ["Entry", "Finding", "examine"]

MANY = 1_000_000  # ways from the result to x that are counted
WORK = 100_000  # that NumPy may do to find out whether two arrays share memory


@dataclass(frozen=True)
class Entry:
    """Where values of x stand in the graph and nothing leads back to x: a leaf, or what node ``node`` was given as ``name``."""

    node: int
    name: str
    leaf: bool
    copied: bool  # equal values in other memory


@dataclass(frozen=True)
class Finding:
    """What was found: ``reason`` in one of the six ways, and what the words and the picture need."""

    reason: str
    x: VariableInfo
    out: VariableInfo | None
    snapshot: Snapshot  # of the result; where that has no graph, x's card
    path: frozenset[int] = frozenset()  # all nodes on ways from the result to x
    way: tuple[int, ...] = ()  # one such way
    ways: int = 0
    entries: tuple[Entry, ...] = ()
    leaves: tuple[str, ...] = ()  # where a result x was computed from
    freed: bool = False  # backward() has run through the graph
    zero: bool = False  # x.grad is 0 everywhere
    swapped: bool = False  # x was computed from the result


def examine(x: Any, out: Any, names: Mapping[str, Any] | None = None) -> Finding:
    """Look for x in the graph of ``out``.

    Raises:
        TypeError: x is no Variable, or ``out`` neither a Variable nor a node.
    """
    explicit = checked(names)
    check(x, out)
    node = x if is_node(x) else None
    subject = x if node is None else getattr(node, "variable", None)
    called = Names(explicit, [each for each in (subject, out) if is_variable(each)], [])
    info = stand_in(x) if subject is None else describe(subject, called)
    result = describe(out, called) if is_variable(out) else None
    if result is not None and not result.requires_grad:
        shown = Snapshot((), (), (Root(None, 0, info),), 0)
        return Finding("values used without history" if info.requires_grad else "requires no grad", info, result, shown)

    snapshot, live = freeze(out, names=names)
    maker = node if subject is None else getattr(subject, "grad_fn", None)
    target, output = (id(subject), 0) if maker is None else (key(maker), getattr(subject, "output_nr", 0))
    position = next((i for i, each in enumerate(live) if key(each) == target), None)
    ways = ways_to(snapshot, position, output)
    root = snapshot.roots[0].node
    assert root is not None
    reached = root in ways and not (root == position and snapshot.roots[0].output != output)
    below = [] if maker is None else reachable([maker])
    entries = () if reached else tuple(found_in(live, subject, {key(each) for each in below}))
    return Finding(
        reason=reason(info, reached, maker is not None, [each for each in entries if not each.copied]),
        x=info,
        out=result,
        snapshot=snapshot,
        path=frozenset(ways) if reached else frozenset(),
        way=one_way(snapshot, root, position, output, ways) if reached else (),
        ways=ways[root] if reached else 0,
        entries=entries,
        leaves=tuple(called_leaves(below, called)),
        freed=any(saved.freed for each in snapshot.nodes for saved in each.saved),
        zero=info.grad is not None and info.grad.zeros == int(np.prod(info.grad.shape)),
        swapped=any(key(each) == key(live[root]) for each in below) and not reached,
    )


def reason(x: VariableInfo, reached: bool, computed: bool, entries: list[Entry]) -> str:
    """The one word for it."""
    if not x.requires_grad:
        return "requires no grad"
    if reached:
        if x.grad is not None:
            return "reached"
        return "not a leaf" if computed and x.grad_state == "kept for leaves only" else "not run"
    return "values used without history" if entries else "not used"


def check(x: Any, out: Any) -> None:
    """Raise where the question has no answer."""
    foreign = is_node(out) and not isinstance(out, OwnNode)
    if not (is_variable(x) or is_node(x) or (foreign and hasattr(x, "grad"))):
        raise TypeError(f"why(x, out) asks after one Variable x; got {of_kind(x)}")
    if is_node(x):
        inputs(x)
    if out is None:
        raise TypeError(
            "why(x, out) asks for the way from a result back to x, and out is None: pass the Variable on which backward() is "
            "called, as in why(w, loss)"
        )
    if not (is_variable(out) or is_node(out)):
        raise TypeError(f"why(x, out) asks for the way from the result out back to x; got {what(out, 'why')}")


def of_kind(x: Any) -> str:
    """What was passed in the place of x."""
    if x is None:
        return "None: not x.grad but x itself is wanted, as in why(x, out)"
    if isinstance(x, (np.ndarray, np.generic, int, float)):
        wrapped = "Variable(array, requires_grad=True)"
        return f"a {type(x).__name__}, which records no operations: wrap it, {wrapped}, and compute with that"
    return what(x, "why")


def stand_in(node: GradNode) -> VariableInfo:
    """A node of which no Variable is known."""
    computed = not is_leaf(node)
    state = "kept for leaves only" if computed else "not computed yet"
    return VariableInfo(clean(node.name()), (), "", None, None, state, True, not computed, clean(node.name()))


# ---- the way --------------------------------------------------------------------------------------------------------


def ways_to(snapshot: Snapshot, position: int | None, output: int) -> dict[int, int]:
    """For each node from which a path leads to an output of node ``position``: how many do."""
    found = {} if position is None else {position: 1}
    for edge in snapshot.edges:  # those of a node stand behind those of all nodes it was computed from
        if edge.producer in found and (edge.producer != position or edge.output == output):
            found[edge.consumer] = min(found.get(edge.consumer, 0) + found[edge.producer], MANY)
    return found


def one_way(snapshot: Snapshot, root: int, position: int | None, output: int, ways: Mapping[int, int]) -> tuple[int, ...]:
    """The nodes of one path, the root first."""
    below: dict[int, int] = {}
    for edge in snapshot.edges:
        if edge.producer is not None and edge.producer in ways and (edge.producer != position or edge.output == output):
            below.setdefault(edge.consumer, edge.producer)
    path = [root]
    while path[-1] != position:
        path.append(below[path[-1]])
    return tuple(path)


def called_leaves(nodes: list[GradNode], called: Names) -> Iterator[str]:
    """The names of the leaves among some nodes, "" for one without."""
    for node in nodes:
        if is_leaf(node):
            variable = getattr(node, "variable", None)
            yield "" if variable is None else called.of(variable)


# ---- where its values are -------------------------------------------------------------------------------------------


def found_in(live: list[GradNode], x: Any, own: set[int]) -> Iterator[Entry]:
    """Where the values of x stand, though no path leads to it; ``own`` are the nodes that x was computed by."""
    values = numbers(x)
    if values is None or not values.size:
        return
    leaves = {key(node) for node in live if is_leaf(node)}
    for i, node in enumerate(live):
        variable = getattr(node, "variable", None)
        if variable is not None:
            if key(node) not in own and shares(numbers(variable), values):
                yield Entry(i, "", leaf=True, copied=False)
            continue
        seen: set[str] = set()
        for name, value in constants(node, leaves):
            held = numbers(value)
            if held is None:
                continue
            same = shares(held, values)
            if (
                name not in seen
                and (name or not seen)
                and (same or (held.shape == values.shape and np.array_equal(held, values)))
            ):
                seen.add(name)
                yield Entry(i, clean(name), leaf=False, copied=not same)


def constants(node: GradNode, leaves: set[int]) -> Iterator[tuple[str, Any]]:
    """What a node was given that has no history, as far as it is still known: name and value."""
    if isinstance(node, OwnNode):
        for position, (name, value) in enumerate(node.saved_values() or ()):
            if not node.saved_edge(position):
                yield name, value
        given = getattr(node, "_untracked", ())
        for each in given if isinstance(given, tuple) else (given,):
            yield "", each() if isinstance(each, ref) else each
        return
    for name, value in saved_by_torch(node):
        if is_variable(value) and value.grad_fn is None and id(value) not in leaves:
            yield name, value


def saved_by_torch(node: GradNode) -> Iterator[tuple[str, Any]]:
    """What a node of PyTorch still keeps."""
    for name in dir(node):
        if name.startswith("_saved_") or name == "saved_tensors":
            with suppress(RuntimeError):  # PyTorch's way to say that backward has freed it
                value = getattr(node, name)
                yield from ((name.removeprefix("_saved_"), each) for each in (value if isinstance(value, tuple) else (value,)))


def numbers(value: Any) -> NDArray[Any] | None:
    """The array of a value, if it has one."""
    if not (isinstance(value, (np.ndarray, np.generic, int, float)) or hasattr(value, "data")):
        return None
    found = array_of(value)
    return found if found.dtype.kind in "biufc" else None


def shares(one: NDArray[Any] | None, other: NDArray[Any]) -> bool:
    """Whether two arrays have an element in common."""
    if one is None:
        return False
    try:
        return bool(np.shares_memory(one, other, max_work=WORK))  # type: ignore[arg-type]  # any number, says NumPy's manual
    except np.exceptions.TooHardError:
        return True  # their bounds overlap, and more is not known
