"""The ``torch.autograd`` namespace."""

from ..anomaly import detect_anomaly, set_detect_anomaly
from ..engine import backward, grad
from ..function import Function
from ..grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from ..variable import Variable
from . import function, graph

__all__ = [
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "function",
    "grad",
    "graph",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]
