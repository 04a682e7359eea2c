"""Which line of forward does an error in backward come from? In anomaly mode, every node remembers the lines that made it.

It attaches to the mechanism where other observers of new nodes do, `grad_mode.observed`, and in `special_turns.visit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .grad_mode import Block, mode, required_bool
from .node import Node

current = mode  # where torch's argument is called `mode`

__all__ = ["detect_anomaly", "is_anomaly_check_nan_enabled", "is_anomaly_enabled", "set_detect_anomaly"]

_PACKAGE = __file__[: -len("core/anomaly.py")]  # without pathlib, which takes as long to import


class detect_anomaly(Block):  # noqa: N801 - torch's name
    """In this ``with`` block, errors in backward name the line of forward they come from, and a NaN made in backward is one.

    Args:
        check_nan: whether a NaN in a gradient is an error.

    Forward must run inside the block too, for its lines to be remembered. It makes both slower.

    >>> import microtorch
    >>> x = microtorch.tensor(1.0, requires_grad=True)
    >>> with microtorch.autograd.detect_anomaly():
    ...     y = x * float("nan")
    ...     try:
    ...         y.backward()
    ...     except RuntimeError as error:
    ...         print(str(error).splitlines()[0])
    Function 'MulBackward0' returned nan values in its 0th output.
    """

    def __init__(self, check_nan: bool = True) -> None:
        super().__init__(anomaly=True, check_nan=check_nan)

    def __enter__(self) -> None:
        self._switches["observers"] = (*(each for each in mode.observers if each is not _remember), _remember)
        super().__enter__()


class set_detect_anomaly(Block):  # noqa: N801 - torch's name
    """`detect_anomaly` switched on or off: as a function from now on, as a ``with`` block for its length.

    Args:
        mode: on or off.
        check_nan: whether a NaN in a gradient is an error.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        others = tuple(each for each in current.observers if each is not _remember)
        super().__init__(
            anomaly=required_bool(mode, "set_detect_anomaly()"),
            check_nan=check_nan,
            observers=(*others, _remember) if mode else others,
        )
        self._at_call = {name: getattr(current, name) for name in self._switches}
        current.set(**self._switches)

    def __enter__(self) -> None:
        super().__enter__()
        self._before[-1].update(self._at_call)


def is_anomaly_enabled() -> bool:
    """Whether this thread detects anomalies."""
    return mode.anomaly


def is_anomaly_check_nan_enabled() -> bool:
    """Whether a NaN made in backward would be an error."""
    return mode.check_nan


def _remember(node: Node) -> None:
    import traceback  # which takes a tenth of the time of importing all this

    stack = traceback.extract_stack()
    node.metadata["traceback_"] = [frame for frame in stack if not frame.filename.startswith(_PACKAGE)]


def explain(error: Exception, node: Node) -> None:
    """Add to an error from backward the line of forward that made the node."""
    if error.args and isinstance(error.args[0], str):
        error.args = (error.args[0] + _made_at(node), *error.args[1:])


def refuse_nan(node: Node, grad_inputs: Sequence[Any]) -> None:
    """Raise if a node has made a NaN.

    Raises:
        RuntimeError: it has; with the node, which of its gradients, and the line of forward.
    """
    for number, grad in enumerate(grad_inputs if mode.check_nan else ()):
        array = getattr(grad, "array", grad)
        if array is not None and np.isnan(array).any():
            raise RuntimeError(f"Function '{node.name()}' returned nan values in its {number}th output.{_made_at(node)}")


def _made_at(node: Node) -> str:
    stack = node.metadata.get("traceback_")
    if not stack:
        return (
            f"\nNo forward pass information is available for {node.name()}: "
            "run forward too in the block of detect_anomaly(), and its line will stand here."
        )
    frame = stack[-1]
    return f"\n{node.name()} was made in forward at {frame.filename}, line {frame.lineno}, in {frame.name}:\n    {frame.line}"
