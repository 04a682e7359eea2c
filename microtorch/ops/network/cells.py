"""One step of a recurrent network: what a cell makes of an input and of what it remembers.

Each is given what the weights have made of the input already (``given``), since a layer does that for all its steps at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ...core.variable import Variable
from ..elementwise.arithmetic import Add, Mul, Sub
from ..elementwise.exponential import tanh
from ..selection.splitting import unsafe_chunk
from .activation import sigmoid
from .linear import linear
from .piecewise import relu

__all__ = ["Cell", "State", "Weights", "gru_cell", "lstm_cell", "relu_cell", "tanh_cell"]

State = tuple[Variable, ...]  # the hidden state, of shape (batch, hidden_size); of an LSTM, the cell state beside it


class Weights(NamedTuple):
    """The parameters of a cell, by the names that PyTorch gives them; ``weight_hr`` is that of an LSTM's projection."""

    weight_ih: Variable
    weight_hh: Variable
    bias_ih: Variable | None = None
    bias_hh: Variable | None = None
    weight_hr: Variable | None = None

    def of_input(self, input: Variable) -> Variable:
        """What is ``given``: ``input @ weight_ih.T + bias_ih``, of shape (…, gates * hidden_size)."""
        return linear(input, self.weight_ih, self.bias_ih)

    def of_hidden(self, hidden: Variable) -> Variable:
        """The same of the hidden state."""
        return linear(hidden, self.weight_hh, self.bias_hh)


Cell = Callable[[Variable, State, Weights], State]


def tanh_cell(given: Variable, state: State, weights: Weights) -> State:
    """``h' = tanh(given + of_hidden(h))``: Elman's network."""
    return (tanh(Add.apply(weights.of_hidden(state[0]), given)),)


def relu_cell(given: Variable, state: State, weights: Weights) -> State:
    """``h' = relu(given + of_hidden(h))``."""
    return (relu(Add.apply(weights.of_hidden(state[0]), given)),)


def lstm_cell(given: Variable, state: State, weights: Weights) -> State:
    """``c' = forget * c + input * new``, ``h' = output * tanh(c')``: the gates lie between 0 and 1.

    Hochreiter and Schmidhuber 1997, "Long short-term memory"; with the forget gate of Gers et al. 2000.
    """
    hidden, cell = state
    gates = unsafe_chunk(Add.apply(weights.of_hidden(hidden), given), 4, 1)
    into, forget, new, out = sigmoid(gates[0]), sigmoid(gates[1]), tanh(gates[2]), sigmoid(gates[3])
    cell = Add.apply(Mul.apply(forget, cell), Mul.apply(into, new))
    hidden = Mul.apply(out, tanh(cell))
    return hidden if weights.weight_hr is None else linear(hidden, weights.weight_hr), cell


def gru_cell(given: Variable, state: State, weights: Weights) -> State:
    """``h' = update * h + (1 - update) * new``, where ``new`` sees as much of ``h`` as the reset gate lets through.

    Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder"; the product with the reset gate comes after
    that with the weight, as in PyTorch.
    """
    (hidden,) = state
    given_reset, given_update, given_new = unsafe_chunk(given, 3, 1)
    hidden_reset, hidden_update, hidden_new = unsafe_chunk(weights.of_hidden(hidden), 3, 1)
    reset = sigmoid(Add.apply(hidden_reset, given_reset))
    update = sigmoid(Add.apply(hidden_update, given_update))
    new = tanh(Add.apply(given_new, Mul.apply(hidden_new, reset)))
    return (Add.apply(Mul.apply(Sub.apply(hidden, new), update), new),)
