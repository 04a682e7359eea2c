"""What the suite takes from the machine: present, or said aloud to be missing."""

import importlib
import os
import shutil
from types import ModuleType
from typing import NoReturn

import pytest


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """The oracle."""
    try:
        return importlib.import_module("torch")
    except ImportError:
        missing("torch", 'pip install -e ".[torch]"')


@pytest.fixture(scope="session")
def dot() -> str:
    """The path of Graphviz' own program."""
    return shutil.which("dot") or missing("dot", "apt install graphviz")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that is already on the machine."""
    return shutil.which("chromium") or missing("chromium", "apt install chromium libatomic1")


def missing(what: str, remedy: str) -> NoReturn:
    """Skip the test that needs ``what``; in CI, which has to install everything, fail it."""
    message = f"{what} is not installed ({remedy})"
    if os.environ.get("CI", "false") != "false":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
