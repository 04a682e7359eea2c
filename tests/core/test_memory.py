"""What a graph holds and when it lets go: without recursion, without the garbage collector, and as backward goes."""

import gc
import tracemalloc
import warnings
import weakref
from contextlib import suppress

import pytest

import microtorch
from tests.core.user_functions import exp, made, square
from tests.libraries import leaf


def probe(lib):
    """A Function whose node, in either library, can be referenced weakly; it saves its input and its output."""

    def forward(ctx, x):
        result = x * 1
        ctx.save_for_backward(x, result)
        return result

    return made(lib, forward, lambda ctx, grad: (ctx.saved_tensors, grad)[1], "Probe")


def nodes_below(root):
    """Every node of the graph of a Variable of microtorch."""
    nodes = [root.grad_fn]
    seen = set(nodes)
    for node in nodes:
        below = {each for each, _ in node.next_functions if each is not None} - seen
        seen |= below
        nodes += below
    return nodes


# Without the collector: programs on a leaf x and the probe's output p, which return the root of the graph


def changed_in_place(lib, x, p):
    y = p * 1
    y.mul_(3)
    y[:1].add_(y[1:])
    y.view(2).mul_(2)
    y.sum().backward(retain_graph=True)
    return y


def views(lib, x, p):
    y = (p * 1).view(2, 1).t()[0][:1].expand(3)
    y.sum().backward(retain_graph=True)
    return y


def dirty(lib, x, p):
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        ctx.save_for_backward(x)
        return x

    y = made(lib, forward).apply(p * 1)
    y.sum().backward(retain_graph=True)
    return y


def hooks_on_variables(lib, x, p):
    y = p * 1
    y.register_hook(lambda grad: grad * 2)
    y.sum().backward()
    return y


def hooks_on_nodes(lib, x, p):
    y = p * 1
    y.grad_fn.register_hook(lambda inputs, outputs: None)
    y.grad_fn.register_prehook(lambda outputs: None)
    y.sum().backward()
    return y


def hooks_on_the_leaf(lib, x, p):
    x.register_hook(lambda grad: grad * 2)
    x.register_post_accumulate_grad_hook(lambda variable: None)
    y = (p * p).sum()
    y.backward()
    return y


def retained_grad(lib, x, p):
    p.retain_grad()
    y = p * p
    y.retain_grad()
    y.sum().backward()
    return y


def packed(lib, x, p):
    with lib.autograd.graph.saved_tensors_hooks(lambda value: value.detach(), lambda value: value):
        y = (p * p).exp()
    y.sum().backward(retain_graph=True)
    return y


def own_functions(lib, x, p):
    y = exp(lib).apply(square(lib).apply(p))
    y.sum().backward(retain_graph=True)
    return y


def gradients_of_gradients(lib, x, p):
    (slope,) = lib.autograd.grad(exp(lib).apply(p * p * p).sum(), x, create_graph=True)
    (curvature,) = lib.autograd.grad(slope.sum(), x, create_graph=True)
    return curvature


def a_grad_with_a_graph_reset(lib, x, p):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of the very cycle that the last line cuts
        y = (p * p * p).sum()
        y.backward(create_graph=True)
    x.grad = None
    return y


def raising(lib, x, p):
    def backward(ctx, grad):
        raise ValueError("in the middle")

    y = square(lib).apply(made(lib, lambda ctx, x: x * 1, backward).apply(p * p))
    for _ in range(2):
        with suppress(ValueError):
            y.sum().backward(retain_graph=True)
    return y


def never_walked(lib, x, p):
    return (p * p).exp().sum()


def walked(lib, x, p):
    y = (p * p).exp().sum()
    y.backward()
    return y


def retained(lib, x, p):
    y = ((p * p).tanh() @ x).exp().sum()
    y.backward(retain_graph=True)
    return y


PROGRAMS = [
    never_walked,
    walked,
    retained,
    views,
    changed_in_place,
    dirty,
    hooks_on_variables,
    hooks_on_nodes,
    hooks_on_the_leaf,
    retained_grad,
    packed,
    own_functions,
    gradients_of_gradients,
    a_grad_with_a_graph_reset,
    raising,
]


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_graph_goes_with_its_last_reference_and_needs_no_collector(lib, program):
    x = leaf(lib, 1.0, 2.0)
    start = probe(lib).apply(x)
    nodes = [weakref.ref(start.grad_fn)]
    root = program(lib, x, start)
    if lib is microtorch:
        nodes += [weakref.ref(node) for node in nodes_below(root)]
    assert [node for node in nodes if node() is None] == []
    del start, root
    assert [node() for node in nodes if node() is not None] == []


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize(
    ("kept", "lives"),
    [
        (lambda lib, x, y: y, True),
        (lambda lib, x, y: y.grad_fn, True),
        (lambda lib, x, y: y.sum().grad_fn.next_functions, True),
        (lambda lib, x, y: y[:1], True),
        (lambda lib, x, y: lib.autograd.grad(y.sum(), x, create_graph=True), True),
        (lambda lib, x, y: lib.autograd.grad(y.sum(), x), False),
        (lambda lib, x, y: (y.sum().backward(), x), False),
        (lambda lib, x, y: y.detach(), False),
        (lambda lib, x, y: y.data, False),
        (lambda lib, x, y: y.detach()[:1], False),
    ],
    ids=[
        "output",
        "node",
        "edges",
        "view",
        "gradient with a graph",
        "gradient",
        "leaf with its grad",
        "detached",
        "data",
        "view of detached",
    ],
)
def test_a_graph_lives_as_long_as_what_leads_to_it_and_no_longer(lib, kept, lives):
    x = leaf(lib, 1.0, 2.0)
    start = probe(lib).apply(x)
    node = weakref.ref(start.grad_fn)
    keep = kept(lib, x, start * start)
    del start
    assert (node() is not None) is lives
    del keep
    assert node() is None


@pytest.mark.usefixtures("no_collector")
def test_a_grad_that_is_part_of_a_graph_is_a_cycle_until_it_is_reset(lib):
    x = leaf(lib, 2.0)
    start = probe(lib).apply(x)
    node = weakref.ref(start.grad_fn)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (start * start * start).sum().backward(create_graph=True)
    del start
    assert node() is not None
    x.grad = None
    assert node() is None


def test_the_collector_frees_the_cycle_of_a_grad_with_a_graph_which_torch_never_does():
    x = leaf(microtorch, 2.0)
    start = probe(microtorch).apply(x)
    node = weakref.ref(start.grad_fn)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (start * start * start).sum().backward(create_graph=True)
    del start, x
    gc.collect()
    assert node() is None


@pytest.mark.usefixtures("no_collector")
def test_the_arrays_of_a_graph_go_with_it_while_its_leaf_stays():
    x = leaf(microtorch, 1.0, 2.0)
    steps = [x]
    for operation in (lambda v: v * v, lambda v: v.tanh(), exp(microtorch).apply, lambda v: v.view(2, 1), lambda v: v.sum()):
        steps.append(operation(steps[-1]))
    arrays = [weakref.ref(each.array) for each in steps]
    steps[-1].backward()
    del steps
    assert [array() is None for array in arrays] == [False, True, True, True, True, True]


# As backward goes


@pytest.mark.parametrize("retain_graph", [False, True])
def test_saved_arrays_are_freed_as_backward_goes_unless_the_graph_is_retained(retain_graph):
    alive = []

    def look(ctx, grad):
        alive.append([array() is not None for array in arrays])
        return grad

    x = leaf(microtorch, 1.0, 2.0)
    y = made(microtorch, lambda ctx, x: x * 1, look).apply(x)
    arrays = []
    for _ in range(10):
        y = exp(microtorch).apply(y.tanh())
        arrays.append(weakref.ref(y.array))
    loss = y.sum()
    del y
    assert all(array() is not None for array in arrays)
    loss.backward(retain_graph=retain_graph)
    assert alive == [[retain_graph] * 10]


def test_a_saved_array_is_freed_before_an_older_nodes_hook_runs():
    x = leaf(microtorch, 1.0, 2.0)
    hidden = x * 1
    saved = hidden.tanh()
    array, alive = weakref.ref(saved.array), []
    hidden.grad_fn.register_prehook(lambda grads: alive.append(array() is not None))
    loss = saved.sum()
    del saved
    loss.backward()
    assert alive == [False]


MEGABYTE = 1 << 20


def bend(ctx, x):
    result = x.tanh()
    ctx.save_for_backward(result)
    return result


def traced_chain(step, length=20):
    """Memory that a chain of operations on arrays of one megabyte holds, and how far backward goes above that."""
    x = microtorch.ones(MEGABYTE // 8, dtype=microtorch.float64, requires_grad=True)
    tracemalloc.start()
    try:
        y = x
        for _ in range(length):
            y = step(y)
        y = y.sum()
        forward = tracemalloc.get_traced_memory()[0]
        y.backward()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return forward / MEGABYTE, peak / MEGABYTE, after / MEGABYTE


@pytest.mark.parametrize(
    ("step", "held"),
    [
        (lambda y: y.tanh(), 20),
        (lambda y: y + 1, 0),
        (lambda y: y * 2, 0),
        (made(microtorch, bend, lambda ctx, grad: grad * ctx.saved_tensors[0]).apply, 20),
    ],
    ids=["saves its output", "saves nothing", "saves a number", "a Function"],
)
def test_a_chain_holds_what_it_saved_and_backward_little_more(step, held):
    forward, peak, after = traced_chain(step)
    assert (forward < held + 0.5, peak < held + 4.5, after < 1.5) == (True, True, True)


# Deep graphs: built, walked and freed, none of it by recursion


def in_place(lib, y, n):
    for _ in range(n):
        y.add_(0)
    return y


def in_place_on_a_view(lib, y, n):
    for _ in range(n):
        y[:1].add_(0)
    return y


def views_of_views(lib, y, n):
    for _ in range(n):
        y = y.view(1)
    return y


def functions_that_save_their_input(lib, y, n):
    step = probe(lib)
    for _ in range(n):
        y = step.apply(y)
    return y


def functions_that_return_their_input(lib, y, n):
    step = made(lib, lambda ctx, x: x)
    for _ in range(n):
        y = step.apply(y)
    return y


def functions_in_place(lib, y, n):
    def forward(ctx, x):
        x.mul_(1)
        ctx.mark_dirty(x)
        return x

    step = made(lib, forward)
    for _ in range(n):
        y = step.apply(y)
    return y


def several_outputs(lib, y, n):
    step = made(lib, lambda ctx, x: (x * 1, x * 2), lambda ctx, first, second: first + second)
    for _ in range(n):
        y, _ = step.apply(y)
    return y


def depth(lib):
    """What overflows any stack, for microtorch; of torch just the numbers are asked."""
    return 100_000 if lib is microtorch else 1_000


DEEP = [
    in_place,
    in_place_on_a_view,
    views_of_views,
    functions_that_save_their_input,
    functions_that_return_their_input,
    functions_in_place,
    several_outputs,
]


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("chain", DEEP)
def test_a_deep_graph_is_built_walked_and_freed_without_recursion(lib, chain):
    x = leaf(lib, 3.0)
    start = probe(lib).apply(x)
    node = weakref.ref(start.grad_fn)
    y = chain(lib, start * 1, depth(lib))
    y.sum().backward()
    assert x.grad.tolist() == [1.0]
    del start, y
    assert node() is None


@pytest.mark.usefixtures("no_collector")
def test_a_deep_graph_of_gradients_is_built_walked_and_freed_without_recursion(lib):
    n = depth(lib)
    x = leaf(lib, 1.0)
    y = start = probe(lib).apply(x)
    node = weakref.ref(start.grad_fn)
    for _ in range(n):
        y = y * x
    (slope,) = lib.autograd.grad(y.sum(), x, create_graph=True)
    slope.backward()
    assert (slope.tolist(), x.grad.tolist()) == ([n + 1.0], [n * (n + 1.0)])
    del start, y, slope
    assert node() is None


def test_a_deep_graph_is_freed_without_recursion_when_an_exception_stopped_its_backward(lib):
    fails = [True]

    def backward(ctx, grad):
        if fails:
            raise ValueError("at the end")
        return grad

    x = leaf(lib, 1.0)
    y = start = made(lib, lambda ctx, x: x * 1, backward).apply(x)
    node = weakref.ref(start.grad_fn)
    for _ in range(depth(lib)):
        y = y + 0
    with pytest.raises(ValueError, match="at the end"):
        y.backward()
    del start, y
    gc.collect()
    assert node() is None


def recurrent_state(x):
    h = microtorch.zeros(2, dtype=microtorch.float64)
    h.copy_((x * h).tanh())
    return h


def filled_buffer(x):
    buffer = microtorch.zeros(2, dtype=microtorch.float64)
    n = buffer * x
    buffer[0] = n[1]
    return buffer


@pytest.mark.parametrize("program", [recurrent_state, filled_buffer])
@pytest.mark.usefixtures("no_collector")
def test_what_is_written_over_by_what_was_computed_from_it_is_freed_without_the_collector(program):
    node = weakref.ref(program(microtorch.ones(2, dtype=microtorch.float64, requires_grad=True)).grad_fn)
    assert node() is None


def test_after_backward_a_node_holds_nothing_that_was_computed():
    x = microtorch.ones(2, requires_grad=True)
    h = x + 1
    out = (h * h).sum()
    watched = weakref.ref(h.array)
    del h
    out.backward()
    assert watched() is None
