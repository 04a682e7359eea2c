"""The seed's graph, forward and backward, against hand-written NumPy and torch: ``python -m tests.benchmarks.seed_graph``.

Times on a shared machine wander, so each round measures all contestants in turn, and what counts is the median of the
rounds' ratios. Gradients are compared before anything is timed. float64, one thread.
"""

import statistics
import time

import numpy as np

from microtorch.autograd import Variable

ROUNDS, CALLS = 41, 1000


def microtorch_graph():
    x = Variable(np.ones((2, 2)), requires_grad=True)
    y = x + 2
    z = y * y * 3
    out = z.mean()
    out.backward()
    return x.grad


def numpy_by_hand():
    x = np.ones((2, 2))
    y = x + 2
    squared = y * y
    z = squared * 3
    z.mean()
    grad_z = np.full_like(z, 1 / z.size)
    grad_squared = grad_z * 3
    return grad_squared * y + grad_squared * y


def numpy_at_its_fastest():
    """The same with what NumPy's own functions are made of: no student would write it."""
    x = np.ones((2, 2))
    y = x + 2
    squared = y * y
    z = squared * 3
    np.add.reduce(z, None) / 4
    grad_z = np.empty((2, 2))
    grad_z.fill(1.0 / 4)
    grad_squared = grad_z * 3
    grad_y = grad_squared * y
    grad_y += grad_squared * y
    return grad_y


def torch_graph():
    import torch

    torch.set_num_threads(1)

    def graph():
        x = torch.ones(2, 2, dtype=torch.float64, requires_grad=True)
        y = x + 2
        z = y * y * 3
        out = z.mean()
        out.backward()
        return x.grad

    return graph


def seconds(function):
    start = time.perf_counter()
    for _ in range(CALLS):
        function()
    return (time.perf_counter() - start) / CALLS


def main():
    contestants = {
        "microtorch": microtorch_graph,
        "NumPy by hand": numpy_by_hand,
        "NumPy at its fastest": numpy_at_its_fastest,
    }
    try:
        contestants["torch"] = torch_graph()
    except ImportError:
        print("torch is not installed here")
    for name, function in contestants.items():
        assert function().tolist() == [[4.5, 4.5], [4.5, 4.5]], name
    rounds = [{name: seconds(function) for name, function in contestants.items()} for _ in range(ROUNDS)]
    for name in contestants:
        median = statistics.median(each[name] for each in rounds)
        ratio = statistics.median(each["microtorch"] / each[name] for each in rounds)
        print(f"{name:22} {median * 1e6:7.2f} µs    microtorch takes {ratio:5.2f} × as long")


if __name__ == "__main__":
    main()
