"""What every schedule has: it counts epochs, and gives each group of an optimiser its next learning rate."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..optimizer import Optimizer

__all__ = ["LRScheduler", "per_group", "the_optimizer"]

_TOO_EARLY = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. You should call them in the opposite order: "
    "`optimizer.step()` before `lr_scheduler.step()`. Failure to do this will result in skipping the first value of the learning "
    "rate schedule."
)
NO_EPOCH = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. Please use "
    "`scheduler.step()` to step the scheduler."
)


class LRScheduler:
    """Changes ``group["lr"]`` of each group of an optimiser, once now, and with each ``step()``.

    A subclass defines ``next_lr``, from the rate that a group has; and ``lr_at``, if the rate of any epoch can be said at once.
    Or, as in PyTorch, ``get_lr``, a list of the rates of all groups.

    Args:
        optimizer: whose rates these are; what they are now is kept as ``group["initial_lr"]``.
        last_epoch: the epoch after which to go on; -1 to begin.

    Raises:
        TypeError: ``optimizer`` is none.
        KeyError: ``last_epoch`` is given, and some group has no "initial_lr".

    >>> import microtorch
    >>> class Halving(LRScheduler):
    ...     def next_lr(self, lr, base):
    ...         return lr / 2 if self.last_epoch else lr
    >>> optimizer = microtorch.optim.SGD([microtorch.ones(1)], lr=8.0)
    >>> scheduler = Halving(optimizer)
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [1.0]
    """

    optimizer: Optimizer
    base_lrs: list[float]
    last_epoch: int
    _last_lr: list[float]
    _step_count = 0
    _is_initial = False
    _get_lr_called_within_step = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = the_optimizer(optimizer)
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{number}] when resuming scheduler with "
                    "last_epoch >= 0: load the optimizer's state first"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def _initial_step(self) -> None:
        """Set the rates to those of the first epoch."""
        self._step_count, self._is_initial = 0, True
        try:
            self.step()
        finally:
            self._is_initial = False

    def step(self, epoch: int | None = None) -> None:
        """Go on to the next epoch, and set its rates; call it after ``optimizer.step()``.

        Args:
            epoch: to which epoch to go instead.
        """
        if self._step_count == 1 and not self.optimizer._opt_called:
            warnings.warn(_TOO_EARLY, UserWarning, stacklevel=2)
        self._step_count += 1
        if epoch is not None:
            warnings.warn(NO_EPOCH, UserWarning, stacklevel=2)
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        with self._within_step():
            rates = self.get_lr() if epoch is None else self._get_closed_form_lr()
        self._set(rates)

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = rates

    @contextmanager
    def _within_step(self) -> Iterator[None]:
        self._get_lr_called_within_step = True
        try:
            yield
        finally:
            self._get_lr_called_within_step = False

    def get_lr(self) -> list[float]:
        """What ``step()`` sets: the rates that follow on those that the groups have. Those themselves: ``get_last_lr()``."""
        if not self._get_lr_called_within_step:
            warnings.warn(
                "To get the last learning rate computed by the scheduler, please use `get_last_lr()`.", UserWarning, stacklevel=2
            )
        pairs = zip(self.optimizer.param_groups, self.base_lrs, strict=True)
        return [self.next_lr(group["lr"], base) for group, base in pairs]

    def _get_closed_form_lr(self) -> list[float]:
        """The rates of epoch ``last_epoch``, whatever the groups have now; those of ``get_lr`` where no formula says them."""
        if type(self).lr_at is LRScheduler.lr_at:
            return self.get_lr()
        return [self.lr_at(base) for base in self.base_lrs]

    def get_last_lr(self) -> list[float]:
        """The rates of the groups, as the last ``step()`` has set them."""
        return self._last_lr

    def next_lr(self, lr: float, base: float) -> float:
        """The rate in epoch ``last_epoch`` of a group that had ``lr`` before, and at first ``base``."""
        raise NotImplementedError(f"{type(self).__name__} must define next_lr(), or get_lr()")

    def lr_at(self, base: float) -> float:
        """The rate in epoch ``last_epoch`` of a group that had ``base`` at first."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """All that the schedule knows, but for the optimiser."""
        shown = {"_is_initial": self._is_initial, "_get_lr_called_within_step": self._get_lr_called_within_step}
        return shown | {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where the schedule stopped whose ``state_dict()`` this is; the optimiser's own state has the rates."""
        vars(self).update(state_dict)


def the_optimizer(given: Any) -> Optimizer:
    """What was given for one.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(given, Optimizer):
        raise TypeError(f"{type(given).__name__} is not an Optimizer")
    return given


def per_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """A setting for each group: one for all, or a list of as many.

    Raises:
        ValueError: there are more, or fewer.
    """
    count = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * count
    if len(value) != count:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} values, "
            f"param_groups has {count}."
        )
    return list(value)
