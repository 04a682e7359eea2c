"""Optimisers: what changes parameters by their gradients, as in PyTorch; and what changes their learning rates."""

from typing import NoReturn

from ..attributes import no_attribute
from . import lr_scheduler
from .adadelta import Adadelta
from .adagrad import Adagrad
from .adam import Adam, AdamW
from .adamax import Adamax
from .asgd import ASGD
from .lbfgs import LBFGS
from .nadam import NAdam
from .optimizer import Optimizer
from .radam import RAdam
from .rmsprop import RMSprop
from .rprop import Rprop
from .sgd import SGD


def __getattr__(name: str) -> NoReturn:
    raise no_attribute("optim", name)
