"""The cells of recurrent networks, of one step: `RNNCell`, `LSTMCell` and `GRUCell`."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ...core.variable import Variable, array_of
from ...ops.network.cells import Cell, State, Weights, gru_cell, lstm_cell, relu_cell, tanh_cell
from ...ops.shaping.reshaping import squeeze, unsqueeze
from ...tensor import creation
from .. import init
from ..parameter import Parameter
from .module import Module

__all__ = ["GRUCell", "LSTMCell", "RNNCell", "RNNCellBase"]


class Recurrent(Module):
    """What begins with values that suit the length of its hidden state."""

    hidden_size: int

    def reset_parameters(self) -> None:
        """Begin anew: uniform between -1 and 1, divided by the root of ``hidden_size``."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0.0
        for each in self.parameters():
            init.uniform_(each, -bound, bound)


class RNNCellBase(Recurrent):
    """What a cell is: the weights ``weight_ih``, ``weight_hh``, and the biases ``bias_ih``, ``bias_hh``, which may be None.

    Args:
        input_size: the number of features of a step.
        hidden_size: that of the hidden state.
        bias: whether there are any.
        num_chunks: how many times ``hidden_size`` rows the weights have.
        device: the CPU.
        dtype: of the parameters.
    """

    nonlinearity: str = "tanh"

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = num_chunks * hidden_size
        for name, shape in {"weight_ih": (rows, input_size), "weight_hh": (rows, hidden_size)}.items():
            self.register_parameter(name, Parameter(creation.empty(shape, device=device, dtype=dtype)))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(creation.empty(rows, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def _step(self, cell: Cell, input: Variable, state: State | None, names: tuple[str, ...]) -> State:
        """A step, of a batch or without one, from ``state``, or from zeros: of as many states as there are ``names``."""
        for name, each in zip(("input", *names), (input, *(state or ())), strict=False):
            if array_of(each).ndim not in (1, 2):
                raise ValueError(f"{type(self).__name__}: Expected {name} to be 1D or 2D, got {each.array.ndim}D instead")
        if input.array.ndim == 1:
            batch = None if state is None else tuple(unsqueeze(each, 0) for each in state)
            return tuple(squeeze(each, 0) for each in self._step(cell, unsqueeze(input, 0), batch, names))
        if state is None:
            state = (creation.zeros(len(input.array), self.hidden_size, dtype=input.dtype),) * len(names)
        self._check_lengths(input, state)
        weights = Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        return cell(weights.of_input(input), state, weights)

    def _check_lengths(self, input: Variable, state: State) -> None:
        rows, features = input.array.shape
        if features != self.input_size:
            raise RuntimeError(f"input has inconsistent input_size: got {features} expected {self.input_size}")
        for number, each in enumerate(state):
            if len(each.array) != rows:
                raise RuntimeError(f"Input batch size {rows} doesn't match hidden{number} batch size {len(each.array)}")
            if each.array.shape[1] != self.hidden_size:
                raise RuntimeError(
                    f"hidden{number} has inconsistent hidden_size: got {each.array.shape[1]}, expected {self.hidden_size}"
                )

    def extra_repr(self) -> str:
        """Its settings, as far as they are not the usual ones."""
        usual = {"bias": True, "nonlinearity": "tanh"}
        others = [f"{name}={getattr(self, name)}" for name, value in usual.items() if getattr(self, name) != value]
        return ", ".join([str(self.input_size), str(self.hidden_size), *others])


class RNNCell(RNNCellBase):
    """One step of an `RNN`: of ``input`` (batch, input_size) and ``hx`` (batch, hidden_size), the next hidden state.

    Args:
        input_size: the number of features of a step.
        hidden_size: that of the hidden state.
        bias: whether there are any.
        nonlinearity: "tanh" or "relu".
        device: the CPU.
        dtype: of the parameters.
    """

    _CELLS: ClassVar[dict[str, Cell]] = {"tanh": tanh_cell, "relu": relu_cell}

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Variable, hx: Variable | None = None) -> Variable:
        """The next hidden state, from ``hx``, or from zeros."""
        if self.nonlinearity not in self._CELLS:
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}: it is 'tanh' or 'relu'")
        return self._step(self._CELLS[self.nonlinearity], input, None if hx is None else (hx,), ("hidden",))[0]


class LSTMCell(RNNCellBase):
    """One step of an `LSTM`: of ``input`` (batch, input_size) and the pair ``hx`` of states (batch, hidden_size), the next pair.

    Args:
        input_size: the number of features of a step.
        hidden_size: that of the states.
        bias: whether there are any.
        device: the CPU.
        dtype: of the parameters.
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Variable, hx: tuple[Variable, Variable] | None = None) -> State:
        """The next hidden state and cell state, from ``hx``, or from zeros."""
        if isinstance(hx, Variable) or (hx is not None and len(hx) != 2):
            raise TypeError("LSTMCell: Expected hx to be a pair of Variables, (h_0, c_0), the hidden state and the cell state")
        return self._step(lstm_cell, input, None if hx is None else tuple(hx), ("hx[0]", "hx[1]"))


class GRUCell(RNNCellBase):
    """One step of a `GRU`: of ``input`` (batch, input_size) and ``hx`` (batch, hidden_size), the next hidden state.

    Args:
        input_size: the number of features of a step.
        hidden_size: that of the hidden state.
        bias: whether there are any.
        device: the CPU.
        dtype: of the parameters.
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Variable, hx: Variable | None = None) -> Variable:
        """The next hidden state, from ``hx``, or from zeros."""
        return self._step(gru_cell, input, None if hx is None else (hx,), ("hidden",))[0]
