"""Rates that a function of the program's own says."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler, the_optimizer

__all__ = ["LambdaLR", "MultiplicativeLR", "objects_state"]

Factor = Callable[[int], float]


def objects_state(function: Any) -> dict[str, Any] | None:
    """What a state dict holds of a function: of an object that is called, its attributes; of a plain function, nothing."""
    return None if function is None or isinstance(function, FunctionType) else dict(vars(function))


class _ByFunctions(LRScheduler):
    """Has a function for each group.

    Args:
        optimizer: whose rates these are.
        lr_lambda: takes the number of the epoch; one for all groups, or a list of as many.
        last_epoch: the epoch after which to go on; -1 to begin.

    Raises:
        ValueError: there are more functions than groups, or fewer.
        TypeError: one cannot be called.
    """

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | list[Factor], last_epoch: int = -1) -> None:
        count = len(the_optimizer(optimizer).param_groups)
        self.lr_lambdas = list(lr_lambda) if isinstance(lr_lambda, list | tuple) else [lr_lambda] * count
        if len(self.lr_lambdas) != count:
            raise ValueError(f"Expected {count} lr_lambdas, but got {len(self.lr_lambdas)}")
        for each in self.lr_lambdas:
            if not callable(each):
                raise TypeError(f"lr_lambda should be a function, but got {type(each).__name__}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates that ``step()`` sets: those of ``next_lr``, times what the functions say."""
        rates = super().get_lr()
        return [rate * function(self.last_epoch) for rate, function in zip(rates, self.lr_lambdas, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """All that the schedule knows, but for the optimiser and for plain functions."""
        return super().state_dict() | {"lr_lambdas": [objects_state(each) for each in self.lr_lambdas]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where the schedule stopped; its functions have to be given again."""
        for function, state in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            vars(function).update(state or {})
        super().load_state_dict({**state_dict, "lr_lambdas": self.lr_lambdas})


class LambdaLR(_ByFunctions):
    """The rate is what it was at first, times ``lr_lambda(epoch)``.

    >>> import microtorch
    >>> optimizer = microtorch.optim.SGD([microtorch.ones(1)], lr=1.0)
    >>> scheduler = LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
    >>> optimizer.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def next_lr(self, lr: float, base: float) -> float:
        """``base``, which is still to be multiplied."""
        return base


class MultiplicativeLR(_ByFunctions):
    """In every epoch but the first the rate is multiplied by ``lr_lambda(epoch)``."""

    def get_lr(self) -> list[float]:
        """The rates that ``step()`` sets."""
        return [group["lr"] for group in self.optimizer.param_groups] if self._is_initial else super().get_lr()

    def next_lr(self, lr: float, base: float) -> float:
        """``lr``, which is still to be multiplied."""
        return lr
