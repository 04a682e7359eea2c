"""Convolutions as modules, and their transposes: one to three dimensions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ...core.variable import Variable
from ...tensor import creation
from .. import functional, init
from ..parameter import Parameter
from .module import Module

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]

Lengths = tuple[int, ...]


def lengths(value: Any, dims: int) -> Lengths:
    """``value``, one int for all dimensions or one for each, as a tuple."""
    return tuple(value) if isinstance(value, Sequence) else (value,) * dims


class _Convolution(Module):
    """What the classes below share.

    Raises:
        ValueError: channels are not divisible by ``groups``, or there is no such ``padding`` or ``padding_mode``.
    """

    dims: ClassVar[int]
    transposed: ClassVar[bool] = False
    functions: ClassVar[dict[tuple[int, bool], Callable[..., Variable]]] = {
        (1, False): functional.conv1d, (2, False): functional.conv2d, (3, False): functional.conv3d,
        (1, True): functional.conv_transpose1d, (2, True): functional.conv_transpose2d, (3, True): functional.conv_transpose3d,
    }  # fmt: skip

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: Any,
        output_padding: Any = 0,
    ) -> None:
        super().__init__()
        _check(in_channels, out_channels, groups, padding, stride, padding_mode, self.transposed)
        self.in_channels, self.out_channels, self.groups, self.padding_mode = in_channels, out_channels, groups, padding_mode
        self.kernel_size, self.stride = lengths(kernel_size, self.dims), lengths(stride, self.dims)
        self.padding: Any = padding if isinstance(padding, str) else lengths(padding, self.dims)
        self.dilation, self.output_padding = lengths(dilation, self.dims), lengths(output_padding, self.dims)
        first, second = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        options = {"device": device, "dtype": dtype}
        self.weight = Parameter(creation.empty(first, second // groups, *self.kernel_size, **options))
        self.register_parameter("bias", Parameter(creation.empty(out_channels, **options)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Begin anew: uniform between -1 and 1, divided by the root of the number of values that go into an output."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init.fans(self.weight)
            bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        """Its settings: those that are not the default, behind the first."""
        zeros, ones = (0,) * self.dims, (1,) * self.dims
        defaults = {"padding": zeros, "dilation": ones, "output_padding": zeros, "groups": 1}
        shown = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        shown += [f"{name}={getattr(self, name)}" for name, default in defaults.items() if getattr(self, name) != default]
        shown += ["bias=False"] * (self.bias is None)
        shown += [f"padding_mode={self.padding_mode}"] * (self.padding_mode != "zeros")
        return ", ".join(shown)


class _Conv(_Convolution):
    """`Conv1d`, `Conv2d` and `Conv3d`."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        channels = (in_channels, out_channels)
        super().__init__(*channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, device, dtype)

    def forward(self, input: Variable) -> Variable:
        """As the function of `nn.functional`, of an input that is padded first where ``padding_mode`` is not zeros."""
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input, padding = functional.pad(input, self._ends(), self.padding_mode), 0
        convolve = self.functions[self.dims, False]
        return convolve(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _ends(self) -> list[int]:
        """How much is put before and behind each dimension, the last dimension first."""
        if self.padding == "valid":
            return [0] * (2 * self.dims)
        if self.padding == "same":
            totals = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            return [end for total in reversed(totals) for end in (total // 2, total - total // 2)]
        return [each for each in reversed(self.padding) for _ in range(2)]


class Conv1d(_Conv):
    """Convolution along one dimension, with the arguments of `Conv2d`."""

    dims = 1


class Conv2d(_Conv):
    """Convolution of images: in each window, the sum of its elements times those of the weight.

    Args:
        in_channels: of the input.
        out_channels: of the output.
        kernel_size: how large a window is: an int, or one for each dimension.
        stride: how far apart the windows are.
        padding: how much is put at each end; "valid" for nothing, "same" for what makes output as large as input.
        dilation: how far apart the elements are that a window sees.
        groups: how many sets of channels there are, each convolved on its own.
        bias: whether there is one.
        padding_mode: "zeros", or another mode of `nn.functional.pad`: "reflect", "replicate", "circular".
        device: the CPU.
        dtype: of the parameters.

    >>> import microtorch
    >>> layer = Conv2d(1, 6, 5, padding=2)
    >>> layer, layer(microtorch.ones(4, 1, 28, 28)).shape
    (Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2)), torch.Size([4, 6, 28, 28]))
    """

    dims = 2


class Conv3d(_Conv):
    """Convolution of volumes, with the arguments of `Conv2d`."""

    dims = 3


class _ConvTranspose(_Convolution):
    """`ConvTranspose1d`, `ConvTranspose2d` and `ConvTranspose3d`."""

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        options = (dilation, groups, bias, padding_mode, device, dtype, output_padding)
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, *options)

    def forward(self, input: Variable, output_size: Sequence[int] | None = None) -> Variable:
        """As the function of `nn.functional`; ``output_size`` picks one of the lengths that the output may have."""
        behind = self.output_padding if output_size is None else self._behind(input, output_size)
        convolve = self.functions[self.dims, True]
        return convolve(input, self.weight, self.bias, self.stride, self.padding, behind, self.groups, self.dilation)

    def _behind(self, input: Variable, output_size: Sequence[int]) -> Lengths:
        """The output padding that makes the output so large.

        Raises:
            ValueError: none does.
        """
        wanted = tuple(output_size)[-self.dims :]
        settings = zip(input.shape[-self.dims :], self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, k, s, p, d in settings]
        most = [each + s - 1 for each, s in zip(least, self.stride, strict=True)]
        if len(output_size) not in (self.dims, input.dim()) or not all(
            low <= each <= high for low, each, high in zip(least, wanted, most, strict=True)
        ):
            raise ValueError(
                f"requested an output size of {list(output_size)}, but valid sizes range from {least} to {most} (for an input of "
                f"{list(input.shape[-self.dims :])})"
            )
        return tuple(each - low for each, low in zip(wanted, least, strict=True))


class ConvTranspose1d(_ConvTranspose):
    """The transpose of `Conv1d`, with the arguments of `ConvTranspose2d`."""

    dims = 1


class ConvTranspose2d(_ConvTranspose):
    """The transpose of `Conv2d`: each element, times the weight, is added to the output where that has its window.

    Args:
        in_channels: of the input.
        out_channels: of the output.
        kernel_size: how large a window is: an int, or one for each dimension.
        stride: how far apart the windows are.
        padding: how much is cut off at each end of the output.
        output_padding: how much more the output has at the far end.
        groups: how many sets of channels there are, each on its own.
        bias: whether there is one.
        dilation: how far apart the elements are that a window sees.
        padding_mode: "zeros".
        device: the CPU.
        dtype: of the parameters.
    """

    dims = 2


class ConvTranspose3d(_ConvTranspose):
    """The transpose of `Conv3d`, with the arguments of `ConvTranspose2d`."""

    dims = 3


def _check(inputs: int, outputs: int, groups: int, padding: Any, stride: Any, padding_mode: str, transposed: bool) -> None:
    if groups <= 0:
        raise ValueError(f"groups must be a positive integer, not {groups}")
    for name, channels in (("in_channels", inputs), ("out_channels", outputs)):
        if channels % groups:
            raise ValueError(f"{name} must be divisible by groups: {name} is {channels}, groups {groups}")
    if isinstance(padding, str):
        if transposed or padding not in ("same", "valid"):
            raise ValueError(
                f"Invalid padding string {padding!r}, should be {'a number' if transposed else 'one of same, valid'}"
            )
        if padding == "same" and any(each != 1 for each in lengths(stride, 1)):
            raise ValueError(f"padding='same' is not supported for strided convolutions, and stride is {stride}")
    modes = ("zeros",) if transposed else ("zeros", "reflect", "replicate", "circular")
    if padding_mode not in modes:
        raise ValueError(f"padding_mode must be one of {', '.join(modes)}, but got padding_mode={padding_mode!r}")
