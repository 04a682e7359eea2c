"""After backward(), how large the gradients are stands on the edges: of leaves, and from a trace, of all."""

import math
import re

import pytest

import microtorch
from microtorch import viz
from tests.viz.programs import named, rnn, seen


def tutorial():
    x = microtorch.ones(2, 2, requires_grad=True)
    y = x + 2
    z = y * y * 3
    return x, y, z, z.mean()


def written(drawing):
    return re.findall(r'<text class="mt-value"[^>]*>([^<]*)</text>', drawing.svg)


def lines(drawing):
    """How thick the arrows of gradients are."""
    return [float(width) for width in re.findall(r'class="mt-backward"[^>]*stroke-width="([\d.]+)"', drawing.svg)]


def test_before_backward_nothing_is_written_on_the_edges():
    assert {*written(viz.draw(tutorial()[-1]))} == {""}


def test_after_backward_the_norm_of_a_leafs_grad_stands_on_its_edge():
    x, _, _, out = tutorial()
    out.backward()
    assert [word for word in written(viz.draw(out)) if word] == ["‖9‖"]
    assert x.grad.norm().item() == 9
    assert "norm 9" in repr(viz.draw(out))


def test_of_a_trace_every_edge_says_it():
    walk = viz.trace(tutorial()[-1])
    assert written(viz.draw(walk)) == ["‖9‖", "‖4.5‖", "‖4.5‖", "‖1.5‖", "‖0.5‖", ""]
    assert len(viz.draw(walk).snapshot.edges) == 7


def test_of_a_leaf_that_is_used_often_no_single_edge_is_told_what_only_the_sum_knows():
    space = named(rnn)
    space["out"].backward()
    assert not any(written(viz.draw(space["out"], fold=False)))


def test_a_fold_is_told_the_norm_of_all_that_goes_into_it():
    drawing = seen(rnn, lambda out: viz.draw(viz.trace(out)))
    fold = next(each for each in drawing.picture.wires if len(each.edges) > 1)
    edges = drawing.snapshot.edges
    assert fold.norm == pytest.approx(math.hypot(*(edges[edge].norm for edge in fold.edges)))


def test_the_larger_the_gradient_the_thicker_its_arrow():
    x = microtorch.ones(2, requires_grad=True)
    y = x
    for _ in range(4):
        y = y * 0.01
    thick = lines(viz.draw(viz.trace(y.sum())))[:5]
    assert thick == sorted(thick)
    assert thick[0] < thick[-1]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_is_marked(value):
    x = microtorch.ones(2, requires_grad=True)
    out = (x * value).sum()
    out.backward()
    assert "⚠ NaN" in written(viz.draw(out))
    assert "norm nan" in repr(viz.draw(out))


def test_a_zero_gradient_is_drawn_and_said():
    x = microtorch.ones(2, requires_grad=True)
    (x * 0).sum().backward()
    out = (x * 0).sum()
    assert "‖0‖" in written(viz.draw(out))


def test_pytorchs_gradients_too(torch):
    x = torch.ones(2, 2, requires_grad=True)
    out = (x * 3).sum()
    out.backward()
    assert [word for word in written(viz.draw(out)) if word] == ["‖6‖"]


def test_the_legend_explains_it_only_where_it_is():
    out = tutorial()[-1]
    assert "of this ‖norm‖" not in viz.draw(out).svg
    assert "of this ‖norm‖" in viz.draw(viz.trace(out)).svg
