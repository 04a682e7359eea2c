"""What a notebook keeps of a stepper, for pages in which no session runs."""

import re
from html import escape
from typing import Any

import pytest

import microtorch
from microtorch.viz.graph.view import View
from microtorch.viz.passes import still as kept
from microtorch.viz.passes.pictures import Pictures
from microtorch.viz.passes.trace import step
from tests.conftest import needs

needs("anywidget", "lab")

VIEW = "application/vnd.jupyter.widget-view+json"
SCRIPT = re.compile(r"<script>.*?</script>", re.DOTALL)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The outputs of a cell, as they come."""
    outputs: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.publish_display_data", lambda data, _=None: outputs.append(data))
    return outputs


def stepper(turns: int = 1) -> Any:
    x = microtorch.tensor(2.0, requires_grad=True)
    y = x
    for _ in range(turns):
        y = y * x
    return step(y)


def test_the_widget_stands_in_an_output_of_its_own(shown):
    stepper()._ipython_display_()
    first, second = shown
    assert list(second) == [VIEW]
    assert sorted(first) == ["application/pdf", "text/html", "text/plain"]


def test_without_scripts_there_are_a_picture_with_the_gradients_all_steps_and_the_graph_as_a_table(shown):
    walk = stepper()
    walk._ipython_display_()
    left = SCRIPT.sub("", shown[0]["text/html"])
    assert '<img src="data:image/svg+xml;base64,' in left
    for line in (*repr(walk.trace).splitlines(), "MulBackward0"):
        assert line in left
    assert shown[0]["text/plain"] == repr(walk)


def test_the_script_is_no_module_and_exports_nothing():
    assert "export" not in kept.script_text()
    assert "function mount(" in kept.script_text()


def test_it_can_stand_in_markdown_and_has_no_id(shown):
    stepper()._ipython_display_()
    assert "\n\n" not in shown[0]["text/html"]
    assert " id=" not in shown[0]["text/html"]


def test_the_widget_knows_the_mark_of_what_it_takes_the_place_of(shown):
    walk = stepper()
    walk._ipython_display_()
    assert f'data-of="{walk.mark}"' in shown[0]["text/html"]
    assert walk.mark != stepper().mark


def test_a_long_pass_is_kept_as_a_picture_and_in_words_alone(shown, monkeypatch):
    monkeypatch.setattr(kept, "LARGE", 1000)
    stepper(turns=30)._ipython_display_()
    assert not SCRIPT.search(shown[0]["text/html"])
    assert "<img" in shown[0]["text/html"]


def test_without_graphviz_there_are_the_words_and_the_script():
    walk = stepper().trace
    bundle = kept.still(walk, Pictures(View(walk.snapshot)), walk.page(), "mark")
    assert escape(repr(walk)) in SCRIPT.sub("", bundle["text/html"])
    assert SCRIPT.search(bundle["text/html"])
    assert "application/pdf" not in bundle


def test_of_a_closed_stepper_its_words_are_shown(shown):
    walk = stepper()
    walk.close()
    walk._ipython_display_()
    assert shown == [{"text/plain": repr(walk)}]
