# %% [markdown]
# # Leaves, accumulation, zeroing
#
# Three lines of a training loop look right, and it does not learn.
# To see why, follow one attribute, `.grad`: who has one, when it is written, and what happens to what was in it.
#
# **What you'll do:** predict which of six tensors get a gradient, walk a second `backward()` over the first, count a weight that is used twice, and repair two training loops.
#
# **What you'll learn:** what a leaf is, and how to lose one; why `backward()` adds to `.grad` instead of replacing it; where in a loop to clear it.
#
# **What you'll need:** lab 1: the graph, the chain rule, the stepper. Run the cells in their order, with Shift + Enter.
#
# **Minutes:** 45 to 60
#
# **Credit:** texts and figures are licensed under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/).

# %% [markdown]
# Lab 1 wrote `Variable(torch.ones(2, 2), requires_grad=True)`, as one did in 2017; since 2018 PyTorch's tensors have the gradient themselves, so from now on it is `torch.ones(2, 2, requires_grad=True)`, and prints as today's tensors do.

# %%
import matplotlib.pyplot as plt
import microtorch as torch
from microtorch import viz
from microtorch.labs import check, summary

torch.set_printoptions(style="tensor")

# %% [markdown]
# ### A loop that should learn
#
# Water runs into a tank. After 0, 1, 2, 3, 4 hours it stands at 1, 3, 5, 7, 9 metres. The loop looks for the two numbers behind that: `level = w * hours + b`, so $w = 2$ and $b = 1$. Each turn computes the loss, asks for its gradients, and moves `w` and `b` a little against them.
#
# Read it before you run it. What do you expect of the sixty losses: will they fall to 0, stay where they are, or do something else?

# %%
hours = torch.tensor([0.0, 1, 2, 3, 4])
level = torch.tensor([1.0, 3, 5, 7, 9])

w = torch.tensor(0.0, requires_grad=True)
b = torch.tensor(0.0, requires_grad=True)
swinging = []
for _ in range(60):
    loss = ((w * hours + b - level) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
        b -= 0.01 * b.grad
    swinging.append(loss.item())

print("the first ten:", [round(each, 1) for each in swinging[:10]])
print("the last ten: ", [round(each, 1) for each in swinging[-10:]])

# %% [markdown]
# It falls from 33 to 0.3 in four turns: the gradients must be right. Then it climbs to 34, higher than where it began, falls again, and so on for ever. Nothing is raised, nothing is NaN, and a smaller step does not help: it only makes the swings slower.
#
# Keep that in mind. At the end you will know what it is, and why it *swings*.

# %% [markdown]
# ### Who gets a gradient?
#
# A **leaf** is a tensor that no recorded operation has made: its `grad_fn` is None. `backward()` writes `.grad` of leaves that ask for it with `requires_grad=True`, and of no other tensor. What was computed can be told to keep its gradient, too: `h.retain_grad()`.
#
# Here is a small program with six tensors.

# %%
x = torch.ones(2, 2, requires_grad=True)
data = torch.full((2, 2), 2.0)
y = x + data
h = y * 3
h.retain_grad()
w = torch.ones(2, 2, requires_grad=True) * 0.1
unused = torch.ones(2, requires_grad=True)

out = (h * w).mean()

# %% [markdown]
# **Exercise L02-E1.** After `out.backward()`, which of them have a `.grad`? Put `"filled"` or `"stays None"` in place of the dots. (Predict first. The walk comes right after.)
#
# <details><summary>A hint</summary>Of each, ask three things. Is it a leaf, or told to keep its gradient? Does it ask for one? Does a path lead from out to it?</details>

# %%
grads = {
    # BEGIN SOLUTION
    "x": "filled",
    "data": "stays None",
    "y": "stays None",
    "h": "filled",
    "w": "stays None",
    "unused": "stays None",
    # INSTEAD
    # "x": ...,
    # "data": ...,
    # "y": ...,
    # "h": ...,
    # "w": ...,
    # "unused": ...,
    # END SOLUTION
}
check("L02-E1", grads)

# %% [markdown]
# **See it.** Walk there. Watch the boxes of the leaves: where does a `.grad` appear, and at which kind of step? And which leaf is it that gets the gradient of `w`?

# %%
viz.step(out)

# %% [markdown]
# `.grad` is filled at one kind of step only, where a leaf **accumulates**; the Function that does it, AccumulateGrad, sits in the box of each leaf that asks for a gradient. Gradients flow *through* `y` and are gone (`h` takes a copy as they pass, since it was told to): a network has thousands of such intermediate results, and to keep all their gradients would cost as much memory as the results themselves.
#
# The leaf without a name is worth a second look. It asked for a gradient and got it, 0.225. Then it was multiplied by 0.1, and the name `w` went to the product. Nobody can reach the leaf any more.
#
# `viz.why` tells the reasons apart. Four times None, and three different reasons:

# %%
out.backward()
for name, tensor in {"data": data, "y": y, "w": w, "unused": unused}.items():
    print(f"{name:6} is_leaf {tensor.is_leaf!s:5}  grad {tensor.grad}  because: {viz.why(tensor, out).reason}")

# %% [markdown]
# `is_leaf` alone does not say it all: `data` is a leaf as well, one that asks for nothing.
#
# ### How to lose a leaf
#
# One wants small weights to begin with, writes `torch.randn(3, requires_grad=True) * 0.01`, and trains a tensor that is none. The same happens with `.view(3, 1)`, with `.double()`, and, where there is a GPU, with `.to("cuda")`: each is an operation, and its result is computed. The order is what matters: first all that makes the numbers, *then* `requires_grad`.
#
# **Exercise L02-E2.** Write `small_weight(values)`: a hundredth of the values, as a leaf that asks for a gradient.
#
# <details><summary>A hint</summary>A tensor that does not require a gradient yet may be computed as you like: nothing is recorded, and the result is a leaf. The method <code>.requires_grad_()</code> asks for a gradient from then on, and gives back the tensor itself.</details>

# %%
def small_weight(values):
    """Return a leaf that requires a gradient and holds 0.01 * values.

    values: a tensor of any shape that requires no gradient; it is not changed.
    """
    # BEGIN SOLUTION
    return (values * 0.01).requires_grad_()
    # END SOLUTION

check("L02-E2", small_weight)

# %% [markdown]
# ### A second backward
#
# The computation of lab 1, in today's words. Its gradient was 4.5.

# %%
def f(x):
    y = x + 2
    return (y * y * 3).mean()

x = torch.ones(2, 2, requires_grad=True)
f(x).backward()
print(x.grad)

# %% [markdown]
# **Exercise L02-E3.** Nothing is cleared, `f(x)` is computed afresh, and `backward()` is called once more. What is each element of `x.grad` then?

# %%
# BEGIN SOLUTION
prediction = 9
# INSTEAD
# prediction = ...
# END SOLUTION
check("L02-E3", prediction)

# %% [markdown]
# **See it.** This is the second pass. All its nodes receive and send what they did in the first. Only the last step is another one: go there, and read the box of `x`.

# %%
out = f(x)
stepper = viz.step(out)
stepper

# %%
for position in (5, 0):
    stepper.position = position
    print("after step", position, "of the second pass, x.grad is", x.grad.tolist())

# %% [markdown]
# `x.grad` was 4.5, and 4.5 more arrived: **`backward()` adds to `.grad`**, it does not replace it. That is why its last step is called *accumulate*.
#
# Many who meet this take it for a bug, and many have offered to repair it. It is meant, and the next two sections are the reason. The price is that *you* have to say when a new sum begins.
#
# ### One weight, two places
#
# A weight is often used more than once: at each time step of a recurrent network, at each place of an image, for each word of a sentence. Here in two places:
#
# $$h = w x + 1, \qquad \mathrm{out} = w h$$
#
# **Exercise L02-E4.** With $w = 2$ and $x = 3$: what is `w.grad`? Say first what arrives along each of the two ways.
#
# <details><summary>A hint</summary>Along the short way the other factor arrives, h. Along the long way the gradient goes through the second product to h, and from there through the first one: multiply along the way.</details>

# %%
# BEGIN SOLUTION
prediction = 13
# INSTEAD
# prediction = ...
# END SOLUTION
check("L02-E4", prediction)

# %%
w = torch.tensor(2.0, requires_grad=True)
x = torch.tensor(3.0)
h = w * x + 1
out = w * h

viz.step(out)

# %% [markdown]
# So there are two sums, and they are of the same kind:
#
# | | where | what is added |
# |:--|:--|:--|
# | within a pass | at a node that waits | what comes along several ways |
# | from pass to pass | in `.grad` | what several passes bring |
#
# Because both add, it makes no difference whether a weight is used twice in *one* graph or once in each of *two*. If `.grad` were replaced, it would.
#
# ### Large sums in small parts
#
# A batch of data may be too large for the memory. Its loss is a sum over the data, the gradient of a sum is the sum of the gradients, and `.grad` adds anyway. So: one part after the other, a `backward()` for each, one update at the end.
#
# **Exercise L02-E5.** Complete `gradient_in_parts`: after all parts, `w.grad` is to be the gradient of the *mean* squared error over *all* data. The last part may be smaller than the others.
#
# <details><summary>A hint</summary>Each element counts one part in all of them. By what has the sum of squares in a part to be divided: by the length of the part, by the number of parts, or by something else?</details>

# %%
def gradient_in_parts(w, hours, level, size):
    """Return the gradient of ((w * hours - level) ** 2).mean() with respect to w.

    w: a leaf, one number. hours, level: shape (n,). No graph may hold more than `size` of the n elements.
    """
    w.grad = None
    for start in range(0, len(hours), size):
        some_hours = hours[start : start + size]
        some_level = level[start : start + size]
        # BEGIN SOLUTION
        squares = (w * some_hours - some_level) ** 2
        (squares.sum() / len(hours)).backward()
        # END SOLUTION
    return w.grad

check("L02-E5", gradient_in_parts)

# %% [markdown]
# ### When does a new sum begin?
#
# Now the other side. In a training loop each turn wants the gradient of *this* turn, so `.grad` has to be cleared once a turn: `w.grad = None`, or `w.grad.zero_()`, or, for all weights of a network, `optimizer.zero_grad()`. But where? Five places, A to E:

# %%
def train(place, steps=60):
    """The loop from the beginning, cleared at one of five places; returns the losses."""
    w = torch.tensor(0.0, requires_grad=True)
    b = torch.tensor(0.0, requires_grad=True)

    def clear(here):
        if here == place:
            for leaf in (w, b):
                if leaf.grad is not None:
                    leaf.grad.zero_()

    losses = []
    clear("A")
    for _ in range(steps):
        clear("B")
        loss = ((w * hours + b - level) ** 2).mean()
        clear("C")
        loss.backward()
        clear("D")
        with torch.no_grad():
            w -= 0.01 * w.grad
            b -= 0.01 * b.grad
        clear("E")
        losses.append(loss.item())
    return losses

# %% [markdown]
# **Exercise L02-E6.** What does the loss do, if the gradients are cleared there and nowhere else? Put `"falls"`, `"swings"` or `"stays"` in place of the dots, for each place. Then run all five, in the cell below.

# %%
places = {
    # BEGIN SOLUTION
    "A": "swings",
    "B": "falls",
    "C": "falls",
    "D": "stays",
    "E": "falls",
    # INSTEAD
    # "A": ...,
    # "B": ...,
    # "C": ...,
    # "D": ...,
    # "E": ...,
    # END SOLUTION
}
check("L02-E6", places)

# %%
figure, axes = plt.subplots(figsize=(6, 2.5), layout="constrained")
for place, line in zip("ABCDE", ["-", "-", "--", "-.", ":"]):
    losses = train(place)
    axes.plot(losses, line, label=place)
    print(place, "begins", [round(each, 2) for each in losses[:4]], "ends", round(losses[-1], 2))
axes.set(xlabel="turn of the loop", ylabel="loss")
axes.legend(title="cleared at", loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# *The figure:* the losses of five loops over sixty turns. A swings between 0 and 34 without end; D is a level line at 33; B, C and E are one and the same curve, which falls to almost 0 within twenty turns and stays there. In the first turns A is the fastest of all.
#
# B, C and E are the same, since nobody looks at `.grad` in between. Most people write B or E.
#
# Why does A *swing*, and not simply go too fast? Its `.grad` is the sum of all gradients so far. When `w` reaches the right value, the new gradient is 0, but the old ones are still in the sum and drive `w` on, past the valley and up the other slope, until the new gradients have used them up. It is a ball in a bowl without friction. (With a little friction this is a well-known optimizer, *momentum*: lab 6.)
#
# `viz.record` watches a loop and finds this by itself:

# %%
with viz.record() as run:
    train("A")
for flag in run.flags:
    print(flag)

# %% [markdown]
# ### Clearing, seen
#
# After the walk comes what the stepper does not replay: the update, and the clearing. `viz.update` tells it. Before you run the cell: the loss is $w^2$ at $w = 3$, the rate 0.1. What will `w` be, and what `w.grad`?

# %%
w = torch.tensor(3.0, requires_grad=True)
loss = w * w
walk = viz.trace(loss)
with viz.update(walk) as told:
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
print(told)

# %% [markdown]
# Step 3 tells of `w`, step 4 of `.grad`: two things, and only you do the second.
#
# ### Repair it
#
# **Exercise L02-E7.** A colleague's loop, for the same tank. It begins with other numbers, a tenth of 5 and a tenth of -5, and it has two faults, both of this lab. Find and repair them. The first of them raises an error, which the check shows.
#
# <details><summary>A hint</summary>The error says that something is None. What, and which of the reasons above is it? The second is the one you saw at the beginning.</details>

# %%
def fit(hours, level, steps, rate):
    """Return w and b after so many steps of gradient descent on the mean squared error of w * hours + b.

    hours, level: shape (n,). w, b: leaves, one number each, 0.5 and -0.5 at first.
    """
    # BEGIN SOLUTION
    w = torch.tensor(0.1 * 5.0, requires_grad=True)
    b = torch.tensor(0.1 * -5.0, requires_grad=True)
    for _ in range(steps):
        w.grad = b.grad = None
        loss = ((w * hours + b - level) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
    return w, b
    # INSTEAD
    # w = 0.1 * torch.tensor(5.0, requires_grad=True)
    # b = 0.1 * torch.tensor(-5.0, requires_grad=True)
    # for _ in range(steps):
    #     loss = ((w * hours + b - level) ** 2).mean()
    #     loss.backward()
    #     with torch.no_grad():
    #         w -= rate * w.grad
    #         b -= rate * b.grad
    # return w, b
    # END SOLUTION

check("L02-E7", fit)

# %% [markdown]
# ### What you have seen
#
# - A **leaf** was made by no recorded operation. `.grad` is written for leaves that require a gradient, where they accumulate; for others, only after `retain_grad()`.
# - An operation on a leaf gives a tensor that is none: **first the numbers, then `requires_grad`**.
# - What arrives is **added**: within a pass at a node that waits, from pass to pass in `.grad`. So one weight may stand in many places, and one batch may come in many parts.
# - Who wants a new sum **clears** `.grad`: once a turn, anywhere but between `backward()` and the update.
# - A loop that does not clear is a ball without friction: it swings.

# %%
summary("L02")

# %% [markdown]
# ### Read on
#
# [Autograd mechanics](https://pytorch.org/docs/stable/notes/autograd.html) in PyTorch's documentation, on `requires_grad` and leaves. [Grad is None after using view](https://github.com/pytorch/pytorch/issues/19778), the question of someone who lost a leaf. [Zeroing out gradients in PyTorch](https://pytorch.org/tutorials/recipes/recipes/zeroing_out_gradients.html), a recipe. How hard "the mean over all parts" is to get right: [Fixing Gradient Accumulation](https://huggingface.co/blog/gradient_accumulation) (2024), on the averages of averages in a library that half the world trained with. The next lab: every iteration can be different.
