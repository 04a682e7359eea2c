"""What a class draws can be read in every column: it fits, no text is under 9 px, no label lies over another or a strange box."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from microtorch import viz
from tests.browser.harness import errors_in
from tests.viz.programs import LARGE, PROGRAMS, seen

HERE = Path(__file__).parent
WIDTHS = [380, 680, 848, 1200]
FAULTS = (HERE / "legibility.js").read_text(encoding="utf-8")
PAGE = '<!doctype html><meta charset="utf-8"><body style="margin: 0">{}</body>'


def norms(out):
    """The picture with a number on every edge."""
    return viz.draw(viz.trace(out))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("program", "show"), [*((each, viz.draw) for each in (*PROGRAMS, *LARGE)), *((each, norms) for each in PROGRAMS)]
)
def test_a_picture_can_be_read_in_a_column(browser: Browser, program, show, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    errors = errors_in(page.context)
    page.set_content(PAGE.format(seen(program, show)._repr_mimebundle_()["text/html"]))
    page.wait_for_selector("svg.mt-graph")
    faults = page.evaluate(FAULTS)
    page.screenshot(path=HERE / "screenshots" / f"{show.__name__}_{program.__name__}_{width}.png", full_page=True)
    page.close()
    assert faults == []
    assert errors == []
