"""What a committed notebook has to be: made from its master, small, and complete without pictures and widgets."""

import json
import re
import runpy
from pathlib import Path

import pytest

from tests.conftest import needs

FOLDER = Path(__file__).parents[2] / "notebooks"
MASTERS = [pytest.param(path, id=path.stem) for path in sorted(FOLDER.glob("masters/*.py"))]


def test_every_notebook_has_a_master():
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {path.stem for path in FOLDER.glob("masters/*.py")}


@pytest.mark.parametrize("master", MASTERS)
def test_a_notebook_is_what_its_master_says(master):
    needs("jupytext", "dev")
    expected = runpy.run_path(str(FOLDER / "build.py"))["read"](master)
    notebook = load(master)
    assert [cell["id"] for cell in notebook["cells"]] == [cell.id for cell in expected.cells]
    assert [cell["cell_type"] for cell in notebook["cells"]] == [cell.cell_type for cell in expected.cells]
    assert list(map(source, notebook["cells"])) == [cell.source for cell in expected.cells]


@pytest.mark.parametrize("master", MASTERS)
def test_a_notebook_keeps_nothing_that_differs_from_run_to_run(master):
    notebook = load(master)
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert [cell["metadata"] for cell in notebook["cells"]] == [{}] * len(notebook["cells"])
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = json.dumps([cell["outputs"] for cell in code])
    assert not re.search(r"0x[0-9a-f]{6}|model_id|/(home|root|tmp)/", outputs)


@pytest.mark.parametrize("master", MASTERS)
def test_a_notebook_says_in_words_what_its_pictures_and_widgets_show(master):
    cells = load(master)["cells"]
    results = [output["data"] for cell in cells for output in cell.get("outputs", ()) if "data" in output]
    images = re.findall(r"<img\b[^>]*>", "\n".join(map(source, cells)))
    assert images
    assert all(len("".join(data["text/plain"])) > 50 for data in results)
    assert all(re.search(r'alt="[^"]{20,}"', image) for image in images)
    assert all((FOLDER / re.search(r'src="([^"]+)"', image)[1]).is_file() for image in images)


@pytest.mark.parametrize("master", MASTERS)
def test_a_notebook_is_small_and_begins_with_its_only_title(master):
    assert path_of(master).stat().st_size < 300_000
    cells = load(master)["cells"]
    titles = [bool(re.match("# ", source(cell))) for cell in cells if cell["cell_type"] == "markdown"]
    assert 20 <= len(cells) <= 45
    assert titles == [True] + [False] * (len(titles) - 1)


def path_of(master):
    return FOLDER / f"{master.stem}.ipynb"


def load(master):
    return json.loads(path_of(master).read_text("utf-8"))


def source(cell):
    return "".join(cell["source"])
