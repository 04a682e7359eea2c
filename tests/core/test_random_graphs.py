"""A few of the random programs of ``python -m tests.core.random_graphs``, and proof that they find faults."""

from collections import Counter

import pytest

import microtorch
from microtorch.autograd import Variable
from microtorch.core import special_turns
from microtorch.core.primitive import rule
from microtorch.ops.elementwise import exponential
from tests.core import random_graphs

EXAMPLES = 400


def test_random_programs_do_the_same_as_in_torch(torch):
    random_graphs.search(torch, microtorch, EXAMPLES)


def test_most_random_programs_are_valid_and_many_change_a_view(torch):
    tally = Counter()
    random_graphs.search(torch, torch, EXAMPLES, seen=lambda program: tally.update(program.tags))
    assert tally["ends well"] > 0.6 * EXAMPLES
    assert tally["in-place on a view"] > 0.25 * EXAMPLES
    assert 0.05 * EXAMPLES < tally["raises"] < 0.5 * EXAMPLES
    assert tally["gradient of gradient"] > 0.1 * EXAMPLES


class Tanh(exponential.Tanh):
    @rule("grad * out")
    def grad_input(self, grad, out):
        return grad * out


FAULTS = {
    "a wrong rule": ("tanh", Tanh.apply, r"(\.grad|first|second)"),
    "a version that does not rise": ("_version", property(lambda self: 0), r"\._version"),
    "a detached copy where a view is right": ("detach", lambda self: Variable(self.array.copy()), ""),
}


@pytest.mark.parametrize(("name", "wrong", "what"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(torch, monkeypatch, name, wrong, what):
    monkeypatch.setattr(Variable, name, wrong)
    with pytest.raises(AssertionError, match=f"{what}.*: torch .* microtorch .*"):
        random_graphs.search(torch, microtorch, EXAMPLES)


def test_hooks_that_see_what_is_broadcast_are_found(torch, monkeypatch):
    monkeypatch.setattr(special_turns, "_as_hooks_see", lambda grad_inputs, node: grad_inputs)
    with pytest.raises(AssertionError, match=r"torch .* microtorch "):
        random_graphs.search(torch, microtorch, 16 * EXAMPLES)  # what is drawn depends on what is imported
