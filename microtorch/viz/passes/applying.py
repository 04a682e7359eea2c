"""A node's rule applied once more, to another gradient: what would it have sent, had this arrived?

A trace holds no graph, so the rule is worked out from what was recorded: from its formula and the saved values, where these are
small enough to have been kept; else from what arrived and what was sent, where the rule works element by element. A formula is
believed only where it gives what was recorded.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.snapshot import Nested, Node, Snapshot
from ..words.arithmetic import parse
from .steps import Sent, Step

__all__ = ["Applied", "numbers_of", "worked_out"]

Array = NDArray[Any]

FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(np, name) for name in ("exp", "log", "sqrt", "tanh", "sin", "cos", "where")
}
FUNCTIONS["sigmoid"] = lambda x: 1 / (1 + np.exp(-x))
# There is nothing here that could do more than count: of attributes only those that turn a matrix.
ALLOWED = (
    *(ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Constant, ast.Load, ast.Attribute),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult, ast.USub, ast.BitAnd, ast.cmpop),
)
TURNS = ("T", "mT")


class Turned(ast.NodeTransformer):
    """``.mT`` is new in NumPy; a function does it in every version."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """``x.mT`` becomes ``mT(x)``."""
        return ast.Call(ast.Name("mT", ast.Load()), [self.visit(node.value)], [])


def worked_out(formula: str, values: dict[str, Any]) -> Array | None:
    """What a formula gives with these values for its names; None where it is in words, or says more than is known."""
    try:
        tree = ast.parse(formula, mode="eval")
    except (SyntaxError, ValueError):
        return None
    nodes = list(ast.walk(tree))
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    known = {*values, *FUNCTIONS}
    harmless = (
        all(isinstance(node, ALLOWED) for node in nodes)
        and all(isinstance(function, ast.Name) and function.id in FUNCTIONS for function in calls)
        and all(node.attr in TURNS for node in nodes if isinstance(node, ast.Attribute))
        and all(node.id in known for node in nodes if isinstance(node, ast.Name))
    )
    if not harmless:
        return None
    code = compile(ast.fix_missing_locations(Turned().visit(tree)), "<rule>", "eval")
    try:
        with np.errstate(all="ignore"):
            return np.asarray(eval(code, {"__builtins__": {}}, {**FUNCTIONS, "mT": lambda x: np.swapaxes(x, -1, -2), **values}))
    except (ArithmeticError, ValueError, TypeError):
        return None


def numbers_of(values: Nested) -> Array | None:
    """A constant, or the values of a summary, as an array: there, what is not finite stands as text. None: no real numbers."""

    def plain(each: Nested) -> Any:
        return [plain(one) for one in each] if isinstance(each, list) else float(each)

    try:
        return np.array(plain(values))
    except (TypeError, ValueError):
        return None


class Applied:
    """One gradient that a node sends, and what it would have been."""

    def __init__(self, snapshot: Snapshot, step: Step, sent: Sent) -> None:
        self.node: Node = snapshot.nodes[step.node]
        self.port = self.node.ports[sent.edge.port]
        self.sent = sent
        only = step.received[0] if len(step.received) == 1 else None
        self.received = None if only is None else only.array
        self.right = None if sent.value is None else sent.value.array

    @cached_property
    def values(self) -> dict[str, Any]:
        """What the names in the formula stand for, as far as a trace knows."""
        constants = [*self.node.constants, *((port.name or "", port.operand.value) for port in self.node.ports if port.operand)]
        saved = [(each.name, each.summary.values) for each in self.node.saved if each.summary is not None]
        known = {name: numbers_of(value) for name, value in [*constants, *saved]}
        return {name: value for name, value in known.items() if value is not None}

    @cached_property
    def formula(self) -> str:
        """The formula, where it gives what was recorded; else ""."""
        if self.received is None or self.right is None:
            return ""
        formula = self.port.formula or ""
        whole = worked_out(formula, {**self.values, "grad": self.received})
        found = None if whole is None else self.summed(whole)
        if found is None or found.shape != self.right.shape:
            return ""
        alike = bool(np.allclose(found, self.right, rtol=1e-4, atol=1e-7, equal_nan=True))
        return formula if alike else ""

    @cached_property
    def factor(self) -> Array | None:
        """By what each element was multiplied, where it is that and nothing else that the rule does."""
        received, right = self.received, self.right
        if received is None or right is None or received.shape != right.shape or self.sent.summed:
            return None
        plain = right.ndim == 0 or parse(self.port.formula or "") is not None
        if not plain or not np.all(received != 0) or not np.all(np.isfinite(received)):
            return None
        with np.errstate(all="ignore"):
            return np.asarray(right / received)

    def summed(self, whole: Array) -> Array | None:
        """The broadcast undone."""
        right = self.right
        if right is None or max(self.sent.summed, default=-1) >= whole.ndim:
            return None
        reduced = whole.sum(axis=self.sent.summed) if self.sent.summed else whole
        return reduced.reshape(right.shape) if reduced.size == right.size else None

    def whole(self, grad: Array) -> Array | None:
        """What the rule gives for another gradient before a broadcast is undone."""
        if self.formula:
            return worked_out(self.formula, {**self.values, "grad": grad})
        return None if self.factor is None else np.asarray(grad * self.factor)

    def to(self, grad: Array | None) -> Array | None:
        """What would have been sent, had this gradient arrived."""
        whole = None if grad is None else self.whole(grad)
        return None if whole is None else self.summed(whole)

    @property
    def times(self) -> int:
        """How many elements were added up to undo a broadcast."""
        shape = () if self.received is None else self.received.shape
        return math.prod(shape[axis] for axis in self.sent.summed if axis < len(shape))
