"""``cuda.is_available()`` is False: programs that ask run as they are, and those that do not are told."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["current_device", "device_count", "empty_cache", "is_available", "manual_seed", "manual_seed_all", "synchronize"]

_NONE = "microtorch computes with NumPy, on the CPU alone: there is no CUDA device"


def is_available() -> bool:
    """False: there is no GPU here."""
    return False


def device_count() -> int:
    """0: there is no GPU here."""
    return 0


def manual_seed(seed: int) -> None:
    """Nothing, as in PyTorch where there is no GPU."""


def manual_seed_all(seed: int) -> None:
    """Nothing, as in PyTorch where there is no GPU."""


def empty_cache() -> None:
    """Nothing, as in PyTorch where there is no GPU."""


def current_device() -> Any:
    """Refused.

    Raises:
        RuntimeError: always.
    """
    raise RuntimeError(_NONE)


def synchronize() -> Any:
    """Refused, as `current_device`."""
    return current_device()


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(f"microtorch.cuda has no {name}: {_NONE}")
