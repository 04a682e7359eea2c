"""Lab 4, Vectors: VJPs, broadcasting, gradcheck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import microtorch as torch

from ..exercise import Exercise, Lab
from ..kinds.calls import Calls, Case
from ..kinds.choices import Choice, Choices
from ..kinds.value import Value

__all__ = ["LAB"]


# ---- v ----

WEIGHED = Exercise(
    "L04-E1",
    "x.grad of backward(v), for three v",
    Value(
        [[1, 2], [-1, 4], [1, 8]],
        [
            ("scaled the gradient of the sum", [[3, 6], [3, 6], [9, 18]]),
            ("rows added up", [[1, 2], [0, 6], [1, 14]]),
            ("added the chosen rows without their weights", [[1, 2], [-1, 4], [0, 6]]),
            ("multiplied by x as well", [[1, 4], [-1, 8], [1, 16]]),
            ("took v for the result", [[1, 0, 0], [0, 0, 1], [2, 0, 1]]),
        ],
        "The rows of A, as v weighs them: v @ A.",
    ),
    "Write y out, element by element: y[0] = 1 * x[0] + 2 * x[1], and so on. What is v[0] * y[0] + v[1] * y[1] + v[2] * y[2]?",
)


def at(label: str, f: Callable[[Any], Any], *x: float) -> Case:
    """The Jacobian of a function at a place."""
    return Case(label, lambda jacobian: no_list(jacobian(f, torch.tensor(x, requires_grad=True))))


def no_list(result: Any) -> Any:
    """A tensor, as it is."""
    if isinstance(result, (list, tuple)):
        raise TypeError("a list came back, and a tensor of shape (m, n) is asked for: torch.stack makes one of a list of rows")
    return result


def three_by_two(x: Any) -> Any:
    """The notebook's."""
    return torch.tensor([[1.0, 2.0], [3.0, 0.0], [-1.0, 4.0]]) @ x


def rows(f: Callable[[Any], Any], x: Any) -> list[Any]:
    """One backward pass for each element of the result."""
    found = []
    for i in range(len(f(x))):
        x.grad = None
        y = f(x)
        y.backward(torch.eye(len(y))[i])
        found.append(x.grad)
    return found


def jacobian(f: Callable[[Any], Any], x: Any) -> Any:
    """The rows, stacked."""
    return torch.stack(rows(f, x))


def without_clearing(f: Callable[[Any], Any], x: Any) -> Any:
    """Each row holds those before it, too."""
    return torch.cumsum(jacobian(f, x), 0)


def all_the_same(f: Callable[[Any], Any], x: Any) -> Any:
    """The list holds one and the same ``.grad``, which has grown."""
    return torch.stack([jacobian(f, x).sum(0)] * len(f(x)))


def zeroed_in_place(f: Callable[[Any], Any], x: Any) -> Any:
    """The list holds one and the same ``.grad``, which holds the last row."""
    return torch.stack([jacobian(f, x)[-1]] * len(f(x)))


def one_graph(f: Callable[[Any], Any], x: Any) -> Any:
    """Computes y once, and walks it for each row."""
    y = f(x)
    found = []
    for v in torch.eye(len(y)):
        x.grad = None
        y.backward(v)
        found.append(x.grad)
    return torch.stack(found)


JACOBIAN = Exercise(
    "L04-E2",
    "jacobian(f, x), row by row",
    Calls(
        jacobian,
        [
            at("A @ x, of two numbers three", three_by_two, 1.0, 2.0),
            at("x * x", lambda x: x * x, 1.0, -2.0, 3.0),
            at("x * x.sum()", lambda x: x * x.sum(), 1.0, 2.0),
            at("one result alone", lambda x: (x * x * x).sum().reshape(1), 1.0, 2.0),
        ],
        [
            ("transposed", lambda f, x: jacobian(f, x).T),
            ("rows added up", without_clearing),
            ("rows added up", all_the_same),
            ("zeroed in place", zeroed_in_place),
            ("walked one graph twice", one_graph),
            ("one pass for all rows", lambda f, x: jacobian(f, x).sum(0)),
        ],
    ),
    "Step through y with v = 1, 0, 0: what arrives at x is the first row. "
    "What is in x.grad when the first pass begins (None has no zero_()), and when the next does?",
)

PASSES = Exercise(
    "L04-E3",
    "How many backward passes a whole Jacobian takes",
    Value(
        [1, 3, 1000],
        [
            ("counted the inputs", [1000, 2, 1]),
            ("counted the entries", [1000, 6, 1000]),
        ],
        "One for each result; and a loss is one result, however many weights there are.",
    ),
    "Look at your jacobian: how often does its loop turn?",
)


# ---- broadcasting ----

BIAS = Exercise(
    "L04-E4",
    "b.grad, where b was added to two rows",
    Value(
        [4, 7],
        [
            ("forgot the upstream factor", [2, 2]),
            ("forgot the upstream factor", [1, 1]),
            ("mean for sum", [2, 3.5]),
            ("did not undo the broadcast", [[1, 2], [3, 5]]),
            ("took one copy", [1, 2]),
            ("took one copy", [3, 5]),
            ("summed the wrong axes", [3, 8]),
        ],
        "Each element of b was used in two rows, and what comes along both ways is added.",
    ),
    "Write the two places down in which b[0] was used. What arrives at each of them?",
)


def bring(label: str, size: Sequence[int], shape: tuple[int, ...]) -> Case:
    """A gradient with a number of its own at each place, to be brought to a shape."""
    count = 1
    for each in size:
        count *= each
    return Case(label, lambda unbroadcast: unbroadcast((torch.arange(float(count)) + 1).reshape(*size), shape))


def unbroadcast(grad: Any, shape: tuple[int, ...]) -> Any:
    """Sums over what broadcasting has added in front, then over what it has stretched."""
    while grad.ndim > len(shape):
        grad = grad.sum(0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis, keepdim=True)
    return grad


def in_front_alone(grad: Any, shape: tuple[int, ...]) -> Any:
    """Forgets the axes of length 1."""
    while grad.ndim > len(shape):
        grad = grad.sum(0)
    return grad


def axis_lost(grad: Any, shape: tuple[int, ...]) -> Any:
    """Sums over all that it should, and keeps no axis."""
    lead = grad.ndim - len(shape)
    axes = [i for i in range(grad.ndim) if i < lead or shape[i - lead] == 1]
    return grad.sum(axes) if axes else grad


def mean(grad: Any, shape: tuple[int, ...]) -> Any:
    """A mean in each place."""
    return unbroadcast(grad, shape) * (unbroadcast(torch.ones_like(grad), shape) ** -1)


def mean_in_front(grad: Any, shape: tuple[int, ...]) -> Any:
    """A mean over the new axes alone."""
    while grad.ndim > len(shape):
        grad = grad.mean(0)
    return unbroadcast(grad, shape)


def mean_of_stretched(grad: Any, shape: tuple[int, ...]) -> Any:
    """A mean over the stretched axes alone."""
    while grad.ndim > len(shape):
        grad = grad.sum(0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.mean(axis, keepdim=True)
    return grad


def one_copy(grad: Any, shape: tuple[int, ...]) -> Any:
    """What arrives at the first of the places."""
    while grad.ndim > len(shape):
        grad = grad[0]
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.narrow(axis, 0, 1)
    return grad


def from_behind(grad: Any, shape: tuple[int, ...]) -> Any:
    """Takes away axes at the wrong end, which fits where the lengths are the same."""
    while grad.ndim > len(shape):
        grad = grad.sum(-1)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis, keepdim=True)
    return grad


UNBROADCAST = Exercise(
    "L04-E5",
    "unbroadcast(grad, shape)",
    Calls(
        unbroadcast,
        [
            bring("(2, 3) to (3,)", (2, 3), (3,)),
            bring("(2, 3) to (2, 1)", (2, 3), (2, 1)),
            bring("(2, 3) to (2, 3)", (2, 3), (2, 3)),
            bring("(3, 3) to (3,)", (3, 3), (3,)),
            bring("(3, 3) to (1, 3)", (3, 3), (1, 3)),
            bring("(4, 2, 3) to (2, 1)", (4, 2, 3), (2, 1)),
            bring("(2, 3) to ()", (2, 3), ()),
        ],
        [
            ("did not undo the broadcast", lambda grad, shape: grad),
            ("forgot the stretched axes", in_front_alone),
            ("lost the axis", axis_lost),
            ("mean for sum", mean),
            ("mean for sum", mean_in_front),
            ("mean for sum", mean_of_stretched),
            ("mean for sum", lambda grad, shape: grad.mean(0)),
            ("took one copy", one_copy),
            ("summed the wrong axes", from_behind),
            ("summed the wrong axes", lambda grad, shape: grad.sum(0)),
        ],
    ),
    "Look at the step of Add: summed over axis 0, it says. Which axes would it be for a b of shape (2, 1)?",
)


# ---- products ----


def product(label: str, grad: Any, x: Any, w: Any) -> Case:
    """The two gradients of a product."""
    return Case(label, lambda backward: backward(*(torch.tensor(each) for each in (grad, x, w))))


def matmul_backward(grad: Any, x: Any, w: Any) -> tuple[Any, Any]:
    """The rules of x @ w."""
    return grad @ w.T, x.T @ grad


MATMUL = Exercise(
    "L04-E6",
    "The two rules of x @ w",
    Calls(
        matmul_backward,
        [
            product("square", [[1.0, 2.0], [0.0, 3.0]], [[1.0, 2.0], [3.0, 4.0]], [[0.0, 1.0], [2.0, 5.0]]),
            product("(2, 3) @ (3, 1)", [[1.0], [-2.0]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[1.0], [0.0], [2.0]]),
            product("(1, 2) @ (2, 3)", [[1.0, 0.0, 2.0]], [[3.0, 5.0]], [[1.0, 2.0, 3.0], [0.0, 1.0, 4.0]]),
        ],
        [
            ("did not transpose", lambda grad, x, w: (grad @ w, x @ grad)),
            ("changed the order of the factors", lambda grad, x, w: (w.T @ grad, grad @ x.T)),
            ("mixed up the inputs", lambda grad, x, w: (x.T @ grad, grad @ w.T)),
            ("transposed", lambda grad, x, w: ((grad @ w.T).T, (x.T @ grad).T)),
            ("transposed", lambda grad, x, w: (grad @ w.T, grad.T @ x)),
            ("transposed", lambda grad, x, w: (w @ grad.T, x.T @ grad)),
            ("returned one gradient alone", lambda grad, x, w: grad @ w.T),
            ("returned one gradient alone", lambda grad, x, w: x.T @ grad),
            ("forgot the upstream factor", lambda grad, x, w: matmul_backward(torch.ones_like(grad), x, w)),
            ("multiplied element by element", lambda grad, x, w: (grad * w, x * grad)),
        ],
    ),
    "Write the shapes under the letters: a gradient has the shape of its input. Then walk ((x @ w) * g).sum() in the stepper.",
)


# ---- gradcheck ----

SMOOTH = "Both sides are measured near a place where the slope hardly changes: what could differ?"
COARSE = "What is left of the digits of float32, if the results differ by some 0.0000002?"
AT_ZERO = "One side of relu has the slope 0, the other 1: what is (f(h) - f(-h)) / 2h, and what does the rule say at 0?"
SYMMETRIC = "What is (|h| - |-h|) / 2h? And what does the rule say at 0?"
NEAR = "gradcheck looks 0.000001 to the left and to the right. On which side of the kink are the two?"
FITS = "The shape is right. Is the number?"

GRADCHECK = Exercise(
    "L04-E7",
    "Where gradcheck agrees",
    Choices(
        {
            "x * x at 3": Choice("agrees", {"differs": SMOOTH}),
            "x * x at 3, float32": Choice("differs", {"agrees": COARSE}),
            "relu at -2": Choice("agrees", {"differs": SMOOTH}),
            "relu at 0": Choice("differs", {"agrees": AT_ZERO}),
            "relu at 0.0000001": Choice("differs", {"agrees": NEAR}),
            "abs at 0": Choice("agrees", {"differs": SYMMETRIC}),
            "add, mean(0) for b": Choice("differs", {"agrees": FITS}),
        }
    ),
    "Draw the curve, mark the two places that are measured, and lay a ruler through them: viz.nudge does the same.",
)

LAB = Lab(
    "L04",
    "Vectors: VJPs, broadcasting, gradcheck",
    60,
    "read the vector of backward(v), undo broadcasting, derive the rules of a product, and check a rule by measuring",
    (WEIGHED, JACOBIAN, PASSES, BIAS, UNBROADCAST, MATMUL, GRADCHECK),
)
