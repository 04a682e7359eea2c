"""The ``torch.autograd`` namespace."""

from typing import NoReturn

from ..attributes import no_attribute
from ..core.anomaly import detect_anomaly, set_detect_anomaly
from ..core.backward import backward, grad
from ..core.function import Function
from ..core.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from ..core.variable import Variable
from . import function, functional, graph
from .gradcheck import gradcheck, gradgradcheck  # as in torch, the function now hides the module of its name

__all__ = [
    "Function", "Variable", "backward", "detect_anomaly", "enable_grad", "function", "functional", "grad", "gradcheck",
    "gradgradcheck", "graph", "inference_mode", "no_grad", "set_detect_anomaly", "set_grad_enabled",
]  # fmt: skip


def __getattr__(name: str) -> NoReturn:
    raise no_attribute("autograd", name)
