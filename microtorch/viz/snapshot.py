"""A live graph frozen into plain data: all that a renderer may look at.

Any graph will do whose nodes have ``name()`` and ``next_functions``: microtorch's, PyTorch's, a student's own.
A snapshot holds strings and numbers only, so it keeps no graph alive and cannot change when the graph does.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from microtorch.viz import names as naming
from microtorch.viz.names import clean

SMALL = 16  # up to so many elements an array is shown as it is
GRID = 16  # above, as a heat map of at most so many rows and columns
PORTS = 24  # of one node, when the size of the picture is limited

Nested = Any  # numbers in nested lists, as ndarray.tolist() gives them; NaN and infinities as strings, for JSON


class GradNode(Protocol):
    """What a graph is to a viewer."""

    def name(self) -> str:
        """The kind of node, as "MulBackward0"."""

    @property
    def next_functions(self) -> Sequence[tuple[GradNode | None, int]]:
        """For each input of the operation: the node that made it (None: not tracked) and which output it was."""


@dataclass(frozen=True)
class Summary:
    """An array in a few numbers; those that would be meaningless or not finite are None."""

    shape: tuple[int, ...]
    dtype: str
    values: Nested
    min: float | None
    max: float | None
    mean: float | None
    norm: float | None
    zeros: int
    nans: int
    infs: int
    heat: tuple[tuple[float | None, ...], ...] | None


@dataclass(frozen=True)
class VariableInfo:
    """A Variable as its card shows it; ``grad_state`` is "value" or the reason why there is none."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    data: Summary | None
    grad: Summary | None
    grad_state: str
    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None
    type: str = "Variable"


@dataclass(frozen=True)
class Saved:
    """A value that a node keeps for backward; its summary has statistics only where that is cheap."""

    name: str
    summary: Summary | None
    freed: bool


@dataclass(frozen=True)
class Port:
    """One input of a node, with the rule for the gradient that backward sends to it."""

    index: int
    name: str | None
    formula: str | None


@dataclass(frozen=True)
class Node:
    """A "function", a "leaf" (an AccumulateGrad and its Variable in one), or the "more" that stands for what was left out."""

    id: int
    kind: str
    name: str
    operation: str
    label: str
    ports: tuple[Port, ...]
    saved: tuple[Saved, ...]
    variable: VariableInfo | None
    outputs: tuple[str, ...]
    source: str | None


@dataclass(frozen=True)
class Edge:
    """One input of ``consumer``; ``producer`` is None where nothing is tracked."""

    id: int
    consumer: int
    port: int
    producer: int | None
    output: int


@dataclass(frozen=True)
class Root:
    """What the graph was asked for: output ``output`` of ``node``, with its Variable where that is known."""

    node: int | None
    output: int
    variable: VariableInfo | None


@dataclass(frozen=True)
class Snapshot:
    """A graph: nodes by id (in the order of their making, a leaf just before its first use), edges, roots."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    roots: tuple[Root, ...]
    omitted: int


def snapshot(*roots: Any, names: Mapping[str, Any] | None = None) -> Snapshot:
    """The whole graph behind ``roots`` (Variables, PyTorch's tensors, or nodes), however deep, as plain data.

    ``names`` maps names to Variables and goes before ``variable.name`` and the names in the caller's code.

    Raises:
        TypeError: a root is neither a Variable nor a node.
        ValueError: a root has no graph.

    >>> import microtorch
    >>> x = microtorch.ones(2, 2, requires_grad=True)
    >>> y = x * x
    >>> [(node.kind, node.name, node.label) for node in snapshot(y).nodes]
    [('leaf', 'AccumulateGrad', 'x'), ('function', 'MulBackward0', '')]
    >>> [(edge.producer, edge.consumer, edge.port) for edge in snapshot(y).edges]
    [(0, 1, 0), (0, 1, 1)]
    """
    return freeze(*roots, names=names)[0]


def freeze(
    *roots: Any, names: Mapping[str, Any] | None = None, limit: int | None = None
) -> tuple[Snapshot, list[GradNode]]:
    """The snapshot and, for those who go on to run the graph, its live nodes by id.

    Of a graph with more than ``limit`` nodes the part nearest to the roots is kept; the last node, with no live one,
    stands for the rest.
    """
    if not roots:
        raise TypeError("nothing to draw: pass the Variable whose graph you want to see, as in draw(out)")
    explicit = naming.checked(names, is_variable)
    starts = [start(root) for root in roots]
    nodes = reachable(node for node, _ in starts)
    kept = in_order_of_creation(nodes[:limit])
    ids = {key(node): i for i, node in enumerate(kept)}
    called = Names(explicit, [root for root in roots if is_variable(root)], kept)

    frozen = [freeze_node(i, node, called, limit) for i, node in enumerate(kept)]
    omitted = len(nodes) - len(kept)
    if omitted:
        frozen.append(Node(len(kept), "more", f"{omitted:,} more", "", "", (), (), None, (), None))
    edges = []
    for consumer, node in enumerate(kept):
        for port, (producer, output) in enumerate(node.next_functions[: PORTS if limit else None]):
            source = None if producer is None else ids.get(key(producer), len(kept))
            edges.append(Edge(len(edges), consumer, port, source, output))
    ends = tuple(
        Root(ids[key(node)], output, describe(root, called) if is_variable(root) else None)
        for root, (node, output) in zip(roots, starts, strict=True)
    )
    return Snapshot(tuple(frozen), tuple(edges), ends, omitted), kept


# ---- the live graph -------------------------------------------------------------------------------------------------


class Leaf:
    """Stands for the AccumulateGrad of a leaf that nothing was computed from."""

    next_functions: tuple[tuple[GradNode | None, int], ...] = ()

    def __init__(self, variable: Any) -> None:
        self.variable = variable

    def name(self) -> str:
        """As the node it stands for."""
        return "AccumulateGrad"


def is_variable(value: Any) -> bool:
    """Whether a viewer may take ``value`` for a Variable."""
    return not isinstance(value, type) and hasattr(value, "grad_fn") and hasattr(value, "requires_grad")


def is_node(value: Any) -> bool:
    """Whether a viewer may take ``value`` for a node."""
    return not isinstance(value, type) and callable(getattr(value, "name", None)) and hasattr(value, "next_functions")


def start(root: Any) -> tuple[GradNode, int]:
    """The node and the output from which ``root``'s graph is read."""
    if is_node(root):
        return root, 0
    if not is_variable(root):
        raise TypeError(f"cannot draw {what(root)}")
    if root.grad_fn is not None:
        return root.grad_fn, getattr(root, "output_nr", 0)
    if root.requires_grad:
        return Leaf(root), 0
    raise ValueError(
        f"this {type(root).__name__} has no graph: it does not require grad, so nothing was recorded. "
        "Make its inputs with requires_grad=True, and compute outside no_grad() and without .detach() or .data; "
        "card(v) shows a Variable without a graph"
    )


def what(value: Any) -> str:
    """For an error: what was passed where a Variable was wanted, and what to do about it."""
    kind = type(value).__name__
    if isinstance(value, (tuple, list, dict, set)):
        return f"a {kind} of {len(value)}: pass its Variables one by one, as in draw(*outputs)"
    if isinstance(value, (np.ndarray, np.generic, int, float, complex, str)) or value is None:
        return f"a {kind}, which records no operations: compute with Variable(array, requires_grad=True), and draw the result"
    if isinstance(value, type):
        return f"the class {value.__name__}: draw a Variable computed with it"
    if callable(getattr(value, "forward", None)) or callable(getattr(value, "parameters", None)):
        return f"the module {kind} itself, which has no graph of its own: draw its output, as in draw(model(x))"
    if callable(value):
        called = clean(getattr(value, "__name__", kind))
        return f"the function {called!r} itself, only what it returns: call it, as in draw(out.{called}())"
    return f"a {kind}: draw takes Variables (or nodes, with name() and next_functions)"


def key(node: GradNode) -> int:
    """One number a node while it lives; every AccumulateGrad of the same leaf has the same."""
    variable = getattr(node, "variable", None)
    return id(node if variable is None else variable)


def is_leaf(node: GradNode) -> bool:
    """Whether the node is an AccumulateGrad."""
    return getattr(node, "variable", None) is not None or node.name().endswith("AccumulateGrad")


def reachable(starts: Iterable[GradNode]) -> list[GradNode]:
    """Every node that the starts lead to, nearest first."""
    found: dict[int, GradNode] = {}
    waiting = deque(starts)
    while waiting:
        node = waiting.popleft()
        if key(node) not in found:
            found[key(node)] = node
            waiting.extend(producer for producer, _ in node.next_functions if producer is not None)
    return list(found.values())


def in_order_of_creation(nodes: list[GradNode]) -> list[GradNode]:
    """Functions by their sequence number, or else inputs before users; each leaf just before its first use."""
    numbers = {key(node): sequence_number(node) for node in nodes if not is_leaf(node)}
    order = inputs_first(nodes)
    if None not in numbers.values():
        order = sorted((node for node in order if not is_leaf(node)), key=lambda node: numbers[key(node)] or 0)
    present = {key(node) for node in nodes}
    placed: dict[int, GradNode] = {}
    for node in order:
        for producer, _ in node.next_functions:
            if producer is not None and is_leaf(producer) and key(producer) in present:
                placed.setdefault(key(producer), producer)
        placed.setdefault(key(node), node)
    for node in nodes:  # leaves that nothing here was computed from
        placed.setdefault(key(node), node)
    return list(placed.values())


def sequence_number(node: GradNode) -> int | None:
    """When the node was made: microtorch's attribute or PyTorch's method."""
    number = getattr(node, "sequence_nr", None)
    if number is None:
        method = getattr(node, "_sequence_nr", None)
        number = method() if callable(method) else None
    return number


def inputs_first(nodes: list[GradNode]) -> list[GradNode]:
    """The nodes so that each comes after those it was computed from: a depth-first walk without recursion."""
    todo = {key(node) for node in nodes}
    order: list[GradNode] = []
    for first in nodes:
        path: list[tuple[GradNode, Iterator[tuple[GradNode | None, int]]]] = []
        step: GradNode | None = first
        while step is not None or path:
            if step is not None and key(step) in todo:
                todo.remove(key(step))
                path.append((step, iter(step.next_functions)))
            elif not path:
                break
            node, inputs = path[-1]
            step = next((producer for producer, _ in inputs if producer is not None and key(producer) in todo), None)
            if step is None:
                order.append(node)
                path.pop()
    return order


# ---- one node, one Variable -----------------------------------------------------------------------------------------


class Names:
    """The name of each leaf, of each node's outputs and of each root; no name is "". """

    def __init__(self, explicit: list[tuple[str, Any]], roots: list[Any], nodes: list[GradNode]) -> None:
        leaves = [variable for node in nodes if (variable := getattr(node, "variable", None)) is not None]
        kinds = tuple({type(variable) for variable in roots + leaves})
        found = (
            (name, value)
            for name, value in naming.named(naming.visible())
            if isinstance(value, kinds) or hasattr(type(value), "grad_fn")
        )
        self.explicit = {id(variable): clean(name) for name, variable in reversed(explicit)}
        self.found: dict[int, str] = {}
        self.outputs: dict[int, dict[int, str]] = {}
        for name, variable in [*explicit, *found, *(("", root) for root in roots)]:
            if id(variable) in self.found:
                continue
            self.found[id(variable)] = clean(name)
            maker = getattr(variable, "grad_fn", None)
            if maker is not None and self.of(variable):
                self.outputs.setdefault(key(maker), {}).setdefault(getattr(variable, "output_nr", 0), self.of(variable))

    def of(self, variable: Any) -> str:
        """The explicit name, or the Variable's own, or the one it has in the caller's code."""
        own = getattr(variable, "name", None)
        return self.explicit.get(id(variable)) or (
            clean(own) if isinstance(own, str) and own else self.found.get(id(variable), "")
        )

    def made_by(self, node: GradNode) -> tuple[str, ...]:
        """The names of the node's outputs, by number."""
        outputs = self.outputs.get(key(node), {})
        return tuple(outputs.get(i, "") for i in range(max(outputs, default=-1) + 1))


def freeze_node(i: int, node: GradNode, called: Names, limit: int | None) -> Node:
    """One node as data."""
    name = clean(node.name().rpartition("::")[2])
    metadata = getattr(node, "metadata", None)
    source = metadata.get("source") if isinstance(metadata, dict) else None
    source = None if source is None else clean(source, 200)
    if is_leaf(node):
        variable = getattr(node, "variable", None)
        info = None if variable is None else describe(variable, called)
        return Node(i, "leaf", name, "", info.name if info else "", (), (), info, (), source)
    operation = re.sub(r"Backward\d*$", "", name)
    return Node(i, "function", name, operation, "", ports(node, limit), saved(node), None, called.made_by(node), source)


def ports(node: GradNode, limit: int | None) -> tuple[Port, ...]:
    """The node's inputs; of very many, where the picture's size is limited, the last stands for the rest."""
    count = len(node.next_functions)
    shown = min(count, PORTS) if limit else count
    names = [clean(name) for name in getattr(node, "input_names", ())[:shown]]
    rules = [clean(formula, 160) for formula in getattr(node, "formulas", ())[:shown]]
    names += [""] * (shown - len(names))
    rules += [""] * (shown - len(rules))
    listed = tuple(Port(i, names[i] or None, rules[i] or None) for i in range(shown))
    return listed if shown == count else (*listed, Port(shown, f"… {count - shown:,} more inputs", None))


def saved(node: GradNode) -> tuple[Saved, ...]:
    """What the node keeps for backward: told by itself, or PyTorch's ``_saved_*`` attributes."""
    tell = getattr(node, "saved_values", None)
    if callable(tell):
        values = tell()
        return (Saved("", None, freed=True),) if values is None else tuple(keep(name, value) for name, value in values)
    found = []
    for attribute in sorted(name for name in dir(node) if name.startswith("_saved_")):
        name = clean(attribute.removeprefix("_saved_"))
        try:
            value = getattr(node, attribute)
        except RuntimeError:  # PyTorch's way to say that backward has freed it
            found.append(Saved(name, None, freed=True))
        else:
            if hasattr(value, "detach"):
                found.append(keep(name, value))
    return tuple(found)


def keep(name: str, value: Any) -> Saved:
    """A saved value, summarized if it is a number or an array."""
    numeric = isinstance(value, (bool, int, float, np.generic, np.ndarray)) or hasattr(value, "detach")
    return Saved(clean(name), summarize(array_of(value), statistics=False) if numeric else None, freed=False)


def describe(variable: Any, called: Names | None = None) -> VariableInfo:
    """A Variable as data, read without side effects (PyTorch warns when the ``grad`` of a non-leaf is asked for)."""
    is_leaf = bool(getattr(variable, "is_leaf", variable.grad_fn is None))
    grad = None
    if not variable.requires_grad:
        state = "not tracked"
    elif not is_leaf and not getattr(variable, "retains_grad", False):
        state = "kept for leaves only"
    else:
        grad = variable.grad
        state = "not computed yet" if grad is None else "value"
    data = summarize(array_of(variable))
    return VariableInfo(
        name=(called or Names([], [variable], [])).of(variable),
        shape=data.shape,
        dtype=clean(str(getattr(variable, "dtype", data.dtype)).rpartition(".")[2]),
        data=data,
        grad=None if grad is None else summarize(array_of(grad)),
        grad_state=state,
        requires_grad=bool(variable.requires_grad),
        is_leaf=is_leaf,
        grad_fn=None if variable.grad_fn is None else clean(variable.grad_fn.name()),
        type=clean(type(variable).__name__),
    )


def array_of(value: Any) -> NDArray[Any]:
    """The numbers of a Variable of any make, of an array, of a scalar."""
    if isinstance(getattr(value, "array", None), np.ndarray):
        return np.asarray(value.array)
    if hasattr(value, "detach"):  # PyTorch
        tensor = value.detach().cpu()
        try:
            return np.asarray(tensor.numpy())
        except TypeError:  # bfloat16, which NumPy does not have
            return np.asarray(tensor.float().numpy())
    return np.asarray(value if isinstance(value, (np.ndarray, np.generic)) else getattr(value, "data", value))


# ---- an array in a few numbers --------------------------------------------------------------------------------------


def summarize(array: Any, *, statistics: bool = True) -> Summary:
    """An array, or a number, in a few numbers; without ``statistics`` a large one keeps its shape and dtype only.

    >>> summarize(np.array([1.0, 2.0, np.nan])).values, summarize(np.zeros((40, 40))).zeros
    ([1.0, 2.0, 'nan'], 1600)
    """
    array = np.asarray(array)
    small = array.size <= SMALL
    values = finite_or_text(array.tolist()) if small else None
    if array.size == 0 or array.dtype.kind not in "biuf" or not (small or statistics):
        return Summary(array.shape, str(array.dtype), values, None, None, None, None, 0, 0, 0, None)
    numbers = array.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    nans = int(np.isnan(numbers).sum()) if finite.size < array.size else 0
    with np.errstate(all="ignore"):
        extremes = (finite.min(), finite.max(), finite.mean(), math.sqrt(finite @ finite)) if finite.size else ()
        heat = None if small else heat_map(numbers)
    low, high, mean, norm = [float(x) if math.isfinite(x) else None for x in extremes] or [None] * 4
    return Summary(
        shape=array.shape,
        dtype=str(array.dtype),
        values=values,
        min=low,
        max=high,
        mean=mean,
        norm=norm,
        zeros=array.size - int(np.count_nonzero(array)),
        nans=nans,
        infs=array.size - finite.size - nans,
        heat=heat,
    )


def finite_or_text(values: Nested) -> Nested:
    """The values with NaN and infinities as text: JSON has no word for them."""
    if isinstance(values, list):
        return [finite_or_text(value) for value in values]
    return str(values) if isinstance(values, float) and not math.isfinite(values) else values


def heat_map(numbers: NDArray[np.float64]) -> tuple[tuple[float | None, ...], ...]:
    """Means over the blocks of a coarse grid; a vector is one row, a tensor its first axis by all the others."""
    table = numbers.reshape(1, -1) if numbers.ndim < 2 else numbers.reshape(numbers.shape[0], -1)
    for axis in (0, 1):
        length = table.shape[axis]
        edges = np.linspace(0, length, min(length, GRID) + 1).astype(int)
        table = np.add.reduceat(table, edges[:-1], axis=axis) / np.diff(edges).reshape((-1, 1) if axis == 0 else (1, -1))
    return tuple(tuple(float(x) if math.isfinite(x) else None for x in row) for row in table)
