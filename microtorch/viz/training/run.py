"""``record``: a training run, seen iteration by iteration while the student's own loop runs as it stands."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from operator import is_
from pathlib import Path
from types import TracebackType
from typing import Any

from ...tensor.serialization import write_whole
from ..graph.clean import clean
from ..graph.snapshot import Snapshot, freeze
from . import story
from .flags import Flags, where_it_began
from .measures import UPDATE, numbers
from .records import Iteration, Kept, Waiting, told
from .structure import Structure, Tables, read
from .watching import watched

__all__ = ["Run", "record"]

NUMBERS = 2**20  # measured numbers that a run keeps, 8 MB: then every second iteration goes, and so on
GRAPHS = 32  # different ones that a run keeps a snapshot of


class Run:
    """A recorded training run; it holds no Variable and no graph once its block has ended.

    ``len(run)`` is the number of iterations, ``run[k]`` one of them, ``losses`` all losses, ``graphs`` a snapshot of each graph
    that was met, ``flags`` the sentences about what went wrong. It can be read while the loop runs, too.
    """

    def __init__(self) -> None:
        self.ended = ""  # by which error
        self._losses = array("d")
        self._kept: list[Kept] = []
        self._stride = 1
        self._structures: dict[tuple[Any, ...], Structure] = {}
        self._signature: tuple[Any, ...] = ()  # the last one
        self._tables: Tables = {}
        self._graphs: list[Snapshot] = []
        self._flags = Flags()
        self._block: AbstractContextManager[None] | None = None
        self._waiting: list[Waiting] = []
        self._last: tuple[Waiting, list[Any]] | None = None  # the iteration whose update is still to come, and its leaves
        self._before: Kept | None = None  # the one measured last, where what waits follows it
        self._inside = self._over = False

    # ---- as it is recorded ----

    def __enter__(self) -> Run:
        if self._over or self._block is not None:
            raise RuntimeError("this run has its block already: begin another with `with viz.record() as run:`")
        block = watched(self._around)
        block.__enter__()
        self._block = block
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        block, self._block, self._over = self._block, None, True
        try:
            self._settle(self._last)
            if kind is not None:
                words = " ".join(str(error).split())
                self.ended = clean(f"{kind.__name__}: {words}" if words else kind.__name__, 200)
        finally:
            self._last = self._before = None
            self._structures.clear()
            self._tables.clear()
            if block is not None:
                block.__exit__(kind, error, trace)

    def _around(self, tensors: Any, go: Callable[[], None]) -> None:
        """Called for each backward(): one from a single number is an iteration, unless it is called within another."""
        root = None if self._inside else loss_of(tensors)
        if root is None:
            go()
            return
        self._inside = True
        try:
            begun, leaves = self._begin(root)
            go()
            self._end(begun, leaves)
        finally:
            self._inside = False

    def _begin(self, root: Any) -> tuple[Waiting, list[Any]]:
        signature, found = read(root)
        last, self._last = self._last, None  # should this backward() fail, it is no iteration, and the update before not known
        structure = last[0].structure if last is not None and signature == self._signature else self._structures.get(signature)
        self._signature = signature
        if structure is None:
            structure = self._structures[signature] = Structure(root, found, self._tables).kept(self._graphs, GRAPHS)
        leaves = structure.leaves(found)
        if last is not None and last[0].structure is structure and all(map(is_, leaves, last[1])):
            names = last[0].names
            old = next((column for column, leaf in enumerate(leaves) if leaf.grad is not None and any_left(leaf.grad)), -1)
        else:
            self._settle(last)
            names, old = structure.named(root, leaves), -1
        structure.table.take_data(leaves)
        loss = root.item()
        if not math.isfinite(loss) and not self._flags.where:
            columns = dict(zip(structure.nodes, names, strict=True))
            self._flags.where[len(self._losses)] = where_it_began(freeze(root)[0], columns)
        return Waiting(len(self._losses), loss, structure, names, old), leaves

    def _end(self, begun: Waiting, leaves: list[Any]) -> None:
        begun.structure.table.take_grads(leaves)
        self._losses.append(begun.loss)
        self._waiting.append(begun)
        self._last = begun, leaves
        if begun.structure.table.full:
            self._measure()

    def _settle(self, last: tuple[Waiting, list[Any]] | None) -> None:
        """Measure all that waits, and the update after the last iteration."""
        if last is not None:
            last[0].structure.table.take_data(last[1])
        self._measure(settled=last is not None)
        self._before = None

    def _measure(self, *, settled: bool = False) -> None:
        """Measure all that waits: iterations that follow each other, with the same leaves."""
        waiting, self._waiting = self._waiting, []
        structure = waiting[0].structure if waiting else self._before.structure if self._before else None
        if structure is None:
            return
        stats, moved = structure.table.measured()
        self._flags.see(waiting, stats)
        for i, each in enumerate(waiting):
            if self._before is not None:
                self._before.stats[UPDATE] = moved[i]
                if each.old >= 0 and moved[i, each.old] > 0:
                    self._flags.kept(each.number, each.names[each.old])
            self._before = Kept(each.number, each.loss, each.structure, each.names, stats[i])
            self._keep(self._before)
        if settled and self._before is not None:
            self._before.stats[UPDATE] = moved[-1]

    def _keep(self, kept: Kept) -> None:
        if self._kept and self._kept[-1].number % self._stride:
            self._kept.pop()  # it was there as the last one
        self._kept.append(kept)
        if len(self._kept) * kept.stats.size > NUMBERS:
            self._stride *= 2
            self._kept = [each for each in self._kept if each is kept or not each.number % self._stride]

    # ---- as it is read ----

    @property
    def is_recording(self) -> bool:
        """Whether its block is running."""
        return self._block is not None

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
        self._measure()
        return self._flags.sentences()

    @property
    def iterations(self) -> tuple[Iteration, ...]:
        """All iterations that are kept, as plain data: of a very long run every second one, or fourth, and so on; and the last."""
        self._measure()
        return tuple(map(told, self._kept))

    def __len__(self) -> int:
        return len(self._losses)

    def __getitem__(self, number: int) -> Iteration:
        self._measure()
        wanted = number + len(self) if number < 0 else number
        if not 0 <= wanted < len(self):
            raise IndexError(f"this run has {len(self):,} iterations, from 0 on; there is no {number}")
        for each in (self._kept[-1], *self._kept[wanted // self._stride : wanted // self._stride + 1]):
            if each.number == wanted:
                return told(each)
        raise IndexError(f"iteration {wanted} was not kept: of so long a run, one in {self._stride} is; .losses has all losses")

    def __iter__(self) -> Iterator[Iteration]:
        return iter(self.iterations)

    def __repr__(self) -> str:
        return story.tell(self)

    def save(self, path: str | Path) -> None:
        """Write the run to a file, in the format its name ends with: html, svg, txt or json.

        Raises:
            ValueError: the name ends with something else; or there are no iterations to draw. Nothing is written then.
        """
        from . import page

        path = Path(path)
        made = {".html": page.export, ".svg": page.static_svg, ".txt": lambda run: f"{run!r}\n", ".json": page.json_of}
        make = made.get(path.suffix.lower())
        if make is None:
            raise ValueError(f"cannot save {path.name!r}: the name has to end with the format, one of {', '.join(made)}")
        write_whole(path.resolve(), make(self).encode())

    def _repr_html_(self) -> str | None:
        from . import page

        return page.notebook_html(self) if len(self) else None


def any_left(grad: Any) -> bool:
    """Whether a gradient is not zero throughout."""
    return bool(numbers(grad).any())


def loss_of(tensors: Any) -> Any:
    """The Variable or tensor of which backward() is called, if it is one, of a single number; else None."""
    if isinstance(tensors, (tuple, list)):
        if len(tensors) != 1:
            return None
        (tensors,) = tensors
    shape = getattr(tensors, "shape", None)
    return tensors if shape is not None and math.prod(shape) == 1 else None


def record() -> Run:
    """Record a training run: the iterations of a loop, which stands in the block as it is.

    Each ``backward()`` from a single number, of microtorch or of PyTorch, is an iteration, whatever the loss is called; where
    gradients are accumulated over several, each is one. Those of other threads are not seen, nor ``autograd.grad``.

    Raises:
        RuntimeError: when the block begins inside another of the same thread.

    >>> import microtorch
    >>> w = microtorch.tensor([2.0, -1.0], requires_grad=True)
    >>> with record() as run:
    ...     for _ in range(3):
    ...         loss = (w * w).sum()
    ...         loss.backward()
    ...         w.data -= 0.25 * w.grad.data
    ...         w.grad = None
    >>> run.losses
    (5.0, 1.25, 0.3125)
    >>> run[1].leaves[0].grad_norm, run[1].leaves[0].update_ratio
    (2.23..., 0.5)
    """
    return Run()
