"""What decides a result and has no gradient is in the snapshot, in PyTorch's words, and the same for both libraries."""

import warnings

import pytest

import microtorch
from microtorch import viz
from tests.ops.tables import OPERATIONS

x = microtorch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
images = microtorch.ones(1, 2, 6, 6, requires_grad=True)
labels = microtorch.tensor([0, 1])
lib, F = microtorch, microtorch.nn.functional

SHOWN = {
    "x ** 2": "exponent=2",
    "x ** 3": "exponent=3",
    "x ** 0.5": "exponent=0.5",
    "2 ** x": "base=2",
    "2 - x": "other=2",
    "x + x": "",
    "lib.add(x, x, alpha=3)": "alpha=3",
    "x.sum()": "",
    "x.sum(1)": "dim=1",
    "x.sum(-1, keepdim=True)": "dim=1 keepdim=True",
    "x.sum((0, 1))": "",
    "x.mean()": "count=6",
    "x.mean(0)": "count=2 dim=0",
    "x.var()": "",
    "x.var(1, correction=0)": "dim=1 correction=0",
    "x.max(1).values": "dim=1",
    "x.amax(1, keepdim=True)": "dim=1 keepdim=True",
    "x.norm(3)": "ord=3",
    "x.prod(0)": "dim=0",
    "x.softmax(-1)": "dim=1",
    "x[1]": "dim=0 index=1",
    "x[-1]": "dim=0 index=-1",
    "x[:, 1:3]": "dim=1 start=1 end=3",
    "x[:, ::2]": "dim=1 step=2",
    "x.view(3, 2)": "shape=(3, 2)",
    "x.reshape(6)": "shape=(6,)",
    "x.unsqueeze(-1)": "dim=2",
    "x.permute(1, 0)": "dims=(1, 0)",
    "x.transpose(-1, -2)": "dim0=1 dim1=0",
    "x.flip(0)": "dims=(0,)",
    "x.roll(1, 0)": "shifts=(1,) dims=(0,)",
    "lib.cat([x, x], 1)": "dim=1",
    "lib.stack([x, x])": "dim=0",
    "x.split(2, 1)[0]": "split_size=2 dim=1",
    "x.clamp(min=2)": "min=2",
    "x.clamp(2, 5)": "min=2 max=5",
    "x.masked_fill(x > 2, -1.5)": "value=-1.5",
    "F.leaky_relu(x, 0.2)": "negative_slope=0.2",
    "F.elu(x)": "",
    "F.elu(x, 2.0)": "alpha=2",
    "F.softplus(x, beta=3)": "beta=3",
    "F.gelu(x, approximate='tanh')": "approximate=tanh",
    "F.threshold(x, 1.0, 7.0)": "threshold=1 value=7",
    "F.mse_loss(x, x)": "",
    "F.mse_loss(x, x, reduction='sum')": "reduction=sum",
    "F.huber_loss(x, x, delta=0.5)": "delta=0.5",
    "F.nll_loss(x, labels, reduction='none')": "reduction=none",
    "F.conv2d(images, lib.ones(1, 2, 3, 3))": "",
    "F.conv2d(images, lib.ones(2, 1, 3, 3), stride=2, padding=(1, 0), groups=2)": "stride=2 padding=(1, 0) groups=2",
    "F.max_pool2d(images, 2)": "kernel_size=2 stride=2",
    "F.avg_pool2d(images, (2, 3), 1)": "kernel_size=(2, 3) stride=1",
    "F.layer_norm(x, (3,))": "normalized_shape=(3,)",
    "F.batch_norm(x, lib.zeros(3), lib.ones(3))": "training=False",
    "F.pad(x, (1, 2), value=9.0)": "pad=(1, 2) value=9",
    "x.double()": "dtype=float64",
}


def constants(node):
    return " ".join(f"{name}={value}" for name, value in node.constants)


@pytest.mark.parametrize("expression", SHOWN)
def test_what_decides_the_result_is_shown_and_no_default(expression):
    assert constants(viz.snapshot(eval(expression)).nodes[-1]) == SHOWN[expression]


def test_after_backward_they_are_still_there():
    out = (x**3).mean()
    out.backward()
    assert [constants(node) for node in viz.snapshot(out).nodes[1:]] == ["exponent=3", "count=6"]


def test_two_programs_of_the_same_nodes_print_differently():
    assert "PowBackward0 exponent=2 " in repr(viz.draw(x**2 + 5))
    assert "other = 5" in repr(viz.draw(x**2 + 5))
    assert "PowBackward0 exponent=3 " in repr(viz.draw(x**3 + 7))
    assert "other = 7" in repr(viz.draw(x**3 + 7))


# ---- the same in PyTorch --------------------------------------------------------------------------------------------

NOT_KEPT = {  # by PyTorch's nodes
    "AddBackward1": {"other"},
    "ConstantPadNdBackward0": {"value"},
    "FillBackward2": {"value"},
    "FmodBackward0": {"other"},
    "IndexFillBackward0": {"value"},
    "MaskedFillBackward0": {"value"},
    "NativeLayerNormBackward0": {"eps"},
    "RemainderBackward0": {"other"},
    "RoundBackward1": {"decimals"},
    "RsubBackward1": {"other"},
    "RreluWithNoiseBackward0": {"negative_slope"},
    "ScatterBackward1": {"value"},
    "SubBackward1": {"other"},
    "ThresholdBackward0": {"value"},
    "ToCopyBackward0": {"dtype"},
}
OTHER_WORDS = {"NormBackward1"}  # it has the name p there, and is here the operation whose word is ord
ONLY_THERE = ("max_unpool1d", "n.mean(1)")  # an inner dimension of another number; a mean of nothing
SCALAR = "s"  # in the tables, of no dimension: PyTorch keeps the 0 that was given


def told(lib, operation):
    """Name and constants of each node, in no order: PyTorch makes those of composite operations in another."""
    names = {name: lib.tensor(value, requires_grad=True) for name, value in operation.values("float64").items()}
    lib.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch recommends other functions
        out = eval(operation.expression, vars(lib) | names)
    outs = [each for each in (out if isinstance(out, (tuple, list)) else [out]) if each.grad_fn is not None]
    nodes = viz.snapshot(*outs, names=names).nodes if outs else ()
    return sorted(
        (node.name, *sorted(pair for pair in node.constants if pair[0] not in NOT_KEPT.get(node.name, ())))
        for node in nodes
        if node.kind == "function" and node.name not in OTHER_WORDS
    )


def comparable(operation):
    return SCALAR not in operation.values("float64") and not any(words in operation.expression for words in ONLY_THERE)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if comparable(each)], ids=str)
def test_pytorchs_node_tells_the_same(operation, torch):
    ours, theirs = told(microtorch, operation), told(torch, operation)
    if [name for name, *_ in ours] == [name for name, *_ in theirs]:  # else it is a fusion there
        assert ours == theirs


def test_what_pytorch_is_said_not_to_keep_it_does_not_keep(torch):
    t = torch.ones(2, requires_grad=True)
    kept = {name for out in (2 - t, t.masked_fill(t > 0, 2.0), torch.fmod(t, 2)) for name in dir(out.grad_fn)}
    assert not kept & {"_saved_other", "_saved_value"}


def test_of_an_operation_that_microtorch_does_not_have_pytorch_tells_the_constants(torch):
    t = torch.ones(2, 3, requires_grad=True)
    node = viz.snapshot(torch.renorm(t, 2, 0, 5.0)).nodes[-1]
    assert node.name == "RenormBackward0"
    assert dict(node.constants) == {"dim": "0", "maxnorm": "5", "p": "2"}
