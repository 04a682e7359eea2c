"""In which call of which module was a node made? microtorch's modules leave marks; of PyTorch's, the parameters' names tell.

A mark, at the node of a module's output, holds the module (weakly) and the number of the clock when it was called: what was made
from then on up to that node was made in this call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..data import Scope
from ..names import Names, clean
from ..walk import GradNode, is_leaf, key, sequence_number

__all__ = ["scopes"]

MANY = 10_000  # modules of one network whose names are looked for


@dataclass
class Call:
    """One call of a module: the nodes with numbers above ``first`` up to ``last``."""

    first: int
    last: int
    module: Any
    scope: Scope | None = None


def scopes(nodes: Sequence[GradNode], called: Names) -> list[tuple[Scope, ...]]:
    """For each node, the calls of modules that it was made in, the outermost first; for a parameter, those that it belongs to."""
    paths = paths_of(called.modules)
    calls = sorted(marks(nodes), key=lambda call: (call.first, -call.last))
    inside = by_marks(nodes, calls, paths) if calls else by_parameters(nodes, called, paths)
    if not inside:
        return [()] * len(nodes)
    owners: dict[int, tuple[Scope, ...]] = {}
    for node in nodes:
        found = inside.get(key(node), [])
        for producer, _ in node.next_functions if found else ():
            if producer is not None and is_leaf(producer) and key(producer) not in owners:
                own = owning(found, getattr(producer, "variable", None))
                owners[key(producer)] = tuple(call.scope for call in own if call.scope is not None)
    return [
        owners.get(key(node), ()) if is_leaf(node) else tuple(call.scope for call in inside.get(key(node), []) if call.scope)
        for node in nodes
    ]


def marks(nodes: Sequence[GradNode]) -> Iterable[Call]:
    """The calls whose outputs are among the nodes; of a module that is gone, nothing is known."""
    found: dict[tuple[int, int], Call] = {}
    for node in nodes:
        for reference, first in getattr(node, "_calls", ()):
            module, last = reference(), sequence_number(node) or 0
            if module is not None:
                call = found.setdefault((id(module), first), Call(first, last, module))
                call.last = max(call.last, last)  # of several outputs, the latest
    return found.values()


def by_marks(nodes: Sequence[GradNode], calls: list[Call], paths: dict[int, str]) -> dict[int, list[Call]]:
    """The calls around each node: calls nest, so one walk along the clock with a stack finds them."""
    inside: dict[int, list[Call]] = {}
    stack: list[Call] = []
    waiting = iter(enumerate(calls))
    number, coming = next(waiting, (0, None))
    for node in sorted((node for node in nodes if not is_leaf(node)), key=lambda node: sequence_number(node) or 0):
        now = sequence_number(node) or 0
        while coming is not None and coming.first < now:
            while stack and stack[-1].last <= coming.first:
                stack.pop()
            coming.scope = Scope(number, named(coming, stack, paths), clean(type(coming.module).__name__))
            stack.append(coming)
            number, coming = next(waiting, (0, None))
        inside[key(node)] = [call for call in stack if now <= call.last]
    return inside


def named(call: Call, around: list[Call], paths: dict[int, str]) -> str:
    """What the reader calls a module: as the caller reaches it, or the module in whose call it was called."""
    path = paths.get(id(call.module))
    if path:
        return path
    for outer in reversed(around):
        if outer.scope is not None and outer.module is not call.module:
            inner = next((name for name, each in submodules(outer.module) if each is call.module and name), "")
            if inner:
                return clean(f"{outer.scope.name}.{inner}", 200)
    return clean(type(call.module).__name__)


def paths_of(modules: list[tuple[str, Any]]) -> dict[int, str]:
    """The name of each module that can be reached: from the largest network first, so that a loop's variable names no layer."""
    trees = [(name, [*submodules(module)]) for name, module in modules]
    found: dict[int, str] = {}
    for name, tree in sorted(trees, key=lambda each: -len(each[1])):
        for path, module in tree:
            found.setdefault(id(module), clean(f"{name}.{path}" if path else name, 200))
    return found


def submodules(module: Any) -> Iterator[tuple[str, Any]]:
    """A module and all below it, with their names from there; nothing where it cannot tell."""
    try:
        for count, (name, each) in enumerate(module.named_modules()):
            if count == MANY:
                return
            yield str(name), each
    except Exception:  # noqa: BLE001 - whatever goes wrong in there, then these have no names
        return


def owning(calls: list[Call], variable: Any) -> list[Call]:
    """Of the calls around a node that reads a leaf, those of the modules that the leaf is a parameter of."""
    for i in reversed(range(len(calls))):
        if any(each is variable for each in own_parameters(calls[i].module)):
            return calls[: i + 1]
    return []


def own_parameters(module: Any) -> Iterable[Any]:
    """The parameters of a module itself, not of those below it."""
    held = getattr(module, "_parameters", None)
    return held.values() if isinstance(held, dict) else ()


def by_parameters(nodes: Sequence[GradNode], called: Names, paths: dict[int, str]) -> dict[int, list[Call]]:
    """Where nothing was marked: nodes that read a module's own parameters, directly or turned, were made in that module.

    What else the module did cannot be told, nor how its calls nest: so of each of its operations, the first belongs to its first
    call, the second to the second. Nor whether what follows its last parameter is its own: ``x + f(x)`` in a block's forward, and
    in that of the network around it, make the same graph. So a residual block ends before its sum.
    """
    chains = owners_of(called.modules, paths)
    if not chains:
        return {}
    reads: dict[int, list[Any]] = {}  # for each node, the modules from whose parameters alone it was computed; none for others
    inside: dict[int, list[Call]] = {}
    times: dict[tuple[Any, ...], int] = {}
    calls: dict[tuple[int, int], Call] = {}
    for node in nodes:
        if is_leaf(node):
            reads[key(node)] = chains.get(key(node), [])
            continue
        below = [[] if producer is None else reads.get(key(producer), []) for producer, _ in node.next_functions]
        chain = common([each for each in below if each])
        if not chain:
            continue
        if all(below):
            reads[key(node)] = chain
        what = (
            node.name(),
            *(id(module) for module in chain),
            *(key(each) for each, _ in node.next_functions if each is not None and key(each) in chains),
        )
        times[what] = count = times.get(what, -1) + 1
        inside[key(node)] = [calls.setdefault((id(module), count), call_of(module, len(calls), paths)) for module in chain]
    return inside


def call_of(module: Any, number: int, paths: dict[int, str]) -> Call:
    """A call of which only the module is known."""
    return Call(0, 0, module, Scope(number, paths[id(module)], clean(type(module).__name__)))


def owners_of(modules: list[tuple[str, Any]], paths: dict[int, str]) -> dict[int, list[Any]]:
    """For each parameter, by identity, the modules that have it, the outermost first."""
    found: dict[int, list[Any]] = {}
    for _, root in modules:
        tree = dict(submodules(root))
        for path, module in tree.items():
            steps = path.split(".") if path else []
            chain = [tree[name] for name in (".".join(steps[:i]) for i in range(len(steps) + 1)) if name in tree]
            for each in own_parameters(module):
                if each is not None and len(found.get(id(each), ())) < len(chain):
                    found[id(each)] = chain
    return found


def common(chains: list[list[Any]]) -> list[Any]:
    """What all chains begin with."""
    first, *others = chains or [[]]
    return [each for i, each in enumerate(first) if all(len(other) > i and other[i] is each for other in others)]
