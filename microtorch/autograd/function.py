"""Functions of one's own: the ``torch.autograd.function`` namespace."""

from ..function import Function, once_differentiable

__all__ = ["Function", "once_differentiable"]
