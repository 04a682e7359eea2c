"""Dropout as modules: at work in training, nothing after ``eval()``."""

from __future__ import annotations

from ...core.variable import Variable
from .. import functional
from .module import Module

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d"]


class _Dropout(Module):
    """What sets values to 0 with the probability ``p``.

    Args:
        p: the probability.
        inplace: write into the memory of the input.
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def extra_repr(self) -> str:
        """Its settings."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """Elements set to 0 at random, and the others scaled so that the mean stays."""

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.dropout`."""
        return functional.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_Dropout):
    """Whole channels, vectors, set to 0 at random."""

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.dropout1d`."""
        return functional.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """Whole channels, images, set to 0 at random."""

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.dropout2d`."""
        return functional.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    """Whole channels, volumes, set to 0 at random."""

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.dropout3d`."""
        return functional.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    """Dropout for what SELU gives."""

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.alpha_dropout`."""
        return functional.alpha_dropout(input, self.p, self.training, self.inplace)
