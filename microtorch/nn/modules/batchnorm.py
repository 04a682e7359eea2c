"""Normalization over a batch, with running statistics for the time after the training."""

from __future__ import annotations

from typing import Any

from ...arrays.dtypes import int64
from ...core.variable import Variable
from ...tensor import creation
from .. import functional, init
from ..parameter import Parameter
from .module import Module

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"]


class _BatchNorm(Module):
    """What normalizes each channel over the batch in training, and by the running statistics after it.

    Args:
        num_features: the number of channels.
        eps: keeps the divisor from 0.
        momentum: how far the running statistics move towards a batch's; None to have the mean over all batches.
        affine: whether there is a weight and, with ``bias``, a bias for each channel.
        track_running_stats: whether there are running statistics.
        device: the CPU.
        dtype: of the parameters and the running statistics.
        bias: whether there is one.
    """

    dims: tuple[int, ...]  # that an input may have

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum, self.affine = num_features, eps, momentum, affine
        self.track_running_stats = track_running_stats
        options = {"device": device, "dtype": dtype}
        self.register_parameter("weight", Parameter(creation.empty(num_features, **options)) if affine else None)
        self.register_parameter("bias", Parameter(creation.empty(num_features, **options)) if affine and bias else None)
        tracked = track_running_stats
        self.register_buffer("running_mean", creation.zeros(num_features, **options) if tracked else None)
        self.register_buffer("running_var", creation.ones(num_features, **options) if tracked else None)
        self.register_buffer("num_batches_tracked", creation.tensor(0, dtype=int64) if tracked else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget the batches that were seen."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Begin anew: a weight of 1, a bias of 0, and no batch seen."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.batch_norm`."""
        if input.dim() not in self.dims:
            expected = " or ".join(f"{each}D" for each in self.dims)
            raise ValueError(f"expected {expected} input (got {input.dim()}D input) for {type(self).__name__}")
        tracked = self.running_mean is not None
        momentum = self.momentum
        if self.training and tracked:
            self.num_batches_tracked.add_(1)
            if momentum is None:
                momentum = 1 / self.num_batches_tracked.item()
        mean, var = (self.running_mean, self.running_var) if tracked else (None, None)
        training = self.training or not tracked
        return functional.batch_norm(input, mean, var, self.weight, self.bias, training, momentum or 0.0, self.eps)

    def extra_repr(self) -> str:
        """Its settings."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """For inputs of shape (N, C) or (N, C, L).

    >>> BatchNorm1d(3)
    BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    """

    dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """For inputs of shape (N, C, H, W)."""

    dims = (4,)


class BatchNorm3d(_BatchNorm):
    """For inputs of shape (N, C, D, H, W)."""

    dims = (5,)
