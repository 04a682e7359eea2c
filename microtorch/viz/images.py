"""The tutorial's two figures, drawn from the objects it makes: ``python -m microtorch.viz.images img``."""

from __future__ import annotations

import sys
from pathlib import Path

from ..core.variable import Variable
from ..tensor.creation import ones
from .drawing import Drawing, card, draw


def figures() -> dict[str, Drawing]:
    """Name and picture, from the tutorial's own lines.

    >>> list(figures())
    ['Variable', 'autograd_grad_fn']
    """
    x = Variable(ones(2, 2), requires_grad=True)
    y = x + 2
    z = y * y * 3
    out = z.mean()
    names = {"x": x, "y": y, "z": z, "out": out}
    return {"Variable": card(x, names=names), "autograd_grad_fn": draw(out, names=names)}


def main(folder: str = "img") -> None:
    """Write every figure as SVG and PNG."""
    Path(folder).mkdir(exist_ok=True)
    for name, drawing in figures().items():
        for form in ("svg", "png"):
            drawing.save(Path(folder, f"{name}.{form}"))


if __name__ == "__main__":
    main(*sys.argv[1:])
