"""Backward passes of real PyTorch: recorded through hooks, replayed as the same steps, with nothing left behind."""

import gc
import sys
import weakref
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microtorch.viz import trace
from microtorch.viz.passes import of_torch, story
from tests.conftest import needs

needs("torch", "torch")
import torch  # noqa: E402


def leaf(*values, dtype=torch.float32):
    return torch.tensor(values if len(values) > 1 else values[0], dtype=dtype, requires_grad=True)


def raw(tensor):
    """All that can be seen of a ``.grad``: dtype, strides, bits."""
    if tensor is None:
        return None
    numbers = tensor.detach().to_dense() if tensor.is_sparse else tensor.detach()
    return tensor.dtype, numbers.stride(), numbers.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


# ---- the programs: each returns its leaves and its root ----


def tutorial():
    x = torch.ones(2, 2, requires_grad=True)
    y = x + 2
    return [x], (y * y * 3).mean()


def stretched():
    torch.manual_seed(0)
    x, b, c = torch.randn(3, 4, requires_grad=True), torch.randn(4, requires_grad=True), torch.randn(3, 1, requires_grad=True)
    return [x, b, c], ((x * b + c).tanh() * b).sum()


def network():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    loss = torch.nn.functional.cross_entropy(net(torch.randn(5, 3)), torch.tensor([0, 1, 1, 0, 1]))
    return list(net.parameters()), loss


def convolution():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.ReLU(), torch.nn.MaxPool2d(2))
    return list(net.parameters()), net(torch.randn(2, 1, 8, 8)).square().mean()


def many_leaves():
    leaves = [leaf(float(i)) for i in range(7)]
    return leaves, torch.stack(leaves).sum()


def several_outputs():
    x, y = torch.ones(6, requires_grad=True), torch.ones(2, requires_grad=True)
    a, _, c = (x * 2).chunk(3)
    return [x, y], (a * c * y).sum()


def a_leaf():
    x = leaf(2.0)
    return [x], x


def in_place_on_a_view():
    x, w = torch.ones(4, requires_grad=True), leaf(3.0)
    y = x * 1
    y[1:3].mul_(w)
    y[0] = w
    return [x, w], (y * y).sum()


def double_backward():
    x = leaf(2.0, 3.0)
    (slope,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    return [x], (slope * x).sum()


def checkpointed():
    from torch.utils.checkpoint import checkpoint

    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    return [x, w], (checkpoint(lambda t: (t * w).tanh() * w, x, use_reentrant=False) * x).sum()


def sparse():
    table = torch.ones(5, 2, requires_grad=True)
    return [table], torch.nn.functional.embedding(torch.tensor([1, 1, 3]), table, sparse=True).sum()


def gaps():
    """A leaf whose elements do not lie side by side, one that is transposed, and one that is both."""
    x = torch.ones(4, 6)[:, ::2].detach().requires_grad_()
    y = torch.ones(3, 4).T.detach().requires_grad_()
    z = torch.ones(6, 4)[::2].T.detach().requires_grad_()
    return [x, y, z], (x * y * 2 * z).sum()


def of_dtype(dtype):
    def program():
        x, i = torch.tensor([0.5, 1.5], dtype=dtype, requires_grad=True), torch.tensor([2, 3])
        return [x], (x * i + x.to(torch.float32)).sum()

    return program


def complex_numbers():
    z = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True)
    return [z], (z * z.conj()).real.sum()


PROGRAMS = [
    *(tutorial, stretched, network, convolution, many_leaves, several_outputs, a_leaf, in_place_on_a_view, double_backward),
    *(checkpointed, sparse, gaps, complex_numbers),
    *map(of_dtype, (torch.float16, torch.bfloat16, torch.float64)),
]
each_program = pytest.mark.parametrize("program", PROGRAMS)


@pytest.mark.filterwarnings("ignore:grad and param do not obey the gradient layout contract")  # torch, of its own backward()
@each_program
@pytest.mark.parametrize("existing", [False, True])
def test_stepped_to_the_end_it_equals_backward_bit_for_bit(program, existing):
    (walked, root), (plain, plain_root) = program(), program()
    for each in (*walked, *plain) if existing else ():
        each.grad = torch.full_like(each, 1 / 3)
    held = [each.grad for each in walked]
    walk = trace(root)
    walk.last()
    plain_root.backward()
    assert [raw(each.grad) for each in walked] == [raw(each.grad) for each in plain]
    assert not existing or all(each.grad is grad for each, grad in zip(walked, held, strict=True))
    assert any(each.grad is not None for each in walked)
    walk.close()
    assert all(each.grad is grad for each, grad in zip(walked, held, strict=True))


@each_program
def test_every_position_is_the_prefix_of_backward(program):
    """After each accumulation of backward(), as a hook sees it, every ``.grad`` is what it is at that step of the walk."""
    (walked, root), (plain, plain_root) = program(), program()
    seen = []
    for each in plain:
        each.register_post_accumulate_grad_hook(lambda _: seen.append([raw(each.grad) for each in plain]))
    plain_root.backward()
    walk = trace(root)
    shown = []
    for k in walk.find("accumulates"):
        walk.goto(k)
        shown.append([raw(each.grad) for each in walked])
    assert shown == seen
    walk.first()
    assert [each.grad for each in walked] == [None] * len(walked)


@each_program
def test_nothing_stays_registered_and_the_graph_can_still_run(program):
    _, root = program()
    trace(root).close()
    assert hooks_left() == []
    root.backward()


def test_the_steps_are_those_of_the_same_graph_here():
    import microtorch

    def told(lib):
        x = lib.ones(2, 2, requires_grad=True)
        y = x + 2
        z = y * y * 3
        out = z.mean()
        return repr(trace(out))

    assert told(torch) == told(microtorch)


def test_undoing_a_broadcast_names_the_summed_axes():
    (_, b, c), root = stretched()
    assert b.shape != c.shape
    walk = trace(root)
    text = repr(walk)
    assert "(summed over axis 0) to b" in text
    assert "(summed over axis 1) to c" in text
    for step in walk.steps:
        for output, value in enumerate(step.received):
            parts = [part.value.array for part in step.parts if part.output == output and part.value is not None]
            assert value is None or np.allclose(sum(parts), value.array)


# ---- hooks, functions, retain_grad ----


class Noisy(torch.autograd.Function):
    runs = 0

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        Noisy.runs += 1
        return grad * 2


def test_a_functions_side_effects_and_users_hooks_happen_once():
    Noisy.runs, seen = 0, []
    x = leaf(1.0, 2.0)
    y = Noisy.apply(x)
    y.register_hook(lambda grad: seen.append("y"))
    x.register_hook(lambda grad: seen.append("x"))
    y.grad_fn.register_hook(lambda ins, outs: seen.append("node"))
    walk = trace(y.sum())
    walk.last()
    walk.first()
    walk.last()
    assert (Noisy.runs, seen) == (1, ["y", "node", "x"])


@pytest.mark.parametrize(
    "register",
    [
        lambda x, y: x.register_hook(lambda grad: grad * 3),
        lambda x, y: y.register_hook(lambda grad: grad * 3),
        lambda x, y: y.grad_fn.register_prehook(lambda grads: (grads[0] * 3,)),
        lambda x, y: y.grad_fn.register_hook(lambda ins, outs: tuple(each * 3 for each in ins)),
    ],
)
def test_what_a_hook_replaces_is_replaced(register):
    grads = []
    for walked in (True, False):
        x = leaf(1.0, 2.0)
        y = x * x
        register(x, y)
        if walked:
            trace(y.sum()).last()
        else:
            y.sum().backward()
        grads.append(raw(x.grad))
    assert grads[0] == grads[1]


def test_what_a_hook_makes_of_a_gradient_is_told():
    x = leaf(2.0)
    y = x * 5
    y.register_hook(lambda grad: grad * 3)
    assert "receives hook(1) = 3 and sends 15 to x" in repr(trace(y))


def test_hooks_that_wait_for_a_grad_that_has_grown_are_not_called():
    x = leaf(1.0)
    x.register_post_accumulate_grad_hook(lambda _: pytest.fail("no step of training was asked for"))
    trace(x * 2).last()
    assert x.grad == 2


@pytest.mark.parametrize("before", [None, 5.0])
def test_what_retains_its_grad_has_the_one_it_had(before):
    x = leaf(3.0)
    y = x * x
    y.retain_grad()
    y.grad = kept = None if before is None else torch.tensor(before)
    trace(y * 2).last()
    assert y.grad is kept
    assert kept is None or kept == 5
    (y * 2).backward()
    assert y.grad == 2 + (before or 0)


def test_a_tensor_of_another_graph_that_torch_refuses_to_look_at_is_in_nobodys_way():
    class Turned(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.t()

        @staticmethod
        def backward(ctx, grad):
            return grad.t()

    base = torch.ones(2, 2, requires_grad=True) * 1
    view = Turned.apply(base)
    view.retain_grad()
    base.add_(1)
    with pytest.raises(RuntimeError, match="This view was created inside a custom Function"):
        print(view.grad_fn)
    x = leaf(2.0)
    trace(x * x).last()
    assert x.grad == 4


def test_a_leaf_that_requires_no_grad_any_more_stays_as_it_is():
    x, y = leaf(2.0), leaf(3.0)
    out = (x * y) * x
    x.requires_grad_(False)
    walk = trace(out)
    walk.last()
    assert x.grad is None
    assert y.grad == 4
    assert "x.grad stays as it was" in repr(walk)


# ---- errors and interruptions ----


class Broken(torch.autograd.Function):
    error = ValueError("no way\nback")

    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, grad):
        raise Broken.error


def broken():
    x, y = leaf(2.0), leaf(3.0)
    return x, y, (Broken.apply(x) * 2) * y


def test_a_function_that_raises_is_the_last_step_and_grads_are_as_after_the_failing_backward():
    x, y, root = broken()
    walk = trace(root)
    assert walk.steps[-1].error == "ValueError: no way back"
    assert walk.find("error") == (len(walk.steps),)
    assert "fails: ValueError: no way back. The pass ends here." in repr(walk)
    walk.last()
    assert walk.states()[walk.steps[-1].node].name == "failed"
    plain_x, plain_y, root = broken()
    with pytest.raises(ValueError, match="no way"):
        root.backward()
    assert (raw(x.grad), raw(y.grad)) == (raw(plain_x.grad), raw(plain_y.grad))
    assert y.grad is not None
    walk.first()
    assert y.grad is None


def test_a_hook_that_raises_ends_the_pass_at_its_node():
    x = leaf(2.0)
    y = x * 3
    y.register_hook(lambda grad: 1 / 0)
    out = y * 4
    walk = trace(out)
    assert [step.error[:17] for step in walk.steps] == ["", "ZeroDivisionError"]
    assert walk.snapshot.nodes[walk.steps[-1].node].outputs == ("y",)


def test_an_interruption_is_raised_and_leaves_nothing(monkeypatch):
    monkeypatch.setattr(Broken, "error", KeyboardInterrupt())
    x, y, root = broken()
    with pytest.raises(KeyboardInterrupt):
        trace(root)
    assert (x.grad, y.grad) == (None, None)
    assert hooks_left() == []


def hooks_left():
    return [
        name for each in gc.get_objects() if type(each) is OrderedDict for name, v in each.items() if type(v) is of_torch.Hook
    ]


@pytest.mark.parametrize("nth", range(1, 5))
def test_interrupted_before_a_hooks_handle_is_kept_the_hook_is_found(nth):
    """As an interruption may come: the hook is registered, and its handle not yet in anyone's hands."""
    x, y = leaf(2.0), leaf(3.0)
    out = x * y
    returned = []

    def look(frame, event, argument):
        if event == "return" and frame.f_code.co_name in ("register_hook", "_register_hook"):
            returned.append(frame.f_code.co_name)
            if len(returned) == nth:
                raise KeyboardInterrupt
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        with pytest.raises(KeyboardInterrupt):
            trace(out)
    finally:
        sys.settrace(before)
    assert hooks_left() == []


# ---- refused ----


def freed():
    x = leaf(2.0)
    out = (x * x).exp()
    out.backward()
    return out


@pytest.mark.parametrize(
    ("make", "gradient", "error", "words"),
    [
        (lambda: torch.ones(2), None, RuntimeError, "does not require grad"),
        (lambda: leaf(1.0, 2.0) * 2, None, RuntimeError, "scalar"),
        (lambda: leaf(1.0, 2.0) * 2, torch.ones(3), RuntimeError, "shape"),
        (lambda: leaf(1.0, 2.0) * 2, np.ones(2), TypeError, "must be a Tensor"),
        (freed, None, RuntimeError, "second time.*ExpBackward0|second time"),
        (lambda: torch.nn.Linear(2, 2), None, TypeError, "the module Linear itself"),
    ],
)
def test_what_cannot_be_walked_is_refused(make, gradient, error, words):
    with pytest.raises(error, match=words):
        trace(make(), gradient)


def test_a_vector_can_be_walked_with_a_gradient_to_begin_with():
    x = leaf(1.0, 2.0)
    trace(x * 3, torch.tensor([1.0, 10.0])).last()
    assert x.grad.tolist() == [3.0, 30.0]


# ---- what happens meanwhile ----


def test_a_real_backward_meanwhile_and_changed_data_are_told():
    x = leaf(3.0)
    walk = trace(x * x)
    (x * 100).backward()
    walk.last()
    assert walk.overwritten == ("x",)
    assert "x.grad had been changed outside the stepper" in story.overwritten(walk)
    assert x.grad == 6
    with torch.no_grad():
        x -= 1
    assert "x has changed since this pass was recorded" in walk.note()


def test_a_leaf_of_another_shape_is_refused_and_nothing_moves():
    x, y = leaf(2.0), leaf(3.0)
    walk = trace(x * y)
    y.data = torch.ones(3)
    with pytest.raises(RuntimeError, match="attempting to assign a gradient"):
        walk.last()
    assert (walk.position, x.grad, y.grad) == (0, None, None)


def test_a_trace_keeps_no_graph_alive_and_after_closing_no_leaf():
    def walked():
        x = leaf(1.0, 2.0)
        y = x * 2
        return trace((y * y).sum()), weakref.ref(y), weakref.ref(x)

    walk, y, x = walked()
    gc.collect()
    assert y() is None
    assert x() is not None
    walk.close()
    gc.collect()
    assert x() is None


# ---- random programs ----


@st.composite
def programs(draw):
    size = draw(st.integers(1, 8))
    operation = st.sampled_from(["+", "*", "-", "tanh", "exp", "in place", "unbind"])
    return [(draw(operation), draw(st.integers(0, i + 2)), draw(st.integers(0, i + 2))) for i in range(size)]


def run(program, existing):
    leaves = [leaf(0.5), leaf(-0.25, 0.75), leaf(1.5)]
    for each in leaves if existing else ():
        each.grad = torch.full_like(each, 1 / 3)
    values = list(leaves)
    for name, i, j in program:
        a, b = values[i], values[j]
        make = {
            "+": lambda: a + b,  # noqa: B023
            "*": lambda: a * b,  # noqa: B023
            "-": lambda: a - b,  # noqa: B023
            "tanh": lambda: a.tanh(),  # noqa: B023
            "exp": lambda: (a * 0.1).exp(),  # noqa: B023
            "in place": lambda: (a * 1).mul_(b if a.dim() >= b.dim() else 2.0),  # noqa: B023
            "unbind": lambda: (a * b).reshape(-1).unbind()[0],  # noqa: B023
        }
        values.append(make[name]())
    return leaves, sum(each.sum() for each in values[3:])


@settings(max_examples=25, deadline=None)
@given(program=programs(), moves=st.lists(st.integers(0, 40), max_size=6), existing=st.booleans())
def test_any_walk_over_any_graph_shows_the_prefix_of_backward(program, moves, existing):
    (walked, root), (plain, plain_root) = run(program, existing), run(program, existing)
    held, before = [each.grad for each in walked], [raw(each.grad) for each in walked]
    seen = [before]
    for each in plain:
        each.register_post_accumulate_grad_hook(lambda _: seen.append([raw(each.grad) for each in plain]))
    walk = trace(root)
    plain_root.backward()
    grown = walk.find("accumulates")
    for move in (*moves, len(walk.steps)):
        walk.goto(min(move, len(walk.steps)))
        assert [raw(each.grad) for each in walked] == seen[sum(k <= walk.position for k in grown)]
    walk.first()
    assert [raw(each.grad) for each in walked] == before
    assert all(each.grad is grad for each, grad in zip(walked, held, strict=True))


def test_a_graph_of_a_thousand_nodes_is_walked():
    x = leaf(1.0)
    y = x
    for _ in range(1000):
        y = y * 1.0
    walk = trace(y)
    walk.last()
    assert len(walk.steps) == 1001
    assert x.grad == 1
