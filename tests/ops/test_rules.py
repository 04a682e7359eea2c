"""The vocabulary of rules: what means the same on an array and on a Variable, and nothing else."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import microtorch
from microtorch.core.primitive import Primitive
from microtorch.ops.numpy_functions import NUMPY_FUNCTIONS
from tests.ops.primitives import primitives

PACKAGE = Path(microtorch.__file__).parent
SOURCES = [PACKAGE / "core" / "strided.py", *sorted(PACKAGE.glob("ops/**/*.py"))]
NUMPY = {each.__name__ for each in NUMPY_FUNCTIONS}
METHODS = {"reshape", "swapaxes", "mT", "shape", "ndim"}
CALLS = {"float", "len", "range", "summed", "tuple"}


def rules(source: str) -> Iterator[ast.FunctionDef]:
    """The rules, and what they share."""
    for each in ast.walk(ast.parse(source)):
        if isinstance(each, ast.FunctionDef) and (each.name.startswith("grad_") or is_shared(each)):
            yield each


def is_shared(function: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "shared" for each in function.decorator_list)


def offences(source: str) -> list[str]:
    """What stands in the rules of a source file that is not in their vocabulary."""
    return [
        f"{function.name}: {ast.unparse(node)}"
        for function in rules(source)
        for statement in function.body
        for node in ast.walk(statement)
        if not is_allowed(node)
    ]


def is_allowed(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.AugAssign():
            return False  # it changes what others hold
        case ast.Attribute():
            return is_known(*ast.unparse(node).rsplit(".", 1))
        case ast.Call(func=ast.Name(id=name)):
            return name in CALLS
        case ast.keyword(arg=name):
            return name != "out"
    return True


def is_known(owner: str, name: str) -> bool:
    match owner:
        case "self":  # what forward has set, and methods that keep to the vocabulary themselves
            return True
        case "np":
            return name in NUMPY
        case "math":
            return name in {"inf", "nan"}
    return name in METHODS or (name == "on" and owner[0].isupper())  # Permute.on: an operation, on arrays or on Variables


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_rules_keep_to_their_vocabulary(path: Path):
    assert offences(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "statement",
    [
        "return np.add(grad, 1, out=grad)", "grad[0] = 0", "grad *= 2", "del grad[0]", "self.seen = grad", "grad.shape = ()",
        "np.add.at(grad, 0, 1)", "return np.lib.stride_tricks.as_strided(grad)", "return as_strided(grad)", "return abs(grad)",
        "return np.asarray(grad)", "return np.abs(grad)", "return grad.transpose(1, 0)", "return grad.max()", "return grad.min()",
        "return grad.size", "return grad.repeat(2)", "return grad.std()", "return grad.var()", "return grad.sort()",
        "return grad.squeeze()", "return grad.take(0)", "return grad.split(2)", "return (grad * 2).max()", "return x.on(grad)",
    ],
)  # fmt: skip
def test_a_planted_offence_is_found(statement: str):
    assert offences(f"class Planted:\n    def grad_x(self, grad):\n        {statement}\n") != []


def test_the_lint_reads_every_rule():
    read = sum(1 for path in SOURCES for _ in rules(path.read_text(encoding="utf-8")))
    assert read == len({rule.function for each in primitives(Primitive) for rule in (*each.rules, *each.shares.values())})


# Where a rule is a formula of many terms, or gradients share work.
LONG = (
    "indexing", "products", "distances", "solving", "decompositions", "determinants", "pseudoinverse", "linear", "norm",
    "normalization", "losses",
)  # fmt: skip
SHORT = [each for each in primitives(Primitive) if not each.__module__.endswith(LONG)]


def for_pictures(statement: ast.stmt) -> bool:
    """Whether a statement of a class declares its constants, or one by name."""
    words = ast.unparse(statement)
    return isinstance(statement, ast.Assign) and ("constants" in words or "property(lambda" in words or "data_names" in words)


@pytest.mark.parametrize("operation", SHORT, ids=lambda each: each.__name__)
def test_an_operation_is_short(operation: type[Primitive]):
    (definition,) = ast.parse(inspect.getsource(operation)).body
    # The docstring does not count, nor what it declares for pictures.
    definition.body = [each for each in definition.body if not isinstance(each, ast.Expr) and not for_pictures(each)]
    assert len([line for line in ast.unparse(definition).splitlines() if line.strip()]) <= (
        12 if len(operation.rules) < 3 else 14
    )
