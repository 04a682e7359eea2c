"""What does ``grad(…, is_grads_batched=True)`` give? A row for each row of the gradients to begin with: a pass for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .variable import Variable

__all__ = ["grad_of_batches"]


def grad_of_batches(
    grad: Callable[..., tuple[Variable | None, ...]],
    outputs: tuple[Variable, ...],
    inputs: tuple[Variable, ...],
    batches: tuple[Any, ...],
    retain_graph: bool | None,
    create_graph: bool,
    allow_unused: bool,
) -> tuple[Variable | None, ...]:
    """One backward pass for each row of the batch: what torch computes in one with vmap."""
    lengths = {len(each) for each in batches if each is not None and each.array.ndim}
    if len(lengths) != 1 or not all(lengths):
        raise ValueError(f"is_grads_batched=True: grad_outputs must be batches of one size, not of the sizes {sorted(lengths)}")
    (length,) = lengths
    for i, (output, batch) in enumerate(zip(outputs, batches, strict=True)):
        if batch is not None and batch.array.shape[1:] != output.array.shape:
            raise RuntimeError(
                f"If `is_grads_batched=True`, each grad_output is a batch of gradients: there is a mismatch in shape, "
                f"grad_output[{i}] has {tuple(batch.array.shape)} where output[{i}] has {tuple(output.array.shape)}"
            )
    rows = []
    for row in range(length):
        keep = create_graph if retain_graph is None else retain_graph
        given = [each if each is None else each[row] for each in batches]
        rows.append(grad(outputs, inputs, given, keep or row + 1 < length, create_graph, allow_unused=allow_unused))
    stack: Callable[..., Variable] = np.stack  # of Variables, as in a rule
    return tuple(None if column[0] is None else stack(column) for column in zip(*rows, strict=True))
