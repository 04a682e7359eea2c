"""What variables are called: by an explicit name, by their own, or in the notebook or function that draws them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

PACKAGE = str(Path(__file__).parents[1])


def clean(text: object, limit: int = 40) -> str:
    r"""Text from outside as one harmless line: control characters shown as ``·``, the rest cut at ``limit``.

    Every string of a snapshot passes here, so no renderer meets a newline, a NUL or a kilobyte of name.

    >>> clean("two\nlines"), clean("x" * 50, limit=6)
    ('two·lines', 'xxxxx…')
    """
    kept = "".join(c if c.isprintable() else "·" for c in str(text)[: limit + 1])
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def visible() -> Iterator[Mapping[str, Any]]:
    """The namespaces the reader of a picture knows: the caller's, innermost first, then the notebook's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    if frame is not None:
        yield frame.f_locals
        yield frame.f_globals
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:  # a cell's last expression is displayed by IPython: the caller is not the notebook then
        yield shell.user_ns


def named(namespaces: Iterator[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Everything in the namespaces that has a name worth showing, plain names before ``weights[0]`` and ``net.bias``."""
    spaces = [
        [(name, value) for name, value in space.items() if not name.startswith("_") and name not in {"In", "Out"}]
        for space in namespaces
    ]
    for space in spaces:
        yield from space
    for space in spaces:
        for name, value in space:
            yield from parts(name, value)


def parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What a container or a module holds, one level deep."""
    if type(value) in {list, tuple} and len(value) <= 1000:
        yield from ((f"{name}[{i}]", item) for i, item in enumerate(value))
    elif type(value) is dict and len(value) <= 1000:
        yield from ((f"{name}[{key!r}]", item) for key, item in value.items() if type(key) in {str, int})
    elif callable(getattr(type(value), "named_parameters", None)):  # asked of the type: an instance may answer anything
        yield from ((f"{name}.{part}", item) for part, item in value.named_parameters())


def checked(names: Mapping[str, Any] | None, is_variable: Any) -> list[tuple[str, Any]]:
    """The pairs of ``names=``, or an error that shows how it is meant."""
    if names is None:
        return []
    if not isinstance(names, Mapping):
        raise TypeError(f"names= maps names to Variables, as in names={{'x': x}}; got {type(names).__name__}")
    for name, variable in names.items():
        if not isinstance(name, str) or not is_variable(variable):
            raise TypeError(
                "names= maps names to Variables, as in names={'x': x}; "
                f"got a {type(name).__name__} for a {type(variable).__name__}"
            )
    return list(names.items())
