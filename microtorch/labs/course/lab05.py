"""Lab 5, What the graph remembers."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Any

import microtorch as torch
from microtorch import viz

from ..exercise import Exercise, Lab
from ..kinds.calls import Calls, Case
from ..kinds.choices import Choice, Choices
from ..kinds.value import Value

__all__ = ["LAB"]

Function = Callable[..., Any]


class Data:
    """Pairs that are made anew in each turn, so that it can be seen how many the graphs of earlier turns keep alive."""

    pairs = ((1.0, 2.0), (2.0, 3.0), (0.5, 2.0), (1.5, 1.0), (1.0, 3.0), (2.0, 5.0))

    def __init__(self) -> None:
        self.alive = 0  # at most, of the inputs of earlier turns

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        given: list[weakref.ref[Any]] = []
        for x, target in self.pairs:
            self.alive = max(self.alive, sum(each() is not None for each in given))
            made = torch.tensor(x)
            given.append(weakref.ref(made.array))
            yield made, torch.tensor(target)
            del made


def mean_loss(keep: Function, result: Function = lambda total: total) -> Function:
    """A loop that measures: ``keep`` makes the new total of the old one and a loss, ``result`` is made of the last."""

    def measured(w: Any, data: Any) -> Any:
        total = 0.0
        for x, target in data:
            total = keep(total, (w * x - target) ** 2)
        return result(total / len(data))

    return measured


def measured(function: Function, data: Any = None) -> Any:
    """The mean loss of a weight of 0.5."""
    return function(torch.tensor(0.5, requires_grad=True), Data() if data is None else data)


def nodes_behind(result: Any) -> int:
    """How many nodes a result keeps alive."""
    return len(viz.snapshot(result).nodes) if getattr(result, "requires_grad", False) else 0


def graphs_kept(function: Function) -> int:
    """How many turns' graphs were alive at once. The last two may be: loop variables still hold them."""
    data = Data()
    measured(function, data)
    return max(2, data.alive)


def loss_and_picture(picture_of: Function, value_of: Function = lambda x: x.exp()) -> Function:
    """A loss, and a picture of the values that it was computed from."""

    def both(x: Any) -> tuple[Any, Any]:
        y = value_of(x)
        return y.sum(), picture_of(y)

    return both


def of_picture(label: str, look: Function) -> Case:
    """What is seen of a leaf, the loss and the picture."""

    def call(function: Function) -> Any:
        x = torch.tensor([-1.0, 0.5], requires_grad=True)
        loss, picture = function(x)
        return look(x, loss, picture)

    return Case(label, call)


def grad_of(x: Any, loss: Any, picture: Any) -> Any:
    """The leaf's ``.grad``."""
    loss.backward()
    return x.grad


@torch.no_grad()
def unrecorded(x: Any) -> Any:
    """Values without history."""
    return x.exp()


SAVES = Exercise(
    "L05-E1",
    "What the node of an operation saves",
    Choices(
        {
            "x + z": Choice(
                "nothing",
                {
                    "inputs": "The derivative of x + z by x is 1. Does x or z occur in it?",
                    "result": "The derivative of x + z by x is 1. Does the sum occur in it?",
                },
            ),
            "x * z": Choice(
                "inputs",
                {
                    "result": "The derivative of x * z by x is z. Can z be had from the product alone?",
                    "nothing": "The derivative of x * z by x is z. Where is the node to have it from?",
                },
            ),
            "x.exp()": Choice(
                "result",
                {
                    "inputs": "From x it would have to compute its derivative anew. Which number is that derivative?",
                    "nothing": "Its derivative is not the same everywhere: what does it depend on?",
                },
            ),
            "x.sin()": Choice(
                "inputs",
                {
                    "result": "Its derivative is cos(x). From sin(x) alone, is its sign known?",
                    "nothing": "Its derivative is cos(x): of what?",
                },
            ),
            "x.tanh()": Choice(
                "result",
                {
                    "inputs": "Write its derivative with tanh(x) in it: what do you need then?",
                    "nothing": "Its derivative is not the same everywhere: what does it depend on?",
                },
            ),
            "x.sum()": Choice(
                "nothing",
                {
                    "inputs": "By each of its terms, the derivative of a sum is 1. Do the terms occur in that?",
                    "result": "By each of its terms, the derivative of a sum is 1. Does the sum occur in that?",
                },
            ),
        }
    ),
    "In the stepper, look at the rule of a node: what stands in it besides grad?",
)

TWICE = Exercise(
    "L05-E2",
    "Walked twice: raises or runs",
    Choices(
        {
            "a": Choice("runs", {"raises": "Which nodes are there, and what has each of them saved (exercise 1)?"}),
            "b": Choice("runs", {"raises": "What does retain_graph=True do in the first of the two?"}),
            "c": Choice("runs", {"raises": "Is the graph of the second turn the same one as that of the first?"}),
            "d": Choice("raises", {"runs": "Both ways lead through h = x.exp(). What did its node do in the first pass?"}),
            "e": Choice(
                "runs", {"raises": "Both ways lead through h = x + 2. What has its node saved? And h * h is walked once."}
            ),
            "f": Choice(
                "raises", {"runs": "The state of the second turn was computed from that of the first. Where does the walk go?"}
            ),
        }
    ),
    "Draw what is walked the second time with viz.draw: which of its nodes say that what they saved is freed?",
)

LEAK = Exercise(
    "L05-E3",
    "A mean loss that forgets its graphs",
    Calls(
        mean_loss(lambda total, loss: total + loss.item()),
        [
            Case("of the mean loss", lambda function: float(measured(function))),
            Case("of the nodes that the result keeps alive", lambda function: nodes_behind(measured(function))),
            Case("of the turns whose graphs are alive at once (2 are fine)", graphs_kept),
        ],
        [
            ("cut off too late", mean_loss(lambda total, loss: total + loss, lambda total: total.detach())),
            ("cut off one turn late", mean_loss(lambda total, loss: getattr(total, "data", total) + loss)),
        ],
        untouched=mean_loss(lambda total, loss: total + loss),
    ),
    "Draw what is returned with viz.draw: a number has no graph.",
)

IN_PLACE = Exercise(
    "L05-E4",
    "Changed in place: raises or runs",
    Choices(
        {
            "a": Choice("raises", {"runs": "y += 1 changes y. Who saved y?"}),
            "b": Choice("runs", {"raises": "y += 1 changes y. What did Sin save: x or y?"}),
            "c": Choice("runs", {"raises": "Does y = y + 1 change the tensor that Exp saved?"}),
            "d": Choice("runs", {"raises": "h is changed, but did h + h save it?"}),
            "e": Choice("raises", {"runs": "w * w saved w. Under no_grad nothing is recorded, but is the change counted?"}),
            "f": Choice("runs", {"raises": "When w is changed, does anyone still need what was saved?"}),
        }
    ),
    "Walk it with viz.step: the walk stops where a node finds another version than it saved.",
)

PAST_THE_COUNTER = Exercise(
    "L05-E5",
    "x.grad after y.data += 2",
    Value(
        3,
        [("from the value before the change", 1), ("took it for a constant", 0), ("the change alone", 2)],
        "Exp finds 1 + 2 where it saved 1.",
    ),
    "Walk it with viz.step: with which number does Exp multiply?",
)

PICTURE = Exercise(
    "L05-E6",
    "A picture that changes nothing",
    Calls(
        loss_and_picture(lambda y: y.detach().clamp(max=1)),
        [
            of_picture("of the loss", lambda x, loss, picture: loss),
            of_picture("of the picture", lambda x, loss, picture: picture),
            of_picture("of loss.requires_grad", lambda x, loss, picture: loss.requires_grad),
            of_picture("of picture.requires_grad", lambda x, loss, picture: picture.requires_grad),
            of_picture("of x.grad after loss.backward()", grad_of),
        ],
        [
            ("changed shared memory", loss_and_picture(lambda y: y.detach().clamp_(max=1))),
            ("copied with its history", loss_and_picture(lambda y: y.clone().clamp_(max=1))),
            ("cut off before backward()", loss_and_picture(lambda y: y.clamp(max=1), unrecorded)),
        ],
        untouched=loss_and_picture(lambda y: y.data.clamp_(max=1)),
    ),
    "Walk the loss with viz.step after the picture was made: with which numbers does Exp multiply?",
)

HISTORY = Exercise(
    "L05-E7",
    "Who still has a history",
    Choices(
        {
            "inside": Choice("cut off", {"remembers": "It was computed under no_grad(): was anything recorded?"}),
            "detached": Choice("cut off", {"remembers": "What is detached.grad_fn?"}),
            "after": Choice("remembers", {"cut off": "Did y.detach() change y, or make a second tensor?"}),
            "copied": Choice("remembers", {"cut off": "clone() makes new memory. Is it an operation, with a grad_fn?"}),
            "evaluated": Choice("remembers", {"cut off": "What does eval() change: what a layer computes, or what is recorded?"}),
            "stepped": Choice(
                "cut off", {"remembers": "Where does the line stand? Not in place, it makes a new tensor: who recorded it?"}
            ),
        }
    ),
    "Draw each of them with viz.draw, or print its grad_fn: None says that it was cut off.",
)

LAB = Lab(
    "L05",
    "What the graph remembers",
    60,
    "what is saved between forward and backward, when it is freed, what an in-place change breaks, and how to forget on purpose",
    (SAVES, TWICE, LEAK, IN_PLACE, PAST_THE_COUNTER, PICTURE, HISTORY),
)
