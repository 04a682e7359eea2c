"""What the suite takes from the machine: present, or said aloud to be missing."""

import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NoReturn

import pytest

import microtorch


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """The oracle."""
    try:
        return importlib.import_module("torch")
    except ImportError:
        missing("torch", 'pip install -e ".[torch]"')


@pytest.fixture(scope="session", params=["microtorch", "torch"])
def lib(request: pytest.FixtureRequest) -> ModuleType:
    """Each of the two libraries: what a test of it expects of microtorch is proven to be what torch does."""
    return microtorch if request.param == "microtorch" else request.getfixturevalue("torch")


@pytest.fixture(autouse=True)
def mode_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that leaves recording switched off fails, and not those after it."""
    library = request.getfixturevalue("lib") if "lib" in request.fixturenames else microtorch
    yield
    recording = library.is_grad_enabled()
    library.set_grad_enabled(True)
    assert recording


@pytest.fixture
def numbers(lib: ModuleType) -> Callable[..., Any]:
    """``numbers(1.0, 2.0)``: a float64 tensor of the library, which needs no gradient."""
    return lambda *values: lib.tensor(list(values), dtype=lib.float64)


@pytest.fixture
def leaf(numbers: Callable[..., Any]) -> Callable[..., Any]:
    """``leaf(1.0, 2.0)``: a float64 leaf of the library, which requires a gradient."""
    return lambda *values: numbers(*values).requires_grad_()


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
