"""Networks of classroom size: a training step, a gradient of a gradient. float64, but for none; one thread."""

from functools import partial
from itertools import pairwise

import numpy as np

from .race import Row, dezero_and_functions

RATE = 1e-3


def data(batch: int, *widths: int):
    """Inputs, class numbers, and the weights and biases of a perceptron: the same for all contestants."""
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(n, m)) / np.sqrt(n), rng.normal(size=m) * 0.1) for n, m in pairwise(widths)]
    return rng.normal(size=(batch, widths[0])), rng.integers(0, widths[-1], batch), layers


# ── A training step: perceptron, cross-entropy, SGD ──────────────────────────────────────────────────────────────────


def perceptron_in_numpy(*shape: int):
    x, labels, layers = data(*shape)
    rows = np.arange(len(x))
    buffers = [(np.empty((len(x), w.shape[1])), np.empty((len(x), w.shape[1])), np.empty_like(w)) for w, _ in layers]

    def step():
        values = [x]
        for i, ((w, b), (out, _, _)) in enumerate(zip(layers, buffers, strict=True)):
            np.matmul(values[-1], w, out=out)
            out += b
            if i < len(layers) - 1:
                np.maximum(out, 0, out=out)
            values.append(out)
        logits, grad, _ = *buffers[-1][:2], None
        logits -= logits.max(1, keepdims=True)
        np.exp(logits, out=grad)
        sums = grad.sum(1, keepdims=True)
        loss = (np.log(sums[:, 0]) - logits[rows, labels]).mean()
        grad /= sums
        grad[rows, labels] -= 1
        grad /= len(x)
        gradients = []
        for i in reversed(range(len(layers))):
            (w, b), (_, _, grad_w) = layers[i], buffers[i]
            np.matmul(values[i].T, grad, out=grad_w)
            grad_b = grad.sum(0)
            if i:
                below = np.matmul(grad, w.T, out=buffers[i - 1][1])
                below *= values[i] > 0
            gradients += [grad_w.T, grad_b]
            w -= RATE * grad_w
            b -= RATE * grad_b
            if i:
                grad = below
        return loss, *gradients

    return step


def _perceptron(library, functional, *shape: int):
    """As people write it: the weights as nn.Linear keeps them, and the library's own SGD."""
    x, labels, layers = data(*shape)
    x, labels = library.tensor(x), library.tensor(labels)
    layers = [(library.tensor(w.T.copy(), requires_grad=True), library.tensor(b, requires_grad=True)) for w, b in layers]
    optimizer = library.optim.SGD([each for pair in layers for each in pair], RATE)

    def step():
        value = x
        for w, b in layers[:-1]:
            value = functional.relu(functional.linear(value, w, b))
        loss = functional.cross_entropy(functional.linear(value, *layers[-1]), labels)
        loss.backward()
        optimizer.step()
        gradients = [each.grad for pair in reversed(layers) for each in pair]
        optimizer.zero_grad()
        return loss, *gradients

    return step


def perceptron_in_microtorch(*shape: int):
    import microtorch

    return _perceptron(microtorch, microtorch.nn.functional, *shape)


def perceptron_in_torch(*shape: int):
    import torch

    torch.set_num_threads(1)
    return _perceptron(torch, torch.nn.functional, *shape)


def perceptron_in_autograd(*shape: int):
    import autograd.numpy as anp
    from autograd import value_and_grad

    x, labels, layers = data(*shape)
    rows = np.arange(len(x))

    def program(layers):
        value = x
        for w, b in layers[:-1]:
            value = anp.maximum(anp.dot(value, w) + b, 0)
        logits = anp.dot(value, layers[-1][0]) + layers[-1][1]
        shifted = logits - anp.max(logits, 1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(shifted), 1)) - shifted[rows, labels])

    both = value_and_grad(program)

    def step():
        loss, gradients = both(layers)
        for (w, b), (grad_w, grad_b) in zip(layers, gradients, strict=True):
            w -= RATE * grad_w
            b -= RATE * grad_b
        return loss, *(each for w, b in reversed(gradients) for each in (w.T, b))

    return step


def perceptron_in_dezero(*shape: int):
    dezero, functions = dezero_and_functions()

    x, labels, layers = data(*shape)
    layers = [(dezero.Parameter(w), dezero.Parameter(b)) for w, b in layers]

    def step():
        value = x
        for w, b in layers[:-1]:
            value = functions.relu(functions.linear(value, w, b))
        loss = functions.softmax_cross_entropy(functions.linear(value, *layers[-1]), labels)
        loss.backward()
        gradients = []
        for w, b in reversed(layers):
            gradients += [w.grad.data.T, b.grad.data]
            w.data -= RATE * w.grad.data
            b.data -= RATE * b.grad.data
            w.cleargrad()
            b.cleargrad()
        return loss.data, *gradients

    return step


# ── As courses write it: nn.Module and Adam; and Adam's step alone ──────────────────────────────────────────────────


def _of_modules(library, *shape: int):
    x, labels, layers = data(*shape)
    nn, x, labels = library.nn, library.tensor(x), library.tensor(labels)
    modules = []
    for w, b in layers:
        linear = nn.Linear(*w.shape, dtype=library.float64)
        with library.no_grad():
            linear.weight.copy_(library.tensor(w.T.copy()))
            linear.bias.copy_(library.tensor(b))
        modules += [linear, nn.ReLU()]
    net, criterion = nn.Sequential(*modules[:-1]), nn.CrossEntropyLoss()
    optimizer = library.optim.Adam(net.parameters(), lr=RATE)

    def step():
        optimizer.zero_grad()
        loss = criterion(net(x), labels)
        loss.backward()
        optimizer.step()
        return loss, *(each.grad for each in net.parameters())

    return step


def modules_in_microtorch(*shape: int):
    import microtorch

    return _of_modules(microtorch, *shape)


def modules_in_torch(*shape: int):
    import torch

    torch.set_num_threads(1)
    return _of_modules(torch, *shape)


TEN = (8, 16, 16, 16, 16, 4)  # five layers: ten parameters


def _adam_alone(library):
    _, _, layers = data(1, *TEN)
    parameters = [library.tensor(each, requires_grad=True) for pair in layers for each in pair]
    for each in parameters:
        each.grad = each.detach() * 2
    optimizer = library.optim.Adam(parameters, lr=RATE)

    def step():
        optimizer.step()
        return [each.detach() for each in parameters]

    return step


def adam_in_microtorch():
    import microtorch

    return _adam_alone(microtorch)


def adam_in_torch():
    import torch

    torch.set_num_threads(1)
    return _adam_alone(torch)


# ── A gradient of a gradient: how fast a tanh perceptron's output changes, made small ────────────────────────────────

TANH = (32, 64, 64, 1)


def penalty_in_numpy():
    """The gradient of ``g`` for x, and then of ``(g * g).sum()`` for the weights, worked out by hand."""
    x, _, ((w1, b1), (w2, _)) = data(*TANH)
    w2 = w2[:, 0]

    def step():
        h = np.tanh(x @ w1 + b1)
        slope = 1 - h * h
        s = slope * w2
        g = s @ w1.T
        loss = (g * g).sum()
        grad_g = 2 * g
        grad_s = grad_g @ w1
        grad_w1 = grad_g.T @ s
        grad_w2 = (grad_s * slope).sum(0)
        grad_z = grad_s * w2 * -2 * h * slope
        return loss, grad_w1 + x.T @ grad_z, grad_z.sum(0), grad_w2

    return step


def _penalty(library):
    x, _, ((w1, b1), (w2, b2)) = data(*TANH)
    x, w1, b1, w2, b2 = (library.tensor(each, requires_grad=True) for each in (x, w1, b1, w2, b2))

    def step():
        out = library.tanh(x @ w1 + b1) @ w2 + b2
        (g,) = library.autograd.grad(out.sum(), x, create_graph=True)
        loss = (g * g).sum()
        grad_w1, grad_b1, grad_w2 = library.autograd.grad(loss, (w1, b1, w2))
        return loss, grad_w1, grad_b1, grad_w2[:, 0]

    return step


def penalty_in_microtorch():
    import microtorch

    return _penalty(microtorch)


def penalty_in_torch():
    import torch

    torch.set_num_threads(1)
    return _penalty(torch)


def penalty_in_autograd():
    import autograd.numpy as anp
    from autograd import grad, value_and_grad

    x, _, ((w1, b1), (w2, b2)) = data(*TANH)

    def total(x, w1, b1, w2):
        return anp.sum(anp.dot(anp.tanh(anp.dot(x, w1) + b1), w2) + b2)

    slope = grad(total)

    def program(weights):
        g = slope(x, *weights)
        return anp.sum(g * g)

    both = value_and_grad(program)

    def step():
        loss, (grad_w1, grad_b1, grad_w2) = both((w1, b1, w2))
        return loss, grad_w1, grad_b1, grad_w2[:, 0]

    return step


def penalty_in_dezero():
    dezero, functions = dezero_and_functions()

    x, _, ((w1, b1), (w2, b2)) = data(*TANH)
    x = dezero.Variable(x)
    w1, b1, w2, b2 = (dezero.Parameter(each) for each in (w1, b1, w2, b2))

    def step():
        out = functions.linear(functions.tanh(functions.linear(x, w1, b1)), w2, b2)
        x.cleargrad()
        functions.sum(out).backward(create_graph=True)
        for each in (w1, b1, w2, b2):
            each.cleargrad()
        loss = functions.sum(x.grad * x.grad)
        loss.backward()
        return loss.data, w1.grad.data, b1.grad.data, w2.grad.data[:, 0]

    return step


# ── A recurrent network: 200 steps through time ──────────────────────────────────────────────────────────────────────

STEPS, BATCH, HIDDEN = 200, 16, 32


def _recurrent():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(STEPS, BATCH, HIDDEN))
    return x, rng.normal(size=(HIDDEN, HIDDEN)) * 0.1, rng.normal(size=(HIDDEN, HIDDEN)) * 0.1, rng.normal(size=HIDDEN) * 0.1


def recurrent_in_numpy():
    x, w_in, w_hidden, b = _recurrent()
    hidden = np.zeros((STEPS + 1, BATCH, HIDDEN))
    scratch, grad, grad_z = (np.empty((BATCH, HIDDEN)) for _ in range(3))
    grad_in, grad_hidden, part = np.empty_like(w_in), np.empty_like(w_hidden), np.empty_like(w_hidden)

    def step():
        for t in range(STEPS):
            out = np.matmul(x[t], w_in, out=hidden[t + 1])
            out += np.matmul(hidden[t], w_hidden, out=scratch)
            out += b
            np.tanh(out, out=out)
        last = hidden[STEPS]
        loss = (last * last).mean()
        np.multiply(last, 2 / last.size, out=grad)
        grad_in.fill(0)
        grad_hidden.fill(0)
        grad_b = np.zeros(HIDDEN)
        for t in reversed(range(STEPS)):
            out = hidden[t + 1]
            np.multiply(out, out, out=grad_z)
            np.subtract(1, grad_z, out=grad_z)
            np.multiply(grad_z, grad, out=grad_z)
            np.add(grad_in, np.matmul(x[t].T, grad_z, out=part), out=grad_in)
            np.add(grad_hidden, np.matmul(hidden[t].T, grad_z, out=part), out=grad_hidden)
            grad_b += grad_z.sum(0)
            np.matmul(grad_z, w_hidden.T, out=grad)
        return loss, grad_in, grad_hidden, grad_b

    return step


def _recurrent_in(library):
    x, w_in, w_hidden, b = _recurrent()
    xs = [library.tensor(each) for each in x]
    w_in, w_hidden, b = (library.tensor(each, requires_grad=True) for each in (w_in, w_hidden, b))
    start = library.zeros(BATCH, HIDDEN, dtype=library.float64)

    def step():
        h = start
        for each in xs:
            h = library.tanh(each @ w_in + h @ w_hidden + b)
        loss = (h * h).mean()
        return loss, *library.autograd.grad(loss, (w_in, w_hidden, b))

    return step


def recurrent_in_microtorch():
    import microtorch

    return _recurrent_in(microtorch)


def recurrent_in_torch():
    import torch

    torch.set_num_threads(1)
    return _recurrent_in(torch)


def recurrent_in_autograd():
    import autograd.numpy as anp
    from autograd import value_and_grad

    x, *weights = _recurrent()

    def program(weights):
        w_in, w_hidden, b = weights
        h = np.zeros((BATCH, HIDDEN))
        for each in x:
            h = anp.tanh(anp.dot(each, w_in) + anp.dot(h, w_hidden) + b)
        return anp.mean(h * h)

    both = value_and_grad(program)

    def step():
        loss, gradients = both(weights)
        return loss, *gradients

    return step


def recurrent_in_dezero():
    dezero, functions = dezero_and_functions()

    x, *weights = _recurrent()
    w_in, w_hidden, b = (dezero.Parameter(each) for each in weights)

    def step():
        for each in (w_in, w_hidden, b):
            each.cleargrad()
        h = dezero.Variable(np.zeros((BATCH, HIDDEN)))
        for each in x:
            h = functions.tanh(functions.matmul(each, w_in) + functions.matmul(h, w_hidden) + b)
        loss = functions.sum(h * h) / h.size
        loss.backward()
        return loss.data, w_in.grad.data, w_hidden.grad.data, b.grad.data

    return step


def _bound(shape: tuple[int, ...]):
    """The contestants on a perceptron of that shape; by name, so that another process can be told."""
    return {
        "NumPy": partial(perceptron_in_numpy, *shape),
        "microtorch": partial(perceptron_in_microtorch, *shape),
        "torch": partial(perceptron_in_torch, *shape),
        "autograd": partial(perceptron_in_autograd, *shape),
        "dezero": partial(perceptron_in_dezero, *shape),
    }


ROWS = [
    Row("MLP 64-32-10, batch 32, SGD step", _bound((32, 64, 32, 10)), "1.6, 0.7"),
    Row("MLP 784-512-512-10, batch 128, SGD step", _bound((128, 784, 512, 512, 10)), "1.15, 0.95"),
    Row(
        "MLP 64-32-10 of nn.Linear, batch 32, Adam step",
        {"microtorch": partial(modules_in_microtorch, 32, 64, 32, 10), "torch": partial(modules_in_torch, 32, 64, 32, 10)},
        "–, 0.7",
    ),
    Row(
        "MLP 784-512-512-10 of nn.Linear, batch 128, Adam step",
        {
            "microtorch": partial(modules_in_microtorch, 128, 784, 512, 512, 10),
            "torch": partial(modules_in_torch, 128, 784, 512, 512, 10),
        },
        "–, 1.2",
    ),
    Row("Adam's step alone, ten small parameters", {"microtorch": adam_in_microtorch, "torch": adam_in_torch}, "–, 1.0"),
    Row(
        "RNN, 200 steps",
        {
            "NumPy": recurrent_in_numpy, "microtorch": recurrent_in_microtorch, "torch": recurrent_in_torch,
            "autograd": recurrent_in_autograd, "dezero": recurrent_in_dezero,
        },
        "1.8, 0.75",
    ),
    Row(
        "gradient of a gradient, tanh MLP",
        {
            "NumPy": penalty_in_numpy, "microtorch": penalty_in_microtorch, "torch": penalty_in_torch,
            "autograd": penalty_in_autograd, "dezero": penalty_in_dezero,
        },
        "3.5, 1.0",
    ),
]  # fmt: skip
