"""A master and the notebooks that are read from it."""

import pytest

from microtorch.labs.workshop.build import deeper
from microtorch.labs.workshop.master import Master, MasterError, solved_code, student_code

WHOLE = """\
x = 1
# BEGIN SOLUTION
prediction = 4.5
# INSTEAD
# prediction = ...  # a number
# END SOLUTION
check('T1-E1', prediction)"""
INSIDE = '''\
def f(v):
    """Double it."""
    # BEGIN SOLUTION
    return 2 * v
    # END SOLUTION

check("T1-E2", f)'''


@pytest.mark.parametrize(
    ("cell", "student", "solved"),
    [
        ("x = 1", "x = 1", "x = 1"),
        (
            WHOLE,
            "x = 1\nprediction = ...  # a number\ncheck('T1-E1', prediction)",
            "x = 1\nprediction = 4.5\ncheck('T1-E1', prediction)",
        ),
        (
            INSIDE,
            'def f(v):\n    """Double it."""\n    ...  # your code here\n\ncheck("T1-E2", f)',
            'def f(v):\n    """Double it."""\n    return 2 * v\n\ncheck("T1-E2", f)',
        ),
        (
            "# BEGIN SOLUTION\n# why\na = 1\n# INSTEAD\n# # broken:\n# a = 2\n#\n# if a:\n#     b = 3\n# END SOLUTION",
            "# broken:\na = 2\n\nif a:\n    b = 3",
            "# why\na = 1",
        ),
        ("# BEGIN SOLUTION\na = 1\n# INSTEAD\n# END SOLUTION\nb = 2", "b = 2", "a = 1\nb = 2"),
    ],
)
def test_a_cell_for_the_student_and_a_cell_solved(cell, student, solved):
    assert student_code(cell) == student
    assert solved_code(cell) == solved


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("a = 1\n# END SOLUTION", "'# END SOLUTION' stands where none may be, in the cell that begins 'a = 1'"),
        ("# INSTEAD", "'# INSTEAD' stands where none may be"),
        ("# BEGIN SOLUTION\na = 1", "'# BEGIN SOLUTION' has no '# END SOLUTION'"),
        ("# BEGIN SOLUTION\n# BEGIN SOLUTION", "'# BEGIN SOLUTION' stands where none may be"),
        ("# BEGIN SOLUTION\n# INSTEAD\n# INSTEAD\n# END SOLUTION", "'# INSTEAD' stands where none may be"),
    ],
)
def test_marks_without_partners_are_refused(cell, message):
    with pytest.raises(MasterError, match=message):
        student_code(cell)


@pytest.fixture
def master(tmp_path):
    def write(*cells):
        path = tmp_path / "99_test.py"
        path.write_text("\n\n".join(f"# %%\n{cell}" for cell in cells), "utf-8")
        return Master.read(path)

    return write


def test_a_solution_belongs_to_the_next_check(master):
    made = master("x = 1", WHOLE, INSIDE.partition("\n\n")[0], "f(2)", 'check("T1-E2", f)')
    assert made.solutions() == {"T1-E1": [1], "T1-E2": [2]}
    assert made.checks() == ["T1-E1", "T1-E2"]


def test_a_solution_without_a_check_is_refused(master):
    with pytest.raises(MasterError, match=r"99_test.py: no check\(\"…\"\) follows the solution in cell 2"):
        master("x = 1", "# BEGIN SOLUTION\na = 1\n# END SOLUTION")


def test_a_notebook_is_solved_as_far_as_is_asked_for(master):
    made = master(WHOLE, INSIDE)
    assert ["your code" in cell.source for cell in made.notebook(set()).cells] == [False, True]
    assert [cell.source for cell in made.notebook({"T1-E1"}).cells] == [solved_code(WHOLE), student_code(INSIDE)]
    assert [cell.source for cell in made.notebook().cells] == [solved_code(WHOLE), solved_code(INSIDE)]


def test_the_lines_that_a_student_may_not_find(master):
    assert master(WHOLE, INSIDE).solution_lines() == ["prediction = 4.5", "    return 2 * v"]


def test_a_line_that_earlier_code_has_shown_is_no_secret(master):
    assert master("def g(v):\n    return 2 * v", INSIDE).solution_lines() == []
    assert master(INSIDE, "def g(v):\n    return 2 * v").solution_lines() == ["    return 2 * v"]


def test_links_of_a_solved_notebook_go_one_level_further_up(tmp_path):
    path = tmp_path / "99_test.py"
    path.write_text('# %% [markdown]\n# [a](../docs/a.md) <img src="../img/a.svg" alt="a"> [b](https://b/../c)', "utf-8")
    (cell,) = deeper(Master.read(path).notebook()).cells
    assert cell.source == '[a](../../docs/a.md) <img src="../../img/a.svg" alt="a"> [b](https://b/../c)'
