"""The steppers that the README shows, photographed in Chromium: ``python -m tests.browser.pictures img``."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

import microtorch
from microtorch import nn
from microtorch.viz import trace
from microtorch.viz.page import source
from microtorch.viz.passes.trace import Trace
from tests.browser.conftest import SWITCHES

WIDTH, SHARPNESS = 1000, 1.5


def tutorial() -> tuple[Trace, int]:
    """The tutorial's graph, where the two gradients of y * y have arrived."""
    x = microtorch.ones(2, 2, requires_grad=True)
    y = x + 2
    z = y * y * 3
    out = z.mean()
    return trace(out), 3


def network() -> tuple[Trace, int]:
    """Sixteen residual blocks, where the walk back has come to the blocks."""
    microtorch.manual_seed(0)
    blocks = [Residual() for _ in range(16)]
    net = nn.Sequential(nn.Linear(8, 16), *blocks, nn.Linear(16, 3))
    loss = nn.functional.cross_entropy(net(microtorch.randn(32, 8)), microtorch.arange(32) % 3)
    return trace(loss), 40


class Residual(nn.Module):
    """Two layers, and what came in is added to what comes out."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(16, 16), nn.Linear(16, 16)

    def forward(self, x: Any) -> Any:
        """The block."""
        return x + self.second(nn.functional.relu(self.first(x)))


def page_of(walk: Trace, position: int) -> str:
    """A page that shows what ``viz.step(walk)`` shows."""
    data = json.dumps(walk.page()).replace("<", "\\u003c")
    walk.close()
    return f"""<!doctype html><style>{source.css("stepper")}</style><div id="here"></div>
        <script type="module">{source.module("stepper")}
        mount(document.getElementById("here"), {data}, {{}}).goto({position});
        </script>"""


def main(folder: str = "img") -> None:
    """Write the pictures, as a student with reduced motion sees them: the same at every time."""
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed (apt install chromium libatomic1)"
    with sync_playwright() as play, play.chromium.launch(executable_path=chromium, args=SWITCHES) as browser:
        for make, name in ((tutorial, "stepper"), (network, "stepper_network")):
            size = {"width": WIDTH, "height": 1000}
            page = browser.new_page(viewport=size, device_scale_factor=SHARPNESS, reduced_motion="reduce")
            page.set_content(page_of(*make()))
            page.locator(".mt-stepper").screenshot(path=Path(folder, f"{name}.png"))


if __name__ == "__main__":
    main(*sys.argv[1:])
