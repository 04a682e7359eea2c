"""Rows of ``ops.reduction``."""

from itertools import product

import numpy as np

from tests.ops.tables.operation import Operation

REDUCTION = [
    *map(Operation, ["n.sum()", "n.sum(0)", "n.sum(1)"]),
    Operation("sum(x, 0)", "x.sum(0)"), Operation("mean(x, 0)", "x.mean(0)"),
    *(
        Operation(f"{name}.{reduction}({arguments})", f"{name}.{reduction}({numpy})")
        for reduction, (name, arguments, numpy) in product(("sum", "mean"), [
            ("x", "", ""), ("s", "", ""), ("b", "", ""), ("x", "0", "0"), ("x", "-1", "-1"), ("v", "0", "0"), ("s", "0", ""),
            ("b", "dim=-2", "axis=-2"), ("b", "(0, 2)", "(0, 2)"), ("b", "dim=(-1, 0)", "axis=(-1, 0)"), ("b", "[1]", "1"),
            ("x", "()", ""), ("x", "dim=(), keepdim=True", "keepdims=True"), ("x", "0, True", "0, keepdims=True"),
            ("b", "dim=(0, 1), keepdim=True", "axis=(0, 1), keepdims=True"),
            ("x", "dtype=float64", "dtype=float64"), ("x", "0, dtype=float32", "0, dtype=float32"),
        ])
    ),
]  # fmt: skip

EXTREMES = [
    *(
        Operation(f"{name}.{extreme}({arguments})", f"{name}.{extreme[1:] if extreme[0] == 'a' else extreme}({numpy})")
        for extreme, (name, arguments, numpy) in product(("amax", "amin"), [
            ("x", "", ""), ("s", "", ""), ("x", "0", "0"), ("b", "dim=(0, -1)", "axis=(0, -1)"),
            ("b", "1, True", "1, keepdims=True"),
        ])
    ),
    Operation("x.max()"), Operation("x.min()"), Operation("max(s)", "s.max()"), Operation("x.max(y)", "maximum(x, y)"),
    Operation("x.max(0)[0]", "x.max(0)"), Operation("b.min(-1).values", "b.min(-1)"), Operation("s.max(0).values", "s"),
    Operation("b.max(1, keepdim=True).values", "b.max(1, keepdims=True)"), Operation("max(x, dim=1).values", "x.max(1)"),
]  # fmt: skip

STATISTICS = [
    Operation("x.var()", "x.var(ddof=1)"), Operation("b.var(1)", "b.var(1, ddof=1)"), Operation("x.var(0, False)", "x.var(0)"),
    Operation("b.var((0, 2), keepdim=True)", "b.var((0, 2), ddof=1, keepdims=True)"), Operation("x.std()", "x.std(ddof=1)"),
    Operation("b.std(-1, correction=0)", "b.std(-1)"),
    Operation("std(x, dim=1, keepdim=True)", "x.std(1, ddof=1, keepdims=True)"),
    Operation("x.var(False)", "x.var()"), Operation("logsumexp(x, 1)", "log(exp(x).sum(1))"),
    Operation("b.logsumexp((0, 1), keepdim=True)", "log(exp(b).sum((0, 1), keepdims=True))"),
    Operation("x.cumsum(0)"), Operation("cumsum(b, -1)", "b.cumsum(-1)"), Operation("s.cumsum(0)", "s"), Operation("n.cumsum(1)"),
]  # fmt: skip

SORTING = [
    Operation("x.sort().values", "sort(x)"), Operation("sort(b, 1, True)[0]", "-sort(-b, 1)"),
    Operation("x.t().sort(dim=0, stable=True).values", "sort(x.T, 0)"), Operation("s.sort().values", "s"),
    Operation("n.sort(0).values", "n"),
    Operation("x.topk(2).values", "-sort(-x)[:, :2]"), Operation("topk(b, 1, 0, largest=False)[0]", "sort(b, 0)[:1]"),
    Operation("x.kthvalue(2).values", "sort(x)[:, 1]"), Operation("b.kthvalue(3, -1, True)[0]", "sort(b)[..., 2:3]"),
    Operation("x.median()", "sort(x.ravel())[2]"), Operation("b.median(1, keepdim=True).values", "sort(b, 1)[:, 1:2]"),
    Operation("nanmedian(x)", "sort(x.ravel())[2]"), Operation("x.nanmedian(-1).values", "sort(x)[:, 1]"),
    Operation("x.mode().values", "x.min(1)"), Operation("mode(b, 0, True)[0]", "b.min(0, keepdims=True)"),
    Operation("msort(b)", "sort(b, 0)"),
    Operation("x.cummax(1).values", "maximum.accumulate(x, 1)"), Operation("cummin(b, -1)[0]", "minimum.accumulate(b, -1)"),
    Operation("sub(*aminmax(x))", "x.min() - x.max()"), Operation("x.aminmax(dim=0).max", "x.max(0)"),
]  # fmt: skip

PRODUCT = [
    Operation("x.prod()"), Operation("prod(b, 1)", "b.prod(1)"), Operation("x.prod(-1, True)", "x.prod(-1, keepdims=True)"),
    Operation("s.prod()"), Operation("s.prod(0)", "s"), Operation("n.prod(0)"), Operation("x.cumprod(1)"),
    Operation("cumprod(b, 0)", "b.cumprod(0)"),
    Operation("s.cumprod(0)", "s"), Operation("x.norm()", "linalg.norm(x)"), Operation("norm(b, 1, -1)", "abs(b).sum(-1)"),
    Operation("x.norm(2, 0, True)", "linalg.norm(x, axis=0, keepdims=True)"), Operation("x.norm(p=inf)", "abs(x).max()"),
    Operation("x.norm(-inf, 1)", "abs(x).min(1)"), Operation("x.norm(3)", "(abs(x) ** 3).sum() ** (1 / 3)"),
    Operation("x.norm(0.5, dim=1)", "(abs(x) ** 0.5).sum(1) ** 2"), Operation("x.norm(0)", "(x != 0).sum().astype(x.dtype)"),
    Operation("x.nansum()", "x.sum()"), Operation("nansum(b, (0, 1))", "b.sum((0, 1))"), Operation("x.nanmean(1)", "x.mean(1)"),
    Operation("add(*var_mean(x, 1))", "x.var(1, ddof=1) + x.mean(1)"), Operation("std_mean(b, correction=0)[0]", "b.std()"),
    Operation("sub(*std_mean(x))", "x.std(ddof=1) - x.mean()"),
    Operation("var_mean(x, 0, keepdim=True)[1]", "x.mean(0, keepdims=True)"),
    Operation("diff(x)"), Operation("b.diff(2, 0)", "diff(b, 2, 0)"),
    Operation("diff(b, prepend=b[..., :1])", "diff(b, prepend=b[..., :1])"),
]  # fmt: skip

OPERATIONS = [*REDUCTION, *EXTREMES, *STATISTICS, *SORTING, *PRODUCT]

# Points where a derivative has no value, or where the textbook's formula says 0 * inf.
TORCH_ALONE = [
    Operation("n.mean(1)"), Operation("amax(x)", x=[1.0, 2.0, 2.0]), Operation("x.max()", x=[2.0, 2.0, -1.0]),
    Operation("x.max(0).values", x=[2.0, 2.0]), Operation("x.min()", x=[1.0, np.nan]), Operation("x.std()", x=[1.0, 1.0]),
    Operation("logsumexp(x, 0)", x=[800.0, -np.inf, 799.0]), Operation("logsumexp(x, 0)", x=[-np.inf, -np.inf]),
    Operation("x.prod()", x=[2.0, 0.0, 3.0]), Operation("x.prod(0)", x=[0.0, 0.0, 3.0]),
    Operation("x.cumprod(0)", x=[2.0, 0.0, 3.0]), Operation("x.cumprod(0)", x=[0.0, 2.0, 0.0]),
    Operation("x.norm()", x=[0.0, 0.0]), Operation("x.norm(1)", x=[0.0, 2.0]), Operation("x.norm(3)", x=[0.0, 0.0]),
    Operation("x.norm(inf)", x=[2.0, -2.0]), Operation("x.median()", x=[2.0, 2.0, 1.0]),
    Operation("x.median(0).values", x=[2.0, 2.0, 1.0]), Operation("x.median()", x=[2.0, np.nan]),
    Operation("x.sort().values", x=[2.0, np.nan, 2.0]), Operation("x.mode().values", x=[2.0, 1.0, 2.0]),
    Operation("x.cummax(0).values", x=[1.0, 1.0, np.nan, 2.0]), Operation("x.nansum()", x=[1.0, np.nan]),
    Operation("x.nanmean()", x=[1.0, np.nan]), Operation("prod(x)", x=[2.0, 0.0, 3.0]), Operation("prod(x)", x=[2.0, 0.0, 0.0]),
    Operation("cumprod(x, 0)", x=[2.0, 0.0, 3.0]), Operation("cumprod(x, 0)", x=[2.0, 0.0, 3.0, 0.0]),
    Operation("prod(x, 1)", x=[[0.0, 2.0], [0.0, 0.0], [3.0, 4.0]]), Operation("norm(x)", x=[0.0, 0.0]),
    Operation("norm(x, 3)", x=[0.0, 1.0]), Operation("norm(x, inf)", x=[2.0, -2.0, 1.0]),
    Operation("median(x)", x=[1.0, 2.0, 2.0]), Operation("median(x)", x=[1.0, np.nan]),
    Operation("nanmedian(x)", x=[1.0, np.nan]), Operation("x.sort().values", x=[2.0, np.nan, 1.0]),
    Operation("x.cummax(0).values", x=[2.0, 2.0, 1.0, np.nan, 3.0]), Operation("nansum(x)", x=[1.0, np.nan]),
    Operation("std_mean(x)[0]", x=[1.0, 1.0]),
]  # fmt: skip
