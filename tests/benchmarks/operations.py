"""Operations of every wing beside torch: forward and backward at three sizes, float32, one thread.

One process a library runs all rows, in turns with the other, so that a row costs a tenth of a second and not two imports.
"""

import ast
import math
import multiprocessing
import os
import statistics
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .race import ONE_THREAD, Contestant

SIZES = (1_000, 100_000, 1_000_000)
TURN = 0.006  # seconds
SLOW = 3.0  # × torch: more is marked

# ── Inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _side(n: int) -> int:
    return math.isqrt(n)


def _rng(name: str) -> np.random.Generator:
    return np.random.default_rng(len(name) + ord(name[0]))


def _image(n: int, samples: int = 1) -> tuple[int, int, int, int]:
    """Of 16 channels, or of 4 where it is small."""
    channels = 16 if n > 10_000 else 4
    side = _side(n // (channels * samples)) // 2 * 2
    return samples, channels, side, side


def _definite(square: np.ndarray) -> np.ndarray:
    return (square @ square.T / len(square) + np.eye(len(square))).astype(np.float32)


# What a name in an expression is, for a number of elements: a shape of normal numbers; or an array.
SHAPES = {
    "x": lambda n: (n,),
    "y": lambda n: (n,),
    "rows": lambda n: (n // 100, 100),
    "more": lambda n: (n // 100, 100),
    "long": lambda n: (n // 10_000 + 1, min(n, 10_000)),
    "square": lambda n: (_side(n), _side(n)),
    "other": lambda n: (_side(n), _side(n)),
    "vector": lambda n: (_side(n),),
    "batch": lambda n: (n // 100, 10, 10),
    "batch2": lambda n: (n // 100, 10, 10),
    "cube": lambda n: (n // 100, 10, 10),
    "heads": lambda n: (n // 1000 or 1, 2, 25, 20),
    "table": lambda n: (1000, 50),
    "scores": lambda n: (n // 10, 10),
    "weight100": lambda n: (100, 100),
    "bias100": lambda n: (100,),
    "image": _image,
    "kernel": lambda n: (_image(n)[1], _image(n)[1], 3, 3),
    "depth": lambda n: (_image(n)[1], 1, 3, 3),
    "channels": lambda n: (_image(n)[1],),
    "signal": lambda n: (n // 1000 or 1, 4, 250),
    "kernel1": lambda n: (8, 4, 5),
    "tiny": lambda n: (2, 3),
    "tinier": lambda n: (2, 3),
}
ARRAYS = {
    "p": lambda n, rng: rng.uniform(0.5, 2, n).astype(np.float32),
    "u": lambda n, rng: rng.uniform(0.01, 0.99, n).astype(np.float32),
    "t": lambda n, rng: rng.uniform(0, 1, n).astype(np.float32),
    "weights": lambda n, rng: rng.uniform(0, 1, (n // 1000 or 1, 1000)).astype(np.float32),
    "definite": lambda n, rng: _definite(rng.normal(size=(_side(n), _side(n)))),
    "index": lambda n, rng: rng.integers(0, n, n),
    "words": lambda n, rng: rng.integers(0, 1000, (max(n // 500, 1), 10)),
    "columns": lambda n, rng: rng.integers(0, 100, (n // 100, 100)),
    "picked": lambda n, rng: rng.permutation(n // 100)[: n // 200],
    "classes": lambda n, rng: rng.integers(0, 10, n // 10),
    "signs": lambda n, rng: rng.choice([-1.0, 1.0], n).astype(np.float32),
    "whole": lambda n, rng: rng.integers(-50, 50, n),
    "mask": lambda n, rng: rng.random(n) < 0.5,
}
FIXED = {"t", "weights", "signs", "definite"}  # floats that get no gradient


@cache
def arrays(expression: str, size: int) -> dict[str, np.ndarray]:
    """The inputs of a row."""
    used = {each.id for each in ast.walk(ast.parse(expression)) if isinstance(each, ast.Name)}
    made = {name: _rng(name).normal(size=shape(size)).astype(np.float32) for name, shape in SHAPES.items() if name in used}
    return made | {name: make(size, _rng(name)) for name, make in ARRAYS.items() if name in used}


# ── Rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Operation:
    """A row: an expression on the inputs above, ``lib``, and ``F``, its ``nn.functional``; up to how many elements."""

    wing: str
    expression: str
    most: int = SIZES[-1]

    @property
    def is_random(self) -> bool:
        """Whether there are no values to compare."""
        return self.wing == "random"


WINGS = {
    "elementwise": [
        "x + y", "x - y", "x * y", "x / p", "-x", "x * 2.5", "1 - x", "2.5 / p", "x.reciprocal()", "x ** 2", "x ** 3", "x ** 4",
        "x ** 7", "p ** -1", "p ** -2", "p ** 0.5", "p ** 2.5", "p ** x", "2 ** x", "x.square()", "x.exp()", "p.log()",
        "p.log1p()", "x.expm1()", "p.sqrt()", "p.rsqrt()", "x.sin()", "x.cos()", "x.tan()", "x.atan()", "x.sinh()", "x.tanh()",
        "x.erf()", "x.sigmoid()", "x.abs()", "x.sign()", "x.floor()", "x.round()", "x.clamp(-1, 1)", "lib.maximum(x, y)",
        "lib.minimum(x, y)", "lib.atan2(x, y)", "lib.hypot(x, y)", "lib.logaddexp(x, y)", "x % p", "x % 1.5", "x.fmod(1.5)",
        "lib.lerp(x, y, 0.3)", "lib.addcmul(x, y, p)", "lib.where(mask, x, y)", "x.masked_fill(mask, 0.5)", "x > y",
        "x.isnan()", "x.double()", "lib.xlogy(x, p)", "whole * whole", "whole ** 3",
    ],
    "reduction": [
        "x.sum()", "rows.sum(0)", "rows.sum(1)", "x.mean()", "rows.mean(1)", "rows.prod(1)", "rows.var(1)", "x.std()", "x.max()",
        "rows.max(1)[0]", "rows.amax(0)", "rows.argmax(1)", "x.argmin()", "rows.logsumexp(1)", "x.norm()", "rows.norm(dim=1)",
        "rows.cumsum(1)", "x.cumsum(0)", "rows.cumprod(1)", "lib.diff(x)", "lib.diff(rows, dim=0)", "mask.any()",
        "x.count_nonzero()", "x.median()", "rows.median(1)[0]", "rows.kthvalue(7, 1)[0]", "x.topk(10)[0]", "rows.topk(5)[0]",
        "long.topk(10)[0]", "x.sort(stable=True)[0]", "rows.sort(dim=1, stable=True)[0]", "rows.argsort(dim=1, stable=True)",
        "whole.unique()", "words.flatten().bincount()", "x.nansum()",
    ],
    "shaping": [
        "x.reshape(-1, 10).clone()", "square.t().contiguous()", "cube.permute(2, 0, 1).contiguous()", "lib.cat((x, y))",
        "lib.stack((x, y), 1)", "x.flip(0)", "rows.roll(1, 0)", "square.tril()", "rows.repeat(1, 2)",
        "rows.unsqueeze(0).expand(2, -1, -1) * 1.5", "F.pad(image, (1, 1, 1, 1))", "square.diagonal() * 1.5",
        "x.unfold(0, 4, 2) * 1.5",
    ],
    "selection": [
        "x[index]", "rows[picked]", "x[mask]", "rows[:, 3:50] * 1.5", "x[::2] * 1.5", "rows.gather(1, columns)",
        "rows.scatter(1, columns[:, :1], more[:, :1])", "rows.scatter_add(1, columns, more)", "rows.index_select(0, picked)",
        "rows.take_along_dim(columns, 1)", "x.masked_select(mask)", "mask.nonzero()", "rows.chunk(2, 1)[0] * 1.5",
        "rows.index_add(0, picked, more[:len(picked)])",
    ],
    "linalg": [
        "square @ other", "square @ vector", "lib.bmm(batch, batch2)", "lib.einsum('bij,bkj->bik', batch, batch2)",
        "lib.outer(vector, vector)", "lib.dot(x, y)", "lib.linalg.det(batch)", "lib.linalg.inv(definite + square * 1e-3)",
        "lib.linalg.solve(definite + square * 1e-3, vector)", "lib.linalg.cholesky(definite + 0.0 * square)",
        "lib.cdist(rows[:50], more[:50])", "F.cosine_similarity(rows, more)",
    ],
    "network": [
        "F.linear(rows, weight100, bias100)", "F.relu(x)", "F.leaky_relu(x)", "F.elu(x)", "F.selu(x)", "F.gelu(x)",
        "F.gelu(x, approximate='tanh')", "F.silu(x)", "F.mish(x)", "F.softplus(x)", "F.hardtanh(x)", "F.hardswish(x)",
        "F.softsign(x)", "F.logsigmoid(x)", "F.softshrink(x)", "F.glu(rows)", "F.softmax(rows, 1)", "F.log_softmax(rows, 1)",
        "F.layer_norm(rows, (100,), bias100, bias100)", "F.batch_norm(image, None, None, training=True)",
        "F.group_norm(image, 2)", "F.embedding(words, table)", "F.normalize(rows)", "F.prelu(image, channels)",
        "F.scaled_dot_product_attention(heads, heads * 2, heads + 1)",
    ],
    "losses": [
        "F.mse_loss(x, t)", "F.l1_loss(x, t)", "F.smooth_l1_loss(x, t)", "F.huber_loss(x, t, delta=0.7)",
        "F.binary_cross_entropy(u, t)", "F.binary_cross_entropy_with_logits(x, t)", "F.cross_entropy(scores, classes)",
        "F.nll_loss(scores, classes)", "F.kl_div(x, t, reduction='sum')", "F.poisson_nll_loss(x, t)",
        "F.hinge_embedding_loss(x, signs)", "F.soft_margin_loss(x, signs)", "F.triplet_margin_loss(rows, more, rows * 0.5)",
    ],
    "images": [
        "F.conv1d(signal, kernel1)", "F.conv2d(image, kernel, padding=1)",
        "F.conv2d(image, depth, padding=1, groups=len(channels))", "F.conv_transpose2d(image, kernel, stride=2)",
        "F.max_pool2d(image, 2)", "F.avg_pool2d(image, 2)", "F.adaptive_avg_pool2d(image, 4)",
        "F.interpolate(image, scale_factor=2)", "F.interpolate(image, scale_factor=2, mode='bilinear')",
        "F.interpolate(image, scale_factor=0.5, mode='bilinear')", "F.pixel_shuffle(image, 2)",
        "F.pad(image, (2, 2, 2, 2), 'reflect')", "F.unfold(image, 3)",
    ],
    "random": [
        "lib.rand(size)", "lib.randn(size)", "lib.randint(0, 1000, (size,))", "lib.randperm(size)", "lib.bernoulli(u)",
        "F.dropout(x)", "lib.multinomial(weights, 50, True)", "lib.multinomial(weights, 50)", "lib.normal(x, p)",
    ],
    "small": ["lib.cat((tiny, tinier))", "lib.stack((tiny, tinier))", "tiny ** 3", "tiny % 1.5", "F.gelu(tiny)", "F.elu(tiny)"],
}  # fmt: skip
ROWS = [
    Operation(wing, expression, SIZES[0] if wing == "small" else SIZES[-1])
    for wing, expressions in WINGS.items()
    for expression in expressions
]

# ── Turns ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _step(lib: Any, expression: str, size: int) -> Any:
    """One call: the expression, and the backward pass where there is one; it returns the result and the gradients."""
    inputs = {name: lib.tensor(array) for name, array in arrays(expression, size).items()}
    leaves = [each.requires_grad_() for name, each in inputs.items() if each.dtype.is_floating_point and name not in FIXED]
    names = inputs | {"lib": lib, "F": lib.nn.functional, "size": size}
    code = compile(expression, expression, "eval")
    first = eval(code, names)
    weights = None
    if first.requires_grad:
        shape = tuple(first.shape)
        weights = lib.tensor(np.cos(np.arange(math.prod(shape))).reshape(shape).astype(np.float32)).to(first.dtype)

    def step() -> list[Any]:
        for each in leaves:
            each.grad = None
        out = eval(code, names)
        if weights is not None:
            out.backward(weights)
        return [out, *(each.grad for each in leaves if each.grad is not None)]

    return step


def _serve(name: str, connection: Any) -> None:
    """In a process of its own: answer an expression and a size with the values of one call, a number of calls with seconds."""
    warnings.simplefilter("ignore")
    if name == "torch":
        import torch as lib

        lib.set_num_threads(1)
    else:
        import microtorch as lib
    step: Any = None
    while True:
        asked = connection.recv()
        try:
            if isinstance(asked, tuple):
                step = _step(lib, *asked)
                connection.send([each.detach().numpy() for each in step()])
            else:
                start = time.perf_counter()
                for _ in range(asked):
                    step()
                connection.send(time.perf_counter() - start)
        except Exception as error:  # noqa: BLE001 - whatever it is: it is reported, and the next row comes
            connection.send(f"{type(error).__name__}: {error}"[:60])


class _Library(Contestant):
    """A process for one library, which is asked row after row."""

    turn = TURN

    def __init__(self, name: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(name, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.calls = 1

    def load(self, row: Operation, size: int) -> list[np.ndarray]:
        """The values of one call; from now on, that row is timed."""
        self.connection.send((row.expression, size))
        self.calls = 1
        values: list[np.ndarray] = self._answer()
        return values


def _equal(row: Operation, ours: list[np.ndarray], theirs: list[np.ndarray]) -> None:
    assert len(ours) == len(theirs), f"{row.expression}: {len(ours)} values, and torch has {len(theirs)}"
    for one, other in zip(ours, theirs, strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape), f"{row.expression}: {one.dtype} {one.shape}"
        if not row.is_random and one.size:
            assert one.dtype.kind != "f" or np.isfinite(other).all(), f"{row.expression}: torch has {other}"
            atol = 2e-5 * max(1.0, float(np.abs(other).max())) if one.dtype.kind == "f" else 0
            np.testing.assert_allclose(one, other, 1e-3 if atol else 0, atol, err_msg=row.expression)


def measured(row: Operation, size: int, both: tuple[_Library, _Library], rounds: int) -> tuple[float, float]:
    """Seconds here, and how many times that of torch it is: medians of the rounds, after both have computed the same.

    Raises:
        AssertionError: they have not.
    """
    _equal(row, *(each.load(row, size) for each in both))
    times = [(both[0].time(), both[1].time()) for _ in range(rounds + 1)][1:]  # the first is to warm up
    return statistics.median(ours for ours, _ in times), statistics.median(ours / theirs for ours, theirs in times)


def table(rounds: int, words: tuple[str, ...] = ()) -> Iterator[str]:
    """The lines of the table: for each size the time here and how many times that of torch it is, in bold where it is slow."""
    os.environ.update(ONE_THREAD)
    both = _Library("microtorch"), _Library("torch")
    yield f"| forward and backward, float32 | {' | '.join(f'{size:,} | × torch' for size in SIZES)} |"
    yield f"|---|{'---|' * 2 * len(SIZES)}"
    slow = dict.fromkeys(SIZES, 0)
    try:
        for row in (each for each in ROWS if not words or any(word in each.expression for word in words)):
            cells: list[str] = []
            for size in SIZES:
                if size > row.most:
                    cells.append(" | ")
                    continue
                try:
                    seconds, ratio = measured(row, size, both, rounds)
                except RuntimeError as error:
                    cells.append(f"{error} | ")
                    continue
                slow[size] += ratio > SLOW
                cells.append(f"{seconds * 1e6:,.0f} µs | " + (f"**{ratio:.1f}**" if ratio > SLOW else f"{ratio:.1f}"))
            yield f"| {row.wing}: `{row.expression.replace('|', '¦')}` | {' | '.join(cells)} |"
    finally:
        for each in both:
            each.stop()
    yield f"| above {SLOW:.0f} × | {' | '.join(f'{count} | ' for count in slow.values())} |"
