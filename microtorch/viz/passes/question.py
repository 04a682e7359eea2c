"""One question about a pass: which gradient comes next? And what is said to an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.snapshot import summarize
from ..words.rules import spelled
from ..words.text import number, shape, statistics, text
from .answering import UnreadableError, near, read, same
from .mistakes import MISTAKES, Mistake, right, size_of, wrong
from .steps import Recording, Sent, Step, Value
from .story import Story
from .words import axes_in_words, short, tiled

__all__ = ["CAUSES", "SMALL", "Question", "Tries", "Verdict", "told", "twins"]

CHOICES = 4  # that a question offers, the right one among them
FIRST = 4  # elements of a large array in a choice
SMALL = 16  # elements of an array that is told whole


# What is said to each mistake.
CAUSES = {
    **{name: f"Not yet: that is {words}." for name, words in MISTAKES.items()},
    "": "Not yet.",
    "rounded too much": "Not yet: the first digits are right; give three or four.",
    "one number for all": "Not yet: one number is not enough, the elements of this gradient ({wanted}) differ.",
    "another shape": "Not yet: the shape is {given}, and that of the input is {wanted}: its gradient has the same.",
}


@dataclass(frozen=True)
class Verdict:
    """What is said to an answer: whether it is ``right``; else the ``mistake`` by its name, if it is known, and a ``hint``.

    ``right`` is None where there was nothing to judge: the answer was no number.
    """

    right: bool | None
    text: str
    mistake: str = ""
    hint: str = ""

    def __repr__(self) -> str:
        return " ".join(filter(None, (self.text, self.hint)))


@dataclass
class Tries:
    """What became of one question."""

    tries: int = 0
    right: bool = False
    shown: bool = False
    mistakes: list[str] = field(default_factory=list)


class Question:
    """One question: which gradient comes next? It does not tell until it was answered, or `reveal` was called."""

    def __init__(self, walk: Recording, story: Story, index: int, position: int, port: int | None) -> None:
        self._walk, self._story = walk, story
        self.index = index
        self.position = position
        self._port = port
        self.tried: Tries | None = None

    def __repr__(self) -> str:
        return f"{self.index}. {self.text}"

    @property
    def _step(self) -> Step:
        return self._walk.steps[self.position]

    @property
    def is_open(self) -> bool:
        """Whether it waits for its answer: it was neither answered right, nor was the solution told."""
        return self.tried is None or not (self.tried.right or self.tried.shown)

    @property
    def _sent(self) -> Sent | None:
        return None if self._port is None else next(each for each in self._step.sent if each.edge.port == self._port)

    @property
    def solution(self) -> NDArray[Any]:
        """The right answer.

        Raises:
            RuntimeError: the trace is closed, and nothing is left of it but words.
        """
        array = right(self._step, self._sent) if self._walk.is_open else None
        if array is None:
            raise RuntimeError("the trace of this quiz is closed; make a new one with viz.quiz(root)")
        return array

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the gradient that is asked for."""
        value = self._step.grad.new if self._step.grad is not None else self._sent.value if self._sent is not None else None
        return () if value is None else value.summary.shape

    @property
    def text(self) -> str:
        """The question: what is known, and what is asked for."""
        step, story = self._step, self._story
        title = story.titles[step.node]
        got = "; ".join(filter(None, (arrived(story, step, output) for output in range(len(step.received)))))
        size = f" (shape {shape(self.shape, '×')})" if self.shape else ""
        if self._sent is None:
            old = None if step.grad is None else step.grad.old
            held = f"{title}.grad is {'None' if old is None else short(old)}"
            return f"{held}, and {title} receives {got}. What will {title}.grad be{size}?"
        return f"{title} receives {got}. What will it send to {self._target}{size}?"

    @property
    def _target(self) -> str:
        sent, step = self._sent, self._step
        assert sent is not None
        title = self._story.titles[sent.edge.producer or 0]
        others = [each for each in step.sent if each.edge.producer == sent.edge.producer and each is not sent]
        if others and all(twins(each, sent) for each in others):
            return f"{title}, along each of its {len(others) + 1} arrows there"
        name = self._walk.snapshot.nodes[step.node].ports[sent.edge.port].name or f"number {sent.edge.port + 1}"
        return f"{title} (its input `{name}`)" if others else title

    @property
    def hint(self) -> str:
        """The rule, in the names of the program; the gradient itself is not told."""
        step, story, sent = self._step, self._story, self._sent
        title = story.titles[step.node]
        if sent is None:
            return f"A leaf adds up all that arrives, and what {title}.grad held before (None counts as 0)."
        node = self._walk.snapshot.nodes[step.node]
        rule = spelled(self._walk.snapshot, node, node.ports[sent.edge.port])
        words = [f"First add up what has arrived ({len(step.parts)} gradients): that is grad."] if len(step.parts) > 1 else []
        words.append(
            f"The rule of {title} for {self._target}: {rule}." if rule
            else f"Multiply what arrives by the derivative of {title}'s output with respect to {self._target}."
        )  # fmt: skip
        if sent.summed:
            words.append(f"Then undo the broadcast: it is {axes_in_words(sent.summed)}.")
        return " ".join(words)

    def options(self) -> list[tuple[str, str]]:
        """Name and text of what can be chosen, "" the name of the right one; the order is another for each question."""
        found = [("", told(self.solution))]
        for name, array in self.wrong():
            if len(found) < CHOICES and all(name != other and told(array) != words for other, words in found):
                found.append((name, told(array)))
        Random(self.position * 1_000 + (self._port or 0)).shuffle(found)
        return found

    def wrong(self) -> list[Mistake]:
        """Wrong gradients that students come to, likely ones first, each with its name."""
        return wrong(self._walk.snapshot, self._step, self._sent)

    @property
    def scale(self) -> float:
        """The size beside which a millionth counts as nothing."""
        return size_of(self._step, self._sent)

    @property
    def unsummed(self) -> tuple[int, ...] | None:
        """Where a broadcast is to be undone: the shape that the gradient has before."""
        came = self._step.received[0] if len(self._step.received) == 1 else None
        return came.summary.shape if came is not None and self._sent is not None and self._sent.summed else None

    @property
    def choices(self) -> tuple[str, ...]:
        """The right gradient among wrong ones that students come to; answered with `choose`."""
        return tuple(text for _, text in self.options())

    def choose(self, choice: Any) -> Verdict:
        """Answer with one of the `choices`, by its number from 0."""
        options = self.options()
        if isinstance(choice, bool) or not isinstance(choice, (int, np.integer)) or not 0 <= choice < len(options):
            return Verdict(None, f"There is no such choice: give one of 0 to {len(options) - 1}.")
        name = options[choice][0]
        return self._judged(not name, name)

    def answer(self, answer: Any) -> Verdict:
        """Answer with numbers: one, nested lists, a Variable, a tensor, an array; or as typed, "2/3".

        One number does for a gradient that is the same everywhere. What cannot be read is said, and counts as no try.

        Raises:
            RuntimeError: the trace is closed.
        """
        wanted = self.solution
        try:
            given = read(answer)
        except UnreadableError as error:
            return Verdict(None, str(error), hint=f"The gradient has the shape {shape(self.shape, '×')}.")
        if same(given, wanted, self.scale):
            return self._judged(True, "")
        name = next((name for name, array in self.wrong() if same(given, array)), "")
        if not name and near(given, wanted):
            return self._judged(False, "rounded too much")
        if not name and given.shape != wanted.shape and (given.ndim or (wanted != wanted.flat[0]).any()):
            name = "one number for all" if not given.ndim else "another shape"
            if given.shape == self.unsummed:
                name = "did not undo the broadcast"
        return self._judged(False, name, given.shape)

    def reveal(self) -> str:
        """The gradient that was asked for: the question counts as asked, and not as answered, from then on."""
        self._begun().shown = True
        return told(self.solution)

    def _begun(self) -> Tries:
        if self.tried is None:
            self.tried = Tries()
        return self.tried

    def _judged(self, is_right: bool, mistake: str, given: tuple[int, ...] = ()) -> Verdict:
        kept = self._begun()
        if self.is_open:
            kept.tries += 1
            kept.right = is_right
            kept.mistakes += [mistake or "another number"] * (not is_right)
        if is_right:
            return Verdict(True, f"Right: {told(self.solution)}.")
        words = {name: cause.format(given=shape(given, "×"), wanted=shape(self.shape, "×")) for name, cause in CAUSES.items()}
        return Verdict(False, words[mistake], mistake, self.hint)


def twins(one: Sent, other: Sent) -> bool:
    """Whether the same is sent to the same node."""
    if one.edge.producer != other.edge.producer or one.value is None or other.value is None:
        return False
    if one.value.array is None or other.value.array is None:
        return False
    return bool(np.array_equal(one.value.array, other.value.array, equal_nan=one.value.array.dtype.kind in "fc"))


def arrived(story: Story, step: Step, output: int) -> str:
    """What has arrived at an output, part by part: to add them up is the student's work; what a hook has made of it, is not."""
    parts = [part for part in step.parts if part.output == output]
    terms = [story.term(step, part) if len(parts) > 1 else short(part.value) for part in parts]
    total = step.received[output]
    arrays = [part.value.array for part in parts if part.value is not None]
    if total is not None and total.array is not None and arrays and all(each is not None for each in arrays):
        added = np.asarray(sum(each for each in arrays if each is not None))
        if not same(added, total.array):
            return f"hook({' + '.join(terms)}) = {short(total)}"
    return " and ".join(terms)


def told(array: NDArray[Any]) -> str:
    """A gradient in words: of a large one the first elements, and what tells it from others."""
    summary = summarize(array)
    if tiled(summary):
        return short(Value(summary))
    if summary.values is not None:
        return text(summary)
    first = "" if array.dtype.kind == "c" else ", ".join(map(number, map(float, array.reshape(-1)[:FIRST])))
    return f"{shape(array.shape, '×')}: {first}, … ({', '.join(statistics(summary))})"
