"""What goes wrong in a run: seen in each iteration, told once for each kind."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..graph.snapshot import Snapshot
from ..words.text import number as short
from ..words.text import plural
from .measures import INFS, NANS, NORM, ZEROS, Floats
from .records import Waiting
from .structure import Structure

__all__ = ["DEAD", "FAR", "LARGE", "Flags", "where_it_began"]

# Adjacent layers of a network that learns differ by a factor of a few. At 1,000 a rate that suits one end is lost on the other.
FAR = 1e3
# Gradients are usually clipped at norms of 1 to 10. At 1,000, a common rate of 0.01 throws weights of norm 1 ten times as far.
LARGE = 1e3
DEAD = 5  # iterations in a row: by chance, a single batch may well wake no unit of a layer


class Flags:
    """Looks at each iteration, and holds the sentences about what is wrong."""

    def __init__(self) -> None:
        self.seen = 0
        self.counts: dict[str, int] = {}
        self.firsts: dict[str, str] = {}
        self.since: dict[str, int] = {}  # by leaf: since when its gradient is zero throughout
        self.dead: dict[str, tuple[int, int]] = {}  # by leaf: the first such stretch that was long enough
        self.norm_at_first = 0.0
        self.where: dict[int, str] = {}

    def note(self, kind: str, words: str) -> None:
        """Count an iteration of a kind; the words of the first are told."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.firsts.setdefault(kind, words)

    def see(self, iterations: Sequence[Waiting], stats: Floats) -> None:
        """Look at iterations that follow each other, and closely at those that may have something."""
        self.seen += len(iterations)
        losses = np.array([each.loss for each in iterations])
        norms = np.where(np.isnan(stats[:, NANS]), 0, stats[:, NORM])  # there may be no gradient
        totals = np.sqrt(np.square(norms).sum(axis=1))
        suspect = ~np.isfinite(losses) | ~(totals <= LARGE) | (stats[:, ZEROS] == 1).any(axis=1)
        self.norm_at_first = self.norm_at_first or next((each for each in totals.tolist() if 0 < each < math.inf), 0.0)
        suspect |= totals > FAR * self.norm_at_first
        structure = iterations[0].structure if iterations else None
        if structure is not None and structure.layers is not None:
            sizes = np.array(structure.sizes)
            typical = norms / np.sqrt(sizes * (1 - stats[:, ZEROS]))
            (first, last) = structure.layers
            suspect |= typical[:, last] > FAR * typical[:, first]
        for i in range(len(iterations)) if self.since else np.flatnonzero(suspect).tolist():
            self.look(iterations[i], stats[i])

    def look(self, iteration: Waiting, stats: Floats) -> None:
        """Look at an iteration closely."""
        number, loss, structure, names, _ = iteration
        norms = np.where(np.isnan(stats[NANS]), 0, stats[NORM]).tolist()
        zeros = stats[ZEROS].tolist()
        total = math.hypot(*norms)
        if not math.isfinite(loss) or not math.isfinite(total):
            self.bad(number, loss, names, stats)
        else:
            self.large(number, total)
            self.vanishing(number, structure, names, norms, zeros)
        self.zero(number, names, zeros)

    def bad(self, number: int, loss: float, names: Sequence[str], stats: Floats) -> None:
        """NaN and infinities: in the loss, or in a gradient."""
        spoiled = [column for column, (nans, infs) in enumerate(zip(stats[NANS], stats[INFS], strict=True)) if nans + infs > 0]
        if not math.isfinite(loss):
            self.note("nan", f"first in iteration {number}: the loss is {loss}{self.where.get(number, '')}")
        elif spoiled:
            last = spoiled[-1]  # where the way back from the loss comes first
            nans, infs = int(stats[NANS, last]), int(stats[INFS, last])
            words = " and ".join([f"{nans} NaN"] * bool(nans) + [f"{infs} inf"] * bool(infs))
            self.note("nan", f"first in iteration {number}: {names[last]}.grad has {words}, the loss is still {short(loss)}")

    def large(self, number: int, total: float) -> None:
        """Gradients that are large, or have grown."""
        if total > LARGE:
            self.note(
                "exploding", f"first in iteration {number}: the norm of all gradients together is {short(total)}, over 1,000"
            )
        elif total > FAR * self.norm_at_first > 0:
            times = short(total / self.norm_at_first)
            self.note("exploding", f"first in iteration {number}: the norm of all gradients together is {times} times the first")

    def vanishing(self, number: int, structure: Structure, names: Sequence[str], norms: list[float], zeros: list[float]) -> None:
        """From the last layer to the first, by what an element has that is not zero: layers differ in their sizes."""
        if structure.layers is None:
            return
        (first, small), (last, large) = (
            (column, norms[column] / math.sqrt(structure.sizes[column] * max(1 - zeros[column], 1e-300)))
            for column in structure.layers
        )
        if large > FAR * small > 0:
            words = f"an element of {names[first]}.grad is {short(large / small)} times smaller than one of {names[last]}.grad"
            self.note("vanishing", f"first in iteration {number}: {words}, from the first layer to the last")

    def zero(self, number: int, names: Sequence[str], zeros: list[float]) -> None:
        """Gradients that are zero throughout, several iterations in a row."""
        for name, share in zip(names, zeros, strict=True):
            if share != 1.0:
                self.since.pop(name, None)
                continue
            since = self.since.setdefault(name, number)
            if number - since + 1 >= DEAD and self.dead.get(name, (since, 0))[0] == since:
                self.dead[name] = since, number

    def kept(self, number: int, name: str) -> None:
        """A ``.grad`` that was not cleared between an update and the next backward()."""
        words = f"first in iteration {number}: {name}.grad still held the one of before, although the weights have moved since"
        self.note("not cleared", words + " (zero_grad() forgotten?)")

    def sentences(self) -> tuple[str, ...]:
        """What was seen."""
        found = []
        for kind, title in TITLES.items():
            if kind in self.firsts:
                found.append(f"{title}, in {self.counts[kind]:,} of {plural(self.seen, 'iteration')}, {self.firsts[kind]}.")
        stretches: dict[tuple[int, int], list[str]] = {}
        for name, stretch in self.dead.items():
            stretches.setdefault(stretch, []).append(f"{name}.grad")
        for (since, until), names in sorted(stretches.items()):
            listed = names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"]
            verb = "is" if len(names) == 1 else "are"
            found.append(f"Dead: {', '.join(listed)} {verb} zero throughout, from iteration {since} to {until}.")
        return tuple(found)


TITLES = {"nan": "NaN or infinity", "exploding": "Exploding", "vanishing": "Vanishing", "not cleared": "Not cleared"}


def where_it_began(snapshot: Snapshot, names: dict[int, str]) -> str:
    """Of a loss that is no number, the first place in the graph, in the order of its making, where that is to be seen."""
    for node in snapshot.nodes:
        if node.kind == "leaf":
            data = node.variable.data if node.variable else None
            if data is not None and data.nans + data.infs:
                return f"; the data of {names.get(node.id, node.label or 'a leaf')} have it already"
        for saved in node.saved:
            if saved.summary is not None and saved.summary.nans + saved.summary.infs:
                made = next(filter(None, node.outputs), "")
                what = "made" if saved.name in {"result", "out"} else "given"
                return f"; the first function that has {what} it is {node.name}{f' ({made})' if made else ''}, node {node.id}"
    return ""
