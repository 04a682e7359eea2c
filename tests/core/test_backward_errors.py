"""What ``backward()``, ``grad()`` and the attributes of a Variable refuse: with torch's error types and key words."""

import re

import pytest


def grad(lib, *args, **kwargs):
    return lib.autograd.grad(*args, **kwargs)


MISMATCH = r"Mismatch in shape: grad_output\[0\] has a shape of .*3.* and output\[0\] has a shape of .*2"
NO_GRAD = r"element {0} of tensors does not require grad and does not have a grad_fn"
NOT_USED = r"not have been used in the graph.*[Ss]et allow_unused=True"


def grad_to_what_comes_after(lib, x):
    y = x * 3
    grad(lib, y.sum(), y * 2)


REFUSED = {  # what is done with x = [1, 2], the error, its key words
    "no gradient for several elements": (lambda lib, x: (x * 2).backward(), RuntimeError, "only for scalar outputs"),
    "no gradient for no elements": (lambda lib, x: (x[:0] * 2).backward(), RuntimeError, "only for scalar outputs"),
    "a gradient of another shape": (lambda lib, x: (x * 2).backward(lib.ones(3)), RuntimeError, MISMATCH),
    "a gradient that would broadcast": (lambda lib, x: (x * 2).backward(lib.ones(1)), RuntimeError, "Mismatch in shape"),
    "a scalar for one element": (lambda lib, x: x[:1].backward(lib.tensor(1.0)), RuntimeError, "Mismatch in shape"),
    "a number as gradient": (lambda lib, x: x.sum().backward(1.0), TypeError, "float"),
    "numbers as gradients": (lambda lib, x: (x * 2).backward([1.0, 1.0]), TypeError, "or None.*float"),
    "a root that needs no gradient": (lambda lib, x: lib.ones(1).backward(), RuntimeError, NO_GRAD.format(0)),
    "a second root that needs no gradient": (
        lambda lib, x: lib.autograd.backward([x.sum(), x.detach().sum()]), RuntimeError, NO_GRAD.format(1)),
    "fewer gradients than roots": (
        lambda lib, x: lib.autograd.backward([x.sum(), x.sum()], [None]), RuntimeError, "2 tensors and 1 gradients"),
    "one gradient for two roots": (
        lambda lib, x: lib.autograd.backward([x * 1, x * 2], lib.ones(2)), RuntimeError, "2 tensors and 1 gradients"),
    "backward to no inputs": (lambda lib, x: x.sum().backward(inputs=[]), RuntimeError, r"inputs.*backward\(\).*cannot be empty"),
    "backward to what needs no gradient": (
        lambda lib, x: x.sum().backward(inputs=[x.detach()]), RuntimeError, "requires_grad=False"),
    "backward to a number": (lambda lib, x: x.sum().backward(inputs=[1]), RuntimeError, "inputs have to be.*int"),
    "grad to no inputs": (lambda lib, x: grad(lib, x.sum(), []), RuntimeError, r"inputs.*grad\(\).*cannot be empty"),
    "grad to what needs no gradient": (lambda lib, x: grad(lib, x.sum(), x.detach()), RuntimeError, "does not require grad"),
    "grad to a number": (lambda lib, x: grad(lib, x.sum(), [1]), RuntimeError, "inputs have to be.*int"),
    "grad of nothing": (lambda lib, x: grad(lib, [], x), RuntimeError, NOT_USED),
    "grad to what was not used": (lambda lib, x: grad(lib, x.sum(), [x, x * 1]), RuntimeError, NOT_USED),
    "grad to what comes after": (grad_to_what_comes_after, RuntimeError, NOT_USED),
    "grad to a detached one": (lambda lib, x: grad(lib, x.sum(), x.detach().requires_grad_()), RuntimeError, NOT_USED),
    "grad of what needs no gradient": (lambda lib, x: grad(lib, lib.ones(1), x), RuntimeError, NO_GRAD.format(0)),
    "grad of several elements": (lambda lib, x: grad(lib, x * 2, x), RuntimeError, "only for scalar outputs"),
    "grad with a gradient of another shape": (lambda lib, x: grad(lib, x * 2, x, lib.ones(3)), RuntimeError, MISMATCH),
    "grad with fewer gradients": (lambda lib, x: grad(lib, [x, x], x, lib.ones(2)), RuntimeError, "2 tensors and 1 gradients"),
    "zeros for the unused, which are not allowed": (
        lambda lib, x: grad(lib, x.sum(), x, materialize_grads=True, allow_unused=False),
        ValueError, "allow_unused.*materialize_grads=True.*allow_unused=False"),
    "a batch of gradients of another shape": (
        lambda lib, x: grad(lib, x * 2, x, lib.ones(2, 3), is_grads_batched=True),
        RuntimeError, "is_grads_batched=True.*mismatch"),
    "batches of different lengths": (
        lambda lib, x: grad(lib, [x * 2, x * 3], x, [lib.ones(4, 2), lib.ones(5, 2)], is_grads_batched=True),
        ValueError, "size"),
    "retain_grad of what needs no gradient": (
        lambda lib, x: x.detach().retain_grad(), RuntimeError, "can't retain_grad.*requires_grad=False"),
    "a number as .grad": (lambda lib, x: setattr(x, "grad", 3), TypeError, "grad expected to be a.*or None.*int"),
    "a list as .grad": (lambda lib, x: setattr(x, "grad", [3.0, 3.0]), TypeError, "grad expected to be a.*or None.*list"),
    "a .grad of another shape": (
        lambda lib, x: setattr(x, "grad", lib.ones(3, dtype=lib.float64)), RuntimeError, "assign a gradient of size.*3.*size.*2"),
    "a .grad of another dtype": (lambda lib, x: setattr(x, "grad", lib.ones(2)), RuntimeError, "assign a gradient.*dtype"),
    "itself as .grad": (lambda lib, x: setattr(x, "grad", x), RuntimeError, "can't assign Variable as its own grad"),
    "a grad_fn": (lambda lib, x: setattr(x, "grad_fn", None), AttributeError, "grad_fn"),
    "leafhood": (lambda lib, x: setattr(x, "is_leaf", False), AttributeError, "is_leaf"),
    "integers that require a gradient": (
        lambda lib, x: lib.tensor([1], requires_grad=True), RuntimeError, "[Oo]nly Tensors of floating point"),
    "integers that shall require a gradient": (
        lambda lib, x: lib.tensor([1]).requires_grad_(), RuntimeError, "only Tensors of floating point dtype"),
    "a non-leaf that shall require no gradient": (
        lambda lib, x: (x * 2).requires_grad_(False), RuntimeError, "only change requires_grad flags of leaf variables.*detach"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", REFUSED)
def test_it_is_refused_and_changes_nothing(lib, leaf, mistake):
    action, error, message = REFUSED[mistake]
    x = leaf(1.0, 2.0)
    with pytest.raises(error, match=re.compile(message, re.DOTALL)):
        action(lib, x)
    assert (x.grad, x.requires_grad, x.is_leaf) == (None, True, True)
