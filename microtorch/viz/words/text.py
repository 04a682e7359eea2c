"""A snapshot in words: for the terminal, for screen readers, for tests, and where there is no Graphviz."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice

from ..graph.names import clean
from ..graph.snapshot import Edge, Nested, Node, Operand, Port, Saved, Snapshot, Summary, VariableInfo
from .rules import spelled

SHOWN = 200  # nodes in the table, of a larger snapshot
SENTENCES = 40  # functions in the description
RUNS = 8  # of numbers


def number(value: float | str) -> str:
    """A number in at most four digits; what is no float, as it is.

    >>> number(0.1 + 0.2), number(27.0), number(1e-9), number("nan"), number(True)
    ('0.3', '27', '1e-09', 'nan', 'True')
    """
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def size_of(norm: float) -> str:
    """A gradient's norm where there is little room.

    >>> size_of(0.01234), size_of(float("nan"))
    ('‖0.012‖', '⚠ NaN')
    """
    return f"‖{norm:.2g}‖" if math.isfinite(norm) else "⚠ NaN"


def nested(values: Nested) -> str:
    """Nested lists as Python writes them, numbers shortened."""
    return f"[{', '.join(map(nested, values))}]" if isinstance(values, list) else number(values)


def shape(dimensions: tuple[int, ...], times: str = "x") -> str:
    """A shape as people say it.

    >>> shape((2, 2)), shape((3,)), shape(())
    ('2x2', '(3,)', 'scalar')
    """
    if not dimensions:
        return "scalar"
    return times.join(map(str, dimensions)) if len(dimensions) > 1 else f"({dimensions[0]},)"


def text(summary: Summary) -> str:
    """A summary in one line.

    >>> import numpy as np
    >>> from microtorch.viz.graph.snapshot import summarize
    >>> text(summarize(np.ones((2, 2))))
    '[[1, 1], [1, 1]]'
    >>> text(summarize(np.arange(100.0)))
    '(100,) float64: min 0, max 99, mean 49.5, norm 573, zeros 1 %'
    """
    if summary.values is not None:
        return nested(summary.values)
    return f"{shape(summary.shape)} {summary.dtype}" + "".join(
        f"{':' if i == 0 else ','} {word}" for i, word in enumerate(statistics(summary))
    )


def statistics(summary: Summary) -> list[str]:
    """The numbers that stand for a large array."""
    pairs = [("min", summary.min), ("max", summary.max), ("mean", summary.mean), ("norm", summary.norm)]
    words = [f"{name} {number(value)}" for name, value in pairs if value is not None]
    if words:
        words.append(f"zeros {share(summary)}")
    words += [f"{count} {name}" for name, count in (("NaN", summary.nans), ("inf", summary.infs)) if count]
    return words


def share(summary: Summary) -> str:
    """How much of an array is zero; "0 %" and "100 %" only where it is none and all."""
    size = math.prod(summary.shape)
    percent = 100 * summary.zeros / size
    if 0 < summary.zeros < size:
        percent = min(max(percent, 0.1), 99.9)
    return f"{percent:.3g} %"


def grad(info: VariableInfo) -> str:
    """What the ``grad`` cell of a card says: a value, or why there is none. Never a made-up 0."""
    if info.grad is not None:
        return text(info.grad)
    return info.grad_state if info.grad_state == "not computed yet" else f"None ({info.grad_state})"


def variable(info: VariableInfo) -> str:
    """A Variable's card in one line."""
    facts = [f"{info.type} {shape(info.shape)} {info.dtype}"]
    facts += ["leaf"] * info.is_leaf + ["requires_grad" if info.requires_grad else "requires_grad=False"]
    if info.data is not None:
        facts.append(f"data {text(info.data)}")
    return ", ".join([*facts, f"grad {grad(info)}", f"grad_fn {info.grad_fn}"])


def chip(saved: Saved, times: str = "x") -> str:
    """A saved value: a number as it is, an array by its shape.

    >>> chip(Saved("y", None, freed=True))
    'y: freed'
    """
    if saved.freed:
        return f"{saved.name}: freed" if saved.name else "saved: freed"
    if saved.summary is None:
        return saved.name
    if not saved.summary.shape:
        return f"{saved.name} = {text(saved.summary)}"
    return f"{saved.name} {shape(saved.summary.shape, times)}"


def title(snapshot: Snapshot) -> str:
    """What the picture is of."""
    names = [root.variable.name or f"a {root.variable.type}" if root.variable else "a node" for root in snapshot.roots]
    return f"{'Graph' if snapshot.edges else 'Card'} of {', '.join(names)}"


def render(snapshot: Snapshot, alone: Sequence[int] | None = None, folds: Sequence[str] = ()) -> str:
    """The snapshot as a table, one row for each input of each node, inputs first.

    Args:
        snapshot: of a graph, or of one Variable.
        alone: the nodes that do not stand in a fold; None for all.
        folds: a line for each fold.

    >>> import microtorch
    >>> from microtorch.viz import snapshot
    >>> x = microtorch.ones(2, 2, requires_grad=True)
    >>> print(render(snapshot(x * x)))
    Graph of a Variable: 1 leaf, 1 function. Values flow down the table, gradients back up.
    <BLANKLINE>
      #  makes  node          saved                 input         gradient sent back
      0  x      leaf
      1         MulBackward0  input 2x2, other 2x2  input from 0  grad * x
                                                    other from 0  grad * x
    <BLANKLINE>
    x: Variable 2x2 float32, leaf, requires_grad, data [[1, 1], [1, 1]], grad not computed yet, grad_fn None
    Variable (from 1): Variable 2x2 float32, requires_grad, data [[1, 1], [1, 1]], grad None (kept for leaves only), ...
    """
    nodes = snapshot.nodes if alone is None else [snapshot.nodes[i] for i in alone]
    lines = cards(snapshot, nodes)
    if len(lines) > SHOWN:
        lines = [*lines[:SHOWN], f"... {len(lines) - SHOWN:,} more"]
    if not snapshot.edges:
        return "\n".join(lines)
    head = f"{counts(snapshot)}. Values flow down the table, gradients back up."
    folded = ["", "In folds:", *(f"  {line}" for line in folds)] if folds else []
    return "\n".join([head, *folded, "", *table(rows(snapshot, nodes)), "", *lines])


def cards(snapshot: Snapshot, nodes: Sequence[Node]) -> list[str]:
    """Every Variable whose card is in the picture, one line each."""
    leaves = [node for node in nodes if node.variable]
    lines = [f"{node.label or f'leaf {node.id}'}: {variable(node.variable)}" for node in leaves if node.variable]
    for root in snapshot.roots:
        if root.variable is not None and (root.node is None or snapshot.nodes[root.node].kind != "leaf"):
            origin = "" if root.node is None else f" (from {root.node})"
            lines.append(f"{root.variable.name or root.variable.type}{origin}: {variable(root.variable)}")
    return lines


def counts(snapshot: Snapshot) -> str:
    """What there is to see."""
    kinds = [node.kind for node in snapshot.nodes]
    words = [plural(kinds.count("leaf"), "leaf", "leaves"), plural(kinds.count("function"), "function")]
    words += [f"{snapshot.omitted:,} more nodes not shown"] * bool(snapshot.omitted)
    return ". ".join([f"{title(snapshot)}: {', '.join(words)}", *recorded(snapshot)])


def recorded(snapshot: Snapshot) -> list[str]:
    """Which functions a backward pass has made, a sentence for each order of derivative."""
    found: dict[int, list[int]] = {}
    for node in snapshot.nodes:
        if node.derivative:
            found.setdefault(node.derivative, []).append(node.id)
    return [f"{plural(len(ids), 'function')} of the {derivative(order)}: {listed(ids)}" for order, ids in sorted(found.items())]


def derivative(order: int) -> str:
    """What a backward pass with ``create_graph=True`` has made, one through that, and so on.

    >>> derivative(1)
    '1st derivative, recorded by create_graph=True'
    """
    return f"{ {1: '1st', 2: '2nd', 3: '3rd'}.get(order, f'{order}th') } derivative, recorded by create_graph=True"


def listed(numbers: Sequence[int]) -> str:
    """Rising numbers, those that follow each other as from where to where.

    >>> listed([1, 2, 3, 7, 9, 10])
    '1 to 3, 7, 9 to 10'
    """
    runs: list[list[int]] = []
    for each in numbers:
        if runs and each == runs[-1][-1] + 1:
            runs[-1][1:] = [each]
        else:
            runs.append([each])
    return ", ".join([" to ".join(map(str, run)) for run in runs[:RUNS]] + ["…"] * (len(runs) > RUNS))


def plural(count: int, one: str, many: str = "") -> str:
    """A number of things, as one says it."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def rows(snapshot: Snapshot, nodes: Sequence[Node]) -> list[tuple[str, ...]]:
    """The cells of the table, header first; of very many nodes the last ones, which are nearest to the root."""
    hidden = max(len(nodes) - SHOWN, 0)
    nodes = nodes[hidden:]
    scoped = any(node.scope for node in nodes)
    table: list[tuple[str, ...]] = [("#", "makes", "node", *["module"] * scoped, "saved", "input", "gradient sent back")]
    if hidden:
        table.append(("...", "", f"{hidden:,} more nodes", *[""] * scoped, "", "", ""))
    for node in nodes:
        made = node.label if node.kind == "leaf" else ", ".join(name for name in node.outputs if name)
        name = "leaf" if node.kind == "leaf" else with_constants(node)
        module = [node.scope[-1].name if node.scope else ""] * scoped
        first, *others = ports(node, snapshot) or [("", "")]
        table.append((str(node.id), made, name, *module, ", ".join(map(chip, node.saved)), *first))
        table.extend(("", "", "", *[""] * scoped, "", *other) for other in others)
    return table


def with_constants(node: Node) -> str:
    """A node's name, and what else decides its result: "PowBackward0 exponent=3"."""
    return " ".join([clean(node.name, 60), *(f"{name}={value}" for name, value in node.constants)])


def ports(node: Node, snapshot: Snapshot) -> list[tuple[str, str]]:
    """Each input: where it comes from, and what backward sends there; behind them, the data that the node reads besides."""
    edges = snapshot.inputs.get(node.id, {})
    listed = [port(node, edge, snapshot) for edge in islice(edges.values(), len(node.ports) or None)]
    return listed + [
        (with_operand(each.name or "", each.operand), "not tracked")
        for each in node.ports
        if each.operand is not None and each.index not in edges
    ]


def port(node: Node, edge: Edge, snapshot: Snapshot) -> tuple[str, str]:
    """One input: where it comes from, and what backward sends there."""
    described: Port | None = node.ports[edge.port] if edge.port < len(node.ports) else None
    name = described.name if described and described.name else f"input {edge.port + 1}"
    if edge.producer is None:
        return with_operand(name, described.operand if described else None), "not tracked"
    several = f" output {edge.output}" if edge.output or len(snapshot.nodes[edge.producer].outputs) > 1 else ""
    rule = spelled(snapshot, node, described) if described else ""
    sent = rule or (f"by its backward: {node.about}" if node.about else "")
    known = "" if edge.norm is None else f"norm {number(edge.norm)}"
    return f"{name} from {edge.producer}{several}", ", ".join(word for word in (sent, known) if word)


def with_operand(name: str, operand: Operand | None) -> str:
    """An input without a gradient: as the number that it is, or the data."""
    if operand is None:
        return name
    if operand.value:
        return f"{name} = {operand.value}"
    known = [operand.name] if operand.name else []
    known += [shape(operand.shape)] if operand.shape is not None else []
    return f"{name}: {' '.join(known)}" if known else name


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows aligned in columns: numbers to the right, words to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(["", first.rjust(widths[0]), *map(str.ljust, others, widths[1:])]).rstrip() for first, *others in rows]


def describe(snapshot: Snapshot) -> str:
    """The picture in sentences, for those who do not see it."""
    if not snapshot.edges:
        return " ".join(f"{line}." for line in cards(snapshot, snapshot.nodes))
    functions = [node for node in snapshot.nodes if node.kind == "function"][-SENTENCES:]
    words = [f"{called(node)} from {' and '.join(sources(snapshot, node)) or 'nothing'}{decided(node)}" for node in functions]
    flow = f"Values flow from left to right: {'; '.join(words)}. Gradients flow back from right to left."
    return f"{counts(snapshot)}. {flow}"


def sources(snapshot: Snapshot, node: Node) -> list[str]:
    """What a node was computed from, in a sentence."""
    edges = snapshot.inputs.get(node.id, {}).values()
    known = [(edge, None if edge.producer is None else snapshot.nodes[edge.producer]) for edge in edges]
    return [given(snapshot, edge) if source is None else called(source, edge.output) for edge, source in known]


def decided(node: Node) -> str:
    """What else decides a result, in a sentence."""
    words = [f"{name} {value}" for name, value in node.constants]
    return f" with {', '.join(words)}" if words else ""


def given(snapshot: Snapshot, edge: Edge) -> str:
    """What stands at an input without a gradient, in a sentence."""
    listed = snapshot.nodes[edge.consumer].ports
    operand = listed[edge.port].operand if edge.port < len(listed) else None
    return (operand.name or operand.value if operand is not None else "") or "a constant"


def called(node: Node, output: int = 0) -> str:
    """A node in a sentence: by the Variable it made, if that has a name."""
    if node.kind == "more":
        return f"one of {node.name} nodes"
    made = node.label if node.kind == "leaf" else dict(enumerate(node.outputs)).get(output, "")
    return made or ("an unnamed leaf" if node.kind == "leaf" else f"{clean(node.name, 60)} ({node.id})")
