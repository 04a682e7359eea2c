"""Lab 1, Autograd: Variables, Functions & Gradients."""

from __future__ import annotations

from typing import Any

import microtorch as torch

from ..exercise import Exercise, Lab
from ..kinds.calls import Calls, Case
from ..kinds.choices import Choice, Choices
from ..kinds.predictions import Predictions
from ..kinds.value import Value

__all__ = ["LAB"]


def out() -> Any:
    """The tutorial's result."""
    x = torch.autograd.Variable(torch.ones(2, 2), requires_grad=True)
    y = x + 2
    z = y * y * 3
    return z.mean()


def slope(v: float) -> float:
    """The derivative of ``1 / (v * v + 1)``."""
    return -2 * v / (v * v + 1) ** 2


def at(v: float) -> Case:
    """A function of a number, called with this one."""
    return Case(f"v = {v:g}", lambda function: function(v))


ROLES = Exercise(
    "L01-E1",
    "Who made which Variable",
    Choices(
        {
            "x": Choice("leaf", {"made by a Function": "Nobody computed x: you wrote it down. What is x.grad_fn?"}),
            "y": Choice("made by a Function", {"leaf": "y = x + 2 is an operation. What does print(y.grad_fn) say?"}),
            "z": Choice("made by a Function", {"leaf": "z = y * y * 3 is two operations. What does print(z.grad_fn) say?"}),
            "out": Choice("made by a Function", {"leaf": "out = z.mean() is an operation. What does print(out.grad_fn) say?"}),
        }
    ),
    "A leaf has no grad_fn: print it, as you did with y.grad_fn.",
)

PREDICTIONS = Exercise(
    "L01-E2",
    "The gradients of the walk, predicted",
    Predictions(out),
    "Look at the rule beside the node that comes next.",
)

SIX = Exercise(
    "L01-E3",
    "x.grad after the 3 became a 6",
    Value(
        9,
        [("as it was before", 4.5), ("counted the factor twice", 27)],
        "Only the Mul that holds the constant sends another number: twice as much.",
    ),
    "Walk there: at which of the two Mul does the 6 stand, and what does that one send?",
)

SUM = Exercise(
    "L01-E4",
    "x.grad with sum() in place of mean()",
    Value(
        18,
        [("mean for sum", 4.5), ("forgot one path", 9), ("forgot the upstream factor", 6)],
        "The sum hands its 1 to every element; the mean shared it among four.",
    ),
    "Look at step 1: what does Sum send to each element, and what did Mean send?",
)

TWO_PATHS = Exercise(
    "L01-E5",
    "x.grad of (x * y * 3).mean()",
    Value(
        3,
        [("forgot one path", 2.25), ("forgot one path", 0.75)],
        "One path gives 0.75 * y = 2.25, the other 0.75 * x = 0.75.",
    ),
    "Look at the two paths from x to out: where do they meet?",
)

BY_HAND = Exercise(
    "L01-E6",
    "The derivative of 1 / (v * v + 1), by the chain rule",
    Calls(
        slope,
        [at(1.0), at(2.0), at(-0.5)],
        [
            ("forgot the upstream factor", lambda v: 2 * v),
            ("wrong sign", lambda v: -slope(v)),
            ("forgot one path", lambda v: slope(v) / 2),
        ],
    ),
    "Draw it with a Variable v: from v * v, two arrows lead back to v.",
)

LAB = Lab(
    "L01",
    "Autograd: Variables, Functions & Gradients",
    45,
    "read grad_fn, walk backward() node by node, and find 4.5 by hand and by machine",
    (ROLES, PREDICTIONS, SIX, SUM, TWO_PATHS, BY_HAND),
)
