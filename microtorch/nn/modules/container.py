"""Modules that hold others: one after the other, in a list, or by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import index
from typing import Any, TypeVar

from ...core.variable import Variable
from ..parameter import Parameter
from .module import Module, indented

__all__ = ["ModuleDict", "ModuleList", "ParameterList", "Sequential"]

L = TypeVar("L", bound="_Numbered")


class _Numbered(Module):
    """What holds modules under numbers: ``"0"``, ``"1"``, …, each the name of an attribute."""

    def _key(self, position: int) -> str:
        count = len(self._modules)
        if not -count <= index(position) < count:
            raise IndexError(f"index {position} is out of range: there are {count} modules")
        return list(self._modules)[position]

    def __getitem__(self, position: Any) -> Any:
        if isinstance(position, slice):
            return self._like(list(self._modules.items())[position])
        return self._modules[self._key(position)]

    def _like(self, items: list[tuple[str, Module | None]]) -> Module:
        raise NotImplementedError

    def __setitem__(self, position: int, module: Module) -> None:
        setattr(self, self._key(position), module)

    def __delitem__(self, position: int | slice) -> None:
        for name in list(self._modules)[position] if isinstance(position, slice) else [self._key(position)]:
            del self._modules[name]
        left = [*self._modules.values()]
        self._modules.clear()
        self._modules.update((str(number), module) for number, module in enumerate(left))

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def append(self: L, module: Module) -> L:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self: L, modules: Iterable[Module]) -> L:
        """Add several at the end.

        Raises:
            TypeError: ``modules`` is not several.
        """
        if not isinstance(modules, Iterable):
            raise TypeError(f"{type(self).__name__}.extend should be called with an iterable, but got {type(modules).__name__}")
        for module in modules:
            self.append(module)
        return self

    def insert(self, position: int, module: Module) -> None:
        """Add a module before the one that is at ``position``."""
        together = [*self]
        together.insert(position, module)
        for number, each in enumerate(together):
            self._modules.pop(str(number), None)
            self.add_module(str(number), each)


class Sequential(_Numbered):
    """Modules one after the other: each is given what the one before it computed.

    Args:
        args: the modules, or one dict of them by name.

    >>> from microtorch import nn
    >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        items = args[0].items() if len(args) == 1 and isinstance(args[0], dict) else enumerate(args)
        for name, module in items:
            self.add_module(str(name), module)

    def _like(self, items: list[tuple[str, Module | None]]) -> Module:
        return type(self)(dict(items))

    def forward(self, input: Any) -> Any:
        """The last module's output."""
        for module in self:
            input = module(input)
        return input


class ModuleList(_Numbered):
    """A list of modules, whose parameters are found."""

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(() if modules is None else modules)

    def _like(self, items: list[tuple[str, Module | None]]) -> Module:
        return type(self)(module for _, module in items if module is not None)

    def __iadd__(self, modules: Iterable[Module]) -> ModuleList:
        return self.extend(modules)

    def __repr__(self) -> str:
        """As that of any module, with equal modules that follow each other on one line."""
        lines, start = [], 0
        for text, group in groupby(map(repr, self)):
            count = len([*group])
            which = f"({start}): " if count == 1 else f"({start}-{start + count - 1}): {count} x "
            lines.append(indented(which + text))
            start += count
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)" if lines else f"{type(self).__name__}()"


class ModuleDict(Module):
    """A dict of modules, whose parameters are found."""

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        self.update({} if modules is None else modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: str) -> bool:
        return key in self._modules

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add the modules of another dict, or pairs of a name and a module."""
        for key, module in dict(modules).items():
            self[key] = module

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._modules.keys()

    def values(self) -> Iterable[Any]:
        """The modules."""
        return self._modules.values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """The names, with their modules."""
        return self._modules.items()

    def pop(self, key: str) -> Any:
        """Take a module out."""
        return self._modules.pop(key)

    def clear(self) -> None:
        """Take all modules out."""
        self._modules.clear()


class ParameterList(Module):
    """A list of parameters, which are found; other Variables become parameters.

    >>> import microtorch
    >>> from microtorch import nn
    >>> nn.ParameterList([microtorch.ones(2, 3)])
    ParameterList(  (0): Parameter containing: [microtorch.float32 of size 2x3])
    """

    def __init__(self, values: Iterable[Variable] | None = None) -> None:
        super().__init__()
        self.extend(() if values is None else values)

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parameters.values())

    def _key(self, position: int) -> str:
        if not -len(self) <= index(position) < len(self):
            raise IndexError(f"index {position} is out of range: there are {len(self)} parameters")
        return str(position % len(self))

    def __getitem__(self, position: Any) -> Any:
        if isinstance(position, slice):
            return type(self)([*self][position])
        return self._parameters[self._key(position)]

    def __setitem__(self, position: int, value: Variable) -> None:
        self._parameters[self._key(position)] = _parameter(value)

    def append(self, value: Variable) -> ParameterList:
        """Add a parameter at the end."""
        self._parameters[str(len(self))] = _parameter(value)
        return self

    def extend(self, values: Iterable[Variable]) -> ParameterList:
        """Add several at the end.

        Raises:
            TypeError: ``values`` is not several.
        """
        if not isinstance(values, Iterable) or isinstance(values, Variable):
            raise TypeError(f"ParameterList.extend should be called with an iterable, but got {type(values).__name__}")
        for value in values:
            self.append(value)
        return self

    __iadd__ = extend

    def extra_repr(self) -> str:
        """The kind of each."""
        sizes = ("x".join(map(str, each.shape)) for each in self)
        kinds = (f"[{each.dtype} of size {size}]" for each, size in zip(self, sizes, strict=True))
        return "\n".join(f"  ({number}): Parameter containing: {kind}" for number, kind in enumerate(kinds))


def _parameter(value: Variable) -> Parameter:
    return value if isinstance(value, Parameter) else Parameter(value)
