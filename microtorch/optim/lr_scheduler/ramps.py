"""Rates that begin low and rise, or fall, for so many epochs, and then stay."""

from __future__ import annotations

from ..optimizer import Optimizer
from .scheduler import LRScheduler

__all__ = ["ConstantLR", "LinearLR", "PolynomialLR"]


class ConstantLR(LRScheduler):
    """The rate is ``factor`` times what it was, until epoch ``total_iters``.

    Raises:
        ValueError: ``factor`` is not between 0 and 1.
    """

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1) -> None:
        if factor > 1 or factor < 0:
            raise ValueError(f"Constant multiplicative factor expected to be between 0 and 1. It is {factor}")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float) -> float:
        """``lr * factor`` at first, ``lr / factor`` at the end, ``lr`` else."""
        if self.last_epoch == 0:
            return lr * self.factor
        return lr * (1 / self.factor) if self.last_epoch == self.total_iters else lr

    def lr_at(self, base: float) -> float:
        """``base * factor``, and then ``base``."""
        return base * (self.factor + (self.last_epoch >= self.total_iters) * (1 - self.factor))


class LinearLR(LRScheduler):
    """The rate goes on a straight line from ``start_factor`` to ``end_factor`` times what it was, in ``total_iters`` epochs.

    Raises:
        ValueError: ``start_factor`` is not over 0 and up to 1, or ``end_factor`` not between 0 and 1.

    >>> import microtorch
    >>> optimizer = microtorch.optim.SGD([microtorch.ones(1)], lr=1.0)
    >>> scheduler = LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> for _ in range(3):
    ...     print(scheduler.get_last_lr())
    ...     optimizer.step()
    ...     scheduler.step()
    [0.5]
    [0.75]
    [1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if start_factor > 1 or start_factor <= 0:
            raise ValueError(
                f"Starting multiplicative factor expected to be greater than 0 and less or equal to 1. It is {start_factor}"
            )
        if end_factor > 1 or end_factor < 0:
            raise ValueError(f"Ending multiplicative factor expected to be between 0 and 1. It is {end_factor}")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float) -> float:
        """``lr`` times what the line has risen by, in proportion."""
        if self.last_epoch == 0:
            return lr * self.start_factor
        if self._is_initial or self.last_epoch > self.total_iters:
            return lr
        rise = self.end_factor - self.start_factor
        return lr * (1 + rise / (self.total_iters * self.start_factor + (self.last_epoch - 1) * rise))

    def lr_at(self, base: float) -> float:
        """``base`` times the line."""
        rise = self.end_factor - self.start_factor
        return base * (self.start_factor + rise * min(self.total_iters, self.last_epoch) / self.total_iters)


class PolynomialLR(LRScheduler):
    """The rate falls to 0 in ``total_iters`` epochs, as ``(1 - epoch / total_iters) ** power``."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float) -> float:
        """``lr`` times what the polynomial has fallen by, in proportion."""
        if self._is_initial or self.last_epoch > self.total_iters:
            return lr
        now, before = (1 - each / self.total_iters for each in (self.last_epoch, self.last_epoch - 1))
        return float(lr * (now / before) ** self.power)

    def lr_at(self, base: float) -> float:
        """``base`` times the polynomial."""
        return float(base * (1 - min(self.total_iters, self.last_epoch) / self.total_iters) ** self.power)
