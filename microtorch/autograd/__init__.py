"""The ``torch.autograd`` namespace."""

from ..engine import backward, grad
from ..function import Function
from ..grad_mode import enable_grad, no_grad, set_grad_enabled
from ..variable import Variable

__all__ = ["Function", "Variable", "backward", "enable_grad", "grad", "no_grad", "set_grad_enabled"]
