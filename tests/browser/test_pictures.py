"""Texts fit their boxes in a browser's fonts, too: measured there, in the usual ones and in wider ones."""

import re
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import microtorch
from microtorch import nn, viz
from microtorch.viz import draw
from microtorch.viz.graph.view import View
from microtorch.viz.page.notebook import still
from microtorch.viz.picture import svg
from tests.browser.harness import errors_in
from tests.viz import programs
from tests.viz.graphs import HOSTILE, outputs, perceptron, scalars, seed, square

SCREENSHOTS = Path(__file__).parent / "screenshots"

TEXTS_THAT_STICK_OUT = """() => {
    const found = [];
    for (const group of document.querySelectorAll('.mt-node, .mt-root, .mt-alias, .mt-input')) {
        const rects = [...group.querySelectorAll('rect')].map(rect => rect.getBoundingClientRect());
        const left = Math.min(...rects.map(rect => rect.left)), right = Math.max(...rects.map(rect => rect.right));
        const top = Math.min(...rects.map(rect => rect.top)), bottom = Math.max(...rects.map(rect => rect.bottom));
        for (const text of group.querySelectorAll('text')) {
            const box = text.getBoundingClientRect();
            if (box.width && (box.left < left || box.right > right || box.top < top || box.bottom > bottom))
                found.push(text.textContent);
        }
    }
    return found;
}"""

TEXTS_THAT_OVERLAP = """() => {
    const found = [];
    for (const group of document.querySelectorAll('.mt-node, .mt-root, .mt-alias, .mt-input')) {
        const texts = [...group.querySelectorAll('text')].filter(text => text.textContent.trim());
        const boxes = texts.map(text => text.getBoundingClientRect());
        for (let i = 0; i < texts.length; i++)
            for (let j = 0; j < i; j++)
                if (boxes[i].left < boxes[j].right - 0.5 && boxes[j].left < boxes[i].right - 0.5 &&
                    boxes[i].top < boxes[j].bottom - 4 && boxes[j].top < boxes[i].bottom - 4)
                    found.push([texts[i].textContent, texts[j].textContent]);
    }
    return found;
}"""


VALUES_THAT_COVER_SOMETHING = """() => {
    const shrunk = (box, by) => ({left: box.left + by, right: box.right - by, top: box.top + by, bottom: box.bottom - by});
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const values = [...document.querySelectorAll('.mt-value')];
    for (const value of values) value.textContent = '-0.0123';
    const rooms = values.map(value => shrunk(value.getBoundingClientRect(), 1.5));
    const boxes = [...document.querySelectorAll('.mt-box')].map(box => box.getBoundingClientRect());
    const found = [];
    rooms.forEach((room, i) => {
        if (rooms.some((other, j) => j < i && meet(room, other))) found.push(['a value', i]);
        if (boxes.some(box => meet(room, box))) found.push(['a box', i]);
    });
    for (const value of values) value.textContent = '';
    return found;
}"""

SMALLEST_TEXT = """() => Math.min(...[...document.querySelectorAll('text')].filter(text => text.textContent.trim())
    .map(text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""

PICTURES = {make.__name__: make for make in (seed, square, perceptron, scalars, outputs)}
PICTURES |= {f"class_{each.__name__}": partial(programs.seen, each, draw) for each in programs.PROGRAMS}


FORMS = [
    *(("full", "right", font) for font in ("Helvetica", "DejaVu Sans")),
    *(("compact", "right", font) for font in ("Helvetica", "DejaVu Sans")),
    *((detail, "down", "Helvetica") for detail in ("full", "compact")),
]


@pytest.mark.parametrize(("detail", "direction", "font"), FORMS)
@pytest.mark.parametrize("name", PICTURES)
def test_every_text_stays_in_its_box_and_off_the_others(browser: Browser, name, detail, direction, font):
    page = browser.new_page()
    errors = errors_in(page.context)
    page.set_content(svg.render(View(PICTURES[name]().snapshot), detail, direction).replace("Helvetica", font))
    assert page.evaluate(TEXTS_THAT_STICK_OUT) == []
    assert page.evaluate(TEXTS_THAT_OVERLAP) == []
    assert page.evaluate(SMALLEST_TEXT) >= 9
    if font == "Helvetica":
        assert page.evaluate(VALUES_THAT_COVER_SOMETHING) == []
        page.locator("svg").screenshot(path=SCREENSHOTS / f"picture_{name}_{detail}_{direction}.png")
    page.close()
    assert errors == []


# The share of pixels in which two SVGs differ for the eye.
DIFFERENT = """async svgs => {
    const [one, other] = await Promise.all(svgs.map(async svg => {
        const image = new Image();
        image.src = 'data:image/svg+xml,' + encodeURIComponent(svg);
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext('2d');
        pen.drawImage(image, 0, 0);
        return pen.getImageData(0, 0, image.width, image.height).data;
    }));
    let count = 0;
    for (let i = 0; i < one.length; i += 4)
        count += [0, 1, 2].some(channel => Math.abs(one[i + channel] - other[i + channel]) > 64);
    return count / (one.length / 4);
}"""


@pytest.mark.parametrize("name", PICTURES)
def test_the_image_in_a_notebook_looks_as_the_picture_does(browser: Browser, name):
    picture = svg.render(View(PICTURES[name]().snapshot), "compact")
    page = browser.new_page()
    assert page.evaluate(DIFFERENT, [picture, still(picture)]) < 0.001  # where arrows cross, others may lie on top
    assert page.evaluate(DIFFERENT, [picture, re.sub("<path[^>]*>", "", picture)]) > 0.003
    page.close()


@pytest.mark.parametrize("options", [{}, {"detail": "compact"}, {"direction": "down"}, {"fold": True}, {"fold": False}])
def test_hostile_names_do_nothing_in_a_page(browser: Browser, options):
    page = browser.new_page()
    errors = errors_in(page.context)
    page.on("dialog", lambda dialog: pytest.fail(f"a name ran a script: {dialog.message}"))
    drawing = viz.draw(root(HOSTILE), **options)
    page.set_content(drawing.svg)
    assert page.evaluate("document.querySelectorAll('script, a, b, img').length") == 0
    page.set_content(drawing._repr_html_())
    page.wait_for_selector(".mt-drawing svg")
    inside = page.locator(".mt-drawing").evaluate("host => host.shadowRoot.querySelectorAll('script, a, b, img').length")
    assert inside == 0
    page.close()
    assert errors == []


def root(names):
    """What two modules with such names compute, of inputs with such names."""
    kept = []
    net = nn.Sequential()
    for name in names:
        leaf = microtorch.ones(2, 2, requires_grad=True)
        leaf.name = name
        net.add_module(name.replace(".", "") or "_", nn.Linear(2, 2))
        kept.append(leaf)
    return net(sum(kept[1:], kept[0])).sum()
