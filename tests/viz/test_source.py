"""Where a node was made: cell or file, line, text; and what the line called it."""

import gc
import sys
import threading
import weakref
from types import SimpleNamespace

import pytest

import microtorch
from microtorch import nn, viz
from microtorch.autograd import Function
from microtorch.core.grad_mode import mode
from microtorch.viz.graph.source import Line
from tests.viz.graphs import HOSTILE


def ones(*shape):
    return microtorch.ones(*shape, requires_grad=True)


def made_in(code, filename="train.py", **names):
    """What a program calls ``out``, computed with source tracking on."""
    space = {"torch": microtorch, "nn": nn, "x": ones(2, 2), **names}
    with viz.track_source():
        exec(compile(code, filename, "exec"), space)
    return space["out"]


def numbers(out):
    return [node.line.number for node in viz.snapshot(out).nodes if node.line]


# ---- on and off -----------------------------------------------------------------------------------------------------


def test_off_unless_asked_for():
    assert not hasattr((ones(2) * 2).grad_fn, "source")
    assert mode.recording is True


def test_a_node_knows_the_line_that_made_it_and_says_so():
    with viz.track_source():
        out = ones(2) * 2
    told = str(out.grad_fn.source)
    assert told.startswith("test_source.py, line ")
    assert told.endswith(": out = ones(2) * 2")
    assert out.grad_fn.source.line == Line("test_source.py", out.grad_fn.source.line.number, "out = ones(2) * 2")
    (node,) = [node for node in viz.snapshot(out).nodes if node.kind == "function"]
    assert (node.source, node.line) == (told, out.grad_fn.source.line)


def test_as_a_function_it_stays_on_until_switched_off():
    viz.track_source()
    try:
        assert hasattr((ones(2) * 2).grad_fn, "source")
    finally:
        viz.track_source(False)
    assert not hasattr((ones(2) * 2).grad_fn, "source")


def test_a_block_restores_what_was_before():
    with viz.track_source():
        with viz.track_source(False):
            assert not hasattr((ones(2) * 2).grad_fn, "source")
        assert hasattr((ones(2) * 2).grad_fn, "source")
    assert mode.observers == ()


def test_on_is_a_bool():
    with pytest.raises(TypeError, match=r"track_source\(\): argument must be bool, not str"):
        viz.track_source("off")
    assert mode.observers == ()


def test_it_leaves_anomaly_mode_on():
    with microtorch.autograd.detect_anomaly():
        with viz.track_source():
            node = (ones(2) * 2).grad_fn
        assert "traceback_" in node.metadata
        assert len(mode.observers) == 1
    assert hasattr(node, "source")


def test_it_is_for_one_thread():
    found = []
    with viz.track_source():
        thread = threading.Thread(target=lambda: found.append(hasattr((ones(2) * 2).grad_fn, "source")))
        thread.start()
        thread.join()
    assert found == [False]


# ---- which line -----------------------------------------------------------------------------------------------------

LINES = {
    "each line its own": ("a = x * 2\nb = a + 1\nout = b.sum()", [1, 2, 3]),
    "over several lines, the line of the call": ("out = (\n    x * 2\n    + x\n).sum()", [2, 2, 4]),
    "the forward of the user's module, not the package's": (
        "class Net(nn.Module):\n    def forward(self, x):\n        return x.tanh()\nout = Net()(x)", [3],
    ),
    "a package's module by the line that calls it": ("net = nn.Sequential(nn.ReLU(), nn.Tanh())\nout = net(\n  x)", [2, 2]),
    "a user's function": ("def f(x):\n    return x * 2\n\nout = f(x) + 1", [2, 4]),
    "a view, changed in place": ("y = x * 2\ny[0] = x[1]\nout = y", [1, 2, 2]),
}  # fmt: skip


@pytest.mark.parametrize("what", LINES)
def test_the_line_is_the_innermost_of_the_users_own(what):
    code, expected = LINES[what]
    assert numbers(made_in(code)) == expected


def test_through_numpy_too():
    import numpy as np

    assert numbers(made_in("\nout = np.sum(x)", np=np)) == [2]


def test_without_the_text_the_line_has_its_number():
    assert viz.snapshot(made_in("\nout = x * 2", "<string>")).nodes[1].source == "<string>, line 2"


def test_a_users_function_is_a_node_with_a_line_and_what_it_has_set_itself_stays():
    class Own(Function):
        @staticmethod
        def forward(ctx, x, source):
            if source:
                ctx.source = source
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2, None

    assert viz.snapshot(made_in("\n\nout = Own.apply(x, None)", Own=Own)).nodes[1].line.number == 3
    assert viz.snapshot(made_in("out = Own.apply(x, 'mine')", Own=Own)).nodes[1].source == "mine"


def test_a_cell_is_called_by_its_number(monkeypatch):
    compiler = SimpleNamespace(format_code_name=lambda name: ("Cell", "In[3]") if name == "cell.py" else None)
    shell = SimpleNamespace(user_ns={}, compile=compiler)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert viz.snapshot(made_in("out = x * 2", "cell.py")).nodes[1].line == Line("In [3]", 1, "")
    assert viz.snapshot(made_in("out = x * 2", "other.py")).nodes[1].line == Line("other.py", 1, "")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_name_is_one_harmless_line(name):
    line = viz.snapshot(made_in("out = x * 2", f"dir/{name}".replace("\0", "0"))).nodes[1].line
    assert line.where.isprintable()
    assert len(line.where) <= 40


def test_a_long_line_of_code_is_cut():
    with viz.track_source():
        out = ones(2) * 2  # and then a remark that goes on and on, because whoever wrote this had very much to say about the two
    assert len(out.grad_fn.source.line.text) == 120


def test_nothing_of_the_program_is_kept_alive():
    def forward(big):
        local = ones(2)
        alive.append(weakref.ref(local))
        return big * 2

    alive = []
    with viz.track_source():
        out = forward(ones(2))
    gc.collect()
    assert alive[0]() is None
    assert hasattr(out.grad_fn, "source")


def test_pytorchs_nodes_know_the_line_where_its_anomaly_mode_was_on(torch):
    x = torch.ones(2, 2, requires_grad=True)
    with pytest.warns(UserWarning, match="Anomaly"), torch.autograd.detect_anomaly():
        out = torch.nn.functional.softmax(x * 2, 0)
    lines = [node.line for node in viz.snapshot(out).nodes]
    assert lines[0] is None
    assert {line.text for line in lines[1:]} == {"out = torch.nn.functional.softmax(x * 2, 0)"}
    assert {line.where for line in lines[1:]} == {"test_source.py"}
    assert viz.snapshot(x * 2).nodes[1].line is None


# ---- what the line called it ----------------------------------------------------------------------------------------


class Two(Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2, x * 3

    @staticmethod
    def backward(ctx, twice, thrice):
        return twice * 2 + thrice * 3


CALLED = {
    "a name that was given to something else": ("h = x * 2\nh = h + 1\nout = h.sum()", ["h (line 1)", "h (line 2)", ""]),
    "the whole expression, and no part of it": ("h = (x @ x + 1).relu()\nout = h.sum(); h = 0", ["", "", "h (line 1)", ""]),
    "in place": ("h = x * 2\nh += 1\nout = h.sum()", ["h (line 1)", "h (line 2)", ""]),
    "in a function that has returned": (
        "def f(x):\n    h = x.tanh()\n    return h * h\nout = f(x)", ["h (line 2)", ""],
    ),
    "twice by one line": ("for _ in range(3):\n    x = x * 2\nout = x", ["x (line 2, #1)", "x (line 2, #2)", "x (line 2, #3)"]),
    "an attribute": ("class O: pass\no = O()\no.h = x * 2\nout = o.h + 1", ["o.h (line 3)", ""]),
    "two outputs": ("a, b = Two.apply(x)\nout = a + b", ["a (line 1) b (line 1)", ""]),
    "two outputs, one name": ("h = Two.apply(x)\nout = h[0] + h[1]", ["h[0] (line 1) h[1] (line 1)", ""]),
    "what is unpacked": ("a, b = x\nout = a + b", ["a (line 1) b (line 1)", ""]),
    "the first of two names": ("a = b = x * 2\nout = a + 1", ["a (line 1)", ""]),
    "in an expression": ("if (h := x * 2) is not None:\n    out = h + 1", ["h (line 1)", ""]),
    "by a choice": ("h = x * 2 if x is not None else x\nout = h + 1", ["h (line 1)", ""]),
    "one call, several nodes": ("h = nn.functional.linear(x, x, x[0])\nout = h + 1", ["", "", "h (line 1)", ""]),
    "one operator, several nodes": ("h = x.expand(3, 2, 2) @ x\nout = h + 1", None),
    "a module": ("h = nn.Sequential(nn.Tanh(), nn.ReLU())(x)\nout = h + 1", ["", "h (line 1)", ""]),
    "not what may be a part only": ("h = sum([x, x])\nout = h + 1", ["", "h (line 1)", ""]),
    "not what the user's module makes of it": (
        "class N(nn.Module):\n    def forward(self, x): return x.exp()\nh = nn.Sequential(nn.Tanh(), N())(x)\nout = h + 1",
        ["", "", ""],
    ),
    "not where a name is nobody's": ("_h = x * 2\nout = _h + 1", ["", ""]),
    "not what is put into a list": ("h = [0]\nh[0] = x * 2\nout = h[0] + 1", ["", ""]),
    "not what is returned": ("f = lambda x: x * 2\nout = f(x) + 1", ["", ""]),
}  # fmt: skip


@pytest.mark.parametrize("what", CALLED)
def test_what_has_no_name_any_more_is_called_as_its_line_did(what):
    code, expected = CALLED[what]
    nodes = [node for node in viz.snapshot(made_in(code, Two=Two)).nodes if node.kind == "function"]
    called = [" ".join(node.outputs) for node in nodes]
    if expected is None:
        assert [name for name in called if name] == ["h (line 1)", called[-1]][: len([name for name in called if name])]
        assert called.count("h (line 1)") == 1
        assert len(called) > 3
    else:
        assert [*called[:-1], "" if called[-1].startswith("out") else called[-1]] == expected


def test_a_name_that_still_stands_goes_before_the_one_of_the_line():
    with viz.track_source():
        h = ones(2) * 2
        out = h + 1
    del h
    kept = out
    assert [node.outputs for node in viz.snapshot(kept).nodes[1:]] == [(f"h (line {numbers(kept)[0]})",), ("out",)]


def test_the_name_stands_in_the_words():
    out = made_in("h = x * 2\nout = h.sum()")
    assert "MulBackward0 (h (line 1)) receives" in repr(viz.trace(out))
