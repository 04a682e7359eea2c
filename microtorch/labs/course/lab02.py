"""Lab 2, Leaves, accumulation, zeroing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import microtorch as torch

from ..exercise import Exercise, Lab
from ..kinds.calls import Calls, Case
from ..kinds.choices import Choice, Choices
from ..kinds.value import Value

__all__ = ["LAB"]

Function = Callable[..., Any]


def small_weight(values: Any) -> Any:
    """A hundredth of the values, as a leaf that requires a gradient."""
    return (values * 0.01).requires_grad_()


def scaled_a_leaf(values: Any) -> Any:
    """Of a leaf the hundredth: a Variable that was computed."""
    return values.clone().requires_grad_() * 0.01


def of_weight(label: str, look: Function) -> Case:
    """What is seen of the weight that is made of three values."""
    return Case(label, lambda function: look(function(torch.tensor([100.0, -200.0, 50.0]))))


def values_afterwards(function: Function) -> Any:
    """The values that a weight was made of, when it is made."""
    values = torch.tensor([100.0, -200.0, 50.0])
    function(values)
    return values.detach()


def scaled_in_place(values: Any) -> Any:
    """The values themselves become the weight."""
    values *= 0.01
    return values.requires_grad_()


def grad_of_square(w: Any) -> Any:
    """Its ``.grad`` after a pass from its square."""
    (w * w).sum().backward()
    return w.grad


def in_parts(loss_of: Function, clear: bool = False) -> Function:
    """A gradient in parts. ``loss_of`` takes the squares of a part, the number of all elements, that of parts, a part's size."""

    def gradient(w: Any, hours: Any, level: Any, size: int) -> Any:
        w.grad = None
        starts = range(0, len(hours), size)
        for start in starts:
            if clear:
                w.grad = None
            part = slice(start, start + size)
            loss_of((w * hours[part] - level[part]) ** 2, len(hours), len(starts), size).backward()
        return w.grad

    return gradient


def parts(label: str, count: int, size: int) -> Case:
    """A gradient over ``count`` data in parts of ``size``."""
    hours = [1.0, 4, 2, 0, 3, 5][:count]
    level = [2.0, 3, 7, 1, 6, 9][:count]
    return Case(
        label, lambda function: function(torch.tensor(0.5, requires_grad=True), torch.tensor(hours), torch.tensor(level), size)
    )


def fit(scale_first: bool = True, clear: str = "first") -> Function:
    """Gradient descent, ``clear``-ed at the first place of a turn, before the update, or never."""

    def fitted(hours: Any, level: Any, steps: int, rate: float) -> tuple[Any, Any]:
        numbers = (0.5, -0.5) if scale_first else (5.0, -5.0)
        w, b = (torch.tensor(each, requires_grad=True) for each in numbers)
        if not scale_first:
            w, b = 0.1 * w, 0.1 * b
        for _ in range(steps):
            if clear == "first":
                w.grad = b.grad = None
            ((w * hours + b - level) ** 2).mean().backward()
            for leaf in (w, b):
                grad: Any = leaf.grad  # None, where it is no leaf: then this raises what a student sees
                if clear == "before the update":
                    grad.zero_()
                leaf.data -= rate * grad
        return w, b

    return fitted


def fitting(label: str, steps: int, rate: float) -> Case:
    """The tank, fitted in so many steps."""
    return Case(
        label,
        lambda function: function(torch.tensor([0.0, 1, 2, 3, 4]), torch.tensor([1.0, 3, 5, 7, 9]), steps, rate),
    )


SIX_TENSORS = Exercise(
    "L02-E1",
    "Which of six tensors get a gradient",
    Choices(
        {
            "x": Choice(
                "filled", {"stays None": "x is a leaf, asks for a gradient, and out was computed from it. What is missing?"}
            ),
            "data": Choice("stays None", {"filled": "Who asked for a gradient of data? Print data.requires_grad."}),
            "y": Choice("stays None", {"filled": "The gradient flows through y. Is y a leaf? Print y.grad_fn."}),
            "h": Choice("filled", {"stays None": "h is no leaf, but look at the line after the one that makes it."}),
            "w": Choice("stays None", {"filled": "The tensor that asked for a gradient is not w any more: print w.grad_fn."}),
            "unused": Choice("stays None", {"filled": "unused asks for a gradient, but does a path lead from out to it?"}),
        }
    ),
    "Walk the graph of out in the stepper: a .grad is written only where a leaf accumulates.",
)

SMALL_WEIGHT = Exercise(
    "L02-E2",
    "A small weight that is a leaf",
    Calls(
        small_weight,
        [
            of_weight("of the values 100, -200, 50", lambda w: w.detach()),
            of_weight("requires_grad", lambda w: w.requires_grad),
            of_weight("is_leaf", lambda w: w.is_leaf),
            of_weight(".grad after (w * w).sum().backward()", grad_of_square),
            Case("of the values 100, -200, 50, looked at afterwards", values_afterwards),
        ],
        [
            ("computed from a leaf", scaled_a_leaf),
            ("asked for no gradient", lambda values: values * 0.01),
            ("left the values as they were", lambda values: values.requires_grad_()),
            ("changed what it was given", scaled_in_place),
        ],
    ),
    "Draw what you return with viz.draw: a leaf has no Function on its left.",
)

SECOND_PASS = Exercise(
    "L02-E3",
    "x.grad after a second backward()",
    Value(
        9,
        [("forgot what .grad held", 4.5), ("multiplied what is added", 20.25), ("took it for a constant", 0)],
        "4.5 was there, 4.5 came.",
    ),
    "Look at the last step: what does x accumulate, and what was there before?",
)

SHARED = Exercise(
    "L02-E4",
    "w.grad of w * (w * x + 1)",
    Value(
        13,
        [
            ("forgot one path", 7),
            ("forgot one path", 6),
            ("multiplied what is added", 42),
            ("forgot the upstream factor", 10),
        ],
        "Along the short way comes h = 7, along the long way w * x = 6.",
    ),
    "Look at the last step: how many gradients have arrived at w, and along which ways?",
)

IN_PARTS = Exercise(
    "L02-E5",
    "The gradient of a mean, in parts",
    Calls(
        in_parts(lambda squares, count, *_: squares.sum() / count),
        [
            parts("of 6 data in parts of 3", 6, 3),
            parts("of 6 data in parts of 2", 6, 2),
            parts("of 5 data in parts of 2", 5, 2),
            parts("of 3 data in one part", 3, 8),
        ],
        [
            ("forgot the count", in_parts(lambda squares, *_: squares.mean())),
            ("averaged the averages", in_parts(lambda squares, _, parts, size: squares.mean() / parts)),
            ("averaged the averages", in_parts(lambda squares, count, _, size: squares.mean() * size / count)),
            ("cleared between the parts", in_parts(lambda squares, count, *_: squares.sum() / count, clear=True)),
            ("forgot the count", in_parts(lambda squares, *_: squares.sum())),
        ],
        untouched=lambda *_: None,
    ),
    "Walk the pass of one part with viz.step: what does one element's square receive? In every part it has to be the same.",
)

PLACES = Exercise(
    "L02-E6",
    "Where .grad is cleared",
    Choices(
        {
            "A": Choice(
                "swings",
                {
                    "falls": "Cleared once, before the first turn. What is in .grad in the second?",
                    "stays": "Is anything cleared between backward() and the update?",
                },
            ),
            "B": Choice(
                "falls",
                {
                    "swings": "Of how many turns are the gradients in .grad when w is updated?",
                    "stays": "Does backward() come before or after the clearing?",
                },
            ),
            "C": Choice(
                "falls",
                {
                    "swings": "Of how many turns are the gradients in .grad when w is updated?",
                    "stays": "Clearing .grad does not touch the graph: what does backward() write afterwards?",
                },
            ),
            "D": Choice(
                "stays",
                {
                    "falls": "What is in w.grad at the moment of the update?",
                    "swings": "What is in w.grad at the moment of the update?",
                },
            ),
            "E": Choice(
                "falls",
                {
                    "swings": "Of how many turns are the gradients in .grad when w is updated?",
                    "stays": "The update has already been made when the clearing comes.",
                },
            ),
        }
    ),
    "In the stepper of the second pass, the last step said what was in .grad before: ask that of each place.",
)

FIT = Exercise(
    "L02-E7",
    "A training loop, repaired",
    Calls(
        fit(),
        [
            fitting("of one step", 1, 0.05),
            fitting("of two steps", 2, 0.05),
            fitting("of 300 steps", 300, 0.05),
            fitting("of three smaller steps", 3, 0.01),
        ],
        [
            ("kept the old gradients", fit(clear="never")),
            ("cleared before the update", fit(clear="before the update")),
        ],
        untouched=fit(scale_first=False, clear="never"),
    ),
    "Walk the first pass with viz.step(loss): which leaf's .grad is filled? Then the second: what was in it before?",
)

LAB = Lab(
    "L02",
    "Leaves, accumulation, zeroing",
    45,
    "who has a .grad, why backward() adds to it, and where a training loop clears it",
    (SIX_TENSORS, SMALL_WEIGHT, SECOND_PASS, SHARED, IN_PARTS, PLACES, FIT),
)
