"""Looking into the graph: hooks on what it saves. The ``torch.autograd.graph`` namespace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from numpy import ndarray

from ..core.create_graph import rewrap
from ..core.grad_mode import Block, Switch, mode, no_grad
from ..core.node import Node
from ..core.variable import Variable

__all__ = ["Node", "disable_saved_tensors_hooks", "saved_tensors_hooks"]

Hook = Callable[[Any], Any]


class Packed:
    """What the user's hook made of a node's saved values; scalars stay as they are."""

    def __init__(self, node: Node, pack: Hook, unpack: Hook) -> None:
        self._unpack = unpack
        self._shapes = tuple(value.shape if isinstance(value, ndarray) else None for value in node._saved)
        with no_grad():
            self._values = tuple(
                value if shape is None else _packed(pack, rewrap(value, node.saved_edge(position)))
                for position, (value, shape) in enumerate(zip(node._saved, self._shapes, strict=True))
            )

    def __iter__(self) -> Iterator[Any]:
        """What can be told without calling a hook: the scalars, and None for each array."""
        return (value if shape is None else None for value, shape in zip(self._values, self._shapes, strict=True))

    def unpacked(self) -> tuple[Any, ...]:
        """The saved values again.

        Raises:
            TypeError: the hook gives something that is no Variable.
            RuntimeError: it gives one of another shape.
        """
        return tuple(
            value if shape is None else self._unpacked_one(value, shape)
            for value, shape in zip(self._values, self._shapes, strict=True)
        )

    def _unpacked_one(self, packed: Any, shape: tuple[int, ...]) -> Any:
        result = self._unpack(packed)
        if not isinstance(result, Variable):
            raise TypeError(f"Output of saved tensor unpack_hook expected to be a Tensor but got result of type {type(result)}")
        if result.array.shape != shape:
            raise RuntimeError(f"unpack_hook gave a Variable of shape {result.array.shape} for a saved value of shape {shape}")
        return result.array


def _packed(pack: Hook, variable: Variable) -> Any:
    before = variable._version
    result = pack(variable)
    if variable._version != before:
        raise RuntimeError(
            "A saved tensor pack hook is modifying its input in place. Tensors passed as input to pack hook must not be "
            "modified: let it compute a new one"
        )
    return result


class saved_tensors_hooks(Block):  # noqa: N801 - torch's name
    """In this ``with`` block, ``pack_hook`` decides how nodes keep what they save, ``unpack_hook`` gets it back for backward.

    Args:
        pack_hook: takes a Variable, and returns anything; what it returns is kept instead.
        unpack_hook: takes that, and returns a Variable of the same values.

    >>> import microtorch
    >>> x = microtorch.tensor([1.0, 2.0], requires_grad=True)
    >>> with microtorch.autograd.graph.saved_tensors_hooks(lambda v: v.tolist(), lambda kept: microtorch.tensor(kept)):
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad.tolist()
    [2.0, 4.0]
    """

    def __init__(self, pack_hook: Hook, unpack_hook: Hook) -> None:
        super().__init__()
        self._pack, self._unpack = pack_hook, unpack_hook

    def __enter__(self) -> None:
        if mode.saved_hooks_disabled is not None:
            raise RuntimeError(mode.saved_hooks_disabled)
        others = tuple(each for each in mode.observers if not isinstance(each, _Packer))  # only the innermost pair packs
        self._switches = {"observers": (*others, _Packer(self._pack, self._unpack))}
        super().__enter__()


class _Packer:
    def __init__(self, pack: Hook, unpack: Hook) -> None:
        self._hooks = pack, unpack

    def __call__(self, node: Node) -> None:
        if node._saved:
            node._saved = Packed(node, *self._hooks)
            node._shortcut = node._versions = None  # what the hooks do with the values, nobody can follow: torch does not either


class disable_saved_tensors_hooks(Switch):  # noqa: N801 - torch's name
    """In this ``with`` block, `saved_tensors_hooks` are an error with this message."""

    def __init__(self, error_message: str) -> None:
        super().__init__(saved_hooks_disabled=error_message)

    def __enter__(self) -> None:
        if any(isinstance(each, _Packer) for each in mode.observers):
            raise RuntimeError(mode.saved_hooks_disabled or self._switches["saved_hooks_disabled"])
        super().__enter__()
