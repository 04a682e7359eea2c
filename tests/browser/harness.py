"""A real JupyterLab, and notebooks open in it."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import BrowserContext, Page

SECONDS = 60  # how long anything may take
JUPYTERLAB = (sys.executable, "-m", "jupyterlab")
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}
FOLDERS = {
    "IPYTHONDIR": "ipython",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
}

KERNEL_IS_IDLE = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.content?.widgets?.length > 0 && panel.sessionContext?.session?.kernel?.status === 'idle';
}"""
PROGRAM = """source => {
    const {commands, shell} = window.jupyterapp;
    const notebook = shell.currentWidget.content;
    const outputs = cell => cell.outputArea?.model.toJSON() ?? [];
    const run = async () => { %s };
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error('the kernel did not finish')), %d));
    return Promise.race([run(), late]);
}"""
RUN_ALL = """
    await commands.execute('notebook:run-all-cells');
    return notebook.widgets.flatMap(outputs);
"""
RUN_NEW_CELL = """
    notebook.activeCellIndex = notebook.widgets.length - 1;
    await commands.execute('notebook:insert-cell-below');
    const cell = notebook.activeCell;
    cell.model.sharedModel.setSource(source);
    await commands.execute('notebook:run-cell');
    return outputs(cell);
"""


def errors_in(context: BrowserContext) -> list[str]:
    """A list that grows with every error in the pages of a context: those that nobody catches, and those told to the console."""
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    return errors


class Server:
    """A JupyterLab, started by ``command``, that sees none of the settings and kernels of whoever runs the tests."""

    def __init__(self, home: Path, command: Sequence[str] = JUPYTERLAB, environment: Mapping[str, str] = os.environ) -> None:
        self.root, self.log = home / "notebooks", home / "server.log"
        self.runtime, self.token = home / "runtime", secrets.token_hex()
        self.root.mkdir()
        overrides = home / "config/labconfig/default_setting_overrides.json"
        overrides.parent.mkdir(parents=True)
        overrides.write_text(json.dumps(SETTINGS))
        options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={free_port()}", "--expose-app-in-browser"]
        folders = {name: str(home / folder) for name, folder in FOLDERS.items()}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, *options, f"--ServerApp.root_dir={self.root}"],
                env={**environment, **folders} | {"JUPYTER_TOKEN": self.token},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> str:
        """Return the address of the server once it answers."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            time.sleep(0.1)
            try:
                (info,) = self.runtime.glob("jpserver-*.json")
                url = json.loads(info.read_text())["url"]
                urllib.request.urlopen(f"{url}api/status?token={self.token}", timeout=5).close()
            except (ValueError, urllib.error.URLError):
                continue
            return str(url)
        raise AssertionError(f"JupyterLab did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        """End the server, which ends its kernels; if it does not, end its process group."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@dataclass
class Lab:
    """Opens notebooks in one browser profile."""

    server: Server
    url: str
    context: BrowserContext

    def open(self, cells: list[str]) -> "Notebook":
        """Write a notebook with these code cells, open it, and run them all."""
        path = self.server.root / f"{secrets.token_hex(4)}.ipynb"
        content = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(content, path)
        notebook = self.show(path)
        notebook.execute(RUN_ALL)
        return notebook

    def show(self, path: Path) -> "Notebook":
        """Open a notebook that lies in the server's folder; nothing is run."""
        page = self.context.new_page()
        page.goto(f"{self.url}lab/tree/{path.relative_to(self.server.root)}?reset&token={self.server.token}")
        page.wait_for_function(KERNEL_IS_IDLE, timeout=SECONDS * 1000)
        return Notebook(page)


@dataclass
class Notebook:
    """A notebook open in JupyterLab: click in its ``page``, ``run`` further cells."""

    page: Page

    def run(self, source: str) -> str:
        """Append a cell, run it, and return the text it printed or showed."""
        return self.execute(RUN_NEW_CELL, source)

    def expect(self, source: str, text: str) -> None:
        """Run ``source`` until it prints ``text``: a click in the page reaches the kernel a moment later."""
        deadline = time.monotonic() + SECONDS / 6
        while (printed := self.run(source)) != text:
            assert time.monotonic() < deadline, f"{source} printed {printed!r}, not {text!r}"

    def execute(self, program: str, source: str = "") -> str:
        outputs = self.page.evaluate(PROGRAM % (program, SECONDS * 1000), source) or []
        errors = ["\n".join(output["traceback"]) for output in outputs if output["output_type"] == "error"]
        assert not errors, f"a cell raised an error:\n{errors[0]}"
        return "\n".join(map(shown, outputs)).rstrip("\n")


def shown(output: dict[str, Any]) -> str:
    """The plain text of an output, in nbformat's terms."""
    text = output["text"] if output["output_type"] == "stream" else output["data"].get("text/plain", "")
    return "".join(text)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
