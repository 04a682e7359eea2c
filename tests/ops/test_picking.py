"""Reading and writing at indices and masks: what has no gradient, forms in place, saved indices, and what is refused."""

import pytest

import microtorch
from tests.libraries import assert_alike, assert_refused, assert_same_outcome, graph, leaf, matrix, running

EXPRESSIONS = [
    "lib.nonzero(x)", "x.nonzero()", "s.nonzero()", "(s * 0).nonzero()", "e.nonzero()", "lib.argwhere(x)", "s.argwhere()",
    "lib.stack(lib.nonzero(x, as_tuple=True))", "lib.stack(s.nonzero(as_tuple=True))", "lib.stack(lib.where(x > 2))",
    "lib.stack(lib.where(s))",
    "i.take(i)", "i.gather(0, i[:2])", "lib.index_select(i, 0, i[1:])", "i.index_fill(0, i[:1], 2.7)", "i.scatter(0, i, i)",
    "i.index_add(0, i, i, alpha=2)", "i.masked_select(i > 0)", "x.gather(0, lib.tensor([[1]], dtype=lib.int32))",
    "x.gather(0, lib.zeros(0, 0).long())", "x.gather(0, lib.zeros(0).long())", "x.index_put((lib.tensor(0),), s)",
    "x.index_put([lib.tensor([True, False])], s)",
    "x.scatter(0, lib.tensor([[0, 1]]), 2, reduce='add')", "x.scatter(1, lib.tensor([[0, 0]]), x, reduce='multiply')",
    "x.scatter(0, index=lib.tensor([[0]]), value=7)", "x.scatter(0, lib.tensor([[0, 1]]), src=x)",
    "x.put(lib.tensor([-1]), lib.tensor([9.0]))",
    "x.narrow(1, lib.tensor(1), 2)", "x.select(0, lib.tensor(1))", "x.t().index_select(1, lib.tensor([0]))",
]  # fmt: skip


def evaluated(lib, expression):
    names = {
        "x": lib.tensor([[0.0, 1.0, 2.0], [3.0, 0.0, 5.0]]), "i": lib.tensor([2, 0, 1]), "s": lib.tensor(2.0),
        "e": lib.zeros(0, 3),
    }  # fmt: skip
    return eval(expression, {"lib": lib}, names)


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.filterwarnings("ignore:The reduce argument:UserWarning")
def test_it_is_what_torch_computes(torch, expression):
    assert_alike(evaluated(microtorch, expression), evaluated(torch, expression))


# ── In place ─────────────────────────────────────────────────────────────────────────────────────────────────────────

X = "MulBackward0(AccumulateGrad, None)"  # of x = a * 1
FORMS = {  # a statement on x of shape (2, 3) with b of shape (3,), and what it makes of x
    "x.index_add_(0, lib.tensor([1, 1]), a)": f"IndexAddBackward0({X}, AccumulateGrad)",
    "x.index_add_(1, lib.tensor([0]), a[:, :1], alpha=2)": f"IndexAddBackward0({X}, SliceBackward0(AccumulateGrad))",
    "x.index_copy_(0, lib.tensor([1, 0]), a)": f"IndexCopyBackward0({X}, AccumulateGrad)",
    "x.index_fill_(0, lib.tensor([1]), 5)": f"IndexFillBackward0({X})",
    "x.index_fill_(0, lib.tensor([1]), b.sum())": f"IndexFillBackward1({X}, SumBackward0(AccumulateGrad))",
    "x.index_put_((lib.tensor([1, 0]),), b)": f"IndexPutBackward0({X}, AccumulateGrad)",
    "x.index_put_((lib.tensor([1, 1]),), b, accumulate=True)": f"IndexPutBackward0({X}, AccumulateGrad)",
    "x.scatter_(1, lib.tensor([[0, 2], [1, 0]]), a[:, 1:])": f"ScatterBackward0({X}, SliceBackward0(AccumulateGrad))",
    "x.scatter_(1, lib.tensor([[0], [1]]), 5.0)": f"ScatterBackward1({X})",
    "x.scatter_add_(0, lib.tensor([[0, 0, 0]]), b.unsqueeze(0))": f"ScatterAddBackward0({X}, UnsqueezeBackward0(AccumulateGrad))",
    "x.masked_scatter_(x > 2, a)": f"MaskedScatterBackward0({X}, AccumulateGrad)",
    "x.put_(lib.tensor([0, 1, 5]), b)": f"PutBackward0({X}, AccumulateGrad)",
    "x.put_(lib.tensor([0, 1, 0]), b, accumulate=True)": f"PutBackward0({X}, AccumulateGrad)",
}  # fmt: skip


@pytest.mark.parametrize("statement", FORMS)
def test_values_versions_and_gradients_of_both_orders_are_torchs(torch, statement):
    assert_same_outcome(running(statement), torch)


@pytest.mark.parametrize("statement", FORMS)
def test_the_node_is_that_of_the_operation_out_of_place(lib, statement):
    (x,) = running(statement)(lib, matrix(lib), leaf(lib, 1, 2, 3))
    assert graph(x) == FORMS[statement]


def test_what_is_left_over_of_a_source_larger_than_the_index_gets_zeros():
    src = leaf(microtorch, [1, 2, 3], [4, 5, 6])
    microtorch.zeros(2, 3, dtype=microtorch.float64).scatter(1, microtorch.tensor([[2, 0]]), src).sum().backward()
    assert src.grad.tolist() == [[1, 1, 0], [0, 0, 0]]


# ── Saved indices ────────────────────────────────────────────────────────────────────────────────────────────────────

READS = {
    "index_select": lambda lib, x, i: x.index_select(0, i),
    "index_add": lambda lib, x, i: x.index_add(0, i, x),
    "gather": lambda lib, x, i: x.gather(0, i),
    "scatter_add": lambda lib, x, i: x.scatter_add(0, i, x),
    "take": lambda lib, x, i: x.take(i),
    "masked_select": lambda lib, x, i: x.masked_select(i),
}


@pytest.mark.parametrize("read", READS)
def test_indices_that_were_changed_since_are_noticed(lib, read):
    index = lib.tensor([True, False]) if read == "masked_select" else lib.tensor([1, 0])
    out = READS[read](lib, leaf(lib, 1, 2), index)
    index.zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


# ── Mistakes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

OUT_OF_RANGE = (IndexError, RuntimeError)  # torch has now the one, now the other
MISTAKES = {
    "index_select beyond the end": (lambda lib, x, i: x.index_select(0, i + 5), OUT_OF_RANGE, "index.*out of"),
    "index_select from the end": (lambda lib, x, i: x.index_select(0, i - 2), OUT_OF_RANGE, "index.*out of"),
    "index_select by a matrix": (lambda lib, x, i: x.index_select(0, i.view(1, 1)), IndexError, "vector"),
    "index_select by floats": (lambda lib, x, i: x.index_select(0, i.float()), RuntimeError, "Expected dtype.*index"),
    "index_select by bools": (lambda lib, x, i: x.index_select(0, i > 0), RuntimeError, "Expected dtype.*index"),
    "index_select by a list": (lambda lib, x, i: x.index_select(0, [0]), TypeError, "'index'.*not list"),
    "index_select along nothing": (lambda lib, x, i: x.index_select(2, i), IndexError, "Dimension out of range.*got 2"),
    "index_select of a list": (lambda lib, x, i: lib.index_select([1.0], 0, i), TypeError, "not list|got list"),
    "index_select of a scalar": (lambda lib, x, i: x.sum().index_select(0, lib.tensor([0, 0])), RuntimeError, "got 2 value"),
    "gather beyond the end": (lambda lib, x, i: x.gather(0, i.view(1, 1) + 1), OUT_OF_RANGE, "index 2.*dimension 0 with size 2"),
    "gather from the end": (lambda lib, x, i: x.gather(0, i.view(1, 1) - 2), OUT_OF_RANGE, "index -1.*dimension 0 with size 2"),
    "gather with other dimensions": (lambda lib, x, i: x.gather(0, i), RuntimeError, "same number of dimensions"),
    "gather with a larger index": (
        lambda lib, x, i: x.gather(0, lib.zeros(1, 4).long()), RuntimeError, r"\[1, 4\] to be no larger than self \[2, 3\]"),
    "gather by a list": (lambda lib, x, i: x.gather(0, [[0]]), TypeError, "'index'.*not list"),
    "scatter beyond the end": (lambda lib, x, i: x.scatter(0, i.view(1, 1) + 1, 1.0), OUT_OF_RANGE, "index 2.*with size 2"),
    "scatter of too little": (
        lambda lib, x, i: x.scatter(0, lib.tensor([[0, 1]]), x[:1, :1]), RuntimeError, r"no larger size than src \[1, 1\]"),
    "scatter of a scalar": (lambda lib, x, i: x.scatter(0, i.view(1, 1), x.sum()), RuntimeError, "dimensions as src"),
    "scatter of another dtype": (
        lambda lib, x, i: x.scatter(0, i.view(1, 1), x.double()), RuntimeError, "self.dtype to be equal to src.dtype"),
    "scatter of a word": (lambda lib, x, i: x.scatter(0, i.view(1, 1), "a"), TypeError, "scatter.*str"),
    "scatter with an unknown reduction": (
        lambda lib, x, i: x.scatter(0, i.view(1, 1), 1.0, reduce="mean"), RuntimeError, "either add or multiply"),
    "scatter_add of a number": (lambda lib, x, i: x.scatter_add(0, i.view(1, 1), 1.0), TypeError, "'src'.*not float"),
    "index_add beyond the end": (lambda lib, x, i: x.index_add(0, i + 5, x[:1]), OUT_OF_RANGE, "index 6.*with size 2"),
    "index_add of too many": (lambda lib, x, i: x.index_add(0, i, x), RuntimeError, r"index.*\(?1\)?.*source|source.*\(1\)"),
    "index_add of another shape": (lambda lib, x, i: x.index_add(0, i, x[:1, :2]), RuntimeError, "source.*shape"),
    "index_add of another dtype": (lambda lib, x, i: x.index_add(0, i, x[:1].double()), RuntimeError, "self.*source.*same"),
    "index_add of a list": (lambda lib, x, i: x.index_add(0, i, [1.0]), TypeError, "'source'.*not list"),
    "index_copy beyond the end": (lambda lib, x, i: x.index_copy(0, i + 5, x[:1]), IndexError, "index 6.*with size 2"),
    "index_copy of another dtype": (
        lambda lib, x, i: x.index_copy(0, i, x[:1].double()), RuntimeError, "self.*source.*same dtype"),
    "index_fill beyond the end": (lambda lib, x, i: x.index_fill(0, i + 5, 1.0), IndexError, "index 6.*dimension 0 with size 2"),
    "index_fill with several values": (lambda lib, x, i: x.index_fill(0, i, x[0]), RuntimeError, "0-dimensional value tensor"),
    "index_put beyond the end": (lambda lib, x, i: x.index_put((i + 5,), x.sum()), IndexError, "index 6 is out of bounds"),
    "index_put by a Variable": (lambda lib, x, i: x.index_put(i, x.sum()), TypeError, "'indices'.*tuple"),
    "index_put by numbers": (lambda lib, x, i: x.index_put((0,), x.sum()), TypeError, "int"),
    "index_put of a number": (lambda lib, x, i: x.index_put((i,), 1.0), TypeError, "'values'.*not float"),
    "index_put of another shape": (
        lambda lib, x, i: x.index_put((i,), x[0, :2]), RuntimeError, r"shape mismatch.*\[2\].*\[1, 3\]"),
    "index_put by floats": (lambda lib, x, i: x.index_put((x[0],), x.sum()), IndexError, "used as indices"),
    "index_put by too many": (lambda lib, x, i: x.index_put((i, i, i), x.sum()), IndexError, "too many indices"),
    "take beyond the end": (lambda lib, x, i: x.take(i + 5), IndexError, "index 6"),
    "take from nothing": (lambda lib, x, i: lib.ones(0).take(i), IndexError, "empty"),
    "take by floats": (lambda lib, x, i: x.take(x), RuntimeError, "Expected.*index.*(Float|float)"),
    "take by a list": (lambda lib, x, i: x.take([0]), TypeError, "'index'.*not list"),
    "put of too many": (lambda lib, x, i: x.put(i, x), IndexError, r"source.numel\(\) = 6, index.numel\(\) = 1"),
    "put of another dtype": (lambda lib, x, i: x.put(i, x[0, :1].double()), RuntimeError, "same dtype"),
    "take_along_dim with other dimensions": (
        lambda lib, x, i: lib.take_along_dim(x, i, 0), RuntimeError, "same number of dimensions"),
    "take_along_dim that does not broadcast": (
        lambda lib, x, i: lib.take_along_dim(x, lib.zeros(3, 1).long(), 1), RuntimeError, "size of tensor|broadcast"),
    "masked_select by numbers": (lambda lib, x, i: x.masked_select(i), RuntimeError, "expected BoolTensor for mask"),
    "masked_select by a list": (lambda lib, x, i: x.masked_select([True]), TypeError, "'mask'.*not list"),
    "masked_select by another shape": (
        lambda lib, x, i: x.masked_select(lib.tensor([True, False])), RuntimeError, "must match the size of tensor"),
    "masked_scatter of too little": (
        lambda lib, x, i: x.masked_scatter(x > 0, x[0]), RuntimeError, "elements of source < number of ones in mask"),
    "masked_scatter of another dtype": (lambda lib, x, i: x.masked_scatter(x > 0, x.double()), RuntimeError, "same dtypes"),
    "masked_scatter of a number": (lambda lib, x, i: x.masked_scatter(x > 0, 3.0), TypeError, "'source'.*not float"),
    "select beyond the end": (lambda lib, x, i: x.select(0, 2), IndexError, "index 2 out of range.*dimension 0"),
    "select of a scalar": (lambda lib, x, i: x.sum().select(0, 0), IndexError, "0-dim"),
    "select by half": (lambda lib, x, i: lib.select(x, 0, 0.5), TypeError, "'index'.*must be int, not float"),
    "narrow beyond the end": (lambda lib, x, i: x.narrow(0, 0, 3), RuntimeError, r"\(0\) \+ length \(3\) exceeds.*\(2\)"),
    "narrow from beyond the end": (lambda lib, x, i: x.narrow(0, 5, 1), IndexError, "start out of range.*got 5"),
    "narrow to less than nothing": (lambda lib, x, i: x.narrow(0, 0, -1), RuntimeError, "non-negative"),
    "narrow of a scalar": (lambda lib, x, i: x.sum().narrow(0, 0, 0), RuntimeError, "0-dim"),
    "where of a list": (lambda lib, x, i: lib.where([True]), TypeError, "not list|got list"),
    "the gradient of a reducing scatter": (
        lambda lib, x, i: x.requires_grad_().scatter(0, i.view(1, 1), 1.0, reduce="add").sum().backward(),
        RuntimeError, "derivative for .*scatter is not implemented"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib, lib.ones(2, 3), lib.tensor([1]))


def test_take_along_dim_refuses_an_index_out_of_range():
    with pytest.raises(IndexError, match="index 5 is out of bounds for dimension 0 with size 2"):
        microtorch.take_along_dim(microtorch.ones(2, 3), microtorch.tensor([[5]]), 0)
