"""Every control and mode of the stepper in an exported page, from a file and without a network; and its layout at four widths."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import microtorch
from microtorch import viz
from microtorch.viz.page import source
from microtorch.viz.passes.trace import Trace
from tests.browser.harness import errors_in
from tests.viz import programs

Opened = Callable[..., Page]
SCREENSHOTS = Path(__file__).parent / "screenshots"
WIDTHS = [350, 680, 848, 1200]


def walked(out: Any) -> Trace:
    return viz.trace(out if out.numel() == 1 else out.sum())


def long_chain(lib: Any) -> dict[str, Any]:
    return dict(programs.chain(lib, 300))


def tutorial() -> Trace:
    """With the lines of its code."""
    with viz.track_source():
        x = microtorch.ones(2, 2, requires_grad=True)
        y = x + 2
        z = y * y * 3
        out = z.mean()
    return viz.trace(out)


def sick() -> Trace:
    x = microtorch.tensor(0.0, requires_grad=True)
    h = x + 0
    with np.errstate(all="ignore"):
        return viz.trace(h.log() * 2)


def failing() -> Trace:
    x = microtorch.tensor(2.0, requires_grad=True)
    y = x * 3
    y.register_hook(lambda grad: 1 / 0)
    return viz.trace(y + 1)


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """``opened(walk)``: the exported page of a walk; nothing may go wrong in it, and nothing be fetched, until the test ends."""
    with ExitStack() as contexts:
        errors = []

        def open_(walk: Trace, width: int = 848, **options: Any) -> Page:
            viewport = {"width": width + 24, "height": 1000}  # the page's own margin
            context = contexts.enter_context(browser.new_context(viewport=viewport, offline=True, **options))  # type: ignore[arg-type]
            errors.append(errors_in(context))
            path = tmp_path / f"page{len(errors)}.html"
            viz.export_html(walk, path)
            walk.close()
            page = context.new_page()
            page.goto(path.as_uri())
            page.locator(".mt-stepper").wait_for()
            return page

        yield open_
    assert [*chain(*errors)] == []


def node(page: Page, i: int) -> Locator:
    return page.locator(f'.mt-node[data-node="{i}"]')


def at(page: Page, k: int, of: int = 5) -> None:
    expect(page.locator(".mt-count")).to_have_text(f"{k} / {of}")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def walk_to(page: Page, k: int) -> None:
    page.get_by_role("slider").fill(str(k))


# ---- layout ----


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("program", [programs.seed, programs.mlp, programs.lenet, long_chain])
def test_nothing_jumps_nothing_is_clipped_and_all_can_be_read(opened: Opened, program: Any, width: int) -> None:
    walk = programs.seen(program, walked)
    last = len(walk.steps)
    page = opened(walk, width)
    covering = """picture => [...picture.querySelectorAll('.mt-sum')].filter(each => each.textContent).flatMap(sum => {
        const one = sum.getBoundingClientRect();
        return [...picture.querySelectorAll('.mt-box')].map(box => box.getBoundingClientRect())
            .filter(box => box.left < one.right - 1 && box.right > one.left + 1)
            .filter(box => box.top < one.bottom - 4 && box.bottom > one.top + 4)
            .map(() => sum.textContent);
    })"""
    heights = set()
    for k in range(0, last + 1, max(1, last // 25)):
        walk_to(page, k)
        at(page, k, last)
        assert page.locator(".mt-picture").evaluate(covering) == []
        heights.add(page.locator(".mt-stepper").bounding_box()["height"])  # type: ignore[index]
    (height,) = heights
    assert height <= {350: 1200, 680: 900}.get(width, 660)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    smallest = """root => Math.min(...[...root.querySelectorAll('*')]
        .filter(each => [...each.childNodes].some(one => one.nodeType === 3 && one.data.trim()))
        .map(each => parseFloat(getComputedStyle(each).fontSize) * (each.ownerSVGElement?.getScreenCTM().a ?? 1)))"""
    assert page.locator(".mt-picture").evaluate(smallest) >= 8.99
    assert page.locator(".mt-told").evaluate(smallest) >= 12
    clipped = """root => [...root.querySelectorAll('.mt-panel > section, .mt-saying, .mt-scroll')]
        .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.className)"""
    assert page.locator(".mt-stepper").evaluate(clipped) == []
    page.locator(".mt-stepper").screenshot(path=SCREENSHOTS / f"page_{program.__name__}_{width}.png")


def test_the_tutorial_takes_at_most_six_hundred_pixels_and_shows_its_rules(opened: Opened) -> None:
    page = opened(programs.seen(programs.seed, walked))
    assert page.locator(".mt-stepper").bounding_box()["height"] <= 604  # type: ignore[index]
    expect(page.locator(".mt-graph")).to_contain_text("grad * 3")


def test_a_stepper_that_gets_wider_takes_the_wider_picture_and_stays_where_it_was(opened: Opened) -> None:
    page = opened(tutorial(), 350)
    walk_to(page, 3)
    assert page.locator(".mt-graph .mt-grad").count() == 0
    page.set_viewport_size({"width": 1000, "height": 900})
    expect(page.locator(".mt-graph .mt-grad").first).to_be_visible()
    at(page, 3)
    expect(node(page, 2)).to_have_attribute("data-state", "current")


@pytest.mark.parametrize(("theme", "dark"), [("light", False), ("dark", True)])
def test_the_page_follows_the_theme(opened: Opened, theme: str, dark: bool) -> None:
    page = opened(tutorial(), color_scheme=theme)
    walk_to(page, 4)
    ground = page.locator(".mt-stepper").evaluate("root => getComputedStyle(root).backgroundColor.match(/\\d+/)[0]")
    assert (int(ground) < 60) == dark
    page.locator(".mt-stepper").screenshot(path=SCREENSHOTS / f"page_{theme}.png")


# ---- the gradients ----


def test_all_leaves_are_in_sight_and_a_large_gradient_opens_to_its_numbers(opened: Opened) -> None:
    page = opened(programs.seen(programs.mlp, walked))
    rows = page.locator(".mt-grads tr")
    expect(rows).to_have_count(4)
    expect(rows.first).to_have_text("net.2.bias.gradNone")
    press(page, "Run to the end")
    weight = rows.filter(has_text="net.0.weight")
    expect(weight).to_contain_text("32×64, norm")
    assert weight.locator(".mt-heat rect").count() == 256
    weight.locator("summary").click()
    expect(weight).to_contain_text("zeros")
    box = page.locator(".mt-scroll")
    inside = box.bounding_box()
    seen = weight.locator("summary").bounding_box()
    assert inside is not None
    assert seen is not None
    assert inside["y"] <= seen["y"] <= inside["y"] + inside["height"]
    press(page, "Back to the start")
    expect(weight).to_have_text("net.0.weight.gradNone")


def test_a_leaf_that_is_not_reached_is_listed_too(opened: Opened) -> None:
    page = opened(failing())
    press(page, "Run to the end")
    expect(page.locator(".mt-grads tr")).to_have_text(["x.gradNone"])


# ---- walking ----


def test_by_phases_a_step_is_told_in_parts_and_back_again(opened: Opened) -> None:
    page = opened(tutorial())
    press(page, "Phases")
    said = []
    for _ in range(4):
        press(page, "Next step")
        said.append(page.locator(".mt-sentence").inner_text())
    assert [words[:7] for words in said] == ["1 of 4:", "2 of 4:", "3 of 4:", "4 of 4:"]
    at(page, 1)
    press(page, "Next step")
    at(page, 1)
    expect(node(page, 3)).to_have_attribute("data-state", "current")
    expect(node(page, 4)).to_have_attribute("data-state", "done")
    expect(page.locator(".mt-phases li[aria-current]")).to_contain_text("taken")
    press(page, "One step back")
    expect(page.locator(".mt-sentence")).to_have_text(said[3])
    press(page, "One step back")
    at(page, 0)
    expect(page.locator(".mt-sentence")).to_have_text(said[2])
    page.locator(".mt-picture").focus()
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Phases")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".mt-sentence")).to_contain_text("Nothing has run yet")


@pytest.mark.parametrize(
    ("make", "choice", "position", "hint"),
    [
        (tutorial, "a .grad grows", 5, ""),
        (tutorial, "x", 5, ""),
        (tutorial, "AddBackward0 (y)", 4, ""),
        (tutorial, "NaN or ∞", 0, "No NaN or infinity comes after this."),
        (tutorial, "an error", 0, "No error comes after this."),
        (tutorial, "a stop", 0, "There is no stop after this."),
        (sick, "NaN or ∞", 2, ""),
        (failing, "an error", 2, ""),
    ],
)
def test_run_until(opened: Opened, make: Callable[[], Trace], choice: str, position: int, hint: str) -> None:
    page = opened(make())
    choose = page.get_by_label("Run until")
    choose.select_option(label=choice)
    expect(page.locator("main")).to_have_attribute("data-position", str(position))
    expect(page.locator(".mt-hint")).to_have_text(hint)
    expect(choose).to_have_value("")


def test_what_a_node_would_have_freed_is_struck_out_until_one_goes_back(opened: Opened) -> None:
    page = opened(tutorial())
    saved = page.locator(".mt-graph text.mt-saved")
    kept, struck = ["none"] * saved.count(), ["line-through"] * saved.count()
    assert kept != struck
    for key, lines in [("ArrowRight", kept), ("ArrowRight", kept), ("ArrowRight", struck), ("End", struck), ("Home", kept)]:
        page.locator("main").press(key)
        assert saved.evaluate_all("texts => texts.map(each => getComputedStyle(each).textDecorationLine)") == lines


def test_a_failed_node_has_its_sign_and_its_message(opened: Opened) -> None:
    page = opened(failing())
    press(page, "Run to the end")
    failed = page.locator('.mt-node[data-state="failed"]')
    expect(failed).to_have_count(1)
    expect(failed.locator(".mt-glyph")).to_have_attribute("data-sign", "failed")
    expect(page.locator(".mt-now")).to_contain_text("division by zero")
    page.locator(".mt-stepper").screenshot(path=SCREENSHOTS / "page_failed.png")


def test_play_and_run_stop_at_a_stop(opened: Opened) -> None:
    page = opened(tutorial())
    node(page, 2).click(modifiers=["Shift"])
    at(page, 0)
    expect(node(page, 2).locator(".mt-stop")).to_have_count(1)
    expect(page.locator(".mt-hint")).to_contain_text("Stop at MulBackward0")
    page.get_by_label("Run until").select_option(label="a .grad grows")
    at(page, 3)
    press(page, "Back to the start")
    page.get_by_label("Speed").select_option("4")
    press(page, "Play")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible()  # again
    at(page, 3)
    press(page, "Stop here")
    expect(page.locator(".mt-stop")).to_have_count(0)
    page.locator(".mt-picture").focus()
    page.keyboard.press("b")
    expect(page.locator(".mt-stop")).to_have_count(1)


def test_the_speed_can_be_changed_while_it_plays(opened: Opened) -> None:
    page = opened(tutorial())
    press(page, "Play")
    page.get_by_label("Speed").select_option("4")
    at(page, 5)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_lane_has_a_tick_for_each_step_names_it_and_goes_there(opened: Opened) -> None:
    page = opened(tutorial())
    ticks = page.locator(".mt-lane path:not(.mt-stops)").evaluate_all(
        "all => all.map(p => [p.classList[0], p.getAttribute('d')])"
    )
    assert {kind: d.count("M") for kind, d in ticks} == {"mt-f": 4, "mt-a": 1}
    lane = page.locator(".mt-lane")
    box = lane.bounding_box()
    assert box is not None
    lane.hover(position={"x": box["width"] * 0.6, "y": 6})
    expect(page.locator(".mt-track")).to_have_attribute("title", "3: MulBackward0")
    lane.click(position={"x": box["width"] * 0.8, "y": 6})
    at(page, 4)


def test_a_line_of_code_and_its_nodes_find_each_other(opened: Opened) -> None:
    page = opened(tutorial())
    lines = page.locator(".mt-code button")
    expect(lines).to_have_count(3)
    press(page, "Next step")
    expect(page.locator(".mt-code [aria-current]")).to_contain_text("out = z.mean()")
    lines.filter(has_text="z = y * y * 3").hover()
    expect(page.locator(".mt-node.mt-lit")).to_have_count(2)
    node(page, 1).hover()
    expect(page.locator(".mt-code .mt-lit")).to_contain_text("y = x + 2")
    lines.filter(has_text="z = y * y * 3").click()
    at(page, 2)


def test_the_keyboard_alone_reaches_everything(opened: Opened) -> None:
    page = opened(tutorial())
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).trim()")
        )
    controls = {
        "Play",
        "Next step",
        "Run to the end",
        "Speed",
        "Phases",
        "Run until",
        "Stop here",
        "Position in the backward pass",
    }
    assert controls <= reached
    assert {"This step", "Queue", "The gradients of all leaves", "What the words mean"} <= reached
    page.locator(".mt-picture").focus()
    for key, k in [("ArrowRight", 1), ("End", 5), ("ArrowLeft", 4), ("Home", 0)]:
        page.keyboard.press(key)
        at(page, k)


# ---- large graphs ----


def test_a_fold_tells_how_much_of_it_is_done_and_the_neighbourhood_is_beside_it(opened: Opened) -> None:
    page = opened(programs.seen(long_chain, walked))
    fold = page.locator(".mt-fold")
    expect(fold).to_have_count(1)
    expect(fold).to_have_attribute("data-state", "waiting")
    walk_to(page, 150)
    expect(fold).to_have_attribute("data-state", "current")
    expect(fold.locator(".mt-glyph")).to_have_text("148 of 296 done")
    chips = page.locator(".mt-chip")
    assert chips.evaluate_all("all => all.map(each => each.dataset.state)") == ["ready", "current", "done"]
    chips.last.click()
    at(page, 149, 301)
    chips.first.focus()
    page.keyboard.press("Enter")
    at(page, 150, 301)
    assert page.evaluate("document.activeElement.dataset.state") == "current"  # the keyboard goes on from there
    press(page, "Run to the end")
    expect(fold).to_have_attribute("data-state", "done")
    fold.click()
    at(page, 3, 301)


def test_the_slider_and_the_list_of_words_agree_on_every_step(opened: Opened) -> None:
    page = opened(programs.seen(programs.mlp, walked))
    page.get_by_text("All 11 steps in words").click()
    words = page.locator(".mt-words li button").all_inner_texts()
    assert len(words) == 11
    for k, told in enumerate(words, 1):
        walk_to(page, k)
        expect(page.locator(".mt-sentence")).to_have_text(told)
    assert all(a != b for a, b in pairwise(words))


# ---- a part of a long pass, a leaf in many places, folds, and a page that is not of the window's colours ----


def test_of_a_long_pass_it_says_which_steps_it_has_and_where_the_others_are(opened: Opened) -> None:
    page = opened(walked(programs.chain(microtorch, 2_100)["out"]))
    note = page.locator(".mt-note")
    expect(note).to_contain_text("This page has the first 2,000 of 2,1")
    expect(note).to_contain_text("In a notebook, viz.step walks all of them")
    page.get_by_role("button", name="Run to the end").click()
    expect(page.locator("main")).to_have_attribute("data-position", "2000")
    expect(page.locator(".mt-sentence")).to_contain_text("receives")
    page.get_by_role("slider").fill("2050")
    expect(page.get_by_role("slider")).to_have_value("2000")


def test_a_leafs_pills_show_the_state_of_the_leaf(opened: Opened) -> None:
    w = microtorch.tensor([1.0, 2.0], requires_grad=True)
    y = w
    for _ in range(12):
        y = y * w + w
    page = opened(walked(y))
    aliases = page.locator('.mt-alias[data-node="0"]')
    assert aliases.count() > 3
    for key, state in (("Home", "waiting"), ("End", "current"), ("ArrowLeft", "ready")):
        page.keyboard.press(key)
        expect(page.locator('.mt-node[data-node="0"]')).to_have_attribute("data-state", state)
        assert {alias.get_attribute("data-state") for alias in aliases.all()} == {state}
        assert {alias.locator(".mt-glyph").get_attribute("data-sign") for alias in aliases.all()} == {state}


def test_a_picture_with_folds_leaves_room_for_the_rest_of_the_page(opened: Opened) -> None:
    page = opened(walked(programs.chain(microtorch, 300)["out"]), width=680)
    expect(page.locator(".mt-near")).to_be_visible()
    assert page.locator(".mt-stepper").bounding_box()["height"] <= 850  # type: ignore[index]


def test_in_a_light_page_of_a_dark_window_it_is_light(browser: Browser) -> None:
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.set_content(f'<style>{source.css("stepper")}</style><div class="mt-stepper">a</div>')
        look = "element => getComputedStyle(element).backgroundColor"
        assert page.locator(".mt-stepper").evaluate(look) == "rgb(255, 255, 255)"
        page.evaluate("document.documentElement.style.colorScheme = 'dark'")
        assert page.locator(".mt-stepper").evaluate(look) == "rgb(22, 25, 29)"
