"""The update that follows a pass: what an optimizer, or ``w -= lr * w.grad``, makes of the leaves. It is told, never replayed.

To walk back over an update would have to change the data of the leaves, and with them everything that is computed next. So what
stands in ``data`` and ``.grad`` is looked at before and after the student's own lines, and the difference is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.snapshot import summarize
from ..graph.summary import array_of
from ..words.text import number
from .leaves import Leaf
from .steps import Change, Value
from .story import Story
from .trace import Trace
from .words import bare, short

__all__ = ["Change", "Update", "update"]

Array = NDArray[Any]
Held = tuple[Array, Array | None]  # by a leaf: its data and its .grad
SHOWN = 40  # changes in the text form


class Update:
    """Watches the lines of a ``with`` block; afterwards it tells of each leaf what has ``changes``, and so does the walk.

    It holds no array then.
    """

    def __init__(self, walk: Trace, rates: Sequence[float] | None) -> None:
        self.changes: tuple[Change, ...] = ()
        self._rates = rates
        self._story = Story(walk)
        self._walk: Trace | None = walk
        self._before: list[Held] = []
        nodes = walk.snapshot.nodes
        self._ids = {title: node.id for title, node in zip(self._story.titles, nodes, strict=True) if node.kind == "leaf"}

    def __enter__(self) -> Update:
        if self._walk is None:
            raise RuntimeError("this update has been told; begin the next one with viz.update(walk)")
        self._walk.before_update()
        self._before = [look(leaf) for leaf in self._leaves()]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: Any) -> None:
        if kind is None:
            pairs = [(leaf, before, look(leaf)) for leaf, before in zip(self._leaves(), self._before, strict=True)]
            rate = common_rate(pairs, self._rates)
            data = [change for leaf, before, after in pairs for change in self._of_data(leaf, before, after, rate)]
            grads = [change for leaf, before, after in pairs for change in self._of_grad(leaf, before[1], after[1])]
            self.changes = *data, *grads
            assert self._walk is not None
            self._walk.after_update(self.changes)
        self._walk, self._before = None, []

    def _leaves(self) -> list[Leaf]:
        assert self._walk is not None
        return [leaf for leaf in self._walk._leaves if leaf.name in self._ids]

    def _of_data(self, leaf: Leaf, before: Held, after: Held, rate: Rate) -> Iterator[Change]:
        if equal(before[0], after[0]):
            return
        old, new = value(before[0]), value(after[0])
        sentence = f"{leaf.name} was {short(old)} and is now {short(new)}."
        factor, which = rate or (None, 0)
        grad = (before, after)[which][1]
        told = None if grad is None else value(grad)
        if factor is not None and told is not None:
            term = f"{'−' if factor > 0 else '+'} {number(abs(factor))} × {bare(told)}"
            sentence = f"{leaf.name} is updated: {bare(old)} {term} = {short(new)}."
        yield Change("update", self._ids[leaf.name], leaf.name, sentence, old, new, told, factor)

    def _of_grad(self, leaf: Leaf, before: Array | None, after: Array | None) -> Iterator[Change]:
        if equal(before, after):
            return
        old, new = (None if each is None else value(each) for each in (before, after))
        is_zero = after is None or not after.any()
        verb = "cleared" if is_zero else "changed"
        told = ["None" if each is None else short(each) for each in (old, new)]
        sentence = f"{leaf.name}.grad is {verb}: it was {told[0]} and is now {told[1]}."
        yield Change("zero" if is_zero else "grad", self._ids[leaf.name], leaf.name, sentence, old, new)

    def __repr__(self) -> str:
        count = len(self._story.trace.steps)
        if not self.changes:
            return f"After {self._story.title}, {self._story.length}, no leaf has changed."
        kinds = [*dict.fromkeys(change.kind for change in self.changes)]
        lines = [f"  {count + 1 + kinds.index(change.kind)}  {change.sentence}" for change in self.changes[:SHOWN]]
        left = len(self.changes) - len(lines)
        more = [f"  …  {left:,} more changes …"] if left else []
        return "\n".join([f"After {self._story.title}, {self._story.length}:", *lines, *more])


def update(walk: Trace, optimizer: Any = None) -> Update:
    """Tell what the lines after a backward pass make of its leaves: an optimizer's step, ``zero_grad()``, or lines by hand.

    The trace goes to its end first, where every ``.grad`` is what backward() makes it. The update is real, and walking back does
    not undo it: it only puts back ``.grad``. From now on the walk ends with it: one more position for what the lines have made of
    the data, and one for what they have made of each ``.grad``.

    Args:
        walk: the trace of the pass.
        optimizer: microtorch's or PyTorch's. Where all has changed by one number times its gradient, that number is told; with
            an optimizer only if it is its learning rate: what Adam does to a single weight looks like descent, too.

    >>> from microtorch.viz import trace
    >>> import microtorch
    >>> w = microtorch.tensor(0.5, requires_grad=True)
    >>> walk = trace(w * 2)
    >>> with update(walk) as told, microtorch.no_grad():
    ...     w -= 0.1 * w.grad
    ...     w.grad = None
    >>> told
    After backward() from the root, 2 steps:
      3  w is updated: 0.5 − 0.1 × 2 = 0.3.
      4  w.grad is cleared: it was 2 and is now None.
    """
    groups = None if optimizer is None else [float(group["lr"]) for group in optimizer.param_groups]
    return Update(walk, groups)


Rate = tuple[float, int] | None  # by what the gradient was multiplied, and which one: that before (0) or after (1) the lines
Pairs = list[tuple[Leaf, Held, Held]]


def common_rate(pairs: Pairs, rates: Sequence[float] | None) -> Rate:
    """The one number by which every gradient was multiplied; None where it is not that which has happened, as by Adam."""
    changed = [(before, after) for _, before, after in pairs if not equal(before[0], after[0])]
    scaled = any(after[1] is not None and after[1].any() and not equal(before[1], after[1]) for before, after in changed)
    for which in (1, 0) if scaled else (0, 1):  # a gradient that was clipped first, was so when it was used
        steps = [(before[0], after[0], (before, after)[which][1]) for before, after in changed]
        known = [(old, new, grad) for old, new, grad in steps if grad is not None and grad.shape == old.shape == new.shape]
        if not known or len(known) < len(steps) or any(each.dtype.kind not in "iuf" for step in known for each in step):
            continue
        rate = slope(known)
        if plausible(rate, known, rates) and all(follows(old, new, grad, rate) for old, new, grad in known):
            return rate, which
    return None


def plausible(rate: float, steps: list[tuple[Array, Array, Array]], rates: Sequence[float] | None) -> bool:
    """Whether it may be a learning rate: one of these; of a single number, which any rate explains, a round one."""
    if not rate or not np.isfinite(rate):
        return False
    if rates is not None:
        return any(abs(abs(rate) - each) <= 1e-3 * each for each in rates)
    return sum(old.size for old, _, _ in steps) > 1 or abs(float(f"{rate:.1e}") - rate) <= 1e-4 * abs(rate)


def slope(steps: list[tuple[Array, Array, Array]]) -> float:
    """The number that explains best how all have changed."""
    with np.errstate(all="ignore"):
        moved = sum(float(np.vdot((old - new).astype(float), grad.astype(float))) for old, new, grad in steps)
        return moved / (sum(float(np.vdot(grad, grad.astype(float))) for _, _, grad in steps) or np.inf)


def follows(old: Array, new: Array, grad: Array, rate: float) -> bool:
    """Whether it is that, but for rounding."""
    precision = float(np.finfo(old.dtype.char).eps) if old.dtype.kind == "f" else 1e-15
    with np.errstate(all="ignore"):
        step = rate * grad.astype(float)
        room = 8 * precision * (np.abs(old.astype(float)) + np.abs(step)) + 1e-4 * np.abs(step)
        return bool(np.all(np.abs(old.astype(float) - step - new) <= room))


def look(leaf: Leaf) -> Held:
    """Copies of a leaf's data and ``.grad``."""
    grad = leaf.keeper.get(leaf.variable)
    return np.array(array_of(leaf.variable)), None if grad is None else np.array(array_of(grad))


def equal(one: Array | None, other: Array | None) -> bool:
    """Whether nothing has changed."""
    if one is None or other is None:
        return one is other
    return one.shape == other.shape and bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fc"))


def value(array: Array) -> Value:
    """An array for words."""
    return Value(summarize(array))
