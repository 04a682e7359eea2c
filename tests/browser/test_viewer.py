"""A drawing in a page, in a real browser: it fits its column, zooms, pans, opens its folds, by mouse, touch and keys alone."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import microtorch
from microtorch.viz import draw, trace
from microtorch.viz.page.export import export_html
from microtorch.viz.page.notebook import notebook_html
from tests.browser.harness import Lab, errors_in
from tests.viz.sheets import Drawing

SCREENSHOTS = Path(__file__).parent / "screenshots"
SEEN = """element => {
    const box = element.getBoundingClientRect(), frame = element.closest('.stage').getBoundingClientRect();
    return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
}"""
Shown = Callable[..., Page]


def html_of(drawing: Drawing) -> str:
    return notebook_html(drawing.sheets, drawing.alt, repr(drawing))


@pytest.fixture
def shown(browser: Browser) -> Iterator[Shown]:
    """``shown(column)``: a page with a drawing in a column of this width, in which nothing may go wrong until the test ends."""
    with ExitStack() as contexts:
        errors: list[list[str]] = []

        def opened(column: int = 848, html: str | None = None, **options: Any) -> Page:
            context = contexts.enter_context(browser.new_context(viewport={"width": 1300, "height": 900}, **options))
            errors.append(errors_in(context))
            page = context.new_page()
            html = html_of(Drawing()) if html is None else html
            page.set_content(f'<!doctype html><div style="width: {column}px">{html}</div>')
            page.locator(".mt-drawing svg").first.wait_for()
            return page

        yield opened
    assert not any(errors)


@pytest.fixture
def exported(browser: Browser, tmp_path: Path) -> Iterator[Callable[[Any], Page]]:
    """``exported(what)``: its page of its own, opened as a file."""
    with browser.new_context(viewport={"width": 1000, "height": 900}) as context:
        errors = errors_in(context)
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))

        def opened(what: Any) -> Page:
            page = context.new_page()
            export_html(what, tmp_path / "page.html")
            page.goto((tmp_path / "page.html").as_uri())
            return page

        yield opened
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert not errors


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def picture(page: Page) -> dict[str, float]:
    return page.locator(".stage svg").evaluate(
        "svg => ({...svg.getBoundingClientRect().toJSON(), natural: +svg.getAttribute('width')})"
    )


def scroll(page: Page) -> list[float]:
    return page.locator(".stage").evaluate("stage => [stage.scrollLeft, stage.scrollTop]")


def zoom(page: Page) -> str:
    return page.locator("[data-do=reset]").inner_text()


def fold(page: Page) -> Any:
    return page.locator(".stage .mt-fold.opens")


# ---- it fits ----


@pytest.mark.parametrize(("column", "natural"), [(380, 340), (680, 340), (848, 340), (1200, 1100)])
def test_the_layout_is_chosen_by_the_width_of_the_column(shown: Shown, column: int, natural: int) -> None:
    page = shown(column)
    assert picture(page)["natural"] == natural
    assert picture(page)["width"] == natural
    assert page.evaluate("document.querySelector('.mt-drawing').scrollWidth") <= column
    assert page.locator(".stage .mt-root").evaluate(SEEN)
    page.screenshot(path=SCREENSHOTS / f"viewer_{column}.png")


def test_the_layout_follows_the_column_and_not_the_window(shown: Shown) -> None:
    page = shown(848)
    page.evaluate("document.querySelector('.mt-drawing').parentNode.style.width = '1120px'")
    expect(page.locator(".stage svg")).to_have_attribute("width", "1100")
    page.evaluate("document.querySelector('.mt-drawing').parentNode.style.width = '1020px'")
    page.wait_for_function("() => document.querySelector('.mt-drawing').shadowRoot.querySelector('svg').style.width == '1002px'")
    page.evaluate("document.querySelector('.mt-drawing').parentNode.style.width = '500px'")
    expect(page.locator(".stage svg")).to_have_attribute("width", "340")


def test_what_fits_nowhere_opens_at_the_loss_at_the_least_size_that_can_be_read(shown: Shown) -> None:
    whole = Drawing().sheets[0]
    drawing = Drawing((type(whole)("", whole.title, whole.layouts[:1]),))
    page = shown(380, html_of(drawing))
    assert zoom(page) == "90 %"
    assert page.locator(".stage .mt-root").evaluate(SEEN)
    assert not page.locator(".stage .mt-node").first.evaluate(SEEN)


# ---- zoom and pan ----


def test_every_button_does_what_it_says(shown: Shown) -> None:
    page = shown()
    assert zoom(page) == "100 %"
    button(page, "Zoom in").click()
    assert (zoom(page), picture(page)["width"]) == ("125 %", 425)
    expect(page.locator(".say")).to_have_text("125 %")
    for _ in range(3):
        button(page, "Zoom out").click()
    assert zoom(page) == "64 %"
    page.locator("[data-do=reset]").click()
    assert zoom(page) == "100 %"
    button(page, "Fit").click()
    box, stage = picture(page), page.locator(".stage").bounding_box()
    assert stage is not None
    assert box["top"] >= stage["y"]
    assert box["bottom"] <= stage["y"] + stage["height"]
    for _ in range(30):
        button(page, "Zoom in").click()
    assert zoom(page) == "400 %"


@pytest.mark.parametrize(("key", "then"), [("+", "125 %"), ("=", "125 %"), ("-", "80 %")])
def test_keys_zoom_and_nought_goes_back(shown: Shown, key: str, then: str) -> None:
    page = shown()
    page.locator(".stage").focus()
    page.keyboard.press(key)
    assert zoom(page) == then
    page.keyboard.press("0")
    assert zoom(page) == "100 %"
    page.keyboard.press("f")
    assert zoom(page) != "100 %"


@pytest.mark.parametrize("by", ["button", "key"])
def test_the_values_graph_and_the_gradients_are_the_same_boxes(shown: Shown, by: str) -> None:
    x = microtorch.ones(2, requires_grad=True)
    page = shown(html=draw((x * x).sum())._repr_html_())
    seen = []
    for name in ("Both ways", "Values", "Gradients"):
        arrows = [page.locator(f".stage .mt-{way}").first.is_visible() for way in ("forward", "backward")]
        seen.append((*arrows, page.locator(".stage .mt-node").count()))
        if by == "button":
            button(page, name).click()
        else:
            page.locator(".stage").press("v")
    assert [each[:2] for each in seen] == [(True, True), (True, False), (False, True)]
    assert len({each[2] for each in seen}) == 1
    expect(button(page, "Both ways")).to_be_visible()


def test_ctrl_and_wheel_zoom_where_the_pointer_is(shown: Shown) -> None:
    page = shown(1200)
    x, y = page.locator(".stage .mt-root").evaluate("e => { const b = e.getBoundingClientRect(); return [b.x + 40, b.y + 20]; }")
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function(
        "() => document.querySelector('.mt-drawing').shadowRoot.querySelector('[data-do=reset]').innerText > '190 %'"
    )
    under = "(e, x) => { const b = e.getBoundingClientRect(); return b.left < x && x < b.right; }"
    assert page.locator(".stage .mt-root").evaluate(under, x)
    page.mouse.wheel(0, -100)
    assert zoom(page) == "195 %"


def test_two_fingers_zoom(shown: Shown) -> None:
    page = shown(has_touch=True)
    finger = """(stage, [type, ...points]) => stage.dispatchEvent(new TouchEvent(type, {cancelable: true, touches: points.map(
        (x, identifier) => new Touch({identifier, target: stage, clientX: x, clientY: 200}))}))"""
    stage = page.locator(".stage")
    assert stage.evaluate(finger, ["touchstart", 300, 500]) is False
    assert stage.evaluate(finger, ["touchmove", 250, 550]) is False
    assert zoom(page) == "150 %"
    assert stage.evaluate(finger, ["touchmove", 250]) is True


def test_it_is_dragged_and_a_drag_opens_nothing(shown: Shown) -> None:
    page = shown()
    before = scroll(page)
    box = fold(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 120, steps=4)
    page.mouse.up()
    assert scroll(page)[1] == before[1] - 100
    expect(page.locator("nav")).to_be_hidden()


def test_arrows_move_the_picture_that_has_the_focus(shown: Shown) -> None:
    page = shown()
    page.locator(".stage").focus()
    before = scroll(page)[1]
    page.keyboard.press("ArrowUp")
    page.wait_for_function(f"() => document.querySelector('.mt-drawing').shadowRoot.querySelector('.stage').scrollTop < {before}")


# ---- folds ----


def test_a_fold_opens_and_closes(shown: Shown) -> None:
    page = shown()
    expect(page.locator("nav")).to_be_hidden()
    fold(page).click()
    expect(page.locator(".stage svg")).to_have_attribute("aria-label", "net.0")
    expect(page.locator(".say")).to_have_text("Inside net.0. Escape closes it.")
    expect(page.locator("nav button")).to_have_text(["Graph of loss", "net.0"])
    fold(page).click()
    expect(page.locator("nav button")).to_have_text(["Graph of loss", "net.0", "ReLU"])
    page.screenshot(path=SCREENSHOTS / "viewer_fold.png")
    button(page, "net.0").click()
    expect(page.locator(".stage svg")).to_have_attribute("aria-label", "net.0")
    button(page, "Graph of loss").click()
    expect(page.locator(".stage svg")).to_have_attribute("aria-label", "Graph of loss")
    expect(page.locator("nav")).to_be_hidden()


def test_the_keyboard_alone_is_enough(shown: Shown) -> None:
    page = shown()
    focused = "document.querySelector('.mt-drawing').shadowRoot.activeElement.getAttribute('aria-label')"
    page.keyboard.press("Tab")
    assert page.evaluate(focused).startswith("Graph of loss. Arrows move it")
    page.keyboard.press("Enter")
    assert page.evaluate(focused) == "loss"
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "net.0 to loss: 1 number"
    expect(page.locator(".tip")).to_have_text("net.0 to loss: 1 number")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "net.0: Linear, 3 functions"
    assert fold(page).evaluate(SEEN)
    page.keyboard.press("Enter")
    expect(page.locator(".say")).to_have_text("Inside net.0. Escape closes it.")
    page.keyboard.press("Escape")
    assert page.evaluate(focused) == "net.0: Linear, 3 functions"
    page.keyboard.press("Escape")
    assert page.evaluate(focused).startswith("Graph of loss. Arrows move it")
    names = []
    for _ in range(7):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                "document.querySelector('.mt-drawing').shadowRoot.activeElement?.dataset.do ?? document.activeElement.tagName"
            )
        )
    assert names == ["DIV", "ways", "out", "reset", "in", "fit", "full"]


@pytest.mark.parametrize(("item", "words"), [(".mt-node", "W: shape (3, 4), norm 2.5"), (".mt-edge", "W to net.0: 3×4")])
def test_whole_values_are_shown_under_the_pointer(shown: Shown, item: str, words: str) -> None:
    page = shown(1200)
    expect(page.locator(".tip")).to_be_hidden()
    place = "e => { const b = e.getBoundingClientRect(); return [(b.left + b.right) / 2, (b.top + b.bottom) / 2 + 5]; }"
    page.mouse.move(*page.locator(f".stage {item}").first.evaluate(place))
    expect(page.locator(".tip")).to_have_text(words)
    tip = page.locator(".tip").bounding_box()
    assert tip is not None
    assert 0 <= tip["x"] <= 1200 - tip["width"] + 8
    page.mouse.move(1250, 800)
    expect(page.locator(".tip")).to_be_hidden()
    assert page.locator(".stage title").count() == 0


# ---- where it is shown ----


def test_without_scripts_the_picture_is_an_image_and_the_words_open(shown: Shown, browser: Browser) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.set_content(html_of(Drawing()))
        expect(page.get_by_role("img")).to_have_attribute("alt", "Graph of loss: 1 leaf, 3 functions")
        page.locator("summary").click()
        expect(page.get_by_text("W → net.0 → loss")).to_be_visible()


def test_in_the_live_page_too_the_words_open(shown: Shown) -> None:
    page = shown()
    expect(page.locator("img")).to_be_hidden()
    before = scroll(page)
    page.locator(".stage").evaluate("stage => stage.scrollTo(0, 0)")
    page.locator("summary").click()
    expect(page.get_by_text("W → net.0 → loss")).to_be_visible()
    assert before != scroll(page) == [0, 0]


def test_the_full_screen_shows_all_of_it(shown: Shown) -> None:
    page = shown()
    button(page, "Full screen").click()
    expect(page.locator("[data-do=full]")).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("() => document.fullscreenElement?.matches('.mt-drawing')")
    page.wait_for_timeout(100)
    assert picture(page)["height"] <= page.evaluate("innerHeight")
    page.screenshot(path=SCREENSHOTS / "viewer_full.png")
    button(page, "Full screen").click()
    page.wait_for_function("() => !document.fullscreenElement")
    expect(page.locator("[data-do=reset]")).to_have_text("100 %")


def test_on_paper_there_is_the_picture_alone_and_it_fits(shown: Shown) -> None:
    page = shown(680)
    button(page, "Zoom in").click()
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    assert picture(page)["width"] <= 680
    assert page.locator(".stage").evaluate("stage => stage.scrollHeight <= stage.clientHeight")
    page.screenshot(path=SCREENSHOTS / "viewer_print.png", full_page=True)


LIGHTNESS = """element => ['backgroundColor', 'color'].map(name =>
    getComputedStyle(element)[name].match(/[0-9]+/g).slice(0, 3).reduce((sum, part) => sum + part / 3, 0))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("theme", "dark"),
    [("--jp-layout-color1: #111111; --jp-ui-font-color1: #eeeeee", True),
     ("--jp-layout-color1: #ffffff; --jp-ui-font-color1: #111111", False),
     ("--vscode-editor-background: #1e1e1e; --vscode-editor-foreground: #d4d4d4", True),
     ("color-scheme: light dark", None), ("", False)],
)  # fmt: skip
def test_colours_follow_the_editor_and_else_what_the_page_declares(
    shown: Shown, scheme: str, theme: str, dark: bool | None
) -> None:
    page = shown(html=f'<div style="{theme}">{html_of(Drawing())}</div>', color_scheme=scheme)
    back, ink = page.locator(".mt-drawing").evaluate(LIGHTNESS)
    assert (back < ink) == (scheme == "dark" if dark is None else dark)
    assert abs(back - ink) > 150
    assert page.locator(".stage").evaluate(LIGHTNESS)[0] == 255


def test_two_drawings_on_a_page_do_not_mix(shown: Shown) -> None:
    page = shown(html=html_of(Drawing()) * 2)
    first, second = page.locator(".mt-drawing").all()
    first.locator(".opens").click()
    expect(first.locator(".stage svg")).to_have_attribute("aria-label", "net.0")
    expect(second.locator(".stage svg")).to_have_attribute("aria-label", "Graph of loss")


def test_a_browser_that_cannot_unpack_keeps_the_image(browser: Browser) -> None:
    with browser.new_context() as context:
        context.add_init_script("delete window.DecompressionStream")
        page = context.new_page()
        page.set_content(html_of(Drawing()))
        expect(page.get_by_role("img")).to_be_visible()


# ---- pages of their own ----


def position(page: Page) -> str | None:
    return page.locator("[data-position]").get_attribute("data-position")


def test_a_drawings_own_page_walks_through_its_folds_by_arrows(exported: Callable[[Any], Page]) -> None:
    page = exported(Drawing())
    page.locator(".stage svg").wait_for()
    assert page.evaluate("document.activeElement.dataset.last") == "2"
    seen = [position(page)]
    for key in ("ArrowLeft", "ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home"):
        page.keyboard.press(key)
        seen.append(position(page))
    assert seen == ["0", "0", "1", "2", "2", "1", "0"]


def test_a_traces_own_page_walks_through_its_steps_by_arrows(exported: Callable[[Any], Page]) -> None:
    x = microtorch.ones(2, 2, requires_grad=True)
    walk = trace((x * 3).mean())
    page = exported(walk)
    page.locator(".mt-stepper").wait_for()
    assert page.evaluate("document.activeElement.dataset.last") == "3"
    seen = [position(page)]
    for key in ("ArrowLeft", "ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home"):
        page.keyboard.press(key)
        seen.append(position(page))
    assert seen == ["0", "0", "1", "3", "3", "2", "0"]
    expect(page.locator(".mt-sentence")).to_contain_text("Nothing has run yet")
    walk.close()


# ---- in JupyterLab ----

SHOW = f"from IPython.display import HTML; HTML({html_of(Drawing())!r})"


def test_in_jupyterlab_it_is_live_and_the_notebook_keeps_out_of_its_keys(lab: Lab) -> None:
    notebook = lab.open([SHOW, SHOW])
    page = notebook.page
    page.locator(".mt-drawing .stage svg").nth(1).wait_for()
    first = page.locator(".mt-drawing").first
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    first.locator(".opens").click()
    expect(first.locator(".stage svg")).to_have_attribute("aria-label", "net.0")
    for key in ("0", "0", "a", "b", "d", "d", "x", "Escape"):
        page.keyboard.press(key)
    expect(first.locator(".stage svg")).to_have_attribute("aria-label", "Graph of loss")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    page.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.locator("body[data-jp-theme-light=false]").wait_for(state="attached")
    back, ink = first.evaluate(LIGHTNESS)
    assert back < 60
    assert ink > 180


def test_a_notebook_that_is_not_trusted_shows_the_image_and_the_words(lab: Lab) -> None:
    page = lab.open([SHOW]).page
    page.locator(".mt-drawing .stage svg").wait_for()
    page.evaluate(
        """() => { const cell = window.jupyterapp.shell.currentWidget.content.widgets[0];
        const {model} = cell.outputArea, output = model.get(0).toJSON(); model.trusted = false;
        model.clear(); model.add(output); }"""
    )
    expect(page.locator(".jp-OutputArea img")).to_be_visible()
    assert page.locator(".jp-OutputArea script").count() == 0
    assert page.locator(".jp-OutputArea .stage").count() == 0
    image = page.locator(".jp-OutputArea img")
    expect(image).to_have_attribute("alt", re.compile("^Graph of loss"))
    page.locator("summary").click()
    expect(page.locator(".jp-OutputArea").get_by_text("W → net.0 → loss")).to_be_visible()
