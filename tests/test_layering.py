"""The core stands alone: viewers look at it, it never looks at them."""

import subprocess
import sys

VIEWERS = {"microtorch.viz", "microtorch.widgets", "microtorch.labs"}
OPTIONAL = {"IPython", "anywidget", "graphviz", "ipywidgets", "pygraphviz", "torch", "traitlets"}


def test_importing_microtorch_imports_no_viewer_and_no_optional_package():
    program = "import sys, microtorch; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = set(run.stdout.split())
    assert {"microtorch", "numpy"} <= loaded
    assert not loaded & (VIEWERS | OPTIONAL)
