"""What do ``backward()`` and ``grad()`` do? Say where a backward pass begins, drain the engine, hand out what has arrived."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .batches import grad_of_batches
from .begin import as_tuple, begin, edges_of, one, one_for_each
from .create_graph import record
from .engine import Visit, run
from .grad_mode import enable_grad, mode
from .hooks import end_pass, retain_grad
from .node import Edge
from .special_turns import Captured
from .variable import Variable, wrap

__all__ = ["backward", "backward_from", "grad"]


def backward(
    tensors: Variable | Sequence[Variable],
    grad_tensors: Variable | Sequence[Variable | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Variable | Sequence[Variable | None] | None = None,
    inputs: Variable | Sequence[Variable] | None = None,
) -> None:
    """Compute the sum of gradients of ``tensors`` with respect to the leaves of their graph, and add it to their ``.grad``.

    Args:
        tensors: the Variables to differentiate.
        grad_tensors: for each, the gradient to begin with, of its shape; may be left out (or None) where it has one element.
        retain_graph: keep the saved values, so that backward can run again; the default is ``create_graph``.
        create_graph: record the backward pass itself, so that gradients can be differentiated again.
        grad_variables: the name that ``grad_tensors`` had in 2017.
        inputs: add to the ``.grad`` of these only; those that are no leaves retain theirs, as after ``retain_grad()``.

    Raises:
        RuntimeError: one of ``tensors`` requires no gradient, or has several elements and no gradient to begin with, or
            one of another shape; or the saved values of the graph were freed, or changed in place; or ``inputs`` is empty.
    """
    if grad_variables is not None:
        grad_tensors = grad_variables
    roots: Sequence[Edge]
    gradients: Sequence[Any]
    if grad_tensors is None and not create_graph and isinstance(tensors, Variable) and tensors._edge:
        roots, gradients = (tensors._edge,), (one(tensors),)  # by far the commonest
    else:
        roots, gradients = begin(as_tuple(tensors), grad_tensors, create_graph)
    only = None
    if inputs is not None:
        listed = as_tuple(inputs)
        only = edges_of(listed, "backward")
        for each in listed:
            if isinstance(each, Variable):
                retain_grad(each)
    retain = create_graph if retain_graph is None else retain_graph
    visits = run(roots, gradients, retain, create_graph, only)
    if mode.around_backward is None:
        _drain(visits, create_graph)
    else:
        mode.around_backward(tensors, lambda: _drain(visits, create_graph))


def backward_from(
    variable: Variable,
    gradient: Variable | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Variable | Sequence[Variable] | None = None,
) -> None:
    """Compute the gradient with respect to every leaf this Variable was computed from, and add it to the leaf's ``.grad``.

    Args:
        variable: the Variable whose method ``backward()`` this is.
        gradient: d(loss)/d(variable), of this Variable's shape; may be left out for a single element, where it is 1.
        retain_graph: keep the saved values, so that backward can run again; the default is ``create_graph``.
        create_graph: record the backward pass itself, so that gradients can be differentiated again.
        inputs: add to the ``.grad`` of these only.

    Raises:
        RuntimeError: this Variable requires no gradient, is no scalar (without ``gradient``), or its graph was freed;
            or ``gradient`` has the wrong shape.
    """
    backward(variable, gradient, retain_graph, create_graph, None, inputs)


def grad(
    outputs: Variable | Sequence[Variable],
    inputs: Variable | Sequence[Variable],
    grad_outputs: Variable | Sequence[Variable | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Variable | None, ...]:
    """The sum of gradients of ``outputs`` with respect to each of ``inputs``, which need not be leaves. No ``.grad`` changes.

    Args:
        outputs: the Variables to differentiate.
        inputs: the Variables to differentiate with respect to.
        grad_outputs: for each output, the gradient to begin with; may be left out (or None) where it has one element.
        retain_graph: keep the saved values, so that the graph can be walked again; the default is ``create_graph``.
        create_graph: record the backward pass itself, so that gradients can be differentiated again.
        only_inputs: accepted because programs give it; False, to fill every ``.grad`` as well, is refused as in PyTorch.
        allow_unused: give None for an input that the outputs do not depend on, instead of an error; the default is
            ``materialize_grads``.
        is_grads_batched: ``grad_outputs`` are batches of gradients (the first dimension), and so are the results.
        materialize_grads: give zeros for an input that the outputs do not depend on.

    Raises:
        RuntimeError: as `backward`; or an input requires no gradient, or is not used (without ``allow_unused``).
        ValueError: ``materialize_grads`` together with ``allow_unused=False``, or ``only_inputs=False``.

    >>> import microtorch
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> (dx,) = microtorch.autograd.grad(x**3, x, create_graph=True)
    >>> (ddx,) = microtorch.autograd.grad(dx, x)
    >>> dx.item(), ddx.item()
    (27.0, 18.0)
    """
    if not only_inputs:
        raise ValueError("only_inputs=False is not supported: use backward() to fill every .grad")
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    ends = as_tuple(outputs)
    wanted = as_tuple(inputs)
    if is_grads_batched:
        options = (create_graph, allow_unused or materialize_grads)
        results = grad_of_batches(grad, ends, wanted, one_for_each(grad_outputs, ends), retain_graph, *options)
    else:
        edges = edges_of(wanted, "grad")
        roots, gradients = begin(ends, grad_outputs, create_graph)
        captured: Captured = dict.fromkeys(edges)
        retain = create_graph if retain_graph is None else retain_graph
        _drain(run(roots, gradients, retain, create_graph, captured, captured), create_graph, captured)
        found = [captured[edge] for edge in edges]
        unused = [i for i, each in enumerate(found) if each is None]
        if unused and not (allow_unused or materialize_grads):
            raise RuntimeError(
                "One of the differentiated Tensors appears to not have been used in the graph: "
                f"input {unused[0]}, {wanted[unused[0]]._described()}. Set allow_unused=True if this is the desired behavior."
            )
        results = tuple([each if each is None or isinstance(each, Variable) else wrap(each.copy()) for each in found])
    if materialize_grads:
        results = tuple(
            _zeros(each, create_graph) if found is None else found for found, each in zip(results, wanted, strict=True)
        )
    return results


def _zeros(like: Variable, create_graph: bool) -> Variable:
    zeros = wrap(np.zeros_like(like.array))
    zeros.requires_grad = create_graph  # so that these too can be differentiated further
    return zeros


def _drain(visits: Iterator[Visit], create_graph: bool, captured: Captured | None = None) -> None:
    """Make all visits: a loop that does nothing, at C's speed."""
    try:
        if create_graph:
            with enable_grad():
                record(visits, captured)
        else:
            deque(visits, maxlen=0)
        if mode.at_end:
            end_pass(sys._getframe())
    except BaseException as error:
        if mode.at_end:
            end_pass(sys._getframe(), failed=True)
        if isinstance(error.__cause__, StopIteration) and isinstance(
            error, RuntimeError
        ):  # a hook's, which would have ended the generator
            raise error.__cause__ from None
        raise
