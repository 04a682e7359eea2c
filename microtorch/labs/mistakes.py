"""The bank of named mistakes: what has likely gone wrong, as the end of a sentence that begins with "That is".

Those about one step of a backward pass stand with the quiz (`microtorch.viz.quiz`) that finds them, and are known here, too.
"""

from ..viz.passes.mistakes import MISTAKES as OF_A_STEP

__all__ = ["MISTAKES"]

MISTAKES = {
    **OF_A_STEP,
    "sum for mean": "the gradient of a sum, where a mean divides each element's part by their number",
    "forgot one path": "what comes along one of several paths alone: they all lead to the same Variable, and are added",
    "as it was before": "what it was before the change: walk there once more",
    "took another value": "the derivative at another place: put in the value that the Variable has here",
}
