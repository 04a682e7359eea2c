"""How the ``backward()`` of a loop is seen: microtorch's by the mode of the thread, PyTorch's by way of its one function.

Every ``tensor.backward()`` of PyTorch calls ``torch.autograd.backward``. While at least one run is recorded, that name stands for
a function that looks whether its thread records one; afterwards it is what it was. torch is never imported here.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ...core.grad_mode import Block, mode

__all__ = ["watched"]

Around = Callable[[Any, Callable[[], None]], None]

_lock = threading.RLock()
_open = 0  # runs that are recorded now, in all threads
_original: Any = None


@contextmanager
def watched(around: Around) -> Iterator[None]:
    """For the length of a block, ``around(tensors, go)`` is called for each backward() of this thread, which ``go()`` does.

    Raises:
        RuntimeError: this thread is in such a block already.
    """
    if mode.around_backward is not None:
        raise RuntimeError("a run is being recorded already: end its `with viz.record()` block before you begin another")
    with Block(around_backward=around), _torch_told():
        yield


@contextmanager
def _torch_told() -> Iterator[None]:
    """Let PyTorch's backward(), where there is one, ask the mode of its thread."""
    global _open, _original
    torch = sys.modules.get("torch")
    autograd: Any = getattr(torch, "autograd", None)
    if not hasattr(autograd, "backward"):
        yield
        return
    with _lock:
        if not _open:
            _original, autograd.backward = autograd.backward, _told(autograd.backward)
        _open += 1
    try:
        yield
    finally:
        with _lock:
            _open -= 1
            if not _open:
                autograd.backward, _original = _original, None


def _told(backward: Any) -> Any:
    @functools.wraps(backward)
    def told(tensors: Any, *args: Any, **kwargs: Any) -> Any:
        around = mode.around_backward
        if around is None:
            return backward(tensors, *args, **kwargs)
        return around(tensors, lambda: backward(tensors, *args, **kwargs))

    return told
