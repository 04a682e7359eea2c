"""Shapes: what is refused, and what is no view though it looks like one."""

import numpy as np
import pytest

import microtorch
from tests.libraries import assert_alike, assert_refused

MISTAKES = {
    "flatten backwards": (lambda lib: lib.ones(2, 3).flatten(1, 0), RuntimeError, "start_dim cannot come after end_dim"),
    "flatten of no dimension": (lambda lib: lib.ones(2).flatten(0, 5), IndexError, r"in range of \[-1, 0\], but got 5"),
    "flatten of a number": (lambda lib: lib.flatten(3), TypeError, "int"),
    "ravel of a list": (lambda lib: lib.ravel([1]), TypeError, "list"),
    "unflatten to another length": (lambda lib: lib.ones(2).unflatten(0, (3, 2)), RuntimeError, r"\[3, 2\].*\b2\b"),
    "unflatten to nothing": (lambda lib: lib.ones(2).unflatten(0, ()), RuntimeError, "sizes must be non-empty"),
    "unflatten to an int": (lambda lib: lib.ones(2).unflatten(0, 2), TypeError, "'sizes'.* must be (a )?tuple of ints"),
    "unflatten to what nobody can tell": (
        lambda lib: lib.ones(4).unflatten(0, (-1, -1)), RuntimeError, "only one dimension can be inferred"),
    "movedim of one to several": (lambda lib: lib.ones(2, 3).movedim(0, (0, 1)), TypeError, "movedim"),
    "movedim of several to fewer": (
        lambda lib: lib.ones(2, 3).movedim((0, 1), (0,)), RuntimeError, "source.* should contain the same number of dims"),
    "movedim of one twice": (lambda lib: lib.ones(2, 3).movedim((0, 0), (0, 1)), RuntimeError, "repeated dim in `source`"),
    "movedim to one place": (lambda lib: lib.ones(2, 3).movedim((0, 1), (0, 0)), RuntimeError, "repeated dim in .*`destination`"),
    "movedim beyond the end": (lambda lib: lib.ones(2).movedim(0, 1), IndexError, r"in range of \[-1, 0\], but got 1"),
    "squeeze twice": (lambda lib: lib.ones(1, 2).squeeze((0, -2)), RuntimeError, "appears multiple times in the list of dims"),
    "squeeze of no dimension": (lambda lib: lib.ones(1, 2).squeeze((0, 3)), IndexError, "but got 3"),
    "broadcast_to fewer dimensions": (lambda lib: lib.broadcast_to(lib.ones(2, 3), (3,)), RuntimeError, "expand"),
    "broadcast_to another length": (lambda lib: lib.ones(2, 3).broadcast_to(3, 3), RuntimeError, r"expand.*\(?3, 3"),
    "view_as of a number": (lambda lib: lib.ones(2).view_as(3), TypeError, "int"),
    "expand_as of a list": (lambda lib: lib.ones(2).expand_as([1, 2]), TypeError, "list"),
    "view of a float": (lambda lib: lib.ones(2).view(2.0), TypeError, "float"),
    "reshape to a string": (lambda lib: lib.ones(2).reshape("2"), TypeError, "str"),
    "reshape of a list": (lambda lib: lib.reshape([1, 2], (2,)), TypeError, "list"),
    "t of a list": (lambda lib: lib.t([1, 2]), TypeError, "list"),
    "adjoint of a vector": (lambda lib: lib.ones(2).adjoint(), RuntimeError, "only supported on matrices.* Got 1-D tensor"),
    "atleast_1d of a number": (lambda lib: lib.atleast_1d(3), TypeError, "int"),
    "atleast_2d of a list with a number": (lambda lib: lib.atleast_2d([lib.ones(2), 3]), TypeError, "int"),
    "the diagonal of a vector": (lambda lib: lib.ones(2).diagonal(), IndexError, r"in range of \[-1, 0\], but got 1"),
    "the diagonal of one dimension": (
        lambda lib: lib.ones(2, 2).diagonal(0, 1, 1), RuntimeError, "diagonal dimensions cannot be identical 1, 1"),
    "a diagonal between two": (lambda lib: lib.ones(2, 2).diagonal(0.5), TypeError, "float"),
    "diag of a number": (lambda lib: lib.tensor(1.0).diag(), RuntimeError, "1D or 2D tensors. Got 0D"),
    "diag of a list": (lambda lib: lib.diag([1, 2]), TypeError, "list"),
    "diag_embed into one dimension": (
        lambda lib: lib.diag_embed(lib.ones(2), 0, 0, 0), RuntimeError, "cannot be identical 0, 0"),
    "diag_embed of a number": (lambda lib: lib.diag_embed(lib.tensor(1.0)), IndexError, "but got -2"),
    "tril of a vector": (lambda lib: lib.ones(2).tril(), RuntimeError, "tril: input tensor must have at least 2 dim"),
    "triu_ of a vector": (lambda lib: lib.ones(2).triu_(), RuntimeError, "at least 2 dim"),
    "tril_indices of fewer than no rows": (lambda lib: lib.tril_indices(-1, 2), RuntimeError, "row must be non-negative"),
    "tril_indices of half a row": (lambda lib: lib.tril_indices(0.5, 2), TypeError, r"row\b.* int, not float"),
    "triu_indices of half a column": (lambda lib: lib.triu_indices(2, 0.5), TypeError, r"col\b.* int, not float"),
    "triu_indices half a step off": (lambda lib: lib.triu_indices(2, 2, 0.5), TypeError, r"offset\b.* int, not float"),
    "tril_indices half a step off": (lambda lib: lib.tril_indices(2, 2, 0.5), TypeError, r"offset\b.* int, not float"),
    "windows longer than the dimension": (
        lambda lib: lib.ones(2).unfold(0, 3, 1), RuntimeError, "maximum size for tensor at dimension 0 is 2 but size is 3"),
    "windows of a negative length": (lambda lib: lib.ones(2).unfold(0, -1, 1), RuntimeError, "size is -1 but must be >= 0"),
    "windows that do not move": (lambda lib: lib.ones(2).unfold(0, 1, 0), RuntimeError, "step is 0 but must be > 0"),
    "windows of half an element": (lambda lib: lib.ones(2).unfold(0, 0.5, 1), TypeError, "float"),
    "as_strided beyond the memory": (
        lambda lib: lib.ones(2, 3).as_strided((2, 2), (4, 2)), RuntimeError, r"\[2, 2\], strides \[4, 2\].* out of bounds"),
    "as_strided with too few strides": (lambda lib: lib.ones(2).as_strided((2,), ()), RuntimeError, "mismatch in length"),
    "as_strided backwards": (lambda lib: lib.ones(2).as_strided((2,), (-1,), 1), RuntimeError, "[Nn]egative"),
    "as_strided before the memory": (lambda lib: lib.ones(2).as_strided((1,), (1,), -1), RuntimeError, "storage offset -1"),
    "flip of no dimension": (lambda lib: lib.ones(2, 3).flip(2), IndexError, r"in range of \[-2, 1\], but got 2"),
    "flip of one twice": (lambda lib: lib.ones(2, 3).flip(0, -2), RuntimeError, "appears multiple times"),
    "flip without saying where": (lambda lib: lib.ones(2).flip(), TypeError, "missing 1 required positional argument.*dims"),
    "flip of a list": (lambda lib: lib.flip([1, 2], (0,)), TypeError, "list"),
    "fliplr of a vector": (lambda lib: lib.ones(2).fliplr(), RuntimeError, "Input must be >= 2-d"),
    "flipud of a number": (lambda lib: lib.tensor(1.0).flipud(), RuntimeError, "Input must be >= 1-d"),
    "roll by too many": (lambda lib: lib.ones(2).roll((1, 2), 0), RuntimeError, "must align. shifts: 2, dims:1"),
    "roll by nothing": (lambda lib: lib.ones(2).roll(()), RuntimeError, "`shifts` required"),
    "roll by half": (lambda lib: lib.ones(2).roll(0.5), TypeError, "float"),
    "roll of a number along a dimension": (lambda lib: lib.tensor(1.0).roll(1, 0), IndexError, "tensor has no dimensions"),
    "rot90 of a vector": (lambda lib: lib.ones(2).rot90(), RuntimeError, "total dims >= 2, but got total dims = 1"),
    "rot90 in no plane": (lambda lib: lib.ones(2, 2).rot90(1, (0,)), RuntimeError, "rotation dims == 2, but got dims = 1"),
    "rot90 in one dimension": (
        lambda lib: lib.ones(2, 2).rot90(1, (0, 0)), RuntimeError, "to be different, but got dim0 = 0 and dim1 = 0"),
    "rot90 in an int": (lambda lib: lib.ones(2, 2).rot90(1, 0), TypeError, "'dims'.* tuple of ints, not int"),
    "rot90 by half": (lambda lib: lib.ones(2, 2).rot90(0.5), TypeError, "float"),
    "repeat along too few dimensions": (
        lambda lib: lib.ones(2, 3).repeat(2), RuntimeError, "Number of dimensions of repeat dims can not be smaller"),
    "repeat less than never": (lambda lib: lib.ones(2).repeat(-1), RuntimeError, "negative dimension"),
    "tile by half": (lambda lib: lib.ones(2).tile(0.5), TypeError, "float"),
    "repeat_interleave less than never": (lambda lib: lib.ones(2).repeat_interleave(-1), RuntimeError, "must be non-negative"),
    "repeat_interleave by a list": (lambda lib: lib.ones(2).repeat_interleave([1, 2]), TypeError, "list"),
    "repeat_interleave by too many": (
        lambda lib: lib.ones(2).repeat_interleave(lib.tensor([1, 2, 3])), RuntimeError, r"same size as input.* 3 and .* 2"),
    "repeat_interleave by a negative number": (
        lambda lib: lib.ones(2).repeat_interleave(lib.tensor([-1, 2])), RuntimeError, "repeats can not be negative"),
    "repeat_interleave by a matrix": (
        lambda lib: lib.ones(2).repeat_interleave(lib.tensor([[1, 2]])), RuntimeError, "0-dim or 1-dim tensor"),
    "repeat_interleave by floats": (
        lambda lib: lib.ones(2).repeat_interleave(lib.tensor([1.0, 2.0])), RuntimeError, "[Ff]loat"),
    "meshgrid of nothing": (lambda lib: lib.meshgrid(indexing="ij"), RuntimeError, "non-empty"),
    "meshgrid of a matrix": (lambda lib: lib.meshgrid(lib.ones(2, 3), indexing="ij"), RuntimeError, "Expected 0D or 1D tensor"),
    "meshgrid of numbers": (lambda lib: lib.meshgrid([1, 2], indexing="ij"), TypeError, "element 0.*int"),
    "meshgrid of two dtypes": (
        lambda lib: lib.meshgrid(lib.ones(2), lib.arange(2), indexing="ij"), RuntimeError, "to have the same dtype"),
    "meshgrid in another order": (lambda lib: lib.meshgrid(lib.ones(2), indexing="ji"), RuntimeError, '"xy" or "ij".*ji'),
    "cartesian_prod of a matrix": (lambda lib: lib.cartesian_prod(lib.ones(2, 3)), RuntimeError, r"1D vector, .* \[2, 3\]"),
    "hstack of nothing": (lambda lib: lib.hstack(()), RuntimeError, "hstack.* expect.* non-empty"),
    "hstack of one that is in no list": (lambda lib: lib.hstack(lib.ones(2)), TypeError, "hstack.*'tensors'.*tuple"),
    "hstack of a vector and a matrix": (
        lambda lib: lib.hstack((lib.ones(2), lib.ones(2, 2))), RuntimeError, "same number of dimensions: got 1 and 2"),
    "vstack of two lengths": (
        lambda lib: lib.vstack((lib.ones(3), lib.ones(2))), RuntimeError, "in dimension 0. Expected size 3 but got size 2"),
    "dstack of numbers": (lambda lib: lib.dstack([1, 2]), TypeError, "element 0.*int"),
    "column_stack of nothing": (lambda lib: lib.column_stack([]), RuntimeError, "column_stack.* expect.* non-empty"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib)


def test_a_view_of_other_bytes_is_refused_plainly():
    with pytest.raises(TypeError, match=r"microtorch\.int32.* not supported: use \.to"):
        microtorch.ones(2).view(microtorch.int32)


def test_sizes_may_be_whatever_counts_as_an_integer(lib):
    assert lib.ones(6).view(lib.tensor(2), 3).shape == (2, 3)
    assert lib.ones(2, 3).flatten(lib.tensor(0)).shape == (6,)


def test_as_strided_sees_the_whole_memory_of_the_base_and_gives_gradients_to_its_own_elements_alone(lib):
    x = lib.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    everything = x[1].as_strided((6,), (1,), 0)
    assert everything.tolist() == [1, 2, 3, 4, 5, 6]
    (everything * everything).sum().backward()
    assert x.grad.tolist() == [[0, 0, 0], [8, 10, 12]]


@pytest.mark.parametrize("view", ["x", "x[1]", "x[:, 2:]", "x[1].unfold(0, 2, 1)[1]", "x.t()[1:]", "x.diagonal(1)", "x[2:]"])
def test_as_strided_at_the_offset_of_a_view_is_that_view_again(lib, view):
    part = eval(view, {"x": lib.arange(6).reshape(2, 3)})
    again = part.as_strided(part.shape, part.stride(), part.storage_offset())
    assert again.tolist() == part.as_strided(part.shape, part.stride()).tolist() == part.tolist()


def test_as_strided_of_elements_that_share_memory_is_refused_where_a_gradient_is_required():
    x = microtorch.ones(1, 3)
    assert x.expand(2, 3).as_strided((3,), (1,)).tolist() == [1, 1, 1]
    with pytest.raises(RuntimeError, match=r"expand\(\).*clone\(\)"):
        x.requires_grad_().expand(2, 3).as_strided((3,), (1,))


@pytest.mark.parametrize("windows", [lambda x: x.unfold(0, 2, 1), lambda x: x.as_strided((2, 2), (1, 1))])
def test_windows_that_overlap_are_not_changed_in_place(windows):
    x = microtorch.zeros(3)
    with pytest.raises(RuntimeError, match=r"more than one element .* single memory location"):
        windows(x).add_(1)
    assert windows(x).fill_(2).tolist() == [[2, 2], [2, 2]]


EXPRESSIONS = [
    "lib.tril_indices(3, 3)", "lib.tril_indices(2, 4, 1)", "lib.triu_indices(3, 2, -1)", "lib.triu_indices(0, 2)",
    "lib.triu_indices(2, 2, dtype=lib.int32)", "lib.tril_indices(2, 3, offset=-5)", "i.diag()", "i.diag_embed(1)",
    "(i > 1).diag()", "i.expand(2, 3).tril()", "lib.ones(2, 2, dtype=lib.bool).triu(1)",
    "lib.tensor([[float('nan'), 1.0]]).tril(-1)", "i.flip(0)", "i.roll(-1)", "i.repeat(2)", "i.tile(2, 2)",
    "i.repeat_interleave(i)", "(i > 1).repeat_interleave(2)", "lib.hstack((i, i > 1))", "lib.vstack((i, i + 0.5))",
    "lib.cartesian_prod(i, i)", "lib.meshgrid(i, i, indexing='xy')[1]", "lib.repeat_interleave(i, repeats=lib.tensor(2), dim=0)",
    "lib.flip(i, dims=[0])", "lib.tile(i, dims=(2,))", "i.repeat(repeats=(2,))", "lib.rot90(i.expand(2, 3), dims=[1, 0])",
]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_is_what_torch_computes(torch, expression):
    mine, theirs = (eval(expression, {"lib": lib, "i": lib.tensor([3, 1, 2])}) for lib in (microtorch, torch))
    assert_alike(mine, theirs)


NUMPY = [
    "squeeze(x[:1])", "broadcast_to(x, (2, 2, 3))", "moveaxis(x, 0, 1)", "ravel(x)", "atleast_1d(x[0, 0])", "atleast_2d(x[0])",
    "atleast_3d(x)", "diag(x, 1)", "diagonal(x)", "tril(x, -1)", "triu(x)", "flip(x)", "flip(x, 1)", "fliplr(x)", "flipud(x)",
    "roll(x, 1)", "roll(x, 1, 1)", "rot90(x)", "tile(x, (2, 1))", "repeat(x, 2)", "repeat(x, 2, 0)", "meshgrid(x[0], x[:, 0])[1]",
    "hstack((x, x))", "vstack((x, x))", "dstack((x, x))", "column_stack((x, x[:, 0]))", "array_split(x, 2)[1]",
    "array_split(x, [1], 1)[1]", "hsplit(x, 3)[1]", "vsplit(x, 2)[1]", "dsplit(x[None], [1])[1]",
]  # fmt: skip


@pytest.mark.parametrize("expression", NUMPY)
def test_numpys_functions_mean_the_same_and_are_recorded(expression):
    array = np.arange(6.0).reshape(2, 3)
    mine = eval(f"np.{expression}", {"np": np, "x": microtorch.tensor(array, requires_grad=True)})
    np.testing.assert_array_equal(mine.detach().numpy(), eval(f"np.{expression}", {"np": np, "x": array}))
    assert mine.requires_grad
