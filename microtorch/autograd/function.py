"""Functions of one's own: the ``torch.autograd.function`` namespace."""

from ..core.function import Function, once_differentiable

__all__ = ["Function", "FunctionCtx", "once_differentiable"]

FunctionCtx = Function  # the node is the context
