"""Large graphs: chains of N operations, a leaf that is used N times. What counts is the time a node, flat in N."""

from functools import partial

import numpy as np

from .race import Row

START = np.array([[1.0, -2.0], [3.0, -4.0]])


def chain_in_numpy(length: int):
    def step():
        y = START * 1.0
        values = []
        for _ in range(length):
            values.append(y)
            y = y * 1.0001
        grad = np.ones((2, 2))
        for _ in range(length):
            grad = grad * 1.0001
        return y.sum(), grad

    return step


def _chain(library, length: int):
    def step():
        x = library.tensor(START, requires_grad=True)
        y = x
        for _ in range(length):
            y = y * 1.0001
        out = y.sum()
        out.backward()
        return out, x.grad

    return step


def chain_in_microtorch(length: int):
    import microtorch

    return _chain(microtorch, length)


def chain_in_torch(length: int):
    import torch

    torch.set_num_threads(1)
    return _chain(torch, length)


def chain_in_micrograd(length: int):
    from micrograd.engine import Value

    def step():
        xs = [Value(each) for each in START.flat]
        ys = xs
        for _ in range(length):
            ys = [y * 1.0001 for y in ys]
        out = sum(ys)
        out.backward()
        return out.data, [[xs[0].grad, xs[1].grad], [xs[2].grad, xs[3].grad]]

    return step


def wide_in_numpy(uses: int):
    """A sum to which one array is added so often, and its gradient, to which the ones are."""

    def step():
        x = START * 1.0
        total = x
        for _ in range(uses):
            total = total + x
        ones = np.ones((2, 2))
        grad = ones
        for _ in range(uses):
            grad = grad + ones
        return total.sum(), grad

    return step


def _wide(library, uses: int):
    def step():
        x = library.tensor(START, requires_grad=True)
        total = x
        for _ in range(uses):
            total = total + x
        out = total.sum()
        out.backward()
        return out, x.grad

    return step


def wide_in_microtorch(uses: int):
    import microtorch

    return _wide(microtorch, uses)


def wide_in_torch(uses: int):
    import torch

    torch.set_num_threads(1)
    return _wide(torch, uses)


def _chains(length: int) -> Row:
    contestants = {"NumPy": chain_in_numpy, "microtorch": chain_in_microtorch, "torch": chain_in_torch}
    if length <= 10**3:
        contestants["micrograd"] = chain_in_micrograd  # it recurses
    bound = {name: partial(build, length) for name, build in contestants.items()}
    return Row(f"chain of {length:,}, a node", bound, "5, 0.55", per=length)


WIDE = {"NumPy": wide_in_numpy, "microtorch": wide_in_microtorch, "torch": wide_in_torch}
ROWS = [
    *map(_chains, (10**3, 10**4, 10**5, 10**6)),
    Row("one leaf used 100,000 times, a use", {name: partial(build, 10**5) for name, build in WIDE.items()}, "6, 0.6", per=10**5),
]
