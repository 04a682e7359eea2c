"""Small programs: what they cost is the engine, and hardly the arithmetic."""

import numpy as np

from .race import Row, dezero_and_functions

# ── The seed's graph ─────────────────────────────────────────────────────────────────────────────────────────────────


def seed_in_numpy():
    def step():
        x = np.ones((2, 2))
        y = x + 2
        squared = y * y
        z = squared * 3
        out = z.mean()
        grad_z = np.full_like(z, 1 / z.size)
        grad_squared = grad_z * 3
        return out, grad_squared * y + grad_squared * y

    return step


def _seed(library):
    def step():
        x = library.ones(2, 2, dtype=library.float64, requires_grad=True)
        y = x + 2
        z = y * y * 3
        out = z.mean()
        out.backward()
        return out, x.grad

    return step


def seed_in_microtorch():
    import microtorch

    return _seed(microtorch)


def seed_in_torch():
    import torch

    torch.set_num_threads(1)
    return _seed(torch)


def seed_in_autograd():
    from autograd import value_and_grad

    def program(x):
        y = x + 2
        z = y * y * 3
        return z.mean() if hasattr(z, "mean") else z

    both = value_and_grad(program)
    return lambda: both(np.ones((2, 2)))


def seed_in_micrograd():
    from micrograd.engine import Value

    def step():
        x = [Value(1.0) for _ in range(4)]
        squares = [(each + 2) * (each + 2) * 3 for each in x]
        out = sum(squares) / 4
        out.backward()
        return out.data, [[x[0].grad, x[1].grad], [x[2].grad, x[3].grad]]

    return step


def seed_in_dezero():
    dezero, functions = dezero_and_functions()

    def step():
        x = dezero.Variable(np.ones((2, 2)))
        y = x + 2
        z = y * y * 3
        out = functions.sum(z) / 4
        out.backward()
        return out.data, x.grad.data

    return step


# ── The expression in micrograd's README: 25 operations on scalars ───────────────────────────────────────────────────


def _expression(a, b, relu):
    c = a + b
    d = a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    d = d + (d * 2 + relu(b + a))
    d = d + (3 * d + relu(b - a))
    e = c - d
    f = e**2
    g = f / 2.0
    return g + 10.0 / f


def _expression_in(library):
    def step():
        a = library.tensor(-4.0, dtype=library.float64, requires_grad=True)
        b = library.tensor(2.0, dtype=library.float64, requires_grad=True)
        g = _expression(a, b, library.relu)
        g.backward()
        return g, a.grad, b.grad

    return step


def expression_in_microtorch():
    import microtorch

    return _expression_in(microtorch)


def expression_in_torch():
    import torch

    torch.set_num_threads(1)
    return _expression_in(torch)


def expression_in_micrograd():
    from micrograd.engine import Value

    def step():
        a, b = Value(-4.0), Value(2.0)
        g = _expression(a, b, Value.relu)
        g.backward()
        return g.data, a.grad, b.grad

    return step


def expression_in_autograd():
    import autograd.numpy
    from autograd import grad, value_and_grad

    def program(pair):
        return _expression(pair[0], pair[1], lambda x: autograd.numpy.maximum(x, 0.0))

    assert grad is not None
    both = value_and_grad(program)

    def step():
        value, gradient = both(np.array([-4.0, 2.0]))
        return value, gradient[0], gradient[1]

    return step


def expression_in_dezero():
    dezero, functions = dezero_and_functions()

    def step():
        a, b = dezero.Variable(np.array(-4.0)), dezero.Variable(np.array(2.0))
        g = _expression(a, b, functions.relu)
        g.backward()
        return g.data, a.grad.data, b.grad.data

    return step


ROWS = [
    Row(
        "the seed's graph",
        {
            "NumPy": seed_in_numpy, "microtorch": seed_in_microtorch, "torch": seed_in_torch, "autograd": seed_in_autograd,
            "micrograd": seed_in_micrograd, "dezero": seed_in_dezero,
        },
        "2.2, 0.42",
    ),
    Row(
        "micrograd's README",
        {
            "microtorch": expression_in_microtorch, "torch": expression_in_torch, "autograd": expression_in_autograd,
            "micrograd": expression_in_micrograd, "dezero": expression_in_dezero,
        },
        "–, 0.45",
    ),
]  # fmt: skip
