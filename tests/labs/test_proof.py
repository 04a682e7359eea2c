"""The harness goes red: the template's lab is sound, and every fault that is planted in it is named."""

import shutil
from pathlib import Path

import pytest

from microtorch.labs import Calls, Case, Exercise, Lab, Passes, Value, load
from microtorch.labs.checking import registered
from microtorch.labs.workshop.master import Master
from microtorch.labs.workshop.proof import check_is_sound, one_at_a_time, prove, says_nothing, solved, untouched
from tests.conftest import needs

TEMPLATE = Path(__file__).parents[2] / "notebooks/template"


@pytest.fixture
def template(tmp_path):
    """The template as a teacher copies it, with lines of its master changed."""
    needs("IPython", "lab")
    needs("jupytext", "dev")
    shutil.copytree(TEMPLATE, tmp_path / "mine")

    def changed(*replaced):
        (path,) = (tmp_path / "mine/masters").glob("*.py")
        text = path.read_text("utf-8")
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, "utf-8")
        load(tmp_path / "mine/exercises.py")
        return Master.read(path), registered("X01")

    return changed


def test_the_template_is_sound(template):
    assert list(prove(*template())) == []


@pytest.mark.parametrize(
    ("proof", "old", "new", "complaint"),
    [
        (untouched, "# prediction = ...", "# prediction = 3", "untouched: X01-E1 is right, not not attempted"),
        (untouched, 'summary("X01")', "prediction + 1", "untouched: cell 8 raised TypeError: unsupported operand"),
        (solved, "prediction = 3", "prediction = 2", "solved: X01-E1 is wrong, not right"),
        (solved, 'check("X01-E2", slope)', 'check("X01-E1", 3)', "solved: X01-E2 is not checked, not right"),
        (solved, "return 6 * (3 * v + 1)", "raise ValueError", "solved: X01-E2 is wrong, not right"),
        (one_at_a_time, "return 6 * (3", "return 2 * prediction * (3", "with the solution of X01-E2: X01-E2 is wrong, not right"),
        (says_nothing, "# Write", "# return 6 * (3 * v + 1)", "has the line 'return 6 * (3 * v + 1)' of a solution"),
    ],
)
def test_a_fault_planted_in_a_master_is_named(proof, old, new, complaint, template):
    new = new if old != "# Write" else f"{new}\n# Write"
    old = "# **Exercise X01-E2.** Write" if old == "# Write" else old
    master, lab = template((old, new))
    complaints = list(proof(master) if proof is says_nothing else proof(master, lab))
    assert any(complaint in each for each in complaints), complaints


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        (Value(3, [("wrong sign", 3)]), "the wrong answer 'wrong sign' is right: the check cannot fail on it"),
        (Value(3, [("wrong sign", "three")]), "to the wrong answer 'wrong sign' it says"),
        (Passes(lambda: 1, []), "it takes anything for right"),
        (Calls(lambda v: v, []), "it takes anything for right"),
        (Calls(lambda v: v, [Case("v = 1", lambda f: 1)], [("wrong sign", lambda v: -v)]), "the check cannot fail on it"),
    ],
)
def test_a_check_that_cannot_fail_is_named(kind, complaint):
    complaints = list(check_is_sound(Exercise("X01-E1", "A check", kind)))
    assert any(complaint in each for each in complaints), complaints


def test_a_check_whose_solution_is_wrong_is_named():
    class Broken(Value):
        def solution(self):
            return self.right + 1

    assert list(check_is_sound(Exercise("X01-E1", "A check", Broken(3)))) == [
        "X01-E1: its solution is not right: You answered 4."
    ]


def test_an_exercise_that_builds_on_another_is_tried_with_it(template):
    master, lab = template(("return 6 * (3 * v + 1)", "return 2 * prediction * (3 * v + 1)"))
    first, second = lab.exercises
    both = Lab(
        lab.id, lab.title, lab.minutes, lab.objective, (first, Exercise(second.id, second.title, second.kind, needs=(first.id,)))
    )
    assert list(one_at_a_time(master, both)) == []
