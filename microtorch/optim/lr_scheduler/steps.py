"""Rates that are multiplied by a number, every epoch or in some."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

from ..optimizer import Optimizer
from .scheduler import LRScheduler

__all__ = ["ExponentialLR", "MultiStepLR", "StepLR"]


class StepLR(LRScheduler):
    """Every ``step_size`` epochs the rate is multiplied by ``gamma``.

    >>> import microtorch
    >>> optimizer = microtorch.optim.SGD([microtorch.ones(1)], lr=1.0)
    >>> scheduler = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     print(scheduler.get_last_lr())
    ...     optimizer.step()
    ...     scheduler.step()
    [1.0]
    [1.0]
    [0.5]
    [0.5]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float) -> float:
        """``lr * gamma`` when it is time, ``lr`` else."""
        return lr * self.gamma if self.last_epoch and self.last_epoch % self.step_size == 0 else lr

    def lr_at(self, base: float) -> float:
        """``base * gamma ** (epoch // step_size)``."""
        return float(base * self.gamma ** (self.last_epoch // self.step_size))


class MultiStepLR(LRScheduler):
    """In each of the epochs ``milestones`` the rate is multiplied by ``gamma``; twice where one stands there twice."""

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float) -> float:
        """``lr * gamma`` at a milestone, ``lr`` else."""
        return float(lr * self.gamma ** self.milestones[self.last_epoch])

    def lr_at(self, base: float) -> float:
        """``base * gamma ** n`` after ``n`` milestones."""
        return float(base * self.gamma ** bisect_right(sorted(self.milestones.elements()), self.last_epoch))


class ExponentialLR(LRScheduler):
    """In every epoch the rate is multiplied by ``gamma``."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float) -> float:
        """``lr * gamma``, but not at first."""
        return lr if self._is_initial else lr * self.gamma

    def lr_at(self, base: float) -> float:
        """``base * gamma ** epoch``."""
        return float(base * self.gamma**self.last_epoch)
