"""Random programs give the same on torch and on microtorch: ``python -m tests.core.random_graphs 20000``.

Compared are the values and versions of all tensors after every line, the place in the graph of the tensors that a line is
about, whether the line raised and what; and at the end the whole graph, every ``.grad`` and all gradients. Texts of errors and
the names of nodes in a recorded backward pass are not compared; neither is ``.grad`` after a backward that raised.
"""

import argparse
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.core.random_programs import NAMES, Program, Run, programs

TOLERANCE = 1e-9
# What one of them refuses (README, "Differences from PyTorch"): the programs end there.
TORCH_ALONE = {  # key words of the error: what stands in the program
    "INTERNAL ASSERT": "",  # "please report a bug to PyTorch"
    "single memory location": "",  # some operands that lie in the memory that is written; microtorch reads all before it writes
    "requires_grad=True on inference tensor": r"\.data",  # which outside of inference mode is normal in microtorch
    "Inference tensors cannot be saved": r"\.data",
    "a second time": r"no_grad\(\): [a-z] =",  # what a view that leads nowhere was used for: torch saves the result, at times
    "detached in-place": "detach_",  # a result that was saved, and then detached
    "view size is not compatible": "",  # NumPy lays out the result of operands of different layouts in another way
}
MICROTORCH_ALONE = {
    "a leaf changes its shape": "no_grad",  # between forward and backward
    "view size is not compatible": "",
    "single memory location": "unfold",  # whose windows torch writes one after the other
    # A view made under no_grad of what requires a gradient requires one too, and leads nowhere: torch saves nothing for it.
    "Inference tensors cannot be saved": r"no_grad\(\): [a-z] =",
    "a second time": r"no_grad\(\): [a-z] =",
}
Looks = dict[str, Callable[[Any], Any]]
TARGETS = re.compile(r"(?:with [^:]+: )?([a-z](?:, [a-z])*)\b")


def difference(program: Program, torch: ModuleType, microtorch: ModuleType) -> str | None:
    """The first thing in which the two libraries differ on a program, in words; None if there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return next(_differences(program, Run(torch), Run(microtorch)), None)


def _differences(program: Program, torch: Run, microtorch: Run) -> Iterator[str]:
    # Of what is computed from inference tensors, torch counts its own steps in some places: these versions mean nothing.
    values = VALUE if any("inference_mode" in line for line in program.lines) else VALUE | VERSION
    for number, line in enumerate(program.lines, 1):
        errors = expected, actual = torch.do(line), microtorch.do(line)
        where = f"line {number}, `{line}`"
        if _refused_by(TORCH_ALONE, expected, program):
            return
        if expected is None and _refused_by(MICROTORCH_ALONE, actual, program):
            return
        # A leaf that was saved is saved as itself in torch: if it requires a gradient later, the second gradient reaches it.
        if "second" in line and "requires_grad_()" in str(program):
            return
        if type(expected) is not type(actual):
            yield f"{where}: torch {_outcome(expected)}, microtorch {_outcome(actual)}"
        last = number == len(program.lines)
        targets = TARGETS.match(line)
        look = _all(values, any(errors)) if last else _during(values, targets[1] if targets else "")
        for (what, theirs), (_, ours) in zip(look(torch), look(microtorch), strict=True):
            if not same(theirs, ours):
                yield f"after {where}, {what}: torch {theirs!r}, microtorch {ours!r}"


def _refused_by(one: dict[str, str], error: Exception | None, program: Program) -> bool:
    return error is not None and any(words in str(error) and re.search(part, str(program)) for words, part in one.items())


def _outcome(error: Exception | None) -> str:
    return f"raises {error!r}" if error else "runs"


def _during(values: Looks, targets: str) -> Callable[[Run], Iterator[tuple[str, Any]]]:
    """After a line: the state of its targets alone, since to look at a view's node is to have it made anew."""

    def look(run: Run) -> Iterator[tuple[str, Any]]:
        for name, tensor in run.variables.items():
            if name in NAMES:
                yield from _seen(name, tensor, values | STATE if name in targets else values)
            yield from _gradients(name, tensor)

    return look


def _all(values: Looks, failed: bool) -> Callable[[Run], Iterator[tuple[str, Any]]]:
    def look(run: Run) -> Iterator[tuple[str, Any]]:
        for name, value in run.variables.items():
            if name in NAMES:
                yield from _seen(name, value, values | STATE | {".graph": graph} | ({} if failed else GRAD))
            yield from _gradients(name, value)

    return look


def _gradients(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What ``autograd.grad`` returned."""
    for i, gradient in enumerate(value if name in {"first", "second"} else ()):
        # Of zeros, torch does not always say what they depend on; and of a second gradient, whether it is zeros or None.
        counts = gradient is not None and np.abs(array(gradient)).max(initial=0.0) > TOLERANCE
        if counts or name == "first":
            yield from _seen(f"{name}[{i}]", gradient, {"": array})
        else:
            yield f"{name}[{i}]", None
        yield f"{name}[{i}].requires_grad", gradient.requires_grad if counts else None


def _seen(name: str, tensor: Any, looks: Looks) -> Iterator[tuple[str, Any]]:
    return ((name + what, _attempt(look, tensor)) for what, look in looks.items())


def _attempt(look: Callable[[Any], Any], tensor: Any) -> Any:
    try:
        return look(tensor)
    except RuntimeError as error:  # as where torch cannot tell the node of a view any more
        return type(error)


def array(tensor: Any) -> Any:
    return None if tensor is None else tensor.detach().numpy().copy()


def node_name(node: Any) -> str | None:
    return None if node is None else node.name().removeprefix("torch::autograd::")


def graph(tensor: Any) -> list[Any]:
    """All nodes below a tensor, with the edges of each as pairs of the node's number in this list and the output's number."""
    if tensor.grad_fn is None:
        return []
    nodes, numbers, result = [tensor.grad_fn], {tensor.grad_fn: 0}, [tensor.output_nr]
    for node in nodes:  # grows while it is walked
        edges = []
        for edge in node.next_functions:
            below, output = _written(edge) if node_name(node) in WRITES else edge
            if below is not None and below not in numbers:
                numbers[below] = len(nodes)
                nodes.append(below)
            edges.append((numbers.get(below, -1), output))
        result.append((node_name(node), edges))
    return result


WRITES = {"CopySlices", "CopyBackwards", "IndexPutBackward0"}


def _written(edge: tuple[Any, int]) -> tuple[Any, int]:
    """The value that was written: torch may expand it first, in nodes of their own."""
    while node_name(edge[0]) in {"ViewBackward0", "ExpandBackward0"}:
        edge = edge[0].next_functions[0]
    return edge


VALUE = {"": array}
VERSION = {"._version": lambda tensor: tensor._version}
STATE = {
    ".requires_grad": lambda tensor: tensor.requires_grad,
    ".is_leaf": lambda tensor: tensor.is_leaf,
    ".grad_fn": lambda tensor: node_name(tensor.grad_fn),
}


def leaf_grad(tensor: Any) -> Any:
    """``.grad`` in the shape of its leaf, which torch does not give it where that changed between forward and backward."""
    grad = array(tensor.grad)
    return grad if grad is None or grad.size != tensor.numel() else grad.reshape(tensor.shape)


GRAD = {".grad": leaf_grad}


def same(x: Any, y: Any) -> bool:
    if not isinstance(x, np.ndarray) or not isinstance(y, np.ndarray):
        return type(x) is type(y) and bool(x == y)
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    scale = np.abs(x[np.isfinite(x)]).max(initial=1.0)
    return np.array_equal(x, y) or np.allclose(x, y, rtol=TOLERANCE, atol=TOLERANCE * scale, equal_nan=True)


def search(
    torch: ModuleType,
    microtorch: ModuleType,
    examples: int,
    *,
    start: int | None = None,
    seen: Callable[[Program], None] = lambda program: None,
) -> None:
    """Compare the libraries on many programs.

    Args:
        torch: the oracle.
        microtorch: what is tried.
        examples: how many programs.
        start: the seed from which hypothesis draws; None for one that is always the same.
        seen: called with every program before a difference is looked for.

    Raises:
        AssertionError: they differ: the shortest program in which they do, as source, and what differs.
    """

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=start is None,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(programs(torch))
    def compare(program: Program) -> None:
        seen(program)
        found = difference(program, torch, microtorch)
        assert found is None, f"{found}\n\n{program}\n"

    (compare if start is None else seed(start)(compare))()


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare random programs on torch and on microtorch.")
    parser.add_argument("examples", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    import torch

    import microtorch

    torch.set_num_threads(1)
    began, tally = time.perf_counter(), Counter[str]()

    def seen(program: Program) -> None:
        tally.update(["programs", *program.tags])
        if tally["programs"] % 1000 == 0:
            print(f"{tally['programs']} programs, {time.perf_counter() - began:.0f} s", flush=True)

    print(f"{options.examples} programs, seed {options.seed}", flush=True)
    try:
        search(torch, microtorch, options.examples, start=options.seed, seen=seen)
    except AssertionError as found:
        print(f"torch and microtorch differ:\n\n{found}")
        return 1
    for tag, count in tally.most_common():
        print(f"{count:8} {100 * count / tally['programs']:5.1f} %  {tag}")
    print(f"no difference; {time.perf_counter() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
