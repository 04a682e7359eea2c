"""NumPy and Variables: functions are recorded, arrays and scalars are operands, and no array of objects ever comes out."""

import numpy as np
import pytest

import microtorch
from microtorch.autograd import Variable
from microtorch.methods import Methods

from .libraries import graph

X, Y = np.array([[0.5, -1.5, 2.0], [1.0, 0.25, -0.75]]), np.array([[2.0, 0.5, -1.0], [4.0, 1.5, 3.0]])
V, M, N = np.array([0.25, 0.5, 0.75]), np.array([[1.0, 2.0], [3.0, 4.5]]), np.array([3, 1, 2])
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
    np.round: [X], np.atleast_1d: [V], np.inner: [V, V], np.kron: [M, M], np.outer: [V, V], np.linalg.det: [M],
    np.linalg.inv: [M],
    np.linalg.slogdet: [M], np.linalg.matrix_power: [M, 3], np.linalg.solve: [M, M], np.atleast_2d: [V], np.amax: [X, 1],
    np.amin: [X, 0], np.zeros_like: [X],
}  # fmt: skip
BOTH = {each for each in Methods.numpy_functions if isinstance(each, np.ufunc) and each.nin == 2}


def variables(value):
    """Arrays as Variables, also in lists; the rest as it is."""
    if isinstance(value, list):
        return [variables(each) for each in value]
    return Variable(value) if isinstance(value, np.ndarray) else value


def numbers(value):
    if isinstance(value, tuple | list):
        return [numbers(each) for each in value]
    return value.numpy() if isinstance(value, Variable) else value


@pytest.mark.parametrize("function", Methods.numpy_functions, ids=lambda each: each.__name__)
def test_a_function_of_numpy_on_variables_gives_what_it_gives_on_arrays(function):
    arguments = ARGUMENTS.get(
        function, [X, Y] if function in BOTH or function in {np.isclose, np.allclose, np.array_equal} else [X]
    )
    mine, theirs = numbers(function(*variables(arguments))), function(*arguments)
    if isinstance(theirs, tuple | list):
        assert len(mine) == len(theirs)
        assert all(np.allclose(one, other) for one, other in zip(mine, theirs, strict=True))
    else:
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)


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
    "a linear solver": (lambda x: np.linalg.eig(x), "np.eig cannot be recorded"),
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
