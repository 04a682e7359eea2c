"""Elements and rows, one at a time: what a loop over samples pays for each, as a DataLoader does."""

from collections.abc import Callable
from functools import partial
from typing import Any

from .race import Row

TIMES = 1000  # in one call
SAMPLES = 32  # of a batch


def _row_by_row(lib):
    x = lib.arange(32_000.0).view(TIMES, 32)
    return lambda: [[x[i] for i in range(TIMES)][-1]]


def _with_history(lib):
    x = lib.arange(32_000.0).view(TIMES, 32).requires_grad_()
    return lambda: [[x[i] for i in range(TIMES)][-1]]


def _number_by_number(lib):
    x = lib.arange(float(TIMES))
    return lambda: [[x[i] for i in range(TIMES)][-1]]


def _by_two_indices(lib):
    x = lib.arange(float(TIMES)).view(25, 40)
    return lambda: [[x[i, j] for i in range(25) for j in range(40)][-1]]


def _by_slices(lib):
    x = lib.arange(float(TIMES))
    return lambda: [[x[i : i + 8] for i in range(TIMES)][-1]]


def _number_written(lib):
    x = lib.zeros(TIMES)

    def step():
        for i in range(TIMES):
            x[i] = 1.5
        return [x]

    return step


def _row_written(lib):
    x, row = lib.zeros(TIMES, 32), lib.arange(32.0)

    def step():
        for i in range(TIMES):
            x[i] = row
        return [x[-1]]

    return step


def _python_numbers(lib):
    x = lib.tensor(1.5)
    return lambda: [lib.tensor([x.item() for _ in range(TIMES)][-1])]


def _stacked(lib):
    rows = list(lib.arange(32.0 * SAMPLES).view(SAMPLES, 32))
    return lambda: [lib.stack(rows)]


def _batches(lib):
    data = lib.utils.data.TensorDataset(lib.arange(32_000.0).view(TIMES, 32), lib.arange(TIMES))
    loader = lib.utils.data.DataLoader(data, batch_size=SAMPLES)

    return lambda: [*loader][-1]


def _of(library: str, program: Callable[[Any], Callable[[], list[Any]]]):
    """The step of a program in one of the two libraries."""
    if library == "torch":
        import torch as lib

        lib.set_num_threads(1)
    else:
        import microtorch as lib
    return program(lib)


ROWS = [
    Row(name, {library: partial(_of, library, program) for library in ("microtorch", "torch")}, per=per)
    for name, program, per in [
        ("a row, x[i]", _row_by_row, TIMES),
        ("a row with its history, x[i]", _with_history, TIMES),
        ("a number, x[i]", _number_by_number, TIMES),
        ("a number, x[i, j]", _by_two_indices, TIMES),
        ("a few numbers, x[i : i + 8]", _by_slices, TIMES),
        ("a number written, x[i] = 1.5", _number_written, TIMES),
        ("a row written, x[i] = row", _row_written, TIMES),
        ("a Python number, x.item()", _python_numbers, TIMES),
        ("32 rows, stacked", _stacked, 1),
        ("a DataLoader's pass, one sample of it", _batches, TIMES),
    ]
]
