"""Convolution and pooling over kernel sizes, strides and channels: forward and backward, 32 samples, one thread."""

from collections.abc import Iterator
from functools import partial
from itertools import starmap

import numpy as np

from .race import Row, race

SAMPLES = 32
DTYPES = ("float64", "float32")
# Channels, output channels, kernel, stride, length of a side; padding is half of the kernel.
CONVOLUTIONS = [
    *((16, 32, kernel, 1, 28) for kernel in range(1, 8)),
    *((16, 32, kernel, 2, 28) for kernel in (2, 3, 5, 7)),
    (1, 8, 3, 1, 28), (3, 16, 3, 1, 28), (8, 8, 3, 1, 28), (32, 32, 3, 1, 28), (64, 64, 3, 1, 14), (64, 64, 1, 1, 14),
]  # fmt: skip
POOLS = [(name, kernel, stride) for name in ("max_pool2d", "avg_pool2d") for kernel, stride in ((2, 2), (3, 2), (3, 1))]


def _library(name: str):
    if name == "torch":
        import torch as library

        library.set_num_threads(1)
    else:
        import microtorch as library
    return library


def convolution(name: str, dtype: str, channels: int, outputs: int, kernel: int, stride: int, side: int):
    """A step of one library."""
    library, rng = _library(name), np.random.default_rng(0)
    shapes = (SAMPLES, channels, side, side), (outputs, channels, kernel, kernel), (outputs,)
    x, w, b = (library.tensor(rng.normal(size=shape).astype(dtype), requires_grad=True) for shape in shapes)
    weights = library.ones_like(library.nn.functional.conv2d(x, w, b, stride, kernel // 2)) / 1024

    def step():
        x.grad = w.grad = b.grad = None
        out = library.nn.functional.conv2d(x, w, b, stride, kernel // 2)
        out.backward(weights)
        return [x.grad[0], w.grad, b.grad]

    return step


def pool(name: str, dtype: str, function: str, kernel: int, stride: int):
    """A step of one library."""
    library, rng = _library(name), np.random.default_rng(0)
    x = library.tensor(rng.normal(size=(SAMPLES, 16, 28, 28)).astype(dtype), requires_grad=True)
    pooling = getattr(library.nn.functional, function)
    weights = library.ones_like(pooling(x, kernel, stride))

    def step():
        x.grad = None
        pooling(x, kernel, stride).backward(weights)
        return [x.grad[0]]

    return step


def _both(name: str, build, *case) -> Row:
    contestants = {library: partial(build, library, *case) for library in ("microtorch", "torch")}
    return Row(name, contestants, tolerance=1e-4 if "float32" in case else 1e-6)


def _convolution(dtype: str, *case: int) -> Row:
    channels, outputs, kernel, stride, side = case
    return _both(f"{channels} → {outputs} channels, {kernel} × {kernel}, stride {stride}, {side}²", convolution, dtype, *case)


def _pool(dtype: str, *case) -> Row:
    function, kernel, stride = case
    return _both(f"{function}, {kernel} × {kernel}, stride {stride}, 16 channels, 28²", pool, dtype, *case)


def table(rounds: int) -> Iterator[str]:
    """The lines of the table: for each dtype the time of microtorch, and how many times that of torch it is."""
    yield f"| forward and backward, {SAMPLES} samples | {' | '.join(f'{dtype} | × torch' for dtype in DTYPES)} |"
    yield f"|---|{'---|' * 2 * len(DTYPES)}"
    rows = [[*starmap(partial(_convolution, dtype), CONVOLUTIONS), *starmap(partial(_pool, dtype), POOLS)] for dtype in DTYPES]
    for pair in zip(*rows, strict=True):
        results = [race(row, rounds) for row in pair]
        cells = (f"{each.seconds('microtorch') * 1e3:.2f} ms | {each.ratio('microtorch', 'torch'):.2f}" for each in results)
        yield f"| {pair[0].name} | {' | '.join(cells)} |"
