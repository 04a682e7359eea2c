"""Convolution, pooling and resampling: indices and integers, many samples, what is not computed, and what is refused."""

import numpy as np
import pytest

import microtorch
from microtorch.ops.images import convolution
from tests.libraries import assert_alike, assert_refused, weights

EXPRESSIONS = [
    "F.max_pool2d(x, 2, return_indices=True)", "F.max_pool2d(x, (2, 3), 1, (1, 1), return_indices=True)",
    "F.max_pool2d(x, 2, 3, 1, ceil_mode=True, return_indices=True)", "F.max_pool2d(x, 2, 1, 0, (1, 2), return_indices=True)",
    "F.max_pool1d(x[0], 2, return_indices=True)", "F.adaptive_max_pool2d(x, (2, 3), return_indices=True)",
    "F.adaptive_max_pool1d(x[0], 3, return_indices=True)", "F.adaptive_max_pool2d(x, 0)", "F.adaptive_avg_pool2d(x, 0)",
    "F.max_pool2d(i, 2)", "F.max_pool2d(i, 2, 1, 1)", "F.avg_pool2d(i, 2)", "F.avg_pool2d(i - 20, 2, 1, 1)",
    "lib.conv2d(i, i[:, :, :2, :2])", "lib.conv_transpose2d(i, i)", "F.unfold(i > 3, 2)", "F.pixel_shuffle(i.view(4, 1, 5), 2)",
    "F.pixel_unshuffle(i[:, :, :, :4], 2)", "F.fold(lib.ones(1, 4, 3), (2, 4), 2)", "F.max_pool2d(x.float(), 2)",
    "lib.conv2d(x.float(), lib.ones(1, 1, 2, 2))", "F.interpolate(x.float(), 3, mode='bilinear')", "F.max_pool2d(x, 2, [])",
]  # fmt: skip


def evaluated(lib, expression):
    x = lib.tensor([[[[1.5, 7.0, 7.0, -2.0, 0.5], [1.5, 2.0, 1.0, 7.0, -np.inf], *[[np.nan, -1.0, 0.0, np.nan, -np.inf]] * 2]]])
    i = lib.tensor(np.arange(20).reshape(1, 1, 4, 5) * 7 % 11)
    result = eval(expression, {"lib": lib, "F": lib.nn.functional, "x": x, "i": i})
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_is_what_torch_computes(torch, expression):
    for mine, theirs in zip(evaluated(microtorch, expression), evaluated(torch, expression), strict=True):
        assert_alike(mine, theirs)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "call",
    [
        lambda lib, x, w: lib.conv2d(x, w, padding=1), lambda lib, x, w: lib.conv2d(x, w, stride=2),
        lambda lib, x, w: lib.conv2d(x, w[:, :2], groups=2), lambda lib, x, w: lib.conv2d(x, w[:4, :1], groups=4),
        lambda lib, x, w: lib.conv_transpose2d(x, w.transpose(0, 1), padding=1),
        lambda lib, x, w: lib.conv2d(x[..., 0, :, None], w[..., :1]), lambda lib, x, w: lib.conv2d(x, w[..., :1, :1]),
    ],
)  # fmt: skip
def test_more_samples_than_are_computed_at_a_time_give_the_same_as_in_torch(torch, call, dtype):
    results = []
    for lib in (microtorch, torch):
        rng = np.random.default_rng(0)
        x, w = (lib.tensor(rng.random(shape).astype(dtype)).requires_grad_() for shape in ((37, 4, 40, 30), (6, 4, 3, 3)))
        out = call(lib, x, w)
        out.backward(weights(lib, out))
        results.append([each.detach().numpy() for each in (out, x.grad, w.grad)])
    for mine, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(
            mine, theirs, rtol=1e-10 if dtype == "float64" else 2e-3, atol=1e-10 if dtype == "float64" else 2e-3
        )


@pytest.mark.parametrize(
    ("needed", "computed"), [("x", ["to_output", "to_input"]), ("w", ["to_output", "to_weight"]), ("b", ["to_output"])]
)
def test_a_gradient_that_nobody_needs_is_not_computed(monkeypatch, needed, computed):
    done = []
    for name in ("to_output", "to_input", "to_weight"):
        whole = getattr(convolution, name)
        monkeypatch.setattr(convolution, name, lambda *args, name=name, whole=whole: (done.append(name), whole(*args))[1])
    inputs = {"x": microtorch.ones(1, 1, 3, 3), "w": microtorch.ones(1, 1, 2, 2), "b": microtorch.ones(1)}
    inputs[needed].requires_grad_()
    microtorch.conv2d(*inputs.values()).sum().backward()
    assert done == computed


@pytest.mark.parametrize(
    ("pool", "total"), [("max_pool2d", 4.0), ("avg_pool2d", 2.0), ("adaptive_avg_pool2d", 2.0), ("adaptive_max_pool2d", 6.0)]
)
def test_what_was_pooled_may_be_changed_in_place(lib, pool, total):
    x = lib.tensor([[[[1.0, -2.0, 3.0, 4.0], [0.0, -1.0, 2.0, -5.0]]]], requires_grad=True)
    y = getattr(lib.nn.functional, pool)(x, 2)
    y.mul_(2)
    y.relu_()
    y.sum().backward()
    assert x.grad.sum().item() == total


def test_gradients_of_overlapping_windows_are_added(lib):
    x = lib.tensor([[[1.0, 5.0, 2.0]]], requires_grad=True)
    lib.nn.functional.max_pool1d(x, 2, 1).sum().backward()
    assert x.grad.tolist() == [[[0.0, 2.0, 0.0]]]


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_relu_stops_even_a_gradient_that_is_no_number(lib, value):
    x = lib.tensor([-1.0, 0.0, 2.0, np.nan], requires_grad=True)
    lib.relu(x).backward(lib.tensor([value, value, value, 3.0]))
    np.testing.assert_array_equal(x.grad.numpy(), [0.0, 0.0, value, 3.0])


def of(*shape):
    return lambda lib: lib.ones(*shape)


def call(name, *arguments, **options):
    """A program: the function of that name, on arguments of which some are made by the library."""

    def program(lib):
        values = [each(lib) if callable(each) else each for each in arguments]
        return getattr(lib.nn.functional, name)(*values, **options)

    return program


X, W = of(2, 4, 7, 8), of(6, 4, 3, 3)
MISTAKES = {
    "conv2d of a matrix": (call("conv2d", of(4, 7), W), RuntimeError, r"3D.*4D.*conv2d.*\[4, 7\]"),
    "conv2d with other channels": (call("conv2d", of(2, 3, 7, 8), W), RuntimeError, r"\[6, 4, 3, 3\].*4 channels.*3 channels"),
    "conv2d with a bias of another length": (call("conv2d", X, W, of(5)), RuntimeError, r"bias.*6 elements.*\[5\]"),
    "conv2d of too small an image": (call("conv2d", of(2, 4, 2, 2), W), RuntimeError, r"\(2 x 2\).*\(3 x 3\)"),
    "conv2d with a weight of three dimensions": (call("conv2d", X, of(6, 4, 3)), RuntimeError, "to match the convolution"),
    "a stride of 0": (call("conv2d", X, W, stride=0), RuntimeError, "non-positive stride"),
    "a negative padding": (call("conv2d", X, W, padding=-1), RuntimeError, "negative padding"),
    "a dilation of 0": (call("conv2d", X, W, dilation=0), RuntimeError, "non-positive dilation"),
    "three strides": (call("conv2d", X, W, stride=(1, 2, 3)), RuntimeError, r"stride.* 2 values.*\[1, 2, 3\]"),
    "a stride with a fraction": (call("conv2d", X, W, stride=1.5), TypeError, "stride"),
    "same with a stride": (call("conv2d", X, W, padding="same", stride=2), RuntimeError, "same.*strided"),
    "an unknown padding": (call("conv2d", X, W, padding="full"), RuntimeError, "Invalid padding string.*full"),
    "groups that do not divide": (call("conv2d", X, of(6, 1, 3, 3), groups=4), RuntimeError, "divisible by 4 at dimension 0"),
    "no groups": (call("conv2d", X, W, groups=0), RuntimeError, "non-positive groups"),
    "another dtype": (call("conv2d", X, lambda lib: lib.ones(6, 4, 3, 3).double()), RuntimeError, "(?i)double|float64"),
    "a bias of another dtype": (
        call("conv2d", X, W, lambda lib: lib.ones(6).double()), RuntimeError, "Input type.*bias type.*same"),
    "a list": (call("conv2d", [1.0], W), TypeError, "list"),
    "a number as weight": (call("conv2d", X, 2.0), TypeError, "float"),
    "a transposed convolution of other channels": (
        call("conv_transpose2d", X, of(3, 4, 3, 3)), RuntimeError, "transposed.*3 channels.*4 channels"),
    "much output padding": (
        call("conv_transpose2d", X, of(4, 3, 3, 3), output_padding=1), RuntimeError, "output padding must be smaller"),
    "an output of nothing": (
        call("conv_transpose2d", of(2, 4, 1, 1), of(4, 3, 1, 1), padding=1), RuntimeError, "Output size is too small|descriptor"),
    "a padding with a name, transposed": (call("conv_transpose2d", X, of(4, 3, 3, 3), padding="same"), TypeError, "padding"),
    "max_pool2d of a matrix": (call("max_pool2d", of(2, 2), 2), RuntimeError, "3D or 4D"),
    "max_pool2d of nothing": (call("max_pool2d", of(1, 0, 3, 3), 2), RuntimeError, r"batch.*\[1, 0, 3, 3\]"),
    "a window larger than the image": (call("max_pool2d", of(1, 2, 3, 3), 4), RuntimeError, "(?i)output size is too small"),
    "a window of nothing": (call("max_pool2d", of(1, 2, 3, 3), 0), RuntimeError, "should not be zero"),
    "a stride of nothing": (call("avg_pool2d", of(1, 2, 3, 3), 2, 0), RuntimeError, "stride should not be zero"),
    "more padding than half the window": (
        call("max_pool2d", of(1, 2, 3, 3), 2, padding=2), RuntimeError, "pad should be at most half"),
    "a window of three lengths": (call("max_pool2d", of(1, 2, 3, 3), (2, 2, 2)), RuntimeError, "kernel_size"),
    "pooling of bools": (
        call("max_pool2d", lambda lib: lib.ones(1, 2, 2) > 0, 2), (RuntimeError, NotImplementedError), "(?i)bool"),
    "a list that is pooled": (call("max_pool2d", [1.0], 2), TypeError, "list"),
    "a divisor of 0": (call("avg_pool2d", of(1, 2, 3, 3), 2, divisor_override=0), RuntimeError, "divisor must be not zero"),
    "adaptive pooling to a negative size": (
        call("adaptive_avg_pool2d", of(1, 2, 3, 3), -1), RuntimeError, "output_size must be greater than or equal to 0"),
    "adaptive pooling of nothing": (call("adaptive_max_pool2d", of(1, 2, 0, 3), 2), RuntimeError, "non-zero size"),
    "adaptive pooling of integers": (
        call("adaptive_avg_pool2d", lambda lib: lib.ones(1, 3, 3).long(), 2), NotImplementedError, "not implemented"),
    "an index behind the end": (
        call("max_unpool2d", of(1, 1, 1), lambda lib: lib.tensor([[[9]]]), 2), RuntimeError, "invalid max index: 9"),
    "indices of another shape": (
        call("max_unpool2d", of(1, 1, 1), lambda lib: lib.tensor([[[0, 1]]]), 2), RuntimeError, "(?i)shape of indices"),
    "unpooling to a size it does not come from": (
        call("max_unpool2d", of(1, 1, 1), lambda lib: lib.tensor([[[0]]]), 2, output_size=(5, 5)), ValueError, "output_size"),
    "no window for unfold": (call("unfold", of(1, 2, 3, 3), 4), RuntimeError, r"kernel_size=\(4, 4\).*\(0, 0\)"),
    "windows of nothing": (call("unfold", of(1, 2, 3, 3), 0), RuntimeError, "kernel size should be greater than zero"),
    "rows that make no windows": (call("fold", of(2, 7, 6), (3, 4), 2), RuntimeError, "divisible by the product of kernel_size"),
    "another number of windows": (call("fold", of(2, 8, 5), (3, 4), 2), RuntimeError, r"2 \* 3 = 6"),
    "size and scale": (call("interpolate", of(1, 2, 3), size=2, scale_factor=2), ValueError, "only one of size or scale_factor"),
    "neither size nor scale": (call("interpolate", of(1, 2, 3)), ValueError, "either size or scale_factor"),
    "two sizes for one dimension": (call("interpolate", of(1, 2, 3), size=(2, 2)), ValueError, "same number of spatial"),
    "corners of the nearest": (call("interpolate", of(1, 2, 3), size=2, align_corners=True), ValueError, "align_corners"),
    "bilinear in one dimension": (call("interpolate", of(1, 2, 3), size=2, mode="bilinear"), NotImplementedError, "3D input"),
    "an unknown mode": (call("interpolate", of(1, 2, 3, 3), size=2, mode="cubist"), NotImplementedError, "cubist"),
    "a size of nothing": (call("interpolate", of(1, 2, 3, 3), size=0), RuntimeError, "greater than 0"),
    "channels that are no square": (call("pixel_shuffle", of(3, 2, 2), 2), RuntimeError, "square of upscale_factor"),
    "a width that does not divide": (call("pixel_unshuffle", of(1, 2, 3), 2), RuntimeError, "width.*downscale_factor"),
    "a factor of 0": (call("pixel_shuffle", of(4, 2, 2), 0), RuntimeError, "positive upscale_factor"),
    "a matrix, shuffled": (call("pixel_shuffle", of(2, 2), 2), RuntimeError, "at least 3 dimensions"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib)
