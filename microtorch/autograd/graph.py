"""Looking into the graph: hooks on what it saves. The ``torch.autograd.graph`` namespace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Literal

from numpy import ndarray

from ..core.accumulate_grad import gradient_edge
from ..core.create_graph import rewrap
from ..core.grad_mode import Block, Switch, mode, no_grad
from ..core.hook_lists import RemovableHandle
from ..core.hooks import of_this_pass, register_hook
from ..core.node import GradientEdge, Node, node_of, number_of
from ..core.variable import Variable
from ..core.versions import count

__all__ = [
    "GradientEdge", "Node", "disable_saved_tensors_hooks", "get_gradient_edge", "increment_version", "register_multi_grad_hook",
    "save_on_cpu", "saved_tensors_hooks",
]  # fmt: skip

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


class save_on_cpu(saved_tensors_hooks):  # noqa: N801 - torch's name
    """Accepted, since PyTorch has it: saved values lie in the memory of the CPU, as they always do here.

    Args:
        pin_memory: accepted, without effect.
        device_type: accepted, without effect.
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda variable: variable.detach(), lambda kept: kept)


def get_gradient_edge(tensor: Variable) -> GradientEdge:
    """The place in the graph where the gradient of a Variable goes: it stays that, whatever is done to the Variable in place.

    Raises:
        RuntimeError: the Variable requires no gradient.

    >>> import microtorch
    >>> x = microtorch.ones(2, requires_grad=True)
    >>> edge = get_gradient_edge(x * 2)
    >>> edge.node.name(), edge.output_nr
    ('MulBackward0', 0)
    """
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    edge = gradient_edge(tensor)
    node = node_of(edge)
    assert node is not None
    return GradientEdge(node, number_of(edge))


def increment_version(tensor: Variable | Iterable[Variable]) -> None:
    """Say that something has changed the values of a Variable (or of several) in place, where nobody could notice."""
    for each in (tensor,) if isinstance(tensor, Variable) else tensor:
        count(each, operation="increment_version")


def register_multi_grad_hook(
    tensors: Sequence[Variable], fn: Callable[..., None], *, mode: Literal["all", "any"] = "all"
) -> MultiHandle:
    """Call ``fn`` once in a backward pass: at its end with the gradients of all ``tensors``, or at once with the first of any.

    Args:
        tensors: that require gradients; of those, if any, that the pass does not reach, the gradient is None.
        fn: takes a sequence of gradients ("all"), or one gradient ("any"). It must not change them; what it returns is not used.
        mode: "all" or "any".

    Returns:
        A handle, whose ``remove()`` takes the hooks away.

    Raises:
        ValueError: another ``mode``.

    >>> import microtorch
    >>> x, y = microtorch.ones(1, requires_grad=True), microtorch.ones(1, requires_grad=True)
    >>> handle = register_multi_grad_hook([x, y], lambda grads: print([grad.item() for grad in grads]))
    >>> (x * 2 + y * 3).backward()
    [2.0, 3.0]
    """
    if mode not in {"all", "any"}:
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")

    def all_at_end(here: dict[int, Variable]) -> None:
        if mode == "all":
            fn([here.get(i) for i in range(len(tensors))])

    def seen(i: int, grad: Variable) -> None:
        here = of_this_pass(all_at_end)
        if mode == "any" and not here:
            fn(grad)
        here[i] = grad

    return MultiHandle(tuple(register_hook(each, partial(seen, i)) for i, each in enumerate(tensors)))


class MultiHandle:
    """What `register_multi_grad_hook` returns: ``remove()`` takes the hooks away, as does the end of a ``with`` block."""

    def __init__(self, handles: tuple[RemovableHandle, ...]) -> None:
        self.handles = handles

    def remove(self) -> None:
        """Take the hooks away."""
        for each in self.handles:
            each.remove()

    def __enter__(self) -> MultiHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()
