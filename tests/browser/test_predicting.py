"""Predict: the page asks for each gradient before it shows it, and gives no answer away. From a file, and in JupyterLab."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

import microtorch
from microtorch import viz
from tests.browser.harness import Lab, Notebook, errors_in

Opened = Callable[..., Page]
SCREENSHOTS = Path(__file__).parent / "screenshots"


def seed() -> Any:
    with viz.track_source():
        x = microtorch.ones(2, 2, requires_grad=True)
        y = x + 2
        z = y * y * 3
        return z.mean()


def shared() -> Any:
    """The sum at x is only for the student to add up; large numbers cannot be there by chance."""
    x = microtorch.tensor(3.0, requires_grad=True)
    return (x * 1201 + x * 2032) * 7


def held() -> Any:
    x = microtorch.tensor([1.0, 2.0], requires_grad=True)
    x.grad = microtorch.tensor([1000.0, 5000.0])
    return (x * microtorch.tensor([234.0, 345.0])).sum() * 7


def sick() -> Any:
    x = microtorch.tensor(0.0, requires_grad=True)
    return x.sqrt() * 2


def large() -> Any:
    microtorch.manual_seed(0)
    x, w = microtorch.randn(5, 30), microtorch.randn(30, 4, requires_grad=True)
    return (x @ w).tanh().mean()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """``opened(out)``: the exported page of a quiz; nothing may go wrong in it, and nothing be fetched, until the test ends."""
    with ExitStack() as contexts:
        errors = []

        def open_(what: Any, width: int = 848, **options: Any) -> Page:
            viewport = {"width": width + 24, "height": 1000}
            context = contexts.enter_context(browser.new_context(viewport=viewport, offline=True, **options))  # type: ignore[arg-type]
            errors.append(errors_in(context))
            path = tmp_path / f"page{len(errors)}.html"
            with np.errstate(all="ignore"):
                viz.export_html(what if isinstance(what, viz.Quiz | viz.Trace) else viz.quiz(what), path)
            page = context.new_page()
            page.goto(path.as_uri())
            page.locator(".mt-stepper").wait_for()
            return page

        yield open_
    assert [*chain(*errors)] == []


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def at(page: Page, k: int, of: int = 5) -> None:
    expect(page.locator(".mt-count")).to_have_text(f"{k} / {of}")


def answer(page: Page, text: str) -> str:
    field = page.get_by_label("Your answer")
    field.fill(text)
    field.press("Enter")
    return page.locator(".mt-verdict").inner_text()


# ---- nothing gives the answer away ----


EVERYTHING = """root => {
    const SAYS = /^(title|aria-|alt|placeholder|value|data-)/;
    for (const each of root.querySelectorAll("details")) each.open = true;
    for (const each of root.querySelectorAll(".mt-choice")) each.remove(); // one of them is right: that is the point of them
    const seen = [root.innerText];
    for (const each of root.querySelectorAll("*")) {
        if (!each.checkVisibility({ visibilityProperty: true })) continue;
        for (const { name, value } of each.attributes) if (SAYS.test(name)) seen.push(value);
        if (each.localName === "title") seen.push(each.textContent);
        if ("value" in each) seen.push(String(each.value));
    }
    return seen;
}"""


def told(page: Page) -> str:
    """All that can be seen, heard or had by pointing at it."""
    return "\n".join([*page.locator("body").evaluate(EVERYTHING), page.locator("body").aria_snapshot()])


def contains(text: str, number: float) -> bool:
    """Whether a number stands among words, however it is written."""
    found = re.findall(r"-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?", text)
    return any(abs(float(each.replace(",", "")) - number) <= 1e-3 * abs(number) for each in found)


@pytest.mark.parametrize("by_phase", [False, True])
@pytest.mark.parametrize("make", [seed, shared, held, sick, large])
@pytest.mark.parametrize("width", [350, 1200])
def test_while_a_question_is_open_nothing_in_the_page_tells_its_answer(
    opened: Opened, make: Callable[[], Any], width: int, by_phase: bool
) -> None:
    with np.errstate(all="ignore"):
        asking = viz.quiz(make())
    page = opened(asking, width)
    if by_phase:
        press(page, "Phases")
    for question in asking.questions:
        at(page, question.position, len(asking.trace.steps))
        for way in ("ArrowRight", "End", " "):  # no way leads on
            page.locator(".mt-picture").focus()
            page.keyboard.press(way)
        page.get_by_label("Run until").select_option(label="a .grad grows")
        page.get_by_role("slider").fill(str(len(asking.trace.steps)))
        at(page, question.position, len(asking.trace.steps))
        expect(page.locator(".mt-question")).to_have_text(question.text)
        text = told(page)
        for number in np.unique(question.solution):
            if not np.isfinite(number):
                assert "inf" in question.text or not re.search(r"\binf\b|∞", text.replace("NaN or ∞", ""))
            elif not contains(question.text, number) and number not in range(8):
                assert not contains(text, number), (question, number)
        press(page, "Show it")
        if asking.at(question.position)[-1] is question:
            press(page, "Go on")
    at(page, len(asking.trace.steps), len(asking.trace.steps))


def test_the_right_choice_looks_like_the_others(opened: Opened) -> None:
    page = opened(seed())
    press(page, "Choose")
    choices = page.locator(".mt-choice")
    shapes = choices.evaluate_all("all => all.map(each => each.outerHTML.replace(each.textContent, ''))")
    assert len(set(shapes)) == 1


def test_what_stands_in_the_file_for_those_without_scripts_tells_no_answer() -> None:
    page = viz.export_html(viz.quiz(shared()))
    assert re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL) == [
        "Quiz on backward() from the root: 6 questions, 0 asked, 0 right."
    ]


# ---- asking, from a file ----


def test_an_answer_is_judged_with_its_cause_and_the_rule_and_the_right_one_goes_on(opened: Opened) -> None:
    page = opened(seed())
    score, verdict = page.locator(".mt-score"), page.locator(".mt-verdict")
    expect(page.get_by_role("button", name="Predict")).to_have_attribute("aria-pressed", "true")
    expect(score).to_have_text("0 asked")
    assert (
        answer(page, "one") == '"one" cannot be read as a number or as nested lists of numbers. The gradient has the shape 2×2.'
    )
    expect(score).to_have_text("0 asked")
    said = answer(page, "1")
    assert said.startswith("Not yet: that is ")
    assert said.endswith("grad / count, for every element averaged.")
    expect(score).to_have_text("0 of 1 right, 0 at the first try")
    assert answer(page, "1/4 1/4; 0.25 0.25") == "Right: 0.25 in each of 2×2."
    expect(score).to_have_text("1 of 1 right, 0 at the first try")
    at(page, 0)
    expect(page.get_by_role("button", name="Go on")).to_be_focused()
    page.keyboard.press("Enter")
    at(page, 1)
    expect(page.get_by_label("Your answer")).to_be_focused()
    expect(page.get_by_label("Your answer")).to_have_value("")
    expect(verdict).to_be_empty()
    assert answer(page, "0.75") == "Right: 0.75 in each of 2×2."
    expect(score).to_have_text("2 of 2 right, 1 at the first try")
    expect(page.locator(".mt-now")).to_be_hidden()
    press(page, "One step back")
    expect(page.locator(".mt-ask")).to_be_hidden()  # what was answered is told again
    expect(page.locator(".mt-now")).to_be_visible()


def test_one_can_choose_look_at_the_rule_and_have_it_shown(opened: Opened) -> None:
    page = opened(seed())
    verdict = page.locator(".mt-verdict")
    press(page, "Hint")
    expect(verdict).to_contain_text("grad / count, for every element averaged.")
    press(page, "Choose")
    expect(page.get_by_label("Your answer")).to_be_hidden()
    choices = page.locator(".mt-choice")
    wrong = choices.filter(has_not_text=re.compile(r"^0\.25 ")).first
    wrong.click()
    expect(verdict).to_contain_text("Not yet: that is")
    expect(wrong).to_have_attribute("aria-disabled", "true")
    wrong.click(force=True)
    expect(page.locator(".mt-score")).to_have_text("0 of 1 right, 0 at the first try")
    choices.filter(has_text=re.compile(r"^0\.25 ")).click()
    expect(verdict).to_have_text("Right: 0.25 in each of 2×2.")
    press(page, "Go on")
    expect(choices.first).to_be_focused()
    press(page, "Type it")
    expect(page.get_by_label("Your answer")).to_be_visible()
    press(page, "Show it")
    expect(verdict).to_have_text("0.75 in each of 2×2.")
    expect(page.locator(".mt-score")).to_have_text("1 of 2 right, 0 at the first try")
    press(page, "Next step")
    at(page, 2)


def test_several_questions_at_a_step_come_one_after_the_other(opened: Opened) -> None:
    x, y = microtorch.tensor(2.0, requires_grad=True), microtorch.tensor(5.0, requires_grad=True)
    page = opened(x * y)
    expect(page.locator(".mt-ask .mt-head")).to_have_text("What comes next? Question 1 of 2 at this step")
    assert answer(page, "5") == "Right."  # what it was, the next answer could be, too
    expect(page.locator(".mt-ask .mt-head")).to_have_text("What comes next? Question 2 of 2 at this step")
    press(page, "Next step")
    at(page, 0, 3)
    assert answer(page, "2") == "Right: 2."
    press(page, "Next step")
    at(page, 1, 3)


def test_asking_begins_where_it_is_switched_on_and_at_the_end_from_the_start(opened: Opened) -> None:
    page = opened(viz.trace(seed()))
    expect(page.locator(".mt-ask")).to_be_hidden()
    expect(page.get_by_role("button", name="Predict")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("slider").fill("2")
    page.locator(".mt-picture").focus()
    page.keyboard.press("q")
    at(page, 2)
    expect(page.locator(".mt-question")).to_contain_text("MulBackward0 receives 0.75")
    press(page, "Run to the end")
    at(page, 2)
    expect(page.locator(".mt-hint")).to_have_text("A question waits.")
    press(page, "Back to the start")
    at(page, 0)
    press(page, "Play")
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=9000)  # it has stopped where it has to ask
    at(page, 2)
    page.locator(".mt-picture").focus()
    page.keyboard.press("q")
    press(page, "Run to the end")
    at(page, 5)
    expect(page.locator(".mt-score")).to_be_empty()
    press(page, "Predict")
    at(page, 0)
    expect(page.locator(".mt-ask")).to_be_visible()


def test_what_is_typed_moves_nothing(opened: Opened) -> None:
    page = opened(seed())
    page.get_by_label("Your answer").press_sequentially("p q b 1 ")
    page.keyboard.press("Home")
    at(page, 0)
    expect(page.get_by_label("Your answer")).to_have_value("p q b 1 ")
    expect(page.get_by_role("button", name="Predict")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Phases")).to_have_attribute("aria-pressed", "false")


def test_the_keyboard_alone_answers_all_questions_and_each_is_announced(opened: Opened) -> None:
    page = opened(seed())
    for name in (".mt-question", ".mt-sentence"):
        expect(page.locator(name)).to_have_attribute("aria-live", "polite")
    expect(page.locator(".mt-verdict")).to_have_attribute("role", "status")
    page.get_by_label("Your answer").focus()
    for k, typed in enumerate(["0.25", "3/4", "2.25 everywhere", "4.5 4.5; 4.5 4.5", "[[4.5, 4.5], [4.5, 4.5]]"]):
        at(page, k)
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
    at(page, 5)
    expect(page.locator(".mt-score")).to_have_text("5 of 5 right, 5 at the first try")
    expect(page.locator(".mt-now")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [350, 680, 848, 1200, 1600])
@pytest.mark.parametrize("make", [seed, large])
def test_a_question_fits_its_column_and_nothing_jumps(opened: Opened, make: Callable[[], Any], width: int, theme: str) -> None:
    page = opened(make(), width, color_scheme=theme)
    heights = set()
    for way in ["Hint", "Choose", "Show it"] if make is seed else ["Hint", "Show it"]:
        press(page, way)
        if way == "Choose":
            page.locator(".mt-choice").filter(has_not_text=re.compile(r"^0\.25 ")).first.click()
        heights.add(page.locator(".mt-stepper").bounding_box()["height"])  # type: ignore[index]
        clipped = "all => all.filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.className)"
        assert page.locator(".mt-ask, .mt-ask *, .mt-controls").evaluate_all(clipped) == []
        page.locator(".mt-stepper").screenshot(path=SCREENSHOTS / f"predict_{make.__name__}_{way}_{width}_{theme}.png")
    assert len(heights) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# ---- in JupyterLab, where Python asks and judges ----

TUTORIAL = """
import microtorch
from microtorch import viz
x = microtorch.ones(2, 2, requires_grad=True)
y = x + 2
out = (y * y * 3).mean()
"""


@pytest.fixture
def notebook(lab: Lab) -> Notebook:
    return lab.open([TUTORIAL, "asking = viz.quiz(out)\nstepper = viz.step(asking)\nstepper"])


def test_what_the_notebook_keeps_of_it_makes_room_for_the_widget(notebook: Notebook) -> None:
    expect(notebook.page.locator(".mt-question")).to_be_visible()
    expect(notebook.page.get_by_text("Quiz on backward() from out")).to_have_count(0)


def test_in_a_notebook_python_judges_and_keeps_the_score(notebook: Notebook) -> None:
    page = notebook.page
    expect(page.locator(".mt-question")).to_contain_text("receives 1. What will it send to")
    answer(page, "1")
    expect(page.locator(".mt-verdict")).to_contain_text("Not yet: that is")
    answer(page, "0.25")
    expect(page.locator(".mt-verdict")).to_have_text("Right: 0.25 in each of 2×2.")
    expect(page.locator(".mt-score")).to_have_text("1 of 1 right, 0 at the first try")
    notebook.expect("print(asking.score()['tries'], stepper.score == asking.score())", "2 True")
    press(page, "Go on")
    expect(page.get_by_label("Your answer")).to_be_visible()
    press(page, "Choose")
    page.locator(".mt-choice").filter(has_text=re.compile(r"^0\.75 ")).click()
    expect(page.locator(".mt-verdict")).to_have_text("Right: 0.75 in each of 2×2.")
    press(page, "Next step")
    press(page, "Show it")
    expect(page.locator(".mt-verdict")).to_have_text("2.25 in each of 2×2.")
    notebook.expect("print(asking.score()['right'], asking.score()['asked'], stepper.position)", "2 3 2")


def test_no_view_goes_beyond_an_open_question_and_all_hear_of_an_answer(notebook: Notebook) -> None:
    page = notebook.page
    notebook.run("stepper")
    expect(page.locator(".mt-question")).to_have_count(2)
    notebook.run("stepper.position = 4")
    notebook.expect("print(stepper.position, x.grad)", "0 None")
    first, other = (page.locator(".mt-stepper").nth(i) for i in range(2))
    first.get_by_label("Your answer").fill("1/4")
    first.get_by_label("Your answer").press("Enter")
    for view in (first, other):
        expect(view.locator(".mt-verdict")).to_have_text("Right: 0.25 in each of 2×2.")
    notebook.run("stepper.predict = False")
    expect(page.locator(".mt-ask").first).to_be_hidden()
    notebook.run("stepper.position = 4")
    expect(first.locator(".mt-count")).to_have_text("4 / 5")
    first.get_by_role("button", name="Predict").click()
    notebook.expect("print(stepper.predict)", "True")


def test_what_was_answered_in_python_is_not_asked_in_the_page(lab: Lab) -> None:
    notebook = lab.open([TUTORIAL, "asking = viz.quiz(out); asking.questions[0].answer(0.25); viz.step(asking)"])
    page = notebook.page
    expect(page.get_by_role("button", name="Next step")).to_be_visible()
    expect(page.locator(".mt-ask")).to_be_hidden()
    press(page, "Next step")
    at(page, 1)
    expect(page.locator(".mt-question")).to_contain_text("receives 0.25")


def test_after_a_restart_of_the_kernel_the_page_says_so_and_still_judges_what_it_knows(notebook: Notebook) -> None:
    page = notebook.page
    expect(page.locator(".mt-question")).to_contain_text("receives 1")
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    expect(page.locator(".mt-note")).to_contain_text("No session stands behind this stepper any more")
    answer(page, "0.25")
    expect(page.locator(".mt-verdict")).to_have_text("Right: 0.25 in each of 2×2.")
    press(page, "Go on")
    at(page, 1)
    expect(page.locator(".mt-question")).to_have_text("No session can be asked: switch Predict off to go on.")
    press(page, "Predict")
    press(page, "Run to the end")
    at(page, 5)
