"""Recurrent networks and their cells: names, first values, numbers, gradients and graphs, as in torch."""

import warnings

import numpy as np
import pytest

import microtorch
from tests.libraries import assert_refused, grads, weighted

# Each on an input of the shape beside it.
NETWORKS = {
    "nn.RNN(3, 4)": (5, 2, 3), "nn.RNN(3, 4, nonlinearity='relu')": (5, 2, 3), "nn.RNN(3, 4, 2, 'tanh', False, True)": (2, 5, 3),
    "nn.RNN(3, 4, bidirectional=True)": (5, 2, 3), "nn.RNN(3, 4, 2, bidirectional=True, batch_first=True)": (2, 5, 3),
    "nn.RNN(3, 4, dropout=0.5, num_layers=2).eval()": (5, 2, 3), "nn.RNN(3, 4, 2, dropout=1.0)": (5, 2, 3),
    "nn.RNN(1, 1)": (1, 1, 1),
    "nn.LSTM(3, 4)": (5, 2, 3), "nn.LSTM(3, 4, 2, False)": (5, 2, 3), "nn.LSTM(3, 4, batch_first=True)": (2, 5, 3),
    "nn.LSTM(3, 4, 2, bidirectional=True)": (5, 2, 3), "nn.LSTM(3, 4, proj_size=2)": (5, 2, 3),
    "nn.LSTM(3, 4, 2, bias=False, proj_size=2, bidirectional=True)": (5, 2, 3),
    "nn.GRU(3, 4)": (5, 2, 3), "nn.GRU(3, 4, 2, bias=False)": (5, 2, 3), "nn.GRU(3, 4, batch_first=True)": (2, 5, 3),
    "nn.GRU(3, 4, 2, bidirectional=True)": (5, 2, 3),
    # without a batch
    "nn.RNN(3, 2)": (5, 3), "nn.LSTM(3, 2, batch_first=True)": (5, 3), "nn.GRU(3, 2, 2, bidirectional=True)": (5, 3),
    # no batch at all
    "nn.RNN(3, 5)": (4, 0, 3), "nn.LSTM(3, 5)": (4, 0, 3), "nn.GRU(3, 5)": (4, 0, 3),
}  # fmt: skip
CELLS = {
    "nn.RNNCell(3, 4)": (2, 3), "nn.RNNCell(3, 4, False, 'relu')": (2, 3), "nn.LSTMCell(3, 4)": (2, 3),
    "nn.LSTMCell(3, 4, bias=False)": (2, 3), "nn.GRUCell(3, 4)": (2, 3), "nn.RNNCell(3, 2)": (3,), "nn.LSTMCell(3, 2)": (3,),
    "nn.GRUCell(3, 2, bias=False)": (3,),
}  # fmt: skip


def made(lib, expression, like=None):
    """The module in float64; with the parameters of another, brought by its state_dict."""
    module = eval(expression, {"nn": lib.nn}).double()
    if like is not None:
        module.load_state_dict({name: lib.tensor(each.numpy()) for name, each in like.state_dict().items()})
    return module


def flat(result):
    """What a module returns, whatever its nesting, as one list."""
    return [inner for each in result for inner in flat(each)] if isinstance(result, tuple) else [result]


def pair(torch, expression):
    """The module here, and in torch, with the same parameters."""
    theirs = made(torch, expression)
    return (microtorch, made(microtorch, expression, like=theirs)), (torch, theirs)


def nodes(outputs, names):
    """The graph behind some Variables, as a list: of each node its name, and the places in the list of those it reads."""
    found, places = [], {}

    def visit(node):
        if node is None:
            return None
        if node.name().endswith("AccumulateGrad"):
            return next(name for name, each in names.items() if each is node.variable)
        if node not in places:
            below = [(visit(edge), number) for edge, number in node.next_functions]
            places[node] = len(found)
            # PyTorch turns what an RNN or a GRU gives with batch_first in place, and counts that as another overload.
            found.append((node.name().replace("TransposeBackward1", "TransposeBackward0"), below))
        return places[node]

    return [visit(each.grad_fn) for each in outputs], found


def leaves(lib, *shapes):
    rng = np.random.default_rng(1)
    return [lib.tensor(rng.standard_normal(shape), requires_grad=True) for shape in shapes]


def both_orders(lib, outputs, inputs):
    """Outputs, the gradients of the inputs, and the gradients of these."""
    first = grads(lib, weighted(lib, outputs), inputs, create_graph=True)
    squares = [each * each for each in first if each.requires_grad]
    return [*outputs, *first, *(grads(lib, weighted(lib, squares), inputs) if squares else [])]


def assert_all_close(mine, theirs):
    assert len(mine) == len(theirs)
    for one, other in zip(mine, theirs, strict=True):
        assert tuple(one.shape) == tuple(other.shape)
        np.testing.assert_allclose(one.numpy(force=True), other.numpy(force=True), 1e-10, 1e-12)


@pytest.mark.parametrize("state", ["from zeros", "given"])
@pytest.mark.parametrize("expression", NETWORKS | CELLS)
def test_numbers_gradients_and_graphs_are_those_of_torch(torch, expression, state):
    found, graphs = [], []
    for lib, module in pair(torch, expression):
        (x,) = leaves(lib, (NETWORKS | CELLS)[expression])
        begin = []
        if state == "given":
            shapes = [tuple(each.shape) for each in flat(module(x))]
            begin = leaves(lib, *(shapes if expression in CELLS else shapes[1:]))
        result = flat(module(x, begin[0] if len(begin) == 1 else tuple(begin)) if begin else module(x))
        names = {"x": x, **{f"h{i}": each for i, each in enumerate(begin)}, **dict(module.named_parameters())}
        graphs.append(nodes(result, names))
        found.append(both_orders(lib, result, [*names.values()]))
    assert_all_close(*found)
    assert graphs[0] == graphs[1]


PACKED = ["nn.RNN(3, 4)", "nn.LSTM(3, 4, 2)", "nn.GRU(3, 4, bidirectional=True)", "nn.LSTM(3, 4, 2, bidirectional=True)",
          "nn.LSTM(3, 4, proj_size=2, bidirectional=True)", "nn.RNN(3, 4, 2, 'relu', bias=False)"]  # fmt: skip


@pytest.mark.parametrize("state", ["from zeros", "given"])
@pytest.mark.parametrize("lengths", [[4, 2, 1], [2, 4, 2]], ids=str)
@pytest.mark.parametrize("expression", PACKED)
def test_a_packed_batch_is_what_it_is_in_torch(torch, expression, lengths, state):
    found = []
    for lib, module in pair(torch, expression):
        rnn = lib.nn.utils.rnn
        (x,) = leaves(lib, (4, 3, 3))
        begin = leaves(lib, *(tuple(each.shape) for each in flat(module(x))[1:])) if state == "given" else []
        packed = rnn.pack_padded_sequence(x, lengths, enforce_sorted=lengths[0] == 4)
        out, last = module(packed, *([begin[0] if len(begin) == 1 else tuple(begin)] if begin else []))
        assert type(out) is rnn.PackedSequence
        padded, steps = rnn.pad_packed_sequence(out)
        assert steps.tolist() == lengths
        found.append(both_orders(lib, [padded, *flat((last,))], [x, *begin, *module.parameters()]))
    assert_all_close(*found)


@pytest.mark.parametrize("expression", ["nn.RNN(3, 4)", "nn.LSTM(3, 4, 2, bidirectional=True)", "nn.GRU(3, 4)"])
def test_a_sequence_alone_is_what_it_is_in_a_padded_batch_that_was_packed(expression):
    rnn, module = microtorch.nn.utils.rnn, made(microtorch, expression)
    sequences = leaves(microtorch, (2, 3), (4, 3))
    out, _ = module(rnn.pack_sequence(sequences, enforce_sorted=False))
    for each, alone in zip(rnn.unpack_sequence(out), sequences, strict=True):
        np.testing.assert_allclose(each.numpy(force=True), module(alone)[0].numpy(force=True), 1e-12)


@pytest.mark.parametrize("expression", [*NETWORKS, *CELLS])
def test_parameters_have_the_names_shapes_and_text_of_torch(torch, expression):
    mine, theirs = made(microtorch, expression), made(torch, expression)
    assert repr(mine) == repr(theirs)
    assert [(name, tuple(each.shape)) for name, each in mine.named_parameters()] == [
        (name, tuple(each.shape)) for name, each in theirs.named_parameters()
    ]
    if expression in NETWORKS:
        shapes = [[[tuple(each.shape) for each in group] for group in module.all_weights] for module in (mine, theirs)]
        assert shapes[0] == shapes[1]
        assert mine.flatten_parameters() is None


@pytest.mark.parametrize("expression", ["nn.RNN(9, 100)", "nn.LSTM(9, 100, 2)", "nn.GRUCell(9, 100)"])
def test_first_values_have_the_distribution_of_torch(torch, expression):
    spreads = []
    for lib in (microtorch, torch):
        lib.manual_seed(0)
        values = [each.detach().numpy() for each in eval(expression, {"nn": lib.nn}).parameters()]
        assert max(abs(each).max() for each in values) <= 0.1
        spreads.append([each.std() for each in values])
    np.testing.assert_allclose(spreads[0], spreads[1], rtol=0.2)


def test_dropout_stands_between_layers_and_only_in_training():
    microtorch.manual_seed(0)
    x, net = microtorch.ones(4, 50, 3), microtorch.nn.GRU(3, 8, 2, dropout=0.5)
    first = net(x)[0]
    assert not bool((first == net(x)[0]).all())
    net.eval()
    assert bool((net(x)[0] == net(x)[0]).all())
    net.train().dropout = 1.0
    (one, one_end), (other, other_end) = net(x), net(x * 7)
    assert bool((one == other).all())  # of biases alone
    assert bool(one.any())
    assert not bool((one_end[0] == other_end[0]).any())  # the first layer sees its input


def test_dropout_of_one_layer_is_warned_of(lib):
    with pytest.warns(UserWarning, match="dropout option adds dropout after all but last"):
        lib.nn.RNN(2, 3, dropout=0.5)


def test_a_weight_that_was_replaced_is_the_one_that_counts(lib):
    """As weight dropout does it: the parameter goes, and what is computed of another stands in its place."""
    net = lib.nn.LSTM(2, 3)
    raw = lib.nn.Parameter(net.weight_hh_l0.data)
    del net._parameters["weight_hh_l0"]
    net.weight_hh_l0 = raw * 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net(lib.ones(2, 1, 2))[0].sum().backward()
    assert raw.grad is not None


MISTAKES = {
    "no dimension of steps": (lambda lib: lib.nn.RNN(2, 3)(lib.ones(2)), ValueError, "RNN: Expected input to be 2D or 3D, got 1"),
    "another number of features": (lambda lib: lib.nn.GRU(2, 3)(lib.ones(4, 1, 3)), RuntimeError,
        r"input.size\(-1\) must be equal to input_size. Expected 2, got 3"),
    "another dtype": (lambda lib: lib.nn.LSTM(2, 3)(lib.ones(4, 1, 2).double()), ValueError,
        r"RNN input dtype \(.*torch.float64\) does not match weight dtype \(.*torch.float32\). Convert input: input.to"),
    "no steps": (lambda lib: lib.nn.RNN(2, 3)(lib.ones(0, 1, 2)), RuntimeError, "Expected sequence length to be larger than 0"),
    "a state of another batch": (lambda lib: lib.nn.RNN(2, 3)(lib.ones(4, 1, 2), lib.ones(1, 5, 3)), RuntimeError,
        r"Expected hidden size \(1, 1, 3\), got \[1, 5, 3\]"),
    "a cell state of another size": (lambda lib: lib.nn.LSTM(2, 3)(lib.ones(4, 1, 2), (lib.ones(1, 1, 3), lib.ones(1, 1, 4))),
        RuntimeError, r"Expected hidden\[1\] size \(1, 1, 3\), got \[1, 1, 4\]"),
    "a state without the batch": (lambda lib: lib.nn.GRU(2, 3)(lib.ones(4, 1, 2), lib.ones(1, 3)), RuntimeError,
        "For batched 3-D input, hx should also be 3-D but got 2-D tensor"),
    "a state with a batch": (lambda lib: lib.nn.LSTM(2, 3)(lib.ones(4, 2), (lib.ones(1, 1, 3), lib.ones(1, 1, 3))), RuntimeError,
        r"For unbatched 2-D input, hx and cx should also be 2-D but got \(3-D, 3-D\) tensors"),
    "one state for an LSTM": (lambda lib: lib.nn.LSTM(2, 3)(lib.ones(4, 1, 2), lib.ones(2, 1, 3)), RuntimeError, "h_0|hx"),
    "two for an LSTMCell, in one": (lambda lib: lib.nn.LSTMCell(2, 3)(lib.ones(1, 2), lib.ones(1, 3)), TypeError, "hx"),
    "a nonlinearity that is none": (lambda lib: lib.nn.RNN(2, 3, nonlinearity="gelu"), ValueError, "Unknown nonlinearity 'gelu'"),
    "one of cells": (lambda lib: lib.nn.RNNCell(2, 3, nonlinearity="x")(lib.ones(1, 2)), RuntimeError, "nonlinearity: x"),
    "a size of 0": (lambda lib: lib.nn.RNN(2, 0), ValueError, "hidden_size must be greater than zero"),
    "a size that is no integer": (lambda lib: lib.nn.RNN(2, 3.0), TypeError, "hidden_size should be of type int, got: float"),
    "layers in the place of a switch": (lambda lib: lib.nn.LSTM(2, 3, 1, 1), TypeError, "bias should be of type bool, got: int"),
    "no layers": (lambda lib: lib.nn.GRU(2, 3, 0), ValueError, "num_layers must be greater than zero"),
    "a probability above 1": (lambda lib: lib.nn.GRU(2, 3, 2, dropout=2), ValueError, "dropout should be a number in range"),
    "a projection as long as the state": (lambda lib: lib.nn.LSTM(2, 3, proj_size=3), ValueError, "proj_size has to be smaller"),
    "a projection of less than nothing": (lambda lib: lib.nn.LSTM(2, 3, proj_size=-1), ValueError, "proj_size should be a p"),
    "a mode that is none": (lambda lib: lib.nn.RNNBase("RNN", 2, 3), ValueError, "Unrecognized RNN mode: RNN"),
    "a batch of steps for a cell": (lambda lib: lib.nn.GRUCell(2, 3)(lib.ones(4, 1, 2)), ValueError,
        "GRUCell: Expected input to be 1D or 2D, got 3D"),
    "a state of layers for a cell": (lambda lib: lib.nn.LSTMCell(2, 3)(lib.ones(1, 2), (lib.ones(1, 3), lib.ones(1, 1, 3))),
        ValueError, r"LSTMCell: Expected hx\[1\] to be 1D or 2D, got 3D"),
    "another batch for a cell": (lambda lib: lib.nn.RNNCell(2, 3)(lib.ones(2, 2), lib.ones(3, 3)), RuntimeError,
        "Input batch size 2 doesn't match hidden0 batch size 3"),
    "other features for a cell": (lambda lib: lib.nn.RNNCell(2, 3)(lib.ones(2, 4)), RuntimeError,
        "input has inconsistent input_size: got 4 expected 2"),
    "another size of a cell's state": (lambda lib: lib.nn.LSTMCell(2, 3)(lib.ones(2, 2), (lib.ones(2, 3), lib.ones(2, 4))),
        RuntimeError, "hidden1 has inconsistent hidden_size: got 4, expected 3"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib)
