"""A few of the random calls of ``python -m tests.ops.random_arguments``, and proof that they find faults."""

import numpy as np
import pytest

import microtorch
from microtorch.autograd import Variable
from microtorch.core import create_graph
from microtorch.core.primitive import rule
from microtorch.ops.reduction import extremes, sums
from microtorch.ops.selection.where import where
from tests.ops import random_arguments

EXAMPLES = 30


@pytest.mark.parametrize("template", random_arguments.TEMPLATES)
def test_a_call_with_random_arguments_does_the_same_as_in_torch(torch, template):
    random_arguments.search(template, torch, microtorch, EXAMPLES)


@pytest.mark.parametrize("template", random_arguments.TEMPLATES)
def test_random_arguments_are_right_often_enough(torch, template):
    runs = [random_arguments.Run(torch, call) for call in random_arguments.some(template, EXAMPLES)]
    assert any(run.error is None for run in runs)


class Sum(sums.Sum):
    @rule(words="twice what it should be")
    def grad_input(self, grad):
        return self.spread(grad * 2)


FAULTS = {
    "a wrong rule": (lambda self: Sum.apply(self), "gradient 0: torch"),
    "a wrong value": (lambda self: sums.sum(self) + 1, "values: torch"),
    "a wrong dtype": (lambda self: sums.sum(self).double(), "dtype: torch"),
    "another graph": (lambda self: sums.sum(self) * 1, "graph: torch"),
    "a call refused": (lambda self: sums.sum(self.view(7)), "torch None, microtorch RuntimeError"),
}


@pytest.mark.parametrize(("wrong", "what"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(torch, monkeypatch, wrong, what):
    monkeypatch.setattr(Variable, "sum", wrong)
    with pytest.raises(AssertionError, match=what):
        random_arguments.search("{t}.sum()", torch, microtorch, EXAMPLES)


def test_a_recorded_gradient_that_leads_nowhere_is_found(torch, monkeypatch):
    monkeypatch.setattr(create_graph.Flat, "made_by", staticmethod(lambda grad, edge: grad))
    with pytest.raises(AssertionError, match="leads to: torch"):
        random_arguments.search("relu({t})", torch, microtorch, EXAMPLES)


def test_nan_that_is_hidden_is_found(torch, monkeypatch):
    def shared(self, grad, input, out):
        chosen = input == out.reshape(self.kept_shape)
        return np.where(chosen, grad.reshape(self.kept_shape) / chosen.sum(axis=self.axes, keepdims=True), 0.0)

    monkeypatch.setattr(extremes._Extreme, "shared", shared)
    with pytest.raises(AssertionError, match="gradient 0: torch"):
        random_arguments.search("{t}.amax(0)", torch, microtorch, 10 * EXAMPLES)


def test_a_dtype_that_is_not_the_default_is_found(torch, monkeypatch):
    monkeypatch.setattr(microtorch, "where", lambda *arguments: where(*arguments).double())
    with pytest.raises(AssertionError, match="dtype: torch"):
        random_arguments.search("where({t} > 0, 1.0, {number})", torch, microtorch, EXAMPLES)
