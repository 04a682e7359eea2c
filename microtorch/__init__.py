"""microtorch: see automatic differentiation. PyTorch's Variables, Functions and gradients, on NumPy."""

from . import autograd, linalg, nn
from .anomaly import is_anomaly_check_nan_enabled, is_anomaly_enabled
from .autograd import Variable
from .creation import (
    BoolTensor,
    ByteTensor,
    CharTensor,
    DoubleTensor,
    FloatTensor,
    HalfTensor,
    IntTensor,
    LongTensor,
    ShortTensor,
    Tensor,
    arange,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    manual_seed,
    ones,
    ones_like,
    rand,
    rand_like,
    randn,
    randn_like,
    tensor,
    zeros,
    zeros_like,
)
from .dtypes import Size, dtype, float16, float32, float64, get_default_dtype, int8, int16, int32, int64, set_default_dtype, uint8
from .dtypes import bool_ as bool
from .dtypes import float16 as half
from .dtypes import float32 as float
from .dtypes import float64 as double
from .dtypes import int16 as short
from .dtypes import int32 as int
from .dtypes import int64 as long
from .grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .ops.added_products import addbmm, addmm, addmv, addr, baddbmm
from .ops.arithmetic import add, div, mul, neg, pow, reciprocal, rsub, square, sub
from .ops.compound import addcdiv, addcmul, atan2, fmod, hypot, lerp, logaddexp, masked_fill, nan_to_num, remainder
from .ops.contractions import chain_matmul, ger, inner, kron, outer, tensordot
from .ops.diagonals import diag, diag_embed, diagonal, tril, triu
from .ops.distances import cdist, cross
from .ops.einsum import einsum
from .ops.elementwise import erf, exp, expm1, log, log1p, log2, log10, relu, rsqrt, sigmoid, sqrt, tanh, where
from .ops.extremes import amax, amin, argmax, argmin, max, min
from .ops.flattening import atleast_1d, atleast_2d, atleast_3d, flatten, ravel, unflatten
from .ops.gathering import (
    argwhere,
    gather,
    index_add,
    index_copy,
    index_fill,
    index_put,
    index_select,
    masked_scatter,
    masked_select,
    narrow,
    nonzero,
    scatter,
    scatter_add,
    select,
    take,
    take_along_dim,
)
from .ops.joining import cat, column_stack, dstack, hstack, stack, vstack
from .ops.joining import cat as concat
from .ops.joining import cat as concatenate
from .ops.joining import vstack as row_stack
from .ops.logic import (
    all,
    allclose,
    any,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    eq,
    equal,
    ge,
    gt,
    isclose,
    isfinite,
    isinf,
    isnan,
    le,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    lt,
    ne,
)
from .ops.products import bmm, dot, matmul, mm, mv, vdot
from .ops.rearranging import flip, fliplr, flipud, meshgrid, repeat_interleave, roll, rot90, tile
from .ops.reduction import mean, sum
from .ops.rounding import abs, ceil, clamp, floor, frac, maximum, minimum, round, sign, trunc
from .ops.shaping import clone, movedim, permute, reshape, squeeze, t, transpose, unsqueeze
from .ops.shaping import expand as broadcast_to
from .ops.shaping import matrix_transpose as adjoint
from .ops.shaping import movedim as moveaxis
from .ops.shaping import transpose as swapaxes
from .ops.shaping import transpose as swapdims
from .ops.splitting import chunk, dsplit, hsplit, split, tensor_split, unbind, vsplit
from .ops.statistics import cumsum, logsumexp, std, var
from .ops.trigonometry import acos, acosh, asin, asinh, atan, atanh, cos, cosh, sin, sinh, tan
from .ops.windows import as_strided
from .printing import set_printoptions

__version__ = "0.1.0"
