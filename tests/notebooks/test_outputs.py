"""Every solved notebook prints what it says it prints, with Graphviz' `dot` on PATH and without."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import needs

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [pytest.param(path, id=path.stem) for path in sorted(ROOT.glob("notebooks/**/solutions/*.ipynb"))]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_code_cell_is_committed_executed(notebook):
    """Nbval runs a cell that has no execution count, but compares nothing."""
    assert not [source for source, count in code_cells(json.loads(notebook.read_text("utf-8"))) if count is None]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_outputs_are_reproduced_with_dot(notebook, dot):
    assert nbval(notebook, os.environ["PATH"]) == "passed"


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_outputs_are_reproduced_without_dot(notebook, tmp_path):
    assert nbval(notebook, path=str(tmp_path)) == "passed"


def test_a_changed_output_is_noticed(tmp_path):
    (notebook,) = ROOT.glob("notebooks/solutions/01_*.ipynb")
    changed = json.loads(notebook.read_text("utf-8"))
    cell = next(cell for cell in changed["cells"] if cell.get("outputs"))
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["something else\n"]}]
    copy = tmp_path / notebook.name
    copy.write_text(json.dumps(changed), "utf-8")
    report = nbval(copy, os.environ["PATH"])
    assert "something else" in report
    assert "1 failed" in report


def code_cells(notebook):
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    return [("".join(cell["source"]), cell["execution_count"]) for cell in cells if "".join(cell["source"]).strip()]


def nbval(notebook, path):
    """Run strict nbval in a process of its own, so that PATH is what this test says: "passed", or nbval's report."""
    needs("anywidget", "lab")
    importlib.import_module("matplotlib.font_manager")  # the first time, it may say in a cell that it looks for fonts
    options = ["--nbval", "--nbval-current-env", f"--nbval-sanitize-with={Path(__file__).with_name('nbval_sanitize.cfg')}"]
    plain = ["-c", os.devnull, "--rootdir", notebook.parent, "-p", "no:cacheprovider", "--color=no"]
    command = [sys.executable, "-m", "pytest", *plain, *options, notebook]
    env = os.environ | {"PATH": path}
    run = subprocess.run(command, check=False, capture_output=True, text=True, env=env, timeout=300)
    return "passed" if run.returncode == 0 else run.stdout + run.stderr
