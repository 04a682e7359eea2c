"""Products of tensors along any dimensions, and chains of them: composed of ``mm`` and of views, as torch composes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ...core.variable import Variable, array_of, is_variable
from ...tensor.dims import axes_of, axis_of
from ..elementwise.arithmetic import mul
from ..reduction.sums import sum as sum_
from ..shaping.flattening import flatten
from ..shaping.reshaping import Permute, UnsafeView, reshape, squeeze, unsqueeze, view
from .products import dot, mm, vdot

__all__ = ["chain_matmul", "ger", "inner", "kron", "multi_dot", "outer", "tensordot", "vecdot"]


def outer(input: Variable, vec2: Variable) -> Variable:
    """Each element of one vector times each of another: (n,) and (m,) give (n, m).

    Raises:
        RuntimeError: an argument is no vector.

    >>> import microtorch
    >>> microtorch.outer(microtorch.tensor([1, 2]), microtorch.tensor([3, 4])).tolist()
    [[3, 4], [6, 8]]
    """
    for name, ndim in (("input", array_of(input).ndim), ("vec2", array_of(vec2).ndim)):
        if ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {ndim}-D")
    return mul(reshape(input, -1, 1), vec2)


def ger(input: Variable, vec2: Variable) -> Variable:
    """`outer`, by its name in BLAS."""
    return outer(input, vec2)


def inner(input: Variable, other: Variable) -> Variable:
    """The inner products along the last dimensions: (*m, k) and (*n, k) give (*m, *n); a number multiplies.

    Raises:
        RuntimeError: the last lengths differ, or the dtypes do.

    >>> import microtorch
    >>> microtorch.inner(microtorch.tensor([1, 2, 3]), microtorch.tensor([0, 2, 1])).item()
    7
    """
    if not array_of(input).ndim or not array_of(other).ndim:
        return mul(input, other)
    if input.array.shape[-1] != other.array.shape[-1]:
        raise RuntimeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(input.array.shape)} and {list(other.array.shape)}"
        )
    return tensordot(input, other, ([-1], [-1]))


def vecdot(x: Variable, y: Variable, *, dim: int = -1) -> Variable:
    """The inner products of the vectors along ``dim``; the other dimensions broadcast.

    Raises:
        RuntimeError: the dtypes differ, or the shapes do not broadcast.
        IndexError: ``dim`` is out of range.
    """
    if array_of(x).dtype is not array_of(y).dtype:
        raise RuntimeError(
            f"linalg.vecdot: Expected x and y to have the same dtype, but found x of type {x.dtype} and y of type {y.dtype}: "
            "convert one with .to()"
        )
    return vdot(x, y) if x.array.ndim == y.array.ndim == 1 and axis_of(x, dim) == 0 else sum_(mul(x, y), dim)


def tensordot(a: Variable, b: Variable, dims: Any = 2) -> Variable:
    """The sum of products over dimensions of two tensors: what is left of ``a``'s, then of ``b``'s, is the shape.

    Args:
        a: of any shape.
        b: of any shape.
        dims: the pair of the dimensions of ``a`` and of those of ``b`` that are summed over; or how many: the last of ``a``
            and the first of ``b``.

    Raises:
        RuntimeError: the dimensions differ in number or in length, or the dtypes differ.
        IndexError: a dimension is out of range.

    >>> import microtorch
    >>> microtorch.tensordot(microtorch.ones(2, 3, 4), microtorch.ones(4, 3, 5), ([1, 2], [1, 0])).shape
    torch.Size([2, 5])
    """
    axes = _contracted(a, b, dims)
    if a.array.dtype is not b.array.dtype:
        raise RuntimeError(f"tensordot: both inputs should have same dtype, but got {a.dtype} and {b.dtype}: use .to()")
    for i, j in zip(*axes, strict=True):
        m, n = a.array.shape[i], b.array.shape[j]
        if n == 1:  # it broadcasts, so that the other may be summed right away
            a = sum_(a, i, True, dtype=a.dtype)
        elif m == 1:
            b = sum_(b, j, True, dtype=b.dtype)
        elif m != n:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {m} in dim {i} and second has size {n} in dim {j}"
            )
    free = [tuple(i for i in range(each.array.ndim) if i not in own) for each, own in zip((a, b), axes, strict=True)]
    shape = [each.array.shape[i] for each, left in zip((a, b), free, strict=True) for i in left]
    rows, columns = math.prod(shape[: len(free[0])]), math.prod(shape[len(free[0]) :])
    inner = math.prod(a.array.shape[i] for i in axes[0])
    left, right = Permute.apply(a, dims=free[0] + axes[0]), Permute.apply(b, dims=axes[1] + free[1])
    if rows != 1 or columns != 1:
        product = mm(reshape(left, rows, inner), reshape(right, inner, columns))
    elif left.array.flags.c_contiguous and right.array.flags.c_contiguous:
        product = dot(flatten(left), flatten(right))
    else:
        product = sum_(mul(squeeze(left), squeeze(right)))
    return reshape(product, shape)


def _contracted(a: Variable, b: Variable, dims: Any) -> list[tuple[int, ...]]:
    ndims = array_of(a).ndim, array_of(b).ndim
    if is_variable(dims):
        dims = dims.tolist()
    if isinstance(dims, tuple | list):
        given = [*dims]
        if not all(isinstance(each, tuple | list) for each in given):
            raise TypeError(f"tensordot: dims must be an int, or a pair of lists of ints, as ([0], [1]), and not {dims}")
    elif dims < 0:
        raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
    elif dims > min(ndims):
        raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
    else:
        given = [tuple(range(-dims, 0)), tuple(range(dims))]
    if len(given) != 2 or len(given[0]) != len(given[1]):
        raise RuntimeError(f"tensordot: both dimension lists should have same length, but dims is {dims}")
    if given[0] and 0 in ndims:
        raise RuntimeError(f"tensordot: Dimension specified as {given[ndims.index(0)][0]} but tensor has no dimensions")
    return [axes_of(each, own) if own else () for each, own in zip((a, b), given, strict=True)]


def kron(input: Variable, other: Variable) -> Variable:
    """The Kronecker product: ``other``, once for each element of ``input``, and times that.

    >>> import microtorch
    >>> microtorch.kron(microtorch.tensor([1, 10]), microtorch.tensor([2, 3])).tolist()
    [2, 3, 20, 30]
    """
    shapes = array_of(input).shape, array_of(other).shape
    ndim = max(map(len, shapes))
    outer, inner = ((1,) * (ndim - len(shape)) + shape for shape in shapes)
    left = UnsafeView.apply(input, shape=tuple(length for n in outer for length in (n, 1)))
    right = UnsafeView.apply(other, shape=tuple(length for n in inner for length in (1, n)))
    return UnsafeView.apply(mul(left, right), shape=tuple(m * n for m, n in zip(outer, inner, strict=True)))


def multi_dot(tensors: Sequence[Variable]) -> Variable:
    """The product of two or more matrices, in the order that takes the fewest multiplications.

    Args:
        tensors: matrices; the first may be a vector, as a row, and the last, as a column.

    Raises:
        RuntimeError: there are fewer than two, one is no matrix, or lengths do not match.

    >>> import microtorch
    >>> microtorch.linalg.multi_dot([microtorch.ones(2, 3), microtorch.ones(3, 4), microtorch.ones(4)]).tolist()
    [12.0, 12.0]
    """
    if len(tensors) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(tensors)}")
    for i, each in enumerate(tensors):
        ndim, ends = array_of(each).ndim, {0: "the first tensor", len(tensors) - 1: "the last tensor"}
        if i in ends and ndim not in (1, 2):
            raise RuntimeError(f"multi_dot(): {ends[i]} must be 1D or 2D but got {ndim}D")
        if i not in ends and ndim != 2:
            raise RuntimeError(f"multi_dot(): tensor {i} must be 2D but got {ndim}D")
    first, *others, last = tensors
    factors = [
        unsqueeze(first, 0) if first.array.ndim == 1 else first, *others, unsqueeze(last, -1) if last.array.ndim == 1 else last
    ]  # fmt: skip
    for i, (left, right) in enumerate(pairwise(factors)):
        if left.array.shape[1] != right.array.shape[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {i} and {i + 1} with shapes {list(left.array.shape)} and {list(right.array.shape)} "
                "cannot be multiplied"
            )
    lengths = [*(each.array.shape[0] for each in factors), factors[-1].array.shape[1]]
    product = _in_order(factors, _splits(lengths), 0, len(factors) - 1)
    return view(product, first.array.shape[:-1] + (last.array.shape[1:] if last.array.ndim == 2 else ()))


def _splits(lengths: list[int]) -> dict[tuple[int, int], int]:
    """For each stretch of a chain of matrices, after which to divide it: dynamic programming over the cheapest ways.

    Source: Cormen et al., Introduction to Algorithms, section 15.2.
    """
    count = len(lengths) - 1
    cost: dict[tuple[int, int], int] = {(i, i): 0 for i in range(count)}
    splits: dict[tuple[int, int], int] = {}
    for distance in range(1, count):
        for i in range(count - distance):
            j = i + distance
            places = range(j - 1, i - 1, -1) if count == 3 else range(i, j)  # the first is taken of several that cost the same
            ways = {k: cost[i, k] + cost[k + 1, j] + lengths[i] * lengths[k + 1] * lengths[j + 1] for k in places}
            splits[i, j] = min(ways, key=ways.__getitem__)
            cost[i, j] = ways[splits[i, j]]
    return splits


def _in_order(factors: list[Variable], splits: dict[tuple[int, int], int], start: int, end: int) -> Variable:
    if start == end:
        return factors[start]
    split = splits[start, end]
    return mm(_in_order(factors, splits, start, split), _in_order(factors, splits, split + 1, end))


def chain_matmul(*matrices: Variable) -> Variable:
    """The product of any number of matrices: `multi_dot` of its arguments.

    Raises:
        RuntimeError: there is none, one is no matrix, or lengths do not match.
    """
    if not matrices:
        raise RuntimeError("chain_matmul(): Expected one or more matrices")
    for i, each in enumerate(matrices):
        if array_of(each).ndim != 2:
            raise RuntimeError(f"chain_matmul(): tensor {i} must be 2D but got {each.array.ndim}D")
    return matrices[0] if len(matrices) == 1 else multi_dot(matrices)
