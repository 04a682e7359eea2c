# %% [markdown]
# # Autograd: automatic differentiation [Variables, Functions & Gradients]
#
# PyTorch's tutorial of 2017, cell for cell, with its two figures drawn live from the code beside them.
# Then `backward()` once more, slowly: one node at a time, forwards and back, and predicted before it is shown.
#
# **What you'll do:** run a small computation, draw its graph, and walk from its result back to `d(out)/dx`, by machine, step by step, and by hand.
#
# **What you'll learn:** what a `Variable` and a `Function` are, how to read `grad_fn`, where gradients meet and are added, and when `.grad` is filled.
#
# **What you'll need:** a little Python, the derivative of $x^2$, and the chain rule, in words: how fast the result changes with $x$ is how fast it changes with what was made of $x$, times how fast that changes with $x$. Run the cells in their order, with Shift + Enter.
#
# **Minutes:** 45, and about 15 more for the sections marked *More*
#
# **Credit:** text and cells follow the tutorial of the PyTorch authors (2017, BSD-3-Clause); in its code only the import is changed. Added are the paragraphs that begin with *See it*, with the cell after each, the exercises, and all sections between *Gradients* and *Read Later*. Texts and figures are licensed under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/), except for the quotation from Wikipedia.

# %% [markdown]
# The autograd package provides automatic differentiation for all operations on Tensors. It is a define-by-run framework, which means that your backprop is defined by how your code is run, and that every single iteration can be different.
#
# <blockquote lang="de">
#
# [Wiki: Das automatische Differenzieren bzw. Differenzieren von Algorithmen ist ein Verfahren der Informatik und angewandten Mathematik. Zu einer Funktion in mehreren Variablen, die als Prozedur in einer Programmiersprache oder als Berechnungsgraph gegeben ist, wird eine erweiterte Prozedur erzeugt, die sowohl die Funktion als auch einen oder beliebig viele Gradienten, bis hin zur vollen Jacobi-Matrix / Ableitungsmatrix, auswertet.]
#
# </blockquote>
#
# *Source: [Automatisches Differenzieren](https://de.wikipedia.org/wiki/Automatisches_Differenzieren), German Wikipedia, [CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/). In short: from a program that computes a function, a program is made that computes its gradients as well.*

# %% [markdown]
# ### Variable
# `autograd.Variable` is the central class of the package. It wraps a Tensor, and supports nearly all of operations defined on it. Once you finish your computation you can call `.backward()` and have all the gradients computed automatically.
#
# You can access the raw tensor through the `.data` attribute, while the gradient w.r.t. this variable is accumulated into `.grad`.
#
# <img src="../img/Variable.svg" alt="The card of a Variable called x: its cells are data, grad and grad_fn." />

# %% [markdown]
# ### Function
#
# 2nd very important for autograd implementation - a `Function`.
#
# `Variable` and `Function` are interconnected and build up an acyclic graph, that encodes a complete history of computation. Each variable has a .grad_fn attribute that references a Function that has created the Variable (except for Variables created by the user - their grad_fn is None).

# %%
import microtorch as torch
from microtorch.autograd import Variable

# %%
# create a variable
x = Variable(torch.ones(2,2), requires_grad=True)
print(x)

# %% [markdown]
# **See it.** This is the card of the figure above, now of your own `x`. You created it, so its `grad_fn` is None; no gradient has reached it yet.

# %%
from microtorch import viz

viz.card(x)

# %%
# ops on Variables
y = x + 2
print(y)

# %%
# y was created as a result of an operation, so it has a grad_fn.
print(y.grad)

# %% [markdown]
# **See it.** The comment speaks of `grad_fn`, the code prints `grad`: two different things. `grad_fn` is the Function that made `y`. `grad` is None and stays None: gradients are kept for *leaves* only, the Variables you created yourself.

# %%
print(y.grad_fn)
viz.card(y)

# %%
z = y * y * 3
print(z)

out = z.mean()
print(out)

# %% [markdown]
# **Exercise L01-E1.** Before you see the graph: who has made which Variable? Put `"leaf"` or `"made by a Function"` in place of the dots. Run the cell as often as you like: a check says what it saw, and never the answer.

# %%
from microtorch.labs import check, summary

roles = {
    # BEGIN SOLUTION
    "x": "leaf",
    "y": "made by a Function",
    "z": "made by a Function",
    "out": "made by a Function",
    # INSTEAD
    # "x": ...,
    # "y": ...,
    # "z": ...,
    # "out": ...,
    # END SOLUTION
}
check("L01-E1", roles)

# %% [markdown]
# ### Gradients
#
# let’s backprop now `out.backward()` is equivalent to doing `out.backward(torch.Tensor([1.0]))`
# and print gradients `d(out)/dx`:
#
# **See it.** The tutorial's second figure, drawn from your `out`. Values flowed along the thin solid arrows, from `x` to `out`; the gradients will come back along the thick dashed ones. `y * y * 3` is two multiplications, and `y` goes into the first of them twice. Beside each input of a Function stands its rule: what the Function sends back there, made from the `grad` that it receives.

# %%
viz.draw(out)

# %%
out.backward()
print(x.grad)

# %%
viz.card(x)  # the same card once more: its grad is filled

# %% [markdown]
# ### Predict it
#
# `backward()` has run five nodes in one go. Compute the same `out` afresh, and walk back yourself; but before each step, say what will be sent. The stepper below asks, and goes on when you are right. The walk begins with a 1 at `out`, and `Mean` gives each of the four elements of `z` its part of it.
#
# **Exercise L01-E2.** Answer all questions; as often as you like. What the stepper shows you by *Show it* does not count; to begin anew, run its cell again. One number is enough where all four elements are the same; `2.25` and `9/4` are both fine.
#
# <details><summary>A hint</summary>The rule beside each input in the picture is all that is needed: <code>grad</code> is what the node has received. Where a node has received twice, <code>grad</code> is the sum.</details>

# %%
x = Variable(torch.ones(2, 2), requires_grad=True)
y = x + 2
z = y * y * 3
out = z.mean()

quiz = viz.quiz(out)
viz.step(quiz)

# %%
# BEGIN SOLUTION
for question, prediction in zip(quiz.questions, [0.25, 0.75, 2.25, 4.5, 4.5]):
    print(question.answer(prediction))
# INSTEAD
# # On paper, or without a stepper: quiz.questions[0].answer(1), and so on.
# END SOLUTION
check("L01-E2", quiz)

# %% [markdown]
# ### Step through it
#
# Once more, and free to go where you like: *Next* and *Previous*, the slider, a click on a node, or the arrow keys. Go back and forth over the step at which the two gradients meet. What the signs and words mean stands below the picture, in *What the words mean*; *Phases* walks each step in its parts, and *Run until…* goes to what you are looking for.

# %%
x = Variable(torch.ones(2, 2), requires_grad=True)
y = x + 2
z = y * y * 3
out = z.mean()

stepper = viz.step(out)
stepper

# %% [markdown]
# The same walk as a table, with the rules. `grad` is what the node has received:
#
# | step | node | it made | receives | its rule | sends |
# |:-:|:--|:--|:--|:--|:--|
# | 1 | **Mean** | `out` | 1 | `grad / 4` | 0.25 to each element of `z` |
# | 2 | **Mul** | `z` | 0.25 | `grad * 3` | 0.75 to `y * y` |
# | 3 | **Mul** | `y * y` | 0.75 | `grad * y`, for each of its two inputs | 2.25 to `y`, and 2.25 to `y` again |
# | 4 | **Add** | `y` | 2.25 + 2.25 = **4.5** | `grad` | 4.5 to `x` |
# | 5 | **Accumulate**, in the box of `x` | | 4.5 | add it to `.grad` | nothing: `x.grad` is 4.5 |
#
# The heart of it is between steps 3 and 4. Two paths lead back from `y * y` to `y`, one for each factor, and **what comes along several paths is added**. That is the product rule: $(y \cdot y)' = 1 \cdot y + y \cdot 1 = 2y$. Nobody programmed $2y$; it came about by adding.
#
# The stepper moves the real `.grad`. After step 3 both contributions have arrived at `y`, but nothing has reached the leaf: only the last node, Accumulate, writes to `x.grad`.

# %%
for position in (3, 5):
    stepper.position = position
    print("after step", position, "x.grad is", x.grad)

# %% [markdown]
# Back at the start, it was never there. And now it is yours: move the stepper above to any place, and run the second of these cells again.

# %%
stepper.position = 0

# %%
print(x.grad)

# %% [markdown]
# ### More: 4.5 by hand
#
# With $y_i = x_i + 2$ and four elements, the code above says
#
# $$\mathrm{out} = \frac{1}{4} \sum_i 3 (x_i + 2)^2$$
#
# One element of $x$ occurs in one term of the sum only, so
#
# $$\frac{\partial\, \mathrm{out}}{\partial x_i} = \frac{3}{2} (x_i + 2), \qquad\text{and at } x_i = 1 \text{ that is } \frac{3}{2} \cdot 3 = 4.5$$
#
# Autograd did neither of two things that are often taken for it. It did not rearrange formulas as we just have: it worked with numbers, node by node. And it did not nudge $x$ to see what happens to `out`. That is how one *checks* a gradient; here, nudging $x_{00}$ down and up by 0.5, so by 1 in all, makes `out` grow by 4.5 (exactly, since the formula is quadratic):

# %%
def f(x):
    y = x + 2
    return (y * y * 3).mean()

print(f(torch.Tensor([[1.5, 1], [1, 1]])) - f(torch.Tensor([[0.5, 1], [1, 1]])))

# %% [markdown]
# ### More: where the 1 comes from
#
# The walk began with a 1: the gradient of `out` with respect to itself. The tutorial said that giving this 1 yourself is equivalent:

# %%
x = Variable(torch.ones(2, 2), requires_grad=True)
out = f(x)
out.backward(torch.Tensor([1.0]))
print(x.grad)

# %% [markdown]
# ### Change it
#
# Three changes. Each time, write down what `x.grad` will be (one number: all four elements are the same), check it, and only then walk there with the stepper below.
#
# **Exercise L01-E3.** The 3 becomes a 6: `z = y * y * 6`. Which steps send other numbers, and which do not?

# %%
# BEGIN SOLUTION
prediction = 9
# INSTEAD
# prediction = ...
# END SOLUTION
check("L01-E3", prediction)

# %% [markdown]
# **Exercise L01-E4.** The 3 is back, and it is a sum: `out = z.sum()` in place of `z.mean()`.

# %%
# BEGIN SOLUTION
prediction = 18
# INSTEAD
# prediction = ...
# END SOLUTION
check("L01-E4", prediction)

# %% [markdown]
# **Exercise L01-E5.** Another way back: `z = x * y * 3`, and `z.mean()` again. Where do the two paths meet now?

# %%
# BEGIN SOLUTION
prediction = 3
# INSTEAD
# prediction = ...
# END SOLUTION
check("L01-E5", prediction)

# %%
# Walk there: change this cell as each exercise says.
x = Variable(torch.ones(2, 2), requires_grad=True)
y = x + 2
z = y * y * 3
out = z.mean()

viz.step(out)

# %% [markdown]
# ### More: a new function
#
# **Exercise L01-E6.** Autograd knows the derivative of each operation, and nothing of your formula. Do its work once by hand: `slope(v)` gives the derivative of `1 / (v * v + 1)` at a number `v`. Do it as the walk does, from the result back to `v`: three operations, the square, the sum, the quotient; multiply what comes along.
#
# <details><summary>A hint</summary>Call the sum b. 1 / b sends back <code>-grad / (b * b)</code>; the sum hands it on unchanged; the square sends <code>grad * v</code> to v, twice.</details>

# %%
def slope(v):
    """The derivative of 1 / (v * v + 1) with respect to v, a float."""
    # BEGIN SOLUTION
    a = v * v
    b = a + 1
    grad = -1 / (b * b)  # what 1 / b sends to b, and b = a + 1 to a
    return grad * v + grad * v
    # END SOLUTION

check("L01-E6", slope)

# %% [markdown]
# ### What you have seen
#
# - A `Variable` that you wrote down is a **leaf**; every other one knows the Function that made it, its `grad_fn`.
# - The graph came about **by running** the code. Nothing had to be declared.
# - `backward()` walks it from the result to the leaves. Each node multiplies what it receives by its own derivative: the **chain rule**.
# - What comes along several paths **is added**, and a node waits until all of it is there.
# - Only the leaf's last node, Accumulate, writes to `.grad`.

# %%
summary("L01")

# %% [markdown]
# ### Read Later:
#
# Documentation of `Variable` and `Function` is at http://pytorch.org/docs/autograd
#
# That address is of 2017. Today: [Autograd mechanics](https://pytorch.org/docs/stable/notes/autograd.html) in PyTorch's documentation. Baydin, Pearlmutter, Radul and Siskind, [Automatic Differentiation in Machine Learning: a Survey](https://jmlr.org/papers/v18/17-468.html) (2018), tells autograd from symbolic and numerical differentiation. The next lab: leaves, accumulation, zeroing.
