"""`check` and `summary`: what a student sees, what a report reads, and what an author is told."""

import json

import pytest

from microtorch import labs
from microtorch.labs import Exercise, Lab, Value, check, register, summary
from microtorch.labs.checking import verdicts
from microtorch.labs.verdict import MIME


@pytest.fixture(autouse=True)
def own_lab(monkeypatch):
    monkeypatch.setattr("microtorch.labs.checking._verdicts", {})
    one, two = Exercise("T1-E1", "A <number>", Value(4.5)), Exercise("T1-E2", "Another", Value(9, [("wrong sign", -9)]))
    register(Lab("T1", "A lab of tests", 5, "to be tested", (one, two)))


def test_a_verdict_is_true_where_it_is_right():
    assert check("T1-E1", 4.5)
    assert not check("T1-E1", 5)
    assert not check("T1-E1", ...)


def test_a_verdict_in_text_begins_with_its_sign_and_its_word():
    assert repr(check("T1-E2", -9)) == "✗ T1-E2 wrong: You answered -9. That is the right size with the wrong sign."
    assert repr(check("T1-E2", 9)) == "✓ T1-E2 right: 9."
    assert repr(check("T1-E2", ...)).startswith("○ T1-E2 not attempted: Another.")


def test_a_verdict_in_a_page_escapes_what_was_answered_and_names_its_state():
    html = check("T1-E1", "<script>")._repr_mimebundle_()["text/html"]
    assert "✗ wrong" in html
    assert "&lt;script&gt;" in html
    assert "<script>" not in html


def test_a_verdict_leaves_what_a_report_reads():
    assert check("T1-E2", -9)._repr_mimebundle_()[MIME] == {
        "exercise": "T1-E2",
        "state": "wrong",
        "text": "You answered -9. That is the right size with the wrong sign.",
        "mistake": "wrong sign",
    }


def test_a_summary_has_every_exercise_and_the_last_verdict_on_it():
    check("T1-E2", 1)
    check("T1-E2", 9)
    assert repr(summary("T1")).splitlines() == [
        "A lab of tests: 1 of 2 right",
        "○ T1-E1  not attempted  A <number>",
        "✓ T1-E2  right          Another",
    ]
    assert "A &lt;number&gt;" in summary("T1")._repr_html_()


def test_a_summary_is_saved_as_json(tmp_path):
    check("T1-E2", 9)
    summary("T1").save(tmp_path / "mine.json")
    saved = json.loads((tmp_path / "mine.json").read_text("utf-8"))
    assert (saved["lab"], saved["exercises"], saved["right"]) == ("T1", 2, 1)
    assert [each["state"] for each in saved["verdicts"]] == ["not attempted", "right"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check("t1-e1", 1), "there is no exercise 't1-e1'; did you mean 'T1-E1'\\?"),
        (lambda: check("nothing", 1), "there is no exercise 'nothing'$"),
        (lambda: summary("T2"), "there is no lab 'T2'; there are L01,"),
        (lambda: register(Lab("T2", "", 1, "", (Exercise("T1-E1", "", Value(1)),))), "T1-E1 is no exercise of lab T2"),
        (lambda: register(Lab("T2", "", 1, "", (Exercise("T2-E1", "", Value(1)),) * 2)), "two exercises of one id"),
    ],
)
def test_an_author_is_told_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert [each.exercise for each in verdicts()] == []


def test_the_course_is_registered_with_the_package():
    assert {each.id for lab in labs.LABS for each in lab.exercises} <= labs.checking._exercises.keys()
