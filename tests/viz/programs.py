"""What a class draws in its second week: the same programs for microtorch and for torch. Each returns the names it has given."""

import math

import microtorch


def named(program, library=microtorch):
    """The variables of a program as a notebook would have them."""
    library.manual_seed(0)
    return {name: value for name, value in program(library).items() if name != "lib"}


def seen(program, show, library=microtorch, **options):
    """``show(out)``, called where the program's names are known."""
    space = named(program, library) | {"_show": show, "_options": options}
    exec("_seen = _show(out, **_options)", space)
    return space["_seen"]


def seed(lib):
    x = lib.ones(2, 2, requires_grad=True)
    y = x + 2
    z = y * y * 3
    out = z.mean()
    return locals()


def mlp(lib):
    X, labels = lib.randn(32, 64), lib.arange(32) % 10
    net = lib.nn.Sequential(lib.nn.Linear(64, 32), lib.nn.ReLU(), lib.nn.Linear(32, 10))
    out = lib.nn.functional.cross_entropy(net(X), labels)
    return locals()


def lenet(lib):
    nn = lib.nn
    X, labels = lib.randn(4, 1, 28, 28), lib.arange(4)
    net = nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2)),
        *(nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10)),
    )
    out = nn.functional.cross_entropy(net(X), labels)
    del nn
    return locals()


def rnn(lib, steps=8):
    """A recurrent network as a loop over its weights."""
    W, U = (lib.randn(5, 5) * 0.3).requires_grad_(), (lib.randn(3, 5) * 0.3).requires_grad_()
    b = lib.zeros(5, requires_grad=True)
    X, target = lib.randn(steps, 2, 3), lib.randn(2, 5)
    h = lib.zeros(2, 5)
    for t in range(steps):
        h = (X[t] @ U + h @ W + b).tanh()
    out = ((h - target) ** 2).mean()
    return locals()


def attention(lib):
    X = lib.randn(6, 8)
    Wq, Wk, Wv = (lib.nn.Parameter(lib.randn(8, 8)) for _ in range(3))
    q, k, v = X @ Wq, X @ Wk, X @ Wv
    weights = (q @ k.transpose(0, 1) / math.sqrt(8)).softmax(dim=-1)
    out = (weights @ v).sum()
    return locals()


def resnet(lib, blocks=4):
    nn = lib.nn

    class Block(lib.nn.Module):
        def __init__(self, width):
            super().__init__()
            self.conv1, self.norm1 = lib.nn.Conv2d(width, width, 3, padding=1), lib.nn.BatchNorm2d(width)
            self.conv2, self.norm2 = lib.nn.Conv2d(width, width, 3, padding=1), lib.nn.BatchNorm2d(width)

        def forward(self, x):
            h = self.norm1(self.conv1(x)).relu()
            return (self.norm2(self.conv2(h)) + x).relu()

    X, labels = lib.randn(2, 3, 8, 8), lib.arange(2)
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.Sequential(*(Block(4) for _ in range(blocks))),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 10),
    )
    out = nn.functional.cross_entropy(net(X), labels)
    del nn, Block
    return locals()


def expression(lib):
    """The example of micrograd's README."""
    a, b = lib.tensor(-4.0, requires_grad=True), lib.tensor(2.0, requires_grad=True)
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    out = f / 2.0
    out = out + 10.0 / f
    return locals()


def second_order(lib):
    x = lib.tensor(2.0, requires_grad=True)
    y = x**3 + x * x
    (out,) = lib.autograd.grad(y, x, create_graph=True)
    return locals()


def lstm(lib, steps=3):
    """An LSTM written by hand."""
    W, U, b = lib.nn.Parameter(lib.randn(3, 8)), lib.nn.Parameter(lib.randn(2, 8)), lib.nn.Parameter(lib.zeros(8))
    X = lib.randn(steps, 4, 3)
    h, c = lib.zeros(4, 2), lib.zeros(4, 2)
    for t in range(steps):
        i, f, g, o = (X[t] @ W + h @ U + b).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
    out = h.sum()
    return locals()


PROGRAMS = [seed, mlp, lenet, rnn, attention, resnet, expression, second_order]


# ---- what is too large to be shown node by node ----


def chain(lib, nodes=10_000):
    x = lib.ones(2, requires_grad=True)
    out = x
    for i in range(nodes - 1):
        out = out * 1.01 if i % 2 else out + 1.0
    return {"x": x, "out": out}


def residual(lib, layers=200):
    """A residual network, its weights in a list."""
    W = [(lib.randn(4, 4) * 0.1).requires_grad_() for _ in range(layers)]
    x = lib.randn(2, 4)
    for w in W:
        x = x + (x @ w).relu()
    out = x.mean()
    return {"W": W, "out": out}


def residual_modules(lib, layers=200):
    class Residual(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = lib.nn.Linear(4, 4)

        def forward(self, x):
            return x + self.linear(x).relu()

    X = lib.randn(2, 4)
    net = lib.nn.Sequential(*(Residual() for _ in range(layers)))
    out = net(X).mean()
    return {"X": X, "net": net, "out": out}


def scalar_mlp(lib, sizes=(3, 16, 16, 1)):
    """A network of scalars, as in micrograd: more than a thousand nodes."""
    values = [lib.tensor(0.1 * i) for i in range(sizes[0])]
    weights = []
    for wide, narrow in zip(sizes[1:], sizes[:-1], strict=True):
        layer = [[lib.tensor(0.01 * (i + j), requires_grad=True) for j in range(narrow + 1)] for i in range(wide)]
        weights.append(layer)
        values = [sum((w * x for w, x in zip(row[1:], values, strict=True)), row[0]).tanh() for row in layer]
    out = values[0]
    return {"weights": weights, "out": out}


def long_rnn(lib):
    return rnn(lib, 100)


LARGE = [chain, residual, residual_modules, scalar_mlp, long_rnn]
