"""A node's rule with the names and numbers that stand for its inputs: "grad * other" as "grad * y", or as "grad * 3"."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from ..graph.snapshot import Node, Port, Snapshot

__all__ = ["spelled"]


def spelled(snapshot: Snapshot, node: Node, port: Port) -> str:
    """The rule of one input in the words of the program, "" where there is none.

    An input is called as the Variable that it was, or as the number; one without a name keeps the operation's word for it.

    >>> import microtorch
    >>> from microtorch.viz import snapshot
    >>> x = microtorch.ones(2, requires_grad=True)
    >>> frozen = snapshot(x**3)
    >>> spelled(frozen, frozen.nodes[1], frozen.nodes[1].ports[0])
    'grad * 3 * x ** 2'
    """
    formula = port.formula or ""
    try:
        tree = ast.parse(formula, mode="eval")
    except SyntaxError:  # it is said in words
        return formula
    words = known(snapshot, node)
    if not words.keys() & {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}:
        return formula
    return ast.unparse(Shorter().visit(Names(words).visit(tree)))


def known(snapshot: Snapshot, node: Node) -> dict[str, str]:
    """What the operation calls its inputs, constants and output, with what the reader calls them."""
    words = {name: value for name, value in node.constants if is_number(value)}
    sources = snapshot.inputs.get(node.id, {})
    for port in node.ports:
        edge = sources.get(port.index)
        if port.name and port.operand is not None:
            words[port.name] = port.operand.name or port.operand.value
        elif port.name and edge is not None:
            words[port.name] = made(snapshot.nodes[edge.producer], edge.output) if edge.producer is not None else ""
    if len(node.outputs) == 1 and "out" not in words:
        words["out"] = node.outputs[0]
    return {name: word for name, word in words.items() if word}


def made(node: Node, output: int) -> str:
    """The name of a leaf, or of one of the values that a node made."""
    return node.label if node.kind == "leaf" else dict(enumerate(node.outputs)).get(output, "")


def is_number(text: str) -> bool:
    """Whether a constant is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


class Names(ast.NodeTransformer):
    """Puts names and numbers in the place of an operation's own words."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words

    def visit_Attribute(self, node: ast.Attribute) -> ast.Attribute:
        """What has a shape is no number."""
        inner = node.value
        if not (isinstance(inner, ast.Name) and is_number(self.words.get(inner.id, ""))):
            node.value = self.visit(inner)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name becomes what it stands for."""
        word = self.words.get(node.id)
        if word is None:
            return node
        if not is_number(word) or word.lower().lstrip("-") in {"inf", "nan"}:
            return ast.Name(word, ast.Load())
        value = float(word)
        size = ast.Constant(int(abs(value)) if abs(value) == int(abs(value)) and "e" not in word else abs(value))
        return ast.UnaryOp(ast.USub(), size) if value < 0 else size


class Shorter(ast.NodeTransformer):
    """Leaves out what only numbers have made superfluous: 3 - 1 is 2, a first power is the number itself."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """A sum or difference of two numbers is one, and a product is written without parentheses."""
        left, right = self.visit(node.left), self.visit(node.right)
        a, b = number(left), number(right)
        if a is not None and b is not None and isinstance(node.op, ast.Add | ast.Sub):
            value = a + b if isinstance(node.op, ast.Add) else a - b
            size = ast.Constant(int(abs(value)) if value == int(value) else float(f"{abs(value):.4g}"))
            return ast.UnaryOp(ast.USub(), size) if value < 0 else size
        if b == 1 and isinstance(node.op, ast.Pow):
            return left  # type: ignore[no-any-return]
        if isinstance(node.op, ast.Mult) and isinstance(right, ast.BinOp) and isinstance(right.op, ast.Mult):
            return self.visit_BinOp(ast.BinOp(ast.BinOp(left, ast.Mult(), right.left), ast.Mult(), right.right))
        return ast.BinOp(left, node.op, right)


def number(tree: ast.expr) -> float | None:
    """The number that a tree is."""
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        inner = number(tree.operand)
        return None if inner is None else -inner
    return tree.value if isinstance(tree, ast.Constant) and isinstance(tree.value, int | float) else None
