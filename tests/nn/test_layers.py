"""Layers and losses as modules, and their first values: what they compute and how they read, as in torch."""

import math
from collections import OrderedDict

import numpy as np
import pytest

import microtorch
from microtorch.tensor.printing import printoptions
from tests.libraries import assert_refused, structure, weighted

REPRS = [
    "nn.Linear(2, 3)", "nn.Linear(2, 3, bias=False)", "nn.Bilinear(1, 2, 3)", "nn.Identity(1, 2)", "nn.Flatten()", "nn.ReLU()",
    "nn.ReLU(True)", "nn.Sigmoid()", "nn.Tanh()", "nn.LogSigmoid()", "nn.LeakyReLU(0.2)", "nn.ELU()", "nn.GELU()",
    "nn.GELU('tanh')", "nn.SiLU()", "nn.Softplus()", "nn.Softmax(1)", "nn.LogSoftmax(dim=-1)", "nn.Dropout()",
    "nn.Dropout1d(0.25, inplace=True)", "nn.Dropout2d()", "nn.Dropout3d()", "nn.AlphaDropout()", "nn.BatchNorm1d(3)",
    "nn.BatchNorm2d(3, momentum=None, affine=False)", "nn.BatchNorm3d(3, track_running_stats=False, bias=False)",
    "nn.LayerNorm(3)", "nn.LayerNorm((2, 3), bias=False)", "nn.LayerNorm([3], elementwise_affine=False)", "nn.GroupNorm(1, 2)",
    "nn.RMSNorm(3)", "nn.Embedding(3, 2)", "nn.Embedding(3, 2, -1, 2.0, 1.0, True, True)", "nn.MSELoss()",
    "nn.CrossEntropyLoss()", "nn.Sequential()", "nn.Sequential(nn.Linear(1, 2), nn.Sequential(nn.ReLU(), nn.Tanh()))",
    "nn.Sequential(OrderedDict(a=nn.ReLU()))", "nn.ModuleList()",
    "nn.ModuleList([nn.Linear(1, 2), nn.Linear(1, 2), nn.Sequential(nn.ReLU())])",
    "nn.ModuleDict({'a': nn.ReLU(), 'b': nn.Sequential(nn.ReLU())})", "nn.Conv1d(1, 2, 3)",
    "nn.Conv2d(2, 4, (3, 5), 2, (1, 2), (1, 2), 2, False, 'reflect')", "nn.Conv3d(1, 2, 3, padding='same')",
    "nn.ConvTranspose1d(2, 4, 3, 2, 1, 1, 2, False, 2)", "nn.ConvTranspose2d(1, 2, 3)", "nn.ConvTranspose3d(1, 2, (1, 2, 3))",
    "nn.MaxPool1d(2)", "nn.MaxPool2d((2, 3), 1, 1, 2, True, True)", "nn.AvgPool1d(2)", "nn.AvgPool2d(2, (1, 2), 1, True)",
    "nn.AdaptiveAvgPool1d(2)", "nn.AdaptiveAvgPool2d((2, None))", "nn.AdaptiveMaxPool1d(2)", "nn.AdaptiveMaxPool2d(1, True)",
]  # fmt: skip


@pytest.mark.parametrize("expression", REPRS)
def test_it_reads_as_in_torch(torch, expression):
    assert repr(eval(expression, {"nn": microtorch.nn, "OrderedDict": OrderedDict})) == repr(
        eval(expression, {"nn": torch.nn, "OrderedDict": OrderedDict})
    )


def test_a_parameter_reads_as_in_2017_or_as_today(torch):
    parameter = microtorch.nn.Parameter(microtorch.ones(2))
    assert repr(parameter) == "Parameter containing:\n 1\n 1\n[microtorch.FloatTensor of size 2]\n"
    with printoptions(style="tensor"):
        assert repr(parameter) == repr(torch.nn.Parameter(torch.ones(2)))


# Each on an input of the shape beside it; in torch, with the parameters that it has here.
LAYERS = {
    "nn.Linear(3, 2)": (4, 3), "nn.Linear(3, 2, bias=False)": (2, 4, 3), "nn.Identity()": (2,), "nn.Flatten()": (2, 3, 4),
    "nn.Flatten(0, 1)": (2, 3, 4), "nn.ReLU()": (2, 3), "nn.Sigmoid()": (2, 3), "nn.Tanh()": (2, 3), "nn.LogSigmoid()": (2, 3),
    "nn.LeakyReLU(0.2)": (2, 3), "nn.ELU(0.5)": (2, 3), "nn.GELU()": (2, 3), "nn.GELU('tanh')": (2, 3), "nn.SiLU()": (2, 3),
    "nn.Softplus(2.0)": (2, 3), "nn.Softmax(1)": (2, 3), "nn.LogSoftmax(0)": (2, 3), "nn.Dropout().eval()": (2, 3),
    "nn.BatchNorm1d(3)": (4, 3), "nn.BatchNorm1d(3).eval()": (4, 3, 2), "nn.BatchNorm2d(3, affine=False)": (2, 3, 2, 2),
    "nn.BatchNorm2d(3, track_running_stats=False).eval()": (2, 3, 2, 2), "nn.BatchNorm1d(3, momentum=None)": (4, 3),
    "nn.BatchNorm3d(2, eps=0.5, momentum=0.5, bias=False)": (2, 2, 1, 2, 3), "nn.LayerNorm(3)": (2, 3),
    "nn.LayerNorm((2, 3), elementwise_affine=False)": (4, 2, 3), "nn.GroupNorm(2, 4)": (2, 4, 3), "nn.RMSNorm(3)": (2, 3),
    "nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Sequential(nn.Linear(4, 2), nn.LayerNorm(2)))": (5, 3),
    "nn.Conv1d(2, 3, 3, 2, 1)": (2, 2, 7), "nn.Conv2d(2, 4, (3, 2), (1, 2), (1, 0), 2, 2, False)": (2, 2, 5, 6),
    "nn.Conv2d(1, 2, 3, padding='same')": (2, 1, 5, 6),
    "nn.Conv2d(1, 2, 4, padding='same', padding_mode='circular')": (2, 1, 5, 6),
    "nn.Conv2d(1, 2, 3, padding='valid', padding_mode='reflect')": (1, 5, 6), "nn.Conv3d(1, 2, 2)": (2, 1, 3, 4, 3),
    "nn.Conv2d(1, 2, 3, padding=(1, 2), padding_mode='replicate')": (2, 1, 5, 6),
    "nn.ConvTranspose1d(2, 4, 3, 2, 1, 1, 2)": (2, 2, 4),
    "nn.ConvTranspose2d(2, 3, 3, (1, 2), 1, (0, 1), bias=False, dilation=(1, 2))": (2, 2, 4, 3),
    "nn.ConvTranspose3d(2, 1, 2)": (2, 2, 2, 3, 2), "nn.MaxPool1d(3, 2, 1)": (2, 2, 7),
    "nn.MaxPool2d(2, ceil_mode=True)": (2, 2, 5, 4),
    "nn.AvgPool1d(2, padding=1, count_include_pad=False)": (2, 2, 6), "nn.AvgPool2d(2, 1, 1, False, True, 3)": (2, 2, 4, 5),
    "nn.AdaptiveAvgPool1d(3)": (2, 2, 5), "nn.AdaptiveAvgPool2d((None, 2))": (2, 2, 3, 5), "nn.AdaptiveMaxPool1d(2)": (2, 2, 5),
    "nn.AdaptiveMaxPool2d(2)": (2, 2, 3, 5),
    "nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12, 2))": (2, 1, 6, 6),
}  # fmt: skip


def twins(torch, expression):
    """The module in both libraries, in float64, and with the same parameters: random ones."""
    mine, theirs = (eval(expression, {"nn": lib.nn}).double() for lib in (microtorch, torch))
    rng = np.random.default_rng(1)
    assert [name for name, _ in mine.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    for one, other in zip(mine.parameters(), theirs.parameters(), strict=True):
        assert one.shape == other.shape
        values = rng.standard_normal(one.shape)
        with microtorch.no_grad(), torch.no_grad():
            one.copy_(microtorch.tensor(values))
            other.copy_(torch.tensor(values))
    return mine, theirs


@pytest.mark.parametrize("expression", LAYERS)
def test_a_layer_computes_what_it_does_in_torch(torch, expression):
    values, outcomes = np.random.default_rng(0).standard_normal(LAYERS[expression]), []
    for lib, module in zip((microtorch, torch), twins(torch, expression), strict=True):
        x = lib.tensor(values, requires_grad=True)
        for _ in range(2):  # so that running statistics run
            out = module(x)
        weighted(lib, [out]).backward()
        found = [out, x.grad, *(each.grad for each in module.parameters()), *module.buffers()]
        outcomes.append(
            ([each.detach().tolist() for each in found], structure(out.grad_fn, {"x": x, **dict(module.named_parameters())}))
        )
    (mine, my_graph), (theirs, their_graph) = outcomes
    assert my_graph == their_graph
    assert len(mine) == len(theirs)
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


LOSSES = {
    "nn.MSELoss()": "x * 2", "nn.L1Loss(reduction='sum')": "x * 2", "nn.SmoothL1Loss(beta=0.5)": "x * 2",
    "nn.HuberLoss(delta=0.5)": "x * 2",
    "nn.NLLLoss(reduction='none')": "classes", "nn.CrossEntropyLoss(label_smoothing=0.25)": "classes",
    "nn.CrossEntropyLoss(lib.tensor([1.0, 2.0, 3.0], dtype=lib.float64))": "classes", "nn.BCELoss()": "x * 0.5",
    "nn.BCEWithLogitsLoss(pos_weight=lib.tensor([1.0, 2.0, 3.0], dtype=lib.float64))": "x * 0.5",
    "nn.KLDivLoss(reduction='batchmean')": "x * 0.5",
}  # fmt: skip


@pytest.mark.parametrize("expression", LOSSES)
def test_a_loss_is_what_it_is_in_torch(torch, expression):
    found = []
    for lib in (microtorch, torch):
        x = lib.tensor([[0.25, 0.5, 0.75], [0.125, 0.5, 0.875]], dtype=lib.float64, requires_grad=True)
        loss = eval(expression, {"nn": lib.nn, "lib": lib})
        target = eval(LOSSES[expression], {"x": x.detach(), "classes": lib.tensor([2, 0])})
        out = loss(x, target)
        out.sum().backward()
        found.append([out.tolist(), x.grad.tolist(), list(loss.state_dict())])
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-12)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-12)
    assert found[0][2] == found[1][2]


# ── First values ─────────────────────────────────────────────────────────────────────────────────────────────────────


FIRST_VALUES = [
    "uniform_(w, -1.0, 3.0)", "normal_(w, 1.0, 2.0)", "xavier_uniform_(w, 2.0)", "xavier_normal_(w)",
    "kaiming_uniform_(w, a=math.sqrt(5))", "kaiming_uniform_(w, mode='fan_out', nonlinearity='relu')",
    "kaiming_normal_(w, nonlinearity='tanh')", "constant_(w, 3.0)", "ones_(w)", "zeros_(w)",
]  # fmt: skip


@pytest.mark.parametrize("call", FIRST_VALUES)
def test_first_values_have_the_distribution_of_torch(torch, call):
    found = []
    for lib in (microtorch, torch):
        lib.manual_seed(0)
        weight = lib.nn.Parameter(lib.empty(300, 200, 2))
        assert eval(call, vars(lib.nn.init) | {"w": weight, "math": math}) is weight
        assert weight.requires_grad
        assert weight.grad_fn is None
        values = weight.detach().numpy()
        found.append(np.array([values.mean(), values.std(), np.quantile(values, 0.9)]))
    np.testing.assert_allclose(found[0], found[1], rtol=0.02, atol=0.02 * found[1][1])


BEGINNERS = [
    "nn.Linear(400, 300)", "nn.Bilinear(20, 10, 300)", "nn.Embedding(300, 200, padding_idx=1)", "nn.Conv2d(60, 200, 3, groups=2)",
    "nn.ConvTranspose1d(200, 300, 5)",
]  # fmt: skip


@pytest.mark.parametrize("layer", BEGINNERS)
def test_layers_begin_as_those_of_torch(torch, layer):
    spreads = []
    for lib in (microtorch, torch):
        lib.manual_seed(0)
        module = eval(layer, {"nn": lib.nn})
        spreads.append([each.detach().numpy().std() for each in module.parameters()])
        if hasattr(module, "padding_idx"):
            assert not module.weight[1].any()
    np.testing.assert_allclose(spreads[0], spreads[1], rtol=0.1)


GAINS = ["linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]


@pytest.mark.parametrize("name", GAINS)
def test_gains_are_those_of_torch(torch, name):
    assert microtorch.nn.init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
    assert microtorch.nn.init.calculate_gain("leaky_relu", 0.5) == torch.nn.init.calculate_gain("leaky_relu", 0.5)


def test_a_transposed_convolution_gives_one_of_the_sizes_that_are_possible(lib):
    layer = lib.nn.ConvTranspose2d(1, 1, 3, stride=(2, 3))
    assert tuple(layer(lib.ones(1, 1, 2, 2), output_size=[6, 8]).shape) == (1, 1, 6, 8)
    assert tuple(layer(lib.ones(1, 1, 2, 2), output_size=(1, 1, 5, 7)).shape) == (1, 1, 5, 7)
    with pytest.raises(ValueError, match="valid sizes range from"):
        layer(lib.ones(1, 1, 2, 2), output_size=[7, 8])


def test_indices_come_beside_the_largest_elements(lib):
    values, indices = lib.nn.MaxPool2d(2, return_indices=True)(lib.tensor([[[1.0, 5.0], [3.0, 4.0]]]))
    assert (values.tolist(), indices.tolist()) == ([[[5.0]]], [[[1]]])


def test_nothing_is_initialised_in_what_is_empty():
    empty = microtorch.empty(0, 3)
    assert microtorch.nn.init.kaiming_uniform_(empty) is empty
    assert microtorch.nn.Linear(0, 2).bias.tolist() == [0.0, 0.0]


MISTAKES = {
    "fans of a vector": (lambda lib: lib.nn.init.kaiming_uniform_(lib.ones(3)), ValueError, "fewer than 2 dimensions"),
    "a mode that is none": (
        lambda lib: lib.nn.init.kaiming_normal_(lib.ones(3, 3), mode="x"), ValueError, "Mode x not supported"),
    "a nonlinearity that is none": (lambda lib: lib.nn.init.calculate_gain("x"), ValueError, "Unsupported nonlinearity x"),
    "channels that groups do not divide": (lambda lib: lib.nn.Conv2d(3, 4, 3, groups=2), ValueError, "in_channels must be divis"),
    "outputs that groups do not divide": (lambda lib: lib.nn.Conv2d(4, 3, 3, groups=2), ValueError, "out_channels must be divis"),
    "no groups": (lambda lib: lib.nn.Conv2d(4, 4, 3, groups=0), ValueError, "groups must be a positive"),
    "a padding that is none": (lambda lib: lib.nn.Conv2d(1, 1, 3, padding="full"), ValueError, "Invalid padding string 'full'"),
    "a stride in the same size": (
        lambda lib: lib.nn.Conv2d(1, 1, 3, 2, padding="same"), ValueError, "padding='same' is not supported for strided"),
    "a padding mode that is none": (lambda lib: lib.nn.Conv1d(1, 1, 3, padding_mode="x"), ValueError,
        "padding_mode must be one of"),
    "a padding mode of a transposed one": (
        lambda lib: lib.nn.ConvTranspose1d(1, 1, 3, padding_mode="reflect"), ValueError, "padding.mode"),
    "a slope that is none": (
        lambda lib: lib.nn.init.calculate_gain("leaky_relu", "x"), ValueError, "negative_slope x not a valid"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib)
