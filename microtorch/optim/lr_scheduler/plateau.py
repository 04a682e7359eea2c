"""A rate that falls when nothing gets better."""

from __future__ import annotations

import math
import warnings
from typing import Any, SupportsFloat

from ..optimizer import Optimizer
from .scheduler import NO_EPOCH, LRScheduler, the_optimizer

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(LRScheduler):
    """When a measure has not become better for ``patience`` epochs, the rate is multiplied by ``factor``.

    Args:
        optimizer: whose rates these are.
        mode: "min" where a smaller measure is better, "max" where a larger one is.
        factor: by what the rates are multiplied.
        patience: how many epochs may be no better.
        threshold: by how much a measure has to be better than the best.
        threshold_mode: "rel", as a share of the best, or "abs".
        cooldown: for how many epochs after a change nothing counts.
        min_lr: the lowest rate; one, or one for each group.
        eps: smaller changes of the rate are not made.
        verbose: print each change, as until 2023.

    Raises:
        ValueError: ``factor`` is 1 or more, a mode is unknown, or ``min_lr`` has another length than the groups.

    >>> import microtorch
    >>> optimizer = microtorch.optim.SGD([microtorch.ones(1)], lr=1.0)
    >>> scheduler = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     scheduler.step(loss)
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
        *,
        verbose: bool = False,
    ) -> None:
        if factor >= 1:
            raise ValueError(f"Factor should be < 1.0. It is {factor}")
        if mode not in {"min", "max"}:
            raise ValueError(f"mode {mode} is unknown!")
        if threshold_mode not in {"rel", "abs"}:
            raise ValueError(f"threshold mode {threshold_mode} is unknown!")
        self.optimizer = the_optimizer(optimizer)
        count = len(optimizer.param_groups)
        self.default_min_lr = None if isinstance(min_lr, list | tuple) else min_lr
        self.min_lrs = list(min_lr) if isinstance(min_lr, list | tuple) else [min_lr] * count
        if len(self.min_lrs) != count:
            raise ValueError(f"expected {count} min_lrs, got {len(self.min_lrs)}")
        self.mode, self.factor, self.patience, self.cooldown, self.eps = mode, factor, patience, cooldown, eps
        self.threshold, self.threshold_mode, self.verbose = threshold, threshold_mode, verbose
        self.last_epoch = 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self._reset()

    def _reset(self) -> None:
        """Forget the measures so far."""
        self.best = self.mode_worse
        self.cooldown_counter = self.num_bad_epochs = 0

    @property
    def in_cooldown(self) -> bool:
        """Whether the rate was changed a short while ago."""
        return self.cooldown_counter > 0

    def step(self, metrics: SupportsFloat, epoch: int | None = None) -> None:  # type: ignore[override]
        """Note the measure of an epoch, and change the rates if it is time."""
        current = float(metrics)
        if epoch is not None:
            warnings.warn(NO_EPOCH, UserWarning, stacklevel=2)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self.num_bad_epochs += 1
        if self._is_better(current, self.best):
            self.best, self.num_bad_epochs = current, 0
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce_lr()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _is_better(self, a: float, best: float) -> bool:
        sign = -1 if self.mode == "min" else 1
        if self.threshold_mode == "rel":
            return sign * a > sign * best * (1 + sign * self.threshold)
        return sign * a > sign * best + self.threshold

    def _reduce_lr(self) -> None:
        groups = self.optimizer.param_groups
        if len(self.min_lrs) != len(groups):  # one was added since
            if self.default_min_lr is None:
                raise RuntimeError(
                    f"The number of param groups in the `optimizer` ({len(groups)}) differs from when `ReduceLROnPlateau` was "
                    f"initialized ({len(self.min_lrs)}): set `min_lrs` to as many"
                )
            self.min_lrs = [self.default_min_lr] * len(groups)
        for number, (group, lowest) in enumerate(zip(groups, self.min_lrs, strict=True)):
            old, new = float(group["lr"]), max(float(group["lr"]) * self.factor, lowest)
            if old - new > self.eps:
                group["lr"] = new
                if self.verbose:
                    print(f"Epoch {self.last_epoch:5d}: reducing learning rate of group {number} to {new:.4e}.")  # noqa: T201 - it was asked for

    def state_dict(self) -> dict[str, Any]:
        """All that the schedule knows, but for the optimiser."""
        return {name: value for name, value in vars(self).items() if name not in {"optimizer", "verbose"}}
