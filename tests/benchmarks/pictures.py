"""Drawing: what a notebook asks of a graph, from the live nodes to the picture and its words."""

import statistics
import time

from .race import ROUNDS


def chain(library, nodes: int):
    """The output of a graph of so many nodes."""
    x = library.ones(2, 2, requires_grad=True)
    for _ in range(nodes // 2):
        x = (x * 2.0).tanh()
    return x.sum()


def table():
    """The lines of the table."""
    import microtorch
    from microtorch import viz

    yield "| a graph of | snapshot | with its picture | budget |"
    yield "|---|---|---|---|"
    for nodes, budget in ((100, "0.1 s"), (1000, "0.5 s"), (10**4, "1 s")):
        out, times = chain(microtorch, nodes), []
        for _ in range(max(3, ROUNDS * 100 // nodes)):
            start = time.perf_counter()
            viz.snapshot(out)
            middle = time.perf_counter()
            viz.draw(out)._repr_mimebundle_()
            times.append((middle - start, time.perf_counter() - middle))
        snapshot, drawn = (statistics.median(each) for each in zip(*times, strict=True))
        yield f"| {nodes:,} nodes | {snapshot * 1e3:.1f} ms | {drawn * 1e3:.0f} ms | {budget} |"
