"""The same program has the same snapshot in microtorch and in PyTorch: nodes, edges, ports, rules, constants, operands."""

import re

import pytest

import microtorch
from microtorch import viz
from tests.viz import programs
from tests.viz.programs import seen


def views(lib):
    x = lib.ones(4, 3, requires_grad=True)
    y = x * 2
    part = y[1:3].view(6).unsqueeze(0).transpose(0, 1)
    out = part.reshape(2, 3).permute(1, 0).sum(0).expand(2, 2).mean()
    return locals()


def in_place(lib):
    x, data = lib.ones(3, requires_grad=True), lib.ones(3)
    y = x * 3
    y.mul_(data)
    y.add_(x)
    y *= 2
    out = y.sum()
    return locals()


def outputs(lib):
    x = lib.ones(4, 3, requires_grad=True)
    first, second = x.split(2)
    largest, where = first.max(1)
    out = (second.sum(1) * largest).sum()
    del where
    return locals()


def losses(lib):
    F = lib.nn.functional
    x, target, labels = lib.ones(4, 3, requires_grad=True), lib.zeros(4, 3), lib.arange(4) % 3
    mask = target > 1
    out = F.mse_loss(x, target) + F.nll_loss(x, labels, reduction="sum") + lib.where(mask, x, x * 2).mean()
    out = out + F.smooth_l1_loss(x, target, beta=0.5) + F.leaky_relu(x, 0.2).std() + x.softmax(-1).amax()
    del F
    return locals()


PROGRAMS = [
    *(programs.seed, programs.mlp, programs.lenet, programs.rnn, programs.lstm, programs.expression),
    *(views, in_place, outputs, losses),
]


def both(program, torch):
    return seen(program, viz.snapshot), seen(program, viz.snapshot, torch)


@pytest.mark.parametrize("program", [*PROGRAMS, programs.attention, programs.resnet])
def test_nodes_edges_and_names_are_the_same(program, torch):
    ours, theirs = both(program, torch)
    assert [(node.kind, node.name, node.operation, node.label, node.outputs) for node in ours.nodes] == [
        (node.kind, node.name, node.operation, node.label, node.outputs) for node in theirs.nodes
    ]
    assert ours.edges == theirs.edges


@pytest.mark.parametrize("program", [*PROGRAMS, programs.attention, programs.resnet])
def test_ports_rules_and_constants_are_the_same(program, torch):
    ours, theirs = both(program, torch)
    for mine, other in zip(ours.nodes, theirs.nodes, strict=True):
        assert [(port.name, port.formula) for port in mine.ports] == [(port.name, port.formula) for port in other.ports]
        assert other.constants == tuple(pair for pair in mine.constants if not not_kept(mine, pair[0]))


def not_kept(node, name):
    """What PyTorch's node does not keep."""
    return node.name == "RsubBackward1" and name == "other"


@pytest.mark.parametrize("program", [*PROGRAMS, programs.resnet])
def test_an_operand_that_pytorch_keeps_is_the_same(program, torch):
    ours, theirs = both(program, torch)
    for mine, other in zip(ours.nodes, theirs.nodes, strict=True):
        for port, there in zip(mine.ports, other.ports, strict=True):
            assert (port.operand is None) == (there.operand is None)
            if there.operand is not None and there.operand != type(there.operand)():
                assert there.operand == port.operand


SAME_SAVED = [programs.seed, programs.mlp, programs.rnn, programs.expression, views, in_place]
THERE_ALONE = {("NllLossBackward0", name) for name in ("input", "target", "total_weight")}  # which need them for their shapes


@pytest.mark.parametrize("program", SAME_SAVED)
def test_saved_values_have_the_same_names_and_shapes(program, torch):
    ours, theirs = both(program, torch)
    for mine, other in zip(ours.nodes, theirs.nodes, strict=True):
        assert [(saved.name, saved.summary.shape) for saved in mine.saved] == [
            (saved.name, saved.summary.shape) for saved in other.saved if (other.name, saved.name) not in THERE_ALONE
        ]


def test_a_second_order_graph_has_the_same_nodes_up_to_their_names(torch):
    ours, theirs = both(programs.second_order, torch)
    assert [node.operation for node in ours.nodes][:3] == [node.operation for node in theirs.nodes][:3]
    assert {node.label for node in ours.nodes} == {node.label for node in theirs.nodes}


@pytest.mark.parametrize("program", [programs.seed, programs.mlp, views, in_place])
def test_the_text_is_the_same_but_for_numbers_and_what_pytorch_keeps_differently(program, torch):
    def words(library):
        told = seen(program, viz.draw, library)
        head, _, table = repr(told).partition("\n\n")
        rows = table.partition("\n\n")[0].splitlines()
        return head, [re.sub(r"\s+", " ", row.rpartition("  ")[2]) for row in rows]  # the rules

    assert words(microtorch)[0] == words(torch)[0]
    assert words(microtorch)[1] == words(torch)[1] or program is programs.mlp  # whose modules are known in part there


def test_what_pytorch_does_not_keep_is_unknown(torch):
    x = torch.ones(2, requires_grad=True)
    operands = [node.ports[-1].operand for node in viz.snapshot(x + 2, x * 3).nodes if node.kind == "function"]
    assert [(operand.value, operand.name, operand.shape) for operand in operands] == [("", "", None), ("3", "", None)]


def test_a_node_of_pytorch_has_its_whole_name(torch):
    q = torch.ones(1, 2, 4, 8, requires_grad=True)
    names = [node.name for node in viz.snapshot(torch.nn.functional.scaled_dot_product_attention(q, q, q)).nodes]
    assert "ScaledDotProductFlashAttentionForCpuBackward0" in names


def test_what_was_changed_in_place_since_is_not_freed(torch):
    x = torch.ones(2, requires_grad=True)
    y = x.exp()
    y.mul_(2)
    assert [(saved.name, saved.freed) for saved in viz.snapshot(y).nodes[1].saved] == [("out", False)]


def test_a_name_of_ten_kilobytes_is_cut():
    class Node:
        next_functions = ()

        def name(self):
            return "N" * 10_000

    root = Node()
    root.next_functions = ((Node(), 0),)
    assert [len(node.name) for node in viz.snapshot(root).nodes] == [200, 200]
    assert max(map(len, repr(viz.draw(root)).split())) <= 60


def test_a_users_function_in_pytorch_tells_its_inputs_and_its_backward(torch):
    class Scale(torch.autograd.Function):
        @staticmethod
        def forward(ctx, weight, factor, inputs):
            return weight * factor * inputs

        @staticmethod
        def backward(ctx, grad):
            """Not the real one."""
            return grad, None, None

    w, data = torch.ones(2, requires_grad=True), torch.ones(2)
    node = viz.snapshot(Scale.apply(w, 2.0, data)).nodes[-1]
    assert [port.name for port in node.ports] == ["weight", None]
    assert node.about == "Not the real one."


def test_after_backward_names_rules_and_constants_are_still_there(torch):
    x = torch.ones(2, requires_grad=True)
    out = (x**3).sum()
    out.backward()
    node = viz.snapshot(out).nodes[1]
    assert (node.ports[0].name, [saved.freed for saved in node.saved]) == ("input", [True])


def test_pytorch_is_never_imported():
    from tests.test_architecture import loaded_by

    program = "import microtorch; from microtorch import viz; viz.snapshot(microtorch.ones(1, requires_grad=True) * 2)"
    assert "torch" not in loaded_by(program)
