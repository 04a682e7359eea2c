"""Graphs to look at, and pictures of them in full."""

import microtorch
from microtorch import viz
from microtorch.autograd import Variable

HOSTILE = [
    'x", URL="javascript:alert(1)',
    "<b>bold</b>",
    "two\nlines\0",
    "{|}<p0>",
    '\\N \\l \\"',
    "x" * 200,
    "&lt;&amp;",
    "]]>-->",
    "%s {0}",
    "変数",
    "\u202eabc\ud800",
    "<script>alert(1)</script>",
]


def full(*roots):
    return viz.draw(*roots, detail="full", fold=False, direction="right")


def tutorial():
    """What the tutorial of 2017 computes: x, y, z and out."""
    x = Variable(microtorch.ones(2, 2), requires_grad=True)
    y = x + 2
    z = y * y * 3
    return x, y, z, z.mean()


def seed():
    x, y, z, out = tutorial()  # noqa: RUF059 - found by their names
    return full(out)


def square():
    a = Variable(microtorch.tensor(3.0), requires_grad=True)
    return full(a * a)


def perceptron():
    microtorch.manual_seed(0)
    x = microtorch.randn(8, 16)
    W1, b1 = microtorch.randn(16, 32, requires_grad=True), microtorch.zeros(32, requires_grad=True)
    W2, b2 = microtorch.randn(32, 1, requires_grad=True), microtorch.zeros(1, requires_grad=True)
    h = (x @ W1 + b1).tanh()
    loss = ((h @ W2 + b2) ** 2).mean()
    loss.backward()
    return full(loss)


def scalars():
    a, b, c = (Variable(microtorch.tensor(v), requires_grad=True) for v in (2.0, -3.0, 10.0))
    d = a * b + c
    e = d * a
    f = (e - b) * (d / c)
    return full((f.tanh() + a**2) * f, d)


def hostile():
    x = microtorch.ones(1, requires_grad=True)
    x.name = HOSTILE[0]
    kept = [x]
    for name in HOSTILE[1:]:
        leaf = microtorch.ones(1, requires_grad=True)
        kept.append(kept[-1] * leaf)
        leaf.name = kept[-1].name = name
    return full(kept[-1])


def outputs():
    class Both(microtorch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, twice, thrice):
            return twice * 2 + thrice * 3

    twice, thrice = Both.apply(microtorch.ones(2, requires_grad=True))
    return full((twice * thrice).sum(), thrice)


def large():
    y = microtorch.ones(1, requires_grad=True)
    for i in range(300):
        y = y * y if i % 7 == 0 else y * 1
    return full(y)


GRAPHS = [seed, square, perceptron, scalars, hostile, outputs, large]
