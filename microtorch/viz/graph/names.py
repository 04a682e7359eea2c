"""What variables are called: by an explicit name, by their own, or in the notebook or function that draws them."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from inspect import CO_OPTIMIZED
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from .walk import GradNode, is_variable, key

MANY = 1000  # elements of a container, or parameters of a module, that are looked at
PACKAGE = f"{Path(__file__).parents[2]}{os.sep}"


def clean(text: str, limit: int = 40) -> str:
    r"""Text from outside as one harmless line: control characters shown as ``·``, the rest cut at ``limit``.

    Every string of a snapshot passes here, so no renderer meets a newline, a NUL or a kilobyte of name.

    >>> clean("two\nlines"), clean("x" * 50, limit=6)
    ('two·lines', 'xxxxx…')
    """
    if len(text) <= limit and text.isprintable():
        return text
    kept = "".join(c if c.isprintable() else "·" for c in text[: limit + 1])
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def visible() -> Iterator[Mapping[str, Any]]:
    """The namespaces the reader of a picture knows: the caller's, innermost first, then the notebook's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    # A cell's last expression is displayed by IPython, whose own variables are no names to the reader.
    if frame is not None and not str(frame.f_globals.get("__name__", "")).startswith("IPython."):
        yield local_names(frame)
        yield frame.f_globals
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        yield shell.user_ns


def local_names(frame: FrameType) -> Mapping[str, Any]:
    """The frame's variables. Before Python 3.13 the frame keeps what it told, and so every graph that its variables held."""
    told = frame.f_locals
    if sys.version_info >= (3, 13) or not frame.f_code.co_flags & CO_OPTIMIZED:
        return told
    found = dict(told)
    told.clear()
    return found


def named(namespaces: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """All that has a name worth showing in the namespaces: plain names first, then ``weights[0]``, ``net.bias``.

    Among a notebook's variables may be anything: proxies that wake up when they are touched, objects that raise whatever is asked
    of them. So of each only its type is looked at; the one thing that is called, a module's ``named_parameters``, may fail.
    """
    spaces = [entries(space) for space in namespaces]
    for space in spaces:
        yield from space
    for space in spaces:
        for name, value in space:
            yield from parts(name, value)


def entries(space: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a namespace holds under names worth showing, copied first: other threads may add to it."""
    try:
        pairs = dict(space).items()
    except Exception:  # noqa: BLE001 - exec() takes any mapping for a namespace
        return []
    return [(name, value) for name, value in pairs if type(name) is str and name[:1] != "_" and name not in {"In", "Out"}]


def parts(name: str, value: Any) -> list[tuple[str, Any]]:
    """What a container or a module holds, one level deep."""
    kind = type(value)
    if (kind is list or kind is tuple) and len(value) <= MANY:
        return [(f"{name}[{i}]", item) for i, item in enumerate(value)]
    if kind is dict and len(value) <= MANY:
        return [(f"{name}[{key!r}]", item) for key, item in value.copy().items() if type(key) is str or type(key) is int]
    tell = of_type(value, "named_parameters")
    if tell is None:
        return []
    try:
        return [(f"{name}.{part}", item) for part, item in islice(tell(value), MANY)]
    except Exception:  # noqa: BLE001 - whatever goes wrong in there, then its parameters have no names
        return []


def of_type(value: Any, attribute: str) -> Any:
    """What the type of a value has under a name, None if nothing: neither the value nor its type's type is asked for it."""
    for kind in type.__dict__["__mro__"].__get__(type(value)):
        found = type.__dict__["__dict__"].__get__(kind).get(attribute)
        if found is not None:
            return found
    return None


def is_like(value: Any, kinds: Collection[type]) -> bool:
    """Whether a value may be a Variable, by its type alone: one of the kinds, or one that has a ``grad_fn``."""
    bases = type.__dict__["__mro__"].__get__(type(value))
    return any(base is kind for base in bases for kind in kinds) or of_type(value, "grad_fn") is not None


def checked(names: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
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


def memory_of(value: Any) -> Any:
    """Where the numbers of a Variable, of any make, or of an array are: something that is the same for the same memory."""
    array = getattr(value, "array", value)
    if isinstance(array, np.ndarray):
        return array.__array_interface__["data"][0], array.shape, array.strides, array.dtype.char
    with suppress(Exception):  # some of PyTorch's tensors have no memory
        return value.data_ptr(), tuple(value.shape), tuple(value.stride()), str(value.dtype)
    return id(value)


class Names:
    """What each leaf, each output of a node and each root is called: "" where it has no name."""

    def __init__(self, explicit: list[tuple[str, Any]], roots: list[Any], nodes: list[GradNode]) -> None:
        kinds = {type(each) for each in (*roots, *(getattr(node, "variable", None) for node in nodes))} - {type(None)}
        # A torch Parameter may lead to a mere Tensor: so what has a grad_fn counts, too.
        everything = list(named(visible()))
        found = [(name, value) for name, value in everything if is_like(value, kinds)]
        self.modules = [(name, value) for name, value in everything if of_type(value, "named_modules") is not None]
        self.explicit = {id(variable): clean(name) for name, variable in reversed(explicit)}
        self.found: dict[int, str] = {}
        self.outputs: dict[int, dict[int, str]] = {}
        self.variables = [variable for _, variable in (*explicit, *found)]
        self.memory: dict[Any, str] | None = None
        for name, variable in [*explicit, *found, *(("", root) for root in roots)]:
            if id(variable) not in self.found:
                self.found[id(variable)] = clean(name)
                with suppress(Exception):  # what looks like a Variable may be none, and raise
                    self.note(variable)

    def note(self, variable: Any) -> None:
        """Remember of which node a Variable is an output, if it has a name."""
        maker = getattr(variable, "grad_fn", None)
        if maker is not None and self.of(variable):
            self.outputs.setdefault(key(maker), {}).setdefault(getattr(variable, "output_nr", 0), self.of(variable))

    def of(self, variable: Any) -> str:
        """The explicit name, or the Variable's own, or the one it has in the caller's code."""
        own = getattr(variable, "name", None)
        return self.explicit.get(id(variable)) or (
            clean(own) if isinstance(own, str) and own else self.found.get(id(variable), "")
        )

    def of_data(self, data: Any) -> str:
        """The name of the Variable that has just this memory: of what was detached, that of what it was before."""
        if self.memory is None:
            self.memory = {}
            for variable in reversed(self.variables):
                self.memory[memory_of(variable)] = self.of(variable)
        return self.memory.get(memory_of(data), "")

    def made_by(self, node: GradNode) -> tuple[str, ...]:
        """The names of the node's outputs, by number."""
        outputs = self.outputs.get(key(node), {})
        return tuple(outputs.get(i, "") for i in range(max(outputs, default=-1) + 1))
