"""Dimensions made one."""

from __future__ import annotations

from ...core.variable import Variable
from ...ops.shaping.flattening import flatten
from .module import Module

__all__ = ["Flatten"]


class Flatten(Module):
    """The dimensions from ``start_dim`` to ``end_dim`` as one: by default all but the first, that of the batch."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Variable) -> Variable:
        """As `Variable.flatten`."""
        return flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"
