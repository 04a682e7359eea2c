"""Rows of ``ops.network``."""

import numpy as np

from tests.ops.tables.operation import Operation, functional

SIGMOID = "(1 / (1 + exp(-{})))"

ACTIVATION = [
    Operation("sigmoid(x)", "1 / (1 + exp(-x))"), Operation("relu(x)", "maximum(x, 0)"),
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

NORMAL = "(({0} - {0}.mean({1}, keepdims=True)) / sqrt({0}.var({1}, keepdims=True) + 1e-5))"

NORMALIZATION = [
    functional(call, numpy, **shapes) for call, numpy, shapes in [
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
    functional(call, numpy, **shapes) for call, numpy, shapes in [
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
]  # fmt: skip

PACKING = [
    Operation("nn.utils.rnn.pack_padded_sequence(b, [2, 1, 1]).data", "concatenate((b[0], b[1, :1]))"),
    Operation("nn.utils.rnn.pack_padded_sequence(b, [3, 1], True).data", "b[[0, 1, 0, 0], [0, 0, 1, 2]]"),
]  # fmt: skip

OPERATIONS = [*ACTIVATION, *NORMALIZATION, *LAYERS, *PACKING]

# Points where a derivative has no value, or where the textbook's formula says 0 * inf.
TORCH_ALONE = [
    Operation("relu(x)", x=[0.0, -0.0, np.nan, np.inf]), Operation("sigmoid(x)", x=[-800.0, 800.0, 0.0]),
    *(functional(f"{name}(x)", "", x=[0.0, -800.0, 800.0, np.nan]) for name in
      ["leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "logsigmoid", "softsign"]),
    functional("hardtanh(x)", "", x=[-1.0, 1.0, np.nan]), functional("hardsigmoid(x)", "", twice=False, x=[-3.0, 3.0, 0.0]),
    functional("hardswish(x)", "", x=[-3.0, 3.0, 0.0]), functional("softshrink(x)", "", x=[-0.5, 0.5, 0.0]),
    functional("hardshrink(x)", "", x=[-0.5, 0.5, 0.0]), functional("threshold(x, 1.0, 2.0)", "", x=[1.0, 1.5]),
    functional("softmax(x, 0)", "", x=[800.0, -800.0, -np.inf]), functional("softmax(x, 0)", "", x=[-np.inf, -np.inf]),
    functional("log_softmax(x, 0)", "", x=[800.0, -800.0, -np.inf]),
]  # fmt: skip
