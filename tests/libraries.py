"""What a test is run with that says the same of microtorch and of torch: an expectation torch does not meet is none."""

import numpy as np
import pytest

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


def structure(node, inputs):
    """The names and edges below a node, down to which of the named inputs is which."""
    if node is None:
        return None
    if node.name().endswith("AccumulateGrad"):
        return next(name for name, each in inputs.items() if each is node.variable)
    return node.name().rpartition("::")[2], [(structure(below, inputs), number) for below, number in node.next_functions]


def values(*tensors):
    """The tensors as lists; None stays None."""
    return [None if each is None else each.tolist() for each in tensors]


def weights(lib, like, **options):
    """Numbers that are all different, in the shape and dtype of a Variable: where each element's gradient begins."""
    array = like.numpy(force=True)
    return lib.tensor(np.cos(np.arange(array.size) + 1.0).reshape(array.shape).astype(array.dtype), **options)


def weighted(lib, variables):
    """A scalar that depends on each element of each of the variables in another way."""
    return sum((each.double() * weights(lib, each).double()).sum() for each in variables)


def grads(lib, out, inputs, *begin, **options):
    """What ``autograd.grad`` gives, with zeros for what is not used."""
    found = lib.autograd.grad(out, inputs, *begin, allow_unused=True, **options) if out.requires_grad else [None] * len(inputs)
    return [lib.zeros(one.shape, dtype=one.dtype) if grad is None else grad for one, grad in zip(inputs, found, strict=True)]


def gradients(lib, program):
    """``program(lib, a, b)`` run on two leaves: what it returns, and the gradients for a and b: of it, and of these."""
    leaves = matrix(lib), leaf(lib, 0.5, -0.25, 2.0)
    outputs = program(lib, *leaves)
    first = grads(lib, weighted(lib, [each * each for each in outputs]), leaves, create_graph=True)
    squares = [each * each for each in first if each.requires_grad]
    return outputs, first, grads(lib, weighted(lib, squares), leaves) if squares else []


def assert_same_outcome(program, torch):
    """``program`` comes to the same in both libraries: versions, and values and gradients to the last bits of a float64."""
    mine, theirs = (gradients(lib, program) for lib in (microtorch, torch))
    assert [each._version for each in mine[0]] == [each._version for each in theirs[0]]
    for what, these, those in zip(("values", "gradients", "gradients of the gradients"), mine, theirs, strict=True):
        for one, other in zip(these, those, strict=True):
            np.testing.assert_allclose(np.array(one.tolist()), np.array(other.tolist()), 1e-12, 1e-12, err_msg=what)


def assert_alike(mine, theirs, rtol=0.0, atol=0.0):
    """A result is torch's: in dtype and shape, and in its values to within rounding."""
    assert (str(mine.dtype), tuple(mine.shape)) == (str(theirs.dtype).replace("torch", "microtorch"), tuple(theirs.shape))
    np.testing.assert_allclose(mine.numpy(force=True), theirs.numpy(force=True), rtol, atol)


def running(statement):
    """The program that runs ``statement`` on x = a * 1, of shape (2, 3), and on b, of shape (3,), and returns x."""

    def program(lib, a, b):
        names = {"lib": lib, "x": a * 1, "a": a, "b": b}
        exec(statement, names)
        return (names["x"],)

    return program


def assert_refused(mistake, *arguments):
    """A mistake is a program, the error that it raises, and words that the error says."""
    program, error, words = mistake
    with pytest.raises(error, match=words):
        program(*arguments)
