"""What a convolution is given: numbers for each dimension, and shapes that fit each other, or what is wrong with them."""

from __future__ import annotations

from typing import Any

from ...arrays.operands import refuse_bools
from ...core.variable import Variable, array_of
from .image_windows import Windows, lengths_of

__all__ = ["check_channels", "check_operands", "not_negative", "positive", "transposed_windows", "windows_on"]


def windows_on(input: Variable, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Windows:
    """Where a convolution has its windows.

    Raises:
        RuntimeError: none fits into the padded input.
    """
    image = input.array.shape[2:]
    result = Windows.on(image, kernel, stride, padding, dilation)
    if 0 in result.counts:
        padded = " x ".join(str(n + 2 * p) for n, p in zip(image, padding, strict=True))
        seen = " x ".join(str(d * (k - 1) + 1) for k, d in zip(kernel, dilation, strict=True))
        raise RuntimeError(
            f"Calculated padded input size per channel: ({padded}). Kernel size: ({seen}). Kernel size can't be greater than "
            f"actual input size: pad the input, {input._described()}, or take a smaller weight"
        )
    return result


def transposed_windows(input: Variable, kernel: Any, stride: Any, padding: Any, dilation: Any, behind: Any) -> Windows:
    """Where the convolution has its windows, of which this is the transpose: each on one element of ``input``.

    Raises:
        RuntimeError: there is more output padding than the convolution would pass over, or no output is left.
    """
    count = input.array.shape[2:]
    if any(b >= max(s, d) for b, s, d in zip(behind, stride, dilation, strict=True)):
        raise RuntimeError(
            f"output padding must be smaller than either stride or dilation, but got output_padding: {list(behind)} stride: "
            f"{list(stride)} dilation: {list(dilation)}"
        )
    image = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + b + 1
        for n, k, s, p, d, b in zip(count, kernel, stride, padding, dilation, behind, strict=True)
    )
    if min(image) < 1:
        raise RuntimeError(
            f"Given input size per channel: {list(count)}. Calculated output size per channel: {list(image)}. Output size is too "
            "small: take less padding"
        )
    return Windows(image, kernel, stride, padding, dilation, count)


def positive(name: str, argument: str, value: Any, dims: int) -> tuple[int, ...]:
    """One int for each dimension, from an int or several.

    Raises:
        RuntimeError: one is not positive, or their number is another.
    """
    lengths = lengths_of(name, argument, value, dims)
    if min(lengths) < 1:
        raise RuntimeError(f"{name}: non-positive {argument} is not supported, and it is {value}")
    return lengths


def not_negative(name: str, argument: str, value: Any, dims: int) -> tuple[int, ...]:
    """One int for each dimension, from an int or several.

    Raises:
        RuntimeError: one is negative, or their number is another.
    """
    lengths = lengths_of(name, argument, value, dims)
    if min(lengths) < 0:
        raise RuntimeError(f"{name}: negative {argument} is not supported, and it is {value}")
    return lengths


def check_operands(name: str, dims: int, input: Variable, weight: Any, bias: Any) -> None:
    """Refuse a weight of other dimensions, and what differs in its dtype.

    Raises:
        TypeError: one is no Variable.
        RuntimeError: the dimensions or the dtypes are others.
    """
    if array_of(weight).ndim != dims + 2:
        raise RuntimeError(
            f"{name}: expected weight to have {dims + 2} dimensions to match the convolution dimensions, but got weight of size "
            f"{list(weight.array.shape)}"
        )
    refuse_bools(input.array, operation=name)
    for what, other in (("weight", weight), ("bias", bias)):
        if other is not None and array_of(other).dtype is not input.array.dtype:
            raise RuntimeError(
                f"{name}: Input type ({input.dtype}) and {what} type ({other.dtype}) should be the same; convert one with .to()"
            )


def check_channels(input: Variable, weight: Variable, bias: Variable | None, groups: int, *, transposed: bool) -> None:
    """Refuse channels that do not fit the weight.

    Raises:
        RuntimeError: they do not.
    """
    size, channels = list(weight.array.shape), input.array.shape[1]
    given = f"Given {'transposed=1, ' if transposed else ''}groups={groups}, weight of size {size}"
    if size[0] % groups or not size[0]:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of size {size}"
        )
    expected = size[0] if transposed else size[1] * groups
    if channels != expected:
        raise RuntimeError(
            f"{given}, expected input{list(input.array.shape)} to have {expected} channels, but got {channels} channels instead"
        )
    outputs = size[1] * groups if transposed else size[0]
    if bias is not None and bias.array.shape != (outputs,):
        raise RuntimeError(
            f"{given}, expected bias to be 1-dimensional with {outputs} elements, but got bias of size {list(bias.array.shape)}"
        )
