"""The house as a reader finds it: rooms on floors, arrows that lead down, files of one subject; and what is loaded when."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import microtorch
from tests import architecture
from tests.architecture import CONTRACT, FLOORS, FOR_SPEED, MECHANISM, ROOT, Arrow

ARROWS = architecture.arrows()


def test_every_arrow_leads_down():
    assert architecture.climbing(ARROWS) == []


def test_there_is_no_circle():
    assert architecture.circles(ARROWS) == []


def test_every_module_has_a_floor():
    assert [name for name in architecture.modules() if name and name != "ops" and not architecture.room(name)] == []


@pytest.mark.parametrize("planted", [Arrow("core.node", "ops.linalg.products", 1), Arrow("nn.init", "methods", 1)])
def test_a_planted_arrow_upwards_is_named(planted: Arrow):
    assert architecture.climbing([*ARROWS, planted]) == [f"{planted.source} (line 1) imports {planted.target}, which is above it"]


def test_a_planted_circle_is_named():
    assert architecture.circles([*ARROWS, Arrow("core.node", "core.engine", 1)]) != []


@pytest.mark.parametrize(
    "statement",
    ["from .ops import linalg", "def f():\n    from .ops import linalg", "if TYPE_CHECKING:\n    from .ops import linalg"],
)
def test_every_kind_of_import_counts(statement: str, tmp_path: Path):
    package = tmp_path / "house"
    (package / "ops").mkdir(parents=True)
    (package / "ops" / "__init__.py").touch()
    (package / "ops" / "linalg.py").touch()
    (package / "core.py").write_text(statement)
    assert [(each.source, each.target) for each in architecture.arrows(package)] == [("core", "ops.linalg")]


def test_no_module_writes_a_name_into_another():
    """`bind`, in the binding table, gives a class its methods; and nothing else sets what is not its own."""
    for name, path in architecture.modules().items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assigned = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Call)
            assert not (assigned and getattr(node.value.func, "id", "") in {"vars", "globals"}), f"{name}, line {node.lineno}"


def test_a_room_says_what_lives_there():
    assert [
        path.parent.name
        for path in ROOT.rglob("__init__.py")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ] == []


def test_a_wing_has_a_dozen_files_at_most():
    assert {
        path.name: len([*path.glob("[!_]*.py")]) for path in (ROOT / "ops").iterdir() if len([*path.glob("[!_]*.py")]) > 12
    } == {}


def test_the_mechanism_is_read_in_an_hour():
    assert architecture.chapter(MECHANISM) <= 850
    assert architecture.chapter([*MECHANISM, *CONTRACT, *FOR_SPEED]) <= 2850


def test_the_core_is_mechanism_contract_and_what_is_written_out_for_speed():
    assert sorted([*MECHANISM, *CONTRACT, *FOR_SPEED]) == sorted(path.stem for path in (ROOT / "core").glob("[!_]*.py"))


@pytest.mark.parametrize("name", [*MECHANISM, *CONTRACT, *FOR_SPEED])
def test_a_file_of_the_core_begins_with_the_question_it_answers(name: str):
    text = ast.get_docstring(ast.parse((ROOT / "core" / f"{name}.py").read_text(encoding="utf-8"))) or ""
    assert "?" in text.splitlines()[0]


def test_the_top_of_the_package_is_surveyed_at_a_glance():
    assert len([path for path in ROOT.iterdir() if path.name != "__pycache__"]) <= 21
    assert {each.split(".")[0] for rooms in FLOORS for each in rooms} >= {path.stem for path in ROOT.glob("[!_]*.py")}


# ── What is loaded, and when ─────────────────────────────────────────────────────────────────────────────────────────

VIEWERS = {"microtorch.viz", "microtorch.widgets", "microtorch.labs"}
OPTIONAL = {"IPython", "anywidget", "graphviz", "ipywidgets", "pygraphviz", "torch", "traitlets"}
ON_DEMAND = {"microtorch.nn", "microtorch.optim", "microtorch.utils"}


def loaded_by(program: str) -> set[str]:
    command = [sys.executable, "-c", f"import sys; {program}; print(*sys.modules)"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_importing_microtorch_imports_no_viewer_and_no_optional_package():
    loaded = loaded_by("import microtorch")
    assert {"microtorch", "numpy"} <= loaded
    assert not loaded & (VIEWERS | OPTIONAL | ON_DEMAND)


def test_importing_viz_imports_no_graphviz():
    assert not loaded_by("import microtorch.viz") & OPTIONAL


def test_numpys_random_numbers_are_loaded_only_when_they_are_needed():
    assert "numpy.random" not in loaded_by("import microtorch")


@pytest.mark.parametrize(
    "program",
    [
        "import microtorch; microtorch.nn, microtorch.optim, microtorch.utils",
        "from microtorch import nn, optim, utils",
        "import microtorch.nn.functional, microtorch.optim, microtorch.utils.data",
    ],
)
def test_what_is_imported_on_demand_is_there_when_a_program_asks_for_them(program):
    assert loaded_by(program) >= ON_DEMAND


def test_what_is_imported_on_demand_is_among_the_names_to_complete():
    assert {"nn", "optim", "utils", "ones"} <= set(dir(microtorch))
