"""The stepper as the README shows it, photographed in Chromium: ``python -m tests.browser.pictures img``."""

import json
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from microtorch import ones
from microtorch.viz import trace
from microtorch.viz.page import source
from tests.browser.conftest import SWITCHES

POSITION = 3  # the two gradients of y * y have arrived
WIDTH, SHARPNESS = 1000, 1.5


def stepper() -> str:
    """A page that shows what ``viz.step(out)`` shows of the tutorial's graph."""
    x = ones(2, 2, requires_grad=True)
    y = x + 2
    z = y * y * 3
    out = z.mean()
    walk = trace(out)
    data = json.dumps(walk.page()).replace("<", "\\u003c")
    walk.close()
    return f"""<!doctype html><style>{source.css("stepper")}</style><div id="here"></div>
        <script type="module">{source.module("stepper")}
        mount(document.getElementById("here"), {data}, {{}}).goto({POSITION});
        </script>"""


def main(folder: str = "img") -> None:
    """Write the picture, as a student with reduced motion sees it: the same at every time."""
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed (apt install chromium libatomic1)"
    with sync_playwright() as play, play.chromium.launch(executable_path=chromium, args=SWITCHES) as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": 1000}, device_scale_factor=SHARPNESS, reduced_motion="reduce")
        page.set_content(stepper())
        page.locator(".mt-stepper").screenshot(path=Path(folder, "stepper.png"))


if __name__ == "__main__":
    main(*sys.argv[1:])
