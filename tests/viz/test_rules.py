"""Rules are said with the names and numbers of the program, where these are known."""

import pytest

import microtorch
from microtorch import viz
from microtorch.viz.words.rules import spelled

x = microtorch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
w = microtorch.ones(2, 2, requires_grad=True)
data = microtorch.ones(2, 2)
weights = [microtorch.ones(2, 2, requires_grad=True)]
F = microtorch.nn.functional


def rules(out, **names):
    """The rules of the last node's inputs that get a gradient."""
    snapshot = viz.snapshot(out, names=names)
    node = snapshot.nodes[-1]
    return [spelled(snapshot, node, port) for port in node.ports if port.operand is None]


SAID = {
    "x * w": ["grad * w", "grad * x"],
    "x * x": ["grad * x", "grad * x"],
    "x * 3": ["grad * 3"],
    "x * -3": ["grad * -3"],
    "x * 0.1": ["grad * 0.1"],
    "x * 1e20": ["grad * 1e+20"],
    "x * float('inf')": ["grad * inf"],
    "x / w": ["grad / w", "-grad * (x / w) / w"],
    "x ** 2": ["grad * 2 * x"],
    "x ** 3": ["grad * 3 * x ** 2"],
    "x ** 0.5": ["grad * 0.5 * x ** (-0.5)"],
    "x ** 1": ["grad * 1 * x ** 0"],
    "x @ data": ["grad @ data.mT"],
    "x * weights[0]": ["grad * weights[0]", "grad * x"],
    "x.exp() * 2": ["grad * 2"],
    "(x * 2) * w": ["grad * w", "grad * input"],  # a product without a name
    "x.reshape(4)": ["grad.reshape(x.shape)"],
    "x.transpose(0, 1)": ["grad.swapaxes(0, 1)"],
    "F.leaky_relu(x, 0.2)": ["where(x > 0, grad, grad * 0.2)"],
    "x.clamp(-1, 1)": ["where((x >= -1) & (x <= 1), grad, 0)"],
    "x.sum()": ["grad, for every element summed"],  # in words
    "-x": ["-grad"],
}


@pytest.mark.parametrize("expression", SAID)
def test_a_rule_says_names_and_numbers(expression):
    assert rules(eval(expression)) == SAID[expression]


def test_an_output_with_a_name_stands_for_out():
    y = x.exp()
    assert rules(y, y=y) == ["grad * y"]


def test_a_name_that_is_no_expression_is_written_as_it_is():
    odd = microtorch.ones(2, 2, requires_grad=True)
    odd.name = "my weight); import os"
    assert rules(x * odd) == ["grad * my weight); import os", "grad * x"]


def test_a_variable_that_is_called_as_a_function_or_as_grad_changes_no_call():
    log = microtorch.ones(2, 2, requires_grad=True)
    grad = microtorch.ones(2, 2, requires_grad=True)
    assert rules(grad * log, grad=grad, log=log) == ["grad * log", "grad * grad"]
    assert rules(microtorch.pow(2, log), log=log) == ["grad * where((2 == 0) & (log >= 0), 0, out * log(2))"]
