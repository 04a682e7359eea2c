"""Texts fit their boxes in a browser's fonts, too: measured there, in the usual ones and in wider ones."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.harness import errors_in
from tests.viz.graphs import hostile, outputs, perceptron, scalars, seed, square

SCREENSHOTS = Path(__file__).parent / "screenshots"

TEXTS_THAT_STICK_OUT = """() => {
    const found = [];
    for (const group of document.querySelectorAll('.mt-node, .mt-root')) {
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
    for (const group of document.querySelectorAll('.mt-node, .mt-root')) {
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


@pytest.mark.parametrize("font", ["Helvetica", "DejaVu Sans"])
@pytest.mark.parametrize("make", [seed, square, perceptron, scalars, outputs])
def test_every_text_stays_in_its_box_and_off_the_others(browser: Browser, make, font):
    page = browser.new_page()
    errors = errors_in(page.context)
    page.set_content(make().svg.replace("Helvetica", font))
    assert page.evaluate(TEXTS_THAT_STICK_OUT) == []
    assert page.evaluate(TEXTS_THAT_OVERLAP) == []
    page.locator("svg").screenshot(path=SCREENSHOTS / f"picture_{make.__name__}_{font}.png")
    page.close()
    assert errors == []


def test_hostile_names_do_nothing_in_a_page(browser: Browser):
    page = browser.new_page()
    errors = errors_in(page.context)
    page.on("dialog", lambda dialog: pytest.fail(f"a name ran a script: {dialog.message}"))
    page.set_content(hostile().svg + hostile()._repr_html_())
    assert page.evaluate("document.querySelectorAll('script, a, b').length") == 0
    assert page.evaluate("document.querySelectorAll('img').length") == 1
    page.close()
    assert errors == []
