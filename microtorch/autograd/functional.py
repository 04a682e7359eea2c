"""Whole derivatives of functions: Jacobians and Hessians, and their products with vectors, all by reverse mode.

Every function here takes a ``func`` and the point (``inputs``) to differentiate it at, as ``torch.autograd.functional`` does.
``inputs`` is a Variable or a tuple of them, ``func`` returns a Variable or a tuple, and a result is a tuple where they are.

``func`` sees stand-ins, Variables on the same memory: with ``create_graph`` they are views of the inputs, so that the result
can be differentiated with respect to what the inputs were made from; without it they are leaves, and the result is detached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from ..core.backward import grad
from ..core.grad_mode import enable_grad
from ..core.variable import Variable
from ..ops.shaping.joining import stack
from ..ops.shaping.reshaping import reshape
from ..tensor.creation import zeros_like

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Variables: TypeAlias = tuple[Variable, ...]
Given: TypeAlias = Variable | Variables
Func: TypeAlias = Callable[..., Any]  # of Variables, giving a Variable or a tuple of them
OUTPUT = "The output of the user-provided function"
NOT_STRICT = "This is not allowed in strict mode"


def vjp(func: Func, inputs: Given, v: Given | None = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """A vector times the Jacobian: vᵀJ, which is what one backward pass computes.

    Args:
        func: the function, of as many arguments as there are inputs.
        inputs: the point, of any shapes and of floating dtypes.
        v: of the shapes of the outputs; may be left out for a single output of one element, where it is 1.
        create_graph: make both results differentiable.
        strict: raise where an output does not depend on an input, instead of giving zeros.

    Returns:
        ``func(*inputs)``, and the product: of the shapes and dtypes of the inputs.

    Raises:
        TypeError: an input, an output or an entry of ``v`` is no Variable.
        RuntimeError: ``v`` does not fit the outputs, or, when ``strict``, the product is zero or constant by construction.

    >>> import microtorch
    >>> x = microtorch.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> out, product = vjp(lambda x: (x * x).sum(dim=1), x, v=microtorch.tensor([1.0, 10.0]))
    >>> out.tolist(), product.tolist()
    ([5.0, 25.0], [[2.0, 4.0], [60.0, 80.0]])
    """
    with enable_grad():
        several_inputs, given = _as_tuple(inputs, "inputs", "vjp")
        point = _stand_ins(given, create_graph)
        several_outputs, outputs = _outputs(func, point, "vjp", strict)
        vector = _vector(v, outputs, several_outputs, "vjp", "user-provided function returns", create_graph)
        rows = _grad(outputs, point, vector, create_graph)
        product = _without_none(rows, point, strict, create_graph, "jacobian", f"{OUTPUT} is independent of input {{}}")
        return _finished(outputs, several_outputs, create_graph), _finished(product, several_inputs, create_graph)


def jvp(func: Func, inputs: Given, v: Given | None = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """The Jacobian times a vector: Jv, the derivative of ``func`` in the direction ``v``.

    Reverse mode gives vᵀJ only. But uᵀJ is linear in u, and its derivative with respect to u, again by reverse mode, is Jᵀ;
    so the vector-Jacobian product of that second pass with v is Jv. Its values do not depend on u, which is zeros here.
    Source: J. Townsend, "A new trick for calculating Jacobian vector products", 2017.

    Args:
        func: the function, of as many arguments as there are inputs.
        inputs: the point, of any shapes and of floating dtypes.
        v: the direction, of the shapes of the inputs; may be left out for a single input of one element, where it is 1.
        create_graph: make both results differentiable.
        strict: raise where an output does not depend on an input, instead of giving zeros.

    Returns:
        ``func(*inputs)``, and the product: of the shapes and dtypes of the outputs.

    Raises:
        TypeError: an input, an output or an entry of ``v`` is no Variable.
        RuntimeError: ``v`` does not fit the inputs, or, when ``strict``, the product is zero or constant by construction.

    >>> import microtorch
    >>> x = microtorch.tensor([1.0, 2.0, 3.0])
    >>> out, product = jvp(lambda x: x * x, x, v=microtorch.tensor([1.0, 0.0, 10.0]))
    >>> out.tolist(), product.tolist()
    ([1.0, 4.0, 9.0], [2.0, 0.0, 60.0])
    """
    with enable_grad():
        several_inputs, given = _as_tuple(inputs, "inputs", "jvp")
        point = _stand_ins(given, create_graph)
        vector = _vector(v, point, several_inputs, "jvp", "input to the user-provided function is", create_graph)
        several_outputs, outputs = _outputs(func, point, "jvp", strict)
        u = tuple(zeros_like(out, requires_grad=True) for out in outputs)
        u_times_jacobian = _grad(outputs, point, u, create_graph=True)
        if strict:
            _refuse_independent(u_times_jacobian)
        columns = _grad(u_times_jacobian, u, vector, create_graph)
        independent = "The gradient with respect to the input is independent of entry {} in the grad_outputs"
        product = _without_none(columns, outputs, strict, create_graph, "jacobian", independent)
        return _finished(outputs, several_outputs, create_graph), _finished(product, several_outputs, create_graph)


def jacobian(
    func: Func,
    inputs: Given,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """All partial derivatives of every output with respect to every input, one backward pass for each output's element.

    Args:
        func: the function, of as many arguments as there are inputs.
        inputs: the point, of any shapes and of floating dtypes.
        create_graph: make the result differentiable.
        strict: raise where an output does not depend on an input, instead of giving zeros.
        vectorize: accepted and of no effect: torch then makes all passes at once, with the same result.
        strategy: "reverse-mode"; there is no forward mode.

    Returns:
        For one output and one input a Variable of shape ``(*output.shape, *input.shape)`` and of the input's dtype. Where the
        outputs are a tuple, a tuple with an entry for each; where the inputs are, each entry is a tuple with one for each input.

    Raises:
        TypeError: an input or an output is no Variable.
        RuntimeError: an output has no elements; or, when ``strict``, a Jacobian is zero or (with ``create_graph``) constant by
            construction.
        NotImplementedError: ``strategy`` is "forward-mode".

    >>> import microtorch
    >>> x, y = microtorch.tensor([1.0, 2.0]), microtorch.tensor([3.0, 4.0])
    >>> jacobian(lambda x: x * x, x).tolist()
    [[2.0, 0.0], [0.0, 4.0]]
    >>> [each.tolist() for each in jacobian(lambda x, y: (x * y).sum(), (x, y))]
    [[3.0, 4.0], [1.0, 2.0]]
    """
    with enable_grad():
        _refuse(strict, vectorize, strategy)
        several_inputs, given = _as_tuple(inputs, "inputs", "jacobian")
        point = _stand_ins(given, create_graph)
        several_outputs, outputs = _outputs(func, point, "jacobian", strict)
        blocks = [_rows(output, nr, point, create_graph, strict) for nr, output in enumerate(outputs)]
        result = tuple(_finished(block, several_inputs, create_graph) for block in blocks)
        return result if several_outputs else result[0]


def hessian(
    func: Func,
    inputs: Given,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """All second partial derivatives of a function with one output of one element: the Jacobian of its gradient.

    Args:
        func: the function, of as many arguments as there are inputs.
        inputs: the point, of any shapes and of floating dtypes.
        create_graph: make the result differentiable.
        strict: raise where the gradient does not depend on an input, instead of giving zeros.
        vectorize: accepted and of no effect, as in `jacobian`.
        outer_jacobian_strategy: "reverse-mode"; there is no forward mode.

    Returns:
        For one input a Variable of shape ``(*input.shape, *input.shape)`` and of the input's dtype; for a tuple of them
        a tuple of tuples, of which ``[i][j]`` has shape ``(*inputs[i].shape, *inputs[j].shape)``.

    Raises:
        TypeError: an input or the output is no Variable.
        RuntimeError: ``func`` does not return a single Variable of one element; or, when ``strict``, a second derivative is
            zero or (with ``create_graph``) constant by construction.
        NotImplementedError: ``outer_jacobian_strategy`` is "forward-mode".

    >>> import microtorch
    >>> x = microtorch.tensor([1.0, 2.0])
    >>> hessian(lambda x: (x**3).sum(), x).tolist()
    [[6.0, 0.0], [0.0, 12.0]]
    """
    several_inputs, given = _as_tuple(inputs, "inputs", "hessian")

    def gradient(*point: Variable) -> Variables:
        def element(*point: Variable) -> Variable:
            return reshape(_single_element(func, point, "hessian", strict), ())

        result: Variables = jacobian(element, point, create_graph=True)
        if strict:
            _refuse_constant_gradient(result)
        return result

    result = jacobian(gradient, given, create_graph, strict, vectorize, outer_jacobian_strategy)
    return result if several_inputs else result[0][0]


def vhp(func: Func, inputs: Given, v: Given | None = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """A vector times the Hessian of a function with one output of one element: vᵀH, by one backward pass over another.

    Args:
        func: the function, of as many arguments as there are inputs.
        inputs: the point, of any shapes and of floating dtypes.
        v: of the shapes of the inputs; may be left out for a single input of one element, where it is 1.
        create_graph: make both results differentiable.
        strict: raise where the gradient does not depend on an input, instead of giving zeros.

    Returns:
        ``func(*inputs)``, and the product: of the shapes and dtypes of the inputs.

    Raises:
        TypeError: an input, the output or an entry of ``v`` is no Variable.
        RuntimeError: ``func`` does not return a single Variable of one element, ``v`` does not fit the inputs, or, when
            ``strict``, the product is zero or constant by construction.

    >>> import microtorch
    >>> x = microtorch.tensor([1.0, 2.0])
    >>> out, product = vhp(lambda x: (x**3).sum(), x, v=microtorch.tensor([1.0, 10.0]))
    >>> out.tolist(), product.tolist()
    (9.0, [6.0, 120.0])
    """
    with enable_grad():
        several, point, vector, output, gradient = _gradient_at(func, inputs, v, create_graph, strict, "vhp")
        rows = _grad(gradient, point, vector, create_graph)
        product = _without_none(
            rows, point, strict, create_graph, "hessian", "The jacobian of the user-provided function is independent of input {}"
        )
        return _finished((output,), False, create_graph), _finished(product, several, create_graph)


def hvp(func: Func, inputs: Given, v: Given | None = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """The Hessian of a function with one output of one element, times a vector: Hv, by the trick of `jvp`.

    Where the second derivatives are continuous, the Hessian is symmetric, and `vhp` gives the same with one pass less.

    Args:
        func: the function, of as many arguments as there are inputs.
        inputs: the point, of any shapes and of floating dtypes.
        v: of the shapes of the inputs; may be left out for a single input of one element, where it is 1.
        create_graph: make both results differentiable.
        strict: raise where the gradient does not depend on an input, instead of giving zeros.

    Returns:
        ``func(*inputs)``, and the product: of the shapes and dtypes of the inputs.

    Raises:
        TypeError: an input, the output or an entry of ``v`` is no Variable.
        RuntimeError: ``func`` does not return a single Variable of one element, ``v`` does not fit the inputs, or, when
            ``strict``, the product is zero or constant by construction.

    >>> import microtorch
    >>> x = microtorch.tensor([1.0, 2.0])
    >>> out, product = hvp(lambda x: (x**3).sum(), x, v=microtorch.tensor([1.0, 10.0]))
    >>> out.tolist(), product.tolist()
    (9.0, [6.0, 120.0])
    """
    with enable_grad():
        several, point, vector, output, gradient = _gradient_at(func, inputs, v, create_graph, strict, "hvp")
        u = tuple(zeros_like(each, requires_grad=True) for each in point)
        u_times_hessian = _grad(gradient, point, u, create_graph=True)
        columns = _grad(u_times_hessian, u, vector, create_graph)
        product = _without_none(
            columns, point, strict, create_graph, "hessian", "The hessian is independent of entry {} in the grad_jacobian"
        )
        return _finished((output,), False, create_graph), _finished(product, several, create_graph)


# ── What goes in ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _as_tuple(given: Any, what: str, function: str) -> tuple[bool, Variables]:
    """Whether a tuple was given, and what was given as a tuple."""
    several = isinstance(given, tuple)
    variables = given if several else (given,)
    for i, each in enumerate(variables):
        if not isinstance(each, Variable):
            which = f"value at index {i}" if several else f"given {what}"
            raise TypeError(
                f"The {what} given to {function} must be either a Tensor or a tuple of Tensors but the {which} has type "
                f"{type(each)}."
            )
    return several, variables


def _stand_ins(variables: Variables, create_graph: bool, requires_grad: bool = True) -> Variables:
    """New Variables on the same memory: what ``func`` captures of the inputs is not what is differentiated."""
    return tuple(
        each.view(each.shape) if create_graph and each.requires_grad else each.detach().requires_grad_(requires_grad)
        for each in variables
    )


def _vector(v: Any, like: Variables, several: bool, function: str, subject: str, create_graph: bool) -> Variables | None:
    """``v`` as a tuple of the same shapes as ``like``; None for the 1 that belongs to a single element."""
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError(f"The vector v can only be None if the {subject} a single Tensor with a single element.")
        return None
    _, given = _as_tuple(v, "v", function)
    if len(given) != len(like):
        if not several:
            raise RuntimeError(f"The given v should contain a single Tensor, but got {len(given)}.")
        raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(given)}.")
    for i, (each, other) in enumerate(zip(given, like, strict=True)):
        if each.shape != other.shape:
            entry = f"Entry {i} in " if several else ""
            raise RuntimeError(f"{entry}v has invalid size: should be {other.shape} but got {each.shape}.")
    return _stand_ins(given, create_graph, requires_grad=False)


def _refuse(strict: bool, vectorize: bool, strategy: str) -> None:
    if strategy not in {"forward-mode", "reverse-mode"}:
        raise AssertionError(f'Expected strategy to be either "forward-mode" or "reverse-mode", not {strategy!r}.')
    if strategy == "forward-mode":
        raise NotImplementedError('there is no forward mode here: leave out strategy="forward-mode", the result is the same')
    if strict and vectorize:
        raise RuntimeError("`strict=True` and `vectorized=True` are not supported together. Please set one of them to False.")


# ── What func gives ──────────────────────────────────────────────────────────────────────────────────────────────────


def _outputs(func: Func, point: Variables, function: str, strict: bool) -> tuple[bool, Variables]:
    several, outputs = _as_tuple(func(*point), "outputs of the user-provided function", function)
    for i, each in enumerate(outputs):
        if strict and not each.requires_grad:
            raise RuntimeError(
                f"Output {i} of the user-provided function does not require gradients. The outputs must be computed in a "
                "differentiable manner from the input when running in strict mode."
            )
    return several, outputs


def _single_element(func: Func, point: Variables, function: str, strict: bool) -> Variable:
    several, outputs = _outputs(func, point, function, strict)
    if several:
        raise RuntimeError(f"The function given to {function} should return a single Tensor, not a tuple")
    if outputs[0].numel() != 1:
        raise RuntimeError(
            f"The Tensor returned by the function given to {function} should contain a single element, "
            f"and it is of shape {tuple(outputs[0].shape)}"
        )
    return outputs[0]


def _gradient_at(
    func: Func, inputs: Any, v: Any, create_graph: bool, strict: bool, function: str
) -> tuple[bool, Variables, Variables | None, Variable, tuple[Variable | None, ...]]:
    """What `vhp` and `hvp` begin with: whether inputs are a tuple, their stand-ins, v, the output and its gradient."""
    several, given = _as_tuple(inputs, "inputs", function)
    point = _stand_ins(given, create_graph)
    vector = _vector(v, point, several, function, "input to the user-provided function is", create_graph)
    output = _single_element(func, point, function, strict)
    gradient = _grad((output,), point, None, create_graph=True)
    if strict:
        _refuse_constant_gradient(gradient)
    return several, point, vector, output, gradient


# ── Differentiating ──────────────────────────────────────────────────────────────────────────────────────────────────


def _grad(
    outputs: Sequence[Variable | None],
    inputs: Variables,
    grad_outputs: Variables | None,
    create_graph: bool,
    retain: bool = False,
) -> tuple[Variable | None, ...]:
    """`autograd.grad` of those outputs that depend on anything, None for inputs they do not depend on."""
    begin = (None,) * len(outputs) if grad_outputs is None else grad_outputs
    pairs = [(out, first) for out, first in zip(outputs, begin, strict=True) if out is not None and out.requires_grad]
    if not pairs:
        return (None,) * len(inputs)
    differentiated, first = zip(*pairs, strict=True)
    return grad(differentiated, inputs, first, retain or create_graph, create_graph, allow_unused=True)


def _rows(output: Variable, nr: int, point: Variables, create_graph: bool, strict: bool) -> Variables:
    """The Jacobian of one output with respect to each input: a row, which one backward pass makes, for each element."""
    if not output.numel():
        raise RuntimeError(f"stack expects a non-empty TensorList: output {nr} has no elements, so its Jacobian has no rows")
    rows: list[Variables] = []
    for index in np.ndindex(output.shape):
        one = np.zeros(output.shape, output.dtype)
        one[index] = 1
        row = _grad((output,), point, (Variable(one),), create_graph, retain=True)
        independent = f"Output {nr} of the user-provided function is independent of input {{}}"
        rows.append(_without_none(row, point, strict, create_graph, "jacobian", independent))
    columns = zip(*rows, strict=True)
    return tuple(stack(column).reshape(output.shape + each.shape) for column, each in zip(columns, point, strict=True))


# ── What comes out ───────────────────────────────────────────────────────────────────────────────────────────────────


def _without_none(
    grads: Sequence[Variable | None], like: Variables, strict: bool, create_graph: bool, derivative: str, independent: str
) -> Variables:
    """The gradients, with zeros for None: when ``strict``, that raises, as does a constant that should be differentiable."""
    for i, each in enumerate(grads):
        if strict and each is None:
            raise RuntimeError(f"{independent.format(i)}. {NOT_STRICT}.")
        if strict and create_graph and each is not None and not each.requires_grad:
            raise RuntimeError(
                f"The {derivative} of the user-provided function is independent of input {i}. {NOT_STRICT} when "
                "create_graph=True."
            )
    return tuple(zeros_like(other) if each is None else each for each, other in zip(grads, like, strict=True))


def _refuse_independent(grads: Sequence[Variable | None]) -> None:
    for i, each in enumerate(grads):
        if each is None:
            raise RuntimeError(f"{OUTPUT} is independent of input {i}. {NOT_STRICT}.")
        if not each.requires_grad:
            raise RuntimeError(
                f"The gradient with respect to input {i} is independent of the inputs of the user-provided function. "
                f"{NOT_STRICT}."
            )


def _refuse_constant_gradient(gradient: Sequence[Variable | None]) -> None:
    for i, each in enumerate(gradient):
        if each is None:
            raise RuntimeError(f"{OUTPUT} is independent of input {i}. {NOT_STRICT}.")
        if not each.requires_grad:
            raise RuntimeError(
                "While computing the hessian, found that the jacobian of the user-provided function with respect to input "
                f"{i} is independent of the input. {NOT_STRICT}. You should ensure that your function is twice differentiable "
                "and that the jacobian depends on the inputs (this would be violated by a linear function for example)."
            )


def _finished(variables: Variables, several: bool, create_graph: bool) -> Any:
    """What the caller gets: without a history unless it was asked for, and a tuple only where one was given."""
    result = variables if create_graph else tuple(each.detach() for each in variables)
    return result if several else result[0]
