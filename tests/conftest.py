"""What the suite takes from the machine: present, or said aloud to be missing; and fixtures for all rooms."""

import gc
import importlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from types import ModuleType
from typing import Any, NoReturn

import pytest

import microtorch


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """The oracle."""
    needs("torch", "torch")
    return importlib.import_module("torch")


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


@pytest.fixture
def no_collector() -> Iterator[None]:
    """What a reference cycle holds stays, for as long as the test runs."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="session")
def dot() -> str:
    """The path of Graphviz' own program."""
    return shutil.which("dot") or missing("dot", "apt install graphviz")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that is already on the machine."""
    return shutil.which("chromium") or missing("chromium", "apt install chromium libatomic1")


def needs(package: str, extra: str) -> None:
    """Leave out the test that needs a package of an extra that is not there; called outside of a test, all of its file."""
    if find_spec(package) is None:
        missing(package, f'pip install -e ".[{extra}]"')


def missing(what: str, remedy: str) -> NoReturn:
    """Skip the test that needs ``what``; in CI, which has to install everything, fail it."""
    message = f"{what} is not installed ({remedy})"
    if os.environ.get("CI", "false") != "false":
        pytest.fail(message, pytrace=False)
    pytest.skip(message, allow_module_level=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Iterator[None]:
    """Say of each thing that is missing, once, how many tests were left out for want of it; other skips are shown as ever."""
    skipped, others, wanting = terminalreporter.stats.get("skipped", []), [], set()
    for each in skipped:
        if reason := re.fullmatch(r"Skipped: (.+) is not installed \((.+)\)", str(each.longrepr[2])):
            wanting.add((*reason.groups(), "file" if isinstance(each, pytest.CollectReport) else "test", each.nodeid))
        else:
            others.append(each)
    terminalreporter.stats["skipped"] = others
    yield
    terminalreporter.stats["skipped"] = skipped
    for (what, remedy, unit), count in sorted(Counter(each[:3] for each in wanting).items()):
        terminalreporter.write_line(f"left out for want of {what}: {count:,} {unit}{'s' * (count > 1)} ({remedy})", yellow=True)
