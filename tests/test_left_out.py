"""What the machine lacks is said once, at the end of a run, with the way to get it; in CI it is a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = """
import pytest
from tests.conftest import missing

@pytest.fixture(scope="session")
def lapis():
    missing("lapis", "apt install stone")

@pytest.mark.parametrize("number", range(1234))
def test_that_paints(lapis, number):
    pass

def test_that_rings():
    missing("a bell", "apt install brass")

@pytest.mark.skip(reason="not on a Monday")
def test_of_another_day():
    pass
"""


@pytest.fixture
def lines(tmp_path):
    """``lines(ci)``: the last lines that a run of these tests prints, with the suite's own settings."""
    (tmp_path / "test_some.py").write_text(TESTS)
    options = [
        "-q",
        "--color=no",
        "-c",
        "pyproject.toml",
        "--rootdir",
        tmp_path,
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
    ]
    command = [sys.executable, "-m", "pytest", *options, tmp_path]

    def run(ci):
        output = subprocess.run(
            command, cwd=ROOT, env=os.environ | {"CI": ci}, check=False, capture_output=True, text=True
        ).stdout
        return output[output.index(" short test summary info ") :].splitlines()[1:]

    return run


def test_each_thing_that_is_missing_is_one_line_and_other_skips_have_theirs(lines):
    other, bell, lapis, tally = lines("false")
    assert (other.startswith("SKIPPED [1]"), other.endswith("not on a Monday")) == (True, True)
    assert lapis == "left out for want of lapis: 1,234 tests (apt install stone)"
    assert bell == "left out for want of a bell: 1 test (apt install brass)"
    assert tally.startswith("1236 skipped")


def test_in_ci_what_is_missing_is_a_failure(lines):
    *failures, other, tally = lines("true")
    assert all("is not installed (apt install" in each for each in failures)
    assert len(failures) == 1235
    assert "not on a Monday" in other
    assert tally.startswith("1 failed, 1 skipped, 1234 errors")
