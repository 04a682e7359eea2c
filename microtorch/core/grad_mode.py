"""Is an operation recorded? ``no_grad``, ``enable_grad``, ``set_grad_enabled``, ``inference_mode``, each for its own thread."""

from __future__ import annotations

import functools
import inspect
import sys
import threading
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, TypeVar
from weakref import ref

__all__ = [
    "enable_grad",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "set_grad_enabled",
]

F = TypeVar("F", bound=Callable[..., Any])


class _Mode(threading.local):
    """Each thread's own switches, and what follows from them: `recording`, which is all that the hot path reads."""

    grad: bool = True
    inference: bool = False
    observers: tuple[Callable[[Any], None], ...] = ()
    anomaly: bool = False
    check_nan: bool = True
    entered: list[dict[str, Any]]  # of the blocks that are entered, what each will restore
    # What waits for the end of a backward pass, with what it has collected there: see hooks.py.
    at_end: tuple[tuple[object, Callable[[dict[Any, Any]], None], dict[Any, Any]], ...] = ()
    saved_hooks_disabled: str | None = None  # the error message
    # Called in place of each backward(), with its ``tensors`` and what does it: so a training run is recorded.
    around_backward: Callable[[Any, Callable[[], None]], None] | None = None
    # True, or the observers each new node is shown to; False where nothing is recorded, None where it never will be (inference).
    recording: bool | tuple[Callable[[Any], None], ...] | None = True

    def __init__(self) -> None:
        self.entered = []  # called in each thread that asks

    def set(self, **switches: Any) -> None:
        """Change switches, and what follows from them."""
        vars(self).update(switches)
        if self.inference:
            self.recording = None
        else:
            self.recording = (self.observers or True) if self.grad else False


mode = _Mode()
set_mode = mode.set  # where torch's argument is called `mode`


def observed(node: Any) -> None:
    """Show a new node to those who asked to see each: anomaly mode, the hooks of saved tensors."""
    for observer in mode.observers:
        observer(node)


def is_grad_enabled() -> bool:
    """Whether operations on Variables are recorded in this thread."""
    return mode.grad


def is_inference_mode_enabled() -> bool:
    """Whether this thread is in `inference_mode`."""
    return mode.inference


class Block:
    """A ``with`` block that sets switches of the mode; one object may be entered again inside itself.

    An interrupt may come just when Python calls ``__exit__``, before any line of it has run. So `mode.entered` keeps what is to
    be restored: by the next block around that ends, or once the block is freed, with the traceback that still holds it.
    """

    def __init__(self, **wanted: Any) -> None:
        self._switches = wanted
        self._before: list[dict[str, Any]] = []
        self._guard: ref[Block] | None = None

    def __enter__(self) -> None:
        before = {name: getattr(mode, name) for name in self._switches}
        if self._guard is None:
            caller = sys._getframe(1)
            self._guard = ref(self, partial(_end_freed, before, id(caller), caller.f_lasti))
        try:
            self._before.append(before)
            mode.entered.append(before)
            mode.set(**self._switches)
        except BaseException:  # an interrupt: nobody would call __exit__
            _restore(before)
            raise

    def __exit__(self, *exception: object) -> None:
        before = self._before[-1]
        try:
            _restore(before)
            self._before.pop()
            if not self._before:
                self._guard = None
        except BaseException:
            _restore(before)
            raise


def _end_freed(before: dict[str, Any], frame: int, instruction: int, freed: object) -> None:
    """End a block that was freed without its end; but ``no_grad().__enter__()``, where it is freed at once, is meant for good."""
    caller = sys._getframe(1)
    if id(caller) != frame or not 0 <= caller.f_lasti - instruction <= 16:
        _restore(before)


def _restore(before: dict[str, Any]) -> None:
    """End a block, and those inside it that were left without their end; nothing, if a block around has done so."""
    for depth, each in enumerate(mode.entered):
        if each is before:
            mode.set(**before)
            del mode.entered[depth:]
            break


def restore_all() -> None:
    """End whatever block was left without its end: where no code is running that could be in one, as between two cells."""
    if mode.entered:
        _restore(mode.entered[0])


class Switch(Block):
    """A `Block` that is a decorator too."""

    def __call__(self, function: F) -> F:
        """``function``, run with the mode set; the body of a generator too, and only while it runs."""
        if inspect.isclass(function):
            raise TypeError(f"{type(self).__name__} decorates functions, not the class {function.__name__}: decorate its methods")
        wanted = self._switches  # and a block of its own for every call: they may run in several threads at once
        if inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def switched(*args: Any, **kwargs: Any) -> Any:
                return (yield from _resumed(Block(**wanted), function(*args, **kwargs)))
        else:

            @functools.wraps(function)
            def switched(*args: Any, **kwargs: Any) -> Any:
                with Block(**wanted):
                    return function(*args, **kwargs)

        return switched  # type: ignore[return-value]


def required_bool(value: Any, name: str) -> bool:
    """``value``, if it is a bool.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name}: argument must be bool, not {type(value).__name__}")
    return value


def _resumed(switch: Block, generator: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """``generator``, with the mode set whenever its body runs, and the caller's own mode in between."""
    resume: Callable[[], Any] = generator.__next__
    while True:
        try:
            with switch:
                value = resume()
        except StopIteration as stop:
            return stop.value
        try:
            sent = yield value
            resume = functools.partial(generator.send, sent)
        except GeneratorExit:
            with switch:
                generator.close()
            raise
        except BaseException as error:  # noqa: BLE001 - whatever is thrown in is the generator's to handle
            resume = functools.partial(generator.throw, error)


class _Plain(Switch):
    """A switch without arguments, so that ``@no_grad`` works without parentheses too."""

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        switch = super().__new__(cls)
        if function is None:
            return switch
        switch.__init__()  # type: ignore[misc]
        return switch(function)


class no_grad(_Plain):  # noqa: N801 - torch's name
    """Do not record operations: results do not require a gradient.

    >>> import microtorch
    >>> x = microtorch.ones(2, requires_grad=True)
    >>> with microtorch.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    def __init__(self) -> None:
        super().__init__(grad=False)


class enable_grad(_Plain):  # noqa: N801 - torch's name
    """Record operations, inside a ``no_grad`` block too."""

    def __init__(self) -> None:
        super().__init__(grad=True)


class set_grad_enabled(Switch):  # noqa: N801 - torch's name
    """Record operations or not: as a function from now on, as a ``with`` block or a decorator for its length.

    >>> import microtorch
    >>> x = microtorch.ones(2, requires_grad=True)
    >>> with microtorch.set_grad_enabled(False):
    ...     y = x * 2
    >>> y.requires_grad, microtorch.is_grad_enabled()
    (False, True)
    """

    def __init__(self, mode: bool) -> None:
        super().__init__(grad=required_bool(mode, "set_grad_enabled()"))
        self._at_call = is_grad_enabled()
        set_mode(grad=mode)

    def __call__(self, function: F) -> F:
        """As `Switch`; and the mode is again what it was before this object was made."""
        set_mode(grad=self._at_call)  # a decorator is not meant for now, but for when the function runs
        return super().__call__(function)

    def __enter__(self) -> None:
        super().__enter__()
        self._before[-1].update(grad=self._at_call)  # what was before the call, not what the call made of it


class inference_mode(Switch):  # noqa: N801 - torch's name
    """Like `no_grad`, for values that will never meet autograd: they have no version counter and cannot be saved for backward.

    >>> import microtorch
    >>> with microtorch.inference_mode():
    ...     y = microtorch.ones(2) * 2
    >>> y.is_inference()
    True
    """

    def __new__(cls, mode: bool | Callable[..., Any] = True) -> Any:
        """The block; or, of a function, the function decorated with it."""
        return cls()(mode) if callable(mode) else super().__new__(cls)

    def __init__(self, mode: bool = True) -> None:
        super().__init__(inference=mode, grad=not mode)
