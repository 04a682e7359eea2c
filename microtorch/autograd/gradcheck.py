"""``gradcheck`` and ``gradgradcheck``: is what backward computes the derivative of what forward computes?

A derivative can be measured: move one element of an input a little to both sides, and see how far each output moves. This
costs two evaluations for each element, so nobody trains a network this way; but it needs no rule, and so can check all rules.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ..arrays.dtypes import Array, float64
from ..core.backward import grad
from ..core.function import Function
from ..core.variable import Variable
from ..ops.shaping.reshaping import clone
from ..tensor.creation import zeros_like
from .diagnosis import Mismatch

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]

Func: TypeAlias = Callable[..., Any]  # of Variables and anything else, giving a Variable or a tuple of them


class GradcheckError(RuntimeError):
    """What `gradcheck` and `gradgradcheck` raise where a gradient is wrong."""


def gradcheck(
    func: Func,
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Compare the gradients of ``func`` with what can be measured without any rule: central differences, in float64.

    For every output that requires a gradient and every input that does, the whole Jacobian is computed in both ways:
    a column from ``(func(x + eps) - func(x - eps)) / (2 * eps)`` for each element of the input, a row from one backward pass
    for each element of the output. Moreover, backward must give the same twice, zeros for zeros, and cope with outputs
    whose gradient is undefined, since nobody used them.

    Args:
        func: the function, of as many arguments as there are inputs; it returns a Variable, or a tuple or list of them.
        inputs: one argument, or a tuple or list of them. Those that require a gradient should be float64; their elements are
            moved in place, one at a time, and moved back. The others may be anything.
        eps: the step.
        atol: the absolute tolerance: each entry must satisfy ``|analytical - numerical| <= atol + rtol * |numerical|``.
        rtol: the relative tolerance.
        raise_exception: False to get False where a gradient is wrong, instead of an exception.
        nondet_tol: how far two backward passes over one graph may differ.
        check_undefined_grad: whether backward is tried with undefined gradients of the outputs.
        check_grad_dtypes: accepted and of no effect: dtypes are always checked.
        check_batched_grad: not supported.
        check_batched_forward_grad: not supported.
        check_forward_ad: not supported.
        check_backward_ad: True: there is nothing else to check.
        fast_mode: not supported: the whole Jacobian is always compared.
        masked: not supported.

    Returns:
        True; False, without ``raise_exception``, where a gradient is wrong.

    Raises:
        GradcheckError: a gradient is wrong. It says of which output and input, shows both Jacobians and the entry where they
            differ most, and names a likely cause where it recognises one.
        ValueError: no input requires a gradient.
        TypeError: ``func`` returned something that is no Variable.
        RuntimeError: an input has several elements in one place of memory.
        AssertionError: the outputs' shapes or dtypes change with the inputs.
        NotImplementedError: an option is not supported.

    Where ``func`` has no derivative, as relu at 0, the two may rightly differ.

    >>> import microtorch
    >>> x = microtorch.tensor([1.0, 2.0], dtype=microtorch.float64, requires_grad=True)
    >>> gradcheck(lambda x: x.exp() * x, x)
    True

    >>> class Square(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...
    ...     @staticmethod
    ...     def backward(ctx, grad_output):
    ...         return grad_output * ctx.saved_tensors[0]
    >>> gradcheck(Square.apply, x)
    Traceback (most recent call last):
    microtorch.autograd.gradcheck.GradcheckError: Jacobian mismatch for output 0 with respect to input 0,
    numerical:[[2. 0.]
     [0. 4.]]
    analytical:[[1. 0.]
     [0. 2.]]
    (a row for each element of the output, of shape (2,); a column for each element of the input, of shape (2,))
    They differ most at output[1], input[1]: numerical 4, analytical 2.
    Likely cause: a factor is missing, or one too many: analytical = 0.5 × numerical.
    """
    _refuse(
        check_batched_grad=check_batched_grad,
        check_batched_forward_grad=check_batched_forward_grad,
        check_forward_ad=check_forward_ad,
        fast_mode=fast_mode,
        masked=masked,
    )
    if not check_backward_ad:
        raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    tolerances = _Tolerances(eps, atol, rtol, nondet_tol)
    return _result(partial(_check, func, _as_tuple(inputs), tolerances, check_undefined_grad), raise_exception)


def gradgradcheck(
    func: Func,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """`gradcheck` of backward itself: are the gradients of the gradients right, as ``create_graph=True`` gives them?

    The function checked takes the inputs and ``grad_outputs``, and returns the gradients for the inputs. That these are right
    is for `gradcheck` to say.

    Args:
        func: as for `gradcheck`.
        inputs: as for `gradcheck`.
        grad_outputs: for each output that requires a gradient, the gradient to begin with. Left out, it is random numbers
            between -1 and 1 that require a gradient themselves: always the same, so that what fails once fails again.
        eps: as for `gradcheck`, like all that is not named here.
        atol: the absolute tolerance.
        rtol: the relative tolerance.
        gen_non_contig_grad_outputs: let the random numbers not lie side by side in memory.
        raise_exception: False to get False where a gradient is wrong, instead of an exception.
        nondet_tol: how far two backward passes over one graph may differ.
        check_undefined_grad: whether backward is tried with undefined gradients of the outputs.
        check_grad_dtypes: accepted and of no effect: dtypes are always checked.
        check_batched_grad: not supported.
        check_fwd_over_rev: not supported.
        check_rev_over_rev: True: there is nothing else to check.
        fast_mode: not supported.
        masked: not supported.

    Returns:
        As `gradcheck`.

    Raises:
        ValueError: no output requires a gradient; and all that `gradcheck` raises.

    >>> import microtorch
    >>> x = microtorch.tensor([1.0, 2.0], dtype=microtorch.float64, requires_grad=True)
    >>> gradgradcheck(lambda x: x.exp() * x, x)
    True
    """
    _refuse(check_batched_grad=check_batched_grad, check_fwd_over_rev=check_fwd_over_rev, fast_mode=fast_mode, masked=masked)
    if not check_rev_over_rev:
        raise AssertionError("Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True")
    arguments = _as_tuple(inputs)
    numbers = [i for i, each in enumerate(arguments) if isinstance(each, Variable) and each.requires_grad]
    outputs = [out for out in _outputs(func, arguments) if out.requires_grad]
    if not outputs:
        raise ValueError("gradgradcheck expects at least one output to require gradient, but none of them does")
    first = _random_like(outputs, gen_non_contig_grad_outputs) if grad_outputs is None else _as_tuple(grad_outputs)

    def gradients(*args: Any) -> tuple[Variable, ...]:
        args, begin = args[: len(arguments)], args[len(arguments) :]
        variables = [args[i] for i in numbers]
        differentiable = [out for out in _outputs(func, args) if out.requires_grad]
        found = grad(differentiable, variables, begin, create_graph=True, allow_unused=True)
        return tuple(zeros_like(x) if each is None else each for x, each in zip(variables, found, strict=True))

    names = _Names(
        [f" (the gradient for input {i})" for i in numbers],
        [""] * len(arguments) + [f" (grad_outputs[{i}])" for i in range(len(first))],
    )
    tolerances = _Tolerances(eps, atol, rtol, nondet_tol)
    return _result(partial(_check, gradients, arguments + first, tolerances, check_undefined_grad, names), raise_exception)


class _Tolerances(NamedTuple):
    eps: float
    atol: float
    rtol: float
    nondet: float


class _Names(NamedTuple):
    """What a message adds to the numbers of outputs and inputs."""

    outputs: Sequence[str]
    inputs: Sequence[str]


def _check(
    func: Func, inputs: tuple[Any, ...], tolerances: _Tolerances, check_undefined_grad: bool, names: _Names | None = None
) -> None:
    """All of `gradcheck`, for one function. Raises GradcheckError where a gradient is wrong."""
    wanted = _differentiated(inputs)
    variables = [*wanted.values()]
    outputs = _outputs(func, inputs)
    measured = {number: _measured(func, inputs, number, outputs, tolerances.eps) for number in wanted}
    differentiable = {nr: out for nr, out in enumerate(outputs) if out.requires_grad}
    if not differentiable:
        _check_constant(measured)
        return
    for nr, out in differentiable.items():
        jacobians = _analytical(out, variables, tolerances.nondet)
        for (number, x), analytical in zip(wanted.items(), jacobians, strict=True):
            others = {other: slopes[nr][0] for other, slopes in measured.items() if other != number}
            numerical, bend = measured[number][nr]
            shapes = tuple(out.shape), tuple(x.shape)
            mismatch = Mismatch(numerical, analytical, bend, others, *shapes, x.dtype, tolerances.atol, tolerances.rtol)
            if mismatch:
                of, to = (names.outputs[nr], names.inputs[number]) if names else ("", "")
                raise GradcheckError(f"Jacobian mismatch for output {nr}{of} with respect to input {number}{to},\n{mismatch}")
    _check_zeros([*differentiable.values()], variables)
    if check_undefined_grad:
        _check_undefined(func, inputs, variables)


# ── What goes in, and what comes out ─────────────────────────────────────────────────────────────────────────────────

UNSUPPORTED = {
    "check_batched_grad": "there is no vmap",
    "check_batched_forward_grad": "there is no forward mode",
    "check_forward_ad": "there is no forward mode",
    "check_fwd_over_rev": "there is no forward mode",
    "fast_mode": "the whole Jacobian is always compared",
    "masked": "there are no sparse tensors",
}


def _refuse(**options: bool | None) -> None:
    for name, value in options.items():
        if value:
            raise NotImplementedError(f"{name}={value} is not supported: {UNSUPPORTED[name]}")


def _result(check: Callable[[], None], raise_exception: bool) -> bool:
    try:
        check()
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _as_tuple(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, tuple | list) else (given,)


def _differentiated(inputs: tuple[Any, ...]) -> dict[int, Variable]:
    """The inputs that require a gradient, by their numbers."""
    wanted = {i: each for i, each in enumerate(inputs) if isinstance(each, Variable) and each.requires_grad}
    if not wanted:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )
    for number, each in wanted.items():
        if each.dtype is not float64:
            warnings.warn(
                f"Input #{number} requires gradient and is not a double precision floating point, but {each.dtype}. "
                "This check will likely fail if all the inputs are not of double precision floating point.",
                stacklevel=5,
            )
        array = each.detach().numpy()
        if array.size and any(stride == 0 and length > 1 for stride, length in zip(array.strides, array.shape, strict=True)):
            raise RuntimeError(
                f"The {number}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping, "
                "since it moves one element at a time. Make a copy of it first, with .clone()."
            )
    return wanted


def _outputs(func: Func, inputs: Sequence[Any]) -> tuple[Variable, ...]:
    outputs = _as_tuple(func(*inputs))
    for nr, each in enumerate(outputs):
        if not isinstance(each, Variable):
            raise TypeError(f"func must return a Variable or a tuple of them, but output {nr} is {type(each).__name__}")
    return outputs


def _random_like(outputs: Sequence[Variable], apart: bool) -> tuple[Variable, ...]:
    generator = np.random.default_rng(0)
    arrays = (np.asarray(generator.uniform(-1, 1, out.shape)).astype(out.dtype) for out in outputs)
    spaced = (np.repeat(each, 2, axis=-1)[..., ::2] if apart and each.ndim else each for each in arrays)
    return tuple(Variable(each, requires_grad=True) for each in spaced)


# ── The Jacobians ────────────────────────────────────────────────────────────────────────────────────────────────────


def _measured(
    func: Func, inputs: tuple[Any, ...], number: int, outputs: Sequence[Variable], eps: float
) -> list[tuple[Array, Array]]:
    """For each output, its numerical Jacobian with respect to one input, and its bend: see `Mismatch`.

    The elements are moved in place, so that a function that finds its input elsewhere than among its arguments is right too.
    """
    memory = inputs[number].detach().numpy()
    middle = [_values(out) for out in outputs]
    found = [(np.zeros((out.numel(), memory.size)), np.zeros((out.numel(), memory.size))) for out in outputs]
    for column, index in enumerate(np.ndindex(memory.shape)):
        element = memory[index]
        try:
            memory[index] = element + eps
            above = _moved(func, inputs, outputs, index, eps)
            memory[index] = element - eps
            below = _moved(func, inputs, outputs, index, eps)
        finally:
            memory[index] = element
        with np.errstate(invalid="ignore", over="ignore"):
            for (slope, bend), high, mid, low in zip(found, above, middle, below, strict=True):
                slope[:, column] = (high - low) / (2 * eps)
                bend[:, column] = (high - 2 * mid + low) / (2 * eps)
    return found


def _moved(func: Func, inputs: tuple[Any, ...], before: Sequence[Variable], index: tuple[int, ...], eps: float) -> list[Array]:
    """The outputs' values where an element of an input has moved."""
    outputs = _outputs(func, inputs)
    for what, old, new in (
        ("number", len(before), len(outputs)),
        ("shapes", [tuple(out.shape) for out in before], [tuple(out.shape) for out in outputs]),
        ("dtypes", [out.dtype for out in before], [out.dtype for out in outputs]),
    ):
        if old != new:
            raise AssertionError(
                f"Expected `func` to return outputs with the same {what.rstrip('s')} when inputs are perturbed on index {index} "
                f"by {eps}, but got: {what} {old} and {new}."
            )
    return [_values(out) for out in outputs]


def _values(out: Variable) -> Array:
    """A flat copy in float64; of integers, which have no derivative, zeros."""
    array = out.detach().numpy()
    return array.astype(np.float64).reshape(-1) if out.dtype.is_floating_point else np.zeros(array.size)


def _analytical(out: Variable, variables: Sequence[Variable], nondet_tol: float) -> list[Array]:
    """The Jacobians of one output with respect to each input by backward: computed twice, to see whether it gives the same."""
    once, again = ([np.zeros((out.numel(), x.numel())) for x in variables] for _ in range(2))
    for jacobians in (once, again):
        for row, index in enumerate(np.ndindex(out.shape)):
            one = np.zeros(out.shape, out.dtype)
            one[index] = 1
            for jacobian, each in zip(jacobians, _gradients([out], variables, [Variable(one)]), strict=True):
                if each is not None:
                    jacobian[row] = each.detach().numpy().reshape(-1)
    for first, second in zip(once, again, strict=True):
        if not np.allclose(first, second, 0, nondet_tol, equal_nan=True):
            raise GradcheckError(
                "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives "
                f"different values. The tolerance for nondeterminism was {nondet_tol}: where they may differ, give a larger "
                "nondet_tol."
            )
    return once


def _gradients(
    outputs: Sequence[Variable], variables: Sequence[Variable], begin: Sequence[Variable]
) -> tuple[Variable | None, ...]:
    """`autograd.grad`, whose gradients must have the shapes and dtypes of what they belong to."""
    found = grad(outputs, variables, begin, retain_graph=True, allow_unused=True)
    for x, each in zip(variables, found, strict=True):
        if each is not None and each.shape != x.shape:
            raise GradcheckError(f"Analytical gradient has incorrect size: {each.shape} for an input of {x.shape}")
        if each is not None and each.dtype is not x.dtype:
            raise GradcheckError(f"Gradient has dtype mismatch: {each.dtype} for an input of {x.dtype}")
    return found


# ── What else must hold ──────────────────────────────────────────────────────────────────────────────────────────────


def _check_constant(measured: dict[int, list[tuple[Array, Array]]]) -> None:
    for number, slopes in measured.items():
        for nr, (slope, _) in enumerate(slopes):
            if slope.any():
                raise GradcheckError(
                    f"Numerical gradient for function expected to be zero: output {nr} does not require grad, but changes with "
                    f"input {number}. Was it computed under no_grad(), or from a value taken out of the graph?"
                )


def _check_zeros(outputs: Sequence[Variable], variables: Sequence[Variable]) -> None:
    """Backward is linear in the outputs' gradients: of zeros it makes zeros."""
    if any(each is not None and _any(each) for each in _gradients(outputs, variables, [*map(zeros_like, outputs)])):
        raise GradcheckError("backward not multiplied by grad_output: where that is zero, it gives something else than zeros")


class _Undefined(Function):
    """Passes a value on, and no gradient back."""

    @staticmethod
    def forward(ctx: Any, x: Variable) -> Variable:
        return clone(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Variable) -> None:
        return None


def _check_undefined(func: Func, inputs: tuple[Any, ...], variables: Sequence[Variable]) -> None:
    """Backward copes where no gradient arrives for any output, or, of several, for one of them."""
    numbers = [nr for nr, out in enumerate(_outputs(func, inputs)) if out.requires_grad]
    for undefined in [numbers, *([nr] for nr in numbers if len(numbers) > 1)]:
        outputs = _outputs(func, inputs)
        passed = [_Undefined.apply(outputs[nr]) if nr in undefined else outputs[nr] for nr in numbers]
        which = f"where the gradient of output {' and '.join(map(str, undefined))} is undefined"
        remedy = "Where ctx.set_materialize_grads(False) was called, backward gets None for it"
        try:
            found = _gradients(passed, variables, [*map(zeros_like, passed)])
        except RuntimeError as error:
            raise GradcheckError(
                f"Expected backward function to handle undefined output grads, but {which}, it raises {type(error).__name__}: "
                f"{error}. {remedy}. check_undefined_grad=False leaves this out."
            ) from error
        if any(each is not None and _any(each) for each in found):
            raise GradcheckError(
                "Expected all input grads to be undefined or zero when all output grads are undefined or zero, but "
                f"{which}, they are not. {remedy}."
            )


def _any(variable: Variable) -> bool:
    return bool(variable.detach().numpy().any())
