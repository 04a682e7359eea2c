"""The kinds of answer: what is right, what is wrong and how it is named, and what is no attempt."""

import numpy as np
import pytest

import microtorch as torch
from microtorch import viz
from microtorch.labs import Calls, Case, Choice, Choices, Exercise, Passes, Predictions, Requirement, Value

NUMBER = Value(4.5, [("overwrote instead of added", 2.25)], "Both paths were added.")
MATRIX = Value([[1, 2], [3, 4]], [("transposed", [[1, 3], [2, 4]])])
ROLES = Choices({"x": Choice("leaf", {"no leaf": "Who made x?"}), "y": Choice("no leaf", {"leaf": "What is y.grad_fn?"})})
GRADS = Choices({"x": Choice("None", {"zero": "Who would have sent it?"}), "y": Choice("zero", {"None": "A node sent it."})})
DOUBLE = Calls(
    lambda v: 2 * v,
    [Case("v = 1", lambda f: f(1.0)), Case("v = 3", lambda f: f(3.0))],
    [("wrong sign", lambda v: -2 * v)],
    untouched=lambda v: v,
)
LOSSES = Passes(
    lambda: [2.0, 1.0],
    [
        Requirement(lambda each: "" if len(each) > 1 else "One loss."),
        Requirement(lambda each: "" if each[-1] < each[0] else "It grew.", "wrong sign"),
    ],
    [("wrong sign", lambda: [1.0, 2.0])],
)


def product():
    x = torch.tensor(2.0, requires_grad=True)
    return x * x * 3


PREDICTED = Predictions(product, at_least=2)


def predicted(*answers, revealed=0):
    quiz = viz.quiz(product())
    for question, answer in zip(quiz.questions, answers, strict=False):
        question.answer(answer)
    for question in quiz.questions[len(answers) : len(answers) + revealed]:
        question.reveal()
    return quiz


def raising(v):
    raise ZeroDivisionError("of no use.")


def blank(v):
    """Only a docstring, and dots."""
    ...  # noqa: PIE790


class Strange:
    def __array__(self, *args, **kwargs):
        raise RuntimeError("boom")

    def __repr__(self):
        raise RuntimeError("boom")


RIGHT = [
    (NUMBER, 4.5),
    (NUMBER, 4.5004),
    (NUMBER, np.float32(4.5)),
    (NUMBER, torch.full((2, 2), 4.5)),
    (NUMBER, "9/2"),
    (NUMBER, [4.5]),
    (MATRIX, torch.tensor([[1.0, 2], [3, 4]])),
    (MATRIX, "[[1, 2], [3, 4]]"),
    (ROLES, {"x": "leaf", "y": "no leaf"}),
    (ROLES, {"x": " Leaf", "y": "NO LEAF", "z": "more"}),
    (GRADS, {"x": "None", "y": "zero"}),
    (GRADS, {"x": None, "y": "zero"}),
    (DOUBLE, lambda v: v + v),
    (DOUBLE, lambda v: torch.tensor(2 * v)),
    (LOSSES, [3.0, 2.0, 1.0]),
    (PREDICTED, predicted(3, 6)),
]


@pytest.mark.parametrize(("kind", "answer"), RIGHT)
def test_a_right_answer_is_right_in_every_form(kind, answer):
    assert kind.judge(answer).right


WRONG = [
    (NUMBER, 2.25, "You answered 2.25. That is only what arrived last: gradients that arrive at the same place are added."),
    (NUMBER, 7, "You answered 7."),
    (NUMBER, [1, 2], "Your answer has the shape (2,); one number is asked for."),
    (NUMBER, "four", "'four' cannot be read as a number or as nested lists of numbers."),
    (NUMBER, Strange(), "a Strange cannot be read as a number or as nested lists of numbers."),
    (MATRIX, [[1, 3], [2, 4]], "That is a matrix the wrong way round"),
    (MATRIX, [1, 2, 3, 4], "Your answer has the shape (4,); shape (2, 2) is asked for."),
    (ROLES, {"x": "leaf", "y": "leaf"}, "1 of 2 right.\ny: leaf? What is y.grad_fn?"),
    (ROLES, {"x": "leaf"}, "1 of 2 right.\ny: still open."),
    (ROLES, {"x": "root", "y": "no leaf"}, "1 of 2 right.\nx: 'root' is none of 'leaf', 'no leaf'."),
    (ROLES, {"x": "leaf", "y": None}, "1 of 2 right.\ny: still open."),
    (GRADS, {"x": None, "y": None}, "1 of 2 right.\ny: None? A node sent it."),
    (ROLES, ["leaf", "no leaf"], "A dict is asked for, with a word for each of x, y."),
    (DOUBLE, lambda v: -2 * v, "In the case v = 1, it gave -2; 2 was expected. That is the right size with the wrong sign."),
    (DOUBLE, lambda v: v * v * 2, "In the case v = 3, it gave 18; 6 was expected."),
    (DOUBLE, lambda v: None if v > 2 else 2 * v, "In the case v = 3, it returned nothing: is there a return?"),
    (DOUBLE, raising, "In the case v = 1, it raised ZeroDivisionError: of no use. Look"),
    (DOUBLE, lambda: 0, "In the case v = 1, it raised TypeError"),
    (DOUBLE, lambda v: Strange(), "In the case v = 1, it gave a Strange; 2 was expected."),
    (DOUBLE, lambda v: [2 * v], "In the case v = 1, it gave [2]; 2 was expected."),
    (DOUBLE, 2.0, "A function is asked for, and 2 is none: give its name, without parentheses."),
    (LOSSES, [1.0], "One loss."),
    (LOSSES, [1.0, 2.0], "It grew. That is the right size with the wrong sign."),
    (LOSSES, 5, "Your answer raised TypeError: object of type 'int' has no len()."),
    (PREDICTED, predicted(3), "1 of the 2 predictions that are asked for are right so far. Go on, and run this cell again."),
    (PREDICTED, predicted(3, revealed=3), "What was shown to you does not count"),
    (PREDICTED, 4.5, "The quiz itself is asked for: what viz.quiz(…) returned."),
]


@pytest.mark.parametrize(("kind", "answer", "said"), WRONG)
def test_a_wrong_answer_is_told_what_was_seen_and_what_it_looks_like(kind, answer, said):
    verdict = Exercise("T-E1", "An exercise", kind, "Look at step 2.").check(answer)
    assert verdict.state == "wrong"
    assert said in verdict.text
    assert verdict.text.endswith((" Look at step 2.", "\nLook at step 2."))


UNTOUCHED = [
    *[(kind, answer) for kind in (NUMBER, MATRIX, ROLES, DOUBLE, LOSSES, PREDICTED) for answer in (None, ...)],
    (ROLES, {"x": ..., "y": ...}),
    (ROLES, {"x": None, "y": None}),
    (GRADS, {"x": ..., "y": ...}),
    (DOUBLE, blank),
    (LOSSES, blank),
    (DOUBLE, lambda v: v),
    (PREDICTED, predicted()),
]


@pytest.mark.parametrize(("kind", "answer"), UNTOUCHED)
def test_what_is_still_as_it_came_is_no_attempt(kind, answer):
    assert Exercise("T-E1", "An exercise", kind).check(answer).state == "not attempted"


def test_what_is_to_be_repaired_and_is_as_it_came_is_told_what_it_does():
    verdict = Exercise("T-E1", "An exercise", DOUBLE).check(lambda v: v)
    assert "In the case v = 1, it gave 1; 2 was expected. It did so before: change it" in verdict.text


def test_a_function_that_says_it_is_not_written_yet_is_no_attempt():
    def later(v):
        raise NotImplementedError

    assert Exercise("T-E1", "An exercise", DOUBLE).check(later).state == "not attempted"


def test_a_function_that_should_raise_and_does_not_is_told_so():
    kind = Calls(raising, [Case("v = 1", lambda f: f(1.0))])
    assert "it gave 1; it should have raised a ZeroDivisionError." in kind.judge(lambda v: v).text


def test_the_answer_is_never_told():
    for kind, answer in [(NUMBER, 7), (NUMBER, 2.25), (NUMBER, [1, 2])]:
        assert "4.5" not in Exercise("T-E1", "An exercise", kind).check(answer).text
