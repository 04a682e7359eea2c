"""Optimisers: what changes parameters by their gradients, as in PyTorch."""

from .optimizer import Optimizer
from .sgd import SGD
