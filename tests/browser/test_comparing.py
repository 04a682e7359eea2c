"""Compare: two passes in one page, in lock-step; from a file without a network, and in JupyterLab."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import microtorch
from microtorch import viz
from tests.browser.harness import Lab, errors_in

Opened = Callable[..., Page]
SCREENSHOTS = Path(__file__).parent / "screenshots"


def powers(count: int) -> Any:
    """(x + 2) x … x 3, with so many x."""
    x = microtorch.ones(2, 2, requires_grad=True)
    y = x + 2
    for _ in range(count):
        y = y * x
    return (y * 3).mean()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """``opened(a, b)``: the exported page of both; nothing may go wrong in it, and nothing be fetched, until the test ends."""
    with ExitStack() as contexts:
        errors = []

        def open_(a: Any, b: Any, width: int = 1200, **options: Any) -> Page:
            viewport = {"width": width + 24, "height": 1000}
            context = contexts.enter_context(browser.new_context(viewport=viewport, offline=True, **options))  # type: ignore[arg-type]
            errors.append(errors_in(context))
            viz.export_html(viz.lockstep(a, b), tmp_path / "page.html")
            page = context.new_page()
            page.goto((tmp_path / "page.html").as_uri())
            page.locator(".mt-pair").wait_for()
            return page

        yield open_
    assert [*chain(*errors)] == []


def at(page: Page, row: int, a: int, b: int) -> None:
    expect(page.locator(".mt-pair > .mt-rail .mt-count")).to_have_text(f"{row} / 6")
    expect(page.locator(".mt-one .mt-count")).to_have_text([f"{a} / 5", f"{b} / 6"])


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).filter(visible=True).click()


def test_one_slider_moves_both_and_what_differs_is_said_and_marked(opened: Opened) -> None:
    page = opened(powers(1), powers(2))
    saying, marked = page.locator(".mt-pair > .mt-saying"), page.locator(".mt-one .mt-node.mt-differs")
    expect(page.locator(".mt-one > .mt-head")).to_have_text(["a", "b"])
    at(page, 0, 0, 0)
    expect(marked).to_have_count(0)
    press(page, "Next difference")
    at(page, 1, 1, 1)
    press(page, "Next difference")
    at(page, 2, 1, 2)  # b multiplies once more
    expect(saying).to_contain_text("only in b")
    assert page.locator(".mt-one").nth(1).locator(".mt-node.mt-differs").count() == 2
    press(page, "Next step")
    at(page, 3, 2, 3)
    press(page, "Run to the end")
    at(page, 6, 5, 6)
    expect(saying).to_contain_text("leaf.grad: 3 in each of 2×2 in a, 5.25 in each of 2×2 in b")
    press(page, "Next difference")
    expect(saying).to_contain_text("They do not differ after this.")
    press(page, "One step back")
    press(page, "Back to the start")
    at(page, 0, 0, 0)
    page.locator(".mt-pair > .mt-rail").get_by_role("slider").fill("3")
    at(page, 3, 2, 3)


def test_whichever_of_the_two_is_moved_the_other_goes_along(opened: Opened) -> None:
    page = opened(powers(1), powers(2))
    page.locator(".mt-one").nth(1).locator(".mt-node").last.click()
    at(page, 1, 1, 1)
    page.locator(".mt-one").first.locator('.mt-node[data-node="1"]').click()
    expect(page.locator(".mt-one .mt-count").first).to_have_text("4 / 5")


def test_two_that_are_the_same_say_so(opened: Opened) -> None:
    page = opened(powers(2), powers(2))
    press(page, "Next step")
    expect(page.locator(".mt-pair > .mt-saying")).to_contain_text("step 1 of both. They are the same.")
    press(page, "Next difference")
    expect(page.locator(".mt-pair > .mt-saying")).to_contain_text("They do not differ after this.")


def test_the_keyboard_alone_is_enough_and_each_step_is_announced(opened: Opened) -> None:
    page = opened(powers(1), powers(2))
    expect(page.locator(".mt-pair > .mt-saying .mt-sentence")).to_have_attribute("aria-live", "polite")
    expect(page.locator(".mt-one .mt-sentence").first).to_have_attribute("aria-live", "off")
    for key, place in [
        ("ArrowRight", (1, 1, 1)),
        ("d", (2, 1, 2)),
        ("End", (6, 5, 6)),
        ("ArrowLeft", (5, 4, 5)),
        ("Home", (0, 0, 0)),
    ]:
        page.keyboard.press(key)
        at(page, *place)
    page.locator(".mt-one .mt-picture").first.focus()
    page.keyboard.press("ArrowRight")
    at(page, 1, 1, 1)
    page.keyboard.press("q")  # what each can do alone, it does not do here
    expect(page.locator(".mt-ask").first).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "is_beside"), [(350, False), (848, False), (1200, True), (1600, True)])
def test_side_by_side_or_one_under_the_other(opened: Opened, width: int, is_beside: bool, theme: str) -> None:
    page = opened(powers(1), powers(2), width, color_scheme=theme)
    press(page, "Next difference")
    a, b = (page.locator(".mt-one").nth(i).bounding_box() for i in range(2))
    assert a is not None
    assert b is not None
    assert (a["y"] == b["y"]) == is_beside
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".mt-pair").screenshot(path=SCREENSHOTS / f"pair_{width}_{theme}.png")


def test_in_a_notebook_python_knows_where_they_stand_and_no_grad_moves(lab: Lab) -> None:
    notebook = lab.open(
        [
            "import microtorch\nfrom microtorch import viz\nx = microtorch.tensor(2.0, requires_grad=True)",
            "stepper = viz.step(viz.lockstep(x * x * 3, x * x * 5))\nstepper",
        ]
    )
    page = notebook.page
    expect(page.locator(".mt-one")).to_have_count(2)
    press(page, "Run to the end")
    notebook.expect("print(stepper.position, x.grad)", "3 None")
    notebook.run("stepper.position = 1")
    expect(page.locator(".mt-pair > .mt-saying")).to_contain_text("3 in a, 5 in b")
