"""What a test is run with that says the same of microtorch and of torch: an expectation torch does not meet is none."""

import numpy as np

import microtorch


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


def gradients(lib, program):
    """``program(lib, a, b)`` run on two leaves: what it returns, and the gradients for a and b: of it, and of these."""
    a, b = matrix(lib), leaf(lib, 0.5, -0.25, 2.0)
    outputs = program(lib, a, b)
    total = sum((weighted(lib, each * each) for each in outputs), start=leaf(lib, 0.0).sum())
    first = _gradients(lib, total, (a, b), create_graph=True)
    squares = [weighted(lib, each * each) for each in first if each.requires_grad]
    second = _gradients(lib, sum(squares[1:], start=squares[0]), (a, b)) if squares else []
    return outputs, first, second


def assert_same_outcome(program, torch):
    """``program`` comes to the same in both libraries: versions, and values and gradients to the last bits of a float64."""
    mine, theirs = (gradients(lib, program) for lib in (microtorch, torch))
    assert [each._version for each in mine[0]] == [each._version for each in theirs[0]]
    for what, these, those in zip(("values", "gradients", "gradients of the gradients"), mine, theirs, strict=True):
        for one, other in zip(these, those, strict=True):
            np.testing.assert_allclose(np.array(one.tolist()), np.array(other.tolist()), 1e-12, 1e-12, err_msg=what)


def _gradients(lib, of, inputs, **options):
    found = lib.autograd.grad(of, inputs, allow_unused=True, **options)
    return [lib.zeros(one.shape) if grad is None else grad for one, grad in zip(inputs, found, strict=True)]
