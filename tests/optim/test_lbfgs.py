"""L-BFGS beside torch's: iterations, line search, how often it looks, and its state."""

import copy

import numpy as np
import pytest

import microtorch

SETTINGS = [
    {"lr": 0.2},
    {"lr": 0.5, "max_iter": 4, "history_size": 3}, {"max_iter": 1}, {"max_iter": 7, "max_eval": 3}, {"tolerance_change": 0.1},
    {"tolerance_grad": 3.0}, {"line_search_fn": "strong_wolfe"}, {"line_search_fn": "strong_wolfe", "lr": 20.0},
    {"line_search_fn": "strong_wolfe", "history_size": 2, "max_iter": 5}, {"line_search_fn": "strong_wolfe", "max_eval": 4},
]  # fmt: skip


def float_of(value):
    return np.array(value.tolist() if hasattr(value, "tolist") else value)


def valley(x, y):
    """Rosenbrock's, which is bent, and a bowl beside it."""
    return 10 * ((x[1:] - x[:-1] ** 2) ** 2).sum() + ((1 - x) ** 2).sum() + (y * x[0] - 1) ** 2


def bowl(x, y):
    return ((x - 0.3) ** 2).sum() + (x.mean() - y) ** 2 * 0.5


class Search:
    """Some steps, and what is known after each: the first loss, the parameters, how often the loss was computed."""

    def __init__(self, lib, loss, dtype, **settings):
        self.leaves = [lib.tensor(each, dtype=getattr(lib, dtype), requires_grad=True) for each in ([-1.2, 1.0, 0.5], 2.0)]
        self.unused = lib.ones(2, dtype=getattr(lib, dtype), requires_grad=True)
        self.optimizer, self.loss, self.looks = lib.optim.LBFGS([*self.leaves, self.unused], **settings), loss, 0

    def closure(self):
        self.looks += 1
        self.optimizer.zero_grad()
        value = self.loss(*self.leaves)
        value.backward()
        return value

    def steps(self, count):
        found = []
        for _ in range(count):
            first = self.optimizer.step(self.closure).item()
            found.append([first, *np.array(self.leaves[0].tolist()), self.leaves[1].item(), self.looks])
        return np.array(found)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_every_step_leads_where_that_of_torch_leads(torch, settings):
    mine, theirs = (Search(lib, valley, "float64", **settings).steps(12) for lib in (microtorch, torch))
    np.testing.assert_allclose(mine, theirs, 1e-6, 1e-7)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_in_float32_too(torch, settings):
    mine, theirs = (Search(lib, bowl, "float32", **settings).steps(12) for lib in (microtorch, torch))
    np.testing.assert_allclose(mine[:, :-1], theirs[:, :-1], 1e-4, 1e-5)


def test_what_is_not_used_stays():
    search = Search(microtorch, bowl, "float64")
    search.steps(3)
    assert search.unused.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("line_search_fn", [None, "strong_wolfe"])
def test_the_state_is_torchs(torch, line_search_fn):
    states = []
    for lib in (microtorch, torch):
        search = Search(lib, valley, "float64", max_iter=3, line_search_fn=line_search_fn)
        search.steps(2)
        states.append(search.optimizer.state_dict()["state"][0])
    mine, theirs = states
    assert {*theirs} - {*mine} == {"al"}  # what torch works with, which is computed anew in each iteration
    for name, each in mine.items():
        parts = zip(each, theirs[name], strict=True) if isinstance(each, list) else [(each, theirs[name])]
        for one, other in parts:
            np.testing.assert_allclose(float_of(one), float_of(other), 1e-6, 1e-9, err_msg=name)


def test_it_goes_on_where_the_one_that_was_saved_stopped(lib):
    first, second = (Search(lib, valley, "float64", max_iter=3) for _ in range(2))
    first.steps(2)
    second.optimizer.load_state_dict(copy.deepcopy(first.optimizer.state_dict()))
    with lib.no_grad():
        for one, other in zip(second.leaves, first.leaves, strict=True):
            one.copy_(other)
    np.testing.assert_array_equal(first.steps(3)[:, :-1], second.steps(3)[:, :-1])


def test_no_step_is_taken_from_where_it_is_flat(lib):
    search = Search(lib, lambda x, y: (x * 0).sum() + y * 0, "float64")
    before = [each.tolist() for each in search.leaves]
    search.steps(1)
    assert ([each.tolist() for each in search.leaves], search.looks) == (before, 1)
