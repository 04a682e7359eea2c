"""Where there is no Graphviz at all, tests that draw are left out."""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from microtorch.viz import GraphvizMissingError
from tests.conftest import missing


def demand_graphviz() -> None:
    """Leave the test out where Graphviz is neither there as a program nor as a package."""
    if not (shutil.which("dot") or find_spec("pygraphviz")):
        missing("Graphviz", "apt install graphviz")


@pytest.fixture
def graphviz() -> None:
    demand_graphviz()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Iterator[None]:
    """Most tests that draw raise where there is no Graphviz, and need not say that they draw."""
    try:
        return (yield)
    except GraphvizMissingError:
        demand_graphviz()
        raise
