"""What a test is run with that says the same of microtorch and of torch: an expectation torch does not meet is none."""

import itertools

import numpy as np
import pytest

import microtorch


@pytest.fixture(params=["microtorch", "torch"])
def lib(request):
    """Either library. A test module takes it over by ``lib = libraries.lib``."""
    return microtorch if request.param == "microtorch" else request.getfixturevalue("torch")


def leaf(lib, *values, requires_grad=True):
    """A float64 leaf of some values: ``leaf(lib, 1, 2)``, ``leaf(lib, [1, 2], [3, 4])``."""
    return lib.tensor(values, dtype=lib.float64, requires_grad=requires_grad)


def matrix(lib, *, requires_grad=True):
    """``[[1, 2, 3], [4, 5, 6]]``."""
    return leaf(lib, [1, 2, 3], [4, 5, 6], requires_grad=requires_grad)


def graph(variable):
    """The nodes behind a variable, written as calls: ``AddBackward0(AccumulateGrad, None)``."""
    return _graph(variable.grad_fn)


def _graph(node):
    if node is None:
        return "None"
    name = node.name().rpartition("::")[2]  # torch writes the C++ namespace of some
    inputs = ", ".join(_graph(edge[0]) for edge in node.next_functions)
    return f"{name}({inputs})" if inputs else name


def weighted(lib, variable):
    """A scalar that depends on each element in another way."""
    weights = np.cos(np.arange(int(np.prod(variable.shape))) + 1.0).reshape(variable.shape)
    return (variable * lib.tensor(weights, dtype=lib.float64)).sum()


def outcome(lib, program, *, second=True):
    """What comes of ``program(lib, a, b)`` on two leaves, as plain numbers that two libraries can be compared by.

    The values it returns, their versions, the gradients for a and b, and the gradients of these; or the type of the error.
    """
    a, b = matrix(lib), leaf(lib, 0.5, -0.25, 2.0)
    try:
        outputs = program(lib, a, b)
        values = [each.tolist() for each in outputs]
        versions = [each._version for each in outputs]
        total = sum((weighted(lib, each * each) for each in outputs), start=leaf(lib, 0.0).sum())
        first = _gradients(lib, total, (a, b), create_graph=second)
        squares = [weighted(lib, each * each) for each in first if each is not None and each.requires_grad]
        higher = _gradients(lib, sum(squares[1:], start=squares[0]), (a, b)) if second and squares else []
    except RuntimeError as error:
        return {"error": type(error).__name__}
    return {
        "values": values,
        "versions": versions,
        "first": [_numbers(lib, each, of) for each, of in zip(first, (a, b), strict=True)],
        "second": [_numbers(lib, each, of) for each, of in itertools.zip_longest(higher, (a, b))],
    }


def _gradients(lib, of, inputs, **options):
    return lib.autograd.grad(of, inputs, allow_unused=True, **options)


def _numbers(lib, gradient, of):
    return (lib.zeros(of.shape) if gradient is None else gradient).tolist()


def assert_same_outcome(program, torch, *, second=True):
    """``program`` comes to the same in both libraries, to the last bits of a float64."""
    mine, theirs = (outcome(lib, program, second=second) for lib in (microtorch, torch))
    assert mine.keys() == theirs.keys(), (mine, theirs)
    for what in mine:
        if what in {"error", "versions"}:
            assert mine[what] == theirs[what], what
        else:
            _assert_close(mine[what], theirs[what], what)


def _assert_close(mine, theirs, what):
    assert len(mine) == len(theirs), what
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(np.array(one), np.array(other), rtol=1e-12, atol=1e-12, err_msg=what)
