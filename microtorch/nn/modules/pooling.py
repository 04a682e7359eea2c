"""Pooling as modules: the largest element, or the mean, of each window."""

from __future__ import annotations

from typing import Any

from ...core.variable import Variable
from .. import functional
from .conv import lengths
from .module import Module

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AvgPool1d", "AvgPool2d", "MaxPool1d",
    "MaxPool2d",
]  # fmt: skip


class _MaxPool(Module):
    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def _settings(self) -> tuple[Any, ...]:
        return self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices

    def extra_repr(self) -> str:
        """Its settings."""
        names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
        return ", ".join(f"{name}={getattr(self, name)}" for name in names)


class MaxPool1d(_MaxPool):
    """The largest element of each window of a signal, with the arguments of `MaxPool2d`."""

    def forward(self, input: Variable) -> Any:
        """As `nn.functional.max_pool1d`."""
        return functional.max_pool1d(input, *self._settings())


class MaxPool2d(_MaxPool):
    """The largest element of each window.

    Args:
        kernel_size: how large a window is: an int, or one for each dimension.
        stride: how far apart windows are; left out, as far as they are large.
        padding: how many elements, less than any other, are put at each end.
        dilation: how far apart the elements are that a window sees.
        return_indices: whether ``forward`` returns where the largest elements stand, too.
        ceil_mode: whether a last window may reach over the end.

    >>> import microtorch
    >>> MaxPool2d(2)(microtorch.tensor([[[1.0, 5.0], [3.0, 4.0]]])).tolist()
    [[[5.0]]]
    """

    def forward(self, input: Variable) -> Any:
        """As `nn.functional.max_pool2d`."""
        return functional.max_pool2d(input, *self._settings())


class _AvgPool(Module):
    kernel_size: Any
    stride: Any
    padding: Any

    def extra_repr(self) -> str:
        """Its settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    """The mean of each window of a signal, with the arguments of `AvgPool2d`."""

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False, count_include_pad: bool = True
    ) -> None:
        super().__init__()
        self.kernel_size, self.padding = lengths(kernel_size, 1), lengths(padding, 1)
        self.stride = self.kernel_size if stride is None else lengths(stride, 1)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.avg_pool1d`."""
        return functional.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)


class AvgPool2d(_AvgPool):
    """The mean of each window.

    Args:
        kernel_size: how large a window is: an int, or one for each dimension.
        stride: how far apart windows are; left out, as far as they are large.
        padding: how many zeros are put at each end.
        ceil_mode: whether a last window may reach over the end.
        count_include_pad: whether the zeros of the padding count as elements.
        divisor_override: what the sum is divided by, instead of the number of elements.
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, kernel_size if stride is None else stride, padding
        self.ceil_mode, self.count_include_pad, self.divisor_override = ceil_mode, count_include_pad, divisor_override

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.avg_pool2d`."""
        return functional.avg_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad, self.divisor_override
        )


class _AdaptivePool(Module):
    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        """Its setting."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptivePool):
    """The mean of each of ``output_size`` windows that share out a signal."""

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.adaptive_avg_pool1d`."""
        return functional.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptivePool):
    """The mean of each window; there are as many as the output shall have elements, and they share out the image.

    Args:
        output_size: an int, or one for each dimension; None for a length that stays.
    """

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.adaptive_avg_pool2d`."""
        return functional.adaptive_avg_pool2d(input, self.output_size)


class _AdaptiveMaxPool(_AdaptivePool):
    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest element of each of ``output_size`` windows that share out a signal."""

    def forward(self, input: Variable) -> Any:
        """As `nn.functional.adaptive_max_pool1d`."""
        return functional.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest element of each window; there are as many as the output shall have elements, and they share out the image.

    Args:
        output_size: an int, or one for each dimension; None for a length that stays.
        return_indices: whether ``forward`` returns where the largest elements stand, too.
    """

    def forward(self, input: Variable) -> Any:
        """As `nn.functional.adaptive_max_pool2d`."""
        return functional.adaptive_max_pool2d(input, self.output_size, self.return_indices)
