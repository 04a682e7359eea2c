"""The stepper's widget without a browser: what the reader does arrives as a new ``position``."""

import gc
import json
import re
import sys
import weakref
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

import microtorch
from microtorch import Variable
from microtorch.viz.page import source
from microtorch.viz.passes.trace import step, trace
from tests.conftest import needs

needs("anywidget", "lab")
from microtorch.viz.picture.graphviz import GraphvizMissingError  # noqa: E402
from microtorch.widgets import cells  # noqa: E402
from microtorch.widgets.stepper import BackwardStepper  # noqa: E402

SCRIPT, STYLE = source.module("stepper"), source.css("stepper")


@pytest.fixture
def x() -> Variable:
    return microtorch.ones(2, 2, requires_grad=True)


@pytest.fixture
def stepper(x: Variable) -> Iterator[BackwardStepper]:
    y = x + 2
    z = y * y * 3
    out = z.mean()
    stepper = step(out)
    yield stepper
    stepper.close()


def test_the_real_grad_follows_the_position_in_both_directions(stepper: BackwardStepper, x: Variable) -> None:
    stepper.position = 5
    assert x.grad is not None
    assert x.grad.tolist() == [[4.5, 4.5], [4.5, 4.5]]
    stepper.position = 4
    assert x.grad is None
    assert stepper.trace.position == 4


@pytest.mark.parametrize("bad", [-1, 6, 10**30, 2.0, "3", None, True, [1], {"position": 1}, float("nan")])
def test_what_is_no_position_is_ignored(stepper: BackwardStepper, bad: object) -> None:
    stepper.position = 2
    stepper.set_state({"position": bad})  # as it would come from a browser
    assert stepper.position == 2
    assert stepper.trace.position == 2


def test_a_position_from_the_browser_is_followed(stepper: BackwardStepper, x: Variable) -> None:
    stepper.set_state({"position": 5})
    assert x.grad is not None


def test_an_overwritten_grad_is_told_to_the_reader_until_the_next_move(stepper: BackwardStepper, x: Variable) -> None:
    stepper.position = 5
    assert x.grad is not None
    x.grad.zero_()
    stepper.position = 4
    assert "x.grad had been changed outside the stepper" in stepper.note
    stepper.position = 3
    assert stepper.note == ""


def test_closing_gives_the_leaves_back_and_a_late_click_does_nothing(stepper: BackwardStepper, x: Variable) -> None:
    stepper.position = 5
    stepper.close()
    assert x.grad is None
    stepper.set_state({"position": 5})
    assert x.grad is None


def test_a_closed_stepper_holds_neither_graph_nor_leaf() -> None:
    def opened() -> tuple[BackwardStepper, list[weakref.ref[object]]]:
        x = microtorch.ones(2, requires_grad=True)
        out = (x * x).sum()
        return step(out), [weakref.ref(x), weakref.ref(out.grad_fn)]

    stepper, references = opened()
    stepper.position = 3
    stepper.close()
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_a_closed_stepper_is_freed_and_its_trace_and_its_leaves_and_their_graph() -> None:
    def closed() -> list[weakref.ref[object]]:
        x = microtorch.ones(2, requires_grad=True)
        out = (x * x).sum()
        stepper = step(out)
        stepper.position = 3
        recorded = stepper.trace.steps[0].received[0]
        assert recorded is not None
        held = [stepper, stepper.trace, recorded.array, x, x.grad, out.grad_fn]
        stepper.close()
        return [weakref.ref(each) for each in held]

    references = closed()
    gc.collect()
    assert [reference() for reference in references] == [None] * 6


def test_what_a_notebook_still_holds_of_a_closed_stepper_is_its_story(stepper: BackwardStepper) -> None:
    recorded = stepper.trace.steps[0].received[0]
    assert recorded is not None
    array = weakref.ref(recorded.array)
    del recorded
    told = repr(stepper)
    stepper.close()
    assert array() is None
    assert stepper.data == {}
    assert repr(stepper) == told


class Shell:
    """A notebook's, as far as it is asked: which cell it is running, and who wants to know of the next."""

    def __init__(self) -> None:
        self.events = self
        self.waiting: list[Callable[[object], None]] = []
        self.request: dict[str, Any] = {}
        self.count = 0

    def register(self, event: str, call: Callable[[object], None]) -> None:
        assert event == "pre_run_cell"
        self.waiting.append(call)

    def get_parent(self) -> dict[str, Any]:
        return self.request

    def run(self, cell: str | None, *deleted: str) -> None:
        self.count += 1
        metadata = {"cellId": cell, "deletedCells": list(deleted)} if cell else {}
        self.request = {"header": {"msg_id": str(self.count)}, "metadata": metadata}
        for call in self.waiting:
            call(SimpleNamespace(cell_id=cell))


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = Shell()
    monkeypatch.setattr(cells, "_shell", lambda: shell)
    return shell


def test_a_cell_that_is_run_again_lets_its_steppers_go_and_no_others(shell: Shell, x: Variable) -> None:
    out = (x * x).sum()
    shell.run("first")
    here = [step(out), step(out)]
    shell.run("second")
    there = step(out)
    here[1].position = 3
    assert [each.trace.is_open for each in (*here, there)] == [True] * 3
    shell.run("first")
    assert [each.trace.is_open for each in (*here, there)] == [False, False, True]
    again = step(out)
    shell.run(None)
    shell.run("third")
    assert again.trace.is_open
    shell.run("first")
    assert not again.trace.is_open
    assert len(shell.waiting) == 1
    there.close()
    assert x.grad is None


def test_before_a_cell_is_run_again_the_grads_are_as_they_were(shell: Shell, x: Variable) -> None:
    shell.run("cell")
    step((x * x).sum()).position = 3
    assert x.grad is not None
    shell.run("cell")
    assert x.grad is None


def test_a_deleted_cell_lets_its_stepper_go(shell: Shell, x: Variable) -> None:
    shell.run("cell")
    stepper = step((x * x).sum())
    shell.run("another", "cell")
    assert not stepper.trace.is_open


@pytest.mark.parametrize("request_", [{}, {"metadata": {}}, None])
def test_a_notebook_that_does_not_say_which_cell_is_run_closes_nothing(shell: Shell, x: Variable, request_: Any) -> None:
    shell.request = request_
    stepper = step((x * x).sum())
    shell.run(None)
    assert stepper.trace.is_open
    assert shell.waiting == []


def test_a_move_that_fails_is_not_shown(stepper: BackwardStepper, x: Variable) -> None:
    stepper.position = 2
    x.data = microtorch.ones(3)
    with pytest.raises(RuntimeError, match="assign a gradient of size"):
        stepper.position = 5
    assert stepper.position == stepper.trace.position == 2


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda x: 5, r"an? int.*step a result computed with Variable"),
        (lambda x: None, r"Call backward\(\) first"),
        (lambda x: (x * 2).sum, r"the function 'sum' itself.*step\(out\.sum\(\)\)"),
        (lambda x: [x], r"a list of 1.*step\(outputs\[0\]\)"),
        (lambda x: x.sum().grad_fn, "SumBackward0|step takes what can run backward"),
        (lambda x: object(), "a object: step takes Variables"),
    ],
)
def test_what_a_stepper_takes_is_said_to_those_who_give_something_else(
    x: Variable, make: Callable[[Variable], Any], words: str
) -> None:
    with pytest.raises(TypeError, match=words):
        step(make(x))


def test_plain_text_tells_the_whole_story_and_no_address(stepper: BackwardStepper) -> None:
    bundle, _ = stepper._repr_mimebundle_()
    assert bundle["text/plain"] == f"BackwardStepper: {stepper.trace!r}"
    assert bundle["text/plain"].splitlines()[0] == "BackwardStepper: backward() from out, 5 steps, at 0:"
    assert (
        bundle["text/plain"].splitlines()[-1]
        == "  5  x accumulates 4.5 in each of 2×2: x.grad was None and is now 4.5 in each of 2×2."
    )
    assert not re.search(r"0x[0-9a-f]{6}|<svg", bundle["text/plain"])
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_stepper_over_the_same_graph_carries_the_same_data(x: Variable) -> None:
    out = (x * 3).mean()
    first, second = step(out), step(out)
    assert first.data == second.data
    assert json.loads(json.dumps(first.data, allow_nan=False)) == json.loads(json.dumps(second.data))


def test_every_picture_has_a_place_for_every_node_and_edge_the_steps_speak_of(stepper: BackwardStepper) -> None:
    edges = {sent["edge"] for each in stepper.data["steps"] for sent in each["sent"]}
    assert edges
    for picture in stepper.data["pictures"]:
        svg = picture["svg"]
        assert {int(i) for i in re.findall(r'class="mt-node" data-node="(\d+)"', svg)} == {
            node["id"] for node in stepper.data["nodes"]
        }
        assert edges <= {int(i) for i in re.findall(r'data-edge="(\d+)"', svg)}
        for hook in ("mt-glyph", "mt-box", "mt-backward", "mt-value"):
            assert f'class="{hook}"' in svg


def test_the_tutorials_graph_has_a_picture_for_every_column(stepper: BackwardStepper) -> None:
    widths = [round(each["width"] * each["least"]) for each in stepper.data["pictures"]]
    assert widths == sorted(widths, reverse=True)
    assert (widths[0] <= 824, widths[-1] <= 326) == (True, True)  # in columns of 848 and of 350 pixels


def test_hostile_names_stay_text(x: Variable) -> None:
    x.name = "</script><img src=x onerror=alert(1)>"
    stepper = step((x * 3).mean())
    for picture in stepper.data["pictures"]:
        assert "<img" not in picture["svg"]
        assert "</script>" not in picture["svg"]


@pytest.mark.parametrize("make", [lambda x: x * 3, lambda x: x.detach().sum(), lambda x: "x"])
def test_what_cannot_be_walked_is_refused_and_changes_nothing(x: Variable, make: object) -> None:
    assert callable(make)
    with pytest.raises((RuntimeError, TypeError)):
        step(make(x))
    assert x.grad is None


def test_without_graphviz_the_panel_goes_on_alone(monkeypatch: pytest.MonkeyPatch, x: Variable) -> None:
    def missing(*_: object, **__: object) -> str:
        raise GraphvizMissingError

    monkeypatch.setattr("microtorch.viz.picture.layout.render", missing)
    stepper = step((x * 3).mean())
    assert stepper.data["pictures"] == []
    assert "There is no picture" in stepper.note
    stepper.position = 3
    assert x.grad is not None


def test_a_large_graph_is_walked_in_folds_that_know_when_what_is_in_them_runs(x: Variable) -> None:
    y = x
    for _ in range(500):
        y = y + 1
    stepper = step(y.sum())
    assert len(stepper.data["steps"]) == 502
    (fold,) = stepper.data["folds"]
    assert sum(last - first + 1 for first, last in fold["at"]) > 450
    for picture in stepper.data["pictures"]:
        drawn = {int(i) for i in re.findall(r'data-edge="(\d+)"', picture["svg"])}
        assert drawn == stepper.data["wires"].keys()
    stepper.position = 3
    assert stepper.note == ""


def test_a_graph_too_large_to_be_folded_is_walked_without_a_picture(monkeypatch: pytest.MonkeyPatch, x: Variable) -> None:
    monkeypatch.setattr("microtorch.viz.passes.pictures.MOST", 2)
    stepper = step((x * 3).mean())
    assert stepper.data["pictures"] == []
    stepper.position = 3
    assert stepper.note == "A graph of 3 nodes is too large for a picture: here are its steps in words."


@pytest.mark.parametrize(
    ("shape", "heat", "words"),
    [
        ((2, 2), None, None),  # all of it is said in a line
        ((3, 40), (3, 16), "3×40"),
        ((2, 5), (2, 5), "2×5"),
    ],
)
def test_a_large_gradient_is_sent_with_its_heat_map_and_statistics(
    shape: tuple[int, int], heat: tuple[int, int] | None, words: str | None
) -> None:
    w = microtorch.arange(shape[0] * shape[1]).float().reshape(*shape).requires_grad_()
    (leaf,) = step((w * w).sum()).data["leaves"]
    after = leaf["after"]
    tiles = after.get("heat")
    assert (tiles and (len(tiles), len(tiles[0]))) == heat
    assert after.get("shape") == words
    assert ("norm" in " ".join(after.get("statistics", ()))) == (heat is not None)


def test_a_large_value_is_told_in_short_and_the_rest_kept_for_those_who_ask() -> None:
    w, v = microtorch.rand(4, 4, requires_grad=True), microtorch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    values = [step((each * each).sum()).data["steps"][1]["sent"][0] for each in (w, v)]
    assert ["norm" in sent["value"] for sent in values] == [True, False]
    assert ["more" in sent for sent in values] == [True, False]


def test_rules_in_the_panel_have_the_programs_names() -> None:
    x, y = microtorch.tensor(2.0, requires_grad=True), microtorch.tensor(5.0, requires_grad=True)
    z = x * y
    first = step(z).data["steps"][0]
    assert [sent["formula"] for sent in first["sent"]] == ["grad * y", "grad * x"]


def test_lines_of_code_know_their_nodes_and_the_first_of_their_turns(x: Variable) -> None:
    with microtorch.viz.track_source():
        y = x * 3
        out = (y * y).sum()
    lines = step(out).data["code"]
    assert [line["text"] for line in lines] == ["y = x * 3", "out = (y * y).sum()"]
    assert [len(line["nodes"]) for line in lines] == [1, 2]
    assert [line["at"] for line in lines] == [3, 1]


def test_without_anywidget_the_error_names_the_way_in_words(monkeypatch: pytest.MonkeyPatch, x: Variable) -> None:
    monkeypatch.setitem(sys.modules, "microtorch.widgets.stepper", None)
    with pytest.raises(ImportError, match=r"viz\.trace\(root\) tells the same in words"):
        step(x.sum())
    assert trace(x.sum()).steps


def test_the_page_needs_no_network_and_builds_no_markup_from_data() -> None:
    addresses = set(re.findall(r"https?://[^\s\"']+", SCRIPT + STYLE))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\bimport\b|\beval\b", SCRIPT)
    assert not re.search(r"@import|url\(", STYLE)
    assert re.search(r"\bfunction mount\(\w+,\w+,", SCRIPT)


def test_the_static_files_are_small_enough_to_travel_in_an_export() -> None:
    assert len(SCRIPT) + len(STYLE) < 70_000
