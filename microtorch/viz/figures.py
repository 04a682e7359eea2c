"""The figures of the tutorial and of the documents, drawn from live objects: ``python -m microtorch.viz.figures img``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ..core.backward import grad
from ..core.variable import Variable
from ..nn.functional import cross_entropy
from ..nn.modules.container import Sequential
from ..nn.modules.linear import Linear
from ..nn.modules.module import Module
from ..random import manual_seed, randn
from ..tensor.creation import arange, ones, tensor, zeros
from .drawing import Drawing, card, draw
from .passes.trace import trace


def figures() -> dict[str, Drawing]:
    """Name and picture.

    >>> list(figures())
    ['Variable', 'autograd_grad_fn', 'product', 'view', 'gradient_of_gradient', 'network', 'recurrent']
    """
    small = {"product": product(), "view": view(), "gradient_of_gradient": gradient_of_gradient()}
    return {**tutorial(), **small, "network": network(), "recurrent": recurrent()}


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


class Block(Module):
    """Two layers, and a way around them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner, self.outer = Linear(width, width), Linear(width, width)

    def forward(self, x: Any) -> Any:
        """The input, and what the layers add to it."""
        return (x + self.outer(self.inner(x).relu())).relu()


def network() -> Drawing:
    """Sixteen residual blocks between two layers, after ``backward()``."""
    manual_seed(0)
    data, labels = randn(32, 64), arange(32) % 10
    net = Sequential(Linear(64, 32), *(Block(32) for _ in range(16)), Linear(32, 10))
    loss = cross_entropy(net(data), labels)
    loss.backward()
    return draw(loss, names={"data": data, "labels": labels, "loss": loss, **dict(net.named_parameters("net"))})


def recurrent() -> Drawing:
    """A recurrent network in a loop of fifty steps, with the gradients of a recorded pass."""
    manual_seed(0)
    W, U, b = (randn(8, 8) * 0.3).requires_grad_(), randn(4, 8, requires_grad=True), zeros(8, requires_grad=True)
    data, target = randn(50, 2, 4), randn(2, 8)
    h = zeros(2, 8)
    for x in data:
        h = (x @ U + h @ W + b).tanh()
    loss = ((h - target) ** 2).mean()
    for name, variable in {"W": W, "U": U, "b": b, "target": target, "loss": loss}.items():
        variable.name = name
    return draw(trace(loss))


def main(folder: str = "img") -> None:
    """Write every figure as SVG; the tutorial's, which other programs show, as PNG, too."""
    Path(folder).mkdir(exist_ok=True)
    for name, drawing in figures().items():
        for form in ("svg", "png") if name in tutorial() else ("svg",):
            drawing.save(Path(folder, f"{name}.{form}"))


if __name__ == "__main__":
    main(*sys.argv[1:])
