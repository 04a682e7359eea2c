# %% [markdown]
# # Vectors: VJPs, broadcasting, gradcheck
#
# A result with three elements, and `backward()` refuses. What is the vector that it asks for, and what does it do with it?
# From there to the two rules that every network lives on, those of broadcasting and of `@`, and to a way of checking any rule.
#
# **What you'll do:** predict what `backward(v)` brings, build a Jacobian row by row, undo a broadcast, write the backward of a matrix product, and find out where measuring and computing disagree.
#
# **What you'll learn:** what a vector-Jacobian product is and why it is all that is ever computed, why a gradient has the shape of its input, and what `gradcheck` can and cannot tell.
#
# **What you'll need:** labs 1 to 3. Matrix times vector; what a shape is.
#
# **Minutes:** 60, and about 40 more for what is marked *More*
#
# Text and figures: [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/).

# %%
import matplotlib.pyplot as plt

import microtorch as torch
from microtorch import viz
from microtorch.autograd import Function, gradcheck
from microtorch.labs import check, summary

torch.set_printoptions(style="tensor")  # tensors are printed as today

# %% [markdown]
# ### The question
#
# So far every walk began at a single number. Here are three numbers, made from two:

# %%
A = torch.tensor([[1.0, 2.0], [3.0, 0.0], [-1.0, 4.0]])


def f(x):
    return A @ x


x = torch.tensor([1.0, 2.0], requires_grad=True)
y = f(x)
print(y)
try:
    y.backward()
except RuntimeError as error:
    print(error)

# %% [markdown]
# "The derivative of `y`" is not one row of numbers. Each of the three elements of `y` has a derivative with respect to each of the two elements of `x`: six numbers, in a matrix with a row for each result. It is called the **Jacobian**:
#
# $$J_{ij} = \frac{\partial y_i}{\partial x_j} \qquad\text{and for } y = A x \text{ it is } A \text{ itself.}$$
#
# But `x.grad` has room for two numbers only: a gradient has the shape of its input. So `backward` has to be told how much each element of `y` counts. That is the vector: `y.backward(v)`, with a number in `v` for each element of `y`, brings the gradient of
#
# $$v_0 y_0 + v_1 y_1 + v_2 y_2$$
#
# **Exercise L04-E1.** What will `x.grad` be after `y.backward(v)`, for `v` = [1, 0, 0], for `v` = [0, 0, 1], and for `v` = [2, 0, 1]? (Each time `y` is computed anew, and `x.grad` begins with None.)
#
# <details><summary>A hint</summary>With v = [1, 0, 0] the sum above is y[0] alone, and y[0] = 1 * x[0] + 2 * x[1].</details>

# %%
# BEGIN SOLUTION
grads = [[1, 2], [-1, 4], [1, 8]]
# INSTEAD
# grads = ...  # three pairs of numbers: [[ , ], [ , ], [ , ]]
# END SOLUTION
check("L04-E1", grads)

# %% [markdown]
# **Step through it.** Then slide `v` over the rows: put the 1 at another place, run the cell again, and step. In the rule below the picture, `A.mT` is `A` turned over, rows for columns (for a matrix `.mT` and `.T` are the same): what arrives is multiplied by it.

# %%
v = torch.tensor([1.0, 0.0, 0.0])  # then another row, and a mixture

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = f(x)
viz.step(y, v)

# %% [markdown]
# A `v` with a single 1 picks out a row of $J$; any other `v` mixes the rows. In one formula: what arrives is the product of the row vector $v$ with the Jacobian, a **vector-Jacobian product**, in short VJP:
#
# $$\texttt{x.grad} = v^{\mathsf T} J$$
#
# Two ways of saying the same follow from this. Which numbers will the two lines print?

# %%
x = torch.tensor([1.0, 2.0], requires_grad=True)
f(x).backward(torch.tensor([2.0, 0.0, 1.0]))
print(x.grad)

x = torch.tensor([1.0, 2.0], requires_grad=True)
(torch.tensor([2.0, 0.0, 1.0]) * f(x)).sum().backward()
print(x.grad)

# %% [markdown]
# So `v` is nothing but the gradient that would have arrived at `y`, had the computation gone on to a single number. In the middle of every walk, each node receives such a vector from its right and sends one to its left. **A rule never builds a Jacobian; it computes $v^{\mathsf T} J$.**
#
# ### A Jacobian, row by row
#
# **Exercise L04-E2.** If you do want the whole Jacobian, collect its rows: one backward pass for each.
#
# <details><summary>A hint</summary>The i-th v is <code>torch.eye(m)[i]</code>. A walk uses up its graph (lab 5 tells why), so compute <code>y = f(x)</code> anew for each row.</details>
#
# <details><summary>Another hint</summary>backward() adds to x.grad. What has to happen before each pass? And torch.stack makes a matrix of a list of rows.</details>

# %%
def jacobian(f, x):
    """The Jacobian of f at x.

    f: takes x, returns a tensor of shape (m,). x: a leaf of shape (n,) that requires a gradient.
    Returns a tensor of shape (m, n).
    """
    # BEGIN SOLUTION
    rows = []
    for i in range(len(f(x))):
        x.grad = None
        result = f(x)
        result.backward(torch.eye(len(result))[i])
        rows.append(x.grad)
    return torch.stack(rows)
    # END SOLUTION

check("L04-E2", jacobian)

# %% [markdown]
# **Exercise L04-E3.** How many backward passes does the whole Jacobian take: of a loss that depends on 1000 weights; of the `f` above, from 2 numbers to 3; of a curve that makes 1000 numbers out of one?

# %%
# BEGIN SOLUTION
passes = [1, 3, 1000]
# INSTEAD
# passes = ...  # three numbers, in a list
# END SOLUTION
check("L04-E3", passes)

# %% [markdown]
# That is why training works backwards: a loss is *one* number, however many weights there are. Nudging would need a run for each weight. And in between, no Jacobian is ever built. `exp` of a million numbers, element by element: how many entries would *its* Jacobian have? Work it out before you run the cell.

# %%
x = torch.linspace(-1, 1, 1_000_000, requires_grad=True)
x.exp().backward(torch.ones(1_000_000))
print("a gradient of", f"{x.grad.numel():,}", "numbers")
print("through a Jacobian of", f"{x.numel() ** 2:,}", "entries, nearly all of them 0")

# %% [markdown]
# The rule of `exp` multiplies `v` by `exp(x)`, element by element: one multiplication for each row of a matrix that is 0 everywhere but on its diagonal.
#
# ### Broadcasting, on the way back
#
# In a layer, one row of biases is added to every row of a batch. The shapes here are (2, 2) and (2,), and NumPy's rule stretches the second to (2, 2): each element of `b` is used twice. `weight` stands for whatever comes after.

# %%
x = torch.tensor([[1.0, 2.0], [4.0, 5.0]], requires_grad=True)
b = torch.tensor([0.1, 0.2], requires_grad=True)
weight = torch.tensor([[1.0, 2.0], [3.0, 5.0]])

out = ((x + b) * weight).sum()

# %% [markdown]
# **Exercise L04-E4.** What will `b.grad` be?
#
# <details><summary>A hint</summary>From lab 1: what comes along several ways is added. b[0] has two ways to out, one through each row.</details>

# %%
# BEGIN SOLUTION
grad_of_b = [4, 7]
# INSTEAD
# grad_of_b = ...  # in the shape of b
# END SOLUTION
check("L04-E4", grad_of_b)

# %% [markdown]
# **Step through it.** At the step of Add, two gradients are sent. One goes on as it is; of the other the stepper says what happened to it. (Beside an arrow stands the shape of a matrix; its numbers are in the sentence below.)

# %%
viz.step(out)

# %% [markdown]
# **Forward, broadcasting copies; backward, copies are summed.** A wrong rule here is dangerous, since a wrong value can still fit: a mean over the rows, or the first row alone, has the shape of `b`, too. Nothing would raise, and the loss would still fall; with the mean, `b` would only learn too slowly, by a factor of the number of rows.
#
# **Exercise L04-E5.** Write it for any shape: bring a gradient back to the shape that its value had before it was broadcast. Broadcasting compares shapes from the right; it puts new axes in front, and stretches those of length 1:
#
# | before | broadcast to | sum over |
# |:--|:--|:--|
# | (3,) | (2, 3) | axis 0, which is new |
# | (2, 1) | (2, 3) | axis 1, which was stretched; it stays, with length 1 |
# | (2, 1) | (4, 2, 3) | both kinds |
# | () | (2, 3) | everything |
#
# <details><summary>A hint</summary>First, as long as grad has too many axes, sum over axis 0. Then both shapes have the same number of axes: go through them, and sum where the length should be 1.</details>
#
# <details><summary>Another hint</summary><code>grad.sum(axis, keepdim=True)</code> keeps the axis that it sums over, with length 1.</details>

# %%
def unbroadcast(grad, shape):
    """The gradient of a value of this shape, from that of the value as it was broadcast.

    grad: a tensor, of a shape to which `shape` can be broadcast. Returns a tensor of shape `shape`.
    """
    # BEGIN SOLUTION
    total = grad
    while total.ndim > len(shape):
        total = total.sum(0)
    for axis, length in enumerate(shape):
        if length == 1:
            total = total.sum(axis, keepdim=True)
    return total
    # END SOLUTION

check("L04-E5", unbroadcast)

# %% [markdown]
# It also works the other way round: a sum, forward, is a broadcast, backward. Look at the step of Sum above: one number arrived, and it was sent to four places.
#
# ### The rules of a product
#
# `y = x @ w` is where most of the work of a network is done. Element by element,
#
# $$y_{ij} = \sum_k x_{ik}\, w_{kj}$$
#
# **Exercise L04-E6.** Write both of its rules. You receive `grad`, of the shape of `y`, and return what goes to `x` and what goes to `w`.
#
# <details><summary>A hint</summary>In which elements of y is x[i, k] used? In all of row i, with the factors w[k, 0], w[k, 1], … So it receives grad[i, 0] * w[k, 0] + grad[i, 1] * w[k, 1] + … Of which matrix product is this the element i, k?</details>
#
# <details><summary>Another hint</summary>x is (n, k), w is (k, m), grad is (n, m). Only one product of grad and w, turned or not, has the shape of x. But do not trust shapes alone: square matrices fit in every order.</details>

# %%
def matmul_backward(grad, x, w):
    """The gradients of x and w, for y = x @ w.

    grad: (n, m), the gradient of y. x: (n, k). w: (k, m). Returns two tensors, of the shapes of x and of w.
    """
    # BEGIN SOLUTION
    return grad @ w.T, x.T @ grad
    # END SOLUTION

check("L04-E6", matmul_backward)

# %% [markdown]
# **Step through it.** Press *Next* three times: at `Mm`, the engine's own rules stand below the picture. Are they yours?

# %%
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
w = torch.tensor([[0.0, 1.0], [2.0, 5.0]], requires_grad=True)
g = torch.tensor([[1.0, 2.0], [0.0, 3.0]])
loss = ((x @ w) * g).sum()
viz.step(loss)

# %% [markdown]
# ### Is the rule right?
#
# A check has told you so, since it knows the right rule. Of a new rule nobody does. But a derivative can be *measured*: `gradcheck` moves each element of each input by 0.000001 to both sides, sees how far each result moves, and has a Jacobian without any rule. It then lays beside it the one that comes of `backward`. Here your rule becomes an operation of its own, and is measured. The class is only the frame for it (lab 7 is about such classes); the comments say all that you need of it.

# %%
class Product(Function):  # an operation of your own; ctx is its notepad
    @staticmethod
    def forward(ctx, x, w):  # what it computes
        ctx.save_for_backward(x, w)  # note down what the rule will need
        return x @ w

    @staticmethod
    def backward(ctx, grad):  # its rule: yours (as long as that is not written, nothing is sent)
        return matmul_backward(grad, *ctx.saved_tensors) or (None, None)


torch.manual_seed(0)
x = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
w = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
agrees = gradcheck(Product.apply, (x, w), raise_exception=False)  # apply: the operation as a function
print("your rule agrees" if agrees else "your rule differs: is exercise L04-E6 solved?")

# %% [markdown]
# ### More, if there is time: where measuring goes wrong
#
# This is the dangerous rule from before, with a mean in the place of the sum. Its shape is right. `gradcheck` works in float64, and lets two slopes count as equal if they differ by less than about 0.001 of their size.
#
# **Exercise L04-E7.** Where will `gradcheck` agree? Two things to know: by convention, `backward` of `relu` and of `abs` says 0 at 0. And where float32 is written below, the input has only about seven digits.
#
# <details><summary>A hint</summary>The slope that is measured is (f(x + h) - f(x - h)) / 2h, with h = 0.000001. Work it out for relu and for abs at 0.</details>

# %%
class AddRow(Function):
    @staticmethod
    def forward(ctx, x, b):
        return x + b

    @staticmethod
    def backward(ctx, grad):
        return grad, grad.mean(0)  # of the right shape


says = {  # "agrees" or "differs"
    # BEGIN SOLUTION
    "x * x at 3": "agrees",
    "x * x at 3, float32": "differs",
    "relu at -2": "agrees",
    "relu at 0": "differs",
    "relu at 0.0000001": "differs",
    "abs at 0": "agrees",
    "add, mean(0) for b": "differs",
    # INSTEAD
    # "x * x at 3": ...,
    # "x * x at 3, float32": ...,
    # "relu at -2": ...,
    # "relu at 0": ...,
    # "relu at 0.0000001": ...,
    # "abs at 0": ...,
    # "add, mean(0) for b": ...,
    # END SOLUTION
}
check("L04-E7", says)

# %%
import warnings


def at(value, dtype=torch.float64):
    return torch.tensor([value], dtype=dtype, requires_grad=True)


def square(x):
    return x * x


rows = torch.tensor([[0.5, -0.5]] * 3, dtype=torch.float64)
b = torch.zeros(2, dtype=torch.float64, requires_grad=True)
cases = {
    "x * x at 3": (square, at(3.0)),
    "x * x at 3, float32": (square, at(3.0, torch.float32)),
    "relu at -2": (torch.relu, at(-2.0)),
    "relu at 0": (torch.relu, at(0.0)),
    "relu at 0.0000001": (torch.relu, at(1e-7)),
    "abs at 0": (torch.abs, at(0.0)),
    "add, mean(0) for b": (lambda b: AddRow.apply(rows, b), b),
}
warnings.simplefilter("ignore")  # gradcheck warns of float32
for name, (function, place) in cases.items():
    print(f"{name:20}", "agrees" if gradcheck(function, place, raise_exception=False) else "differs")

# %% [markdown]
# It found the wrong factor, that of the mean. Four of the others mislead:
#
# - `x * x` in float32 differs, though the rule is right: there are too few digits for so small a step;
# - `relu` at 0 and at 0.0000001 differs, though the rule is as agreed: one of the two sides lies behind the kink;
# - `abs` at 0 agrees, though there is no derivative: the two sides cancel, by chance, to what was agreed.
#
# So: **check in float64, at random places away from kinks.**
#
# ### More, if there is time: what is the slope of a corner?
#
# At a kink a function has no derivative, and yet `backward` says something. What it says depends on how the function was written. All of these are the same function as `relu`. What will they say at 0? Take a guess for each; there are three different answers.

# %%
spellings = {
    "relu(x)": torch.relu,
    "maximum(x, 0)": lambda x: torch.maximum(x, torch.tensor(0.0)),
    "clamp(x, min=0)": lambda x: torch.clamp(x, min=0),
    "(x + abs(x)) / 2": lambda x: (x + abs(x)) / 2,
}
for name, function in spellings.items():
    x = torch.tensor(0.0, requires_grad=True)
    function(x).backward()
    print(f"{name:17} at 0: {x.grad.item()}")

# %%
h = 0.1
xs = [-0.3 + 0.005 * i for i in range(121)]
measured = [(max(x + h, 0) - max(x - h, 0)) / (2 * h) for x in xs]
figure, axes = plt.subplots(figsize=(6, 2.6))
axes.plot(xs, measured, color="#0072B2", label="measured, h = 0.1")
axes.plot([-0.3, 0], [0, 0], "--", color="#D55E00", label="backward()")
axes.plot([0, 0.3], [1, 1], "--", color="#D55E00")
axes.plot([0, 0, 0], [0, 0.5, 1], "o", color="#D55E00", markerfacecolor="white")
axes.set_xlabel("x")
axes.set_ylabel("slope of relu")
axes.legend()
plt.show()

# %% [markdown]
# *What the figure shows:* the slope of `relu`. What is measured climbs from 0 to 1 between -h and h; what `backward()` computes jumps at 0. The three circles at 0 are the three answers: 0, 0.5 and 1. None is wrong: every slope from 0 to 1 is that of a line that touches the corner from below. In training it does not matter, as long as one rarely stands on the corner exactly.
#
# ### What you have seen
#
# - `backward(v)` brings $v^{\mathsf T} J$: **`v` says how much each element of the result counts.**
# - Each rule turns the vector that it receives into the vector that it sends. A Jacobian is never built; one pass gives one row.
# - **A gradient has the shape of its input.** What was copied forward is summed backward.
# - For `y = x @ w`, each factor receives `grad` times the other one, turned.
# - A derivative can be measured. `gradcheck` finds wrong factors that fit the shape; at kinks, and in float32, measuring itself goes wrong.

# %%
summary("L04")

# %% [markdown]
# ### Read on
#
# - [Broadcasting](https://numpy.org/doc/stable/user/basics.broadcasting.html) in NumPy's documentation.
# - [Gradcheck mechanics](https://pytorch.org/docs/stable/notes/gradcheck.html) and [Autograd mechanics](https://pytorch.org/docs/stable/notes/autograd.html) in PyTorch's: the latter has a section on gradients of functions that are not differentiable everywhere.
# - Baydin, Pearlmutter, Radul and Siskind, [Automatic Differentiation in Machine Learning: a Survey](https://jmlr.org/papers/v18/17-468.html) (2018): section 3.2 on what one pass costs, forwards and backwards.
#
# The next lab: what the graph remembers, and why a walk uses it up.
