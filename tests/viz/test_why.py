"""Why is .grad what it is? One test for each reason, the ways that lead there, and what is said to do."""

import gc
import weakref
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import microtorch
from microtorch import viz
from microtorch.autograd import Function

SVG = "{http://www.w3.org/2000/svg}"


def pair(lib):
    """Two leaves, w and v."""
    return lib.tensor([4.0, 5.0, 6.0], requires_grad=True), lib.tensor([1.0, 2.0, 3.0], requires_grad=True)


# ---- a path leads there ---------------------------------------------------------------------------------------------


def test_before_backward_it_has_not_run(lib):
    w, v = pair(lib)
    out = (w * v).sum()
    answer = viz.why(w, out)
    assert answer.reason == "not run"
    assert repr(answer).splitlines() == [
        "w and out: not run.",
        "A path leads from out to w, but no gradient has come along it yet: w.grad is None until you call out.backward().",
        "The gradient's way: out → Sum → Mul → w.",
    ]


def test_after_it_the_leaf_is_reached(lib):
    w, v = pair(lib)
    out = (w * v).sum()
    out.backward()
    answer = viz.why(w, out)
    assert answer.reason == "reached"
    assert "0 everywhere" not in repr(answer)


def test_a_gradient_of_zeros_is_one_too(lib):
    w, _ = pair(lib)
    out = (-w).relu().sum()
    out.backward()
    assert (viz.why(w, out).reason, "It is 0 everywhere" in repr(viz.why(w, out))) == ("reached", True)


def test_a_gradient_that_was_set_to_none_is_told_from_one_that_never_came(lib):
    w, v = pair(lib)
    out = (w * v).sum()
    out.backward()
    w.grad = None
    assert viz.why(w, out).reason == "not run"
    assert "set to None since, as zero_grad() does" in repr(viz.why(w, out))


def test_for_many_outputs_backward_wants_a_gradient(lib):
    w, v = pair(lib)
    out = w * v
    assert "until you call out.sum().backward(), or out.backward(gradient)" in repr(viz.why(w, out))


def test_ways_are_counted(lib):
    w, _ = pair(lib)
    y = w * w
    out = y * y
    assert "The gradient's way: out → Mul → Mul → w (one of 4 ways)." in repr(viz.why(w, out))
    for _ in range(40):
        out = out + out
    assert "(one of more than 1,000,000 ways)" in repr(viz.why(w, out))
    assert " → … 35 more functions … → " in repr(viz.why(w, out))


# ---- not a leaf -----------------------------------------------------------------------------------------------------


def test_what_was_computed_keeps_no_gradient(lib):
    w, v = pair(lib)
    y = w * 2
    out = (y * v).sum()
    answer = viz.why(y, out)
    assert answer.reason == "not a leaf"
    assert "y was computed from w (MulBackward0)" in repr(answer)
    assert "y.retain_grad() before backward(), or ask autograd.grad(out, y)" in repr(answer)
    assert "meant to be the leaf" not in repr(answer)


def test_what_retains_its_gradient_is_as_a_leaf(lib):
    w, v = pair(lib)
    y = w * 2
    y.retain_grad()
    out = (y * v).sum()
    assert viz.why(y, out).reason == "not run"
    out.backward()
    assert viz.why(y, out).reason == "reached"


@pytest.mark.parametrize("make", [lambda x: x * 0.01, lambda x: x.view(3, 1), lambda x: x.double()])
def test_a_name_given_anew_is_no_leaf_any_more(lib, make):
    x, _ = pair(lib)
    x = make(x)
    out = x.sum()
    answer = viz.why(x, out)
    assert answer.reason == "not a leaf"
    assert "call .detach().requires_grad_() on what x is to be" in repr(answer)


def test_only_the_output_that_was_used_is_reached(lib):
    x = lib.ones(2, 3, requires_grad=True)
    first, second = x.unbind()
    out = first.sum()
    assert (viz.why(first, out).reason, viz.why(second, out).reason) == ("not a leaf", "not used")


# ---- no gradient wanted ---------------------------------------------------------------------------------------------


def test_what_requires_no_grad_has_none(lib):
    w, _ = pair(lib)
    data = lib.ones(3)
    out = (w * data).sum()
    answer = viz.why(data, out)
    assert answer.reason == "requires no grad"
    assert "call data.requires_grad_(), before out is computed" in repr(answer)
    assert "out was computed with it as a constant, in Mul (node 1)" in repr(answer)


def test_what_was_detached_requires_no_grad(lib):
    w, v = pair(lib)
    y = w.detach()
    assert viz.why(y, (y * v).sum()).reason == "requires no grad"


def test_integers_cannot(lib):
    w, _ = pair(lib)
    i = w.argmax()
    answer = viz.why(i, w[i])
    assert answer.reason == "requires no grad"
    assert "It holds int64, and only numbers that can change a little have gradients" in repr(answer)


# ---- values without history -----------------------------------------------------------------------------------------


def under_no_grad(lib, w):
    with lib.no_grad():
        return w[:3]


CUTS = {
    "detach": lambda lib, w: w.detach(),
    ".data": lambda lib, w: w.data,
    "a view of the detached": lambda lib, w: w.detach().view(3),
    "numpy": lambda lib, w: lib.from_numpy(w.detach().numpy()),
    "a view under no_grad": under_no_grad,
}


@pytest.mark.parametrize("cut", CUTS)
def test_memory_of_x_that_enters_without_history_is_found(lib, cut):
    w, v = pair(lib)
    out = (CUTS[cut](lib, w) * v).exp().sum()
    answer = viz.why(w, out)
    assert answer.reason == "values used without history"
    assert "They stand, in the same memory, in Mul (node" in repr(answer)
    assert "Use w itself there" in repr(answer)


def test_so_is_that_of_a_result(lib):
    w, v = pair(lib)
    y = w * 2
    out = (y.detach() * v).sum()
    assert viz.why(y, out).reason == "values used without history"
    assert viz.why(w, out).reason == "not used"


def test_another_leaf_on_the_same_memory_is_named(lib):
    w, _ = pair(lib)
    copy = w.detach().requires_grad_()
    out = copy.sum()
    answer = viz.why(w, out)
    assert answer.reason == "values used without history"
    assert "in the leaf copy (node 0), which has a .grad of its own" in repr(answer)


def test_a_users_function_is_looked_into(lib):
    class Product(lib.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            ctx.save_for_backward(a, b)
            return a * b

        @staticmethod
        def backward(ctx, grad):
            a, b = ctx.saved_tensors
            return grad * b, grad * a

    w, v = pair(lib)
    assert viz.why(w, Product.apply(w.detach(), v)).reason == "values used without history"


def test_a_result_without_a_graph_was_computed_without_history(lib):
    w, _ = pair(lib)
    with lib.no_grad():
        out = (w * 2).sum()
    answer = viz.why(w, out)
    assert answer.reason == "values used without history"
    assert "out has no history at all (its grad_fn is None)" in repr(answer)
    assert "model.eval() changes nothing of this" in repr(answer)
    assert viz.why(w.detach(), out).reason == "requires no grad"


def test_a_view_of_what_is_used_with_its_history_is_just_not_used(lib):
    w, _ = pair(lib)
    y = w * 2
    part = y[:2]
    out = (y * y).sum()
    assert viz.why(part, out).reason == "not used"
    assert viz.why(w[:2], w.sum()).reason == "not used"


def test_elements_side_by_side_are_not_the_same_memory(lib):
    memory = lib.ones(6)
    even, odd = memory[::2].requires_grad_(), memory[1::2]
    v = lib.ones(3, requires_grad=True)
    assert viz.why(even, (odd * v).sum()).reason == "not used"


# ---- not used -------------------------------------------------------------------------------------------------------


def test_what_is_used_only_afterwards_is_not_used(lib):
    w, v = pair(lib)
    out = v.sum()
    late = w * out
    answer = viz.why(w, out)
    assert answer.reason == "not used"
    assert "No path leads from out to w: out was computed from v." in repr(answer)
    assert viz.why(w, late).reason == "not run"


def test_item_is_not_used_and_its_number_is_found(lib):
    w, _ = pair(lib)
    s = lib.tensor(2.5, requires_grad=True)
    out = w * s.item()
    answer = viz.why(s, out)
    assert answer.reason == "not used"
    assert "item()" in repr(answer)


def test_an_index_from_argmax_leads_nowhere(lib):
    w, v = pair(lib)
    out = w[v.argmax()]
    answer = viz.why(v, out)
    assert answer.reason == "not used"
    assert "argmax, comparisons" in repr(answer)


def test_a_copy_is_told_as_one(lib):
    w, v = pair(lib)
    out = (w.detach().clone() * v).sum()
    answer = viz.why(w, out)
    assert answer.reason == "not used"
    assert "Equal values stand in Mul (node 1)" in repr(answer)


def test_asked_the_wrong_way_round_it_says_so(lib):
    w, _ = pair(lib)
    out = w.sum()
    assert "out was computed from w: ask why(w, out)" in repr(viz.why(out, w))


# ---- how it is shown ------------------------------------------------------------------------------------------------


def marks(answer):
    return {g.get("data-node"): g.get("data-mark") for g in ET.fromstring(answer.svg).iter(f"{SVG}g") if g.get("data-mark")}


def test_the_path_is_marked_on_the_picture():
    w, v = pair(microtorch)
    out = (w.exp() * v).sum()
    assert [node.operation or node.label for node in viz.snapshot(out).nodes] == ["w", "Exp", "v", "Mul", "Sum"]
    assert marks(viz.why(w, out)) == {"0": "✓", "1": "✓", "3": "✓", "4": "✓"}


def test_or_the_place_where_it_ends():
    w, v = pair(microtorch)
    assert marks(viz.why(w, (w.detach() * v).sum())) == {"1": "∅"}


def test_without_a_graph_there_is_the_card_of_x():
    w, v = pair(microtorch)
    with microtorch.no_grad():
        out = w * v
    assert "mt-root" in viz.why(w, out).svg
    assert "out has no history" in viz.why(w, out)._repr_html_()


def test_it_keeps_no_graph():
    w, v = pair(microtorch)
    out = (w.detach() * v).sum()
    gone = weakref.ref(out.grad_fn), weakref.ref(w)
    kept = viz.why(w, out)
    assert kept.svg
    del w, out
    gc.collect()
    assert [each() for each in gone] == [None, None]


def test_it_changes_nothing():
    w, v = pair(microtorch)
    out = (w * v).sum()
    viz.why(w, out)
    out.backward()
    assert (w.grad.tolist(), w._version) == ([1.0, 2.0, 3.0], 0)


def test_names_are_the_callers_or_those_given():
    w, v = pair(microtorch)
    loss = (w * v).sum()
    assert repr(viz.why(w, loss)).startswith("w and loss: not run.")
    assert repr(viz.why(w, loss, names={"weight": w})).startswith("weight and loss: not run.")


# ---- bad input ------------------------------------------------------------------------------------------------------


class Loss(Function):
    pass


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda w, out: (w, None), r"out is None: pass the Variable on which backward\(\) is called, as in why\(w, loss\)"),
        (lambda w, out: (None, out), "got None: not x.grad but x itself is wanted"),
        (lambda w, out: (3.0, out), "got a float, which records no operations: wrap it"),
        (lambda w, out: (np.ones(3), out), "got a ndarray, which records no operations: wrap it"),
        (lambda w, out: ([w], out), "got a list of 1"),
        (lambda w, out: (w, [out]), r"got a list of 1: pass its Variables one by one, as in why\(outputs\[0\]\)"),
        (lambda w, out: (w, 3.0), "got a float"),
        (lambda w, out: (w, Loss), "got the class Loss"),
    ],
)
def test_what_is_no_variable_is_refused(make, words):
    w, v = pair(microtorch)
    with pytest.raises(TypeError, match=words):
        viz.why(*make(w, (w * v).sum()))
