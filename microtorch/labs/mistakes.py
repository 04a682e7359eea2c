"""The bank of named mistakes: what has likely gone wrong, as the end of a sentence that begins with "That is".

Those about one step of a backward pass stand with the quiz (`microtorch.viz.quiz`) that finds them, and are known here, too.
"""

from ..viz.passes.mistakes import MISTAKES as OF_A_STEP

__all__ = ["MISTAKES"]

MISTAKES = {
    **OF_A_STEP,
    "sum for mean": "the gradient of a sum, where a mean divides each element's part by their number",
    "forgot one path": "what comes along one of several paths alone: they all lead to the same Variable, and are added",
    "counted the factor twice": "the new factor times the old result: it takes the place of the 3, and does not come on top",
    "as it was before": "what it was before the change: walk there once more",
    "took another value": "the derivative at another place: put in the value that the Variable has here",
    # Lab 2: leaves, accumulation, zeroing.
    "computed from a leaf": "a Variable that was computed from a leaf: what asked for a gradient has no name any more",
    "asked for no gradient": "a leaf, but one that nobody asked a gradient of: see requires_grad",
    "left the values as they were": "a leaf with its old values: they were to be scaled",
    "changed what it was given": "a change in place of the values themselves: whoever gave them finds other numbers there now",
    "multiplied what is added": "a product: along one way gradients are multiplied, but those of several ways are added",
    "averaged the averages": "the average of the parts' averages: in a smaller part, each element counts for too much",
    "cleared between the parts": "the last part's gradient alone: what the others brought was cleared",
    "kept the old gradients": "the sum of this turn's gradients and those of all turns before: .grad was never cleared",
    "cleared before the update": "an update by 0: what backward() had written was cleared before it was used",
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
    "never taken out": "a loop without an end: take each number out of the set when it has its turn",
    "kept it twice": "a list in which a number that is used twice stands twice, and has two turns: in a set it stands once",
    # Lab 4: vectors, broadcasting, products.
    "scaled the gradient of the sum": "the gradient of y.sum(), made longer: v weighs each element of y by itself",
    "rows added up": "a sum of rows: .grad still held what came before, and backward() adds to it",
    "walked one graph twice": "a second walk through a graph that the first has used up: compute f(x) anew for each row",
    "one pass for all rows": "the sum of all rows: a v of ones weighs them all alike, so each row needs a pass of its own",
    "counted the inputs": "one pass for each input, as nudging needs it: backward() brings a whole row at once",
    "counted the entries": "one pass for each entry: backward() brings a whole row at once",
    "added the chosen rows without their weights": "the sum of the rows that v picks out: each counts as often as v says",
    "took v for the result": "v itself, which is what arrives at y: from there it goes on to x, through A",
    "multiplied by x as well": "a gradient times x: it says how fast y grows with x, not how much x brings in",
    "zeroed in place": "one tensor in every row: zero_() empties x.grad in place, so keep a copy, or set x.grad to None",
    "returned one gradient alone": "one gradient alone: x and w each receive their own, so two are returned",
    "took one copy": "what arrives at one of the copies alone: all of them were used, so all are added",
    "summed the wrong axes": "a sum over other axes: shapes are compared from the right, so what is new stands in front",
    "forgot the stretched axes": "a sum over the new axes alone: an axis of length 1 that was stretched is summed, too",
    "lost the axis": "the right sums in another shape: the axis of length 1 has to stay",
    "multiplied element by element": "a product element by element: here each result is a sum of products",
    # Lab 5: what the graph remembers.
    "cut off too late": "a result without history, made at the end: until then, the sum keeps the graphs of all turns alive",
    "cut off one turn late": "a sum whose past is cut off, while the last loss still brings its graph along",
    "cut off before backward()": "a loss without history: it was cut off before backward() had walked it",
    "from the value before the change": "the true derivative: the node multiplies by what it finds now, not by what was there",
    "the change alone": "the number that was added: what is saved is the sum of it and of what was there",
    "changed shared memory": "a change of shared memory: detach() makes no copy, and the version tells that y was changed",
    "copied with its history": "a copy that is recorded: clone() and clamp() are operations, too",
    # Lab 6
    "took the probability for the loss": "the probability itself: the loss is its logarithm, with the sign turned",
    "took another logarithm": "the logarithm to another base: the loss takes the natural one, ln",
    "exp overflowed": "exp() of a large score: it is infinite, and what is made of infinities is nan or inf; softmax, though, "
    "knows only differences of scores",
    "one maximum for all rows": "the largest score of the whole batch, taken from every row: a row far below it becomes all 0, "
    "and log(0) is -inf",
    "propped up the probability": "the logarithm of a probability that was rounded to 0 and propped up: the loss of a confident "
    "mistake is cut off, and its gradient vanishes",
    "columns for pairs": "every row's score at everybody's label: from row i, only the one at label i is wanted",
    "softmax over the examples": "a softmax down the columns, over the examples: the scores of one example stand in a row",
    "rebound the name": "a new tensor under an old name: the parameter itself is what it was",
    "changed a leaf while recording": "an in-place change of a leaf that autograd was asked to record",
    "forgot the learning rate": "a step by the whole gradient: the learning rate is missing",
    "never moved": "a loop in which the weights never change: without a step, or with gradients that are gone when it comes",
    "did not clear": "the sum of all gradients so far: backward() adds, and nothing clears .grad between two iterations",
    "kept the graph": "a list of Variables, each of which keeps the graph of its iteration alive: keep the numbers",
    "went uphill": "a step uphill: the gradient points to where the loss grows",
    "left all bounds": "a training that has left all bounds: try a smaller learning rate",
    "softmax twice": "a softmax at the end of the network, and one more inside the loss: the loss asks for the scores",
    "not trained yet": "what a network has before it has learned: your loop was not run on this one, or its steps were tiny",
}
