"""What stands at an input without a gradient is in the snapshot, and is kept alive by nobody."""

import gc
import weakref

import numpy as np
import pytest

import microtorch
from microtorch import viz
from microtorch.autograd import Function
from microtorch.viz.graph.snapshot import Operand
from tests.viz.programs import mlp, seen

x = microtorch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
data = microtorch.ones(2, 2)
target = microtorch.zeros(2, 2)
labels = microtorch.tensor([0, 1])
mask = microtorch.tensor([[True, False], [True, True]])
count = microtorch.tensor(3.0)
image, kernel = microtorch.ones(1, 1, 3, 3, requires_grad=True), microtorch.ones(1, 1, 2, 2)
F = microtorch.nn.functional


def operands(out):
    """The operands of the last node, by the names of their ports."""
    return {port.name: port.operand for port in viz.snapshot(out).nodes[-1].ports if port.operand is not None}


def named(name, *shape):
    return Operand(name=name, shape=shape)


GIVEN = {
    "x + 2": {"other": Operand(value="2")},
    "2 + x": {"other": Operand(value="2")},
    "x - 0.5": {"other": Operand(value="0.5")},
    "x / 2": {"other": Operand(value="2")},
    "2 / x": {"other": Operand(value="2")},  # which is a reciprocal, times 2
    "x * True": {"other": Operand(value="True")},
    "x * np.float32(1.5)": {"other": Operand(value="1.5")},
    "x * float('nan')": {"other": Operand(value="nan")},
    "x @ data": {"mat2": named("data", 2, 2)},
    "data @ x": {"input": named("data", 2, 2)},
    "x - target": {"other": named("target", 2, 2)},
    "x * count": {"other": named("count")},
    "x * microtorch.tensor(3.0)": {"other": Operand(value="3")},
    "x * data.exp()": {"other": Operand(shape=(2, 2))},  # gone, but saved
    "x + data.exp()": {"other": Operand()},  # gone
    "x * x.detach()": {"other": named("x", 2, 2)},
    "x * data.detach()": {"other": named("data", 2, 2)},
    "x * np.ones((2, 2))": {"other": Operand(shape=(2, 2))},
    "x * x": {},
    "x.exp()": {},
    "F.mse_loss(x, target)": {"target": named("target", 2, 2)},
    "F.cross_entropy(x, labels)": {"target": named("labels", 2)},
    "microtorch.where(mask, x, 0.0)": {"other": Operand(value="0"), "condition": named("mask", 2, 2)},
    "F.conv2d(image, kernel)": {"weight": named("kernel", 1, 1, 2, 2), "bias": Operand(value="0")},
    "microtorch.cat([x, data])": {"tensors[1]": named("data", 2, 2)},
    "microtorch.addmm(target, x, data)": {"input": named("target", 2, 2), "mat2": named("data", 2, 2)},
    "x.clone().mul_(2)": {"other": Operand(value="2")},
    "x.clone().add_(data)": {"other": named("data", 2, 2)},
    "x.gather(1, labels[:, None])": {"index": Operand(shape=(2, 1))},
}


@pytest.mark.parametrize("expression", GIVEN)
def test_an_input_without_a_gradient_tells_its_number_or_its_name_and_shape(expression):
    assert operands(eval(expression)) == GIVEN[expression]


def test_what_an_operation_reads_besides_its_inputs_stands_behind_them_with_no_edge():
    snapshot = viz.snapshot(F.cross_entropy(x, labels))
    loss = snapshot.nodes[-1]
    assert [(port.index, port.name) for port in loss.ports] == [(0, "input"), (1, "target")]
    assert [edge.port for edge in snapshot.edges if edge.consumer == loss.id] == [0]


def test_after_backward_numbers_and_names_are_still_there():
    y = x.detach().requires_grad_()
    out = (y * data * 3).sum()
    out.backward()
    nodes = viz.snapshot(out).nodes
    assert [port.operand for node in nodes for port in node.ports if port.operand] == [named("data", 2, 2), Operand(value="3")]


def test_a_node_keeps_no_data_alive():
    w = microtorch.ones(2, 2, requires_grad=True)
    gone = [microtorch.ones(2, 2), np.ones((2, 2)), microtorch.tensor([0, 1])]
    outs = [w + gone[0], w + gone[1], F.cross_entropy(w, gone[2]), F.mse_loss(w, gone[0])]
    outs[-1].backward()  # which frees what was saved
    watched = [weakref.ref(each) for each in gone]
    gone.clear()
    gc.collect()
    assert [each() for each in watched] == [None] * 3
    assert viz.snapshot(*outs).nodes


def test_what_is_not_recorded_remembers_nothing():
    with microtorch.no_grad():
        assert (x * 2).grad_fn is None
    assert not hasattr((x * x).grad_fn, "_untracked")


class Scale(Function):
    """A user's operation, with data, a number, a word, and a list that nobody shall see."""

    @staticmethod
    def forward(ctx, weight, inputs, factor, mode, rest):
        ctx.factor = factor
        return weight * inputs * factor

    @staticmethod
    def backward(ctx, grad):
        doubled = grad * ctx.factor
        return doubled, None, None, None, None


def test_a_users_function_calls_its_inputs_as_its_forward_does():
    (node,) = [each for each in viz.snapshot(Scale.apply(x, data, 2.5, "fast", [1])).nodes if each.name == "ScaleBackward"]
    assert [(port.name, port.operand) for port in node.ports] == [("weight", None), ("inputs", named("data", 2, 2))]
    assert node.constants == (("factor", "2.5"), ("mode", "fast"))
    assert node.about == "doubled = grad * ctx.factor"


def test_of_a_users_backward_the_docstring_goes_before_the_code():
    class Documented(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, grad):
            """The gradient, as it is.

            More is not shown.
            """
            return grad

    class Separate(Function):
        @staticmethod
        def forward(first, second):
            return first * second

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)

        @staticmethod
        def vjp(ctx, grad):
            return grad, grad

    documented, separate = viz.snapshot(Separate.apply(Documented.apply(x), data)).nodes[-2:]
    assert documented.about == "The gradient, as it is."
    assert [port.name for port in separate.ports] == ["first", "second"]
    assert separate.about == "return (grad, grad)"


def test_where_there_is_no_source_nothing_is_said_about_a_backward():
    space = {"Function": Function}
    exec(
        "class Made(Function):\n"
        "    @staticmethod\n"
        "    def forward(ctx, x): return x * 1\n"
        "    @staticmethod\n"
        "    def backward(ctx, grad): return grad\n",
        space,
    )
    node = viz.snapshot(space["Made"].apply(x)).nodes[-1]
    assert (node.about, node.ports[0].name) == ("", "x")


def test_the_text_says_what_stands_where_no_gradient_goes():
    told = seen(mlp, lambda out: repr(viz.draw(out)))
    assert "target: labels (32,)" in told
    out = F.mse_loss(x @ data, target)
    assert "mat2: data 2x2" in repr(viz.draw(out))
    assert "target: target 2x2" in repr(viz.draw(out))
