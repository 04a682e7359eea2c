"""What a backward pass with create_graph=True has made knows so, and stands in a lane of its own."""

import re

import pytest

import microtorch
from microtorch import viz
from microtorch.autograd import grad
from microtorch.viz.graph.view import View
from microtorch.viz.picture import layout, scene, svg
from tests.viz.programs import second_order, seen


@pytest.fixture
def x():
    return microtorch.tensor([1.0, 2.0], requires_grad=True)


def orders(*roots):
    """For each function, the order of derivative that it computes."""
    return [node.derivative for node in viz.snapshot(*roots).nodes if node.kind == "function"]


# ---- who knows --------------------------------------------------------------------------------------------------------


def test_what_grad_makes_is_of_the_1st_derivative_and_what_is_computed_before_and_after_is_not(x):
    y = (x.exp() * x).sum()
    (dx,) = grad(y, x, create_graph=True)
    nodes = viz.snapshot((dx * dx).sum(), y).nodes
    ours = {node.id for node in nodes if node.derivative == 0 and node.kind == "function"}
    assert [nodes[i].operation for i in sorted(ours)] == ["Exp", "Mul", "Sum", "Mul", "Sum"]
    assert {node.derivative for node in nodes} == {0, 1}


def test_what_backward_makes_is_too_and_what_it_adds_to(x):
    for _ in range(2):
        (x**3).sum().backward(create_graph=True)
    assert set(orders(x.grad)) == {1}


def test_a_gradient_for_what_is_no_leaf_is_too(x):
    y = x * 2
    (dy,) = grad((y**3).sum(), y, create_graph=True)
    assert orders(dy) == [0, *[1] * (len(orders(dy)) - 1)]


def test_a_derivative_of_a_derivative_is_the_2nd_whatever_of_the_1st_is_still_there(x):
    y = (x**4).sum()
    for order in (1, 2, 3):
        (y,) = grad(y.sum(), x, create_graph=True)
        assert set(orders(y)) == {order}


def test_the_passes_of_several_results_are_of_one_order(x):
    rows = [grad(each, x, create_graph=True)[0].sum() for each in ((x**3).sum(), x.exp().sum())]
    assert sorted(set(orders(rows[0] + rows[1]))) == [0, 1]


def test_a_pass_within_a_pass_has_its_own_order(x):
    (dx,) = grad((x**4).sum(), x, create_graph=True)
    y = x * 2
    y.register_hook(lambda upstream: upstream * grad(dx.sum(), x, create_graph=True)[0])
    (out,) = grad((y * y).sum(), x, create_graph=True)
    found = [(node.operation, node.derivative) for node in viz.snapshot(out).nodes if node.kind == "function"]
    assert ("Pow", 2) in found
    assert found[-1][1] == 1
    assert {order for _, order in found} == {0, 1, 2}  # 0 is y


def test_without_create_graph_nothing_is(x):
    y = (x**3).sum()
    y.backward()
    assert set(orders(y)) == {0}


def test_of_pytorchs_nodes_it_is_not_known(torch):
    assert {node.derivative for node in seen(second_order, viz.snapshot, torch).nodes} == {0}


# ---- who shows --------------------------------------------------------------------------------------------------------


def penalty(x):
    """A loss with its gradient's square: functions of yours before, in and after the lane; data in it."""
    w = microtorch.ones(2, requires_grad=True)
    h = (x * w).tanh()
    loss = (h * h).sum()
    (dx,) = grad(loss, x, create_graph=True)
    return loss + (dx * dx).sum()


FORMS = [(detail, direction) for detail in scene.DETAILS for direction in ("right", "down")]


@pytest.mark.parametrize(("detail", "direction"), FORMS)
def test_all_of_a_lane_and_nothing_else_stands_on_its_band(x, detail, direction):
    view = View(viz.snapshot(penalty(x)))
    picture = layout.arrange(view, detail, direction)
    (band,) = picture.lanes
    for each in picture.placed:
        on = band.x <= each.x and each.x + each.box.width <= band.x + band.box.width
        on = on and band.y <= each.y and each.y + each.box.height <= band.y + band.box.height
        apart = each.x + each.box.width <= band.x or band.x + band.box.width <= each.x
        apart = apart or each.y + each.box.height <= band.y or band.y + band.box.height <= each.y
        if each.kind == "node":
            assert on == bool(view.snapshot.nodes[each.id].derivative)
        assert on != apart
    assert band.x >= 0
    assert band.x + band.box.width <= picture.width
    (sign,) = [item for item in band.box.items if isinstance(item, layout.Text)]
    assert sign.lines == ("1st derivative, recorded by create_graph=True",)
    assert sign.x + sign.width <= band.box.width


def test_names_data_and_results_of_a_lane_stand_on_it_too(x):
    for out, kinds in ((penalty(x), {"n", "a", "u"}), (grad((x**3).sum(), x, create_graph=True)[0], {"n", "u", "r"})):
        assert {name[0] for name in scene.Scene.of(View(viz.snapshot(out)), "compact", "right").lanes[1]} == kinds


def test_the_band_is_beneath_everything_and_its_words_are_above_the_edges(x):
    source = svg.render(View(viz.snapshot(penalty(x))), "compact")
    lanes = [match.start() for match in re.finditer('class="mt-lane"', source)]
    assert len(lanes) == 2
    assert lanes[0] < source.index('class="mt-node"')
    assert source.rindex('class="mt-edge"') < lanes[1]


def test_a_fold_stands_in_the_lane_of_its_functions_and_one_of_several_in_none(x):
    snapshot = viz.snapshot(penalty(x))
    first = [node.id for node in snapshot.nodes if node.derivative]
    others = [node.id for node in snapshot.nodes if node.kind == "function" and not node.derivative]
    for nodes, in_lane in ((first[:2], True), ([others[0], first[0]], False)):
        fold = viz.graph.view.Fold(1, "chain", "a", "", frozenset(nodes))
        names = scene.Scene.of(View(snapshot, (fold,)), "compact", "right").lanes[1]
        assert ("f1" in names) == in_lane


def test_the_words_say_which_functions(x):
    (dx,) = grad((x**3).sum(), x, create_graph=True)
    told = viz.draw(dx)
    said = "3 functions of the 1st derivative, recorded by create_graph=True: 1 to 3."
    assert said in repr(told)
    assert said in told.alt


def test_the_dot_file_has_the_lane_too(x, tmp_path):
    viz.draw(penalty(x)).save(tmp_path / "graph.dot")
    assert "1st derivative, recorded by create_graph=True" in (tmp_path / "graph.dot").read_text("utf-8")
