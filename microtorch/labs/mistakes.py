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
    # Lab 3: loops, branches and the order of the walk.
    "counted lines, not runs": "what the lines of the program say: there is one node for each time that a line runs",
    "counted the tests": "one turn too many: when the condition is asked for the last time it is false, and no turn follows",
    "forgot the line before the loop": "the loop alone: the line before it is an operation, too",
    "differentiated the first line alone": "the slope of the first line alone: each turn of the loop is one more factor",
    "took the result for its gradient": "the value of the result, and not how fast it grows with x",
    "walked from the leaves": "the way of the values: gradients go the other way, from the result to the leaves",
    "one turn for each path": "a walk along each path alone: there are more with every reuse, so add up first, then send on once",
    "walked in order": "right for a walk in order: the recursion has none, so follow its calls one by one",
    "followed one use before the other": "what comes of following one use before the other is added: here both are added first",
    "recursion without order": "a recursion without order: it sends on before all has arrived, and later sends that once more",
    "began without the 1": "a walk that began with 0: the gradient of the result with respect to itself is 1",
}
