"""Normalization over a batch, or over each instance in it, with running statistics for the time when there is no batch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays.operands import summed
from ...core.primitive import rule, shared
from ...core.telling import shown
from ...core.variable import Variable, array_of
from ...core.versions import count
from ..selection.rearranging import repeat
from ..shaping.flattening import contiguous
from ..shaping.reshaping import view
from .normalization import Contraction, _Normalization, channels_of, check

__all__ = ["batch_norm", "instance_norm"]


class NativeBatchNorm(_Normalization):
    """The sums over a channel that the weight and the bias get are also what the input needs, so that all three share them."""

    __slots__ = ("training",)
    constants = shown(training=True, eps=1e-5)

    def forward(self, input, weight, bias, *, running, training, momentum, eps):
        self.training = training
        batch, channels = input.shape[:2]
        shape = (batch, channels, math.prod(input.shape[2:]))
        x = self.set_up(input, shape, (0, 2), (1, channels, 1), (channels,), eps)
        if not training:
            self.mean, self.var = (each.reshape(self.weight_shape).copy() for each in running)
            return self.scaled(x - self.mean, weight, bias)
        self.mean, centred, self.var = self.deviations(x)
        if running:
            self.update(running, momentum)
        return self.scaled(centred, weight, bias)

    def update(self, running, momentum):
        """Move the running mean and the running variance, which is that of a sample, towards those of the batch."""
        bessel = self.count / (self.count - 1) if self.count > 1 else math.nan
        for old, new in zip(running, (self.mean, self.var * bessel), strict=True):
            old[...] = (1 - momentum) * old + momentum * new.reshape(-1)

    def normal(self, input):
        if self.training:
            return super().normal(input)
        scale = 1.0 / np.sqrt(self.var + self.eps)
        return (input.reshape(self.shape) - self.mean) * scale, scale

    @shared
    def parts(self, grad, input):
        grad, (normal, scale) = grad.reshape(self.shape), self.normal(input)
        sums = Contraction.on(grad, normal, axes=self.axes), summed(grad, self.axes, keepdims=True)
        return grad, normal, scale, *sums

    @rule(words="(grad - mean(grad) - normal * mean(grad * normal)) * weight / std; with running statistics, grad * weight / std")
    def grad_input(self, grad, weight, parts):
        grad, normal, scale, along, total = parts
        if self.training:
            grad = grad - normal * (along / self.count) - total / self.count
        return (grad * self.weighted(scale, weight)).reshape(self.input_shape)

    @rule(words="the sum of grad * normal over each channel, normal the normalized input")
    def grad_weight(self, grad, parts):
        return parts[3].reshape(self.own_shape)

    @rule(words="the sum of grad over each channel")
    def grad_bias(self, grad, parts):
        return parts[4].reshape(self.own_shape)


def batch_norm(
    input: Variable,
    running_mean: Variable | None,
    running_var: Variable | None,
    weight: Variable | None = None,
    bias: Variable | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Variable:
    """Each channel, the second dimension, normalized over all others: ``(input - mean) / sqrt(var + eps) * weight + bias``.

    Args:
        input: of shape (N, C, …) and of a floating dtype.
        running_mean: of shape (C,): used instead of the batch's, or, in training, moved towards it in place.
        running_var: the same for the variance; in training, towards the batch's with Bessel's correction.
        weight: of shape (C,); None for 1.
        bias: of shape (C,); None for 0.
        training: whether the mean and the variance are those of the batch.
        momentum: how far the running ones move: ``running = (1 - momentum) * running + momentum * batch``.
        eps: keeps the divisor from 0.

    Raises:
        ValueError: in training there is one value for a channel, or ``eps`` is not positive, or just one of the running ones.
        RuntimeError: a shape or a dtype does not fit; or there are no running ones, and they are needed.
    """
    shape = array_of(input).shape
    if training and shape and math.prod((*shape[:1], *shape[2:])) == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
    if eps < 0 or (training and not eps):
        raise ValueError(f"batch_norm eps must be positive during training, and never negative, but got {eps}")
    return _batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def _batch_norm(
    input: Variable, running_mean: Any, running_var: Any, weight: Any, bias: Any, training: bool, momentum: float, eps: float
) -> Variable:
    if array_of(input).shape == (0,):  # which torch takes
        nothing = _batch_norm(view(input, (0, 0)), running_mean, running_var, weight, bias, training, momentum, eps)
        return view(nothing, (0,))
    channels = channels_of(input, "batch_norm")
    running = {"running_mean": running_mean, "running_var": running_var}
    check("batch_norm", input, (channels,), weight=weight, bias=bias, **running)
    given = [each for each in running.values() if each is not None]
    if not training and len(given) < 2:
        raise RuntimeError("batch_norm: running_mean and running_var must be defined in evaluation mode; training=True uses none")
    if len(given) == 1:
        raise ValueError("batch_norm: running_mean and running_var must either both be None or neither be None")
    for name, each in running.items():
        if each is not None and each.requires_grad:
            raise RuntimeError(f"batch_norm is not differentiable with respect to argument {name!r}: give {name}.detach()")
    for each in given if training else ():
        count(each, operation="batch_norm")
    arrays = tuple(each.array for each in given)
    operands = input, 1.0 if weight is None else weight, 0.0 if bias is None else bias
    return NativeBatchNorm.apply(*operands, running=arrays, training=training, momentum=momentum, eps=eps)


def instance_norm(
    input: Variable,
    running_mean: Variable | None = None,
    running_var: Variable | None = None,
    weight: Variable | None = None,
    bias: Variable | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Variable:
    """Each channel of each sample normalized by itself: a `batch_norm` in which every sample has its own channels.

    Args:
        input: of shape (N, C, L, …) and of a floating dtype.
        running_mean: of shape (C,), as in `batch_norm`: moved towards the mean over the samples.
        running_var: the same for the variance.
        weight: of shape (C,); None for 1.
        bias: of shape (C,); None for 0.
        use_input_stats: whether the mean and the variance are those of the input.
        momentum: how far the running ones move.
        eps: keeps the divisor from 0.

    Raises:
        ValueError: there is one value in a channel of a sample.
        RuntimeError: a shape or a dtype does not fit; or there are no running ones, and they are needed.
    """
    if use_input_stats and math.prod(array_of(input).shape[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape}")
    channels = channels_of(input, "instance_norm")
    batch, _, *spatial = input.array.shape
    running = {"running_mean": running_mean, "running_var": running_var}
    if not use_input_stats and (running_mean is None or running_var is None):
        raise RuntimeError("instance_norm: Expected running_mean and running_var to be defined when use_input_stats is false")
    check("instance_norm", input, (channels,), weight=weight, bias=bias, **running)
    parameters = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    repeated = {name: None if each is None else repeat(each, batch) for name, each in parameters.items()}
    samples = view(contiguous(input), (1, batch * channels, *spatial))
    out = _batch_norm(samples, **repeated, training=use_input_stats, momentum=momentum, eps=eps)
    for name in running if use_input_stats else ():
        old, new = parameters[name], repeated[name]
        if old is not None and new is not None:
            count(old, operation="instance_norm")
            old.array[...] = new.array.reshape(batch, channels).mean(0)
    return view(out, input.array.shape)
