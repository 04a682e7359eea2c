"""Two graphs side by side: the same code on two inputs, two programs, two libraries."""

import gc
import random
import re
import weakref
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

import microtorch
from microtorch import viz
from microtorch.viz.graph.comparing.align import align, turns
from tests.viz.graphs import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def loop(count, lib=microtorch):
    y = x = lib.ones(2, requires_grad=True)
    for _ in range(count):
        y = y * x + x
    return y.sum()


def leaf(*shape, dtype="float32"):
    return microtorch.ones(*shape, dtype=getattr(microtorch, dtype), requires_grad=True)


# ---- what is the same -----------------------------------------------------------------------------------------------


def test_two_runs_of_the_same_code_on_other_data_are_the_same_graph():
    def program(x, w):
        return (x * w).exp().mean()

    result = viz.compare(program(leaf(3), leaf(3)), program(leaf(3) * 2, leaf(3)))
    assert not result.same
    one = program(microtorch.tensor([1.0, 2.0], requires_grad=True), leaf(2))
    other = program(microtorch.tensor([-5.0, 0.0], requires_grad=True), leaf(2))
    result = viz.compare(one, other)
    assert (result.same, result.differences) == (True, ())
    assert repr(result) == "one and other are the same graph: 2 leaves, 3 functions."


def test_that_backward_has_run_makes_no_difference():
    one, other = loop(2), loop(2)
    one.backward()
    assert viz.compare(one, other).same


def test_what_pytorch_does_not_keep_is_not_held_against_it(torch):
    mine, theirs = (lib.ones(2, requires_grad=True) ** 2 + 5 for lib in (microtorch, torch))
    assert viz.compare(mine, theirs).same
    cube = torch.ones(2, requires_grad=True) ** 3 + 5
    assert viz.compare(mine, cube).differences == ("exponent of Pow is 2 in mine, 3 in cube (node 1)",)


def programs():
    def mlp(lib):
        lib.manual_seed(0)
        net = lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.Tanh(), lib.nn.Linear(4, 2))
        return lib.nn.functional.cross_entropy(net(lib.ones(5, 3)), lib.tensor([0, 1, 0, 1, 0]))

    def views(lib):
        x = lib.ones(4, requires_grad=True)
        y = x * 2
        y[:2].mul_(3)
        return y.sum()

    def pair(lib):
        x = lib.ones(2, 3, requires_grad=True)
        values, _ = x.max(1)
        return (values * x.T).sum()

    return [mlp, views, pair, lambda lib: loop(4, lib)]


@pytest.mark.parametrize("program", programs())
def test_the_same_program_is_the_same_graph_in_pytorch(program, torch):
    result = viz.compare(program(microtorch), program(torch))
    assert result.same, result


def test_pytorchs_graphs_are_compared_too(torch):
    assert (
        viz.compare(loop(3, torch), loop(4, microtorch)).differences[0].startswith("b has 1 more turn of Mul → Add: 4, a has 3")
    )


def test_snapshots_and_drawings_are_compared_as_what_they_were_made_of():
    out = loop(2)
    assert viz.compare(viz.snapshot(out), viz.draw(loop(2))).same
    assert viz.compare(out.grad_fn, out).same


# ---- what differs ---------------------------------------------------------------------------------------------------


x, w = leaf(2, 2), leaf(2, 2)

DIFFERENT = {
    "a loop that ran more often": (
        lambda: loop(3), lambda: loop(5), ["b has 2 more turns of Mul → Add: 5, a has 3 (nodes 7 to 10 of b)"],
    ),
    "a loop that ran less often": (
        lambda: loop(2), lambda: loop(1), ["a has 1 more turn of Mul → Add: 2, b has 1 (nodes 3 to 4 of a)"],
    ),
    "another branch": (lambda: x.exp().sum(), lambda: x.tanh().sum(), ["where a has Exp, b has Tanh (node 1)"]),
    "another, longer branch": (
        lambda: x.exp().sum(), lambda: (x * w).tanh().sum(),
        ["where a has Exp, b has Mul → Tanh (node 1 of a, nodes 2 to 3 of b)", "only b has the leaf w (node 1 of b)"],
    ),
    "one operation more": (lambda: x.sum(), lambda: x.exp().sum(), ["only b has Exp (node 1 of b)"]),
    "one operation less": (lambda: x.exp(), lambda: x, ["only a has Exp (node 1 of a)"]),
    "another form": (lambda: x.sum(), lambda: x.sum(0), ["Sum is SumBackward0 in a, SumBackward1 in b (node 1)"]),
    "other constants": (
        lambda: x**2 + 5, lambda: x**3 + 7,
        ["exponent of Pow is 2 in a, 3 in b (node 1)", "other of Add is 5 in a, 7 in b (node 2)"],
    ),
    "another axis": (lambda: x.sum(0), lambda: x.sum(1), ["dim of Sum is 0 in a, 1 in b (node 1)"]),
    "more inputs": (
        lambda: microtorch.stack([x, x]), lambda: microtorch.stack([x, x, x]), ["Stack has 2 inputs in a, 3 in b (node 1)"],
    ),
    "another input": (
        lambda: x * w + x, lambda: x * w + w, ["input 2 of Add: from x (node 0) in a, from w (node 1) in b (node 3)"],
    ),
    "a leaf in the place of another": (
        lambda: x * x, lambda: x * w, ["input 2 of Mul: from x (node 0) in a, from w (node 1) in b (node 1 of a, node 2 of b)"],
    ),
    "an input without a gradient": (
        lambda: x * w, lambda: x * w.detach(),
        ["input 2 of Mul: from w (node 1) in a, not tracked in b (node 2 of a, node 1 of b)"],
    ),
    "another output": (
        lambda: x.unbind()[0].exp(), lambda: x.unbind()[1].exp(),
        ["input 1 of Exp: from Unbind (node 1) in a, from Unbind (node 1) output 1 in b (node 2)"],
    ),
    "another type": (
        lambda: leaf(2), lambda: leaf(2, dtype="float64"),
        ["the leaf is (2,) of float32 in a, (2,) of float64 in b (node 0)"],
    ),
    "the same at many places": (
        lambda: deep(microtorch.tanh, 100), lambda: deep(microtorch.relu, 100),
        ["where a has Tanh, b has Relu (at 100 places, first at node 2)"],
    ),
}  # fmt: skip


def deep(function, count):
    y = x
    for _ in range(count):
        y = function(y * 2)
    return y


@pytest.mark.parametrize("what", DIFFERENT)
def test_what_differs_is_said_in_a_sentence(what):
    a, b, sentences = DIFFERENT[what]
    result = viz.compare(a(), b())
    assert not result.same
    assert list(result.differences) == sentences
    assert repr(result).splitlines()[1:] == [f"- {each}" for each in sentences]


def test_shapes_are_said_of_the_leaves_and_once_of_all_that_follows():
    def program(size):
        x = leaf(size)
        return (x * x).exp().sum()

    found = viz.compare(program(2), program(3)).differences
    assert found == (
        "the leaf is (2,) of float32 in a, (3,) of float32 in b (node 0)",
        "2 functions save values of other shapes: input of Mul is (2,) in a, (3,) in b (node 1)",
    )


def test_another_result_of_the_same_graph_is_told():
    y = x.exp()
    z = y.tanh()
    assert viz.compare(viz.snapshot(y, z), viz.snapshot(z, y)).differences[0].startswith("the result: from Exp")
    assert viz.compare(viz.snapshot(z), viz.snapshot(z, y)).differences == ("a has 1 results, b has 2",)


def test_the_graphs_are_called_as_their_results_are():
    first, second = loop(1), loop(2)
    assert repr(viz.compare(first, second)).startswith(
        "first and second are not the same graph: 4 nodes are alike (4 in first, 6"
    )
    assert "last has 1 more turn" in repr(viz.compare(first, second, names={"start": first, "last": second}))


def test_thousands_of_nodes_are_aligned_however_they_differ():
    def chain(letters, turn):
        y = x
        for i in range(letters):
            y = turn(y, i)
        return viz.snapshot(y)

    a = chain(2000, lambda y, i: (y * 2).sin())
    assert viz.compare(a, chain(2100, lambda y, i: (y * 2).sin())).differences[0].startswith("b has 100 more turns of Mul → Sin")
    b = chain(2000, lambda y, i: (y * 2).tanh() if i % 2 else (y * 2).sin())
    assert viz.compare(a, b).differences == ("where a has Sin, b has Tanh (at 1,000 places, first at node 4)",)


# ---- the alignment --------------------------------------------------------------------------------------------------


def longest(a, b):
    """The length of the longest common subsequence, by the book."""
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            best[i + 1][j + 1] = best[i][j] + 1 if one == other else max(best[i][j + 1], best[i + 1][j])
    return best[-1][-1]


def test_no_alignment_matches_more():
    rng = random.Random(0)
    for _ in range(500):
        a, b = ("".join(rng.choices("abc", k=rng.randrange(12))) for _ in range(2))
        found = align(a, b)
        assert all(a[i] == b[j] for i, j in found)
        assert all(i < k and j < m for (i, j), (k, m) in pairwise(found))
        assert len(found) == longest(a, b)


@pytest.mark.parametrize(
    ("word", "start", "stop", "expected"),
    [
        ("PMAMAS", 3, 5, (1, 2, 2, 1)),
        ("PMAMAS", 1, 3, (1, 2, 2, 1)),
        ("PMAS", 1, 3, (1, 2, 1, 1)),
        ("MMMM", 2, 4, (0, 1, 4, 2)),
        ("ABAB", 0, 4, (0, 2, 2, 2)),
    ],
)
def test_turns_are_counted_with_those_around_them(word, start, stop, expected):
    found = turns(word, start, stop)
    assert (found.start, found.size, found.all, found.more) == expected


# ---- how it is shown ------------------------------------------------------------------------------------------------


def marks(svg):
    return [g.get("data-mark") for g in ET.fromstring(svg).iter(f"{SVG}g") if g.get("data-mark")]


def test_the_picture_has_both_graphs_and_a_sign_on_what_differs():
    more = viz.compare(loop(1), loop(2))
    assert marks(more.svg) == ["+", "+"]
    assert len(list(ET.fromstring(more.svg))) == 3  # a title and two pictures
    assert marks(viz.compare(x.exp(), x.tanh()).svg) == ["≠", "≠"]
    assert marks(viz.compare(loop(1), loop(1)).svg) == []


def test_html_wraps_and_says_the_words_first(graphviz):
    html = viz.compare(loop(1), loop(2))._repr_html_()
    assert "flex-wrap: wrap" in html
    assert html.index("1 more turn") < html.index("<img")
    assert html.count("<img") == 2


def test_it_is_saved_as_html_svg_and_text(tmp_path, graphviz):
    result = viz.compare(loop(1), loop(2))
    for form in ("html", "svg", "txt"):
        result.save(tmp_path / f"both.{form}")
    assert (tmp_path / "both.txt").read_text(encoding="utf-8") == f"{result!r}\n"
    assert "<img" in (tmp_path / "both.html").read_text(encoding="utf-8")
    ET.parse(tmp_path / "both.svg")
    with pytest.raises(ValueError, match=r"one of .html, .svg, .txt"):
        result.save(tmp_path / "both.doc")
    assert not (tmp_path / "both.doc").exists()


def test_names_from_outside_become_no_markup():
    for name in HOSTILE:
        u, v = leaf(1), leaf(1)
        u.name, v.name = name, f"2{name}"
        result = viz.compare(u * v, (u * v).exp() * u)
        html = re.sub(r"<script>\(async host => .*?</script>", "", result._repr_html_(), flags=re.DOTALL)  # the viewer's own
        assert "<b>bold" not in html
        assert "<script" not in html
        ET.fromstring(result.svg)


def test_it_keeps_no_graph():
    out = loop(2)
    gone = weakref.ref(out.grad_fn)
    kept = viz.compare(out, loop(3))
    assert kept.svg
    del out
    gc.collect()
    assert gone() is None


# ---- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: None, TypeError, "None"),
        (lambda: 3.0, TypeError, "a float"),
        (lambda: [loop(1)], TypeError, "a list of 1"),
        (lambda: x.detach() * 2, ValueError, "has no graph"),
    ],
)
def test_what_has_no_graph_is_refused(make, error, words):
    for pair in ((make(), loop(1)), (loop(1), make())):
        with pytest.raises(error, match=words):
            viz.compare(*pair)
