"""Linear algebra: what has no gradient or a named result, what matrices do not allow, and gradients where they are special."""

from contextlib import nullcontext

import numpy as np
import pytest

import microtorch
from tests.libraries import assert_alike, graph

EXPRESSIONS = [
    "lib.linalg.matrix_rank(s)", "lib.linalg.matrix_rank(batch)", "lib.linalg.matrix_rank(lib.zeros(3, 0))",
    "lib.linalg.matrix_rank(s, hermitian=True)", "lib.linalg.matrix_rank(2 * eye, tol=3.0)",
    "lib.linalg.matrix_rank(2 * eye, 3.0)",
    "lib.linalg.matrix_rank(eye, atol=2.0, rtol=0.1)", "lib.linalg.matrix_rank(lib.diag(d), rtol=0.5)",
    "lib.linalg.det(s)", "lib.linalg.det(lib.zeros(0, 0))", "lib.linalg.det(batch)", "lib.linalg.slogdet(s)[1]",
    "lib.slogdet(-eye)[0]",
    "lib.linalg.slogdet(batch).logabsdet", "lib.logdet(-lib.eye(3))", "lib.logdet(s)", "lib.trace(i)",
    "lib.linalg.inv(lib.zeros(0, 0))",
    "lib.linalg.inv(lib.zeros(2, 0, 0))", "lib.linalg.inv(eye * lib.tensor(lib.nan))",
    "lib.linalg.solve(lib.zeros(0, 0), lib.zeros(0, 2))",
    "lib.linalg.solve(lib.zeros(0, 0), lib.zeros(0))", "lib.linalg.solve_triangular(s, d[:, None], upper=True)",
    "lib.linalg.solve_triangular(lib.triu(s, 1), d[:, None], upper=True)",
    "lib.linalg.solve_triangular(lib.tril(s, -1), d[:, None], upper=False)",
    "lib.linalg.cholesky(lib.tensor([[4.0, 9.0], [2.0, 5.0]]))",
    "lib.linalg.cholesky(lib.tensor([[4.0, 2.0], [9.0, 5.0]]), upper=True)",
    "lib.linalg.cholesky(lib.zeros(0, 0))", "lib.linalg.qr(lib.zeros(0, 3)).R", "lib.linalg.qr(lib.zeros(3, 0), 'complete').Q",
    "lib.linalg.qr(lib.zeros(3, 2), 'r').Q", "lib.linalg.eigvalsh(lib.tensor([[1.0, 9.0], [2.0, 5.0]]), UPLO='U').round()",
    "lib.linalg.eigh(lib.zeros(0, 0)).eigenvectors", "lib.linalg.svdvals(lib.zeros(2, 0))", "lib.linalg.svd(lib.zeros(2, 0)).U",
    "lib.svd(s, compute_uv=False).U", "lib.linalg.pinv(lib.zeros(2, 0))", "lib.linalg.pinv(lib.ones(2, 2), atol=3.0)",
    "lib.linalg.pinv(lib.diag(d), rtol=0.5)", "lib.linalg.pinv(lib.diag(d), 0.5)", "lib.pinverse(lib.diag(d), 0.5)",
    "lib.linalg.pinv(lib.stack([lib.diag(d)] * 2), rtol=d)", "lib.linalg.lstsq(eye, d)[2]", "lib.linalg.lstsq(eye, d).residuals",
    "lib.linalg.lstsq(lib.diag(d), d, 0.5).rank", "lib.linalg.lstsq(eye, d, driver='gelsd').singular_values",
    "lib.linalg.lstsq(lib.ones(3, 1), lib.tensor([1.0, 2.0, 3.0]), driver='gels').residuals",
    "lib.linalg.matrix_power(i, 3)", "lib.linalg.matrix_power(i, 0)", "lib.linalg.norm(lib.zeros(2, 0), 2)",
    "lib.linalg.norm(lib.zeros(2, 0), 1)",
    "lib.linalg.norm(lib.zeros(2, 0), lib.inf)", "lib.linalg.matrix_norm(s.double(), 'nuc', dtype=lib.float64).round()",
    "lib.linalg.matrix_norm(s, 1, dtype=lib.float64)",
]  # fmt: skip


def evaluated(lib, expression):
    s = lib.tensor([[1.0, 2.0], [2.0, 4.0]])
    names = {
        "s": s,
        "eye": lib.eye(2),
        "batch": lib.stack([lib.eye(2), s]),
        "d": lib.tensor([1.0, 0.125]),
        "i": lib.tensor([[1, 2], [3, 4]]),
    }
    return eval(expression, {"lib": lib}, names)


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning", "ignore:.*:UserWarning")
def test_it_is_what_torch_computes(torch, expression):
    assert_alike(evaluated(microtorch, expression), evaluated(torch, expression), rtol=1e-5, atol=1e-6)


NAMED = [
    "linalg.qr(x)",
    "qr(x)",
    "linalg.slogdet(x)",
    "slogdet(x)",
    "linalg.eigh(x)",
    "linalg.svd(x)",
    "svd(x)",
    "linalg.lstsq(x, x)",
]


@pytest.mark.parametrize("call", NAMED)
@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_several_results_have_the_names_of_torch(torch, call):
    mine, theirs = (type(eval(call, vars(lib) | {"x": lib.eye(2)})) for lib in (microtorch, torch))
    fields = set(dir(theirs)) - set(dir(tuple))
    assert (mine.__name__, mine.__module__) == (theirs.__name__, "microtorch.return_types")
    assert set(mine._fields) == {name for name in fields if not name.startswith(("_", "n_"))}


BATCH = "stack([eye(2), singular])"
MISTAKES = {
    "inv of a rectangle": ("linalg.inv(ones(2, 3))", RuntimeError, "linalg.inv: A must be.*square matrices, but they are 2 by 3"),
    "inv of a vector": ("linalg.inv(ones(2))", RuntimeError, "input tensor A must have at least 2 dimensions"),
    "inv of integers": ("linalg.inv(ones(2, 2).long())", RuntimeError, "Expected a floating point.*Got"),
    "inv of half": ("linalg.inv(ones(2, 2).half())", RuntimeError, "Low precision dtypes not supported. Got"),
    "inv of a list": ("linalg.inv([[1.0]])", TypeError, "list"),
    "inv of a singular matrix": (
        "linalg.inv(singular)", "linalg.LinAlgError",
        "element 2 is zero, the inversion could not be completed because the input matrix is singular"),
    "inv of zeros": ("inverse(zeros(3, 3))", "linalg.LinAlgError", "linalg.inv: The diagonal element 1 is zero"),
    "inv in a batch": (
        f"linalg.inv({BATCH})", "linalg.LinAlgError", r"linalg.inv: \(Batch element 1\): The diagonal element 2 is zero"),
    "det of a rectangle": ("linalg.det(ones(2, 3))", RuntimeError, "linalg.det: A must be.*square"),
    "det of integers": ("det(ones(2, 2).long())", RuntimeError, "floating point"),
    "logdet of a rectangle": ("logdet(ones(2, 3))", RuntimeError, "logdet: A must be.*square"),
    "slogdet of a rectangle": ("linalg.slogdet(ones(2, 3))", RuntimeError, "slogdet: A must be.*square"),
    "trace of a vector": ("trace(ones(2))", RuntimeError, "expected a matrix, but got tensor with dim 1"),
    "trace of bools": ("trace(ones(2, 2) > 0)", RuntimeError, "[bB]ool"),
    "solve of a singular matrix": (
        "linalg.solve(singular, ones(2))", "linalg.LinAlgError",
        "torch.linalg.solve: The solver failed because the input matrix is singular."),
    "solve in a batch": (f"linalg.solve({BATCH}, ones(2, 2))", "linalg.LinAlgError", r"\(Batch element 1\): The solver failed"),
    "solve of other lengths": (
        "linalg.solve(eye(2), ones(3))", RuntimeError, r"Incompatible shapes of A and B.*AX = B \(2x2 and 3x1\)"),
    "solve from the right": ("linalg.solve(eye(2), ones(2), left=False)", RuntimeError, r"XA = B \(2x2 and 2x1\)"),
    "solve of two dtypes": ("linalg.solve(eye(2), ones(2).double())", RuntimeError, "A and B to have the same dtype"),
    "solve for a number": ("linalg.solve(eye(2), tensor(1.0))", RuntimeError, "tensor B must have at least 2 dimensions"),
    "solve of other batches": ("linalg.solve(ones(3, 2, 2), ones(4, 2, 2))", RuntimeError, r"size of tensor .* must match"),
    "solve_triangular for a vector": (
        "linalg.solve_triangular(eye(2), ones(2), upper=True)", RuntimeError, "tensor B must have at least 2 dimensions"),
    "solve_triangular of other lengths": (
        "linalg.solve_triangular(eye(2), ones(3, 1), upper=True)", RuntimeError, r"Incompatible shapes.*AX = B \(2x2 and 3x1\)"),
    "solve_triangular of no triangle": ("linalg.solve_triangular(eye(2), ones(2, 1))", TypeError, "upper"),
    "cholesky of an indefinite matrix": (
        "linalg.cholesky(singular)", "linalg.LinAlgError",
        "could not be completed because the input is not positive-definite .*of order 2"),
    "cholesky in a batch": (
        "linalg.cholesky(stack([eye(2), -eye(2)]))", "linalg.LinAlgError", r"\(Batch element 1\).*leading minor of order 1"),
    "cholesky of nan": ("linalg.cholesky(eye(2) * tensor(nan))", "linalg.LinAlgError", "leading minor of order 1"),
    "the older cholesky": ("cholesky(-eye(2))", "linalg.LinAlgError", "^cholesky: The factorization"),
    "cholesky of a rectangle": ("linalg.cholesky(ones(2, 3))", RuntimeError, "square matrices"),
    "qr in no mode": (
        "linalg.qr(eye(2), 'full')", RuntimeError, "qr received unrecognized mode 'full' but expected one of 'reduced'"),
    "qr of a vector": ("linalg.qr(ones(2))", RuntimeError, "at least 2 dimensions"),
    "qr of integers": ("linalg.qr(eye(2).long())", RuntimeError, "floating point"),
    "eigh of no triangle": ("linalg.eigh(eye(2), 'X')", RuntimeError, "Expected UPLO argument to be 'L' or 'U', but got X"),
    "eigh of a rectangle": ("linalg.eigh(ones(2, 3))", RuntimeError, "linalg.eigh: A must be.*square"),
    "eigh of integers": ("linalg.eigh(eye(2).long())", RuntimeError, "linalg.?eigh"),
    "svd of nan": (
        "linalg.svd(eye(2) * tensor(nan))", "linalg.LinAlgError",
        "failed to converge because the input matrix contained non-finite"),
    "svd of a vector": ("svd(ones(2))", RuntimeError, "at least 2 dimensions"),
    "svdvals of integers": ("linalg.svdvals(eye(2).long())", RuntimeError, "floating point"),
    "pinv of a vector": ("linalg.pinv(ones(2))", RuntimeError, "linalg.pinv.*2 (or more )?dimensions"),
    "pinv of a rectangle as symmetric": ("linalg.pinv(ones(2, 3), hermitian=True)", RuntimeError, "square"),
    "lstsq of vectors": ("linalg.lstsq(ones(2), ones(2))", RuntimeError, "input.* must have at least 2 dimensions"),
    "lstsq of other lengths": (
        "linalg.lstsq(ones(3, 2), ones(2))", RuntimeError, r"input.size\(-2\) should match other.size\(-1\)"),
    "lstsq of other ranks": (
        "linalg.lstsq(ones(2, 4, 3), ones(4))", RuntimeError, r"input.dim\(\) must be greater or equal to other.dim"),
    "lstsq of two dtypes": ("linalg.lstsq(ones(2, 2), ones(2).double())", RuntimeError, "same dtype"),
    "lstsq in no way": ("linalg.lstsq(ones(2, 2), ones(2), driver='qr')", RuntimeError, "`driver` should be one of"),
    "matrix_power of a rectangle": ("linalg.matrix_power(ones(2, 3), 2)", RuntimeError, "square"),
    "a negative power of a singular matrix": (
        "linalg.matrix_power(singular, -2)", "linalg.LinAlgError", "linalg.inv: The diagonal element 2"),
    "half a power": ("linalg.matrix_power(eye(2), 0.5)", TypeError, "'n'.*must be int, not float"),
    "a negative power of integers": (
        "linalg.matrix_power(eye(2).long(), -1)", RuntimeError, "linalg.inv: Expected a floating point"),
    "rank of a vector": ("linalg.matrix_rank(ones(2))", RuntimeError, "tensor input must have at least 2 dimensions"),
    "norm of no order": ("linalg.norm(eye(2), 'max')", RuntimeError, "linalg.matrix_norm: Order max not supported"),
    "norm of a third order": ("linalg.norm(eye(2), 3)", RuntimeError, "linalg.matrix_norm: Order 3 not supported"),
    "norm of three dimensions": ("linalg.norm(ones(2, 3, 4), 2)", RuntimeError, "the input must be 1D or 2D. Got 3D"),
    "norm along three dimensions": (
        "linalg.norm(ones(2, 3, 4), 2, (0, 1, 2))", RuntimeError, r"must be of length 1 or 2. Got \[0, 1, 2\]"),
    "a matrix's norm of a vector": ("linalg.norm(ones(2), 'nuc')", RuntimeError, "linalg.matrix_norm"),
    "norm along one dimension twice": (
        "linalg.matrix_norm(eye(2), 2, (0, 0))", RuntimeError, r"dims must be different. Got \(0, 0\)"),
    "norm along no dimension": ("linalg.matrix_norm(eye(2), 2, (0, 5))", IndexError, "Dimension out of range"),
    "norm along one dimension": ("linalg.matrix_norm(eye(2), 2, (0,))", RuntimeError, "dim must be a 2-tuple"),
    "norm of integers": ("linalg.norm(eye(2).long(), 1)", RuntimeError, "floating point"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    program, error, message = MISTAKES[mistake]
    kind = lib.linalg.LinAlgError if error == "linalg.LinAlgError" else error
    with pytest.raises(kind, match=message):
        eval(program, vars(lib) | {"singular": lib.tensor([[1.0, 2.0], [2.0, 4.0]])})


def test_a_linear_algebra_error_is_a_runtime_error(lib):
    assert issubclass(lib.linalg.LinAlgError, RuntimeError)


SPECIAL = {
    "det of a singular matrix": ("linalg.det(x)", [[1.0, 2.0], [2.0, 4.0]]),
    "det of a singular matrix of three": ("linalg.det(x)", [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [5.0, 7.0, 9.0]]),
    "det of rank 1": ("linalg.det(x)", [[1.0, 1.0, 1.0]] * 3),
    "dets, of which one is of a singular matrix": ("linalg.det(x)", [[[1.0, 2.0], [2.0, 4.0]], [[1.0, 2.0], [0.5, 4.0]]]),
    "logdet of a negative one": ("logdet(x)", [[-1.0, 0.0], [0.0, 2.0]]),
    "eigenvalues that are equal": ("linalg.eigvalsh(x)", [[1.0, 0.0], [0.0, 1.0]]),
    "eigenvectors to equal values": ("linalg.eigh(x)[1]", [[1.0, 0.0], [0.0, 1.0]]),
    "singular values that are equal": ("linalg.svdvals(x)", [[1.0, 0.0], [0.0, 1.0]]),
    "singular vectors to equal values": ("linalg.svd(x)[0]", [[1.0, 0.0], [0.0, 1.0]]),
    "the spectral norm of equal values": ("linalg.matrix_norm(x, 2)", [[1.0, 0.0], [0.0, 1.0]]),
    "the nuclear norm of a singular matrix": ("linalg.matrix_norm(x, 'nuc')", [[2.0, 0.0], [0.0, 0.0]]),
    "pinv of a singular matrix": ("linalg.pinv(x)", [[1.0, 1.0], [1.0, 1.0]]),
    "lstsq of a singular matrix": ("linalg.lstsq(x, x[0])[0]", [[1.0, 1.0], [1.0, 1.0]]),
    "qr with more columns": ("linalg.qr(x)[1]", [[1.0, 2.0, 5.0], [3.0, -1.0, 4.0]]),
    "a large matrix by many small ones": ("linalg.matrix_norm(x, 1)", [[1.0, 2.0], [-2.0, 1.0]]),
}


@pytest.mark.parametrize("case", SPECIAL)
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_gradients_at_special_points_are_those_of_torch(torch, case):
    expression, values = SPECIAL[case]
    found = []
    for lib in (microtorch, torch):
        x = lib.tensor(values, dtype=lib.float64, requires_grad=True)
        out = eval(expression, vars(lib) | {"x": x})
        (first,) = lib.autograd.grad((out * lib.arange(1.0, out.numel() + 1).reshape(out.shape)).sum(), x, create_graph=True)
        (second,) = lib.autograd.grad((first * first).sum(), x)
        found.append((graph(out), first.detach().numpy(), second.numpy(force=True)))
    (ours, first, second), (theirs, expected, expected_second) = found
    assert ours == theirs
    np.testing.assert_allclose(first, expected, rtol=1e-8, atol=1e-8)
    differs = np.isfinite(expected_second)
    np.testing.assert_allclose(second[differs], expected_second[differs], rtol=1e-7, atol=1e-7)


NOT_DIFFERENTIABLE = {
    "qr of a tall matrix, complete": ("linalg.qr(x, 'complete')[1]", "not differentiable when mode='complete' and nrows > ncols"),
    "qr without Q": ("linalg.qr(x, 'r')[1]", "depends on Q, which is not computed when mode='r'"),
    "cholesky of what is not positive any more": ("linalg.slogdet(x[:2] * 0)[1]", "singular"),
}


@pytest.mark.parametrize("case", NOT_DIFFERENTIABLE)
def test_what_has_no_gradient_says_so(lib, case):
    expression, message = NOT_DIFFERENTIABLE[case]
    x = lib.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]], requires_grad=True)
    out = eval(expression, vars(lib) | {"x": x})
    with pytest.raises(RuntimeError, match=message):
        out.sum().backward(create_graph=True)


def test_the_sign_of_a_determinant_has_a_graph_and_no_gradient(lib):
    x = lib.eye(2, requires_grad=True)
    sign = lib.linalg.slogdet(x).sign
    assert graph(sign) == "LinalgSlogdetBackward0(AccumulateGrad)"
    assert lib.autograd.grad(sign, x, allow_unused=True) == (None,)


def test_residuals_have_the_gradient_of_what_is_left_over(torch):
    found = []
    for lib in (microtorch, torch):
        x = lib.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]], dtype=lib.float64, requires_grad=True)
        y = lib.tensor([[1.0], [0.0], [2.0]], dtype=lib.float64, requires_grad=True)
        found.append(lib.autograd.grad(lib.linalg.lstsq(x, y, driver="gels").residuals.sum(), (x, y)))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=1e-12)


def test_numpys_linear_algebra_takes_variables():
    x = microtorch.tensor([[2.0, 0.0], [0.0, 4.0]], requires_grad=True)
    assert graph(np.linalg.inv(x)) == "LinalgInvExBackward0(AccumulateGrad)"
    assert graph(np.linalg.solve(x, x)) == "LinalgSolveExBackward0(AccumulateGrad, AccumulateGrad)"
    assert np.linalg.det(x).item() == 8.0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("value", "said"), [("inf", None), ("nan", "contained non-finite values")])
@pytest.mark.parametrize("call", ["linalg.svd(A)[1]", "linalg.svdvals(A)", "linalg.lstsq(A, A)[0]", "linalg.pinv(A)"])
def test_a_matrix_that_is_not_finite_is_not_given_to_lapack_which_may_never_end_on_it(monkeypatch, call, value, said):
    finite = np.linalg.svd

    def checked(A, *arguments, **options):
        assert np.isfinite(A).all()
        return finite(A, *arguments, **options)

    monkeypatch.setattr(np.linalg, "svd", checked)
    A = microtorch.tensor([[[1.0, 2.0], [3.0, 5.0]], [[1.0, float(value)], [0.0, 1.0]]])
    with pytest.raises(microtorch.linalg.LinAlgError, match=said) if said else nullcontext():
        out = eval(call, vars(microtorch) | {"A": A})
        assert np.isfinite(out[0].numpy()).all()
