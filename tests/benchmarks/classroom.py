"""A class opens lab 1 at once: ``python -m tests.benchmarks.classroom 10`` starts a real JupyterHub, and ten browsers on it.

Each student follows one link, which fetches the labs with nbgitpuller and opens lab 1, runs the cells up to the stepper, and
takes a step. What is told: how long that took, and the memory of a student's server and kernel (proportional set size: what
processes share is shared out among them).

Needs, beside the extras lab and test: ``pip install jupyterhub nbgitpuller`` and ``npm install -g configurable-http-proxy``.
All of it listens on 127.0.0.1 only.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import psutil
from playwright.async_api import Browser, async_playwright

from tests.browser.harness import free_port

ROOT = Path(__file__).parents[2]
LAB = "course/notebooks/01_autograd_variables_functions_gradients.ipynb"
STEPPER = "stepper = viz.step(out)"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]  # fmt: skip
SECONDS = 600

CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.JupyterHub.db_url = "sqlite:///{home}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{home}/secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{home}/students/{{username}}"
c.Spawner.cmd = ["{python}", "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root", "--ServerApp.terminals_enabled=False"]
c.Spawner.environment = {{"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}}
c.Spawner.start_timeout = {seconds}
c.Spawner.http_timeout = {seconds}
c.JupyterHub.concurrent_spawn_limit = 100
"""


def course(home: Path) -> Path:
    """The labs, as a repository that nbgitpuller can fetch from."""
    shutil.copytree(ROOT / "notebooks", home / "course/notebooks")
    shutil.copytree(ROOT / "img", home / "course/img")
    git = ["git", "-C", str(home / "course"), "-c", "user.name=teacher", "-c", "user.email=teacher@localhost"]
    for command in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "--message=The labs"]):
        subprocess.run([*git, *command], check=True)
    return home / "course"


def link(url: str, repository: Path) -> str:
    """What a teacher hands out: it fetches the labs, and opens the first."""
    query = {"repo": f"file://{repository}", "branch": "main", "targetpath": "course", "urlpath": f"lab/tree/{LAB}"}
    return f"{url}/hub/user-redirect/git-pull?{urlencode(query, quote_via=quote)}"


def hub(home: Path, port: int) -> subprocess.Popen[bytes]:
    """Start the hub."""
    config = home / "jupyterhub_config.py"
    values = {"port": port, "hub": free_port(), "api": free_port(), "home": home, "python": sys.executable, "seconds": SECONDS}
    config.write_text(CONFIG.format(**values))
    return subprocess.Popen(
        [sys.executable, "-m", "jupyterhub", "--config", str(config)], cwd=home, stdout=(home / "hub.log").open("wb"),
        stderr=subprocess.STDOUT,
    )  # fmt: skip


async def student(browser: Browser, address: str, name: str) -> list[float]:
    """One student: seconds from the link to the notebook, and to the first step."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    began = time.monotonic()
    await page.goto(address)
    await page.get_by_label("Username").fill(name)
    await page.get_by_label("Password").fill("any")
    await page.get_by_role("button", name="Sign in").click()
    cells = page.locator(".jp-Notebook .jp-Cell")
    await cells.first.wait_for()
    opened = time.monotonic() - began
    await cells.filter(has_text=STEPPER).first.locator(".cm-content").click()
    await page.keyboard.press("Escape")
    await page.get_by_role("menuitem", name="Run", exact=True).click()
    await page.get_by_text("Run All Above Selected Cell").click()
    await page.keyboard.press("Shift+Enter")
    await page.get_by_role("button", name="Next step").first.click()
    await page.locator(".mt-count", has_text="1 / 5").first.wait_for()
    return [opened, time.monotonic() - began]


async def everyone(address: str, count: int, hub: psutil.Process) -> list[list[float]]:
    """All of them at once."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        found = await asyncio.gather(*(student(browser, address, f"student{i}") for i in range(count)))
        print_memory(count, hub)
        await browser.close()
    return found


def print_memory(count: int, hub: psutil.Process) -> None:
    """The servers and kernels that the hub has started, and they."""
    kinds = {"server": "jupyterhub.singleuser", "kernel": "ipykernel_launcher"}
    for kind, word in kinds.items():
        sizes = [process.memory_full_info().pss / 2**20 for process in running(hub, word)]
        print(f"{kind}: {len(sizes)} of {count}, {statistics.mean(sizes):.0f} MiB each, {max(sizes):.0f} at most")


def running(hub: psutil.Process, word: str) -> Iterator[psutil.Process]:
    """The processes below the hub that have a word in their command."""
    return (process for process in hub.children(recursive=True) if any(word in part for part in process.cmdline()))


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("students", type=int, nargs="?", default=10)
    count = parser.parse_args().students
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), free_port()
        for i in range(count):
            (home / f"students/student{i}").mkdir(parents=True)
        process = hub(home, port)
        try:
            wait_for(port, process, home)
            times = asyncio.run(everyone(link(f"http://127.0.0.1:{port}", course(home)), count, psutil.Process(process.pid)))
        finally:
            process.terminate()
            process.wait(60)
        for what, seconds in zip(("the notebook", "the first step"), zip(*times, strict=True), strict=True):
            print(f"{what}: {statistics.median(seconds):.1f} s after the click on the link, {max(seconds):.1f} at most")
        print(f"machine: {os.cpu_count()} cores, shared by hub, servers, kernels and {count} browser windows")


def wait_for(port: int, process: subprocess.Popen[bytes], home: Path) -> None:
    """Until the hub answers."""
    end = time.monotonic() + SECONDS
    while not answers(port):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the hub did not start:\n{(home / 'hub.log').read_text()}")
        time.sleep(0.5)


def answers(port: int) -> bool:
    """Whether the hub does."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/hub/api", timeout=5).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
