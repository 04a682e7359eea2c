"""What variables are called: by an explicit name, by their own, or in the notebook or function that draws them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from inspect import CO_OPTIMIZED, CO_VARARGS, CO_VARKEYWORDS
from types import CodeType, FrameType
from typing import Any

import numpy as np

from .naming.assigned import assigned
from .naming.clean import clean
from .naming.contents import Contents, Kinds, Pairs
from .naming.frames import callers
from .source import Line, line_of
from .walk import GradNode, is_variable, key

__all__ = ["Names", "checked", "clean"]


def named() -> Iterator[tuple[str, Any]]:
    """All that has a name for the reader of a picture: first what the notebook and the code that draws call so by itself.

    The outermost code goes first, so that a variable handed to a helper is called as its caller does; then what lists and objects
    hold, ``layers[0].W``; and the arguments of functions at last.
    """
    plain, arguments = visible()
    contents = Contents()
    yield from plain
    yield from contents.of(plain)
    yield from arguments
    yield from contents.of(arguments)


def visible() -> tuple[Pairs, Pairs]:
    """The variables of the notebook and of the code that draws, outermost first; and those among them that are arguments."""
    plain: Pairs = []
    arguments: Pairs = []
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    seen: list[Mapping[str, Any]] = [] if shell is None else [shell.user_ns]
    plain += [pair for space in seen for pair in entries(space)]
    for frame in reversed(callers()):
        given = argument_names(frame.f_code)
        for space in (frame.f_globals, local_names(frame)):
            if not any(space is each for each in seen):
                seen.append(space)
                for pair in entries(space):
                    (arguments if pair[0] in given and space is not frame.f_globals else plain).append(pair)
    return plain, arguments


def argument_names(code: CodeType) -> tuple[str, ...]:
    """The names of a function's parameters."""
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    return code.co_varnames[:count]


def local_names(frame: FrameType) -> Mapping[str, Any]:
    """The frame's variables. Before Python 3.13 the frame keeps what it told, and so every graph that its variables held."""
    told = frame.f_locals
    if sys.version_info >= (3, 13) or not frame.f_code.co_flags & CO_OPTIMIZED:
        return told
    found = dict(told)
    told.clear()
    return found


def entries(space: Mapping[str, Any]) -> Pairs:
    """What a namespace holds under names worth showing, copied first: other threads may add to it."""
    try:
        pairs = dict(space).items()
    except Exception:  # noqa: BLE001 - exec() takes any mapping for a namespace
        return []
    words = [(name, value) for name, value in pairs if type(name) is str and name.isidentifier()]
    return [(name, value) for name, value in words if name[0] != "_" and name not in {"In", "Out"}]


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

    def __init__(self, explicit: Pairs, roots: list[Any], nodes: list[GradNode]) -> None:
        kinds = {type(each) for each in (*roots, *(getattr(node, "variable", None) for node in nodes))} - {type(None)}
        variables = Kinds("grad_fn", kinds)  # a torch Parameter may lead to a mere Tensor: so what has a grad_fn counts, too
        modules = Kinds("named_modules")
        everything = list(named())
        found = [(name, value) for name, value in everything if variables.has(value)]
        self.modules = [(name, value) for name, value in everything if modules.has(value)]
        self.explicit = {id(variable): clean(name) for name, variable in reversed(explicit)}
        self.found: dict[int, str] = {}
        self.outputs: dict[int, dict[int, str]] = {}
        self.made: dict[int, dict[int, Any]] = {}
        self.assigned = assigned(nodes)
        self.lines: dict[tuple[int, int], Line] = {}
        self.nodes = {key(node) for node in nodes}
        self.variables = [variable for _, variable in (*explicit, *found)]
        self.memory: dict[Any, str] | None = None
        for name, variable in [*explicit, *found, *(("", root) for root in roots)]:
            if id(variable) not in self.found:
                self.found[id(variable)] = name
                try:
                    self.note(variable)
                except Exception:  # noqa: BLE001 - what looks like a Variable may be none, and raise
                    continue
        self.note_gradients(nodes)

    def note_gradients(self, nodes: list[GradNode]) -> None:
        """Call ``x.grad`` so, where ``create_graph=True`` has given it a graph of its own, and the code no other name."""
        for leaf in (getattr(node, "variable", None) for node in nodes):
            grad = getattr(leaf, "grad", None)
            if getattr(grad, "grad_fn", None) is not None and self.of(leaf) and not self.of(grad):
                self.found[id(grad)] = f"{self.of(leaf)}.grad"
                self.note(grad)

    def note(self, variable: Any) -> None:
        """Remember of which node a Variable is an output, if it has a name."""
        maker = getattr(variable, "grad_fn", None)
        if maker is not None and key(maker) in self.nodes and self.of(variable):
            output = getattr(variable, "output_nr", 0)
            self.outputs.setdefault(key(maker), {}).setdefault(output, self.of(variable))
            self.made.setdefault(key(maker), {}).setdefault(output, variable)

    def of(self, variable: Any) -> str:
        """The explicit name, or the Variable's own, or the one it has in the caller's code."""
        own = getattr(variable, "name", None)
        return self.explicit.get(id(variable)) or clean(own if isinstance(own, str) and own else self.found.get(id(variable), ""))

    def line(self, node: GradNode) -> Line | None:
        """The line that made the node, if it knows."""
        return line_of(node, self.lines)

    def of_data(self, data: Any) -> str:
        """The name of the Variable that has just this memory: of what was detached, that of what it was before."""
        if self.memory is None:
            self.memory = {}
            for variable in reversed(self.variables):
                self.memory[memory_of(variable)] = self.of(variable)
        return self.memory.get(memory_of(data), "")

    def made_by(self, node: GradNode) -> tuple[str, ...]:
        """The names of the node's outputs, by number: those they have, or else those that the code gave them once."""
        outputs, once = self.outputs.get(key(node), {}), self.assigned.get(id(node), ())
        if not outputs and not once:
            return ()
        count = max(len(once), max(outputs, default=-1) + 1)
        return tuple(outputs.get(i) or (clean(once[i]) if i < len(once) else "") for i in range(count))
