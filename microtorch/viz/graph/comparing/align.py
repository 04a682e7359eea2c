"""Two sequences laid side by side: what is in both, in the same order, and what lies between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

__all__ = ["Gap", "Turns", "align", "gaps", "turns"]

T = TypeVar("T")

MOST = 1500  # steps apart, up to which the best alignment is looked for: the work grows with the square


@dataclass(frozen=True)
class Gap:
    """What lies between two matches: ``a[a0:a1]`` against ``b[b0:b1]``; one of the two may be empty."""

    a0: int
    a1: int
    b0: int
    b1: int


@dataclass(frozen=True)
class Turns:
    """Elements that repeat: ``size`` of them are one turn, the first begins at ``start``; so many in all, so many more."""

    start: int
    size: int
    all: int
    more: int


def align(a: Sequence[T], b: Sequence[T]) -> list[tuple[int, int]]:
    """The positions that match, in order: of all ways to do it one with the most matches, unless the two are very different.

    >>> align("abcd", "abxd")
    [(0, 0), (1, 1), (3, 3)]
    """
    shorter = min(len(a), len(b))
    head = next((i for i in range(shorter) if a[i] != b[i]), shorter)
    tail = next((i for i in range(shorter - head) if a[-1 - i] != b[-1 - i]), shorter - head)
    middle = best(a[head : len(a) - tail], b[head : len(b) - tail])
    return [
        *((i, i) for i in range(head)),
        *((head + i, head + j) for i, j in middle),
        *((len(a) - tail + i, len(b) - tail + i) for i in range(tail)),
    ]


def best(a: Sequence[T], b: Sequence[T]) -> list[tuple[int, int]]:
    """The longest common subsequence, by Myers' greedy algorithm; where that is too far, what is equal at the same place."""
    if not a or not b:
        return []
    furthest = {1: 0}  # on each diagonal x - y, how far one comes
    history: list[dict[int, int]] = []
    for steps in range(min(len(a) + len(b), MOST) + 1):
        history.append(dict(furthest) if steps < 2 else {k: furthest[k] for k in range(-steps + 1, steps, 2)})
        for k in range(-steps, steps + 1, 2):
            down = k == -steps or (k != steps and furthest[k - 1] < furthest[k + 1])
            x = furthest[k + 1] if down else furthest[k - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            furthest[k] = x
            if x >= len(a) and x - k >= len(b):
                return back(history, len(a), len(b))
    return [(i, i) for i, (one, other) in enumerate(zip(a, b, strict=False)) if one == other]


def back(history: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """The matches on the way that Myers' algorithm has found."""
    found: list[tuple[int, int]] = []
    for steps in range(len(history) - 1, -1, -1):
        before, k = history[steps], x - y
        down = k == -steps or (k != steps and before[k - 1] < before[k + 1])
        k += 1 if down else -1
        px = before[k] if steps else 0
        py = px - k if steps else 0
        while x > px and y > py:
            x, y = x - 1, y - 1
            found.append((x, y))
        x, y = px, py
    return found[::-1]


def gaps(matches: Sequence[tuple[int, int]], a: int, b: int) -> list[Gap]:
    """What lies before, between and behind the matches in two sequences of lengths ``a`` and ``b``.

    >>> gaps([(0, 0), (1, 3)], 3, 4)
    [Gap(a0=1, a1=1, b0=1, b1=3), Gap(a0=2, a1=3, b0=4, b1=4)]
    """
    ends = [(-1, -1), *matches, (a, b)]
    between = [Gap(i + 1, k, j + 1, m) for (i, j), (k, m) in pairwise(ends)]
    return [gap for gap in between if gap.a0 < gap.a1 or gap.b0 < gap.b1]


def turns(sequence: Sequence[T], start: int, stop: int) -> Turns:
    """Of a part that one sequence has and the other has not: how often what repeats? And how often with what stands around it?

    >>> turns("PMAMAMAS", 3, 7)
    Turns(start=1, size=2, all=3, more=2)
    """
    length = stop - start
    size = next(
        size
        for size in range(1, length + 1)
        if length % size == 0 and all(sequence[i] == sequence[i + size] for i in range(start, stop - size))
    )
    first, last = start, stop
    while first > 0 and sequence[first - 1] == sequence[first - 1 + size]:
        first -= 1
    while last < len(sequence) and sequence[last] == sequence[last - size]:
        last += 1
    return Turns(first, size, (last - first) // size, length // size)
