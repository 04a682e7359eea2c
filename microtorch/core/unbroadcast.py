"""Where is broadcasting undone? Here, and only here: each gradient gets the shape and the dtype of the value it belongs to."""

from __future__ import annotations

from typing import Any

from ..arrays.dtypes import from_numpy_dtype
from ..arrays.operands import summed
from .node import Node
from .variable import Variable

__all__ = ["unbroadcast"]


def unbroadcast(grad: Any, shape: tuple[int, ...], dtype: Any, source: Node | None = None, target: Any = None) -> Any:
    """``grad`` in the shape and dtype of the value it belongs to. Broadcasting is undone here, and only here.

    Broadcasting used one element many times, so its gradient is the sum over all its uses:
    for ``x`` of shape (3, 1) in ``x + y`` of shape (2, 3, 4), the sum over the first and the last axis.

    Raises:
        RuntimeError: no broadcasting leads from ``shape`` to the gradient's, which ``source`` made for ``target``.
    """
    lead = grad.ndim - len(shape)
    if lead > 0 and shape and grad.shape[lead:] == shape:  # as of the bias of a layer, which is added to each row
        axes: Any = 0 if lead == 1 else tuple(range(lead))
        grad = summed(grad, axes)
    elif grad.shape != shape:
        axes = tuple(i for i, n in enumerate(grad.shape) if i < lead or (shape[i - lead] == 1 and n != 1))
        if lead < 0 or any(n != m for i, (n, m) in enumerate(zip(grad.shape[lead:], shape, strict=True), lead) if i not in axes):
            name, position = ("backward()", 0) if source is None else (source.name(), source._below.index(target))
            raise RuntimeError(
                f"Function {name} returned an invalid gradient at index {position} - got {list(grad.shape)} but expected shape "
                f"compatible with {list(shape)}: a gradient has the shape of its input, and is summed but never expanded to it"
            )
        grad = summed(grad, axes, keepdims=True).reshape(shape)
    if isinstance(grad, Variable):
        return grad if grad.array.dtype is dtype else grad.to(from_numpy_dtype(dtype))
    return grad if grad.dtype is dtype else grad.astype(dtype)
