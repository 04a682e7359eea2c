"""Views: whose memory they are, what they know of their base, and what is refused."""

import numpy as np
import pytest

import microtorch
from tests.core.user_functions import made
from tests.libraries import graph, leaf, matrix

VIEWS = {  # an expression in x of shape (2, 3), and the node it makes of a recorded x
    "x.view(6)": "ViewBackward0",
    "x.view(3, 2)": "ViewBackward0",
    "x.view(2, 3)": "ViewBackward0",
    "x.reshape(6)": "ViewBackward0",
    "x.reshape(2, 3)": "ViewBackward0",
    "x.t()": "TBackward0",
    "x.T": "PermuteBackward0",
    "x.mT": "TransposeBackward0",
    "x.transpose(0, 1)": "TransposeBackward0",
    "x.transpose(0, 0)": "TransposeBackward0",
    "x.permute(1, 0)": "PermuteBackward0",
    "x.expand(4, 2, 3)": "ExpandBackward0",
    "x.expand(2, 3)": "ExpandBackward0",
    "x.squeeze()": "SqueezeBackward0",
    "x.squeeze(0)": "SqueezeBackward1",
    "x.unsqueeze(0)": "UnsqueezeBackward0",
    "x[0]": "SelectBackward0",
    "x[-1]": "SelectBackward0",
    "x[0, 1]": "SelectBackward0",
    "x[:, 1]": "SelectBackward0",
    "x[:, ::2]": "SliceBackward0",
    "x[:]": "SliceBackward0",
    "x[None]": "UnsqueezeBackward0",
    "x[...]": "AliasBackward0",
    "x[()]": "AliasBackward0",
    "x[lib.tensor(0)]": "SelectBackward0",
    "x.view(6)[1:5].view(2, 2)": "ViewBackward0",
    "x.t().t()": "TBackward0",
    "x.diagonal()": "DiagonalBackward0",
    "x.unfold(1, 2, 1)": "UnfoldBackward0",
    "x.as_strided((2, 2), (1, 2))": "AsStridedBackward0",
    "x.flatten()": "ViewBackward0",
    "x.unflatten(1, (3, 1))": "ViewBackward0",
    "x.ravel()": "ViewBackward0",
    "x.movedim(0, 1)": "PermuteBackward0",
    "x.broadcast_to(4, 2, 3)": "ExpandBackward0",
    "x.squeeze((0, 1))": "SqueezeBackward2",
    "lib.atleast_3d(x)": "UnsqueezeBackward0",
    "x[0].unsqueeze(0).expand(2, 3)": "ExpandBackward0",
}
COPIES = [
    "x.clone()",
    "x[[0]]",
    "x[x > 2]",
    "x[0, [1]]",
    "x.t().reshape(6)",
    "x.float()",
    "x + 0",
    "x.expand(2, 2, 3).reshape(12)",
    "x.t().contiguous()",
    "x.diag()",
    "x.tril(2)",
]
ITSELF = ["x.double()", "x.to(lib.float64)", "+x", "x.requires_grad_()", "x.contiguous()", "x.flatten(1)", "lib.atleast_2d(x)"]
UNTRACKED = ["x.detach()", "x.data"]  # the same memory, but no view


def evaluate(lib, expression, x):
    return eval(expression, {"lib": lib, "x": x})


def recorded(lib):
    return matrix(lib) * 1


def plain(lib):
    return lib.tensor([[1, 2, 3], [4, 5, 6]], dtype=lib.float64) * 1


def elements(variable):
    return {float(each) for each in np.array(variable.tolist()).ravel()}


each_kind = pytest.mark.parametrize("make", [recorded, plain])

# ── Whose memory, whose view ─────────────────────────────────────────────────────────────────────────────────────────


@each_kind
@pytest.mark.parametrize("expression", [*VIEWS, *UNTRACKED, *ITSELF])
def test_what_is_written_into_the_base_stands_in_the_view(lib, expression, make):
    x = make(lib)
    view = evaluate(lib, expression, x)
    with lib.no_grad():
        x.fill_(-1)
    assert elements(view) == {-1}


@each_kind
@pytest.mark.parametrize("expression", COPIES)
def test_what_is_written_into_the_original_does_not_stand_in_a_copy(lib, expression, make):
    x = make(lib)
    copy = evaluate(lib, expression, x)
    with lib.no_grad():
        x.fill_(-1)
    assert -1 not in elements(copy)


@pytest.mark.parametrize("expression", [*VIEWS, *UNTRACKED])
def test_what_is_written_into_a_view_stands_in_the_base(lib, expression):
    x = plain(lib)
    evaluate(lib, expression, x).fill_(-1)
    assert -1 in elements(x)


@each_kind
@pytest.mark.parametrize("expression", VIEWS)
def test_a_view_knows_its_base_and_a_view_of_a_view_the_base_of_both(lib, expression, make):
    x = make(lib)
    view = evaluate(lib, expression, x)
    assert view._is_view()
    assert view._base is x


@each_kind
@pytest.mark.parametrize("expression", [*COPIES, *ITSELF, *UNTRACKED])
def test_what_is_no_view_has_no_base(lib, expression, make):
    other = evaluate(lib, expression, make(lib))
    assert not other._is_view()
    assert other._base is None


@pytest.mark.parametrize("expression", VIEWS)
def test_a_view_is_recorded_under_the_name_of_its_operation(lib, expression):
    view = evaluate(lib, expression, recorded(lib))
    assert (view.grad_fn.name(), view.is_leaf, view.requires_grad) == (VIEWS[expression], False, True)


def test_the_base_of_a_view_of_a_leaf_is_the_leaf(lib):
    x = matrix(lib)
    assert x[0]._base is x
    assert x.view(6)[1:]._base is x


def test_a_detached_variable_is_the_base_of_its_own_views(lib):
    detached = recorded(lib)[0].detach()
    assert detached[1:]._base is detached


def test_a_view_keeps_its_base_alive_and_a_base_not_its_views(lib):
    view = recorded(lib)[0]
    assert view._base.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert graph(view._base) == "MulBackward0(AccumulateGrad, None)"


def test_a_view_of_a_variable_around_a_numpy_array_writes_into_the_array():
    array = np.zeros(3)
    microtorch.autograd.Variable(array)[1:].fill_(7)
    assert array.tolist() == [0, 7, 7]


def test_reshape_of_what_is_not_contiguous_copies_and_view_refuses(lib):
    x = plain(lib)
    x.t().reshape(6).zero_()
    assert 0 not in elements(x)
    for refused in (lambda: x.t().view(6), lambda: x[:, 1:].view(4)):
        with pytest.raises(RuntimeError, match=r"reshape"):
            refused()


def test_a_slice_that_is_contiguous_can_be_viewed_again(lib):
    x = plain(lib)
    x[1:].view(3).zero_()
    assert x.tolist() == [[1, 2, 3], [0, 0, 0]]


# ── Whether a view requires a gradient follows its base ──────────────────────────────────────────────────────────────


def test_a_view_of_what_needs_no_gradient_is_a_leaf_that_needs_none(lib):
    view = plain(lib)[0]
    assert (view.requires_grad, view.is_leaf, view.grad_fn) == (False, True, None)


def test_a_view_requires_a_gradient_as_soon_as_its_base_does(lib):
    x = plain(lib)
    view = x[0]
    x.mul_(matrix(lib))
    assert (view.requires_grad, view.is_leaf, graph(view)) == (
        True,
        False,
        "AsStridedBackward0(MulBackward0(None, AccumulateGrad))",
    )


def test_a_base_requires_a_gradient_as_soon_as_a_view_does_and_so_do_the_other_views(lib):
    x = plain(lib)
    first, second = x[0], x[1]
    first.mul_(leaf(lib, 1, 2, 3))
    assert (x.requires_grad, second.requires_grad, second.is_leaf) == (True, True, False)


def test_a_base_that_became_a_leaf_with_gradient_makes_its_earlier_view_one_that_cannot_be_changed(lib):
    x = plain(lib)
    view = x[0]
    x.requires_grad_()
    assert view.requires_grad
    with pytest.raises(RuntimeError, match="a view of a leaf Variable that requires grad"):
        view.mul_(2)


def test_a_view_may_be_made_a_leaf_with_gradient_without_its_base(lib):
    x = plain(lib)
    view = x[0].requires_grad_()
    assert (view.is_leaf, view.requires_grad, x.requires_grad) == (True, True, False)
    (view * 2).sum().backward()
    assert view.grad.tolist() == [2, 2, 2]


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────

LEAF = "a leaf Variable that requires grad is being used in an in-place operation"
LEAF_VIEW = "a view of a leaf Variable that requires grad is being used in an in-place operation"
OVERLAP = r"more than one element of the written-to tensor refers to a single memory location.*clone\(\)"
NO_GRAD_VIEW = r"A view was created in no_grad mode and is being modified inplace with grad mode enabled"
NO_GRAD_OTHER = (
    r"view was created in no_grad mode and its base or another view of its base has been modified inplace with grad mode"
)
DETACH = r"Can't detach views in-place\. Use detach\(\) instead"


def view_under_no_grad(lib, x):
    with lib.no_grad():
        return x[0]


def base_changed_then_view_read(lib):
    x = recorded(lib)
    view = view_under_no_grad(lib, x)
    x.mul_(2)
    return view * 2


def other_view_changed_then_view_read(lib):
    x = recorded(lib)
    view = view_under_no_grad(lib, x)
    x[1].mul_(2)
    return view.grad_fn


def view_changed_under_no_grad_then_read(lib):
    x = matrix(lib)
    view = view_under_no_grad(lib, x)
    with lib.no_grad():
        view.mul_(2)
    return (view * 2).sum()


def custom_view(lib):
    return made(lib, lambda ctx, x: x.view(6), lambda ctx, grad: grad.view(2, 3), "Flat").apply(recorded(lib))


REFUSED = {
    "a leaf": (lambda lib: matrix(lib).mul_(2), LEAF),
    "a leaf, an element": (lambda lib: matrix(lib).__setitem__(0, 2), LEAF_VIEW),
    "a leaf, elements by a list": (lambda lib: matrix(lib).__setitem__([0], 2), LEAF),
    "a view of a leaf": (lambda lib: matrix(lib)[0].mul_(2), LEAF_VIEW),
    "a view of a view of a leaf": (lambda lib: matrix(lib)[0].view(3)[1:].zero_(), LEAF_VIEW),
    "a view that is a leaf": (lambda lib: plain(lib)[0].requires_grad_().mul_(2), LEAF),
    "an expanded view": (lambda lib: recorded(lib).expand(2, 2, 3).mul_(2), OVERLAP),
    "an expanded view, copied into": (lambda lib: recorded(lib).expand(2, 2, 3).copy_(lib.zeros(2, 2, 3)), OVERLAP),
    "an expanded view, exp_": (lambda lib: recorded(lib).expand(2, 2, 3).exp_(), OVERLAP),
    "an expanded row": (lambda lib: recorded(lib)[0].unsqueeze(0).expand(2, 3).add_(1), OVERLAP),
    "an expanded scalar of a constant": (lambda lib: lib.zeros(1).expand(3).mul_(2), OVERLAP),
    "a slice of an expanded view": (lambda lib: lib.zeros(1).expand(3).__setitem__(slice(0, 2), 1.0), OVERLAP),
    "a view made under no_grad": (lambda lib: view_under_no_grad(lib, recorded(lib)).mul_(2), NO_GRAD_VIEW),
    "a view of a leaf made under no_grad": (lambda lib: view_under_no_grad(lib, matrix(lib)).mul_(2), NO_GRAD_VIEW),
    "a view of a constant made under no_grad": (
        lambda lib: view_under_no_grad(lib, plain(lib)).mul_(leaf(lib, 1, 2, 3)),
        NO_GRAD_VIEW,
    ),
    "a view of a view made under no_grad": (
        lambda lib: view_under_no_grad(lib, recorded(lib))[1:].mul_(2),
        r"Output 0 of Slice.* is a view of a view which was created in no_grad mode and is being modified inplace",
    ),
    "the history of a view made under no_grad": (base_changed_then_view_read, NO_GRAD_OTHER),
    "the history of a view made under no_grad, beside one that changed": (other_view_changed_then_view_read, NO_GRAD_OTHER),
    "the history of a view changed under no_grad": (view_changed_under_no_grad_then_read, NO_GRAD_OTHER),
    "a view made by a Function of one's own": (
        lambda lib: custom_view(lib).mul_(2),
        r"Output 0 of Flat.* is a view and is being modified inplace\. This view was created inside a custom Function.*cloning",
    ),
    "detach_ of a view": (lambda lib: recorded(lib)[0].detach_(), DETACH),
    "detach_ of a view of a constant": (lambda lib: plain(lib)[0].detach_(), DETACH),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused(lib, what):
    program, message = REFUSED[what]
    with pytest.raises(RuntimeError, match=message):
        program(lib)


def test_a_refused_change_changes_neither_values_nor_versions_nor_history(lib):
    leaf_ = matrix(lib)
    x = leaf_ * 1
    for refused in (leaf_.zero_, leaf_[0].zero_, x.expand(2, 2, 3).exp_, view_under_no_grad(lib, x).exp_):
        with pytest.raises(RuntimeError):
            refused()
    assert (leaf_._version, x._version, graph(x)) == (0, 0, "MulBackward0(AccumulateGrad, None)")
    assert leaf_.tolist() == x.tolist() == [[1, 2, 3], [4, 5, 6]]


# ── What is allowed beside it ────────────────────────────────────────────────────────────────────────────────────────


def test_an_expanded_view_of_one_element_in_each_place_may_be_changed(lib):
    x = recorded(lib)
    x.expand(1, 2, 3).mul_(2)
    assert x.tolist() == [[2, 4, 6], [8, 10, 12]]


def test_an_expanded_view_can_be_filled_since_all_its_elements_become_equal(lib):
    x = lib.ones(1, 3)
    x.expand(2, 3).zero_()
    assert x.tolist() == [[0, 0, 0]]
    x.expand(2, 3).fill_(4)
    assert x.tolist() == [[4, 4, 4]]


def test_an_expanded_operand_may_be_read_by_what_is_written_elsewhere(lib):
    x = lib.zeros(3).add_(lib.ones(1).expand(3))
    assert x.tolist() == [1, 1, 1]


def test_a_view_made_and_changed_under_no_grad_changes_its_leaf(lib):
    x = matrix(lib)
    with lib.no_grad():
        x[0] = 5
        x.view(6)[3:].zero_()
    assert (x.tolist(), x.is_leaf, x.requires_grad, x._version) == ([[5, 5, 5], [0, 0, 0]], True, True, 2)


def test_a_view_made_before_no_grad_may_be_changed_inside(lib):
    x = recorded(lib)
    view = x[0]
    with lib.no_grad():
        view.mul_(5)
    assert (x.tolist()[0], x._version, graph(x)) == ([5, 10, 15], 1, "MulBackward0(AccumulateGrad, None)")


def test_a_view_of_a_constant_made_under_no_grad_may_be_changed_by_constants(lib):
    x = plain(lib)
    view_under_no_grad(lib, x).mul_(2)
    assert x.tolist() == [[2, 4, 6], [4, 5, 6]]


def test_a_view_made_under_no_grad_belongs_to_its_base_and_requires_a_gradient_with_it(lib):
    x = recorded(lib)
    view = view_under_no_grad(lib, x)
    assert view._base is x
    assert (view.requires_grad, view.is_leaf, view.grad_fn) == (True, True, None)


def test_a_row_assigned_from_another_row_does_not_overlap(lib):
    x = recorded(lib)
    x[0] = x[1]
    assert x.tolist() == [[4, 5, 6], [4, 5, 6]]


def test_a_change_of_a_detached_variable_is_seen_by_all_and_recorded_for_none(lib):
    x = recorded(lib)
    x.detach()[0] = 9
    assert (x.tolist()[0], x._version, graph(x)) == ([9, 9, 9], 1, "MulBackward0(AccumulateGrad, None)")


def test_the_error_of_a_view_says_more_than_torch_does():
    x = matrix(microtorch)
    x.name = "weights"
    with pytest.raises(RuntimeError, match=r"(?s)mul_.*no_grad") as caught:
        x[0].mul_(2)
    assert "'weights'" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (lambda x: x.__setitem__(slice(1, 3), x[:2]), [1, 1, 2]),
        (lambda x: x[1:].copy_(x[:2]), [1, 1, 2]),
        (lambda x: x[:2].add_(x[1:]), [3, 5, 3]),
        (lambda x: x.add_(x[0]), [2, 3, 4]),
    ],
)
def test_operands_may_lie_in_the_memory_that_is_written_since_all_is_read_before(change, after):
    x = microtorch.tensor([1.0, 2.0, 3.0])
    change(x)
    assert x.tolist() == after


def test_what_a_single_input_leaves_is_kept_even_where_its_gradient_has_no_way_to_go(lib):
    x = lib.ones(2, requires_grad=True)
    y = x * 1
    with lib.no_grad():
        view = y[0]
    out = view.tanh()
    out.detach().mul_(0.5)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.backward()


def test_a_recorded_gradient_leads_nowhere_where_the_gradient_has_no_way_to_go(lib):
    x = lib.ones(2, requires_grad=True)
    y = x * 1
    with lib.no_grad():
        view = y[0]
    (grad,) = lib.autograd.grad(view.relu() + (x * x).sum(), x, create_graph=True)
    (second,) = lib.autograd.grad(grad.sum(), x)
    assert (grad.tolist(), second.tolist()) == ([2, 2], [2, 2])
