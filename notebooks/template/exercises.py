"""The exercises of the template: copy this folder, and make a lab of your own out of it."""

import microtorch as torch
from microtorch.labs import MISTAKES, Calls, Case, Exercise, Lab, Value, register

# A mistake that your students make and the bank does not name yet: the end of a sentence that begins with "That is".
MISTAKES.setdefault("forgot the inner derivative", "the outer derivative alone: multiply it by that of what stands inside")


def slope(v):
    """The derivative of (3 * v + 1) ** 2."""
    return 2 * (3 * v + 1) * 3


def at(v):
    """A case: the function called at one place."""
    return Case(f"v = {v:g}", lambda function: function(v))


register(
    Lab(
        "X01",
        "A lab of your own",
        10,
        "see how a lab is made",
        (
            Exercise(
                "X01-E1",
                "w.grad of (w * 2 + w).backward() at w = 1",
                Value(3, [("forgot one path", 2), ("forgot one path", 1)], "2 along one path, 1 along the other."),
                "Look at the step before the last: how many gradients have arrived at w?",
            ),
            Exercise(
                "X01-E2",
                "The derivative of (3 * v + 1) ** 2",
                Calls(
                    slope,
                    [at(0.0), at(1.0), at(-2.0), at(torch.tensor(0.5))],
                    [("forgot the inner derivative", lambda v: 2 * (3 * v + 1))],
                ),
                "Draw it with a Variable v: every node on the way back multiplies.",
            ),
        ),
    )
)
