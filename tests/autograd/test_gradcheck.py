"""gradcheck and gradgradcheck: they accept what is right, as torch's do, and tell what is wrong with what is not."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import microtorch
from microtorch.autograd import gradcheck, gradgradcheck
from microtorch.autograd.gradcheck import GradcheckError


def leaf(*shape: int, library: ModuleType = microtorch, dtype: str = "float64", seed: int = 0) -> Any:
    values = np.random.default_rng(seed).uniform(0.5, 1.5, shape)
    return library.tensor(np.asarray(values, dtype), requires_grad=True)


def report(check: Callable[..., bool], *args: Any, **options: Any) -> str:
    """The message of the check, which must fail: with ``raise_exception=False`` too."""
    with pytest.raises(GradcheckError) as raised:
        check(*args, **options)
    assert check(*args, **options, raise_exception=False) is False
    return str(raised.value)


def assert_says(message: str, *words: str) -> None:
    assert [each for each in words if each not in message] == [], message


# ── What is right ────────────────────────────────────────────────────────────────────────────────────────────────────

RIGHT = {  # name: function, shapes
    "elementwise": (lambda x: x.exp() * x.tanh(), [(2, 3)]),
    "a matrix product": (lambda x, y: x @ y, [(2, 3), (3, 2)]),
    "broadcasting": (lambda x, y: x * y / (x + y), [(2, 1, 3), (4, 1)]),
    "0 dimensions": (lambda x, y: x * x * y, [(), ()]),
    "an output without elements": (lambda x: x[:0], [(3,)]),
    "several outputs": (lambda x, y: (x * y, x.sum(), y.exp().mean()), [(2,), (2,)]),
    "a list of outputs": (lambda x: [x * 2, x * x], [(2,)]),
    "an unused input": (lambda x, y: x * x, [(2,), (3,)]),
    "an output that does not depend on anything": (lambda x: (x * x, x.detach() * 3), [(2,)]),
    "integers last among the outputs": (lambda x: (x * x, x.detach().long() * 0), [(2,)]),
    "an output that is the input": (lambda x: x, [(2,)]),
    "views": (lambda x: x.t()[1:].reshape(-1) * 2, [(2, 3)]),
}


@pytest.mark.parametrize(("check", "name"), [(check, name) for check in ("gradcheck", "gradgradcheck") for name in RIGHT])
def test_what_is_right_is_accepted_here_and_in_torch(torch, check, name):
    function, shapes = RIGHT[name]
    for library in (microtorch, torch):
        inputs = tuple(leaf(*shape, library=library, seed=seed) for seed, shape in enumerate(shapes))
        assert getattr(library.autograd, check)(function, inputs) is True


def test_an_input_without_elements_is_right_as_in_torch(torch):
    for library in (microtorch, torch):
        empty = library.zeros(0, 2, dtype=library.float64, requires_grad=True)
        for check in (library.autograd.gradcheck, library.autograd.gradgradcheck):
            assert check(lambda x, y: x * 2 + y, (empty, leaf(2, library=library)))


def test_a_constant_has_the_right_gradient_as_in_torch(torch):
    for library in (microtorch, torch):
        assert library.autograd.gradcheck(lambda x: x.detach() * 0 + 3, leaf(2, library=library))


def test_bools_and_integers_are_passed_over_wherever_they_stand_among_the_outputs():
    """In torch only integers are, and only as the last."""
    assert gradcheck(lambda x: (x > 1, x * x, x.detach().long()), leaf(3))
    assert gradcheck(lambda x: (x.detach() * 1e7).long(), leaf(3)), "which change with the input"


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: (x,), lambda x: [x]], ids=["alone", "tuple", "list"])
def test_inputs_come_alone_or_in_a_tuple_or_a_list(wrap):
    assert gradcheck(lambda x: x * x, wrap(leaf(2)))
    assert gradgradcheck(lambda x: x * x, wrap(leaf(2)), wrap(leaf(2, seed=1)))


def test_inputs_that_require_no_gradient_and_that_are_no_variables_are_passed_on():
    seen = []

    def function(x, y, number, text):
        seen.append((number, text))
        return x * y.long() ** number

    assert gradcheck(function, (leaf(2), microtorch.ones(2), 3, "text"))
    assert gradgradcheck(function, (leaf(2), microtorch.ones(2), 3, "text"))
    assert set(seen) == {(3, "text")}


def test_an_input_that_does_not_lie_in_order_is_moved_where_it_lies():
    base = np.arange(12.0).reshape(3, 4) + 1
    x = microtorch.autograd.Variable(base.T[::2, ::-1], requires_grad=True)
    assert not x.detach().numpy().flags.c_contiguous
    assert gradcheck(lambda x: x * x * microtorch.tensor(np.arange(6.0).reshape(2, 3)), x)
    assert gradgradcheck(lambda x: x * x, x, gen_non_contig_grad_outputs=True)


def test_an_input_that_is_no_leaf_is_checked_too():
    x = leaf(2, 3)
    assert gradcheck(lambda y: y * y, x.t())


def test_a_function_may_find_its_input_elsewhere_than_among_its_arguments():
    x = leaf(3)
    assert gradcheck(lambda _: x * x, x)


def test_an_input_given_twice_counts_twice():
    x = leaf(3)
    assert gradcheck(lambda a, b: a * a * b, (x, x))


def test_the_values_are_what_they_were_and_no_grad_is_left():
    x = leaf(3)
    before = x.tolist()
    gradcheck(lambda x: x * x, x)
    gradgradcheck(lambda x: x * x, x)
    assert (x.tolist(), x.grad) == (before, None)


def test_the_values_are_what_they_were_when_the_function_raises():
    x = leaf(3)
    before = x.tolist()

    def function(x):
        if x.tolist() != before:
            raise KeyError("moved")
        return x * x

    with pytest.raises(KeyError, match="moved"):
        gradcheck(function, x)
    assert x.tolist() == before


def test_a_loose_step_and_tolerances_are_for_single_precision():
    x = leaf(3, dtype="float32")
    with pytest.warns(UserWarning, match="Input #0 requires gradient and is not a double precision") as caught:
        assert gradcheck(lambda x: x * x, x, eps=2.0**-6, atol=1e-3)
    assert caught[0].filename == __file__, "the warning points at the call"


@pytest.mark.parametrize(("scale", "option"), [(1e-3, {"atol": 1e-3}), (1e3, {"rtol": 0.6})], ids=["atol", "rtol"])
def test_the_tolerances_are_used(scale, option):
    off = function_of(lambda x: x * scale, lambda g, x: g * scale * 1.5)
    assert not gradcheck(off, leaf(2), raise_exception=False)
    assert gradcheck(off, leaf(2), **option)


@pytest.mark.parametrize("apart", [False, True])
def test_the_numbers_gradgradcheck_begins_with_are_always_the_same_and_lie_as_asked(apart):
    seen: list[Any] = []
    look = function_of(lambda x: x * 1, lambda g, x: seen.append(g.detach().numpy()) or g * 1)
    for _ in range(2):
        gradgradcheck(look, leaf(2), gen_non_contig_grad_outputs=apart)
    half = len(seen) // 2
    assert [each.tolist() for each in seen[:half]] == [each.tolist() for each in seen[half:]]
    assert seen[0].all()
    assert seen[0].flags.c_contiguous is not apart


# ── What is wrong ────────────────────────────────────────────────────────────────────────────────────────────────────


def function_of(forward: Callable[..., Any], backward: Callable[..., Any], library: ModuleType = microtorch) -> Any:
    """A Function that computes ``forward(*inputs)``, and whose backward is ``backward(*grads, *inputs)``."""

    class Made(library.autograd.Function):
        @staticmethod
        def forward(ctx, *inputs):
            ctx.save_for_backward(*inputs)
            return forward(*inputs)

        @staticmethod
        def backward(ctx, *grads):
            return backward(*grads, *ctx.saved_tensors)

    return Made.apply


def times(x, y):
    return x @ y


def outer(x, y):
    return x.unsqueeze(1) * y


WRONG = [
    # what is wrong, forward, backward, shapes, where, the likely cause
    ("a factor", lambda x: x * x, lambda g, x: g * x, [(3,)], "output 0 with respect to input 0", "analytical = 0.5 × numerical"),
    ("a factor of one number", lambda x: x * x, lambda g, x: g * x, [()], "input 0", "a factor is missing"),
    ("the sign", lambda x: x.exp(), lambda g, x: -g * x.exp(), [(3,)], "input 0", "the sign is wrong"),
    ("the Jacobian transposed",
     times, lambda g, x, y: (g.unsqueeze(1) * y, x @ g), [(3, 3), (3,)], "input 1", "the Jacobian is transposed"),
    ("the gradient transposed",
     times, lambda g, x, y: (g @ y.t(), g.t() @ x), [(3, 3), (3, 3)], "input 1", "the gradient is transposed"),
    ("reshaped where it must be transposed",
     times, lambda g, x, y: (g @ y.t(), (g.t() @ x).reshape(y.shape)), [(2, 3), (3, 4)], "input 1", "the gradient is transposed"),
    ("the gradient of the output transposed",
     outer, lambda g, x, y: ((g.t() * y).sum(dim=1), (g * x.unsqueeze(1)).sum(dim=0)), [(2,), (2,)], "input 0",
     "the gradient of the output is used transposed"),
    ("one use of a broadcast input",
     lambda x, y: x + y, lambda g, x, y: (g, g[0]), [(2, 3), (3,)], "input 1", "3 of 18 entries are zero and the rest is right"),
    ("the mean over the uses of a broadcast input",
     lambda x, y: x + y, lambda g, x, y: (g, g.mean(dim=0)), [(2, 3), (3,)], "input 1", "analytical = 0.5 × numerical"),
    ("only the second input",
     outer, lambda g, x, y: ((g * y).sum(dim=1), (g * y).sum(dim=0)), [(2,), (3,)], "input 1", ""),
    ("the order of the gradients",
     lambda x, y: x.exp() * y, lambda g, x, y: (g * x.exp(), g * x.exp() * y), [(2,), (2,)], "input 0", "gradient for input 1"),
    ("None", lambda x, y: x * y, lambda g, x, y: (g * y, None), [(2,), (2,)], "input 1", "no gradient comes back"),
    ("only the second output",
     lambda x: (x * 2, x * 3), lambda g, h, x: g * 2 + h, [(2,)], "output 1 with respect to input 0", "0.333333 × numerical"),
    ("a gradient where there is none",
     lambda x, y: x * 2, lambda g, x, y: (g * 2, g), [(2,), (2,)], "input 1", "func does not depend on this input"),
    ("NaN", lambda x: x * 1, lambda g, x: g * float("nan"), [(2,)], "input 0", "backward makes NaN"),
    ("a factor of one number that says nothing", lambda x: x * x, lambda g, x: g * x * 1.37, [()], "input 0", ""),
    ("a factor next to nothing", lambda x: x * x, lambda g, x: g * 1e-320, [()], "input 0", ""),
    ("None beside an input that is not used",
     lambda x, y: x * 1, lambda g, x, y: (None, None), [(2,), (2,)], "input 0", "no gradient comes back"),
    ("some elements, in no way that is known",
     lambda x: x * x, lambda g, x: g * (2 * x + (x > x.mean())), [(3,)], "input 0", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("forward", "backward", "shapes", "where", "cause"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_a_wrong_backward_is_reported_with_its_place_and_likely_cause(torch, forward, backward, shapes, where, cause):
    ours, theirs = (
        (
            function_of(forward, backward, library),
            tuple(leaf(*shape, library=library, seed=nr) for nr, shape in enumerate(shapes)),
        )
        for library in (microtorch, torch)
    )
    message = report(gradcheck, *ours)
    assert_says(message, "Jacobian mismatch for output", where, "numerical:", "analytical:", "They differ most at", cause)
    assert (message.count("Likely cause"), message.count("; or ")) == (bool(cause), 0), message
    with pytest.raises(sys.modules["torch.autograd.gradcheck"].GradcheckError, match=f"Jacobian mismatch .*{where}"):
        torch.autograd.gradcheck(*theirs)


def test_the_greatest_difference_is_named_with_its_numbers():
    x, y = leaf(2, 2), microtorch.tensor([[1.0, 1.0], [1.0, 5.0]], dtype=microtorch.float64)
    message = report(gradcheck, function_of(lambda x: x * y, lambda g, x: g), x)
    assert_says(message, "differ most at output[1, 1], input[1, 1]: numerical 5, analytical 1.")
    scalar = report(gradcheck, function_of(lambda x: x * 3, lambda g, x: g), leaf())
    assert_says(scalar, "differ most at output, input: numerical 3, analytical 1.", "output, of shape ()")


def test_inputs_are_numbered_as_arguments():
    wrong = function_of(lambda x, y: x * y, lambda g, x, y: (g * y, g))
    assert_says(report(gradcheck, wrong, (microtorch.full((2,), 3.0).double(), leaf(2))), "output 0 with respect to input 1,")


def test_a_large_jacobian_is_shown_in_part():
    assert len(report(gradcheck, function_of(lambda x: x * 3, lambda g, x: g), leaf(100))) < 1500


def test_a_kink_is_told_from_a_wrong_gradient():
    x = microtorch.tensor([0.0, 1.0], dtype=microtorch.float64, requires_grad=True)
    assert_says(report(gradcheck, microtorch.relu, x), "numerical 0.5, analytical 0", "Likely cause: func has a kink or a jump")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_function_that_gives_nan_or_infinity_is_told(value):
    assert_says(report(gradcheck, lambda x: x + value, leaf(3)), "Likely cause: func gives NaN or infinity")


def test_a_single_nan_is_the_greatest_difference():
    bad = microtorch.tensor([1.0, float("nan")]).double()
    assert_says(
        report(gradcheck, function_of(lambda x: x * 1, lambda g, x: g * bad), leaf(2)), "input[1]: numerical 0, analytical nan"
    )


def test_single_precision_is_told_as_the_cause_where_nothing_else_is():
    with pytest.warns(UserWarning, match="not a double precision"):
        assert_says(report(gradcheck, lambda x: x * 1, microtorch.ones((), requires_grad=True)), "microtorch.float32, too coarse")


def test_what_was_taken_out_of_the_graph_is_told():
    assert_says(
        report(gradcheck, lambda x: (x.detach() * 3, x.sum())[0], leaf(2)),
        "Numerical gradient for function expected to be zero", "output 0 does not require grad, but changes with input 0",
    )  # fmt: skip
    assert_says(report(gradcheck, lambda x, y: x.detach() * y, (leaf(2), leaf(2))), "input 0", "(by detach(), .data")


def test_a_backward_that_does_not_use_the_gradient_it_is_given_is_reported():
    constant = function_of(lambda x: x * 2, lambda g, x: microtorch.full_like(g, 2.0))
    assert_says(report(gradcheck, constant, leaf()), "backward not multiplied by grad_output")


def test_a_backward_that_gives_something_else_each_time_is_reported():
    times_called = []
    drifting = function_of(lambda x: x * 2, lambda g, x: g * (2 + 1e-7 * (times_called.append(1) or len(times_called))))
    assert_says(report(gradcheck, drifting, leaf(2)), "Backward is not reentrant", "nondeterminism was 0.0", "nondet_tol")
    assert gradcheck(drifting, leaf(2), nondet_tol=1e-5)


# ── Outputs whose gradient is undefined ──────────────────────────────────────────────────────────────────────────────


def unmaterialised(backward: Callable[..., Any], library: ModuleType) -> Any:
    """A Function of two inputs and two outputs, x * 2 and y * 3, whose backward gets None for an output nobody used."""

    class Made(library.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.set_materialize_grads(False)
            return x * 2, y * 3

        @staticmethod
        def backward(ctx, g, h):
            return backward(library, g, h)

    return Made.apply


def right(library, g, h):
    return None if g is None else g * 2, None if h is None else h * 3


def raises_without_any(library, g, h):
    if g is None and h is None:
        raise RuntimeError("nothing to do")
    return right(library, g, h)


def ones_without_any(library, g, h):
    return (library.ones(2).double(), None) if g is None and h is None else right(library, g, h)


def ones_without_the_second(library, g, h):
    return (library.ones(2).double(), None) if h is None and g is not None and not g.sum().item() else right(library, g, h)


def test_a_backward_that_copes_with_undefined_gradients_is_accepted():
    assert gradcheck(unmaterialised(right, microtorch), (leaf(2), leaf(2)))


@pytest.mark.parametrize(
    ("backward", "words", "which"),
    [
        (raises_without_any, "Expected backward function to handle undefined output grads", "output 0 and 1 is undefined"),
        (ones_without_any, "Expected all input grads to be undefined or zero", "output 0 and 1 is undefined"),
        (ones_without_the_second, "Expected all input grads to be undefined or zero", "output 1 is undefined"),
    ],
)
@pytest.mark.filterwarnings("ignore:Backwards compatibility")  # which torch says besides
def test_a_backward_that_does_not_cope_with_undefined_gradients_is_reported(torch, backward, words, which):
    inputs = leaf(2), leaf(2)
    assert_says(report(gradcheck, unmaterialised(backward, microtorch), inputs), words, which, "set_materialize_grads(False)")
    assert gradcheck(unmaterialised(backward, microtorch), inputs, check_undefined_grad=False)
    with pytest.raises(sys.modules["torch.autograd.gradcheck"].GradcheckError, match=words):
        torch.autograd.gradcheck(unmaterialised(backward, torch), (leaf(2, library=torch), leaf(2, library=torch)))


# ── Gradients of gradients ───────────────────────────────────────────────────────────────────────────────────────────


def inner_square(factor: float) -> Any:
    """x * x, whose backward is right but itself a Function, whose backward has a ``factor`` too many."""
    slope = function_of(lambda g, x: g * x * 2, lambda h, g, x: (h * x * 2, h * g * 2 * factor))
    return function_of(lambda x: x * x, slope)


WRONG_TWICE = [
    ("a value taken out of the graph", function_of(lambda x: x * x, lambda g, x: g * 2 * x.detach()), 1,
     ("output 0 (the gradient for input 0) with respect to input 0,", "no gradient comes back")),
    ("the gradient taken out of the graph", function_of(lambda x: x * x, lambda g, x: g.detach() * 2 * x), 1,
     ("output 0 (the gradient for input 0) with respect to input 1 (grad_outputs[0])", "no gradient comes back")),
    ("a factor", inner_square(3.0), 1, ("with respect to input 0,", "analytical = 3 × numerical")),
    ("the sign", inner_square(-1.0), 1, ("with respect to input 0,", "the sign is wrong")),
    ("in the second input alone", function_of(lambda x, y: x * y * y, lambda g, x, y: (g * y * y, g * x * 2 * y.detach())), 2,
     ("output 1 (the gradient for input 1) with respect to input 1,", "no gradient comes back")),
]  # fmt: skip


@pytest.mark.parametrize(("function", "count", "words"), [row[1:] for row in WRONG_TWICE], ids=[row[0] for row in WRONG_TWICE])
def test_a_second_derivative_that_alone_is_wrong_is_reported_by_gradgradcheck(function, count, words):
    inputs = tuple(leaf(3, seed=seed) for seed in range(count))
    assert gradcheck(function, inputs)
    assert_says(report(gradgradcheck, function, inputs), "Jacobian mismatch for", *words)


def test_a_right_second_derivative_of_ones_own_is_accepted():
    assert gradgradcheck(inner_square(1.0), leaf(3))


def test_grad_outputs_may_be_given_and_their_numbers_name_them():
    function = function_of(lambda x, y: (x * 2, y * y), lambda g, h, x, y: (g * 2, h.detach() * 2 * y))
    begin = leaf(2, seed=5), leaf(2, seed=6)
    assert_says(report(gradgradcheck, function, (leaf(2), leaf(2)), begin), "input 3 (grad_outputs[1])")
    assert gradgradcheck(function, (leaf(2), leaf(2)), tuple(each.detach() for each in begin)), "which then nobody asks for"


def test_a_gradient_of_none_is_a_gradient_of_zeros():
    assert gradgradcheck(lambda x, y: (x * x, y.detach() * 1)[0], (leaf(2), leaf(2)))


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


def changing(what: Callable[[Any, int], Any]) -> Callable[[Any], Any]:
    calls = []
    return lambda x: what(x, calls.append(1) or len(calls))


REFUSED = [
    # the call, in both libraries, and the words both messages have
    ("nothing requires a gradient", lambda a, m, x: a.gradcheck(lambda x: x, x.detach()), "at least one input tensor to require"),
    ("no inputs", lambda a, m, x: a.gradcheck(lambda: m.ones(1), ()), "at least one input tensor to require gradient"),
    ("shared memory", lambda a, m, x: a.gradcheck(lambda x: x, x[:1].expand(3).detach().requires_grad_()), "0th input|stride 0"),
    ("another shape", lambda a, m, x: a.gradcheck(changing(lambda x, n: x[: n % 2 + 1]), x), "same shape|index (0,) by 1e-06"),
    ("another dtype", lambda a, m, x: a.gradcheck(changing(lambda x, n: [x, x.float()][n % 2]), x), "same dtype|index (0,)"),
    ("nothing to check", lambda a, m, x: a.gradcheck(lambda x: x, x, check_backward_ad=False), "at least one of|backward_ad"),
    ("nothing to check twice", lambda a, m, x: a.gradgradcheck(lambda x: x, x, check_rev_over_rev=False), "at least one of|rev"),
    ("too few grad_outputs", lambda a, m, x: a.gradgradcheck(lambda x: (x * x, x * x), x, x), "got 2 tensors and 1 gradients"),
    ("positional options", lambda a, m, x: a.gradcheck(lambda x: x, x, 1e-3), "positional argument"),
    ("a gradient of a wrong shape", lambda a, m, x: a.gradcheck(function_of(lambda x: x * 1, lambda g, x: g[:1], m), x,
                                                                raise_exception=False), "invalid gradient"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_torch_refuses_is_refused_with_its_words(torch, call, words):
    raised = {}
    for library in (microtorch, torch):
        with pytest.raises(Exception) as error:  # noqa: PT011 - which one is compared below
            call(library.autograd, library, leaf(2, library=library))
        assert_says(str(error.value), *words.split("|"))
        raised[library] = type(error.value)
    assert raised[microtorch] is raised[torch]


@pytest.mark.parametrize(
    ("check", "option"),
    [
        *(
            (gradcheck, each)
            for each in ("check_batched_grad", "check_batched_forward_grad", "check_forward_ad", "fast_mode", "masked")
        ),
        *((gradgradcheck, each) for each in ("check_batched_grad", "check_fwd_over_rev", "fast_mode", "masked")),
    ],
)
def test_options_that_are_not_there_are_refused_by_name(check, option):
    with pytest.raises(NotImplementedError, match=f"{option}=True is not supported: "):
        check(lambda x: x * x, leaf(2), **{option: True})
    assert check(lambda x: x * x, leaf(2), **{option: False})


def test_outputs_that_are_no_variables_are_refused():
    with pytest.raises(TypeError, match="func must return a Variable or a tuple of them, but output 1 is float"):
        gradcheck(lambda x: (x, 3.0), leaf(2))


def test_gradgradcheck_needs_an_output_that_requires_a_gradient():
    with pytest.raises(ValueError, match="at least one output to require gradient"):
        gradgradcheck(lambda x: x.detach(), leaf(2))


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (lambda g: g.reshape(1, 2), "incorrect size: torch.Size([1, 2])"),
        (lambda g: g.float(), "dtype mismatch: microtorch.float32"),
    ],
    ids=["shape", "dtype"],
)
def test_gradients_of_a_wrong_shape_or_dtype_are_reported(monkeypatch, spoilt, words):
    """The engine brings every gradient into form: this is what is said should it ever not."""
    module = sys.modules["microtorch.autograd.gradcheck"]
    grad = module.grad
    monkeypatch.setattr(module, "grad", lambda *args, **options: tuple(map(spoilt, grad(*args, **options))))
    assert_says(report(gradcheck, lambda x: x * 2, leaf(2)), words)


def test_the_error_is_found_where_torch_has_it(torch):
    assert issubclass(GradcheckError, RuntimeError)
    assert sys.modules["torch.autograd.gradcheck"].GradcheckError.__name__ == GradcheckError.__name__
    assert GradcheckError.__module__ == "microtorch.autograd.gradcheck"
    assert callable(microtorch.autograd.gradcheck)
    assert callable(torch.autograd.gradcheck)
