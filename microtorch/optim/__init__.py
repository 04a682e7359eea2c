"""Optimisers: what changes parameters by their gradients, as in PyTorch."""

from typing import NoReturn

from ..attributes import no_attribute
from .optimizer import Optimizer
from .sgd import SGD


def __getattr__(name: str) -> NoReturn:
    raise no_attribute("optim", name)
