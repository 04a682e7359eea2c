"""Recurrent layers through ``nn``: forward and backward of a whole sequence, its states squared and averaged. One thread."""

from functools import partial

import numpy as np

from .race import Row

LSTM = ("LSTM", 50, 32, 64)  # the layer, steps, batch, features and hidden state
RNN = ("RNN", 200, 16, 32)


def _layer(library, dtype: str, kind: str, steps: int, batch: int, size: int):
    rng = np.random.default_rng(0)
    x = library.tensor(rng.normal(size=(steps, batch, size)).astype(dtype))
    layer = getattr(library.nn, kind)(size, size).to(dtype=getattr(library, dtype))
    with library.no_grad():
        for each in layer.parameters():
            each.copy_(library.tensor(rng.uniform(-1, 1, tuple(each.shape)) / size**0.5))

    def step():
        layer.zero_grad()
        out, _ = layer(x)
        loss = (out * out).mean()
        loss.backward()
        return loss, *(each.grad for each in layer.parameters())

    return step


def in_microtorch(*arguments):
    import microtorch

    return _layer(microtorch, *arguments)


def in_torch(*arguments):
    import torch

    torch.set_num_threads(1)
    return _layer(torch, *arguments)


def _row(name: str, dtype: str, arguments: tuple[str, int, int, int], budget: str) -> Row:
    contestants = {"microtorch": partial(in_microtorch, dtype, *arguments), "torch": partial(in_torch, dtype, *arguments)}
    return Row(f"{name}, {dtype}", contestants, budget, tolerance=1e-6 if dtype == "float64" else 1e-3)


ROWS = [
    _row("nn.LSTM, 50 steps", "float64", LSTM, "–, 1.1"),
    _row("nn.LSTM, 50 steps", "float32", LSTM, "–, 3.9"),
    _row("nn.RNN, 200 steps", "float64", RNN, "–, 1.5"),
]
