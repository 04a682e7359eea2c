"""`python -m microtorch.labs report`: a folder of hand-ins, as a table and as JSON; nothing is run unless it is asked for."""

import json
import subprocess
import sys

import nbformat
import pytest

from microtorch.labs.verdict import MIME
from tests.conftest import needs


def notebook(path, *cells):
    """A notebook with code cells: each a source, and the states that its checks have left there."""
    made = nbformat.v4.new_notebook()
    for source, states in cells:
        data = [{MIME: {"exercise": exercise, "state": state}, "text/plain": ""} for exercise, state in states]
        outputs = [nbformat.v4.new_output("execute_result", each, execution_count=1) for each in data]
        made.cells.append(nbformat.v4.new_code_cell(source, outputs=outputs, execution_count=1))
    path.parent.mkdir(exist_ok=True, parents=True)
    nbformat.write(made, path)


def report(folder, *options):
    command = [sys.executable, "-m", "microtorch.labs", "report", *options]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


@pytest.fixture
def hand_ins(tmp_path):
    notebook(tmp_path / "in/ada.ipynb", ("boom", [("L01-E1", "wrong")]), ("boom", [("L01-E1", "right"), ("L01-E3", "right")]))
    notebook(tmp_path / "in/bob.ipynb", ("boom", [("L01-E1", "not attempted"), ("L01-E3", "wrong")]))
    notebook(tmp_path / "in/.ipynb_checkpoints/bob-checkpoint.ipynb", ("boom", [("L01-E1", "right")]))
    (tmp_path / "in/cara.ipynb").write_text("no notebook", "utf-8")
    return tmp_path


def test_a_table_has_a_line_a_notebook_and_the_last_state_of_each_exercise(hand_ins):
    done = report(hand_ins, "in")
    assert [line.split() for line in done.stdout.splitlines()[:3]] == [
        ["L01-E1", "L01-E3", "right"],
        ["in/ada.ipynb", "✓", "✓", "2"],
        ["in/bob.ipynb", "○", "✗", "0"],
    ]


def test_what_cannot_be_read_is_said_in_its_line_and_by_the_exit_code(hand_ins):
    done = report(hand_ins, "in")
    assert "in/cara.ipynb  –       –       0      JSONDecodeError" in done.stdout
    assert done.returncode == 1
    assert report(hand_ins, "in/ada.ipynb").returncode == 0


def test_json_says_the_same(hand_ins):
    ada, bob, cara = json.loads(report(hand_ins, "in", "--json").stdout)
    assert ada == {"path": "in/ada.ipynb", "right": 2, "checked": 2, "states": {"L01-E1": "right", "L01-E3": "right"}}
    assert bob["states"] == {"L01-E1": "not attempted", "L01-E3": "wrong"}
    assert "JSONDecodeError" in cara["problem"]


def test_code_is_run_only_where_that_is_asked_for(tmp_path):
    needs("IPython", "lab")
    code = 'open("ran", "w").close()\nfrom microtorch.labs import check\ncheck("L01-E3", 1)'
    notebook(tmp_path / "dan.ipynb", (code, [("L01-E3", "right")]))
    assert "✓" in report(tmp_path, "dan.ipynb").stdout
    assert not (tmp_path / "ran").exists()
    assert "✗" in report(tmp_path, "dan.ipynb", "--run").stdout
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["report", "nowhere"], "there is no nowhere"),
        (["build", "."], "there is no master in masters: a lab is written there as NN_title.py"),
        (["prove", "."], "there is no master in masters"),
    ],
)
def test_a_path_that_is_none_is_said(arguments, message, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "microtorch.labs", *arguments], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.strip()) == (
        2,
        message if "report" in arguments or "build" in arguments else done.stderr.strip(),
    )
    assert message in done.stderr
