"""Recurrent networks: `RNN`, `LSTM` and `GRU`, with all their steps and layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from warnings import warn

from ...core.variable import Variable, array_of
from ...ops.network.cells import Cell, State, Weights, gru_cell, lstm_cell, relu_cell, tanh_cell
from ...ops.network.recurrent import recurrent
from ...ops.selection.slices import index_select
from ...ops.shaping.reshaping import squeeze, transpose, unsqueeze
from ...tensor import creation
from ..parameter import Parameter
from ..utils.rnn import PackedSequence
from .rnn_cells import Recurrent

__all__ = ["GRU", "LSTM", "RNN", "RNNBase"]

_CELLS: dict[str, tuple[Cell, int]] = {  # and how many times hidden_size rows their weights have
    "RNN_TANH": (tanh_cell, 1), "RNN_RELU": (relu_cell, 1), "LSTM": (lstm_cell, 4), "GRU": (gru_cell, 3),
}  # fmt: skip


class RNNBase(Recurrent):
    """What `RNN`, `LSTM` and `GRU` are.

    The parameters of layer k are ``weight_ih_l{k}`` of shape (gates * hidden_size, features), ``weight_hh_l{k}`` of shape
    (gates * hidden_size, hidden_size), ``bias_ih_l{k}`` and ``bias_hh_l{k}``; with ``proj_size``, ``weight_hr_l{k}``; those of
    the way back have names that end in ``_reverse``.

    Args:
        mode: "RNN_TANH", "RNN_RELU", "LSTM" or "GRU".
        input_size: the number of features of a step.
        hidden_size: that of the hidden state.
        num_layers: how many there are; each reads the hidden states of the one before.
        bias: whether there are any.
        batch_first: whether input and output are of shape (batch, steps, …) instead of (steps, batch, …); states are not.
        dropout: the probability with which, in training, what one layer gives to the next is set to 0.
        bidirectional: whether each layer also reads the sequence from its end.
        proj_size: of an LSTM, the length that its hidden state is brought to; 0 for ``hidden_size``.
        device: the CPU.
        dtype: of the parameters.

    Raises:
        ValueError: a size or a probability is out of range.
        TypeError: a size is no integer, a switch no bool.
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        _check_dropout(dropout, num_layers)
        _check_settings(mode, input_size, hidden_size, num_layers, bias, batch_first, proj_size)
        self.mode, self.input_size, self.hidden_size, self.num_layers = mode, input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        for layer in range(num_layers):
            for ending in self._endings():
                for kind, shape in self._shapes(layer).items():
                    parameter = Parameter(creation.empty(shape, device=device, dtype=dtype))
                    self.register_parameter(f"{kind}_l{layer}{ending}", parameter)
        self.reset_parameters()

    def _endings(self) -> tuple[str, ...]:
        return ("", "_reverse") if self.bidirectional else ("",)

    def _shapes(self, layer: int) -> dict[str, tuple[int, ...]]:
        """Of the parameters of a layer and direction, by their kinds."""
        rows, width = _CELLS[self.mode][1] * self.hidden_size, self.proj_size or self.hidden_size
        features = len(self._endings()) * width if layer else self.input_size
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, features), "weight_hh": (rows, width)}
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        return shapes | ({"weight_hr": (self.proj_size, self.hidden_size)} if self.proj_size else {})

    def _named_weights(self) -> list[dict[str, Any]]:
        """For each layer and direction, what its attributes hold by now, by their kinds."""
        return [
            {kind: getattr(self, f"{kind}_l{layer}{ending}") for kind in self._shapes(layer)}
            for layer in range(self.num_layers)
            for ending in self._endings()
        ]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters, in a list for each layer and direction."""
        return [[*each.values()] for each in self._named_weights()]

    def flatten_parameters(self) -> None:
        """Nothing: on GPUs, PyTorch lays parameters out one after the other for speed."""

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The hidden states of the last layer in all steps; and of every layer, the state in which it ends.

        Args:
            input: of shape (steps, batch, input_size), or with ``batch_first`` (batch, steps, input_size); without a batch,
                (steps, input_size); or a `PackedSequence`.
            hx: the state to begin in, of shape (layers * directions, batch, hidden_size), or without the batch; None for zeros.
                Of an LSTM, a pair ``(h, c)``.

        Returns:
            The hidden states, of the shape of ``input`` with directions * hidden_size features, or packed as it is, and the
            last state, as ``hx``. Of an LSTM with ``proj_size``, that is the length of ``h``.

        Raises:
            ValueError: ``input`` has not two or three dimensions, or another dtype than the parameters.
            RuntimeError: a length does not fit.
        """
        state = None if hx is None else self._as_tuple(hx)
        if isinstance(input, PackedSequence):
            return self._packed(input, state)
        if array_of(input).ndim == 3:
            self._check_dims(state, 3, "batched 3-D")
            output, end = self._padded(input, state)
        elif input.array.ndim == 2:
            self._check_dims(state, 2, "unbatched 2-D")
            batch = 0 if self.batch_first else 1
            lone = None if state is None else tuple(unsqueeze(each, 1) for each in state)
            output, end = self._padded(unsqueeze(input, batch), lone)
            output, end = squeeze(output, batch), tuple(squeeze(each, 1) for each in end)
        else:
            kind = type(self).__name__
            raise ValueError(f"{kind}: Expected input to be 2D or 3D, got {input.array.ndim}D instead: {input._described()}")
        return output, end if self.mode == "LSTM" else end[0]

    def _padded(self, input: Variable, state: State | None) -> tuple[Variable, State]:
        if not self.batch_first:
            return self._run(input, state, input.array.shape[1])
        output, end = self._run(transpose(input, 0, 1), state, input.array.shape[0])
        return transpose(output, 0, 1), end

    def _packed(self, input: PackedSequence, state: State | None) -> Any:
        """The state of a packed batch is in the order of its sequences before they were sorted."""
        data, batch_sizes, order, back = input
        sizes = batch_sizes.array.tolist()
        if state is not None and order is not None:
            state = tuple(index_select(each, 1, order) for each in state)
        output, end = self._run(data, state, sizes[0], sizes)
        if back is not None:
            end = tuple(index_select(each, 1, back) for each in end)
        return PackedSequence(output, batch_sizes, order, back), end if self.mode == "LSTM" else end[0]

    def _run(
        self, input: Variable, state: State | None, batch: int, batch_sizes: list[int] | None = None
    ) -> tuple[Variable, State]:
        weights = [Weights(**each) for each in self._named_weights()]
        self._check_input(input, weights[0].weight_ih, 3 if batch_sizes is None else 2)
        count, directions = len(weights), len(self._endings())
        shapes = [(count, batch, self.proj_size or self.hidden_size), (count, batch, self.hidden_size)]
        shapes = shapes if self.mode == "LSTM" else shapes[:1]
        if state is None:
            state = tuple(creation.zeros(shape, dtype=input.dtype) for shape in shapes)
        self._check_state(state, shapes)
        layers = [weights[first : first + directions] for first in range(0, count, directions)]
        chance = self.dropout if self.training else 0.0
        return recurrent(_CELLS[self.mode][0], input, state, layers, batch_sizes=batch_sizes, dropout_p=chance)

    def _as_tuple(self, hx: Any) -> State:
        if self.mode != "LSTM":
            array_of(hx)
            return (hx,)
        if isinstance(hx, Variable) or len(hx) != 2:
            raise RuntimeError("LSTM: Expected hx to be a pair of Variables, (h_0, c_0), the hidden state and the cell state")
        return tuple(hx)

    def _check_dims(self, state: State | None, expected: int, what: str) -> None:
        found = [] if state is None else [array_of(each).ndim for each in state]
        if any(each != expected for each in found):
            names, dims = ("hx and cx", "({}-D, {}-D) tensors") if len(found) == 2 else ("hx", "{}-D tensor")
            raise RuntimeError(f"For {what} input, {names} should also be {expected}-D but got {dims.format(*found)}")

    def _check_input(self, input: Variable, weight: Variable, dims: int) -> None:
        if input.dtype != weight.dtype:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({weight.dtype}). "
                f"Convert input: input.to({weight.dtype}), or convert model: model.to({input.dtype})"
            )
        if input.array.ndim != dims:
            raise RuntimeError(f"input must have {dims} dimensions, got {input.array.ndim}")
        if input.array.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.array.shape[-1]}"
            )
        if not len(input.array):
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")

    def _check_state(self, state: State, shapes: Sequence[tuple[int, ...]]) -> None:
        for number, (each, shape) in enumerate(zip(state, shapes, strict=True)):
            if each.array.shape != shape:
                what = f"hidden[{number}]" if self.mode == "LSTM" else "hidden"
                raise RuntimeError(f"Expected {what} size {shape}, got {list(each.array.shape)}")

    def extra_repr(self) -> str:
        """Its settings, as far as they are not the usual ones."""
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0, "bidirectional": False}
        settings = {"proj_size": 0} | usual
        others = [f"{name}={getattr(self, name)}" for name, value in settings.items() if getattr(self, name) != value]
        return ", ".join([str(self.input_size), str(self.hidden_size), *others])


class RNN(RNNBase):
    """Elman's network: ``h' = tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)``.

    Args:
        input_size: the number of features of a step.
        hidden_size: that of the hidden state.
        num_layers: how many there are.
        nonlinearity: "tanh" or "relu".
        bias: whether there are any.
        batch_first: whether input and output are of shape (batch, steps, …).
        dropout: between layers, in training.
        bidirectional: whether each layer also reads the sequence from its end.
        device: the CPU.
        dtype: of the parameters.

    >>> import microtorch
    >>> net = RNN(3, 4)
    >>> output, last = net(microtorch.ones(5, 2, 3))
    >>> output.shape, last.shape, bool((output[-1] == last[0]).all())
    (torch.Size([5, 2, 4]), torch.Size([1, 2, 4]), True)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        mode = f"RNN_{nonlinearity.upper()}"
        super().__init__(
            mode, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device=device, dtype=dtype
        )
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    """A network with a long short-term memory: beside the hidden state ``h`` it keeps a cell state ``c``, which gates guard.

    The rows of its weights are those of the input gate, the forget gate, the new values and the output gate, in this order.

    Args:
        input_size: the number of features of a step.
        hidden_size: that of the states.
        num_layers: how many there are.
        bias: whether there are any.
        batch_first: whether input and output are of shape (batch, steps, …).
        dropout: between layers, in training.
        bidirectional: whether each layer also reads the sequence from its end.
        proj_size: the length that the hidden state is brought to; 0 for ``hidden_size``.
        device: the CPU.
        dtype: of the parameters.

    >>> import microtorch
    >>> net = LSTM(3, 4, batch_first=True)
    >>> output, (h, c) = net(microtorch.ones(2, 5, 3))
    >>> output.shape, h.shape, c.shape
    (torch.Size([2, 5, 4]), torch.Size([1, 2, 4]), torch.Size([1, 2, 4]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            "LSTM", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, device, dtype
        )


class GRU(RNNBase):
    """A network of gated recurrent units: a reset gate and an update gate guard its hidden state.

    The rows of its weights are those of the reset gate, the update gate and the new values, in this order.

    Args:
        input_size: the number of features of a step.
        hidden_size: that of the hidden state.
        num_layers: how many there are.
        bias: whether there are any.
        batch_first: whether input and output are of shape (batch, steps, …).
        dropout: between layers, in training.
        bidirectional: whether each layer also reads the sequence from its end.
        device: the CPU.
        dtype: of the parameters.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            "GRU", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device=device, dtype=dtype
        )


def _check_dropout(dropout: Any, num_layers: int) -> None:
    if isinstance(dropout, bool) or not isinstance(dropout, int | float) or not 0 <= dropout <= 1:
        raise ValueError(
            "dropout should be a number in range [0, 1] representing the probability of an element being zeroed, "
            f"but got {dropout!r}"
        )
    if dropout > 0 and num_layers == 1:
        warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than "
            f"1, but got dropout={dropout} and num_layers={num_layers}",
            stacklevel=4,
        )


def _check_settings(
    mode: str, input_size: Any, hidden_size: Any, num_layers: int, bias: Any, batch_first: Any, proj_size: int
) -> None:
    if mode not in _CELLS:
        raise ValueError(f"Unrecognized RNN mode: {mode}: there are {', '.join(_CELLS)}")
    for name, value, kind in (
        *(("bias", bias, bool), ("batch_first", batch_first, bool)),
        *(("input_size", input_size, int), ("hidden_size", hidden_size, int)),
    ):
        if not isinstance(value, kind):
            raise TypeError(f"{name} should be of type {kind.__name__}, got: {type(value).__name__}")
    for name, value in (("input_size", input_size), ("hidden_size", hidden_size), ("num_layers", num_layers)):
        if value <= 0:
            raise ValueError(f"{name} must be greater than zero, but got {value}")
    if proj_size and mode != "LSTM":
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
    if proj_size < 0:
        raise ValueError("proj_size should be a positive integer or zero to disable projections")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")
