"""Lab 6, Train an MLP."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import microtorch as torch
from microtorch import nn, viz

from ..exercise import Exercise, Lab
from ..kinds.calls import Calls, Case
from ..kinds.choices import Choice, Choices
from ..kinds.passes import Passes, Requirement
from ..kinds.predictions import Predictions
from ..kinds.value import Value

__all__ = ["LAB"]

F: Any = nn.functional

FIRST_LOSS = Exercise(
    "L06-E1",
    "The loss of a network that cannot tell ten digits apart",
    Value(
        math.log(10),
        [
            ("took the probability for the loss", 0.1),
            ("wrong sign", -math.log(10)),
            ("took another logarithm", 1),
            ("took another logarithm", math.log2(10)),
        ],
        "The first thing to look at when a training begins: is it near ln C for C classes?",
    ),
    "Ten equal scores: what probability does softmax give to each, and what is −ln of it?",
)


def cross_entropy(scores: Any, labels: Any) -> Any:
    """By microtorch's own function."""
    return F.cross_entropy(scores, labels)


def picked(log_p: Any, labels: Any) -> Any:
    """The mean over the examples of −log p at their labels."""
    return -log_p[torch.arange(len(labels)), labels].mean()


def by_softmax(scores: Any, labels: Any) -> Any:
    """As the formula stands."""
    p = scores.exp() / scores.exp().sum(1, keepdim=True)
    return picked(p.log(), labels)


def by_logsumexp(scores: Any, labels: Any) -> Any:
    """As the formula stands, in another order."""
    return picked(scores - scores.exp().sum(1, keepdim=True).log(), labels)


def one_maximum(scores: Any, labels: Any) -> Any:
    """The maximum of the whole batch subtracted, not that of each row."""
    return by_logsumexp(scores - scores.max(), labels)


def propped_up(scores: Any, labels: Any) -> Any:
    """Softmax is stable; the 0 that comes out of it is hidden."""
    return picked((F.softmax(scores, 1) + 1e-9).log(), labels)


def loss_of(label: str, scores: list[list[float]], labels: list[int]) -> Case:
    """A function of scores and labels, called with these."""
    return Case(label, lambda function: function(torch.tensor(scores), torch.tensor(labels)))


def gradient_sent(function: Callable[..., Any]) -> Any:
    """What a loss sends back to its scores."""
    scores = torch.tensor([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0]], requires_grad=True)
    function(scores, torch.tensor([0, 2])).backward()
    return scores.grad


CROSS_ENTROPY = Exercise(
    "L06-E2",
    "Cross-entropy that no score can overflow",
    Calls(
        cross_entropy,
        [
            loss_of("of three equal scores", [[0.0, 0.0, 0.0]], [1]),
            loss_of("of two examples", [[2.0, 1.0, 0.0], [0.0, 3.0, 1.0]], [0, 2]),
            Case("of two examples, .grad of the scores", gradient_sent),
            loss_of("of scores that are 1000 apart", [[1000.0, 0.0], [0.0, 1000.0]], [0, 0]),
            loss_of("of one row at 1000 and one at 0", [[1000.0, 999.0], [0.0, 1.0]], [0, 1]),
        ],
        [
            ("exp overflowed", by_softmax),
            ("exp overflowed", by_logsumexp),
            ("one maximum for all rows", one_maximum),
            ("propped up the probability", propped_up),
            ("forgot the count", lambda scores, labels: F.cross_entropy(scores, labels, reduction="sum")),
            ("wrong sign", lambda scores, labels: -F.cross_entropy(scores, labels)),
            ("columns for pairs", lambda scores, labels: -F.log_softmax(scores, 1)[:, labels].mean()),
            ("softmax over the examples", lambda scores, labels: picked(F.log_softmax(scores, 0), labels)),
        ],
    ),
    "Step through your own function on two rows: what does each node make, and where does the first inf or nan appear?",
)


def frozen_loss() -> Any:
    """The loss of the frozen minibatch."""
    W1 = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]], requires_grad=True)
    W2 = torch.tensor([[1.0, 0.0, -1.0], [-1.0, 1.0, 2.0]], requires_grad=True)
    b1, b2 = torch.zeros(3, requires_grad=True), torch.zeros(2, requires_grad=True)
    inputs, labels = torch.tensor([[1.0, 2.0], [2.0, 1.0]]), torch.tensor([1, 1])
    hidden = F.relu(F.linear(inputs, W1, b1))
    scores = F.linear(hidden, W2, b2)
    return F.cross_entropy(scores, labels)


FROZEN = Exercise(
    "L06-E3",
    "Five gradients of the frozen minibatch, predicted",
    Predictions(frozen_loss, 5),
    "Look at the rule that the hint tells: what has arrived, and what is it multiplied by?",
)

OUTCOMES = ("learns", "stays as it was", "raises at once", "raises next time", "learns once")


def update(right: str, thought: str) -> Choice:
    """A way to write the update; the same thought helps with every wrong word."""
    return Choice(right, {word: thought for word in OUTCOMES if word != right})


UPDATES = Exercise(
    "L06-E4",
    "Five updates: which of them learns?",
    Choices(
        {
            "A": update("learns once", "w - lr * w.grad is an operation like any other: who made the new w, and is it a leaf?"),
            "B": update(
                "raises at once", "w is a leaf that requires grad, and autograd is recording: may it be changed in place?"
            ),
            "C": update(
                "raises next time", "What is computed under no_grad requires no grad: what does backward() find next time?"
            ),
            "D": update("learns", "The numbers inside w change and nothing is recorded: what else would have to happen?"),
            "E": update("stays as it was", "p = … gives a name to a new tensor: what does the list still hold?"),
        }
    ),
    "Draw the loss of the next iteration with viz.draw: does it begin at a leaf w?",
)


def sgd_step(parameters: Any, lr: float) -> None:
    """By hand."""
    with torch.no_grad():
        for p in parameters:
            p -= lr * p.grad  # noqa: PLW2901 (in place: that is the point)


def ascent(parameters: Any, lr: float) -> None:
    """Uphill."""
    sgd_step(parameters, -lr)


def at_full_rate(parameters: Any, lr: float) -> None:
    """As if the rate were 1."""
    sgd_step(parameters, 1.0)


def rebinding(parameters: Any, lr: float) -> None:
    """What is new has the old name for a moment."""
    for p in parameters:
        p = p - lr * p.grad  # noqa: PLW2901 (the mistake)


def recorded(parameters: Any, lr: float) -> None:
    """In place, while autograd records."""
    for p in parameters:
        p -= lr * p.grad  # noqa: PLW2901 (the mistake)


def one_step(step: Callable[..., Any]) -> Any:
    """From [1, -2], with the gradient [2, 4]."""
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    w.grad = torch.tensor([2.0, 4.0])
    step([w], 0.1)
    return w.detach()


def three_steps(step: Callable[..., Any]) -> Any:
    """Of two parameters."""
    w, b = torch.tensor([1.0, -2.0], requires_grad=True), torch.tensor(0.5, requires_grad=True)
    for _ in range(3):
        w.grad = b.grad = None
        ((w * 3 + b) ** 2).sum().backward()
        step([w, b], 0.02)
    return [w.detach(), b.item()]


def still_a_leaf(step: Callable[..., Any]) -> Any:
    """What the parameter is afterwards."""
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    w.grad = torch.tensor([2.0, 4.0])
    step([w], 0.1)
    return {"is_leaf": w.is_leaf, "requires_grad": w.requires_grad}


STEP = Exercise(
    "L06-E5",
    "An SGD step, written by hand",
    Calls(
        sgd_step,
        [
            Case("w = [1, -2] with the gradient [2, 4], lr 0.1", one_step),
            Case("two parameters, three iterations", three_steps),
            Case("w after the step", still_a_leaf),
        ],
        [
            ("rebound the name", rebinding),
            ("changed a leaf while recording", recorded),
            ("wrong sign", ascent),
            ("forgot the learning rate", at_full_rate),
        ],
    ),
    "Look at the five updates A to E: which of them changed w itself?",
)


def train(net: Any, inputs: Any, labels: Any, steps: int, lr: float) -> list[float]:
    """The loop."""
    losses = []
    for _ in range(steps):
        loss = F.cross_entropy(net(inputs), labels)
        net.zero_grad()
        loss.backward()
        sgd_step(net.parameters(), lr)
        losses.append(loss.item())
    return losses


def without_clearing(net: Any, inputs: Any, labels: Any, steps: int, lr: float) -> list[float]:
    """Each gradient is the sum of all so far."""
    losses = []
    for _ in range(steps):
        losses.append(F.cross_entropy(net(inputs), labels))
        losses[-1].backward()
        sgd_step(net.parameters(), lr)
    return [each.item() for each in losses]


def without_a_step(net: Any, inputs: Any, labels: Any, steps: int, lr: float) -> list[float]:
    """All is computed, and nothing is done with it."""
    return train(net, inputs, labels, steps, 0.0)


def keeping_the_graph(net: Any, inputs: Any, labels: Any, steps: int, lr: float) -> list[Any]:
    """A list of Variables, each with its history."""
    return [F.cross_entropy(net(inputs), labels) + 0 * each for each in train(net, inputs, labels, steps, lr)]


def uphill(net: Any, inputs: Any, labels: Any, steps: int, lr: float) -> list[float]:
    """The loss grows."""
    return train(net, inputs, labels, steps, -lr)


def moons(seed: int) -> tuple[Any, Any]:
    """200 points of two half moons, float, and which moon each is of, int64."""
    from sklearn.datasets import make_moons

    points, labels = make_moons(200, noise=0.15, random_state=seed)
    return torch.tensor(points).to(torch.get_default_dtype()), torch.tensor(labels)


def small_net() -> Any:
    """A network 2-16-2, the same each time."""
    net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
    random = np.random.default_rng(0)
    for p in net.parameters():
        p.data.copy_(torch.tensor(random.uniform(-0.7, 0.7, tuple(p.shape))))
    return net


def right_share(net: Any, inputs: Any, labels: Any) -> float:
    """The accuracy: the share of the inputs whose largest score is at their label."""
    with torch.no_grad():
        return float((net(inputs).argmax(1) == labels).double().mean().item())


def returns_floats(train: Callable[..., Any]) -> str:
    """Whether the losses come back, as numbers."""
    losses = train(small_net(), *moons(0), 3, 0.5)
    if not isinstance(losses, list) or len(losses) != 3:
        return f"Of 3 steps a list with 3 losses is asked for; it returned {losses if losses is None else type(losses).__name__}."
    return ""


def lets_go(train: Callable[..., Any]) -> str:
    """Whether what comes back has no history."""
    losses = train(small_net(), *moons(0), 3, 0.5)
    return "" if all(isinstance(each, float) for each in losses) else f"The list holds {type(losses[0]).__name__}s, not floats."


def moves(train: Callable[..., Any]) -> str:
    """Whether the weights change."""
    net = small_net()
    train(net, *moons(0), 3, 0.5)
    stayed = all(torch.equal(p, q) for p, q in zip(net.parameters(), small_net().parameters(), strict=True))
    return "After 3 steps every weight is what it was." if stayed else ""


def clears(train: Callable[..., Any]) -> str:
    """Whether each iteration begins without old gradients."""
    with viz.record() as run:
        train(small_net(), *moons(0), 5, 0.5)
    found = [str(flag) for flag in run.flags if "cleared" in str(flag)]
    return f"viz.record() saw, in 5 steps: {found[0]}" if found else ""


def falls(train: Callable[..., Any]) -> str:
    """Whether the loss gets smaller."""
    first, *_, last = train(small_net(), *moons(0), 20, 0.2)
    return "" if last < first else f"In 20 steps at a rate of 0.2, the loss went from {first:.3f} to {last:.3f}."


def learns_moons(train: Callable[..., Any]) -> str:
    """Whether points are told apart that were not there to learn from."""
    net = small_net()
    train(net, *moons(0), 400, 1.0)
    share = right_share(net, *moons(1))
    return "" if share >= 0.95 else f"After 400 steps {share:.0%} of 200 new points are right; 95 % are asked for."


LOOP = Exercise(
    "L06-E6",
    "The training loop",
    Passes(
        lambda: train,
        [
            Requirement(returns_floats),
            Requirement(moves, "never moved"),
            Requirement(clears, "did not clear"),
            Requirement(lets_go, "kept the graph"),
            Requirement(falls, "went uphill"),
            Requirement(learns_moons),
        ],
        [
            ("never moved", lambda: without_a_step),
            ("did not clear", lambda: without_clearing),
            ("kept the graph", lambda: keeping_the_graph),
            ("went uphill", lambda: uphill),
        ],
    ),
    "Show the run: its flags say what is wrong in a loop, and in which iteration.",
    needs=("L06-E5",),
)


def digits() -> Mapping[str, tuple[Any, Any]]:
    """Images, each 64 numbers from 0 to 1, and their digits: 1,440 to learn from, 357 held out."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, labels = load_digits(return_X_y=True)
    parts = train_test_split(images / 16, labels, test_size=357, random_state=0)
    x, held_out_x = (torch.tensor(each).to(torch.get_default_dtype()) for each in parts[:2])
    y, held_out_y = (torch.tensor(each) for each in parts[2:])
    return {"training": (x, y), "held-out": (held_out_x, held_out_y)}


def reader(*last: Any) -> Any:
    """A network for digits, untrained."""
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10), *last)


def trained(net: Any, epochs: int, lr: float) -> Any:
    """The network after so many epochs in minibatches of 32."""
    torch.manual_seed(6)
    images, labels = digits()["training"]
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(32):
            train(net, images[batch], labels[batch], 1, lr)
    return net


def has_ten_scores(net: Any) -> str:
    """Whether each image gets a score for each digit."""
    shape = tuple(net(digits()["held-out"][0]).shape)
    return "" if shape == (357, 10) else f"Of 357 images the scores have the shape {shape}; (357, 10) is asked for."


def is_finite(net: Any) -> str:
    """Whether the scores are numbers."""
    with torch.no_grad():
        scores = net(digits()["held-out"][0])
    return "" if bool(torch.isfinite(scores).all()) else "Some of its scores are nan or infinite."


def gives_scores(net: Any) -> str:
    """Whether the last layer is a Linear one, not a softmax."""
    with torch.no_grad():
        scores = net(digits()["held-out"][0]).numpy()
    ones = (scores >= 0).all() and np.allclose(scores.sum(1), 1, atol=1e-4)
    return "The ten outputs of each image are positive and add up to 1." if ones else ""


def is_trained(net: Any) -> str:
    """Whether it is better than at the beginning."""
    images, labels = digits()["held-out"]
    with torch.no_grad():
        loss = F.cross_entropy(net(images), labels).item()
    near = abs(loss - math.log(10)) < 0.3
    return f"Its loss is {loss:.2f} and its accuracy {right_share(net, images, labels):.0%}." if near else ""


def reads(net: Any) -> str:
    """Whether it reads 95 %."""
    share = right_share(net, *digits()["held-out"])
    return "" if share >= 0.95 else f"It reads {share:.1%} of the held-out images; 95 % are asked for."


def blown_up() -> Any:
    """A network whose weights have left all bounds."""
    net = reader()
    net[0].weight.data.fill_(math.nan)
    return net


DIGITS = Exercise(
    "L06-E7",
    "Handwritten digits: 95 % of those held out",
    Passes(
        lambda: trained(trained(reader(), 12, 0.3), 4, 0.05),
        [
            Requirement(has_ten_scores),
            Requirement(is_finite, "left all bounds"),
            Requirement(gives_scores, "softmax twice"),
            Requirement(is_trained, "not trained yet"),
            Requirement(reads),
        ],
        [
            ("left all bounds", blown_up),
            ("softmax twice", lambda: reader(nn.Softmax(1))),
            ("not trained yet", reader),
        ],
    ),
    "Record the training with viz.record: does the loss still fall at the end, does it jump, is a layer's gradient 0?",
    needs=("L06-E6",),
)

LAB = Lab(
    "L06",
    "Train an MLP",
    60,
    "write cross-entropy, the SGD step and the training loop by hand, and read handwritten digits with them",
    (FIRST_LOSS, CROSS_ENTROPY, FROZEN, UPDATES, STEP, LOOP, DIGITS),
)
