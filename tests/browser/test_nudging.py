"""Nudge: a finite difference beside the gradient, in JupyterLab, where Python computes it; in a file the control is not there."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import microtorch
from microtorch import viz
from tests.browser.harness import Lab, Notebook

SCREENSHOTS = Path(__file__).parent / "screenshots"
PROGRAM = """
import microtorch
from microtorch import viz
x = microtorch.tensor([1.0, 2.0], requires_grad=True)
w = microtorch.tensor(3.0, requires_grad=True)
stepper = viz.step(viz.nudge(lambda x, w: (x**3 * w).sum(), x, w, h=0.1))
stepper
"""


@pytest.fixture
def notebook(lab: Lab) -> Notebook:
    return lab.open([PROGRAM])


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_an_element_and_an_h_are_chosen_and_the_difference_stands_beside_the_gradient(notebook: Notebook) -> None:
    page = notebook.page
    facts, knob = page.locator(".mt-facts"), page.get_by_label("h", exact=True)
    expect(page.locator(".mt-nudge")).to_be_hidden()
    press(page, "Nudge")
    expect(page.locator(".mt-now")).to_be_hidden()
    expect(facts).to_contain_text("(27.993 − 26.187) / 0.2 = 9.03")
    expect(facts).to_contain_text("gradient9")
    expect(facts).to_contain_text("relative error3.3e-3 h is too large")
    expect(page.locator(".mt-curve")).to_contain_text("The error is smallest")
    expect(page.locator(".mt-curve svg")).to_have_attribute("role", "img")
    knob.fill("3")
    expect(page.locator(".mt-size")).to_have_text("1.0e-3")
    expect(facts).to_contain_text("agrees")
    page.get_by_label("What is nudged").select_option("x[1]")
    expect(facts).to_contain_text("gradient36")
    w = notebook.run("print(*[node.id for node in stepper.trace.snapshot.nodes if node.label == 'w'])")
    page.locator(f'.mt-node[data-node="{w}"]').click()
    expect(page.get_by_label("What is nudged")).to_have_value("2")
    expect(facts).to_contain_text("gradient9")
    page.locator(".mt-edge", has=page.locator(".mt-backward")).last.click(force=True)
    notebook.expect("print(stepper.position, x.grad, x.tolist())", "0 None [1.0, 2.0]")  # nothing has moved
    page.locator(".mt-stepper").screenshot(path=SCREENSHOTS / "nudge.png")


def test_nudging_and_asking_exclude_each_other_and_the_keyboard_reaches_both(notebook: Notebook) -> None:
    page = notebook.page
    page.locator(".mt-picture").focus()
    page.keyboard.press("n")
    expect(page.locator(".mt-nudge")).to_be_visible()
    page.get_by_label("h", exact=True).focus()
    press(page, "Predict")
    expect(page.locator(".mt-nudge")).to_be_hidden()
    expect(page.locator(".mt-ask")).to_be_visible()
    press(page, "Nudge")
    expect(page.locator(".mt-ask")).to_be_hidden()
    expect(page.get_by_role("button", name="Predict")).to_have_attribute("aria-pressed", "false")
    press(page, "Nudge")
    expect(page.locator(".mt-now")).to_be_visible()
    press(page, "Run to the end")
    notebook.expect("print(x.grad.tolist(), w.grad.item())", "[9.0, 36.0] 9.0")


def test_in_a_file_there_is_nothing_to_nudge_with(browser: Browser, tmp_path: Path) -> None:
    x = microtorch.tensor(1.0, requires_grad=True)
    stepper = viz.step(viz.nudge(lambda x: x**3, x))
    viz.export_html(stepper, tmp_path / "page.html")
    stepper.close()
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    expect(page.get_by_role("button", name="Next step")).to_be_visible()
    expect(page.get_by_role("button", name="Nudge")).to_have_count(0)
    page.close()
