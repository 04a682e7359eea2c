"""``%load_ext microtorch`` and ``%%step`` in a real JupyterLab."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.harness import Lab
from tests.conftest import needs

needs("anywidget", "lab")

SCREENSHOTS = Path(__file__).parent / "screenshots"
LOADED = "import microtorch as torch\n%load_ext microtorch"
CELL = """%%step
x = torch.ones(2, 2, requires_grad=True)
y = x + 2
y = y * y * 3
out = y.mean()
out"""


def test_step_shows_the_line_that_made_the_node(lab: Lab) -> None:
    notebook = lab.open([LOADED, CELL])
    page = notebook.page
    expect(page.locator(".mt-count")).to_have_text("0 / 5")
    page.get_by_role("button", name="Next step").click()
    expect(page.locator(".mt-code [aria-current]")).to_have_text("5out = y.mean()")
    for _ in range(3):
        page.get_by_role("button", name="Next step").click()
    expect(page.locator(".mt-now")).to_contain_text("AddBackward0 (y (line 3))")
    expect(page.locator(".mt-code [aria-current]")).to_have_text("3y = x + 2")
    expect(page.locator(".mt-where")).to_have_text("In [2]")
    page.locator(".mt-stepper").screenshot(path=SCREENSHOTS / "step_magic.png")
    page.get_by_role("button", name="Run to the end").click()
    notebook.expect("print(x.grad.tolist())", "[[4.5, 4.5], [4.5, 4.5]]")
