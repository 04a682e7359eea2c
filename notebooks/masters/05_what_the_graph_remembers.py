# %% [markdown]
# # What the graph remembers
#
# Between forward and backward the graph holds on to numbers: which ones, for how long, and what if somebody changes them?
# The answers explain the two best-known errors of autograd, and one mistake that raises none.
#
# **What you'll do:** find out what each operation saves, watch it being freed, say of twelve programs whether they raise or run, stop a leak, and repair a gradient that is silently wrong.
#
# **What you'll learn:** what "the values were freed" means, and when `retain_graph` is the wrong answer; what an in-place operation breaks, and what it does not; how `detach`, `no_grad`, `.data` and `eval()` differ.
#
# **What you'll need:** labs 1 and 2: the graph, the stepper, leaves.
#
# **Minutes:** 60 to 85
#
# **Credit:** texts and figures are licensed under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/).

# %%
import microtorch as torch
from microtorch import nn, viz
from microtorch.labs import check, summary

torch.set_printoptions(style="tensor")


def attempt(program):
    """Run it and say what comes of it."""
    try:
        result = program()
        print(f"{program.__name__:6}  runs" + ("" if result is None else f"    and returns {result}"))
    except RuntimeError as error:
        print(f"{program.__name__:6}  raises  {str(error).split(':')[0][:76]} ...")

# %% [markdown]
# ### Three programs
#
# Each of the three computes something from `x` and asks for its gradient. Read them, and guess: which of them raise an error? And which is the worst of the three?

# %%
def first():
    x = torch.tensor([0.0, 1.0], requires_grad=True)
    y = (x * x).sum()
    y.backward()
    y.backward()
    return x.grad


def second():
    x = torch.tensor([0.0, 1.0], requires_grad=True)
    y = x.exp()
    y += 1
    y.sum().backward()
    return x.grad


def third():
    x = torch.tensor([0.0, 1.0], requires_grad=True)
    y = x.exp()
    y.data += 1
    y.sum().backward()
    return x.grad


for program in (first, second, third):
    attempt(program)

# %% [markdown]
# The first two raise. They are a nuisance, and they save you. The third runs, and what it returns is wrong: the derivative of $e^x + 1$ is $e^x$, so 1 and 2.7183, not 2 and 3.7183. Nobody is told.
#
# Behind all three is the same question: **what does the graph remember?**
#
# ### What a node saves
#
# A node needs its local derivative on the way back, and for that it may need numbers from the way there. The derivative of $x \cdot z$ by $x$ is $z$: Mul has to keep its inputs. Others need less.
#
# **Exercise L05-E1.** What does the node of each operation save: `"inputs"`, `"result"`, or `"nothing"`? Write down the derivative, and see what occurs in it. If both would do, take the result: it is there anyway.
#
# <details><summary>A hint</summary>(e^x)' = e^x, tanh(x)' = 1 − tanh(x)², sin(x)' = cos(x). The derivative of a sum, by each of its terms, is 1.</details>

# %%
saves = {
    # BEGIN SOLUTION
    "x + z": "nothing",
    "x * z": "inputs",
    "x.exp()": "result",
    "x.sin()": "inputs",
    "x.tanh()": "result",
    "x.sum()": "nothing",
    # INSTEAD
    # "x + z": ...,
    # "x * z": ...,
    # "x.exp()": ...,
    # "x.sin()": ...,
    # "x.tanh()": ...,
    # "x.sum()": ...,
    # END SOLUTION
}
check("L05-E1", saves)

# %% [markdown]
# Each node tells it itself:

# %%
x = torch.tensor([0.0, 1.0], requires_grad=True)
z = torch.tensor([3.0, 4.0], requires_grad=True)
for y in (x + z, x * z, x.exp(), x.sin(), x.tanh(), x.sum()):
    saved = [[round(number, 4) for number in each.tolist()] for each in y.grad_fn.saved_tensors]
    print(f"{y.grad_fn.name():14} {saved}")

# %% [markdown]
# **See it.** In the picture, what is saved stands as a small grey label in the box of its node. Exp has one, its result `h`. Mul has saved both of its inputs; since they are the same `h`, the label stands there once. Sum has none.

# %%
h = x.exp()
out = (h * h).sum()
viz.draw(out)

# %% [markdown]
# These labels are where the memory of a training goes. Weights are few, and saved once; what is saved on the way through a network grows with the batch, and every layer adds to it.
#
# ### And then it is freed
#
# So nobody wants to keep it for longer than it is needed. How long is that? Guess, then walk. This walk begins before there is a graph: on the way forth each node says what it *keeps*; on the way back, what *would be freed*, and its label is struck out. (Would be: the stepper keeps everything, so that you can go back. In a narrow cell the picture has no labels; the lines beneath it say the same.)

# %%
viz.step(out, forward=True)

# %% [markdown]
# In words:
#
# | step | node | sends | and frees |
# |:-:|:--|:--|:--|
# | 1 | Sum | 1 to each element | nothing: it had nothing |
# | 2 | Mul | `grad * h`, twice, to `h` | its two inputs |
# | 3 | Exp | `grad * h` to `x` | its result |
# | 4 | the box of `x` accumulates | | nothing: it had nothing |
#
# A node that has had its turn **frees what it saved**. The edges stay: after `backward()` the graph can still be drawn, and says in its column *saved* what has become of it.

# %%
x.grad = None  # whatever the walk above has left there
out.backward()
print(viz.draw(out))

# %% [markdown]
# A second `backward()` needs the same numbers once more. Where a node has to send something for which the numbers are gone, it is refused. Where none were needed, nothing is missing.
#
# **Exercise L05-E2.** Six programs: `"raises"` or `"runs"`? Decide for all six before you run the second cell.
#
# <details><summary>A hint</summary>Go from each backward() to the leaf, node by node. Did the node save something? Has it had its turn before? A node that is made anew has everything.</details>

# %%
def leaf():
    return torch.tensor([0.5, 1.0], requires_grad=True)


def a():
    x = leaf()
    y = (x + 2).sum()
    y.backward()
    y.backward()


def b():
    x = leaf()
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()


def c():  # computed anew
    x = leaf()
    for _ in range(2):
        y = (x * x).sum()
        y.backward()


def d():  # two results with a common part
    x = leaf()
    h = x.exp()
    h.sum().backward()
    (h * 3).sum().backward()


def e():  # two results with a common part
    x = leaf()
    h = x + 2
    (h * h).sum().backward()
    h.sin().sum().backward()


def f():  # a state that goes from turn to turn
    x = leaf()
    state = torch.ones(2)
    for _ in range(2):
        state = (x * state).tanh()
        state.sum().backward()

# %%
twice = {
    # BEGIN SOLUTION
    "a": "runs",
    "b": "runs",
    "c": "runs",
    "d": "raises",
    "e": "runs",
    "f": "raises",
    # INSTEAD
    # "a": ...,
    # "b": ...,
    # "c": ...,
    # "d": ...,
    # "e": ...,
    # "f": ...,
    # END SOLUTION
}
check("L05-E2", twice)

# %%
for program in (a, b, c, d, e, f):
    attempt(program)

# %% [markdown]
# ### The wrong remedy
#
# The message names a remedy, `retain_graph=True`: then nothing is freed, and `f` runs, too. Is that what one wants? Before you run the cell: how many nodes has the graph behind `state` in the first turn, and how many in the fifth?

# %%
x = leaf()
state = torch.ones(2)
for turn in range(1, 6):
    state = (x * state).tanh()
    out = state.sum()
    out.backward(retain_graph=True)
    print("turn", turn, "nodes behind out:", len(viz.snapshot(out).nodes))

# %% [markdown]
# Two more in each turn, for ever: the state remembers how it came about, back to the beginning. Each `backward()` walks through all of it, so a thousand turns make half a million steps, none of whose memory is given back.
#
# Mostly one wants the *values* of the last turn, and not its history: `state = state.detach()`. `retain_graph` is right where one graph really is to be walked twice, as in `b`; for `d` there is something simpler, one walk from the sum of both.
#
# The same leak, in its most frequent form, is a sum of losses, kept for printing: `total += loss`. While one trains, each loss brings its nodes along, emptied. Where one only measures, no `backward()` ever frees anything, and the sum keeps all numbers of all batches, until the memory is full. Nothing is raised.
#
# **Exercise L05-E3.** Repair `mean_loss`: what it returns is to remember nothing, and no turn is to keep the graphs of those before it alive.
#
# <details><summary>A hint</summary>Which line puts a tensor with a history into something that outlives the turn? What is wanted of it there is a number.</details>

# %%
def mean_loss(w, data):
    """Return the mean of the squared errors of w * x, as a number or a tensor without history.

    w: a leaf, one number. data: pairs of tensors, one number each.
    """
    # BEGIN SOLUTION
    total = 0.0
    for x, target in data:
        loss = (w * x - target) ** 2
        total += loss.item()
    return total / len(data)
    # INSTEAD
    # total = 0.0
    # for x, target in data:
    #     loss = (w * x - target) ** 2
    #     total += loss
    # return total / len(data)
    # END SOLUTION

check("L05-E3", mean_loss)

# %% [markdown]
# ### What if somebody changes it?
#
# What a node has saved is no copy. It is the array itself, shared with the tensor that you hold: a copy would double the memory. So an operation *in place* (`y += 1`, `y.mul_(2)`, `y[0] = 0`) can change what a node will need.
#
# Therefore every tensor counts its changes, its **version**, and a node remembers at which version it saved. On the way back the two are compared.

# %%
x = leaf()
h = x * 2
y = h * h
print("saved at version", h._version)
h += 1
print("now at version  ", h._version)

# %% [markdown]
# **See it.** Where will the walk stop: at Sum, at the Mul that is `h * h`, or at the Mul that is `x * 2`? Say it, then step.

# %%
out = y.sum()
viz.step(out)

# %% [markdown]
# It stops at `h * h`, since that is where `h` was saved: the node is red and has a cross, and nothing is written to `x.grad`. The message (scroll in it) says all of it: which version was expected, which is there, who saved it, and which line of which cell changed it.
#
# It does not say "in-place operations are forbidden". One question decides: **was what is changed here saved by anyone?**
#
# **Exercise L05-E4.** Six programs once more: `"raises"` or `"runs"`?
#
# <details><summary>A hint</summary>Exercise 1 tells who saved what: Add nothing, Mul its inputs, Exp its result, Sin its input. For y += 1 ask who saved y. And y = y + 1 changes nothing: it makes a new tensor, and gives it the name.</details>

# %%
def a():
    x = leaf()
    y = x.exp()
    y += 1
    y.sum().backward()


def b():
    x = leaf()
    y = x.sin()
    y += 1
    y.sum().backward()


def c():
    x = leaf()
    y = x.exp()
    y = y + 1
    y.sum().backward()


def d():
    x = leaf()
    h = x + 2
    y = h + h
    h += 1
    y.sum().backward()


def e():  # the update, and then backward()
    w = leaf()
    loss = (w * w).sum()
    with torch.no_grad():
        w -= 0.1
    loss.backward()


def f():  # backward(), and then the update
    w = leaf()
    loss = (w * w).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad

# %%
in_place = {
    # BEGIN SOLUTION
    "a": "raises",
    "b": "runs",
    "c": "runs",
    "d": "runs",
    "e": "raises",
    "f": "runs",
    # INSTEAD
    # "a": ...,
    # "b": ...,
    # "c": ...,
    # "d": ...,
    # "e": ...,
    # "f": ...,
    # END SOLUTION
}
check("L05-E4", in_place)

# %%
for program in (a, b, c, d, e, f):
    attempt(program)

# %% [markdown]
# In `f`, `w -= ...` stands under `no_grad`. Without it, microtorch and PyTorch refuse to change a leaf that wants a gradient. And `w = w - 0.1 * w.grad` is another thing altogether: it makes a new tensor, and the old leaf has no name any more (lab 2).
#
# ### Past the counter
#
# `y.data` is the same array once more, as a tensor without history, and **its changes are not counted**. That is all that is behind the third program.
#
# **Exercise L05-E5.** At $x = 0$: `y = x.exp()`, then `y.data += 2`, then `y.backward()`. What is `x.grad`?
#
# <details><summary>A hint</summary>The rule of Exp is grad * y, with the y that it saved. What does it find there?</details>

# %%
# BEGIN SOLUTION
prediction = 3
# INSTEAD
# prediction = ...
# END SOLUTION
check("L05-E5", prediction)

# %% [markdown]
# How does one find such a mistake, when nothing is raised? By measuring. `viz.nudge` moves each element of `x` a little, looks what that makes of the result, and lays the slope beside the gradient:

# %%
def grown(x):
    y = x.exp()
    y.data += 2
    return y.sum()

x = torch.zeros(1, requires_grad=True)
print(viz.nudge(grown, x, h=0.01))

# %% [markdown]
# `y.detach()` is the same array without history, too, but its changes *are* counted. The same program with `detach()` raises, and says where. That is why one writes `detach()` today, and `.data` stands in old code. Neither of them makes a copy: that is `clone()`.
#
# **Exercise L05-E6.** Someone wants to look at `y` while training, with its large values cut off, and since then nothing is learned as it should be. Repair `loss_and_picture`: loss and gradient are to be those of $e^x$, and the picture is to have no history. Which of the three, `detach`, `clone`, or an operation that is not in place, do you need?
#
# <details><summary>A hint</summary>The picture needs memory of its own, and no history. clamp (without the underscore) makes a new tensor.</details>

# %%
def loss_and_picture(x):
    """Return the sum of exp(x), and exp(x) with everything above 1 cut off, without history.

    x: a leaf of any shape. The picture has the same shape.
    """
    # BEGIN SOLUTION
    y = x.exp()
    loss = y.sum()
    picture = y.detach().clamp(max=1)
    return loss, picture
    # INSTEAD
    # y = x.exp()
    # loss = y.sum()
    # picture = y.data
    # picture.clamp_(max=1)
    # return loss, picture
    # END SOLUTION

check("L05-E6", loss_and_picture)

# %% [markdown]
# ### Not to remember at all
#
# Four things are often taken for the same. They are not:
#
# | | what it does |
# |:--|:--|
# | `with torch.no_grad():` | nothing that is computed *inside* is recorded |
# | `y.detach()` | a second tensor on the same memory, without history; `y` itself keeps its own |
# | `y.data` | the same, but changes are not counted |
# | `model.eval()` | dropout and batch normalization behave as in use; what is recorded stays the same |
#
# **Exercise L05-E7.** Which of these results still has a history, so that a gradient can flow back from it to `w`? Put `"remembers"` or `"cut off"`.

# %%
w = torch.tensor([0.5, 1.0], requires_grad=True)
y = w * w

with torch.no_grad():
    inside = w * w
detached = y.detach()
after = y * 2  # y itself, after y.detach()
copied = y.clone()

model = nn.Sequential(nn.Linear(2, 1), nn.Dropout(0.5))
model.eval()
evaluated = model(w)

with torch.no_grad():
    stepped = w - 0.1 * w  # not in place: like w = w - 0.1 * w.grad

# %%
history = {
    # BEGIN SOLUTION
    "inside": "cut off",
    "detached": "cut off",
    "after": "remembers",
    "copied": "remembers",
    "evaluated": "remembers",
    "stepped": "cut off",
    # INSTEAD
    # "inside": ...,
    # "detached": ...,
    # "after": ...,
    # "copied": ...,
    # "evaluated": ...,
    # "stepped": ...,
    # END SOLUTION
}
check("L05-E7", history)

# %%
for name in ("inside", "detached", "after", "copied", "evaluated", "stepped"):
    print(f"{name:10}", globals()[name].requires_grad)

# %% [markdown]
# ### What you have seen
#
# Back to the three programs. Say for each of them, in one sentence, why it does what it does; then compare:
#
# - `first` raises: Mul **saved** its inputs and **freed** them at its turn; the second pass finds nothing.
# - `second` raises: Exp saved its result, and `y += 1` **changed** it; the version tells.
# - `third` is silently wrong: `.data` changes the same memory **past the counter**.
#
# And three things to take along:
#
# - What is saved follows from the derivative. Who saved nothing can be walked again, and changed.
# - A history that nobody needs is cut with `detach()` or made a number with `item()`. `retain_graph=True` keeps it instead.
# - A gradient that you do not trust can be measured: `viz.nudge`.

# %%
summary("L05")

# %% [markdown]
# ### Read on
#
# [Autograd mechanics](https://pytorch.org/docs/stable/notes/autograd.html) in PyTorch's documentation, on saved tensors, in-place operations, and the ways of disabling gradients. [My model reports "cuda runtime error(2): out of memory"](https://pytorch.org/docs/stable/notes/faq.html), in its FAQ, on histories that are accumulated. [The discussion of `.data` and `detach()`](https://github.com/pytorch/pytorch/issues/6990). The next lab: train a network, with all of this.
