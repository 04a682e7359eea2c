"""A step of the stepper: what the page takes to show it, to the end of its layout."""

import importlib
import json
import shutil
import statistics
import time
from collections.abc import Iterator
from importlib.util import find_spec

from tests.viz.programs import chain

PAGE = """<!doctype html><style>{css}</style><div id="here"></div><script type="module">{js}
window.view = mount(document.getElementById("here"), {data}, {{}});</script>"""
STEPS = """count => Array.from({length: count}, (_, i) => {
    const start = performance.now();
    view.goto(i + 1);
    document.body.getBoundingClientRect();
    return performance.now() - start;
})"""


def recordings() -> Iterator[str]:
    """What it takes to record a pass, and how much the page is sent to begin with."""
    import microtorch
    from microtorch.viz import trace

    libraries = [microtorch, *([importlib.import_module("torch")] if find_spec("torch") else [])]
    yield "| recording a pass through | time | first message |"
    yield "|---|---|---|"
    for nodes in (100, 1000, 10_000):
        for library in libraries:
            root = chain(library, nodes)["out"].sum()
            start = time.perf_counter()
            walk = trace(root)
            taken = time.perf_counter() - start
            size = len(json.dumps(walk.page()))
            yield f"| {nodes:,} nodes of {library.__name__} | {1000 * taken:.0f} ms | {size / 1000:,.0f} kB |"
            walk.close()


def table() -> Iterator[str]:
    """The lines of the tables; one that says so where there is no browser."""
    yield from recordings()
    yield ""
    chromium = shutil.which("chromium")
    if chromium is None or find_spec("playwright") is None:
        yield "a step in the browser: not measured, for want of Chromium or Playwright"
        return
    from playwright.sync_api import sync_playwright

    import microtorch
    from microtorch.viz import trace
    from microtorch.viz.page import source
    from tests.browser.conftest import SWITCHES

    css, js = source.css("stepper"), source.module("stepper")
    yield "| a step through | time | of 20, the slowest | budget |"
    yield "|---|---|---|---|"
    with sync_playwright() as play, play.chromium.launch(executable_path=chromium, args=SWITCHES) as browser:
        for nodes, budget in ((100, "10 ms"), (1000, "20 ms")):
            walk = trace(chain(microtorch, nodes)["out"].sum())
            data = json.dumps(walk.page()).replace("<", "\\u003c")
            page = browser.new_page()
            page.set_content(PAGE.format(css=css, js=js, data=data))
            page.locator(".mt-stepper").wait_for()
            times = sorted(page.evaluate(STEPS, min(nodes, 200)))
            slow = times[len(times) * 19 // 20]
            yield f"| {nodes:,} nodes | {statistics.median(times):.1f} ms | {slow:.1f} ms | {budget} |"
            walk.close()
