"""Layers that multiply by a weight: `Linear`, `Bilinear`; and `Identity`, which does nothing."""

from __future__ import annotations

import math
from typing import Any

from ...core.variable import Variable
from ...tensor import creation
from .. import functional, init
from ..parameter import Parameter
from .module import Module

__all__ = ["Bilinear", "Identity", "Linear"]


class Identity(Module):
    """What it is given; the arguments that it is made with do not matter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """``input``."""
        return input


class Linear(Module):
    """``x @ weight.T + bias``.

    Args:
        in_features: the length of the last dimension of the input.
        out_features: the length of the last dimension of the output.
        bias: whether there is one.
        device: the CPU.
        dtype: of the parameters.

    >>> import microtorch
    >>> layer = Linear(3, 2)
    >>> layer, layer(microtorch.ones(4, 3)).shape
    (Linear(in_features=3, out_features=2, bias=True), torch.Size([4, 2]))
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(creation.empty(out_features, in_features, device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(creation.empty(out_features, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Begin anew: uniform between -1 and 1, divided by the root of ``in_features``."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features else 0.0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.linear`."""
        return functional.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """``x1 @ weight[o] @ x2 + bias[o]`` for each output ``o``.

    Args:
        in1_features: the length of the last dimension of the first input.
        in2_features: the same of the second.
        out_features: the length of the last dimension of the output.
        bias: whether there is one.
        device: the CPU.
        dtype: of the parameters.
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if in1_features <= 0:
            raise ValueError(f"in1_features must be > 0, but got (in1_features={in1_features})")
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = Parameter(creation.empty(out_features, in1_features, in2_features, device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(creation.empty(out_features, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Begin anew: uniform between -1 and 1, divided by the root of ``in1_features``."""
        bound = 1 / math.sqrt(self.in1_features)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def forward(self, input1: Variable, input2: Variable) -> Variable:
        """As `nn.functional.bilinear`."""
        return functional.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Its settings."""
        features = f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}"
        return f"{features}, bias={self.bias is not None}"
