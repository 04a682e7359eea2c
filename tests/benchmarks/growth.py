"""How the cost of a node grows with the graph, with the garbage collector on, and the memory that comes back."""

from .resources import answer

SIZES = (10**3, 10**4, 10**5, 10**6)
PROGRAM = """
import gc, json, resource, time
from pathlib import Path
import microtorch
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
def measured(size):
    x = microtorch.ones(2, 2, dtype=microtorch.float64, requires_grad=True)
    start, y = time.perf_counter(), x
    for _ in range(size):
        y = y * 1.0001
    out, forward = y.sum(), time.perf_counter()
    out.backward()
    backward = time.perf_counter()
    held = resident()
    del y, out
    return [forward - start, backward - forward, time.perf_counter() - backward], held
measured(100)
before = resident()
runs = [measured({size}) for _ in range(max(1, 10**5 // {size}))]
best = [min(each) for each in zip(*(times for times, _ in runs))]
gc.collect()
print(json.dumps([*best, max(held for _, held in runs) - before, resident() - before]))
"""


def table():
    """The lines of the table."""
    yield "| chain of | forward, a node | backward, a node | freeing, a node | memory of the graph | left when it was dropped |"
    yield "|---|---|---|---|---|---|"
    for size in SIZES:
        *times, held, left = answer(PROGRAM.format(size=size))
        cells = [*(f"{each / size * 1e6:.2f} µs" for each in times), f"{held / 2**20:.1f} MiB", f"{left / 2**20:.1f} MiB"]
        yield f"| {size:,} | {' | '.join(cells)} |"
