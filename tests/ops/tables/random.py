"""Rows of ``ops.random``: numbers that are certain, though drawn. They have no gradient for what they are drawn by."""

from tests.ops.tables.operation import Operation

OPERATIONS = [
    Operation("x.clone().uniform_(2, 2)", "x * 0 + 2"), Operation("x.clone().normal_(3, 0)", "x * 0 + 3"),
    Operation("x.clone().random_(1, 2)", "x * 0 + 1"), Operation("x.clone().bernoulli_(1.0)", "x * 0 + 1"),
    Operation("x.clone().exponential_(inf)", "x * 0"), Operation("x.clone().random_(1)", "x * 0"),
    Operation("x.clone().bernoulli_(v.clamp(1, 1))", "x * 0 + 1"), Operation("bernoulli(x.clamp(1, 1))", "x * 0 + 1"),
    Operation("poisson(x.clamp(0, 0))", "x * 0"), Operation("normal(x.clamp(2, 2), 0.0)", "x * 0 + 2"),
    Operation("normal(1.5, s.clamp(0, 0))", "s * 0 + 1.5"), Operation("normal(n.t(), 1.0)", "n.T"),
    Operation("normal(x.clamp(2, 2), v.clamp(0, 0))", "x * 0 + 2"),
]  # fmt: skip
