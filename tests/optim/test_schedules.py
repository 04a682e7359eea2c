"""Schedules beside torch's, step by step: rates, momenta, states, warnings, and what is refused."""

import copy
import io
import math
import re
import warnings

import numpy as np
import pytest

import microtorch
from tests.libraries import assert_refused

STEPS = 50


class Decay:
    """A function that has a state."""

    def __init__(self, by):
        self.by = by

    def __call__(self, epoch):
        return self.by**epoch


def sequence(*parts, milestones):
    def make(schedules, optimizer):
        made = [getattr(schedules, name)(optimizer, **settings) for name, settings in parts]
        return schedules.SequentialLR(optimizer, made, milestones)

    return make


def chain(*parts):
    return lambda schedules, optimizer: schedules.ChainedScheduler(
        [getattr(schedules, name)(optimizer, **settings) for name, settings in parts]
    )


def nested(schedules, optimizer):
    inner = sequence(("ConstantLR", {"factor": 0.5}), ("ExponentialLR", {"gamma": 0.9}), milestones=[3])(schedules, optimizer)
    with pytest.warns(UserWarning, match="Detected call"):  # the inner ones begin twice
        return schedules.SequentialLR(optimizer, [inner, schedules.StepLR(optimizer, 4)], [20])


SCHEDULES = {
    "StepLR": [{"step_size": 3}, {"step_size": 7, "gamma": 0.5}, {"step_size": 1, "gamma": 1.1}],
    "MultiStepLR": [{"milestones": [3, 20, 21]}, {"milestones": [30, 4, 4], "gamma": 0.5}, {"milestones": []}],
    "ConstantLR": [{}, {"factor": 0.25, "total_iters": 12}, {"factor": 1.0}],
    "LinearLR": [{}, {"start_factor": 0.5, "total_iters": 12}, {"start_factor": 1.0, "end_factor": 0.1, "total_iters": 30}],
    "ExponentialLR": [{"gamma": 0.9}, {"gamma": 1.05}],
    "PolynomialLR": [{}, {"total_iters": 30, "power": 2.0}, {"total_iters": 60, "power": 0.5}],
    "CosineAnnealingLR": [{"T_max": 10}, {"T_max": 7, "eta_min": 0.01}, {"T_max": 50}, {"T_max": 1}],
    "CosineAnnealingWarmRestarts": [{"T_0": 10}, {"T_0": 3, "T_mult": 2}, {"T_0": 4, "T_mult": 3, "eta_min": 0.01}, {"T_0": 1}],
    "LambdaLR": [
        {"lr_lambda": lambda epoch: 0.9**epoch}, {"lr_lambda": Decay(0.8)},
        {"lr_lambda": [lambda epoch: min((epoch + 1) / 10, 1), Decay(0.9)]},
    ],
    "MultiplicativeLR": [{"lr_lambda": lambda epoch: 0.95}, {"lr_lambda": lambda epoch: 1 - 1 / (epoch + 2)}],
    "OneCycleLR": [
        {"max_lr": 0.5, "total_steps": 50}, {"max_lr": 0.5, "epochs": 6, "steps_per_epoch": 10, "anneal_strategy": "linear"},
        {"max_lr": 0.5, "total_steps": 60, "three_phase": True, "pct_start": 0.4}, {"max_lr": [0.5, 0.1], "total_steps": 55},
        {"max_lr": 0.5, "total_steps": 50, "cycle_momentum": False, "div_factor": 5.0, "final_div_factor": 10.0},
        {"max_lr": 0.5, "total_steps": 50, "base_momentum": [0.7, 0.6], "max_momentum": 0.8},
    ],
    "CyclicLR": [
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 7},
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 5, "step_size_down": 9},
        {"base_lr": 0.01, "max_lr": [0.1, 0.2], "step_size_up": 5, "mode": "triangular2"},
        {"base_lr": [0.01, 0.02], "max_lr": 0.1, "step_size_up": 5, "mode": "exp_range", "gamma": 0.95},
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 5, "scale_fn": lambda x: 1 / x, "cycle_momentum": False},
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 5, "scale_fn": lambda x: 0.99**x, "scale_mode": "iterations"},
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 5, "base_momentum": 0.5, "max_momentum": [0.7, 0.8]},
    ],
}  # fmt: skip
COMPOSED = {
    "a warm-up, then a fall": sequence(
        ("LinearLR", {"start_factor": 0.1, "total_iters": 8}), ("CosineAnnealingLR", {"T_max": 30}), milestones=[8]),
    "three in a row": sequence(
        ("ConstantLR", {"factor": 0.1, "total_iters": 4}), ("ExponentialLR", {"gamma": 0.9}), ("StepLR", {"step_size": 3}),
        milestones=[5, 20]),
    "restarts after a constant": sequence(
        ("ConstantLR", {"factor": 0.5, "total_iters": 9}), ("PolynomialLR", {"total_iters": 20}), milestones=[10]),
    "one in another": nested,
    "two together": chain(("ConstantLR", {"factor": 0.1, "total_iters": 4}), ("ExponentialLR", {"gamma": 0.9})),
    "three together": chain(
        ("LinearLR", {"total_iters": 10}), ("MultiStepLR", {"milestones": [5, 30]}), ("CosineAnnealingLR", {"T_max": 20})),
}  # fmt: skip


def of(name, settings):
    return lambda schedules, optimizer: getattr(schedules, name)(optimizer, **copy.deepcopy(settings))


MAKERS = {  # without the addresses of functions, which differ from process to process
    f"{name} {i} {re.sub(' at 0x[0-9a-f]+', '', str(settings))}": of(name, settings)
    for name, rows in SCHEDULES.items()
    for i, settings in enumerate(rows)
} | COMPOSED


def optimizer_in(lib, name="SGD"):
    groups = [{"params": [lib.ones(1, requires_grad=True)]}, {"params": [lib.ones(1, requires_grad=True)], "lr": 0.02}]
    return getattr(lib.optim, name)(groups, lr=0.1, **({"momentum": 0.9} if name == "SGD" else {}))


def settings_of(optimizer):
    names = ("lr", "momentum", "betas")
    return [[np.array(group[name]).tolist() for name in names if name in group] for group in optimizer.param_groups]


def walk(optimizer, scheduler, steps=STEPS, *arguments):
    """The groups' settings, and what the schedule says of them, before each step."""
    found = []
    for i in range(steps):
        found.append([settings_of(optimizer), [*scheduler.get_last_lr()]])
        optimizer.step()
        scheduler.step(*(each[i] for each in arguments))
    return [*found, [settings_of(optimizer), [*scheduler.get_last_lr()]]]


def assert_equal(mine, theirs):
    def flat(found):
        return [number for each in found for number in (flat(each) if isinstance(each, list) else [each])]

    np.testing.assert_allclose(flat(mine), flat(theirs), 1e-12, 1e-15)


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("name", MAKERS)
def test_every_rate_is_that_of_torch(torch, name, kind):
    found = []
    for lib in (microtorch, torch):
        optimizer = optimizer_in(lib, kind)
        steps = 49 if "'total_steps': 50" in name else STEPS
        found.append(walk(optimizer, MAKERS[name](lib.optim.lr_scheduler, optimizer), steps))
    assert_equal(*found)


PLATEAUS = [
    {}, {"patience": 2}, {"mode": "max", "patience": 1, "factor": 0.5}, {"patience": 1, "cooldown": 3, "min_lr": 0.003},
    {"patience": 1, "threshold": 0.2, "threshold_mode": "abs"}, {"patience": 0, "threshold": 0.3, "min_lr": [0.05, 0.0]},
    {"mode": "max", "patience": 1, "threshold": 0.2, "threshold_mode": "abs"}, {"patience": 0, "eps": 0.01},
]  # fmt: skip


@pytest.mark.parametrize("settings", PLATEAUS, ids=str)
def test_a_plateau_is_seen_when_torch_sees_it(torch, settings):
    losses = [2 + math.sin(i / 3) * 4 / (i + 1) + (i % 7) / 50 for i in range(STEPS)]
    found = []
    for lib in (microtorch, torch):
        optimizer = optimizer_in(lib)
        found.append(walk(optimizer, lib.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **settings), STEPS, losses))
    assert_equal(*found)


def test_a_plateau_takes_a_loss_and_a_group_that_came_later(lib):
    optimizer = optimizer_in(lib)
    scheduler = lib.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    optimizer.add_param_group({"params": lib.ones(1, requires_grad=True), "lr": 1.0})
    for _ in range(2):
        scheduler.step(lib.tensor(1.0))
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.01, 0.002, 0.1])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["OneCycleLR", "CosineAnnealingLR", "MultiStepLR"])
def test_what_is_trained_with_a_schedule_is_what_torch_trains(torch, name, dtype):
    found = []
    for lib in (microtorch, torch):
        x = lib.tensor([1.0, -2.0, 3.0], dtype=getattr(lib, dtype), requires_grad=True)
        optimizer = lib.optim.Adam([x], lr=0.1)
        settings = SCHEDULES[name][0]
        scheduler = getattr(lib.optim.lr_scheduler, name)(optimizer, **settings)
        for _ in range(49):
            optimizer.zero_grad()
            ((x - 0.3) ** 2).sum().backward()
            optimizer.step()
            scheduler.step()
        found.append(x.tolist())
    np.testing.assert_allclose(*found, 1e-9 if dtype == "float64" else 1e-4, 1e-5)


# ---- state ----


@pytest.mark.parametrize("name", MAKERS)
def test_a_schedule_goes_on_from_a_file_where_the_one_that_was_saved_stopped(name):
    schedules = microtorch.optim.lr_scheduler
    first, second = optimizer_in(microtorch), optimizer_in(microtorch)
    ours, other = MAKERS[name](schedules, first), MAKERS[name](schedules, second)
    walk(first, ours, 17)
    file = io.BytesIO()
    microtorch.save([first.state_dict(), ours.state_dict()], file)
    file.seek(0)
    of_optimizer, of_schedule = microtorch.load(file)
    second.load_state_dict(of_optimizer)
    other.load_state_dict(of_schedule)
    assert walk(first, ours, 20) == walk(second, other, 20)


@pytest.mark.parametrize("name", MAKERS)
def test_a_state_has_what_torchs_has(torch, name):
    states = []
    for lib in (microtorch, torch):
        optimizer = optimizer_in(lib)
        scheduler = MAKERS[name](lib.optim.lr_scheduler, optimizer)
        walk(optimizer, scheduler, 9)
        states.append(scheduler.state_dict())
    assert_same_state(*states)


def assert_same_state(mine, theirs):
    """Names, words and numbers are the same, the last bits of a float aside."""
    if isinstance(theirs, dict):
        assert sorted(mine) == sorted(theirs)
        for name, each in theirs.items():
            assert_same_state(mine[name], each)
    elif isinstance(theirs, list):
        for one, other in zip(mine, theirs, strict=True):
            assert_same_state(one, other)
    else:
        assert mine == (pytest.approx(theirs) if isinstance(theirs, float) else theirs)


def test_the_state_of_a_plateau_goes_on_too():
    first, second = optimizer_in(microtorch), optimizer_in(microtorch)
    ours, other = (microtorch.optim.lr_scheduler.ReduceLROnPlateau(each, patience=2) for each in (first, second))
    losses = [1.0] * 20
    walk(first, ours, 5, losses)
    second.load_state_dict(first.state_dict())
    other.load_state_dict(ours.state_dict())
    assert walk(first, ours, 9, losses) == walk(second, other, 9, losses)


def test_an_object_that_says_the_rate_is_loaded_into_the_one_that_is_there(lib):
    first, second = optimizer_in(lib), optimizer_in(lib)
    saved = lib.optim.lr_scheduler.LambdaLR(first, Decay(0.5)).state_dict()
    decay = Decay(0.9)
    lib.optim.lr_scheduler.LambdaLR(second, decay).load_state_dict(saved)
    assert decay.by == 0.5


def test_a_schedule_resumes_after_an_epoch(lib):
    optimizer = optimizer_in(lib)
    for group in optimizer.param_groups:
        group["initial_lr"] = 1.0
    scheduler = lib.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch, last_epoch=2)
    assert scheduler.get_last_lr() == [0.125, 0.125]


# ---- calls ----

CLOSED = ["StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR", "CosineAnnealingLR", "LambdaLR",
          "CosineAnnealingWarmRestarts"]  # fmt: skip


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("row", [0, 1])
def test_an_epoch_may_be_said(torch, name, row):
    found = []
    for lib in (microtorch, torch):
        optimizer = optimizer_in(lib)
        scheduler = of(name, SCHEDULES[name][row])(lib.optim.lr_scheduler, optimizer)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.append(walk(optimizer, scheduler, 6, [3, 5, 12, 2, 40, 41]))
    assert_equal(*found)


def test_restarts_take_fractions_of_an_epoch(torch):
    found = []
    for lib in (microtorch, torch):
        optimizer = optimizer_in(lib)
        scheduler = lib.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 3, 2)
        found.append(walk(optimizer, scheduler, STEPS, [i / 4 for i in range(STEPS)]))
    assert_equal(*found)


def test_a_schedule_of_ones_own_is_written_as_for_torch(lib):
    class Inverse(lib.optim.lr_scheduler._LRScheduler):
        def get_lr(self):
            return [base / (1 + self.last_epoch) for base in self.base_lrs]

    optimizer = optimizer_in(lib)
    assert walk(optimizer, Inverse(optimizer), 1)[-1][1] == pytest.approx([0.05, 0.01])


def test_a_step_before_the_optimisers_gets_a_warning_once(lib):
    optimizer = optimizer_in(lib)
    scheduler = lib.optim.lr_scheduler.StepLR(optimizer, 1)
    with pytest.warns(UserWarning, match=r"Detected call of `lr_scheduler.step\(\)` before `optimizer.step\(\)`"):
        scheduler.step()
    scheduler.step()
    optimizer.step()


def test_the_right_order_gets_none(lib):
    optimizer = optimizer_in(lib)
    scheduler = lib.optim.lr_scheduler.StepLR(optimizer, 1)
    optimizer.step()
    scheduler.step()


def test_to_ask_for_the_next_rate_gets_a_warning_and_the_rate(lib):
    optimizer = optimizer_in(lib)
    scheduler = lib.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    with pytest.warns(UserWarning, match="please use `get_last_lr"):
        assert scheduler.get_lr() == [0.05, 0.01]
    assert scheduler.get_last_lr() == [0.1, 0.02]


def test_an_epoch_gets_a_warning(lib):
    optimizer = optimizer_in(lib)
    scheduler = lib.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.step()
    with pytest.warns(UserWarning, match="The epoch parameter in `scheduler.step"):
        scheduler.step(3)


# ---- what is refused ----


def schedule(name, *arguments, **settings):
    return lambda lib: getattr(lib.optim.lr_scheduler, name)(optimizer_in(lib), *arguments, **settings)


def of_two_optimizers(name):
    def make(lib):
        one, other = optimizer_in(lib), optimizer_in(lib)
        parts = [lib.optim.lr_scheduler.StepLR(each, 1) for each in (one, other)]
        return getattr(lib.optim.lr_scheduler, name)(*([parts] if name == "ChainedScheduler" else [one, parts, [3]]))

    return make


def with_a_plateau(lib):
    optimizer, schedules = optimizer_in(lib), lib.optim.lr_scheduler
    schedules.SequentialLR(optimizer, [schedules.StepLR(optimizer, 1), schedules.ReduceLROnPlateau(optimizer)], [3])


def a_step_too_many(lib):
    optimizer = optimizer_in(lib)
    walk(optimizer, lib.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=3), 4)


MISTAKES = {
    "no optimizer": (lambda lib: lib.optim.lr_scheduler.StepLR([1], 3), TypeError, "list is not an Optimizer"),
    "no first rate": (schedule("StepLR", 3, last_epoch=4), KeyError, "param 'initial_lr' is not specified in param_groups"),
    "a factor over 1": (schedule("ConstantLR", 1.5), ValueError, "Constant multiplicative factor expected to be between 0 and 1"),
    "a start at 0": (schedule("LinearLR", 0.0), ValueError, "Starting multiplicative factor expected to be greater than 0"),
    "an end over 1": (schedule("LinearLR", 0.5, 2.0), ValueError, "Ending multiplicative factor expected to be between 0 and 1"),
    "no epochs": (schedule("CosineAnnealingWarmRestarts", 0), ValueError, "Expected positive integer T_0, but got 0"),
    "half a period": (schedule("CosineAnnealingWarmRestarts", 2, 0.5), ValueError, "Expected integer T_mult >= 1, but got 0.5"),
    "a minimum in words": (
        schedule("CosineAnnealingWarmRestarts", 2, 1, "0"), ValueError, "Expected float or int eta_min, but got 0 of type"),
    "three functions": (schedule("LambdaLR", [abs] * 3), ValueError, "Expected 2 lr_lambdas, but got 3"),
    "no function": (schedule("MultiplicativeLR", 3), TypeError, "lr_lambda should be a function, but got int"),
    "a plateau that rises": (schedule("ReduceLROnPlateau", factor=1.5), ValueError, r"Factor should be < 1\.0"),
    "a mode": (schedule("ReduceLROnPlateau", "low"), ValueError, "mode low is unknown!"),
    "a threshold mode": (schedule("ReduceLROnPlateau", threshold_mode="x"), ValueError, "threshold mode x is unknown!"),
    "three minima": (schedule("ReduceLROnPlateau", min_lr=[0, 0, 0]), ValueError, "expected 2 min_lrs, got 3"),
    "an unknown cycle": (schedule("CyclicLR", 0.1, 0.2, mode="x"), ValueError, "mode is invalid and scale_fn is None"),
    "three bounds": (schedule("CyclicLR", [0.1] * 3, 0.2), ValueError, "base_lr must have the same length as"),
    "a cycle without momentum": (
        lambda lib: lib.optim.lr_scheduler.CyclicLR(lib.optim.Adagrad([lib.ones(1)]), 0.1, 0.2), ValueError,
        "optimizer must support momentum or beta1"),
    "no length": (schedule("OneCycleLR", 0.1), ValueError, "You must define either total_steps OR"),
    "a length of 0": (schedule("OneCycleLR", 0.1, total_steps=0), ValueError, "Expected positive integer total_steps, but got 0"),
    "half an epoch": (
        schedule("OneCycleLR", 0.1, epochs=0.5, steps_per_epoch=2), ValueError, "Expected positive integer epochs, but got 0.5"),
    "no steps": (
        schedule("OneCycleLR", 0.1, epochs=1, steps_per_epoch=0), ValueError, "positive integer steps_per_epoch, but got 0"),
    "a share over 1": (
        schedule("OneCycleLR", 0.1, total_steps=9, pct_start=1.5), ValueError, "between 0 and 1 pct_start, but got 1.5"),
    "a strategy": (
        schedule("OneCycleLR", 0.1, total_steps=9, anneal_strategy="x"), ValueError, "one of 'cos' or 'linear', instead got x"),
    "a step too many": (a_step_too_many, ValueError, "Tried to step 4 times. The specified number of total steps is 3"),
    "no schedules": (schedule("SequentialLR", [], []), ValueError, "SequentialLR expects at least one scheduler"),
    "no chain": (lambda lib: lib.optim.lr_scheduler.ChainedScheduler([]), ValueError, "expects at least one scheduler"),
    "numbers in a row": (schedule("SequentialLR", [1, 2], [3]), TypeError, "SequentialLR at index 0 should have `optimizer`"),
    "a plateau in a row": (with_a_plateau, ValueError, "does not support `ReduceLROnPlateau` scheduler"),
    "two optimizers in a row": (of_two_optimizers("SequentialLR"), ValueError, "all schedulers to belong to the same optimizer"),
    "two optimizers in a chain": (of_two_optimizers("ChainedScheduler"), ValueError, "all schedulers to belong to the same"),
    "too few milestones": (
        lambda lib: lib.optim.lr_scheduler.SequentialLR(o := optimizer_in(lib), [lib.optim.lr_scheduler.StepLR(o, 1)], [3]),
        ValueError, "one more than the number of milestone points"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib)


def test_a_bad_schedule_leaves_the_optimiser_as_it_was():
    optimizer = microtorch.optim.Adagrad([microtorch.ones(1)], lr=0.5)
    before = repr(optimizer)
    for name, *arguments in (("CyclicLR", 0.1, 0.2), ("OneCycleLR", 0.1, 50), ("LinearLR", 2.0)):
        with pytest.raises(ValueError, match=r"momentum|factor"):
            getattr(microtorch.optim.lr_scheduler, name)(optimizer, *arguments)
    assert repr(optimizer) == before


def test_a_change_is_printed_where_that_was_asked_for(capsys):
    optimizer = optimizer_in(microtorch)
    scheduler = microtorch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, verbose=True)
    for _ in range(2):
        scheduler.step(1.0)
    assert capsys.readouterr().out.splitlines() == [
        "Epoch     2: reducing learning rate of group 0 to 1.0000e-02.",
        "Epoch     2: reducing learning rate of group 1 to 2.0000e-03.",
    ]
