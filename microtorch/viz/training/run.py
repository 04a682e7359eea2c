"""``record``: a training run, seen iteration by iteration while the student's own loop runs as it stands."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from operator import is_
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ...tensor.serialization import write_whole
from ..graph.naming.clean import clean
from ..graph.snapshot import freeze
from . import page, story
from .flags import where_it_began
from .measures import UPDATE, numbers
from .recorded import Recorded
from .records import Kept, Waiting
from .structure import Structure, Tables, read
from .watching import watched

__all__ = ["Run", "record"]

GRAPHS = 32  # different ones that a run keeps a snapshot of


class Run(Recorded):
    """A recorded training run; it holds no Variable and no graph once its block has ended.

    ``len(run)`` is the number of iterations, ``run[k]`` one of them, ``losses`` all losses, ``graphs`` a snapshot of each graph
    that was met, ``flags`` the sentences about what went wrong, and ``ended`` the error that has ended the loop, if one has. It
    can be read while the loop runs, too. In a notebook it shows itself: the losses, the norms of the gradients as heat, a slider
    over the iterations, and the graph of each, with its leaves in the colours of their gradients.
    """

    def __init__(self) -> None:
        super().__init__()
        self._signature: tuple[Any, ...] = ()  # the last one
        self._structures: dict[tuple[Any, ...], Structure] = {}
        self._tables: Tables = {}
        self._block: AbstractContextManager[None] | None = None
        self._waiting: list[Waiting] = []
        self._last: tuple[Waiting, list[Any]] | None = None  # the iteration whose update is still to come, and its leaves
        self._before: Kept | None = None  # the one measured last, where what waits follows it
        self._inside = self._over = False

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
            for structure in self._structures.values():
                structure.release()
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
            self.measure()

    def _settle(self, last: tuple[Waiting, list[Any]] | None) -> None:
        """Measure all that waits, and the update after the last iteration."""
        if last is not None:
            last[0].structure.table.take_data(last[1])
        self.measure(settled=last is not None)
        self._before = None

    def measure(self, *, settled: bool = False) -> None:
        """Measure all that waits: iterations that follow each other, with the same leaves."""
        waiting, self._waiting = self._waiting, []
        structure = waiting[0].structure if waiting else self._before.structure if self._before else None
        if structure is None:
            return
        with np.errstate(all="ignore"):
            stats, moved = structure.table.measured()
            self._flags.see(waiting, stats)
        stats[:-1, UPDATE] = moved[1:-1]
        if self._before is not None:
            self._before.stats[UPDATE] = moved[0]
        for i, each in enumerate(waiting):
            if each.old >= 0 and moved[i, each.old] > 0:
                self._flags.kept(each.number, each.names[each.old])
        self.keep([Kept(*each[:4], numbers) for each, numbers in zip(waiting, stats, strict=True)])
        if waiting:
            self._before = self.kept[-1]
        if settled and self._before is not None:
            self._before.stats[UPDATE] = moved[-1]

    @property
    def is_recording(self) -> bool:
        """Whether its block is running."""
        return self._block is not None

    def __repr__(self) -> str:
        return story.tell(self)

    def save(self, path: str | Path) -> None:
        """Write the run to a file, in the format its name ends with: html, svg, txt or json.

        Raises:
            ValueError: the name ends with something else; or there are no iterations to draw. Nothing is written then.
        """
        path = Path(path)
        made = {".html": page.export, ".svg": page.static_svg, ".txt": lambda run: f"{run!r}\n", ".json": page.json_of}
        make = made.get(path.suffix.lower())
        if make is None:
            raise ValueError(f"cannot save {path.name!r}: the name has to end with the format, one of {', '.join(made)}")
        write_whole(path.resolve(), make(self).encode())

    def as_page(self) -> str:
        """The run as a page of its own, for `export_html`."""
        return page.export(self)

    def _repr_html_(self) -> str | None:
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
