"""The pure parts of the JavaScript, run by Node's own test runner; what needs a page is in tests/browser."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import missing

HERE = Path(__file__).parent


@pytest.mark.parametrize("file", sorted(HERE.glob("*.test.js")), ids=lambda path: path.name)
def test_what_is_computed_without_a_page(file: Path) -> None:
    node = shutil.which("node") or missing("node", "apt install nodejs")
    run = subprocess.run([node, "--test", str(file)], capture_output=True, text=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "# fail 0" in run.stdout or "ℹ fail 0" in run.stdout
