"""An iteration: while it is still to be measured, as it is kept, and as plain data for those who ask."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from .measures import FIELDS, Floats
from .structure import Structure

__all__ = ["Iteration", "Kept", "LeafRecord", "Waiting", "told"]


@dataclass(frozen=True)
class LeafRecord:
    """A leaf in one iteration. Of its gradient all is None where backward() has left it None.

    ``update_norm`` is how far the data moved from this backward() to the next one, or to the end of the block; None where another
    leaf stood there by then.
    """

    name: str
    shape: tuple[int, ...]
    grad_norm: float | None
    grad_max: float | None  # the largest absolute value
    zeros: float | None  # the share of the gradient's elements
    nans: int | None
    infs: int | None
    data_norm: float
    update_norm: float | None

    @property
    def update_ratio(self) -> float | None:
        """How far the data moved, of their own norm: for a network that learns well, often about 0.001."""
        return self.update_norm / self.data_norm if self.update_norm is not None and self.data_norm else None


@dataclass(frozen=True)
class Iteration:
    """One backward() from a loss: its number, the loss, which of the run's ``graphs`` it went through, and the leaves.

    ``graph`` is None where the run kept no more graphs.
    """

    number: int
    loss: float
    graph: int | None
    leaves: tuple[LeafRecord, ...]


class Kept(NamedTuple):
    """What is kept of an iteration."""

    number: int
    loss: float
    structure: Structure
    names: tuple[str, ...]
    stats: Floats


class Waiting(NamedTuple):
    """An iteration that is still to be measured."""

    number: int
    loss: float
    structure: Structure
    names: tuple[str, ...]
    old: int  # the first column with a gradient from before; or -1


def told(kept: Kept) -> Iteration:
    """An iteration as plain data."""
    leaves = []
    for name, shape, column in zip(kept.names, kept.structure.shapes, kept.stats.T.tolist(), strict=True):
        known = dict(zip(FIELDS, column, strict=True))
        data, update = known.pop("data_norm"), known.pop("update_norm")
        grad: Any = dict.fromkeys(known) if math.isnan(known["nans"]) else known
        if grad["nans"] is not None:
            grad |= {"nans": int(grad["nans"]), "infs": int(grad["infs"])}
        leaves.append(LeafRecord(name, shape, **grad, data_norm=data, update_norm=None if math.isnan(update) else update))
    return Iteration(kept.number, kept.loss, kept.structure.graph, tuple(leaves))
