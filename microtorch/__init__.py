"""microtorch: see automatic differentiation. PyTorch's Variables, Functions and gradients, on NumPy."""

from math import e, inf, nan, pi
from typing import TYPE_CHECKING

from . import accelerator, autograd, cuda, linalg, random, return_types
from .anomaly import is_anomaly_check_nan_enabled, is_anomaly_enabled
from .attributes import __dir__, __getattr__
from .autograd import Variable
from .creation import (
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
from .devices import device, get_default_device, layout, set_default_device, strided
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
from .limits import can_cast, finfo, iinfo, promote_types, result_type
from .ops.activation import celu, selu
from .ops.adaptive_pooling import adaptive_avg_pool1d
from .ops.added_products import addbmm, addmm, addmv, addr, baddbmm
from .ops.arithmetic import add, div, floor_divide, mul, neg, pow, reciprocal, rsub, square, sub
from .ops.arithmetic import div as divide
from .ops.arithmetic import div as true_divide
from .ops.arithmetic import mul as multiply
from .ops.arithmetic import neg as negative
from .ops.arithmetic import sub as subtract
from .ops.compound import addcdiv, addcmul, atan2, fmod, hypot, lerp, logaddexp, masked_fill, nan_to_num, remainder
from .ops.compound import atan2 as arctan2
from .ops.contractions import chain_matmul, ger, inner, kron, outer, tensordot
from .ops.convolution import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from .ops.counting import bincount, bucketize, count_nonzero, histc, isin, searchsorted
from .ops.decompositions import cholesky, qr, svd
from .ops.determinants import det, logdet, slogdet, trace
from .ops.diagonals import diag, diag_embed, diagonal, tril, triu
from .ops.distances import cdist, cross
from .ops.einsum import einsum
from .ops.elementwise import erf, exp, expm1, log, log1p, log2, log10, relu, rsqrt, sigmoid, sqrt, tanh, where
from .ops.extremes import amax, amin, aminmax, argmax, argmin, cummax, cummin, max, min
from .ops.flattening import atleast_1d, atleast_2d, atleast_3d, broadcast_to, flatten, movedim, ravel, unflatten
from .ops.flattening import movedim as moveaxis
from .ops.gathering import gather, scatter, scatter_add, take_along_dim
from .ops.indexing import index_put
from .ops.joining import cat, column_stack, dstack, hstack, stack, vstack
from .ops.joining import cat as concat
from .ops.joining import cat as concatenate
from .ops.joining import vstack as row_stack
from .ops.layout import get_device, is_complex, is_floating_point, is_nonzero, is_same_size, is_signed, is_tensor, numel
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
from .ops.logic import ge as greater_equal
from .ops.logic import gt as greater
from .ops.logic import le as less_equal
from .ops.logic import lt as less
from .ops.logic import ne as not_equal
from .ops.margin_losses import cosine_similarity, pairwise_distance
from .ops.norms import norm
from .ops.picking import argwhere, masked_scatter, masked_select, nonzero, put, take
from .ops.piecewise import hardshrink, prelu, threshold
from .ops.pooling import avg_pool1d, max_pool1d, max_pool2d
from .ops.probabilities import log_softmax, softmax
from .ops.product import cumprod, prod
from .ops.products import bmm, dot, matmul, mm, mv, vdot
from .ops.pseudoinverse import pinverse
from .ops.rearranging import cartesian_prod, flip, fliplr, flipud, meshgrid, repeat_interleave, roll, rot90, tile
from .ops.reduction import mean, sum
from .ops.resampling import pixel_shuffle, pixel_unshuffle
from .ops.rounding import abs, ceil, clamp, clamp_max, clamp_min, floor, frac, maximum, minimum, round, sign, trunc
from .ops.rounding import abs as absolute
from .ops.rounding import clamp as clip
from .ops.rounding import trunc as fix
from .ops.sampling import bernoulli, multinomial, normal, poisson
from .ops.shaping import adjoint, clone, permute, reshape, squeeze, t, transpose, unsqueeze
from .ops.shaping import transpose as swapaxes
from .ops.shaping import transpose as swapdims
from .ops.slices import index_add, index_copy, index_fill, index_select, narrow, select
from .ops.solving import inverse, matrix_power
from .ops.sorting import argsort, kthvalue, median, mode, msort, nanmedian, sort, topk, unique, unique_consecutive
from .ops.special import (
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
from .ops.splitting import chunk, dsplit, hsplit, split, tensor_split, unbind, vsplit
from .ops.statistics import cumsum, diff, logsumexp, nanmean, nansum, std, std_mean, var, var_mean
from .ops.trigonometry import acos, acosh, asin, asinh, atan, atanh, cos, cosh, sin, sinh, tan
from .ops.trigonometry import acos as arccos
from .ops.trigonometry import acosh as arccosh
from .ops.trigonometry import asin as arcsin
from .ops.trigonometry import asinh as arcsinh
from .ops.trigonometry import atan as arctan
from .ops.trigonometry import atanh as arctanh
from .ops.windows import as_strided
from .printing import set_printoptions
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
from .serialization import load, save
from .tensor_types import (
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

if TYPE_CHECKING:
    from . import nn, optim
