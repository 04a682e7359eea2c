"""Shapes: what is refused, and what is no view though it looks like one."""

import pytest

import microtorch

MISTAKES = {
    "flatten backwards": (lambda lib: lib.ones(2, 3).flatten(1, 0), RuntimeError, "start_dim cannot come after end_dim"),
    "flatten of no dimension": (lambda lib: lib.ones(2).flatten(0, 5), IndexError, r"in range of \[-1, 0\], but got 5"),
    "flatten of a number": (lambda lib: lib.flatten(3), TypeError, "int"),
    "ravel of a list": (lambda lib: lib.ravel([1]), TypeError, "list"),
    "unflatten to another length": (lambda lib: lib.ones(2).unflatten(0, (3, 2)), RuntimeError, r"\[3, 2\].*\b2\b"),
    "unflatten to nothing": (lambda lib: lib.ones(2).unflatten(0, ()), RuntimeError, "sizes must be non-empty"),
    "unflatten to an int": (lambda lib: lib.ones(2).unflatten(0, 2), TypeError, "'sizes'.* must be (a )?tuple of ints, not int"),
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
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    program, error, message = MISTAKES[mistake]
    with pytest.raises(error, match=message):
        program(lib)


def test_a_view_of_other_bytes_is_refused_plainly():
    with pytest.raises(TypeError, match=r"microtorch\.int32.* not supported: use \.to"):
        microtorch.ones(2).view(microtorch.int32)


def test_sizes_may_be_whatever_counts_as_an_integer(lib):
    assert lib.ones(6).view(lib.tensor(2), 3).shape == (2, 3)
    assert lib.ones(2, 3).flatten(lib.tensor(0)).shape == (6,)


EXPRESSIONS = [
    "lib.tril_indices(3, 3)", "lib.tril_indices(2, 4, 1)", "lib.triu_indices(3, 2, -1)", "lib.triu_indices(2, 2, dtype=lib.int32)",
    "lib.triu_indices(0, 2)", "lib.tril_indices(2, 3, offset=-5)", "i.diag()", "i.diag_embed(1)", "(i > 1).diag()",
    "i.expand(2, 3).tril()", "lib.ones(2, 2, dtype=lib.bool).triu(1)", "lib.tensor([[float('nan'), 1.0]]).tril(-1)",
]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_is_what_torch_computes(torch, expression):
    mine, theirs = (eval(expression, {"lib": lib, "i": lib.tensor([3, 1, 2])}) for lib in (microtorch, torch))
    assert (mine.tolist(), str(mine.dtype)) == (theirs.tolist(), str(theirs.dtype).replace("torch", "microtorch"))
    assert mine.shape == theirs.shape
