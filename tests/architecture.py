"""Who imports whom, read from the source: ``python -m tests.architecture`` lists rooms, their sizes, and what is wrong.

Imports inside functions and for type checkers alone count: to understand a module, a reader has to know what they name.
"""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import microtorch

ROOT = Path(microtorch.__file__).parent

# From the ground up: a room imports from floors beneath its own, never from beside or above.
FLOORS = [
    ["arrays", "attributes", "return_types"],
    ["core"],
    ["tensor"],
    ["random"],
    ["ops.undifferentiated"],
    ["ops.shaping"],
    ["ops.elementwise"],
    ["ops.selection"],
    ["ops.reduction"],
    ["ops.linalg", "ops.random"],
    ["ops.network"],
    ["ops.images", "ops.losses"],
    ["ops.numpy_equivalents"],
    ["ops.numpy_functions"],
    ["accelerator", "autograd", "cuda", "linalg", "viz.graph"],
    ["viz.words"],
    ["viz.picture"],
    ["viz.page"],
    ["viz.drawing", "widgets"],
    ["viz.answers", "viz.passes", "viz.training"],
    ["viz"],
    ["nn", "utils"],
    ["optim"],
    ["methods", "notebook", "viz.figures"],
    [""],  # the package itself, which puts everything together
    ["labs"],
]

# The core's chapters: first the mechanism, in reading order, then the contract around it.
MECHANISM = ["variable", "node", "rules", "primitive", "accumulate_grad", "unbroadcast", "engine", "backward"]
FOR_SPEED = ["applying", "unrolled"]  # the same once more, written out
CONTRACT = [
    "create_graph", "function", "grad_mode", "assigning", "begin", "batches", "special_turns", "versions", "place", "saved",
    "views", "strided", "in_place", "hook_lists", "hooks", "anomaly", "copies", "telling",
]  # fmt: skip


class Arrow(NamedTuple):
    source: str
    target: str
    line: int


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Every module below a package, by its name within: "core.node"; a package's own by the package's, "" for the root's."""
    names = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def arrows(root: Path = ROOT) -> list[Arrow]:
    """Every import of one module of the package by another."""
    found = modules(root)
    return [
        Arrow(name, target, node.lineno)
        for name, path in found.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for target in targets(node, name if path.name == "__init__.py" else name.rpartition(".")[0], found, root.name)
    ]


def targets(node: ast.AST, package: str, found: dict[str, Path], top: str) -> Iterator[str]:
    """The modules that an import statement in ``package`` names."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.partition(".")[0] == top:
                yield alias.name.partition(".")[2]
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if package else []
            base = ".".join([*above, *filter(None, [module])])
        elif module.partition(".")[0] == top:
            base = module.partition(".")[2]
        else:
            return
        for alias in node.names:
            inner = f"{base}.{alias.name}" if base else alias.name
            yield inner if inner in found else base


def room(module: str) -> str:
    """The room of a module: the longest name among the floors that it begins with; of what has none, the package itself."""
    rooms = [each for floor in FLOORS for each in floor if f"{module}.".startswith(f"{each}.")]
    return max(rooms, key=len, default="")


def floor(module: str) -> int:
    """How high a module's room is."""
    return next(i for i, rooms in enumerate(FLOORS) if room(module) in rooms)


def climbing(found: Iterable[Arrow]) -> list[str]:
    """The arrows that lead to a room beside or above."""
    return [
        f"{each.source or 'microtorch'} (line {each.line}) imports {each.target or 'microtorch'}, which is "
        f"{'above' if floor(each.target) > floor(each.source) else 'beside'} it"
        for each in found
        if room(each.source) != room(each.target) and floor(each.target) >= floor(each.source)
    ]


def circles(found: Iterable[Arrow]) -> list[list[str]]:
    """The groups of modules of which each leads to all others: Tarjan's strongly connected components, of two and more."""
    graph: dict[str, set[str]] = {}
    for each in found:
        graph.setdefault(each.source, set()).add(each.target)
    below = {name: reach(name, graph) for name in graph}
    groups = {frozenset(other for other in below[name] if name in below.get(other, ())) for name in graph}
    return sorted(sorted(group) for group in groups if len(group) > 1 or any(each in graph[each] for each in group))


def reach(start: str, graph: dict[str, set[str]]) -> set[str]:
    """All that one module leads to."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for target in graph.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def code_lines(path: Path) -> int:
    """The lines of a file without docstrings, comments and blank lines."""
    source = path.read_text(encoding="utf-8")
    docs: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False) is not None:
            docs.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return len({line for token in tokens if token.type not in layout for line in range(token.start[0], token.end[0] + 1)} - docs)


def chapter(names: list[str]) -> int:
    """The code lines of some files of the core."""
    return sum(code_lines(ROOT / "core" / f"{name}.py") for name in names)


def main() -> None:
    found, sizes = arrows(), {name: code_lines(path) for name, path in modules().items()}
    for rooms in FLOORS:
        for each in rooms:
            inside = [name for name in sizes if room(name) == each]
            print(f"{each:22} {len(inside):3} files {sum(sizes[name] for name in inside):6,} lines of code")
    print(
        f"\nthe core: its mechanism {chapter(MECHANISM):,}, the contract {chapter(CONTRACT):,}, for speed {chapter(FOR_SPEED):,}"
    )
    for wrong in [*climbing(found), *(f"a circle: {', '.join(circle)}" for circle in circles(found))]:
        print("wrong:", wrong)


if __name__ == "__main__":
    main()
