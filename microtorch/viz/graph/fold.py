"""``fold``: a snapshot of any size as a view that can be read, some of it in folds."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import groupby
from typing import Literal

from .folding.blocks import Block, Line, inside_out
from .folding.grouping import Grouping
from .folding.limits import limit as keep_within
from .folding.limits import place_leaves
from .folding.modules import modules, simplify
from .folding.naming import label, note
from .snapshot import Scope, Snapshot
from .uncollected import uncollected
from .view import STUBS, Fold, View

__all__ = ["fold", "opened"]

LEAST = 40  # boxes: fewer leave no room for what is around the inside of a fold
SMALL = 6  # nodes that are not worth a fold


@uncollected
def fold(snapshot: Snapshot, fold: Literal["auto"] | bool | Iterable[str] = "auto", limit: int = 80) -> View:
    """A snapshot with folds: modules, blocks that repeat, steps, long chains, and what is still too much in parts.

    ``fold="auto"`` closes as few as it takes to show at most ``limit`` boxes, the outer ones first; False closes none, True all,
    and a list those with these labels.

    Raises:
        TypeError: ``fold`` is none of these, or ``limit`` no int.
        ValueError: no fold has such a label; or ``limit`` is less than 40.

    >>> import microtorch
    >>> from microtorch.viz import snapshot
    >>> y = microtorch.ones(2, requires_grad=True)
    >>> for _ in range(100):
    ...     y = y.tanh() * 2
    >>> view = fold(snapshot(y), fold=True)
    >>> [(each.kind, each.label, each.times, each.note) for each in view.folds]
    [('repeat', 'Tanh → Mul', 100, '100 times: Tanh → Mul')]
    """
    wanted = checked(fold, limit)
    outermost = folds(snapshot, limit * 9 // 10 - STUBS) if len(snapshot.nodes) > 1 else ()
    whole = View(snapshot, outermost=outermost)
    if wanted is False or (wanted == "auto" and len(snapshot.nodes) <= limit):
        return whole
    if wanted is True:
        closed = outermost
    elif wanted == "auto":
        closed = as_few_as_fit(len(snapshot.nodes), outermost, limit)
    else:
        closed = labelled(outermost, wanted)
    return View(snapshot, closed, outermost=outermost)


def opened(view: View, fold: Fold, limit: int = 80) -> View:
    """The inside of a fold, with as few closed as it takes to show at most ``limit`` boxes."""
    closed = as_few_as_fit(len(fold.nodes), fold.folds, limit - 2 * STUBS)
    return View(view.snapshot, closed, fold, view.outermost)


def checked(fold: object, limit: object) -> bool | Literal["auto"] | tuple[str, ...]:
    """What ``fold=`` asks for, if it can be asked for."""
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise TypeError(f"limit= is the number of boxes in the picture, as in limit=80; got {type(limit).__name__}")
    if limit < LEAST:
        raise ValueError(f"limit={limit} boxes are too few to show a graph in folds: at least {LEAST} are")
    if fold == "auto" or isinstance(fold, bool):
        return fold
    if isinstance(fold, str) or not isinstance(fold, Iterable):
        what = repr(fold) if isinstance(fold, str) else type(fold).__name__
        raise TypeError(f"fold= is 'auto', True, False, or a list of the folds to close, as in fold=['net.0']; got {what}")
    names = tuple(fold)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"fold= takes the labels of folds, as in fold=['net.0']; got a list with {type(name).__name__}")
    return names


def labelled(outermost: tuple[Fold, ...], names: tuple[str, ...]) -> tuple[Fold, ...]:
    """The folds with these labels, but none that is in another of them."""
    waiting, closed = list(reversed(outermost)), []
    known = {each.label: None for fold in outermost for each in fold.walk()}
    for name in names:
        if name not in known:
            meant = get_close_matches(name, known, n=1)
            hint = f"; did you mean {meant[0]!r}?" if meant else "."
            listed = ", ".join(map(repr, list(known)[:20])) + ", …" * (len(known) > 20)
            raise ValueError(f"there is no fold {name!r}{hint} {f'The folds are {listed}' if known else 'Nothing can be folded'}")
    while waiting:
        fold = waiting.pop()
        if fold.label in names:
            closed.append(fold)
        else:
            waiting.extend(reversed(fold.folds))
    return tuple(closed)


def as_few_as_fit(count: int, folds: tuple[Fold, ...], limit: int) -> tuple[Fold, ...]:
    """Of folds among ``count`` nodes, those to close: level by level, what makes the fewest boxes is opened first."""
    closed = set(folds)
    visible = count - sum(len(fold.nodes) - 1 for fold in folds)
    level = list(folds)
    repeated: set[Fold] = set()  # of what repeats in a unit of what repeats, one example is enough
    while level:
        level.sort(key=lambda fold: (boxes(fold), fold.id))
        further: list[Fold] = []
        for more, group in groupby(level, boxes):
            alike = [fold for fold in group if opens_by_itself(fold, repeated)]
            if visible + (more - 1) * len(alike) > limit:
                break
            visible += (more - 1) * len(alike)
            closed.difference_update(alike)
            for fold in alike:
                closed.update(fold.folds)
                further += fold.folds
                if fold.times > 1 or fold in repeated:
                    repeated.update(fold.folds)
        level = further
    return tuple(sorted(closed, key=lambda fold: fold.id))


def opens_by_itself(fold: Fold, repeated: set[Fold]) -> bool:
    """Whether a fold is opened where there is room; the others wait for a reader to open them."""
    if len(fold.nodes) <= SMALL:
        return True
    return fold.kind not in {"more", "part", "leaves"} and not (fold.times > 1 and fold in repeated)


def boxes(fold: Fold) -> int:
    """How many boxes a fold makes when it is opened."""
    return len(fold.nodes) - sum(len(inner.nodes) - 1 for inner in fold.folds)


def folds(snapshot: Snapshot, most: int) -> tuple[Fold, ...]:
    """All folds of a snapshot, the outermost: neither the whole nor what is in a fold shows more than ``most`` boxes."""
    line = Line(snapshot)
    everything = modules(line)
    inside_out(everything, lambda block: simplify(line, block, placed=False))
    inside_out(everything, Grouping(line).group)
    place_leaves(line, everything)
    inside_out(everything, lambda block: simplify(line, block, placed=True))
    keep_within(line, everything, most)
    return frozen(line, everything)


def frozen(line: Line, everything: Block) -> tuple[Fold, ...]:
    """The blocks as folds, numbered from the outside in."""
    around: dict[Block, Scope | None] = {everything: None}
    blocks = list(everything.walk())
    for block in blocks:
        for inner in block.inner:
            around[inner] = block.scope or around[block]
    made: dict[Block, Fold] = {}
    for number, block in reversed(list(enumerate(blocks[1:]))):
        within = tuple(made[each] for each in block.inner)
        own = [line.order[item] for item in block.items if isinstance(item, int)]
        own += [leaf for leaf in block.leaves if isinstance(leaf, int)]
        nodes = frozenset(own).union(*(each.nodes for each in within))
        name, words = label(line, block, around[block]), note(line, block, around[block])
        made[block] = Fold(number, block.kind, name, words, nodes, within, block.times)
    return tuple(made[each] for each in everything.inner)
