"""Each operation on generated arguments, in torch and in microtorch: ``python -m tests.ops.random_arguments 500 [words]``.

A call is an expression with holes: ``{t}.sum({dim}, {flag})``. The holes are filled with tensors of random shape (0-dim, empty
and of size 1 among them), layout in memory (transposed, every other element, expanded) and dtype, and with dimensions, sizes
and numbers, right and wrong. Compared are the class of what is raised, or the values, shapes, dtypes, views, graph, gradients and
gradients of gradients of what comes out.
"""

import argparse
import re
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from tests.libraries import graph, weighted

# ── Arguments ────────────────────────────────────────────────────────────────────────────────────────────────────────

SHAPES = [(2, 3), (3,), (), (2, 3, 2), (1, 3), (3, 1), (2, 2), (0, 3), (1,), (3, 0), (3, 2), (1, 1, 2), (3, 3)]
LAYOUTS = ["", "", "", ".unsqueeze(0)", ".transpose(0, -1)", "[::2]", ".expand(2, {})"]  # the last two not of 0 dimensions
DTYPES = ["float64", "float64", "float64", "float64", "float32", "int64", "bool"]


@st.composite
def tensors(draw: st.DrawFn, shapes: list[tuple[int, ...]] | None = None, dtypes: list[str] = DTYPES) -> str:
    """An expression that makes a tensor, a leaf or a view of one."""
    shape, dtype = draw(st.sampled_from(shapes or SHAPES)), draw(st.sampled_from(dtypes))
    layout = draw(st.sampled_from(LAYOUTS if shape else LAYOUTS[:5])) if shapes is None else ""
    lengths = ", ".join(map(str, shape))
    return f"leaf({shape}, '{dtype}', {draw(st.integers(0, 9))}){layout.format(lengths)}"


INDICES = ["tensor(0)", "tensor([0])", "tensor([1, 0, 1])", "tensor([[0, 1], [1, 0]])", "tensor([[0, 1, 1]])", "tensor([0, -1])",
           "tensor([5])", "tensor([], dtype=int64)", "tensor([1.0])"]  # fmt: skip
HOLES = {
    "t": tensors(),
    "f": tensors(dtypes=["float64"]),
    "m": tensors(shapes=[(2, 3), (3, 3), (3, 2), (3,), (2, 3, 2), (1, 3)]),
    "a": tensors(dtypes=["float64", "float64", "float32", "int64"]),
    "i": tensors(dtypes=["int64", "bool"]),
    "V": tensors(shapes=[(3,), (2,), (0,)], dtypes=["float64"]),
    "M": tensors(shapes=[(2, 3), (3, 3), (3, 2), (3, 0), (1, 3)], dtypes=["float64"]),
    "B": tensors(shapes=[(2, 3, 3), (2, 3, 3), (2, 2, 3), (2, 3, 0), (1, 3, 3)], dtypes=["float64"]),
    "Q": tensors(shapes=[(2, 2), (3, 3), (2, 2, 2), (1, 2, 2), (1, 1), (0, 0), (2, 3)], dtypes=["float64"]),
    "W": tensors(shapes=[(4, 3), (2, 3), (3, 3), (1, 3), (0, 3), (3,)], dtypes=["float64"]),
    "C": tensors(shapes=[(3,), (3,), (3,), (2,), (1,)], dtypes=["float64"]),
    "c": st.sampled_from(["None", "None", "{C}", "{C}"]),
    "pads": st.sampled_from(
        ["(1, 0)", "(0, 2)", "(1, 1, 0, 1)", "(-1, 1)", "(0, -1, 1, 0)", "(0, 0)", "(3, 1)", "(1, 1, 1, 0, 0, 1)", "()"]
    ),
    "mode": st.sampled_from(["'constant'", "'reflect'", "'replicate'", "'circular'"]),
    "dim": st.sampled_from([0, -1, 1, 0, -1, 1, 2, -2, 3]).map(str),
    "dims": st.sampled_from(["(0,)", "(0, 1)", "(-1, 0)", "()", "(1, 1)", "(0, 2)", "0", "-1", "[1, 0]"]),
    "flag": st.sampled_from(["True", "False"]),
    "n": st.integers(-2, 4).map(str),
    "k": st.integers(1, 3).map(str),
    "number": st.sampled_from(["2", "0.5", "-1.5", "0", "3", "True", "-2"]),
    "shape": st.sampled_from(
        ["(6,)", "(2, 3)", "(3, 2)", "(-1,)", "(-1, 3)", "(2, -1)", "(1, -1, 1)", "(0,)", "(2, 2, 3)", "(1, 6)", "()"]
    ),
    "index": st.sampled_from(INDICES),
    "reduction": st.sampled_from(["'none'", "'mean'", "'sum'"]),
    "image": tensors(shapes=[(1, 2, 4, 5), (2, 4, 3), (2, 2, 3, 3), (2, 4, 6, 4), (0, 2, 4, 4), (4, 1, 5)], dtypes=["float64"]),
    "signal": tensors(shapes=[(2, 2, 5), (2, 6), (3, 2, 4), (0, 2, 4), (3,)], dtypes=["float64"]),
    "columns": tensors(shapes=[(2, 4, 4), (4, 4), (2, 8, 1), (0, 4, 4), (2, 2, 6), (3, 9)], dtypes=["float64"]),
    "kernel": tensors(
        shapes=[(2, 2, 2, 2), (4, 2, 3, 1), (2, 4, 1, 2), (4, 1, 2, 3), (2, 2, 1, 1), (4, 2, 2)], dtypes=["float64"]
    ),
    "line": tensors(shapes=[(2, 2, 2), (4, 2, 3), (4, 1, 1), (2, 2)], dtypes=["float64"]),
    "bias": st.sampled_from(["None", "None", "leaf((2,), 'float64', 1)", "leaf((4,), 'float64', 1)"]),
    "window": st.sampled_from(["2", "3", "1", "(2, 1)", "(1, 3)", "(2,)", "0", "(2, 2, 2)", "4"]),
    "step": st.sampled_from(["1", "2", "3", "(1, 2)", "(2, 1)", "1", "(3, 2)", "0"]),
    "around": st.sampled_from(["0", "1", "(0, 1)", "(1, 0)", "2", "0", "-1"]),
    "apart": st.sampled_from(["1", "2", "(1, 2)", "1", "1"]),
    "groups": st.sampled_from(["1", "1", "2", "4"]),
    "lengths": st.sampled_from(["2", "3", "(2, 3)", "(4, None)", "1", "(1, 1)", "7", "(2,)", "-1"]),
    "scale": st.sampled_from(["2", "1.5", "0.5", "(2, 0.7)", "3", "0.1"]),
    "mask": st.sampled_from(["({t} > 0)", "tensor([True, False, True])", "tensor(True)", "tensor([[True], [False]])"]),
}  # fmt: skip


@st.composite
def calls(draw: st.DrawFn, template: str) -> str:
    """The template with each of its holes filled."""
    while "{" in template:
        before, _, rest = template.partition("{")
        hole, _, after = rest.partition("}")
        template = before + draw(HOLES[hole]) + after
    return template


# ── Outcomes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


# Calls on which the two differ, and why that is right.
EXCEPTIONS = {
    r"(var|std|logsumexp)\(\(\)": "torch's own gradient for no dimensions is inf, or it raises",
    r"leaf\(\((1,|1, 1|)\).*\.(var|std)\(": "of one element, torch's gradient is a nan that depends on nothing",
    r"leaf\(\(\).*\.mT": "of a number: torch warns of the error that microtorch raises",
    r"(batch|instance)_norm\(leaf\([^)]*\b0\b": "of nothing, torch records a copy",
    r"\b1\), 'float64', \d\).*\(0, -1, 1, 0\), 're": "down to nothing, which torch allows in one of two dimensions",
    r"group_norm\(leaf\([^)]*\b0\b": "of nothing, torch's gradient is nan",
    r"pad\(.*\(-1, 1\), 'circular'": "torch copies what was never written",
    r"bilinear.*\b0\b": "of nothing, torch does not find the shapes",
    r"rms_norm\(leaf\(\(\)": "of a number, torch raises a ValueError",
    r"embedding\(.*leaf\(\(0, 3\).*-1\)": "of no rows, torch asserts that there is one for padding",
    r"attention\(.*\b0\b": "of nothing, torch does not look at the shapes",
    r"alpha=True|True - ": "1, in microtorch",
    r"leaf\(\(\).*\)\[(0|-1)\]": "the number, as in 2017",
    r"leaf\(\(\).*\.(gather|scatter|index_)": "a number is refused, or a view more is made",
    r"scatter.*tensor\((\[\],|0\))": "indices of another number of dimensions: refused",
    r"leaf\([^)]*\b0\b[^)]*\).*\.(roll|repeat|tile)\(": "of nothing, torch takes dimensions out of range and negative counts",
    r"expand\(.*\.as_strided\(": "of elements that are one in memory, whose gradient torch shares out evenly",
    r"matrix_power\(leaf\(\(\d, \d, \d\).*-": "torch's inverses lie in memory column by column",
    r"lstsq\(leaf\(\(1, 3": "of one row, torch's solution is now and then 0: it lets LAPACK read memory that nobody has set",
    r"kron\(.*(transpose|expand)": "torch refuses to view its own product; sums of many in float32",
    r"vecdot\(leaf\(\((\d+,)?\).*dim=-?[123]": "of vectors, torch does not look at the dimension",
    r"(einsum|tensordot)\(.*(unsqueeze|leaf\(\(1,|, 1\), 'f)": "whether a sum lies in memory in the order of its dimensions",
    r"'int64'.* \*\* -": "of no integers, torch refuses a negative power, too",
    r"leaf\([^)]*\b0\b[^)]*\).*tensor\(": "an index into nothing is out of range, and torch does not look",
    r"expand.*(median|kthvalue|mode)": "of elements that share memory, torch's median is another",
    r"cum(max|min).*\b0\b|\b0\b.*cum(max|min)": "of nothing, torch does not look at the dimension",
    r"diff\((0|1, [-0-9]+\)\.diff)|diff\(0": "a copy, which torch records as one that was written into zeros",
    r"unique.*leaf\(\(\)": "of a number: a view more, or refused",
    r"leaf\([^)]*\b0\b[^)]*\).*, rounding_mode": "no integer is divided by 0, torch finds",
    r"isin\(.*'bool'": "refused in torch",
    r"(multi|label)_margin_loss\(leaf\([^)]*\b0\b": "of no rows, torch's mean is what happens to lie in memory",
    r"cross_entropy\(leaf\(\(\)": "a single score, without classes: which mistake is named",
    r"(nll_loss|cross_entropy)\(leaf\(\(\d?,?\).*, tensor\(\[": "a target in a row, of scores in none: torch's backward refuses",
    r"'bool'.*(kthvalue|\*\*|%|//|fmod|remainder|alpha)": "arithmetic on bools, which torch refuses in part",
    r"conv_transpose2d\(leaf\(\(0,": "of no samples, torch does not look at output_padding",
    r"fold\(.*\(2,\)": "a tuple of one length, which torch takes for all dimensions elsewhere",
    r"(hardtanh|relu6|hardswish|softshrink|unique|[il]_margin|linalg).*, 9\)|, 9\).*(mode|cumprod)": "torch is of two minds",
    r"add\w+\(.*, 9\).*alpha=0": "of a product times 0, BLAS does not look at nan",
    r"max_pool2d\(leaf\(\(4, 1, 5\).*, 2, (True|False)\)": "where a window sees nothing, torch's backward writes beyond it",
    r"hardshrink\(.*, 9\)": "of nan, torch's gradient is 1, and 0 where it takes several elements at once",
    r"pixel_(un)?shuffle\(leaf\(\(0,": "of no elements, torch does not change the shape",
}
# Of a gradient that is constant or zero, torch does not always say what it depends on.
ZEROS_THAT_LEAD_NOWHERE = r"prod|linalg\.det\(leaf\(\(1, 1|norm(alize)?\(.*\b0\b|var|std"
BROKEN = "torch computes a value, and its backward raises"


class Run:
    """One call in one library."""

    def __init__(self, library: ModuleType, call: str) -> None:
        self.library, self.leaves = library, []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self.result = eval(call, vars(library) | {"leaf": self.leaf})
                self.error = None
            except Exception as error:  # noqa: BLE001 - any, since its class is what is compared
                self.error = error
            else:
                self.outputs = list(self._tensors(self.result))

    def leaf(self, shape: tuple[int, ...], dtype: str, number: int) -> Any:
        length = int(np.prod(shape))
        values = np.random.default_rng(number).permutation(length) * 0.375 - length * 0.125 + 0.25 * (number % 3)
        if number == 9 and dtype.startswith("float"):
            values[:1] = np.nan  # which no operation may hide
        made = self.library.tensor(values.reshape(shape).astype(dtype))
        if made.dtype.is_floating_point:
            self.leaves.append(made.requires_grad_())
        return made

    def _tensors(self, value: Any) -> Iterator[Any]:
        if isinstance(value, tuple | list):
            for each in value:
                yield from self._tensors(each)
        else:
            yield value

    def seen(self) -> Iterator[tuple[str, Any]]:
        """What is compared, name by name."""
        if self.error is not None:
            kind = type(self.error)
            # Of two mistakes in a call, either may be named first; and torch says now IndexError, now RuntimeError.
            yield "raises", RuntimeError if issubclass(kind, RuntimeError | IndexError) else kind
            return
        yield "outputs", len(self.outputs)
        for number, out in enumerate(self.outputs):
            yield from self._looks(f"output {number}", out)
        yield from self._gradients()

    def _looks(self, name: str, out: Any) -> Iterator[tuple[str, Any]]:
        if not hasattr(out, "grad_fn"):
            yield name, out
            return
        yield f"{name}'s dtype", str(out.dtype).rpartition(".")[2]
        yield f"{name}'s shape", tuple(out.shape)
        yield f"{name}'s values", values(out)
        yield f"{name}'s graph", (out.requires_grad, graph(out), out._is_view())

    def _gradients(self) -> Iterator[tuple[str, Any]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            roots = [out for out in self.outputs if getattr(out, "requires_grad", False)]
            if not roots:
                return
            try:
                first = self._of(weighted(self.library, roots), create_graph=True)
            except RuntimeError:
                yield "backward", BROKEN
                return
            yield from ((f"gradient {number}", None if each is None else values(each)) for number, each in enumerate(first))
            yield from ((f"gradient {number} leads to", self._reached(each)) for number, each in enumerate(first))
            again = [each * each for each in first if each is not None and each.requires_grad]
            if again and (total := weighted(self.library, again)).requires_grad:
                try:
                    second = self._of(total)
                except RuntimeError:
                    yield "backward", BROKEN
                    return
                for number, each in enumerate(second):
                    zeros = np.zeros(tuple(self.leaves[number].shape))
                    yield f"second gradient {number}", zeros if each is None else values(each)
            else:
                for number, leaf in enumerate(self.leaves):
                    yield f"second gradient {number}", np.zeros(tuple(leaf.shape))

    def _reached(self, grad: Any) -> tuple[int, ...]:
        """The leaves on which a recorded gradient depends, be it with zeros; of no elements, torch does not always say."""
        if grad is None or not grad.requires_grad or not all(leaf.numel() for leaf in self.leaves):
            return ()
        try:
            found = self.library.autograd.grad(grad.sum(), self.leaves, allow_unused=True, retain_graph=True)
        except RuntimeError:
            return BROKEN
        return tuple(number for number, each in enumerate(found) if each is not None)

    def _of(self, total: Any, **options: Any) -> Any:
        return self.library.autograd.grad(total, self.leaves, allow_unused=True, **options)


def values(tensor: Any) -> np.ndarray:
    """The numbers in a tensor; a copy, since torch has tensors of zeros that lie nowhere in memory."""
    return tensor.detach().clone().numpy()


def same(theirs: Any, ours: Any) -> bool:
    """Whether two of the things compared are alike: floats to within rounding."""
    if isinstance(theirs, np.ndarray) and isinstance(ours, np.ndarray):
        return theirs.shape == ours.shape and np.allclose(theirs, ours, rtol=1e-5, atol=1e-6, equal_nan=True)
    if theirs is None and isinstance(ours, np.ndarray):
        return not ours.any()
    return bool(theirs == ours)


def difference(call: str, torch: ModuleType, microtorch: ModuleType) -> str | None:
    """The first thing in which the two libraries differ on a call, in words; None if there is none."""
    theirs, ours = Run(torch, call), Run(microtorch, call)
    if (theirs.error is None) != (ours.error is None):
        return f"{call}: torch {theirs.error!r}, microtorch {ours.error!r}"
    for (what, one), (_, other) in zip(theirs.seen(), ours.seen(), strict=False):
        if one is BROKEN or ("leads to" in what and re.search(ZEROS_THAT_LEAD_NOWHERE, call)):
            return None
        if "second" in what and isinstance(one, np.ndarray):
            one = np.where(np.isnan(one), other, one)  # noqa: PLW2901 - at kinks, torch's own is nan in places
        if not same(one, other):
            return f"{call}: {what}: torch {one!r} {theirs.error or ''}, microtorch {other!r} {ours.error or ''}"
    return None


def some(template: str, examples: int) -> list[str]:
    """That many calls of one template."""
    found: list[str] = []

    @seed(0)
    @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate])
    @given(calls(template))
    def collect(call: str) -> None:
        found.append(call)

    collect()
    return found


def search(template: str, torch: ModuleType, microtorch: ModuleType, examples: int, number: int = 0) -> None:
    """Compare the two on that many calls of one template.

    Raises:
        AssertionError: they differ; the smallest call found, and in what.
    """

    @seed(number)
    @settings(
        max_examples=examples, deadline=None, database=None, report_multiple_bugs=False, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(calls(template))
    def compare(call: str) -> None:
        assume(not any(re.search(pattern, call) for pattern in EXCEPTIONS))
        found = difference(call, torch, microtorch)
        assert found is None, found

    compare()


TEMPLATES = [
    # arithmetic and elementwise
    "{t} + {t}", "{t} - {t}", "{t} * {t}", "{t} / {t}", "{f} ** {f}", "{t} ** {number}", "{number} / {t}", "{number} - {t}",
    "add({t}, {t}, alpha={number})", "{t} + {number}",
    "{t} * {number}", "-{t}", "square({t})", "reciprocal({t})", "exp({t})", "log({t})", "sqrt({t})", "rsqrt({t})", "tanh({t})",
    "sigmoid({t})", "relu({t})", "erf({t})", "abs({t})", "sign({t})", "round({t})", "floor({t})", "ceil({t})", "trunc({t})",
    "frac({t})", "sin({t})", "atan({t})", "sinh({t})", "asin({t})", "acosh({t})", "log1p({t})", "expm1({t})",
    "maximum({t}, {t})", "minimum({t}, {t})", "atan2({t}, {t})", "hypot({f}, {f})", "logaddexp({f}, {f})",
    "lerp({f}, {f}, {number})", "lerp({f}, {f}, {f})", "addcmul({f}, {f}, {f}, value={number})",
    "addcdiv({f}, {f}, {f}, value={number})", "nan_to_num({t})", "where({mask}, {t}, {t})", "where({mask}, {t}, {number})",
    "where({mask}, {number}, {number})", "logit({f})", "sinc({f} * 0.5)",
    "index_fill({m}.double(), 0, tensor([0, 0]), leaf((), 'float64', 1))",
    "{t}.masked_fill({mask}, {number})", "{t}.clamp({number}, {number})", "{t}.clamp(min={t})", "{t}.clamp(max={number})",
    # comparison and logic
    "{t} == {t}", "{t} < {t}", "{t} >= {number}", "{t} != {number}", "isnan({t})", "isclose({t}, {t})", "allclose({f}, {f})",
    "equal({t}, {t})", "logical_and({t}, {t})", "logical_xor({t}, {t})", "logical_not({t})", "{t}.any()", "{t}.all({dim})",
    "any({t}, {dim}, keepdim={flag})", "{i} & {i}", "{t} & {t}", "~{i}",
    # reduction
    "{t}.sum()", "{t}.sum({dims}, {flag})", "{f}.mean()", "{t}.mean({dims}, keepdim={flag})", "{t}.amax({dims}, {flag})",
    "amin({t}, {dims})", "{t}.max()", "{t}.min()", "{t}.max({dim}, {flag})", "{t}.min({dim})", "max({t}, {t})",
    "{t}.argmax()", "{t}.argmin({dim}, {flag})", "{f}.var()", "{f}.std({dims})",
    "{f}.var({dims}, correction={flag}, keepdim={flag})",
    "{f}.logsumexp({dims}, {flag})", "{t}.cumsum({dim})",
    # indexing
    "{t}[{n}]", "{t}[{n}:{n}]", "{t}[{index}]", "{t}[..., {index}]", "{t}[:, {n}]", "{t}[{index}, {index}]", "{t}[{mask}]",
    "{t}[None, {n}:]", "{t}[:, None, {index}]", "{t}[{t} > 0]",
    # shaping
    "{t}.reshape({shape})", "{t}.view({shape})", "{t}.t()", "{t}.T", "{t}.mT", "{t}.transpose({dim}, {dim})",
    "{t}.permute({dims})", "{t}.unsqueeze({dim})", "{t}.squeeze()", "{t}.squeeze({dim})", "{t}.expand({shape})",
    "{t}.expand(2, -1, 3)", "{t}.clone()", "cat(({t}, {t}), {dim})", "stack(({t}, {t}), {dim})", "cat(({m}, {m}, {m}), {dim})",
    "{t}.flatten()", "{t}.flatten({dim}, {dim})", "{t}.unflatten({dim}, {shape})", "{t}.ravel()", "{t}.contiguous()",
    "{t}.movedim({dim}, {dim})", "{t}.movedim({dims}, {dims})", "{t}.swapdims({dim}, {dim})", "{t}.adjoint()",
    "{t}.view_as({t})", "{t}.reshape_as({t})", "{t}.expand_as({t})", "broadcast_to({t}, {shape})", "atleast_1d({t}, {t})",
    "atleast_2d({t})", "atleast_3d([{t}])", "{t}.squeeze({dims})",
    # diagonals
    "{t}.diagonal({n}, {dim}, {dim})", "diag({t}, {n})", "diag_embed({t}, {n})", "diag_embed({t}, {n}, {dim}, {dim})",
    "tril({t}, {n})", "{t}.triu({n})",
    # windows
    "{t}.unfold({dim}, {n}, {k})", "{t}.as_strided(({k}, {k}), ({n}, {k}))", "{t}.as_strided(({k},), ({k},), {n})",
    # rearranging
    "{t}.flip({dims})", "fliplr({t})", "flipud({t})", "{t}.roll({n})", "{t}.roll({n}, {dim})", "{t}.roll({dims}, {dims})",
    "{t}.rot90({n})", "{t}.rot90({n}, {dims})", "{t}.tile({shape})", "{t}.repeat({shape})", "{t}.repeat({k}, {k})",
    "{t}.repeat_interleave({n})", "{t}.repeat_interleave({n}, {dim})", "{t}.repeat_interleave({index}, {dim})",
    "{t}.repeat_interleave({index})", "meshgrid({t}, {t}, indexing='ij')", "meshgrid({V}, {V}, {V}, indexing='xy')",
    "cartesian_prod({V}, {V})", "hstack(({t}, {t}))", "vstack(({m}, {m}))", "dstack(({t}, {t}))", "column_stack(({m}, {t}))",
    # splitting
    "{t}.unbind({dim})", "{t}.split({n})", "{t}.split({n}, {dim})", "{t}.split({dims}, {dim})", "{t}.chunk({n}, {dim})",
    "{t}.tensor_split({n}, {dim})", "{t}.tensor_split({dims})", "{t}.hsplit({n})", "{t}.vsplit({dims})", "{t}.dsplit({n})",
    # sorting, products, special
    "{t}.sort({dim}, {flag})", "{t}.argsort({dim})", "{t}.topk({n}, {dim})", "{t}.topk({k}, {dim}, {flag})", "{t}.median()",
    "{t}.kthvalue({k}, {dim}, {flag}).values", "{t}.median({dim}, {flag})", "{t}.nanmedian({dim})", "{t}.mode({dim})",
    "unique({t})", "unique({t}.detach(), return_inverse=True, return_counts=True)",
    "unique_consecutive({t}.detach(), return_inverse=True)", "unique({t}.detach(), dim={dim})", "count_nonzero({t}, {dims})",
    "bincount({index})", "isin({m}, {m})", "{t}.cummax({dim})", "cummin({t}, {dim})", "aminmax({t})",
    "aminmax({t}, dim={dim}, keepdim={flag})", "{t}.prod()", "{t}.prod({dim}, {flag})", "{t}.cumprod({dim})", "{f}.norm()",
    "{f}.norm({number}, {dims}, {flag})", "{f}.norm(inf, {dim})", "{t}.nansum({dims})", "{f}.nanmean({dims})",
    "var_mean({M}, {dim})", "std_mean({M}, {dim}, keepdim={flag})", "{t}.diff({n}, {dim})",
    'div({a}, {a}, rounding_mode="floor")', 'div({a}, {number}, rounding_mode="trunc")', "{a}.detach() // {a}.detach()",
    "{a}.detach() // {number}", "{number} // {a}.detach()", "{a} % {a}", "{a} % {number}", "fmod({a}, {a})",
    "fmod({a}, {number})", "exp2({t})", "sinc({f})", "logit({f})", "xlogy({a}, {a})", "copysign({a}, {a})", "fmax({t}, {t})",
    "fmin({t}, {t})", "heaviside({a}.detach(), {a}.detach())", "signbit({t})", "sgn({t})", "clamp_min({a}, {number})",
    "clamp_max({a}, {a})", "float_power({a}, {number})", "logaddexp2({f}, {f})", "deg2rad({a})",
    # gathering
    "{t}.index_select({dim}, {index})", "{t}.gather({dim}, {index})", "{t}.scatter({dim}, {index}, {number})",
    "{V}.scatter(0, tensor([1, 0, 1]), {V})", "{V}.index_add(0, tensor([1, 0, 1]), {V})",
    "{V}.index_copy(0, tensor([1, 0, 1]), {V})", "{t}.index_fill({dim}, {index}, {number})", "{t}.masked_select({mask})",
    "{f}.index_put(({index},), {f})", "{f}.index_put(({index},), {f}, accumulate=True)", "{f}.masked_scatter({mask}, {f})",
    "{t}.take({index})", "take_along_dim({M}, tensor([[0, 0]]), {dim})", "{t}.nonzero()", "stack({t}.nonzero(as_tuple=True))",
    "{t}.select({dim}, {n})", "{t}.narrow({dim}, {n}, {n})",
    # layers
    "nn.functional.linear({f}, {W}, {c})", "nn.functional.linear({m}, {W})", "nn.functional.bilinear({M}, {M}, {B}, {c})",
    "nn.functional.layer_norm({f}, (3,), {c}, eps=0.5)", "nn.functional.layer_norm({f}, (2, 3), eps=0.5)",
    "nn.functional.group_norm({f}, {k}, {c}, eps=0.5)", "nn.functional.batch_norm({f}, None, None, {c}, training=True, eps=0.5)",
    "nn.functional.batch_norm({f}, {C}.detach(), {C}.detach() ** 2, {c}, eps=0.5)", "nn.functional.instance_norm({f}, eps=0.5)",
    "nn.functional.rms_norm({f}, (3,), {c}, eps=0.5)", "nn.functional.normalize({f}, {number}, {dim})",
    "nn.functional.embedding({index}, {W})", "nn.functional.embedding({index}, {W}, -1)", "nn.functional.one_hot({index}, {n})",
    "nn.functional.pad({t}, {pads}, value={number})", "nn.functional.pad({f}, {pads}, {mode})",
    "nn.functional.scaled_dot_product_attention({M}, {M}, {M}, is_causal={flag})",
    "nn.functional.scaled_dot_product_attention({M}, {M}, {M}, {mask})", "nn.functional.dropout({t}, 0.5, {flag}) * 0",
    # activations and losses
    *(f"nn.functional.{name}({{t}})" for name in ["gelu", "silu", "mish", "softplus", "logsigmoid", "elu", "selu", "softsign",
                                                  "hardtanh", "relu6", "hardswish", "softshrink", "leaky_relu"]),
    "nn.functional.celu({a}, {number})", "nn.functional.hardtanh({a}, {number}, {number})", "nn.functional.rrelu({a})",
    "nn.functional.softplus({f}, 2, 0.7)", "nn.functional.threshold({a}, {number}, {number})",
    "nn.functional.hardshrink({f}, {number})", "nn.functional.prelu({f} + 0.1, {V})", "nn.functional.glu({t}, {dim})",
    "nn.functional.elu({f} * 1, {k}, inplace={flag})", "nn.functional.leaky_relu({f} * 1, {k}, inplace={flag})",
    "{f}.softmax({dim})", "{f}.log_softmax({dim})", "nn.functional.softmin({f}, {dim}, dtype=float64)",
    *(f"nn.functional.{name}({{a}}, {{a}}, reduction={{reduction}})" for name in [
        "mse_loss", "l1_loss", "smooth_l1_loss", "soft_margin_loss", "hinge_embedding_loss", "poisson_nll_loss",
        "multilabel_soft_margin_loss"]),
    "nn.functional.mse_loss({M}, {M}, reduction={reduction}, weight={M})",
    "nn.functional.kl_div({f}, {f} ** 2 + 0.5, reduction={reduction}, log_target={flag})",
    "nn.functional.binary_cross_entropy_with_logits({f}, {f}, {V}.detach(), reduction={reduction})",
    "nn.functional.huber_loss({f}, {f}, {reduction}, {number})", "nn.functional.nll_loss({f}, {index}, reduction={reduction})",
    "nn.functional.nll_loss({M}, tensor([{k} - 1, 1]), {V}.detach() ** 2 + 0.5, ignore_index={n})",
    "nn.functional.cross_entropy({f}, {index})",
    "nn.functional.cross_entropy({f}, {f}, reduction={reduction})", "nn.functional.nll_loss({f}.unsqueeze(-1), {index})",
    "nn.functional.cross_entropy({M}, tensor([0, 1]), {V}.detach() ** 2 + 0.5, reduction={reduction}, label_smoothing=0.5)",
    "nn.functional.binary_cross_entropy({f}.sigmoid(), {f}.sigmoid(), reduction={reduction})",
    "nn.functional.gaussian_nll_loss({f}, {f}, {f} ** 2, {flag}, reduction={reduction})",
    "cosine_similarity({f} + 0.1, {f} + 0.1, {dim})", "pairwise_distance({a}, {a}, {number}, 0.5, {flag})",
    "nn.functional.cosine_embedding_loss({f}, {f}, {index}, {n}, reduction={reduction})",
    "nn.functional.margin_ranking_loss({f}, {f}, {f}, {number}, reduction={reduction})",
    "nn.functional.triplet_margin_loss({f}, {f}, {f}, {number}, {k}, swap={flag}, reduction={reduction})",
    "nn.functional.multi_margin_loss({M}, tensor([{k} - 1, 1]), {k}, {number}, reduction={reduction})",
    "nn.functional.multilabel_margin_loss({f}, {i}, reduction={reduction})",
    # images
    "conv2d({image}, {kernel}, {bias}, {step}, {around}, {apart}, {groups})", "conv1d({signal}, {line}, {bias}, {k}, {k})",
    "conv2d({image}, {kernel}, {bias}, padding='same', dilation={apart}, groups={groups})",
    "conv_transpose2d({image}, {kernel}, {bias}, {step}, {around}, {around}, {groups}, {apart})",
    "conv_transpose1d({signal}, {line}, None, {k}, {k})",
    "nn.functional.max_pool2d({image}, {window}, {step}, {around}, {apart}, {flag})",
    "nn.functional.max_pool2d({image}.mT, {window})", "conv2d({image}.mT, {kernel}.mT)",
    "nn.functional.max_pool2d({image}, {window}, {step}, {around}, 1, {flag}, True)",
    "nn.functional.max_pool1d({signal}, {k}, {k}, {around}, {k}, {flag})",
    "nn.functional.avg_pool2d({image}, {window}, {step}, {around}, {flag}, {flag})",
    "nn.functional.avg_pool1d({signal}, {k}, {k}, {around}, {flag}, {flag})",
    "nn.functional.adaptive_avg_pool2d({image}, {lengths})", "nn.functional.adaptive_max_pool2d({image}, {lengths}, {flag})",
    "nn.functional.adaptive_avg_pool1d({signal}, {k})", "nn.functional.unfold({image}, {window}, {apart}, {around}, {step})",
    "nn.functional.fold({columns}, (3, 3), {window}, 1, 0, {k})",
    "nn.functional.pixel_shuffle({image}, {k})", "nn.functional.pixel_unshuffle({image}, {k})",
    "nn.functional.interpolate({image}, {lengths})", "nn.functional.interpolate({image}, scale_factor={scale})",
    "nn.functional.interpolate({image}, {lengths}, mode='bilinear', align_corners={flag})",
    "nn.functional.interpolate({image}, scale_factor={scale}, mode='bilinear')",
    # products
    "{f} @ {f}", "{m} @ {m}", "mm({M}, {M})", "mv({M}, {V})", "bmm({B}, {B})", "dot({V}, {V})", "{B} @ {M}", "{M} @ {B}",
    "{V} @ {B}", "{B} @ {V}", "addmm({M}, {M}, {M}, beta={number}, alpha={number})", "addmm({V}, {M}, {M})",
    "addmv({V}, {M}, {V})", "baddbmm({B}, {B}, {B})", "addbmm({M}, {B}, {B}, beta={number})", "addr({M}, {V}, {V})",
    "outer({V}, {V})", "inner({f}, {f})", "vdot({V}, {V})", "kron({t}, {t})", "tensordot({m}, {m}, {k})",
    "tensordot({f}, {f}, ({dims}, {dims}))", "linalg.multi_dot([{M}, {M}, {M}])", "linalg.multi_dot([{V}, {M}, {M}, {V}])",
    "linalg.vecdot({f}, {f}, dim={dim})", "linalg.cross({m}, {m}, dim={dim})", "cross({M}, {M})",
    "einsum('ij,jk->ik', {M}, {M})", "einsum('bij,bjk', {B}, {B})", "einsum('...i,...i->...', {f}, {f})",
    "einsum('ii->i', {M})", "einsum('ij,ij->', {m}, {m})", "einsum('i,ij,j', {V}, {M}, {V})", "einsum('...ij->...ji', {f})",
    # linear algebra
    "linalg.inv({Q})", "linalg.det({Q})", "logdet({Q})", "linalg.slogdet({Q})", "linalg.solve({Q}, {Q})",
    "linalg.solve({Q}, {V})",
    "linalg.solve({Q}, {M}, left={flag})", "linalg.solve_triangular({Q}, {M}, upper={flag})",
    "linalg.solve_triangular({Q}, {Q}, upper={flag}, left=False, unitriangular={flag})", "linalg.matrix_power({Q}, {n})",
    "linalg.cholesky({Q} @ {Q}.mT)", "linalg.qr({Q})[1] ** 2", "linalg.qr({M}, 'complete')[1] ** 2", "linalg.svdvals({M})",
    "linalg.eigvalsh({Q})", "linalg.pinv({M})", "linalg.lstsq({M}, {M})[0]", "linalg.matrix_rank({t})", "trace({t})",
    "linalg.norm({t}, {number})", "linalg.norm({f}, {number}, {dims}, {flag})",
    "linalg.matrix_norm({f}, {number}, {dims}, {flag})",
    "linalg.matrix_norm({f}, 'nuc')", "linalg.vector_norm({f}, {number}, {dims}, {flag})",
    "einsum('ij,kj,k->i', {M}, {M}, {V})", "einsum('i...->...', {f})", "einsum('bii->b', {B})",
]  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Search each template that contains the words given, and print in what the two differ."""
    import torch

    import microtorch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=int)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    failed = 0
    for template in TEMPLATES:
        if all(word in template for word in options.words):
            try:
                search(template, torch, microtorch, options.examples, options.seed)
            except AssertionError as found:
                failed += 1
                print(template, "→", found)
    print(f"{failed} templates differ")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
