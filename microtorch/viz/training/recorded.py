"""A run as it is read: what there is of it, whether or not its loop still runs."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from ..graph.snapshot import Snapshot
from .flags import Flags
from .records import Iteration, Kept, told

__all__ = ["Recorded"]

NUMBERS = 2**20  # measured numbers that a run keeps, 8 MB: then every second iteration goes, and so on


class Recorded:
    """What has been recorded."""

    def __init__(self) -> None:
        self.ended = ""  # by which error
        self.kept: list[Kept] = []
        self._losses = array("d")
        self._graphs: list[Snapshot] = []
        self._stride = 1
        self._flags = Flags()

    @property
    def is_recording(self) -> bool:
        """Whether more may come."""
        return False

    def measure(self) -> None:
        """Let nothing wait that is still to be measured."""

    def keep(self, found: list[Kept]) -> None:
        """Keep further iterations; where there are too many, every second one, and so on, and the last."""
        if not found:
            return
        if self.kept and self.kept[-1].number % self._stride:
            self.kept.pop()  # it was there as the last one
        last = found[-1]
        self.kept += found if self._stride == 1 else [each for each in found[:-1] if not each.number % self._stride] + [last]
        while len(self.kept) * last.stats.size > NUMBERS:
            self._stride *= 2
            left = [each for each in self.kept[:-1] if not each.number % self._stride]
            # Copies, since what was measured together stands in one array, which would stay as long as a part of it.
            self.kept = [each._replace(stats=each.stats.copy()) for each in left] + [last]

    @property
    def losses(self) -> tuple[float, ...]:
        """The loss of every iteration."""
        return tuple(self._losses)

    @property
    def graphs(self) -> tuple[Snapshot, ...]:
        """The different graphs that were met, each as it was before its first backward()."""
        return tuple(self._graphs)

    @property
    def flags(self) -> tuple[str, ...]:
        """What went wrong, in sentences: NaN, exploding, vanishing, dead and not cleared gradients."""
        self.measure()
        return self._flags.sentences()

    @property
    def iterations(self) -> tuple[Iteration, ...]:
        """All iterations that are kept, as plain data: of a very long run every second, or fourth, and so on; and the last."""
        self.measure()
        return tuple(map(told, self.kept))

    def __len__(self) -> int:
        return len(self._losses)

    def __getitem__(self, number: int) -> Iteration:
        self.measure()
        wanted = number + len(self) if number < 0 else number
        if not 0 <= wanted < len(self):
            raise IndexError(f"this run has {len(self):,} iterations, from 0 on; there is no {number}")
        for each in (self.kept[-1], *self.kept[wanted // self._stride : wanted // self._stride + 1]):
            if each.number == wanted:
                return told(each)
        raise IndexError(f"iteration {wanted} was not kept: of so long a run, one in {self._stride} is; .losses has all losses")

    def __iter__(self) -> Iterator[Iteration]:
        return iter(self.iterations)
