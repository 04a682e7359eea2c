"""Timing contestants beside each other: a process for each, in turn round after round, so that a noisy machine is noisy to all.

What counts are the medians of the rounds' ratios. Before anything is timed, all have to agree on the values and gradients that
one call computes. A contestant that fails or dies is reported, and the others go on.
"""

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

ROUNDS = 21
SECONDS = 0.1  # of a contestant's turn in a round: so long that what the others left in the caches does not count
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Step = Callable[[], Sequence[Any]]  # one call of what is timed: returns the loss and the gradients


@dataclass(frozen=True)
class Row:
    """A line of the table: who takes part, each as a function that imports what it needs and returns a `Step`."""

    name: str
    contestants: dict[str, Callable[[], Step]]
    budget: str = ""  # × NumPy, × torch
    per: int = 1  # how many things one call does: the times shown are those of one
    tolerance: float = 1e-6  # of what the contestants compute, relative to the largest element


@dataclass
class Result:
    """What was measured for a row: seconds of each contestant in each round, and what became of those that failed."""

    row: Row
    rounds: list[dict[str, float]] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    def seconds(self, name: str) -> float:
        """The median time of one."""
        return statistics.median(each[name] for each in self.rounds) / self.row.per

    def ratio(self, name: str, to: str) -> float:
        """How many times as long as another it takes: the median of the rounds."""
        return statistics.median(each[name] / each[to] for each in self.rounds)


def dezero_and_functions() -> tuple[Any, Any]:
    """dezero, of which the last release is for older versions of NumPy."""
    vars(np)["int"] = int
    import dezero
    import dezero.functions

    return dezero, dezero.functions


def _serve(build: Callable[[], Step], connection: Any) -> None:
    """In a process of its own: answer with the values of one call, then with the seconds that so many calls take."""
    try:
        step = build()
        connection.send([np.array(each.tolist() if hasattr(each, "tolist") else each, np.float64) for each in step()])
        while calls := connection.recv():
            start = time.perf_counter()
            for _ in range(calls):
                step()
            connection.send(time.perf_counter() - start)
    except BaseException as error:  # noqa: BLE001 - whatever it is: it is reported, and the others go on
        connection.send(f"{type(error).__name__}: {error}"[:60])


class Contestant:
    """A process that runs one contestant."""

    turn = SECONDS

    def __init__(self, build: Callable[[], Step]) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(build, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.values = self._answer()
        self.calls = 1

    def _answer(self) -> Any:
        try:
            answer = self.connection.recv()
        except EOFError:
            self.process.join()
            raise RuntimeError(f"died, with exit code {self.process.exitcode}") from None
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer

    def time(self) -> float:
        """Seconds a call, in a turn of about ``turn``."""
        self.connection.send(self.calls)
        seconds: float = self._answer()
        if seconds < self.turn / 3:
            self.calls *= max(2, int(self.turn / max(seconds, 1e-9) / 2))
            return self.time()
        return seconds / self.calls

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()


def race(row: Row, rounds: int = ROUNDS) -> Result:
    """Measure a row.

    Raises:
        AssertionError: two contestants do not compute the same.
    """
    os.environ.update(ONE_THREAD)
    result = Result(row)
    running: dict[str, Contestant] = {}
    for name, build in row.contestants.items():
        try:
            running[name] = Contestant(build)
        except RuntimeError as error:  # noqa: PERF203 - each on its own
            result.failures[name] = str(error)
    try:
        _check_equal(row, running)
        for number in range(rounds + 1):
            times: dict[str, float] = {}
            for name in list(running):
                try:
                    times[name] = running[name].time()
                except RuntimeError as error:  # noqa: PERF203
                    result.failures[name] = str(error)
                    del running[name]
            if number:  # the first is to warm up
                result.rounds.append(times)
    finally:
        for each in running.values():
            each.stop()
    return result


def _check_equal(row: Row, running: dict[str, Contestant]) -> None:
    (first, expected), *others = ((name, each.values) for name, each in running.items())
    for name, values in others:
        assert len(values) == len(expected), f"{row.name}: {name} returns {len(values)} values, {first} {len(expected)}"
        for one, other in zip(values, expected, strict=True):
            message = f"{row.name}: {name} differs from {first}"
            np.testing.assert_allclose(one, other, 0, row.tolerance * np.abs(other).max(), err_msg=message)
