"""``backward()`` and ``grad()``: where a backward pass begins, and what is made of what it gives."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays.dtypes import FLOAT64
from ..ops.shaping.joining import stack
from .engine import Visit, run
from .grad_mode import enable_grad
from .node import LEAF_EDGE, Edge, gradient_edge, wrap

if TYPE_CHECKING:
    from .variable import Variable

__all__ = ["backward", "begin", "grad"]

_ONE = np.float64(1)


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
        roots, gradients = (tensors._edge,), (_one(tensors),)  # by far the commonest
    else:
        roots, gradients = begin(_tuple(tensors), grad_tensors, create_graph)
    only = None
    if inputs is not None:
        listed = _tuple(inputs)
        only = _edges_of(listed, "backward")
        for each in listed:
            each.retain_grad()
    retain = create_graph if retain_graph is None else retain_graph
    _drain(run(roots, gradients, retain, create_graph, only), create_graph)


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
    ends = _tuple(outputs)
    wanted = _tuple(inputs)
    if is_grads_batched:
        options = (create_graph, allow_unused or materialize_grads)
        results = _batched(ends, wanted, _listed(grad_outputs, ends), retain_graph, *options)
    else:
        edges = _edges_of(wanted, "grad")
        roots, gradients = begin(ends, grad_outputs, create_graph)
        captured: dict[Edge, Any] = dict.fromkeys(edges)
        retain = create_graph if retain_graph is None else retain_graph
        _drain(run(roots, gradients, retain, create_graph, captured, captured), create_graph)
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


def _tuple(given: Any) -> tuple[Any, ...]:
    """One Variable, or several in a list or tuple; what else is among them is refused by whoever looks at each."""
    if isinstance(given, Variable):
        return (given,)
    return tuple(given) if isinstance(given, list | tuple) or hasattr(given, "__next__") else (given,)


def _zeros(like: Variable, create_graph: bool) -> Variable:
    zeros = wrap(np.zeros_like(like.array))
    zeros.requires_grad = create_graph  # so that these too can be differentiated further
    return zeros


def _edges_of(inputs: tuple[Variable, ...], function: str) -> list[Edge]:
    if not inputs:
        raise RuntimeError(f"`inputs` argument to `{function}()` cannot be empty: name the Variables to differentiate for")
    for i, each in enumerate(inputs):
        if not isinstance(each, Variable):
            raise RuntimeError(f"all inputs have to be Tensors, but input {i} of {function}() is of type {type(each).__name__}")
        if not each.requires_grad:
            raise RuntimeError(
                f"One of the differentiated Tensors does not require grad (requires_grad=False): input {i}, {each._described()}"
            )
    return [_current_edge(each) for each in inputs]


def _batched(
    outputs: tuple[Variable, ...],
    inputs: tuple[Variable, ...],
    batches: tuple[Any, ...],
    retain_graph: bool | None,
    create_graph: bool,
    allow_unused: bool,
) -> tuple[Variable | None, ...]:
    """One backward pass for each row of the batch: what torch computes in one with vmap."""
    lengths = {len(each) for each in batches if each is not None and each.array.ndim}
    if len(lengths) != 1 or not all(lengths):
        raise ValueError(f"is_grads_batched=True: grad_outputs must be batches of one size, not of the sizes {sorted(lengths)}")
    (length,) = lengths
    for i, (output, batch) in enumerate(zip(outputs, batches, strict=True)):
        if batch is not None and batch.array.shape[1:] != output.array.shape:
            raise RuntimeError(
                f"If `is_grads_batched=True`, each grad_output is a batch of gradients: there is a mismatch in shape, "
                f"grad_output[{i}] has {tuple(batch.array.shape)} where output[{i}] has {tuple(output.array.shape)}"
            )
    rows = []
    for row in range(length):
        keep = create_graph if retain_graph is None else retain_graph
        given = [each if each is None else each[row] for each in batches]
        rows.append(grad(outputs, inputs, given, keep or row + 1 < length, create_graph, allow_unused=allow_unused))
    return tuple(None if column[0] is None else stack(column) for column in zip(*rows, strict=True))


def _drain(visits: Iterator[Visit], create_graph: bool) -> None:
    """Make all visits: a loop that does nothing, at C's speed."""
    try:
        if create_graph:
            with enable_grad():
                deque(visits, maxlen=0)
        else:
            deque(visits, maxlen=0)
    except RuntimeError as error:
        if isinstance(error.__cause__, StopIteration):  # a hook's, which would have ended the generator
            raise error.__cause__ from None
        raise


def _listed(given: Any, outputs: tuple[Variable, ...]) -> tuple[Any, ...]:
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


def begin(outputs: tuple[Variable, ...], given: Any, create_graph: bool) -> tuple[Sequence[Edge], Sequence[Any]]:
    """The edges where a pass over the graph of ``outputs`` begins, and the gradients it begins with."""
    roots: list[Edge] = []
    gradients: list[Any] = []
    for output, grad in zip(outputs, _listed(given, outputs)):  # noqa: B905 - of one length by then
        if not isinstance(output, Variable):
            raise TypeError(f"only a Variable can be differentiated, not {type(output).__name__}")
        edge = _current_edge(output)
        if not edge:
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


def _current_edge(variable: Variable) -> Edge:
    """Where the gradient goes, under ``no_grad()`` too; of a leaf, to its AccumulateGrad."""
    edge = variable._history()
    return gradient_edge(variable) if edge is LEAF_EDGE else edge


def _one(output: Variable) -> Any:
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
