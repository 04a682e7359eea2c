"""Functions of one's own, on the way back: what backward may return, gradients of gradients, and what goes wrong."""

import pytest

import microtorch
from tests.core.user_functions import doubled_in_place, exp, made, square, sum_and_difference
from tests.libraries import leaf


def test_its_backward_gives_the_gradient(lib):
    x = leaf(lib, 0.0, 1.0)
    y = exp(lib).apply(x)
    (y * 3).sum().backward()
    assert x.grad.tolist() == (x.detach().exp() * 3).tolist()


def test_backward_is_recorded_only_where_the_graph_of_gradients_is_wanted(lib):
    seen = []
    Look = made(lib, lambda ctx, x: x * 2, lambda ctx, grad: (seen.append(lib.is_grad_enabled()), grad)[1])
    x = leaf(lib, 1.0)
    for create_graph in (False, True):
        lib.autograd.grad(Look.apply(x), x, create_graph=create_graph)
    assert seen == [False, True]


def test_backward_may_run_a_backward_of_its_own(lib):
    def backward(ctx, grad):
        with lib.enable_grad():
            inner = ctx.saved_tensors[0].detach().requires_grad_()
            (inner * inner * inner).backward(grad)
        return inner.grad

    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x * x

    x = leaf(lib, 3.0)
    (made(lib, forward, backward).apply(x) * 2).backward()
    assert x.grad.tolist() == [54.0]


# What backward may return: the input is two ones, and its gradient two ones where nothing else is said

RETURNED = {
    "one gradient, bare": (lambda grad: grad, [1.0, 1.0]),
    "a tuple": (lambda grad: (grad,), [1.0, 1.0]),
    "more than there are arguments, the rest None": (lambda grad: (grad, None, None), [1.0, 1.0]),
    "None": (lambda grad: None, None),
    "a longer shape, which is summed": (lambda grad: grad.expand(3, 2), [3.0, 3.0]),
    "an added dimension": (lambda grad: grad.reshape(1, 2), [1.0, 1.0]),
    "another floating dtype": (lambda grad: grad.float(), [1.0, 1.0]),
    "integers": (lambda grad: grad.long(), [1.0, 1.0]),
    "bools": (lambda grad: grad > 0, [1.0, 1.0]),
}


@pytest.mark.parametrize("returned", RETURNED)
def test_a_gradient_is_brought_to_the_shape_and_dtype_of_its_input(lib, returned):
    result, expected = RETURNED[returned]
    x = leaf(lib, 1.0, 1.0)
    made(lib, lambda ctx, x: x * 1, lambda ctx, grad: result(grad)).apply(x).sum().backward()
    if expected is None:
        assert x.grad is None
    else:
        assert (x.grad.tolist(), x.grad.dtype) == (expected, lib.float64)


@pytest.mark.parametrize(("shape", "gradient"), [((1, 2), (3, 2)), ((2, 1), (2, 5)), ((), (4,)), ((1,), (2, 3))])
def test_a_gradient_is_summed_where_its_input_was_broadcast(lib, shape, gradient):
    x = lib.ones(shape, dtype=lib.float64, requires_grad=True)
    grad = lib.ones(gradient, dtype=lib.float64)
    made(lib, lambda ctx, x: x * 1, lambda ctx, _: grad).apply(x).sum().backward()
    assert (tuple(x.grad.shape), x.grad.sum().item()) == (shape, grad.sum().item())


def test_a_gradient_for_an_input_that_needs_none_is_ignored_whatever_its_shape(lib):
    x, constant = leaf(lib, 1.0), lib.ones(2, dtype=lib.float64)
    made(lib, lambda ctx, x, y: x * 1, lambda ctx, grad: (grad, lib.ones(7))).apply(x, constant).backward()
    assert (x.grad.tolist(), constant.grad) == ([1.0], None)


def test_none_for_an_input_that_needs_a_gradient_counts_as_not_used(lib):
    x, y = leaf(lib, 2.0), leaf(lib, 3.0)
    First = made(lib, lambda ctx, x, y: x * y, lambda ctx, grad: (grad, None))
    First.apply(x, y).backward()
    assert (x.grad.tolist(), y.grad) == ([1.0], None)
    assert lib.autograd.grad(First.apply(x, y), [x, y], allow_unused=True)[1] is None
    with pytest.raises(RuntimeError, match=r"appears to not have been used.*allow_unused=True"):
        lib.autograd.grad(First.apply(x, y), [x, y])


def test_an_output_nobody_used_has_a_gradient_of_zeros(lib):
    seen = []
    x, y = leaf(lib, 5.0), leaf(lib, 3.0)
    _, difference = sum_and_difference(lib, seen).apply(x, y, 1)
    difference.sum().backward()
    assert (seen[0][0].tolist(), x.grad.tolist(), y.grad.tolist()) == ([0.0], [1.0], [-1.0])


def test_the_gradients_of_leaves_are_their_own_whatever_backward_returns(lib):
    def forward(ctx, x, y):
        ctx.save_for_backward(x)
        return x * y

    x, y = leaf(lib, 7.0), leaf(lib, 1.0)
    made(lib, forward, lambda ctx, grad: (ctx.saved_tensors[0], ctx.saved_tensors[0])).apply(x, y).backward()
    x.grad.zero_()
    assert (x.tolist(), y.grad.tolist()) == ([7.0], [7.0])


def test_batches_of_gradients_go_through_it(lib):
    x = leaf(lib, 1.0, 2.0)
    grads = lib.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], dtype=lib.float64)
    (rows,) = lib.autograd.grad(square(lib).apply(x), x, grads, is_grads_batched=True)
    assert rows.tolist() == [[2.0, 0.0], [0.0, 4.0], [2.0, 4.0]]


# Gradients of gradients


def cube(lib):
    """A Function whose backward uses another Function."""

    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    return made(lib, forward, lambda ctx, grad: grad * 3 * square(lib).apply(ctx.saved_tensors[0]), "Cube")


def kept_on_the_context(lib):
    def forward(ctx, x):
        ctx.x = x
        return x * x * x

    return made(lib, forward, lambda ctx, grad: grad * 3 * ctx.x * ctx.x)


def intermediate_as_an_output(lib):
    """What torch's documentation advises: an intermediate that backward needs is returned, and so has a place in the graph."""

    def forward(ctx, x):
        between = x * x
        ctx.save_for_backward(x, between)
        return between * x, between

    def backward(ctx, grad, grad_between):
        x, between = ctx.saved_tensors
        return grad * 3 * between + grad_between * 2 * x

    Both = made(lib, forward, backward)
    return type("First", (), {"apply": staticmethod(lambda x: Both.apply(x)[0])})


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (exp, None),
        (square, [4.0, 2.0]),
        (cube, [12.0, 12.0, 6.0]),
        (kept_on_the_context, [12.0, 12.0, 6.0]),
        (intermediate_as_an_output, [12.0, 12.0, 6.0]),
    ],
    ids=["saved output", "saved input", "another Function in backward", "an attribute", "intermediate as an output"],
)
def test_gradients_of_gradients_go_through_backward(lib, function, expected):
    x = leaf(lib, 2.0)
    expected = expected or x.detach().exp().tolist() * 3
    value = function(lib).apply(x)
    derivatives = []
    for _ in expected:
        (value,) = lib.autograd.grad(value.sum(), x, create_graph=True)
        derivatives.append(value.item())
    assert derivatives == expected


def test_the_second_derivative_reaches_the_gradient_that_came_in(lib):
    x, weight = leaf(lib, 2.0), leaf(lib, 5.0)
    (slope,) = lib.autograd.grad(square(lib).apply(x), x, weight, create_graph=True)
    slope.backward()
    assert (weight.grad.tolist(), x.grad.tolist()) == ([4.0], [10.0])


@pytest.mark.parametrize(
    "what",
    [
        lambda ctx, grad: grad * 2 * ctx.saved_tensors[0].detach(),
        lambda ctx, grad: (grad * 2 * ctx.saved_tensors[0]).detach(),
        lambda ctx, grad: grad * 2 * ctx.between,
    ],
    ids=["a saved variable", "the gradient", "an intermediate"],
)
def test_what_backward_detached_is_a_constant_of_the_second_derivative(lib, what):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.between = x * 1
        return x * x

    x = leaf(lib, 2.0)
    (slope,) = lib.autograd.grad(made(lib, forward, what).apply(x).sum(), x, create_graph=True)
    assert (slope.tolist(), slope.requires_grad) == ([4.0], False)
    with pytest.raises(RuntimeError, match=r"does not require grad and does not have a grad_fn"):
        slope.backward()


# once_differentiable


def once(lib, seen=None):
    @lib.autograd.function.once_differentiable
    def backward(ctx, grad):
        if seen is not None:
            seen.append((lib.is_grad_enabled(), (grad * 2).requires_grad))
        return grad * 2 * ctx.saved_tensors[0]

    return made(lib, square(lib).forward, backward, "Once")


def test_once_differentiable_gives_first_gradients_from_an_unrecorded_backward(lib):
    seen = []
    x = leaf(lib, 3.0)
    once(lib, seen).apply(x).backward()
    (slope,) = lib.autograd.grad(once(lib, seen).apply(x * 1) ** 2, x, create_graph=True)
    assert (x.grad.tolist(), slope.tolist(), seen) == ([6.0], [108.0], [(False, False)] * 2)


def test_once_differentiable_refuses_to_be_differentiated_twice(lib):
    x = leaf(lib, 3.0)
    (slope,) = lib.autograd.grad(once(lib).apply(x) ** 2, x, create_graph=True)
    assert slope.requires_grad is True
    with pytest.raises(RuntimeError, match=r"differentiate twice.*once_differentiable"):
        slope.sum().backward()
    assert x.grad is None


def test_once_differentiable_is_a_constant_where_the_incoming_gradient_is_one(lib):
    x = leaf(lib, 3.0)
    (slope,) = lib.autograd.grad(once(lib).apply(x), x, create_graph=True)
    assert slope.requires_grad is False


# What goes wrong


def one(lib, backward=lambda ctx, grad: grad, forward=lambda ctx, x: x * 1):
    made(lib, forward, backward).apply(leaf(lib, 1.0, 2.0)).sum().backward()


def two(lib, backward):
    made(lib, lambda ctx, x, y: x * y, backward).apply(leaf(lib, 1.0), leaf(lib, 2.0)).backward()


def saving(lib, *what):
    one(lib, forward=lambda ctx, x: (ctx.save_for_backward(*what), x * 1)[1])


def told(method, *what):
    """Run a Function that calls ``ctx.<method>(*what)``."""
    return lambda lib: one(lib, forward=lambda ctx, x: (getattr(ctx, method)(*what), x * 1)[1])


def in_place_but_not_returned(lib):
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x * 1

    made(lib, forward).apply(leaf(lib, 1.0) * 1)


def empty(lib):
    return type("Empty", (lib.autograd.Function,), {})


def forward_alone(lib):
    return type("Alone", (lib.autograd.Function,), {"forward": staticmethod(lambda ctx, x: x * 1)})


BREACHES = {
    "save_for_backward of a number": (
        lambda lib: saving(lib, lib.ones(1), 3),
        TypeError,
        r"save_for_backward can only save variables, but argument 1 is of type int",
        r"ctx\.\w+ = ",
    ),
    "save_for_backward of a list": (
        lambda lib: saving(lib, [lib.ones(1)]),
        TypeError,
        r"save_for_backward can only save variables, but argument 0 is of type list",
        r"Made",
    ),
    "mark_dirty of a number": (told("mark_dirty", 3), RuntimeError, r"mark_dirty can only accept variables", r"Made.*int"),
    "mark_non_differentiable of a number": (
        told("mark_non_differentiable", 3),
        RuntimeError,
        r"mark_non_differentiable only accepts variable",
        r"Made.*int",
    ),
    "a dirty leaf": (
        lambda lib: doubled_in_place(lib).apply(leaf(lib, 1.0)),
        RuntimeError,
        r"a leaf Variable that requires grad.*in-place operation",
        r"Doubled.*(no_grad|clone)",
    ),
    "a dirty view of a leaf": (
        lambda lib: doubled_in_place(lib).apply(leaf(lib, 1.0, 2.0)[:1]),
        RuntimeError,
        r"a view of a leaf Variable that requires grad.*in-place operation",
        r"Doubled.*(no_grad|clone)",
    ),
    "a dirty input that is not returned": (
        in_place_but_not_returned,
        RuntimeError,
        r"marked as dirty.*not returned as output.*must all be outputs",
        r"Made.*argument 0",
    ),
    "no forward": (
        lambda lib: empty(lib).apply(leaf(lib, 1.0)),
        NotImplementedError,
        r"must implement the forward function",
        r"Empty.*static method forward\(ctx",
    ),
    "no backward": (
        lambda lib: forward_alone(lib).apply(leaf(lib, 1.0)).backward(),
        NotImplementedError,
        r"must implement.*backward",
        r"Alone.*static method backward\(ctx",
    ),
    "too many gradients": (
        lambda lib: one(lib, lambda ctx, grad: (grad, grad)),
        RuntimeError,
        r"MadeBackward returned an incorrect number of gradients \(expected 1, got 2\)",
        r"None",
    ),
    "too few gradients": (
        lambda lib: two(lib, lambda ctx, grad: (grad,)),
        RuntimeError,
        r"MadeBackward returned an incorrect number of gradients \(expected 2, got 1\)",
        r"forward took 2 arguments",
    ),
    "one gradient for two arguments": (
        lambda lib: two(lib, lambda ctx, grad: grad),
        RuntimeError,
        r"incorrect number of gradients \(expected 2, got 1\)",
        r"one gradient for each",
    ),
    "no gradients": (
        lambda lib: one(lib, lambda ctx, grad: ()),
        RuntimeError,
        r"incorrect number of gradients \(expected 1, got 0\)",
        r"one gradient for each",
    ),
    "None alone for two arguments": (
        lambda lib: two(lib, lambda ctx, grad: None),
        RuntimeError,
        r"incorrect number of gradients \(expected 2, got 1\)",
        r"None",
    ),
    "a list": (
        lambda lib: one(lib, lambda ctx, grad: [grad]),
        RuntimeError,
        r"expected Variable or None \(got list\)",
        r"Made.*tuple",
    ),
    "a number": (lambda lib: one(lib, lambda ctx, grad: 1.0), RuntimeError, r"expected Variable or None \(got float\)", r"Made"),
    "an array": (
        lambda lib: one(lib, lambda ctx, grad: grad.detach().numpy()),
        RuntimeError,
        r"expected Variable or None \(got numpy\.ndarray\)",
        r"Made.*tensor\(",
    ),
    "a number where no gradient is needed": (
        lambda lib: (
            made(lib, lambda ctx, x, y: x * y, lambda ctx, grad: (grad, 3.0)).apply(leaf(lib, 1.0), lib.ones(1)).backward()
        ),
        RuntimeError,
        r"expected Variable or None \(got float\)",
        r"Made",
    ),
    "a gradient for what is no variable": (
        lambda lib: made(lib, lambda ctx, x, n: x * n, lambda ctx, grad: (grad, grad)).apply(leaf(lib, 1.0), 3).backward(),
        RuntimeError,
        r"MadeBackward returned a gradient different than None at position 2, but .* forward input was not a Variable",
        r"int",
    ),
    "a gradient of another shape": (
        lambda lib: one(lib, lambda ctx, grad: lib.ones(3)),
        RuntimeError,
        r"MadeBackward returned an invalid gradient at index 0 - got \[3\] but expected shape compatible with \[2\]",
        r"shape of its input",
    ),
    "a gradient that would have to be expanded": (
        lambda lib: one(lib, lambda ctx, grad: grad.sum()),
        RuntimeError,
        r"MadeBackward returned an invalid gradient at index 0 - got \[\] but expected shape compatible with \[2\]",
        r"expand",
    ),
    "a gradient with a dimension at the wrong end": (
        lambda lib: one(lib, lambda ctx, grad: grad.reshape(2, 1)),
        RuntimeError,
        r"invalid gradient at index 0 - got \[2, 1\] but expected shape compatible with \[2\]",
        r"shape of its input",
    ),
    "both backward and vjp": (
        lambda lib: made(lib, lambda ctx, x: x * 1, vjp=staticmethod(lambda ctx, g: g)).apply(leaf(lib, 1.0)).backward(),
        RuntimeError,
        r"both 'backward' and 'vjp'.*not allowed",
        r"Made",
    ),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_of_the_contract_is_the_error_that_torch_makes_of_it(lib, breach):
    program, error, words, _ = BREACHES[breach]
    with pytest.raises(error, match=words):
        program(lib)


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_of_the_contract_is_told_with_name_and_remedy(breach):
    program, error, _, more = BREACHES[breach]
    with pytest.raises(error, match=rf"(?s){more}"):
        program(microtorch)


def test_vjp_is_another_name_for_backward(lib):
    Doubled = type(
        "Doubled",
        (lib.autograd.Function,),
        {"forward": staticmethod(lambda ctx, x: x * 2), "vjp": staticmethod(lambda ctx, grad: grad * 2)},
    )
    x = leaf(lib, 1.0)
    Doubled.apply(x).backward()
    assert x.grad.tolist() == [2.0]


@pytest.mark.parametrize("wrong", [lambda grad: (grad, grad), lambda grad: grad[:1], lambda grad: 1.0])
def test_a_refused_gradient_changes_no_grad_and_the_modes_stay(lib, wrong):
    x = leaf(lib, 1.0, 2.0)
    with pytest.raises(RuntimeError):
        made(lib, lambda ctx, x: x * 1, lambda ctx, grad: wrong(grad)).apply(x).sum().backward()
    assert (x.grad, lib.is_grad_enabled()) == (None, True)


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_backward_that_raises_keeps_what_it_saved_and_can_be_tried_again(lib, create_graph):
    fails = [True]

    def backward(ctx, grad):
        if fails:
            raise ValueError("not yet")
        return grad * 2 * ctx.saved_tensors[0]

    x = leaf(lib, 3.0)
    y = made(lib, square(lib).forward, backward).apply(x)
    for _ in range(2):
        with pytest.raises(ValueError, match="not yet"):
            lib.autograd.grad(y.sum(), x, create_graph=create_graph)
        assert (x.grad, lib.is_grad_enabled()) == (None, True)
    fails.clear()
    y.sum().backward()
    assert x.grad.tolist() == [6.0]
