"""Schedules: what changes the learning rate of an optimiser from epoch to epoch, or from step to step, as in PyTorch."""

from typing import NoReturn

from ...attributes import no_attribute
from .composed import ChainedScheduler, SequentialLR
from .cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from .cycles import CyclicLR, OneCycleLR
from .functions import LambdaLR, MultiplicativeLR
from .plateau import ReduceLROnPlateau
from .ramps import ConstantLR, LinearLR, PolynomialLR
from .scheduler import LRScheduler
from .steps import ExponentialLR, MultiStepLR, StepLR

_LRScheduler = LRScheduler  # its name until 2022, which programs of that time derive from


def __getattr__(name: str) -> NoReturn:
    raise no_attribute("optim.lr_scheduler", name)
