"""Graphs whose backward passes are walked, and what their leaves hold."""

from dataclasses import dataclass

import microtorch
from microtorch import Variable
from tests.viz import graphs


def leaf(*values: float) -> Variable:
    return microtorch.tensor(list(values) if len(values) > 1 else values[0], requires_grad=True)


@dataclass
class Case:
    """A graph that can be made anew, its leaves by name."""

    leaves: dict[str, Variable]
    root: Variable


def tutorial() -> Case:
    x, *_, out = graphs.tutorial()
    return Case({"x": x}, out)


def three_ways() -> Case:
    a, b = leaf(2.0), leaf(3.0, 4.0)
    return Case({"a": a, "b": b}, (a * b + a * a + a.exp()).sum())


def matrices() -> Case:
    microtorch.manual_seed(0)
    x, w, v = (microtorch.randn(*size, requires_grad=True) for size in ((5, 30), (30, 4), (4,)))
    return Case({"x": x, "w": w, "v": v}, ((x @ w + v).tanh().relu() * 2).mean())


def a_leaf() -> Case:
    x = leaf(2.0)
    return Case({"x": x}, x)


def grads(case: Case) -> dict[str, bytes | None]:
    return {name: None if v.grad is None else v.grad.array.tobytes() for name, v in case.leaves.items()}
