"""A recorded training run in a page, in a real browser: the slider, the click, the keys, and what they show."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import microtorch
from microtorch import nn, optim, viz
from tests.browser.harness import Lab, errors_in
from tests.conftest import needs

SCREENSHOTS = Path(__file__).parent / "screenshots"


def recorded(count: int = 200) -> viz.Run:
    """A network that learns, until its weights are spoiled."""
    microtorch.manual_seed(0)
    net = nn.Sequential(*[layer for i in range(3) for layer in (nn.Linear(8 if i else 2, 8), nn.ReLU())], nn.Linear(8, 1))
    optimizer = optim.SGD(net.parameters(), lr=0.03)
    x = microtorch.randn(64, 2)
    y = (x * x).sum(1, keepdim=True)
    with viz.record() as run:
        for k in range(count):
            loss = nn.functional.mse_loss(net(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            if k == 180:
                net[2].weight.data.fill_(float("nan"))
    return run


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """``opened(width, scheme)``: the page of a run, from a file."""
    contexts = []

    def page(width: int = 848, scheme: str = "light", **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        contexts.append((context, errors_in(context)))
        recorded().save(tmp_path / "run.html")
        found = context.new_page()
        found.goto((tmp_path / "run.html").as_uri())
        return found

    yield page
    for context, errors in contexts:
        context.close()
        assert not errors


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 848])
def test_it_fits_its_column_and_shows_the_iteration_of_the_slider(opened: Callable[..., Page], width: int, scheme: str) -> None:
    page = opened(width, scheme)
    slider, output = page.locator("input"), page.locator("output")
    expect(output).to_have_text("iteration 199: loss nan")
    expect(page.locator(".graph [data-node] .mt-box").first).to_have_attribute("fill", "#FFFFFF")
    assert page.locator("table tr").count() == 1 + 8
    slider.fill("0")
    expect(output).to_contain_text("iteration 0: loss")
    fills = {box.get_attribute("fill") for box in page.locator('.graph [data-node="0"] .mt-box').all()}
    assert fills
    assert "#FFFFFF" not in fills
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    slider.fill("60")
    page.screenshot(path=SCREENSHOTS / f"run_{width}_{scheme}.png", full_page=True)


def test_a_click_in_the_heat_goes_to_its_iteration_and_the_mark_with_it(opened: Callable[..., Page]) -> None:
    page = opened()
    box = page.locator(".chart svg").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 230)
    number = int(page.locator("output").inner_text().split()[1].rstrip(":"))
    assert 80 < number < 105
    mark = page.locator(".mark").bounding_box()
    assert mark is not None
    assert mark["x"] <= box["x"] + box["width"] / 2 <= mark["x"] + mark["width"] + 4


def test_keys_alone_walk_it_from_the_first_iteration_to_the_last(opened: Callable[..., Page]) -> None:
    page = opened()
    root, last = page.locator("main"), "119"
    expect(root).to_have_attribute("data-position", last)
    expect(root).to_be_focused()
    for key, position in (("Home", "0"), ("ArrowRight", "1"), ("ArrowRight", "2"), ("ArrowLeft", "1"), ("End", last)):
        page.keyboard.press(key)
        expect(root).to_have_attribute("data-position", position)
    page.keyboard.press("Tab")
    expect(page.locator("input")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(root).to_have_attribute("data-position", "118")


def test_without_scripts_there_are_the_curve_the_heat_and_the_words(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    expect(page.locator("img")).to_be_visible()
    expect(page.get_by_text("NaN or infinity, in 19 of 200 iterations")).to_have_count(2)
    page.locator("summary").click()
    expect(page.locator("pre")).to_contain_text("net.0.weight")


def test_two_runs_in_one_notebook_page_have_a_slider_each(browser: Browser) -> None:
    with browser.new_context(viewport={"width": 900, "height": 900}) as context:
        errors = errors_in(context)
        page = context.new_page()
        page.set_content(f"<!doctype html>{recorded(20)._repr_html_()}{recorded(30)._repr_html_()}")
        expect(page.locator("output")).to_have_count(2)
        page.locator("input").first.fill("3")
        expect(page.locator("output").first).to_contain_text("iteration 3:")
        expect(page.locator("output").last).to_contain_text("iteration 29:")
    assert not errors


# ---- in JupyterLab ----

LOOP = """
import {lib} as torch
from {lib} import nn, optim
from microtorch import viz
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = optim.SGD(net.parameters(), lr=0.03)
x = torch.randn(64, 2)
y = (x * x).sum(1, keepdim=True)
with viz.record() as run:
    for k in range(60):
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if k == 20:
            with torch.no_grad():
                net[0].bias.fill_(-100.0)
        if k == 50:
            with torch.no_grad():
                net[4].bias.fill_(float("nan"))
run
"""
FILLS = """width => {
    const chart = document.querySelector(".mt-run").shadowRoot.querySelector(".chart svg").getBoundingClientRect().width;
    return 0.9 * width <= chart && chart <= width;
}"""
THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"


@pytest.mark.parametrize("library", ["microtorch", "torch"])
def test_in_jupyterlab_a_run_fits_cells_of_all_widths_and_tells_what_went_wrong(lab: Lab, library: str) -> None:
    needs(library, "torch" if library == "torch" else "lab")
    page = lab.open([LOOP.format(lib=library)]).page
    run = page.locator(".mt-run")
    output, slider = run.locator("output"), run.locator("input")
    expect(output).to_have_text("iteration 59: loss nan")
    expect(run.locator("[slot=flags]")).to_contain_text("NaN or infinity")
    expect(run.locator("[slot=flags]")).to_contain_text("Dead")
    for theme in ("dark", "light"):
        page.evaluate(THEME, f"JupyterLab {theme.title()}")
        page.locator(f"body[data-jp-theme-light={str(theme == 'light').lower()}]").wait_for(state="attached")
        for width in (380, 600, 848, 1100):
            look = f"box-sizing: border-box; padding: 0; flex: 0 0 {width}px"
            run.evaluate("(root, look) => root.closest('.jp-OutputArea-output').style.cssText = look", look)
            slider.fill("5")
            expect(output).to_contain_text("iteration 5: loss")
            page.wait_for_function(FILLS, arg=width)
            fill = run.locator(".graph .mt-box").first.get_attribute("fill")
            slider.fill("40")
            expect(run.locator("table")).to_contain_text("100 %")
            assert run.locator(".graph .mt-box").first.get_attribute("fill") != fill
            run.screenshot(path=SCREENSHOTS / f"run_{library}_{width}_{theme}.png")


def test_the_keys_of_a_run_are_its_own_and_not_jupyterlabs(lab: Lab) -> None:
    page = lab.open([LOOP.format(lib="microtorch")]).page
    page.locator(".mt-run input").focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "d", "d", "x"):
        page.keyboard.press(key)
    expect(page.locator(".mt-run output")).to_contain_text("iteration 2:")
    expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(1)
