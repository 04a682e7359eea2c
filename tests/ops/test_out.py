"""``out=``: a result written into memory that is there already. Each test runs on torch, too."""

import pytest

import microtorch

CALLS = [
    "lib.add(x, y, out=out)", "lib.add(x, 2, alpha=3, out=out)", "lib.sub(x, y, out=out)", "lib.mul(x, y, out=out)",
    "lib.div(x, y, out=out)", "lib.mm(x, y, out=out)", "lib.matmul(x, y, out=out)", "lib.cat((x[0], y[0]), out=flat)",
    "lib.stack((x[0], y[0]), out=out)", "lib.add(x, y, out=x)",
]  # fmt: skip


def called(lib, call):
    names = {
        "x": lib.tensor([[1.0, 2.0], [3.0, 4.0]]),
        "y": lib.tensor([[5.0, 6.0], [7.0, 8.0]]),
        "out": lib.zeros(2, 2),
        "flat": lib.zeros(4),
    }
    return names, eval(call, {"lib": lib}, names)


@pytest.mark.parametrize("call", CALLS)
def test_the_result_stands_where_out_says_and_is_counted_as_a_change(torch, call):
    (mine, result), (theirs, expected) = called(microtorch, call), called(torch, call)
    for name, each in mine.items():
        assert (each.tolist(), each._version) == (theirs[name].tolist(), theirs[name]._version)
    assert any(result is each for each in mine.values())
    assert result.tolist() == expected.tolist()


def test_nothing_is_recorded_and_what_requires_a_gradient_is_refused(lib):
    x, out = lib.ones(2, requires_grad=True), lib.zeros(2)
    with pytest.raises(RuntimeError, match=r"add\(\).*out=.*automatic differentiation.*requires grad"):
        lib.add(x, x, out=out)
    assert out.tolist() == [0.0, 0.0]
    with pytest.raises(RuntimeError, match=r"add\(\).*out=.*automatic differentiation.*requires grad"):
        lib.add(out, out, out=x)
    with lib.no_grad():
        assert lib.add(x, x, out=out).tolist() == [2.0, 2.0]
    assert not out.requires_grad


def test_an_empty_out_takes_the_shape_of_the_result(lib):
    out = lib.empty(0)
    lib.matmul(lib.ones(2, 3), lib.ones(3), out=out)
    assert out.tolist() == [3.0, 3.0]


def test_a_dtype_that_cannot_hold_the_result_is_refused(lib):
    with pytest.raises(RuntimeError, match=r"result type.*can't be cast"):
        lib.add(lib.ones(2), 1, out=lib.zeros(2, dtype=lib.int64))


def test_another_shape_is_refused_where_torch_would_resize_and_warn():
    with pytest.raises(RuntimeError, match=r"add: output with shape \[3\] doesn't match the broadcast shape \[2\]"):
        microtorch.add(microtorch.ones(2), 1, out=microtorch.zeros(3))
