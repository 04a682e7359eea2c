"""Convolutions and a small convolutional net against torch, one thread each: ``python -m tests.benchmarks.convolution``.

Each round measures both in turn, and what counts is the median of the rounds' ratios. Results are compared before anything is
timed. The net is LeNet's shape: two convolutions with relu and max_pool2d, three linear layers, 32 images of 28×28.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")  # before NumPy is loaded

import statistics
import time

import numpy as np
import torch

import microtorch

ROUNDS = 15
# Samples, channels, output channels, kernel, stride, padding, height and width.
CASES = [
    (32, 1, 6, 5, 1, 2, 28), (32, 6, 16, 5, 1, 0, 14), (32, 16, 32, 3, 1, 1, 28), (32, 64, 64, 3, 1, 1, 14),
    (32, 16, 32, 3, 2, 1, 28), (32, 3, 16, 7, 2, 3, 28), (32, 16, 32, 2, 2, 0, 28), (32, 32, 64, 1, 1, 0, 28),
    (1, 16, 32, 3, 1, 1, 28), (1, 1, 6, 5, 1, 2, 28),
]  # fmt: skip
SHAPES = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,)]


def leaves(lib, dtype, *shapes):
    rng = np.random.default_rng(0)
    return [lib.tensor((rng.standard_normal(shape) * 0.1).astype(dtype)).requires_grad_() for shape in shapes]


def convolution(lib, dtype, case):
    """The forward pass, and forward and backward."""
    samples, channels, outputs, kernel, stride, padding, side = case
    x, w, b = leaves(lib, dtype, (samples, channels, side, side), (outputs, channels, kernel, kernel), (outputs,))
    grad = lib.ones(lib.conv2d(x, w, b, stride, padding).shape, dtype=getattr(lib, dtype))

    def forward():
        with lib.no_grad():
            return [lib.conv2d(x, w, b, stride, padding)]

    def both():
        x.grad = w.grad = b.grad = None
        lib.conv2d(x, w, b, stride, padding).backward(grad)
        return [x.grad, w.grad, b.grad]

    return forward, both


def net(lib, dtype):
    """Forward and backward of the net."""
    parameters = leaves(lib, dtype, *SHAPES)
    (images,) = (each.detach() * 10 for each in leaves(lib, dtype, (32, 1, 28, 28)))
    pool = lib.nn.functional.max_pool2d

    def both():
        for each in parameters:
            each.grad = None
        w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = parameters
        x = pool(lib.relu(lib.conv2d(images, w1, b1, padding=2)), 2)
        x = pool(lib.relu(lib.conv2d(x, w2, b2)), 2).reshape(32, 400)
        x = lib.relu(x @ w3.t() + b3)
        x = lib.relu(x @ w4.t() + b4) @ w5.t() + b5
        (x * x).sum().backward()
        return [each.grad for each in parameters]

    return (both,)


def seconds(function, calls):
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def compare(what, make):
    """Print, for each function that ``make(library)`` gives, the times and the median ratio."""
    line = f"{what:44}"
    for ours, theirs in zip(make(microtorch), make(torch), strict=True):
        for mine, other in zip(ours(), theirs(), strict=True):
            size = np.abs(other.detach().numpy()).max()
            np.testing.assert_allclose(mine.detach().numpy(), other.detach().numpy(), 1e-3, 1e-4 * size)
        calls = max(1, int(0.01 / seconds(ours, 3)))
        rounds = [(seconds(ours, calls), seconds(theirs, calls)) for _ in range(ROUNDS)]
        mine, other = (statistics.median(each) * 1e6 for each in zip(*rounds, strict=True))
        ratio = statistics.median(ours / theirs for ours, theirs in rounds)
        line += f"{mine:9.0f} µs, torch {other:7.0f} µs: × {ratio:4.2f}   "
    print(line)


def main():
    torch.set_num_threads(1)
    for dtype in ("float64", "float32"):
        compare(f"{dtype} net, forward + backward", lambda lib, dtype=dtype: net(lib, dtype))
    print("samples, channels, outputs, kernel, stride, padding, side; forward; forward + backward")
    for dtype in ("float64", "float32"):
        for case in CASES:
            compare(f"{dtype} {case}", lambda lib, dtype=dtype, case=case: convolution(lib, dtype, case))


if __name__ == "__main__":
    main()
