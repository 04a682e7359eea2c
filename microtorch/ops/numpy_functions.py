"""What NumPy's functions do when a Variable is among their arguments: the same, and it is recorded.

What has no counterpart here is refused, never computed on the array behind the graph's back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np

from ..arrays.dtypes import from_numpy_dtype
from ..core.variable import is_variable, unrecorded
from ..tensor import creation
from . import numpy_equivalents as equivalents
from .elementwise import arithmetic, casting, compound, copying, exponential, logic, rounding, special, trigonometry
from .linalg import contractions, decompositions, determinants, distances, einsum, products, pseudoinverse, solving
from .numpy_equivalents import operand
from .reduction import counting, extremes, product, sorting, statistics, sums
from .selection import gathering, picking, rearranging, splitting, where
from .shaping import diagonals, flattening, joining, reshaping

__all__ = ["NUMPY_FUNCTIONS", "array_function", "array_ufunc"]

# What NumPy calls these arguments, and torch.
_NAMES = {"axis": "dim", "keepdims": "keepdim", "ddof": "correction", "a_min": "min", "a_max": "max"}
# Arguments that ask for what is not recorded.
_REFUSED = {"casting", "dtype", "initial", "like", "order", "out", "subok", "where"}


def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """``Variable.__array_ufunc__``: what NumPy calls for ``np.exp(x)``, and for ``array + x``."""
    function = NUMPY_FUNCTIONS.get(ufunc)
    if function is None or method != "__call__" or kwargs:
        raise _unsupported(f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}"), kwargs)
    # A scalar of NumPy counts as Python's: it widens nothing, on the left as on the right.
    return function(*[each.item() if isinstance(each, np.generic) else each for each in inputs])


def array_function(self: Any, numpy_function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
    """``Variable.__array_function__``: what NumPy calls for ``np.sum(x)``, and for all that is no ufunc."""
    function = NUMPY_FUNCTIONS.get(numpy_function)
    if function is None or kwargs.keys() & _REFUSED:
        module = numpy_function.__module__.replace("numpy", "np")
        raise _unsupported(f"{module}.{numpy_function.__name__}", kwargs.keys() & _REFUSED if function else ())
    return function(*args, **{_NAMES.get(name, name): value for name, value in kwargs.items()})


def _unsupported(call: str, arguments: Iterable[str]) -> TypeError:
    with_what = f" with {', '.join(sorted(arguments))}" if arguments else ""
    return TypeError(
        f"{call}{with_what} cannot be recorded on a Variable; use one of its methods, or compute on x.detach().numpy(), "
        "outside of the graph"
    )


def _values(value: Any) -> Any:
    """The array of a Variable, for questions that are not recorded."""
    return value.array if is_variable(value) else value


def _dot(x: Any, y: Any) -> Any:
    """``np.dot``: a product of matrices, where both are at most that."""
    x, y = operand(x), operand(y)
    if not x.ndim or not y.ndim:
        return arithmetic.mul(x, y)
    return products.matmul(x, y) if y.ndim < 3 else contractions.tensordot(x, y, ([-1], [-2]))


NUMPY_FUNCTIONS: Final[dict[Callable[..., Any], Callable[..., Any]]] = {
    np.add: lambda x, y: arithmetic.add(x, y) if is_variable(x) else arithmetic.add(y, x),
    np.subtract: lambda x, y: arithmetic.sub(x, y) if is_variable(x) else arithmetic.rsub(y, x),
    np.multiply: lambda x, y: arithmetic.mul(x, y) if is_variable(x) else arithmetic.mul(y, x),
    np.true_divide: lambda x, y: arithmetic.div(x, y) if is_variable(x) else arithmetic.rtruediv(y, x),
    np.power: arithmetic.pow,
    np.negative: arithmetic.neg,
    np.reciprocal: arithmetic.reciprocal,
    np.exp: exponential.exp,
    np.log: exponential.log,
    np.tanh: exponential.tanh,
    np.expm1: exponential.expm1,
    np.log10: exponential.log10,
    np.log1p: exponential.log1p,
    np.log2: exponential.log2,
    np.sqrt: exponential.sqrt,
    np.square: arithmetic.square,
    np.absolute: rounding.abs,
    np.sign: rounding.sign,
    np.ceil: rounding.ceil,
    np.floor: rounding.floor,
    np.trunc: rounding.trunc,
    np.round: lambda x, decimals=0: rounding.round(x, decimals=decimals),
    np.maximum: rounding.maximum,
    np.minimum: rounding.minimum,
    np.clip: rounding.clamp,
    np.arctan2: compound.atan2,
    np.hypot: compound.hypot,
    np.logaddexp: compound.logaddexp,
    np.fmod: compound.fmod,
    np.remainder: compound.remainder,
    np.arccos: trigonometry.acos,
    np.arccosh: trigonometry.acosh,
    np.arcsin: trigonometry.asin,
    np.arcsinh: trigonometry.asinh,
    np.arctan: trigonometry.atan,
    np.arctanh: trigonometry.atanh,
    np.cos: trigonometry.cos,
    np.cosh: trigonometry.cosh,
    np.sin: trigonometry.sin,
    np.sinh: trigonometry.sinh,
    np.tan: trigonometry.tan,
    np.matmul: lambda x, y: products.matmul(operand(x), operand(y)),
    np.equal: logic.eq,
    np.not_equal: logic.ne,
    np.less: logic.lt,
    np.less_equal: logic.le,
    np.greater: logic.gt,
    np.greater_equal: logic.ge,
    np.logical_and: logic.logical_and,
    np.logical_or: logic.logical_or,
    np.logical_xor: logic.logical_xor,
    np.logical_not: logic.logical_not,
    np.bitwise_and: logic.bitwise_and,
    np.bitwise_or: logic.bitwise_or,
    np.bitwise_xor: logic.bitwise_xor,
    np.isnan: logic.isnan,
    np.isinf: logic.isinf,
    np.isfinite: logic.isfinite,
    np.isclose: lambda a, b, **named: unrecorded(np.isclose(_values(a), _values(b), **named)),
    np.allclose: lambda a, b, **named: np.allclose(_values(a), _values(b), **named),
    np.invert: logic.bitwise_not,
    np.any: logic.any,
    np.concatenate: lambda arrays, dim=0: joining.cat([*map(operand, arrays)], dim),
    np.stack: lambda arrays, dim=0: joining.stack([*map(operand, arrays)], dim),
    np.all: logic.all,
    np.array_equal: lambda a, b, **named: np.array_equal(_values(a), _values(b), **named),
    np.where: where.where,
    np.floor_divide: arithmetic.floor_divide,
    np.exp2: special.exp2,
    np.copysign: special.copysign,
    np.fmax: special.fmax,
    np.fmin: special.fmin,
    np.logaddexp2: special.logaddexp2,
    np.sinc: special.sinc,
    np.deg2rad: special.deg2rad,
    np.rad2deg: special.rad2deg,
    np.positive: special.positive,
    np.signbit: special.signbit,
    np.heaviside: special.heaviside,
    np.prod: product.prod,
    np.cumprod: lambda a, dim=None: product.cumprod(flattening.ravel(a) if dim is None else a, dim or 0),
    np.diff: statistics.diff,
    np.argsort: sorting.argsort,
    np.sort: lambda a, dim=-1: sorting.sort(a, dim).values,
    np.amax: extremes.amax,
    np.amin: extremes.amin,
    np.var: lambda a, dim=None, correction=0, keepdim=False: statistics.var(a, dim, correction=correction, keepdim=keepdim),
    np.std: lambda a, dim=None, correction=0, keepdim=False: statistics.std(a, dim, correction=correction, keepdim=keepdim),
    np.bincount: counting.bincount,
    np.zeros_like: copying.zeros_like,
    np.sum: sums.sum,
    np.argmax: extremes.argmax,
    np.argmin: extremes.argmin,
    np.cumsum: lambda a, dim=None: statistics.cumsum(flattening.ravel(a) if dim is None else a, dim or 0),
    np.mean: sums.mean,
    np.reshape: reshaping.reshape,
    np.ravel: flattening.ravel,
    np.squeeze: reshaping.squeeze,
    np.moveaxis: flattening.movedim,
    np.broadcast_to: flattening.broadcast_to,
    np.atleast_1d: flattening.atleast_1d,
    np.atleast_2d: flattening.atleast_2d,
    np.atleast_3d: flattening.atleast_3d,
    np.flip: lambda x, dim=None: rearranging.flip(x, tuple(range(x.ndim)) if dim is None else dim),
    np.fliplr: rearranging.fliplr,
    np.flipud: rearranging.flipud,
    np.roll: lambda x, shift, dim=(): rearranging.roll(x, shift, dim),
    np.meshgrid: lambda *x, indexing="xy": rearranging.meshgrid(*x, indexing=indexing),
    np.rot90: rearranging.rot90,
    np.tile: rearranging.tile,
    np.repeat: lambda x, repeats, dim=None: rearranging.repeat_interleave(x, repeats, dim),
    np.diag: diagonals.diag,
    np.diagonal: diagonals.diagonal,
    np.tril: diagonals.tril,
    np.triu: diagonals.triu,
    np.array_split: splitting.tensor_split,
    np.hsplit: splitting.hsplit,
    np.vsplit: splitting.vsplit,
    np.dsplit: splitting.dsplit,
    np.take_along_axis: gathering.take_along_dim,
    np.argwhere: picking.argwhere,
    np.nonzero: lambda a: picking.nonzero(a, as_tuple=True),
    np.hstack: lambda arrays: joining.hstack([*map(operand, arrays)]),
    np.vstack: lambda arrays: joining.vstack([*map(operand, arrays)]),
    np.dstack: lambda arrays: joining.dstack([*map(operand, arrays)]),
    np.column_stack: lambda arrays: joining.column_stack([*map(operand, arrays)]),
    np.copy: reshaping.clone,
    np.expand_dims: reshaping.unsqueeze,
    np.swapaxes: reshaping.transpose,
    np.dot: _dot,
    np.inner: lambda a, b: contractions.inner(operand(a), operand(b)),
    np.kron: lambda a, b: contractions.kron(operand(a), operand(b)),
    np.outer: lambda a, b: contractions.outer(operand(a), operand(b)),
    np.trace: determinants.trace,
    np.linalg.det: determinants.linalg_det,
    np.linalg.inv: solving.inv,
    np.linalg.matrix_power: solving.matrix_power,
    np.linalg.slogdet: determinants.linalg_slogdet,
    np.linalg.solve: solving.solve,
    np.max: extremes.amax,
    np.min: extremes.amin,
    np.transpose: lambda x, axes=None: reshaping.reversed_dims(x) if axes is None else reshaping.permute(x, *axes),
    np.ones_like: creation.ones_like,
    np.empty_like: creation.empty_like,
    np.full_like: creation.full_like,
    np.shape: lambda a: tuple(a.array.shape),
    np.ndim: lambda a: a.array.ndim,
    np.size: lambda a, dim=None: a.array.size if dim is None else a.size(dim),
    np.einsum: lambda subscripts, *operands: einsum.einsum(subscripts, *map(operand, operands)),
    np.tensordot: lambda a, b, axes=2: contractions.tensordot(operand(a), operand(b), axes),
    np.linalg.norm: lambda x, ord=None, dim=None, keepdim=False: equivalents.norm(x, ord, dim, keepdim),
    np.pad: equivalents.pad,
    np.split: lambda ary, indices_or_sections, dim=0: equivalents.split(ary, indices_or_sections, dim),
    np.append: lambda arr, values, dim=None: equivalents.append(arr, values, dim),
    np.take: lambda a, indices, dim=None: equivalents.take(a, indices, dim),
    np.median: lambda a, dim=None, keepdim=False: equivalents.median(a, dim, keepdim),
    np.select: equivalents.select,
    np.average: lambda a, dim=None, weights=None, keepdim=False: equivalents.average(a, dim, weights, keepdim),
    np.ptp: lambda a, dim=(), keepdim=False: equivalents.ptp(a, dim, keepdim),
    np.vdot: equivalents.vdot,
    np.cross: lambda a, b, dim=-1: distances.linalg_cross(operand(a), operand(b), dim=dim),
    np.linalg.cross: lambda a, b, dim=-1: distances.linalg_cross(operand(a), operand(b), dim=dim),
    np.nan_to_num: lambda x, copy=True, nan=0.0, posinf=None, neginf=None: compound.nan_to_num(x, nan, posinf, neginf),
    np.nansum: statistics.nansum,
    np.nanmean: statistics.nanmean,
    np.rint: rounding.round,
    np.fix: rounding.trunc,
    np.around: lambda x, decimals=0: rounding.round(x, decimals=decimals),
    np.float_power: special.float_power,
    np.matrix_transpose: reshaping.matrix_transpose,
    np.diagflat: lambda a, k=0: diagonals.diag(flattening.ravel(a), k),
    np.ediff1d: lambda a: statistics.diff(flattening.ravel(a)),
    np.unique: sorting.unique,
    np.isin: lambda element, test: counting.isin(element, operand(test)),
    np.count_nonzero: counting.count_nonzero,
    np.flatnonzero: lambda a: picking.nonzero(flattening.ravel(a), as_tuple=True)[0],
    np.searchsorted: lambda a, v, side="left": counting.searchsorted(operand(a), v if is_variable(v) else operand(v), side=side),
    np.vecdot: lambda a, b, dim=-1: contractions.vecdot(operand(a), operand(b), dim=dim),
    np.linalg.cholesky: decompositions.linalg_cholesky,
    np.linalg.eigh: decompositions.eigh,
    np.linalg.eigvalsh: decompositions.eigvalsh,
    np.linalg.multi_dot: equivalents.multi_dot,
    np.linalg.pinv: pseudoinverse.pinv,
    np.linalg.qr: decompositions.linalg_qr,
    np.linalg.svd: equivalents.svd,
    np.real: special.itself,
    np.iscomplexobj: lambda x: False,
    np.shares_memory: lambda a, b: np.shares_memory(_values(a), _values(b)),
    np.may_share_memory: lambda a, b: np.may_share_memory(_values(a), _values(b)),
}

# What newer releases of NumPy have.
_NEWER: Final[dict[str, Callable[..., Any]]] = {
    "astype": lambda x, dtype, copy=True: casting.to(x, from_numpy_dtype(np.dtype(dtype)), copy=copy),
    "cumulative_sum": lambda x, dim=0: statistics.cumsum(x, dim),
    "unstack": lambda x, dim=0: splitting.unbind(x, dim),
}
NUMPY_FUNCTIONS.update({getattr(np, name): function for name, function in _NEWER.items() if hasattr(np, name)})
