"""The figures of the tutorial and of the documents, drawn from live objects: ``python -m microtorch.viz.figures img``."""

from __future__ import annotations

import sys
from pathlib import Path

from ..core.backward import grad
from ..core.variable import Variable
from ..tensor.creation import ones, tensor
from .drawing import Drawing, card, draw


def figures() -> dict[str, Drawing]:
    """Name and picture.

    >>> list(figures())
    ['Variable', 'autograd_grad_fn', 'product', 'view', 'gradient_of_gradient']
    """
    return {**tutorial(), "product": product(), "view": view(), "gradient_of_gradient": gradient_of_gradient()}


def tutorial() -> dict[str, Drawing]:
    """The tutorial's two, from its own lines."""
    x = Variable(ones(2, 2), requires_grad=True)
    y = x + 2
    z = y * y * 3
    out = z.mean()
    names = {"x": x, "y": y, "z": z, "out": out}
    return {"Variable": card(x, names=names), "autograd_grad_fn": draw(out, names=names)}


def product() -> Drawing:
    """The smallest graph there is to explain: ``z = x * y``."""
    x, y = tensor(2.0, requires_grad=True), tensor(3.0, requires_grad=True)
    z = x * y
    return draw(z, names={"x": x, "y": y, "z": z})


def view() -> Drawing:
    """A base after a view of it was changed in place."""
    x = ones(3, requires_grad=True)
    y = x * 2
    first = y[:1]
    first.mul_(5)
    return draw(y, names={"x": x, "y": y, "first": first})


def gradient_of_gradient() -> Drawing:
    """What ``create_graph`` records: the gradient of ``x**3`` has a graph of its own."""
    x = tensor(2.0, requires_grad=True)
    y = x**3
    (dx,) = grad(y, x, create_graph=True)
    return draw(dx, names={"x": x, "y": y, "dx": dx})


def main(folder: str = "img") -> None:
    """Write every figure as SVG; the tutorial's, which other programs show, as PNG, too."""
    Path(folder).mkdir(exist_ok=True)
    for name, drawing in figures().items():
        for form in ("svg", "png") if name in tutorial() else ("svg",):
            drawing.save(Path(folder, f"{name}.{form}"))


if __name__ == "__main__":
    main(*sys.argv[1:])
