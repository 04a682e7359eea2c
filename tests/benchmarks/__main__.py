"""Every table: ``python -m tests.benchmarks``; ``python -m tests.benchmarks seed MLP`` for rows so named.

``windows``, ``operations``, ``growth``, ``switches``, ``pictures``, ``steps`` and ``resources`` name the tables beside the
first.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator

from . import (
    beside,
    elements,
    graphs,
    growth,
    images,
    networks,
    operations,
    pictures,
    recurrent,
    resources,
    small,
    steps,
    switches,
    windows,
)
from .race import ROUNDS, Result, Row, race

ROWS = [*small.ROWS, *networks.ROWS, *images.ROWS, *recurrent.ROWS, *graphs.ROWS, *elements.ROWS]
PEERS = ["NumPy", "microtorch", "torch", "autograd", "micrograd", "dezero"]


def unit(seconds: float) -> str:
    """A time with the unit that suits it."""
    for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {name}"
    return f"{seconds * 1e9:.3g} ns"


def line(result: Result) -> str:
    """A row of the first table: the time of each, and how many times that of NumPy it is; the ratio to torch; the budget."""
    measured = result.rounds[0] if result.rounds else {}

    def cell(name: str) -> str:
        if name in result.failures:
            return result.failures[name]
        if name not in measured:
            return ""
        times = unit(result.seconds(name))
        return times if name == "NumPy" or "NumPy" not in measured else f"{times} ({result.ratio(name, 'NumPy'):.2f} ×)"

    ratio = f"{result.ratio('microtorch', 'torch'):.2f} ×" if {"microtorch", "torch"} <= measured.keys() else ""
    return " | ".join(["", result.row.name, *map(cell, PEERS), ratio, result.row.budget, ""]).strip()


def programs(words: list[str], rounds: int) -> Iterator[str]:
    """The first table: programs, on all engines."""
    heads = ["", "work", *PEERS, "× torch", "now: × NumPy, × torch", ""]
    yield " | ".join(heads).strip()
    yield "|" + "---|" * (len(heads) - 2)
    for row in named(words):
        yield line(race(row, rounds))


def named(words: list[str]) -> list[Row]:
    """The rows in whose names one of the words is; all, where there are none."""
    return [row for row in ROWS if not words or any(word.lower() in row.name.lower() for word in words)]


def main() -> None:
    """Print the tables, line by line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="names of tables, or of rows of the first: only these")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--beside", metavar="DIR", help="only rows of the first table, beside those of another checkout")
    options = parser.parse_args()
    others: dict[str, Callable[[], Iterable[str]]] = {
        "windows": lambda: windows.table(options.rounds),
        "operations": lambda: operations.table(options.rounds),
        "growth": growth.table,
        "switches": lambda: switches.table(options.rounds),
        "pictures": pictures.table,
        "steps": steps.table,
        "resources": resources.table,
    }
    rows = [word for word in options.words if word not in others]
    wanted = [others[word] for word in options.words if word in others] if options.words else [*others.values()]
    tables = [lambda: programs(rows, options.rounds)] if rows or not options.words else []
    if options.beside:
        tables, wanted = [lambda: beside.table(named(options.words), options.beside, options.rounds)], []
    for table in (*tables, *wanted):
        for each in table():
            print(each, flush=True)
        print()


if __name__ == "__main__":
    main()
