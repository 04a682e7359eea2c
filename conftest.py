"""Which modules have no doctests to run: those of an extra that is not installed. What tests miss, tests/conftest.py says."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("anywidget") else ["microtorch/widgets"]
