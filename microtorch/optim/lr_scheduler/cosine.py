"""Rates that fall along a cosine: Loshchilov and Hutter, "SGDR", 2017, https://arxiv.org/abs/1608.03983, equation 5."""

from __future__ import annotations

import math

from ..optimizer import Optimizer
from .scheduler import LRScheduler

__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts"]


def _between(low: float, high: float, turn: float) -> float:
    """From ``high``, at a ``turn`` of 0, to ``low``, at 1."""
    return low + (high - low) * (1 + math.cos(math.pi * turn)) / 2


class CosineAnnealingLR(LRScheduler):
    """The rate falls to ``eta_min`` in ``T_max`` epochs, along half a cosine, and then rises again as it fell.

    >>> import microtorch
    >>> optimizer = microtorch.optim.SGD([microtorch.ones(1)], lr=1.0)
    >>> scheduler = CosineAnnealingLR(optimizer, T_max=2)
    >>> for _ in range(3):
    ...     print([round(each, 3) for each in scheduler.get_last_lr()])
    ...     optimizer.step()
    ...     scheduler.step()
    [1.0]
    [0.5]
    [0.0]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float) -> float:
        """``lr`` less ``eta_min``, times what the cosine has fallen by, in proportion: it goes on from any rate."""
        if self._is_initial:
            return lr
        if self._step_count == 1 and self.last_epoch > 0:
            return self.lr_at(base)
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # from the bottom, where there is no proportion
            return lr + (base - self.eta_min) * (1 - math.cos(math.pi / self.T_max)) / 2
        now, before = (1 + math.cos(math.pi * each / self.T_max) for each in (self.last_epoch, self.last_epoch - 1))
        return now / before * (lr - self.eta_min) + self.eta_min

    def lr_at(self, base: float) -> float:
        """The cosine itself."""
        return _between(self.eta_min, base, self.last_epoch / self.T_max)


class CosineAnnealingWarmRestarts(LRScheduler):
    """The rate falls to ``eta_min`` along half a cosine, and starts again: after ``T_0`` epochs, then ``T_mult`` times as many.

    Raises:
        ValueError: ``T_0`` is no positive integer, ``T_mult`` no integer from 1 on, or ``eta_min`` no number.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        if not isinstance(eta_min, float | int):
            raise ValueError(f"Expected float or int eta_min, but got {eta_min} of type {type(eta_min)}")
        self.T_0, self.T_i, self.T_mult, self.eta_min = T_0, T_0, T_mult, eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float) -> float:
        """``T_cur`` of ``T_i`` epochs since the last start."""
        return _between(self.eta_min, base, self.T_cur / self.T_i)

    def step(self, epoch: float | None = None) -> None:
        """Go on to the next epoch; or to ``epoch``, which may be a fraction: ``epoch + batch / batches`` within an epoch."""
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
        elif epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        else:
            self._go_to(epoch)
        self.last_epoch = math.floor(epoch)
        with self._within_step():
            rates = self.get_lr()
        self._set(rates)

    def _go_to(self, epoch: float) -> None:
        """Find the start before an epoch: the ``n``-th comes after ``T_0 * (1 + T_mult + … + T_mult ** (n - 1))`` epochs."""
        n = 0
        if epoch >= self.T_0 and self.T_mult > 1:
            n = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
        self.T_i = self.T_0 * self.T_mult**n
        if self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            self.T_cur = epoch - self.T_0 * (self.T_mult**n - 1) / (self.T_mult - 1)
