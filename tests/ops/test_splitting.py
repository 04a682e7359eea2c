"""Several views from one operation: what they share, that none of them may be changed in place, and what is refused."""

import pytest

from tests.libraries import assert_refused, graph, leaf, matrix

SPLITS = {  # an expression in x of shape (2, 3), and the node it makes of a recorded x
    "x.unbind()": "UnbindBackward0",
    "x.unbind(1)": "UnbindBackward0",
    "tuple(x)": "UnbindBackward0",
    "x.split(1)": "SplitBackward0",
    "x.split(2, -1)": "SplitBackward0",
    "x.split([1, 2], 1)": "SplitWithSizesBackward0",
    "x.chunk(2)": "SplitBackward0",
}
SLICES = ["x.tensor_split(2)", "x.tensor_split((1,))", "x.hsplit(3)", "x.vsplit(2)"]
MULTIPLE = r"This view is the output of a function that returns multiple views\. Such functions do not allow"


def evaluate(expression, x):
    return eval(expression, {"x": x})


def recorded(lib):
    return matrix(lib) * 1


@pytest.mark.parametrize("expression", [*SPLITS, *SLICES])
def test_the_parts_are_views_of_the_whole(lib, expression):
    x = matrix(lib, requires_grad=False)
    parts = evaluate(expression, x)
    assert type(parts) is tuple
    assert all(part._base is x for part in parts)
    parts[1].fill_(-1)
    assert -1 in x.reshape(6).tolist()


@pytest.mark.parametrize("expression", SPLITS)
def test_all_parts_come_from_one_node(lib, expression):
    parts = evaluate(expression, recorded(lib))
    assert {part.grad_fn for part in parts} == {parts[0].grad_fn}
    assert [part.output_nr for part in parts] == [*range(len(parts))]
    assert parts[0].grad_fn.name().endswith(SPLITS[expression])


@pytest.mark.parametrize("expression", [*SPLITS, *SLICES])
def test_the_gradient_of_a_part_nobody_used_is_zero(lib, expression):
    x = matrix(lib)
    part = evaluate(expression, x)[1]
    (part * part).sum().backward()
    expected = [[2 * each if [each] in part.reshape(-1, 1).tolist() else 0 for each in row] for row in x.tolist()]
    assert x.grad.tolist() == expected


def test_the_gradients_of_single_elements_keep_their_precision(lib):
    x = leaf(lib, 1, 2)
    first, second = x
    (first * 0.1 + second / 3).backward()
    assert x.grad.tolist() == [0.1, 1 / 3]


def test_nothing_has_no_parts(lib):
    assert lib.zeros(0, 3).unbind() == ()
    assert [*lib.zeros(0, 3)] == []
    assert [tuple(part.shape) for part in lib.zeros(0, 3).chunk(2)] == [(0, 3), (0, 3)]


# ── In place ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def with_base_changed(lib, look):
    x = recorded(lib)
    part, _ = x
    x.mul_(2)
    return look(part)


def under_no_grad(lib, expression, x):
    with lib.no_grad():
        return evaluate(expression, x)


REFUSED = {
    "a row": (lambda lib: recorded(lib).unbind()[1].mul_(2), rf"Output 1 of Unbind.* is a view and is being mod.*{MULTIPLE}"),
    "a row in a loop": (lambda lib: [row.add_(1) for row in recorded(lib)], MULTIPLE),
    "a piece": (lambda lib: recorded(lib).split(1)[0].zero_(), rf"Output 0 of Split.* is a view and is being mod.*{MULTIPLE}"),
    "a piece of a size of its own": (lambda lib: recorded(lib).split([1, 1])[1].add_(1), MULTIPLE),
    "the only chunk": (lambda lib: recorded(lib).chunk(1)[0].exp_(), MULTIPLE),
    "a row of a leaf": (lambda lib: matrix(lib).unbind()[0].mul_(2), MULTIPLE),
    "the shape of a row": (lambda lib: recorded(lib).unbind()[0].unsqueeze_(0), MULTIPLE),
    "an element of a row": (
        lambda lib: recorded(lib).unbind()[0].__setitem__(0, 1.0), rf"Output 0 of Select.* is a view and .*{MULTIPLE}"),
    "a row of constants, by what requires a gradient": (
        lambda lib: matrix(lib, requires_grad=False).unbind()[0].mul_(leaf(lib, 1, 2, 3)), MULTIPLE),
    "the history of a row whose base changed": (
        lambda lib: with_base_changed(lib, lambda row: row.grad_fn),
        rf"Output 0 of Unbind.* is a view and its base or another view of its base has been modified inplace\. {MULTIPLE}"),
    "the use of a row whose base changed": (lambda lib: with_base_changed(lib, lambda row: row * 2), MULTIPLE),
    "a view of a row whose base changed": (lambda lib: with_base_changed(lib, lambda row: row[0]), MULTIPLE),
    "a row made under no_grad": (
        lambda lib: under_no_grad(lib, "x.unbind()", recorded(lib))[0].mul_(2),
        "A view was created in no_grad mode and is being modified inplace with grad mode enabled"),
    "a row of a view made under no_grad": (
        lambda lib: under_no_grad(lib, "x[:]", recorded(lib)).unbind()[0].mul_(2), MULTIPLE),
    "a view, made under no_grad, of a row": (
        lambda lib: under_no_grad(lib, "x[1:]", recorded(lib).unbind()[0]).mul_(2),
        "A view was created in no_grad mode and is being modified inplace with grad mode enabled"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_it_cannot_be_changed_in_place(lib, what):
    program, message = REFUSED[what]
    with pytest.raises(RuntimeError, match=message):
        program(lib)


def test_a_row_may_be_changed_where_nothing_is_recorded(lib):
    x = recorded(lib)
    first, second = x
    with lib.no_grad():
        first.zero_()
    assert (x.tolist(), graph(x)) == ([[0, 0, 0], [4, 5, 6]], "MulBackward0(AccumulateGrad, None)")
    with pytest.raises(RuntimeError, match=MULTIPLE):  # of it, and of the others, nobody can tell the history any more
        _ = second.grad_fn


def test_a_row_of_constants_may_be_changed_by_constants(lib):
    x = matrix(lib, requires_grad=False)
    for row in x:
        row.mul_(2)
    assert x.tolist() == [[2, 4, 6], [8, 10, 12]]


def test_a_slice_of_tensor_split_may_be_changed(lib):
    x = recorded(lib)
    x.tensor_split(2)[0].mul_(2)
    assert graph(x) == "CopySlices(MulBackward0(AccumulateGrad, None), None)"


# ── Mistakes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

MISTAKES = {
    "unbind of a scalar": (lambda lib: lib.tensor(1.0).unbind(), IndexError, "no dimensions"),
    "unbind of a list": (lambda lib: lib.unbind([1]), TypeError, "list"),
    "unbind along no dimension": (lambda lib: lib.ones(2).unbind(1), IndexError, r"in range of \[-1, 0\], but got 1"),
    "a scalar in a loop": (lambda lib: [*lib.tensor(1.0)], TypeError, "iteration over a 0-d tensor"),
    "split of a scalar": (lambda lib: lib.tensor(1.0).split(1), RuntimeError, "at least a 1-dimensional"),
    "split into pieces of 0": (lambda lib: lib.ones(2).split(0), RuntimeError, "split_size.* 0.* 2"),
    "split into pieces of -1": (lambda lib: lib.ones(2).split(-1), RuntimeError, "non-negative, but got split_size=-1"),
    "split by a float": (lambda lib: lib.ones(2).split(1.5), TypeError, "float"),
    "split by a list that is too short": (
        lambda lib: lib.ones(2, 3).split([1, 1], 1), RuntimeError, r"to sum exactly to 3 .*dimension 1.*1, 1"),
    "split by a list with negative sizes": (lambda lib: lib.ones(2).split([3, -1]), RuntimeError, "non-negative entries.*3, -1"),
    "no chunks": (lambda lib: lib.ones(2).chunk(0), RuntimeError, "greater than 0, got: 0"),
    "chunks of a scalar": (lambda lib: lib.tensor(1.0).chunk(1), RuntimeError, "at least a 1-dimensional"),
    "no sections": (lambda lib: lib.ones(2).tensor_split(0), RuntimeError, "larger than 0, got 0"),
    "sections of a scalar": (lambda lib: lib.tensor(1.0).tensor_split(1), RuntimeError, "at least a 1-dimensional"),
    "half a section": (lambda lib: lib.ones(2).tensor_split(1.5), TypeError, "float"),
    "cut at half an element": (lambda lib: lib.ones(2).tensor_split((0.5,)), TypeError, "float|tuple"),
    "cut at a float tensor": (lambda lib: lib.ones(2).tensor_split(lib.tensor([1.0])), RuntimeError, "dtype of (long|int64)"),
    "cut at a matrix": (lambda lib: lib.ones(2).tensor_split(lib.tensor([[1]])), RuntimeError, "one-dimensional tensor.* 2 dims"),
    "hsplit of a scalar": (lambda lib: lib.tensor(1.0).hsplit(1), RuntimeError, "hsplit requires .* at least 1 dim"),
    "hsplit that leaves a rest": (lambda lib: lib.ones(2, 3).hsplit(2), RuntimeError, "dimension 1.* 3 is not divisible by .* 2"),
    "hsplit into none": (lambda lib: lib.ones(2, 3).hsplit(0), RuntimeError, "not divisible by the split_size 0"),
    "vsplit of a vector": (lambda lib: lib.ones(2).vsplit(1), RuntimeError, "vsplit requires .* at least 2 dim"),
    "dsplit of a matrix": (lambda lib: lib.ones(2, 2).dsplit(1), RuntimeError, "dsplit requires .* at least 3 dim"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib)
