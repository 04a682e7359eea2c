"""The ``torch.autograd`` namespace."""

from ..engine import backward, grad
from ..function import Function
from ..grad_mode import enable_grad, no_grad, set_grad_enabled
from ..variable import Variable
from . import functional

__all__ = ["Function", "Variable", "backward", "enable_grad", "functional", "grad", "no_grad", "set_grad_enabled"]
