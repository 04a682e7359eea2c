"""What else decides a result, and has no gradient: an exponent, axes, a stride. Named as PyTorch names it."""

from __future__ import annotations

from typing import Any

from ....core.primitive import Primitive
from ..names import clean
from ..walk import GradNode
from .operations import saved_attribute, shape_of

__all__ = ["constants", "spelled"]

DIMENSIONS = {"dim", "dim0", "dim1", "dim2", "dims", "dimension"}
LENGTHS = {"kernel_size", "stride", "padding", "dilation", "output_padding", "output_size"}  # one for each dimension of an image
END = 2**63 - 1  # PyTorch's way to say "to the end"
KEPT_AS = {"base": "self"}
PLAIN = (bool, int, float, str, tuple)


def constants(node: GradNode, model: Primitive | None) -> tuple[tuple[str, str], ...]:
    """Name and value of each that is not what it is by default; of a node of an unknown operation, what PyTorch tells."""
    if model is None:
        return tuple((clean(name), spelled(lengths(name, value))) for name, value in told(node))
    found = []
    for name, default in model.constants.items():
        value = normal(name, model, node, getattr(node, name, None) if model is node else of_torch(node, name))
        if isinstance(value, PLAIN) and (default is ... or value != default):
            found.append((name, spelled(value)))
    return tuple(found)


def told(node: Any) -> list[tuple[str, Any]]:
    """What a node of PyTorch keeps that is no tensor, without what is for its own use: the sizes that its gradients will have."""
    names = [name.removeprefix("_saved_") for name in dir(node) if name.startswith("_saved_") and "_sym_" not in name]
    values = [(name, saved_attribute(node, name)) for name in names]
    return [
        (name, value) for name, value in values if value is not False and value != () and plain(value) and "scale" not in name
    ]


def plain(value: Any) -> bool:
    """Whether a value is a number, a word, or several."""
    return all(map(plain, value)) if isinstance(value, tuple) else isinstance(value, PLAIN)


def of_torch(node: Any, name: str) -> Any:
    """A constant of PyTorch's node, kept by it or known from shapes."""
    if name == "shape":
        return shape_of(node)
    if name == "count":
        return counted(node)
    value = saved_attribute(node, KEPT_AS.get(name, name))
    return value if not (name == "stride" and value == ()) else saved_attribute(node, "kernel_size")


def counted(node: Any) -> int | None:
    """How many elements were averaged to one."""
    number, shape = saved_attribute(node, "self_sym_numel"), shape_of(node)
    if number is None or shape is None:
        return None
    results = 1
    for length in shape:
        results *= length
    return int(number) // results if results else None


def normal(name: str, model: Primitive, node: GradNode, value: Any) -> Any:
    """A constant so that the same has one form: dimensions counted from the front, all of them None, equal lengths one."""
    if name in DIMENSIONS and value is not None:
        rank = ranked(node, with_output=name != "dimension")
        if isinstance(value, tuple):
            value = tuple(dim % rank if rank else dim for dim in value)
            reduces = model.constants[name] is None
            if reduces:
                value = tuple(sorted(value))
            return (
                None
                if reduces and (not value or len(value) == rank)
                else value[0]
                if len(value) == 1 and name == "dim"
                else value
            )
        return value % rank if rank else value
    value = lengths(name, value)
    if name == "pad":
        while value[-2:] == (0, 0):
            value = value[:-2]
    return None if name == "end" and value == END else value


def lengths(name: str, value: Any) -> Any:
    """Lengths, of which equal ones are one."""
    return value[0] if name in LENGTHS and isinstance(value, tuple) and len(set(value)) == 1 else value


def ranked(node: GradNode, with_output: bool) -> int:
    """How many dimensions the first input has, or the output, if that has more."""
    shapes = [
        shape_of(node) if with_output else None,
        *(shape_of(producer, output) for producer, output in node.next_functions[:1] if producer is not None),
    ]
    shapes.append(saved_attribute(node, "self_sym_sizes") or getattr(node, "input_shape", None))
    return max((len(shape) for shape in shapes if shape is not None), default=0)


def spelled(value: Any) -> str:
    """A constant in few characters.

    >>> spelled(2.0), spelled(0.1 + 0.2), spelled((1, 2)), spelled("mean"), spelled(True)
    ('2', '0.3', '(1, 2)', 'mean', 'True')
    """
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple):
        return f"({', '.join(map(spelled, value))}{',' * (len(value) == 1)})"
    return clean(str(value))
