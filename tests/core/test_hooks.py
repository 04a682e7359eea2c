"""Hooks on Variables: what they see, what they may change, and when. Nearly every test runs on torch too."""

import functools
import weakref

import pytest

from tests.core.user_functions import undefined
from tests.libraries import values

pytestmark = pytest.mark.filterwarnings("ignore:Using backward.. with create_graph=True:UserWarning")


def notes(seen, name, answer=None):
    """A hook that notes its name and the gradient it gets, and answers with what ``answer`` makes of it."""

    def hook(grad):
        seen.append((name, grad.tolist()))
        return None if answer is None else answer(grad)

    return hook


# What a hook sees, and when.


def test_hooks_run_in_the_order_they_were_registered_in_and_each_sees_what_the_one_before_returned(leaf):
    x, seen = leaf(3.0), []
    x.register_hook(notes(seen, "first", lambda grad: grad * 2))
    x.register_hook(notes(seen, "second"))
    x.register_hook(notes(seen, "third", lambda grad: grad + 1))
    (x * 2 + x).backward()
    assert seen == [("first", [3.0]), ("second", [6.0]), ("third", [6.0])]
    assert x.grad.tolist() == [7.0]


@pytest.mark.parametrize("make", [lambda x: x, lambda x: x * 1, lambda x: x.view(1)], ids=["a leaf", "a non-leaf", "a view"])
def test_a_hook_runs_once_a_backward_with_the_sum_of_all_gradients(leaf, make):
    y, seen = make(leaf(6.0)), []
    y.register_hook(notes(seen, "hook"))
    z = y * y + y
    z.backward(retain_graph=True)
    z.backward()
    assert seen == [("hook", [13.0])] * 2


def test_the_sum_a_hook_sees_has_the_part_of_a_root_in_it(lib, leaf):
    y, seen = leaf(2.0) * 2, []
    y.register_hook(notes(seen, "hook"))
    lib.autograd.backward([y, y * 3])
    assert seen == [("hook", [4.0])]


def test_a_hook_belongs_to_one_element_where_the_tensor_is_one(leaf):
    x, seen = leaf(1.0, 2.0), []
    first = x[0]
    first.register_hook(notes(seen, "first", lambda grad: grad * 10))
    (first * 3 + x.sum()).backward()
    assert (seen, x.grad.tolist()) == ([("first", 3.0)], [31.0, 1.0])


def test_a_hook_does_not_run_where_backward_does_not_come_by(leaf):
    x, seen = leaf(3.0), []
    (x * 2).register_hook(notes(seen, "elsewhere"))
    (x * x).backward()
    assert seen == []


def test_a_hook_lives_in_the_graph_when_its_tensor_is_gone(leaf):
    y, seen = leaf(3.0) * 2, []
    y.register_hook(notes(seen, "hook"))
    z = y * 1
    del y
    z.backward()
    assert seen == [("hook", [1.0])]


def test_a_hook_of_a_younger_tensor_runs_before_that_of_an_older_one(leaf):
    x, seen = leaf(2.0), []
    y = x * 3
    z = y * 5
    for name, each in (("x", x), ("z", z), ("y", y)):
        each.register_hook(notes(seen, name))
    z.backward()
    assert seen == [("z", [1.0]), ("y", [5.0]), ("x", [15.0])]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("around", [False, True])
def test_hooks_are_recorded_if_backward_is_whatever_the_mode_around_it(lib, leaf, around, create_graph):
    x, seen = leaf(3.0), []
    y = x * x
    for each in (x, y):
        each.register_hook(lambda grad: seen.append((lib.is_grad_enabled(), grad.requires_grad)))
    x.register_post_accumulate_grad_hook(lambda leaf: seen.append((lib.is_grad_enabled(), leaf.grad.requires_grad)))
    with lib.set_grad_enabled(around):
        y.backward(create_graph=create_graph)
    assert seen == [(create_graph, False), (create_graph, create_graph), (create_graph, create_graph)]


def test_a_hook_is_told_of_a_gradient_that_is_none(lib, leaf):
    class Both(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1, x * 2

        @staticmethod
        def backward(ctx, first, second):
            return None

    x, seen = leaf(1.0), []
    first, unused = Both.apply(x)
    unused.register_hook(lambda grad: seen.append(("unused", grad)))
    x.register_hook(lambda grad: seen.append(("x", grad)))
    x.register_post_accumulate_grad_hook(lambda leaf: seen.append(("after", leaf.grad)))
    first.backward()
    assert seen == [("unused", None), ("x", None), ("after", None)]


# What a hook changes.


@pytest.mark.parametrize("place", ["leaf", "non-leaf", "root"])
def test_what_a_hook_returns_replaces_the_gradient_from_there_on(leaf, place):
    x = leaf(3.0)
    y = x * 2
    z = y * 5
    {"leaf": x, "non-leaf": y, "root": z}[place].register_hook(lambda grad: grad * 10)
    z.backward()
    assert x.grad.tolist() == [100.0]


def test_a_replaced_gradient_stays_differentiable_if_a_graph_is_created(lib, leaf):
    x = leaf(3.0)
    y = x * x
    y.register_hook(lambda grad: grad * x)
    y.backward(create_graph=True)
    assert values(x.grad, *lib.autograd.grad(x.grad, x)) == [[18.0], [12.0]]


def test_what_a_hook_returns_takes_its_graph_nowhere_unless_one_is_created(leaf):
    x, y = leaf(3.0), leaf(4.0)
    x.register_hook(lambda grad: y)
    (x * 2).backward()
    assert (x.grad.tolist(), x.grad.requires_grad) == ([4.0], False)


def test_what_a_hook_returns_stays_its_own_when_more_is_added_to_the_grad(leaf, numbers):
    x, mine = leaf(1.0), numbers(7.0)
    x.register_hook(lambda grad: mine)
    x.backward()
    x.backward()
    assert values(mine, x.grad) == [[7.0], [14.0]]


def named(grad):
    return grad.sum()


WRONG = {  # a hook, the error, its key words
    "a number": (lambda grad: 3, TypeError, "hook returned.*int"),
    "a tuple": (lambda grad: (grad,), TypeError, "hook returned.*tuple"),
    "another shape": (lambda grad: grad[:1], RuntimeError, "hook.*lambda.*changed the size of value"),
    "a shape that would broadcast": (named, RuntimeError, "hook.*named.*changed the size of value"),
    "another dtype": (lambda grad: grad.float(), RuntimeError, r"hook.*lambda.*changed the type of value"),
    "another shape, from what has no name": (functools.partial(lambda grad: grad[:1]), RuntimeError, "hook.*changed the size"),
    "nothing callable": (3, TypeError, "callable"),
}


@pytest.mark.parametrize("on_leaf", [True, False])
@pytest.mark.parametrize("answer", WRONG)
def test_a_wrong_answer_of_a_hook_is_an_error(leaf, answer, on_leaf):
    hook, error, message = WRONG[answer]
    x = leaf(1.0, 2.0)
    y = x * 1
    with pytest.raises(error, match=message):  # noqa: PT012 - a library may look at what is no hook sooner or later
        (x if on_leaf else y).register_hook(hook)
        y.sum().backward()
    assert x.grad is None


def test_a_gradient_that_is_none_is_not_replaced_by_a_value(lib, leaf, numbers):
    x = leaf(2.0)
    x.register_hook(lambda grad: numbers(5.0))
    with pytest.raises(RuntimeError, match="can't replace a None gradient with a non-None value"):
        undefined(lib).apply(x).backward()
    assert x.grad is None


REFUSED = {
    "a hook on what needs no gradient": (lambda x: x.detach().register_hook(print), "register a hook.*doesn't require gradient"),
    "a hook after accumulation on what needs no gradient": (
        lambda x: x.detach().register_post_accumulate_grad_hook(print), "register a hook.*doesn't require gradient"),
    "a hook after accumulation on a non-leaf": (
        lambda x: (x * 1).register_post_accumulate_grad_hook(print), "post accumulate grad hooks cannot.*non-leaf"),
}  # fmt: skip


@pytest.mark.parametrize("place", REFUSED)
def test_hooks_are_refused_where_they_could_never_run(leaf, place):
    action, message = REFUSED[place]
    with pytest.raises(RuntimeError, match=message):
        action(leaf(1.0))


# Handles.

REGISTER = {  # on x and y = x * 1
    "a leaf": lambda x, y, hook: x.register_hook(hook),
    "a non-leaf": lambda x, y, hook: y.register_hook(hook),
    "a leaf, after accumulation": lambda x, y, hook: x.register_post_accumulate_grad_hook(hook),
    "a node": lambda x, y, hook: y.grad_fn.register_hook(hook),
    "a node, before it runs": lambda x, y, hook: y.grad_fn.register_prehook(hook),
    "the node of a leaf": lambda x, y, hook: y.grad_fn.next_functions[0][0].register_hook(hook),
    "the node of a leaf, before it runs": lambda x, y, hook: y.grad_fn.next_functions[0][0].register_prehook(hook),
}


@pytest.fixture(params=REGISTER)
def hooked(request, leaf):
    """``register(hook)`` on one of the places above, and ``run()``, a backward that comes by."""
    x = leaf(2.0)
    y = x * 1
    return functools.partial(REGISTER[request.param], x, y), functools.partial(y.backward, retain_graph=True)


def test_a_hook_runs_until_its_handle_removes_it_and_may_be_removed_twice(hooked):
    register, run = hooked
    seen = []
    handle = register(lambda *_: seen.append(1))
    run()
    run()
    handle.remove()
    handle.remove()
    run()
    assert seen == [1, 1]


def test_a_handle_removes_its_own_hook_and_none_of_the_others(hooked):
    register, run = hooked
    seen = []
    handles = [register(lambda *_, number=number: seen.append(number)) for number in range(3)]
    handles[1].remove()
    register(lambda *_: seen.append(3))
    run()
    assert seen == [0, 2, 3]


def test_a_hook_registered_twice_runs_twice_and_is_removed_once(hooked):
    register, run = hooked
    seen = []

    def hook(*_):
        seen.append(1)

    first = register(hook)
    register(hook)
    run()
    first.remove()
    run()
    assert seen == [1, 1, 1]


def test_a_handle_is_a_context_manager(hooked):
    register, run = hooked
    seen = []
    with register(lambda *_: seen.append(1)) as handle:
        run()
    run()
    assert seen == [1]
    assert callable(handle.remove)


def test_a_hook_may_remove_itself_while_it_runs(hooked):
    register, run = hooked
    seen = []

    def once(*_):
        seen.append("once")
        handle.remove()

    handle = register(once)
    register(lambda *_: seen.append("always"))
    run()
    run()
    assert seen == ["once", "always", "always"]


def test_a_handle_does_not_keep_its_tensor_alive(leaf):
    x = leaf(1.0)
    handle = x.register_hook(lambda grad: None)
    reference = weakref.ref(x)
    del x
    assert reference() is None
    handle.remove()


# Hooks and what is asked of the walk.

CAPTURED = {  # of y = x * 2 with x = [3], z = y * 5, and hooks that multiply by 10 on x and y: a walk, its results, x.grad
    "grad to the leaf": (lambda grad, x, y, z: grad(z, x), [[1000.0]], None),
    "grad to the non-leaf": (lambda grad, x, y, z: grad(z, y), [[50.0]], None),
    "grad to the leaf as the root": (lambda grad, x, y, z: grad(x, x), [[10.0]], None),
    "grad to the non-leaf as the root": (lambda grad, x, y, z: grad(y, y), [[10.0]], None),
    "backward to the leaf": (lambda grad, x, y, z: z.backward(inputs=[x]) or (), [], [1000.0]),
    "backward to the non-leaf": (lambda grad, x, y, z: z.backward(inputs=[y]) or (y.grad,), [[50.0]], None),
}


@pytest.mark.parametrize("walk", CAPTURED)
def test_results_are_what_the_hooks_made_of_them(lib, leaf, walk):
    action, results, accumulated = CAPTURED[walk]
    x = leaf(3.0)
    y = x * 2
    for each in (x, y):
        each.register_hook(lambda grad: grad * 10)
    assert values(*action(lib.autograd.grad, x, y, y * 5)) == results
    assert values(x.grad) == [accumulated]


def test_a_hook_runs_once_where_a_non_leaf_and_a_leaf_below_it_are_asked_for(lib, leaf):
    x, seen = leaf(3.0), []
    y = x * 2
    y.register_hook(notes(seen, "y", lambda grad: grad * 10))
    dx = lib.autograd.grad(y * 2, [y, x])[1]
    assert (seen, dx.tolist()) == ([("y", [2.0])], [40.0])


@pytest.mark.parametrize("walk", ["grad", "inputs"])
def test_hooks_of_a_leaf_that_is_not_asked_for_do_not_run(lib, leaf, walk):
    x, w, seen = leaf(3.0), leaf(4.0), []
    w.register_hook(notes(seen, "hook"))
    w.register_post_accumulate_grad_hook(lambda leaf: seen.append("after"))
    y = x * w
    if walk == "grad":
        lib.autograd.grad(y, x)
    else:
        y.backward(inputs=[x])
    assert (seen, w.grad) == ([], None)


@pytest.mark.parametrize("retained", [0, 1, 2])
def test_a_retained_grad_is_what_all_hooks_have_made_of_it_whenever_they_were_registered(leaf, retained):
    x = leaf(3.0)
    y = x * 2
    actions = [lambda: y.register_hook(lambda grad: grad * 10), lambda: y.register_hook(lambda grad: grad + 1)]
    actions.insert(retained, y.retain_grad)
    for action in actions:
        action()
    y.backward()
    assert values(y.grad, x.grad) == [[11.0], [22.0]]


# Hooks and changes in place.


def test_a_hook_sees_the_gradient_of_the_value_its_tensor_had_when_it_was_registered(leaf):
    x, seen = leaf(3.0), []
    y = x * 2
    y.register_hook(notes(seen, "before"))
    y.mul_(5)
    y.register_hook(notes(seen, "after"))
    (y * y).backward()
    assert seen == [("after", [60.0]), ("before", [300.0])]
    assert x.grad.tolist() == [600.0]


def test_a_hook_from_before_a_change_replaces_what_comes_from_behind_it(leaf):
    x = leaf(3.0)
    y = x * 2
    y.register_hook(lambda grad: grad * 0 + 7)
    y.mul_(5)
    y.register_hook(lambda grad: grad * 0 + 1)
    (y * y).backward()
    assert x.grad.tolist() == [14.0]


def test_a_hook_from_before_a_change_sees_what_was_read_before_it_too(leaf):
    y, seen = leaf(1.0) * 2, []
    y.register_hook(notes(seen, "before"))
    read = y + 0
    y.mul_(3)
    (read * 7 + y).backward()
    assert seen == [("before", [10.0])]


def test_a_hook_from_before_a_change_is_removed_by_its_handle(leaf):
    y, seen = leaf(1.0) * 2, []
    handle = y.register_hook(notes(seen, "before"))
    y.mul_(3)
    handle.remove()
    y.backward()
    assert seen == []


def test_a_leaf_keeps_its_hooks_when_it_is_changed_without_grad(lib, leaf):
    x, seen = leaf(1.0), []
    x.register_hook(notes(seen, "hook"))
    with lib.no_grad():
        x.mul_(5)
    (x * x).backward()
    assert seen == [("hook", [10.0])]


def test_a_leaf_that_became_a_non_leaf_in_place_takes_hooks_as_one(leaf, numbers):
    w, seen = numbers(1.0), []
    w.mul_(leaf(2.0))
    w.register_hook(notes(seen, "w"))
    (w * 3).backward()
    assert seen == [("w", [3.0])]
