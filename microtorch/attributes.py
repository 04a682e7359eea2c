"""What ``microtorch.name`` finds beside what importing the package loads: parts on demand, and words for what is not here."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

_ON_DEMAND = ("nn", "optim")  # a quarter of the package, of which not every program makes use

_ABSENT = {  # why: what
    "it has real numbers only": "complex complex32 complex64 complex128 cfloat cdouble polar real imag conj angle fft stft istft",
    "NumPy has no such numbers": "bfloat16 quint8 qint8 qint32 float8_e4m3fn float8_e5m2",
    "memory has one layout": "channels_last channels_last_3d",
    "all its tensors are dense": "sparse sparse_coo sparse_coo_tensor sparse_csr sparse_csr_tensor",
    "it runs on one CPU, one operation after the other": "compile jit fx distributed mps xpu onnx export ao amp autocast",
    "its derivatives are those of backward()": "vmap func",
}


def __getattr__(name: str) -> Any:
    if name in _ON_DEMAND:
        return import_module(f"{__package__}.{name}")
    for reason, names in _ABSENT.items():
        if name in names.split():
            raise AttributeError(f"microtorch has no {name}: {reason}. PyTorch has it")
    raise AttributeError(f"module 'microtorch' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*vars(sys.modules[__package__]), *_ON_DEMAND})
