"""Schedules made of schedules: one after the other, or all together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from ..optimizer import Optimizer
from .plateau import ReduceLROnPlateau
from .scheduler import LRScheduler

__all__ = ["ChainedScheduler", "SequentialLR"]


class _Composed(LRScheduler):
    """Has schedules of one optimiser."""

    _schedulers: list[Any]

    def _take(self, schedulers: Sequence[Any], optimizer: Optimizer | None) -> Optimizer:
        """Look at the schedules; whose they are.

        Raises:
            TypeError: one is no schedule.
            ValueError: there are none, they belong to different optimisers, or one needs a measure for its ``step()``.
        """
        own = type(self).__name__
        if len(schedulers) < 1:
            raise ValueError(f"{own} expects at least one scheduler, but got no scheduler.")
        for index, each in enumerate(schedulers):
            if not hasattr(each, "optimizer"):
                raise TypeError(f"{own} at index {index} should have `optimizer` as its attribute.")
            if isinstance(each, ReduceLROnPlateau):
                raise ValueError(
                    f"{own} does not support `ReduceLROnPlateau` scheduler as it requires additional kwargs to be specified when "
                    f"calling `step`, but got one at index {index} in the given schedulers sequence."
                )
            optimizer = optimizer or each.optimizer
            if optimizer is not each.optimizer:
                raise ValueError(
                    f"{own} expects all schedulers to belong to the same optimizer, but got scheduler {type(each).__name__} at "
                    f"index {index} that has another."
                )
        self._schedulers = list(schedulers)
        self.optimizer = schedulers[0].optimizer
        return self.optimizer

    def state_dict(self) -> dict[str, Any]:
        """All that the schedules know, but for the optimiser."""
        own = {name: value for name, value in vars(self).items() if name != "optimizer"}
        return own | {"_schedulers": [each.state_dict() for each in self._schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where they stopped."""
        for each, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            each.load_state_dict(state)
        vars(self).update({name: value for name, value in state_dict.items() if name != "_schedulers"})


class SequentialLR(_Composed):
    """One schedule after the other: the next one begins, at its first epoch, in each of the epochs ``milestones``.

    Raises:
        TypeError: one is no schedule.
        ValueError: there are none, not one milestone fewer, they belong to different optimisers, or one needs a measure.

    >>> import microtorch
    >>> optimizer = microtorch.optim.SGD([microtorch.ones(1)], lr=1.0)
    >>> warmup = microtorch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> then = microtorch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler = SequentialLR(optimizer, [warmup, then], milestones=[2])
    >>> for _ in range(4):
    ...     print(scheduler.get_last_lr())
    ...     optimizer.step()
    ...     scheduler.step()
    [0.5]
    [0.75]
    [1.0]
    [0.5]
    """

    def __init__(self, optimizer: Optimizer, schedulers: list[LRScheduler], milestones: list[int], last_epoch: int = -1) -> None:
        self._take(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, "
                f"but got number of schedulers {len(schedulers)} and the number of milestones to be equal to {len(milestones)}"
            )
        self._milestones, self.last_epoch = milestones, last_epoch + 1
        for group in optimizer.param_groups:  # each schedule has set the rates of its first epoch
            group["lr"] = group["initial_lr"]
        _undo_first_step(self)
        first = self._schedulers[bisect_right(milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """Go on to the next epoch, of the schedule whose turn it is."""
        self.last_epoch += 1
        number = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[number]
        if number > 0 and self._milestones[number - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


def _undo_first_step(scheduler: Any) -> None:
    """Put the schedules within one back before their first epoch."""
    for each in getattr(scheduler, "_schedulers", ()):
        _undo_first_step(each)
    if not hasattr(scheduler, "_schedulers"):
        scheduler.last_epoch -= 1


class ChainedScheduler(_Composed):
    """All schedules together: each multiplies the rate in its turn.

    Raises:
        TypeError: one is no schedule.
        ValueError: there are none, they belong to different optimisers, or one needs a measure for its ``step()``.
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        optimizer = self._take(schedulers, optimizer)
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

    def step(self) -> None:  # type: ignore[override]
        """Go on to the next epoch, of all."""
        for each in self._schedulers:
            each.step()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]
