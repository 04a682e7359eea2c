"""Optimisers, step by step beside torch's: settings, state, hooks, and what is refused."""

import copy
import importlib
import io
import warnings

import numpy as np
import pytest

import microtorch
from tests.libraries import assert_refused
from tests.optim.table import CONFIGURATIONS, NAMES

STEPS = 50


def part_of(lib, name):
    return importlib.import_module(f"{lib.__name__}.{name}")


def leaves(lib, dtype="float64"):
    return [
        lib.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=getattr(lib, dtype), requires_grad=True),
        lib.tensor(2.0, dtype=getattr(lib, dtype), requires_grad=True),
        lib.tensor([1.0], dtype=getattr(lib, dtype), requires_grad=True),  # which is not used
    ]


def loss(lib, variables):
    """A bowl, so that what rounding has moved apart comes together again."""
    weights = lib.tensor([[1.0, 0.5], [2.0, 0.25]], dtype=variables[0].dtype)
    return (weights * (variables[0] - 0.3) ** 2).sum() + (variables[0].mean() - variables[1]) ** 2


def stepped(lib, optimizer, variables, steps=4):
    """What the variables come to, step by step."""
    found = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss(lib, variables).backward()
        optimizer.step()
        found.append([each.tolist() for each in variables])
    return found


def assert_close(mine, theirs, rtol=1e-10, atol=1e-12):
    for one, other in zip(mine, theirs, strict=True):
        for mine_of_it, theirs_of_it in zip(one, other, strict=True):
            np.testing.assert_allclose(mine_of_it, theirs_of_it, rtol, atol)


# ---- every optimiser, every setting ----


@pytest.mark.parametrize(("name", "settings"), CONFIGURATIONS, ids=str)
@pytest.mark.parametrize(
    ("dtype", "rtol", "atol"), [("float64", 1e-9, 1e-11), ("float32", 2e-4, 2e-6)], ids=["float64", "float32"]
)
def test_every_step_leads_where_that_of_torch_leads(torch, name, settings, dtype, rtol, atol):
    results = []
    for lib in (microtorch, torch):
        variables = leaves(lib, dtype)
        results.append(stepped(lib, getattr(lib.optim, name)(variables, **settings), variables, STEPS))
        assert {str(each.dtype).split(".")[1] for each in variables} == {dtype}
    assert_close(*results, rtol, atol)


def told(state):
    """A state dict, with values in place of tensors."""
    return {
        number: {name: (str(each.dtype).split(".")[1], each.tolist()) for name, each in one.items()}
        for number, one in state["state"].items()
    }


@pytest.mark.parametrize(("name", "settings"), CONFIGURATIONS, ids=str)
def test_the_state_is_torchs_in_names_dtypes_and_values(torch, name, settings):
    states = []
    for lib in (microtorch, torch):
        variables = leaves(lib, "float32")
        optimizer = getattr(lib.optim, name)(variables, **settings)
        stepped(lib, optimizer, variables)
        states.append(optimizer.state_dict())
    assert states[0]["param_groups"] == states[1]["param_groups"]
    mine, theirs = map(told, states)
    assert {number: sorted(one) for number, one in mine.items()} == {number: sorted(one) for number, one in theirs.items()}
    for number, one in mine.items():
        for key, (dtype, value) in one.items():
            assert dtype == theirs[number][key][0]
            np.testing.assert_allclose(value, theirs[number][key][1], 1e-4, 1e-6, err_msg=key)


@pytest.mark.parametrize(("name", "settings"), [*CONFIGURATIONS, ("LBFGS", {})], ids=str)
def test_an_optimiser_shows_its_settings(torch, name, settings):
    texts = [repr(getattr(lib.optim, name)(leaves(lib), **settings)) for lib in (microtorch, torch)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("name", NAMES)
def test_an_optimiser_goes_on_from_a_file_where_the_one_that_was_saved_stopped(name):
    ours, others = leaves(microtorch, "float32"), leaves(microtorch, "float32")
    first = getattr(microtorch.optim, name)(ours, lr=0.05)
    stepped(microtorch, first, ours)
    file = io.BytesIO()
    microtorch.save({"optimizer": first.state_dict(), "values": ours}, file)
    file.seek(0)
    loaded = microtorch.load(file)
    second = getattr(microtorch.optim, name)(others, lr=7.0)
    with microtorch.no_grad():
        for one, other in zip(others, loaded["values"], strict=True):
            one.copy_(other)
    second.load_state_dict(loaded["optimizer"])
    assert stepped(microtorch, first, ours) == stepped(microtorch, second, others)
    assert second.param_groups[0]["lr"] == 0.05


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_change_a_number_is_taken_as_torch_takes_it(lib, name):
    options = {"foreach": True} if name == "Rprop" else {"foreach": False, "differentiable": False}
    variables, others = leaves(lib), leaves(lib)
    kind = getattr(lib.optim, name)
    assert_close(stepped(lib, kind(variables, lr=0.1, **options), variables), stepped(lib, kind(others, lr=0.1), others))


@pytest.mark.parametrize("name", NAMES)
def test_infinite_and_missing_numbers_pass_without_a_warning(name):
    x = microtorch.tensor([1.0, 2.0], requires_grad=True)
    optimizer = getattr(microtorch.optim, name)([x], lr=0.1)
    for _ in range(2):
        x.grad = microtorch.tensor([float("inf"), float("nan")])
        optimizer.step()
    assert np.isnan(x.tolist()[1])


@pytest.mark.parametrize("name", NAMES)
def test_a_step_works_on_what_is_no_row_in_memory(torch, name):
    results = []
    for lib in (microtorch, torch):
        x = lib.arange(6.0).reshape(2, 3).t().requires_grad_()
        x.grad = lib.arange(6.0).reshape(3, 2) - 2
        getattr(lib.optim, name)([x], lr=0.1).step()
        results.append([x.tolist()])
    assert_close(*[[each] for each in results], 1e-5, 1e-6)


# ---- groups ----


def test_each_group_has_settings_of_its_own(torch):
    results = []
    for lib in (microtorch, torch):
        first, second, third = leaves(lib)
        optimizer = lib.optim.SGD([{"params": first, "lr": 0.05}, {"params": [second], "momentum": 0.5}], lr=0.1)
        optimizer.add_param_group({"params": iter([third]), "weight_decay": 0.5})
        optimizer.param_groups[1]["lr"] = 0.2
        results.append(stepped(lib, optimizer, [first, second, third]))
    assert_close(*results)


def test_groups_of_adam_have_rates_betas_and_decays_of_their_own(torch):
    results = []
    for lib in (microtorch, torch):
        first, second, third = leaves(lib)
        optimizer = lib.optim.Adam(
            [{"params": first, "betas": (0.8, 0.9)}, {"params": second, "lr": 0.3, "weight_decay": 0.1}], 0.1
        )
        optimizer.add_param_group({"params": third})
        results.append((stepped(lib, optimizer, [first, second, third]), [group["lr"] for group in optimizer.param_groups]))
    assert_close(results[0][0], results[1][0])
    assert results[0][1] == results[1][1] == [0.1, 0.3, 0.1]


def test_what_has_no_gradient_stays(lib):
    variables = leaves(lib)
    stepped(lib, lib.optim.SGD(variables, lr=1.0, weight_decay=1.0), variables, 1)
    assert variables[2].tolist() == [1.0]


def test_parameters_may_come_with_their_names(lib):
    net = lib.nn.Linear(2, 1)
    optimizer = lib.optim.Adam(net.named_parameters(), lr=0.1)
    (group,) = optimizer.param_groups
    assert (group["param_names"], group["params"][0] is net.weight) == (["weight", "bias"], True)
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]


def test_what_stands_twice_in_a_group_gets_a_warning(lib):
    x = lib.ones(1, requires_grad=True)
    with pytest.warns(UserWarning, match="duplicate parameters"):
        lib.optim.SGD([x, x], lr=0.1)


def test_what_retains_its_gradient_may_be_optimised(lib):
    x = lib.tensor([3.0], requires_grad=True) * 1
    x.retain_grad()
    optimizer = lib.optim.SGD([x], lr=0.5)
    x.sum().backward()
    with lib.no_grad():
        optimizer.step()
    assert x.tolist() == [2.5]


# ---- steps ----


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


@pytest.mark.parametrize("name", NAMES)
def test_a_step_counts_as_a_change_in_place(lib, name):
    w = lib.tensor(3.0, requires_grad=True)
    out = w * w
    w.grad = lib.tensor(1.0)
    getattr(lib.optim, name)([w], lr=0.1).step()
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


@pytest.mark.parametrize("name", [*NAMES, "LBFGS"])
def test_a_gradient_is_left_as_it_was(lib, name):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    optimizer = getattr(lib.optim, name)([x], lr=0.1, **({"max_iter": 1} if name == "LBFGS" else {}))

    def closure():
        x.grad = lib.tensor([0.5, -0.5])
        return x.sum()

    optimizer.step(closure)
    assert x.grad.tolist() == [0.5, -0.5]


def test_zeros_come_into_the_memory_of_the_gradient_and_none_in_its_place(lib):
    x = lib.tensor(1.0, requires_grad=True)
    optimizer = lib.optim.SGD([x], lr=0.1)
    x.backward()
    grad = x.grad
    optimizer.zero_grad(set_to_none=False)
    assert x.grad is grad
    assert grad.item() == 0.0
    optimizer.zero_grad()
    assert x.grad is None


def test_an_optimiser_of_ones_own_is_written_as_for_torch(lib):
    class Descent(lib.optim.Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, {"lr": lr})

        @lib.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for each in group["params"]:
                    each.add_(each.grad, alpha=-group["lr"])
                    self.state[each]["seen"] = self.state[each].get("seen", 0) + 1

    x = lib.tensor(3.0, requires_grad=True)
    optimizer, calls = Descent([x], 0.5), []
    optimizer.register_step_post_hook(lambda *_: calls.append("after"))
    (x * x).backward()
    optimizer.step()
    assert (x.item(), optimizer.state_dict()["state"], calls) == (0.0, {0: {"seen": 1}}, ["after"])


def test_a_setting_without_a_default_has_to_be_in_each_group(lib):
    x = lib.ones(1, requires_grad=True)
    required = part_of(lib, "optim.optimizer").required
    with pytest.raises(ValueError, match="didn't specify a value of required optimization parameter lr"):
        lib.optim.Optimizer([x], {"lr": required})
    assert lib.optim.Optimizer([{"params": x, "lr": 1}], {"lr": required}).param_groups[0]["lr"] == 1


def test_programs_of_2017_run(lib):
    Variable = part_of(lib, "autograd").Variable
    net = lib.nn.Linear(2, 1)
    optimizer = lib.optim.Adam(net.parameters(), 1e-3)
    scheduler = lib.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(4):
            scheduler.step()
            optimizer.zero_grad()
            net(Variable(lib.ones(3, 2))).pow(2).mean().backward()
            optimizer.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1e-5)


# ---- hooks ----


def test_hooks_are_called_around_a_step_those_of_all_optimisers_outside(lib):
    x = lib.tensor(3.0, requires_grad=True)
    x.grad = lib.tensor(1.0)
    optimizer, calls = lib.optim.Adam([x], lr=0.5), []
    module = part_of(lib, "optim.optimizer")
    with (
        module.register_optimizer_step_pre_hook(lambda *_: calls.append("pre of all")),
        module.register_optimizer_step_post_hook(lambda *_: calls.append("post of all")),
        optimizer.register_step_pre_hook(lambda opt, args, kwargs: calls.append((opt is args[0], x.item(), kwargs))),
        optimizer.register_step_post_hook(lambda *_: calls.append(round(x.item(), 4))),
    ):
        optimizer.step()
    optimizer.step()
    assert calls == ["pre of all", (True, 3.0, {}), 2.5, "post of all"]


def test_a_hook_before_a_step_may_change_its_arguments(lib):
    x = lib.tensor(3.0, requires_grad=True)
    optimizer = lib.optim.SGD([x], lr=0.5)
    handle = optimizer.register_step_pre_hook(lambda opt, args, kwargs: ((*args, lambda: 7), kwargs))
    assert optimizer.step() == 7
    handle.remove()
    optimizer.register_step_pre_hook(lambda *_: 1)
    with pytest.raises(RuntimeError, match=r"must return None or a tuple of \(new_args, new_kwargs\)"):
        optimizer.step()


def test_hooks_see_and_replace_what_is_saved_and_loaded(lib):
    optimizer, calls = lib.optim.SGD([lib.ones(1, requires_grad=True)], lr=0.5), []
    optimizer.register_state_dict_pre_hook(lambda opt: calls.append("saving"))
    optimizer.register_state_dict_post_hook(lambda opt, state: state | {"note": 1})
    optimizer.register_state_dict_post_hook(lambda opt, state: calls.append(sorted(state)), prepend=True)
    optimizer.register_load_state_dict_pre_hook(lambda opt, state: calls.append(state["note"]))
    optimizer.register_load_state_dict_post_hook(lambda opt: calls.append("loaded"))
    optimizer.load_state_dict(optimizer.state_dict())
    assert calls == ["saving", ["param_groups", "state"], 1, "loaded"]


# ---- state ----


@pytest.mark.parametrize("name", ["SGD", "Adam", "LBFGS"])
def test_a_loaded_state_is_a_copy(lib, name):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    settings = {"momentum": 0.9} if name == "SGD" else {}
    first, second = (getattr(lib.optim, name)([x], lr=0.1, **settings) for _ in range(2))

    def closure():
        x.grad = None
        (value := (x**4).sum()).backward()
        return value

    first.step(closure)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    before = copy.deepcopy(second.state_dict()["state"])
    first.step(closure)
    assert repr(second.state_dict()["state"]) == repr(before)


def test_a_loaded_state_takes_the_dtype_of_the_parameter_but_for_the_count_of_steps(lib):
    first, second = (lib.optim.Adam(leaves(lib, dtype)) for dtype in ("float32", "float64"))
    stepped(lib, first, first.param_groups[0]["params"])
    second.load_state_dict(first.state_dict())
    state = second.state[second.param_groups[0]["params"][0]]
    assert [state[name].dtype for name in ("step", "exp_avg")] == [lib.float32, lib.float64]


def test_the_count_of_steps_may_be_a_number_in_an_old_file(lib):
    x = lib.tensor(1.0, requires_grad=True)
    optimizer = lib.optim.Adam([x], lr=0.1)
    x.backward()
    optimizer.step()
    state = copy.deepcopy(optimizer.state_dict())
    state["state"][0]["step"] = 5
    optimizer.load_state_dict(state)
    optimizer.step()
    assert optimizer.state[x]["step"].item() == 6.0


# ---- what is refused ----


def optimizer_of(name, **settings):
    return lambda lib: getattr(lib.optim, name)([lib.ones(1)], **settings)


MISTAKES = {
    "no parameters": (lambda lib: lib.optim.SGD([]), ValueError, "empty parameter list"),
    "one Variable": (lambda lib: lib.optim.SGD(lib.ones(1)), TypeError, "iterable of Tensors or dicts, but got .*FloatTensor"),
    "a number": (lambda lib: lib.optim.SGD([3]), TypeError, "one of the params is int"),
    "a result": (lambda lib: lib.optim.SGD([lib.ones(1, requires_grad=True) * 2]), ValueError, "can't optimize a non-leaf"),
    "nesterov alone": (optimizer_of("SGD", nesterov=True), ValueError, "Nesterov momentum requires"),
    "one in two groups": (
        lambda lib: lib.optim.SGD([{"params": [x := lib.ones(1)]}, {"params": [x]}]), ValueError,
        "more than one parameter group"),
    "a group that is none": (lambda lib: lib.optim.SGD([lib.ones(1)]).add_param_group([1]), TypeError, "must be a dict"),
    "a set": (lambda lib: lib.optim.SGD([{"params": {lib.ones(1)}}]), TypeError, "need to be organized in ordered collections"),
    "some names": (lambda lib: lib.optim.SGD([("a", lib.ones(1)), lib.ones(1)]), ValueError, "Some param names are missing"),
    "a group without names": (
        lambda lib: lib.optim.SGD([("a", lib.ones(1))]).add_param_group({"params": lib.ones(1)}),
        ValueError, "cannot add param group without names"),
    "a group with names": (
        lambda lib: lib.optim.SGD([lib.ones(1)]).add_param_group({"params": [("a", lib.ones(1))]}),
        ValueError, "cannot add param group with names"),
    "a state of other groups": (
        lambda lib: lib.optim.SGD([lib.ones(1)]).load_state_dict({"state": {}, "param_groups": []}),
        ValueError, "different number of parameter groups"),
    "a state of other parameters": (
        lambda lib: lib.optim.SGD([lib.ones(1)]).load_state_dict(lib.optim.SGD([lib.ones(1), lib.ones(1)]).state_dict()),
        ValueError, "doesn't match the size"),
    "fused and foreach": (optimizer_of("Adam", fused=True, foreach=True), RuntimeError, "`fused` and `foreach` cannot be `True`"),
    "a rate of two numbers": (
        lambda lib: lib.optim.Adam([lib.ones(1)], lr=lib.ones(2)), ValueError, "Tensor lr must be 1-element"),
    "groups of LBFGS": (
        lambda lib: lib.optim.LBFGS([{"params": [lib.ones(1)]}, {"params": [lib.ones(1)]}]), ValueError,
        "LBFGS doesn't support per-parameter options"),
    "LBFGS without a closure": (lambda lib: lib.optim.LBFGS([lib.ones(1)]).step(), TypeError, "closure"),
}  # fmt: skip

BAD_VALUES = [
    ("lr", -1, "Invalid learning rate: -1", [*NAMES, "LBFGS"]),
    ("weight_decay", -0.5, "Invalid weight_decay value: -0.5", [name for name in NAMES if name != "Rprop"]),
    ("weight_decay", float("nan"), "Invalid weight_decay value: nan", [name for name in NAMES if name not in {"SGD", "Rprop"}]),
    ("momentum", -1, "Invalid momentum value: -1", ["SGD", "RMSprop"]),
    ("eps", -1, "Invalid epsilon value: -1", ["Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam"]),
    ("betas", (1.0, 0.9), "Invalid beta parameter at index 0: 1.0", ["Adam", "AdamW", "Adamax", "NAdam", "RAdam"]),
    ("betas", (0.9, -0.1), "Invalid beta parameter at index 1: -0.1", ["Adam", "AdamW", "Adamax", "NAdam", "RAdam"]),
    ("alpha", -1, "Invalid alpha value: -1", ["RMSprop"]),
    ("lr_decay", -1, "Invalid lr_decay value: -1", ["Adagrad"]),
    ("initial_accumulator_value", -1, "Invalid initial_accumulator_value value: -1", ["Adagrad"]),
    ("rho", 1.5, "Invalid rho value: 1.5", ["Adadelta"]),
    ("rho", -1, "Invalid rho value: -1", ["Adadelta"]),
    ("momentum_decay", -1, "Invalid momentum_decay value: -1", ["NAdam"]),
    ("etas", (0.5, 0.9), "Invalid eta values: 0.5, 0.9", ["Rprop"]),
]
MISTAKES |= {
    f"{name}({setting}={value})": (optimizer_of(name, **{setting: value}), ValueError, words)
    for setting, value, words, names in BAD_VALUES
    for name in names
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib)


def test_a_line_search_that_is_unknown_is_refused(lib):
    x = lib.ones(1, requires_grad=True)
    optimizer = lib.optim.LBFGS([x], line_search_fn="armijo")

    def closure():
        (value := (x * x).sum()).backward()
        return value

    with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
        optimizer.step(closure)


@pytest.mark.parametrize("given", [lambda net: net, lambda net: net.parameters], ids=["a module", "the method"])
def test_a_module_in_place_of_its_parameters_is_told_what_to_write(given):
    with pytest.raises(TypeError, match=r"SGD\(\) takes the parameters of a module.*write \.parameters\(\)"):
        microtorch.optim.SGD(given(microtorch.nn.Linear(2, 1)), lr=0.1)
