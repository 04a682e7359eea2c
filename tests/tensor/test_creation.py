"""Making Variables, as torch makes them: values, dtypes, shapes; and what is refused."""

import numpy as np
import pytest

import microtorch
from tests.libraries import assert_refused

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
    "lib.zeros(size=(2, 1))", "lib.randn(size=[2]).shape", "x.new_ones(size=(2,))", "lib.zeros(i[1], 2)",
    "lib.zeros(np.int64(2))",
    "lib.zeros(2, dtype=float)", "lib.ones(2, dtype=int)", "lib.tensor([1.5], dtype=bool)", "lib.zeros_like(x, dtype=float)",
    "lib.tensor([np.float64(2.5)])", "lib.tensor([np.float32(2.5), 1])", "lib.tensor([np.float16(1), np.int64(3)])",
    "lib.tensor([[np.int8(1), 2], [3, 4]])", "lib.tensor([np.ones(2), [1, 2]])", "lib.tensor([i[0], 2.5])",
    "lib.tensor([x[0, 0].double(), 1])", "lib.tensor([True, 2])", "lib.tensor([[], []])", "lib.tensor(bytearray(b'ab'))",
    "lib.tensor(-1, dtype=lib.uint8)", "lib.tensor(2.7, dtype=lib.int64)", "lib.tensor(10**30, dtype=lib.float64)",
    "lib.tensor(-(2**63))", "lib.tensor(np.array([300.0]), dtype=lib.int64)", "lib.as_tensor(np.float32(2))",
    "lib.full((2,), np.float64(2.5))", "lib.full((2,), i[1])", "lib.full(size=(1,), fill_value=True)", "i.new_full((2,), 3.7)",
    "lib.arange(0, 2.5, dtype=lib.int64)", "lib.arange(0, 3, 1.5, dtype=lib.int64)", "lib.arange(np.int64(3))",
    "lib.arange(lib.tensor(3))", "lib.arange(True)", "lib.linspace(lib.tensor(0.0), lib.tensor(1.0), 3)",
    "lib.linspace(0, 10, 5, dtype=lib.int64)", "lib.logspace(0, 2, 3, 2, dtype=lib.int64)",
    "lib.ones_like(lib.ones(3, 2).t()).stride()", "lib.empty_like(lib.ones(2, 3).t()).stride()",
    "lib.zeros_like(lib.ones(1).expand(3)).stride()",
    "lib.Tensor(lib.Size([2, 3])).shape", "lib.IntTensor(np.int64(3)).shape", "lib.Tensor(np.ones(2))", "lib.Tensor((2, 3))",
    "x.new(x.shape).shape", "x.new(3).shape", "x.new()", "i.new([1.5])", "lib.Tensor(x)", "lib.asarray(x, requires_grad=False)",
    "lib.asarray(np.ones(2), requires_grad=True).is_leaf", "lib.asarray([1.0], copy=True)", "lib.asarray(i, dtype=lib.float64)",
    "lib.randint(high=5, size=(2,)).shape", "lib.randint(3, 4, size=(2,), dtype=lib.float32)",
    "lib.rand(2, dtype=lib.half).dtype",
    "lib.randperm(5, dtype=lib.float32).sort().values", "lib.normal(lib.zeros(3), lib.ones(2, 1).double()).dtype",
    "lib.poisson(x, lib.Generator()).shape", "lib.zeros(0, 3).normal_().shape", "x.clone().random_(to=1)",
    "i.clone().random_(5, 6)",
    "x.bool().random_().dtype", "x.clone().uniform_(2, to=2)", "i.clone().bernoulli_(1)", "lib.manual_seed(-1).initial_seed()",
    "lib.Generator().initial_seed()", "lib.manual_seed(np.int64(3)).initial_seed()", "lib.Generator().device",
    "x.clone().random_(1, 2)", "x.clone().bernoulli_(1.0)", "x.clone().exponential_().shape", "lib.seed() == lib.initial_seed()",
]  # fmt: skip


def evaluated(lib, expression):
    names = {"lib": lib, "np": np, "x": lib.tensor([[0.5, 1.0, 2.0]]), "i": lib.tensor([1, 2])}
    found = eval(expression, names)
    if hasattr(found, "tolist"):
        return str(found.dtype).rpartition(".")[2], tuple(found.shape), np.asarray(found.tolist(), "float64").round(6).tolist()
    return str(found).replace("microtorch", "torch")


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.filterwarnings("ignore:Converting a tensor", "ignore:Creating a tensor from a list")
def test_it_is_made_as_torch_makes_it(torch, expression):
    assert evaluated(microtorch, expression) == evaluated(torch, expression)


MISTAKES = {
    "a negative length": (lambda lib: lib.zeros(-1), RuntimeError, "(?i)negative"),
    "a length that is no integer": (lambda lib: lib.zeros(1.5), TypeError, "ints|int"),
    "another device": (lambda lib: lib.zeros(2, device="cuda"), (RuntimeError, AssertionError), "(?i)cuda"),
    "no device": (lambda lib: lib.device("fpu"), RuntimeError, "(?s)Expected one of.*fpu"),
    "ragged lists": (lambda lib: lib.tensor([[1, 2], [3]]), ValueError, "length"),
    "strings": (lambda lib: lib.tensor(["a"]), (ValueError, TypeError), "str|<U"),
    "words among numbers": (lambda lib: lib.tensor([1, "a"]), TypeError, "str"),
    "a set": (lambda lib: lib.tensor({1, 2}), (TypeError, RuntimeError), "set"),
    "a generator": (lambda lib: lib.tensor(i for i in range(3)), (TypeError, RuntimeError), "generator"),
    "nothing": (lambda lib: lib.tensor([None]), (TypeError, RuntimeError), "NoneType"),
    "a dtype by name": (lambda lib: lib.tensor([1.0], dtype="float32"), TypeError, "dtype.*(float32|str)"),
    "a dtype of NumPy": (lambda lib: lib.zeros(2, dtype=np.float32), TypeError, "dtype"),
    "a number too large": (lambda lib: lib.tensor(2**63), (ValueError, RuntimeError), "(?i)overflow"),
    "a number far too large": (lambda lib: lib.tensor([10**30]), (ValueError, RuntimeError), "(?i)overflow"),
    "a number too large for the dtype": (lambda lib: lib.tensor([300], dtype=lib.uint8), RuntimeError, "uint8 without overflow"),
    "a number too small for the dtype": (lambda lib: lib.tensor(-129, dtype=lib.int8), RuntimeError, "int8 without overflow"),
    "nan as an integer": (lambda lib: lib.tensor(float("nan"), dtype=lib.int64), RuntimeError, "int64 without overflow"),
    "a full of what overflows": (lambda lib: lib.full((2,), 300, dtype=lib.uint8), RuntimeError, "uint8.*without overflow"),
    "a full of several": (lambda lib: lib.full((2,), [1, 2]), TypeError, "fill_value.*(n|N)umber"),
    "a full of a gradient": (lambda lib: lib.full((2,), lib.ones((), requires_grad=True)), TypeError, "fill_value.*(n|N)umber"),
    "a full of no tuple": (lambda lib: lib.full(2, 1.0), TypeError, "size.*tuple of ints"),
    "a size that is no tuple": (lambda lib: lib.ones(size=2), TypeError, "size.*tuple of ints"),
    "a size said twice": (lambda lib: lib.ones(2, size=(2,)), TypeError, "size|ones"),
    "lists in a size": (lambda lib: lib.zeros([[2]]), TypeError, "tuple of ints"),
    "an array the other way round": (lambda lib: lib.from_numpy(np.ones(2)[::-1]), ValueError, "stride.*negative.*copy"),
    "bytes the other way round": (lambda lib: lib.as_tensor(np.ones(2, ">f4")), ValueError, "byte order"),
    "a copy of bytes the other way round": (lambda lib: lib.tensor(np.ones(2, ">f4")), ValueError, "byte order"),
    "a list that is not to be copied": (lambda lib: lib.asarray([1], copy=False), ValueError, "can't alias"),
    "a conversion that is not to copy": (
        lambda lib: lib.asarray(np.ones(2), dtype=lib.half, copy=False), ValueError, "can't alias"),
    "a range to nowhere": (lambda lib: lib.arange(float("inf")), RuntimeError, "unsupported range: 0 -> inf"),
    "a range to nan": (lambda lib: lib.arange(float("nan")), RuntimeError, "unsupported range: 0 -> nan"),
    "a range of words": (lambda lib: lib.arange("a"), TypeError, "arange.*(n|N)umber, not str"),
    "a step that is rounded away": (lambda lib: lib.arange(0, 1, 0.1, dtype=lib.int64), (ValueError, RuntimeError), "nonzero"),
    "no whole number of steps": (lambda lib: lib.linspace(0, 1, 2.5), TypeError, "int|float"),
    "a linspace of words": (lambda lib: lib.linspace("a", 1, 3), TypeError, "str"),
    "an identity of no whole size": (lambda lib: lib.eye(2.0), TypeError, "int"),
    "a constructor of a number": (lambda lib: lib.Tensor(2.5), TypeError, r"data must be a sequence \(got float\)"),
    "a constructor of nothing": (lambda lib: lib.FloatTensor(None), TypeError, r"data must be a sequence \(got NoneType\)"),
    "a constructor of another type": (lambda lib: lib.FloatTensor(lib.ones(2, dtype=lib.float64)), TypeError, "expected"),
    "random integers of no size": (lambda lib: lib.randint(5), TypeError, "size|randint"),
    "random integers of no tuple": (lambda lib: lib.randint(5, 2), TypeError, "size.*tuple of ints"),
    "random integers below a float": (lambda lib: lib.randint(0, 2.5, (2,)), TypeError, "int"),
    "random integers beyond the dtype": (
        lambda lib: lib.randint(300, (2,), dtype=lib.uint8), RuntimeError, "to - 1.* is out of bounds for u"),
    "random integers below the dtype": (
        lambda lib: lib.ones(2, dtype=lib.int8).random_(-200, 2), RuntimeError, "from.* is out of bounds for"),
    "no random integers": (lambda lib: lib.ones(2).random_(0), RuntimeError, "from=0 >= to=0"),
    "a permutation beyond the dtype": (lambda lib: lib.randperm(300, dtype=lib.uint8), RuntimeError, "uint8.*without overflow"),
    "a permutation of a half": (lambda lib: lib.randperm(2.5), TypeError, "n.* must be .*int"),
    "uniform integers": (lambda lib: lib.rand(2, dtype=lib.int64), NotImplementedError, "not implemented for"),
    "normal integers": (lambda lib: lib.ones(2, dtype=lib.int64).normal_(), NotImplementedError, "not implemented for"),
    "exponential integers": (lambda lib: lib.ones(2, dtype=lib.int64).exponential_(), RuntimeError, "floating"),
    "trials of integers": (lambda lib: lib.bernoulli(lib.tensor([1])), NotImplementedError, "not implemented for"),
    "chances that do not fit": (
        lambda lib: lib.ones(2, 2).bernoulli_(lib.ones(3)), RuntimeError, r"[Ss]ize.* \(2\) must match .*\(?3\)?"),
    "a chance of nan": (lambda lib: lib.ones(2).bernoulli_(float("nan")), RuntimeError, r"expects p to be in \[0, 1\]"),
    "a negative rate": (lambda lib: lib.poisson(-lib.ones(2)), RuntimeError, "invalid Poisson rate"),
    "a rate of 0": (lambda lib: lib.ones(2).exponential_(0), RuntimeError, "lambda > 0.0.*lambda=0"),
    "normal without a size": (lambda lib: lib.normal(0.0, 1.0), TypeError, r"normal\(\)"),
    "normal of a size too many": (lambda lib: lib.normal(lib.ones(2), 1.0, (2,)), TypeError, r"normal\(\)"),
    "normal of other shapes": (lambda lib: lib.normal(lib.ones(3), lib.ones(2)), RuntimeError, r"\(3\) must match .* \(2\)"),
    "half a sample": (lambda lib: lib.multinomial(lib.ones(3), 1.5), TypeError, "num_samples.*int"),
    "no sample": (lambda lib: lib.multinomial(lib.ones(3), 0), RuntimeError, "n_sample <= 0"),
    "samples of integers": (lambda lib: lib.multinomial(lib.tensor([1, 2]), 1), RuntimeError, "floating-point dtypes"),
    "samples of a list": (lambda lib: lib.multinomial([1.0, 2.0], 1), TypeError, "list|Tensor"),
    "a seed of too many bits": (lambda lib: lib.manual_seed(2**64), (ValueError, RuntimeError), "Overflow"),
    "a state that is none": (lambda lib: lib.Generator().set_state(3), TypeError, "int"),
    "a state of another length": (lambda lib: lib.set_rng_state(lib.zeros(3, dtype=lib.uint8)), RuntimeError, "RNG state"),
    "a GPU's generator": (lambda lib: lib.Generator("cuda"), (RuntimeError, AssertionError), "(?i)cuda"),
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
    assert_refused(MISTAKES[mistake], lib)


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


def test_a_constructor_of_2017_makes_an_alias_of_a_variable(lib):
    x = lib.ones(2, requires_grad=True)
    y = x.new(x)
    assert (y.grad_fn.name(), y.data_ptr() == x.data_ptr()) == ("AliasBackward0", True)


@pytest.mark.filterwarnings("ignore:torch.asarray")
def test_a_copy_by_asarray_is_recorded(lib):
    x = lib.ones(2, requires_grad=True)
    assert lib.asarray(x, copy=True).grad_fn.name() == "CloneBackward0"
    assert lib.asarray(x) is x


def test_what_is_drawn_by_a_variable_gives_it_a_gradient_of_zeros(lib):
    p = lib.full((3,), 0.5, requires_grad=True)
    drawn = (lib.bernoulli(p), lib.normal(p, p), lib.poisson(p), (p * 1).bernoulli_(p), (p * 1).uniform_())
    sum(each.sum() for each in drawn).backward()
    assert p.grad.tolist() == [0.0, 0.0, 0.0]


def test_filling_counts_as_a_change_in_place(lib):
    x = lib.ones(2)
    x.uniform_().normal_().random_().exponential_().bernoulli_()
    assert x._version == 5


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_uniform_numbers_never_reach_their_upper_bound(dtype):
    g = microtorch.Generator()
    g._made = type("Highest", (), {"random": staticmethod(lambda shape: np.full(shape, 1 - 2.0**-53))})
    kind = getattr(microtorch, dtype)
    assert (microtorch.rand(2, dtype=kind, generator=g) < 1).all()
    assert (microtorch.zeros(2, dtype=kind).uniform_(1, 3, generator=g) < 3).all()


def test_random_integers_of_a_dtype_reach_its_largest(lib):
    assert lib.zeros(4000, dtype=lib.int8).random_().max() == 127
    assert lib.zeros(4000, dtype=lib.int8).random_(-128, 128).min() == -128


def test_unseeded_generators_give_the_same_numbers(lib):
    assert lib.equal(lib.rand(3, generator=lib.Generator()), lib.rand(3, generator=lib.Generator()))


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


# ── The class of 2017, and memory formats ────────────────────────────────────────────────────────────────────────────


def test_the_class_has_the_methods_of_its_values(lib):
    assert lib.Tensor.view(lib.ones(4), 2, 2).shape == (2, 2)
    assert list(map(lib.Tensor.item, lib.ones(2))) == [1.0, 1.0]
    assert lib.FloatTensor.add(lib.ones(1), 1).tolist() == [2.0]
    assert not hasattr(lib.Tensor, "no_such_method")


def test_a_memory_format_may_be_named(lib):
    x = lib.ones(2)
    assert x.clone(memory_format=lib.preserve_format).tolist() == [1, 1]
    assert x.contiguous(memory_format=lib.contiguous_format).is_contiguous(memory_format=lib.contiguous_format)
    assert lib.zeros_like(x, memory_format=lib.preserve_format).tolist() == [0, 0]
    assert lib.empty(2, memory_format=lib.contiguous_format).shape == (2,)
    assert x.to(lib.float64, memory_format=lib.preserve_format).dtype == lib.float64
    assert (repr(lib.contiguous_format), isinstance(lib.contiguous_format, lib.memory_format)) == (
        "torch.contiguous_format",
        True,
    )
