"""Functions of each element, or along a dimension, as modules."""

from __future__ import annotations

from typing import Any

from ...core.variable import Variable
from .. import functional
from .module import Module

__all__ = ["ELU", "GELU", "LeakyReLU", "LogSigmoid", "LogSoftmax", "ReLU", "SiLU", "Sigmoid", "Softmax", "Softplus", "Tanh"]


class ReLU(Module):
    """``max(x, 0)``."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.relu`; where asked for, in the memory of ``input``."""
        return input.relu_() if self.inplace else functional.relu(input)

    def extra_repr(self) -> str:
        """Its settings."""
        return "inplace=True" if self.inplace else ""


class Sigmoid(Module):
    """``1 / (1 + exp(-x))``."""

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.sigmoid`."""
        return functional.sigmoid(input)


class Tanh(Module):
    """``tanh(x)``."""

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.tanh`."""
        return functional.tanh(input)


class LogSigmoid(Module):
    """``log(sigmoid(x))``."""

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.logsigmoid`."""
        return functional.logsigmoid(input)


class LeakyReLU(Module):
    """``x``, times ``negative_slope`` where it is negative."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.leaky_relu`."""
        return functional.leaky_relu(input, self.negative_slope)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"negative_slope={self.negative_slope}"


class ELU(Module):
    """``x``, and ``alpha * (exp(x) - 1)`` where it is negative."""

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.elu`."""
        return functional.elu(input, self.alpha)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"alpha={self.alpha}"


class GELU(Module):
    """``x``, times the probability that a standard normal number is smaller."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.gelu`."""
        return functional.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"approximate={self.approximate!r}"


class SiLU(Module):
    """``x * sigmoid(x)``."""

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.silu`."""
        return functional.silu(input)


class Softplus(Module):
    """``log(1 + exp(beta * x)) / beta``, and ``x`` itself where ``beta * x`` is above ``threshold``."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.softplus`."""
        return functional.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"beta={self.beta}, threshold={self.threshold}"


class _AlongDim(Module):
    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim: Any = dim

    def extra_repr(self) -> str:
        """Its settings."""
        return f"dim={self.dim}"


class Softmax(_AlongDim):
    """``exp(x)``, divided by its sum along ``dim``."""

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.softmax`."""
        return functional.softmax(input, self.dim)


class LogSoftmax(_AlongDim):
    """The logarithm of `Softmax`."""

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.log_softmax`."""
        return functional.log_softmax(input, self.dim)
