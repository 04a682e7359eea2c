"""The table of operations. One row buys every check in test_operations.py: forward, gradients, formulas, parity with torch.

A row is an expression. It runs as it stands on microtorch's Variables and on torch's, and, where NumPy says the same in
other words, these stand beside it. The names in it are its inputs, of the shapes in `SHAPES` unless the row says otherwise.
"""

import ast
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

SHAPES = {
    "x": (2, 3), "y": (2, 3), "a": (3, 4), "v": (3,), "u": (3,), "s": (), "r": (1, 3), "c": (2, 1),
    "b": (2, 3, 4), "d": (2, 4, 3), "n": (0, 3),
}  # fmt: skip


@dataclass(frozen=True, init=False, eq=False)
class Operation:
    """One row.

    Its inputs are random: of one sign or ``positive`` throughout, none near 0, no two equal. Given values (a list) it is a
    point where a derivative needs care, and is compared with torch alone.
    """

    expression: str
    numpy: str
    inputs: dict[str, Any]  # name → shape, or list of values
    positive: bool
    twice: bool  # whether torch has a gradient of its gradient; where not, its gradient is less exact, too

    def __init__(self, expression: str, numpy: str = "", *, positive: bool = False, twice: bool = True, **inputs: Any) -> None:
        used = {each.id for each in ast.walk(ast.parse(expression)) if isinstance(each, ast.Name)}
        inputs = {name: shape for name, shape in (SHAPES | inputs).items() if name in used}
        values = {"expression": expression, "numpy": numpy or expression, "inputs": inputs, "positive": positive, "twice": twice}
        self.__dict__.update(values)

    def __str__(self) -> str:
        given = (f"{name}={shape}" for name, shape in self.inputs.items() if shape != SHAPES.get(name))
        return " ; ".join((self.expression, *given)).replace("::", ": :")  # "::" would end a test's name

    def values(self, dtype: str) -> dict[str, np.ndarray]:
        """The inputs: multiples of 1/1024, so that float32 holds them, and a small step from them, exactly."""
        rng = np.random.default_rng(len(self.expression))
        return {
            name: self._random(rng, shape, nr).astype(dtype) if isinstance(shape, tuple) else np.array(shape, dtype)
            for nr, (name, shape) in enumerate(self.inputs.items())
        }

    def _random(self, rng: np.random.Generator, shape: tuple[int, ...], nr: int) -> np.ndarray:
        length = int(np.prod(shape))
        size = rng.permutation(np.linspace(300, 1700, length + 1).round()[:length]) + 3 * nr
        sign = 1 if self.positive else rng.choice((-1, 1), length)
        return (sign * size / 1024).reshape(shape)


ARITHMETIC = [
    *map(Operation, [
        "x + 2", "2 + x", "x + True", "x - 2", "2 - x", "0.5 - x", "x * 3", "3 * x", "x * x", "x / 3", "3 / x",
        "x / x", "-x", "x ** 2", "x ** 3", "x ** 1", "x ** 0", "x ** 2.0", "2 ** x", "0.5 ** x", "1 ** x",
        "x + y - x * y / x + y",
    ]),
    Operation("x.add(y)", "x + y"), Operation("add(x, y, alpha=3)", "x + 3 * y"),
    Operation("x.sub(y)", "x - y"), Operation("sub(x, y, alpha=3)", "x - 3 * y"),
    Operation("x.mul(y)", "x * y"), Operation("x.div(y)", "x / y"), Operation("x.neg()", "-x"),
    Operation("x.reciprocal()", "1 / x"), Operation("x ** -1", "1 / x"), Operation("x ** 0.5", positive=True),
    Operation("0 ** x", positive=True), Operation("x ** x", positive=True), Operation("x.pow(2)", "x ** 2"),
    Operation("pow(2, x)", "2 ** x"),
]  # fmt: skip

# Every operator on two operands, with every way in which shapes broadcast: fewer dimensions, sizes of 1, none, nothing at all.
OPERATORS = ["{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} / {1}", "{0} ** {1}", "where({0} > {1}, {0}, {1})"]
SHAPE_PAIRS = ["x y", "x v", "v x", "x r", "x c", "c r", "x s", "s x", "s s", "b x", "n r", "n s", "s n"]
BROADCASTING = [
    Operation(operator.format(*pair.split()), positive="**" in operator, **{"x": (3, 1)} if pair == "b x" else {})
    for operator, pair in product(OPERATORS, SHAPE_PAIRS)
]

ELEMENTWISE = [
    *map(Operation, [
        "exp(x)", "tanh(x)", "tanh(s)", "where(x > 0, x, y)", "where(x > 0, x, 0)", "where(x > 0, 2.0, x)",
        "where(tensor([True, False, True]), x, s)", "where(x > y, x * y, x - y)",
    ]),
    Operation("x.exp()", "exp(x)"), Operation("log(x)", positive=True),
    Operation("sigmoid(x)", "1 / (1 + exp(-x))"), Operation("relu(x)", "maximum(x, 0)"),
    Operation("x.to(float64)", "x.astype(float64)"), Operation("x.to(float32)", "x.astype(float32)"),
    Operation("x.double()", "x.astype(float64)"),
]  # fmt: skip

CURVES = [
    *(Operation(f"{name}(x)") for name in ["sin", "cos", "tan", "sinh", "cosh", "expm1", "tanh"]),
    *(Operation(f"{name}(x)", f"arc{name[1:]}(x)") for name in ["atan", "asinh"]),
    *(Operation(f"{name}(x / 4)", f"arc{name[1:]}(x / 4)") for name in ["asin", "acos", "atanh"]),
    Operation("acosh(x + 1)", "arccosh(x + 1)", positive=True), Operation("x.sin().cos()", "cos(sin(x))"),
    *(Operation(f"{name}(x)", positive=True) for name in ["log1p", "log2", "log10", "sqrt"]),
    Operation("rsqrt(x)", "1 / sqrt(x)", positive=True), Operation("square(x)", "x ** 2"),
    Operation("erf(x)", "vectorize(__import__('math').erf)(x).astype(x.dtype)"),
]  # fmt: skip

STEPS = [
    *(Operation(f"{name}(x)") for name in ["abs", "sign", "ceil", "floor", "trunc", "round"]),
    Operation("frac(x)", "x - trunc(x)"), Operation("x.round(decimals=1)", "x.round(1)"),
    Operation("abs(x.abs() - y)", "abs(abs(x) - y)"),
    *(Operation(f"{name}({pair})") for name in ["maximum", "minimum"] for pair in ["x, y", "x, v", "r, c", "s, x"]),
]  # fmt: skip

COMPOUND = [
    Operation("atan2(x, y)", "arctan2(x, y)"), Operation("hypot(x, y)"), Operation("logaddexp(x, y)"),
    *(Operation(f"{name}({pair})") for name in ["fmod", "remainder"] for pair in ["x, y", "x, 0.75", "r, c"]),
    Operation("x % y"), Operation("x % 0.75"), Operation("hypot(r, c)"), Operation("atan2(x, s)", "arctan2(x, s)"),
    Operation("lerp(x, y, 0.25)", "x + 0.25 * (y - x)"), Operation("lerp(x, y, r)", "x + r * (y - x)"),
    Operation("lerp(x, c, s)", "x + s * (c - x)"), Operation("addcmul(x, y, r)", "x + y * r"),
    Operation("addcmul(x, r, c, value=3)", "x + 3 * r * c"), Operation("addcdiv(x, y, r)", "x + y / r"),
    Operation("x.addcdiv(r, c, value=0.5)", "x + 0.5 * r / c"), Operation("nan_to_num(x)", "x"),
    Operation("x.masked_fill(x > 0, 2.0)", "where(x > 0, x * 0 + 2, x)"),
    Operation("x.masked_fill(x > 0, s)", "where(x > 0, s, x)"),
    Operation("clamp(x, -1, 1)", "clip(x, -1, 1)"), Operation("x.clamp(min=-0.5)", "clip(x, -0.5, None)"),
    Operation("x.clamp(max=0.5)", "clip(x, None, 0.5)"), Operation("clamp(x, y, y + 1)", "minimum(maximum(x, y), y + 1)"),
    Operation("x.clamp(min=y)", "maximum(x, y)"), Operation("x.clamp(max=r)", "minimum(x, r)"),
]  # fmt: skip

JOINING = [
    Operation("cat((x, y))", "concatenate((x, y))"), Operation("cat([x, c], 1)", "concatenate([x, c], 1)"),
    Operation("cat((x, x * y, r), dim=-2)", "concatenate((x, x * y, r))"), Operation("cat((n, x))", "concatenate((n, x))"),
    Operation("cat([x])", "x"), Operation("stack((x, y))"), Operation("stack([x, y, x], -1)"),
    Operation("stack((s, s), dim=0)", "stack((s, s))"),
    Operation("cat((b, b.sin()), 1)", "concatenate((b, sin(b)), 1)"),
]  # fmt: skip

STACKING = [
    Operation("hstack((x, y))"), Operation("hstack((v, u))"), Operation("hstack([s, v])"), Operation("hstack((b, b))"),
    Operation("hstack((c, x))"), Operation("vstack((x, v))"), Operation("vstack((s, s))"), Operation("vstack((n, v))"),
    Operation("row_stack((v, u))", "vstack((v, u))"), Operation("dstack((x, y))"), Operation("dstack((v, u))"),
    Operation("dstack((s, s))"), Operation("dstack((b, b[..., :1]))"), Operation("column_stack((v, u))"),
    Operation("column_stack((x, c[:, 0]))"), Operation("column_stack((s, s))"),
    Operation("column_stack((x.t()[0], c))", "column_stack((x.T[0], c))"),
]  # fmt: skip

REDUCTION = [
    *map(Operation, ["n.sum()", "n.sum(0)", "n.sum(1)"]),
    Operation("sum(x, 0)", "x.sum(0)"), Operation("mean(x, 0)", "x.mean(0)"),
    *(
        Operation(f"{name}.{reduction}({arguments})", f"{name}.{reduction}({numpy})")
        for reduction, (name, arguments, numpy) in product(("sum", "mean"), [
            ("x", "", ""), ("s", "", ""), ("b", "", ""), ("x", "0", "0"), ("x", "-1", "-1"), ("v", "0", "0"), ("s", "0", ""),
            ("b", "dim=-2", "axis=-2"), ("b", "(0, 2)", "(0, 2)"), ("b", "dim=(-1, 0)", "axis=(-1, 0)"), ("b", "[1]", "1"),
            ("x", "()", ""), ("x", "dim=(), keepdim=True", "keepdims=True"), ("x", "0, True", "0, keepdims=True"),
            ("b", "dim=(0, 1), keepdim=True", "axis=(0, 1), keepdims=True"),
            ("x", "dtype=float64", "dtype=float64"), ("x", "0, dtype=float32", "0, dtype=float32"),
        ])
    ),
]  # fmt: skip

EXTREMES = [
    *(
        Operation(f"{name}.{extreme}({arguments})", f"{name}.{extreme[1:] if extreme[0] == 'a' else extreme}({numpy})")
        for extreme, (name, arguments, numpy) in product(("amax", "amin"), [
            ("x", "", ""), ("s", "", ""), ("x", "0", "0"), ("b", "dim=(0, -1)", "axis=(0, -1)"),
            ("b", "1, True", "1, keepdims=True"),
        ])
    ),
    Operation("x.max()"), Operation("x.min()"), Operation("max(s)", "s.max()"), Operation("x.max(y)", "maximum(x, y)"),
    Operation("x.max(0)[0]", "x.max(0)"), Operation("b.min(-1).values", "b.min(-1)"), Operation("s.max(0).values", "s"),
    Operation("b.max(1, keepdim=True).values", "b.max(1, keepdims=True)"), Operation("max(x, dim=1).values", "x.max(1)"),
]  # fmt: skip

STATISTICS = [
    Operation("x.var()", "x.var(ddof=1)"), Operation("b.var(1)", "b.var(1, ddof=1)"), Operation("x.var(0, False)", "x.var(0)"),
    Operation("b.var((0, 2), keepdim=True)", "b.var((0, 2), ddof=1, keepdims=True)"), Operation("x.std()", "x.std(ddof=1)"),
    Operation("b.std(-1, correction=0)", "b.std(-1)"),
    Operation("std(x, dim=1, keepdim=True)", "x.std(1, ddof=1, keepdims=True)"),
    Operation("x.var(False)", "x.var()"), Operation("logsumexp(x, 1)", "log(exp(x).sum(1))"),
    Operation("b.logsumexp((0, 1), keepdim=True)", "log(exp(b).sum((0, 1), keepdims=True))"),
    Operation("x.cumsum(0)"), Operation("cumsum(b, -1)", "b.cumsum(-1)"), Operation("s.cumsum(0)", "s"), Operation("n.cumsum(1)"),
]  # fmt: skip

SHAPING = [
    *map(Operation, [
        "x.reshape(6)", "x.reshape([3, 2])", "reshape(x, (-1, 2))", "x[:, :2].reshape(2, 2, 1)",
        "x[1:].reshape(3)", "x.T", "x.mT", "b.mT", "b.swapaxes(0, 1)", "r.squeeze()", "squeeze(r)", "r.squeeze(0)",
        "c.squeeze(-1)",
    ]),
    Operation("x.view(3, 2)", "x.reshape(3, 2)"), Operation("x.view(-1)", "x.reshape(-1)"),
    Operation("x.view((6, -1))", "x.reshape(6, 1)"), Operation("x.view(2, 3)", "x"),
    Operation("s.view(1)", "s.reshape(1)"), Operation("n.view(3, 0)", "n.reshape(3, 0)"),
    Operation("x.t().reshape(6)", "x.T.reshape(6)"),
    Operation("b.transpose(0, 2).reshape(4, 6)", "b.swapaxes(0, 2).reshape(4, 6)"),
    Operation("x.expand(2, 2, 3).reshape(12)", "broadcast_to(x, (2, 2, 3)).reshape(12)"),
    Operation("x.t()", "x.T"), Operation("t(x)", "x.T"), Operation("v.t()", "v"), Operation("s.t()", "s"),
    Operation("x.transpose(0, 1)", "x.T"), Operation("b.transpose(-1, 0)", "b.swapaxes(-1, 0)"),
    Operation("transpose(b, 0, 0)", "b"), Operation("b.permute(2, 0, 1)", "b.transpose(2, 0, 1)"),
    Operation("b.permute((1, -1, 0))", "b.transpose(1, 2, 0)"), Operation("permute(s, ())", "s"),
    Operation("x.unsqueeze(0)", "x[None]"), Operation("x.unsqueeze(-1)", "x[..., None]"),
    Operation("s.unsqueeze(0)", "s[None]"), Operation("unsqueeze(x, 1)", "x[:, None]"),
    Operation("r.squeeze(1)", "r"), Operation("s.squeeze(0)", "s"),
    Operation("r.expand(2, 3)", "broadcast_to(r, (2, 3))"),
    Operation("r.expand(4, -1, 3)", "broadcast_to(r, (4, 1, 3))"), Operation("s.expand(2)", "broadcast_to(s, 2)"),
    Operation("r.expand((0, 3))", "broadcast_to(r, (0, 3))"), Operation("x.expand(2, 3)", "x"),
    Operation("x.clone()", "x"), Operation("clone(x.t())", "x.T"),
]  # fmt: skip

FLATTENING = [
    Operation("flatten(x)", "x.reshape(6)"), Operation("s.flatten()", "s.reshape(1)"), Operation("v.flatten() * 2", "v * 2"),
    Operation("x.t().flatten()", "x.T.reshape(6)"), Operation("b.flatten(1)", "b.reshape(2, 12)"),
    Operation("n.flatten()", "n.reshape(0)"),
    Operation("b.flatten(end_dim=-2)", "b.reshape(6, 4)"), Operation("b.flatten(1, 1) * 2", "b * 2"),
    Operation("b.transpose(0, 1).flatten(1)", "b.swapaxes(0, 1).reshape(3, 8)"),
    Operation("v.expand(2, 3).flatten()", "concatenate((v, v))"), Operation("b[:, :, 1].flatten()", "b[:, :, 1].reshape(6)"),
    Operation("b.unflatten(2, (2, 2))", "b.reshape(2, 3, 2, 2)"), Operation("unflatten(x, -1, [-1, 1])", "x[..., None]"),
    Operation("x.t().unflatten(0, (3, 1))", "x.T[:, None]"), Operation("n.unflatten(0, (2, -1))", "n.reshape(2, 0, 3)"),
    Operation("ravel(x)"), Operation("v.ravel()"), Operation("s.ravel()"), Operation("x.t().ravel()", "x.T.ravel()"),
    Operation("x.contiguous() * 2", "x * 2"), Operation("x.t().contiguous()", "x.T"),
    Operation("r.t().contiguous() * 2", "r.T * 2"),
    Operation("movedim(b, 0, -1)", "moveaxis(b, 0, -1)"), Operation("b.movedim((0, 1), (1, 0))", "b.swapaxes(0, 1)"),
    Operation("b.moveaxis((0, -1), (1, 0))", "moveaxis(b, (0, -1), (1, 0))"), Operation("moveaxis(b, 0, 0)", "b"),
    Operation("s.movedim(0, -1)", "s"), Operation("x.movedim((), ())", "x"), Operation("b.swapdims(0, 1)", "b.swapaxes(0, 1)"),
    Operation("swapaxes(x, 0, 1)", "x.T"), Operation("b.adjoint()", "b.swapaxes(1, 2)"), Operation("adjoint(s) * 2", "s * 2"),
    Operation("x.view_as(y) * y", "x * y"), Operation("x.reshape_as(a) * a", "x.reshape(3, 2) * a", a=(3, 2)),
    Operation("x.t().reshape_as(y) * y", "x.T.reshape(2, 3) * y"), Operation("r.expand_as(y) * y", "r * y"),
    Operation("broadcast_to(r, (2, 3))"), Operation("r.broadcast_to(2, 3)", "broadcast_to(r, (2, 3))"),
    Operation("atleast_1d(s)"), Operation("atleast_1d(v) * 2"), Operation("atleast_2d(s)"), Operation("atleast_2d(v)"),
    Operation("atleast_2d(x) * 2"), Operation("atleast_3d(s)"), Operation("atleast_3d(v)"), Operation("atleast_3d(x)"),
    Operation("atleast_3d(b) * 2"), Operation("add(*atleast_1d(s, v))"), Operation("add(*atleast_2d((v, x)))", "v + x"),
    Operation("r.squeeze((0, 1))", "r[0]"), Operation("r.squeeze(())", "r"), Operation("s.squeeze((0,))", "s"),
    Operation("squeeze(b, dim=[0, -1])", "b[0, :, 0]", b=(1, 3, 1)), Operation("c.squeeze((-1, 0))", "c[:, 0]"),
]  # fmt: skip

SPLITTING = [
    Operation("x.unbind()[1]", "x[1]"), Operation("x.unbind(-1)[2]", "x[:, 2]"), Operation("v.unbind()[1]", "v[1]"),
    Operation("stack(b.unbind(1), 1)", "b"), Operation("mul(*x)", "x[0] * x[1]"), Operation("mul(*c)", "c[0] * c[1]"),
    Operation("x.t().unbind()[1] * x[0, 1]", "x[:, 1] * x[0, 1]"), Operation("add(*n.unbind(1)[:2])", "n[:, 0] + n[:, 1]"),
    Operation("split(x, 2, 1)[1]", "x[:, 2:]"), Operation("x.split(1)[0]", "x[:1]"),
    Operation("b.split(3, dim=-1)[1]", "b[..., 3:]"),
    Operation("v.split(9)[0]", "v"), Operation("n.split(0)[0]", "n"), Operation("n.split(2)[0]", "n"),
    Operation("b.split([1, 0, 3], 2)[2] + b.split((3, 1), 2)[0]", "b[..., 1:] + b[..., :3]"),
    Operation("mul(*x.split((1, 1)))", "x[:1] * x[1:]"), Operation("x.t().split([2, 1])[1]", "x.T[2:]"),
    Operation("mul(*b.chunk(2, -1))", "b[..., :2] * b[..., 2:]"), Operation("b.chunk(3, 2)[1]", "b[..., 2:]"),
    Operation("n.chunk(3)[1]", "n"), Operation("v.chunk(2)[1]", "v[2:]"),
    Operation("b.transpose(0, 1).chunk(2)[0]", "b.swapaxes(0, 1)[:2]"),
    Operation("b.tensor_split(3, 2)[1]", "b[..., 2:3]"), Operation("tensor_split(b, (1, 3), -1)[1]", "b[..., 1:3]"),
    Operation("v.tensor_split(5)[4]", "v[3:]"), Operation("v.tensor_split((2, 1))[2]", "v[1:]"),
    Operation("b.tensor_split(tensor([1, 3]), 2)[2]", "b[..., 3:]"), Operation("x.tensor_split(tensor(2), 1)[1]", "x[:, 2:]"),
    Operation("x.hsplit(3)[1]", "x[:, 1:2]"), Operation("v.hsplit([1])[1]", "v[1:]"), Operation("x.vsplit(2)[1]", "x[1:]"),
    Operation("b.dsplit(2)[1]", "b[..., 2:]"), Operation("dsplit(b, [1, 2])[1]", "b[..., 1:2]"),
]  # fmt: skip

REARRANGING = [
    Operation("x.flip(0)", "flip(x, 0)"), Operation("flip(b, (0, -1))"), Operation("x.flip(0, 1)", "flip(x)"),
    Operation("x.flip([])", "x"),
    Operation("s.flip(0)", "s"), Operation("n.flip(0)", "n"), Operation("x.t().flip(1)", "flip(x.T, 1)"), Operation("fliplr(x)"),
    Operation("flipud(x)"), Operation("v.flipud()", "v[::-1]"),
    *(Operation(f"roll({each})") for each in [
        "x, 1", "x, -2, 1", "x, (1, 2), (0, -1)", "x, (1, 1), (1, 1)", "b, 7, 1", "n, 1, 0", "s, 1",
    ]),
    Operation("x.t().roll(1)", "roll(x.T, 1)"), Operation("x.roll(0, 0)", "x"),
    Operation("rot90(x)"), *(Operation(f"rot90(x, {k})") for k in [2, 3, 0, -1]), Operation("rot90(n)"),
    Operation("b.rot90(1, [1, -1])", "rot90(b, 1, (1, 2))"), Operation("x.t().rot90(1, (1, 0))", "rot90(x.T, 1, (1, 0))"),
    Operation("tile(x, (2, 1))"), Operation("x.tile(2)", "tile(x, 2)"), Operation("x.tile(2, 1, 3)", "tile(x, (2, 1, 3))"),
    Operation("x.tile(())", "x"), Operation("tile(s, (2,))"), Operation("x.repeat(2, 1)", "tile(x, (2, 1))"),
    Operation("x.repeat((2, 3, 1))", "tile(x, (2, 3, 1))"), Operation("s.repeat(3)", "tile(s, 3)"),
    Operation("s.repeat(())", "s"), Operation("v.repeat(0)", "v[:0]"), Operation("n.repeat(2, 2)", "zeros((0, 6), n.dtype)"),
    Operation("x.t().repeat(1, 2)", "tile(x.T, 2)"),
    *(
        Operation(f"repeat_interleave({each})", f"repeat({each.replace('tensor', 'array')})")
        for each in ["x, 2", "x, 2, 0", "x, 3, -1", "v, 2", "s, 3", "x, 0, 1", "n, 2, 1", "x, tensor([1, 2]), 0",
                     "v, tensor([2, 0, 1])", "x, tensor([1, 2, 0, 3, 1, 1])", "x, tensor([2]), 1", "s, tensor(2)"]
    ),
    Operation("x.t().repeat_interleave(2, 0)", "repeat(x.T, 2, 0)"),
    Operation("mul(*meshgrid(v, u[:2], indexing='ij'))", "v[:, None] * u[:2]"),
    Operation("mul(*meshgrid(v, u[:2], indexing='xy'))", "v * u[:2, None]"),
    Operation("mul(*meshgrid([v, u], indexing='xy')) * v", "v * u[:, None] * v"),
    Operation("add(*meshgrid(v, s, indexing='ij'))", "v[:, None] + s"), Operation("meshgrid(v, indexing='xy')[0]", "v"),
    Operation("cartesian_prod(v, u)", "stack((repeat(v, 3), tile(u, 3)), 1)"), Operation("cartesian_prod(v) * 2", "v * 2"),
]  # fmt: skip

DIAGONALS = [
    Operation("x.diagonal()"), Operation("diagonal(b, 1, 0, 2)"), Operation("x.diagonal(9)"), Operation("n.diagonal()"),
    Operation("b.diagonal(dim1=-1, dim2=-2, offset=-1)", "b.diagonal(-1, 2, 1)"), Operation("diag(v)"), Operation("diag(x)"),
    Operation("x.t().diagonal(-1)", "x.T.diagonal(-1)"), Operation("v.diag(-1)", "diag(v, -1)"),
    Operation("x.t().diag(1)", "diag(x.T, 1)"), Operation("diag(n)"), Operation("diag_embed(v, 1)", "diag(v, 1)"),
    Operation("n.diag_embed()", "zeros((0, 3, 3), n.dtype)"),
    Operation("x.diag_embed()", "eye(3, dtype=x.dtype) * x[:, None]"),
    Operation("diag_embed(x, -1, 0, -1)", "stack([diag(each, -1) for each in x], 1)"),
    Operation("tril(x)"), Operation("triu(b, 1)"), Operation("x.t().tril(-1)", "tril(x.T, -1)"),
    Operation("b.triu(-1)", "triu(b, -1)"),
    Operation("n.tril()", "n"), Operation("x.clone().tril_()", "tril(x)"), Operation("(x * y).triu_(1)", "triu(x * y, 1)"),
    Operation("((z := x.clone()).diagonal().mul_(c[:, 0]), z)[1]", "x * where(eye(2, 3) > 0, c, 1)"),
]  # fmt: skip

WINDOWS = [
    Operation("v.unfold(0, 2, 1)", "stack((v[:2], v[1:]))"), Operation("b.unfold(-1, 2, 2)", "b.reshape(2, 3, 2, 2)"),
    Operation("b.unfold(1, 2, 1)", "stack((b[:, :2], b[:, 1:]), 3)"), Operation("x.unfold(1, 3, 1)", "x[:, None]"),
    Operation("x.t().unfold(0, 2, 2)", "x.T[None, :2].swapaxes(1, 2)"), Operation("x.unfold(1, 1, 2)", "x[:, ::2, None]"),
    Operation("s.unfold(0, 1, 1)", "s.reshape(1)"), Operation("n.unfold(1, 2, 1)", "zeros((0, 2, 2), n.dtype)"),
    Operation("v.unfold(0, 0, 2)", "zeros((2, 0), v.dtype)"),
    Operation("x.unfold(0, 2, 1).unfold(1, 2, 1).sum((2, 3))", "(x[:, :2] + x[:, 1:]).sum(0)[None]"),
    Operation("x.as_strided((2, 2), (1, 2))", "x.ravel()[array([[0, 2], [1, 3]])]"),
    Operation("as_strided(x, [3], [2], 1)", "x.ravel()[1::2]"),
    Operation("x.as_strided((2, 2), (1, 1), 1)", "x.ravel()[array([[1, 2], [2, 3]])]"),
    Operation("x[1].as_strided((2,), (2,))", "x[1, ::2]"), Operation("x.t().as_strided((), (), 4)", "x[1, 1]"),
    Operation("(x[1] * 2).as_strided((2, 3), (0, 1))", "stack((x[1] * 2, x[1] * 2))"),
    Operation("n.as_strided((0,), (1,))", "n.ravel()"),
    Operation("((z := x.clone()).unfold(1, 1, 2).mul_(c[:, None]), z)[1]", "x * where(arange(3) % 2, 1, c)"),
    Operation("((z := x.clone()).as_strided((2,), (4,)).mul_(c[:, 0]), z)[1]", "x * where(eye(2, 3) > 0, c, 1)"),
]  # fmt: skip

SLICES = [
    Operation("index_select(x, 0, tensor([1, 0, 1]))", "x[[1, 0, 1]]"), Operation("s.index_select(0, tensor([0]))", "s"),
    Operation("x.t().index_select(-1, tensor(1))", "x.T[:, 1:]"), Operation("n.index_select(1, tensor([2, 2]))", "n[:, [2, 2]]"),
    Operation("index_add(x, 0, tensor([1, 1]), y)", "concatenate((x[:1], x[1:] + y.sum(0)))"),
    Operation("x.index_add(-1, tensor([2]), c, alpha=3)", "concatenate((x[:, :2], x[:, 2:] + 3 * c), 1)"),
    Operation("s.index_add(0, tensor([0]), s)", "s + s"),
    Operation("x.index_copy(0, tensor([1]), r)", "concatenate((x[:1], r))"),
    Operation("index_copy(x.t(), 0, tensor([2, 0, 1]), y.t())", "y.T[[1, 2, 0]]"),
    Operation("x.index_fill(1, tensor([0, -1]), 2.0)", "concatenate((x[:, :1] * 0 + 2, x[:, 1:2], x[:, :1] * 0 + 2), 1)"),
    Operation("index_fill(x, 0, tensor([1]), s)", "concatenate((x[:1], x[1:] * 0 + s))"),
    Operation("s.index_fill(0, tensor(0), u[0])", "u[0] + s * 0"),
    Operation("select(b, -2, -1)", "b[:, -1]"), Operation("narrow(b, 2, -3, 2)", "b[..., 1:3]"),
    Operation("x.narrow(0, 0, 2)", "x"), Operation("x.narrow(1, 3, 0)", "x[:, :0]"),
    Operation("index_put(x, (tensor([1, 0]),), v)", "x * 0 + v"),
    Operation("x.index_put((tensor([0, 1]), tensor([2, 2])), s)", "concatenate((x[:, :2], x[:, 2:] * 0 + s), 1)"),
    Operation("x.index_put((tensor([1, 1]),), y, accumulate=True)", "concatenate((x[:1], x[1:] + y.sum(0)))"),
]  # fmt: skip

GATHERING = [
    Operation("gather(x, 1, tensor([[2, 2], [0, 1]]))", "x[[[0], [1]], [[2, 2], [0, 1]]]"),
    Operation("x.t().gather(-2, tensor([[0, 2]]))", "x.T[[0, 2], [0, 1]][None]"),
    Operation("s.gather(0, tensor([0, 0]))", "s.repeat(2)"),
    Operation("b.gather(0, tensor([[[1, 0]], [[0, 0]]]))", "b[[[[1, 0]], [[0, 0]]], 0, [0, 1]]"),
    Operation("v.gather(0, tensor(1))", "v[1]"),
    Operation("scatter(x, 0, tensor([[1, 0, 1]]), r)", "where(tensor([[False, True, False], [True, False, True]]), r, x)"),
    Operation("x.scatter(-1, tensor([[2], [0]]), c)", "where(tensor([[False, False, True], [True, False, False]]), c, x)"),
    Operation("x.scatter(1, tensor([[2], [0]]), 5.0)",
        "where(tensor([[False, False, True], [True, False, False]]), x * 0 + 5, x)"),
    Operation("scatter_add(x, 0, tensor([[1, 0, 1], [1, 0, 0]]), y)",
              "x + (tensor([[[0, 1, 0], [0, 1, 1]], [[1, 0, 1], [1, 0, 0]]]) * y).sum(1).astype(x.dtype)"),
    Operation("s.scatter_add(0, tensor([0]), v[:1])", "s + v[0]"),
    Operation("take_along_dim(x, tensor([[-1, 0]]), 1)", "x[:, [-1, 0]]"),
    Operation("x.take_along_dim(tensor([[0, 5], [1, 1]]))", "x.ravel()[[0, 5, 1, 1]]"),
    Operation("take_along_dim(x, tensor([[1], [0], [1]]), dim=-2)", "x[[1, 0, 1]]"),
]  # fmt: skip

PICKING = [
    Operation("take(x, tensor([[0, -1], [5, 2]]))", "x.ravel()[[[0, -1], [5, 2]]]"),
    Operation("x.t().take(tensor(1))", "x[1, 0]"),
    Operation("s.take(tensor([0, 0]))", "s.repeat(2)"), Operation("n.take(tensor([]).long())", "n.ravel()"),
    Operation("put(x, tensor([4, -6]), c)", "tensor([[c[1, 0], *x[0, 1:]], [x[1, 0], c[0, 0], x[1, 2]]])"),
    Operation("x.t().put(tensor([4, 4]), c, True)", "stack((tensor([x[0, 0], x[0, 1], x[0, 2] + c.sum()]), x[1])).T"),
    Operation("masked_select(x, x > 0)", "x[x > 0]"),
    Operation("x.masked_select(tensor([True, False, True]))", "x[:, ::2].ravel()"),
    Operation("s.masked_select(tensor([[True], [True]]))", "s.repeat(2)"),
    Operation("v.masked_select(tensor([[False]]))", "v[:0]"),
    Operation("masked_scatter(x, tensor([True, False, True]), y)",
        "tensor([[y[0, 0], x[0, 1], y[0, 1]], [y[0, 2], x[1, 1], y[1, 0]]])"),
    Operation("s.masked_scatter(tensor([False, True]), x.t())", "tensor([s, x[0, 0]])"),
]  # fmt: skip

SORTING = [
    Operation("x.sort().values", "sort(x)"), Operation("sort(b, 1, True)[0]", "-sort(-b, 1)"),
    Operation("x.t().sort(dim=0, stable=True).values", "sort(x.T, 0)"), Operation("s.sort().values", "s"),
    Operation("n.sort(0).values", "n"),
    Operation("x.topk(2).values", "-sort(-x)[:, :2]"), Operation("topk(b, 1, 0, largest=False)[0]", "sort(b, 0)[:1]"),
    Operation("x.kthvalue(2).values", "sort(x)[:, 1]"), Operation("b.kthvalue(3, -1, True)[0]", "sort(b)[..., 2:3]"),
    Operation("x.median()", "sort(x.ravel())[2]"), Operation("b.median(1, keepdim=True).values", "sort(b, 1)[:, 1:2]"),
    Operation("nanmedian(x)", "sort(x.ravel())[2]"), Operation("x.nanmedian(-1).values", "sort(x)[:, 1]"),
    Operation("x.mode().values", "x.min(1)"), Operation("mode(b, 0, True)[0]", "b.min(0, keepdims=True)"),
    Operation("msort(b)", "sort(b, 0)"),
    Operation("x.cummax(1).values", "maximum.accumulate(x, 1)"), Operation("cummin(b, -1)[0]", "minimum.accumulate(b, -1)"),
    Operation("sub(*aminmax(x))", "x.min() - x.max()"), Operation("x.aminmax(dim=0).max", "x.max(0)"),
]  # fmt: skip

PRODUCT = [
    Operation("x.prod()"), Operation("prod(b, 1)", "b.prod(1)"), Operation("x.prod(-1, True)", "x.prod(-1, keepdims=True)"),
    Operation("s.prod()"), Operation("s.prod(0)", "s"), Operation("n.prod(0)"), Operation("x.cumprod(1)"),
    Operation("cumprod(b, 0)", "b.cumprod(0)"),
    Operation("s.cumprod(0)", "s"), Operation("x.norm()", "linalg.norm(x)"), Operation("norm(b, 1, -1)", "abs(b).sum(-1)"),
    Operation("x.norm(2, 0, True)", "linalg.norm(x, axis=0, keepdims=True)"), Operation("x.norm(p=inf)", "abs(x).max()"),
    Operation("x.norm(-inf, 1)", "abs(x).min(1)"), Operation("x.norm(3)", "(abs(x) ** 3).sum() ** (1 / 3)"),
    Operation("x.norm(0.5, dim=1)", "(abs(x) ** 0.5).sum(1) ** 2"), Operation("x.norm(0)", "(x != 0).sum().astype(x.dtype)"),
    Operation("x.nansum()", "x.sum()"), Operation("nansum(b, (0, 1))", "b.sum((0, 1))"), Operation("x.nanmean(1)", "x.mean(1)"),
    Operation("add(*var_mean(x, 1))", "x.var(1, ddof=1) + x.mean(1)"), Operation("std_mean(b, correction=0)[0]", "b.std()"),
    Operation("sub(*std_mean(x))", "x.std(ddof=1) - x.mean()"),
    Operation("var_mean(x, 0, keepdim=True)[1]", "x.mean(0, keepdims=True)"),
    Operation("diff(x)"), Operation("b.diff(2, 0)", "diff(b, 2, 0)"),
    Operation("diff(b, prepend=b[..., :1])", "diff(b, prepend=b[..., :1])"),
]  # fmt: skip

SPECIAL = [
    Operation("exp2(x)"), Operation("sgn(x)", "sign(x)"), Operation("deg2rad(x)"),
    Operation("x.rad2deg()", "rad2deg(x)"), Operation("sinc(x)"),
    Operation("logit(x / 4)", "log((x / 4) / (1 - x / 4))", positive=True),
    Operation("logit(x, eps=0.4)", "log(clip(x, 0.4, 0.6) / (1 - clip(x, 0.4, 0.6)))"),
    Operation("xlogy(x, y)", "x * log(y)", positive=True), Operation("xlogy(v, r)", "v * log(r)", positive=True),
    Operation("xlogy(x, 2)", "x * log(x * 0 + 2)"), Operation("xlogy(2, y)", "2 * log(y)", positive=True),
    Operation("copysign(x, -2)"),
    Operation("copysign(x, y)"), Operation("fmax(x, v)"), Operation("fmin(x, y)"), Operation("logaddexp2(x, y)"),
    Operation("float_power(x, 2)", "x.astype(float64) ** 2"), Operation("clamp_min(x, 0.5)", "maximum(x, 0.5).astype(x.dtype)"),
    Operation("x.clamp_max(y)", "minimum(x, y)"), Operation("clamp_min(x, v)", "maximum(x, v)"),
    Operation("x.clamp_max(-0.5)", "minimum(x, -0.5).astype(x.dtype)"),
    Operation('div(x, y, rounding_mode="floor")', "floor_divide(x, y)"),
    Operation('x.div(0.75, rounding_mode="trunc")', "trunc(x / 0.75)"),
    Operation("div(x, y, rounding_mode=None)", "x / y"), Operation('div(x, y, rounding_mode="trunc")', "trunc(x / y)"),
]  # fmt: skip


def functional(call: str, numpy: str, **inputs: Any) -> Operation:
    """A row of ``nn.functional``."""
    return Operation(f"nn.functional.{call}", numpy, **inputs)


SIGMOID = "(1 / (1 + exp(-{})))"
ACTIVATION = [
    functional("leaky_relu(x)", "where(x > 0, x, x * 0.01).astype(x.dtype)"),
    functional("leaky_relu(x, 0.5)", "where(x > 0, x, x / 2)"),
    functional("rrelu(x)", "where(x > 0, x, x * (11 / 48)).astype(x.dtype)"),
    functional("rrelu(x, 0.25, 0.25, True)", "where(x > 0, x, x / 4)"),
    functional("elu(x)", "where(x > 0, x, expm1(x))"), functional("elu(x, alpha=0.5)", "where(x > 0, x, expm1(x) / 2)"),
    functional("celu(x, 2.0)", "where(x > 0, x, 2 * expm1(x / 2))"),
    functional("selu(x)", "(1.0507009873554805 * where(x > 0, x, 1.6732632423543772 * expm1(x))).astype(x.dtype)"),
    functional("gelu(x)", "(x / 2 * (1 + vectorize(__import__('math').erf)(x / sqrt(2)))).astype(x.dtype)"),
    functional('gelu(x, approximate="tanh")', "x / 2 * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x**3)))"),
    functional("silu(x)", f"x * {SIGMOID.format('x')}"), functional("mish(x)", "x * tanh(log1p(exp(x)))"),
    functional("softplus(x)", "log1p(exp(x))"),
    functional("softplus(x, beta=2, threshold=1)", "where(2 * x > 1, x, log1p(exp(2 * x)) / 2)"),
    functional("logsigmoid(x)", f"log({SIGMOID.format('x')})"), functional("softsign(x)", "x / (1 + abs(x))"),
    functional("tanhshrink(x)", "x - tanh(x)"), functional("softshrink(x)", "sign(x) * maximum(abs(x) - 0.5, 0)"),
    functional("hardshrink(x, 0.75)", "where(abs(x) > 0.75, x, 0).astype(x.dtype)"), functional("hardtanh(x)", "clip(x, -1, 1)"),
    functional("hardtanh(x, -0.5, 0.75)", "clip(x, -0.5, 0.75)"), functional("relu6(x)", "clip(x, 0, 6)"),
    functional("hardsigmoid(x)", "clip(x + 3, 0, 6) / 6", twice=False), functional("hardswish(x)", "x * clip(x + 3, 0, 6) / 6"),
    functional("threshold(x, 0.5, 3.0)", "where(x > 0.5, x, 3).astype(x.dtype)"),
    functional("prelu(x, v)", "where(x > 0, x, x * v)"), functional("prelu(x, s.view(1))", "where(x > 0, x, x * s)"),
    functional("prelu(b, v)", "where(b > 0, b, b * v[:, None])"),
    functional("glu(b)", f"b[..., :2] * {SIGMOID.format('b[..., 2:]')}"),
    functional("glu(x, 0)", f"x[:1] * {SIGMOID.format('x[1:]')}"),
    functional("softmax(x, 1)", "exp(x) / exp(x).sum(1, keepdims=True)"), Operation("b.softmax(0)", "exp(b) / exp(b).sum(0)"),
    Operation("softmax(s, 0)", "s * 0 + 1"), Operation("n.softmax(1)", "n"),
    functional("log_softmax(x, -1)", "x - log(exp(x).sum(1, keepdims=True))"),
    Operation("x.t().log_softmax(0)", "x.T - log(exp(x.T).sum(0))"),
    functional("softmin(x, 1)", "exp(-x) / exp(-x).sum(1, keepdims=True)"),
    functional("softmax(x, 1, dtype=float64)", "exp(x.astype(float64)) / exp(x.astype(float64)).sum(1, keepdims=True)"),
    functional("relu(x)", "maximum(x, 0)"), functional("elu(x.clone(), inplace=True)", "where(x > 0, x, expm1(x))"),
]  # fmt: skip

T01, LOG = "tensor([0, 2])", "(x - log(exp(x).sum(1, keepdims=True)))"
WEIGHT = "tensor([1.0, 2.0, 4.0]).to(x.dtype)"
LOSSES = [
    functional("mse_loss(x, y)", "((x - y) ** 2).mean()"), functional('mse_loss(x, y, reduction="none")', "(x - y) ** 2"),
    functional('mse_loss(x, y, reduction="sum")', "((x - y) ** 2).sum()"), functional("l1_loss(x, y)", "abs(x - y).mean()"),
    functional("smooth_l1_loss(x, y)", "where(abs(x - y) < 1, (x - y) ** 2 / 2, abs(x - y) - 0.5).mean()"),
    functional('smooth_l1_loss(x, y, beta=0.5, reduction="none")', "where(abs(x - y) < 0.5, (x - y) ** 2, abs(x - y) - 0.25)"),
    functional("smooth_l1_loss(x, y, beta=0.0)", "abs(x - y).mean()"),
    functional('huber_loss(x, y, "sum", 0.75)', "where(abs(x - y) <= 0.75, (x - y) ** 2 / 2, 0.75 * (abs(x - y) - 0.375)).sum()"),
    functional(f"nll_loss(x, {T01})", "-(x[0, 0] + x[1, 2]) / 2"), functional("nll_loss(v, tensor(1))", "-v[1]"),
    functional(f'nll_loss(x, {T01}, reduction="none")', "-x[[0, 1], [0, 2]]"),
    functional(f'nll_loss(x, {T01}, weight=tensor([1.0, 2.0, 4.0]).to(x.dtype), reduction="sum")', "-(x[0, 0] + 4 * x[1, 2])"),
    functional(f"nll_loss(x, {T01}, tensor([1.0, 2.0, 4.0]).to(x.dtype))", "-(x[0, 0] + 4 * x[1, 2]) / 5"),
    functional("nll_loss(x, tensor([0, -100]))", "-x[0, 0]"),
    functional("nll_loss(x, tensor([0, 1]), ignore_index=1)", "-x[0, 0]"),
    functional("nll_loss(b, tensor([[0, 1, 2, 2], [2, 1, 0, 0]]))",
               "-(b[0, [0, 1, 2, 2], range(4)].sum() + b[1, [2, 1, 0, 0], range(4)].sum()) / 8"),
    functional('nll_loss(b[..., None], tensor([[[0], [1], [2], [2]]] * 2), reduction="sum")',
        "-b[:, [0, 1, 2, 2], range(4)].sum()"),
    functional(f"cross_entropy(x, {T01})", f"-{LOG}[[0, 1], [0, 2]].mean()"),
    functional(f'cross_entropy(x, {T01}, reduction="none")', f"-{LOG}[[0, 1], [0, 2]]"),
    functional("cross_entropy(v, tensor(2))", "log(exp(v).sum()) - v[2]"),
    functional("cross_entropy(b, tensor([[0, 1, 2, 2], [2, 1, 0, 0]]))",
               "-(b - log(exp(b).sum(1, keepdims=True)))[[[0], [1]], [[0, 1, 2, 2], [2, 1, 0, 0]], [range(4)] * 2].mean()"),
    functional("cross_entropy(x, y.softmax(1))", f"-({LOG} * exp(y) / exp(y).sum(1, keepdims=True)).sum() / 2"),
    functional('cross_entropy(x, y.softmax(1), reduction="none", label_smoothing=0.5)',
               f"-({LOG} * (exp(y) / exp(y).sum(1, keepdims=True) / 2 + 1 / 6)).sum(1)"),
    functional("binary_cross_entropy_with_logits(x, y)", "(log1p(exp(-x)) + x * (1 - y)).mean()"),
    functional('binary_cross_entropy_with_logits(x, y, tensor([1.0, 2.0, 4.0]).to(x.dtype), reduction="sum")',
               "((log1p(exp(-x)) + x * (1 - y)) * [1, 2, 4]).sum().astype(x.dtype)"),
    functional("binary_cross_entropy_with_logits(x, y, pos_weight=tensor([1.0, 2.0, 4.0]).to(x.dtype))",
               "((1 + ([0, 1, 3] * y)) * log1p(exp(-x)) + x * (1 - y)).mean().astype(x.dtype)"),
    functional("binary_cross_entropy(sigmoid(x), sigmoid(y))",
               "(lambda p, q: -(q * log(p) + (1 - q) * log(1 - p)).mean())(1 / (1 + exp(-x)), 1 / (1 + exp(-y)))"),
    functional('kl_div(x, y, reduction="batchmean")', "(y * (log(y) - x)).sum() / 2", positive=True),
    functional('kl_div(x, y, reduction="sum", log_target=True)', "(exp(y) * (y - x)).sum()"),
    functional('poisson_nll_loss(x, y, reduction="sum")', "(exp(x) - y * x).sum()"),
    functional("poisson_nll_loss(x, y, log_input=False)", "(x - y * log(x + 1e-8)).mean()", positive=True),
    functional("gaussian_nll_loss(x, y, r * r)", "((log(r * r) + (x - y) ** 2 / (r * r)) / 2).mean()"),
    functional("cosine_similarity(x, y)", "(x * y).sum(1) / sqrt((x * x).sum(1) * (y * y).sum(1))"),
    functional("pairwise_distance(x, y)", "sqrt(((x - y + 1e-6) ** 2).sum(1)).astype(x.dtype)"),
    functional("cosine_embedding_loss(x, y, tensor([1, -1]))",
               "(lambda c: (1 - c[0] + maximum(c[1], 0)) / 2)((x * y).sum(1) / sqrt((x * x).sum(1) * (y * y).sum(1)))"),
    functional("triplet_margin_loss(x, y, r.expand(2, 3), margin=2.0)",
               "(lambda d: maximum(d(y) - d(r) + 2, 0).mean())(lambda z: sqrt(((x - z + 1e-6) ** 2).sum(1))).astype(x.dtype)"),
    functional("margin_ranking_loss(x, y, tensor([[1, -1, 1]]), margin=0.5)",
        "maximum([-1, 1, -1] * (x - y) + 0.5, 0).mean().astype(x.dtype)"),
    functional("hinge_embedding_loss(x, tensor([1, -1, 1]), margin=0.5)",
        "where([True, False, True], x, maximum(0.5 - x, 0)).mean().astype(x.dtype)"),
    functional("soft_margin_loss(x, tensor([1.0, -1.0, 1.0]).to(x.dtype))", "log1p(exp(-x * array([1, -1, 1], x.dtype))).mean()"),
    functional("multilabel_soft_margin_loss(x, y)", "(log1p(exp(-x)) + x * (1 - y)).mean()"),
    functional("mse_loss(x, y, weight=r.expand(2, 3))", "((x - y) ** 2 * r).sum() / (r.sum() * 2)", positive=True),
    functional('l1_loss(x, y, reduction="none", weight=x)', "abs(x - y) * x"),
    functional("huber_loss(x, y, weight=y)", "(where(abs(x - y) <= 1, (x - y) ** 2 / 2, abs(x - y) - 0.5) * y).mean()"),
    functional("mse_loss(s, s * 2)", "s * s"), functional("mse_loss(x.t(), y.t())", "((x - y) ** 2).mean()"),
    functional(f"cross_entropy(x, {T01}, label_smoothing=0.25)",
               f"-(0.75 * {LOG}[[0, 1], [0, 2]].mean() + 0.25 * {LOG}.mean())"),
    functional(f'cross_entropy(x, {T01}, {WEIGHT}, label_smoothing=0.25, reduction="none")',
               f"(-(0.75 * array([1, 4]) * {LOG}[[0, 1], [0, 2]] + 0.25 * ({LOG} * [1, 2, 4]).mean(1))).astype(x.dtype)"),
    functional(f"cross_entropy(x, tensor([0, -100]), {WEIGHT}, label_smoothing=0.25)",
               f"(-(0.75 * {LOG}[0, 0] + 0.25 * ({LOG}[0] * [1, 2, 4]).mean())).astype(x.dtype)"),
    functional("cross_entropy(v, u.softmax(0), u)", "-((v - log(exp(v).sum())) * exp(u) / exp(u).sum() * u).sum()"),
    functional("cross_entropy(b, d.mT.softmax(1), v)",
               "-((b - log(exp(b).sum(1, keepdims=True))) * (e := exp(d.swapaxes(1, 2))) / e.sum(1, keepdims=True)"
               " * v[:, None]).sum() / 8"),
    functional("cross_entropy(x.t(), tensor([1, 0, 1]))", "-(x - log(exp(x).sum(0)))[[1, 0, 1], range(3)].mean()"),
    functional('nll_loss(b, tensor([[0, 1, 2, 2], [2, 1, 0, 0]]), reduction="none")',
               "-b[[[0], [1]], [[0, 1, 2, 2], [2, 1, 0, 0]], [range(4)] * 2]"),
    functional("pairwise_distance(x, y, p=1, keepdim=True)", "abs(x - y + 1e-6).sum(1, keepdims=True).astype(x.dtype)"),
    functional("pairwise_distance(x, v, p=3.0)", "((abs(x - v + 1e-6) ** 3).sum(1) ** (1 / 3)).astype(x.dtype)"),
    functional("pairwise_distance(v, u, inf)", "abs(v - u + 1e-6).max().astype(v.dtype)"),
    functional("cosine_similarity(b, v[:, None], -1)", "(b * v[:, None]).sum(-1) / sqrt((b * b).sum(-1) * 4 * v * v)"),
    functional('triplet_margin_loss(x, y, r.expand(2, 3), p=1, swap=True, reduction="sum")',
               "(lambda d: maximum(d(x - y) - minimum(d(x - r), d(y - r)) + 1, 0).sum())"
               "(lambda z: abs(z + 1e-6).sum(1)).astype(x.dtype)"),
    functional("triplet_margin_with_distance_loss(x, y, r.expand(2, 3), distance_function=lambda x, y: (x * y).sum(1))",
               "maximum((x * y).sum(1) - (x * r).sum(1) + 1, 0).mean()"),
    functional("margin_ranking_loss(x, y, sign(y), 2.0)", "maximum(-sign(y) * (x - y) + 2, 0).mean()"),
    functional(f"multi_margin_loss(x, {T01})",
               "(maximum(1 - x[0, 0] + x[0, 1:], 0).sum() + maximum(1 - x[1, 2] + x[1, :2], 0).sum()) / 6", twice=False),
    functional(f'multi_margin_loss(x, {T01}, 2, 1.5, {WEIGHT}, reduction="none")',
               "(lambda gap: array([(gap(0, [1, 2]) ** 2).sum(), 4 * (gap(1, [0, 1]) ** 2).sum()]) / 3)"
               "(lambda i, rest: maximum(1.5 - x[i, 2 * i] + x[i, rest], 0))",
        twice=False),
    functional("multi_margin_loss(v, tensor(1))", "maximum(1 - v[1] + v[[0, 2]], 0).sum() / 3", twice=False),
    functional("multilabel_margin_loss(x, tensor([[2, 0, -1], [1, -1, 0]]))",
               "(maximum(1 - x[0, [2, 0]] + x[0, 1], 0).sum() + maximum(1 - x[1, 1] + x[1, [0, 2]], 0).sum()) / 6", twice=False),
    functional('multilabel_margin_loss(v, tensor([1, 1, -1]), reduction="sum")',
               "2 * maximum(1 - v[1] + v[[0, 2]], 0).sum() / 3", twice=False),
    functional('multilabel_soft_margin_loss(b, b.sigmoid(), v[:, None], reduction="none")',
               f"(({SIGMOID.format('b')} * log1p(exp(-b)) + (1 - {SIGMOID.format('b')}) * log1p(exp(b))) * v[:, None]).mean(-1)"),
    functional("poisson_nll_loss(x, y + 1, full=True)",
               "(exp(x) - (t := y + 1) * x + t * log(t) - t + log(2 * pi * t) / 2).mean()", positive=True),
    functional("gaussian_nll_loss(x, y, v[:2], full=True)",
               "((log(2 * pi) + log(v[:2, None]) + (x - y) ** 2 / v[:2, None]) / 2).mean().astype(x.dtype)", positive=True),
    functional('kl_div(x, v, reduction="none")', "v * (log(v) - x)", positive=True),
    functional('soft_margin_loss(x, tensor([[1], [-1]]), reduction="none")', "log1p(exp(-x * array([[1], [-1]], x.dtype)))"),
]  # fmt: skip

LINALG = [
    *map(Operation, ["x @ a", "x @ v", "v @ a", "v @ u", "b @ d", "n @ a", "matmul(x, a)", "dot(v, u)", "v.dot(v)"]),
    Operation("x @ x.t()", "x @ x.T"), Operation("b @ x", x=(4, 2)), Operation("b @ v", v=(4,)),
    Operation("b @ d", d=(1, 4, 2)), Operation("b.mT @ x", "b.swapaxes(1, 2) @ x", x=(3, 2)),
    Operation("b.transpose(0, 1) @ a", "b.swapaxes(0, 1) @ a", a=(4, 2)),
    Operation("b.mT @ v", "b.swapaxes(1, 2) @ v"),
    Operation("b.mT @ d.mT", "b.swapaxes(1, 2) @ d.swapaxes(1, 2)", b=(3, 2, 4), d=(3, 5, 2)),
    Operation("b @ d", b=(5, 1, 2, 3), d=(4, 3, 2)), Operation("x @ d", d=(2, 3, 4)),
    Operation("v @ d", d=(2, 3, 4)), Operation("v @ d", d=(1, 2, 3, 4)),
    Operation("b @ v", b=(2, 2, 2, 3)), Operation("b @ x", x=(2, 1), b=(2, 1, 2, 2)),
    Operation("n.t() @ n", "n.T @ n"), Operation("b @ a", b=(0, 2, 3)), Operation("mm(x, a)", "x @ a"),
    Operation("x.mm(a)", "x @ a"), Operation("mv(x, v)", "x @ v"), Operation("bmm(b, d)", "b @ d"),
    Operation("mm(x.t(), x)", "x.T @ x"), Operation("relu(x @ a) @ a.t()", "maximum(x @ a, 0) @ a.T"),
]  # fmt: skip

PRODUCTS = [
    *(
        Operation(f"{f}({i}, {m1}, {m2}{scale})", numpy.format(i=i, x=m1, y=m2, beta=beta, alpha=alpha), **shapes)
        for scale, beta, alpha in [("", 1, 1), (", beta=2, alpha=0.5", 2, 0.5), (", beta=0", 0, 1)]
        for f, i, m1, m2, numpy, shapes in [
            ("addmm", "u", "x", "a", "{beta} * {i} + {alpha} * ({x} @ {y})", {"u": (2, 4)}),
            ("addmm", "u", "x", "a", "{beta} * {i} + {alpha} * ({x} @ {y})", {"u": (4,)}),
            ("addmv", "u", "x", "v", "{beta} * {i} + {alpha} * ({x} @ {y})", {"u": (2,)}),
            ("addr", "s", "u", "v", "{beta} * {i} + {alpha} * outer({x}, {y})", {"u": (2,)}),
            ("baddbmm", "r", "b", "d", "{beta} * {i} + {alpha} * ({x} @ {y})", {}),
            ("addbmm", "r", "b", "d", "{beta} * {i} + {alpha} * ({x} @ {y}).sum(0)", {}),
        ]
    ),
    Operation("x.addmm(c, r)", "x + c @ r"), Operation("addmm(x, n.t(), a)", "x + n.T @ a", n=(0, 2), a=(0, 3)),
    Operation("addmm(x, a.t(), a)", "x + a.T @ a", x=(1, 3), a=(2, 3)), Operation("x.clone().addmm_(c, r)", "x + c @ r"),
    Operation("addmv(s, x, v)", "s + x @ v"), Operation("addr(x, c[:, 0], v)", "x + c * v"),
    Operation("baddbmm(x, b, d)", "x + b @ d", x=(3, 3)),
    Operation("outer(u, v)", u=(2,)), Operation("v.ger(v)", "outer(v, v)"),
    Operation("outer(x.t()[1], n[:, 0])", "outer(x[:, 1], n[:, 0])"),
    Operation("vdot(v, u)"), Operation("inner(v, u)"), Operation("x.inner(y)", "inner(x, y)"), Operation("inner(b, u)", u=(4,)),
    Operation("inner(s, x)"), Operation("inner(x.t(), c.t())", "inner(x.T, c.T)"), Operation("inner(n, x)"),
    Operation("tensordot(x, a, 1)"), Operation("tensordot(v, u, 0)"), Operation("tensordot(x, y)"),
    Operation("tensordot(s, x, 0)"),
    Operation("tensordot(b, d, ([1, 2], [2, 1]))"),
    Operation("tensordot(b, d, dims=([-1, 0], [1, 0]))", "tensordot(b, d, ([-1, 0], [1, 0]))"),
    Operation("tensordot(x, c, ([0, 1], [0, 1]))", "(x * c).sum()"),
    Operation("tensordot(b.mT, x.t(), ([0], [1]))", "tensordot(b.mT, x.T, ([0], [1]))"),
    Operation("kron(x, a)"), Operation("kron(v, u)"), Operation("x.kron(v)", "kron(x, v)"),
    Operation("kron(s, x.t())", "kron(s, x.T)"),
    Operation("kron(n, r)"),
    Operation("chain_matmul(x, a, u)", "x @ a @ u", u=(4, 2)), Operation("chain_matmul(x, x.t())", "x @ x.T"),
    Operation("chain_matmul(x, a, u, y)", "x @ a @ u @ y", u=(4, 2), y=(2, 1)), Operation("chain_matmul(r, a)", "r @ a"),
    Operation("linalg.multi_dot([v, a, u])", "v @ a @ u", u=(4,)),
    Operation("linalg.multi_dot((x, a, a.t(), v))", "x @ a @ a.T @ v"),
    Operation("linalg.vecdot(x, v)", "(x * v).sum(-1)"), Operation("linalg.vecdot(v, u)", "(v * u).sum(-1)"),
    Operation("linalg.vecdot(x, c, dim=0)", "(x * c).sum(0)"),
    Operation("cross(x, y)"), Operation("linalg.cross(b, d, dim=1)", "cross(b, d, axis=1)", d=(1, 3, 1)),
    Operation("x.t().cross(y.t())", "cross(x.T, y.T, axis=0)"), Operation("linalg.cross(n, r)", "cross(n, r)"),
]  # fmt: skip

EINSUM = [
    *(Operation(f"einsum({equation!r}, {operands})", **shapes) for equation, operands, shapes in [
        ("ij->ji", "x", {}), ("ji", "x", {}), ("ij->i", "x", {}), ("ij->", "x", {}), ("ij,jk->ik", "x, a", {}),
        ("ij,jk", "x, a", {}),
        ("bij,bjk->bik", "b, d", {}), ("i,j->ij", "v, u", {}), ("i,j->ji", "v, u", {"u": (2,)}), ("i,i", "v, u", {}),
        ("ij,ij->ij", "x, y", {}),
        ("ij,ij->", "x, y", {}), ("...i,...i->...", "b, u", {"u": (3, 4)}), ("...ij->...ji", "b", {}), ("i...->...", "b", {}),
        ("bij,jk,kl->bil", "b, d, x", {"d": (4, 2)}), ("i,ij,j->", "v, x, u", {"x": (3, 3)}), ("ij,k->kij", "x, v", {}),
        ("bn,anm,bm->ba", "x, b, y", {"b": (2, 3, 4), "y": (2, 4)}), ("ij,j", "x, v", {}), ("ij,ik->kj", "x, y", {}),
        ("bij,bkl->", "b, d", {}), ("Ab,bA", "x, y", {"y": (3, 2)}), ("ij,jk->ik", "n, x", {"x": (3, 2)}), (",i", "s, v", {}),
        ("i j , j k -> i k", "x, a", {}), ("...ij,...jk", "b, d", {"d": (4, 3)}), ("abc,cb->ca", "b, a", {"a": (4, 3)}),
        ("i,i,i->i", "v, u, v", {}), ("ij,kj,lj->ikl", "x, y, x", {}),
    ]),
    *(Operation(f"einsum({equation!r}, {operands})", numpy, **shapes) for equation, operands, numpy, shapes in [
        ("ii->i", "x", "diagonal(x)", {"x": (3, 3)}), ("ii", "x", "trace(x)", {"x": (3, 3)}),
        ("ii,i->i", "x, v", "diagonal(x) * v", {"x": (3, 3)}),
        ("iji->j", "b", "einsum('iji->j', b)", {"b": (2, 3, 2)}), ("iii->", "b", "einsum('iii->', b)", {"b": (2, 2, 2)}),
        ("bii->b", "b", "trace(b, axis1=1, axis2=2)", {"b": (2, 3, 3)}), ("ij,jk->ik", "x.t(), y", "x.T @ y", {}),
        ("ij,ij->i", "x, c", "(x * c).sum(1)", {}), ("ij,jk->ik", "[x, a]", "x @ a", {}),
    ]),
    Operation("einsum(x, [0, 1], a, [1, 2], [2, 0])", "(x @ a).T"),
    Operation("einsum(b, [..., 0], [0, ...])", "moveaxis(b, -1, 0)"),
    Operation("einsum(x, [27, 28])", "x"),
]  # fmt: skip

DISTANCES = [
    *(
        Operation(f"cdist(x, y, p={p})", f"({numpy.format('abs(x[:, None] - y)')})", y=(4, 3))
        for p, numpy in [
            (2.0, "sqrt(({0} ** 2).sum(-1))"), (1.0, "{0}.sum(-1)"), (3.0, "cbrt(({0} ** 3).sum(-1))"),
            (0.5, "(sqrt({0}).sum(-1)) ** 2"),
        ]
    ),
    Operation("cdist(x, y, p=1e999)", "abs(x[:, None] - y).max(-1)", y=(5, 3)),
    Operation("cdist(b, r)", "sqrt(((b[..., None, :] - r) ** 2).sum(-1))", r=(1, 4)),
    Operation("cdist(x.t(), y.t())", "sqrt(((x.T[:, None] - y.T) ** 2).sum(-1))", y=(2, 1)),
    Operation("cdist(n, x)", "zeros((0, 2), x.dtype)"),
    Operation("cdist(x, y, 2, 'use_mm_for_euclid_dist')", "sqrt(((x[:, None] - y) ** 2).sum(-1))", y=(4, 3)),
    Operation("cdist(b, y, 2, 'use_mm_for_euclid_dist')", "sqrt(((b[:, :, None] - y) ** 2).sum(-1))", y=(2, 4)),
    Operation("cdist(x, y, p=0)", "(x[:, None] != y).sum(-1).astype(x.dtype)"),
]  # fmt: skip

SOLVING = [
    *(Operation(expression, numpy, m=(3, 3), q=(2, 2, 2)) for expression, numpy in [
        ("trace(m)", "trace(m)"), ("x.trace()", "trace(x)"), ("n.trace()", "trace(n)"),
        ("linalg.inv(m)", "linalg.inv(m)"), ("q.inverse()", "linalg.inv(q)"), ("inverse(m.t())", "linalg.inv(m.T)"),
        ("linalg.det(m)", "linalg.det(m)"), ("q.det()", "linalg.det(q)"), ("det(m.t())", "linalg.det(m.T)"),
        ("slogdet(m)[1]", "linalg.slogdet(m)[1]"), ("linalg.slogdet(q).logabsdet", "linalg.slogdet(q)[1]"),
        ("logdet(m @ m.mT)", "log(linalg.det(m @ m.mT))"),
        ("linalg.solve(m, v)", "linalg.solve(m, v)"), ("linalg.solve(m, x.t())", "linalg.solve(m, x.T)"),
        ("linalg.solve(m, x, left=False)", "x @ linalg.inv(m)"), ("linalg.solve(q, c)", "linalg.solve(q, c)"),
        ("linalg.solve(q, x[:, 1:])", "linalg.solve(q, x[:, 1:, None])[..., 0]"),
        ("linalg.solve(q[0], q)", "linalg.solve(q[0], q)"),
        ("linalg.solve(q, x.t(), left=False)", "x.T @ linalg.inv(q)"), ("linalg.solve(q, x)", "linalg.solve(q, x)"),
        ("linalg.solve_triangular(m, x.t(), upper=True)", "linalg.solve(triu(m), x.T)"),
        ("linalg.solve_triangular(m, x, upper=False, left=False)", "x @ linalg.inv(tril(m))"),
        ("linalg.solve_triangular(m, x, upper=True, left=False)", "x @ linalg.inv(triu(m))"),
        ("linalg.solve_triangular(q, c, upper=False, unitriangular=True)", "linalg.inv(tril(q, -1) + eye(2, dtype=q.dtype)) @ c"),
        ("linalg.solve_triangular(m.t(), x.t(), upper=True, unitriangular=True)",
         "linalg.solve(triu(m.T, 1) + eye(3, dtype=m.dtype), x.T)"),
        *((f"linalg.matrix_power(m, {n})", f"linalg.matrix_power(m, {n})") for n in (0, 1, 2, 3, 4, 5, 6, -1, -2)),
        ("q.matrix_power(3)", "linalg.matrix_power(q, 3)"),
        ("linalg.pinv(x)", "linalg.pinv(x)"), ("linalg.pinv(x.t())", "linalg.pinv(x.T)"), ("pinverse(q)", "linalg.pinv(q)"),
        ("linalg.pinv(m @ m.mT + diag(v * v), hermitian=True)", "linalg.inv(m @ m.mT + diag(v * v))"),
        ("linalg.pinv(v.outer(u))", "linalg.pinv(outer(v, u))"),
        ("linalg.lstsq(x, c)[0]", "linalg.pinv(x) @ c"), ("linalg.lstsq(x.t(), v).solution", "linalg.pinv(x.T) @ v"),
        ("linalg.lstsq(b, d.mT)[0]", "linalg.pinv(b) @ d.mT"), ("linalg.lstsq(m, x.t())[0]", "linalg.solve(m, x.T)"),
    ]),
]  # fmt: skip

DECOMPOSITIONS = [
    *(Operation(expression, numpy, m=(3, 3), q=(2, 2, 2)) for expression, numpy in [
        ("linalg.cholesky(m @ m.mT)", "linalg.cholesky(m @ m.mT)"),
        ("linalg.cholesky(q @ q.mT, upper=True)", "linalg.cholesky(q @ q.mT, upper=True)"),
        ("(m @ m.t() + diag(v * v)).cholesky()", "linalg.cholesky(m @ m.T + diag(v * v))"),
        ("cholesky(m @ m.mT, True)", "linalg.cholesky(m @ m.mT).mT"),
        ("linalg.eigh(m + m.mT)[0]", "linalg.eigvalsh(m + m.mT)"), ("linalg.eigvalsh(q + q.mT)", "linalg.eigvalsh(q + q.mT)"),
        ("linalg.eigh(m + m.mT)[1] ** 2", "linalg.eigh(m + m.mT)[1] ** 2"),
        ("linalg.eigh(q + q.mT, 'U').eigenvectors ** 2", "linalg.eigh(q + q.mT)[1] ** 2"),
        ("(lambda L, V: V * L.exp() @ V.mT)(*linalg.eigh(m + m.mT))", "(lambda L, V: V * exp(L) @ V.mT)(*linalg.eigh(m + m.mT))"),
        *((f"linalg.qr({a})[{i}] ** 2", f"linalg.qr({a.replace('t()', 'T')})[{i}] ** 2")
          for i in (0, 1) for a in ("m", "q", "x", "x.t()")),
        ("linalg.qr(x, 'complete')[1] ** 2", "linalg.qr(x, 'complete')[1] ** 2"), ("m.qr()[0] ** 2", "linalg.qr(m)[0] ** 2"),
        ("(lambda Q, R: Q ** 2 @ R ** 2)(*linalg.qr(x))", "(lambda Q, R: Q ** 2 @ R ** 2)(*linalg.qr(x))"),
        ("(lambda Q, R: Q ** 2 @ R ** 2)(*linalg.qr(x.t()))", "(lambda Q, R: Q ** 2 @ R ** 2)(*linalg.qr(x.T))"),
        ("linalg.svdvals(x)", "linalg.svdvals(x)"), ("linalg.svd(b).S", "linalg.svdvals(b)"),
        ("svd(x.t(), compute_uv=False)[1]", "linalg.svdvals(x.T)"),
        *((f"linalg.svd({a}, full_matrices=False)[{i}] ** 2", f"linalg.svd({a.replace('t()', 'T')}, False)[{i}] ** 2")
          for i in (0, 2) for a in ("m", "x", "x.t()", "q")),
        ("linalg.svd(x)[0] ** 2", "linalg.svd(x)[0] ** 2"), ("x.svd()[2] ** 2", "linalg.svd(x, False)[2].T ** 2"),
        ("(lambda U, S, Vh: (U * S.exp()) @ Vh)(*linalg.svd(x, full_matrices=False))",
         "(lambda U, S, Vh: (U * exp(S)) @ Vh)(*linalg.svd(x, False))"),
        ("(lambda U, S, Vh: (U * S.exp()) @ Vh)(*linalg.svd(x.t(), full_matrices=False))",
         "(lambda U, S, Vh: (U * exp(S)) @ Vh)(*linalg.svd(x.T, False))"),
    ]),
]  # fmt: skip

MATRIX_NORMS = [
    *(
        Operation(f"linalg.matrix_norm({name}, {p}{rest})", f"linalg.norm({name}, {p if p != '1e999' else 'inf'}, {axes}{keep})")
        for p in ("'fro'", "'nuc'", "2", "-2", "1", "-1", "1e999")
        for name, rest, axes, keep in [("x", "", "(0, 1)", ""), ("b", ", (0, -1), True", "(0, 2)", ", True"),
        ("b", ", (2, 0)", "(2, 0)", "")]
    ),
    Operation("linalg.norm(x)"), Operation("linalg.norm(b)", "sqrt((b ** 2).sum())"), Operation("linalg.norm(v, 1)"),
    Operation("linalg.norm(x, 2)"),
    Operation("linalg.norm(b, dim=1)", "linalg.norm(b, axis=1)"), Operation("linalg.norm(b, 3, 1, True)"),
    Operation("linalg.norm(x.t(), 'nuc')", "linalg.norm(x.T, 'nuc')"),
    Operation("linalg.norm(b, 'fro', (0, 1))"), Operation("linalg.norm(s)", "abs(s)"),
    Operation("linalg.norm(b, 1, dim=(0, 1))", "linalg.norm(b, 1, (0, 1))"),
]  # fmt: skip

NORMAL = "(({0} - {0}.mean({1}, keepdims=True)) / sqrt({0}.var({1}, keepdims=True) + 1e-5))"
NORMALIZATION = [
    Operation(f"nn.functional.{call}", numpy, **shapes) for call, numpy, shapes in [
        ("layer_norm(x, (3,), v, u)", NORMAL.format("x", 1) + " * v + u", {}),
        ("layer_norm(x, [3])", NORMAL.format("x", 1), {}),
        ("layer_norm(x.t(), (2,), c.view(2))", NORMAL.format("x.T", 1) + " * c[:, 0]", {}),
        ("layer_norm(b, (3, 4), a)", NORMAL.format("b", "(1, 2)") + " * a", {}),
        ("layer_norm(v, (3,), eps=0.5)", "(v - v.mean()) / sqrt(v.var() + 0.5)", {}), ("layer_norm(n, (3,), v)", "n * v", {}),
        ("group_norm(b, 2, v, u)", NORMAL.format("b.reshape(2, 2, 2, 4)", "(2, 3)")
         + ".reshape(2, 4, 4) * v[:, None] + u[:, None]", {"b": (2, 4, 4), "v": (4,), "u": (4,)}),
        ("group_norm(x, 1)", NORMAL.format("x", 1), {}),
        ("group_norm(b.transpose(0, 1), 1, c.view(2))", NORMAL.format("b.swapaxes(0, 1)", "(1, 2)") + " * c", {}),
        ("batch_norm(x, None, None, v, u, True)", NORMAL.format("x", 0) + " * v + u", {"x": (4, 3)}),
        ("batch_norm(b, None, None, training=True)", NORMAL.format("b", "(0, 2)"), {}),
        ("batch_norm(b.transpose(0, 1), None, None, c.view(2), training=True)",
         NORMAL.format("b.swapaxes(0, 1)", "(0, 2)") + " * c", {}),
        ("batch_norm(b, v.detach() * 0 + 0.25, v.detach() * 0 + 2, v, u)",
         "(b - 0.25) / (2 + 1e-5) ** 0.5 * v[:, None] + u[:, None]", {}),
        ("batch_norm(x, v.detach() * 0 + 0.25, v.detach() * 0 + 2, v, eps=1.0)", "(x - 0.25) / 3**0.5 * v", {}),
        ("batch_norm(b, v.detach() * 0, v.detach() * 0 + 1, v, u, True)",
         NORMAL.format("b", "(0, 2)") + " * v[:, None] + u[:, None]", {}),
        ("instance_norm(b, None, None, v, u)", NORMAL.format("b", 2) + " * v[:, None] + u[:, None]", {}),
        ("instance_norm(b.transpose(0, 1))", NORMAL.format("b.swapaxes(0, 1)", 2), {}),
        ("rms_norm(x, (3,), v)", "x / sqrt((x * x).mean(1, keepdims=True) + finfo(x.dtype).eps) * v", {}),
        ("rms_norm(b, [3, 4], eps=0.5)", "b / sqrt((b * b).mean((1, 2), keepdims=True) + 0.5)", {}),
        ("normalize(x)", "x / sqrt((x * x).sum(1, keepdims=True))", {}),
        ("normalize(b, 1.0, (0, -1))", "b / abs(b).sum((0, 2), keepdims=True)", {}),
        ("normalize(x, eps=100)", "x / 100", {}),
    ]
]  # fmt: skip

LAYERS = [
    Operation(f"nn.functional.{call}", numpy, **shapes) for call, numpy, shapes in [
        ("linear(x, a)", "x @ a.T", {"a": (4, 3)}), ("linear(x, a, v)", "x @ a.T + v", {"a": (4, 3), "v": (4,)}),
        ("linear(v, x)", "x @ v", {}), ("linear(v, x, u)", "x @ v + u", {"u": (2,)}), ("linear(x, v)", "x @ v", {}),
        ("linear(b, a, v)", "b @ a.T + v", {"a": (3, 4)}), ("linear(b, a)", "b @ a.T", {"a": (3, 4)}),
        ("linear(b.transpose(0, 1), a, v)", "b.swapaxes(0, 1) @ a.T + v", {"a": (3, 4)}),
        ("linear(n, x, u)", "n @ x.T + u", {"u": (2,)}),
        ("linear(x.t(), x, s.view(1))", "x.T @ x.T + s", {"x": (2, 2)}),
        ("bilinear(x, y, d, v)", "einsum('ni,oij,nj->no', x, d, y) + v", {"y": (2, 2), "d": (4, 3, 2), "v": (4,)}),
        ("bilinear(v, u, b)", "einsum('i,oij,j->o', v, b, u)", {"u": (4,)}),
        ("bilinear(b.transpose(0, 1), b.transpose(0, 1), d)", "einsum('bni,bnj,oij->bno', *[b.swapaxes(0, 1)] * 2, d)",
         {"b": (2, 1, 2), "d": (1, 2, 2)}),
        ("embedding(tensor([[0, 1], [1, 1]]), x)", "x[[[0, 1], [1, 1]]]", {}),
        ("embedding(tensor(1), x.t(), scale_grad_by_freq=True)", "x[:, 1]", {}),
        ("embedding(tensor([0, 2, 2]), a) * 2", "a[[0, 2, 2]] * 2", {}),
        ("scaled_dot_product_attention(x, y, a)", "(w := exp(x @ y.T / 3**0.5)) / w.sum(1, keepdims=True) @ a",
         {"y": (4, 3), "a": (4, 2)}),
        ("scaled_dot_product_attention(x, y, a, tensor([[True, False, True, True], [False] * 4]), scale=0.5)",
         "(w := exp(x @ y.T / 2) * array([[1, 0, 1, 1], [0] * 4], x.dtype)) / array([[w[0].sum()], [1]], x.dtype) @ a",
         {"y": (4, 3), "a": (4, 2)}),
        ("scaled_dot_product_attention(b, b, b, is_causal=True, scale=-1)",
         "(w := exp(-b @ b.swapaxes(1, 2)) * tri(3, dtype=b.dtype)) / w.sum(-1, keepdims=True) @ b", {}),
        ("scaled_dot_product_attention(x, x, y, r.t() * r)",
         "(w := exp(x @ x.T / 3**0.5 + r.T * r)) / w.sum(1, keepdims=True) @ y",
         {"x": (3, 3), "y": (3, 2)}),
    ]
] + [
    Operation("addmm(v, x, a)", "v + x @ a", v=(4,)), Operation("addmm(s, x, y.t(), beta=0.5, alpha=2)", "s / 2 + 2 * x @ y.T"),
    Operation("c.addmm(x, x.t(), beta=0)", "0 * c + x @ x.T"), Operation("x.addmm(n.t(), n)", "x", x=(3, 3), n=(0, 3)),
]  # fmt: skip

PADDING = [
    Operation(f"nn.functional.pad({arguments})", f"pad({numpy})" if numpy[-1] != "]" else numpy) for arguments, numpy in [
        ("x, (1, 2)", "x, ((0, 0), (1, 2))"), ("x, [0, 1, 2, 0], value=2.5", "x, ((2, 0), (0, 1)), constant_values=2.5"),
        ("x.t(), (-1, 2)", "x.T[:, 1:], ((0, 0), (0, 2))"), ("s, ()", "s, 0"), ("b, (0, -1, 0, 0, -1, 0)", "b[1:, :, :3]"),
        ("n, (1, 1)", "n, ((0, 0), (1, 1))"),
        ("x, (1, 2), 'reflect'", "x, ((0, 0), (1, 2)), mode='reflect'"),
        ("b, (-1, 1), mode='reflect'", "b[:, :, 1:], ((0, 0), (0, 0), (0, 1)), mode='reflect'"),
        ("b, (3, 2, 1, 0), 'reflect'", "b, ((0, 0), (1, 0), (3, 2)), mode='reflect'"),
        ("b[None], (3, 2, 1, 0, 0, 1), 'reflect'", "b[None], ((0, 0), (0, 1), (1, 0), (3, 2)), mode='reflect'"),
        ("x, (4, 1), 'replicate'", "x, ((0, 0), (4, 1)), mode='edge'"),
        ("b.mT, (-2, 1, 0, 2), 'replicate'", "b.swapaxes(1, 2)[:, :, 2:], ((0, 0), (0, 2), (0, 1)), mode='edge'"),
        ("b[None], (0, 1, 1, 0, 2, 2), 'replicate'", "b[None], ((0, 0), (2, 2), (1, 0), (0, 1)), mode='edge'"),
        ("x, (1, 3), 'circular'", "x, ((0, 0), (1, 3)), mode='wrap'"),
        ("b, (1, 0, 0, 2), 'circular'", "b, ((0, 0), (0, 2), (1, 0)), mode='wrap'"),
        ("b, (2, -1), 'circular'", "b[:, :, :3], ((0, 0), (0, 0), (2, 0)), mode='wrap'"),
    ]
]  # fmt: skip

INDEXING = [
    *map(Operation, [
        "x[0]", "x[-1]", "x[0, 1]", "x[(1, -1)]", "x[:]", "x[1:]", "x[:, 1:]", "x[::2]", "x[5:]", "x[...]",
        "x[()]", "s[...]", "s[None]", "x[None]", "x[:, None]", "x[..., None]", "x[None, 0, None]", "x[:, 0]",
        "x[..., 0]", "x[0, ...]", "b[:, 1]", "b[0, ..., ::2]", "b[:, 1:3, -1]", "x[:, :]", "x[[0, 1]]",
        "x[[0, 0, 1, 0]]", "x[[-1]]", "x[[]]", "x[:, [2, 0, 2]]", "x[[0, 1], [2, 2]]", "x[tensor([1, 0, 1])]",
        "x[tensor([[0, 1], [1, 1]])]", "x[tensor([[0], [1]]), tensor([0, 2])]", "x[0, [1, 0, 1]]", "x[1:, [0, 1]]",
        "b[[0, 1], :, [0, 1]]", "b[:, [0, 1], [0, 1]]", "b[None, [0, 1]]", "b[[0, 1], None, [0, 1]]",
        "b[..., [0, 3, 3]]", "b[[0, 1], ..., [0, 3]]", "x[x > 0]", "x[tensor([True, False])]", "x[[True, False]]",
        "x[:, tensor([True, False, True])]", "x[tensor([False, False])]", "b[b > 0]",
        "b[tensor([[True, False, True], [False, True, True]])]", "b[tensor([True, False]), :, [1, 1]]",
        "b[0, tensor([True, False, True])]", "b[tensor([[True, False, True], [False, True, True]]), [0, 1, 1, 0]]",
        "x[True]", "x[False]", "s[True]", "x[0] * x[1] + x[[0, 0]]", "b[b > 0].sum()", "n[:, 0]", "n[[]]",
    ]),
    Operation("x[tensor(0)]", "x[0]"), Operation("x[[0, 1], 0]", "x[:, 0][[0, 1]]"),
    Operation("b[0, :, [0, 1]]", "b[0][:, [0, 1]]"), Operation("x[True, 0]", "x[0][True]"),
]  # fmt: skip

IN_PLACE = [
    Operation("x.clone().tril_()", "tril(x)"),
    Operation("x.clone().zero_()", "x * 0"), Operation("x.clone().fill_(2)", "x * 0 + 2"),
    Operation("x.clone().fill_(s)", "x * 0 + s"), Operation("x.clone().copy_(v)", "x * 0 + v"),
    Operation("x.clone().mul_(y).exp_()", "exp(x * y)"), Operation("x.clone().sub_(y, alpha=3)", "x - 3 * y"),
    Operation("x.clone().uniform_(2, 2)", "x * 0 + 2"), Operation("x.clone().normal_(3, 0)", "x * 0 + 3"),
    Operation("x.clone().random_(1, 2)", "x * 0 + 1"), Operation("x.clone().bernoulli_(1.0)", "x * 0 + 1"),
    Operation("x.clone().exponential_(inf)", "x * 0"),
    # Random numbers that are certain, whatever x is: what is drawn has no gradient for what it is drawn by.
    Operation("x.clone().random_(1)", "x * 0"), Operation("x.clone().bernoulli_(v.clamp(1, 1))", "x * 0 + 1"),
    Operation("bernoulli(x.clamp(1, 1))", "x * 0 + 1"), Operation("poisson(x.clamp(0, 0))", "x * 0"),
    Operation("normal(x.clamp(2, 2), 0.0)", "x * 0 + 2"), Operation("normal(1.5, s.clamp(0, 0))", "s * 0 + 1.5"),
    Operation("normal(n.t(), 1.0)", "n.T"), Operation("normal(x.clamp(2, 2), v.clamp(0, 0))", "x * 0 + 2"),
    Operation("((z := x.clone()).__setitem__([1], v), z)[1]", "concatenate((x[:1], [v]))"),
    Operation("((z := x.clone())[0].mul_(v), z)[1]", "concatenate((x[:1] * v, x[1:]))"),
    Operation("((z := x.clone())[0].tanh_(), z)[1]", "concatenate((tanh(x[:1]), x[1:]))"),
    Operation("(z := x.clone(), w := z[0], z.mul_(y), w)[3]", "(x * y)[0]"),
    Operation("(z := x.clone(), w := z.t(), w[2].mul_(c.view(2)), w)[3]", "concatenate((x[:, :2], x[:, 2:] * c), 1).T"),
]  # fmt: skip

SEEN = "lib.stride_tricks.sliding_window_view({}, {}, {})"  # NumPy's windows: their elements are the last dimensions
AROUND = "pad({}, [(0, 0)] * 2 + [(1, 1)] * 2)"
TWO, SQUARE = SEEN.format("i", "(2, 2)", "(2, 3)"), SEEN.format(AROUND.format("i"), "(2, 2)", "(2, 3)")
IMAGE = {"i": (2, 2, 3, 4), "k": (3, 2, 2, 2)}

IMAGES = [
    Operation("conv2d(i, k, v)", f"einsum('nchwij,ocij->nohw', {TWO}, k) + v[:, None, None]", **IMAGE),
    Operation("conv2d(i, k, stride=2, padding=1)", f"einsum('nchwij,ocij->nohw', {SQUARE}[:, :, ::2, ::2], k)", **IMAGE),
    Operation("conv2d(i[0].mT, k)", f"einsum('chwij,ocij->ohw', {TWO}[0], k.mT).mT", **IMAGE),
    Operation("conv2d(i, k, groups=2)", f"einsum('nchwij,cij->nchw', {TWO}, k[:, 0])", i=IMAGE["i"], k=(2, 1, 2, 2)),
    Operation("conv2d(i, k, v)", "einsum('nchw,oc->nohw', i, k[..., 0, 0]) + v[:, None, None]", i=IMAGE["i"], k=(3, 2, 1, 1)),
    Operation("conv1d(d, k, dilation=2)", "einsum('nchi,oci->noh', " + SEEN.format("d", "3", "2") + "[..., ::2], k)", k=(2, 4, 2),
              d=(2, 4, 5)),
    Operation("conv2d(i, k, padding='same')", "einsum('nchwij,ocij->nohw', " + SEEN.format(
        "pad(i, [(0, 0)] * 2 + [(0, 1)] * 2)", "(2, 2)", "(2, 3)") + ", k)", **IMAGE),
    Operation("nn.functional.max_unpool2d(i, tensor([[[[5, 0], [3, 9]]]]), (1, 2), output_size=(2, 5))",
              "append(i, zeros(6, i.dtype))[[1, 4, 4, 2, 4, 0, 4, 4, 4, 3]].reshape(1, 1, 2, 5)", i=(1, 1, 2, 2)),
    Operation("conv_transpose2d(i, k, v)", "einsum('nchwij,coij->nohw', " + SQUARE + ", k[:, :, ::-1, ::-1]) + v[:, None, None]",
              i=IMAGE["i"], k=(2, 3, 2, 2)),
    Operation("nn.functional.max_pool2d(i, 2)", f"{TWO}[:, :, ::2, ::2].max((-1, -2))", **IMAGE),
    Operation("nn.functional.max_pool2d(i, 2, 1)", f"{TWO}.max((-1, -2))", **IMAGE),
    Operation("nn.functional.avg_pool2d(i, 2, stride=1)", f"{TWO}.mean((-1, -2))", **IMAGE),
    Operation("nn.functional.avg_pool2d(i, 2, 2, 1)", f"{SQUARE}[:, :, ::2, ::2].mean((-1, -2))", **IMAGE),
    Operation("nn.functional.adaptive_avg_pool2d(b, (2, 2))",
              "stack([b[:, :2], b[:, 1:]], 1).mean(2).reshape(2, 2, 2, 2).mean(3)"),
    Operation("nn.functional.adaptive_max_pool2d(b, (2, 2))",
              "stack([b[:, :2], b[:, 1:]], 1).max(2).reshape(2, 2, 2, 2).max(3)"),
    Operation("nn.functional.unfold(b, (1, 2), stride=(1, 2))", "b.reshape(2, 6, 2).swapaxes(1, 2).reshape(4, 6)"),
    Operation("nn.functional.fold(x, (1, 4), (1, 2))", "pad(x[:1], [(0, 0), (0, 1)])[None] + pad(x[1:], [(0, 0), (1, 0)])[None]"),
    Operation("nn.functional.pixel_shuffle(i, 2)", "i.reshape(2, 2, 2, 1, 3).transpose(0, 3, 1, 4, 2).reshape(2, 1, 2, 6)",
              i=(2, 4, 1, 3)),
    Operation("nn.functional.interpolate(i, scale_factor=2)", "i.repeat(2, 2).repeat(2, 3)", **IMAGE),
    Operation("nn.functional.interpolate(b, 7, mode='linear', align_corners=True)",
              "stack([b, append((b[..., :-1] + b[..., 1:]) / 2, b[..., :1], 2)], 3).reshape(2, 3, 8)[..., :7]"),
]  # fmt: skip

# What NumPy says in no few words is compared with torch alone.
IMAGES_AND_TORCH = [
    *(Operation(f"conv2d(i, k, v, {arguments})", **IMAGE) for arguments in [
        "(2, 1), (0, 1)", "1, (1, 2), (1, 2)", "padding='same'", "padding='valid'", "3, 2", "padding='same', dilation=(1, 2)",
    ]),
    *(Operation(f"conv_transpose2d(i, k, v, {arguments})", i=(2, 2, 3, 4), k=(2, 3, 2, 2)) for arguments in [
        "2", "(2, 1), 1", "3, 1, (1, 2)", "1, 1, 1, 1, 2", "2, 0, (2, 0), dilation=(3, 1)",
    ]),
    Operation("conv_transpose2d(i, k, None, 1, 0, 1, 1, 2)", i=(1, 2, 2, 3), k=(2, 2, 1, 1)),
    Operation("conv_transpose2d(i, k, v, 2, groups=2)", i=(2, 2, 3, 4), k=(2, 2, 2, 2), v=(4,)),
    Operation("conv_transpose2d(i[0], k)", i=(2, 2, 3, 4), k=(2, 2, 1, 1)), Operation("conv1d(x, k, v, padding=1)", k=(3, 2, 3)),
    Operation("conv_transpose1d(x, k, u, 2)", k=(2, 3, 2)), Operation("conv2d(i, k, groups=2)", i=(0, 2, 3, 4), k=(4, 1, 2, 2)),
    Operation("conv3d(i, k, v)", i=(1, 2, 3, 3, 2), k=(3, 2, 2, 2, 2)),
    Operation("conv2d(i, k, None, 2)", i=(1, 1, 3, 3), k=(1, 1, 1, 1)),
    Operation("conv_transpose3d(i, k, v)", i=(1, 2, 2, 2, 2), k=(2, 3, 2, 1, 2)),
    *(Operation(f"nn.functional.{pool}_pool2d(i, {arguments})", i=(2, 2, 5, 6)) for pool, arguments in [
        *product(("max", "avg"), ["3, 2, 1", "(3, 2), (1, 2), (1, 0)"]),
        *product(("max", "avg"), ["3, 2, 1, ceil_mode=True", "2, 3, 1, ceil_mode=True", "1"]),
        ("max", "2, 2, 1, 2"), ("max", "(2, 1), 1, (1, 0), (3, 1)"),
        ("avg", "3, 2, 1, True, False"), ("avg", "2, 3, 1, True, True"),
        ("avg", "3, 2, 1, False, False"), ("avg", "2, divisor_override=3"), ("adaptive_avg", "3"), ("adaptive_avg", "(2, None)"),
        ("adaptive_avg", "1"), ("adaptive_avg", "(7, 4)"), ("adaptive_max", "3"), ("adaptive_max", "(7, None)"),
    ]),
    *(Operation(f"nn.functional.{pool}_pool1d({name}, {arguments})") for name, (pool, arguments) in product("bx", [
        ("max", "2"), ("max", "2, 1, 1"), ("avg", "2, 1, 1, False, False"), ("adaptive_avg", "2"), ("adaptive_avg", "1"),
        ("adaptive_max", "2"),
    ])),
    Operation("nn.functional.max_pool2d(i, 2)", i=(0, 2, 3, 4)), Operation("nn.functional.max_pool2d(b.mT, 2)"),
    Operation("nn.functional.max_pool2d(x.view(1, 2, 3), (2, 3), 1, (1, 1))", x=[[1.0, 2.0, 2.0], [2.0, 1.0, 1.0]]),
    Operation("nn.functional.max_pool2d(x.view(1, 2, 3), (2, 2), 1)", x=[[np.nan, 2.0, np.nan], [2.0, np.nan, -np.inf]]),
    Operation("nn.functional.adaptive_max_pool2d(x.view(1, 2, 3), 2)", x=[[np.nan, 2.0, 2.0], [2.0, np.nan, 2.0]]),
    Operation("nn.functional.max_pool2d(x.view(1, 2, 3), 2, 1, 1)", x=[[-np.inf] * 3] * 2),
    *(Operation(f"nn.functional.unfold(i, {arguments})", i=(2, 2, 4, 5)) for arguments in [
        "2", "(2, 3), (2, 1), (1, 0), (2, 3)",
    ]),
    Operation("nn.functional.unfold(b, 2)"),
    Operation("nn.functional.fold(b, (3, 3), (1, 3), (1, 1), (1, 0), (2, 1))", b=(2, 6, 3)),
    Operation("nn.functional.pixel_unshuffle(i, 2)", i=(1, 2, 2, 4)),
    Operation("nn.functional.max_unpool1d(b, tensor([[[3, 1, 0, 9]] * 3] * 2), 3, 2, 0, (10,))"),
    Operation("nn.functional.pixel_shuffle(i, 1)", i=(0, 2, 2, 4)),
    *(Operation(f"nn.functional.interpolate({name}, {arguments})", i=(1, 2, 3, 4), j=(1, 1, 2, 2, 3)) for name, arguments in [
        ("b", "3"), ("b", "scale_factor=1.3"), ("i", "(5, 2)"), ("j", "3"), ("i", "7, mode='nearest-exact'"),
        ("b", "6, mode='linear'"),
        *(("i", f"{size}, mode='bilinear'") for size in ["7", "(2, 9), align_corners=True", "(3, 1)", "scale_factor=(1.7, 0.6)",
                                                         "scale_factor=1.7, recompute_scale_factor=True", "scale_factor=1.1"]),
        ("j", "scale_factor=1.6, mode='trilinear'"), ("i", "2, mode='area'"), ("b", "3, mode='area'"),
    ]),
]  # fmt: skip

OPERATIONS = [
    *ARITHMETIC, *BROADCASTING, *ELEMENTWISE, *CURVES, *STEPS, *COMPOUND, *JOINING, *STACKING, *REDUCTION, *EXTREMES, *STATISTICS,
    *SHAPING, *FLATTENING, *SPLITTING, *REARRANGING, *DIAGONALS, *WINDOWS, *SORTING, *PRODUCT, *SPECIAL, *ACTIVATION, *LOSSES,
    *LINALG, *PRODUCTS, *EINSUM, *DISTANCES, *SOLVING, *DECOMPOSITIONS, *MATRIX_NORMS, *NORMALIZATION, *LAYERS, *PADDING, *IMAGES,
    *INDEXING, *SLICES, *GATHERING, *PICKING, *IN_PLACE,
]  # fmt: skip

# Points where a derivative has no value, or where the textbook's formula says 0 * inf.
SINGULAR = [
    Operation("n.mean(1)"),
    Operation("x ** 0", x=[0.0, 1.0, -2.0]), Operation("x ** 1", x=[0.0, -1.0]),
    Operation("x ** 2", x=[0.0, -1.0]), Operation("x ** 0.5", x=[0.0, 4.0, -1.0]),
    Operation("x ** -1", x=[0.0, 2.0]), Operation("0 ** x", x=[0.0, 1.0, 2.5]),
    Operation("0.0 ** x", x=[0.0, 2.0]), Operation("(-2) ** x", x=[2.0, 0.5]),
    Operation("x ** y", x=[0.0, 0.0, 0.0, 2.0, -2.0], y=[0.0, 1.0, 2.0, 0.0, 2.0]),
    Operation("x ** y", x=[0.0, -2.0], y=[-1.0, 0.5]),
    Operation("relu(x)", x=[0.0, -0.0, np.nan, np.inf]),
    Operation("log(x)", x=[0.0, -1.0, np.inf]), Operation("x / y", x=[1.0, 0.0], y=[0.0, 0.0]),
    Operation("1 / x", x=[0.0, np.inf]), Operation("sigmoid(x)", x=[-800.0, 800.0, 0.0]),
    Operation("tanh(x)", x=[-800.0, 800.0, 0.0]), Operation("exp(x)", x=[800.0, -800.0]),
    Operation("where(x > 0, log(x), x)", x=[0.0, 1.0, -1.0]),
    Operation("abs(x)", x=[0.0, -0.0, np.nan]), Operation("sign(x)", x=[0.0, np.nan]),
    Operation("sqrt(x)", x=[0.0, -1.0, np.inf]),
    Operation("rsqrt(x)", x=[0.0, -1.0, np.inf]), Operation("maximum(x, y)", x=[1.0, np.nan, 2.0], y=[1.0, 0.0, np.nan]),
    Operation("minimum(x, y)", x=[1.0, np.nan, 2.0], y=[1.0, 0.0, np.nan]), Operation("asin(x)", x=[1.0, -1.0, 2.0]),
    Operation("atanh(x)", x=[1.0, -1.0]), Operation("acosh(x)", x=[1.0, 0.5]), Operation("round(x)", x=[0.5, 1.5, -2.5]),
    Operation("amax(x)", x=[1.0, 2.0, 2.0]), Operation("x.max()", x=[2.0, 2.0, -1.0]), Operation("x.max(0).values", x=[2.0, 2.0]),
    Operation("x.min()", x=[1.0, np.nan]), Operation("x.std()", x=[1.0, 1.0]),
    Operation("logsumexp(x, 0)", x=[800.0, -np.inf, 799.0]), Operation("logsumexp(x, 0)", x=[-np.inf, -np.inf]),
    *(functional(f"{name}(x)", "", x=[0.0, -800.0, 800.0, np.nan]) for name in
      ["leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "logsigmoid", "softsign"]),
    functional("smooth_l1_loss(x, y.detach())", "", x=[1.0, -1.0, 0.0], y=[0.0, 0.0, 0.0]),
    functional("huber_loss(x, y.detach())", "", x=[1.0, -1.0, 0.0], y=[0.0, 0.0, 0.0]),
    functional("l1_loss(x, y)", "", x=[1.0], y=[1.0]),
    functional("mse_loss(n, n)", ""), functional("huber_loss(n, n)", ""),
    functional("cross_entropy(n, n[:, 0].long())", ""), functional('cross_entropy(n, n[:, 0].long(), reduction="sum")', ""),
    functional("cross_entropy(n, n)", ""), functional('cross_entropy(n, n, reduction="none")', ""),
    functional("cross_entropy(x, tensor([-100, -100]))", ""), functional("nll_loss(v, tensor(-100))", ""),
    functional("nll_loss(x, tensor([0, -100]))", "", x=[[0.5, 1.0], [-np.inf, 1.0]]),
    functional("cross_entropy(x, tensor([0, -100]), label_smoothing=0.25)", "", x=[[800.0, -800.0], [1.0, 1.0]]),
    functional("cross_entropy(x, tensor([0, 1]))", "", x=[[np.inf, 0.0], [-np.inf, -np.inf]]),
    functional("cross_entropy(x, tensor([0, 0]))", "", x=[[1e4, -1e4], [-1e4, 1e4]]),
    functional("binary_cross_entropy(x, y)", "", x=[0.0, 1.0, 0.5], y=[0.0, 1.0, 0.0]),
    functional("binary_cross_entropy(x, y.detach())", "", twice=False, x=[0.0, 1.0], y=[1.0, 0.0]),
    functional("binary_cross_entropy(n, n)", ""),
    functional("binary_cross_entropy_with_logits(x, y)", "", x=[800.0, -800.0, 0.0, 800.0], y=[1.0, 1.0, 0.0, 0.0]),
    functional("binary_cross_entropy_with_logits(n, n)", ""),
    functional('kl_div(x, y, reduction="sum")', "", x=[-1.0, -2.0], y=[0.0, 1.0]),
    functional('poisson_nll_loss(x, y, full=True, reduction="none")', "", x=[0.5, 0.5, 0.5], y=[0.5, 1.0, 2.0]),
    functional('gaussian_nll_loss(x, y, v, reduction="none")', "", x=[0.5, 0.5], y=[1.0, 2.0], v=[0.0, 1.0]),
    functional("cosine_similarity(x, y, 0)", "", x=[0.0, 0.0], y=[1.0, 2.0]),
    functional("pairwise_distance(x, x)", "", x=[1.0, 2.0]), functional("pairwise_distance(x, y, p=0)", "", x=[1.0], y=[2.0]),
    functional("cosine_embedding_loss(x, y, tensor(1))", "", x=[0.0, 0.0], y=[1.0, 2.0]),
    functional("triplet_margin_loss(x, x, y)", "", x=[[0.0, 1.0]], y=[[1.0, 1.0]]),
    functional("margin_ranking_loss(x, y, tensor([1, -1]))", "", x=[1.0, 1.0], y=[1.0, 1.0]),
    functional("hinge_embedding_loss(x, tensor([1, -1]))", "", x=[1.0, 1.0]),
    functional("soft_margin_loss(x, tensor([1, -1]))", "", x=[800.0, 300.0]),
    functional("multi_margin_loss(x, tensor([0]))", "", twice=False, x=[[1.0, 0.0, 2.0]]),
    functional("multi_margin_loss(s, tensor([0]))", "", twice=False),
    functional("multilabel_margin_loss(x, tensor([0, 1, -1]))", "", twice=False, x=[1.0, 0.0, 0.0]),
    functional("hardtanh(x)", "", x=[-1.0, 1.0, np.nan]), functional("hardsigmoid(x)", "", twice=False, x=[-3.0, 3.0, 0.0]),
    functional("hardswish(x)", "", x=[-3.0, 3.0, 0.0]), functional("softshrink(x)", "", x=[-0.5, 0.5, 0.0]),
    functional("hardshrink(x)", "", x=[-0.5, 0.5, 0.0]), functional("threshold(x, 1.0, 2.0)", "", x=[1.0, 1.5]),
     functional("softmax(x, 0)", "", x=[800.0, -800.0, -np.inf]),
    functional("softmax(x, 0)", "", x=[-np.inf, -np.inf]), functional("log_softmax(x, 0)", "", x=[800.0, -800.0, -np.inf]),
    Operation("x.prod()", x=[2.0, 0.0, 3.0]), Operation("x.prod(0)", x=[0.0, 0.0, 3.0]),
    Operation("x.cumprod(0)", x=[2.0, 0.0, 3.0]),
    Operation("x.cumprod(0)", x=[0.0, 2.0, 0.0]), Operation("x.norm()", x=[0.0, 0.0]), Operation("x.norm(1)", x=[0.0, 2.0]),
    Operation("x.norm(3)", x=[0.0, 0.0]), Operation("x.norm(inf)", x=[2.0, -2.0]), Operation("x.median()", x=[2.0, 2.0, 1.0]),
    Operation("x.median(0).values", x=[2.0, 2.0, 1.0]), Operation("x.median()", x=[2.0, np.nan]),
    Operation("x.sort().values", x=[2.0, np.nan, 2.0]),
    Operation("x.mode().values", x=[2.0, 1.0, 2.0]), Operation("x.cummax(0).values", x=[1.0, 1.0, np.nan, 2.0]),
    Operation("x.nansum()", x=[1.0, np.nan]),
    Operation("x.nanmean()", x=[1.0, np.nan]), Operation("xlogy(x, y)", x=[0.0, 1.0, 0.0], y=[0.0, 0.0, np.nan]),
    Operation("sinc(x)", x=[0.0, 1.0]),
    Operation("copysign(x, y)", x=[0.0, 1.0], y=[-1.0, -0.0]),
    Operation("fmax(x, y)", x=[1.0, np.nan, 1.0], y=[1.0, 2.0, np.nan]),
    Operation("x % y", x=[1.0, 2.0], y=[1.0, -2.0]), Operation("atan2(x, y)", x=[0.0, 1.0], y=[0.0, 0.0]),
    Operation("x.clamp_min(1)", x=[1.0, 2.0, np.nan]),
    Operation("erf(x)", x=[0.0, np.inf, -np.inf, np.nan]), Operation("log1p(x)", x=[-1.0, -2.0]),
    Operation("xlogy(x, 0)", x=[0.0, 1.0]), Operation("xlogy(0, x)", x=[0.0, 1.0, -1.0]),
    Operation("prod(x)", x=[2.0, 0.0, 3.0]), Operation("prod(x)", x=[2.0, 0.0, 0.0]),
    Operation("cumprod(x, 0)", x=[2.0, 0.0, 3.0]), Operation("cumprod(x, 0)", x=[2.0, 0.0, 3.0, 0.0]),
    Operation("prod(x, 1)", x=[[0.0, 2.0], [0.0, 0.0], [3.0, 4.0]]), Operation("norm(x)", x=[0.0, 0.0]),
    Operation("norm(x, 3)", x=[0.0, 1.0]), Operation("norm(x, inf)", x=[2.0, -2.0, 1.0]),
    Operation("median(x)", x=[1.0, 2.0, 2.0]), Operation("median(x)", x=[1.0, np.nan]),
    Operation("nanmedian(x)", x=[1.0, np.nan]), Operation("x.sort().values", x=[2.0, np.nan, 1.0]),
    Operation("x.cummax(0).values", x=[2.0, 2.0, 1.0, np.nan, 3.0]), Operation("nansum(x)", x=[1.0, np.nan]),
    Operation("fmax(x, y)", x=[1.0, np.nan, 2.0], y=[1.0, 0.0, np.nan]), Operation("sinc(x)", x=[0.0]),
    Operation("copysign(x, -1)", x=[0.0, 2.0]), Operation("std_mean(x)[0]", x=[1.0, 1.0]),
    *IMAGES_AND_TORCH,
]  # fmt: skip
