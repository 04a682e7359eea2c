"""What may be assigned to a Variable's ``.grad``, ``.data`` and ``.requires_grad``? What is refused, and why, is said here.

`Variable` imports this module; so Variables are `Any` here.
"""

from __future__ import annotations

from typing import Any

from ..arrays.memory import overlaps
from .grad_mode import mode
from .versions import INFERENCE

__all__ = ["check_data", "check_grad", "check_requires_grad", "has_no_gradient", "refuse_inference"]


def check_grad(variable: Any, new: Any) -> None:
    """Refuse what cannot be the ``.grad`` of a Variable.

    Raises:
        RuntimeError: it has another shape or dtype, is the Variable itself, or lies in memory that cannot be added to.
    """
    if new is variable:
        raise RuntimeError("can't assign Variable as its own grad")
    if new.array.shape != variable.array.shape:
        raise RuntimeError(
            f"attempting to assign a gradient of size {list(new.array.shape)} to a tensor of size "
            f"{list(variable.array.shape)}. Please ensure that the gradient and the tensor are the same size: "
            f"{variable._described()}"
        )
    if overlaps(new.array) or not new.array.flags.writeable:
        raise RuntimeError(
            f"a .grad is added to in place, and needs memory of its own for each element: clone() the gradient for "
            f"{variable._described()} first"
        )
    if new.array.dtype != variable.array.dtype:
        raise RuntimeError(
            f"attempting to assign a gradient with dtype {new.dtype} to a tensor with dtype {variable.dtype}: "
            f"{variable._described()}; convert one with .to()"
        )


def check_data(variable: Any, new: Any) -> None:
    """Refuse what cannot be the ``.data`` of a Variable.

    Raises:
        RuntimeError: it holds integers, and the Variable requires a gradient.
    """
    if variable.requires_grad and new.array.dtype.kind != "f":
        raise RuntimeError(f"data of a Variable that requires a gradient must be of a floating dtype, not {new.dtype}")


def check_requires_grad(variable: Any, wanted: Any) -> None:
    """Refuse to set ``requires_grad`` of what was computed, of what has no gradient, or to what is no bool.

    Raises:
        RuntimeError: it is one of these.
    """
    if not isinstance(wanted, bool):
        raise RuntimeError(f"requires_grad must be a bool, not {type(wanted).__name__}")
    if variable._known_edge():
        raise RuntimeError(
            f"you can only change requires_grad flags of leaf variables, and {variable._described()} was made by "
            f"{variable.grad_fn}. If you want to use a computed variable in a subgraph that doesn't require "
            "differentiation use var_no_grad = var.detach()."
        )
    if wanted:
        if variable.array.dtype.kind != "f":
            raise has_no_gradient(variable)
        refuse_inference(variable)


def refuse_inference(variable: Any) -> None:
    """Refuse a gradient for what was made in inference mode.

    Raises:
        RuntimeError: it was, and that is over.
    """
    if variable._version_cell is INFERENCE and not mode.inference:
        raise RuntimeError(
            "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed: make a clone to get a "
            f"normal tensor, and set it there ({variable._described()})"
        )


def has_no_gradient(variable: Any) -> RuntimeError:
    """The error of asking for a gradient of integers."""
    return RuntimeError(
        f"only Tensors of floating point dtype can require gradients, and {variable._described()} is of dtype "
        f"{variable.dtype}; convert it first, for instance with .float()"
    )
