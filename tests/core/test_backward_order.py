"""The order in which backward visits nodes, which it visits, and what happens when one of them begins a backward of its own."""

import pytest

from tests.core.user_functions import passing

pytestmark = pytest.mark.filterwarnings("ignore:Using backward.. with create_graph=True:UserWarning")


def short(node):
    """The node's name without torch's namespace."""
    return node.name().rpartition("::")[2]


def watched(*roots):
    """A list to which every node below the roots will add its name when it has run."""
    names, nodes = [], []
    todo = [root.grad_fn for root in roots]
    for node in todo:
        if node is not None and node not in nodes:
            nodes.append(node)  # kept for as long as the hooks below are wanted
            node.register_hook(lambda *_, node=node: names.append(short(node)))
            todo += [below for below, _ in node.next_functions]
    return names


def seed(lib, a, b):
    y = a + 2
    return [(y * y * 3).mean()]


def early_and_late(lib, a, b):
    return [((a * b).tanh() * a + a).exp().sum()]


def younger_first(lib, a, b):
    older, younger = a.exp(), b.sigmoid()
    return [older + younger]


def younger_first_whatever_its_place(lib, a, b):
    older, younger = a.exp(), b.sigmoid()
    return [younger + older]


def several_roots(lib, a, b):
    return [a.exp(), b.tanh(), a * b]


def function_of_ones_own(lib, a, b):
    x, y = passing(lib).apply(a.exp(), 7, b.tanh())
    return [x.sigmoid() + y]


ADD, MUL, LEAF = "AddBackward0", "MulBackward0", "AccumulateGrad"
ORDERS = [
    (seed, ["MeanBackward0", MUL, MUL, ADD, LEAF]),
    (early_and_late, ["SumBackward0", "ExpBackward0", ADD, MUL, "TanhBackward0", MUL, LEAF, LEAF]),
    (younger_first, [ADD, "SigmoidBackward0", LEAF, "ExpBackward0", LEAF]),
    (younger_first_whatever_its_place, [ADD, "SigmoidBackward0", LEAF, "ExpBackward0", LEAF]),
    (several_roots, [MUL, "TanhBackward0", LEAF, "ExpBackward0", LEAF]),
    (function_of_ones_own, [ADD, "SigmoidBackward0", "PassBackward", "TanhBackward0", LEAF, "ExpBackward0", LEAF]),
]


@pytest.mark.parametrize(("program", "expected"), ORDERS, ids=[program.__name__ for program, _ in ORDERS])
def test_nodes_run_from_the_youngest_to_the_oldest_and_a_leaf_as_soon_as_it_can(lib, leaf, program, expected):
    roots = program(lib, leaf(1.0), leaf(2.0))
    names = watched(*roots)
    lib.autograd.backward(roots)
    assert names == expected


WALKS = {  # of a, b, y = a.exp() and z = (y * b).tanh(): a walk, the nodes that run
    "backward": (lambda grad, a, b, y, z: z.backward(), ["TanhBackward0", MUL, LEAF, "ExpBackward0", LEAF]),
    "backward to the deep leaf": (lambda grad, a, b, y, z: z.backward(inputs=[a]), ["TanhBackward0", MUL, "ExpBackward0", LEAF]),
    "backward to the near leaf": (lambda grad, a, b, y, z: z.backward(inputs=[b]), ["TanhBackward0", MUL, LEAF]),
    "grad to the deep leaf": (lambda grad, a, b, y, z: grad(z, a), ["TanhBackward0", MUL, "ExpBackward0"]),
    "grad to the near leaf": (lambda grad, a, b, y, z: grad(z, b), ["TanhBackward0", MUL]),
    "grad to a non-leaf": (lambda grad, a, b, y, z: grad(z, y), ["TanhBackward0", MUL]),
    "grad to the root": (lambda grad, a, b, y, z: grad(z, z), []),
}


@pytest.mark.parametrize("walk", WALKS)
def test_only_nodes_on_the_way_to_what_is_wanted_run(lib, leaf, walk):
    action, expected = WALKS[walk]
    a, b = leaf(1.0), leaf(2.0)
    y = a.exp()
    z = (y * b).tanh()
    names = watched(z)
    action(lib.autograd.grad, a, b, y, z)
    assert names == expected


# Backward inside backward.


def test_a_function_may_call_backward_in_its_backward(lib, leaf):
    class Square(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, grad):
            x = ctx.saved_tensors[0].detach().requires_grad_()
            with lib.enable_grad():
                y = x * x
            y.backward(grad)
            return x.grad

    x = leaf(3.0)
    (Square.apply(x * 2) * 1).backward()
    assert x.grad.tolist() == [24.0]


def test_a_function_may_differentiate_itself_in_its_backward_many_levels_deep(lib, leaf):
    class Deep(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x, levels):
            ctx.levels = levels
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            if ctx.levels == 0:
                return grad * 7, None
            x = grad.detach().requires_grad_()
            with lib.enable_grad():
                y = Deep.apply(x, ctx.levels - 1)
            return lib.autograd.grad(y, x, grad)[0], None

    x = leaf(1.0)
    Deep.apply(x, 20).backward()
    assert x.grad.tolist() == [7.0]


def test_a_backward_in_a_hook_adds_to_the_same_leaf(lib, leaf):
    x = leaf(3.0)

    def hook(grad):
        with lib.enable_grad():
            (x * 5).backward()

    y = x * 2
    y.register_hook(hook)
    y.backward()
    assert x.grad.tolist() == [7.0]


def test_what_a_backward_in_a_hook_added_is_there_when_it_returns(lib, leaf):
    x, w, seen = leaf(3.0), leaf(2.0), []

    def hook(grad):
        with lib.enable_grad():
            (w * 5).backward()
        seen.append(w.grad.tolist())

    y = x * w
    y.register_hook(hook)
    y.backward()
    assert (seen, w.grad.tolist()) == ([[5.0]], [8.0])


def test_a_hook_may_walk_the_graph_that_is_being_walked_if_it_retains_it(lib, leaf):
    x, seen = leaf(2.0), []
    y = x * x
    z = y * 3
    z.register_hook(lambda grad: seen.extend(each.tolist() for each in lib.autograd.grad(y, x, retain_graph=True)))
    z.backward()
    assert (seen, x.grad.tolist()) == ([[4.0]], [12.0])


def test_a_hook_that_frees_what_lies_ahead_stops_the_walk(lib, leaf):
    x = leaf(2.0)
    y = x * x
    z = y * 3
    z.register_hook(lambda grad: lib.autograd.grad(y, x) and None)
    with pytest.raises(RuntimeError, match="second time"):
        z.backward()
    assert x.grad is None


def test_the_mode_inside_a_hook_is_its_own_backwards_after_another_has_come_and_gone(lib, leaf):
    x, seen = leaf(2.0), []

    def hook(grad):
        v = leaf(3.0)
        with lib.enable_grad():
            y = v * v
        lib.autograd.grad(y, v, create_graph=True)
        seen.append(lib.is_grad_enabled())

    y = x * x
    y.register_hook(hook)
    x.register_hook(lambda grad: seen.append(lib.is_grad_enabled()))
    y.backward(retain_graph=True)
    y.backward(create_graph=True)
    assert seen == [False, False, True, True]


def test_a_backward_after_accumulation_sees_the_grad(lib, leaf):
    x, w = leaf(2.0), leaf(3.0)

    def hook(leaf):
        with lib.enable_grad():
            (w * leaf.grad.detach()).backward()

    x.register_post_accumulate_grad_hook(hook)
    (x * 4).backward()
    assert w.grad.tolist() == [4.0]
