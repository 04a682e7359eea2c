"""Memory and start-up: each figure from fresh processes, one contestant after the other."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .race import ONE_THREAD

LAYERS, WIDTH, BATCH = 10, 512, 1024
ACTIVATIONS = LAYERS * WIDTH * BATCH * 8  # bytes, in float64
PASSES = {
    "microtorch": "import microtorch as lib; F = lib.nn.functional",
    "torch": "import torch as lib; F = lib.nn.functional; lib.set_num_threads(1)",
}
MEMORY = """
import json, resource
from pathlib import Path
{library}
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
layers = [lib.randn({width}, {width}, dtype=lib.float64) / 20 for _ in range({layers})]
weights = [each.requires_grad_() for each in layers]
x = lib.randn({batch}, {width}, dtype=lib.float64)
before = resident()
value = x
for w in weights:
    value = F.relu(value @ w)
loss = value.mean()
del value
loss.backward()
print(json.dumps(peak() - before))
"""
IMPORT = """
import json, resource, time
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
memory, start = resident(), time.perf_counter()
import {module}
print(json.dumps([time.perf_counter() - start, resident() - memory]))
"""


def answer(program: str) -> Any:
    """What a program prints, run in a process of its own."""
    # As it is for users: with bytecode that an earlier import has left.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | ONE_THREAD
    command, directory = [sys.executable, "-c", program], Path(__file__).parents[2]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=directory, env=environment).stdout)


def peak_memory() -> str:
    """What one training pass takes at its peak, as a multiple of the outputs of its layers."""
    found = []
    for name, library in PASSES.items():
        program = MEMORY.format(library=library, width=WIDTH, layers=LAYERS, batch=BATCH)
        peaks = [answer(program) for _ in range(3)]
        found.append(f"{name} {statistics.median(peaks) / ACTIVATIONS:.2f}")
    return f"peak memory of a {LAYERS} × {WIDTH} MLP at batch {BATCH}, × its activations: {', '.join(found)} (budget 1.45)"


def imports(rounds: int = 11) -> str:
    """What ``import microtorch`` takes beyond ``import numpy``: the median of rounds in which both are imported in turn."""
    answer("import json, microtorch; print(json.dumps(0))")
    answers = [[answer(IMPORT.format(module=module)) for module in ("numpy", "microtorch")] for _ in range(rounds)]
    seconds, memory = (statistics.median(ours[i] - theirs[i] for theirs, ours in answers) for i in (0, 1))
    return f"import microtorch: NumPy's import + {seconds * 1e3:.0f} ms, + {memory / 2**20:.1f} MiB (budget + 40 ms, + 4 MiB)"


def table() -> Iterator[str]:
    """Both, a line each."""
    yield peak_memory()
    yield imports()
