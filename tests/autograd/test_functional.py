"""Jacobians, Hessians and their products with vectors: what torch.autograd.functional gives, and what it refuses."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import microtorch
from microtorch.autograd import functional

# ── The table: functions that run as they stand on both libraries, and a point for each ──────────────────────────────


@dataclass(frozen=True)
class Row:
    name: str
    func: Callable[..., Any]
    shapes: Any  # of one input, or a list for a tuple of them
    dtype: str = "float64"
    smooth_scalar: bool = False  # whether it has a Hessian: one output, of one element

    def __str__(self) -> str:
        return self.name


def powers(x, y):
    return (x**3 * y).sum() + (y * y).sum() * 0.5


ROWS = [
    Row("elementwise", lambda x: x.exp() * x, (2, 3)),
    Row("a sum along a dimension", lambda x: (x * x).sum(dim=1), (2, 3)),
    Row("a matrix product", lambda x, y: x @ y, [(2, 3), (3, 2)]),
    Row("two inputs that broadcast", lambda x, y: x * y.tanh(), [(2, 1), (3,)]),
    Row("several outputs", lambda x, y: (x * y, (x + y).sum(), x.sigmoid()), [(2,), (2,)]),
    Row("a tuple of one output of a tuple of one input", lambda x: (x * x,), [(3,)]),
    Row("an unused input", lambda x, y: x * 2, [(2,), (3,)]),
    Row("an output that is constant", lambda x: (x * 2, x.detach() * 3), (2,)),
    Row("an output that is an input", lambda x, y: (x, y * x), [(2,), (2,)]),
    Row("0 dimensions", lambda x: x**3, (), smooth_scalar=True),
    Row("an input without elements", lambda x, y: x.sum() + y * 2, [(0, 2), (2,)]),
    Row("single precision", lambda x: x.exp() * 2, (3,), "float32"),
    Row("a cast inside", lambda x: (x * x).double(), (3,), "float32"),
    Row("transposed and indexed", lambda x: x.t()[1] * x[0, 0], (3, 2)),
    Row("a cubic", lambda x: (x**3).sum(), (2, 2), smooth_scalar=True),
    Row("a scalar of two inputs", powers, [(2,), (2,)], smooth_scalar=True),
    Row("a scalar of inputs of two shapes", lambda x, y: ((x @ y).tanh()).sum(), [(2, 3), (3,)], smooth_scalar=True),
    Row("a scalar with a linear input", lambda x, y: (x * x).sum() + y.sum(), [(2,), (3,)], smooth_scalar=True),
    Row("a scalar of shape (1, 1)", lambda x: x.exp() @ x.t(), (1, 3), smooth_scalar=True),
    Row("a linear scalar", lambda x: x.sum() * 3, (2,), smooth_scalar=True),
    Row("a constant scalar", lambda x: x.detach().sum(), (2,), smooth_scalar=True),
]
each_row = pytest.mark.parametrize("row", ROWS, ids=str)
each_scalar = pytest.mark.parametrize("row", [row for row in ROWS if row.smooth_scalar], ids=str)
each_mode = pytest.mark.parametrize("create_graph", [False, True], ids=["plain", "create_graph"])


def variables(library: ModuleType, shapes: Any, dtype: str = "float64", seed: int = 0, requires_grad: bool = False) -> Any:
    """A Variable of one shape; a tuple of them for a list."""
    rng = np.random.default_rng(seed)
    made = tuple(
        library.tensor(np.array(rng.uniform(0.5, 1.5, shape), dtype), requires_grad=requires_grad)
        for shape in (shapes if isinstance(shapes, list) else [shapes])
    )
    return made if isinstance(shapes, list) else made[0]


def shapes_of(result: Any) -> Any:
    return [tuple(each.shape) for each in result] if isinstance(result, tuple) else tuple(result.shape)


def flat(result: Any) -> list[Any]:
    return [leaf for each in result for leaf in flat(each)] if isinstance(result, tuple) else [result]


def structure(result: Any) -> Any:
    """Everything about a result but its values."""
    if isinstance(result, tuple):
        return tuple(structure(each) for each in result)
    return str(result.dtype).rsplit(".", maxsplit=1)[-1], tuple(result.shape), result.requires_grad


def assert_same(ours: Any, theirs: Any) -> None:
    assert structure(ours) == structure(theirs)
    for mine, other in zip(flat(ours), flat(theirs), strict=True):
        np.testing.assert_allclose(mine.detach().numpy(), other.detach().numpy(), rtol=1e-6 if mine.dtype.itemsize < 8 else 1e-12)


def differentiated(library: ModuleType, result: Any, inputs: Any) -> list[np.ndarray]:
    """The gradient of a weighted sum of all that a function gave, with respect to its inputs: zeros where there is none."""
    parts = [each for each in flat(result) if each.requires_grad]
    inputs = flat(inputs)
    if not parts:
        return [np.zeros(tuple(each.shape)) for each in inputs]
    total = sum((each * each.exp()).sum().double() for each in parts)
    found = library.autograd.grad(total, inputs, allow_unused=True)
    return [np.zeros(tuple(x.shape)) if g is None else g.detach().numpy() for x, g in zip(inputs, found, strict=True)]


def compare(torch: ModuleType, call: Callable[..., Any], row: Row, create_graph: bool) -> None:
    """``call(functional, library, inputs, create_graph)`` in both libraries gives the same values and gradients."""
    results, gradients = [], []
    for library in (microtorch, torch):
        inputs = variables(library, row.shapes, row.dtype, requires_grad=create_graph)
        result = call(library.autograd.functional, library, inputs, create_graph)
        results.append(result)
        if create_graph:
            gradients.append(differentiated(library, result, inputs))
    assert_same(*results)
    if create_graph:
        for mine, other in zip(*gradients, strict=True):
            np.testing.assert_allclose(mine, other, rtol=1e-4 if row.dtype == "float32" else 1e-10)


def of_outputs(library: ModuleType, row: Row) -> Any:
    out = row.func(*flat(variables(library, row.shapes, row.dtype)))
    return variables(library, shapes_of(out), seed=1)


# ── Values, dtypes, tuples and histories are torch's ─────────────────────────────────────────────────────────────────


@each_mode
@each_row
def test_jacobian_is_torchs(torch, row, create_graph):
    compare(torch, lambda f, library, inputs, graph: f.jacobian(row.func, inputs, create_graph=graph), row, create_graph)


@each_mode
@each_row
def test_vjp_is_torchs(torch, row, create_graph):
    def call(f, library, inputs, graph):
        return f.vjp(row.func, inputs, of_outputs(library, row), create_graph=graph)

    compare(torch, call, row, create_graph)


@each_mode
@each_row
def test_jvp_is_torchs(torch, row, create_graph):
    def call(f, library, inputs, graph):
        return f.jvp(row.func, inputs, variables(library, row.shapes, row.dtype, seed=2), create_graph=graph)

    compare(torch, call, row, create_graph)


@each_mode
@each_scalar
def test_hessian_is_torchs(torch, row, create_graph):
    compare(torch, lambda f, library, inputs, graph: f.hessian(row.func, inputs, create_graph=graph), row, create_graph)


@each_mode
@each_scalar
@pytest.mark.parametrize("name", ["vhp", "hvp"])
def test_products_with_a_hessian_are_torchs(torch, name, row, create_graph):
    def call(f, library, inputs, graph):
        return getattr(f, name)(row.func, inputs, variables(library, row.shapes, row.dtype, seed=2), create_graph=graph)

    compare(torch, call, row, create_graph)


@pytest.mark.parametrize("name", ["vjp", "jvp", "vhp", "hvp"])
@pytest.mark.parametrize("shape", [(), (1,), (1, 1)], ids=str)
def test_the_vector_of_a_single_element_may_be_left_out(torch, name, shape):
    results = [getattr(each.autograd.functional, name)(lambda x: x**3, variables(each, shape)) for each in (microtorch, torch)]
    assert_same(*results)


@each_mode
@pytest.mark.parametrize("name", ["vjp", "jvp", "jacobian"])
def test_an_integer_output_is_refused_or_zero_as_in_torch(torch, name, create_graph):
    def outcome(library):
        x = variables(library, (2,), requires_grad=create_graph)
        v = [(library.ones(2),)] if name != "jacobian" else []
        try:
            return structure(
                getattr(library.autograd.functional, name)(lambda x: (x > 1).long(), x, *v, create_graph=create_graph)
            )
        except Exception as error:  # noqa: BLE001
            return type(error)

    assert outcome(microtorch) == outcome(torch)


# ── What follows from what ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_products_are_products_with_the_jacobian():
    x = variables(microtorch, (3,))
    u, v = variables(microtorch, (2,), seed=1), variables(microtorch, (3,), seed=2)

    def func(x):
        return (x * x * x)[:2] * x.sum()

    jacobian = functional.jacobian(func, x).numpy()
    np.testing.assert_allclose(functional.vjp(func, x, u)[1].numpy(), u.numpy() @ jacobian, rtol=1e-12)
    np.testing.assert_allclose(functional.jvp(func, x, v)[1].numpy(), jacobian @ v.numpy(), rtol=1e-12)


def test_a_hessian_of_a_hessian_is_the_fourth_derivative():
    x = microtorch.tensor(2.0, dtype=microtorch.float64)

    def second(x):
        return functional.hessian(lambda x: x**5, x, create_graph=True)

    assert functional.hessian(second, x).item() == 5 * 4 * 3 * 2 * 2.0


def test_a_vector_is_differentiated_too_with_create_graph(torch):
    found: dict[ModuleType, list[float]] = {microtorch: [], torch: []}
    for library in (microtorch, torch):
        x, v = variables(library, (2,), requires_grad=True), variables(library, (2,), seed=3, requires_grad=True)
        for name in ("vjp", "jvp"):
            _, product = getattr(library.autograd.functional, name)(lambda x: x**3, x, v, create_graph=True)
            found[library] += library.autograd.grad(product.sum(), v)[0].tolist()
    assert found[microtorch] == pytest.approx(found[torch])


each_name = pytest.mark.parametrize("name", ["vjp", "jvp", "jacobian", "hessian", "vhp", "hvp"])


@each_name
def test_no_grad_makes_no_difference_and_stays(name):
    x = variables(microtorch, (1,), requires_grad=True)
    call = getattr(functional, name)
    with microtorch.no_grad():
        inside = call(lambda z: z**3, x)
        assert not microtorch.is_grad_enabled()
    assert [each.tolist() for each in flat(inside)] == [each.tolist() for each in flat(call(lambda z: z**3, x))]
    assert x.grad is None


@each_mode
@each_name
def test_an_input_that_func_captures_is_a_constant(name, create_graph):
    x = variables(microtorch, (1,), requires_grad=True)
    captured, plain = (
        getattr(functional, name)(func, x, create_graph=create_graph)
        for func in (lambda z: z**3 * x, lambda z: z**3 * x.tolist()[0])
    )
    assert flat(captured)[-1].item() == pytest.approx(flat(plain)[-1].item())


@each_mode
def test_inputs_that_do_not_lie_in_order_or_are_no_leaves_are_as_good(torch, create_graph):
    results = []
    for library in (microtorch, torch):
        base = variables(library, (3, 2), requires_grad=True)
        results.append(library.autograd.functional.jacobian(lambda x: x * x.exp(), base.t()[:, 1:], create_graph=create_graph))
    assert_same(*results)


def test_inputs_are_not_copied_and_keep_their_flag():
    x = variables(microtorch, (2,))
    seen = []
    functional.jacobian(lambda z: seen.append(z) or z * 2, x)
    assert np.shares_memory(seen[0].detach().numpy(), x.numpy())
    assert (seen[0] is x, seen[0].requires_grad, x.requires_grad) == (False, True, False)


def test_vectorize_changes_nothing(torch):
    x, other = (variables(library, (2, 2)) for library in (microtorch, torch))
    assert_same(functional.jacobian(lambda x: x.exp(), x, vectorize=True), torch.autograd.functional.jacobian(torch.exp, other))
    ours = functional.hessian(lambda x: (x**3).sum(), x, vectorize=True)
    assert_same(ours, torch.autograd.functional.hessian(lambda x: (x**3).sum(), other, vectorize=True))


# ── What is refused, with torch's words ──────────────────────────────────────────────────────────────────────────────


def two(library: ModuleType, **options: Any) -> tuple[Any, Any]:
    return variables(library, [(2,), (2,)], **options)


REFUSED = [
    # name, call(functional, library), key words that both messages have
    ("an input is no Variable", lambda f, m: f.jacobian(lambda x: x, 3.0), "inputs given to jacobian must be either|type"),
    ("an entry is no Variable", lambda f, m: f.vjp(lambda x, y: x, (m.ones(1), 2)), "inputs given to vjp|at index 1 has type"),
    ("a list of inputs", lambda f, m: f.jvp(lambda x: x, [m.ones(1)]), "inputs given to jvp must be|list"),
    ("an output is no Variable", lambda f, m: f.vhp(lambda x: 3, m.ones(1)), "user-provided function given to vhp"),
    ("an output of a tuple is none", lambda f, m: f.jacobian(lambda x: (x, 3), m.ones(1)), "at index 1 has type"),
    ("v is no Variable", lambda f, m: f.vjp(lambda x: x, m.ones(2), 1.0), "v given to vjp must be"),
    ("integers", lambda f, m: f.jacobian(lambda x: x, m.tensor([1, 2])), "floating point|dtype can require gradients"),
    ("vjp without v", lambda f, m: f.vjp(lambda x: x, m.ones(2)), "v can only be None if the user-provided function returns"),
    ("jvp without v", lambda f, m: f.jvp(lambda x: x.sum(), m.ones(2)), "v can only be None if the input to the user-provided"),
    ("hvp without v", lambda f, m: f.hvp(lambda x: x.sum(), m.ones(2)), "v can only be None if the input"),
    ("vhp without v", lambda f, m: f.vhp(lambda x, y: x + y, (m.ones(1), m.ones(1))), "v can only be None if the input"),
    ("v of a wrong shape", lambda f, m: f.vjp(lambda x: x, m.ones(2), m.ones(3)), "v has invalid size|[2]|[3]"),
    ("an entry of v of a wrong shape",
     lambda f, m: f.jvp(lambda x, y: x, two(m), (m.ones(2), m.ones(3))), "Entry 1 in v has invalid size"),
    ("v of a wrong length", lambda f, m: f.jvp(lambda x, y: x, two(m), m.ones(2)), "v is a tuple of invalid length|2 but got 1"),
    ("v is a tuple of two for one", lambda f, m: f.jvp(lambda x: x, m.ones(2), two(m)), "v should contain a single Tensor"),
    ("hessian of a tuple", lambda f, m: f.hessian(lambda x: (x.sum(),), m.ones(2)), "hessian should return a single Tensor"),
    ("hessian of several elements", lambda f, m: f.hessian(lambda x: x, m.ones(2)), "hessian should contain a single element"),
    ("vhp of a tuple", lambda f, m: f.vhp(lambda x: (x.sum(),), m.ones(2), m.ones(2)), "vhp should return a single Tensor"),
    ("hvp of several elements", lambda f, m: f.hvp(lambda x: x, m.ones(2), m.ones(2)), "hvp should contain a single element"),
    ("an output without elements", lambda f, m: f.jacobian(lambda x: x[:0], m.ones(2)), "stack expects a non-empty TensorList"),
    ("an unknown strategy", lambda f, m: f.jacobian(lambda x: x, m.ones(2), strategy="sideways"), "forward-mode|reverse-mode"),
    ("an unknown outer strategy",
     lambda f, m: f.hessian(lambda x: x.sum(), m.ones(2), outer_jacobian_strategy="x"), "forward-mode|reverse-mode"),
    ("forward mode", lambda f, m: f.jacobian(lambda x: x, m.ones(2), strategy="forward-mode"), ""),
    ("strict and vectorize", lambda f, m: f.jacobian(lambda x: x, m.ones(2), strict=True, vectorize=True), "strict=True|vector"),
]  # fmt: skip


STRICT = [
    ("a constant output", lambda f, m, **k: f.vjp(lambda x: m.ones(1), m.ones(2), **k), "Output 0|does not require gradients"),
    ("jacobian, unused", lambda f, m, **k: f.jacobian(lambda x, y: x * x, two(m), **k), "independent of input 1"),
    ("jacobian, which output",
     lambda f, m, **k: f.jacobian(lambda x, y: (x * y, y * y), two(m), **k), "Output 1|independent of input 0"),
    ("vjp, unused", lambda f, m, **k: f.vjp(lambda x, y: y.sum(), two(m), **k), "output|independent of input 0"),
    ("jvp, unused", lambda f, m, **k: f.jvp(lambda x, y: x * x, two(m), two(m), **k), "independent of input 1"),
    ("vhp, linear", lambda f, m, **k: f.vhp(lambda x: x.sum(), m.ones(2), m.ones(2), **k), "jacobian|with respect to input 0"),
    ("hvp, linear", lambda f, m, **k: f.hvp(lambda x: x.sum(), m.ones(2), m.ones(2), **k), "jacobian|with respect to input 0"),
    ("hessian, linear", lambda f, m, **k: f.hessian(lambda x: x.sum(), m.ones(2), **k), "jacobian|input 0|twice differentiable"),
    ("vhp, unused", lambda f, m, **k: f.vhp(lambda x, y: (x * x).sum(), two(m), two(m), **k), "independent of input 1"),
    ("vhp, mixed", lambda f, m, **k: f.vhp(lambda x, y: (x * x).sum() + y.sum(), two(m), two(m), **k), "input 1|independent"),
    ("hessian, separate",
     lambda f, m, **k: f.hessian(lambda x, y: (x * x).sum() + (y * y).sum(), two(m), **k), "Output 0|independent of input 1"),
]  # fmt: skip

STRICT_GRAPH = [
    ("vjp", lambda f, x: f.vjp(lambda x: (x * 2).sum(), x, create_graph=True, strict=True), "jacobian|independent of input 0"),
    ("jacobian", lambda f, x: f.jacobian(lambda x: x * 2, x, create_graph=True, strict=True), "jacobian|independent of input 0"),
    (
        "jvp",
        lambda f, x: f.jvp(lambda x: x * 2, x, x.detach(), create_graph=True, strict=True),
        "jacobian|independent of input 0",
    ),
    ("vhp", lambda f, x: f.vhp(lambda x: (x * x).sum(), x, x.detach(), create_graph=True, strict=True), "hessian|of input 0"),
    ("hvp", lambda f, x: f.hvp(lambda x: (x * x).sum(), x, x.detach(), create_graph=True, strict=True), "hessian|of input 0"),
    ("hessian", lambda f, x: f.hessian(lambda x: (x * x).sum(), x, create_graph=True, strict=True), "independent of input 0"),
]


def refusals(torch: ModuleType, call: Callable[[ModuleType], Any]) -> tuple[Exception, Exception]:
    """What the call raises here and in torch."""
    errors = []
    for library in (microtorch, torch):
        with pytest.raises(Exception) as raised:  # noqa: PT011 - which one, the test compares
            call(library)
        errors.append(raised.value)
    return errors[0], errors[1]


def assert_same_refusal(torch: ModuleType, call: Callable[[ModuleType], Any], words: str) -> None:
    ours, theirs = refusals(torch, call)
    assert type(ours) is type(theirs)
    missing = [word for word in words.split("|") for message in (str(ours), str(theirs)) if word not in message]
    assert missing == [], f"{ours}\n{theirs}"


@pytest.mark.parametrize(("call", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_torch_refuses_is_refused_with_its_words(torch, call, words):
    assert_same_refusal(torch, lambda library: call(library.autograd.functional, library), words)


@pytest.mark.parametrize(("call", "words"), [row[1:] for row in STRICT], ids=[row[0] for row in STRICT])
def test_strict_refuses_what_is_zero_by_construction_and_otherwise_it_is_zeros(torch, call, words):
    assert_same_refusal(torch, lambda library: call(library.autograd.functional, library, strict=True), words)
    assert_same(*(call(library.autograd.functional, library) for library in (microtorch, torch)))


@pytest.mark.parametrize(("call", "words"), [row[1:] for row in STRICT_GRAPH], ids=[row[0] for row in STRICT_GRAPH])
def test_strict_with_create_graph_refuses_what_is_constant_by_construction(torch, call, words):
    def run(library):
        return call(library.autograd.functional, library.ones(2, requires_grad=True))

    assert_same_refusal(torch, run, words)


@each_name
def test_strict_accepts_what_depends_on_every_input(torch, name):
    results = []
    for library in (microtorch, torch):
        x = variables(library, (1,), requires_grad=True)
        results.append(getattr(library.autograd.functional, name)(lambda x: x**4, x, create_graph=True, strict=True))
    assert_same(*results)


def test_strict_names_the_input_whose_jacobian_is_constant():
    with pytest.raises(RuntimeError, match="independent of input 1"):
        functional.jacobian(lambda x, y: x * x + y, two(microtorch, requires_grad=True), create_graph=True, strict=True)


def test_a_jacobian_can_be_part_of_a_loss(torch):
    found = []
    for library in (microtorch, torch):
        w, x = variables(library, [(2, 2), (2,)], requires_grad=True)
        jacobian = library.autograd.functional.jacobian(lambda x, w=w: (w @ x) * x, x, create_graph=True)
        found.append(library.autograd.grad((jacobian * jacobian).sum(), [w, x]))
    assert_same(*found)
