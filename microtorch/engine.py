"""The backward pass: a generator that visits the graph one node at a time. ``backward()`` and ``grad()`` drain it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from .dtypes import from_numpy_dtype
from .function import NO_EDGE, AccumulateGrad, Edge, Function, already_freed, gradient_edge, is_variable, wrap
from .grad_mode import enable_grad
from .primitive import Primitive

if TYPE_CHECKING:
    from .variable import Variable

__all__ = ["backward", "grad", "run"]

_age = attrgetter("sequence_nr")

Visit = tuple[Function, tuple[Any, ...], Sequence[Any]]


def run(  # noqa: C901, PLR0912 - what every backward pays for, in one piece
    roots: Sequence[Edge],
    gradients: Sequence[Any],
    *,
    retain_graph: bool = False,
    create_graph: bool = False,
    captured: dict[Edge, Any] | None = None,
) -> Iterator[Visit]:
    """Visit every node below ``roots``, youngest first, and carry gradients from each to those it read from.

    A node is younger than all it read from. So from youngest to oldest is an order in which every gradient has arrived
    when its node's turn comes; only an AccumulateGrad does not wait for its turn, but runs as soon as its last gradient is there.

    Args:
        roots: the edges at which the walk begins.
        gradients: one for each root: arrays, or Variables where ``create_graph``.
        retain_graph: leave the saved values of the visited nodes in place.
        create_graph: compute on Variables, and so record the backward pass itself.
        captured: where given, the walk goes only to these edges, puts the gradients that arrive there into the dict,
            and leaves every ``.grad`` alone.

    Yields:
        ``(node, grad_outputs, grad_inputs)`` after each node: the sum that arrived for each of its outputs (None where
        nothing did), and what the node made of them: a gradient or None for each entry of its ``next_functions``, before
        it is brought to the shape of what it belongs to. An AccumulateGrad has no inputs: its gradient is in ``.grad`` now.
    """
    nodes, awaited = _reachable(roots)
    needed = None if captured is None else _needed_for(captured, nodes)
    if captured is None:
        for each in nodes:
            if each.saved is None:  # raise before anything has changed: no leaf shall get half a pass
                raise already_freed(each)
    arrived: dict[Function, tuple[Any, ...]] = {}
    turns = iter(nodes)
    # The first gradients come from the caller, not from a node.
    source: Function | None = None
    edges, grad_inputs, grad_outputs = roots, gradients, tuple(gradients)
    while True:
        for (node, number), grad in zip(edges, grad_inputs):  # noqa: B905 - checked where they are made
            if node is None:
                continue
            if grad is not None:
                if grad.shape != node.shape or grad.dtype is not node.dtype:
                    grad = fitted(grad, node, number, source)  # noqa: PLW2901 - the same gradient, in its proper form
                if node not in arrived and node.shape is not None:
                    arrived[node] = (grad,)
                else:
                    arrived[node] = _added(arrived.get(node) or _nothing_for(node), number, grad)
            if node.__class__ is AccumulateGrad:
                if awaited[node] > 1:
                    awaited[node] -= 1
                    continue
                sums = arrived.pop(node, (None,))
                if captured is not None:
                    _capture(captured, node, sums)
                elif sums[0] is not None:
                    # What a rule has just computed, nobody else holds; what it passed on from its output, others may.
                    fresh = sums[0] is not grad_outputs[0] and grad is not None and isinstance(source, Primitive)
                    _accumulate(node.variable, sums[0], fresh)
                yield node, sums, ()
        source = next(turns, None)
        if source is None:
            return
        grad_outputs = arrived.pop(source) if source in arrived else _nothing_for(source)
        edges, wanted = source.next_functions, None
        if captured is not None and needed is not None:
            _capture(captured, source, grad_outputs)
            wanted = [node in needed for node, _ in edges]
            if not any(wanted):
                grad_inputs = [None] * len(edges)
                continue
        grad_inputs = source.gradients(grad_outputs, wanted, create_graph)
        if not retain_graph and source.saved:
            source.saved = None  # the values, never the edges: the graph can still be drawn
        yield source, grad_outputs, grad_inputs


def _reachable(roots: Iterable[Edge]) -> tuple[list[Function], dict[Function, int]]:
    """The nodes below the roots, youngest first; apart from them, how many gradients each AccumulateGrad awaits."""
    seen: set[Function] = set()
    awaited: dict[Function, int] = {}
    nodes: list[Function] = []
    below = iter(nodes)  # grows while it is walked
    edges: Iterable[Edge] | None = roots
    while edges is not None:
        for node, _ in edges:
            if node is None:
                continue
            if node.__class__ is AccumulateGrad:
                awaited[node] = awaited.get(node, 0) + 1
            elif node not in seen:
                seen.add(node)
                nodes.append(node)
        reader = next(below, None)
        edges = reader.next_functions if reader is not None else None
    nodes.sort(key=_age, reverse=True)
    return nodes, awaited


def _needed_for(captured: Iterable[Edge], nodes: list[Function]) -> set[Function]:
    """The nodes whose gradients are wanted, and those on the way to them."""
    needed = {node for node, _ in captured if node is not None}
    for node in reversed(nodes):  # oldest first: what a node reads from is decided before the node
        if any(below in needed for below, _ in node.next_functions):
            needed.add(node)
    return needed


def _capture(captured: dict[Edge, Any], node: Function, gradients: tuple[Any, ...]) -> None:
    for number, grad in enumerate(gradients):
        if (node, number) in captured:
            captured[node, number] = grad


def _nothing_for(node: Function) -> tuple[None, ...]:
    return (None,) * (1 if node.shape is not None else len(node.outputs))


def _added(sums: tuple[Any, ...], number: int, grad: Any) -> tuple[Any, ...]:
    """The gradients that have arrived at a node, with one more: out of place, so that what was yielded before stays true."""
    before = sums[number]
    total = grad if before is None else before + grad
    return (total,) if len(sums) == 1 else (*sums[:number], total, *sums[number + 1 :])


def fitted(grad: Any, node: Function, number: int, source: Function | None) -> Any:
    """``grad`` in the shape and dtype of the value it belongs to. Broadcasting is undone here, and only here.

    Broadcasting used one element many times, so its gradient is the sum over all its uses:
    for ``x`` of shape (3, 1) in ``x + y`` of shape (2, 3, 4), the sum over the first and the last axis.
    """
    shape, dtype = node.output(number)
    if tuple(grad.shape) != shape:
        lead = grad.ndim - len(shape)
        axes = tuple(i for i, n in enumerate(grad.shape) if i < lead or (shape[i - lead] == 1 and n != 1))
        if lead < 0 or any(n != m for i, (n, m) in enumerate(zip(grad.shape[lead:], shape, strict=True), lead) if i not in axes):
            name = source.name() if source is not None else "backward()"
            raise RuntimeError(
                f"{name} returned an invalid gradient: it has shape {tuple(grad.shape)}, but the value it belongs to has "
                f"shape {shape}; a gradient has the shape of its input"
            )
        grad = grad.sum(axis=axes, keepdims=True).reshape(shape)
    if is_variable(grad):
        return grad if grad.array.dtype is dtype else grad.to(from_numpy_dtype(dtype))
    return grad if grad.dtype is dtype else grad.astype(dtype)


def _accumulate(leaf: Variable, grad: Any, fresh: bool) -> None:
    """Add a gradient to ``leaf.grad``: in place where there is one, else in an array of the leaf's own."""
    before = leaf.grad
    if is_variable(grad):  # create_graph: `.grad` is itself part of a graph, and never changed in place
        leaf.grad = grad.clone() if before is None else before + grad
    elif before is None:
        leaf.grad = wrap(grad if fresh and grad.base is None else grad.copy())
    else:
        np.add(before.array, grad, before.array)


def backward(
    tensors: Variable | Sequence[Variable],
    grad_tensors: Variable | Sequence[Variable | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> None:
    """Compute the sum of gradients of ``tensors`` with respect to the leaves of their graph, and add it to their ``.grad``.

    Args:
        tensors: the Variables to differentiate.
        grad_tensors: for each, the gradient to begin with, of its shape; may be left out (or None) where it has one element.
        retain_graph: keep the saved values, so that backward can run again; the default is ``create_graph``.
        create_graph: record the backward pass itself, so that gradients can be differentiated again.

    Raises:
        RuntimeError: one of ``tensors`` requires no gradient, or has several elements and no gradient to begin with, or
            one of another shape; or the saved values of the graph were freed.
    """
    roots, gradients = begin((tensors,) if is_variable(tensors) else tuple(tensors), grad_tensors, create_graph)
    retain = create_graph if retain_graph is None else retain_graph
    _drain(run(roots, gradients, retain_graph=retain, create_graph=create_graph), create_graph)


def grad(
    outputs: Variable | Sequence[Variable],
    inputs: Variable | Sequence[Variable],
    grad_outputs: Variable | Sequence[Variable | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Variable | None, ...]:
    """The sum of gradients of ``outputs`` with respect to each of ``inputs``, which need not be leaves. No ``.grad`` changes.

    Args:
        outputs: the Variables to differentiate.
        inputs: the Variables to differentiate with respect to.
        grad_outputs: for each output, the gradient to begin with; may be left out (or None) where it has one element.
        retain_graph: keep the saved values, so that the graph can be walked again; the default is ``create_graph``.
        create_graph: record the backward pass itself, so that gradients can be differentiated again.
        allow_unused: give None for an input that the outputs do not depend on, instead of an error.

    Raises:
        RuntimeError: as `backward`; or an input requires no gradient, or is not used (without ``allow_unused``).

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> (dx,) = microtorch.autograd.grad(x**3, x, create_graph=True)
    >>> (ddx,) = microtorch.autograd.grad(dx, x)
    >>> dx.item(), ddx.item()
    (27.0, 18.0)
    """
    wanted = (inputs,) if is_variable(inputs) else tuple(inputs)
    for i, each in enumerate(wanted):
        if not each.requires_grad:
            raise RuntimeError(f"One of the differentiated Tensors does not require grad: input {i}, {each._described()}")
    edges = [gradient_edge(each) for each in wanted]
    roots, gradients = begin((outputs,) if is_variable(outputs) else tuple(outputs), grad_outputs, create_graph)
    captured: dict[Edge, Any] = dict.fromkeys(edges)
    retain = create_graph if retain_graph is None else retain_graph
    _drain(run(roots, gradients, retain_graph=retain, create_graph=create_graph, captured=captured), create_graph)
    results = [captured[edge] for edge in edges]
    for i, (result, each) in enumerate(zip(results, wanted, strict=True)):
        if result is None and not allow_unused:
            raise RuntimeError(
                "One of the differentiated Tensors appears to not have been used in the graph: "
                f"input {i}, {each._described()}. Set allow_unused=True if this is the desired behavior."
            )
    return tuple(each if each is None or is_variable(each) else wrap(each.copy()) for each in results)


def _drain(visits: Iterator[Visit], create_graph: bool) -> None:
    """Make all visits: a loop that does nothing, at C's speed."""
    if create_graph:
        with enable_grad():
            deque(visits, maxlen=0)
    else:
        deque(visits, maxlen=0)


def begin(outputs: tuple[Variable, ...], given: Any, create_graph: bool) -> tuple[list[Edge], list[Any]]:
    """The edges where a pass over the graph of ``outputs`` begins, and the gradients it begins with."""
    if given is None:
        given = (None,) * len(outputs)
    elif not isinstance(given, tuple | list):
        given = (given,)
    if len(given) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(given)} gradients: give one for each, or None for a scalar")
    roots: list[Edge] = []
    gradients: list[Any] = []
    for output, grad in zip(outputs, given, strict=True):
        if not is_variable(output):
            raise TypeError(f"only a Variable can be differentiated, not {type(output).__name__}")
        edge = gradient_edge(output)
        if edge is NO_EDGE:
            raise RuntimeError(
                f"element {len(roots)} of tensors does not require grad and does not have a grad_fn: {output._described()} was "
                "not computed from any Variable with requires_grad=True (or it was, under no_grad() or after detach())"
            )
        if grad is None:
            one = _one(output)
            gradients.append(wrap(np.asarray(one)) if create_graph else one)
        else:
            start = _checked(grad, output, len(roots))
            gradients.append(start if create_graph else start.array)
        roots.append(edge)
    return roots, gradients


def _one(output: Variable) -> Any:
    """The gradient of a single element with respect to itself."""
    array = output.array
    if array.size != 1:
        raise RuntimeError(
            f"grad can be implicitly created only for scalar outputs: {output._described()} has {array.size} elements. "
            "Reduce it to one first, as with .sum() or .mean(), or give backward() a gradient of its shape"
        )
    return np.ones(array.shape, array.dtype) if array.ndim else array.dtype.type(1)


def _checked(given: Any, output: Variable, number: int) -> Variable:
    """The gradient to begin with, in the output's shape and dtype.

    A single element may come in any shape: the tutorial of 2017 calls ``out.backward(torch.Tensor([1.0]))`` on a scalar.
    """
    if not is_variable(given):
        raise TypeError(f"the gradient to begin with must be a Variable or None, not {type(given).__name__}")
    if given.array.shape != output.array.shape:
        if given.array.size != 1 or output.array.size != 1:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{number}] has a shape of {given.shape} and output[{number}] has a shape of "
                f"{output.shape}."
            )
        given = given.reshape(output.shape)
    start: Variable = given.to(output.dtype)
    return start
