"""The binding table: which operation is which operator, method and in-place form of a `Variable`.

The core's Variable knows no operation, and operations know the Variable. Here, where the package is put together, the two meet:
every line of the table below becomes an attribute of the class. To find what ``x.foo_()`` does, search this file for ``foo_``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .core import copies, hooks, special_turns, strided, views
from .core.backward import backward_from
from .core.in_place import in_place, in_place_view
from .core.node import Node
from .core.variable import Variable
from .ops import numpy_functions
from .ops.elementwise import arithmetic, casting, compound, copying, exponential, logic, rounding, special, trigonometry
from .ops.linalg import added_products, contractions, decompositions, determinants, distances, products, pseudoinverse, solving
from .ops.network import activation, piecewise, probabilities
from .ops.random import filling, sampling
from .ops.reduction import counting, extremes, norms, product, sorting, statistics, sums
from .ops.selection import gathering, indexing, picking, rearranging, slices, splitting, where
from .ops.shaping import diagonals, flattening, reshaping, windows
from .tensor import creation, layout, printing, tensor_types, to_python


def shown_as_card(variable: Variable, include: Any = None, exclude: Any = None) -> dict[str, str]:
    """In a notebook, a Variable as a cell's last expression shows its card."""
    from .viz import card

    return card(variable)._repr_mimebundle_() | {"text/plain": repr(variable)}


def shown_as_graph(node: Node, include: Any = None, exclude: Any = None) -> dict[str, str]:
    """In a notebook, a node as a cell's last expression shows its graph."""
    from .viz import draw

    return draw(node)._repr_mimebundle_() | {"text/plain": repr(node)}


class Methods:
    """The operators and methods of `Variable`, grouped by the module that has the operation."""

    # autograd: what the core adds to its Variable
    backward = backward_from
    detach_ = views.detach_
    register_hook = hooks.register_hook
    register_post_accumulate_grad_hook = hooks.register_post_accumulate_grad_hook
    retain_grad = hooks.retain_grad
    retains_grad = property(hooks.retains_grad)
    set_ = views.set_
    _base = property(views.base_of)
    _is_view = views.is_view
    # … and what the rooms below ops ask of operations: a view follows its base, a constructor of 2017 gives an alias
    _as_strided = strided.AsStrided.apply
    _copy_slices = strided.CopySlices.made_by
    _alias = reshaping.Alias.apply
    __reduce__ = copies.reduced
    __copy__ = copies.copied
    __deepcopy__ = copies.deep_copied

    # to Python, to NumPy, to the page
    item = to_python.item
    tolist = to_python.tolist
    numpy = to_python.numpy
    __array__ = to_python.to_array
    __dlpack__ = to_python.to_dlpack
    __dlpack_device__ = to_python.dlpack_device
    __bool__ = to_python.to_bool
    __complex__ = to_python.to_complex
    __float__ = to_python.to_float
    __format__ = to_python.formatted
    __index__ = to_python.to_index
    __int__ = to_python.to_int
    __len__ = to_python.length
    __repr__ = printing.variable_text
    _repr_mimebundle_ = shown_as_card

    # arithmetic
    add = arithmetic.add
    sub = subtract = arithmetic.sub
    mul = multiply = arithmetic.mul
    div = divide = true_divide = arithmetic.div
    floor_divide = __floordiv__ = arithmetic.floor_divide
    __rfloordiv__ = arithmetic.rfloordiv
    __add__ = __radd__ = arithmetic.Add.apply
    __sub__ = arithmetic.Sub.apply
    __mul__ = __rmul__ = arithmetic.Mul.apply
    __truediv__ = arithmetic.Div.apply
    __rsub__ = arithmetic.rsub
    __rtruediv__ = arithmetic.rtruediv
    pow = __pow__ = arithmetic.pow
    square = arithmetic.square
    __rpow__ = arithmetic.rpow
    neg = negative = __neg__ = arithmetic.neg
    reciprocal = arithmetic.reciprocal

    add_ = __iadd__ = in_place("add_", arithmetic.add, np.add)
    sub_ = subtract_ = __isub__ = in_place("sub_", arithmetic.sub, np.subtract)
    mul_ = multiply_ = __imul__ = in_place("mul_", arithmetic.mul, np.multiply)
    div_ = divide_ = true_divide_ = __itruediv__ = in_place("div_", arithmetic.div, np.true_divide)
    floor_divide_ = __ifloordiv__ = in_place("floor_divide_", arithmetic.floor_divide)
    pow_ = __ipow__ = in_place("pow_", arithmetic.pow)
    square_ = in_place("square_", arithmetic.square)
    neg_ = negative_ = in_place("neg_", arithmetic.neg)
    reciprocal_ = in_place("reciprocal_", arithmetic.reciprocal)

    # exponentials and roots
    erf = exponential.erf
    exp = exponential.exp
    expm1 = exponential.expm1
    log = exponential.log
    log1p = exponential.log1p
    log2 = exponential.log2
    log10 = exponential.log10
    relu = piecewise.relu
    rsqrt = exponential.rsqrt
    sigmoid = activation.sigmoid
    sqrt = exponential.sqrt
    tanh = exponential.tanh

    exp_ = in_place("exp_", exponential.exp)
    log_ = in_place("log_", exponential.log)
    tanh_ = in_place("tanh_", exponential.tanh)
    sigmoid_ = in_place("sigmoid_", activation.sigmoid)
    relu_ = in_place("relu_", piecewise.relu)
    copy_ = in_place("copy_", copying.copy)
    fill_ = in_place("fill_", copying.fill)
    zero_ = in_place("zero_", copying.zero)
    erf_ = in_place("erf_", exponential.erf)
    expm1_ = in_place("expm1_", exponential.expm1)
    log10_ = in_place("log10_", exponential.log10)
    log1p_ = in_place("log1p_", exponential.log1p)
    log2_ = in_place("log2_", exponential.log2)
    rsqrt_ = in_place("rsqrt_", exponential.rsqrt)
    sqrt_ = in_place("sqrt_", exponential.sqrt)

    # activation
    hardshrink = piecewise.hardshrink
    log_softmax = probabilities.log_softmax
    prelu = piecewise.prelu
    softmax = probabilities.softmax

    # casting
    to = casting.to
    type = casting.to_type
    type_as = casting.type_as
    bfloat16 = casting.refuse_bfloat16
    bool = casting.to_bool
    byte = casting.to_byte
    cfloat = cdouble = casting.refuse_complex
    char = casting.to_char
    cpu = casting.to_cpu
    cuda = casting.to_cuda
    double = casting.to_double
    float = casting.to_float
    half = casting.to_half
    int = casting.to_int
    long = casting.to_long
    short = casting.to_short
    to_sparse = casting.refuse_sparse

    # creation
    new = tensor_types.new
    new_empty = creation.new_empty
    new_full = creation.new_full
    new_ones = creation.new_ones
    new_tensor = creation.new_tensor
    new_zeros = creation.new_zeros

    # random numbers
    bernoulli = sampling.bernoulli
    multinomial = sampling.multinomial
    bernoulli_ = in_place("bernoulli_", filling.bernoulli)
    exponential_ = in_place("exponential_", filling.exponential)
    normal_ = in_place("normal_", filling.normal)
    random_ = in_place("random_", filling.random)
    uniform_ = in_place("uniform_", filling.uniform)

    # layout
    data_ptr = layout.data_ptr
    device = property(layout.device_of)
    element_size = layout.element_size
    get_device = layout.get_device
    is_complex = layout.is_complex
    is_contiguous = layout.is_contiguous
    is_cpu = property(layout.yes)
    is_floating_point = layout.is_floating_point
    is_nonzero = layout.is_nonzero
    is_same_size = layout.is_same_size
    is_signed = layout.is_signed
    itemsize = property(layout.element_size)
    nbytes = property(layout.nbytes)
    nelement = numel = layout.numel
    ndim = property(layout.ndim)
    dim = ndimension = layout.ndim
    size = layout.size
    storage_offset = layout.storage_offset
    stride = layout.stride
    is_cuda = is_mps = is_sparse = is_quantized = is_nested = is_meta = property(layout.no)
    layout = property(layout.layout_of)  # last: from here on, the name is this

    # compound
    addcdiv = compound.addcdiv
    addcmul = compound.addcmul
    atan2 = arctan2 = compound.atan2
    fmod = compound.fmod
    hypot = compound.hypot
    lerp = compound.lerp
    logaddexp = compound.logaddexp
    masked_fill = compound.masked_fill
    nan_to_num = compound.nan_to_num
    remainder = __mod__ = compound.remainder
    __rmod__ = compound.rmod

    addcdiv_ = in_place("addcdiv_", compound.addcdiv)
    addcmul_ = in_place("addcmul_", compound.addcmul)
    atan2_ = arctan2_ = in_place("atan2_", compound.atan2)
    fmod_ = in_place("fmod_", compound.fmod)
    hypot_ = in_place("hypot_", compound.hypot)
    lerp_ = in_place("lerp_", compound.lerp)
    masked_fill_ = in_place("masked_fill_", compound.masked_fill)
    nan_to_num_ = in_place("nan_to_num_", compound.nan_to_num)
    remainder_ = __imod__ = in_place("remainder_", compound.remainder)

    # rounding
    abs = absolute = __abs__ = rounding.abs
    ceil = rounding.ceil
    clamp = clip = rounding.clamp
    clamp_max = rounding.clamp_max
    clamp_min = rounding.clamp_min
    floor = rounding.floor
    frac = rounding.frac
    round = rounding.round
    sign = rounding.sign
    trunc = fix = rounding.trunc
    maximum = rounding.maximum
    minimum = rounding.minimum

    abs_ = absolute_ = in_place("abs_", rounding.abs)
    ceil_ = in_place("ceil_", rounding.ceil)
    clamp_ = clip_ = in_place("clamp_", rounding.clamp)
    clamp_max_ = in_place("clamp_max_", rounding.clamp_max)
    clamp_min_ = in_place("clamp_min_", rounding.clamp_min)
    floor_ = in_place("floor_", rounding.floor)
    frac_ = in_place("frac_", rounding.frac)
    round_ = in_place("round_", rounding.round)
    sign_ = in_place("sign_", rounding.sign)
    trunc_ = fix_ = in_place("trunc_", rounding.trunc)

    # trigonometry
    acos = arccos = trigonometry.acos
    acosh = arccosh = trigonometry.acosh
    asin = arcsin = trigonometry.asin
    asinh = arcsinh = trigonometry.asinh
    atan = arctan = trigonometry.atan
    atanh = arctanh = trigonometry.atanh
    cos = trigonometry.cos
    cosh = trigonometry.cosh
    sin = trigonometry.sin
    sinh = trigonometry.sinh
    tan = trigonometry.tan

    acos_ = arccos_ = in_place("acos_", trigonometry.acos)
    acosh_ = arccosh_ = in_place("acosh_", trigonometry.acosh)
    asin_ = arcsin_ = in_place("asin_", trigonometry.asin)
    asinh_ = arcsinh_ = in_place("asinh_", trigonometry.asinh)
    atan_ = arctan_ = in_place("atan_", trigonometry.atan)
    atanh_ = arctanh_ = in_place("atanh_", trigonometry.atanh)
    cos_ = in_place("cos_", trigonometry.cos)
    cosh_ = in_place("cosh_", trigonometry.cosh)
    sin_ = in_place("sin_", trigonometry.sin)
    sinh_ = in_place("sinh_", trigonometry.sinh)
    tan_ = in_place("tan_", trigonometry.tan)

    # logic
    eq = logic.eq
    ne = not_equal = logic.ne
    lt = less = __lt__ = logic.lt
    le = less_equal = __le__ = logic.le
    gt = greater = __gt__ = logic.gt
    ge = greater_equal = __ge__ = logic.ge
    __eq__ = logic.eq  # type: ignore[assignment] # element by element, where Python expects a bool
    __ne__ = logic.ne  # type: ignore[assignment]
    __hash__ = object.__hash__  # which __eq__ would take away: as a key, a Variable stands for itself
    bitwise_and = __and__ = __rand__ = logic.bitwise_and
    bitwise_or = __or__ = __ror__ = logic.bitwise_or
    bitwise_xor = __xor__ = __rxor__ = logic.bitwise_xor
    bitwise_left_shift = __lshift__ = logic.bitwise_left_shift
    bitwise_right_shift = __rshift__ = logic.bitwise_right_shift
    __rlshift__ = logic.rlshift
    __rrshift__ = logic.rrshift
    bitwise_not = __invert__ = logic.bitwise_not
    logical_and = logic.logical_and
    logical_or = logic.logical_or
    logical_xor = logic.logical_xor
    logical_not = logic.logical_not
    isnan = logic.isnan
    __contains__ = logic.contains
    isneginf = logic.isneginf
    isposinf = logic.isposinf
    isreal = logic.isreal
    isinf = logic.isinf
    isfinite = logic.isfinite
    isclose = logic.isclose
    allclose = logic.allclose
    equal = logic.equal
    any = logic.any
    all = logic.all

    bitwise_and_ = __iand__ = in_place("bitwise_and_", logic.bitwise_and)
    bitwise_left_shift_ = __ilshift__ = in_place("bitwise_left_shift_", logic.bitwise_left_shift)
    bitwise_right_shift_ = __irshift__ = in_place("bitwise_right_shift_", logic.bitwise_right_shift)
    bitwise_not_ = in_place("bitwise_not_", logic.bitwise_not)
    bitwise_or_ = __ior__ = in_place("bitwise_or_", logic.bitwise_or)
    bitwise_xor_ = __ixor__ = in_place("bitwise_xor_", logic.bitwise_xor)
    eq_ = in_place("eq_", logic.eq)
    ge_ = greater_equal_ = in_place("ge_", logic.ge)
    gt_ = greater_ = in_place("gt_", logic.gt)
    le_ = less_equal_ = in_place("le_", logic.le)
    logical_and_ = in_place("logical_and_", logic.logical_and)
    logical_not_ = in_place("logical_not_", logic.logical_not)
    logical_or_ = in_place("logical_or_", logic.logical_or)
    logical_xor_ = in_place("logical_xor_", logic.logical_xor)
    lt_ = less_ = in_place("lt_", logic.lt)
    ne_ = not_equal_ = in_place("ne_", logic.ne)

    # special
    copysign = special.copysign
    deg2rad = special.deg2rad
    exp2 = special.exp2
    float_power = special.float_power
    fmax = special.fmax
    fmin = special.fmin
    heaviside = special.heaviside
    logaddexp2 = special.logaddexp2
    logit = special.logit
    positive = special.positive
    __pos__ = special.itself
    rad2deg = special.rad2deg
    sgn = special.sgn
    signbit = special.signbit
    sinc = special.sinc
    xlogy = special.xlogy

    copysign_ = in_place("copysign_", special.copysign)
    deg2rad_ = in_place("deg2rad_", special.deg2rad)
    exp2_ = in_place("exp2_", special.exp2)
    float_power_ = in_place("float_power_", special.float_power)
    heaviside_ = in_place("heaviside_", special.heaviside)
    logit_ = in_place("logit_", special.logit)
    rad2deg_ = in_place("rad2deg_", special.rad2deg)
    sgn_ = in_place("sgn_", special.sgn)
    sinc_ = in_place("sinc_", special.sinc)
    xlogy_ = in_place("xlogy_", special.xlogy)

    # reduction
    sum = sums.sum
    mean = sums.mean

    amax = extremes.amax
    amin = extremes.amin
    aminmax = extremes.aminmax
    cummax = extremes.cummax
    cummin = extremes.cummin
    cumprod = product.cumprod
    diff = statistics.diff
    nanmean = statistics.nanmean
    nansum = statistics.nansum
    norm = norms.norm
    prod = product.prod
    argmax = extremes.argmax
    argmin = extremes.argmin
    cumsum = statistics.cumsum
    logsumexp = statistics.logsumexp
    max = extremes.max
    min = extremes.min
    std = statistics.std
    var = statistics.var

    cumprod_ = in_place("cumprod_", product.cumprod)
    cumsum_ = in_place("cumsum_", statistics.cumsum)

    # sorting and counting
    argsort = sorting.argsort
    kthvalue = sorting.kthvalue
    median = sorting.median
    mode = sorting.mode
    msort = sorting.msort
    nanmedian = sorting.nanmedian
    sort = sorting.sort
    topk = sorting.topk
    unique = sorting.unique
    unique_consecutive = sorting.unique_consecutive
    bincount = counting.bincount
    count_nonzero = counting.count_nonzero
    histc = counting.histc

    # flattening
    broadcast_to = flattening.broadcast_to
    contiguous = flattening.contiguous
    expand_as = flattening.expand_as
    flatten = flattening.flatten
    movedim = moveaxis = flattening.movedim
    ravel = flattening.ravel
    reshape_as = flattening.reshape_as
    unflatten = flattening.unflatten
    view_as = flattening.view_as

    # shaping
    adjoint = reshaping.adjoint
    clone = reshaping.clone
    expand = reshaping.expand
    permute = reshaping.permute
    reshape = reshaping.reshape
    squeeze = reshaping.squeeze
    t = reshaping.t
    transpose = swapaxes = swapdims = reshaping.transpose
    unsqueeze = reshaping.unsqueeze
    view = reshaping.view
    T = property(reshaping.reversed_dims)
    mT = property(reshaping.matrix_transpose)

    squeeze_ = in_place_view("squeeze_", reshaping.squeeze, overloads=(3, 4, 5))
    t_ = in_place_view("t_", reshaping.t)
    transpose_ = swapaxes_ = swapdims_ = in_place_view("transpose_", reshaping.transpose)
    unsqueeze_ = in_place_view("unsqueeze_", reshaping.unsqueeze)

    # splitting
    chunk = splitting.chunk
    dsplit = splitting.dsplit
    hsplit = splitting.hsplit
    split = splitting.split
    tensor_split = splitting.tensor_split
    unsafe_chunk = splitting.unsafe_chunk
    unsafe_split = splitting.unsafe_split
    unbind = splitting.unbind
    __iter__ = splitting.iterate
    vsplit = splitting.vsplit

    # rearranging
    flip = rearranging.flip
    __reversed__ = rearranging.reversed_rows
    fliplr = rearranging.fliplr
    flipud = rearranging.flipud
    repeat = rearranging.repeat
    repeat_interleave = rearranging.repeat_interleave
    roll = rearranging.roll
    rot90 = rearranging.rot90
    tile = rearranging.tile

    # diagonals
    diag = diagonals.diag
    diag_embed = diagonals.diag_embed
    diagonal = diagonals.diagonal
    tril = diagonals.tril
    triu = diagonals.triu

    tril_ = in_place("tril_", diagonals.tril)
    triu_ = in_place("triu_", diagonals.triu)

    # windows
    as_strided = windows.as_strided
    unfold = windows.unfold

    # indexing
    __getitem__ = indexing.getitem
    __setitem__ = indexing.setitem
    __delitem__ = indexing.refuse_deletion
    index_put = indexing.index_put
    index_put_ = in_place("index_put_", indexing.index_put)

    # where
    where = where.where_method

    # slices
    index_add = slices.index_add
    index_copy = slices.index_copy
    index_fill = slices.index_fill
    index_select = slices.index_select
    narrow = slices.narrow
    select = slices.select

    index_add_ = in_place("index_add_", slices.index_add)
    index_copy_ = in_place("index_copy_", slices.index_copy)
    index_fill_ = in_place("index_fill_", slices.index_fill)

    # gathering
    gather = gathering.gather
    scatter = gathering.scatter
    scatter_add = gathering.scatter_add
    take_along_dim = gathering.take_along_dim

    scatter_ = in_place("scatter_", gathering.scatter)
    scatter_add_ = in_place("scatter_add_", gathering.scatter_add)

    # picking
    argwhere = picking.argwhere
    masked_scatter = picking.masked_scatter
    masked_select = picking.masked_select
    nonzero = picking.nonzero
    put = picking.put
    take = picking.take

    masked_scatter_ = in_place("masked_scatter_", picking.masked_scatter)
    put_ = in_place("put_", picking.put)

    # products
    matmul = __matmul__ = products.matmul
    mm = products.mm
    mv = products.mv
    bmm = products.bmm
    dot = products.dot
    vdot = products.vdot
    addbmm = added_products.addbmm
    addmm = added_products.addmm
    addmv = added_products.addmv
    addr = added_products.addr
    baddbmm = added_products.baddbmm
    cross = distances.cross
    ger = contractions.ger
    inner = contractions.inner
    kron = contractions.kron
    outer = contractions.outer

    addbmm_ = in_place("addbmm_", added_products.addbmm)
    addmm_ = in_place("addmm_", added_products.addmm)
    addmv_ = in_place("addmv_", added_products.addmv)
    addr_ = in_place("addr_", added_products.addr)
    baddbmm_ = in_place("baddbmm_", added_products.baddbmm)

    # linear algebra
    cholesky = decompositions.cholesky
    det = determinants.det
    inverse = solving.inverse
    logdet = determinants.logdet
    matrix_power = solving.matrix_power
    pinverse = pseudoinverse.pinverse
    qr = decompositions.qr
    slogdet = determinants.slogdet
    svd = decompositions.svd
    trace = determinants.trace

    # NumPy
    __array_ufunc__ = numpy_functions.array_ufunc
    __array_function__ = numpy_functions.array_function


class NodeMethods:
    """What a node does when it is called by hand, and what it shows of itself in a notebook."""

    __call__ = special_turns.call
    _repr_mimebundle_ = shown_as_graph


def bind(table: type, cls: type) -> None:
    """Make each line of a table an attribute of a class."""
    for name, attribute in vars(table).items():
        if name not in _OF_EVERY_CLASS:
            setattr(cls, name, attribute)


_OF_EVERY_CLASS = {"__module__", "__doc__", "__dict__", "__weakref__", "__qualname__", "__firstlineno__", "__static_attributes__"}

bind(Methods, Variable)
bind(NodeMethods, Node)
