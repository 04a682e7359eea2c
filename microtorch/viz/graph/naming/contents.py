"""What lists, dicts, modules and objects hold, by the path that leads there: ``layers[0].W``.

Among a notebook's variables may be anything: proxies that wake up when they are touched, objects that raise whatever is asked of
them, structures without an end. So of each only its type is looked at, and through that its attributes; the one thing that is
called, a module's ``named_parameters``, may fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from types import GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any

__all__ = ["Contents", "Kinds", "Pairs"]

MANY = 1000  # elements of a container, or parameters of a module, that are looked at
LOOKED = 10_000  # at so many in all: a few milliseconds
DEPTH = 6  # as in net.layers[0].neurons[0].w[0]
WRITTEN_IN_PYTHON = 1 << 9  # of a type's flags, Py_TPFLAGS_HEAPTYPE: no function, array or number has it

Pairs = list[tuple[str, Any]]


class Contents:
    """A walk through what variables hold; what was opened once is not opened again, so that circles end."""

    def __init__(self) -> None:
        self.left = LOOKED
        self.opened: set[int] = set()
        self.openers: dict[int, tuple[type, Callable[[str, Any], Pairs] | None]] = {}  # with the type, so that its id stays

    def of(self, pairs: Pairs) -> Iterator[tuple[str, Any]]:
        """All that can be reached from the pairs of name and value, what is near first."""
        for _ in range(DEPTH):
            pairs = [part for name, value in pairs for part in self.open(name, value)]
            yield from pairs

    def open(self, name: str, value: Any) -> Pairs:
        """What a value holds itself, [] if it is no container."""
        kind = type(value)
        found = self.openers.get(id(kind)) or self.openers.setdefault(id(kind), (kind, opener(kind)))
        if found[1] is None or self.left <= 0 or id(value) in self.opened:
            return []
        self.opened.add(id(value))
        parts = found[1](name, value)
        self.left -= len(parts)
        return parts


def opener(kind: type) -> Callable[[str, Any], Pairs] | None:
    """How values of a type are opened, None if not at all."""
    if kind is list or kind is tuple:
        return elements
    if kind is dict:
        return items
    is_python = type.__dict__["__flags__"].__get__(kind) & WRITTEN_IN_PYTHON
    if not is_python or any(base is ModuleType for base in mro(kind)) or of_type(kind, "grad_fn") is not None:
        return None
    tell = of_type(kind, "named_parameters")
    return attributes if tell is None else parameters


def elements(name: str, value: Any) -> Pairs:
    """Those of a list or tuple."""
    return [(f"{name}[{i}]", item) for i, item in enumerate(value)] if len(value) <= MANY else []


def items(name: str, value: Any) -> Pairs:
    """Those of a dict, whose keys are words or whole numbers."""
    pairs = value.copy().items() if len(value) <= MANY else ()
    return [(f"{name}[{key!r}]", item) for key, item in pairs if type(key) is str or type(key) is int]


def parameters(name: str, value: Any) -> Pairs:
    """Those of a module, and its attributes."""
    try:
        found = [(f"{name}.{part}", item) for part, item in islice(of_type(type(value), "named_parameters")(value), MANY)]
    except Exception:  # noqa: BLE001 - whatever goes wrong in there, then its parameters have no names
        found = []
    return found + attributes(name, value)


def attributes(name: str, value: Any) -> Pairs:
    """The public ones of an object, read past all that its class may have to say about it."""
    kind = type(value)
    found = {}
    own = of_type(kind, "__dict__")
    if type(own) is GetSetDescriptorType:
        space = own.__get__(value, kind)
        found = space.copy() if type(space) is dict and len(space) <= MANY else {}
    for base in mro(kind):
        for slot, member in type.__dict__["__dict__"].__get__(base).items():
            if type(member) is MemberDescriptorType:
                try:
                    found[slot] = member.__get__(value, kind)
                except AttributeError:  # nothing was put there yet
                    continue
    return [(f"{name}.{part}", item) for part, item in found.items() if type(part) is str and part[:1] != "_"]


def mro(kind: type) -> tuple[type, ...]:
    """The classes that a type's attributes come from, without asking the type."""
    classes: tuple[type, ...] = type.__dict__["__mro__"].__get__(kind)
    return classes


def of_type(kind: type, attribute: str) -> Any:
    """What a type has under a name, None if nothing: neither its values nor its own type are asked for it."""
    for base in mro(kind):
        found = type.__dict__["__dict__"].__get__(base).get(attribute)
        if found is not None:
            return found
    return None


class Kinds:
    """Which values are of some kinds, by their type alone: those of these types, and those whose type has an attribute."""

    def __init__(self, attribute: str, types: set[type] | None = None) -> None:
        self.attribute, self.types = attribute, types or set()
        self.known: dict[int, tuple[type, bool]] = {}  # with the type, so that its id stays

    def has(self, value: Any) -> bool:
        """Whether the value is of one."""
        kind = type(value)
        found = self.known.get(id(kind))
        if found is None:
            like = any(base is each for each in self.types for base in mro(kind)) or of_type(kind, self.attribute) is not None
            found = self.known[id(kind)] = kind, like
        return found[1]
