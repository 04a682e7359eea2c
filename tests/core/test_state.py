"""Variables as state: copied and pickled, shared by threads, and left right by what raises in the middle of backward."""

import copy
import pickle
import threading
import time
import warnings

import pytest

import microtorch
from tests.core.user_functions import exp, made
from tests.libraries import leaf

# Copies

COPIES = {"copy": copy.copy, "deepcopy": copy.deepcopy, "pickle": lambda value: pickle.loads(pickle.dumps(value))}


@pytest.fixture(params=COPIES)
def copied(request):
    return COPIES[request.param]


@pytest.fixture(params=["deepcopy", "pickle"])
def copied_apart(request):
    return COPIES[request.param]


LEAVES = {
    "a parameter": lambda lib: leaf(lib, 1.0, 2.0),
    "float16": lambda lib: lib.ones(2, 3, dtype=lib.float16),
    "integers": lambda lib: lib.tensor([[1], [2]]),
    "bools": lambda lib: lib.tensor([True, False]),
    "a scalar": lambda lib: lib.tensor(2.5, requires_grad=True),
    "no elements": lambda lib: lib.ones(0, 3),
    "detached": lambda lib: (leaf(lib, 1.0) * 2).detach(),
    "data": lambda lib: (leaf(lib, 1.0) * 2).data,
    "a view of what needs no gradient": lambda lib: lib.arange(6.0).reshape(2, 3).t()[1:],
}


@pytest.mark.parametrize("kind", LEAVES)
def test_the_copy_of_a_leaf_is_a_leaf_with_its_values_dtype_and_requires_grad(lib, kind, copied):
    x = LEAVES[kind](lib)
    y = copied(x)
    assert y is not x
    assert (y.tolist(), y.shape, y.dtype, y.requires_grad, y.is_leaf) == (x.tolist(), x.shape, x.dtype, x.requires_grad, True)


def test_what_was_computed_without_grad_mode_is_copied(lib, copied):
    with lib.no_grad():
        y = leaf(lib, 1.0) * 2
    assert copied(y).tolist() == [2.0]


def test_the_copy_of_a_used_leaf_is_no_part_of_its_graph(lib, copied):
    w = leaf(lib, 1.0, 2.0)
    loss = (w * w).sum()
    best = copied(w)
    (best * 3).sum().backward()
    loss.backward()
    assert (w.grad.tolist(), best.grad.tolist()) == ([2.0, 4.0], [3.0, 3.0])


@pytest.mark.parametrize(("how", "shared"), [("copy", True), ("deepcopy", False), ("pickle", False)])
def test_just_a_shallow_copy_shares_the_memory(lib, how, shared):
    x = leaf(lib, 1.0)
    y = COPIES[how](x)
    y.data.zero_()
    assert x.tolist() == [0.0 if shared else 1.0]


@pytest.mark.parametrize(("how", "grad"), [("copy", None), ("deepcopy", [3.0]), ("pickle", None)])
def test_just_a_deep_copy_has_a_grad_and_on_memory_of_its_own(lib, how, grad):
    x = leaf(lib, 1.0)
    (x * 3).backward()
    y = COPIES[how](x)
    assert (y.grad if grad is None else y.grad.tolist()) == grad
    x.grad.zero_()
    assert (y.grad if grad is None else y.grad.tolist()) == grad


def test_attributes_are_copied_and_a_shallow_copy_has_a_dict_of_its_own(lib, copied):
    x = leaf(lib, 1.0)
    x.note = "first"
    y = copied(x)
    x.note = "second"
    assert y.note == "first"


def test_the_name_is_copied(copied):
    x = leaf(microtorch, 1.0)
    x.name = "weight"
    assert copied(x).name == "weight"


def test_a_raw_tensor_of_2017_prints_like_one_after_copying(copied):
    x = microtorch.FloatTensor([1.0])
    assert repr(copied(x)) == repr(x)


def test_a_variable_that_occurs_twice_is_copied_once(lib, copied_apart):
    x = leaf(lib, 1.0)
    first, second = copied_apart([x, x])
    assert (first is second, first is x) == (True, False)


def test_variables_that_share_memory_share_it_after_a_deep_copy_too(lib):
    base = lib.arange(4.0)
    new_base, part, alias, windows = copy.deepcopy([base, base[1:3], base.detach(), base.unfold(0, 2, 2)])
    part[0] = 77.0
    assert (new_base.tolist(), alias.tolist(), windows.tolist(), base.tolist()) == (
        [0.0, 77.0, 2.0, 3.0],
        [0.0, 77.0, 2.0, 3.0],
        [[0.0, 77.0], [2.0, 3.0]],
        [0.0, 1.0, 2.0, 3.0],
    )


def test_a_grad_that_occurs_elsewhere_is_the_same_one_after_a_deep_copy(lib):
    x = leaf(lib, 1.0)
    (x * 3).backward()
    new_x, new_grad = copy.deepcopy([x, x.grad])
    assert new_x.grad is new_grad


def test_hooks_are_not_copied(lib, copied):
    calls = []
    x = leaf(lib, 1.0)
    x.register_hook(lambda grad: calls.append("hook"))
    x.register_post_accumulate_grad_hook(lambda variable: calls.append("post"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch says that it leaves them out
        y = copied(x)
    (y * 2).backward()
    assert (calls, y.grad.tolist()) == ([], [2.0])


NON_LEAVES = {
    "a result": lambda lib: leaf(lib, 1.0) * 2,
    "a view of a leaf": lambda lib: leaf(lib, 1.0, 2.0)[:1],
    "an output of a Function": lambda lib: exp(lib).apply(leaf(lib, 1.0)),
    "in a list": lambda lib: [leaf(lib, 1.0), leaf(lib, 1.0) * 2],
}


@pytest.mark.parametrize("kind", NON_LEAVES)
def test_what_an_operation_made_is_not_copied_deeply(lib, kind):
    with pytest.raises(RuntimeError, match=r"created explicitly by the user \(graph leaves\).*deepcopy"):
        copy.deepcopy(NON_LEAVES[kind](lib))


@pytest.mark.parametrize("how", COPIES)
def test_what_an_operation_made_is_not_copied_at_all_and_the_error_says_what_to_do(how):
    y = leaf(microtorch, 1.0) * 2
    y.name = "hidden"
    with pytest.raises(RuntimeError, match=r"graph leaves.*'hidden'.*MulBackward0.*detach\(\)"):
        COPIES[how](y)


def test_a_leaf_whose_grad_is_part_of_a_graph_is_not_copied_deeply(lib):
    x = leaf(lib, 2.0)
    (x.grad,) = lib.autograd.grad(x * x, x, create_graph=True)
    with pytest.raises(RuntimeError, match=r"graph leaves"):
        copy.deepcopy(x)


def test_a_node_is_not_copied(lib, copied):
    with pytest.raises(TypeError, match=r"cannot pickle.*MulBackward0"):
        copied((leaf(lib, 1.0) * 2).grad_fn)


# Threads


@pytest.fixture
def hasty():
    """Threads take turns at every line of the package, as they would now and then in a long run."""

    def give_way(frame, event, argument):
        if not frame.f_globals["__name__"].startswith("microtorch."):
            return None
        time.sleep(1e-6)
        return give_way

    threading.settrace(give_way)
    yield
    threading.settrace(None)


def in_threads(function, number=4):
    """Run the function in several threads at a time; an exception in one of them is raised here."""
    raised = []
    together = threading.Barrier(number)

    def run():
        try:
            together.wait()
            function()
        except Exception as error:  # noqa: BLE001 - handed on
            raised.append(error)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if raised:
        raise raised[0]


@pytest.mark.usefixtures("hasty")
def test_threads_that_share_a_leaf_lose_no_gradient(lib):
    x = leaf(lib, 1.0, 2.0)

    def work():
        for _ in range(10):
            (x * x * 3).sum().backward()

    in_threads(work)
    assert x.grad.tolist() == [240.0, 480.0]


@pytest.mark.usefixtures("hasty")
def test_a_leaf_gets_its_first_gradient_from_several_threads_and_loses_none(lib):
    for _ in range(10):
        x = leaf(lib, 1.0)
        outputs = [x * 2 for _ in range(4)]
        in_threads(lambda outputs=outputs: outputs.pop().backward())
        assert x.grad.tolist() == [8.0]


@pytest.mark.usefixtures("hasty")
def test_threads_share_a_retained_graph(lib):
    x = leaf(lib, 1.0, 2.0)
    hidden = exp(lib).apply(x * 0)
    y = (hidden * x * x).sum()

    def work():
        for _ in range(10):
            y.backward(retain_graph=True)

    in_threads(work)
    assert x.grad.tolist() == [80.0, 160.0]


@pytest.mark.usefixtures("hasty")
def test_a_graph_that_is_not_retained_gives_its_gradient_as_often_as_it_did_not_refuse(lib):
    for _ in range(10):
        x = leaf(lib, 3.0)
        y = (x * x).sum()
        walked = []

        def work(y=y, walked=walked):
            try:
                y.backward()
            except RuntimeError as error:
                assert "second time" in str(error)  # noqa: PT017 - any other error is handed on
            else:
                walked.append(1)

        in_threads(work)
        assert x.grad.tolist() == [6.0 * len(walked)]
        assert walked


@pytest.mark.usefixtures("hasty")
def test_threads_that_use_a_new_leaf_at_the_same_time_give_it_one_place_in_the_graph(lib):
    for _ in range(10):
        x = leaf(lib, 1.0)
        made_here = []
        in_threads(lambda x=x, made_here=made_here: made_here.append(x * 2))
        first, *others = made_here
        for each in others:
            first = first + each
        assert lib.autograd.grad(first, x)[0].tolist() == [8.0]


def test_a_thread_begins_with_grad_mode_on_and_its_modes_are_its_own(lib):
    seen = []

    def work():
        seen.append(lib.is_grad_enabled())
        lib.set_grad_enabled(False)

    with lib.no_grad():
        in_threads(work, number=1)
    seen.append(lib.is_grad_enabled())
    assert seen == [True, True]


def test_backward_runs_in_the_thread_that_called_it(lib):
    seen = []
    Look = made(lib, lambda ctx, x: x * 1, lambda ctx, grad: (seen.append(threading.get_ident()), grad)[1])
    y, called = Look.apply(leaf(lib, 1.0)), []
    in_threads(lambda: (called.append(threading.get_ident()), y.backward()), number=1)
    assert seen == called


# Exceptions in the middle of backward


class Interruption(BaseException):
    """Like KeyboardInterrupt, no Exception."""


def failing(lib, fails, error):
    """A Function that passes its gradient on, unless the list of failures says otherwise."""

    def backward(ctx, grad):
        if fails:
            raise error("in the middle")
        return grad * 2 * ctx.saved_tensors[0]

    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    return made(lib, forward, backward)


@pytest.mark.parametrize("error", [ValueError, Interruption])
def test_what_ran_before_an_exception_stays_and_the_rest_is_as_it_was(lib, error):
    fails = [True]
    x, late = leaf(lib, 3.0), leaf(lib, 5.0)
    middle = failing(lib, fails, error).apply(x)
    out = (middle * 2 + late * late).sum()  # the product of the late leaf is younger, and so it is done before
    with pytest.raises(error, match="in the middle"):
        out.backward()
    assert (x.grad, late.grad.tolist(), lib.is_grad_enabled()) == (None, [10.0], True)
    with pytest.raises(RuntimeError, match="second time"):
        out.backward()
    assert late.grad.tolist() == [10.0]
    fails.clear()
    middle.backward()
    assert x.grad.tolist() == [6.0]


@pytest.mark.parametrize("create_graph", [False, True])
def test_after_an_exception_a_retained_graph_is_walked_as_if_nothing_had_been(lib, create_graph):
    fails = [True]
    x = leaf(lib, 3.0)
    out = (failing(lib, fails, ValueError).apply(x * 1) * x).sum()
    for _ in range(2):
        with pytest.raises(ValueError, match="in the middle"):
            lib.autograd.grad(out, x, retain_graph=True, create_graph=create_graph)
    fails.clear()
    assert (lib.autograd.grad(out, x)[0].tolist(), lib.is_grad_enabled()) == ([27.0], True)


def test_an_exception_in_a_hook_leaves_the_graph_usable(lib):
    def hook(grad):
        raise ValueError("in the hook")

    x = leaf(lib, 3.0)
    hidden = x * x
    handle = hidden.register_hook(hook)
    with pytest.raises(ValueError, match="in the hook"):
        hidden.backward(retain_graph=True)
    assert x.grad is None
    handle.remove()
    hidden.backward()
    assert x.grad.tolist() == [6.0]


def test_an_exception_in_a_backward_inside_of_backward_comes_out_of_the_outer_one(lib):
    fails = [True]
    inner = failing(lib, fails, ValueError)

    def backward(ctx, grad):
        with lib.enable_grad():
            value = ctx.saved_tensors[0].detach().requires_grad_()
            inner.apply(value).backward(grad)
        return value.grad

    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    x = leaf(lib, 3.0)
    y = made(lib, forward, backward).apply(x)
    with pytest.raises(ValueError, match="in the middle"):
        y.backward()
    assert (x.grad, lib.is_grad_enabled()) == (None, True)
    fails.clear()
    y.backward()
    assert x.grad.tolist() == [6.0]


def test_an_exception_in_one_thread_does_not_reach_another(lib):
    fails, outcomes = [True], []
    x = leaf(lib, 3.0)

    def work(y):
        try:
            y.backward()
        except ValueError:
            outcomes.append("raised")
        else:
            outcomes.append("done")

    jobs = [failing(lib, fails, ValueError).apply(x), x * 2, x * 2, failing(lib, fails, ValueError).apply(x)]
    in_threads(lambda: work(jobs.pop()))
    assert (sorted(outcomes), x.grad.tolist()) == (["done", "done", "raised", "raised"], [4.0])
