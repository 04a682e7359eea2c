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

    def __init__(self, expression: str, numpy: str = "", *, positive: bool = False, **inputs: Any) -> None:
        used = {each.id for each in ast.walk(ast.parse(expression)) if isinstance(each, ast.Name)}
        inputs = {name: shape for name, shape in (SHAPES | inputs).items() if name in used}
        values = {"expression": expression, "numpy": numpy or expression, "inputs": inputs, "positive": positive}
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
    Operation("x.clone().zero_()", "x * 0"), Operation("x.clone().fill_(2)", "x * 0 + 2"),
    Operation("x.clone().fill_(s)", "x * 0 + s"), Operation("x.clone().copy_(v)", "x * 0 + v"),
    Operation("x.clone().mul_(y).exp_()", "exp(x * y)"), Operation("x.clone().sub_(y, alpha=3)", "x - 3 * y"),
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

WINDOWS = [
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
WINDOWS_AND_TORCH = [
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
    *ARITHMETIC, *BROADCASTING, *ELEMENTWISE, *CURVES, *STEPS, *COMPOUND, *JOINING, *REDUCTION, *EXTREMES, *STATISTICS,
    *SHAPING, *LINALG,
    *INDEXING, *IN_PLACE, *WINDOWS,
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
    Operation("erf(x)", x=[0.0, np.inf, -np.inf, np.nan]), Operation("log1p(x)", x=[-1.0, -2.0]),
    *WINDOWS_AND_TORCH,
]  # fmt: skip
