"""``%load_ext microtorch`` in IPython: lines of cells, and ``%%step``."""

import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from tests.conftest import needs

needs("IPython", "lab")

# Each session is a process of its own, and tells of each cell whether it ran and what it showed.
SESSION = """
import contextlib, io, json, sys
from IPython.testing.globalipapp import start_ipython
told, shell = sys.stdout, start_ipython()
shell.colors = "nocolor"
cells = []
for cell in json.loads(sys.argv[1]):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        ran = shell.run_cell(cell, store_history=True)
    result = ran.result
    cells.append({
        "ran": ran.success,
        "error": type(ran.error_in_exec or ran.error_before_exec).__name__,
        "shown": out.getvalue(),
        "kind": type(result).__name__,
        "sources": [node["source"] for node in result.data["nodes"]] if hasattr(result, "data") else [],
    })
print(json.dumps(cells), file=told)
"""

WRONG = {
    "no expression": ("y = x * 2", "its last line has to be one, as in: out"),
    "nothing but a remark": ("# nothing", "its last line has to be one, as in: out"),
    "a list": ("[x]", "a list of 1: pass its Variables one by one"),
    "nothing computed": ("x.data.sum()", "does not require grad"),
    "no scalar": ("x * 2", "Reduce it to one first"),
    "an array": ("x.data.numpy()", "a ndarray, which records no operations"),
}


ERRORS = {
    "an error": ("y = x + 2\ny = y.nothing\ny", "----> 3 y = y.nothing"),
    "in the last line": ("y = x + 2\n1 / 0", "----> 3 1 / 0"),
    "in a function": ("def f():\n    return 1 / 0\n\nf()", "----> 3     return 1 / 0"),
    "in the grammar": ("x = 1\nx.(", "SyntaxError: invalid syntax"),
}

CELLS = {
    "load": "%load_ext microtorch",
    "begin": "import microtorch as torch\nfrom microtorch import viz\nx = torch.ones(2, 2, requires_grad=True)",
    "lines": "# a remark\ny = x * 2\nprint(y.grad_fn.source)",
    "define": "def f(x):\n    return x * 2",
    "call": "print(f(x).grad_fn.source)",
    "step": "%%step\ny = x + 2\nz = y * y * 3\nout = z.mean()\n\nout",
    "once": "%%step\nh = x * 2\nh.register_hook(lambda grad: print('in the hook'))\nprint('in the cell')\nh.sum()",
    "afterwards": "print(h.sum().item())",
    "magics": "%%step\n\n%time h = x * 2\n\nh.sum()",
    "off": "viz.track_source(False)",
    "step, tracking off": "%%step\n(x * 2).sum()",
    "still off": "print(hasattr((x * 2).grad_fn, 'source'))",
    "forward": "%%step --forward\ny = x + 2\n\nout = y.mean()\nout",
    "an argument": "%%step out\nout",
    **{what: f"%%step\n{body}" for what, (body, _) in (WRONG | ERRORS).items()},
    "without anywidget": "import sys\nsys.modules['anywidget'] = None\nsys.modules.pop('microtorch.widgets.stepper', None)",
    "words": "%%step\nh = x * 2\nh.sum()",
    "reload": "%reload_ext microtorch",
    "reloaded": "print((x * 2).grad_fn.source)",
    "unload": "%unload_ext microtorch",
    "unloaded": "print(hasattr((x * 2).grad_fn, 'source'))",
    "no magic": "%%step\n(x * 2).sum()",
}


@cache
def session(*cells: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-c", SESSION, json.dumps(cells)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def ran(name: str) -> dict[str, Any]:
    """What became of one of the cells, all of which run once, in one session."""
    return session(*CELLS.values())[number(name) - 1]


def number(name: str) -> int:
    return 1 + [*CELLS].index(name)


def test_each_node_knows_cell_and_line():
    assert ran("lines")["shown"] == "In [3], line 2: y = x * 2\n"


def test_a_function_is_told_by_the_cell_where_it_stands():
    assert ran("call")["shown"] == f"In [{number('define')}], line 2: return x * 2\n"


def test_unloaded_it_is_as_before():
    assert ran("unloaded")["shown"] == "False\n"
    assert "Cell magic `%%step` not found" in ran("no magic")["shown"]


def test_it_can_be_loaded_again():
    assert ran("reloaded")["shown"].startswith(f"In [{number('reloaded')}], line 1: ")


def test_importing_the_package_loads_nothing():
    *_, found = session("import microtorch", "print(hasattr((microtorch.ones(1, requires_grad=True) * 2).grad_fn, 'source'))")
    assert found["shown"] == "False\n"


# ---- %%step ---------------------------------------------------------------------------------------------------------


def test_step_runs_the_cell_and_walks_backward_from_its_last_expression():
    needs("anywidget", "lab")
    cell, here = ran("step"), f"In [{number('step')}], line"
    assert cell["kind"] == "BackwardStepper"
    assert "backward() from out, 5 steps, at 0" in cell["shown"]
    assert cell["sources"][1:] == [
        f"{here} 2: y = x + 2", f"{here} 3: z = y * y * 3", f"{here} 3: z = y * y * 3", f"{here} 4: out = z.mean()",
    ]  # fmt: skip


def test_the_cell_runs_once_and_so_does_backward():
    assert ran("once")["shown"].count("in the cell") == ran("once")["shown"].count("in the hook") == 1


def test_what_the_cell_has_computed_is_there_afterwards():
    assert ran("afterwards")["shown"] == "8.0\n"


def test_magics_and_blank_lines_are_allowed_in_the_cell():
    needs("anywidget", "lab")
    assert ran("magics")["kind"] == "BackwardStepper"


def test_tracking_may_be_off_elsewhere():
    needs("anywidget", "lab")
    assert ran("step, tracking off")["sources"][1] == f"In [{number('step, tracking off')}], line 2: (x * 2).sum()"
    assert ran("still off")["shown"] == "False\n"


def test_without_anywidget_it_says_so_and_tells_the_steps():
    cell = ran("words")
    assert "needs anywidget" in cell["shown"]
    assert "sends 2 in each of 2×2 to x." in cell["shown"]
    assert cell["ran"]


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_walked_is_a_usage_error(what):
    cell = ran(what)
    assert (cell["ran"], cell["error"]) == (False, "UsageError")
    assert cell["shown"].startswith("UsageError: %%step ")
    assert WRONG[what][1] in cell["shown"]


def test_with_forward_the_walk_begins_before_the_first_line():
    needs("anywidget", "lab")
    cell, here = ran("forward"), f"In [{number('forward')}], line"
    assert cell["kind"] == "BackwardStepper"
    assert "3 nodes made before it, 3 steps, at -4:" in cell["shown"]
    assert [f"{here} 2: y = x + 2" in cell["shown"], f"{here} 4: out = y.mean()" in cell["shown"]] == [True, True]


def test_step_takes_no_other_arguments():
    assert ran("an argument")["shown"] == "UsageError: %%step takes no arguments but --forward: put 'out' on a line of its own\n"


@pytest.mark.parametrize("what", ERRORS)
def test_an_error_in_the_cell_is_shown_as_in_any_cell(what):
    cell = ran(what)
    assert not cell["ran"]
    assert ERRORS[what][1] in cell["shown"]
    assert f"Cell In[{number(what)}], line" in cell["shown"]
    for ours in ("run_cell_magic", "notebook.py", "exec("):
        assert ours not in cell["shown"]
