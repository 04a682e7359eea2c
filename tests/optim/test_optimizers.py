"""Optimisers, step by step beside torch's: settings, state, and what is refused."""

import copy

import numpy as np
import pytest

import microtorch
from tests.libraries import assert_refused

SETTINGS = [
    {"lr": 0.1}, {"lr": 0.1, "momentum": 0.9}, {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}, {"lr": 0.1, "weight_decay": 0.25},
    {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.25, "nesterov": True}, {"lr": 0.1, "maximize": True, "weight_decay": 0.5},
    {"lr": 0.01, "momentum": 0.9, "maximize": True}, {},
]  # fmt: skip


def leaves(lib):
    return [
        lib.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=lib.float64, requires_grad=True),
        lib.tensor(2.0, dtype=lib.float64, requires_grad=True),
        lib.tensor([1.0], dtype=lib.float64, requires_grad=True),  # which is not used
    ]


def loss(lib, variables):
    return (variables[0] ** 2).sum() * 0.5 + (variables[0] * variables[1]).sum().sin()


def stepped(lib, optimizer, variables, steps=4):
    for _ in range(steps):
        optimizer.zero_grad()
        loss(lib, variables).backward()
        optimizer.step()
    return [each.tolist() for each in variables]


def assert_close(mine, theirs):
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_steps_lead_where_those_of_torch_lead(torch, settings):
    results = []
    for lib in (microtorch, torch):
        variables = leaves(lib)
        results.append(stepped(lib, lib.optim.SGD(variables, **settings), variables))
    assert_close(*results)


def test_each_group_has_settings_of_its_own(torch):
    results = []
    for lib in (microtorch, torch):
        first, second, third = leaves(lib)
        optimizer = lib.optim.SGD([{"params": first, "lr": 0.05}, {"params": [second], "momentum": 0.5}], lr=0.1)
        optimizer.add_param_group({"params": iter([third]), "weight_decay": 0.5})
        optimizer.param_groups[1]["lr"] = 0.2
        results.append(stepped(lib, optimizer, [first, second, third]))
    assert_close(*results)


def test_what_has_no_gradient_stays(lib):
    variables = leaves(lib)
    stepped(lib, lib.optim.SGD(variables, lr=1.0, weight_decay=1.0), variables, 1)
    assert variables[2].tolist() == [1.0]


def test_a_closure_computes_the_loss(lib):
    x = lib.tensor(3.0, requires_grad=True)
    optimizer = lib.optim.SGD([x], lr=0.5)

    def closure():
        optimizer.zero_grad()
        (value := x * x).backward()
        return value

    with lib.no_grad():
        assert optimizer.step(closure).item() == 9.0
    assert x.item() == 0.0
    assert optimizer.step() is None


def test_a_step_counts_as_a_change_in_place(lib):
    w = lib.tensor(3.0, requires_grad=True)
    out = w * w
    w.grad = lib.tensor(1.0)
    lib.optim.SGD([w], lr=0.1).step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.backward()


def test_gradients_and_their_sums_are_not_one_memory(lib):
    x = lib.tensor(1.0, requires_grad=True)
    optimizer = lib.optim.SGD([x], lr=0.1, momentum=0.5)
    x.backward()
    optimizer.step()
    x.grad.zero_()
    optimizer.step()
    assert optimizer.state[x]["momentum_buffer"].item() == 0.5
    optimizer.zero_grad(set_to_none=False)
    assert x.grad.item() == 0.0
    optimizer.zero_grad()
    assert x.grad is None


def test_an_optimiser_goes_on_where_the_one_it_was_loaded_from_stopped(lib):
    ours, others = leaves(lib), leaves(lib)
    first = lib.optim.SGD(ours, lr=0.1, momentum=0.9)
    stepped(lib, first, ours)
    second = lib.optim.SGD(others, lr=7.0)
    with lib.no_grad():
        for one, other in zip(others, ours, strict=True):
            one.copy_(other)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    assert stepped(lib, first, ours) == stepped(lib, second, others)
    assert second.param_groups[0]["lr"] == 0.1


def test_state_has_the_form_of_torch(torch):
    states = []
    for lib in (microtorch, torch):
        variables = leaves(lib)
        optimizer = lib.optim.SGD(variables, lr=0.1, momentum=0.9)
        stepped(lib, optimizer, variables)
        state = optimizer.state_dict()
        sums = {number: {name: value.tolist() for name, value in each.items()} for number, each in state["state"].items()}
        states.append((list(sums), state["param_groups"]))
    assert states[0] == states[1]


def test_an_optimiser_shows_its_settings(torch):
    texts = [repr(lib.optim.SGD(leaves(lib), lr=0.5)) for lib in (microtorch, torch)]
    assert texts[0] == texts[1]


MISTAKES = {
    "no parameters": (lambda lib: lib.optim.SGD([]), ValueError, "empty parameter list"),
    "one Variable": (lambda lib: lib.optim.SGD(lib.ones(1)), TypeError, "iterable of Tensors or dicts, but got .*FloatTensor"),
    "a number": (lambda lib: lib.optim.SGD([3]), TypeError, "one of the params is int"),
    "a result": (lambda lib: lib.optim.SGD([lib.ones(1, requires_grad=True) * 2]), ValueError, "can't optimize a non-leaf"),
    "a negative rate": (lambda lib: lib.optim.SGD([lib.ones(1)], lr=-1), ValueError, "Invalid learning rate: -1"),
    "a negative momentum": (lambda lib: lib.optim.SGD([lib.ones(1)], momentum=-1), ValueError, "Invalid momentum value: -1"),
    "a negative decay": (lambda lib: lib.optim.SGD([lib.ones(1)], weight_decay=-1), ValueError, "Invalid weight_decay value: -1"),
    "nesterov alone": (lambda lib: lib.optim.SGD([lib.ones(1)], nesterov=True), ValueError, "Nesterov momentum requires"),
    "one in two groups": (
        lambda lib: lib.optim.SGD([{"params": [x := lib.ones(1)]}, {"params": [x]}]), ValueError,
        "more than one parameter group"),
    "a group that is none": (lambda lib: lib.optim.SGD([lib.ones(1)]).add_param_group([1]), TypeError, "must be a dict"),
    "a state of other groups": (
        lambda lib: lib.optim.SGD([lib.ones(1)]).load_state_dict({"state": {}, "param_groups": []}),
        ValueError, "different number of parameter groups"),
    "a state of other parameters": (
        lambda lib: lib.optim.SGD([lib.ones(1)]).load_state_dict(lib.optim.SGD([lib.ones(1), lib.ones(1)]).state_dict()),
        ValueError, "doesn't match the size"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib)


def test_parameters_may_come_with_their_names(lib):
    net = lib.nn.Linear(2, 1)
    (group,) = lib.optim.SGD(net.named_parameters(), lr=0.1).param_groups
    assert (group["param_names"], group["params"][0] is net.weight) == (["weight", "bias"], True)


@pytest.mark.parametrize("given", [lambda net: net, lambda net: net.parameters], ids=["a module", "the method"])
def test_a_module_in_place_of_its_parameters_is_told_what_to_write(given):
    with pytest.raises(TypeError, match=r"SGD\(\) takes the parameters of a module.*write \.parameters\(\)"):
        microtorch.optim.SGD(given(microtorch.nn.Linear(2, 1)), lr=0.1)
