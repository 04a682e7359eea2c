"""Vectors in space: the cross product, and the distances between all pairs of points."""

from __future__ import annotations

import math

import numpy as np

from ...arrays.operands import refuse_bools, summed
from ...arrays.shapes import shapes_do_not_broadcast
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of
from ...tensor.dims import axis_of
from ..shaping.flattening import contiguous
from ..shaping.reshaping import expand, view

__all__ = ["cdist", "cross", "linalg_cross"]


class LinalgCross(Primitive):
    constants = shown("dim")

    def forward(self, input, other, *, dim):
        self.dim = dim
        with np.errstate(all="ignore"):
            return np.cross(input, other, axis=dim)

    @rule("linalg.cross(other, grad, dim=dim)")
    def grad_input(self, grad, other):
        return LinalgCross.on(other, grad, dim=self.dim)

    @rule("linalg.cross(grad, input, dim=dim)")
    def grad_other(self, grad, input):
        return LinalgCross.on(grad, input, dim=self.dim)


class Cdist(Primitive):
    """Norms of all differences. Where a distance is 0, it has no derivative, and a gradient of 0."""

    __slots__ = ("p",)
    constants = shown(p=2)

    def forward(self, x1, x2, *, p):
        self.p = p
        distances = np.abs(x1[..., :, None, :] - x2[..., None, :, :])
        if p == 0:
            return (distances != 0).sum(-1).astype(x1.dtype)
        if p == math.inf:
            return np.maximum.reduce(distances, -1, initial=0)
        return summed(distances**p, -1) ** (1 / p)

    def slope(self, grad, x1, x2, out):
        """For each pair of points, and each coordinate: grad times the derivative of the distance."""
        step = x1[..., :, None, :] - x2[..., None, :, :]
        grad, out, p = grad[..., None], out[..., None], self.p
        if p == 0:
            return step * 0.0
        if p == math.inf:
            return np.where(np.absolute(step) == out, np.sign(step) * grad, 0.0)
        if p == 1:
            return np.sign(step) * grad
        away = (step != 0) & (out != 0)
        size = np.absolute(np.where(away, step, 1.0)) / np.where(away, out, 1.0)
        return np.where(away, np.sign(step) * size ** (p - 1.0) * grad, 0.0)

    @rule(words="grad times the slope of each distance, summed over the points of x2")
    def grad_x1(self, grad, x1, x2, out):
        return summed(self.slope(grad, x1, x2, out), -2)

    @rule(words="-grad times the slope of each distance, summed over the points of x1")
    def grad_x2(self, grad, x1, x2, out):
        return -summed(self.slope(grad, x1, x2, out), -3)


class EuclideanDist(Primitive):
    """The commonest distances by one product of matrices, ``|x|² + |y|² - 2xy``: fast for many points, exact for distant ones."""

    def forward(self, x1, x2):
        squares = summed(x1 * x1, -1)[..., :, None] + summed(x2 * x2, -1)[..., None, :] - 2 * (x1 @ x2.mT)
        return np.sqrt(np.maximum(squares, 0))

    @rule("where(out == 0, 0, grad / out).sum(-1, True) * x1 - where(out == 0, 0, grad / out) @ x2")
    def grad_x1(self, grad, x1, x2, out):
        ratio = np.where(out == 0, 0.0, grad / out)
        return summed(ratio, -1, keepdims=True) * x1 - ratio @ x2

    @rule("where(out == 0, 0, grad / out).sum(-2).unsqueeze(-1) * x2 - where(out == 0, 0, grad / out).mT @ x1")
    def grad_x2(self, grad, x1, x2, out):
        ratio = np.where(out == 0, 0.0, grad / out)
        return summed(ratio, -2)[..., None] * x2 - ratio.mT @ x1


def linalg_cross(input: Variable, other: Variable, *, dim: int = -1) -> Variable:
    """The cross products of the vectors of length 3 along ``dim``; the other dimensions broadcast.

    Raises:
        RuntimeError: the vectors have another length, or the tensors another number of dimensions or another dtype.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.linalg.cross(microtorch.tensor([1, 0, 0]), microtorch.tensor([0, 1, 0])).tolist()
    [0, 0, 1]
    """
    x, y = array_of(input), array_of(other)
    if x.ndim != y.ndim:
        raise RuntimeError(f"linalg.cross: inputs must have the same number of dimensions, and have {x.ndim} and {y.ndim}")
    axis = axis_of(input, dim)
    lengths = [each.shape[axis] if each.ndim else 1 for each in (x, y)]
    if lengths != [3, 3]:
        raise RuntimeError(f"linalg.cross: inputs dimension {dim} must have length 3. Got {lengths[0]} and {lengths[1]}")
    if x.dtype is not y.dtype:
        raise RuntimeError(f"linalg.cross: expected one dtype, but got {input.dtype} and {other.dtype}: convert one with .to()")
    refuse_bools(x, y, operation="linalg.cross")
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        raise shapes_do_not_broadcast("linalg.cross", x.shape, y.shape) from None
    return LinalgCross.apply(input, other, dim=axis)


def cross(input: Variable, other: Variable, dim: int | None = None) -> Variable:
    """`linalg.cross`; without ``dim``, along the first dimension of length 3.

    Raises:
        RuntimeError: there is none, or the tensors do not match.
    """
    if dim is None:
        if 3 not in array_of(input).shape:
            raise RuntimeError(f"no dimension of size 3 in input: {input._described()}")
        dim = input.array.shape.index(3)
    return linalg_cross(input, other, dim=dim)


def cdist(x1: Variable, x2: Variable, p: float = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary") -> Variable:
    """The distances of each of some points from each of others: (*, n, k) and (*, m, k) give (*, n, m).

    Args:
        x1: n points of k coordinates; leading dimensions broadcast.
        x2: m points.
        p: which norm of the difference is the distance: 2 for the Euclidean one, 1, ``inf``, 0 (how many coordinates differ) …
        compute_mode: ``use_mm_for_euclid_dist``, ``donot_use_mm_for_euclid_dist``, or, as it is, where there are more than 25
            points: the Euclidean distances as a product of matrices, which is faster and less exact.

    Raises:
        RuntimeError: ``p`` is negative, a shape does not fit, or the dtypes are no floats or differ.
        ValueError: there is no such ``compute_mode``.

    >>> import microtorch
    >>> microtorch.cdist(microtorch.tensor([[0.0, 0.0]]), microtorch.tensor([[3.0, 4.0], [0.0, 1.0]])).tolist()
    [[5.0, 1.0]]
    """
    modes = ("use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist")
    if compute_mode not in modes:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode: it is one of {', '.join(modes)}")
    lead = _lead(x1, x2, p)
    x, y = x1.array, x2.array
    many = max(x.shape[-2], y.shape[-2]) > 25 and compute_mode == modes[0]
    if p != 2 or not (many or compute_mode == modes[1]) or not x.size or not y.size:
        return Cdist.apply(x1, x2, p=p)
    if lead:
        x1, x2 = (contiguous(expand(each, *lead, -1, -1)).view(-1, *each.array.shape[-2:]) for each in (x1, x2))
    return view(EuclideanDist.apply(x1, x2), *lead, x.shape[-2], y.shape[-2])


def _lead(x1: Variable, x2: Variable, p: float) -> tuple[int, ...]:
    """The leading dimensions of the distances between points that fit together."""
    for name, each in (("X1", x1), ("X2", x2)):
        if array_of(each).ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {each.array.ndim}D")
        if each.array.dtype.kind != "f":
            raise RuntimeError(f"cdist only supports floating-point dtypes, {name} got: {each.dtype}")
    x, y = x1.array, x2.array
    if x.shape[-1] != y.shape[-1]:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {x.shape[-1]} X2: {y.shape[-1]}")
    if x.dtype is not y.dtype:
        raise RuntimeError(f"cdist: expected one dtype, but got {x1.dtype} and {x2.dtype}: convert one with .to()")
    if p < 0:
        raise RuntimeError(f"cdist only supports non-negative p values, and p is {p}")
    try:
        return np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    except ValueError:
        raise shapes_do_not_broadcast("cdist", x.shape[:-2], y.shape[:-2]) from None
