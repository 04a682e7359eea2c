"""A real JupyterLab in a real Chromium: ``lab.open(cells)`` runs a notebook there and hands it over.

    notebook = lab.open(["import microtorch", ...])
    notebook.page.get_by_role("button", name="Next").click()
    notebook.expect("print(x.grad)", "None")

The last view of every page is kept in ``screenshots/``, named after the test.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.harness import Lab, Server, errors_in
from tests.conftest import needs

SCREENSHOTS = Path(__file__).parent / "screenshots"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    needs("jupyterlab", "lab")
    server = Server(tmp_path_factory.mktemp("jupyterlab"))
    yield server
    server.stop()


@pytest.fixture(scope="module")  # not longer: while Playwright runs, no other test in this thread can use asyncio
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as play, play.chromium.launch(executable_path=chromium, args=SWITCHES) as browser:
        yield browser


@pytest.fixture
def lab(server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Lab]:
    with browser.new_context(viewport={"width": 1400, "height": 1000}) as context:
        errors = errors_in(context)
        yield Lab(server, server.wait(), context)
        for number, page in enumerate(context.pages):
            name = re.sub(r"\W+", "_", f"{request.node.name}_{number}").strip("_")
            page.screenshot(path=SCREENSHOTS / f"{name}.png")
    assert not errors, "JavaScript errors in the page"
