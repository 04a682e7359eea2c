"""What stands in ``nn.utils``: sequences of several lengths, gradients clipped, parameters as one vector, as in torch."""

import math

import numpy as np
import pytest

import microtorch
from microtorch.tensor.printing import printoptions
from tests.libraries import assert_alike, assert_refused, grads, leaf, values, weighted

# ── Sequences of several lengths ─────────────────────────────────────────────────────────────────────────────────────

# Programs on ``x``, of shape (3, 4, 2), and on ``a``, ``b`` and ``c``, of 3, 1 and 2 steps of two numbers each.
SEQUENCES = [
    "pad_sequence([a, b, c])", "pad_sequence([a, b, c], True)", "pad_sequence((b, a), padding_value=-1.5)",
    "pad_sequence([b, a], batch_first=True, padding_side='left')", "pad_sequence(iter([a[:, 0], c[:, 0]]), padding_side='left')",
    "pad_sequence(x)", "pack_sequence([a, c, b]).data", "pack_sequence([b, a, c], enforce_sorted=False).data",
    "pack_padded_sequence(x, [3, 3, 2, 1]).data", "pack_padded_sequence(x, lib.tensor([4, 2, 1]), batch_first=True).data",
    "pack_padded_sequence(x, [1, 3, 2, 1], enforce_sorted=False).data", "pack_padded_sequence(x[..., 0], [2, 2, 1, 1]).data",
    "pack_padded_sequence(x, lib.tensor([2.5, 2.0, 1.0]), True).data",
    "pad_packed_sequence(pack_sequence([a, c, b]))[0]", "pad_packed_sequence(pack_sequence([a, c, b]), True, 5.0, 4)[0]",
    "pad_packed_sequence(pack_sequence([b, a, c], False), batch_first=True)[0]",
    "unpack_sequence(pack_sequence([b, a, c], enforce_sorted=False))[2]", "unpad_sequence(x * 1, lib.tensor([1, 3, 2, 1]))[1]",
    "unpad_sequence(x, lib.tensor([1, 3, 2]), batch_first=True)[2]",
    "PackedSequence(pack_sequence([a, c]).data * 2, pack_sequence([a, c]).batch_sizes).data",
]  # fmt: skip


def of_sequences(lib):
    x = lib.tensor(np.arange(24.0).reshape(3, 4, 2) / 7, requires_grad=True)
    return {"x": x} | {name: leaf(lib, *([i + 0.5, i * 2] for i in range(n))) for name, n in (("a", 3), ("b", 1), ("c", 2))}


@pytest.mark.parametrize("expression", SEQUENCES)
def test_sequences_are_padded_and_packed_as_in_torch(torch, expression):
    found = []
    for lib in (microtorch, torch):
        inputs = of_sequences(lib)
        out = eval(expression, {**vars(lib.nn.utils.rnn), **inputs, "lib": lib})
        found.append([out, *grads(lib, weighted(lib, [out * out]), [*inputs.values()])])
    for one, other in zip(*found, strict=True):
        assert_alike(one, other, 1e-12)


PACKS = ["pack_sequence([a, c, b])", "pack_sequence([b, a, c], enforce_sorted=False)", "pack_padded_sequence(x, [3, 3, 2, 2])",
         "pack_padded_sequence(x, [2, 3, 3, 2], enforce_sorted=False).double()", "PackedSequence((a, lib.tensor([1, 1, 1])))",
         "PackedSequence(a, lib.tensor([2, 1]), lib.tensor([1, 0]))", "pack_sequence([c, b]).float().cpu()",
         "pack_sequence([c, b]).to(lib.float64)", "pack_sequence([c, b]).long()", "pack_sequence([c, b]).half()"]  # fmt: skip


@pytest.mark.parametrize("expression", PACKS)
def test_a_packed_sequence_knows_its_parts_and_reads_as_in_torch(torch, expression):
    found = []
    with printoptions(style="tensor"):
        for lib in (microtorch, torch):
            packed = eval(expression, {**vars(lib.nn.utils.rnn), **of_sequences(lib), "lib": lib})
            assert not packed.is_cuda
            found.append((*values(*packed), repr(packed).replace("microtorch.", "torch.")))
    assert found[0] == found[1]


def test_lengths_come_back_in_the_order_of_the_sequences(lib):
    rnn = lib.nn.utils.rnn
    assert rnn.pad_packed_sequence(rnn.pack_sequence([lib.ones(n) for n in (2, 4, 1)], False))[1].tolist() == [2, 4, 1]


def test_to_the_same_dtype_is_itself(lib):
    packed = lib.nn.utils.rnn.pack_sequence([lib.ones(2)])
    assert packed.to(lib.float32) is packed


def test_nothing_is_the_inverse_of_none(lib):
    assert lib.nn.utils.rnn.invert_permutation(None) is None
    assert lib.nn.utils.rnn.invert_permutation(lib.tensor([2, 0, 1])).tolist() == [1, 2, 0]


# ── Gradients clipped ────────────────────────────────────────────────────────────────────────────────────────────────

CLIPS = [
    "clip_grad_norm_(p, 1.0)", "clip_grad_norm_(p, 100)", "clip_grad_norm_(p, 2.0, math.inf)", "clip_grad_norm_(p, 0.5, 1)",
    "clip_grad_norm_(iter(p), 1.0, norm_type=3)", "clip_grad_norm_(p[0], 1.0)", "clip_grad_norm_([p[2]], 1.0)",
    "clip_grad_norm_([], 1.0)", "clip_grad_value_(p, 0.75)", "clip_grad_value_(p[1], 1)",
    "get_total_norm([x.grad for x in p[:2]])", "get_total_norm(p[0])", "clip_grads_with_norm_(p, 1.0, lib.tensor(4.0))",
]  # fmt: skip


@pytest.mark.parametrize("call", CLIPS)
def test_gradients_are_clipped_as_in_torch(torch, call):
    found = []
    for lib in (microtorch, torch):
        p = [leaf(lib, 1.0, -2.0), leaf(lib, [3.0], [0.25]), leaf(lib, 1.0)]  # the last has no gradient
        (p[0] * p[0]).sum().backward()
        (p[1] * -1.5).sum().backward()
        versions = [p[0].grad._version, p[1].grad._version]
        result = eval(call, {**vars(lib.nn.utils), "p": p, "lib": lib, "math": math})
        changed = [each.grad._version > before for each, before in zip(p, versions, strict=False)]
        found.append(([] if result is None else [result], [each.grad for each in p[:2]], p[2].grad, changed))
        assert result is None or not result.requires_grad
    for one, other in zip((*found[0][0], *found[0][1]), (*found[1][0], *found[1][1]), strict=True):
        assert_alike(one, other, 1e-12)
    assert found[0][2] is None
    assert found[0][3] == found[1][3]


def test_a_norm_that_is_no_number_is_an_error_where_it_shall_be_one(lib):
    x = leaf(lib, 1.0)
    x.grad = leaf(lib, math.nan, requires_grad=False)
    assert math.isnan(lib.nn.utils.clip_grad_norm_(x, 1.0).item())
    with pytest.raises(RuntimeError, match=r"total norm of order 2.0 for gradients from `parameters` is non-finite"):
        lib.nn.utils.clip_grad_norm_(x, 1.0, error_if_nonfinite=True)


def test_an_exhausted_generator_is_warned_of(lib):
    with pytest.warns(UserWarning, match="empty generator"):
        lib.nn.utils.clip_grad_norm_((each for each in []), 1.0)


def test_the_name_of_2017_works_and_says_which_is_todays(lib):
    x = leaf(lib, 3.0)
    x.grad = leaf(lib, 2.0, requires_grad=False)
    with pytest.warns(FutureWarning, match="clip_grad_norm_"):
        assert lib.nn.utils.clip_grad_norm(x, 1.0).item() == 2.0


# ── Parameters as one vector ─────────────────────────────────────────────────────────────────────────────────────────


def test_parameters_become_a_vector_with_its_history_and_come_back(lib):
    p = [leaf(lib, [1.0, 2.0], [3.0, 4.0]), leaf(lib, 5.0)]
    vector = lib.nn.utils.parameters_to_vector(p)
    (vector * vector).sum().backward()
    assert (vector.tolist(), p[1].grad.tolist()) == ([1.0, 2.0, 3.0, 4.0, 5.0], [10.0])
    new = vector.detach() * 2
    lib.nn.utils.vector_to_parameters(new, p)
    assert values(*p) == [[[2.0, 4.0], [6.0, 8.0]], [10.0]]
    new[4] = 0.0  # whose memory they share
    assert p[1].tolist() == [0.0]
    assert p[0].is_leaf


MISTAKES = {
    "no vector": (lambda lib: lib.nn.utils.vector_to_parameters([1.0], []), TypeError, "expected "),
    "a vector too short": (
        lambda lib: lib.nn.utils.vector_to_parameters(lib.ones(1), [lib.ones(2)]), RuntimeError, "elements|invalid for input"),
    "no sequences": (lambda lib: lib.nn.utils.rnn.pad_sequence([]), RuntimeError, "received an empty list of sequences"),
    "what is no list": (lambda lib: lib.nn.utils.rnn.pad_sequence(3), RuntimeError, "Expected iterable for input sequences"),
    "sequences of other shapes": (
        lambda lib: lib.nn.utils.rnn.pad_sequence([lib.ones(2), lib.ones(2, 2)]), RuntimeError, "shape"),
    "a number": (lambda lib: lib.nn.utils.rnn.pad_sequence([lib.tensor(1.0)]), RuntimeError, "slice|but got the shapes"),
    "a side that is none": (
        lambda lib: lib.nn.utils.rnn.pad_sequence([lib.ones(2)], padding_side="x"), RuntimeError, "one of left or right"),
    "the shortest first": (
        lambda lib: lib.nn.utils.rnn.pack_sequence([lib.ones(1), lib.ones(2)]), RuntimeError, "sorted in decreasing order"),
    "a length of 0": (
        lambda lib: lib.nn.utils.rnn.pack_padded_sequence(lib.ones(3, 2), [1, 0]), RuntimeError, "has to be greater than 0"),
    "too few lengths": (
        lambda lib: lib.nn.utils.rnn.pack_padded_sequence(lib.ones(3, 2), [1]), RuntimeError, r"equal to batch_size, but got 1"),
    "lengths in rows": (
        lambda lib: lib.nn.utils.rnn.pack_padded_sequence(lib.ones(3, 2), lib.ones(1, 2)), RuntimeError, "should be a 1D"),
    "no elements": (lambda lib: lib.nn.utils.rnn.pack_padded_sequence(lib.ones(3, 0), []), RuntimeError, "Cannot pack empty"),
    "no batch": (lambda lib: lib.nn.utils.rnn.pack_padded_sequence(lib.ones(3), [3]), IndexError, "imension"),
    "fewer steps than there are": (
        lambda lib: lib.nn.utils.rnn.pad_packed_sequence(lib.nn.utils.rnn.pack_sequence([lib.ones(3)]), total_length=2),
        ValueError, "Expected total_length to be at least the length of the longest"),
    "data alone": (lambda lib: lib.nn.utils.rnn.PackedSequence(lib.ones(3)), AssertionError, "list or tuple of length 2"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib)
