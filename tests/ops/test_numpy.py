"""NumPy and Variables: functions are recorded, arrays and scalars are operands, and no array of objects ever comes out."""

import operator
import re

import numpy as np
import pytest

import microtorch
from microtorch.autograd import Variable
from microtorch.ops.numpy_functions import NUMPY_FUNCTIONS
from tests.libraries import graph

X, Y = np.array([[0.5, -1.5, 2.0], [1.0, 0.25, -0.75]]), np.array([[2.0, 0.5, -1.0], [4.0, 1.5, 3.0]])
V, M, N = np.array([0.25, 0.5, 0.75]), np.array([[1.0, 2.0], [3.0, 4.5]]), np.array([3, 1, 2])
S = np.array([[2.0, 1.0], [1.0, 3.0]])
# What the functions are called with where it is not X, or X and Y.
ARGUMENTS = {
    np.log: [Y + 2], np.log2: [Y + 2], np.log10: [Y + 2], np.log1p: [V], np.sqrt: [V], np.power: [V, 2.0], np.arccos: [V],
    np.arcsin: [V], np.arctanh: [V], np.arccosh: [V + 1], np.floor_divide: [X, Y], np.bitwise_and: [N, N],
    np.bitwise_or: [N, N + 1],
    np.bitwise_xor: [N, N + 1], np.invert: [N], np.bincount: [N], np.matmul: [X, X.T],
    np.dot: [X, X.T], np.concatenate: [[X, Y]], np.stack: [[X, Y]], np.hstack: [[X, Y]], np.vstack: [[X, Y]], np.dstack: [[X, Y]],
    np.column_stack: [[V, V]], np.where: [X > 0, X, Y], np.reshape: [X, (3, 2)], np.expand_dims: [X, 1], np.swapaxes: [X, 0, 1],
    np.clip: [X, -1, 1], np.cumsum: [X, 1], np.cumprod: [X, 1], np.moveaxis: [X, 0, 1], np.broadcast_to: [V, (2, 3)],
    np.flip: [X, (0,)], np.roll: [X, 1], np.tile: [X, (2, 1)], np.repeat: [X, 2], np.diag: [V], np.tril: [M], np.triu: [M],
    np.diagonal: [M], np.rot90: [M], np.array_split: [V, 2], np.meshgrid: [V, V], np.hsplit: [X, 3], np.vsplit: [X, 2],
    np.dsplit: [X[None], 3], np.heaviside: [X, Y],
    np.take_along_axis: [X, np.array([[0], [1]]), 1],
    np.transpose: [X], np.full_like: [X, 2.0], np.einsum: ["ij,kj->ik", X, Y], np.tensordot: [X, Y.T, 1], np.size: [X, 1],
    np.max: [X, 1], np.min: [X, 0],
    np.round: [X], np.atleast_1d: [V], np.inner: [V, V], np.kron: [M, M], np.outer: [V, V], np.linalg.det: [M],
    np.linalg.inv: [M],
    np.linalg.slogdet: [M], np.linalg.matrix_power: [M, 3], np.linalg.solve: [M, M], np.atleast_2d: [V], np.amax: [X, 1],
    np.amin: [X, 0], np.zeros_like: [X], np.vdot: [X, Y], np.cross: [V, V[::-1].copy()], np.linalg.cross: [V, V[::-1].copy()],
    np.float_power: [Y + 2, 2.0], np.isin: [N, [1.0]], np.searchsorted: [V, 0.3], np.linalg.cholesky: [S], np.linalg.eigh: [S],
    np.linalg.eigvalsh: [S], np.shares_memory: [X, Y], np.may_share_memory: [X, Y], np.pad: [X, 1], np.split: [V, 3],
    np.append: [X, Y], np.take: [X, [0, 2], 1], np.select: [[X > 0], [X]], np.linalg.multi_dot: [[M, M]], np.vecdot: [X, Y],
    np.linalg.pinv: [M], np.linalg.qr: [M], np.linalg.svd: [S],
    **({np.astype: [X, np.float32], np.cumulative_sum: [V]} if hasattr(np, "cumulative_sum") else {}),
}  # fmt: skip
BOTH = {each for each in NUMPY_FUNCTIONS if isinstance(each, np.ufunc) and each.nin == 2}


def variables(value):
    """Arrays as Variables, also in lists; the rest as it is."""
    if isinstance(value, list):
        return [variables(each) for each in value]
    return Variable(value) if isinstance(value, np.ndarray) else value


def numbers(value):
    if isinstance(value, tuple | list):
        return [numbers(each) for each in value]
    return value.numpy() if isinstance(value, Variable) else value


@pytest.mark.parametrize("function", NUMPY_FUNCTIONS, ids=lambda each: each.__name__)
def test_a_function_of_numpy_on_variables_gives_what_it_gives_on_arrays(function):
    arguments = ARGUMENTS.get(
        function, [X, Y] if function in BOTH or function in {np.isclose, np.allclose, np.array_equal} else [X]
    )
    mine, theirs = numbers(function(*variables(arguments))), function(*arguments)
    if function is np.empty_like:
        assert mine.shape == theirs.shape
    elif isinstance(theirs, tuple | list):
        assert len(mine) == len(theirs)
        assert all(np.allclose(one, other) for one, other in zip(mine, theirs, strict=True))
    else:
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)


A = np.arange(24.0).reshape(2, 3, 4) / 7
CALLS = {
    "sum(axis=, keepdims=)": lambda x: np.sum(x, axis=1, keepdims=True), "mean(axis=)": lambda x: np.mean(x, axis=(0, 2)),
    "max(axis=)": lambda x: np.max(x, axis=0), "amin(keepdims=)": lambda x: np.amin(x, axis=-1, keepdims=True),
    "prod(axis=)": lambda x: np.prod(x, axis=2), "var(ddof=)": lambda x: np.var(x, axis=1, ddof=1, keepdims=True),
    "std()": lambda x: np.std(x), "argmax(axis=)": lambda x: np.argmax(x, axis=1), "any(axis=)": lambda x: np.any(x > 1, axis=0),
    "all(axis=)": lambda x: np.all(x > 1, axis=(0, 1)), "cumsum(axis=)": lambda x: np.cumsum(x, axis=2),
    "cumprod(axis=)": lambda x: np.cumprod(x, axis=2), "diff(axis=)": lambda x: np.diff(x, axis=1),
    "sort(axis=)": lambda x: np.sort(-x, axis=1), "argsort(axis=)": lambda x: np.argsort(-x, axis=0),
    "expand_dims(axis=)": lambda x: np.expand_dims(x, axis=1), "squeeze(axis=)": lambda x: np.squeeze(x[:1], axis=0),
    "flip(axis=)": lambda x: np.flip(x, axis=(0, 2)), "flip()": lambda x: np.flip(x),
    "roll(axis=)": lambda x: np.roll(x, 1, axis=1),
    "roll()": lambda x: np.roll(x, 5), "repeat(axis=)": lambda x: np.repeat(x, 2, axis=1), "repeat()": lambda x: np.repeat(x, 2),
    "transpose(axes)": lambda x: np.transpose(x, (2, 0, 1)), "transpose(axes=)": lambda x: np.transpose(x, axes=(1, 0, 2)),
    "concatenate(axis=)": lambda x: np.concatenate((x, x), axis=2), "stack(axis=)": lambda x: np.stack([x, x], axis=-1),
    "concatenate(array)": lambda x: np.concatenate([A, x]), "vstack(array)": lambda x: np.vstack([x, A]),
    "clip(a_min=, a_max=)": lambda x: np.clip(x, a_min=1, a_max=2), "clip(None)": lambda x: np.clip(x, None, 2),
    "round(decimals=)": lambda x: np.round(x, decimals=1), "where(array)": lambda x: np.where(A > 1, x, A),
    "moveaxis": lambda x: np.moveaxis(x, 0, -1), "swapaxes": lambda x: np.swapaxes(x, 0, 2), "shape": lambda x: np.shape(x),
    "ndim": lambda x: np.ndim(x), "size": lambda x: np.size(x), "isclose(array)": lambda x: np.isclose(x, A + 1e-9),
    "allclose(array, rtol=)": lambda x: np.allclose(x, A * 1.01, rtol=0.1), "array_equal(array)": lambda x: np.array_equal(x, A),
    "dot of a matrix": lambda x: np.dot(x, A[0].T), "dot of a vector": lambda x: np.dot(x[0], A[0, 0]),
    "dot of more": lambda x: np.dot(x[0], A.swapaxes(1, 2)), "dot of a number": lambda x: np.dot(2.5, x),
    "einsum(array)": lambda x: np.einsum("ijk,k->ij", x, A[0, 0]),
    "tensordot(axes=)": lambda x: np.tensordot(x, A, axes=([0], [0])),
    "tensordot()": lambda x: np.tensordot(x, A[0]), "rot90": lambda x: np.rot90(x, 1, (1, 2)),
    "tile": lambda x: np.tile(x, (1, 2)),
    "array_split(axis=)": lambda x: np.array_split(x, 2, axis=2)[1], "outer(array)": lambda x: np.outer(x[0, 0], V),
    "inner(array)": lambda x: np.inner(x[0], A[1]), "full_like": lambda x: np.full_like(x, 2), "trace": lambda x: np.trace(x[0]),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_arguments_have_numpys_names_and_arrays_may_stand_beside_variables(call):
    mine, theirs = CALLS[call](Variable(A)), CALLS[call](A)
    assert np.shape(mine) == np.shape(theirs)
    np.testing.assert_allclose(numbers(mine), theirs, rtol=1e-12)


def test_a_function_of_numpy_is_recorded():
    x = Variable(X, requires_grad=True)
    np.sum(np.sin(x) * np.exp(x)).backward()
    np.testing.assert_allclose(x.grad.numpy(), np.exp(X) * (np.sin(X) + np.cos(X)))


OPERANDS = {
    "array * v": lambda v: V * v, "v * array": lambda v: v * V, "array - v": lambda v: V - v, "array / v": lambda v: V / v,
    "array ** v": lambda v: V**v, "array @ v": lambda v: X @ v, "scalar * v": lambda v: np.float64(2) * v,
    "v / scalar": lambda v: v / np.float32(2), "scalar > v": lambda v: np.float64(0.5) > v, "array == v": lambda v: v == V,
    "array % v": lambda v: V % v, "array // v": lambda v: V // v,
}  # fmt: skip


@pytest.mark.parametrize("what", OPERANDS)
def test_arrays_and_scalars_of_numpy_are_operands_on_either_side(what):
    result = OPERANDS[what](Variable(V))
    assert isinstance(result, Variable)
    np.testing.assert_allclose(result.numpy(), OPERANDS[what](V))


@pytest.mark.parametrize(
    "expression",
    ["two + v", "two - v", "two * v", "two / v", "two ** v", "two < v", "v ** two", "two * x", "two - x", "three * i",
     "three / i", "two * i", "half * x.double()"],
)  # fmt: skip
def test_a_scalar_of_numpy_widens_nothing_and_leaves_the_graph_that_pythons_leaves(torch, expression):
    found = []
    for library in (microtorch, torch):
        names = {
            "v": library.tensor(1.5, requires_grad=True), "x": library.ones(2, requires_grad=True), "i": library.tensor([1, 2]),
            "two": np.float64(2), "three": np.int64(3), "half": np.float32(0.5),
        }  # fmt: skip
        result = eval(expression, names)
        found.append((result.tolist(), str(result.dtype).rpartition(".")[2], graph(result)))
    assert found[0] == found[1]


REFUSED = {
    "a function that is not recorded": (lambda x: np.interp(x, [0, 1], [0, 1]), "np.interp cannot be recorded"),
    "a ufunc that is not recorded": (lambda x: np.nextafter(x, 1), "np.nextafter cannot be recorded"),
    "where=": (lambda x: np.add(x, 1, where=[True]), "np.add with where"),
    "out=": (lambda x: np.add(x, 1, out=np.ones(3)), "np.add with out"),
    "dtype=": (lambda x: np.exp(x, dtype="float32"), "np.exp with dtype"),
    "a method of a ufunc": (lambda x: np.add.reduce(x), r"np.add.reduce cannot be recorded"),
    "accumulate": (lambda x: np.multiply.accumulate(x), "np.multiply.accumulate cannot be recorded"),
    "a linear solver": (lambda x: np.linalg.eig(x), r"np\.linalg\.eig cannot be recorded"),
    "sum with where=": (lambda x: np.sum(x, where=[True]), "np.sum with where cannot"),
    "sum with initial=": (lambda x: np.sum(x, initial=3), "np.sum with initial cannot"),
    "sum with dtype=": (lambda x: np.sum(x, dtype=np.float32), "np.sum with dtype cannot"),
    "mean with out=": (lambda x: np.mean(x, out=np.ones(())), "np.mean with out cannot"),
    "a percentile": (lambda x: np.percentile(x, 30), r"np\.percentile"),
    "a file": (lambda x: np.save("nowhere.npy", x), "np.save cannot be recorded"),
    "an array changed in place": (lambda x: operator.iadd(np.ones(3), x), "np.add with out cannot"),
    "words beside it": (lambda x: np.array(["a", "b", "c"]) * x, "no tensor holds NumPy's <U1"),
    "objects beside it": (lambda x: x + np.array([None, 1, 2]), "no tensor holds NumPy's object"),
    "complex numbers beside it": (lambda x: np.array([1j, 2, 3]) - x, "no tensor holds NumPy's complex128"),
    "unsigned numbers beside it": (lambda x: x / np.ones(3, np.uint32), "no tensor holds NumPy's uint32"),
    "a list beside it": (lambda x: x * [1, 2, 3], "not list"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_recorded_is_refused(what):
    call, message = REFUSED[what]
    with pytest.raises(TypeError, match=message):
        call(Variable(V))


def test_no_array_is_made_of_what_requires_a_gradient(lib):
    x = lib.ones(2, requires_grad=True)
    for make in (np.asarray, lambda v: v.numpy(), lambda v: np.sum([np.asarray(v), 1.0])):
        with pytest.raises(RuntimeError, match="detach"):
            make(x)


def test_arrays_of_variables_are_arrays_of_numbers():
    made = np.array([microtorch.tensor(1.0), microtorch.tensor(2.0)])
    assert (made.dtype.kind, made.tolist()) == ("f", [1.0, 2.0])
    assert np.array([microtorch.ones(2), microtorch.zeros(2)]).tolist() == [[1.0, 1.0], [0.0, 0.0]]
    assert np.asarray(microtorch.ones(2)).dtype == np.float32
    assert np.asarray(microtorch.ones(2), dtype=np.int64).tolist() == [1, 1]


def test_an_array_and_a_variable_share_memory_both_ways():
    array = np.zeros(2)
    v = microtorch.from_numpy(array)
    v += 1
    np.add(array, 1, out=array)
    assert v.tolist() == array.tolist() == [2.0, 2.0]
    v.numpy()[0] = 7
    assert array[0] == 7


# ── NumPy's functions that PyTorch calls otherwise, or has not ───────────────────────────────────────────────────────

EQUIVALENTS = [
    "np.linalg.norm(v)", "np.linalg.norm(x)", "np.linalg.norm(x, axis=1)", "np.linalg.norm(x, ord=1, axis=0)",
    "np.linalg.norm(m, 2)", "np.linalg.norm(m, 'nuc')", "np.linalg.norm(x, axis=1, keepdims=True)", "np.linalg.norm(v, np.inf)",
    "np.pad(v, 1)", "np.pad(v, (1, 2))", "np.pad(x, ((1, 0), (0, 2)))", "np.pad(x, 1, mode='edge')",
    "np.pad(v, 1, mode='reflect')", "np.pad(x, 1, mode='wrap')", "np.pad(v, 1, constant_values=5)",
    "np.split(v, 3)[1]", "np.split(x, [1], axis=1)[1]", "np.append(v, v * 2)", "np.append(x, x, axis=0)", "np.append(v, 4.0)",
    "np.cross(v, v * v + 1)", "np.take(v, [0, 2])", "np.take(x, [0], axis=1)", "np.take(x, 4)", "np.take(x, [[0, 1]], axis=-1)",
    "np.median(v)", "np.median(x, axis=1)", "np.median(x)", "np.median(x, axis=0, keepdims=True)", "np.nan_to_num(v)",
    "np.select([v > 2.2, v > 1.1], [v, v * 10])", "np.select([v > 2.2, v > 1.1], [v, v * 10], default=7.0)",
    "np.average(v)", "np.average(x, axis=0)", "np.average(v, weights=[1, 2, 3])", "np.average(x, axis=1, weights=[1.0, 2, 3])",
    "np.cumsum(x)", "np.cumsum(x, axis=1)", "np.cumprod(x)", "np.ptp(v)", "np.ptp(x, axis=1)", "np.vdot(x, x)",
    "np.nansum(x)", "np.nanmean(x, axis=0)", "np.rint(v)", "np.fix(v * 1.3)", "np.around(v, 1)", "np.float_power(v, 2)",
    "np.matrix_transpose(x)", "np.diagflat(v)", "np.ediff1d(x)", "np.unique(x)", "np.isin(v, [1.0])", "np.count_nonzero(v)",
    "np.flatnonzero(v > 1)", "np.searchsorted(v, 2.0)", "np.vecdot(v, v)", "np.linalg.cholesky(m)", "np.linalg.eigh(m)[0]",
    "np.linalg.eigvalsh(m)", "np.linalg.multi_dot([m, m, m])", "np.linalg.pinv(m)", "np.linalg.qr(m)[1]",
    "np.linalg.svd(m)[1]", "np.linalg.svd(m, compute_uv=False)", "np.real(v)",
]  # fmt: skip
POINTS = {"x": [[1.0, 2.0, 4.0], [4.5, 5.0, 7.0]], "v": [1.0, 2.0, 3.5], "m": [[2.0, 1.0], [1.0, 3.0]]}
FLAT = (
    "unique",
    "isin",
    "count_nonzero",
    "flatnonzero",
    "searchsorted",
    "rint",
    "fix",
    "around",
)  # of which there is no gradient


@pytest.mark.parametrize("expression", EQUIVALENTS)
def test_a_function_of_numpy_gives_on_variables_what_it_gives_on_arrays(expression):
    mine = eval(expression, {"np": np, **{name: microtorch.tensor(np.array(each)) for name, each in POINTS.items()}})
    expected = eval(expression, {"np": np, **{name: np.array(each) for name, each in POINTS.items()}})
    np.testing.assert_allclose(np.asarray(mine), expected, 1e-12, 1e-12)


@pytest.mark.parametrize("expression", [each for each in EQUIVALENTS if not any(name in each for name in FLAT)])
def test_and_it_is_recorded(expression):
    (name,) = set(re.findall(r"\b[xvm]\b", expression))
    point = np.array(POINTS[name])
    weights = np.cos(np.arange(np.size(eval(expression, {"np": np, name: point}))) + 1.0)

    def value(at):
        return (np.ravel(eval(expression, {"np": np, name: at})) * weights).sum()

    leaf = microtorch.tensor(point, requires_grad=True)
    out = eval(expression, {"np": np, name: leaf})
    (out.reshape(-1) * microtorch.tensor(weights)).sum().backward()
    slopes = np.zeros_like(point)
    for place in np.ndindex(point.shape):
        step = np.zeros_like(point)
        step[place] = 1e-6
        if name == "m":  # the functions of symmetric matrices read one half of it
            step = (step + step.T) / 2
        slopes[place] = (value(point + step) - value(point - step)) / 2e-6
    grad = leaf.grad.numpy()
    np.testing.assert_allclose((grad + grad.T) / 2 if name == "m" else grad, slopes, 1e-5, 1e-6)


def test_an_unequal_split_is_refused_as_in_numpy():
    with pytest.raises(ValueError, match="equal division"):
        np.split(microtorch.ones(4), 3)


def test_newer_functions_of_numpy_are_there_where_numpy_has_them():
    x = microtorch.ones(2, 2)
    if hasattr(np, "astype"):
        assert np.astype(x, np.float64).dtype is microtorch.float64
    assert not hasattr(np, "unstack") or len(np.unstack(x)) == 2
