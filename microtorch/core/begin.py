"""Where does a backward pass begin, and with which gradients? What ``backward()`` and ``grad()`` take, and what they refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arrays.dtypes import FLOAT64
from .accumulate_grad import gradient_edge
from .node import LEAF_EDGE, Edge, GradientEdge
from .variable import Variable, wrap

__all__ = ["as_tuple", "begin", "edges_of", "one", "one_for_each"]

_ONE = np.float64(1)


def begin(outputs: tuple[Any, ...], given: Any, create_graph: bool) -> tuple[Sequence[Edge], Sequence[Any]]:
    """The edges where a pass over the graph of ``outputs`` begins, and the gradients it begins with."""
    roots: list[Edge] = []
    gradients: list[Any] = []
    for output, grad in zip(outputs, one_for_each(given, outputs)):  # noqa: B905 - of one length by then
        if isinstance(output, GradientEdge):
            output = _stand_in(output)  # noqa: PLW2901 - for it, where shape and dtype are asked
        if not isinstance(output, Variable):
            raise TypeError(f"only a Variable can be differentiated, not {type(output).__name__}")
        edge = _current_edge(output)
        if not edge:
            raise RuntimeError(
                f"element {len(roots)} of tensors does not require grad and does not have a grad_fn: {output._described()} was "
                "not computed from any Variable with requires_grad=True (or it was, under no_grad() or after detach())"
            )
        if grad is None:
            start = one(output)
            gradients.append(wrap(np.asarray(start)) if create_graph else start)
        else:
            start = _checked(grad, output, len(roots))
            gradients.append(start if create_graph else start.array)
        roots.append(edge)
    return roots, gradients


def edges_of(inputs: tuple[Any, ...], function: str) -> list[Edge]:
    """Where the gradients of ``inputs`` arrive, which ``function`` is asked for.

    Raises:
        RuntimeError: there are none, or one is no Variable, or requires no gradient.
    """
    if not inputs:
        raise RuntimeError(f"`inputs` argument to `{function}()` cannot be empty: name the Variables to differentiate for")
    for i, each in enumerate(inputs):
        if isinstance(each, GradientEdge):
            continue
        if not isinstance(each, Variable):
            raise RuntimeError(f"all inputs have to be Tensors, but input {i} of {function}() is of type {type(each).__name__}")
        if not each.requires_grad:
            raise RuntimeError(
                f"One of the differentiated Tensors does not require grad (requires_grad=False): input {i}, {each._described()}"
            )
    return [each.node.edge(each.output_nr) if isinstance(each, GradientEdge) else _current_edge(each) for each in inputs]


def as_tuple(given: Any) -> tuple[Any, ...]:
    """One Variable, or several in a list or tuple; what else is among them is refused by whoever looks at each."""
    if isinstance(given, Variable | GradientEdge):
        return (given,)
    return tuple(given) if isinstance(given, list | tuple) or hasattr(given, "__next__") else (given,)


def one_for_each(given: Any, outputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The gradients to begin with, one for each output."""
    if given is None:
        return (None,) * len(outputs)
    listed = tuple(given) if isinstance(given, tuple | list) else (given,)
    for each in listed:
        if each is not None and not isinstance(each, Variable):
            raise TypeError(f"the gradient to begin with must be a Variable or None, not {type(each).__name__}")
    if len(listed) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(listed)} gradients: give one for each, or None for a scalar")
    return listed


def _stand_in(edge: GradientEdge) -> Variable:
    """A Variable of the shape and dtype that belong to an edge, without values of its own."""
    shape, dtype = edge.node.output(edge.output_nr)
    return wrap(np.broadcast_to(np.zeros((), dtype), shape), edge.node.edge(edge.output_nr))


def _current_edge(variable: Variable) -> Edge:
    """Where the gradient goes, under ``no_grad()`` too; of a leaf, to its AccumulateGrad."""
    edge = variable._history()
    return gradient_edge(variable) if edge is LEAF_EDGE else edge


def one(output: Variable) -> Any:
    """The gradient of a single element with respect to itself."""
    array = output.array
    if array.size != 1:
        raise RuntimeError(
            f"grad can be implicitly created only for scalar outputs: {output._described()} has {array.size} elements. "
            "Reduce it to one first, as with .sum() or .mean(), or give backward() a gradient of its shape"
        )
    if array.ndim:
        return np.ones(array.shape, array.dtype)
    return _ONE if array.dtype is FLOAT64 else array.dtype.type(1)


def _checked(given: Any, output: Variable, number: int) -> Variable:
    """The gradient to begin with, in the output's shape and dtype.

    For a 0-dim output one element may come in any shape: the tutorial of 2017 calls ``out.backward(torch.Tensor([1.0]))``.
    """
    if given.array.shape != output.array.shape:
        if given.array.size != 1 or output.array.ndim:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{number}] has a shape of {given.shape} and output[{number}] has a shape of "
                f"{output.shape}."
            )
        given = given.reshape(output.shape)
    start: Variable = given.to(output.dtype)
    return start
