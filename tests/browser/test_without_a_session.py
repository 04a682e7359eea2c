"""Notebooks in which no session runs: reopened ones, and those that nbconvert made pages of. No network either."""

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import Lab
from tests.conftest import needs

needs("anywidget", "lab")
from nbclient import NotebookClient  # noqa: E402
from nbconvert import HTMLExporter  # noqa: E402

SCREENSHOTS = Path(__file__).parent / "screenshots"
KEPT = "This is what the notebook has kept"
CELLS = [
    """
    import microtorch
    from microtorch import nn, optim, viz
    x = microtorch.ones(2, 2, requires_grad=True)
    y = x + 2
    out = (y * y * 3).mean()
    viz.draw(out)""",
    "stepper = viz.step(out)\nstepper",
    """
    net = nn.Linear(2, 1)
    with viz.record() as run:
        for _ in range(20):
            loss = net(microtorch.ones(4, 2)).sum()
            loss.backward()
    run""",
    "viz.compare(out, (x + 2).mean())",
    "viz.why(x, out)",
]
SHUT_DOWN = "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page that nbconvert has made of a notebook that it ran itself, with the state of the widgets."""
    folder = tmp_path_factory.mktemp("exported")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(dedent(cell).strip()) for cell in CELLS])
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    (folder / "page.html").write_text(HTMLExporter().from_notebook_node(notebook)[0], "utf-8")
    return (folder / "page.html").as_uri()


@pytest.fixture
def opened(browser: Browser, exported: str) -> Iterator[Callable[..., Page]]:
    contexts = []

    def page(**options: bool) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}, offline=True, **options))  # type: ignore[arg-type]
        found = contexts[-1].new_page()
        found.goto(exported, wait_until="domcontentloaded")
        return found

    yield page
    for context in contexts:
        context.close()


def test_in_nbconverts_page_the_stepper_walks(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(page.locator(".mt-stepper .mt-note")).to_contain_text(KEPT)
    page.get_by_role("button", name="Run to the end").click()
    expect(page.locator(".mt-count")).to_have_text("5 / 5")
    expect(page.locator(".mt-grads")).to_contain_text("4.5 in each of 2×2")
    assert page.locator(".mt-now code").first.evaluate("code => getComputedStyle(code).backgroundColor") == "rgba(0, 0, 0, 0)"
    page.screenshot(path=SCREENSHOTS / "nbconvert.png", full_page=True)


def test_without_scripts_no_cell_is_empty_and_each_says_in_words_what_its_picture_says(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    pictures = page.locator("img")
    assert pictures.count() == 6  # a comparison has two
    for picture in pictures.all():
        box = picture.bounding_box()
        assert box is not None
        assert box["height"] > 50
        assert picture.get_attribute("alt")
    for summary in page.locator("summary").all():
        summary.click()
    for words in ("1 leaf, 4 functions", "x accumulates 4.5 in each of 2×2", "net.weight", "not run"):
        expect(page.get_by_text(words).first).to_be_visible()
    page.screenshot(path=SCREENSHOTS / "nbconvert_without_scripts.png", full_page=True)


def test_the_live_stepper_takes_the_place_of_what_the_notebook_keeps(lab: Lab) -> None:
    page = lab.open([dedent(CELLS[0]).strip(), CELLS[1]]).page
    expect(page.locator(".mt-stepper")).to_have_count(1)
    expect(page.locator(".mt-still")).to_have_count(0)
    expect(page.locator(".mt-grads")).to_contain_text("In your session now")


def test_in_a_notebook_that_is_opened_again_the_stepper_walks_and_says_that_it_is_what_was_kept(lab: Lab) -> None:
    notebook = lab.open([dedent(CELLS[0]).strip(), CELLS[1]])
    page = notebook.page
    expect(page.locator(".mt-grads")).to_contain_text("In your session now")
    page.evaluate(SAVE)
    page.evaluate(SHUT_DOWN)
    page.reload()
    expect(page.locator(".mt-stepper .mt-note")).to_contain_text(KEPT)
    page.get_by_role("button", name="Run to the end").click()
    expect(page.locator(".mt-count")).to_have_text("5 / 5")
