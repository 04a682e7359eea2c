"""Products of all kinds: what has no gradient, and what is refused, as in torch."""

import pytest

import microtorch
from tests.libraries import assert_alike, graph

EXPRESSIONS = [
    "lib.addmm(i, i, i)", "lib.addmm(i[0], i, i, beta=2, alpha=3)", "lib.addmm(nan, x, x, beta=0)", "lib.addr(i, i[0], x[0])",
    "lib.outer(i[0], x[0])", "lib.outer(b[0], b[0])", "lib.inner(s, i)", "lib.inner(i, i)", "lib.kron(i, x)", "lib.kron(b, i)",
    "lib.tensordot(i, i, 1)", "lib.tensordot(i, i[:1], ([0], [0]))", "lib.tensordot(i, i, lib.tensor(2))",
    "lib.linalg.vecdot(x, x)", "lib.cross(t, t.flip(0))", "lib.cross(t[:2].t(), t[1:].t())",
    "lib.einsum('ij,jk', i, i)", "lib.einsum('ij->i', b)", "lib.einsum('ij,ij->ij', i, x)", "lib.einsum('ii->i', i)",
    "lib.einsum('ij->', e)", "lib.einsum('ij,jk', e, t)",
    "lib.cdist(x, x)", "lib.cdist(x, x, p=0)", "lib.cdist(e, e)", "lib.cdist(x[:, :0], x[:, :0])",
    "lib.cdist(x.repeat(20, 1), x, 2, 'donot_use_mm_for_euclid_dist')", "lib.chain_matmul(x)",
]  # fmt: skip


def evaluated(lib, expression):
    names = {
        "x": lib.tensor([[1.5, -2.0], [0.25, 3.0]], requires_grad=True),
        "i": lib.tensor([[1, 2], [3, 4]]),
        "t": lib.arange(9).reshape(3, 3),
        "b": lib.tensor([[True, False], [True, True]]),
        "s": lib.tensor(2.5),
        "e": lib.zeros(0, 3, dtype=lib.int64) if "t)" in expression else lib.zeros(0, 3),
        "nan": lib.tensor([[float("nan")] * 2] * 2),
    }
    return eval(expression, {"lib": lib}, names)


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_it_is_what_torch_computes(torch, expression):
    assert_alike(evaluated(microtorch, expression), evaluated(torch, expression))


# A length of 1 has a stride as well, of which torch decides whether all rows are one matrix.
VIEWS = {
    "all": "y", "of one row": "y[:1]", "every other": "y[::2]", "of one row in two": "y[:, ::2]", "transposed": "y.mT",
    "turned": "y.transpose(0, 1)", "one, turned": "y[:1].transpose(0, 1)", "none": "y[:0]", "unsqueezed": "x[None]",
    "unsqueezed and turned": "x[None].transpose(0, 1)", "unsqueezed inside": "x[:, None]", "of columns": "x[..., None]",
    "of one, unsqueezed": "x[:1].t()[:, None]", "unsqueezed twice": "x[0, None, None]",
    "unsqueezed past the step": "x[::2, None][None]",
    "expanded": "x.expand(2, 2, 3)", "expanded to one": "x.expand(1, 2, 3)", "expanded to one of one": "x.expand(1, 1, 2, 3)",
    "expanded of one": "x[:1].expand(2, 1, 3)", "expanded inside": "x[:, None].expand(2, 2, 3)",
    "expanded vector": "x[0].expand(1, 2, 1, 3)",
    "windows": "x.unfold(1, 2, 1)", "one window": "x.unfold(0, 2, 1)", "one of windows that overlap": "x[:1, :2].unfold(1, 2, 1)",
}  # fmt: skip


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_rows_of_a_batch_are_one_matrix_where_torch_finds_them_so(torch, view):
    strides, graphs = [], []
    for lib in (torch, microtorch):
        y = lib.arange(12.0).reshape(2, 2, 3).requires_grad_()
        batch = eval(view, {"x": y[0], "y": y})
        strides.append(batch.stride())
        graphs.append(graph(batch @ lib.ones(batch.shape[-1])))
    assert strides[0] == strides[1]
    assert graphs[0] == graphs[1]


MISTAKES = {
    "addmm of lengths that do not match": ("addmm(x(2, 4), x(2, 3), x(2, 4))", RuntimeError, "cannot be multiplied.*2x3 and 2x4"),
    "addmm to another shape": ("addmm(x(5), x(2, 3), x(3, 4))", RuntimeError, "expanded size of the tensor"),
    "addmm of a vector": ("addmm(x(4), x(3), x(3, 4))", RuntimeError, "mat1|2D"),
    "addmm of two dtypes": ("addmm(x(4).double(), x(2, 3), x(3, 4))", RuntimeError, "same dtype"),
    "addmm of a list": ("addmm([1.0], x(2, 3), x(3, 4))", TypeError, "list"),
    "addmm of bools": ("addmm(x(2, 2) > 0, x(2, 2) > 0, x(2, 2) > 0)", RuntimeError, "[bB]ool"),
    "addmm_ into a smaller one": ("zeros(4).addmm_(x(2, 3), x(3, 4))", RuntimeError, "shape|[sS]ize"),
    "addmv of matrices": ("addmv(x(2), x(2, 3), x(3, 1))", RuntimeError, "addmv|vector"),
    "baddbmm of other batches": ("baddbmm(x(3), x(2, 3, 4), x(3, 4, 3))", RuntimeError, "[bB]atch2?|multiplied"),
    "addr of a matrix": ("addr(x(3), x(3, 3), x(3))", RuntimeError, "Expected 1-D argument vec1, but got 2-D"),
    "addr to another shape": ("addr(x(3, 3), x(2), x(3))", RuntimeError, "expanded size of the tensor"),
    "outer of a matrix": ("outer(x(2, 2), x(2))", RuntimeError, "Expected 1-D argument.*but got 2-D"),
    "inner of lengths that differ": ("inner(x(3), x(2))", RuntimeError, r"last dimension must match.*\[3\] and \[2\]"),
    "inner of two dtypes": ("inner(x(3), x(3).double())", RuntimeError, "same dtype"),
    "vdot of matrices": ("vdot(x(2, 2), x(2, 2))", RuntimeError, "1D"),
    "tensordot of lengths that differ": ("tensordot(x(2, 3), x(2, 3), 1)", RuntimeError, "contracted dimensions need to match"),
    "tensordot of too many dimensions": ("tensordot(x(2, 3), x(3), 2)", RuntimeError, "dims < ndim_a or ndim_b, but got dims=2"),
    "tensordot of less than none": ("tensordot(x(2), x(2), -1)", RuntimeError, "dims >= 0, but got dims=-1"),
    "tensordot of lists that do not match": ("tensordot(x(2), x(2), ([0], []))", RuntimeError, "same length"),
    "tensordot of two numbers": ("tensordot(x(2), x(2), (0, 0))", TypeError, "dims"),
    "tensordot of a dimension twice": ("tensordot(x(2, 2), x(2, 2), ([0, 0], [0, 1]))", RuntimeError, "appears multiple times"),
    "tensordot of no dimension": ("tensordot(x(2), x(2), ([1], [0]))", IndexError, "Dimension out of range"),
    "multi_dot of one": ("linalg.multi_dot([x(2, 2)])", RuntimeError, "at least 2 tensors but got 1"),
    "multi_dot of lengths that differ": ("linalg.multi_dot([x(2, 3), x(2, 3)])", RuntimeError, "tensors 0 and 1 with shapes"),
    "multi_dot of a vector inside": ("linalg.multi_dot([x(2, 3), x(3), x(3)])", RuntimeError, "tensor 1 must be 2D but got 1D"),
    "multi_dot of a batch": ("linalg.multi_dot([x(2, 3, 1), x(3)])", RuntimeError, "first tensor must be 1D or 2D but got 3D"),
    "chain_matmul of none": ("chain_matmul()", RuntimeError, "one or more matrices"),
    "vecdot of two dtypes": ("linalg.vecdot(x(2), x(2).double())", RuntimeError, "same dtype"),
    "cross of other lengths": ("linalg.cross(x(2), x(2))", RuntimeError, "dimension -1 must have length 3. Got 2 and 2"),
    "cross of other ranks": ("linalg.cross(x(2, 3), x(3))", RuntimeError, "same number of dimensions"),
    "cross of two dtypes": ("linalg.cross(x(3), x(3).double())", RuntimeError, "expected"),
    "cross of what does not broadcast": ("linalg.cross(x(2, 3), x(4, 3))", RuntimeError, r"size of tensor a \(2\) must match"),
    "cross along none": ("cross(x(2, 2), x(2, 2))", RuntimeError, "no dimension of size 3 in input"),
    "cdist of other spaces": ("cdist(x(2, 3), x(2, 2))", RuntimeError, "number of columns. X1: 3 X2: 2"),
    "cdist of a vector": ("cdist(x(3), x(2, 3))", RuntimeError, "at least 2D tensors, X1 got: 1D"),
    "cdist of integers": ("cdist(x(2, 3), x(2, 3).long())", RuntimeError, "floating-point dtypes, X2"),
    "cdist of two dtypes": ("cdist(x(2, 3), x(2, 3).double())", RuntimeError, "expected"),
    "cdist of a negative power": ("cdist(x(2, 3), x(2, 3), p=-1)", RuntimeError, "non-negative p"),
    "cdist in no way": ("cdist(x(2, 3), x(2, 3), compute_mode='fast')", ValueError, "fast is not a valid value for compute_mode"),
    "einsum of lengths that differ": ("einsum('ij,jk', x(2, 3), x(2, 3))", RuntimeError, "j has size 2 for operand 1.*size 3"),
    "einsum to a new letter": ("einsum('ij->z', x(2, 3))", RuntimeError, "output subscript z does not appear"),
    "einsum to a letter twice": ("einsum('ij->ii', x(2, 3))", RuntimeError, "output subscript i appears more than once"),
    "einsum of too few letters": ("einsum('i', x(2, 3))", RuntimeError, r"subscripts in the equation \(1\).*dimensions \(2\)"),
    "einsum of too many letters": ("einsum('...ij', x(2))", RuntimeError, r"\(2\) is more than the number of dimensions \(1\)"),
    "einsum of too few operands": ("einsum('ij,jk', x(2, 3))", RuntimeError, "fewer operands"),
    "einsum of too many operands": ("einsum('ij', x(2, 3), x(2, 3))", RuntimeError, "more operands"),
    "einsum of a digit": ("einsum('i1', x(2, 3))", RuntimeError, "invalid subscript given at index 1"),
    "einsum to a digit": ("einsum('ij->1', x(2, 3))", RuntimeError, "invalid subscript given at index 4"),
    "einsum of a dot": ("einsum('.ij', x(2, 3))", RuntimeError, "operand 0 that is not part of any ellipsis"),
    "einsum of two ellipses": ("einsum('...i...', x(2, 3))", RuntimeError, "for which an ellipsis was already found"),
    "einsum to two ellipses": ("einsum('ij->... ...', x(2, 3))", RuntimeError, "an ellipsis.*was already found"),
    "einsum of no diagonal": ("einsum('ii', x(2, 3))", RuntimeError, "i is repeated for operand 0.*3 != 2"),
    "einsum of what does not broadcast": ("einsum('...i,...i', x(2, 3), x(4, 3))", RuntimeError, "ellipsis.*has size 4.*size 2"),
    "einsum of nothing": ("einsum('')", ValueError, "at least one operand"),
    "einsum of a number too large": ("einsum(x(2), [52])", ValueError, r"valid range \[0, 52\)"),
    "einsum of two dtypes": ("einsum('i,i', x(2), x(2).double())", RuntimeError, "dtype|scalar type"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    program, error, message = MISTAKES[mistake]
    with pytest.raises(error, match=message):
        eval(program, vars(lib) | {"x": lib.ones})


def test_distances_of_zero_have_gradients_of_zero(lib):
    for p in (0.5, 1.0, 2.0, 3.0, float("inf")):
        x = lib.tensor([[1.0, 2.0]], requires_grad=True)
        lib.cdist(x, x.detach(), p=p).sum().backward()
        assert x.grad.tolist() == [[0.0, 0.0]]


def test_the_distances_of_many_points_are_one_product(torch):
    graphs = []
    for library in (microtorch, torch):
        x, y = library.ones(2, 26, 3, requires_grad=True), library.ones(1, 3, requires_grad=True)
        graphs.append(graph(library.cdist(x, y)))
        assert graph(library.cdist(x, y, p=1)) == "CdistBackward0(AccumulateGrad, AccumulateGrad)"
    assert graphs[0] == graphs[1]
