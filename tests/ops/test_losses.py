"""Losses and activations as torch has them where no row of the table says it: dtypes, graphs, warnings, mistakes."""

import inspect
import warnings

import numpy as np
import pytest

import microtorch
from microtorch.nn import functional
from tests.libraries import assert_alike, assert_refused, graph, leaf, weighted

REDUCTIONS = ["none", "mean", "sum"]
PAIRS = [
    "mse_loss(x, y", "l1_loss(x, y", "smooth_l1_loss(x, y", "huber_loss(x, y", "mse_loss(x, v", "mse_loss(v, x",
    "mse_loss(c, v", "l1_loss(x, v", "huber_loss(c, v", "smooth_l1_loss(x, v", "smooth_l1_loss(c, v, beta=0.0",
    "mse_loss(x, v, weight=x", "mse_loss(x, y, weight=y", "l1_loss(x, y, weight=y", "huber_loss(x, y, weight=y",
    "mse_loss(f, x", "mse_loss(f, i", "l1_loss(f, x", "smooth_l1_loss(f, x", "kl_div(x, y", "kl_div(x, v",
    "kl_div(x, y, log_target=True", "poisson_nll_loss(x, y", "poisson_nll_loss(x, y, False",
    "poisson_nll_loss(x, y * 4, full=True", "poisson_nll_loss(i, i", "gaussian_nll_loss(x, y, 0.5", "gaussian_nll_loss(x, y, y",
    "gaussian_nll_loss(x, y, c", "gaussian_nll_loss(x, y, y[:, 0]", "gaussian_nll_loss(x, y, y, full=True", "nll_loss(x, t",
    "nll_loss(x, t, w", "nll_loss(x, t, ignore_index=2", "nll_loss(x, t, w * lib.nan, ignore_index=2",
    "nll_loss(x, t.to(lib.uint8)", "nll_loss(v, t[0]", "nll_loss(p, q",
    "nll_loss(p[..., None], q[..., None], w", "nll_loss(p[..., None, None], q[..., None, None]", "nll_loss(e, t[:0]",
    "nll_loss(p[:0], q[:0]", "nll_loss(x.t(), t[[0, 1, 0]] % 2", "nll_loss(x, t * 0 - 100, w", "cross_entropy(x, t",
    "cross_entropy(v, t[0]", "cross_entropy(p, q", "cross_entropy(x, t, w", "cross_entropy(f, t",
    "cross_entropy(x, t, label_smoothing=0.2", "cross_entropy(x, t, w, label_smoothing=0.2", "cross_entropy(x, y",
    "cross_entropy(v, v", "cross_entropy(x, y, w", "cross_entropy(x, y, label_smoothing=0.2", "cross_entropy(p, p, w",
    "cross_entropy(e, e", "cross_entropy(p, q, w, label_smoothing=0.2", "cross_entropy(v, t[0], w, label_smoothing=0.2",
    "cross_entropy(x, t, ignore_index=1", "cross_entropy(v, v, x[0]", "cross_entropy(x, t * 0 - 100, label_smoothing=0.2",
    "cross_entropy(x, t, label_smoothing=1.0", "binary_cross_entropy(x, y", "binary_cross_entropy(x, y, w",
    "binary_cross_entropy(x, y.detach(), c.detach()", "binary_cross_entropy_with_logits(x, y",
    "binary_cross_entropy_with_logits(x, y, w, pos_weight=c.detach()", "binary_cross_entropy_with_logits(f, y",
    "soft_margin_loss(x, i", "soft_margin_loss(x, w", "hinge_embedding_loss(x, sign", "hinge_embedding_loss(x, v",
    "margin_ranking_loss(x, y, sign", "margin_ranking_loss(x, y, y, margin=0.5", "margin_ranking_loss(v, w, v",
    "cosine_embedding_loss(x, y, sign[:, 0]", "cosine_embedding_loss(v, w, sign[0, 0]", "triplet_margin_loss(x, y, x * y",
    "triplet_margin_loss(x, y, c", "triplet_margin_loss(v, w, v * w, swap=True, p=1",
    "triplet_margin_with_distance_loss(x, y, x * y", "multi_margin_loss(x, t", "multi_margin_loss(x, t, p=2, weight=w",
    "multi_margin_loss(v, t[:1]", "multilabel_margin_loss(x, i", "multilabel_margin_loss(v, i[0]",
    "multilabel_soft_margin_loss(x, y", "multilabel_soft_margin_loss(x, i, w",
]  # fmt: skip
OTHERS = [
    "cosine_similarity(x, v)", "cosine_similarity(x, i)", "cosine_similarity(s, s, 0)", "cosine_similarity(x, y, -1, eps=3.0)",
    "pairwise_distance(x, v)", "pairwise_distance(i, i)", "pairwise_distance(s, s)", "pairwise_distance(x, y, p=-1.0)",
    "kl_div(x, y, reduction='batchmean')", "kl_div(s, s, reduction='batchmean')", "mse_loss(x, y, size_average=False)",
    "nll_loss(x, t, reduce=False)", "nll_loss(x, t, size_average=True)", "kl_div(x, y, size_average=False)",
    "cosine_embedding_loss(x, y, sign[:, 0], 0.5, False)", "leaky_relu(x * 1, 0.1, True)", "elu(x * 1, inplace=True)",
    "celu(x * 1, inplace=True)", "selu(x * 1, inplace=True)", "relu6(x * 1, inplace=True)", "hardtanh(x * 1, inplace=True)",
    "silu(x * 1, inplace=True)", "mish(x * 1, inplace=True)", "hardswish(x * 1, inplace=True)",
    "hardsigmoid(x * 1, inplace=True)", "threshold(x * 1, 0.5, 2.0, inplace=True)", "relu(x * 1, inplace=True)",
    "rrelu(x * 1, inplace=True)", "rrelu(x - 0.5)", "rrelu(x - 0.5, 0.25, 0.25, training=True)", "softmax(x)", "log_softmax(p)",
    "softmin(v)", "softmax(s)", "softmax(f, 1, dtype=lib.float64)", "softmin(f, 1, dtype=lib.float64)", "relu6(i)",
    "hardtanh(i, 0, 1)", "threshold(i, 0, 7)", "softsign(i)", "tanhshrink(i)", "relu(i)", "prelu(x - 0.5, s)",
    "prelu(v - 0.5, s)", "prelu(s - 1, s)", "prelu(e, v)", "glu(p, 0)", "gelu(e)", "silu(lib.tensor([-200.0, 200.0]))",
    "mish(lib.tensor([-200.0, 200.0]))", "softplus(lib.tensor([-200.0, 200.0]))", "logsigmoid(lib.tensor([-200.0, 200.0]))",
    "gelu(lib.tensor([-200.0, 200.0]))", "elu(lib.tensor([-200.0, 200.0]))",
]  # fmt: skip


def evaluated(lib, expression):
    """What a function of ``nn.functional`` gives, as a tuple of what is compared; and what it warns of."""
    names = {
        "x": leaf(lib, [0.25, 0.875, 0.5], [0.125, 0.75, 0.375]),
        "y": leaf(lib, [0.5, 0.25, 0.75], [0.625, 0.125, 0.875]),
        "v": leaf(lib, 0.25, 0.75, 0.5),
        "w": leaf(lib, 1, 2, 4, requires_grad=False),
        "c": leaf(lib, [0.5], [2]),
        "s": leaf(lib, 0.5).sum().detach().requires_grad_(),
        "e": lib.zeros(0, 3, dtype=lib.float64, requires_grad=True),
        "p": lib.arange(24.0, dtype=lib.float64).reshape(2, 3, 4).requires_grad_(),
        "f": lib.tensor([[0.5, -1.0, 2.0], [1.0, 0.25, -0.5]], requires_grad=True),
        "t": lib.tensor([2, 1]),
        "q": lib.tensor([[0, 1, 2, 2], [2, 1, 0, 0]]),
        "i": lib.tensor([[1, 0, 2], [0, -1, 1]]),
        "sign": lib.tensor([[1, -1, 1], [-1, 1, 1]]),
    }
    leaves = [each for each in names.values() if each.requires_grad]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = eval(expression, vars(lib.nn.functional) | {"lib": lib}, names)
    warned = [str(each.message) for each in caught if each.category is UserWarning]
    outputs = [result]
    if result.requires_grad:
        grads = lib.autograd.grad(weighted(lib, [result]), leaves, allow_unused=True)
        outputs += [each for each in grads if each is not None]
    return outputs, graph(result), warned


@pytest.mark.parametrize("expression", [*(f"{call}, reduction={how!r})" for call in PAIRS for how in REDUCTIONS), *OTHERS])
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_it_is_what_torch_computes(torch, expression):
    mine, theirs = evaluated(microtorch, expression), evaluated(torch, expression)
    for ours, other in zip(mine[0], theirs[0], strict=True):
        # Some constants of torch are float32; and so is f, of which both take logarithms before they widen it.
        rtol = 1e-5 if "32" in str(ours.dtype) or "f, " in expression else 1e-7
        assert_alike(ours, other, rtol, atol=1e-10)
    assert mine[1] == theirs[1]
    assert [each[:60] for each in mine[2]] == [each[:60] for each in theirs[2]]


MISTAKES = {
    "an unknown reduction": ("mse_loss(x, y, reduction='max')", ValueError, "max is not a valid value for reduction"),
    "an unknown reduction of weighted losses": ("l1_loss(x, y, reduction='max', weight=y)", ValueError, "max|none.*mean.*sum"),
    "an unknown reduction of margins": ("margin_ranking_loss(x, y, y, reduction='max')", ValueError, "max is not a valid value"),
    "batchmean where it is none": ("l1_loss(x, y, reduction='batchmean')", ValueError, "batchmean is not a valid value"),
    "shapes that do not broadcast": ("mse_loss(x, x[:, :2])", RuntimeError, r"size of tensor a \(3\).*tensor b \(2\)"),
    "weights of another shape": ("mse_loss(x, y, weight=y[0])", ValueError, "Weights and input must have the same size"),
    "mse_loss of integers": ("mse_loss(i, i)", RuntimeError, "not implemented"),
    "a negative beta": ("smooth_l1_loss(x, y, beta=-1.0)", RuntimeError, "negative values for beta"),
    "no delta": ("huber_loss(x, y, delta=0.0)", RuntimeError, "non-positive values for delta"),
    "a target that is no class": ("cross_entropy(x, t + 1)", IndexError, "Target 3 is out of bounds"),
    "a negative target": ("nll_loss(x, -t)", IndexError, "Target -2 is out of bounds"),
    "a target that is no class, smoothed": (
        "cross_entropy(x, t + 1, label_smoothing=0.1)", IndexError, "Target 3 is out of bounds"),
    "too few targets": ("cross_entropy(x, t[:1])", ValueError, r"batch_size \(2\) to match target batch_size \(1\)"),
    "no target but one": ("nll_loss(x, t[0])", ValueError, r"batch_size \(2\) to match target batch_size \(0\)"),
    "targets in a column": ("nll_loss(x, t[:, None])", RuntimeError, "multi-target not supported"),
    "targets of another plane": ("cross_entropy(p, q[:, :3])", RuntimeError, r"Expected target size \[2, 4\], got \[2, 3\]"),
    "targets that are floats": ("nll_loss(x, t.double())", RuntimeError, "expected target dtype to be Long or Byte"),
    "targets of short integers": ("nll_loss(x, t.int())", RuntimeError, "expected target dtype to be Long or Byte"),
    "probabilities that are integers": (
        "cross_entropy(x, i)", RuntimeError, "Expected floating point type for target with class"),
    "probabilities of which one is ignored": (
        "cross_entropy(x, y, ignore_index=0)", RuntimeError, "ignore_index is not supported"),
    "scores that are integers": ("cross_entropy(i, t)", RuntimeError, "not implemented"),
    "a single score": ("nll_loss(s, t[0])", ValueError, "Expected 1 or more dimensions"),
    "too much smoothing": ("cross_entropy(x, t, label_smoothing=1.5)", RuntimeError, "between 0.0 and 1.0. Got: 1.5"),
    "too few weights": ("cross_entropy(x, t, w[:2])", RuntimeError, r"all 3 classes or no classes but got weight.*\[2\]"),
    "too few weights of probabilities": ("cross_entropy(x, y, w[:2])", RuntimeError, r"all 3 classes or no classes.*\[2\]"),
    "weights of another dtype": ("nll_loss(x, t, w.float())", RuntimeError, "expected scalar type.*but found"),
    "weights that require a gradient": (
        "nll_loss(x, t, v)", RuntimeError, "'nll_loss_forward' is not differentiable with respect to argument 'weight'"),
    "a target that is a number": ("cross_entropy(x, 3)", TypeError, "'target'.*must be.*int"),
    "probabilities beyond 1": ("binary_cross_entropy(x * 3, y)", RuntimeError, "between 0 and 1"),
    "probabilities that are nan": ("binary_cross_entropy(x * float('nan'), y)", RuntimeError, "between 0 and 1"),
    "other shapes of yes and no": (
        "binary_cross_entropy(x, v)", ValueError, "Using a target size.*is different to the input size"),
    "other dtypes of yes and no": ("binary_cross_entropy(f.sigmoid(), y)", RuntimeError, "Found dtype.*but expected"),
    "other shapes of logits": (
        "binary_cross_entropy_with_logits(x, v)", ValueError, r"Target size \(.*3.*\) must be the same as input size"),
    "weights of logits that do not broadcast": ("binary_cross_entropy_with_logits(x, y, w[:2])", RuntimeError, "shape|size"),
    "weights of logits with a gradient": (
        "binary_cross_entropy_with_logits(x, y, pos_weight=v)", RuntimeError, "not differentiable with respect to.*'pos_weight'"),
    "divergence of integers": ("kl_div(i, i)", RuntimeError, "Integral inputs not supported"),
    "a negative variance": ("gaussian_nll_loss(x, y, -y)", ValueError, "negative"),
    "variances of another shape": ("gaussian_nll_loss(x, y, w)", ValueError, "var is of incorrect size"),
    "a soft margin with a gradient": (
        "soft_margin_loss(x, y)", RuntimeError, "not differentiable with respect to argument 'target'"),
    "similarity of integers": ("cosine_similarity(i, i)", RuntimeError, "expected common dtype to be floating point"),
    "similarity along no dimension": ("cosine_similarity(x, y, 2)", IndexError, "Dimension out of range"),
    "one target of two rows": ("cosine_embedding_loss(x, y, t[0])", RuntimeError, "0D target tensor expects 1D input tensors"),
    "targets in a matrix": ("cosine_embedding_loss(x, y, i)", RuntimeError, "0D or 1D target tensor expected"),
    "rankings of other dimensions": (
        "margin_ranking_loss(x, v, v)", RuntimeError, r"same dimension but got sizes: input1.*\[2, 3\].*input2.*\[3\]"),
    "triplets of other dimensions": ("triplet_margin_loss(x, y, v)", RuntimeError, "anchor 2D, positive 2D, and negative 1D"),
    "no margin": ("triplet_margin_loss(x, y, x, margin=0.0)", ValueError, "margin must be greater than 0, got 0"),
    "a margin to a third power": ("multi_margin_loss(x, t, p=3)", ValueError, "only p == 1 and p == 2 supported"),
    "a margin to no class": ("multi_margin_loss(x, t + 1)", RuntimeError, "target.*out of range"),
    "margins of too few targets": ("multi_margin_loss(x, t[:1])", RuntimeError, r"Expected target size \[2\], but got \[1\]"),
    "margins with too few weights": (
        "multi_margin_loss(x, t, weight=w[:2])", RuntimeError, "inconsistent weight size, expected 3"),
    "margins with weights in a row": ("multi_margin_loss(x, t, weight=w[None])", ValueError, "weight must be one-dimensional"),
    "margins of planes": ("multi_margin_loss(p, q)", RuntimeError, "non-empty vector or matrix"),
    "margins to classes that are none": ("multilabel_margin_loss(x, i * 3)", RuntimeError, "target.*is out of range"),
    "margins to another number of classes": ("multilabel_margin_loss(x, i[:, :2])", RuntimeError, "inconsistent target size"),
    "margins to floats": ("multilabel_margin_loss(x, y)", RuntimeError, "expected scalar type Long but found"),
    "labels of a number": ("multilabel_soft_margin_loss(s, s)", IndexError, "dimension"),
    "a slope for each of too many channels": ("prelu(x, w[:2])", RuntimeError, "parameter numbers = 2 and channel size = 3"),
    "slopes in a matrix": ("prelu(x, y)", RuntimeError, "Mismatch|scalar or 1D"),
    "slopes of another dtype": ("prelu(x, w.float())", RuntimeError, "Type promoting not supported"),
    "an odd half": ("glu(x)", RuntimeError, "Halving dimension must be even, but dimension 1|-1 is size 3"),
    "half a number": ("glu(s)", RuntimeError, "glu does not support scalars"),
    "gelu of integers": ("gelu(i)", RuntimeError, "not implemented"),
    "leaky_relu of integers": ("leaky_relu(i)", RuntimeError, "not implemented"),
    "hardtanh of bools": ("hardtanh(i > 0)", RuntimeError, "(?i)bool"),
    "bounds in the wrong order": ("hardtanh(x, 1.0, -1.0)", ValueError, "min_val cannot be greater than max_val"),
    "slopes in the wrong order": (
        "rrelu(x, 0.5, 0.25)", RuntimeError, "Lower bound should be less than or equal to the upper bound"),
    "celu without alpha": ("celu(x, 0.0)", RuntimeError, "alpha cannot be 0 for CELU"),
    "gelu approximated otherwise": ("gelu(x, approximate='erf')", RuntimeError, "either none or tanh"),
    "a threshold below 0": ("softshrink(x, -1.0)", RuntimeError, "lambda must be"),
    "softmax along no dimension": ("softmax(x, 2)", IndexError, "Dimension out of range"),
    "softmax along half a dimension": ("softmax(x, 0.5)", TypeError, "dim.*int"),
    "softmax of integers": ("log_softmax(i, 0)", RuntimeError, "not implemented"),
    "a leaf changed in place": ("relu(x, inplace=True)", RuntimeError, "a leaf Variable that requires grad"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    expression, *refusal = MISTAKES[mistake]
    assert_refused((evaluated, *refusal), lib, expression)


MODULES = [
    "activation", "class_margins", "classification", "likelihoods", "losses", "margin_losses", "piecewise", "probabilities",
]  # fmt: skip
FUNCTIONS = [name for name, each in vars(functional).items() if getattr(each, "__module__", "").rpartition(".")[2] in MODULES]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_list_in_place_of_a_variable_is_named(name):
    wanted = [each for each in inspect.signature(vars(functional)[name]).parameters.values() if each.default is each.empty]
    with pytest.raises(TypeError, match=r"list.*microtorch\.tensor"):
        vars(functional)[name](*[[1.0]] * len(wanted))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arguments_have_torchs_names_order_and_defaults(torch, name):
    theirs = getattr(torch.nn.functional, name)
    mine = inspect.signature(vars(functional)[name]).parameters.values()
    if inspect.isbuiltin(theirs):
        return
    expected = [each for each in inspect.signature(inspect.unwrap(theirs)).parameters.values() if each.name != "_stacklevel"]
    assert [(each.name, each.default) for each in mine] == [(each.name, each.default) for each in expected]


@pytest.mark.parametrize(
    "call",
    [
        "cross_entropy(x, t)", "nll_loss(x, t)", "binary_cross_entropy_with_logits(x, y)", "softplus(x)", "sigmoid(x)", "silu(x)",
        "mish(x)", "logsigmoid(x)", "gelu(x)", "elu(x)", "glu(x.t(), 0)", "softmax(x, 1)", "soft_margin_loss(x[:1], y[:1])",
        "multilabel_soft_margin_loss(x, y)",
    ],
)  # fmt: skip
def test_large_numbers_are_exact_in_float32_and_warn_of_nothing(torch, call):
    results = []
    for lib in (microtorch, torch):
        names = {"x": lib.tensor([[0.0, 90.0, 1e4, -30.0], [200.0, -1e4, 90.0, -150.0]], requires_grad=True)}
        names |= {"t": lib.tensor([1, 2]), "y": lib.ones(2, 4)}
        out = eval(f"lib.nn.functional.{call}", {"lib": lib}, names)
        out.sum().backward()
        results.append(np.concatenate([out.detach().numpy().ravel(), names["x"].grad.numpy().ravel()]))
    np.testing.assert_allclose(*results, rtol=1e-5, atol=1e-12)


def test_what_a_loss_saved_of_its_targets_stays_as_it_was(lib):
    scores, target = leaf(lib, [1, 2], [3, 4]), lib.tensor([0, 1])
    loss = lib.nn.functional.nll_loss(scores, target)
    if lib is microtorch:
        target.zero_()
    loss.backward()
    assert scores.grad.tolist() == [[-0.5, 0.0], [0.0, -0.5]]


def test_weights_that_were_changed_are_noticed(lib):
    probabilities, weight = leaf(lib, 0.5, 0.25), leaf(lib, 1, 2, requires_grad=False)
    loss = lib.nn.functional.binary_cross_entropy(probabilities, lib.ones(2, dtype=lib.float64), weight)
    weight.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_random_slopes_lie_between_their_bounds():
    microtorch.manual_seed(0)
    x = microtorch.full((1000,), -1.0, requires_grad=True)
    y = functional.rrelu(x, 0.25, 0.5, training=True)
    y.sum().backward()
    slopes = x.grad.numpy()
    assert (-y.detach().numpy() == slopes).all()
    assert 0.25 <= slopes.min() < 0.26
    assert 0.49 < slopes.max() <= 0.5
