"""What is computed in another way where there are many elements: the same values, order and gradients, in torch and here."""

import math

import numpy as np
import pytest

import microtorch
from microtorch.ops.elementwise.error_function import erf_of
from tests.libraries import weighted

COUNT = 6000
MANY = [
    "F.leaky_relu(x)", "F.leaky_relu(x, 2.0)", "F.leaky_relu(x, -0.5)", "F.elu(x, 0.7)", "F.celu(x, 0.5)", "F.selu(x)",
    "F.softplus(x, 2, 3)", "F.mish(x)", "F.gelu(x)", "F.logsigmoid(x)", "F.hardtanh(x)", "F.hardswish(x)", "F.softshrink(x)",
    "F.hardshrink(x)", "F.threshold(x, 0.5, 2.0)", "F.relu(x)", "x.erf()", "x.abs()", "lib.logaddexp(x, y)",
    "F.smooth_l1_loss(x, y)", "F.smooth_l1_loss(x, y, beta=0.3)", "F.huber_loss(x, y, delta=0.7)",
    "F.soft_margin_loss(x, y.sign().detach())", "F.binary_cross_entropy_with_logits(x, y.sigmoid())", "F.prelu(rows, y[:1])",
    "x % y", "x % -1.5", "x.fmod(y)", "x.fmod(1.5)", "x ** 3", "x ** 5", "x ** -3", "x ** 20", "x ** 21", "x.diff()",
    "rows[:, 3:50]", "x[::2]", "x[index]", "rows[index[:300] % 60]", "rows[index[:300] % 60 - 60]", "rows.gather(1, places)",
    "rows.scatter_add(1, places, rows * 2)", "rows.gather(0, places % 60)", "rows.index_select(0, index % 60)",
    "rows.index_select(1, index % 100)", "rows.index_add(1, index[:100] % 100, rows * 2)", "rows.take_along_dim(places, 1)",
    "F.embedding(index % 60, rows)", "lib.index_put(x, (index,), y, True)", "x.cumsum(0)", "rows.cumsum(0)",
    "x.reshape(1000, 6).cumsum(1)", "x.reshape(6, 1000).cumsum(0)", "rows.topk(5)[0]", "rows.topk(30, 0, False)[0]",
    "x.topk(7)[0]", "x.topk(100, largest=False)[0]", "rows.kthvalue(7, 1)[0]", "rows.median(0)[0]", "x.median()",
    "x.nanmedian()", "F.interpolate(image, scale_factor=2)", "F.interpolate(image, size=13)",
    "F.interpolate(image, scale_factor=0.4)", "F.interpolate(image, scale_factor=2, mode='bilinear')",
    "F.interpolate(image, size=(7, 61), mode='bilinear', align_corners=True)", "F.conv2d(image, depth, padding=1, groups=6)",
    "F.conv2d(image, doubled, stride=2, groups=6)", "F.conv_transpose2d(image, depth, stride=2, groups=6)",
    "F.conv_transpose2d(image, doubled.reshape(6, 2, 3, 3), groups=6)",
]  # fmt: skip


def evaluated(lib, expression, dtype):
    """The result, the gradients for all floats, and those of a sum of their squares."""
    rng = np.random.default_rng(7)
    x, y = (rng.normal(size=COUNT).astype(dtype) for _ in range(2))
    weights = rng.normal(size=(18, 1, 3, 3)).astype(dtype)
    arrays = {
        "x": x,
        "y": y,
        "rows": x.reshape(60, 100),
        "image": x.reshape(1, 6, 25, 40),
        "depth": weights[:6],
        "doubled": weights[6:],
    }
    names = {name: lib.tensor(array, requires_grad=True) for name, array in arrays.items()}
    index = rng.integers(0, COUNT, COUNT)
    names |= {"index": lib.tensor(index), "places": lib.tensor(index.reshape(60, 100) % 100)}
    out = eval(expression, names | {"lib": lib, "F": lib.nn.functional})
    leaves = [names[name] for name in arrays]
    first = lib.autograd.grad(weighted(lib, [out]), leaves, create_graph=True, allow_unused=True)
    squares = [(each * each).sum() for each in first if each is not None and each.requires_grad]
    second = lib.autograd.grad(sum(squares), leaves, allow_unused=True) if squares else []
    return [out, *first, *second]


@pytest.mark.parametrize("expression", MANY)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_of_many_elements_values_and_gradients_are_those_of_torch(torch, expression, dtype):
    mine, theirs = evaluated(microtorch, expression, dtype), evaluated(torch, expression, dtype)
    rtol, atol = (1e-9, 1e-12) if dtype == "float64" else (1e-3, 1e-5)
    for one, other in zip(mine, theirs, strict=True):
        ours, expected = (np.zeros(()) if each is None else each.numpy(force=True) for each in (one, other))
        np.testing.assert_allclose(ours, np.broadcast_to(expected, ours.shape), rtol, atol * np.abs(expected).max(initial=1.0))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_erf_is_right_to_two_units_in_the_last_place(dtype):
    limits = np.finfo(dtype)
    sizes = [np.linspace(0, 7, 200_001), np.geomspace(limits.smallest_subnormal, 7, 50_001), [limits.max, limits.tiny]]
    x = np.concatenate(sizes).astype(dtype)
    right = np.array([math.erf(each) for each in x.tolist()])
    found = erf_of(x)
    assert found.dtype == dtype
    assert (np.abs(found.astype(float) - right.astype(dtype)) <= 2 * np.spacing(right.astype(dtype))).all()
    assert (erf_of(-x) == -found).all()
    special = erf_of(np.array([0.0, -0.0, np.inf, -np.inf, np.nan], dtype))
    assert special.tolist()[:4] == [0, 0, 1, -1]
    assert np.signbit(special[:2]).tolist() == [False, True]
    assert np.isnan(special[4])


SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -3.7, 1e30, -1e30, 1e-30, -1e-13, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 4, 5, 8, 9, 10, -1, -2, -3, -4, -9, 3.0, -7.0, 101, -101, 2**24 + 1, 1e10, 2.5])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_powers_of_special_numbers_are_those_of_torch(torch, exponent, dtype):
    results = []
    for lib in (microtorch, torch):
        x = lib.tensor(SPECIAL, dtype=getattr(lib, dtype), requires_grad=True)
        out = x**exponent
        (grad,) = lib.autograd.grad(out.sum(), x)
        results.append([out.detach().numpy(), grad.numpy()])
    for ours, other in zip(*results, strict=True):
        np.testing.assert_allclose(ours, other, 1e-14 if dtype == "float64" else 2e-6, 1e-37)
        assert (np.signbit(ours) == np.signbit(other))[other != 0].all() or np.isnan(other).any()


@pytest.mark.parametrize("operation", ["remainder", "fmod", "floor"])
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_quotients_and_rests_of_float32_are_exactly_those_of_torch(torch, operation):
    rng = np.random.default_rng(0)
    x, y = (rng.normal(size=20_000) * 10.0 ** rng.integers(-4, 4, 20_000) for _ in range(2))
    whole = rng.integers(-1000, 1000, 20_000) * y
    special = [each.reshape(-1) for each in np.meshgrid([*SPECIAL[:4], 1.5, -3.0, math.inf, -math.inf, math.nan], SPECIAL[2:8])]
    for pair in ((x, y), (whole, y), (np.nextafter(whole.astype(np.float32), 0), y), special):
        one, other = (each.astype(np.float32) for each in pair)
        results = []
        for lib in (microtorch, torch):
            a, b = lib.tensor(one), lib.tensor(other)
            found = lib.div(a, b, rounding_mode="floor") if operation == "floor" else getattr(lib, operation)(a, b)
            results.append(found.numpy())
        np.testing.assert_array_equal(*results)


RNG = np.random.default_rng(0)
ARRAYS = {
    "many equals": RNG.integers(-9, 9, (40, 200)),
    "floats": RNG.normal(size=(5, 3000)).astype(np.float32),
    "uint8": RNG.integers(0, 256, 4000).astype(np.uint8),
    "nan": np.where(RNG.random(4000) < 0.01, np.nan, 1.0),
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=[*ARRAYS])
@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("k", [1, 10, 50])
def test_topk_is_what_a_stable_sort_begins_with(array, k, largest):
    x = microtorch.tensor(array)
    for dim in range(array.ndim):
        if k > array.shape[dim]:
            continue
        expected = x.sort(dim, largest)
        found = x.topk(k, dim, largest)
        assert found.indices.tolist() == expected.indices.narrow(dim, 0, k).tolist()
        np.testing.assert_array_equal(found.values.numpy(), expected.values.narrow(dim, 0, k).numpy())


@pytest.mark.parametrize("replacement", [True, False])
def test_multinomial_draws_as_often_as_the_weights_say(replacement):
    weights, count = np.array([0.0, 1.0, 2.0, 0.5, 3.0]), 100_000
    generator = microtorch.Generator().manual_seed(0)
    rows = microtorch.tensor(np.tile(weights, (count, 1)))
    first, second = microtorch.multinomial(rows, 2, replacement, generator=generator).numpy().T
    chance = weights / weights.sum()
    for one in range(1, 5):
        then = chance if replacement else np.where(np.arange(5) == one, 0, weights) / (weights.sum() - weights[one])
        found = np.bincount(second[first == one], minlength=5) / count
        np.testing.assert_allclose(found, chance[one] * then, atol=5 / math.sqrt(count) / 2)
    assert 0 not in first
    assert 0 not in second


def test_a_seed_gives_the_same_numbers_of_a_dtype_again():
    for dtype in (microtorch.float16, microtorch.float32, microtorch.float64):
        drawn = []
        for _ in range(2):
            microtorch.manual_seed(3)
            drawn.append(microtorch.randn(5, dtype=dtype).tolist())
        assert drawn[0] == drawn[1]
