"""Whether operations are recorded: ``no_grad``, ``enable_grad``, ``set_grad_enabled``."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["enable_grad", "is_grad_enabled", "no_grad", "set_grad_enabled"]

F = TypeVar("F", bound=Callable[..., Any])


class _Mode(threading.local):
    enabled = True


mode = _Mode()


def is_grad_enabled() -> bool:
    """Whether operations on Variables are recorded in this thread."""
    return mode.enabled


class set_grad_enabled:  # noqa: N801 - torch's name
    """Record operations or not: as a function from now on, as a ``with`` block or a decorator for its length.

    >>> import microtorch
    >>> x = microtorch.ones(2, requires_grad=True)
    >>> with microtorch.set_grad_enabled(False):
    ...     y = x * 2
    >>> y.requires_grad, microtorch.is_grad_enabled()
    (False, True)
    """

    def __init__(self, mode_is_on: bool) -> None:
        self._wanted = bool(mode_is_on)
        self._before = mode.enabled
        mode.enabled = self._wanted

    def __enter__(self) -> None:
        mode.enabled = self._wanted

    def __exit__(self, *exception: object) -> None:
        mode.enabled = self._before

    def __call__(self, function: F) -> F:
        """``function``, run with the mode set."""
        mode.enabled = self._before  # a decorator is not meant for now, but for when the function runs
        switched: F = (enable_grad if self._wanted else no_grad)()(function)
        return switched


class _Switch:
    """A ``with`` block and decorator that sets the mode; one object may be entered again inside itself."""

    _wanted: bool
    _before: list[bool]

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        switch = super().__new__(cls)
        switch._before = []
        return switch if function is None else switch(function)  # `@no_grad` without parentheses

    def __enter__(self) -> None:
        self._before.append(mode.enabled)
        mode.enabled = self._wanted

    def __exit__(self, *exception: object) -> None:
        mode.enabled = self._before.pop()

    def __call__(self, function: F) -> F:
        @functools.wraps(function)
        def switched(*args: Any, **kwargs: Any) -> Any:
            with type(self)():
                return function(*args, **kwargs)

        return switched  # type: ignore[return-value]


class no_grad(_Switch):  # noqa: N801 - torch's name
    """Do not record operations: results do not require a gradient.

    >>> import microtorch
    >>> x = microtorch.ones(2, requires_grad=True)
    >>> with microtorch.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    _wanted = False


class enable_grad(_Switch):  # noqa: N801 - torch's name
    """Record operations, inside a ``no_grad`` block too."""

    _wanted = True
