"""Each node knows in which calls of which modules it was made: microtorch's by marks, PyTorch's by their parameters' names."""

import gc
import weakref

import pytest

import microtorch
from microtorch import nn, viz
from tests.viz.programs import mlp, named, resnet, seen

X = microtorch.ones(2, 3)


def scopes(out, **names):
    """For each node the names of its modules, the innermost alone."""
    return [(node.label or node.operation, [scope.name for scope in node.scope]) for node in snapshot(out, **names).nodes]


def snapshot(out, **names):
    """The snapshot as in a notebook with these names."""
    space = {"show": viz.snapshot, "out": out, **names}
    exec("seen = show(out)", space)
    return space["seen"]


def kinds(out, **names):
    return {scope.name: scope.kind for node in snapshot(out, **names).nodes for scope in node.scope}


@pytest.mark.parametrize("library", ["microtorch", "torch"])
def test_a_module_is_called_as_the_reader_reaches_it(library, request):
    lib = microtorch if library == "microtorch" else request.getfixturevalue("torch")
    nodes = {node.label or node.name: node for node in seen(mlp, viz.snapshot, lib).nodes}
    for name in ("net.0.weight", "net.0.bias", "TBackward0", "AddmmBackward0"):
        assert nodes[name].scope[0].name == "net"
    assert [(scope.name, scope.kind) for scope in nodes["net.2.weight"].scope] == [("net", "Sequential"), ("net.2", "Linear")]
    assert nodes["NllLossBackward0"].scope == ()


def test_what_has_no_parameters_was_made_in_a_module_too():
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    assert scopes(net(X), net=net)[-1] == ("Relu", ["net", "net.1"])
    assert kinds(net(X), net=net) == {"net": "Sequential", "net.0": "Linear", "net.1": "ReLU"}


def test_modules_in_modules_nest():
    calls = {tuple(scope.name for scope in node.scope) for node in seen(resnet, viz.snapshot).nodes}
    assert ("net", "net.1", "net.1.3", "net.1.3.conv2") in calls
    assert ("net", "net.1", "net.1.3") in calls  # what a block does itself


def test_an_input_belongs_to_no_module_and_a_parameter_to_its_own():
    net = nn.Linear(3, 2)
    x = microtorch.ones(2, 3, requires_grad=True)
    found = dict(scopes(net(x * 2) * 3, net=net, x=x))
    assert found["x"] == found["Mul"] == []
    assert found["net.weight"] == found["net.bias"] == found["T"] == found["Addmm"] == ["net"]


@pytest.mark.parametrize("library", ["microtorch", "torch"])
def test_every_call_of_a_module_is_one_of_its_own(library, request):
    lib = microtorch if library == "microtorch" else request.getfixturevalue("torch")
    cell = lib.nn.Linear(3, 3)
    h = lib.ones(2, 3)
    for _ in range(3):
        h = cell(h).tanh()
    products = [node for node in snapshot(h.sum(), cell=cell).nodes if node.name == "AddmmBackward0"]
    assert [node.scope[-1].call for node in products] == [0, 1, 2]
    assert {scope.name for node in products for scope in node.scope} == {"cell"}


def test_what_is_made_between_two_calls_is_in_neither():
    first, second = nn.Linear(3, 3), nn.Linear(3, 3)
    out = second(first(X).tanh())
    assert ("Tanh", []) in scopes(out, first=first, second=second)


class Returning(nn.Module):
    """Whose forward returns what it is told to."""

    def __init__(self, result):
        super().__init__()
        self.result = result

    def forward(self, *inputs):
        return self.result(*inputs)


def marks(node):
    return len(getattr(node, "_calls", ()))


def test_a_module_that_returns_its_input_marks_nothing():
    y = microtorch.ones(2, requires_grad=True) * 2
    assert Returning(lambda y: y)(y) is y
    assert marks(y.grad_fn) == 0
    nn.Identity()(y)
    assert marks(y.grad_fn) == 0


def test_all_outputs_of_a_module_are_marked_in_whatever_they_are():
    x = microtorch.ones(2, requires_grad=True)
    module = Returning(lambda x: {"a": [x * 2, (x * 3, None)], "b": x * 4})
    outs = module(x)
    first, (second, _) = outs["a"]
    assert [marks(each.grad_fn) for each in (first, second, outs["b"])] == [1, 1, 1]
    found = scopes(first + second + outs["b"], module=module)
    assert [names for name, names in found if name == "Mul"] == [["module"]] * 3


def test_a_view_that_a_module_returns_is_marked():
    x = microtorch.ones(2, 3, requires_grad=True)
    module = Returning(lambda x: (x * 2).view(6))
    assert scopes(module(x), module=module)[-1] == ("View", ["module"])


def test_what_is_not_recorded_is_not_marked():
    net = nn.Linear(3, 2)
    with microtorch.no_grad():
        assert net(X).grad_fn is None


def test_a_module_that_nobody_can_reach_is_called_by_its_class_and_what_is_in_it_from_there():
    out = nn.Sequential(nn.Linear(3, 2), nn.ReLU())(X)
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    _hidden = net
    out = net(X)
    del net
    assert scopes(out)[-1] == ("Relu", ["Sequential", "Sequential.1"])


def test_a_loops_variable_is_no_name_for_a_layer():
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    h = X
    for layer in net:
        h = layer(h)
    assert [names for name, names in scopes(h, layer=layer, net=net) if name == "Addmm"] == [["net.0"], ["net.1"]]


def test_a_mark_keeps_no_module_alive_and_makes_no_cycle():
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    out = net(X)
    gone = weakref.ref(net)
    gc.disable()
    try:
        del net
        assert gone() is None  # the parameters live on with the graph
        assert scopes(out)[-1] == ("Relu", [])
        node = weakref.ref(out.grad_fn)
        del out
        assert node() is None
    finally:
        gc.enable()


def test_the_text_has_a_column_for_modules_where_there_are_any():
    space = named(mlp) | {"draw": viz.draw}
    exec("told = repr(draw(out))", space)
    (row,) = [line for line in space["told"].splitlines() if "ReluBackward0" in line]
    assert row.split()[:3] == ["4", "ReluBackward0", "net.1"]
    assert "module" not in repr(viz.draw(microtorch.ones(1, requires_grad=True) * 2))
