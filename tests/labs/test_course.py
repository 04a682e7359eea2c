"""Every lab of the course is proven: untouched, solved, solved one exercise at a time; and each of its checks."""

from pathlib import Path

import pytest

from microtorch.labs import LABS
from microtorch.labs.workshop.master import Master
from microtorch.labs.workshop.proof import check_is_sound, one_at_a_time, says_nothing, solved, untouched
from tests.conftest import needs
from tests.labs.other_answers import OTHERS

FOLDER = Path(__file__).parents[2] / "notebooks/masters"
COURSE = [pytest.param(lab, id=lab.id) for lab in LABS]
EXERCISES = [pytest.param(each, id=each.id) for lab in LABS for each in lab.exercises]


needs("sklearn", "lab")  # its data are in some of the checks


def master(lab):
    needs("IPython", "lab")
    needs("jupytext", "dev")
    (path,) = FOLDER.glob(f"{lab.id[1:]}_*.py")
    return Master.read(path)


def test_every_lab_has_a_master_and_every_master_a_lab():
    assert sorted(path.stem[:2] for path in FOLDER.glob("*.py")) == [lab.id[1:] for lab in LABS]


@pytest.mark.parametrize("lab", COURSE)
def test_untouched_it_runs_and_nothing_is_attempted(lab):
    assert list(untouched(master(lab), lab)) == []


@pytest.mark.parametrize("lab", COURSE)
def test_solved_every_check_is_right(lab):
    assert list(solved(master(lab), lab)) == []


@pytest.mark.parametrize("lab", COURSE)
def test_a_solution_turns_its_own_check_right_and_no_other(lab):
    assert list(one_at_a_time(master(lab), lab)) == []


@pytest.mark.parametrize("lab", COURSE)
def test_no_solution_stands_in_the_students_notebook(lab):
    assert list(says_nothing(master(lab))) == []


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_check_takes_the_solution_and_names_every_wrong_answer(exercise):
    assert list(check_is_sound(exercise)) == []


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_exercise_says_where_in_the_stepper_to_look(exercise):
    assert exercise.look.endswith((".", "?"))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_another_right_answer_passes(exercise):
    assert OTHERS[exercise.id]
    for answer in OTHERS[exercise.id]:
        verdict = exercise.check(answer)
        assert verdict, verdict


@pytest.mark.parametrize("lab", COURSE)
def test_the_readme_and_a_note_for_teachers_have_every_lab(lab):
    (notebook,) = FOLDER.parent.glob(f"{lab.id[1:]}_*.ipynb")
    row = f"| [{int(lab.id[1:])}. {lab.title}](notebooks/{notebook.name}) | {lab.minutes} | {lab.objective} |"
    assert row in (FOLDER.parents[1] / "README.md").read_text("utf-8").splitlines()
    assert (FOLDER.parents[1] / f"docs/teaching/{notebook.stem}.md").is_file()
