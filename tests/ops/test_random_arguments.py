"""A few of the random calls of ``python -m tests.ops.random_arguments``, and proof that they find faults."""

import pytest

import microtorch
from microtorch.autograd import Variable
from microtorch.core.primitive import rule
from microtorch.ops.reduction import sums
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
