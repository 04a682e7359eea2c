"""What a committed notebook has to be: made from its master, small, and complete without pictures and widgets."""

import json
import re
from pathlib import Path

import pytest

from microtorch.labs.workshop.build import deeper
from microtorch.labs.workshop.master import Master
from tests.conftest import needs

FOLDER = Path(__file__).parents[2] / "notebooks"
MASTERS = [pytest.param(path, id=path.stem) for path in sorted(FOLDER.glob("**/masters/*.py"))]
COURSE = [pytest.param(path, id=path.stem) for path in sorted(FOLDER.glob("masters/*.py"))]


def test_every_notebook_has_a_master():
    masters = {path.relative_to(FOLDER).with_suffix(".ipynb") for path in FOLDER.glob("**/masters/*.py")}
    expected = {each.parents[1] / folder / each.name for each in masters for folder in (".", "solutions")}
    assert {path.relative_to(FOLDER) for path in FOLDER.glob("**/*.ipynb")} == expected


@pytest.mark.parametrize("path", MASTERS)
def test_the_two_notebooks_are_what_their_master_says(path):
    needs("jupytext", "dev")
    master = Master.read(path)
    for notebook, expected in [(students(path), master.notebook(set())), (solution(path), deeper(master.notebook()))]:
        cells = [(cell["id"], cell["cell_type"], source(cell)) for cell in load(notebook)["cells"]]
        assert cells == [(cell.id, cell.cell_type, cell.source) for cell in expected.cells]


@pytest.mark.parametrize("path", MASTERS)
def test_a_students_notebook_is_cleared(path):
    code = [cell for cell in load(students(path))["cells"] if cell["cell_type"] == "code"]
    assert [(cell["execution_count"], cell["outputs"]) for cell in code] == [(None, [])] * len(code)


@pytest.mark.parametrize("path", MASTERS)
def test_a_solved_notebook_keeps_nothing_that_differs_from_run_to_run(path):
    notebook = load(solution(path))
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert [cell["metadata"] for cell in notebook["cells"]] == [{}] * len(notebook["cells"])
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = json.dumps([cell["outputs"] for cell in code])
    assert not re.search(r"0x[0-9a-f]{6}|model_id|/(home|root|tmp)/", outputs)


@pytest.mark.parametrize("path", MASTERS)
def test_a_notebook_says_in_words_what_its_pictures_and_widgets_show(path):
    cells = load(solution(path))["cells"]
    results = [output["data"] for cell in cells for output in cell.get("outputs", ()) if "data" in output]
    images = re.findall(r"<img\b[^>]*>", "\n".join(map(source, cells)))
    assert all(len("".join(data["text/plain"])) > 15 for data in results)
    assert all(len("".join(data["text/plain"])) > 50 for data in results if "image/svg+xml" in data)
    assert all(re.search(r'alt="[^"]{20,}"', image) for image in images)
    assert all((FOLDER / "solutions" / re.search(r'src="([^"]+)"', image)[1]).is_file() for image in images)


@pytest.mark.parametrize("path", COURSE)
def test_a_lab_is_small_and_begins_with_its_only_title(path):
    assert solution(path).stat().st_size < 300_000
    cells = load(students(path))["cells"]
    titles = [bool(re.match("# ", source(cell))) for cell in cells if cell["cell_type"] == "markdown"]
    assert 25 <= len(cells) <= 45
    assert titles == [True] + [False] * (len(titles) - 1)


@pytest.mark.parametrize("path", COURSE)
def test_a_lab_says_first_what_is_done_learned_and_needed_and_how_long_it_takes(path):
    first = source(load(students(path))["cells"][0])
    words = ["**What you'll do:**", "**What you'll learn:**", "**What you'll need:**", "**Minutes:**"]
    assert [word for word in words if word not in first] == []


@pytest.mark.parametrize("path", COURSE)
def test_a_lab_ends_with_a_summary_and_what_to_read(path):
    *_, summed_up, last = load(students(path))["cells"]
    assert re.fullmatch(r'summary\("L\d\d"\)', source(summed_up))
    assert source(last).startswith("### Read ")


def students(master):
    return master.parents[1] / f"{master.stem}.ipynb"


def solution(master):
    return master.parents[1] / "solutions" / f"{master.stem}.ipynb"


def load(path):
    return json.loads(path.read_text("utf-8"))


def source(cell):
    return "".join(cell["source"])
