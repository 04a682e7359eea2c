"""The passes of PyTorch's engine, seen through hooks on every node while it computes the gradients of the leaves.

torch is never imported here: whoever passes a tensor has done that.
"""

from __future__ import annotations

import gc
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..graph.snapshot import freeze, key
from ..graph.summary import array_of
from ..graph.walk import is_leaf
from .leaves import Leaf
from .recording import Message, Recorder
from .words import titles

__all__ = ["TorchPass", "is_tensor"]

# The operations that stretch their inputs to one shape: the engine sums their gradients over what was stretched.
STRETCHING = {"Add", "Sub", "Rsub", "Mul", "Div", "Pow", "Maximum", "Minimum", "Fmax", "Fmin", "Where", "Lerp", "Atan2", "Hypot"}
STRETCHING |= {"Addcmul", "Addcdiv", "Remainder", "Fmod", "Copysign", "Logaddexp", "Logaddexp2", "Xlogy", "MaskedFill"}
STRETCHING_FIRST = {"Addmm", "Addmv", "Addr", "Addbmm", "Baddbmm"}  # only what is added


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor of PyTorch's."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, getattr(torch, "Tensor", ()))


class TorchPass:
    """A backward pass over a graph of PyTorch's tensors.

    Two kinds of hooks have no part in it: those on an AccumulateGrad itself, and those that wait for a ``.grad`` to have grown.

    Raises:
        RuntimeError: whatever ``root.backward(gradient)`` raises before it begins; or the graph was freed.
    """

    order = ""
    lines = "Of code run in a block `with torch.autograd.detect_anomaly():`, the lines are shown here, too."

    def __init__(self, root: Any, gradient: Any) -> None:
        self.torch = sys.modules["torch"]
        self.gradient = gradient
        self.first = self.checked(root, gradient)
        self.root = root
        self.snapshot, self.nodes = freeze(root)
        freed = next((node for node in self.snapshot.nodes if any(saved.freed for saved in node.saved)), None)
        if freed is not None:
            raise RuntimeError(
                f"Trying to backward through the graph a second time: the values that {freed.name} saved were freed by an "
                "earlier backward(). Call that one with retain_graph=True, or compute the output anew."
            )
        names = titles(self.snapshot)
        ends = [(i, getattr(node, "variable", None)) for i, node in enumerate(self.nodes) if is_leaf(node)]
        self.by_id = {i: Leaf(names[i], leaf, TensorKeeper()) for i, leaf in ends if leaf is not None}
        self.leaves = tuple(self.by_id.values())
        self.mute: dict[int, set[int]] = {i: set() for i, leaf in self.by_id.items() if not leaf.variable.requires_grad}
        for edge in self.snapshot.edges if self.mute else ():
            if edge.producer in self.mute:
                self.mute[edge.producer].add(edge.consumer)
        self.hooks: list[Hook] = []

    def checked(self, root: Any, gradient: Any) -> Any:
        """The gradient to begin with.

        Raises:
            RuntimeError: there is none, and the root is no scalar; or it does not fit; or the root requires no grad.
        """
        if not root.requires_grad:
            raise RuntimeError("element 0 of tensors does not require grad and does not have a grad_fn")
        if gradient is None:
            if root.numel() != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs; pass gradient= for others")
            return self.torch.ones_like(root, memory_format=self.torch.preserve_format)
        if not is_tensor(gradient):
            raise TypeError(f"the gradient to begin with must be a Tensor or None, not {type(gradient).__name__}")
        if gradient.shape != root.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[0] has a shape of {gradient.shape} and output[0] has a shape of {root.shape}."
            )
        return gradient

    def run(self, tell: Recorder) -> None:
        """Let the engine run once, with the graph retained: it is asked for gradients only, so it writes to no ``.grad``."""
        graph = self.torch.autograd.graph
        ends = [graph.get_gradient_edge(leaf.variable) if leaf.variable.requires_grad else None for leaf in self.leaves]
        wanted = [end or graph.GradientEdge(self.nodes[i], 0) for i, end in zip(self.by_id, ends, strict=True)]
        with retained(self.torch, self.nodes), self.listening(tell):
            # Not self.first: torch imports sympy, for seconds, to look at a gradient that it is given.
            self.torch.autograd.grad(self.root, wanted, self.gradient, retain_graph=True, allow_unused=True)

    @contextmanager
    def listening(self, tell: Recorder) -> Iterator[None]:
        """For the length of a pass, hooks on every node and leaf."""
        handles: list[Any] = []
        finished = False
        try:
            for i, node in enumerate(self.nodes):
                if i in self.by_id:
                    if self.by_id[i].variable.requires_grad:
                        handles.append(self.by_id[i].variable.register_hook(self.hook(self.arrives, tell, i)))
                elif not is_leaf(node):
                    handles.append(node.register_prehook(self.hook(self.begins, tell, i)))  # type: ignore[attr-defined]
                    handles.append(node.register_hook(self.hook(self.ends, tell, i)))  # type: ignore[attr-defined]
            yield
            finished = True
        finally:
            for handle in handles:
                handle.remove()
            if not finished:  # an interruption may have come when a hook was registered, and its handle not yet here
                forget(self.hooks)
            self.hooks = []

    def hook(self, call: Callable[..., None], tell: Recorder, i: int) -> Hook:
        """One that will be remembered."""
        self.hooks.append(Hook(call, tell, i))
        return self.hooks[-1]

    def begins(self, tell: Recorder, i: int, grad_outputs: Any) -> None:
        """A node's turn begins."""
        self.begin(tell)
        tell.turn(i, [None if grad is None else plain(grad) for grad in as_tuple(grad_outputs)])

    def ends(self, tell: Recorder, i: int, grad_inputs: Any, grad_outputs: Any) -> None:
        """A node's turn ends: its gradients are already in the shapes of what they belong to."""
        shape = next((grad.shape for grad in as_tuple(grad_outputs) if grad is not None), None)
        name = self.snapshot.nodes[i].operation
        tell.sends(
            Message(port, None) if grad is None else Message(port, plain(grad), stretched(name, port, shape, grad.shape))
            for port, grad in enumerate(as_tuple(grad_inputs))
            if port < len(self.nodes[i].next_functions)
        )
        self.mute_leaves(tell, i)

    def arrives(self, tell: Recorder, i: int, total: Any) -> None:
        """All that a leaf waits for has arrived."""
        self.begin(tell)
        leaf = self.by_id[i]
        leaf.becomes(tell.now, grown(self.torch, leaf.variable, leaf.before.numbers, total.detach()))
        tell.turn(i, (plain(total),))
        before, after = leaf.before.numbers, leaf.after.numbers
        tell.accumulates(None if before is None else plain(before), plain(after))

    def begin(self, tell: Recorder) -> None:
        """What backward() puts in; told when the first turn has come, since until then the engine may refuse to begin."""
        if not tell.begun:
            edge = self.snapshot.roots[0]
            assert edge.node is not None
            tell.given(edge.node, edge.output, plain(self.first))

    def mute_leaves(self, tell: Recorder, i: int) -> None:
        """Leaves that require no grad any more have no hooks; once all has arrived there, nothing happens."""
        for producer, consumers in self.mute.items():
            consumers.discard(i)
            if not consumers:
                before = self.by_id[producer].before.numbers
                tell.turn(producer, (None,))
                tell.accumulates(*[None if before is None else plain(before)] * 2)
        self.mute = {producer: consumers for producer, consumers in self.mute.items() if consumers}

    def watch(self) -> Callable[[], list[str]]:
        """PyTorch's graphs cannot be watched without being kept alive."""
        return list


class Hook:
    """One hook of ours: it replaces nothing."""

    def __init__(self, call: Callable[..., None], *begin: Any) -> None:
        self.call = call
        self.begin = begin

    def __call__(self, *gradients: Any) -> None:
        self.call(*self.begin, *gradients)


class TensorKeeper:
    """The ``.grad`` of a tensor is a tensor, and backward() adds to it in place."""

    def get(self, leaf: Any) -> Any:
        """The tensor, or None."""
        return leaf.grad

    def put(self, leaf: Any, grad: Any) -> None:
        """PyTorch refuses what cannot stand there."""
        leaf.grad = grad

    def numbers(self, grad: Any) -> Any:
        """A copy with its strides."""
        return grad.detach().clone()

    def holds(self, grad: Any, numbers: Any) -> bool:
        """Whether it has these bits."""
        if (grad.shape, grad.dtype, grad.layout, grad.device) != (numbers.shape, numbers.dtype, numbers.layout, numbers.device):
            return False
        return bool(np.array_equal(bits(grad), bits(numbers)))

    def write(self, grad: Any, numbers: Any) -> None:
        """A change in place, which counts as one."""
        grad.detach().copy_(numbers)

    def new(self, leaf: Any, numbers: Any, grad: Any) -> Any:
        """A tensor with memory of its own.

        Raises:
            RuntimeError: the leaf has got another shape or dtype meanwhile.
        """
        if (leaf.shape, leaf.dtype) != (numbers.shape, numbers.dtype):
            raise RuntimeError(
                f"attempting to assign a gradient of size {list(numbers.shape)} to a tensor of size {list(leaf.shape)}: "
                "the leaf has changed since the pass was recorded"
            )
        return numbers.clone() if grad is None else grad


def grown(torch: Any, leaf: Any, before: Any, total: Any) -> Any:
    """What AccumulateGrad makes of a ``.grad``: of none, a copy with the leaf's strides where these leave no gaps."""
    if before is not None:
        return before.clone().add_(total) if before.layout is torch.strided else before + total
    if total.layout is not torch.strided:
        return total.clone()
    like = torch.empty_like(leaf, memory_format=torch.preserve_format, requires_grad=False)
    if like.stride() != leaf.stride():
        like = torch.empty(leaf.shape, dtype=leaf.dtype, device=leaf.device)
    return like.copy_(total)


def stretched(operation: str, port: int, whole: Any, part: Any) -> tuple[int, ...]:
    """The axes over which the engine has summed a gradient, to undo that the operation had stretched this input."""
    known = operation.rstrip("_") in STRETCHING or (operation in STRETCHING_FIRST and port == 0)
    lead = 0 if whole is None else len(whole) - len(part)
    if not known or whole is None or lead < 0:
        return ()
    return tuple(axis for axis, n in enumerate(whole) if axis < lead or n != part[axis - lead])


def plain(tensor: Any) -> Any:
    """Its numbers, as an array on the same memory where that can be."""
    tensor = tensor.detach()
    return array_of(tensor if "strided" in str(tensor.layout) else tensor.to_dense())


def bits(tensor: Any) -> Any:
    """Its memory, byte by byte, in the order of its elements."""
    torch = sys.modules["torch"]
    tensor = tensor.detach().cpu()
    dense = tensor if tensor.layout is torch.strided else tensor.to_dense()
    return dense.resolve_conj().resolve_neg().contiguous().reshape(-1).view(torch.uint8).numpy()


def as_tuple(gradients: Any) -> tuple[Any, ...]:
    """Hooks of some nodes are given a single tensor."""
    return gradients if isinstance(gradients, tuple) else (gradients,)


@contextmanager
def retained(torch: Any, nodes: list[Any]) -> Iterator[None]:
    """For the length of a pass: what `retain_grad` has asked to be kept for tensors that are no leaves, is put back.

    Who has asked, no node tells; so among all objects those are looked for.
    """
    found = {key(node) for node in nodes}
    kinds = {torch.Tensor}
    while more := {kind for each in kinds for kind in each.__subclasses__()} - kinds:
        kinds |= more
    kept = [(each, each.grad) for each in gc.get_objects() if type(each) in kinds and retains_one_of(found, each)]
    try:
        yield
    finally:
        for each, grad in kept:
            each.grad = grad


def retains_one_of(found: set[Any], tensor: Any) -> bool:
    """Whether a tensor keeps the gradient of one of these nodes. Of some, torch refuses to tell the node: they keep none."""
    try:
        return bool(tensor.retains_grad) and tensor.grad_fn is not None and key(tensor.grad_fn) in found
    except RuntimeError:
        return False


def forget(hooks: list[Hook]) -> None:
    """Take hooks out of wherever they have been registered."""
    ours = {id(hook) for hook in hooks}
    for each in gc.get_objects():
        if type(each) is OrderedDict:
            for name in [name for name, hook in each.items() if id(hook) in ours]:
                del each[name]
