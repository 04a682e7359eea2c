"""Recurrent networks without their parameters: a cell, step by step through time; layers, in one direction or both.

The products of all inputs with their weight are one product. What a step does alone is what depends on the step before.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from ...core.variable import Variable
from ..selection.slices import narrow
from ..selection.splitting import unbind
from ..shaping.joining import cat, stack
from .cells import Cell, State, Weights
from .dropout import dropout

__all__ = ["recurrent"]


def recurrent(
    cell: Cell,
    input: Variable,
    state: State,
    weights: Sequence[Sequence[Weights]],
    *,
    batch_sizes: Sequence[int] | None = None,
    dropout_p: float = 0.0,
) -> tuple[Variable, State]:
    """A sequence through layers of cells.

    Args:
        cell: one step, a function of `cells`.
        input: of shape (steps, batch, features); with ``batch_sizes``, the rows of all steps, of shape (rows, features).
        state: in which each layer and direction begins; each of shape (layers * directions, batch, hidden).
        weights: for each layer, those of its one direction, or of both.
        batch_sizes: how many rows each step has; never more than the step before.
        dropout_p: the probability with which what one layer gives to the next is set to 0.

    Returns:
        What the last layer gives in each step, as ``input`` has its steps, of shape (…, directions * hidden); and the state in
        which each layer and direction ends, as ``state``.
    """
    starts = iter(zip(*map(unbind, state), strict=True))
    ends: list[State] = []
    for number, directions in enumerate(weights):
        if number and dropout_p:
            input = dropout(input, dropout_p)
        outputs = []
        for each, walk in zip(directions, (forwards, backwards), strict=False):
            given = each.of_input(input)
            steps = unbind(given) if batch_sizes is None else cut(given, batch_sizes)
            hidden, end = walk(cell, steps, next(starts), each)
            outputs.append(stack(hidden) if batch_sizes is None else cat(hidden))
            ends.append(end)
        input = outputs[0] if len(outputs) == 1 else cat(outputs, -1)
    return input, tuple(map(stack, zip(*ends, strict=True)))


def forwards(cell: Cell, steps: Sequence[Variable], state: State, weights: Weights) -> tuple[list[Variable], State]:
    """The hidden state after each step, and the last state. Sequences that have ended drop out of the batch, the last first."""
    hidden, ended = [], []
    for given in steps:
        rows = len(given.array)
        if rows < len(state[0].array):
            ended.append(part(state, rows))
            state = part(state, 0, rows)
        state = cell(given, state, weights)
        hidden.append(state[0])
    return hidden, joined([state, *reversed(ended)])


def backwards(cell: Cell, steps: Sequence[Variable], state: State, weights: Weights) -> tuple[list[Variable], State]:
    """The same from the last step to the first; hidden states are in the order of ``steps``. Shorter sequences join later."""
    hidden, start = [], state
    state = part(start, 0, len(steps[-1].array))
    for given in reversed(steps):
        before, rows = len(state[0].array), len(given.array)
        if before < rows:
            state = joined([state, part(start, before, rows)])
        state = cell(given, state, weights)
        hidden.append(state[0])
    return hidden[::-1], state


def cut(rows: Variable, batch_sizes: Sequence[int]) -> list[Variable]:
    """The rows of each step."""
    return [narrow(rows, 0, end - size, size) for end, size in zip(accumulate(batch_sizes), batch_sizes, strict=True)]


def part(state: State, first: int, end: int | None = None) -> State:
    """Some rows of the batch: those from ``first`` on, up to ``end``."""
    count = len(state[0].array)
    end = count if end is None else end
    return state if (first, end) == (0, count) else tuple(narrow(each, 0, first, end - first) for each in state)


def joined(states: Sequence[State]) -> State:
    """The rows of several states, one after the other."""
    return states[0] if len(states) == 1 else tuple(map(cat, zip(*states, strict=True)))
