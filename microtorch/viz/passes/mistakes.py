"""What students answer instead of a gradient: plausible wrong ones, made from the recorded pass itself, each with its name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.snapshot import Snapshot
from .answering import same
from .applying import Applied, numbers_of, worked_out
from .steps import Sent, Step

__all__ = ["MISTAKES", "Mistake", "right", "wrong"]

Array = NDArray[Any]
Mistake = tuple[str, Array]

# By name: what has gone wrong, as the end of a sentence that begins with "that is".
MISTAKES = {
    "forgot the upstream factor": "the local derivative alone: multiply it by the gradient that arrives (the chain rule)",
    "overwrote instead of added": "only what arrived last: gradients that arrive at the same place are added",
    "forgot what .grad held": "what this pass brings, alone: backward() adds it to what .grad held before",
    "did not wait for all": "a partial sum: a node runs only when all its gradients have arrived",
    "mixed up the inputs": "what goes to the other input",
    "counted both ways at once": "the sum over several inputs: here one of them is asked for",
    "transposed": "a matrix the wrong way round: look which factor is transposed, and what shape the input has",
    "did not transpose": "the product without the transposition: the shapes tell which factor has to be turned",
    "changed the order of the factors": "the product with its factors the other way round: matrices do not commute",
    "did not undo the broadcast": "the gradient before the broadcast is undone: sum it over the stretched axes",
    "mean for sum": "a mean where a sum is wanted",
    "forgot the count": "a sum where a mean is wanted: what arrives is shared by all elements",
    "handed it on unchanged": "the gradient that arrives, unchanged: this node's own derivative is missing",
    "wrong sign": "the right size with the wrong sign",
    "took the value for the gradient": "the value of the leaf, not its gradient",
    "began with 1 again": "1, with which only the root begins",
    "took it for a constant": "0, as of something that the result does not depend on",
}


def right(step: Step, sent: Sent | None) -> Array | None:
    """The answer: what is sent, or (of a leaf) what ``.grad`` becomes; None where it was not kept."""
    value = step.grad.new if sent is None and step.grad is not None else None if sent is None else sent.value
    return None if value is None else value.array


def wrong(snapshot: Snapshot, step: Step, sent: Sent | None) -> list[Mistake]:
    """The plausible wrong answers, likely ones first, each another than the right one and than those before it."""
    answer = right(step, sent)
    assert answer is not None
    made = at_leaf(snapshot, step, answer) if sent is None else at_function(snapshot, step, sent, answer)
    kept: list[Mistake] = []
    scale = size_of(step, sent)
    with np.errstate(all="ignore"):
        for name, found in (*made, *anywhere(answer)):
            if found is None or (len(kept) > 1 and name in LAST_RESORTS):
                continue
            array = np.asarray(found)
            if not same(array, answer, scale) and not any(same(array, other) for _, other in kept):
                kept.append((name, array))
    return kept


def size_of(step: Step, sent: Sent | None) -> float:
    """How large the terms were of which a leaf's sum consists: of great terms that cancel, a small rest is none."""
    if sent is not None:
        return 0.0
    arrays = [part.value.array for part in step.parts if part.value is not None and part.value.array is not None]
    sizes = [float(np.max(np.abs(array))) for array in arrays if array.size]
    return max([size for size in sizes if np.isfinite(size)], default=0.0)


LAST_RESORTS = ("began with 1 again", "took it for a constant")


def anywhere(answer: Array) -> Iterator[tuple[str, Array]]:
    """What can go wrong with every gradient."""
    yield "wrong sign", 0 - answer  # which makes no -0 of 0: that would tell the wrong one
    if answer.ndim == 2:
        yield "transposed", answer.T
    yield "began with 1 again", np.ones_like(answer)
    yield "took it for a constant", np.zeros_like(answer)


def arrays(step: Step, output: int = 0) -> list[Array]:
    """What has arrived at an output, in the order of its coming; nothing where not all of it was kept."""
    values = [part.value for part in step.parts if part.output == output and part.value is not None]
    found = [value.array for value in values if value.array is not None]
    return found if len(found) == len(values) else []


def at_leaf(snapshot: Snapshot, step: Step, answer: Array) -> Iterator[tuple[str, Array | None]]:
    """What ``.grad`` does not become."""
    assert step.grad is not None
    old = None if step.grad.old is None else step.grad.old.array
    total = None if step.received[0] is None else step.received[0].array
    parts = arrays(step)
    if old is not None:
        yield "forgot what .grad held", total
    if len(parts) > 1:
        yield "overwrote instead of added", parts[-1]
        yield "did not wait for all", np.asarray(sum(parts[:-1])) + (0 if old is None else old)
        yield "mean for sum", answer / len(parts)
    info = snapshot.nodes[step.node].variable
    values = None if info is None or info.data is None else info.data.values
    yield "took the value for the gradient", None if values is None else numbers_of(values)


def at_function(snapshot: Snapshot, step: Step, sent: Sent, answer: Array) -> Iterator[tuple[str, Array | None]]:
    """What a function does not send."""
    applied = Applied(snapshot, step, sent)
    received = applied.received
    if received is not None:
        parts = arrays(step)
        yield "forgot the upstream factor", applied.to(np.ones_like(received))
        if len(parts) > 1:
            yield "overwrote instead of added", applied.to(parts[-1])
            yield "did not wait for all", applied.to(np.asarray(sum(parts[:-1])))
        yield from products(applied)
        if sent.summed:
            yield "did not undo the broadcast", applied.whole(received)
            yield "mean for sum", answer / applied.times
        yield from counted(applied, received, answer)
    others = [each for each in step.sent if each is not sent and each.value is not None]
    twins = [each.value for each in others if (each.edge.producer, each.edge.output) == (sent.edge.producer, sent.edge.output)]
    together = [twin.array for twin in twins if twin is not None and twin.array is not None]
    if together:
        yield "counted both ways at once", answer + np.asarray(sum(together))
    for each in others:
        if each.value is not None and each.value.array is not None and each.value.array.shape == answer.shape:
            yield "mixed up the inputs", each.value.array
            break
    if received is not None:
        yield "handed it on unchanged", stretched(received, answer.shape)


def counted(applied: Applied, received: Array, answer: Array) -> Iterator[tuple[str, Array | None]]:
    """A mean for a sum, or a sum for a mean: by how many elements one gradient is divided or not."""
    operation, count = applied.node.operation, answer.size // max(received.size, 1)
    means = operation.startswith("Mean") or ("reduction", "mean") in applied.node.constants
    if means and answer.ndim and ("Nll" in operation or "CrossEntropy" in operation):
        count = answer.shape[0]
    if means:
        yield "forgot the count", answer * count
    elif operation.startswith("Sum"):
        yield "mean for sum", answer / max(count, 1)


def stretched(array: Array, shape: tuple[int, ...]) -> Array | None:
    """A gradient in the shape of the input, where broadcasting brings it there."""
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        return None


class Product(ast.NodeTransformer):
    """The product of two matrices, made of its factors in another way."""

    def __init__(self, make: Callable[[ast.expr, ast.expr], tuple[ast.expr, ast.expr]]) -> None:
        self.make = make

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Only products of matrices."""
        if not isinstance(node.op, ast.MatMult):
            return self.generic_visit(node)
        left, right = self.make(node.left, node.right)
        return ast.BinOp(left, node.op, right)


def flipped(tree: ast.expr) -> ast.expr:
    """Transposed, or if it is that already, not."""
    return tree.value if isinstance(tree, ast.Attribute) else ast.Attribute(tree, "mT", ast.Load())


def as_it_is(tree: ast.expr) -> ast.expr:
    """Not transposed."""
    return tree.value if isinstance(tree, ast.Attribute) else tree


PRODUCTS = {
    "transposed": Product(lambda left, right: (flipped(left), flipped(right))),
    "did not transpose": Product(lambda left, right: (as_it_is(left), as_it_is(right))),
    "changed the order of the factors": Product(lambda left, right: (right, left)),
}


def products(applied: Applied) -> Iterator[Mistake]:
    """Of a product of matrices, ``input.mT @ grad``, what comes out where the factors are turned or changed."""
    if "@" not in applied.formula or applied.received is None:
        return
    for name, change in PRODUCTS.items():
        other = ast.unparse(ast.fix_missing_locations(change.visit(ast.parse(applied.formula, mode="eval"))))
        found = worked_out(other, {**applied.values, "grad": applied.received})
        if found is not None:
            yield name, found
