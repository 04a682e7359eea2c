"""What a student gets wrong first: each mistake is an error that says what was wrong and what to do, and changes nothing."""

import inspect
import re

import numpy as np
import pytest

import microtorch
from microtorch import autograd
from microtorch.autograd import Variable
from tests.libraries import assert_refused
from tests.public_names import functions


def leaf(*shape):
    return microtorch.ones(*shape, requires_grad=True)


def backward_twice():
    x = leaf(2)
    y = (x * x).sum()
    y.backward()
    y.backward()


def integers():
    return microtorch.ones(2, dtype=microtorch.int64)


MISTAKES = {
    "backward of several elements without a gradient": (
        lambda: (leaf(2, 3) * 2).backward(),
        RuntimeError,
        r"only for scalar outputs.*shape \(2, 3\) has 6 elements.*\.sum\(\)",
    ),
    "backward of what requires no grad": (
        lambda: microtorch.ones(2).sum().backward(),
        RuntimeError,
        r"does not require grad.*requires_grad=True",
    ),
    "backward after the buffers were freed": (
        backward_twice,
        RuntimeError,
        r"second time.*MulBackward0.*retain_graph=True",
    ),
    "a gradient of the wrong shape": (
        lambda: (leaf(2, 2) * 2).backward(microtorch.ones(3)),
        RuntimeError,
        r"Mismatch in shape.*\[3\].*\[2, 2\]",
    ),
    "a gradient that is no Variable": (
        lambda: leaf(1).backward(1.0),
        TypeError,
        r"must be a Variable or None, not float",
    ),
    "too many gradients": (
        lambda: autograd.backward([leaf(1)], [None, None]),
        RuntimeError,
        r"1 tensors and 2 gradients",
    ),
    "something else than a Variable as root": (lambda: autograd.backward([1.0]), TypeError, r"not float"),
    "requires_grad on integers": (
        integers().requires_grad_,
        RuntimeError,
        r"floating point dtype.*microtorch\.int64.*\.float\(\)",
    ),
    "Variable(integers, requires_grad=True)": (
        lambda: Variable(integers(), requires_grad=True),
        RuntimeError,
        r"floating point dtype",
    ),
    "a Variable of a list": (lambda: Variable([1.0]), TypeError, r"microtorch\.tensor"),
    "a Variable of strings": (lambda: Variable(np.array(["a"])), TypeError, r"no tensor holds"),
    "requires_grad = False on a non-leaf": (
        lambda: setattr(leaf(1) * 2, "requires_grad", False),
        RuntimeError,
        r"leaf variables.*detach",
    ),
    "shapes that do not broadcast": (
        lambda: leaf(2, 3) + leaf(2),
        RuntimeError,
        r"Add.*\(2, 3\) and \(2,\).*size of tensor a \(3\) must match the size of tensor b \(2\).*dimension 1",
    ),
    "matrices that do not match": (
        lambda: leaf(2, 3) @ leaf(2, 3),
        RuntimeError,
        r"mm.*cannot be multiplied \(2x3 and 2x3\)",
    ),
    "matrices of two dtypes": (lambda: leaf(2, 2) @ leaf(2, 2).double(), RuntimeError, r"same dtype.*float32.*float64"),
    "a scalar in a matrix product": (lambda: leaf(2, 2) @ leaf(), RuntimeError, r"at least 1D.*2D and 0D"),
    "an operand that is no number": (lambda: leaf(2) + "2", TypeError, r"operand.*str"),
    "a complex operand": (lambda: leaf(2) * 1j, TypeError, r"complex"),
    "a view of the wrong size": (lambda: leaf(2, 3).view(4), RuntimeError, r"'\[4\]' is invalid for input of size 6"),
    "two inferred lengths": (lambda: leaf(2, 3).view(-1, -1), RuntimeError, r"only one dimension can be inferred"),
    "a view of what is not contiguous": (lambda: leaf(2, 3).t().view(6), RuntimeError, r"reshape"),
    "a dimension out of range": (lambda: leaf(2).sum(1), IndexError, r"range of \[-1, 0\], but got 1"),
    "the same dimension twice": (lambda: leaf(2, 2).sum((0, -2)), RuntimeError, r"twice"),
    "the mean of integers": (integers().mean, RuntimeError, r"floating dtype.*float\(\)\.mean\(\)"),
    "too many indices": (lambda: leaf(2)[0, 0], IndexError, r"too many indices.*2 for 1"),
    "an index out of range": (lambda: leaf(2)[2], IndexError, r"index 2 is out of bounds for dimension 0 with size 2"),
    "an index that is a float": (lambda: leaf(2)[1.0], IndexError, r"only integers.*not float"),
    "a negative step": (lambda: leaf(3)[::-1], ValueError, r"step must be positive"),
    "a leaf changed in place": (lambda: leaf(2).add_(1), RuntimeError, r"leaf Variable.*in-place.*no_grad"),
    "an element assigned": (lambda: leaf(2).__setitem__(0, 1), RuntimeError, r"in-place"),
    "a float written into integers": (lambda: integers().add_(0.5), RuntimeError, r"float32 can't be cast.*int64"),
    "a ragged list": (lambda: microtorch.tensor([[1.0], [1.0, 2.0]]), ValueError, r"equal lengths"),
    "a tensor of words": (lambda: microtorch.tensor(["a"]), ValueError, r"real numbers"),
    "numpy() of what requires grad": (lambda: leaf(2).numpy(), RuntimeError, r"detach\(\)\.numpy\(\)"),
    "np.asarray of what requires grad": (lambda: np.asarray(leaf(2)), RuntimeError, r"detach\(\)\.numpy\(\)"),
    "a NumPy function that is not recorded": (lambda: np.partition(leaf(2), 1), TypeError, r"np\.partition cannot be recorded"),
    "a ufunc with out=": (lambda: np.add(leaf(2), 1, out=np.ones(2)), TypeError, r"np\.add with out"),
    "item() of several elements": (lambda: leaf(2).item(), RuntimeError, r"2 elements cannot be converted"),
    "the truth of several elements": (lambda: bool(leaf(2)), RuntimeError, r"ambiguous"),
    "the length of a scalar": (lambda: len(leaf()), TypeError, r"0-d"),
    "a dtype that is none": (lambda: leaf(2).to(dtype="float64"), TypeError, r"dtype.*'float64'"),
    "an integer as default dtype": (
        lambda: microtorch.set_default_dtype(microtorch.int64),
        TypeError,
        r"default type",
    ),
    "arange that never ends": (lambda: microtorch.arange(0, 1, -1), RuntimeError, r"step"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_error_says_what_was_wrong(mistake):
    assert_refused(MISTAKES[mistake])


def test_a_one_element_gradient_is_right_for_a_scalar_as_the_seed_says():
    x = leaf(2, 2)
    (x * 2).mean().backward(microtorch.Tensor([1.0]))
    assert x.grad.tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_a_second_backward_over_freed_buffers_changes_no_grad_not_even_one_whose_turn_comes_early():
    x, b = leaf(1), leaf(1)
    y = b + x * x
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()
    assert (x.grad.tolist(), b.grad.tolist()) == ([2.0], [1.0])


def test_a_refused_backward_leaves_the_graph_usable():
    x = leaf(2)
    y = x * x
    with pytest.raises(RuntimeError, match="Mismatch"):
        y.backward(microtorch.ones(3))
    y.backward(microtorch.ones(2))
    assert x.grad.tolist() == [2.0, 2.0]


OPERANDS = {"other", "mat2", "vec", "tensor", "tensor1", "tensor2", "index", "mask", "source", "src", "values"}


@pytest.mark.parametrize("function", functions().values(), ids=lambda each: each.__name__)
@pytest.mark.parametrize("given", [[1, 2], 3.0, None, "text", np.ones(2)], ids=lambda each: type(each).__name__)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_something_else_in_place_of_a_variable_is_computed_or_refused_in_words(function, given):
    required = [each for each in inspect.signature(function).parameters.values() if each.default is each.empty]
    rest = [leaf(2) if each.name in OPERANDS else 0 for each in required if each.kind is each.POSITIONAL_OR_KEYWORD][1:]
    refusal = ""
    try:
        function(given, *rest)
    except (TypeError, ValueError, RuntimeError, IndexError, FileNotFoundError) as error:
        refusal = str(error)
    assert not re.search("has no attribute|unsupported operand|not subscriptable", refusal)


# ── Classes of errors that lessons catch, and what classic mistakes are told ─────────────────────────────────────────

CLASSES = {
    "an index that is a float": (lambda lib: lib.ones(2)[1.0], IndexError),
    "an index of no dimension": (lambda lib: lib.tensor(1.0)[0], IndexError),
    "cat of nothing": (lambda lib: lib.cat([]), ValueError),
    "stack of nothing": (lambda lib: lib.stack([]), RuntimeError),
    "clamp between a tensor and a number": (lambda lib: lib.clamp(lib.ones(2), lib.ones(2), 1.0), TypeError),
    "a list of words": (lambda lib: lib.tensor(["a"]), ValueError),
    "a word": (lambda lib: lib.tensor("a"), TypeError),
    "deletion": (lambda lib: lib.ones(2).__delitem__(0), TypeError),
    "kthvalue of nothing": (lambda lib: lib.zeros(0).kthvalue(1), IndexError),
    "a condition of numbers": (lambda lib: lib.where(lib.ones(2), 1, 0), RuntimeError),
    "targets above 1": (lambda lib: lib.nn.BCELoss()(lib.tensor([0.5]), lib.tensor([2.0])), RuntimeError),
    "targets below 0": (lambda lib: lib.nn.BCELoss()(lib.tensor([0.5]), lib.tensor([-0.5])), RuntimeError),
    "scores and classes swapped": (lambda lib: lib.nn.CrossEntropyLoss()(lib.tensor([0, 1]), lib.zeros(2, 3)), RuntimeError),
    "a module in place of its parameters": (lambda lib: lib.optim.SGD(lib.nn.Linear(1, 1), lr=0.1), TypeError),
}


@pytest.mark.parametrize(("program", "error"), CLASSES.values(), ids=CLASSES)
def test_an_error_is_of_the_class_that_lessons_catch(lib, program, error):
    with pytest.raises(error):
        program(lib)


def test_only_the_data_of_a_loss_is_its_number_by_index():
    loss = (microtorch.ones(2, requires_grad=True) * 2).sum()
    assert loss.data[0] == 4.0
    with pytest.raises(IndexError, match="item"):
        loss.detach()[0]


def test_an_error_in_a_layer_names_the_layer():
    net = microtorch.nn.Sequential(microtorch.nn.Linear(2, 3), microtorch.nn.Linear(4, 2))
    with pytest.raises(RuntimeError, match=r"cannot be multiplied \(1x3 and 4x2\).*in the layer Linear\(in_features=4"):
        net(microtorch.ones(1, 2))


def test_scores_and_classes_that_changed_places_are_told_so():
    with pytest.raises(RuntimeError, match="changed places: the scores come first"):
        microtorch.nn.functional.cross_entropy(microtorch.tensor([0, 1]), microtorch.zeros(2, 3))


def test_tensors_of_pytorch_become_variables_and_back(torch):
    assert microtorch.tensor(torch.ones(2, requires_grad=True)).tolist() == [1, 1]
    assert microtorch.tensor(torch.tensor(3)).dtype is microtorch.int64
    assert torch.tensor(microtorch.tensor(2.0)).item() == 2.0
    assert torch.tensor(microtorch.ones(2, 2)).tolist() == [[1, 1], [1, 1]]
    with pytest.raises(BufferError, match="detach"):
        torch.tensor(microtorch.ones(2, requires_grad=True))
