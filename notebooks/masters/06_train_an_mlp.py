# %% [markdown]
# # Train an MLP
#
# A network is trained by a loop of a few lines. You write each of them by hand: the loss, the step, the loop.
# In between, one minibatch is frozen, and you walk through its `backward()` node by node.
#
# **What you'll do:** write a cross-entropy that no score can overflow, an SGD step and a training loop; separate two moons; read handwritten digits, at least 95 % of those the network has never seen.
#
# **What you'll learn:** which part of a training loop measures, which one finds the way, and which one learns; why `w -= lr * g` is not `w = w - lr * g`; and how to see that a training goes wrong.
#
# **What you'll need:** labs 1 to 5, or what is in them: leaves, `.grad` and its `+=`, `no_grad`. Run the cells in their order, with Shift + Enter.
#
# **Minutes:** 60 to 90

# %%
import math

import matplotlib.pyplot as plt

import microtorch as torch
from microtorch import nn, viz
from microtorch.labs import check, summary

F = nn.functional
torch.set_default_dtype(torch.float64)  # so that you see the digits that everybody sees
torch.set_printoptions(style="tensor")  # and as PyTorch prints them today
plt.rcParams["figure.dpi"] = 75

# %% [markdown]
# ### The question
#
# Here are two hundred points, and each belongs to one of two moons. No straight line separates them. By the end of this lab, a network will have found a curve that does. Nobody will have told it the curve: there will only be three things, repeated a few hundred times.
#
# 1. **The loss**: how wrong is the network about these points?
# 2. **`backward()`**: which way is better?
# 3. **The step**: go there a little.
#
# **Which of the three learns?** Think of an answer now. You will see whether it holds.
#
# *The plot:* two half moons that reach into each other, one of blue circles, one of orange triangles.

# %%
from sklearn.datasets import make_moons

def moons(seed):
    """200 points, float64 of shape (200, 2), and the moon of each, int64 of shape (200,)."""
    points, labels = make_moons(200, noise=0.15, random_state=seed)
    return torch.tensor(points), torch.tensor(labels)

def scatter(axes, points, labels):
    for moon, marker, color in ((0, "o", "#0072B2"), (1, "^", "#D55E00")):
        mine = points[labels == moon].numpy()
        axes.scatter(mine[:, 0], mine[:, 1], s=14, marker=marker, color=color, label=f"moon {moon}")

points, labels = moons(0)
figure, axes = plt.subplots(figsize=(4.5, 3))
scatter(axes, points, labels)
axes.legend(fontsize=8)
plt.show()

# %% [markdown]
# ### How wrong is it?
#
# A network for $C$ classes gives $C$ numbers for each example, its **scores**. Softmax makes probabilities of them, and the loss measures surprise: minus the logarithm of the probability that it gave to the right class.
#
# $$p_c = \frac{e^{s_c}}{\sum_k e^{s_k}}, \qquad \mathrm{loss} = -\ln p_{\text{right}}, \quad\text{averaged over the examples}$$
#
# A loss of 0 means "I was certain, and right". What does a network say that knows nothing?
#
# **Exercise L06-E1.** A new network is to tell ten digits apart, and gives all ten the same score. What is its loss? Three digits after the point, or `math.log(…)`.
#
# <details><summary>A hint</summary>Ten equal scores give ten equal probabilities, and these add up to 1.</details>

# %%
# BEGIN SOLUTION
prediction = math.log(10)
# INSTEAD
# prediction = ...
# END SOLUTION
check("L06-E1", prediction)

# %% [markdown]
# Scores may be any numbers, and the numbers of a computer have an end. What do you expect for the scores 0, 1, 2, and what for 1000, 1001, 1002? Write down both, then run the formula as it stands.

# %%
def softmax_as_it_stands(scores):
    return scores.exp() / scores.exp().sum()

print(softmax_as_it_stands(torch.tensor([0.0, 1.0, 2.0])))
print(softmax_as_it_stands(torch.tensor([1000.0, 1001.0, 1002.0])))
print(F.softmax(torch.tensor([1000.0, 1001.0, 1002.0]), 0))

# %% [markdown]
# The first and the last line are equal, and they should be: softmax only knows the *differences* of scores. Subtract any number $m$ from all of them, and numerator and denominator shrink by the same factor $e^{-m}$. The formula in the middle has met $e^{1000}$, which no float64 can hold: it is `inf`, and `inf / inf` is `nan`. One `nan` in a loss, and after the next step every weight is `nan`.
#
# **Exercise L06-E2.** Write the loss so that this cannot happen. It has to stay correct also when one row's scores are near 1000 and another's near 0, and when the right class has a probability that rounds to 0.
#
# <details><summary>A hint: what to subtract</summary>Each row has a largest score of its own: <code>scores.max(1, keepdim=True).values</code>. After it is subtracted, the largest number that exp ever sees is 0.</details>
# <details><summary>A hint: the logarithm</summary>ln of a quotient is a difference: ln p = s − ln Σ exp(s). Written so, no probability is ever computed, and none can be 0.</details>
# <details><summary>A hint: one score a row</summary><code>table[torch.arange(len(labels)), labels]</code> takes, from row 0, column labels[0], from row 1, column labels[1], and so on.</details>

# %%
def cross_entropy(scores, labels):
    """The mean over the examples of −ln softmax(scores), each at its label.

    scores: float, shape (N, C). labels: int64, shape (N,), each from 0 to C − 1.
    Returns a Variable of shape ().
    """
    # BEGIN SOLUTION
    shifted = scores - scores.max(1, keepdim=True).values
    log_p = shifted - shifted.exp().sum(1, keepdim=True).log()
    return -log_p[torch.arange(len(labels)), labels].mean()
    # END SOLUTION

check("L06-E2", cross_entropy)

# %% [markdown]
# `F.cross_entropy` computes the same, as two nodes: LogSoftmax, and NllLoss, which picks and averages. From here on we take that one.
#
# ### Which way is better? One minibatch, frozen
#
# A **minibatch** is the handful of examples that one iteration looks at. Here is one of two points, both of moon 1, and a network so small that all its numbers are round: two inputs, three hidden units, two scores. MLP (multilayer perceptron) is the name for layers like these: linear, a bend (here ReLU, which makes negative numbers 0), linear.
#
# Both points get the scores (1, 1). Before you run the cell: what is the loss?

# %%
W1 = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]], requires_grad=True)
b1 = torch.zeros(3, requires_grad=True)
W2 = torch.tensor([[1.0, 0.0, -1.0], [-1.0, 1.0, 2.0]], requires_grad=True)
b2 = torch.zeros(2, requires_grad=True)

batch, moon = torch.tensor([[1.0, 2.0], [2.0, 1.0]]), torch.tensor([1, 1])

hidden = F.relu(F.linear(batch, W1, b1))  # batch @ W1.T + b1
scores = F.linear(hidden, W2, b2)
loss = F.cross_entropy(scores, moon)
print("hidden", hidden.tolist())
print("scores", scores.tolist())
print("loss  ", round(loss.item(), 4))

# %% [markdown]
# It is $\ln 2$: two equal scores.
#
# Now walk back from the loss to the weights. The stepper asks before each step what will be sent, and goes on when you are right; type a matrix as `1 2; 3 4`, or choose. Three places are worth a stop: where LogSoftmax has just run, where the biases get their sum, and where ReLU closes the way of one unit for one of the points.
#
# **Exercise L06-E3.** Answer at least five of its questions, as often as you like. *Predict* (or the key Q) switches the asking off and on again.
#
# <details><summary>A hint: what the loss sends</summary>NllLoss is minus the mean of one entry a row: each of the two counts half. What does it send to an entry that it did not pick?</details>
# <details><summary>A hint: what softmax makes of it</summary>If the right class's score rises, the loss falls; if the other's rises, it grows, by as much: only differences count. How much is one probability away from 1, the other from 0, and what does the mean make of it?</details>
# <details><summary>A hint: the bias, and the units</summary>The bias was added to both rows, so both rows send to it, and it is added up. A hidden unit hears from both scores, each times its weight in W2. A ReLU that gave 0 lets nothing back.</details>

# %%
quiz = viz.quiz(loss)
viz.step(quiz)

# %%
# BEGIN SOLUTION
to_scores, to_b2 = [[0.25, -0.25], [0.25, -0.25]], [0.5, -0.5]
to_hidden, to_weights = [[0.5, -0.25, -0.75]] * 2, [[0.75, -0.75], [0.75, -0.75], [0.25, -0.25]]
answers = [[[0, -0.5], [0, -0.5]], to_scores, to_b2, to_hidden, to_weights]
for question, answer in zip(quiz.questions, answers):
    print(f"{question}\n   {question.answer(answer)}")
# INSTEAD
# # On paper, or without a stepper: quiz.questions[0].answer([[1, 2], [3, 4]]), and so on.
# END SOLUTION
check("L06-E3", quiz)

# %% [markdown]
# What you have just walked, in short:
#
# | node | sends | in words |
# |:--|:--|:--|
# | **NllLoss** | −1/2 where it picked, else 0 | the mean over two examples |
# | **LogSoftmax** | (0.25, −0.25) in each row | $(p - \text{target}) / N$: here $(0.5 - 0,\ 0.5 - 1)/2$ |
# | **Addmm** to `b2` | (0.5, −0.5) | both rows, added: the bias was broadcast |
# | **Addmm** to `hidden` | (0.5, −0.25, −0.75) in each row | from both scores, each times its weight |
# | **Relu** | the same, but 0 for the third unit of the first point | it gave 0 there: nothing comes back |
#
# Keep the second row: **what a classifier's scores get back is probability minus target.** Where the network is right and certain, nothing comes back; the more it is wrong, the more does.
#
# Now the walk is over, and all four parameters could have their gradients. Have they changed? Predict what the next cell prints.

# %%
before = [p.detach().clone() for p in (W1, b1, W2, b2)]
loss.backward()
print("W2.grad   ", W2.grad.tolist())
print("unchanged?", [torch.equal(old, new) for old, new in zip(before, (W1, b1, W2, b2))])

# %% [markdown]
# `backward()` has filled every `.grad` and touched no weight. What learns is still missing.
#
# ### Go there a little
#
# The gradient points to where the loss grows, so we go the other way: the new $w$ is $w - \mathrm{lr} \cdot g$, with a small **learning rate** lr. There are many ways to write that, and most do not do it.
#
# ```python
# w, lr = torch.tensor([1.0, 2.0], requires_grad=True), 0.05
# for iteration in (1, 2):
#     loss = ((w * 3 - 1) ** 2).sum()
#     w.grad = None
#     loss.backward()
#     ...  # A, B, C, D or E
# ```
#
# | | the update |
# |:-:|:--|
# | A | `w = w - lr * w.grad` |
# | B | `w -= lr * w.grad` |
# | C | `with torch.no_grad(): w = w - lr * w.grad` |
# | D | `with torch.no_grad(): w -= lr * w.grad` |
# | E | `with torch.no_grad():` `for p in [w]: p = p - lr * p.grad` |
#
# **Exercise L06-E4.** What comes of each? Choose one of five words: `"learns"` (`w` is better after each iteration); `"stays as it was"` (no error, and `w` is the old one); `"raises at once"` (the first update is an error); `"raises next time"` (the second `backward()` is an error: there is nothing to walk back to); `"learns once"` (the second `backward()` leaves `w.grad` at None).
#
# <details><summary>A hint</summary><code>w = …</code> gives the name w to another object. <code>w -= …</code> changes the numbers inside the one that is there. Ask of each: which object is w afterwards, is it a leaf, and was the update recorded?</details>

# %%
outcomes = {
    # BEGIN SOLUTION
    "A": "learns once",
    "B": "raises at once",
    "C": "raises next time",
    "D": "learns",
    "E": "stays as it was",
    # INSTEAD
    # "A": ...,
    # "B": ...,
    # "C": ...,
    # "D": ...,
    # "E": ...,
    # END SOLUTION
}
check("L06-E4", outcomes)

# %% [markdown]
# Try them. Each update is given `w` and hands back what is called `w` afterwards.

# %%
lr = 0.05

def A(w):
    w = w - lr * w.grad
    return w

def B(w):
    w -= lr * w.grad
    return w

def C(w):
    with torch.no_grad():
        w = w - lr * w.grad
    return w

def D(w):
    with torch.no_grad():
        w -= lr * w.grad
    return w

def E(w):
    with torch.no_grad():
        for p in [w]:
            p = p - lr * p.grad
    return w

for update in (A, B, C, D, E):
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    print(update.__name__)
    try:
        for iteration in (1, 2):
            loss = ((w * 3 - 1) ** 2).sum()
            w.grad = None
            loss.backward()
            g = None if w.grad is None else [round(each, 2) for each in w.grad.tolist()]
            print(f"  iteration {iteration}: loss {loss.item():.2f}, w.grad is {g}")
            w = update(w)
    except (RuntimeError, TypeError) as error:
        print(f"  iteration {iteration}: {type(error).__name__}: {str(error)[:75]} …")

# %% [markdown]
# D learns: the same leaf, with other numbers in it. E computes the right numbers and lets them go.
#
# A is the treacherous one: nothing is refused, and after the first iteration its loss is as low as D's. Compare the graphs of its two losses. Where does the second one begin? Say it before you run the cell.

# %%
w = torch.tensor([1.0, 2.0], requires_grad=True)
first = ((w * 3 - 1) ** 2).sum()
first.backward()
w_new = w - lr * w.grad
second = ((w_new * 3 - 1) ** 2).sum()
print(viz.compare(first, second), "\n")
print(viz.why(w_new, second))

# %% [markdown]
# The update itself has become part of the graph. `w_new` is no leaf, so it gets no `.grad`; and if you kept one with `retain_grad()`, each iteration's graph would hang on all those before it, and grow for as long as you train.
#
# **Exercise L06-E5.** Write the step for all parameters of a network. Whoever calls it clears the gradients; it has to do nothing but go.
#
# <details><summary>A hint</summary>One of the five ways above, in a loop. The loop's variable is a name, too: what is in the list must change, not what the name stands for.</details>

# %%
def sgd_step(parameters, lr):
    """Change each parameter, in place and unrecorded, by −lr times its .grad.

    parameters: leaves that require grad and have a .grad; a list, or what net.parameters() gives.
    lr: a float. Returns nothing.
    """
    # BEGIN SOLUTION
    with torch.no_grad():
        for p in parameters:
            p -= lr * p.grad
    # END SOLUTION

check("L06-E5", sgd_step)

# %% [markdown]
# ### What a gradient promises
#
# How much better is a step? If the loss were a straight slope, then a step of $-\mathrm{lr} \cdot g$ would lower it by $\mathrm{lr} \cdot \lVert g \rVert^2$: that is what the gradient promises. For the frozen minibatch $\lVert g \rVert^2$ is about 13, and its loss is 0.69. So at a rate of 0.1 the promise is a drop of 1.3, and a loss cannot fall below 0.
#
# Before you run it: at which of the three rates will the promise be kept nearly to the digit, about, or not at all?

# %%
parameters = [W1, b1, W2, b2]

def frozen_loss():
    return F.cross_entropy(F.linear(F.relu(F.linear(batch, W1, b1)), W2, b2), moon)

start = frozen_loss().item()
promise = sum((p.grad**2).sum().item() for p in parameters)
for rate in (0.001, 0.01, 0.1):
    kept = [p.detach().clone() for p in parameters]
    sgd_step(parameters, rate)
    drop = start - frozen_loss().item()
    print(f"lr {rate:5}: promised drop {rate * promise:.4f}, real drop {drop:.4f}")
    for p, old in zip(parameters, kept):
        p.data.copy_(old)

# %% [markdown]
# A gradient is true at one point, and nearly true nearby. That is why one goes a little, and looks again.
#
# ### The loop
#
# **Exercise L06-E6.** Now put it together. Four things happen in each step; in which order? One of them is easily forgotten, and nothing will raise an error if it is.
#
# <details><summary>A hint</summary>What did lab 2 say about a second backward()? And: a list of losses that are still Variables keeps every graph of the training alive; <code>loss.item()</code> is the number alone.</details>

# %%
def train(net, inputs, labels, steps, lr):
    """Train with F.cross_entropy and sgd_step, on all inputs in each step.

    net: an nn.Module that gives scores of shape (N, C).
    inputs: float, shape (N, …). labels: int64, shape (N,).
    Returns the loss of each step, a list of floats.
    """
    # BEGIN SOLUTION
    losses = []
    for _ in range(steps):
        loss = F.cross_entropy(net(inputs), labels)
        net.zero_grad()
        loss.backward()
        sgd_step(net.parameters(), lr)
        losses.append(loss.item())
    return losses
    # END SOLUTION

check("L06-E6", train)

# %% [markdown]
# Let it run, on the moons, with a recorder around it. What will the first loss be, about, and what the last one at best? Say it; then look at the record. Its chart shows the loss; below stand the gradients' norms as rows of darker and lighter cells, in the words below the picture as numbers; the slider goes to any iteration.

# %%
torch.manual_seed(9)
net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
untrained = [p.detach().clone() for p in net.parameters()]

with viz.record() as run:
    train(net, points, labels, 400, 1.0)
run

# %% [markdown]
# The last line of the record is the one to look at first when a training does not go well: it names what was seen. Try it: leave out the line that clears the gradients, and run the last cells again.
#
# What has the network become? *The two plots* show, for every place of the plane, which moon the network takes it for: the darker region is moon 1. The points are new ones, which it was not trained on. Before: a border that has nothing to do with them. After: a curve between the two moons.

# %%
def accuracy(net, inputs, labels):
    """The share of the inputs whose largest score is at their label, a float."""
    with torch.no_grad():
        return (net(inputs).argmax(1) == labels).double().mean().item()

new_points, new_labels = moons(1)
across, up = torch.linspace(-1.6, 2.6, 120), torch.linspace(-1.2, 1.7, 90)
plane = torch.stack([each.reshape(-1) for each in torch.meshgrid(across, up, indexing="xy")], 1)

def show(axes, net, title):
    with torch.no_grad():
        region = net(plane).argmax(1).reshape(90, 120)
    grays, levels = ["#f2f2f2", "#c8c8c8"], [-0.5, 0.5, 1.5]
    axes.contourf(across.numpy(), up.numpy(), region.numpy(), levels, colors=grays)
    scatter(axes, new_points, new_labels)
    axes.set_title(f"{title}: {accuracy(net, new_points, new_labels):.0%} right", fontsize=9)

trained = [p.detach().clone() for p in net.parameters()]
figure, both = plt.subplots(1, 2, figsize=(8, 2.8))
for axes, weights, title in zip(both, (untrained, trained), ("before", "after")):
    for p, values in zip(net.parameters(), weights):
        p.data.copy_(values)
    show(axes, net, title)
plt.show()
print("95 % or more of the new points are right:", accuracy(net, new_points, new_labels) >= 0.95)

# %% [markdown]
# ### How large a step?
#
# The same network from the same start, at three rates: 0.01, 1 and 50. Sketch three curves of the loss on paper before you run the cell.
#
# *The plot:* at 0.01 the loss goes down steadily, and has got nowhere after 150 steps. At 1 it falls to less than half. At 50 it jumps up and down between steps, far above where it began.

# %%
figure, axes = plt.subplots(figsize=(5, 2.8))
for rate, style in ((0.01, ":"), (1.0, "-"), (50.0, "--")):
    for p, values in zip(net.parameters(), untrained):
        p.data.copy_(values)
    losses = train(net, points, labels, 150, rate)
    axes.plot(losses or [math.nan], style, label=f"lr {rate:g}")  # or: before you have a loop
axes.set(xlabel="step", ylabel="loss", yscale="log")
axes.legend(fontsize=8)
plt.show()

# %% [markdown]
# ### Handwritten digits
#
# 1,797 digits, written by 43 people, each 8 × 8 pixels: 64 numbers from 0 to 1. They come with scikit-learn. 357 are put aside: the network never learns from them, and only they tell whether it can *read*, or has learned by heart.
#
# *The plot:* the first twelve images, each with its label.

# %%
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

pixels, digits = load_digits(return_X_y=True)
parts = train_test_split(pixels / 16, digits, test_size=357, random_state=0)
images, held_out_images, digits, held_out_digits = map(torch.tensor, parts)

def show_images(images, titles):
    figure, axes = plt.subplots(1, 12, figsize=(8, 1.1))
    for each in axes:
        each.axis("off")
    for each, image, title in zip(axes, images, titles):
        each.imshow(image.reshape(8, 8).numpy(), cmap="gray_r")
        each.set_title(title, fontsize=8)
    plt.show()

show_images(images[:12], digits[:12].tolist())
print(images.shape, held_out_images.shape)

# %% [markdown]
# All 1,440 images in each step would be a waste: a few dozen tell the direction nearly as well. So each **epoch** deals the images anew into 45 minibatches of 32, and `train` goes one step with each. That is the *stochastic* in SGD, stochastic gradient descent.
#
# **Exercise L06-E7.** Build a network `reader`, from 64 pixels to 10 scores, and train it with `fit` until it reads at least 95 % of the held-out digits. How many hidden units, which rate, how many epochs? What will the first loss be? (You know since L06-E1.) You may call `fit` several times; a smaller rate at the end often helps.
#
# <details><summary>A hint</summary>The moons' network is the pattern: Linear, a bend (<code>nn.Tanh()</code> or <code>nn.ReLU()</code>), Linear. The last layer gives scores: softmax is already in the loss. A few dozen hidden units do, and rates between 0.1 and 0.5.</details>

# %%
def fit(net, epochs, lr):
    """Train on the digits in minibatches of 32, and tell the accuracy on those held out."""
    for _ in range(epochs):
        for chosen in torch.randperm(len(images)).split(32):
            train(net, images[chosen], digits[chosen], 1, lr)
    share = accuracy(net, held_out_images, held_out_digits)
    print(f"{epochs} epochs at {lr}: {share:.0%} of the held-out digits")

torch.manual_seed(6)
# BEGIN SOLUTION
reader = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
print("first loss", round(F.cross_entropy(reader(images), digits).item(), 1))
fit(reader, 15, 0.3)
fit(reader, 5, 0.05)
# INSTEAD
# reader = ...
# END SOLUTION
check("L06-E7", reader)

# %% [markdown]
# Which does it misread? *The plot:* up to twelve held-out images that your network got wrong, with what it took each for, and what it is. Would you have read them all?

# %%
if reader is not ...:
    guesses = reader(held_out_images).argmax(1)
    wrong = (guesses != held_out_digits).nonzero().reshape(-1)[:12]
    pairs = zip(guesses[wrong].tolist(), held_out_digits[wrong].tolist())
    show_images(held_out_images[wrong], [f"{guess}, is {digit}" for guess, digit in pairs])

# %% [markdown]
# ### What you have seen
#
# - **The loss** measures. Cross-entropy is −ln of the probability of the right class; without knowledge it is ln C. Computed as ln p = s − ln Σ exp(s), with the row's largest score subtracted, it cannot overflow.
# - **`backward()`** tells directions. To the scores it sends *probability minus target*, divided by the number of examples. It changes no weight.
# - **The step** learns, and only the step: in place, on the leaf, unrecorded. `w = w - lr * g` makes another `w`.
# - A gradient is a promise for small steps. Too small a rate wastes time, too large a one breaks the promise.
# - Gradients add up, so each iteration begins by **clearing** them.
# - Only what was **held out** tells what was learned.
#
# So which of the three learns? Your answer of the beginning: does it hold?
#
# *One more question:* the accuracy is what you wanted, so why was it not the loss? Ask `viz.why(reader[0].weight, (reader(images).argmax(1) == digits).double().mean())`.

# %%
summary("L06")

# %% [markdown]
# ### Read on
#
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning*: [softmax regression](https://d2l.ai/chapter_linear-classification/softmax-regression.html) and [multilayer perceptrons](https://d2l.ai/chapter_multilayer-perceptrons/mlp.html), with the derivation of "probability minus target".
# - Andrej Karpathy, [A Recipe for Training Neural Networks](https://karpathy.github.io/2019/04/25/recipe/) (2019): what to check first, among it the loss at the start.
# - PyTorch's documentation of [`torch.optim`](https://pytorch.org/docs/stable/optim.html): your `sgd_step` is `optim.SGD` without momentum, and `microtorch.optim.SGD` is called the same way.
# - The digits: Alpaydin and Kaynak, [Optical Recognition of Handwritten Digits](https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits), UCI Machine Learning Repository (1998).
#
# A later lab, *Build your own engine*, writes what has done all this: `backward()` itself.
