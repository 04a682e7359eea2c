"""What layers are made of: running statistics, what falls out at random, what is looked up; and what is refused."""

import math

import numpy as np
import pytest

import microtorch
from tests.libraries import assert_refused

# ── Values ───────────────────────────────────────────────────────────────────────────────────────────────────────────

EXPRESSIONS = [
    "F.one_hot(i)", "F.one_hot(i, 5)", "F.one_hot(i[0, 0])", "F.one_hot(i[:0], 3)", "F.pad(i, (1, 2), value=7)",
    "F.pad(i, (-1, 0, 1, 0))", "F.pad(i, (1, 1), 'reflect')", "F.pad(i, (1, 1), 'circular')", "F.embedding(i.int(), w)",
    "F.embedding(i[:0], w)", "F.embedding(i, w.half())", "F.layer_norm(x.detach(), (4,), eps=1)", "F.dropout(x, 1.0)",
    "F.dropout(x, 0.9, False)", "F.alpha_dropout(x, 1.0, True)", "F.dropout(x[:0], 0.5)", "F.linear(i, i)",
    "F.linear(i[0], i, i[:, 0])",
    "lib.addmm(i, i, i.t() @ i, beta=2, alpha=3)", "lib.addmm(x * math.nan, x, x.t() @ x, beta=0)",
    "F.batch_norm(x[:0], None, None, training=True)", "F.normalize(x, dim=(0, 1))", "F.normalize(x * 0)",
    "F.scaled_dot_product_attention(x, x, x, lib.zeros(3, 3).bool())",
    "F.scaled_dot_product_attention(x, x[:2], x[:2], is_causal=True)",
]  # fmt: skip


def evaluated(lib, expression):
    names = {
        "x": lib.tensor([[1.0, -2.0, 0.5, 3.0], [0.25, 4.0, -1.0, 1.0], [2.0, 1.0, 1.5, -0.5]], requires_grad=True),
        "w": lib.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        "i": lib.tensor([[0, 2, 1], [2, 2, 0]]),
    }
    result = eval(expression, {"lib": lib, "F": lib.nn.functional, "math": math}, names)
    return result.detach().clone().numpy(), str(result.dtype).rpartition(".")[2]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_is_what_torch_computes(torch, expression):
    (mine, my_dtype), (theirs, their_dtype) = evaluated(microtorch, expression), evaluated(torch, expression)
    assert (mine.shape, my_dtype) == (theirs.shape, their_dtype)
    np.testing.assert_allclose(mine, theirs, rtol=1e-3 if my_dtype == "float16" else 1e-5, atol=1e-6)


# ── Running statistics ───────────────────────────────────────────────────────────────────────────────────────────────

MOVES = {
    "batch_norm": lambda F, x, mean, var: F.batch_norm(x, mean, var, training=True, momentum=0.25),
    "batch_norm, at once": lambda F, x, mean, var: F.batch_norm(x, mean, var, training=True, momentum=1.0),
    "batch_norm, by them": lambda F, x, mean, var: F.batch_norm(x, mean, var),
    "instance_norm": lambda F, x, mean, var: F.instance_norm(x, mean, var),
    "instance_norm, by them": lambda F, x, mean, var: F.instance_norm(x, mean, var, use_input_stats=False),
}


@pytest.mark.parametrize("call", MOVES)
def test_running_statistics_move_as_in_torch(torch, call):
    values, results = np.random.default_rng(0).standard_normal((4, 3, 2)), []
    for lib in (microtorch, torch):
        x, mean = lib.tensor(values, requires_grad=True), lib.tensor([0.5, -0.25, 0.0], dtype=lib.float64)
        var = lib.tensor([1.0, 2.0, 0.5], dtype=lib.float64)
        out = [MOVES[call](lib.nn.functional, x, mean, var) for _ in range(2)][-1]
        (out * out * out).sum().backward()
        results.append([out.detach().numpy(), x.grad.numpy(), mean.numpy(), var.numpy()])
    for mine, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-12)


def test_running_statistics_that_move_later_do_not_change_a_gradient(lib):
    x = lib.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
    mean, var = lib.zeros(2), lib.ones(2)
    gradients = []
    for later in (lambda: None, lambda: lib.nn.functional.batch_norm(x.detach(), mean, var, training=True)):
        (weight,) = lib.autograd.grad(lib.nn.functional.batch_norm(x, mean.clone(), var.clone(), x[0], x[1]).sum(), x)
        later()
        gradients.append(weight.tolist())
    assert gradients[0] == gradients[1]


def test_a_layer_norm_in_float32_is_exact_far_from_zero():
    x = microtorch.tensor(np.random.default_rng(0).standard_normal((2, 1000)) + 1000.0)
    mine = microtorch.nn.functional.layer_norm(x.float(), (1000,)).numpy()
    np.testing.assert_allclose(mine, microtorch.nn.functional.layer_norm(x.float().double(), (1000,)).numpy(), atol=1e-3)


# ── What falls out at random ─────────────────────────────────────────────────────────────────────────────────────────

DROPOUTS = {
    "dropout": ((40, 50), 2000), "dropout1d": ((40, 50, 3), 2000), "dropout2d": ((40, 50, 2, 2), 2000),
    "dropout3d": ((40, 50, 1, 2, 2), 2000), "alpha_dropout": ((40, 50), 2000), "feature_alpha_dropout": ((40, 50, 2), 2000),
}  # fmt: skip


@pytest.mark.parametrize("name", DROPOUTS)
@pytest.mark.parametrize("p", [0.25, 0.75])
def test_as_many_fall_out_as_in_torch_and_become_the_same(torch, name, p):
    shape, count = DROPOUTS[name]
    found = []
    for lib in (microtorch, torch):
        lib.manual_seed(0)
        out = getattr(lib.nn.functional, name)(lib.ones(*shape), p, training=True).numpy().reshape(count, -1)
        assert (out == out[:, :1]).all()  # a channel as a whole
        values, counts = np.unique(out[:, 0], return_counts=True)
        found.append((values, counts))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found[0][1], found[1][1], atol=100)


@pytest.mark.parametrize("name", DROPOUTS)
def test_what_falls_out_has_no_gradient_and_the_graph_is_that_of_torch(torch, name):
    graphs = []
    for lib in (microtorch, torch):
        x = lib.ones(*DROPOUTS[name][0], requires_grad=True)
        out = getattr(lib.nn.functional, name)(x, 0.5, training=True)
        node, names = out.grad_fn, []
        while node is not None:
            names.append(node.name().rpartition("::")[2])
            node = node.next_functions[0][0] if node.next_functions else None
        graphs.append(names)
        (gradient,) = lib.autograd.grad(out.sum(), x)
        dropped = out.detach() == out.detach().min()
        assert 0 < (gradient[dropped] == 0).sum().item() == (gradient == 0).sum().item()
    assert graphs[0] == graphs[1]


@pytest.mark.parametrize("name", DROPOUTS)
def test_in_place_the_memory_is_that_of_the_input(lib, name):
    x = lib.ones(*DROPOUTS[name][0])
    assert getattr(lib.nn.functional, name)(x, 0.5, training=True, inplace=True) is x
    assert x.min().item() < 1
    assert getattr(lib.nn.functional, name)(x, 0.5, training=False) is x


def test_dropout_1d_takes_channels_without_a_batch(lib):
    x = lib.ones(50, 4)
    out = lib.nn.functional.dropout1d(x, 0.5)
    assert out.shape == (50, 4)
    assert {tuple(row) for row in out.tolist()} == {(0.0,) * 4, (2.0,) * 4}
    lib.nn.functional.dropout1d(x, 0.5, inplace=True)
    assert {tuple(row) for row in x.tolist()} == {(0.0,) * 4, (2.0,) * 4}


def test_the_same_seed_drops_the_same():
    drop = microtorch.nn.functional.dropout
    drawn = [(microtorch.manual_seed(3), drop(microtorch.ones(100)).tolist())[1] for _ in range(2)]
    assert drawn[0] == drawn[1] != drop(microtorch.ones(100)).tolist()


# ── What is looked up ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("options", [{}, {"padding_idx": 1}, {"padding_idx": -1}, {"scale_grad_by_freq": True}], ids=str)
def test_rows_have_the_gradients_of_torch(torch, options):
    found = []
    for lib in (microtorch, torch):
        weight = lib.tensor(np.arange(8.0).reshape(4, 2), requires_grad=True)
        out = lib.nn.functional.embedding(lib.tensor([[1, 1, 3], [0, 1, 3]]), weight, **options)
        begin = lib.tensor(np.arange(12.0).reshape(2, 3, 2), requires_grad=True)
        (gradient,) = lib.autograd.grad(out, weight, begin, create_graph=True)
        (again,) = lib.autograd.grad((gradient**2).sum(), begin)
        found.append((gradient.tolist(), again.tolist()))
    np.testing.assert_allclose(found[0][0], found[1][0])
    if "scale_grad_by_freq" not in options:  # of which torch's second gradient knows nothing
        np.testing.assert_allclose(found[0][1], found[1][1])


def test_the_gradient_of_a_gradient_is_divided_by_the_frequency_too():
    begin = microtorch.ones(3, 1, requires_grad=True)
    weight = microtorch.ones(2, 1, requires_grad=True)
    out = microtorch.nn.functional.embedding(microtorch.tensor([0, 0, 1]), weight, scale_grad_by_freq=True)
    (gradient,) = microtorch.autograd.grad(out, weight, begin, create_graph=True)
    gradient.sum().backward()
    assert (gradient.tolist(), begin.grad.tolist()) == ([[1.0], [1.0]], [[0.5], [0.5], [1.0]])


def test_rows_that_are_too_long_are_shortened_in_place(torch):
    weights = []
    for lib in (microtorch, torch):
        weight = lib.tensor([[3.0, 4.0], [0.3, 0.4], [6.0, 8.0]], requires_grad=True)
        out = lib.nn.functional.embedding(lib.tensor([0, 1, 0]), weight, max_norm=1.0, norm_type=1.0)
        weights.append([weight.tolist(), out.tolist()])
        assert weight._version == 1
    np.testing.assert_allclose(weights[0][0], weights[1][0], rtol=1e-6)
    np.testing.assert_allclose(weights[0][1], weights[1][1], rtol=1e-6)


def test_indices_that_change_before_backward_are_noticed(lib):
    indices, weight = lib.tensor([0, 1]), lib.ones(2, 2, requires_grad=True)
    out = lib.nn.functional.embedding(indices, weight)
    indices.fill_(0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


# ── Mistakes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def ones(lib, *shape):
    return lib.ones(*shape, requires_grad=True)


MISTAKES = {
    "batch_norm of one value": (
        lambda lib, F: F.batch_norm(ones(lib, 1, 3), None, None, training=True), ValueError, "more than 1 value"),
    "batch_norm by nothing": (
        lambda lib, F: F.batch_norm(ones(lib, 2, 3), None, None), RuntimeError, "running_mean.*must be defined"),
    "batch_norm by a mean alone": (
        lambda lib, F: F.batch_norm(ones(lib, 2, 3), lib.zeros(3), None, training=True), ValueError, "must either both be None"),
    "batch_norm of a vector": (
        lambda lib, F: F.batch_norm(ones(lib, 3), lib.zeros(3), lib.ones(3)), RuntimeError, "at least 2 dim|should contain"),
    "batch_norm with another weight": (
        lambda lib, F: F.batch_norm(ones(lib, 2, 3), None, None, lib.ones(4), training=True),
        RuntimeError, "weight should contain 3"),
    "batch_norm with another mean": (
        lambda lib, F: F.batch_norm(ones(lib, 2, 3), lib.ones(4), lib.ones(3)), RuntimeError, "running_mean should contain 3"),
    "batch_norm of integers": (
        lambda lib, F: F.batch_norm(lib.ones(2, 3).long(), None, None, training=True), RuntimeError, "not implemented for"),
    "batch_norm with a negative eps": (
        lambda lib, F: F.batch_norm(ones(lib, 2, 3), None, None, training=True, eps=-1), ValueError, "eps must be positive"),
    "batch_norm with a mean to be trained": (
        lambda lib, F: F.batch_norm(ones(lib, 2, 3), ones(lib, 3), lib.ones(3), training=True),
        RuntimeError, "not differentiable with respect to argument 'running_mean'"),
    "batch_norm in two dtypes": (
        lambda lib, F: F.batch_norm(ones(lib, 2, 3), None, None, lib.ones(3).double(), training=True),
        RuntimeError, "mixed dtype"),
    "batch_norm of a number": (
        lambda lib, F: F.batch_norm(3, None, None), (TypeError, RuntimeError), "Variable|Tensor|running_mean"),
    "layer_norm over another shape": (
        lambda lib, F: F.layer_norm(ones(lib, 2, 3), (4,)),
        RuntimeError, r"normalized_shape=\[4\], expected input with shape \[\*, 4\]"),
    "layer_norm over a number": (
        lambda lib, F: F.layer_norm(ones(lib, 2, 3), 3), TypeError, "'normalized_shape'.* must be tuple of ints, not int"),
    "layer_norm over nothing": (lambda lib, F: F.layer_norm(ones(lib, 2, 3), ()), RuntimeError, "at least 1-dimensional"),
    "layer_norm with another weight": (
        lambda lib, F: F.layer_norm(ones(lib, 2, 3), (3,), lib.ones(4)), RuntimeError, r"weight .*\[(3|4)\]"),
    "group_norm in unequal groups": (
        lambda lib, F: F.group_norm(ones(lib, 2, 4), 3), RuntimeError, r"divisible by num_groups.*\[2, 4\] and num_groups=3"),
    "group_norm of a vector": (lambda lib, F: F.group_norm(ones(lib, 4), 2), RuntimeError, "at least 2 dimensions"),
    "group_norm of one value": (lambda lib, F: F.group_norm(ones(lib, 1, 4), 4), ValueError, "more than 1 value"),
    "instance_norm of a matrix": (lambda lib, F: F.instance_norm(ones(lib, 2, 4)), ValueError, "more than 1 spatial element"),
    "instance_norm by nothing": (
        lambda lib, F: F.instance_norm(ones(lib, 2, 4, 2), use_input_stats=False), RuntimeError, "running_mean.* defined"),
    "linear of another length": (
        lambda lib, F: F.linear(ones(lib, 2, 3), lib.ones(4, 2), lib.ones(4)), RuntimeError, "cannot be multiplied.*2x3 and 2x4"),
    "linear with another bias": (
        lambda lib, F: F.linear(ones(lib, 2, 3), lib.ones(4, 3), lib.ones(3)),
        RuntimeError, "must match the existing size"),
    "linear of a number": (
        lambda lib, F: F.linear(lib.tensor(1.0), lib.ones(1, 1)), RuntimeError, "linear need to be at least 1D"),
    "linear in two dtypes": (
        lambda lib, F: F.linear(ones(lib, 2, 3), lib.ones(4, 3).double(), lib.ones(4)), RuntimeError, "same dtype"),
    "bilinear of other batches": (
        lambda lib, F: F.bilinear(ones(lib, 4, 3), ones(lib, 3, 2), lib.ones(5, 3, 2)),
        RuntimeError, "batch dimensions do not match"),
    "bilinear of another length": (
        lambda lib, F: F.bilinear(ones(lib, 4, 3), ones(lib, 4, 2), lib.ones(5, 3, 3)),
        RuntimeError, "input2 size .*got 2 but expected 3"),
    "bilinear with another bias": (
        lambda lib, F: F.bilinear(ones(lib, 4, 3), ones(lib, 4, 2), lib.ones(5, 3, 2), lib.ones(4)), RuntimeError, "bias size"),
    "a probability above 1": (lambda lib, F: F.dropout(lib.ones(2), 1.5), ValueError, "between 0 and 1, but got 1.5"),
    "a negative probability": (
        lambda lib, F: F.alpha_dropout(lib.ones(2), -0.5, False), ValueError, "between 0 and 1, but got -0.5"),
    "dropout of integers": (lambda lib, F: F.dropout(lib.ones(2).long()), RuntimeError, "can't be cast"),
    "dropout of a list": (lambda lib, F: F.dropout([1.0]), TypeError, "list"),
    "dropout1d of an image": (lambda lib, F: F.dropout1d(lib.ones(2, 2, 2, 2)), RuntimeError, "Expected 2D or 3D input.*4D"),
    "embedding by floats": (lambda lib, F: F.embedding(lib.ones(2), lib.ones(4, 3)), RuntimeError, "indices.*(Long|int64)"),
    "embedding beyond": (lambda lib, F: F.embedding(lib.tensor([4]), lib.ones(4, 3)), IndexError, "index out of range"),
    "embedding before the first": (
        lambda lib, F: F.embedding(lib.tensor([-1]), lib.ones(4, 3)), IndexError, "index out of range"),
    "embedding in a vector": (lambda lib, F: F.embedding(lib.tensor([0]), lib.ones(4)), RuntimeError, "'weight' must be 2-D"),
    "embedding with padding beyond": (
        lambda lib, F: F.embedding(lib.tensor([0]), lib.ones(4, 3), 4),
        (ValueError, AssertionError), "adding_idx must be within"),
    "one_hot of floats": (lambda lib, F: F.one_hot(lib.ones(2)), RuntimeError, "only applicable to index tensor"),
    "one_hot of nothing": (lambda lib, F: F.one_hot(lib.tensor([]).long()), RuntimeError, "Can not infer total number"),
    "one_hot of negative numbers": (lambda lib, F: F.one_hot(lib.tensor([-1])), RuntimeError, "must be non-negative"),
    "one_hot of too large numbers": (lambda lib, F: F.one_hot(lib.tensor([3]), 3), RuntimeError, "smaller than num_classes"),
    "pad by an odd number": (lambda lib, F: F.pad(lib.ones(2, 3), (1,)), RuntimeError, "must be divisible by 2"),
    "pad of too many dimensions": (
        lambda lib, F: F.pad(lib.ones(2), (1, 1, 1, 1)), RuntimeError, "less than or equal to two times"),
    "pad by floats": (lambda lib, F: F.pad(lib.ones(2), (1.5, 1)), TypeError, "must be tuple of ints"),
    "pad that takes too much away": (lambda lib, F: F.pad(lib.ones(2), (-2, -2)), RuntimeError, "length must be non-negative"),
    "pad in a mode that is none": (
        lambda lib, F: F.pad(lib.ones(2, 2), (1, 1), "x"), NotImplementedError, "Unrecognised padding mode x"),
    "pad with a value for nothing": (
        lambda lib, F: F.pad(lib.ones(2, 2), (1, 1), "reflect", 2.0), RuntimeError, "doesn't take in value argument"),
    "pad by more than the mirror has": (
        lambda lib, F: F.pad(lib.ones(2, 3), (3, 0), "reflect"), RuntimeError, "less than the corresponding input dimension"),
    "pad around more than once": (
        lambda lib, F: F.pad(lib.ones(2, 3), (4, 0), "circular"), RuntimeError, "wrapping around more than once"),
    "reflect of too few dimensions": (
        lambda lib, F: F.pad(lib.ones(3), (1, 1), "reflect"), NotImplementedError, "Padding size 2 is not supported for 1D"),
    "attention of vectors": (
        lambda lib, F: F.scaled_dot_product_attention(*[lib.ones(3)] * 3), RuntimeError, "at least 2 dimensional"),
    "attention with two masks": (
        lambda lib, F: F.scaled_dot_product_attention(*[ones(lib, 3, 3)] * 3, lib.ones(3, 3).bool(), is_causal=True),
        RuntimeError, "should not be set when is_causal=True"),
    "attention with a mask of integers": (
        lambda lib, F: F.scaled_dot_product_attention(*[ones(lib, 3, 3)] * 3, lib.ones(3, 3).long()),
        RuntimeError, "Expected attn_mask dtype to be bool or float"),
    "attention in two dtypes": (
        lambda lib, F: F.scaled_dot_product_attention(ones(lib, 3, 3), ones(lib, 3, 3).double(), ones(lib, 3, 3)),
        RuntimeError, "to have the same dtype"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib, lib.nn.functional)


def test_sparse_gradients_are_refused():
    with pytest.raises(ValueError, match="sparse"):
        microtorch.nn.functional.embedding(microtorch.tensor([0]), microtorch.ones(2, 2), sparse=True)


def test_something_else_in_place_of_a_variable_is_refused():
    functional, x = microtorch.nn.functional, microtorch.ones(2, 2)
    calls = [
        lambda: functional.batch_norm(3, None, None, training=True),
        lambda: functional.batch_norm(x, None, None, [1.0] * 2, training=True),
        lambda: functional.layer_norm([1.0], (1,)), lambda: functional.layer_norm(x, (2,), [1.0, 1.0]),
        lambda: functional.group_norm([1.0], 1), lambda: functional.instance_norm([1.0]),
        lambda: functional.rms_norm([1.0], (1,)),
        lambda: functional.normalize([1.0]), lambda: functional.linear([1.0], x), lambda: functional.linear(x, [1.0]),
        lambda: functional.linear(x, x, [1.0]), lambda: functional.bilinear(x, [1.0], x), lambda: functional.dropout2d([1.0]),
        lambda: functional.embedding([0], x), lambda: functional.embedding(x.long(), [1.0]), lambda: functional.one_hot([1]),
        lambda: functional.pad([1.0], (1, 1)), lambda: functional.scaled_dot_product_attention(x, x, [1.0]),
        lambda: functional.scaled_dot_product_attention(x, x, x, [1.0]),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(TypeError, match=r"expected a Variable|must be"):
            call()
