"""The environment that ``binder/`` describes, made from its files alone, with lab 1 opened in it through its link."""

import os
import re
import runpy
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import SCREENSHOTS
from tests.browser.harness import KERNEL_IS_IDLE, RUN_ALL, SECONDS, Notebook, Server, errors_in
from tests.browser.test_labs_in_jupyterlab import walk
from tests.conftest import missing

ROOT = Path(__file__).parents[2]
BINDER = ROOT / "binder"
LINKS = runpy.run_path(str(BINDER / "links.py"))
PYTHON = (BINDER / "runtime.txt").read_text().strip().replace("-", "")  # python3.11
PINNED = dict(line.split("==") for line in (BINDER / "requirements.txt").read_text().splitlines() if "==" in line)
NO_NETWORK = re.compile(r"NewConnectionError|NameResolutionError|ConnectTimeoutError|name resolution|Network is unreachable")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a process in it: a clean venv, with what requirements.txt names and then what postBuild does."""
    python = shutil.which(PYTHON) or missing(PYTHON, "binder/runtime.txt asks for it")
    venv = tmp_path_factory.mktemp("binder") / "venv"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment |= {"PATH": f"{venv}/bin:{os.environ['PATH']}"}
    build([python, "-m", "venv", str(venv)], environment)
    build([f"{venv}/bin/pip", "install", "--no-compile", "--requirement", str(BINDER / "requirements.txt")], environment)
    build([str(BINDER / "postBuild")], environment)
    return environment


def build(command: list[str], environment: dict[str, str]) -> None:
    """Run a command of the image's making."""
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=600)
    if done.returncode and NO_NETWORK.search(done.stderr):
        missing("what binder/requirements.txt names", "it comes through the network")
    assert not done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def binder(image: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("started"), [str(BINDER / "start"), "jupyter", "lab"], image)
    yield server
    server.stop()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One with the course's notebooks in it."""
    course = tmp_path / "microtorch"
    for folder in ("img", "notebooks"):
        shutil.copytree(ROOT / folder, course / folder)
    author = ["-c", "user.name=A teacher", "-c", "user.email=teacher@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "--quiet", "--initial-branch=main"], ["add", "."], [*author, "commit", "--quiet", "-m", "Labs"]):
        subprocess.run(["git", *arguments], cwd=course, check=True)
    return course


def test_only_what_is_pinned_is_installed_in_the_releases_that_are_pinned(image: dict[str, str]) -> None:
    listed = subprocess.run(["pip", "list", "--format=freeze"], env=image, check=True, capture_output=True, text=True).stdout
    installed = dict(line.split("==") for line in listed.replace("_", "-").lower().splitlines())
    assert {
        name: release for name, release in installed.items() if name not in {"pip", "setuptools", "microtorch-autograd"}
    } == PINNED


def test_lab_1_opens_through_its_link_and_is_stepped(
    binder: Server, repository: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = LINKS["pulled"](content=str(repository))
    (path,) = parse_qs(urlsplit(link).query)["urlpath"]
    url = binder.wait()
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        errors = errors_in(context)
        page = context.new_page()
        page.goto(f"{url}lab?token={binder.token}")  # as the hub does: it brings who is known already
        page.goto(f"{url}{path}")
        page.wait_for_url(f"**/lab/tree/microtorch/{LINKS['NOTEBOOK']}*", timeout=SECONDS * 1000)
        page.wait_for_function(KERNEL_IS_IDLE, timeout=SECONDS * 1000)
        notebook = Notebook(page)
        notebook.execute(RUN_ALL)
        stepper = page.locator(".mt-stepper").last
        walk(stepper)
        stepper.get_by_role("button", name="Run to the end").click()
        notebook.expect("print(x.grad.tolist())", "[[4.5, 4.5], [4.5, 4.5]]")
        stepper.scroll_into_view_if_needed()
        page.screenshot(path=SCREENSHOTS / "binder.png")
    assert not errors
