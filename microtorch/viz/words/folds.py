"""The folds of a view in words: what is in each, and what stands around the inside of one."""

from __future__ import annotations

from collections.abc import Iterable

from ..graph.view import View


def folds(view: View) -> list[str]:
    """One line for each fold that is closed; before them, where the view is the inside of a fold, one for what is around it.

    >>> import microtorch
    >>> from microtorch.viz import snapshot
    >>> from microtorch.viz.graph.fold import fold
    >>> y = microtorch.ones(2, requires_grad=True)
    >>> for _ in range(100):
    ...     y = y.tanh() * 2
    >>> folds(fold(snapshot(y), fold=True))
    ['Tanh → Mul ×100 (100 times: Tanh → Mul): nodes 0–200']
    """
    lines = []
    if view.inside is not None:
        around = ", ".join(stub.label for stub in view.stubs.values())
        lines.append(f"inside {view.inside.label}" + f", joined to {around}" * bool(around))
    for fold in view.folds:
        times = f" ×{fold.times:,}" if fold.times > 1 else ""
        lines.append(f"{fold.label}{times} ({fold.note}): {'nodes' if len(fold.nodes) > 1 else 'node'} {ranges(fold.nodes)}")
    return lines


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as one writes them down.

    >>> ranges({3, 1, 2, 7, 9, 8, 11})
    '1–3, 7–9, 11'
    """
    pieces: list[list[int]] = []
    for number in sorted(numbers):
        if pieces and number == pieces[-1][-1] + 1:
            pieces[-1][1:] = [number]
        else:
            pieces.append([number])
    return ", ".join("–".join(map(str, piece)) for piece in pieces)
