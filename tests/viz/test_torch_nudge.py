"""Nudge, on PyTorch's tensors."""

import pytest

from microtorch.viz.passes.nudge import nudge
from tests.conftest import needs

needs("torch", "torch")
import torch  # noqa: E402


@pytest.mark.parametrize(
    ("dtype", "h"), [(torch.float64, 1e-4), (torch.float32, 1e-2), (torch.float16, 0.1), (torch.bfloat16, 0.5)]
)
def test_the_two_agree_or_rounding_is_named(dtype, h):
    x = torch.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=dtype, requires_grad=True)
    found = nudge(lambda x: (x * 1.5).sum(), x, h=h)
    assert {each.verdict for each in found.rows} <= {"agrees", "h is too small"}
    assert found.rows[0].gradient == 1.5
    assert x.grad is None


def test_a_layer_is_nudged_by_its_weight():
    torch.manual_seed(0)
    layer, data = torch.nn.Linear(3, 2).double(), torch.randn(4, 3, dtype=torch.float64)
    weight = layer.weight
    found = nudge(lambda w: torch.nn.functional.linear(data, w, layer.bias).tanh().mean(), weight)
    assert [each.title for each in found.rows] == [f"weight[{i}, {j}]" for i in range(2) for j in range(3)]
    assert {each.verdict for each in found.rows} == {"agrees"}
    assert weight.grad is None
    assert layer.bias.grad is None


def test_strides_and_integers_beside_it_are_kept():
    x, labels = torch.randn(3, 2, dtype=torch.float64).T.requires_grad_(), torch.tensor([0, 2])
    found = nudge(lambda x, labels: torch.nn.functional.cross_entropy(x, labels), x, labels)
    assert {each.verdict for each in found.rows} == {"agrees"}
    assert len(found.rows) == 6


def test_complex_numbers_are_refused():
    with pytest.raises(TypeError, match="complex"):
        nudge(lambda z: z.abs(), torch.tensor(1 + 2j, requires_grad=True))
