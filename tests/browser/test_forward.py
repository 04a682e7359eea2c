"""The way forth and the update in the stepper: in an exported page, from a file and without a network, and in JupyterLab."""

import linecache
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import microtorch
from microtorch import viz
from microtorch.viz.passes.trace import Trace, trace
from tests.browser.harness import Lab
from tests.browser.test_stepper_in_a_page import SCREENSHOTS, WIDTHS, Opened, long_chain, node, opened, press, walk_to
from tests.conftest import needs
from tests.viz import programs

__all__ = ["opened"]  # a fixture
X, ADD, SQUARE, TIMES_3, MEAN = range(5)  # the tutorial's nodes
CODE = "x = torch.ones(2, 2, requires_grad=True)\ny = x + 2\nz = y * y * 3\nout = z.mean()\n"


def tutorial(lines: bool = True) -> Trace:
    """The seed's graph, its code known by its lines or not."""
    linecache.cache["tutorial.py"] = (len(CODE), None, CODE.splitlines(True), "tutorial.py")
    space: dict[str, Any] = {"torch": microtorch, "trace": trace}
    with viz.track_source(lines):
        exec(compile(CODE, "tutorial.py", "exec"), space)
    exec("walk = trace(out, forward=True)", space)
    walk: Trace = space["walk"]
    return walk


def trained() -> Trace:
    """A network, its backward pass, and an update by hand without zero_grad."""
    space = programs.named(programs.mlp) | {"trace": trace}
    exec("walk = trace(out, forward=True)", space)
    walk: Trace = space["walk"]
    with viz.update(walk):
        for parameter in space["net"].parameters():
            parameter.data -= 0.1 * parameter.grad
    walk.first()
    return walk


def cleared() -> Trace:
    w = microtorch.tensor(0.5, requires_grad=True)
    walk = trace(w * 2, forward=True)
    with viz.update(walk):
        w.data -= 0.1 * w.grad  # type: ignore[operator]
        w.grad = None
    walk.first()
    return walk


def long() -> Trace:
    walk = programs.seen(long_chain, lambda out: trace(out.sum(), forward=True))
    assert isinstance(walk, Trace)
    return walk


def there(page: Page) -> list[int]:
    """The nodes that can be seen."""
    seen = "all => all.filter(g => getComputedStyle(g).visibility === 'visible').map(g => Number(g.dataset.node))"
    found: list[int] = page.locator(".mt-node").evaluate_all(seen)
    return found


def numbers(page: Page) -> list[str]:
    """What stands on the edges."""
    words = "all => all.map(text => text.firstChild?.textContent ?? '').filter(Boolean)"
    found: list[str] = page.locator(".mt-graph > .mt-value").evaluate_all(words)
    return found


def at(page: Page, place: str) -> None:
    expect(page.locator(".mt-count")).to_have_text(place)


# ---- the graph grows ----


def test_the_graph_grows_node_by_node_and_every_one_stays_where_it_is(opened: Opened) -> None:
    page = opened(tutorial())
    at(page, "forward 0 / 5")
    assert there(page) == []
    expect(page.locator(".mt-root")).to_be_hidden()
    places = page.locator(".mt-node").evaluate_all("all => all.map(g => g.getAttribute('transform'))")
    for k, nodes in enumerate(([X], [X, ADD], [X, ADD, SQUARE], [X, ADD, SQUARE, TIMES_3], range(5)), 1):
        press(page, "Next step")
        at(page, f"forward {k} / 5")
        assert there(page) == [*nodes]
        expect(node(page, [*nodes][-1])).to_have_attribute("data-state", "current")
        assert page.locator(".mt-node").evaluate_all("all => all.map(g => g.getAttribute('transform'))") == places
        page.locator(".mt-stepper").screenshot(path=SCREENSHOTS / f"forward_{k}.png")
    expect(page.locator(".mt-root")).to_be_visible()
    press(page, "Next step")
    at(page, "back 0 / 5")
    expect(node(page, MEAN)).to_have_attribute("data-state", "ready")
    press(page, "One step back")
    press(page, "One step back")
    assert there(page) == [X, ADD, SQUARE, TIMES_3]


def test_values_stand_on_the_edges_and_beside_the_node_that_gave_the_last_and_no_gradient(opened: Opened) -> None:
    page = opened(tutorial())
    walk_to(page, -3)
    assert numbers(page) == ["1", "3", "3"]
    expect(page.locator(".mt-graph > .mt-sum")).to_have_text("= 9")
    expect(page.locator(".mt-now")).to_contain_text("y = 3 in each of 2×2, twice")
    expect(page.locator(".mt-now")).to_contain_text("keepsy 2×2, for its rule")
    expect(page.locator(".mt-now")).to_contain_text("leads back toAddBackward0 (y)")
    expect(page.locator(".mt-queue li").first).to_have_text("MulBackward0 9")
    arrow = page.locator(".mt-edge[data-edge='2']")
    expect(arrow).to_have_attribute("data-state", "making")
    expect(arrow.locator(".mt-backward")).to_have_css("opacity", "0")
    walk_to(page, 0)
    assert numbers(page) == ["1"]  # with which backward() begins
    expect(page.locator(".mt-graph > .mt-sum")).to_have_text("")


def test_a_nan_is_found_where_it_comes_up(opened: Opened) -> None:
    x = microtorch.tensor(-1.0, requires_grad=True)
    with np.errstate(all="ignore"):
        h = x.sqrt()
        page = opened(trace(h * 2, forward=True))
    page.get_by_label("Run until").select_option(label="NaN or ∞")
    at(page, "forward 2 / 3")
    expect(node(page, 1).locator(".mt-glyph")).to_have_attribute("data-sign", "bad")


def test_lines_of_code_are_gone_through_and_a_click_leads_to_where_one_begins(opened: Opened) -> None:
    page = opened(tutorial())
    current = page.locator(".mt-code [aria-current]")
    expect(current).to_have_count(0)
    for text, place in [("y = x + 2", "forward 1 / 5"), ("z = y * y * 3", "forward 3 / 5"), ("out = z.mean()", "forward 5 / 5")]:
        page.get_by_label("Run until").select_option(label="the next line")
        at(page, place)
        expect(current).to_contain_text(text)
    page.locator(".mt-code button").first.click()
    at(page, "forward 1 / 5")
    walk_to(page, 5)
    page.locator(".mt-code button").first.click()
    at(page, "back 4 / 5")


def test_without_lines_the_page_says_how_to_get_them(opened: Opened) -> None:
    page = opened(tutorial(lines=False))
    expect(page.locator(".mt-now")).to_contain_text("%load_ext microtorch")
    expect(page.locator(".mt-code")).to_be_hidden()


def test_a_click_on_a_node_leads_to_where_it_is_made_and_after_that_to_its_turn(opened: Opened) -> None:
    page = opened(tutorial())
    walk_to(page, -1)
    node(page, ADD).click()
    at(page, "forward 2 / 5")
    walk_to(page, 1)
    node(page, ADD).click()
    at(page, "back 4 / 5")


# ---- one slider ----


def test_the_keyboard_alone_goes_all_the_way_and_each_step_is_announced(opened: Opened) -> None:
    page = opened(tutorial(), reduced_motion="reduce")
    main, slider, sentence = page.locator("main"), page.get_by_role("slider"), page.locator(".mt-sentence")
    expect(main).to_have_attribute("data-position", "0")
    expect(main).to_have_attribute("data-last", "11")
    said = [sentence.inner_text()]
    for k in range(1, 12):
        page.keyboard.press("ArrowRight")
        expect(main).to_have_attribute("data-position", str(k))
        said.append(sentence.inner_text())
        expect(slider).to_have_attribute(
            "aria-valuetext", f"{page.locator('.mt-count').inner_text().replace('/', 'of')}. {said[-1]}"
        )
    assert len(set(said)) == 12
    expect(sentence).to_have_attribute("aria-live", "polite")
    for key, k in [("Home", 0), ("End", 11), ("ArrowLeft", 10)]:
        page.keyboard.press(key)
        expect(main).to_have_attribute("data-position", str(k))


def test_a_mark_stands_where_forward_ends_and_backward_begins(opened: Opened) -> None:
    page = opened(tutorial())
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("min", "-6")
    forth, back = (each.bounding_box() for each in page.locator(".mt-ways span").all())
    lane = page.locator(".mt-lane").bounding_box()
    assert forth is not None
    assert back is not None
    assert lane is not None
    assert abs((back["x"] - lane["x"]) / lane["width"] - 6 / 11) < 0.01
    assert page.locator(".mt-ways span").all_inner_texts() == ["forward", "back"]
    page.locator(".mt-lane").click(position={"x": lane["width"] * 6 / 11, "y": 6})
    at(page, "back 0 / 5")


def test_play_goes_through_both_and_a_stop_holds_on_both(opened: Opened) -> None:
    page = opened(tutorial())
    walk_to(page, -4)
    press(page, "Stop here")
    press(page, "Back to the start")
    page.get_by_label("Speed").select_option("4")
    for place in ("forward 2 / 5", "back 4 / 5"):
        press(page, "Play")
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        expect(page.get_by_role("button", name="Play")).to_be_visible()
        at(page, place)


def test_the_words_list_all_of_it(opened: Opened) -> None:
    page = opened(cleared())
    page.get_by_text("All 6 steps in words").click()
    words = page.locator(".mt-words li button").all_inner_texts()
    assert [text.partition(":")[0].partition(" is ")[0] for text in words[-3:]] == ["w accumulates 2", "w", "w.grad"]
    page.locator(".mt-words li button").nth(2).click()
    at(page, "forward 2 / 2")


# ---- the update ----


def test_the_update_is_a_table_of_old_gradient_and_new(opened: Opened) -> None:
    page = opened(trained())
    page.keyboard.press("End")
    at(page, "update 1 / 1")
    expect(page.locator(".mt-sentence")).to_contain_text("The gradients stay until zero_grad()")
    rows = page.locator(".mt-update tr")
    expect(rows).to_have_count(5)
    expect(rows.nth(0)).to_have_text("it wasgradientit is")
    expect(rows.nth(1)).to_contain_text("net.0.weight")
    expect(rows.nth(1)).to_contain_text("− 0.1 ×")
    assert rows.nth(1).locator(".mt-heat").count() == 3
    rows.nth(1).locator("summary").first.click()
    expect(rows.nth(1)).to_contain_text("mean")


def test_zero_grad_is_the_last_part_and_the_gradients_are_gone_there(opened: Opened) -> None:
    page = opened(cleared())
    grad = page.locator(".mt-grads tr")
    for k, text in [(2, "w.grad2"), (3, "w.grad2"), (4, "w.gradNone"), (-1, "w.gradNone"), (3, "w.grad2")]:
        walk_to(page, k)
        expect(grad).to_have_text(text)
    assert page.locator(".mt-ways span").all_inner_texts() == ["forward", "back", "update"]


# ---- large graphs, and every width ----


def test_a_fold_tells_how_much_of_it_is_made(opened: Opened) -> None:
    page = opened(long())
    fold = page.locator(".mt-fold")
    expect(fold).to_be_hidden()
    walk_to(page, -150)
    expect(fold).to_be_visible()
    expect(fold).to_have_attribute("data-state", "current")
    expect(fold.locator(".mt-glyph")).to_contain_text("of 296 made")
    assert page.locator(".mt-chip").evaluate_all("all => all.map(each => each.dataset.state)") == ["made", "current"]
    page.locator(".mt-chip").first.click()
    at(page, "forward 151 / 301")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("make", [tutorial, trained, long])
def test_nothing_jumps_and_nothing_is_clipped(opened: Opened, make: Any, width: int) -> None:
    walk = make()
    positions = [*range(walk.start, walk.end + 1, max(1, (walk.end - walk.start) // 25)), walk.end]
    page = opened(walk, width)
    heights = set()
    for k in positions:
        walk_to(page, k)
        heights.add(page.locator(".mt-stepper").bounding_box()["height"])  # type: ignore[index]
    (height,) = heights
    assert height <= {350: 1220, 680: 920}.get(width, 680)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    clipped = """root => [...root.querySelectorAll('.mt-panel > section, .mt-saying, .mt-scroll, .mt-rail')]
        .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.className)"""
    assert page.locator(".mt-stepper").evaluate(clipped) == []
    page.locator(".mt-stepper").screenshot(path=SCREENSHOTS / f"forward_{make.__name__}_{width}.png")


# ---- JupyterLab ----


def test_in_jupyterlab_the_kernels_grad_is_what_it_was_until_backward_and_the_cells_lines_are_shown(lab: Lab) -> None:
    needs("anywidget", "lab")
    begin = "%load_ext microtorch\nimport microtorch as torch\nx = torch.ones(2, 2, requires_grad=True)"
    begin += "\nheld = x.grad = torch.ones(2, 2)"
    notebook = lab.open([begin, "%%step --forward\ny = x + 2\nout = (y * y * 3).mean()\nout", "stepper = _"])
    page = notebook.page
    at(page, "forward 0 / 5")
    notebook.expect("print(stepper.position, x.grad is held)", "-6 True")
    for _ in range(3):
        press(page, "Next step")
    at(page, "forward 3 / 5")
    expect(page.locator(".mt-code [aria-current]")).to_contain_text("out = (y * y * 3).mean()")
    notebook.expect("print(stepper.position, x.grad is held, x.grad.tolist())", "-3 True [[1.0, 1.0], [1.0, 1.0]]")
    press(page, "Run to the end")
    notebook.expect("print(stepper.position, x.grad is held, x.grad.tolist())", "5 True [[5.5, 5.5], [5.5, 5.5]]")
    notebook.run("stepper.position = -1")
    at(page, "forward 5 / 5")
    notebook.expect("print(x.grad.tolist())", "[[1.0, 1.0], [1.0, 1.0]]")
