"""microtorch: see automatic differentiation. PyTorch's Variables, Functions and gradients, on NumPy."""

from math import e, inf, nan, pi
from typing import TYPE_CHECKING

from . import accelerator, autograd, cuda, linalg, methods, random, return_types
from .arrays.dtypes import bool_ as bool
from .arrays.dtypes import (
    dtype,
    float16,
    float32,
    float64,
    get_default_dtype,
    int8,
    int16,
    int32,
    int64,
    set_default_dtype,
    uint8,
)
from .arrays.dtypes import float16 as half
from .arrays.dtypes import float32 as float
from .arrays.dtypes import float64 as double
from .arrays.dtypes import int16 as short
from .arrays.dtypes import int32 as int
from .arrays.dtypes import int64 as long
from .arrays.shapes import Size
from .attributes import __dir__, __getattr__
from .autograd import Variable
from .core.anomaly import is_anomaly_check_nan_enabled, is_anomaly_enabled
from .core.grad_mode import enable_grad, inference_mode, is_grad_enabled, is_inference_mode_enabled, no_grad, set_grad_enabled
from .notebook import load_ipython_extension, unload_ipython_extension
from .notebook import set_up as _set_up_notebook
from .ops.elementwise.arithmetic import add, div, floor_divide, mul, neg, pow, reciprocal, rsub, square, sub
from .ops.elementwise.arithmetic import div as divide
from .ops.elementwise.arithmetic import div as true_divide
from .ops.elementwise.arithmetic import mul as multiply
from .ops.elementwise.arithmetic import neg as negative
from .ops.elementwise.arithmetic import sub as subtract
from .ops.elementwise.compound import addcdiv, addcmul, atan2, fmod, hypot, lerp, logaddexp, masked_fill, nan_to_num, remainder
from .ops.elementwise.compound import atan2 as arctan2
from .ops.elementwise.exponential import erf, exp, expm1, log, log1p, log2, log10, rsqrt, sqrt, tanh
from .ops.elementwise.logic import (
    all,
    allclose,
    any,
    bitwise_and,
    bitwise_left_shift,
    bitwise_not,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    eq,
    equal,
    ge,
    gt,
    isclose,
    isfinite,
    isinf,
    isnan,
    isneginf,
    isposinf,
    isreal,
    le,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    lt,
    ne,
)
from .ops.elementwise.logic import ge as greater_equal
from .ops.elementwise.logic import gt as greater
from .ops.elementwise.logic import le as less_equal
from .ops.elementwise.logic import lt as less
from .ops.elementwise.logic import ne as not_equal
from .ops.elementwise.rounding import abs, ceil, clamp, clamp_max, clamp_min, floor, frac, maximum, minimum, round, sign, trunc
from .ops.elementwise.rounding import abs as absolute
from .ops.elementwise.rounding import clamp as clip
from .ops.elementwise.rounding import trunc as fix
from .ops.elementwise.special import (
    copysign,
    deg2rad,
    exp2,
    float_power,
    fmax,
    fmin,
    heaviside,
    logaddexp2,
    logit,
    positive,
    rad2deg,
    sgn,
    signbit,
    sinc,
    xlogy,
)
from .ops.elementwise.trigonometry import acos, acosh, asin, asinh, atan, atanh, cos, cosh, sin, sinh, tan
from .ops.elementwise.trigonometry import acos as arccos
from .ops.elementwise.trigonometry import acosh as arccosh
from .ops.elementwise.trigonometry import asin as arcsin
from .ops.elementwise.trigonometry import asinh as arcsinh
from .ops.elementwise.trigonometry import atan as arctan
from .ops.elementwise.trigonometry import atanh as arctanh
from .ops.images.adaptive_pooling import adaptive_avg_pool1d
from .ops.images.convolution import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from .ops.images.pooling import avg_pool1d, max_pool1d, max_pool2d
from .ops.images.resampling import pixel_shuffle, pixel_unshuffle
from .ops.linalg.added_products import addbmm, addmm, addmv, addr, baddbmm
from .ops.linalg.contractions import chain_matmul, ger, inner, kron, outer, tensordot
from .ops.linalg.decompositions import cholesky, qr, svd
from .ops.linalg.determinants import det, logdet, slogdet, trace
from .ops.linalg.distances import cdist, cross
from .ops.linalg.einsum import einsum
from .ops.linalg.products import bmm, dot, matmul, mm, mv, vdot
from .ops.linalg.pseudoinverse import pinverse
from .ops.linalg.solving import inverse, matrix_power
from .ops.losses.margin_losses import cosine_similarity, pairwise_distance
from .ops.network.activation import celu, selu, sigmoid
from .ops.network.piecewise import hardshrink, prelu, relu, threshold
from .ops.network.probabilities import log_softmax, softmax
from .ops.random.sampling import bernoulli, multinomial, normal, poisson
from .ops.reduction.counting import bincount, bucketize, count_nonzero, histc, isin, searchsorted
from .ops.reduction.extremes import amax, amin, aminmax, argmax, argmin, cummax, cummin, max, min
from .ops.reduction.norms import norm
from .ops.reduction.product import cumprod, prod
from .ops.reduction.sorting import argsort, kthvalue, median, mode, msort, nanmedian, sort, topk, unique, unique_consecutive
from .ops.reduction.statistics import cumsum, diff, logsumexp, nanmean, nansum, std, std_mean, var, var_mean
from .ops.reduction.sums import mean, sum
from .ops.selection.gathering import gather, scatter, scatter_add, take_along_dim
from .ops.selection.indexing import index_put
from .ops.selection.picking import argwhere, masked_scatter, masked_select, nonzero, put, take
from .ops.selection.rearranging import cartesian_prod, flip, fliplr, flipud, meshgrid, repeat_interleave, roll, rot90, tile
from .ops.selection.slices import index_add, index_copy, index_fill, index_select, narrow, select
from .ops.selection.splitting import chunk, dsplit, hsplit, split, tensor_split, unbind, unsafe_chunk, unsafe_split, vsplit
from .ops.selection.where import where
from .ops.shaping.diagonals import diag, diag_embed, diagonal, tril, triu
from .ops.shaping.flattening import atleast_1d, atleast_2d, atleast_3d, broadcast_to, flatten, movedim, ravel, unflatten
from .ops.shaping.flattening import movedim as moveaxis
from .ops.shaping.joining import cat, column_stack, dstack, hstack, stack, vstack
from .ops.shaping.joining import cat as concat
from .ops.shaping.joining import cat as concatenate
from .ops.shaping.joining import vstack as row_stack
from .ops.shaping.reshaping import adjoint, clone, permute, reshape, squeeze, t, transpose, unsqueeze
from .ops.shaping.reshaping import transpose as swapaxes
from .ops.shaping.reshaping import transpose as swapdims
from .ops.shaping.windows import as_strided
from .random import (
    Generator,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
    seed,
    set_rng_state,
)
from .tensor.creation import (
    arange,
    as_tensor,
    asarray,
    empty,
    empty_like,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    logspace,
    ones,
    ones_like,
    tensor,
    tril_indices,
    triu_indices,
    zeros,
    zeros_like,
)
from .tensor.devices import (
    contiguous_format,
    device,
    get_default_device,
    layout,
    memory_format,
    preserve_format,
    set_default_device,
    strided,
)
from .tensor.layout import get_device, is_complex, is_floating_point, is_nonzero, is_same_size, is_signed, is_tensor, numel
from .tensor.limits import can_cast, finfo, iinfo, promote_types, result_type
from .tensor.printing import set_printoptions
from .tensor.serialization import load, save
from .tensor.tensor_types import (
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
    set_default_tensor_type,
)

newaxis = None
__version__ = "0.1.0"

_set_up_notebook()

if TYPE_CHECKING:
    from . import nn, optim, utils
