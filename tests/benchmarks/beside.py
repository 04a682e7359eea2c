"""The same rows on two states of the package, turn by turn: ``python -m tests.benchmarks --beside ../another-checkout``."""

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from .race import Row, Step, race


def built_in(checkout: str, build: Callable[[], Step]) -> Step:
    """What ``build`` gives where ``import microtorch`` finds the package of a checkout: in a fresh process."""
    for name in [each for each in sys.modules if each.partition(".")[0] == "microtorch"]:
        del sys.modules[name]  # which the tests' package has imported from here
    sys.path.insert(0, checkout)
    step = build()
    assert Path(sys.modules["microtorch"].__file__ or "").is_relative_to(checkout)
    return step


def table(rows: Iterable[Row], other: str, rounds: int) -> Iterator[str]:
    """The lines of the table: how many times as long as there each row takes here."""
    here, there = str(Path.cwd()), str(Path(other).resolve())
    yield "| work | there | here | here / there |"
    yield "|---|---|---|---|"
    for row in rows:
        build = row.contestants["microtorch"]
        both = Row(row.name, {"there": partial(built_in, there, build), "here": partial(built_in, here, build)}, per=row.per)
        result = race(both, rounds)
        if result.failures:
            yield f"| {row.name} | {result.failures} |"
        else:
            times = " | ".join(f"{result.seconds(name) * 1e6:,.4g} µs" for name in ("there", "here"))
            yield f"| {row.name} | {times} | {result.ratio('here', 'there'):.3f} |"
