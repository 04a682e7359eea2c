"""Every row of the comparison: ``python -m tests.benchmarks``; ``python -m tests.benchmarks seed MLP`` for those so named."""

import argparse

from . import graphs, images, networks, resources, small
from .race import ROUNDS, Result, race

ROWS = [*small.ROWS, *networks.ROWS, *images.ROWS, *graphs.ROWS]
PEERS = ["NumPy", "microtorch", "torch", "autograd", "micrograd", "dezero"]


def unit(seconds: float) -> str:
    """A time with the unit that suits it."""
    for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {name}"
    return f"{seconds * 1e9:.3g} ns"


def line(result: Result) -> str:
    """A row of the Markdown table: the time of microtorch, and how many times as long as it, and as NumPy, the others take."""
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


def main() -> None:
    """Print the table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only rows that contain one of these words")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    heads = ["", "work", *PEERS, "× torch", "now: × NumPy, × torch", ""]
    print(" | ".join(heads).strip())
    print("|" + "---|" * (len(heads) - 2))
    for row in ROWS:
        if not options.words or any(word.lower() in row.name.lower() for word in options.words):
            print(line(race(row, options.rounds)), flush=True)
    if not options.words:
        print(f"\n{resources.peak_memory()}\n{resources.imports()}")


if __name__ == "__main__":
    main()
