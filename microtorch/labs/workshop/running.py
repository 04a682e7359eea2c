"""A notebook run from top to bottom in a process of its own, without a kernel: what its checks said, and what was raised.

``python -m microtorch.labs.workshop.running notebook.ipynb`` prints it as JSON, in the last line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ..checking import verdicts

__all__ = ["Ran", "run"]

LONGEST = 600  # seconds


@dataclass(frozen=True)
class Ran:
    """What came of a run: the last state of each exercise that was checked, and each error, with its cell."""

    states: dict[str, str]
    errors: tuple[str, ...]


def run(notebook: Path, folder: Path | None = None) -> Ran:
    """Run a notebook in ``folder`` (left out: where it lies).

    Raises:
        RuntimeError: the process did not end in time, or not as it should.
    """
    command = [sys.executable, "-m", __name__, str(notebook.resolve())]
    plain = os.environ | {"MPLBACKEND": "agg"}
    done = subprocess.run(
        command, cwd=folder or notebook.parent, env=plain, check=False, capture_output=True, text=True, timeout=LONGEST
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{notebook.name} could not be run:\n{done.stderr}")
    said = json.loads(done.stdout.splitlines()[-1])
    return Ran(said["states"], tuple(said["errors"]))


def main(path: str) -> None:
    """Run it here."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance(history_load_length=0)
    assert shell.history_manager is not None
    shell.history_manager.enabled = False
    errors = []
    for number, cell in enumerate(json.loads(Path(path).read_text("utf-8"))["cells"], 1):
        if cell["cell_type"] == "code":
            result = shell.run_cell("".join(cell["source"]), store_history=False)
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                errors.append(f"cell {number} raised {type(error).__name__}: {error}")
    states = {each.exercise: each.state for each in verdicts()}
    print(json.dumps({"states": states, "errors": errors}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
