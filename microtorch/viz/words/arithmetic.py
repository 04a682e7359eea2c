"""A node's rule with numbers in it: "grad * y" as "0.75 * 3", shown only where that is the whole truth."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping

from ..graph.snapshot import Summary
from .text import number

# What works element by element: only of such a rule may an array that is the same everywhere be written as one number.
FUNCTIONS = {name: getattr(math, name) for name in ("exp", "log", "sqrt", "tanh", "sin", "cos")}
FUNCTIONS["sigmoid"] = lambda x: 1 / (1 + math.exp(-x))
FUNCTIONS["where"] = lambda condition, x, y: x if condition else y
ELEMENTWISE = (
    *(ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Constant, ast.Load),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.BitAnd, ast.cmpop),
)


def everywhere(summary: Summary) -> float | None:
    """The one number that all elements of an array have, if so."""
    known = summary.min is not None and not summary.nans and not summary.infs
    return summary.min if known and summary.min == summary.max else None


def in_numbers(formula: str, operands: Mapping[str, Summary], times: int, sent: Summary) -> str:
    """The formula with numbers for names, "" where not every name has one, or where the result is not what was sent.

    ``times`` is how many results were summed to undo a broadcast.
    """
    tree = parse(formula)
    known = {name: everywhere(summary) for name, summary in operands.items()}
    values = {name: value for name, value in known.items() if value is not None}
    goal = everywhere(sent)
    if tree is None or goal is None or not names(tree) <= values.keys():
        return ""
    # `parse` lets only arithmetic pass, so there is nothing here that could do more than count.
    try:
        result = eval(compile(tree, "<rule>", "eval"), {"__builtins__": {}}, {**FUNCTIONS, **values})
    except (ArithmeticError, ValueError):
        return ""
    if not math.isclose(result * times, goal, rel_tol=1e-3, abs_tol=1e-12):
        return ""
    return ast.unparse(Numbers(values).visit(tree))


def parse(formula: str) -> ast.Expression | None:
    """The formula as a tree, if it has something to compute and works element by element."""
    try:
        tree = ast.parse(formula, mode="eval")
    except SyntaxError:  # a sentence in words
        return None
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    known = all(isinstance(function, ast.Name) and function.id in FUNCTIONS for function in calls)
    elementwise = known and all(isinstance(node, ELEMENTWISE) for node in ast.walk(tree))
    return tree if elementwise and not isinstance(tree.body, ast.Name) else None


def names(tree: ast.Expression) -> set[str]:
    """The operands of a formula."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - FUNCTIONS.keys()


class Numbers(ast.NodeTransformer):
    """Puts shortened numbers in the place of names."""

    def __init__(self, values: Mapping[str, float]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name becomes its number; a negative one keeps its parentheses where they matter."""
        if node.id in FUNCTIONS:
            return node
        value = self.values[node.id]
        positive = ast.Name(number(abs(value)), ast.Load())  # a Name, because a Constant would print 3.0 for 3
        return ast.UnaryOp(ast.USub(), positive) if value < 0 else positive
