"""Every row of the table, in every way: against NumPy, finite differences, its own formula, and torch."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import microtorch
from microtorch.core.primitive import Primitive
from tests.libraries import grads, structure, weighted, weights
from tests.ops.primitives import primitives
from tests.ops.tables import OPERATIONS, TORCH_ALONE
from tests.ops.tables.elementwise import OPERATORS
from tests.ops.tables.operation import Operation

STEP = 2.0**-17  # of finite differences: exact beside the table's values, in float32 too
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)

# ── Running a row, in microtorch and in torch alike ──────────────────────────────────────────────────────────────────


def evaluate(expression: str, library: ModuleType, names: dict[str, Any]) -> Any:
    return eval(expression, vars(library) | names)


def leaves(library: ModuleType, operation: Operation, dtype: str = "float64") -> dict[str, Any]:
    return {name: library.tensor(value, requires_grad=True) for name, value in operation.values(dtype).items()}


def array(variable: Any) -> np.ndarray:
    return variable.numpy(force=True)


def derivatives(library: ModuleType, inputs: dict[str, Any], out: Any) -> tuple[list[Any], list[np.ndarray]]:
    """The gradient for each input, and the gradient of their weighted sum for each input and for what the first began with."""
    begin = weights(library, out, requires_grad=True)
    first = grads(library, out, [*inputs.values()], begin, create_graph=True)
    try:
        second = grads(library, weighted(library, first), [*inputs.values(), begin])
    except NotImplementedError:  # as torch says of cdist
        second = [each.detach() * np.nan for each in [*inputs.values(), begin]]
    return first, [array(each) for each in second]


def differences(function: Any, at: np.ndarray) -> np.ndarray:
    """The gradient of a function of one array, which gives a number, by central differences."""
    result = np.zeros(at.shape)
    for index in np.ndindex(at.shape):
        step = np.zeros(at.shape)
        step[index] = STEP
        result[index] = (function(at + step) - function(at - step)) / (2 * STEP)
    return result


# ── Numbers, without torch ───────────────────────────────────────────────────────────────────────────────────────────


@each_operation
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_forward_is_what_numpy_computes_and_keeps_the_dtype(operation: Operation, dtype: str):
    out = array(evaluate(operation.expression, microtorch, leaves(microtorch, operation, dtype)))
    expected = eval(operation.numpy, vars(np) | {"tensor": np.array} | operation.values(dtype))
    assert type(out) is np.ndarray
    assert (out.shape, out.dtype) == (np.shape(expected), expected.dtype)
    np.testing.assert_allclose(out, expected, rtol=1e-12 if dtype == "float64" else 1e-5)


@each_operation
def test_gradients_are_finite_differences_of_the_value(operation: Operation):
    inputs = leaves(microtorch, operation)
    first, _ = derivatives(microtorch, inputs, evaluate(operation.expression, microtorch, inputs))
    for name, grad in zip(inputs, first, strict=True):

        def value(moved: np.ndarray, name: str = name) -> float:
            return weighted(
                microtorch, [evaluate(operation.expression, microtorch, inputs | {name: microtorch.tensor(moved)})]
            ).item()

        expected = differences(value, inputs[name].detach().numpy())
        np.testing.assert_allclose(array(grad), expected, rtol=1e-6, atol=1e-6, err_msg=f"the gradient for {name}")


@each_operation
def test_gradients_of_gradients_are_finite_differences_of_the_gradient(operation: Operation):
    inputs = leaves(microtorch, operation)
    out = evaluate(operation.expression, microtorch, inputs)
    _, second = derivatives(microtorch, inputs, out)
    variables = inputs | {"begin": weights(microtorch, out)}
    for name, grad in zip(variables, second, strict=True):

        def gradient(moved: np.ndarray, name: str = name) -> float:
            at = {key: microtorch.tensor(array(each), requires_grad=True) for key, each in variables.items()}
            at[name] = microtorch.tensor(moved.astype(array(at[name]).dtype), requires_grad=True)
            begin = at.pop("begin")
            moved_out = evaluate(operation.expression, microtorch, at)
            return weighted(microtorch, microtorch.autograd.grad(moved_out, [*at.values()], begin)).item()

        expected = differences(gradient, array(variables[name]).astype("float64"))
        np.testing.assert_allclose(grad, expected, rtol=1e-5, atol=1e-5, err_msg=f"the second gradient for {name}")


@each_operation
def test_gradients_in_float32_are_those_in_float64_rounded(operation: Operation):
    results = {}
    for dtype in ("float64", "float32"):
        inputs = leaves(microtorch, operation, dtype)
        first, second = derivatives(microtorch, inputs, evaluate(operation.expression, microtorch, inputs))
        results[dtype] = [array(each) for each in first] + second[:-1]
        assert {each.dtype for each in results[dtype][: len(inputs)]} == {np.dtype(dtype)}
    for precise, rounded in zip(results["float64"], results["float32"], strict=True):
        np.testing.assert_allclose(rounded, precise, rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_zero_to_a_negative_power_falls_without_bound():
    x = microtorch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
    (0**x).backward(microtorch.ones(3))
    assert x.grad.tolist() == [-np.inf, 0.0, 0.0]


# ── Rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def nodes(operation: Operation) -> tuple[Primitive, ...]:
    """The row's nodes, and those of its gradients."""
    inputs = leaves(microtorch, operation)
    out = evaluate(operation.expression, microtorch, inputs)
    begin = weights(microtorch, out, requires_grad=True)
    firsts = microtorch.autograd.grad(out, [*inputs.values()], begin, create_graph=True)
    return tuple({node: None for each in (out, *firsts) for node in walk(each.grad_fn) if isinstance(node, Primitive)})


def walk(node: Any) -> Iterator[Any]:
    below = [node]
    while below:
        if (node := below.pop()) is not None:
            yield node
            below.extend(each for each, _ in node.next_functions)


def parameters(node: Primitive) -> dict[str, Any]:
    """What the node's operation has set on it."""
    classes = [each for each in type(node).__mro__ if each.__module__.startswith("microtorch.ops")]
    slots = {name for each in classes for name in vars(each).get("__slots__", ()) if hasattr(node, name)}
    return vars(node) | {name: getattr(node, name) for name in slots}


def arriving(node: Primitive) -> list[Any]:
    """A gradient for each output of a node."""
    count = 1 if node._shape is not None else len(node._outputs)
    return [weights(microtorch, microtorch.tensor(np.empty(*node.output(number)))) for number in range(count)]


def own_gradients(node: Primitive) -> list[np.ndarray | None]:
    return node.gradients([grad.array for grad in arriving(node)], None, False)


@each_operation
def test_a_formula_is_worth_what_its_rule_computes(operation: Operation):
    for node in nodes(operation):
        grad = arriving(node)[0]
        # A formula may ask the shape of any input, but the values of those alone that its rule has saved.
        edges = zip(node.input_names, node.next_functions, strict=True)
        shapes = {name: np.full(below.output(nr)[0], np.nan) for name, (below, nr) in edges if below is not None}
        values = shapes | dict(node.saved_values() or ()) | parameters(node)
        names = {
            name: microtorch.tensor(np.asarray(each)) if isinstance(each, np.ndarray | float) else each
            for name, each in values.items()
        }
        for rule, result in zip(node.rules, own_gradients(node) if node.rules else (), strict=True):
            if result is not None and not rule.in_words:
                with np.errstate(all="ignore"):  # where() has its other branch computed too
                    formula = evaluate(rule.formula, microtorch, names | {"grad": grad})
                np.testing.assert_allclose(array(formula), result, rtol=1e-12, err_msg=f"{node}: {rule.formula}")


@each_operation
def test_a_rule_computes_the_same_on_variables_as_on_arrays(operation: Operation):
    for node in nodes(operation):
        for on_array, on_variable in zip(own_gradients(node), node.gradients(arriving(node), None, True), strict=True):
            assert (on_array is None) == (on_variable is None)
            if on_array is not None:
                np.testing.assert_array_equal(array(on_variable), on_array, err_msg=repr(node))
                assert array(on_variable).dtype == on_array.dtype, node


@each_operation
def test_a_rule_shares_no_memory_with_what_its_node_saved(operation: Operation):
    for node in nodes(operation):
        kept = [*parameters(node).values(), *dict(node.saved_values() or ()).values()]
        for result, each in product(own_gradients(node), kept):
            assert result is None or not isinstance(each, np.ndarray) or not np.shares_memory(result, each), node


def test_no_rule_is_without_a_row():
    reached = {
        (type(node), name)
        for operation in OPERATIONS
        for node in nodes(operation)
        for name, (below, _) in zip(node.input_names, node.next_functions, strict=True)
        if below is not None
    }
    assert {(each, name) for each in primitives(Primitive) if each.rules for name in each.input_names} - reached == set()


# ── Parity with torch ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("operation", [*OPERATIONS, *TORCH_ALONE], ids=str)
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning", "ignore:.*:UserWarning")
def test_values_gradients_and_graph_are_those_of_torch(operation: Operation, torch: ModuleType):
    results, seconds, graphs = [], [], []
    for library in (microtorch, torch):
        inputs = leaves(library, operation)
        out = evaluate(operation.expression, library, inputs)
        if operation.twice:
            first, second = derivatives(library, inputs, out)
        else:
            first, second = grads(library, out, [*inputs.values()], weights(library, out)), []
        results.append([array(out), *map(array, first)])
        seconds.append(second)
        graphs.append(structure(out.grad_fn, inputs))
    for ours, theirs in zip(*results, strict=True):
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        tolerance = 1e-10 if operation.twice else 1e-7
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
    for ours, theirs in zip(*seconds, strict=True):
        theirs[np.isnan(theirs)] = ours[np.isnan(theirs)]  # of 0 ** x, torch's second gradient is nan, and its value 0
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)
    assert graphs[0] == graphs[1]


# ── Promotion ────────────────────────────────────────────────────────────────────────────────────────────────────────

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
ARRAYS = [f"tensor({values}, dtype={dtype})" for dtype in DTYPES for values in ("[1, 0, 3]", "2")]
NUMBERS = ["True", "2", "2.5"]
PAIRS = [*product(ARRAYS, ARRAYS + NUMBERS), *product(NUMBERS, ARRAYS)]
SCALED = ["add({0}, {1}, alpha=2)", "sub({0}, {1}, alpha=2.5)"]
COMPARISONS = ["{} == {}", "{} != {}", "{} < {}", "{} <= {}", "{} > {}", "{} >= {}"]
FUNCTIONS = [
    "-{}", "{}.sum()", "{}.mean()", "{}.sum(0)", "{}.mean(0)", "exp({})", "log({})", "tanh({})", "sigmoid({})", "relu({})",
    "{}.reciprocal()", "{}.to(int32)", "{}.to(float16)", "{}.clone()",
]  # fmt: skip


def outcome(library: ModuleType, expression: str) -> Any:
    """Shape, dtype and values of the result; or that it is refused."""
    try:
        result = evaluate(expression, library, {})
    except (RuntimeError, TypeError):
        return "refused"
    return tuple(result.shape), str(array(result).dtype), np.nan_to_num(array(result).astype("float64")).round(2).tolist()


@pytest.mark.parametrize("template", [*OPERATORS, *SCALED, *COMPARISONS, *FUNCTIONS])
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_operands_of_all_dtypes_are_promoted_as_torch_does(template: str, torch: ModuleType):
    operands = [(each,) for each in ARRAYS] if template in FUNCTIONS else PAIRS
    ours, theirs = ({each: outcome(library, template.format(*each)) for each in operands} for library in (microtorch, torch))
    differing = {each: (ours[each], theirs[each]) for each in operands if ours[each] != theirs[each]}
    if template in {"{0} - {1}", "{0} ** {1}", "relu({})", *SCALED}:  # torch refuses bools here, mostly; NumPy does not
        differing = {each: seen for each, seen in differing.items() if not {"bool", "True"} & {*re.findall(r"\w+", str(each))}}
    assert differing == {}


# ── Random programs ──────────────────────────────────────────────────────────────────────────────────────────────────

STEPS = [
    "{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} / (1 + {1} * {1})", "{0} * {0}", "2 - {0}", "3 / (2 + {0} * {0})", "-{0}",
    "tanh({0})", "sigmoid({0})", "exp(tanh({0}))", "log(1 + {0} * {0})", "relu({0} - {1})", "where({0} > {1}, {0}, {1})",
    "(1 + {0} * {0}) ** {1}", "{0} ** 3", "2 ** tanh({0})", "{0}.sum()", "{0}.mean()", "({0} + x).sum(0)",
    "({0} + x).mean(1, keepdim=True)", "({0} + x)[0]", "({0} + x)[:, [0, 0, 1]]", "({0} + x).t().reshape(2, 3)",
    "({0} + x) @ ({1} + x).t() @ x",
]  # fmt: skip
programs = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 10), st.integers(0, 10)), min_size=1, max_size=7)


def run(program: list[tuple[str, int, int]], library: ModuleType, inputs: dict[str, Any]) -> Any:
    """Each step reads values made before it, inputs or results; the program's value is the last."""
    values = [*inputs.values()]
    for template, first, second in program:
        operands = {"value": values[-1 - first % len(values)], "other": values[second % len(values)]}
        result = evaluate(template.format("value", "other"), library, inputs | operands)
        values.append(result if abs(array(result)).max() < 10 else library.tanh(result / 10))
    return values[-1]


@given(programs)
@settings(deadline=None, max_examples=150)
def test_random_programs_have_the_values_and_gradients_of_torch(torch: ModuleType, program: list[tuple[str, int, int]]):
    results = []
    for library in (microtorch, torch):
        inputs = leaves(library, Operation("x, v, c, s"))
        out = run(program, library, inputs)
        first, second = derivatives(library, inputs, out)
        results.append([array(out), *map(array, first), *second])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-8)
