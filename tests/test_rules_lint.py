"""The vocabulary of rules: what means the same on an array and on a Variable, and nothing else."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import microtorch
from microtorch.function import Primitive
from microtorch.methods import Methods

from .test_operations import primitives

SOURCES = sorted(Path(microtorch.__file__).parent.glob("ops/*.py"))
NUMPY = {each.__name__ for each in Methods.numpy_functions} | {"divide"}
METHODS = {"reshape", "swapaxes", "mT", "sum", "shape", "ndim"}
CALLS = {"float", "range", "tuple", "len"}


def rules(source: str) -> Iterator[ast.FunctionDef]:
    for each in ast.walk(ast.parse(source)):
        if isinstance(each, ast.FunctionDef) and each.name.startswith("grad_"):
            yield each


def offences(source: str) -> list[str]:
    """What stands in the rules of a source file that is not in the vocabulary."""
    found = []
    for function in rules(source):
        for node in ast.walk(ast.Module(function.body, [])):
            match node:
                case ast.Attribute(value=ast.Name(id="np" | "math" as module), attr=name):
                    known = name in NUMPY if module == "np" else name in {"inf", "nan"}
                case ast.Attribute(value=ast.Attribute(value=ast.Name(id="np"))):  # np.add.at
                    known = False
                case ast.Attribute(value=ast.Name(id="self"), ctx=ast.Load()):  # what forward has set, and methods on it
                    known = True
                case ast.Attribute(value=ast.Name(id=owner), attr="on"):  # another Primitive, on arrays or on Variables
                    known = owner[0].isupper()
                case ast.Attribute(attr=name, ctx=ast.Load()):
                    known = name in METHODS
                case ast.Call(func=ast.Name(id=name)):
                    known = name in CALLS
                case ast.keyword(arg=name):
                    known = name != "out"
                case ast.Attribute() | ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.AugAssign():  # changes what others hold
                    known = False
                case _:
                    continue
            if not known:
                found.append(f"{function.name}: {ast.unparse(node)}")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_rules_keep_to_their_vocabulary(path: Path):
    assert offences(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "statement",
    [
        "return np.add(grad, 1, out=grad)", "grad[0] = 0", "grad *= 2", "del grad[0]", "self.seen = grad", "grad.shape = ()", "np.add.at(grad, 0, 1)",
        "return np.lib.stride_tricks.as_strided(grad)", "return as_strided(grad)", "return np.asarray(grad)", "return abs(grad)", "return np.abs(grad)",
        "return grad.transpose(1, 0)", "return grad.max()", "return grad.min()", "return grad.size", "return grad.repeat(2)", "return grad.std()", "return grad.var()",
        "return grad.sort()", "return grad.squeeze()", "return grad.take(0)", "return grad.split(2)", "return (grad * 2).max()", "return grad.astype(float)", "return x.on(grad)",
    ],
)  # fmt: skip
def test_a_planted_offence_is_found(statement: str):
    assert offences(f"class Planted:\n    def grad_x(self, grad):\n        {statement}\n") != []


def test_the_lint_reads_every_rule():
    read = sum(1 for path in SOURCES for _ in rules(path.read_text(encoding="utf-8")))
    assert read == len({rule.function for each in primitives(Primitive) for rule in each.rules})


SHORT = [each for each in primitives(Primitive) if each.__module__.endswith(("arithmetic", "elementwise", "reduction", "shaping"))]


@pytest.mark.parametrize("operation", SHORT, ids=lambda each: each.__name__)
def test_an_operation_is_short(operation: type[Primitive]):
    (definition,) = ast.parse(inspect.getsource(operation)).body
    definition.body = [each for each in definition.body if not isinstance(each, ast.Expr)]  # the docstring
    assert len([line for line in ast.unparse(definition).splitlines() if line.strip()]) <= 12


def test_the_numpy_functions_of_rules_exist():
    assert all(hasattr(np, name) for name in NUMPY)
