"""Values shifted and scaled to mean 0 and variance 1, over a layer or a group; or scaled to length 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...arrays.operands import summed
from ...core.primitive import Primitive, rule, shared
from ...core.telling import shown
from ...core.variable import Variable, array_of, is_variable
from ..elementwise.arithmetic import AddNumber
from ..elementwise.exponential import rsqrt
from ..elementwise.rounding import clamp_min
from ..reduction.norms import norm
from ..reduction.sums import mean
from ..shaping.flattening import contiguous, expand_as

__all__ = ["group_norm", "layer_norm", "normalize", "rms_norm"]


class Contraction(Primitive):
    """The sum of ``input * other`` over ``axes``, which keep the length 1; their product is never in memory as a whole."""

    def forward(self, input, other, *, axes):
        dims = [*range(input.ndim)]
        kept = tuple([1 if axis in axes else length for axis, length in enumerate(input.shape)])
        return np.einsum(input, dims, other, dims, [axis for axis in dims if axis not in axes]).reshape(kept)

    @rule(words="grad * other, for every element summed")
    def grad_input(self, grad, other):
        return grad * other

    @rule(words="grad * input, for every element summed")
    def grad_other(self, grad, input):
        return grad * input


class _Normalization(Primitive):
    """Normalizes over ``axes`` of its input, which it looks at in a shape where these are dimensions of their own.

    The mean and the variance stay with the node, as numbers; for a gradient of the gradient they are computed anew, as functions
    of the input. There is one weight and one bias for each place along the axes that have a length in ``weight_shape``.
    """

    __slots__ = ("axes", "eps", "input_shape", "mean", "own_shape", "shape", "summed", "var", "weight_shape")

    mean: Any
    var: Any

    def set_up(self, input, shape, axes, weight_shape, own_shape, eps):
        self.input_shape, self.shape, self.axes, self.eps = input.shape, shape, axes, eps
        self.weight_shape, self.own_shape = weight_shape, own_shape  # how weight and bias are looked at, and what they have
        self.summed = tuple([axis for axis, length in enumerate(weight_shape) if length == 1])  # where one weight serves many
        return input.reshape(shape)

    @property
    def count(self):
        return math.prod(self.shape[axis] for axis in self.axes) or math.nan

    def deviations(self, x):
        """The mean, each value's deviation from it, and the variance."""
        average = summed(x, self.axes, keepdims=True) / self.count
        centred = x - average
        return average, centred, Contraction.on(centred, centred, axes=self.axes) / self.count

    def scaled(self, centred, weight, bias):
        """The normalized values, written over the deviations, times the weight, plus the bias, where there are any."""
        centred *= 1.0 / np.sqrt(self.var + self.eps)
        if weight.__class__ is not float:
            centred *= weight.reshape(self.weight_shape)
        if bias.__class__ is not float:
            centred += bias.reshape(self.weight_shape)
        return centred.reshape(self.input_shape)

    def normal(self, input):
        """The normalized values, without weight and bias, and what the deviations were multiplied by."""
        x = input.reshape(self.shape)
        if is_variable(x):
            _, centred, var = self.deviations(x)
        else:
            centred, var = x - self.mean, self.var
        scale = 1.0 / np.sqrt(var + self.eps)
        return centred * scale, scale

    def weighted(self, grad, weight):
        return grad if weight.__class__ is float else grad * weight.reshape(self.weight_shape)

    @shared
    def parts(self, grad, input):
        return grad.reshape(self.shape), *self.normal(input)

    @rule(words="(g - mean(g) - normal * mean(g * normal)) / std, with g = grad * weight, and normal the normalized input")
    def grad_input(self, grad, weight, parts):
        grad, normal, scale = parts
        grad = self.weighted(grad, weight)
        along = Contraction.on(grad, normal, axes=self.axes)
        grad = grad - summed(grad, self.axes, keepdims=True) / self.count - normal * (along / self.count)
        return (grad * scale).reshape(self.input_shape)

    @rule(words="the sum of grad * normal, normal the normalized input, over all places that the weight serves")
    def grad_weight(self, grad, parts):
        grad, normal, _ = parts
        return Contraction.on(grad, normal, axes=self.summed).reshape(self.own_shape)

    @rule(words="the sum of grad over all places that the bias serves")
    def grad_bias(self, grad):
        return summed(grad.reshape(self.shape), self.summed).reshape(self.own_shape)


class NativeLayerNorm(_Normalization):
    constants = shown("normalized_shape", eps=1e-5)

    def forward(self, input, weight, bias, *, normalized_shape, eps):
        self.normalized_shape = tuple(normalized_shape)
        columns = math.prod(normalized_shape)
        x = self.set_up(input, (input.size // max(columns, 1), columns), (1,), (1, columns), normalized_shape, eps)
        self.mean, centred, self.var = self.deviations(x)
        return self.scaled(centred, weight, bias)


class NativeGroupNorm(_Normalization):
    constants = shown("group", eps=1e-5)

    def forward(self, input, weight, bias, *, groups, eps):
        self.group = groups
        batch, channels = input.shape[:2]
        size = channels // groups
        shape = (batch, groups, size, math.prod(input.shape[2:]))
        x = self.set_up(input, shape, (2, 3), (1, groups, size, 1), (channels,), eps)
        self.mean, centred, self.var = self.deviations(x)
        return self.scaled(centred, weight, bias)


def layer_norm(
    input: Variable,
    normalized_shape: Sequence[int],
    weight: Variable | None = None,
    bias: Variable | None = None,
    eps: float = 1e-5,
) -> Variable:
    """The last dimensions normalized: ``(input - mean) / sqrt(var + eps) * weight + bias``.

    Args:
        input: of shape (…, *normalized_shape) and of a floating dtype.
        normalized_shape: the lengths of the dimensions that mean and variance are taken over.
        weight: of that shape; None for 1.
        bias: of that shape; None for 0.
        eps: keeps the divisor from 0.

    Raises:
        TypeError: ``normalized_shape`` is no tuple or list.
        RuntimeError: a shape or a dtype does not fit.

    >>> import microtorch
    >>> microtorch.nn.functional.layer_norm(microtorch.tensor([1.0, 3.0]), (2,), eps=0.0).tolist()
    [-1.0, 1.0]
    """
    shape = _normalized(input, normalized_shape, "layer_norm")
    check("layer_norm", input, shape, weight=weight, bias=bias)
    operands = input, 1.0 if weight is None else weight, 0.0 if bias is None else bias
    return NativeLayerNorm.apply(*operands, normalized_shape=shape, eps=eps)


def group_norm(
    input: Variable, num_groups: int, weight: Variable | None = None, bias: Variable | None = None, eps: float = 1e-5
) -> Variable:
    """The channels in groups, each normalized: ``(input - mean) / sqrt(var + eps) * weight + bias``.

    Args:
        input: of shape (N, C, …) and of a floating dtype.
        num_groups: it divides C; mean and variance are taken over the channels of a group, and over all further dimensions.
        weight: of shape (C,); None for 1.
        bias: of shape (C,); None for 0.
        eps: keeps the divisor from 0.

    Raises:
        ValueError: there is one value in a group.
        RuntimeError: a shape or a dtype does not fit, or the groups are not of one size.
    """
    channels = channels_of(input, "group_norm")
    batch, _, *rest = input.array.shape
    if num_groups > 0 and batch * channels // num_groups * math.prod(rest) == 1:
        raise ValueError(f"group_norm: Expected more than 1 value per channel when training, got input size {list(input.shape)}")
    if num_groups <= 0 or channels % num_groups:
        raise RuntimeError(
            f"group_norm: Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(input.shape)} and num_groups={num_groups}"
        )
    check("group_norm", input, (channels,), weight=weight, bias=bias)
    operands = contiguous(input), 1.0 if weight is None else weight, 0.0 if bias is None else bias
    return NativeGroupNorm.apply(*operands, groups=num_groups, eps=eps)


def rms_norm(
    input: Variable, normalized_shape: Sequence[int], weight: Variable | None = None, eps: float | None = None
) -> Variable:
    """The last dimensions divided by their root mean square: ``input * rsqrt(mean(input ** 2) + eps) * weight``.

    Args:
        input: of shape (…, *normalized_shape) and of a floating dtype.
        normalized_shape: the lengths of the dimensions that the mean is taken over.
        weight: of that shape; None for 1.
        eps: keeps the divisor from 0; None for the smallest step from 1 in the dtype.

    Raises:
        TypeError: ``normalized_shape`` is no tuple or list.
        RuntimeError: a shape or a dtype does not fit.
    """
    shape = _normalized(input, normalized_shape, "rms_norm")
    check("rms_norm", input, shape, weight=weight)
    squares = mean(input**2, tuple(range(-len(shape), 0)), True)
    out = input * rsqrt(AddNumber.apply(squares, number=float(np.finfo(input.array.dtype).eps) if eps is None else eps))
    return contiguous(out if weight is None else out * weight)


def normalize(input: Variable, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Variable:
    """The vectors along ``dim``, each divided by its p-norm, or by ``eps`` where that is larger.

    >>> import microtorch
    >>> microtorch.nn.functional.normalize(microtorch.tensor([[3.0, 4.0]]), p=1).tolist()
    [[0.4285714328289032, 0.5714285969734192]]
    """
    return input / expand_as(clamp_min(norm(input, p, dim, True), eps), input)


def channels_of(input: Variable, operation: str) -> int:
    if array_of(input).ndim < 2:
        raise RuntimeError(
            f"{operation}: Expected at least 2 dimensions for input tensor, a batch and its channels, but received "
            f"{input.array.ndim}: {input._described()}"
        )
    return input.array.shape[1]


def _normalized(input: Variable, normalized_shape: Sequence[int], operation: str) -> tuple[int, ...]:
    if not isinstance(normalized_shape, tuple | list):
        raise TypeError(
            f"{operation}(): argument 'normalized_shape' must be tuple of ints, not {type(normalized_shape).__name__}: "
            f"write ({normalized_shape},)"
        )
    shape = tuple(normalized_shape)
    if not shape:
        raise RuntimeError(f"{operation}: Expected normalized_shape to be at least 1-dimensional, but got normalized_shape = []")
    if array_of(input).shape[-len(shape) :] != shape:
        raise RuntimeError(
            f"{operation}: Given normalized_shape={list(shape)}, expected input with shape [*, {', '.join(map(str, shape))}], "
            f"but got input of size {list(input.shape)}"
        )
    return shape


def check(operation: str, input: Variable, shape: tuple[int, ...], **parameters: Variable | None) -> None:
    """Refuse an input that is not floating, and parameters that are not of a shape and of the input's dtype."""
    if input.array.dtype.kind != "f":
        raise RuntimeError(f"{operation} not implemented for {input.dtype}: use x.float()")
    for name, each in parameters.items():
        if each is None:
            continue
        if array_of(each).shape != shape:
            raise RuntimeError(
                f"{operation}: {name} should contain {math.prod(shape)} elements, in the shape {list(shape)}, not "
                f"{each.array.size} in {list(each.shape)}, for an input of shape {list(input.shape)}"
            )
        if each.array.dtype is not input.array.dtype:
            raise RuntimeError(
                f"{operation}: mixed dtype: {name} has {each.dtype}, and the input {input.dtype}; convert one with .to()"
            )
