"""Two passes walked together: microtorch's beside PyTorch's, and PyTorch's graphs of gradients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import microtorch
from microtorch.viz.passes.lockstep import lockstep
from tests.conftest import needs
from tests.viz.quizzes import arrays, programs

needs("torch", "torch")
import torch  # noqa: E402


@settings(max_examples=30, deadline=None)
@given(program=programs(), values=st.lists(st.sampled_from([0.3, 1.0, -1.0, 0.5, -2.0]), min_size=4, max_size=4))
def test_any_program_is_walked_alike_in_both_libraries(program, values):
    found = lockstep(arrays(program, microtorch, values), arrays(program, torch, values))
    assert found.first is None, found


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_short_floats_are_compared_as_they_are_rounded(dtype):
    a, b = (torch.tensor(np.linspace(0, 1, 5), dtype=kind, requires_grad=True) for kind in (dtype, torch.float32))
    assert lockstep((a * 3).sum(), (b * 3).sum()).first is None
