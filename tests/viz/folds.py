"""Views to judge: what must hold of every one of them, snapshots made by hand, and what folds look like as text."""

from collections import Counter
from dataclasses import replace

from microtorch.viz.graph.fold import opened
from microtorch.viz.graph.snapshot import Edge, Node, Root, Scope, Snapshot
from microtorch.viz.graph.view import STUBS, View


def graph(operations, inputs):
    """A snapshot of nodes by operation ("" is a leaf), and for each the nodes it reads."""
    nodes = tuple(
        Node(
            i, "function" if name else "leaf", f"{name}Backward0" if name else "AccumulateGrad", name, "", (), (), None, (), None
        )
        for i, name in enumerate(operations)
    )
    pairs = [(consumer, port, source) for consumer, sources in enumerate(inputs) for port, source in enumerate(sources)]
    edges = tuple(Edge(i, consumer, port, source, 0) for i, (consumer, port, source) in enumerate(pairs))
    return Snapshot(nodes, edges, (Root(len(nodes) - 1, 0, None),), 0)


def scoped(snapshot, *calls):
    """The snapshot with modules: for each of these calls (name, kind, nodes), the outer ones first."""
    scopes = {node.id: () for node in snapshot.nodes}
    for number, (name, kind, nodes) in enumerate(calls):
        for node in nodes:
            scopes[node] += (Scope(number, name, kind),)
    return replace(snapshot, nodes=tuple(replace(node, scope=scopes[node.id]) for node in snapshot.nodes))


def count(view):
    """How many boxes a view shows."""
    return len(set(view.boxes.values()))


def labels(folds):
    """Folds as one reads them: "label ×times"."""
    return [fold.label + f" ×{fold.times}" * (fold.times > 1) for fold in folds]


def insides(view, limit=80):
    """The inside of every fold of a view: with all folds in it closed, and as it is opened."""
    for outer in view.outermost:
        for fold in outer.walk():
            yield View(view.snapshot, fold.folds, fold, view.outermost)
            yield opened(view, fold, limit)


def judge(view, most):
    """Fail where a view shows a node twice or not, more than ``most`` boxes, too many stubs, or a circle."""
    shown = set(range(len(view.snapshot.nodes))) if view.inside is None else view.inside.nodes
    stubs = {node for stub in view.stubs.values() for node in stub.nodes}
    assert set(view.boxes) == shown | stubs
    assert not shown & stubs
    in_folds = Counter(node for fold in view.folds for node in fold.nodes)
    assert all(times == 1 for times in in_folds.values()), "folds that are closed overlap"
    assert set(in_folds) <= shown
    assert count(view) <= most
    assert len(view.stubs) <= 2 * STUBS
    assert not circle(view), circle(view)


def circle(view):
    """The boxes of which each leads to another in a circle."""
    leads = {}
    for link in view.links:
        leads.setdefault(link.source, set()).add(link.target)
    left = set(view.boxes.values())
    while left:
        ends = {box for box in left if not leads.get(box, set()) & left}
        if not ends:
            return left
        left -= ends
    return set()
