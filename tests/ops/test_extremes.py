"""Where the largest and the smallest stand, as torch says it; cat, stack and clamp: what is refused."""

import pytest

import microtorch
from tests.libraries import assert_alike, assert_refused

EXPRESSIONS = [
    "x.max(0).indices", "x.min(1).indices", "x.max(-1, keepdim=True).indices", "x.max(0)[1]", "s.max(0).indices",
    "s.min(-1).values",
    "x.argmax()", "x.argmin()", "x.argmax(0)", "lib.argmin(x, dim=1, keepdim=True)", "x.argmax(dim=-1)", "s.argmax()", "i.max()",
    "i.argmax()", "lib.max(i, 0).values", "i.cumsum(0)", "i.amax()", "lib.cat((i, x[0]))", "lib.stack((i, i), 1)",
    "i.clamp(2, 3)",
    "i.clamp(min=2)", "i % 2", "i % -2", "lib.fmod(i, 2)", "i.sign()", "i.abs()", "(i > 1).any()", "lib.square(i)",
]  # fmt: skip


def evaluated(lib, expression):
    names = {
        "x": lib.tensor([[1.5, 7.0, -2.0], [1.5, 2.0, 1.0]], requires_grad=True),
        "i": lib.tensor([3, 1, 2]),
        "s": lib.tensor(2.0),
    }
    return eval(expression, {"lib": lib}, names)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_is_what_torch_computes(torch, expression):
    assert_alike(evaluated(microtorch, expression), evaluated(torch, expression))


MISTAKES = {
    "max of nothing": (lambda lib: lib.ones(0).max(), (IndexError, RuntimeError), "max"),
    "argmax along nothing": (lambda lib: lib.ones(2, 0).argmax(1), IndexError, "non-zero size"),
    "amax along nothing": (lambda lib: lib.ones(2, 0).amax(1), IndexError, "non-zero size"),
    "var of integers": (lambda lib: lib.tensor([1, 2]).var(), RuntimeError, "floating"),
    "cat of nothing": (lambda lib: lib.cat([]), (RuntimeError, ValueError), "non-empty"),
    "cat of one that is in no list": (lambda lib: lib.cat(lib.ones(2)), TypeError, "cat.*tuple"),
    "cat of a number": (lambda lib: lib.cat((lib.ones(2), 3)), TypeError, "element 1.*int"),
    "cat of scalars": (lambda lib: lib.cat((lib.tensor(1.0), lib.tensor(2.0))), RuntimeError, "zero-dimensional.*concatenated"),
    "cat of other shapes": (
        lambda lib: lib.cat((lib.ones(2, 3), lib.ones(2, 4))), RuntimeError, "except in dimension 0.*3 but got size 4"),
    "cat of other dimensions": (lambda lib: lib.cat((lib.ones(2), lib.ones(2, 1))), RuntimeError, "same number of dimensions"),
    "stack of other shapes": (lambda lib: lib.stack((lib.ones(2), lib.ones(3))), RuntimeError, r"equal size.*\[2\].*\[3\]"),
    "clamp without bounds": (lambda lib: lib.ones(2).clamp(), (RuntimeError, ValueError), "must not be None"),
    "masked_fill with numbers as mask": (
        lambda lib: lib.ones(2).masked_fill(lib.tensor([0, 1]), 2.0), RuntimeError, "boolean masks"),
    "masked_fill with several values": (
        lambda lib: lib.ones(2).masked_fill(lib.tensor([True, False]), lib.ones(2)), RuntimeError, "0-dimension"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib)
