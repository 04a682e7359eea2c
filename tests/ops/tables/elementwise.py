"""Rows of ``ops.elementwise``, and every operator with every way in which shapes broadcast."""

from itertools import product

import numpy as np

from tests.ops.tables.operation import Operation

ARITHMETIC = [
    *map(Operation, [
        "x + 2", "2 + x", "x + True", "x - 2", "2 - x", "0.5 - x", "x * 3", "3 * x", "x * x", "x / 3", "3 / x",
        "x / x", "-x", "x ** 2", "x ** 3", "x ** 1", "x ** 0", "x ** 2.0", "2 ** x", "0.5 ** x", "1 ** x",
        "x + y - x * y / x + y",
    ]),
    Operation("x.add(y)", "x + y"), Operation("add(x, y, alpha=3)", "x + 3 * y"),
    Operation("x.sub(y)", "x - y"), Operation("sub(x, y, alpha=3)", "x - 3 * y"),
    Operation("x.mul(y)", "x * y"), Operation("x.div(y)", "x / y"), Operation("x.neg()", "-x"),
    Operation("x.reciprocal()", "1 / x"), Operation("x ** -1", "1 / x"), Operation("x ** 0.5", positive=True),
    Operation("0 ** x", positive=True), Operation("x ** x", positive=True), Operation("x.pow(2)", "x ** 2"),
    Operation("pow(2, x)", "2 ** x"),
]  # fmt: skip

# Every operator on two operands, with every way in which shapes broadcast: fewer dimensions, sizes of 1, none, nothing at all.
OPERATORS = ["{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} / {1}", "{0} ** {1}", "where({0} > {1}, {0}, {1})"]
SHAPE_PAIRS = ["x y", "x v", "v x", "x r", "x c", "c r", "x s", "s x", "s s", "b x", "n r", "n s", "s n"]
BROADCASTING = [
    Operation(operator.format(*pair.split()), positive="**" in operator, **{"x": (3, 1)} if pair == "b x" else {})
    for operator, pair in product(OPERATORS, SHAPE_PAIRS)
]

EXPONENTIAL = [
    Operation("exp(x)"), Operation("tanh(s)"), Operation("x.exp()", "exp(x)"), Operation("log(x)", positive=True),
]  # fmt: skip

CASTING = [
    Operation("x.to(float64)", "x.astype(float64)"), Operation("x.to(float32)", "x.astype(float32)"),
    Operation("x.double()", "x.astype(float64)"),
]  # fmt: skip

CURVES = [
    *(Operation(f"{name}(x)") for name in ["sin", "cos", "tan", "sinh", "cosh", "expm1", "tanh"]),
    *(Operation(f"{name}(x)", f"arc{name[1:]}(x)") for name in ["atan", "asinh"]),
    *(Operation(f"{name}(x / 4)", f"arc{name[1:]}(x / 4)") for name in ["asin", "acos", "atanh"]),
    Operation("acosh(x + 1)", "arccosh(x + 1)", positive=True), Operation("x.sin().cos()", "cos(sin(x))"),
    *(Operation(f"{name}(x)", positive=True) for name in ["log1p", "log2", "log10", "sqrt"]),
    Operation("rsqrt(x)", "1 / sqrt(x)", positive=True), Operation("square(x)", "x ** 2"),
    Operation("erf(x)", "vectorize(__import__('math').erf)(x).astype(x.dtype)"),
]  # fmt: skip

STEPS = [
    *(Operation(f"{name}(x)") for name in ["abs", "sign", "ceil", "floor", "trunc", "round"]),
    Operation("frac(x)", "x - trunc(x)"), Operation("x.round(decimals=1)", "x.round(1)"),
    Operation("abs(x.abs() - y)", "abs(abs(x) - y)"),
    *(Operation(f"{name}({pair})") for name in ["maximum", "minimum"] for pair in ["x, y", "x, v", "r, c", "s, x"]),
]  # fmt: skip

COMPOUND = [
    Operation("atan2(x, y)", "arctan2(x, y)"), Operation("hypot(x, y)"), Operation("logaddexp(x, y)"),
    *(Operation(f"{name}({pair})") for name in ["fmod", "remainder"] for pair in ["x, y", "x, 0.75", "r, c"]),
    Operation("x % y"), Operation("x % 0.75"), Operation("hypot(r, c)"), Operation("atan2(x, s)", "arctan2(x, s)"),
    Operation("lerp(x, y, 0.25)", "x + 0.25 * (y - x)"), Operation("lerp(x, y, r)", "x + r * (y - x)"),
    Operation("lerp(x, c, s)", "x + s * (c - x)"), Operation("addcmul(x, y, r)", "x + y * r"),
    Operation("addcmul(x, r, c, value=3)", "x + 3 * r * c"), Operation("addcdiv(x, y, r)", "x + y / r"),
    Operation("x.addcdiv(r, c, value=0.5)", "x + 0.5 * r / c"), Operation("nan_to_num(x)", "x"),
    Operation("x.masked_fill(x > 0, 2.0)", "where(x > 0, x * 0 + 2, x)"),
    Operation("x.masked_fill(x > 0, s)", "where(x > 0, s, x)"),
    Operation("clamp(x, -1, 1)", "clip(x, -1, 1)"), Operation("x.clamp(min=-0.5)", "clip(x, -0.5, None)"),
    Operation("x.clamp(max=0.5)", "clip(x, None, 0.5)"), Operation("clamp(x, y, y + 1)", "minimum(maximum(x, y), y + 1)"),
    Operation("x.clamp(min=y)", "maximum(x, y)"), Operation("x.clamp(max=r)", "minimum(x, r)"),
]  # fmt: skip

SPECIAL = [
    Operation("exp2(x)"), Operation("sgn(x)", "sign(x)"), Operation("deg2rad(x)"),
    Operation("x.rad2deg()", "rad2deg(x)"), Operation("sinc(x)"),
    Operation("logit(x / 4)", "log((x / 4) / (1 - x / 4))", positive=True),
    Operation("logit(x, eps=0.4)", "log(clip(x, 0.4, 0.6) / (1 - clip(x, 0.4, 0.6)))"),
    Operation("xlogy(x, y)", "x * log(y)", positive=True), Operation("xlogy(v, r)", "v * log(r)", positive=True),
    Operation("xlogy(x, 2)", "x * log(x * 0 + 2)"), Operation("xlogy(2, y)", "2 * log(y)", positive=True),
    Operation("copysign(x, -2)"),
    Operation("copysign(x, y)"), Operation("fmax(x, v)"), Operation("fmin(x, y)"), Operation("logaddexp2(x, y)"),
    Operation("float_power(x, 2)", "x.astype(float64) ** 2"), Operation("clamp_min(x, 0.5)", "maximum(x, 0.5).astype(x.dtype)"),
    Operation("x.clamp_max(y)", "minimum(x, y)"), Operation("clamp_min(x, v)", "maximum(x, v)"),
    Operation("x.clamp_max(-0.5)", "minimum(x, -0.5).astype(x.dtype)"),
    Operation('div(x, y, rounding_mode="floor")', "floor_divide(x, y)"),
    Operation('x.div(0.75, rounding_mode="trunc")', "trunc(x / 0.75)"),
    Operation("div(x, y, rounding_mode=None)", "x / y"), Operation('div(x, y, rounding_mode="trunc")', "trunc(x / y)"),
]  # fmt: skip

IN_PLACE = [
    Operation("x.clone().zero_()", "x * 0"), Operation("x.clone().fill_(2)", "x * 0 + 2"),
    Operation("x.clone().fill_(s)", "x * 0 + s"), Operation("x.clone().copy_(v)", "x * 0 + v"),
    Operation("x.clone().mul_(y).exp_()", "exp(x * y)"), Operation("x.clone().sub_(y, alpha=3)", "x - 3 * y"),
]  # fmt: skip

OPERATIONS = [*ARITHMETIC, *BROADCASTING, *EXPONENTIAL, *CASTING, *CURVES, *STEPS, *COMPOUND, *SPECIAL, *IN_PLACE]

# Points where a derivative has no value, or where the textbook's formula says 0 * inf.
TORCH_ALONE = [
    Operation("x ** 0", x=[0.0, 1.0, -2.0]), Operation("x ** 1", x=[0.0, -1.0]), Operation("x ** 2", x=[0.0, -1.0]),
    Operation("x ** 0.5", x=[0.0, 4.0, -1.0]), Operation("x ** -1", x=[0.0, 2.0]), Operation("0 ** x", x=[0.0, 1.0, 2.5]),
    Operation("0.0 ** x", x=[0.0, 2.0]), Operation("(-2) ** x", x=[2.0, 0.5]),
    Operation("x ** y", x=[0.0, 0.0, 0.0, 2.0, -2.0], y=[0.0, 1.0, 2.0, 0.0, 2.0]),
    Operation("x ** y", x=[0.0, -2.0], y=[-1.0, 0.5]), Operation("log(x)", x=[0.0, -1.0, np.inf]),
    Operation("x / y", x=[1.0, 0.0], y=[0.0, 0.0]), Operation("1 / x", x=[0.0, np.inf]),
    Operation("tanh(x)", x=[-800.0, 800.0, 0.0]), Operation("exp(x)", x=[800.0, -800.0]),
    Operation("abs(x)", x=[0.0, -0.0, np.nan]), Operation("sign(x)", x=[0.0, np.nan]),
    Operation("sqrt(x)", x=[0.0, -1.0, np.inf]), Operation("rsqrt(x)", x=[0.0, -1.0, np.inf]),
    Operation("maximum(x, y)", x=[1.0, np.nan, 2.0], y=[1.0, 0.0, np.nan]),
    Operation("minimum(x, y)", x=[1.0, np.nan, 2.0], y=[1.0, 0.0, np.nan]), Operation("asin(x)", x=[1.0, -1.0, 2.0]),
    Operation("atanh(x)", x=[1.0, -1.0]), Operation("acosh(x)", x=[1.0, 0.5]), Operation("round(x)", x=[0.5, 1.5, -2.5]),
    Operation("xlogy(x, y)", x=[0.0, 1.0, 0.0], y=[0.0, 0.0, np.nan]), Operation("sinc(x)", x=[0.0, 1.0]),
    Operation("copysign(x, y)", x=[0.0, 1.0], y=[-1.0, -0.0]),
    Operation("fmax(x, y)", x=[1.0, np.nan, 1.0], y=[1.0, 2.0, np.nan]), Operation("x % y", x=[1.0, 2.0], y=[1.0, -2.0]),
    Operation("atan2(x, y)", x=[0.0, 1.0], y=[0.0, 0.0]), Operation("x.clamp_min(1)", x=[1.0, 2.0, np.nan]),
    Operation("erf(x)", x=[0.0, np.inf, -np.inf, np.nan]), Operation("log1p(x)", x=[-1.0, -2.0]),
    Operation("xlogy(x, 0)", x=[0.0, 1.0]), Operation("xlogy(0, x)", x=[0.0, 1.0, -1.0]),
    Operation("fmax(x, y)", x=[1.0, np.nan, 2.0], y=[1.0, 0.0, np.nan]), Operation("sinc(x)", x=[0.0]),
    Operation("copysign(x, -1)", x=[0.0, 2.0]),
]  # fmt: skip
