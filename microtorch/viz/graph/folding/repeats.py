"""What repeats in a list: runs of units that are built and wired alike, the longest first, and what repeats in their units."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.int64]

CANDIDATES = 6  # distances that are tried, of those at which pieces of one length come back
LONG = 8  # functions in a unit that is worth a fold when it comes twice


@dataclass(frozen=True)
class Run:
    """``times`` units of ``period`` items each, from item ``start`` on; what repeats in a unit, counted from the unit's start."""

    start: int
    period: int
    times: int
    inner: tuple[Run, ...] = ()

    @property
    def stop(self) -> int:
        """The item after the last."""
        return self.start + self.period * self.times


class Wiring:
    """A list of items: what each is (its token), how many functions it has, and which items of the list it reads."""

    def __init__(self, tokens: Any, sizes: Any, readers: Any, sources: Any) -> None:
        self.tokens, self.sizes = np.asarray(tokens, np.int64), np.asarray(sizes, np.int64)
        self.readers, self.sources = np.asarray(readers, np.int64), np.asarray(sources, np.int64)
        self.first = np.searchsorted(self.readers, np.arange(len(self.tokens) + 1))
        # From here to the end of the method: how many values are on their way at each border between two items.
        last = np.full(len(self.tokens), -1, np.int64)
        known = self.sources >= 0
        np.maximum.at(last, self.sources[known], self.readers[known])
        made = np.arange(len(self.tokens))
        change = np.zeros(len(self.tokens) + 2, np.int64)
        used = last > made
        np.add.at(change, made[used] + 1, 1)
        np.add.at(change, last[used] + 1, -1)
        self.crossing = np.cumsum(change)

    def part(self, start: int, stop: int) -> Wiring:
        """The same of some of the items; what they read from others counts as read from nowhere."""
        edges = slice(self.first[start], self.first[stop])
        sources = self.sources[edges] - start
        return Wiring(
            self.tokens[start:stop], self.sizes[start:stop], self.readers[edges] - start, np.where(sources < 0, -1, sources)
        )

    def least(self, start: int, period: int) -> int:
        """How often a unit has to come to be worth a fold."""
        size = int(self.sizes[start : start + period].sum())
        return 2 if size >= LONG else 3 if size > 1 else 4


def runs(wiring: Wiring) -> tuple[Run, ...]:
    """The runs in a list, which do not overlap, in order. What covers most comes first, then the shorter unit."""
    waiting = [
        (-((stop - start) // period * period), period, start, stop, False)
        for period in periods(wiring.tokens)
        for start, stop in alike(wiring, period)
    ]
    heapify(waiting)
    free = [(0, len(wiring.tokens))]
    found: list[Run] = []
    while waiting:
        _, period, start, stop, checked = heappop(waiting)
        gaps = [(max(start, low), min(stop, high)) for low, high in free if low < stop and start < high]
        if gaps != [(start, stop)]:
            again = gaps
        elif not checked:
            again, checked = wired_alike(wiring, period, start, stop), True
        else:
            run = at_narrows(wiring, period, start, stop)
            found.append(run)
            free = [pair for low, high in free for pair in without((low, high), (run.start, run.stop))]
            again = []
        for low, high in again:
            if (high - low) // period >= wiring.least(low, period):
                heappush(waiting, (-((high - low) // period * period), period, low, high, checked))
    return tuple(sorted((with_inner(wiring, run) for run in found), key=lambda run: run.start))


def with_inner(wiring: Wiring, run: Run) -> Run:
    """A run with what repeats in its unit. A unit is at most half of what it is in, so this ends after a few turns."""
    if run.period < 4:
        return run
    return Run(run.start, run.period, run.times, runs(wiring.part(run.start, run.start + run.period)))


def without(whole: tuple[int, int], taken: tuple[int, int]) -> list[tuple[int, int]]:
    """What is left of an interval.

    >>> without((0, 10), (3, 5))
    [(0, 3), (5, 10)]
    """
    (low, high), (start, stop) = whole, taken
    if stop <= low or high <= start:
        return [whole]
    return [(a, b) for a, b in ((low, start), (stop, high)) if a < b]


def periods(tokens: Array) -> list[int]:
    """The distances at which something comes back: tried with pieces of one token, of two, of four, and so on."""
    found: set[int] = set()
    ranks, length = np.unique(tokens, return_inverse=True)[1], 1
    while len(ranks) > 1:
        order = np.argsort(ranks, kind="stable")
        sorted_ranks = ranks[order]
        same = sorted_ranks[1:] == sorted_ranks[:-1]
        if not same.any():
            break
        distances = np.bincount((order[1:] - order[:-1])[same])
        common = np.argsort(-distances, kind="stable")[:CANDIDATES]
        found.update(int(each) for each in common if distances[each] and each <= len(tokens) // 2)
        pairs = ranks[:-length] * (int(ranks.max()) + 1) + ranks[length:]
        ranks, length = np.unique(pairs, return_inverse=True)[1], 2 * length
    return sorted(found)


def alike(wiring: Wiring, period: int) -> list[tuple[int, int]]:
    """Where each item is as the one a period later, often enough to be worth a fold."""
    tokens = wiring.tokens
    same = np.concatenate([[False], tokens[:-period] == tokens[period:], [False]])
    changes = np.flatnonzero(same[1:] != same[:-1])
    starts, stops = changes[::2], changes[1::2]
    long = stops - starts >= period
    found = zip(starts[long].tolist(), (stops[long] + period).tolist(), strict=True)
    return [(start, stop) for start, stop in found if (stop - start) // period >= wiring.least(start, period)]


def wired_alike(wiring: Wiring, period: int, start: int, stop: int) -> list[tuple[int, int]]:
    """The parts of a run of equal tokens in which each item also reads what the one a period before reads.

    That is: the item that stands as far before it, the same item, or something from before the run. In the first unit of a part,
    what the others read from the unit before may come from before the run.
    """
    low, high = wiring.first[start], wiring.first[stop - period]
    shift = wiring.first[start + period] - low
    here, there = wiring.sources[low:high], wiring.sources[low + shift : high + shift]
    good = ((there - here == period) & (here >= 0)) | (here == there) | ((here < start) & (there < start))
    wrong = np.flatnonzero(~good)
    where = wiring.readers[low:high][wrong]
    needs = np.maximum(here[wrong], there[wrong] - period)
    borders = np.unique(where)
    ends = [start - 1, *borders.tolist(), stop - period]
    found: list[tuple[int, int]] = []
    for before, after in pairwise(ends):
        if 2 * (after - before - 1) >= period or (after == stop - period and after > before + 1):
            begin = reach_back(before + 1, max(start, before + 1 - period), where, needs, there[wrong])
            found.append((begin, after + period))
    return found


def reach_back(begin: int, lowest: int, where: Array, needs: Array, there: Array) -> int:
    """How far before ``begin`` a run may start: where the second unit reads the first, the first may read what is before."""
    best, need, bound = begin, -1, begin
    i = int(np.searchsorted(where, begin)) - 1
    while i >= 0 and where[i] >= lowest:
        need, bound = max(need, int(needs[i])), min(bound, int(there[i]))
        if need >= where[i]:
            break
        if i == 0 or where[i - 1] < where[i]:
            start = max(lowest, need + 1, int(where[i - 1]) + 1 if i else lowest)
            best = start if start <= bound else best
        i -= 1
    return best


def at_narrows(wiring: Wiring, period: int, start: int, stop: int) -> Run:
    """The run cut into units where the fewest values are on their way; a unit is given up for a better cut where there are many.

    From unit to unit there may be more and more of them, as the outputs of a layer's neurons gather: that is subtracted.
    """
    times, rest = divmod(stop - start, period)
    shifts = range(period if times >= 4 else rest + 1)
    crossing = wiring.crossing[start + period : stop + 1]
    span = (times - 2) * period  # to the last unit, in which inputs may be read for the last time
    slope = (int(crossing[span]) - int(crossing[0])) / span if span else 0.0
    best = min(shifts, key=lambda shift: (round(int(crossing[shift]) - slope * shift + (shift > rest) / 2, 6), shift))
    return Run(start + best, period, (stop - start - best) // period)
