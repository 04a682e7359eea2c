"""``device`` and ``layout``: everything lies in the memory of the CPU, dense; asking for another place is refused."""

from __future__ import annotations

from typing import Any

__all__ = [
    "contiguous_format",
    "cpu",
    "device",
    "get_default_device",
    "layout",
    "memory_format",
    "on_cpu",
    "preserve_format",
    "set_default_device",
    "strided",
]

_TYPES = {"cpu", "cuda", "mps", "xpu", "meta"}


class device:  # noqa: N801 - torch's name
    """A place for tensors to lie, as ``torch.device``: of all that can be named, the CPU is the one that is here.

    Args:
        type: "cpu", or "cuda:0" and the like, which can be named and compared.
        index: the number, if it is not part of ``type``.

    Raises:
        TypeError: ``type`` is no text, or ``index`` no integer.
        RuntimeError: there is no such type of device.

    >>> device("cpu")
    device(type='cpu')
    >>> device("cpu") == device("cpu"), device("cuda", 0).index
    (True, 0)
    """

    type: str
    index: int | None

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        if not isinstance(type, str) or not isinstance(index, int | None):
            raise TypeError(f"device() takes a text such as 'cpu', and a number, not {type!r}, {index!r}")
        kind, colon, number = type.partition(":")
        if kind not in _TYPES or (colon and not (number.isascii() and number.isdigit())):
            raise RuntimeError(f"Expected one of {', '.join(sorted(_TYPES))} device type at start of device string: {type!r}")
        if index is not None and (index < 0 or colon):
            raise RuntimeError(f"Device index must not be negative, nor given twice: {type!r}, {index}")
        self.type = kind
        self.index = int(number) if colon else index

    def __repr__(self) -> str:
        return f"device(type={self.type!r}" + ("" if self.index is None else f", index={self.index}") + ")"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))


class layout:  # noqa: N801 - torch's name
    """How elements lie in memory, as ``torch.layout``: `strided` alone, with equal steps along each dimension."""

    def __repr__(self) -> str:
        return "microtorch.strided"

    def __reduce__(self) -> str:
        return "strided"  # a copy is this very object


class memory_format:  # noqa: N801 - torch's name
    """In which order elements lie in memory, as ``torch.memory_format``: row by row is all there is.

    Functions take ``memory_format=`` for PyTorch's sake: `contiguous_format` or `preserve_format`.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"torch.{self._name}"  # as it is called in printed programs

    def __reduce__(self) -> str:
        return self._name


contiguous_format, preserve_format = memory_format("contiguous_format"), memory_format("preserve_format")
cpu = device("cpu")
strided = layout()


def on_cpu(where: Any) -> None:
    """Refuse every place but the CPU; None is that.

    Raises:
        RuntimeError: it is another, or none.
    """
    if where is None or where is cpu:
        return
    wanted = device("cuda", where) if isinstance(where, int) and not isinstance(where, bool) else device(where)
    if wanted.type != "cpu":
        raise RuntimeError(
            f"microtorch computes with NumPy, on the CPU alone: there is no {wanted}. Leave the device away, or use 'cpu'; "
            "programs that ask cuda.is_available() first run as they are"
        )


def get_default_device() -> device:
    """The CPU."""
    return cpu


def set_default_device(device: Any) -> None:
    """Accepted, if it is the CPU.

    Raises:
        RuntimeError: it is another.
    """
    on_cpu(device)
