"""Predict: what is asked, how an answer is judged, and what is counted."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import microtorch
from microtorch.viz.passes.quiz import Quiz, quiz
from microtorch.viz.passes.trace import trace
from tests.viz.passes_cases import leaf
from tests.viz.quizzes import Program, arrays, check, distractors, programs, scalars

numbers = st.lists(st.sampled_from([0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 1e-3, 100.0]), min_size=4, max_size=4)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


@settings(max_examples=60, deadline=None)
@given(program=programs(), values=numbers)
def test_of_any_program_the_right_answer_is_right_and_each_distractor_is_wrong_by_its_own_name(
    program: Program, values: list[float]
) -> None:
    root = arrays(program, microtorch, values)
    check(lambda: quiz(root))


@settings(max_examples=60, deadline=None)
@given(program=programs("+*r"), values=numbers)
def test_so_it_is_of_a_students_engine(program: Program, values: list[float]) -> None:
    root = scalars(program, values)
    check(lambda: quiz(root))


# ---- which mistakes are known, each by a case ----


def named(name: str, variable: microtorch.Variable) -> microtorch.Variable:
    variable.name = name
    return variable


def shared() -> Any:
    x = named("x", leaf(2.0))
    y = x * 3
    return y * 5 + y * 7


def held() -> Any:
    x = named("x", leaf(2.0))
    x.grad = microtorch.tensor(10.0)
    return x * 3


def product() -> Any:
    w = microtorch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    return (microtorch.tensor([[1.0, 2.0], [0.0, 5.0]]) @ w * microtorch.tensor([[1.0, 2.0], [3.0, 5.0]])).sum()


def row() -> Any:
    b = named("b", leaf(1.0, 2.0))
    return (microtorch.ones(3, 2) * b).sum()


CASES: list[tuple[Callable[[], Any], str, int, Any, str]] = [
    # the program, a part of the question, the answer, the mistake
    (lambda: leaf(2.0) * 3 * 5, "MulBackward0", 1, 3.0, "forgot the upstream factor"),
    (lambda: (leaf(1.0, 2.0) * 3).mean(), "MeanBackward0", 0, 1.0, "forgot the count"),
    (lambda: (leaf(1.0, 2.0) * 3).sum(), "SumBackward0", 0, 0.5, "mean for sum"),
    (shared, "MulBackward0", 4, 15.0, "overwrote instead of added"),
    (shared, "MulBackward0", 4, 21.0, "did not wait for all"),
    (shared, "MulBackward0", 4, 3.0, "forgot the upstream factor"),
    (held, "x.grad is 10", 1, 3.0, "forgot what .grad held"),
    (held, "x.grad is 10", 1, -13.0, "wrong sign"),
    (product, "MmBackward0", 2, [[5.0, 13.0], [10.0, 25.0]], "transposed"),
    (product, "MmBackward0", 2, [[7.0, 12.0], [15.0, 25.0]], "did not transpose"),
    (product, "MmBackward0", 2, [[5.0, 10.0], [13.0, 25.0]], "changed the order of the factors"),
    (product, "MmBackward0", 2, [[1.0, 17.0], [2.0, 29.0]], "transposed"),
    (row, "to b", 1, [[1.0, 1.0]] * 3, "did not undo the broadcast"),
    (row, "to b", 1, 1.0, "did not undo the broadcast"),
    (row, "to b", 1, [[7.0, 8.0]] * 3, "did not undo the broadcast"),
    (lambda: leaf(2.0) * leaf(5.0), "to leaf", 0, 2.0, "mixed up the inputs"),
    (lambda: leaf(2.0) * 3 * 5, "MulBackward0", 1, 5.0, "handed it on unchanged"),
]


@pytest.mark.parametrize(("make", "words", "index", "answer", "mistake"), CASES)
def test_a_mistake_is_named(make: Callable[[], Any], words: str, index: int, answer: Any, mistake: str) -> None:
    question = quiz(make()).questions[index]
    assert words in question.text
    verdict = question.answer(answer)
    assert (verdict.right, verdict.mistake) == (False, mistake), [repr(question), distractors(question)]


def test_both_ways_of_a_square_at_once_are_one_too_many() -> None:
    x = leaf(3.0)
    verdict = quiz(x * x).questions[0].answer(6)
    assert (verdict.right, verdict.mistake) == (False, "counted both ways at once")


# ---- the question tells what is known, and not the answer ----


def test_what_has_arrived_is_told_part_by_part_and_not_added() -> None:
    assert repr(quiz(shared()).questions[4]) == ("4. MulBackward0 #1 receives 7 and 5. What will it send to x?")


def test_a_leafs_question_tells_what_it_holds() -> None:
    assert quiz(held()).questions[1].text == "x.grad is 10, and x receives 3. What will x.grad be?"


def test_what_a_hook_has_made_of_it_is_told() -> None:
    x = leaf(2.0)
    y = x * 3
    y.register_hook(lambda grad: grad * 10)
    question = quiz(y).questions[0]
    assert "receives hook(1) = 10." in question.text
    assert question.answer(30).right


def test_where_a_hook_has_changed_what_is_sent_the_rule_is_not_believed() -> None:
    y = leaf(2.0) * 3
    y.grad_fn.register_hook(lambda sent, _: tuple(None if each is None else each * 7 for each in sent))  # type: ignore[union-attr]
    question = quiz(y * 5).questions[1]
    assert question.answer(21).mistake == "forgot the upstream factor"
    assert question.answer(105).right


def test_the_hint_names_the_rule_in_the_words_of_the_program() -> None:
    x, w = leaf(2.0, 1.0), leaf(3.0)
    y = x * w
    of_x, of_w = (each for each in quiz(y.sum()).at(1))
    assert of_x.hint == "The rule of MulBackward0 (y) for x: grad * w."
    assert of_w.hint == "The rule of MulBackward0 (y) for w: grad * x. Then undo the broadcast: it is summed over axis 0."
    assert "add" in quiz(shared()).questions[4].hint


def test_it_asks_where_the_trace_stands() -> None:
    walk = trace(shared())
    asking = Quiz(walk)
    walk.goto(3)
    assert [each.position for each in asking.at()] == [3]
    assert asking.at(99) == ()


# ---- answers ----


@pytest.fixture
def asking() -> Quiz:
    x = microtorch.ones(2, 2, requires_grad=True)
    y = x + 2
    return quiz((y * y * 3).mean())


RIGHT = [
    0.25, np.float32(0.25), "0.25", " 1/4 ", "0.5 * 0.5", np.full((2, 2), 0.25), [[0.25, 0.25], [0.25, 0.25]],
    microtorch.full((2, 2), 0.25), "0.25 everywhere", "1/4 each", "0.25 in each of 2×2", "0.25 .25; 1/4 0.5 * 0.5",
    "0.25, 0.25; 0.75 - 0.5, −1/-4", "[[.25, .25], [.25, 1/4]]", 0.2501, ((0.25, 0.25), (0.25, 0.25)),
]  # fmt: skip


@pytest.mark.parametrize("answer", RIGHT)
def test_numbers_are_read_in_every_form(asking: Quiz, answer: Any) -> None:
    verdict = asking.questions[0].answer(answer)
    assert verdict.right
    assert repr(verdict) == "Right: 0.25 in each of 2×2."


class Hostile:
    def __array__(self, *_: object) -> Any:
        raise SystemError("look away")


UNREADABLE = [
    None, "", "abc", "everywhere", "1 2; 3", "1 2]", "__import__('os')", "[1, 2", "1/0", "(" * 500, "1" * 20_000, "True", True,
    [[1, 2], [3]], {"x": 1}, object(), Hostile(), [None], "['a']", lambda: 0.25, b"1", "[1, 2] * 3", 10**400, float,
]  # fmt: skip


@pytest.mark.parametrize("answer", UNREADABLE)
def test_what_is_no_number_is_said_in_words_and_is_no_try(asking: Quiz, answer: Any) -> None:
    verdict = asking.questions[0].answer(answer)
    assert verdict.right is None
    assert "number" in verdict.text
    assert "2×2" in verdict.hint
    assert asking.score()["tries"] == 0
    assert " at 0x" not in repr(verdict)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([1.0, 2.0, 3.0], "the shape is (3,), and that of the input is 2×2"),
        ([[1.0]], "the shape is 1×1"),
        (0.26, "the first digits are right"),
        (123.0, "Not yet."),
        (float("nan"), "Not yet."),
    ],
)
def test_what_else_is_wrong_is_said(asking: Quiz, answer: Any, words: str) -> None:
    verdict = asking.questions[0].answer(answer)
    assert verdict.right is False
    assert words in verdict.text


def test_one_number_does_not_do_where_the_elements_differ() -> None:
    x = leaf(1.0, 2.0)
    verdict = quiz((x * x).sum()).questions[1].answer(77)
    assert verdict.mistake == "one number for all"


def test_a_nan_is_answered_with_nan() -> None:
    x = leaf(0.0)
    asking = quiz(x.log() * 0)
    (question,) = (each for each in asking.questions if np.isnan(each.solution).any() and each.position == 1)
    assert question.answer("nan").right
    assert not question.answer(0).right


def test_of_great_terms_that_cancel_a_small_rest_is_nothing() -> None:
    x = leaf(1.0)
    question = quiz(x * 0.1 + x * 0.2 + x * -0.3).questions[-1]
    assert 0 < abs(question.solution) < 1e-7
    assert question.answer(0).right


def test_the_right_choice_is_not_always_in_the_same_place() -> None:
    y = leaf(1.0)
    for factor in range(2, 12):
        y = y * factor
    places = {[name for name, _ in each.options()].index("") for each in quiz(y).questions}
    assert len(places) > 2


# ---- the score ----


def test_the_score_tells_first_tries_tries_and_mistakes(asking: Quiz) -> None:
    first, second, third, *_ = asking.questions
    assert asking.score() == {
        "questions": 5, "asked": 0, "right": 0, "right_at_first_try": 0, "tries": 0, "mistakes": {},
    }  # fmt: skip
    first.answer(0.25)
    second.answer(3)
    second.answer(-0.75)
    second.answer(3)
    second.answer(0.75)
    second.answer(5)  # after the right answer nothing counts
    third.reveal()
    third.answer(2.25)  # nor after the solution was told
    assert asking.score() == {
        "questions": 5, "asked": 3, "right": 2, "right_at_first_try": 1, "tries": 5,
        "mistakes": {"forgot the upstream factor": 2, "wrong sign": 1},
    }  # fmt: skip
    assert repr(asking).splitlines() == [
        "Quiz on backward() from the root: 5 questions, 3 asked, 2 right.",
        "  1 at the first try; 5 tries in all.",
        "  forgot the upstream factor: 2×",
        "  wrong sign: 1×",
    ]


def test_asking_moves_nothing() -> None:
    x = leaf(2.0)
    walk = trace(x * 3)
    for question in Quiz(walk).questions:
        question.answer(3)
    assert walk.position == 0
    assert x.grad is None


def test_nothing_is_asked_of_a_step_that_fails_or_of_a_gradient_without_elements() -> None:
    y = leaf(2.0) * 3
    y.register_hook(lambda grad: 1 / 0)
    assert quiz(y).questions == ()
    empty = microtorch.ones(0, requires_grad=True)
    assert len(quiz((empty * 2).sum()).questions) == 0


def test_after_the_trace_is_closed_no_array_is_left_and_that_is_said(asking: Quiz) -> None:
    question = asking.questions[0]
    question.answer(1)
    asking.trace.close()
    with pytest.raises(RuntimeError, match=r"closed.*viz\.quiz"):
        question.answer(1)
    assert asking.reply({"ask": 0}) is None
    assert asking.score()["tries"] == 1


# ---- large gradients ----


def test_choices_of_large_gradients_can_be_told_apart() -> None:
    microtorch.manual_seed(0)
    x, w = microtorch.randn(5, 30), microtorch.randn(30, 4, requires_grad=True)
    asking = quiz((x @ w).tanh().mean())
    for question in asking.questions:
        assert len(set(question.choices)) == len(question.choices) >= 2
        assert all(len(each) < 160 for each in question.choices)
    check(lambda: asking if asking.score()["asked"] == 0 else quiz((x @ w).tanh().mean()))


# ---- the page's messages ----


def test_the_page_is_given_all_to_judge_by_itself(asking: Quiz) -> None:
    sent = json.loads(json.dumps(asking.page(0, 0)))
    (data,) = sent["questions"]
    assert data["numbers"] == [0.25]  # all four are the same
    assert data["shape"] == [2, 2]
    assert [each["text"] for each in data["choices"]] == list(asking.questions[0].choices)
    assert data["choices"][[each["mistake"] for each in data["choices"]].index("")]["text"] == data["solution"]
    assert data["hint"] == asking.questions[0].hint
    assert sent["mistakes"].keys() >= {each["mistake"] for each in (*data["choices"], *data["wrong"])}
    assert sent["mistakes"]["wrong sign"] == asking.questions[0].answer(-0.25).text
    assert len(asking.page()["questions"]) == 5
    assert len(asking.page(1, 2)["questions"]) == 2


def test_of_a_long_pass_a_page_is_sent_so_many_questions_at_once() -> None:
    y = leaf(1.0)
    for _ in range(500):
        y = y * 1.5
    assert len(quiz(y).page()["questions"]) == 200


def test_a_page_is_sent_the_questions_of_whole_steps_and_told_up_to_where(asking: Quiz, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [asking.page()["covers"], asking.page(1, 2)["covers"]] == [5, 5]
    monkeypatch.setattr("microtorch.viz.passes.asking.SENT", 2)
    x, y = leaf(2.0), leaf(3.0)
    sent = quiz(x * y * 3).page()
    assert [each["position"] for each in sent["questions"]] == [0]  # two more at the second step would be one too many
    assert sent["covers"] == 1


def test_what_is_sent_to_the_same_node_several_times_is_asked_for_once() -> None:
    x = leaf(2.0)
    assert [each.text for each in quiz(x * x).at(0)] == [
        "MulBackward0 receives 1. What will it send to x, along each of its 2 arrows there?"
    ]
    y = leaf(3.0)
    assert len(quiz(x * y).at(0)) == len(quiz(x - x).at(0)) == 2


def test_a_page_is_told_which_questions_are_answered_and_the_score(asking: Quiz) -> None:
    asking.questions[0].answer(0.25)
    asking.questions[1].answer(77)
    asking.questions[2].reveal()
    sent = asking.page()
    assert [each["open"] for each in sent["questions"]] == [False, True, False, True, True]
    assert sent["score"] == asking.score()


def test_large_gradients_are_sent_as_numbers_only_where_one_says_all() -> None:
    x = microtorch.rand(5, 5, requires_grad=True)
    questions = quiz((x * x).mean()).page()["questions"]
    assert [each["numbers"] and len(each["numbers"]) for each in questions] == [1, None, None]
    assert [len(each["numbers"]) for each in questions[1]["wrong"]] == [1] * len(questions[1]["wrong"])


def test_a_trace_has_one_quiz() -> None:
    walk = trace(leaf(2.0) * 3)
    quiz(walk).questions[0].answer(3)
    assert quiz(walk) is walk.quiz
    assert walk.quiz.score()["right"] == 1


def test_messages_are_answered(asking: Quiz) -> None:
    assert asking.reply({"ask": 0}) == {"ask": 0, **asking.page(0, 0)}
    said = asking.reply({"question": 0, "answer": "1"})
    assert said is not None
    assert (said["right"], said["mistake"], said["score"]["tries"]) == (False, "forgot the count", 1)
    names = [name for name, _ in asking.questions[0].options()]
    said = asking.reply({"question": 0, "choice": names.index("")})
    assert said is not None
    assert said["right"]
    said = asking.reply({"question": 1, "reveal": True})
    assert said is not None
    assert (said["right"], said["text"]) == (None, "0.75 in each of 2×2.")


@pytest.mark.parametrize(
    "message", [None, [], {}, {"ask": "0"}, {"ask": True}, {"question": -1, "answer": 1}, {"question": 99}, {"question": "0"}]
)
def test_what_is_no_message_is_not_answered(asking: Quiz, message: Any) -> None:
    assert asking.reply(message) is None


@pytest.mark.parametrize("choice", [-1, 4, "0", None, 1.0, True])
def test_what_is_no_choice_is_said(asking: Quiz, choice: Any) -> None:
    verdict = asking.questions[0].choose(choice)
    assert verdict.right is None
    assert "no such choice" in verdict.text
