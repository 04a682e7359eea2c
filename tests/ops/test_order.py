"""Sorting, order statistics, counting, products and norms: values, dtypes and shapes as torch has them, nan and nothing too."""

import pytest

import microtorch
from tests.libraries import assert_alike, assert_refused, graph, leaf

NAN, INF = float("nan"), float("inf")

SORTING = [
    "x.sort()", "x.sort(descending=True)", "lib.sort(x, 0)", "t.sort(stable=True, descending=True)", "s.sort()", "e.sort()",
    "e.sort(0)", "b.sort(descending=True)", "i.sort()", "u.sort(descending=True)", "t.argsort(descending=True, stable=True)",
    "s.argsort()", "lib.msort(x)", "lib.msort(s)",
    "x.topk(2)", "x.topk(2, largest=False)", "x.topk(1, 0)", "s.topk(1)", "i.topk(0)", "u.topk(2, largest=False)",
    "x.kthvalue(1)", "x.kthvalue(3)", "x.kthvalue(1, 0, True)", "s.kthvalue(1)", "e.kthvalue(1)",
    "x.median()", "x[0].median()", "i.median()", "e.median()", "e.bool().median()", "x.median(1)", "x.median(-1, True)",
    "s.median()", "s.median(0)", "e.median(1)", "x.nanmedian()", "x.nanmedian(1)", "(x * NAN).nanmedian()",
    "(x[0] * NAN).nanmedian(0)",
    "t.mode()", "i.mode()", "x[:1].mode()", "x[:1].mode(0, True)", "(x[0] * NAN).mode()", "s.mode()", "e.mode()", "b.mode()",
    "lib.tensor([2, 1, 2, 1]).mode()",
]  # fmt: skip

COUNTING = [
    "i.unique()", "x.unique()", "s.unique()", "e.unique()", "lib.unique(b, return_counts=True)", "(x * NAN).unique()",
    "lib.unique(i, return_inverse=True, return_counts=True)", "lib.unique(m, return_inverse=True)",
    "lib.unique(m, dim=0, return_inverse=True, return_counts=True)", "m.unique(dim=1)", "lib.unique(e, dim=0)",
    "t.unique_consecutive()", "lib.unique_consecutive(t, return_inverse=True, return_counts=True)", "s.unique_consecutive()",
    "lib.unique_consecutive(m, dim=0, return_inverse=True)", "e.unique_consecutive()", "(x * NAN).unique_consecutive()",
    "lib.unique_consecutive(m, return_inverse=True, return_counts=True)",
    "i.bincount()", "i.bincount(minlength=6)", "i.bincount(i)", "i.bincount(i.float())", "i.bincount(b[[0, 0, 1, 2]])",
    "i[:0].bincount()", "i[:0].bincount(minlength=2)",
    "t.histc(3)", "lib.histc(t, 4, 0, 2)", "lib.histc(t * 0, 4)", "e.histc(2)", "lib.histc(t, bins=2, min=1, max=2)",
    "x.count_nonzero()", "x.count_nonzero(0)", "x.count_nonzero((0, 1))", "x.count_nonzero(dim=-1)", "s.count_nonzero(0)",
    "lib.searchsorted(t.sort().values, x)", "lib.searchsorted(t.sort().values, 2.0)",
    "lib.searchsorted(t.sort().values, t, side='right')", "lib.searchsorted(t.sort().values, t, right=True, out_int32=True)",
    "lib.searchsorted(m.sort().values, m)", "lib.searchsorted(t, t, sorter=t.argsort(stable=True))",
    "lib.bucketize(x, lib.tensor([1.0, 2.0, 4.0]))", "lib.bucketize(2, i.sort().values, right=True)",
    "lib.isin(i, lib.tensor([2, 3]))", "lib.isin(i, 2)", "lib.isin(2, i)", "lib.isin(i, i[:1], invert=True)", "lib.isin(x, x)",
    "lib.isin(i, lib.tensor([2.0, 3.5]))",
]  # fmt: skip

REDUCING = [
    "x.cummax(0)", "x.cummax(1)", "t.cummax(0)", "t.cummin(0)", "s.cummax(0)", "e.cummin(1)", "b.cummax(0)",
    "x.aminmax()", "x.aminmax(dim=0, keepdim=True)", "x.aminmax(keepdim=True)", "s.aminmax(dim=0)", "b.aminmax()",
    "i.prod()", "b.prod()", "e.prod()", "e.prod(0)", "e.prod(1)", "u.prod()", "i.prod(0, True)", "i.prod(dtype=lib.float32)",
    "b.prod(dtype=lib.bool)", "i.cumprod(0)", "b.cumprod(0)", "u.cumprod(0)", "b.cumsum(0)", "i.cumsum(0, dtype=lib.float64)",
    "i.cumsum(0, dtype=lib.int8)", "i.cumprod(0, dtype=lib.int8)",
    "x.any((0, 1), True)", "x.any(())", "x.all([])", "x.any(None, True)", "s.any((0,))", "u.any()", "u.all(0)", "u.all((0,))",
    "x.norm('fro', dim=0)", "x.norm(dim=(0, 1), keepdim=True)", "x[0].norm(dtype=lib.float64)", "e.norm()", "s.norm()",
    "lib.norm(e, p=0)", "lib.norm(e, p=INF, dim=1)", "lib.norm(t, p=-INF)", "t.norm(0.5)", "t.norm(-1)", "s.norm(dim=0)",
    "lib.nansum(x)", "lib.nansum(i)", "x.nansum(1, True)", "i.nansum(dtype=lib.float32)", "x.nanmean(1)", "(x * NAN).nanmean()",
    "lib.isposinf(lib.log(x - x))", "lib.isneginf(lib.log(x - x))", "lib.isposinf(i)", "lib.isreal(x)", "lib.signbit(t - 2)",
    "lib.xlogy(x, 2)", "lib.xlogy(i, 2)", "lib.xlogy(2, t)", "lib.copysign(i, -1)", "lib.heaviside(x - 3, x)", "i // 2.0",
    "7 // i",
    "lib.diff(i)", "lib.diff(b)", "x.diff(n=0)", "x.diff(n=5)", "lib.diff(i, append=i, prepend=i[:2])", "x.diff(dim=0)",
    "lib.var_mean(t)", "lib.std_mean(x[0], 0, keepdim=True)",
]  # fmt: skip


def evaluated(lib, expression):
    names = {
        "x": lib.tensor([[3.0, 1.0, 2.0], [NAN, 5.0, 4.0]], requires_grad=True),
        "t": lib.tensor([1.0, 2.0, 2.0, 1.0, 3.0, 3.0, 3.0]),
        "m": lib.tensor([[1, 2], [0, 5], [1, 2]]),
        "i": lib.tensor([3, 1, 2, 2]),
        "u": lib.tensor([5, 0, 200], dtype=lib.uint8),
        "b": lib.tensor([True, False, True]),
        "s": lib.tensor(2.0),
        "e": lib.zeros(0, 3),
    }
    result = eval(expression, {"lib": lib, "NAN": NAN, "INF": INF}, names)
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("expression", [*SORTING, *COUNTING, *REDUCING])
@pytest.mark.filterwarnings("ignore:.*:UserWarning", "ignore:.*:RuntimeWarning")
def test_it_is_what_torch_computes(torch, expression):
    mine, theirs = evaluated(microtorch, expression), evaluated(torch, expression)
    for ours, other in zip(mine, theirs, strict=True):
        assert_alike(ours, other, rtol=1e-6)


MISTAKES = {
    "topk of too many": (lambda lib, x, i: x.topk(4), RuntimeError, "index k out of range"),
    "topk of fewer than none": (lambda lib, x, i: x.topk(-1), RuntimeError, "index k out of range"),
    "topk of half an element": (lambda lib, x, i: x.topk(0.5), TypeError, r"k\b.* int, not float"),
    "kthvalue of too many": (lambda lib, x, i: x.kthvalue(4), RuntimeError, "k out of range for dimension 1"),
    "kthvalue of the zeroth": (lambda lib, x, i: x.kthvalue(0), RuntimeError, "k out of range for dimension 1"),
    "kthvalue between two": (lambda lib, x, i: x.kthvalue(1.5), TypeError, r"k\b.* int, not float"),
    "median along nothing": (lambda lib, x, i: x[:0].median(0), IndexError, "non-zero size"),
    "mode along nothing": (lambda lib, x, i: x[:0].mode(0), IndexError, "non-zero size"),
    "sort along no dimension": (lambda lib, x, i: x.sort(2), IndexError, "Dimension out of range.*got 2"),
    "sort of a list": (lambda lib, x, i: lib.sort([1.0]), TypeError, "not list|got list"),
    "unique along nothing": (lambda lib, x, i: lib.unique(x[:0], dim=1), RuntimeError, "0 sized dimensions"),
    "the gradient of unique": (lambda lib, x, i: x.unique().sum().backward(), NotImplementedError, "derivative for '_unique2'"),
    "bincount of negatives": (lambda lib, x, i: (-i).bincount(), RuntimeError, "non-negative"),
    "bincount of a matrix": (lambda lib, x, i: i.view(2, 2).bincount(), RuntimeError, "1-d"),
    "bincount with too few weights": (lambda lib, x, i: i.bincount(x[0]), RuntimeError, "same length"),
    "histc backwards": (lambda lib, x, i: x.histc(3, 2, 0), RuntimeError, "max must be larger than min"),
    "histc of no bins": (lambda lib, x, i: x.histc(0), RuntimeError, "bins must be > 0"),
    "histc of half a bin": (lambda lib, x, i: x.histc(1.5), TypeError, r"bins\b.* int, not float"),
    "bincount of a length and a half": (lambda lib, x, i: i.bincount(minlength=1.5), TypeError, r"minlength\b.* int, not float"),
    "searchsorted left and right": (
        lambda lib, x, i: lib.searchsorted(x[0], x, side="left", right=True), RuntimeError, "opposites"),
    "searchsorted in other rows": (lambda lib, x, i: lib.searchsorted(x, x[0]), RuntimeError, "boundaries"),
    "bucketize in a matrix": (lambda lib, x, i: lib.bucketize(x, x), RuntimeError, "1 dimension.*2"),
    "prod along two dimensions": (lambda lib, x, i: x.prod((0, 1)), TypeError, "tuple"),
    "norm of integers": (lambda lib, x, i: i.norm(), RuntimeError, "floating"),
    "norm into a narrower dtype": (lambda lib, x, i: x.double().norm(dtype=lib.float32), RuntimeError, "narrowing"),
    "an unknown norm": (lambda lib, x, i: x.norm("foo"), RuntimeError, "foo"),
    "the largest of nothing as norm": (lambda lib, x, i: x[:0].norm(float("inf")), RuntimeError, "inf norm"),
    "nanmean of integers": (lambda lib, x, i: i.nanmean(), RuntimeError, "floating"),
    "diff of a scalar": (lambda lib, x, i: x.sum().diff(), RuntimeError, "at least one-dimensional"),
    "diff less than never": (lambda lib, x, i: x.diff(-1), RuntimeError, "non-negative but got -1"),
    "diff half a time": (lambda lib, x, i: x.diff(0.5), TypeError, r"n\b.* int, not float"),
    "diff with other dimensions before": (lambda lib, x, i: x.diff(prepend=x[0]), RuntimeError, "prepend"),
    "aminmax of nothing": (lambda lib, x, i: x[:0].aminmax(), (RuntimeError, IndexError), "aminmax"),
    "var_mean of integers": (lambda lib, x, i: lib.var_mean(i), RuntimeError, "floating"),
    "integers by 0": (lambda lib, x, i: i // 0, RuntimeError, "ZeroDivisionError"),
    "the rest of integers by 0": (lambda lib, x, i: i % 0, RuntimeError, "ZeroDivisionError"),
    "an unknown rounding": (lambda lib, x, i: x.div(2, rounding_mode="up"), RuntimeError, "rounding_mode.*up"),
    "the gradient of //": (lambda lib, x, i: (x // 2).sum().backward(), RuntimeError, "floor_divide is not implemented"),
    "the gradient of // by a Variable": (lambda lib, x, i: (x // x).sum().backward(), RuntimeError, "floor_divide is not"),
    "the gradient of number // x": (lambda lib, x, i: (2 // x).sum().backward(), RuntimeError, "floor_divide is not implemented"),
    "the gradient of heaviside": (lambda lib, x, i: lib.heaviside(x, x).sum().backward(), RuntimeError, "heaviside is not"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib, lib.ones(2, 3, requires_grad=True), lib.tensor([3, 1, 2, 2]))


NODES = [
    "x // 2", "2 // x", "x // x", "lib.heaviside(x, x)", "x.unique()", "x.unique(dim=0)", "x.unique_consecutive()",
    "x.cumsum(0, dtype=lib.float32)",
]  # fmt: skip


@pytest.mark.parametrize("expression", NODES)
def test_its_node_is_torchs_even_where_there_is_no_derivative(torch, expression):
    graphs = []
    for lib in (microtorch, torch):
        out = eval(expression, {"lib": lib, "x": leaf(lib, [1, 2], [3, 4])})
        graphs.append((graph(out), out.requires_grad))
    assert graphs[0] == graphs[1]


def test_nan_is_the_commonest_only_where_there_is_nothing_else():
    assert microtorch.tensor([NAN, 1.0, NAN]).mode().values.item() == 1.0


def test_a_change_of_the_indices_of_a_sort_does_not_change_its_gradient():
    x = microtorch.tensor([3.0, 1.0, 2.0], requires_grad=True)
    values, indices = x.sort()
    indices.zero_()
    values[0].backward()
    assert x.grad.tolist() == [0, 1, 0]
