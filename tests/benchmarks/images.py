"""A convolutional net of LeNet's kind on 32 images of 28 × 28: forward and backward. float64, one thread."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .race import Row

SHAPES = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,)]


def data():
    """Images, and the weights and biases: the same for all contestants."""
    rng = np.random.default_rng(0)
    parameters = [rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]) or 1) for shape in SHAPES]
    return rng.normal(size=(32, 1, 28, 28)), parameters


class Convolution:
    """By hand: one product of matrices over columns, in buffers that are made once."""

    def forward(self, x, w, b):
        n, c, h, width = x.shape
        o, _, k, _ = w.shape
        self.shape, self.places = (n, h - k + 1, width - k + 1), (c, k, k)
        windows = sliding_window_view(x, (k, k), axis=(2, 3)).transpose(0, 2, 3, 1, 4, 5)
        if not hasattr(self, "columns"):
            self.columns = np.empty(windows.shape)
            self.grad_columns = np.empty((self.columns.size // (c * k * k), c * k * k))
        np.copyto(self.columns, windows)
        self.rows = self.columns.reshape(-1, c * k * k)
        out = self.rows @ w.reshape(o, -1).T
        out += b
        return out.reshape(*self.shape, o).transpose(0, 3, 1, 2)

    def backward(self, grad, w, x=None):
        o = len(w)
        rows = np.ascontiguousarray(grad.transpose(0, 2, 3, 1)).reshape(-1, o)
        grad_w, grad_b = (rows.T @ self.rows).reshape(w.shape), rows.sum(0)
        if x is None:
            return None, grad_w, grad_b
        np.matmul(rows, w.reshape(o, -1), out=self.grad_columns)
        taps = self.grad_columns.reshape(*self.shape, *self.places)
        grad_x = np.zeros_like(x)
        _, h, width = self.shape
        for i in range(w.shape[2]):
            for j in range(w.shape[3]):
                grad_x[:, :, i : i + h, j : j + width] += taps[..., i, j].transpose(0, 3, 1, 2)
        return grad_x, grad_w, grad_b


def pooled(x):
    n, c, h, w = x.shape
    windows = x.reshape(n, c, h // 2, 2, w // 2, 2)
    out = np.maximum(np.maximum(windows[:, :, :, 0, :, 0], windows[:, :, :, 0, :, 1]),
                     np.maximum(windows[:, :, :, 1, :, 0], windows[:, :, :, 1, :, 1]))  # fmt: skip
    return out, windows


def unpooled(grad, out, windows):
    return ((windows == out[:, :, :, None, :, None]) * grad[:, :, :, None, :, None]).reshape(
        *windows.shape[:2], windows.shape[2] * 2, windows.shape[4] * 2
    )


def net_in_numpy():
    images, (w1, b1, w2, b2, w3, b3, w4, b4, w5, b5) = data()
    padded = np.pad(images, ((0, 0), (0, 0), (2, 2), (2, 2)))
    first, second = Convolution(), Convolution()

    def step():
        z1 = np.maximum(first.forward(padded, w1, b1), 0)
        p1, windows1 = pooled(z1)
        z2 = np.maximum(second.forward(p1, w2, b2), 0)
        p2, windows2 = pooled(z2)
        flat = p2.reshape(len(p2), -1)
        h3 = np.maximum(flat @ w3.T + b3, 0)
        h4 = np.maximum(h3 @ w4.T + b4, 0)
        out = h4 @ w5.T + b5
        loss = (out * out).sum()
        g5 = 2 * out
        g4 = (g5 @ w5) * (h4 > 0)
        g3 = (g4 @ w4) * (h3 > 0)
        g = unpooled((g3 @ w3).reshape(p2.shape), p2, windows2) * (z2 > 0)
        g, grad_w2, grad_b2 = second.backward(g, w2, p1)
        _, grad_w1, grad_b1 = first.backward(unpooled(g, p1, windows1) * (z1 > 0), w1)
        dense = g3.T @ flat, g3.sum(0), g4.T @ h3, g4.sum(0), g5.T @ h4, g5.sum(0)
        return loss, grad_w1, grad_b1, grad_w2, grad_b2, *dense

    return step


def _net(library):
    images, parameters = data()
    x, parameters = library.tensor(images), [library.tensor(each, requires_grad=True) for each in parameters]
    w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = parameters
    functional = library.nn.functional

    def step():
        value = functional.max_pool2d(functional.relu(functional.conv2d(x, w1, b1, padding=2)), 2)
        value = functional.max_pool2d(functional.relu(functional.conv2d(value, w2, b2)), 2)
        value = value.flatten(1)
        value = functional.relu(functional.linear(value, w3, b3))
        value = functional.relu(functional.linear(value, w4, b4))
        out = functional.linear(value, w5, b5)
        loss = (out * out).sum()
        loss.backward()
        gradients = [each.grad for each in parameters]
        for each in parameters:
            each.grad = None
        return loss, *gradients

    return step


def net_in_microtorch():
    import microtorch

    return _net(microtorch)


def net_in_torch():
    import torch

    torch.set_num_threads(1)
    return _net(torch)


ROWS = [
    Row(
        "LeNet-like net, 32 × 1 × 28 × 28",
        {"NumPy": net_in_numpy, "microtorch": net_in_microtorch, "torch": net_in_torch},
        "1.4, 1.2",
    )
]
