"""Drawing: what a notebook asks of a graph, from the live nodes to the picture; beside torchviz and torchview, where they are."""

import resource
import statistics
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from .race import ROUNDS

LAYERS = {100: 20, 1000: 200, 10_000: 2000}  # Linear and Tanh are five nodes
BUDGETS = {100: "100 ms", 1000: "300 ms", 10_000: "500 ms"}
PATIENCE = 1000  # nodes that the others are given: Graphviz places all of them


def network(lib: Any, nodes: int) -> tuple[Any, Any]:
    """A network, and an input for it, whose output has a graph of so many nodes."""
    layers = [layer for _ in range(LAYERS[nodes]) for layer in (lib.nn.Linear(4, 4), lib.nn.Tanh())]
    return lib.nn.Sequential(*layers), lib.ones(2, 4)


def ours(lib: Any, nodes: int) -> Callable[[], Any]:
    """Snapshot, folds, picture."""
    from microtorch import viz

    net, x = network(lib, nodes)
    out = net(x).sum()
    return lambda: viz.draw(out).svg


def torchviz(nodes: int) -> Callable[[], Any]:
    import torch
    import torchviz

    net, x = network(torch, nodes)
    out = net(x).sum()
    return lambda: torchviz.make_dot(out, dict(net.named_parameters())).pipe("svg")


def torchview(nodes: int) -> Callable[[], Any]:
    import torch
    import torchview

    net, x = network(torch, nodes)
    return lambda: torchview.draw_graph(net, x).visual_graph.pipe("svg")


def spent() -> float:
    """Seconds of the processor for this process and for Graphviz's: on a busy machine nearer to the truth than a clock."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def cell(work: Callable[[], Any]) -> str:
    """The median time of some runs, after one that imports what is needed."""
    work()
    times = []
    for _ in range(max(3, ROUNDS // 10)):
        start = spent()
        work()
        times.append(spent() - start)
    return f"{statistics.median(times) * 1e3:.0f} ms"


def table():
    """The lines of the table."""
    import microtorch
    import microtorch.nn

    others = [make for make in (torchviz, torchview) if find_spec(make.__name__)]
    columns = ["a graph of", "its picture", *["of torch’s"] * bool(others), *(each.__name__ for each in others), "budget"]
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    for nodes, budget in BUDGETS.items():
        cells = [cell(ours(microtorch, nodes))]
        if others:
            import torch

            cells += [cell(ours(torch, nodes)), *(cell(each(nodes)) if nodes <= PATIENCE else "–" for each in others)]
        yield f"| {nodes:,} nodes | {' | '.join(cells)} | {budget} |"
