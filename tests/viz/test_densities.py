"""Full and compact, to the right and down: what fits, what is where, what is never left out."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

import microtorch
from microtorch import viz
from microtorch.viz.graph.snapshot import Operand
from microtorch.viz.graph.view import Fold, View
from microtorch.viz.picture import labels, layout, svg
from microtorch.viz.picture.folded import fold as box_of_fold
from microtorch.viz.picture.graphviz import render
from microtorch.viz.picture.pinned import pinned
from microtorch.viz.picture.scene import DETAILS, Scene, ranks, reach
from microtorch.viz.picture.shapes import Text
from tests.viz import programs
from tests.viz.graphs import GRAPHS

SVG = "{http://www.w3.org/2000/svg}"
FORMS = [(detail, direction) for detail in DETAILS for direction in ("right", "down")]


def of(program):
    """The view of one of the programs of a class's second week."""
    return View(programs.seen(program, viz.snapshot))


def views():
    return [View(make().snapshot) for make in GRAPHS] + [of(program) for program in programs.PROGRAMS]


IDS = [make.__name__ for make in GRAPHS] + [program.__name__ for program in programs.PROGRAMS]


@pytest.fixture(scope="module", params=range(len(IDS)), ids=IDS)
def view(request):
    return views()[request.param]


@pytest.fixture(scope="module", params=FORMS, ids="-".join)
def picture(request, view):
    return layout.arrange(view, *request.param)


def groups(source, name):
    return [g for g in ET.fromstring(source).iter(f"{SVG}g") if g.get("class") == f"mt-{name}"]


def words(group):
    return [text for text in ("".join(each.itertext()) for each in group.iter(f"{SVG}text")) if text]


def texts(picture):
    """Every text with its frame in the picture: left, top, right, bottom."""
    for x, y, item in picture.items():
        if isinstance(item, Text) and any(item.lines):
            left = x + item.x - item.width * {"start": 0, "middle": 0.5, "end": 1}[item.anchor]
            top = y + item.y - item.size * 0.45
            yield item, (left, top, left + item.width, top + item.height - item.size * 0.35)


# ---- it fits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "detail", "direction", "width"),
    [
        ("seed", "full", "right", 828),
        ("seed", "full", "down", 380),
        ("second_order", "full", "down", 380),
        ("seed", "compact", "right", 680),
        ("second_order", "compact", "right", 680),
        ("mlp", "compact", "down", 380),
        ("lenet", "compact", "down", 430),
        ("rnn", "compact", "down", 380),
        ("attention", "compact", "down", 380),
        ("expression", "compact", "down", 380),
        ("resnet", "compact", "down", 828),
    ],
)
def test_the_pictures_of_a_class_fit_the_column(program, detail, direction, width):
    assert layout.arrange(of(getattr(programs, program)), detail, direction).width <= width


def test_no_text_is_under_9_pixels(picture):
    source = svg.draw(picture)
    assert min(map(float, re.findall(r'font-size="([\d.]+)"', source))) >= 9


def test_no_two_texts_overlap(picture):
    placed = sorted(texts(picture), key=lambda pair: pair[1][0])
    for i, (one, a) in enumerate(placed):
        for other, b in placed[i + 1 :]:
            if b[0] >= a[2]:
                break
            assert a[3] <= b[1] or b[3] <= a[1] or a[2] <= b[0] + 1, (one.lines, other.lines)


def test_boxes_stay_apart_and_inside(picture):
    frames = [(p.x, p.y, p.x + p.box.width, p.y + p.box.height) for p in picture.placed]
    for a, b in combinations(frames, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    for left, top, right, bottom in frames:
        assert 0 <= left < right <= picture.width
        assert 0 <= top < bottom <= picture.height


def test_a_value_on_an_edge_covers_no_other_and_no_box(picture):
    rooms = [labels.about(wire.label) for wire in picture.wires if wire.kind != "feed"]
    for a, b in combinations(rooms, 2):
        assert not labels.overlap(a, b)
    for left, top, right, bottom in rooms:
        room = (left + 1, top + 1, right - 1, bottom - 1)
        for placed in picture.placed:
            assert not any(labels.overlap(room, frame) for frame in labels.solid(placed.x, placed.y, placed.box))


@pytest.mark.parametrize("program", programs.PROGRAMS)
@pytest.mark.parametrize(("detail", "direction"), FORMS)
def test_the_size_is_known_without_graphviz(program, detail, direction, monkeypatch):
    view = of(program)
    picture = layout.arrange(view, detail, direction)
    monkeypatch.setattr(layout, "render", lambda *_, **__: pytest.fail("Graphviz was asked"))
    width, height = layout.estimate(view, detail, direction)
    if direction == "right":
        assert width == pytest.approx(picture.width, rel=0.05)
    else:
        assert height == pytest.approx(picture.height, rel=0.15)


# ---- nothing is left out ------------------------------------------------------------------------------------------------


def test_each_node_is_one_box_and_each_edge_one_pair_of_arrows(view, picture):
    source = svg.draw(picture)
    assert [int(g.get("data-node")) for g in groups(source, "node")] == [node.id for node in view.snapshot.nodes]
    tracked = [edge.id for edge in view.snapshot.edges if edge.producer is not None]
    assert sorted(int(g.get("data-edge")) for g in groups(source, "edge")) == tracked


def test_inputs_stand_left_or_above_of_what_is_made_of_them(view):
    for detail, direction in FORMS:
        picture = layout.arrange(view, detail, direction)
        place = {each.id: each for each in picture.placed if each.kind == "node"}
        again = {each.id for each in picture.placed if each.kind == "alias"}
        for edge in view.snapshot.edges:
            if edge.producer is not None and not any(edge.id in wire.edges and wire.id in again for wire in picture.wires):
                one, other = place[edge.producer], place[edge.consumer]
                assert one.x + one.box.width < other.x if direction == "right" else one.y + one.box.height < other.y


def test_a_compact_node_says_all_when_it_is_pointed_at_or_focused():
    source = svg.render(of(programs.seed), "compact")
    square = groups(source, "node")[2]
    assert words(square) == ["Mul"]
    assert square.get("tabindex") == "0"
    assert square.find(f"{SVG}title").text == "2: MulBackward0\ninput: y ← grad * y\nother: y ← grad * y\nsaved y 2×2"


def test_a_compact_leaf_has_its_name_and_shape_or_value():
    W, b = microtorch.ones(3, 4, requires_grad=True), microtorch.tensor(2.0, requires_grad=True)
    source = svg.render(View(viz.snapshot((W * b).sum(), names={"W": W, "b": b})), "compact")
    leaves = [words(g) for g in groups(source, "node") if int(g.get("data-node")) < 2]
    assert leaves == [["W", "3×4"], ["b", "= 2"]]
    assert words(groups(source, "root")[0]) == ["= 24"] or words(groups(source, "root")[0]) == ["24"]


# ---- what changes the result is to be seen ------------------------------------------------------------------------------


def with_facts(view, node, port=None, operand=None, **facts):
    """A view of the same snapshot with more known of one node."""
    nodes = list(view.snapshot.nodes)
    if operand is not None:
        ports = list(nodes[node].ports)
        ports[port] = replace(ports[port], operand=operand)
        facts["ports"] = tuple(ports)
    nodes[node] = replace(nodes[node], **facts)
    return View(replace(view.snapshot, nodes=tuple(nodes)))


def test_a_constant_is_a_grey_pill_at_its_port_and_a_word_in_a_compact_one():
    view = with_facts(of(programs.seed), 1, 1, Operand(value="2"))
    assert words(groups(svg.render(view), "node")[1])[:6] == ["Add", "1", "←", "2", "2", "y"]
    assert words(groups(svg.render(view, "compact"), "node")[1]) == ["Add · 2", "y"]


def test_data_is_a_grey_pill_with_its_name_and_shape():
    view = with_facts(of(programs.seed), 1, 1, Operand(name="X", shape=(32, 10)))
    assert "X 32×10" in words(groups(svg.render(view), "node")[1])
    (pill,) = groups(svg.render(view, "compact"), "input")
    assert words(pill) == ["X 32×10"]
    assert len(groups(svg.render(view, "compact"), "feed")) == 1


@pytest.mark.parametrize(
    ("constants", "title"),
    [((("exponent", "3"),), "3"), ((("dim", "1"), ("keepdim", "True")), "dim 1, keepdim"), ((), "")],
)
def test_constants_stand_beside_the_operation_or_under_it_where_they_are_long(constants, title):
    view = with_facts(of(programs.seed), 4, constants=constants)
    expected = ["Mean", title] if title else ["Mean"]
    assert words(groups(svg.render(view, "compact"), "node")[4]) == expected
    assert set(expected) <= set(words(groups(svg.render(view), "node")[4]))


def test_a_users_function_shows_the_first_line_of_its_backward():
    view = with_facts(of(programs.seed), 4, about="return grad * 2")
    assert "return grad * 2" in words(groups(svg.render(view), "node")[4])


def test_what_an_operation_reads_besides_its_inputs_is_a_grey_pill_too():
    view = of(programs.mlp)
    assert "labels (32,)" in words(groups(svg.render(view), "node")[-1])
    assert [words(g) for g in groups(svg.render(view, "compact"), "input")] == [["X 32×64"], ["labels (32,)"]]


def test_in_what_is_said_of_a_fold_a_shape_stays_with_its_name():
    box = box_of_fold(Fold(1, "module", "net.0", "Linear: 2 functions, weight 32×64, bias 32", frozenset()))
    lines = [item.lines[0].replace("\N{NO-BREAK SPACE}", " ") for item in box.items if isinstance(item, Text) and item.size == 9]
    assert lines == ["Linear: 2 functions,", "weight 32×64, bias 32"]


# ---- a leaf in many places ----------------------------------------------------------------------------------------------


def test_a_leaf_used_in_many_places_is_one_box_and_a_pill_with_its_name_at_each_further_use():
    view = of(programs.rnn)
    leaves = {node.label: node.id for node in view.snapshot.nodes if node.kind == "leaf"}
    for detail, direction in FORMS:
        source = svg.render(view, detail, direction)
        pills = Counter(int(g.get("data-node")) for g in groups(source, "alias"))
        assert pills == {leaves["W"]: 7, leaves["U"]: 7, leaves["b"]: 7}
        called = (
            {f"{node}" for node in leaves.values()} if detail == "none" else set(leaves)
        )  # in the table, a leaf has its number
        assert {tuple(words(g)) for g in groups(source, "alias")} == {(name,) for name in called}


@pytest.mark.parametrize(("between", "pills"), [(2, 0), (3, 1)])
def test_a_leaf_used_far_away_stands_there_again(between, pills):
    w = microtorch.ones(2, requires_grad=True)
    y = w.exp()
    for _ in range(between):
        y = y.tanh()
    assert len(groups(svg.render(View(viz.snapshot((y * w).sum())), "compact"), "alias")) == pills


@pytest.mark.parametrize(("uses", "pills"), [(2, 0), (3, 2)])
def test_a_leaf_used_nearby_stands_there_again_from_the_third_use_on(uses, pills):
    w = microtorch.ones(2, requires_grad=True)
    made = microtorch.stack([w * i for i in range(2, 2 + uses)]).sum()
    assert len(groups(svg.render(View(viz.snapshot(made)), "compact"), "alias")) == pills


def test_a_leaf_twice_at_one_function_has_two_edges_and_no_pill():
    a = microtorch.tensor(3.0, requires_grad=True)
    source = svg.render(View(viz.snapshot(a * a)), "compact")
    assert len(groups(source, "edge")) == 2
    assert not groups(source, "alias")


def test_edges_are_never_so_long_that_placing_them_takes_minutes():
    first = y = microtorch.ones(2, requires_grad=True) * 1
    for _ in range(150):
        y = (y * first).tanh()
    scene = Scene.of(View(viz.snapshot(y.sum())), "compact", "down")
    assert reach(scene.joins, ranks(scene.joins)) <= 2500
    assert len([name for name in scene.boxes if name[0] == "n"]) == 303


def test_ranks_count_from_the_end_and_reach_what_edges_cross():
    x = microtorch.ones(2, requires_grad=True)
    y = ((x * 2).tanh()).exp().sum()
    joins = Scene.of(View(viz.snapshot(y)), "compact", "right").joins
    assert ranks(joins)["r0"] == 0
    assert reach(joins, ranks(joins)) == 5
    joins = Scene.of(View(viz.snapshot(y + x.sum())), "compact", "right").joins
    assert reach(joins, ranks(joins)) == 5 + 4 + 2


def test_a_graph_with_a_circle_has_ranks():
    view = of(programs.seed)
    edges = (*view.snapshot.edges, replace(view.snapshot.edges[0], id=99, consumer=1, producer=3))
    assert svg.render(View(replace(view.snapshot, edges=edges)), "compact")


# ---- folds --------------------------------------------------------------------------------------------------------------


def folded():
    view = of(programs.seed)
    fold = Fold(7, "repeat", "Mul <&>", "2 functions: Mul, Mul", frozenset({2, 3}), times=12)
    return view, fold


@pytest.mark.parametrize(("detail", "direction"), FORMS)
def test_a_fold_is_one_box_that_says_what_is_in_it_and_can_be_focused(detail, direction):
    view, fold = folded()
    source = svg.render(View(view.snapshot, (fold,)), detail, direction)
    (group,) = groups(source, "fold")
    assert (group.get("data-fold"), group.get("tabindex")) == ("7", "0")
    assert words(group) == ["Mul <&>", "×12", "2 functions: Mul, Mul", "+"]
    assert [int(g.get("data-node")) for g in groups(source, "node")] == [0, 1, 4]
    (both,) = (g for g in groups(source, "edge") if g.get("data-edges"))
    assert both.get("data-edges") == f"{both.get('data-edge')} {int(both.get('data-edge')) + 1}"


@pytest.mark.parametrize(("detail", "direction"), FORMS)
def test_around_an_opened_fold_stand_the_names_of_what_is_outside(detail, direction):
    view, fold = folded()
    source = svg.render(View(view.snapshot, (), fold), detail, direction)
    assert [words(g) for g in groups(source, "stub")] == [["from y"], ["to out"]]
    assert [int(g.get("data-node")) for g in groups(source, "node")] == [2, 3]


# ---- files --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("detail", "direction"), FORMS)
@pytest.mark.parametrize(("form", "beginning"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_every_picture_can_be_a_file(detail, direction, form, beginning):
    picture = layout.arrange(of(programs.rnn), detail, direction)
    assert render(pinned(picture), form=form, pinned=True).startswith(beginning)


def test_the_words_say_which_way_the_picture_runs():
    view = of(programs.seed)
    assert "from left to right" in layout.arrange(view).description
    down = layout.arrange(view, "compact", "down").description
    assert "from top to bottom" in down
    assert "back from bottom to top" in down
