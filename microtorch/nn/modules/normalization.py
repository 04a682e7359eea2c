"""Normalization of each sample by itself: over its last dimensions, or over groups of its channels."""

from __future__ import annotations

from typing import Any

from ...core.variable import Variable
from ...tensor import creation
from .. import functional, init
from ..parameter import Parameter
from .module import Module

__all__ = ["GroupNorm", "LayerNorm", "RMSNorm"]


class _Affine(Module):
    """What has, perhaps, a weight that begins at 1, and a bias that begins at 0."""

    def _add_parameters(self, shape: tuple[int, ...], weight: bool, bias: bool, **options: Any) -> None:
        self.register_parameter("weight", Parameter(creation.empty(shape, **options)) if weight else None)
        self.register_parameter("bias", Parameter(creation.empty(shape, **options)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Begin anew: a weight of 1, a bias of 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)


class LayerNorm(_Affine):
    """The last dimensions, normalized.

    Args:
        normalized_shape: their lengths, or the length of the last.
        eps: keeps the divisor from 0.
        elementwise_affine: whether there is a weight and, with ``bias``, a bias for each element.
        bias: whether there is one.
        device: the CPU.
        dtype: of the parameters.

    >>> LayerNorm(3)
    LayerNorm((3,), eps=1e-05, elementwise_affine=True, bias=True)
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        affine = elementwise_affine
        self._add_parameters(self.normalized_shape, affine, affine and bias, device=device, dtype=dtype)

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.layer_norm`."""
        return functional.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Its settings."""
        affine = f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        return f"{self.normalized_shape}, eps={self.eps}, {affine}"


class GroupNorm(_Affine):
    """Groups of channels, each normalized.

    Args:
        num_groups: how many there are.
        num_channels: a multiple of it.
        eps: keeps the divisor from 0.
        affine: whether there is a weight and, with ``bias``, a bias for each channel.
        device: the CPU.
        dtype: of the parameters.
        bias: whether there is one.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self._add_parameters((num_channels,), affine, affine and bias, device=device, dtype=dtype)

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.group_norm`."""
        return functional.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Its settings."""
        affine = f"affine={self.affine}, bias={self.bias is not None}"
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, {affine}"


class RMSNorm(Module):
    """The last dimensions, divided by their root mean square.

    Args:
        normalized_shape: their lengths, or the length of the last.
        eps: keeps the divisor from 0; None for the smallest step from 1 in the dtype.
        elementwise_affine: whether there is a weight for each element.
        device: the CPU.
        dtype: of the weight.
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        weight = Parameter(creation.ones(self.normalized_shape, device=device, dtype=dtype)) if elementwise_affine else None
        self.register_parameter("weight", weight)

    def reset_parameters(self) -> None:
        """Begin anew: a weight of 1."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.rms_norm`."""
        return functional.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


def _shape(lengths: Any) -> tuple[int, ...]:
    return (lengths,) if isinstance(lengths, int) else tuple(lengths)
