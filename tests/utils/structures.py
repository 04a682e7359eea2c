"""What came out of a loader, in words that are the same for both libraries."""

from collections.abc import Mapping

import numpy as np


def plain(lib, value):
    """Tensors as dtype, shape and values, each container by its type, and all else as it is."""
    if lib.is_tensor(value):
        return str(value.dtype).partition(".")[2], tuple(value.shape), value.tolist()
    if isinstance(value, np.ndarray):
        return "array", value.tolist()
    if isinstance(value, Mapping):
        return type(value), {key: plain(lib, each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value), [plain(lib, each) for each in value]
    return value


def batches(lib, loader):
    """All that a loader gives in one pass."""
    return [plain(lib, each) for each in loader]


def outcome(program):
    """What a program comes to: its value, or the kind of its error."""
    try:
        return program()
    except Exception as error:  # noqa: BLE001 - whichever it is, the other library has to raise it, too
        return type(error).__name__
