"""Rates that rise and fall within a run, step by step, while the momentum does the opposite."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..optimizer import Optimizer
from .functions import objects_state
from .scheduler import LRScheduler, per_group, the_optimizer

__all__ = ["CyclicLR", "OneCycleLR"]


class _WithMomentum(LRScheduler):
    """Changes the momentum, or the first beta, with the rate."""

    cycle_momentum: bool
    use_beta1: bool

    def _begin_momentum(self, optimizer: Optimizer, base: Any, largest: Any, last_epoch: int) -> tuple[list[float], list[float]]:
        """Find what the optimiser calls momentum, and set it to the largest; both bounds, for each group."""
        if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
            raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
        self.use_beta1 = "betas" in optimizer.defaults
        bounds = per_group("base_momentum", optimizer, base), per_group("max_momentum", optimizer, largest)
        if last_epoch == -1:
            for group, low, high in zip(optimizer.param_groups, *bounds, strict=True):
                self._set_momentum(group, high)
                group["max_momentum"], group["base_momentum"] = high, low
        return bounds

    def _set_momentum(self, group: dict[str, Any], momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(_WithMomentum):
    """The rate goes up from ``base_lr`` to ``max_lr`` and down again, on straight lines, again and again; step it every batch.

    Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, https://arxiv.org/abs/1506.01186.

    Args:
        optimizer: whose rates these are.
        base_lr: the lowest rate; one, or one for each group.
        max_lr: the highest.
        step_size_up: how many steps go up.
        step_size_down: how many go down; as many where it is None.
        mode: "triangular", all cycles alike; "triangular2", each half as high; "exp_range", lower by ``gamma`` each step.
        gamma: of "exp_range".
        scale_fn: says instead how high the cycle is, as a share.
        scale_mode: what ``scale_fn`` takes, the number of the "cycle", from 1 on, or that of the step, "iterations".
        cycle_momentum: let the momentum (or the first beta) go down while the rate goes up.
        base_momentum: the lowest momentum.
        max_momentum: the highest.
        last_epoch: the step after which to go on; -1 to begin.

    Raises:
        ValueError: ``mode`` is unknown, or the optimiser has no momentum.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: float = 2000,
        step_size_down: float | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = the_optimizer(optimizer)
        lows, self.max_lrs = per_group("base_lr", optimizer, base_lr), per_group("max_lr", optimizer, max_lr)
        if mode not in {"triangular", "triangular2", "exp_range"} and scale_fn is None:
            raise ValueError(f"mode is invalid and scale_fn is None: mode is {mode!r}")
        self.mode, self.gamma, self._scale_fn_custom = mode, gamma, scale_fn
        self.scale_mode = scale_mode if scale_fn else "iterations" if mode == "exp_range" else "cycle"
        down = step_size_up if step_size_down is None else step_size_down
        self.total_size = float(step_size_up + down)
        self.step_ratio = step_size_up / self.total_size
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self._begin_momentum(optimizer, base_momentum, max_momentum, last_epoch)
        if last_epoch == -1:
            for group, low in zip(optimizer.param_groups, lows, strict=True):
                group["lr"] = low
        super().__init__(optimizer, last_epoch)
        self.base_lrs = lows

    def scale_fn(self, x: float) -> float:
        """How high a cycle is, as a share: ``x`` is its number, or that of the step, by ``scale_mode``."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular":
            return 1.0
        return 1 / 2.0 ** (x - 1) if self.mode == "triangular2" else float(self.gamma**x)

    def get_lr(self) -> list[float]:
        """The rates that ``step()`` sets; the momenta it sets here."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1 + self.last_epoch / self.total_size - cycle  # how much of the cycle is over
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        height_of = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            momenta = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, low, high in momenta:
                self._set_momentum(group, high - (high - low) * height * height_of)
        return [low + (high - low) * height * height_of for low, high in zip(self.base_lrs, self.max_lrs, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """All that the schedule knows, but for the optimiser and for a plain ``scale_fn``."""
        return super().state_dict() | {"_scale_fn_custom": objects_state(self._scale_fn_custom)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where the schedule stopped; ``scale_fn`` has to be given again."""
        if state_dict["_scale_fn_custom"] is not None:
            vars(self._scale_fn_custom).update(state_dict["_scale_fn_custom"])
        super().load_state_dict({**state_dict, "_scale_fn_custom": self._scale_fn_custom})


class OneCycleLR(_WithMomentum):
    """One cycle for the whole run: the rate goes up to ``max_lr``, down to where it began, and far below; step it every batch.

    Smith and Topin, "Super-Convergence", 2018, https://arxiv.org/abs/1708.07120; in two phases, as fast.ai has it.

    Args:
        optimizer: whose rates these are.
        max_lr: the highest rate; one, or one for each group.
        total_steps: how many steps the run has; or
        epochs: how many epochs, with
        steps_per_epoch: how many steps in each.
        pct_start: the share of the steps that go up.
        anneal_strategy: "cos" or "linear".
        cycle_momentum: let the momentum (or the first beta) go down while the rate goes up.
        base_momentum: the lowest momentum.
        max_momentum: the highest.
        div_factor: the first rate is ``max_lr / div_factor``.
        final_div_factor: the last is the first one, divided by this.
        three_phase: go down as long as up, and then to the last rate; else at once.
        last_epoch: the step after which to go on; -1 to begin.

    Raises:
        ValueError: the number of steps is not given, or no positive integer; ``pct_start`` is no float between 0 and 1;
            ``anneal_strategy`` is unknown; the optimiser has no momentum. In ``step()``: there are no more steps.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = the_optimizer(optimizer)
        self.total_steps = _steps_of_run(total_steps, epochs, steps_per_epoch)
        if pct_start < 0 or pct_start > 1 or not isinstance(pct_start, float):
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in {"cos", "linear"}:
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self._anneal_func_type = anneal_strategy
        up, end = float(pct_start * self.total_steps) - 1, self.total_steps - 1
        self._schedule_phases = [_phase(up, "initial", "max", "max", "base")]
        if three_phase:
            down = float(2 * pct_start * self.total_steps) - 2
            self._schedule_phases += [_phase(down, "max", "initial", "base", "max"), _phase(end, "initial", "min", "max", "max")]
        else:
            self._schedule_phases += [_phase(end, "max", "min", "base", "max")]
        highest = per_group("max_lr", optimizer, max_lr)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._begin_momentum(optimizer, base_momentum, max_momentum, last_epoch)
        if last_epoch == -1:
            for group, high in zip(optimizer.param_groups, highest, strict=True):
                group["max_lr"], group["initial_lr"] = high, high / div_factor
                group["min_lr"] = group["initial_lr"] / final_div_factor
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates that ``step()`` sets; the momenta it sets here."""
        if self.last_epoch > self.total_steps:
            raise ValueError(f"Tried to step {self.last_epoch} times. The specified number of total steps is {self.total_steps}")
        starts = [0.0, *(phase["end_step"] for phase in self._schedule_phases)]
        number = next(
            (i for i, phase in enumerate(self._schedule_phases) if self.last_epoch <= phase["end_step"]),
            len(self._schedule_phases) - 1,
        )
        phase, start = self._schedule_phases[number], starts[number]
        done = (self.last_epoch - start) / (phase["end_step"] - start)
        for group in self.optimizer.param_groups if self.cycle_momentum else ():
            self._set_momentum(group, self._on_the_way(group[phase["start_momentum"]], group[phase["end_momentum"]], done))
        return [self._on_the_way(group[phase["start_lr"]], group[phase["end_lr"]], done) for group in self.optimizer.param_groups]

    def _on_the_way(self, start: float, end: float, done: float) -> float:
        if self._anneal_func_type == "linear":
            return (end - start) * done + start
        return end + (start - end) / 2 * (math.cos(math.pi * done) + 1)


def _steps_of_run(total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    """How many steps a run has, of what was given."""
    if total_steps is None and (epochs is None or steps_per_epoch is None):
        raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
    given = {"epochs": epochs, "steps_per_epoch": steps_per_epoch} if total_steps is None else {"total_steps": total_steps}
    for name, value in given.items():
        if not isinstance(value, int) or value <= 0:
            raise ValueError(f"Expected positive integer {name}, but got {value}")
    return math.prod(each for each in given.values() if each is not None)


def _phase(end: float, start_lr: str, end_lr: str, start_momentum: str, end_momentum: str) -> dict[str, Any]:
    """When a phase ends, and between which values of a group it goes."""
    return {
        "end_step": end, "start_lr": f"{start_lr}_lr", "end_lr": f"{end_lr}_lr", "start_momentum": f"{start_momentum}_momentum",
        "end_momentum": f"{end_momentum}_momentum",
    }  # fmt: skip
