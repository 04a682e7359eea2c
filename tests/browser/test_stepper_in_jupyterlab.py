"""The stepper in a real JupyterLab: seen, clicked, driven by keys, and the kernel's ``.grad`` following it."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import microtorch
from microtorch.viz.page import source
from microtorch.viz.passes.trace import Trace, trace
from microtorch.viz.passes.words import titles
from tests.browser.harness import Lab, Notebook, errors_in
from tests.conftest import needs

needs("anywidget", "lab")

Plain = Callable[..., Page]
FACTS = "\n".join(  # what the page knows of a pass: two of its files, as a script
    re.sub(r"^import .*$|^export ", "", (source.STATIC["stepper"] / name).read_text("utf-8"), flags=re.MULTILINE)
    for name in ("forward.js", "pass.js")
)
SCREENSHOTS = Path(__file__).parent / "screenshots"

TUTORIAL = """
import microtorch
from microtorch.viz import step
x = microtorch.ones(2, 2, requires_grad=True)
y = x + 2
z = y * y * 3
out = z.mean()
"""
ORANGE, GREEN, BLUE, GREY = "rgb(230, 159, 0)", "rgb(0, 89, 63)", "rgb(0, 114, 178)", "rgb(140, 140, 140)"
COLOURS = {"current": ORANGE, "done": GREEN, "ready": BLUE, "waiting": GREY}
X, ADD, SQUARE, TIMES_3, MEAN = range(5)  # the tutorial's nodes


@pytest.fixture
def notebook(lab: Lab) -> Notebook:
    return lab.open([TUTORIAL, "stepper = step(out)\nstepper"])


def node(page: Page | Locator, i: int) -> Locator:
    return page.locator(f'.mt-node[data-node="{i}"]')


def states(page: Page) -> list[str]:
    return [node(page, i).get_attribute("data-state") or "" for i in range(5)]


def stroke(page: Page, i: int) -> str:
    box = node(page, i).locator(".mt-box")
    box.evaluate("box => Promise.all(box.getAnimations().map(each => each.finished))")
    return str(box.evaluate("box => getComputedStyle(box).stroke"))


def at(page: Page | Locator, k: int, of: int = 5) -> None:
    expect(page.locator(".mt-count").first).to_have_text(f"{k} / {of}")


def test_stepping_to_the_end_and_back_the_kernel_tells_the_same_story(notebook: Notebook) -> None:
    page = notebook.page
    at(page, 0)
    order = [MEAN, TIMES_3, SQUARE, ADD, X]
    for k in range(5):
        assert states(page)[order[k]] == "ready"
        page.get_by_role("button", name="Next step").click()
        at(page, k + 1)
        assert [states(page)[i] for i in order[: k + 1]] == ["done"] * k + ["current"]
        for i, state in enumerate(states(page)):
            assert stroke(page, i) == COLOURS[state]
            expect(node(page, i).locator(".mt-glyph")).to_have_attribute("data-sign", state)
        grad = "[[4.5, 4.5], [4.5, 4.5]]" if k == 4 else "None"
        notebook.expect("print(x.grad if x.grad is None else x.grad.tolist())", grad)
        page.locator(".mt-stepper").screenshot(path=SCREENSHOTS / f"stepper_{k + 1}.png")
    for k in (4, 3, 2, 1, 0):
        page.get_by_role("button", name="One step back").click()
        at(page, k)
        notebook.expect("print(x.grad, stepper.position)", f"None {k}")
    page.get_by_role("button", name="Run to the end").click()
    notebook.expect(
        "held = x.grad; x.grad = None; out.backward(retain_graph=True); print((held.array == x.grad.array).all())",
        "True",
    )


def test_gradients_appear_on_the_edges_and_the_sum_at_the_node_that_waits(notebook: Notebook) -> None:
    page = notebook.page
    at(page, 0)
    values = page.locator(".mt-graph > .mt-value")
    words = "all => all.map(text => text.firstChild?.textContent ?? '')"
    shown = lambda: [text for text in values.evaluate_all(words) if text]  # noqa: E731
    assert shown() == ["1"]
    expect(node(page, ADD).locator(".mt-glyph")).to_have_text("0/2")
    for _ in range(3):
        page.get_by_role("button", name="Next step").click()
    at(page, 3)
    assert shown().count("2.25") == 2
    assert values.locator("title").all_text_contents().count("2.25 in each of 2×2") == 2
    expect(node(page, ADD).locator(".mt-sum")).to_have_text("2.25 + 2.25 = 4.5")
    sentence = page.locator(".mt-sentence")
    expect(sentence).to_have_text(
        "MulBackward0 receives 0.75 in each of 2×2 and sends 2.25 in each of 2×2 to AddBackward0 (y), twice."
    )
    expect(sentence).to_have_attribute("aria-live", "polite")
    expect(page.locator(".mt-now")).to_contain_text("grad * y = 0.75 * 3 = 2.25 in each of 2×2")
    expect(page.locator(".mt-queue")).to_contain_text("AddBackward0 (y) received 2 of 2: 2.25 + 2.25 = 4.5")
    page.get_by_role("button", name="Run to the end").click()
    expect(node(page, X).locator(".mt-grad")).to_have_text("4.5 each")
    page.get_by_role("button", name="Back to the start").click()
    expect(node(page, X).locator(".mt-grad")).to_have_text("None")
    assert shown() == ["1"]


def test_the_keyboard_alone_is_enough_and_the_notebook_keeps_out_of_it(notebook: Notebook) -> None:
    page = notebook.page
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Next step")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    for key, k in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 5), ("ArrowRight", 5), ("Home", 0)]:
        page.keyboard.press(key)
        at(page, k)
    page.keyboard.press("Enter")
    at(page, 1)
    expect(page.get_by_role("button", name="Next step")).to_be_focused()
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    at(page, 2)
    page.locator(".mt-picture").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    at(page, 3)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    for key in "abdxyz":
        page.keyboard.press(key)  # shortcuts of the notebook: insert, delete, cut …
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    notebook.expect("print(stepper.position)", "3")


def test_a_click_on_a_node_goes_to_where_it_has_just_run(notebook: Notebook) -> None:
    for i, k in ((SQUARE, 3), (X, 5), (MEAN, 1)):
        node(notebook.page, i).click()
        at(notebook.page, k)
    notebook.expect("print(stepper.position)", "1")


def test_a_change_of_grad_elsewhere_is_not_lost_silently(notebook: Notebook) -> None:
    page = notebook.page
    note = page.locator(".mt-note")
    expect(note).to_be_hidden()
    page.get_by_role("button", name="Run to the end").click()
    notebook.expect("print(x.grad is None)", "False")
    notebook.run("_ = x.grad.zero_()")
    page.get_by_role("button", name="One step back").click()
    expect(note).to_contain_text("x.grad had been changed outside the stepper")


def test_two_views_and_two_steppers_share_a_page_without_mixing(notebook: Notebook) -> None:
    notebook.run("stepper")
    notebook.run("a = microtorch.tensor(2.0, requires_grad=True); other = step(a * a); other")
    first, again, other = (notebook.page.locator(".mt-stepper").nth(i) for i in range(3))
    first.get_by_role("button", name="Next step").click()
    at(first, 1)
    at(again, 1)
    at(other, 0, 2)
    notebook.run("stepper.position = 4")
    at(first, 4)
    ids = notebook.page.locator(".mt-stepper [id]").evaluate_all("all => all.map(each => each.id)")
    assert len(ids) == len(set(ids))
    notebook.run("stepper.close()")
    expect(notebook.page.locator(".mt-stepper")).to_have_count(1)


def test_in_the_dark_theme_the_page_is_dark_and_the_picture_stays_light(notebook: Notebook) -> None:
    page = notebook.page
    page.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.locator("body[data-jp-theme-light=false]").wait_for(state="attached")
    light = """element => [getComputedStyle(element).backgroundColor, getComputedStyle(element).color].map(
        colour => colour.match(/[0-9]+/g).slice(0, 3).reduce((sum, part) => sum + part / 3, 0)
    )"""
    background, ink = page.locator(".mt-stepper").evaluate(light)
    assert background < 60
    assert ink > 180
    assert page.locator(".mt-picture").evaluate(light)[0] == 255
    node(page, SQUARE).click()
    at(page, 3)
    page.locator(".mt-stepper").screenshot(path=SCREENSHOTS / "stepper_dark.png")


def test_whatever_opens_or_can_be_pressed_does_what_it_says(notebook: Notebook) -> None:
    page = notebook.page
    stepper = page.locator(".mt-stepper")
    expect(stepper.locator("details")).to_have_count(2)
    details = stepper.locator(".mt-words")
    page.get_by_text("What the words mean").click()
    expect(stepper.get_by_text("The stepper keeps them.", exact=False)).to_be_visible()
    page.get_by_text("What the words mean").click()
    page.get_by_text("All 5 steps in words").click()
    sentences = details.locator("li button")
    expect(sentences).to_have_count(5)
    expect(sentences.last).to_have_text("x accumulates 4.5 in each of 2×2: x.grad was None and is now 4.5 in each of 2×2.")
    page.locator(".mt-stepper").screenshot(path=SCREENSHOTS / "stepper_in_words.png")
    for k in (4, 2, 5):
        sentences.nth(k - 1).click()
        at(page, k)
        expect(stepper.locator("li[aria-current]")).to_have_text(sentences.nth(k - 1).inner_text())
    notebook.expect("print(stepper.position, x.grad is None)", "5 False")
    page.get_by_text("All 5 steps in words").click()
    expect(sentences.first).to_be_hidden()
    page.get_by_role("slider").fill("2")
    at(page, 2)
    for button in stepper.locator(".mt-controls").get_by_role("button").filter(has_not_text="Predict").all():
        button.evaluate("button => button.click()")  # those too that say they would do nothing now
    at(page, 5)
    notebook.expect("print(stepper.position)", "5")


def test_a_cell_that_is_run_again_lets_the_old_stepper_go(notebook: Notebook) -> None:
    page = notebook.page
    page.get_by_role("button", name="Run to the end").click()
    notebook.expect("print(x.grad is None)", "False")
    notebook.run("old = stepper")
    page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1")
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell')")
    at(page, 0)
    expect(page.locator(".mt-stepper")).to_have_count(1)
    notebook.expect("print(x.grad)", "None")
    notebook.expect("print(stepper.trace.is_open, old.trace.is_open, old.comm)", "True False None")
    page.get_by_role("button", name="Next step").click()
    notebook.expect("print(stepper.position)", "1")


def test_a_deleted_cell_lets_its_stepper_go_with_the_next_cell_that_is_run(notebook: Notebook) -> None:
    page = notebook.page
    page.get_by_role("button", name="Run to the end").click()
    notebook.expect("print(x.grad is None)", "False")
    page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1")
    page.evaluate("window.jupyterapp.commands.execute('notebook:delete-cell')")
    notebook.expect("print(stepper.trace.is_open, x.grad)", "False None")


CONTROLS = [
    "Next step",
    "One step back",
    "Run to the end",
    "Back to the start",
    "Phases",
    "Stop here",
    "Stop here",
    "Play",
    "Pause",
]


@pytest.mark.parametrize("width", [350, 680, 848, 1200])
def test_in_a_cell_of_any_width_every_control_can_be_pressed_and_nothing_jumps(lab: Lab, width: int) -> None:
    notebook = lab.open([TUTORIAL, "stepper = step(out)\nstepper"])
    page = notebook.page
    stepper = page.locator(".mt-stepper")
    look = f"box-sizing: border-box; padding: 0; flex: 0 0 {width}px"
    stepper.evaluate("(root, look) => root.closest('.jp-OutputArea-output').style.cssText = look", look)
    expect(page.locator(".mt-graph")).to_be_visible()
    heights = set()
    for name in CONTROLS:
        page.get_by_role("button", name=name, exact=True).click()
        heights.add(stepper.bounding_box()["height"])  # type: ignore[index]
    assert len(heights) == 1
    assert stepper.bounding_box()["width"] <= width  # type: ignore[index]
    stepper.screenshot(path=SCREENSHOTS / f"stepper_{width}.png")
    page.get_by_label("Run until").select_option(label="x")
    at(page, 5)
    expect(page.locator(".mt-grads")).to_have_text("In your session nowx.grad4.5 in each of 2×2")
    notebook.expect("print(x.grad.tolist())", "[[4.5, 4.5], [4.5, 4.5]]")


def test_a_long_pass_comes_in_pieces_and_python_is_asked_where_to_run_to(lab: Lab) -> None:
    notebook = lab.open(
        [
            f"{TUTORIAL}\nw = x\nfor i in range(5000):\n    w = w * 1.0",
            "stepper = step(w.sum()); stepper",
        ]
    )
    page = notebook.page
    at(page, 0, 5002)
    expect(page.get_by_text("The first 2,000 of 5,002 steps in words")).to_be_visible()
    page.get_by_role("slider").fill("4000")
    expect(page.locator(".mt-sentence")).to_have_text(
        "MulBackward0 #1002 receives 1 in each of 2×2 and sends 1 in each of 2×2 to MulBackward0 #1001."
    )
    for k in range(4001, 4004):
        page.get_by_role("button", name="Next step").click()
        at(page, k, 5002)
    page.get_by_label("Run until").select_option(label="NaN or ∞")
    expect(page.locator(".mt-hint")).to_have_text("No NaN or infinity comes after this.")
    page.get_by_label("Run until").select_option(label="x")
    at(page, 5002, 5002)
    expect(page.locator(".mt-sentence")).to_contain_text("x accumulates 1")


def test_after_a_restart_of_the_kernel_it_says_that_no_session_stands_behind_it(notebook: Notebook) -> None:
    page = notebook.page
    at(page, 0)
    expect(page.locator(".mt-grads")).to_contain_text("In your session now")
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    expect(page.locator(".mt-note")).to_contain_text("No session stands behind this stepper any more")
    page.get_by_role("button", name="Next step").click()
    at(page, 1)
    expect(page.locator(".mt-grads")).to_contain_text("The leaves' gradients here")


def test_it_stands_beside_other_widgets_and_follows_a_linked_one(notebook: Notebook) -> None:
    page = notebook.page
    notebook.run("stepper.close()")
    notebook.run(
        "import ipywidgets as w; a, b, s = step(out), step(out), w.IntSlider(max=5)\n"
        "w.jslink((a, 'position'), (b, 'position')); w.jslink((s, 'value'), (a, 'position')); w.VBox([s, w.HBox([a, b])])"
    )
    steppers = page.locator(".mt-stepper")
    expect(steppers).to_have_count(2)
    widths = [each.bounding_box()["width"] for each in steppers.all()]  # type: ignore[index]
    assert min(widths) >= 340
    assert max(widths) - min(widths) < 2
    steppers.last.get_by_role("button", name="Next step").click()
    at(steppers.first, 1)
    at(steppers.last, 1)
    notebook.run("s.value = 3")
    at(steppers.first, 3)
    at(steppers.last, 3)
    notebook.expect("print(a.position, b.position, s.value)", "3 3 3")
    page.locator(".widget-vbox").screenshot(path=SCREENSHOTS / "stepper_two.png")


def test_linked_by_the_kernel_two_steppers_walk_together(notebook: Notebook) -> None:
    page = notebook.page
    notebook.run("stepper.close()")
    notebook.run("import ipywidgets as w; a, b = step(out), step(out); w.link((a, 'position'), (b, 'position')); w.HBox([a, b])")
    steppers = page.locator(".mt-stepper")
    expect(steppers).to_have_count(2)
    steppers.first.get_by_role("button", name="Run to the end").click()
    at(steppers.first, 5)
    at(steppers.last, 5)
    notebook.expect("print(a.position, b.position, x.grad.tolist())", "5 5 [[4.5, 4.5], [4.5, 4.5]]")
    steppers.last.get_by_role("button", name="One step back").click()
    at(steppers.first, 4)


def test_the_editors_keys_are_the_editors(notebook: Notebook) -> None:
    page = notebook.page
    notebook.run("print('a cell below')")
    page.get_by_role("button", name="Next step").click()
    at(page, 1)
    page.keyboard.press("b")
    expect(page.locator(".mt-hint").first).to_contain_text("Stop at")
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    expect(cells).to_have_count(3)
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    before = cells.nth(1).locator(".jp-InputArea-prompt").text_content()
    page.keyboard.press("Shift+Enter")
    expect(cells.nth(1).locator(".jp-InputArea-prompt")).not_to_have_text(before or "")
    at(page, 0)


def test_interact_shows_a_new_stepper_or_drawing_for_each_value(notebook: Notebook) -> None:
    page = notebook.page
    notebook.run("stepper.close()")
    notebook.run(
        "import ipywidgets as w\nfrom microtorch import viz\n"
        "def show(k):\n    y = x\n    for _ in range(k):\n        y = y * x\n    return step(y.sum())\n"
        "w.interact(show, k=w.IntSlider(2, 1, 5));\n"
        "w.interact(lambda n: viz.draw((x * n).sum()), n=w.IntSlider(3, 1, 5));"
    )
    at(page, 0, 4)
    sliders = page.locator(".widget-slider [role=slider]")
    sliders.first.focus()
    page.keyboard.press("ArrowRight")
    at(page, 0, 5)
    expect(page.locator(".mt-stepper")).to_have_count(1)
    expect(page.locator(".mt-still")).to_have_count(0)
    page.get_by_role("button", name="Next step").click()
    at(page, 1, 5)
    expect(page.locator(".mt-drawing .mt-graph")).to_contain_text("grad * 3")
    sliders.last.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".mt-drawing .mt-graph")).to_contain_text("grad * 4")


# ---- the same module on a plain page ----


@pytest.fixture
def plain(browser: Browser) -> Iterator[Plain]:
    """``plain(walk)``: a page with nothing but a stepper, in which nothing may go wrong until the test ends."""
    with ExitStack() as contexts:
        errors = []

        def opened(walk: Trace, **options: str) -> Page:
            context = contexts.enter_context(browser.new_context(**options))  # type: ignore[arg-type]
            errors.append(errors_in(context))
            data = json.dumps(walk.page()).replace("<", "\\u003c")
            page = context.new_page()
            page.set_content(
                f"""<!doctype html><style>{source.css("stepper")}</style><div id="here"></div>
                <script type="module">{source.module("stepper")}
                window.data = {data}; window.moves = [];
                window.view = mount(document.getElementById("here"), data, {{onPosition: k => moves.push(k)}});
                </script><script>{FACTS}</script>"""
            )
            page.locator(".mt-stepper").wait_for()
            return page

        yield opened
    assert [*chain(*errors)] == []


@pytest.fixture
def walk() -> Iterator[Trace]:
    a, b = microtorch.tensor(2.0, requires_grad=True), microtorch.tensor([3.0, 4.0], requires_grad=True)
    c = a * b
    walk = trace((c * a + a.exp() + c).sum())
    yield walk
    walk.close()


def test_the_page_and_the_python_model_agree_on_every_state_at_every_position(plain: Plain, walk: Trace) -> None:
    page = plain(walk)
    for k in range(len(walk.steps) + 1):
        walk.goto(k)
        page.evaluate("k => view.goto(k)", k)
        seen = page.evaluate("k => data.nodes.map(node => Object.values(stateOf(indexPass(data), node.id, k)))", k)
        assert seen == [[state.name, len(state.parts), state.expects] for state in walk.states()]
        queue = page.locator(".mt-queue ol li b").all_inner_texts()
        assert queue == [titles(walk.snapshot)[i] for i in walk.ready()]


def test_outside_jupyter_moves_are_reported_and_nonsense_is_ignored(plain: Plain, walk: Trace) -> None:
    page = plain(walk)
    page.evaluate("[2, 2, 99, -5, NaN, '1', null, undefined, 1.5].forEach(k => view.goto(k))")
    assert page.evaluate("moves") == [2, len(walk.steps), 0]
    page.evaluate("view.destroy()")
    assert page.locator("#here *").count() == 0


def test_text_from_the_graph_never_becomes_markup(plain: Plain) -> None:
    x = microtorch.tensor(2.0, requires_grad=True)
    x.name = "</script><img src=x onerror=alert(1)>"
    walk = trace(x * 3)
    page = plain(walk)
    page.evaluate("view.goto(2)")
    expect(page.locator(".mt-sentence")).to_contain_text("<img src=x")
    assert page.locator("img").count() == 0


@pytest.mark.parametrize(("wish", "animation"), [("no-preference", "mt-flow"), ("reduce", "none")])
def test_nothing_moves_for_those_who_asked_for_stillness(plain: Plain, walk: Trace, wish: str, animation: str) -> None:
    page = plain(walk, reduced_motion=wish)
    page.evaluate("view.goto(1)")
    flowing = page.locator('.mt-edge[data-state="flowing"] .mt-backward').first
    assert flowing.evaluate("path => getComputedStyle(path).animationName") == animation
