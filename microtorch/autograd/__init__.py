"""The ``torch.autograd`` namespace."""

from ..engine import backward, grad
from ..function import Function
from ..grad_mode import enable_grad, no_grad, set_grad_enabled
from ..variable import Variable
from . import functional
from .gradcheck import gradcheck, gradgradcheck  # as in torch, the function now hides the module of its name

__all__ = [
    "Function", "Variable", "backward", "enable_grad", "functional", "grad", "gradcheck", "gradgradcheck", "no_grad",
    "set_grad_enabled",
]  # fmt: skip
