"""microtorch: see automatic differentiation. PyTorch's Variables, Functions and gradients, on NumPy."""

from . import autograd, nn
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
from .ops.adaptive_pooling import adaptive_avg_pool1d
from .ops.arithmetic import add, div, mul, neg, pow, reciprocal, rsub, square, sub
from .ops.compound import addcdiv, addcmul, atan2, fmod, hypot, lerp, logaddexp, masked_fill, nan_to_num, remainder
from .ops.convolution import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from .ops.elementwise import erf, exp, expm1, log, log1p, log2, log10, relu, rsqrt, sigmoid, sqrt, tanh, where
from .ops.extremes import amax, amin, argmax, argmin, max, min
from .ops.joining import cat, stack
from .ops.joining import cat as concat
from .ops.joining import cat as concatenate
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
from .ops.pooling import avg_pool1d, max_pool1d, max_pool2d
from .ops.products import bmm, dot, matmul, mm, mv
from .ops.reduction import mean, sum
from .ops.resampling import pixel_shuffle, pixel_unshuffle
from .ops.rounding import abs, ceil, clamp, floor, frac, maximum, minimum, round, sign, trunc
from .ops.shaping import clone, permute, reshape, squeeze, t, transpose, unsqueeze
from .ops.statistics import cumsum, logsumexp, std, var
from .ops.trigonometry import acos, acosh, asin, asinh, atan, atanh, cos, cosh, sin, sinh, tan
from .printing import set_printoptions

__version__ = "0.1.0"
