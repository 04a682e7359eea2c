"""Predict, on PyTorch's tensors: the same questions, the same mistakes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microtorch.viz.passes.quiz import quiz
from tests.conftest import needs
from tests.viz.quizzes import arrays, check, distractors, programs

needs("torch", "torch")
import torch  # noqa: E402

import microtorch  # noqa: E402

numbers = st.lists(st.sampled_from([0.0, 1.0, -1.0, 0.5, -2.0, 3.0]), min_size=4, max_size=4)


@pytest.fixture(autouse=True)
def _quiet():
    with np.errstate(all="ignore"):
        yield


@settings(max_examples=40, deadline=None)
@given(program=programs(), values=numbers)
def test_of_any_program_the_right_answer_is_right_and_each_distractor_is_wrong_by_its_own_name(program, values):
    root = arrays(program, torch, values)
    check(lambda: quiz(root))


def product(lib):
    w = lib.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    b = lib.tensor([1.0, 2.0], requires_grad=True)
    x = lib.tensor([[1.0, 2.0], [0.0, 5.0]])
    out = ((x @ w + b) * lib.tensor([[1.0, 2.0], [3.0, 5.0]])).tanh().mean()
    return w, b, x, out


def test_the_mistakes_are_those_of_microtorchs_graph():
    found = []
    for lib in (microtorch, torch):
        asking = quiz(product(lib)[-1])
        found.append([sorted({name for name, _ in distractors(each)}) for each in asking.questions])
    assert found[0] == found[1]
    assert "transposed" in str(found)


def test_a_tensor_is_an_answer():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    question = quiz((x * x).sum()).questions[1]
    assert question.answer(torch.tensor([1.0, 2.0])).right
    assert question.answer(torch.tensor([1.0, 2.0], requires_grad=True)).right


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floats_are_asked_for_as_well(dtype):
    x = torch.tensor([1.0, 3.0], dtype=dtype, requires_grad=True)
    check(lambda: quiz((x * x / 3).sum()))


def test_complex_gradients_are_compared():
    z = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True)
    asking = quiz((z * z).abs().sum())
    for each in asking.questions:
        assert each.answer(each.solution).right
        assert not each.answer(each.solution * 2).right
        assert each.choices
