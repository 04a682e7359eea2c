"""The core stands alone: viewers look at it, it never looks at them; and networks come when they are asked for."""

import subprocess
import sys

import pytest

import microtorch

VIEWERS = {"microtorch.viz", "microtorch.widgets", "microtorch.labs"}
OPTIONAL = {"IPython", "anywidget", "graphviz", "ipywidgets", "pygraphviz", "torch", "traitlets"}
ON_DEMAND = {"microtorch.nn", "microtorch.optim"}


def loaded_by(program: str) -> set[str]:
    command = [sys.executable, "-c", f"import sys; {program}; print(*sys.modules)"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_importing_microtorch_imports_no_viewer_and_no_optional_package():
    loaded = loaded_by("import microtorch")
    assert {"microtorch", "numpy"} <= loaded
    assert not loaded & (VIEWERS | OPTIONAL | ON_DEMAND)


@pytest.mark.parametrize(
    "program",
    [
        "import microtorch; microtorch.nn, microtorch.optim",
        "from microtorch import nn, optim",
        "import microtorch.nn.functional, microtorch.optim",
    ],
)
def test_networks_are_imported_when_a_program_asks_for_them(program):
    assert loaded_by(program) >= ON_DEMAND


def test_what_is_imported_on_demand_is_among_the_names_to_complete():
    assert {"nn", "optim", "ones"} <= set(dir(microtorch))
