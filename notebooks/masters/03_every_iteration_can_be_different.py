# %% [markdown]
# # Every iteration can be different
#
# One function, three inputs, three graphs: how autograd differentiates loops and branches that it has never heard of.
# Then the order in which `backward()` walks, what goes wrong without one, and a walk that you write yourself.
#
# **What you'll do:** predict graphs and gradients of a loop, find out who gets no gradient and why, put nodes in order, watch a plain recursion fail, and write `backward` in six lines.
#
# **What you'll learn:** what define-by-run means, what a branch that did not run does to `.grad`, and why a node waits until everything has arrived.
#
# **What you'll need:** labs 1 and 2. The chain rule; Python's `while` and `if`.
#
# **Minutes:** 45, and about 25 more for what is marked *More*
#
# Text and figures: [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/).

# %%
import matplotlib.pyplot as plt

import microtorch as torch
from microtorch import viz
from microtorch.labs import check, summary

torch.set_printoptions(style="tensor")  # tensors are printed as today

# %% [markdown]
# ### The question
#
# This function triples a number, and halves it until it is at most 2. How often it goes round its loop depends on the number.

# %%
def f(x):
    y = x * 3
    while y > 2:
        y = y * 0.5
    return y


for value in (1.0, 3.0, 0.5):
    print(f"f({value}) = {f(torch.tensor(value)).item():g}")

# %% [markdown]
# Try to write the derivative of `f` down, and you notice that there is no formula to start from: there is a `while`. Yet autograd differentiates `f` at any `x`. It has never seen the word `while`; Python alone has. Two questions, and at the end of this lab you can answer both:
#
# 1. **What** does autograd differentiate, if not the program?
# 2. **In what order** does it walk back, when every run makes another graph?
#
# ### One function, three graphs
#
# **Exercise L03-E1.** Each operation that runs is recorded as one node. Before you see the graphs: how many `Mul` nodes stand behind `f(1.0)`, `f(3.0)` and `f(0.5)`?
#
# <details><summary>A hint</summary>Be Python: take a pencil, run the lines with x = 3, and make a mark at each multiplication. Is a comparison a multiplication?</details>

# %%
# BEGIN SOLUTION
muls = [2, 4, 1]
# INSTEAD
# muls = ...  # three numbers, in a list
# END SOLUTION
check("L03-E1", muls)

# %% [markdown]
# **See it.** The same code, two inputs, two graphs side by side. What only one of them has is marked, and said in words above the pictures. (Press *Fit* to see all of a picture that is taller than its frame.) In short: `y3` has two more `Mul` than `y1`.

# %%
x1 = torch.tensor(1.0, requires_grad=True)
x3 = torch.tensor(3.0, requires_grad=True)
y1, y3 = f(x1), f(x3)
viz.compare(y1, y3)

# %% [markdown]
# Look for the loop in the pictures: there is none. There is no `while` and no condition either, only the multiplications that were carried out, in a row. That is what *define-by-run* means: the graph is the record of one run.
#
# **Exercise L03-E2.** So what is the derivative? Predict `x.grad` after `f(x).backward()`, for `x` = 1.0, 3.0 and 0.5.
#
# <details><summary>A hint</summary>In each graph one way leads back to x. Multiply what the nodes on it multiply by.</details>

# %%
# BEGIN SOLUTION
slopes = [1.5, 0.375, 3.0]
# INSTEAD
# slopes = ...  # three numbers, in a list
# END SOLUTION
check("L03-E2", slopes)

# %% [markdown]
# **Step through it.** Walk back from `f(3.0)`, and watch the gradient be halved once for each turn of the loop.

# %%
viz.step(y3)

# %% [markdown]
# This answers the first question. **Autograd differentiates the run, not the program.** A run has no loops and no branches: it is a plain list of operations, and for a list of operations the chain rule is enough.
#
# ### The branch that did not run
#
# Five leaves go into this function. One decides, one stands in the branch that is not taken, and one is turned into a plain Python number on the way.

# %%
def mixed(x, a, b, limit, s):
    if x > limit:
        y = x * a
    else:
        y = x * b
    return y * s.item()


x, a, b, limit, s = (torch.tensor(value, requires_grad=True) for value in (2.0, 4.0, 5.0, 1.0, 3.0))
out = mixed(x, a, b, limit, s)
out.backward()

# %% [markdown]
# **Exercise L03-E3.** What stands in each `.grad` now: `"a number"` other than zero, `"zero"`, or `"None"`?
#
# <details><summary>A hint</summary>Which operations were recorded, and what were their inputs? A zero has to be sent by a node; None means that nothing came.</details>

# %%
holds = {
    # BEGIN SOLUTION
    "x": "a number",
    "a": "a number",
    "b": "None",
    "limit": "None",
    "s": "None",
    # INSTEAD
    # "x": ...,
    # "a": ...,
    # "b": ...,
    # "limit": ...,
    # "s": ...,
    # END SOLUTION
}
check("L03-E3", holds)

# %%
for name, leaf in {"x": x, "a": a, "b": b, "limit": limit, "s": s}.items():
    print(f"{name}.grad is {leaf.grad if leaf.grad is None else leaf.grad.item()}")
print(viz.why(s, out))

# %% [markdown]
# A comparison gives True or False, `item()` gives a number: neither can remember where it came from, so no path leads through them. And nobody computed a zero for `b`, since nothing with `b` in it ever ran. When a `.grad` is None and you do not know why, ask `viz.why`: it says whether any path leads from the result back to the leaf. That `s` *is* used, through `item()`, it cannot know: the graph does not know it either. (What if you *want* a gradient for both branches? `torch.where` computes both; lab 10 shows what that costs.)
#
# ### In what order?
#
# A chain of multiplications has only one way back. As soon as a value is used twice, there is a choice: which node goes first? In this graph `a`, `b` and `c` are each used twice. The stepper stands before its first step; leave it there for the moment.

# %%
a = torch.tensor(1.0, requires_grad=True)
b = a * 3
c = a + b
d = b * c
e = c * 2
out = d + e
viz.step(out)

# %% [markdown]
# **Exercise L03-E4.** Put the six names in an order in which `backward()` may take them, so that each has received all of its gradient when its turn comes. More than one order is right.
#
# <details><summary>A hint</summary>Begin at out. Then ask of each name: which lines above use it? All of those have to come first.</details>

# %%
# BEGIN SOLUTION
order = ["out", "e", "d", "c", "b", "a"]
# INSTEAD
# order = ...  # ["out", ...]
# END SOLUTION
check("L03-E4", order)

# %% [markdown]
# **Step through it.** Now walk, in the stepper above. The boxes count what has arrived: `1/2` means that one of two gradients is there, and the node waits. Before each *Next*, say to yourself which node will be next; your list is one answer, and what you then see is another.
#
# An order in which everything comes after all that it waits for is called a *topological order*. You may have found one by thinking about arrows. There is one that is even easier to find: a value can only be used after it was made, so **the order in which the lines ran, read backwards, is always right**. That is what the engine does: of the nodes that wait, it takes the one that was made last.
#
# ### Can it not be simpler?
#
# Why an order at all? Let each number send its gradient to its inputs, and these to theirs, and so on: a recursion of three lines. To try it, here is a whole engine for single numbers. Four lines matter, and they are marked; the rest you may skip. (The names are those of Andrej Karpathy's micrograd, so that the stepper can walk this engine, too.)

# %%
from itertools import count

clock = count()


class Number:
    """A number that remembers what it was made from."""

    def __init__(self, data, inputs=(), op=""):
        self.data = data
        self.grad = 0.0
        self.inputs = inputs  # (1) pairs: a Number, and how fast this one grows with it
        self.made = next(clock)  # (2) 0, 1, 2, ... in the order in which they are made
        self._op = op

    def __add__(self, other):
        return Number(self.data + other.data, [(self, 1.0), (other, 1.0)], "+")

    def __mul__(self, other):
        other = other if isinstance(other, Number) else Number(other)
        return Number(self.data * other.data, [(self, other.data), (other, self.data)], "*")

    def __gt__(self, other):
        return self.data > other

    def _backward(self):
        """Send the gradient on: times the slope, and added to what the input has."""
        for each, slope in self.inputs:
            each.grad += slope * self.grad  # (3)

    @property
    def _prev(self):
        """The inputs, without the slopes."""
        return [each for each, slope in self.inputs]


def recursion(out):
    def visit(value):
        value._backward()
        for each, slope in value.inputs:
            visit(each)  # (4) each input, again and again

    out.grad = 1.0
    visit(out)


Number.backward = recursion

# %% [markdown]
# **Exercise L03-E5.** `b = a + a; c = b + b`, at `a` = 3. What should `a.grad` be, and what will it be after the recursion? Two numbers.
#
# <details><summary>A hint</summary>For the first number, write c as a multiple of a. For the second, write down each call of visit with b.grad and a.grad after it. The inputs of c are b and b: visit(b) is called twice.</details>

# %%
# BEGIN SOLUTION
should_and_will = [4, 8]
# INSTEAD
# should_and_will = ...  # two numbers, in a list
# END SOLUTION
check("L03-E5", should_and_will)

# %% [markdown]
# **Step through it.** The recursion's own turns, one by one. Watch for the moment when something is sent that had been sent before.

# %%
a = Number(3.0)
b = a + a
c = b + b
viz.step(c)

# %% [markdown]
# The same recursion once more, beside the right walk, that of microtorch. From row 3 on, only the recursion still runs. Read how far `n.grad` has come after each row, and what it is on the other side:

# %%
n, x = Number(3.0), torch.tensor(3.0, requires_grad=True)
m, y = n + n, x + x
wrong, right = m + m, y + y
viz.lockstep(wrong, right)

# %% [markdown]
# The value in between, `b` before and `m` here, has two turns. At the second it sends on all of its gradient, also the part that it had sent at the first. The recursion is right on a tree, where every value is used once, and wrong as soon as a value in between is used again. So it passes many tests before it fails: it has been proposed for micrograd more than once.
#
# It can be repaired by sending on only what has just arrived, path by path. Then the numbers are right, and there is another price: through thirty doublings, `b = a + a` and so on, lead $2^{30}$ paths, more than a billion. With one turn for each node, each of the 60 arrows (two for each doubling) is walked once.
#
# ### Write the walk
#
# **Exercise L03-E6.** Now do it in order: each number has one turn, when all that was made from it has had its own. Six lines are enough.
#
# <details><summary>A hint</summary>First, <code>out.grad = 1.0</code>. Then keep a set of the numbers that wait; at first, only out is in it. As long as there are any: take out the one that was made last, let it send, and put its inputs into the set.</details>
#
# <details><summary>Another hint</summary><code>max(waiting, key=lambda each: each.made)</code> is the one that was made last. <code>number._prev</code> are its inputs. In a set, what is added twice is there once: <code>update</code> adds all of a list to it, <code>remove</code> takes one out.</details>

# %%
def backward(out):
    """Fill .grad of out, and of every Number that it was made from.

    out: a Number. Of each Number there are .grad (0.0 at first), .made (a count), ._prev (a list of
    Numbers) and ._backward(), which sends its .grad on to these. Returns nothing.
    """
    # BEGIN SOLUTION
    out.grad, waiting = 1.0, {out}
    while waiting:
        number = max(waiting, key=lambda each: each.made)
        waiting.remove(number)
        number._backward()
        waiting.update(number._prev)
    # END SOLUTION

check("L03-E6", backward)

# %% [markdown]
# ### Back to the question
#
# Run the function of the beginning on your own engine. `f` was not written for it; Python runs its `while`, and your numbers remember. Predict what is printed, from exercise L03-E2. (It is 0.0 as long as `backward` is not written.)

# %%
Number.backward = backward

x = Number(3.0)
out = f(x)
out.backward()
print("f(3.0) =", out.data)
print("x.grad =", x.grad)

# %% [markdown]
# ### More, if there is time: what a run does not know
#
# A run knows nothing of the runs that might have been. At `x` = 0.66 the loop does not turn, at 0.67 it turns once, and the value drops by half. What will the gradient be just before the drop, and just after? Make a guess; then look.

# %%
xs = [0.02 + 0.005 * i for i in range(597)]
ys, grads = [], []
for value in xs:
    x = torch.tensor(value, requires_grad=True)
    y = f(x)
    y.backward()
    ys.append(y.item())
    grads.append(x.grad.item())

figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(7, 3.6))
above.plot(xs, ys, ".", markersize=2, color="#0072B2")
above.set_ylabel("f(x)")
below.plot(xs, grads, ".", markersize=2, color="#D55E00")
below.set_ylabel("x.grad")
below.set_xlabel("x")
plt.show()

# %% [markdown]
# *What the figure shows:* above, `f` climbs to 2, drops to 1, and climbs again, less steeply each time. Below, its gradient: 3, then 1.5 from `x` = 2/3 on, then 0.75 from 4/3, and 0.375 from 8/3. It is the slope of the piece on which `x` lies. **Of the drops, the gradient says nothing**: it is nowhere negative.
#
# Nudge `x` to see both, once in the middle of a piece, once beside a drop. Before you run the cell: in which of the two will the slope that is measured and the gradient agree?

# %%
inside = torch.tensor(1.0, requires_grad=True)
beside = torch.tensor(0.67, requires_grad=True)
print(viz.nudge(f, inside, h=0.01))
print(viz.nudge(f, beside, h=0.01))

# %% [markdown]
# At 0.67 the two runs of the nudge went different ways through the program: at 0.66 the loop did not turn, at 0.68 it turned once. So what was measured is the drop, divided by the small way between the two. The gradient is right, for the run that was made.
#
# Does that matter? For an `x` between two drops, no. But gradient descent does not see a cliff: it may step over one, and the value changes by more than any gradient has said.

# %% [markdown]
# ### What you have seen
#
# - Autograd differentiates **the run, not the program**: loops and branches are gone, what is left is a list of operations.
# - So every iteration may have another graph, and its gradient is that of the piece on which the input lies. Jumps are not seen.
# - What did not run, what only decided, and what went through `item()` gets **None**, not zero.
# - A node sends once, **when all its gradients have arrived**. The order of making, backwards, is such an order.
# - A plain recursion sends too early, and then again: right on trees, wrong on reuse.

# %%
summary("L03")

# %% [markdown]
# ### Read on
#
# - [The idea in PyTorch's paper](https://arxiv.org/abs/1912.01703) (Paszke and others, 2019), sections 2 and 4; and in that of [Chainer](https://arxiv.org/abs/1908.00213) (Tokui and others, 2019), which brought define-by-run to Python.
# - [micrograd](https://github.com/karpathy/micrograd), the small engine with such numbers; in its [pull request 64](https://github.com/karpathy/micrograd/pull/64) the recursion of exercise L03-E5 was found to be wrong.
# - [Dive into Deep Learning](https://d2l.ai/chapter_preliminaries/autograd.html), section 2.5, on gradients and Python's control flow.
#
# The next lab: results with more than one number, the vector that `backward` then asks for, and what broadcasting does on the way back.
