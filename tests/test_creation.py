"""Making Variables, as torch makes them: values, dtypes, shapes; and what is refused."""

import numpy as np
import pytest

import microtorch

EXPRESSIONS = [
    "lib.zeros(2, 3)", "lib.ones((2,), dtype=lib.int64)", "lib.ones([2, 1])", "lib.zeros(())", "lib.full((2, 2), 7)",
    "lib.full((2,), 0.5)", "lib.full((), True)", "lib.full((2,), 3, dtype=lib.float64)", "lib.eye(2)", "lib.eye(2, 3)",
    "lib.arange(5)", "lib.arange(1, 4)", "lib.arange(1, 2, 0.25)", "lib.arange(5, 0, -2)", "lib.arange(end=3)", "lib.arange(3.0)",
    "lib.arange(0, 3, dtype=lib.float64)", "lib.linspace(0, 1, 5)", "lib.linspace(3, 3, 1)", "lib.linspace(0, 1, 0)",
    "lib.linspace(-1, 1, 3, dtype=lib.float64)", "lib.linspace(start=0, end=10, steps=3)", "lib.logspace(0, 2, 3)",
    "lib.logspace(0, 3, 4, base=2)", "lib.tensor(3)", "lib.tensor([True])", "lib.tensor([[1.5]])", "lib.tensor([])",
    "lib.tensor(range(3))", "lib.tensor([1, 2.5])", "lib.tensor((1, 2), dtype=lib.uint8)",
    "lib.tensor([lib.tensor(1), lib.tensor(2)])",
    "lib.tensor(np.float64(2))", "lib.tensor(np.arange(3, dtype='int16'))", "lib.as_tensor([1.0, 2.0])",
    "lib.as_tensor(np.ones(2))", "lib.as_tensor(x)", "lib.as_tensor(x, dtype=lib.float64)", "lib.asarray([1, 2])",
    "lib.asarray(x, copy=True)", "lib.from_numpy(np.ones(2))", "lib.zeros_like(x)", "lib.ones_like(x, dtype=lib.int32)",
    "lib.full_like(x, 2)", "lib.empty_like(x).shape", "lib.empty(0, 3)", "x.new_zeros(2)", "x.new_ones((1, 2), dtype=lib.int64)",
    "x.new_full((2,), 3)", "x.new_tensor([1, 2])", "x.new_empty(2, 3).shape", "i.new_tensor([1.7])",
    "lib.zeros(2, device='cpu')", "lib.ones(2, device=lib.device('cpu')).device",
    "lib.zeros(2, requires_grad=True).requires_grad",
    "lib.zeros(lib.Size([2, 1]))", "lib.zeros(x.shape)", "lib.zeros(*x.shape)", "lib.zeros(2, True)" , "lib.Tensor(2, 3).shape",
    "lib.LongTensor([1, 2])", "lib.FloatTensor().shape", "x.new(2, 3).shape", "x.new([1, 2])",
    "lib.randint(3, (2,)).dtype", "lib.randint(2, 5, (2, 3)).shape", "lib.randperm(4).sort().values", "lib.randperm(0)",
    "lib.rand(2, 3).shape", "lib.randn(()).dtype", "lib.rand_like(x).dtype", "lib.randn_like(i, dtype=lib.float64).dtype",
    "lib.normal(0.0, 1.0, (2, 3)).shape", "lib.normal(lib.zeros(3), 2.0).shape", "lib.normal(1.0, lib.ones(2)).dtype",
    "lib.normal(lib.zeros(3, 1), lib.ones(2)).shape", "lib.bernoulli(lib.ones(2, 2))", "lib.bernoulli(lib.zeros(2)).dtype",
    "lib.multinomial(lib.tensor([0.0, 2.0]), 1)", "lib.multinomial(lib.ones(3, 4), 2).shape", "lib.poisson(lib.zeros(2))",
    "lib.multinomial(lib.ones(4), 4).sort().values", "lib.randint_like(i, 5).dtype", "lib.manual_seed(3).initial_seed()",
    "lib.Generator().manual_seed(5).initial_seed()", "x.clone().uniform_(2, 3).shape", "x.clone().normal_(2, 0.0)",
    "x.clone().random_(1, 2)", "x.clone().bernoulli_(1.0)", "x.clone().exponential_().shape", "lib.seed() == lib.initial_seed()",
]  # fmt: skip


def evaluated(lib, expression):
    names = {"lib": lib, "np": np, "x": lib.tensor([[0.5, 1.0, 2.0]]), "i": lib.tensor([1, 2])}
    found = eval(expression, names)
    if hasattr(found, "tolist"):
        return str(found.dtype).rpartition(".")[2], tuple(found.shape), np.asarray(found.tolist(), "float64").round(6).tolist()
    return str(found).replace("microtorch", "torch")


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.filterwarnings("ignore:Converting a tensor")
def test_it_is_made_as_torch_makes_it(torch, expression):
    assert evaluated(microtorch, expression) == evaluated(torch, expression)


MISTAKES = {
    "a negative length": (lambda lib: lib.zeros(-1), RuntimeError, "(?i)negative"),
    "a length that is no integer": (lambda lib: lib.zeros(1.5), TypeError, "ints|int"),
    "another device": (lambda lib: lib.zeros(2, device="cuda"), (RuntimeError, AssertionError), "(?i)cuda"),
    "no device": (lambda lib: lib.device("fpu"), RuntimeError, "(?s)Expected one of.*fpu"),
    "ragged lists": (lambda lib: lib.tensor([[1, 2], [3]]), ValueError, "length"),
    "strings": (lambda lib: lib.tensor(["a"]), (ValueError, TypeError), "str|<U"),
    "several elements in a list": (lambda lib: lib.tensor([lib.ones(2)]), ValueError, "only one element tensors"),
    "a list as an array": (lambda lib: lib.from_numpy([1.0]), TypeError, "np.ndarray.*list"),
    "an array of a dtype that is not here": (lambda lib: lib.tensor(np.ones(2, "complex64" if lib is microtorch else "object")),
        TypeError, "complex64|object"),
    "an array of objects": (lambda lib: lib.from_numpy(np.array([None])), TypeError, "object"),
    "a negative number of steps": (lambda lib: lib.linspace(0, 1, -1), RuntimeError, "non-negative"),
    "a range that never ends": (lambda lib: lib.arange(0, 5, -1), RuntimeError, "step|bound"),
    "no integers to draw from": (lambda lib: lib.randint(3, 3, (2,)), RuntimeError, "from=3 >= to=3"),
    "a negative permutation": (lambda lib: lib.randperm(-1), RuntimeError, "(?i)negative"),
    "a negative deviation": (lambda lib: lib.normal(0.0, -1.0, (2,)), RuntimeError, "std >= 0"),
    "a chance above 1": (lambda lib: lib.bernoulli(lib.tensor([2.0])), RuntimeError, "p_in >= 0 && p_in <= 1"),
    "more than there is": (lambda lib: lib.multinomial(lib.ones(2), 3), RuntimeError, "without replacement"),
    "weights of nothing": (lambda lib: lib.multinomial(lib.zeros(2), 1), RuntimeError, "invalid multinomial distribution"),
    "negative weights": (lambda lib: lib.multinomial(lib.tensor([-1.0, 2.0]), 1), RuntimeError, "element < 0"),
    "a seed of text": (lambda lib: lib.Generator().manual_seed("a"), (TypeError, RuntimeError), "(?i)long|int"),
    "a generator of NumPy": (lambda lib: lib.rand(2, generator=np.random.default_rng()), TypeError, "(?i)generator"),
    "integers that need gradients": (lambda lib: lib.tensor([1], requires_grad=True), RuntimeError, "floating point"),
    "filling a leaf": (lambda lib: lib.ones(2, requires_grad=True).normal_(), RuntimeError, "leaf"),
    "a range from above": (lambda lib: lib.ones(2).uniform_(2, 1), RuntimeError, "from=2.* > to=1"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    program, error, message = MISTAKES[mistake]
    with pytest.raises(error, match=message):
        program(lib)


def test_an_array_and_the_variable_made_from_it_share_memory(lib):
    array = np.zeros(2)
    for made in (lib.from_numpy, lib.as_tensor, lib.asarray):
        made(array).add_(1)
    assert array.tolist() == [3.0, 3.0]
    lib.tensor(array).add_(1)
    assert array.tolist() == [3.0, 3.0]


def test_as_tensor_keeps_a_history(lib):
    x = lib.ones(2, requires_grad=True)
    assert lib.as_tensor(x) is x
    assert lib.as_tensor(x * 2, dtype=lib.float64).grad_fn.name() == "ToCopyBackward0"


def test_a_seed_begins_the_same_sequence_for_every_source_of_random_numbers(lib):
    def drawn():
        x = lib.zeros(4)
        weights = lib.ones(9)
        several = (lib.rand(3), lib.randn(3), lib.randint(0, 99, (3,)), lib.randperm(9), lib.normal(x, 1.0), x.uniform_().clone())
        return [each.tolist() for each in (*several, lib.bernoulli(weights / 2), lib.multinomial(weights, 5), x.normal_())]

    lib.manual_seed(7)
    first, other = drawn(), drawn()
    lib.manual_seed(7)
    assert drawn() == first != other


def test_a_generator_has_a_state_of_its_own(lib):
    g = lib.Generator()
    state = g.manual_seed(1).get_state()
    first = lib.rand(3, generator=g)
    lib.rand(5)
    g.set_state(state)
    assert lib.equal(lib.rand(3, generator=g), first)
    kept = lib.get_rng_state()
    again = lib.randn(2)
    lib.set_rng_state(kept)
    assert lib.equal(lib.randn(2), again)


def test_random_numbers_are_distributed_as_they_say():
    microtorch.manual_seed(0)
    n = 20000
    means = {
        "rand": microtorch.rand(n).mean(), "normal": microtorch.normal(2.0, 3.0, (n,)).mean(),
        "randint": microtorch.randint(2, 5, (n,)).float().mean(),
        "bernoulli": microtorch.bernoulli(microtorch.full((n,), 0.3)).mean(),
        "exponential": microtorch.zeros(n).exponential_(2.0).mean(),
        "poisson": microtorch.poisson(microtorch.full((n,), 4.0)).mean(),
        "multinomial": microtorch.multinomial(microtorch.tensor([1.0, 3.0]), n, True).float().mean(),
    }  # fmt: skip
    expected = {"rand": 0.5, "normal": 2, "randint": 3, "bernoulli": 0.3, "exponential": 0.5, "poisson": 4, "multinomial": 0.75}
    assert {name: each.item() for name, each in means.items()} == pytest.approx(expected, abs=0.06)


def test_numpys_random_numbers_are_loaded_only_when_they_are_needed():
    import subprocess
    import sys

    program = "import sys, microtorch; print('numpy.random' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
