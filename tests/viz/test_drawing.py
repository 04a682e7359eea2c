"""The pictures: their structure, their words, their files, with each Graphviz and with none."""

import math
import os
import re
import select
import sys
import threading
import xml.etree.ElementTree as ET
from html import unescape
from itertools import combinations
from pathlib import Path

import pytest

import microtorch
from microtorch import viz
from microtorch.autograd import Variable
from microtorch.viz.figures import figures, main
from microtorch.viz.graph.view import View
from microtorch.viz.picture import graphviz, scene
from microtorch.viz.picture.shapes import Text
from tests.conftest import needs
from tests.viz.graphs import GRAPHS, hostile, large, perceptron, seed, square

SVG = "{http://www.w3.org/2000/svg}"


def parts(drawing, name):
    return [g for g in ET.fromstring(drawing.svg).iter(f"{SVG}g") if g.get("class") == f"mt-{name}"]


def frame(group):
    """A box in the picture: left, top, right, bottom."""
    dx, dy = map(float, re.findall(r"[-\d.]+", group.get("transform")))
    rect = next(rect for rect in group.iter(f"{SVG}rect") if rect.get("class") == "mt-box")
    x, y, width, height = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
    return dx + x, dy + y, dx + x + width, dy + y + height


# ---- the picture ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", GRAPHS)
def test_there_is_a_box_for_each_node_and_each_root_and_an_edge_for_each_tracked_input(make):
    drawing = make()
    snapshot = drawing.snapshot
    assert [int(g.get("data-node")) for g in parts(drawing, "node")] == [node.id for node in snapshot.nodes]
    assert [int(g.get("data-root")) for g in parts(drawing, "root")] == list(range(len(snapshot.roots)))
    assert [int(g.get("data-root")) for g in parts(drawing, "link")] == list(range(len(snapshot.roots)))
    tracked = [edge.id for edge in snapshot.edges if edge.producer is not None]
    assert [int(g.get("data-edge")) for g in parts(drawing, "edge")] == tracked


@pytest.mark.parametrize("make", GRAPHS)
def test_boxes_do_not_overlap_and_stay_inside_the_picture(make):
    drawing = make()
    root = ET.fromstring(drawing.svg)
    frames = [frame(group) for group in parts(drawing, "node") + parts(drawing, "root")]
    for a, b in combinations(frames, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)
    for left, top, right, bottom in frames:
        assert left >= 0
        assert top >= 0
        assert right <= float(root.get("width"))
        assert bottom <= float(root.get("height"))


@pytest.mark.parametrize("make", GRAPHS)
def test_inputs_stand_left_of_what_is_made_of_them(make):
    drawing = make()
    frames = {int(g.get("data-node")): frame(g) for g in parts(drawing, "node")}
    for edge in drawing.snapshot.edges:
        if edge.producer is not None:
            assert frames[edge.producer][2] < frames[edge.consumer][0]


@pytest.mark.parametrize("make", GRAPHS)
def test_every_edge_has_a_thin_solid_way_forth_a_thick_dashed_way_back_and_room_for_a_value(make):
    for group in parts(drawing := make(), "edge") + parts(drawing, "link"):
        lines = [part for part in group if not part.tag.endswith("title")]
        forward, forward_head, backward, backward_head, value = lines
        assert [each.get("class") for each in lines] == [
            "mt-forward",
            "mt-forward-head",
            "mt-backward",
            "mt-backward-head",
            "mt-value",
        ]
        assert forward.get("stroke-dasharray") is None
        assert backward.get("stroke-dasharray")
        assert float(forward.get("stroke-width")) < float(backward.get("stroke-width"))
        assert not value.text or make is perceptron  # which has run backward()
        assert direction(forward_head) > 0 > direction(backward_head)
        assert ends(forward)[0][0] < ends(forward)[1][0]
        assert ends(backward)[0][0] > ends(backward)[1][0]


def ends(path):
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path.get("d"))]
    return numbers[:2], numbers[-2:]


def direction(head):
    tip, *base = [float(number) for number in re.findall(r"-?[\d.]+", head.get("d"))][::2]
    return tip - sum(base) / 2


@pytest.mark.parametrize("make", GRAPHS)
def test_edges_end_at_the_ports_and_at_the_sides_of_their_boxes(make):
    drawing = make()
    groups = {int(g.get("data-node")): g for g in parts(drawing, "node")}
    for group in parts(drawing, "edge"):
        edge = drawing.snapshot.edges[int(group.get("data-edge"))]
        x, y = map(float, re.findall(r"-?[\d.]+", group.findall(f"{SVG}path")[1].get("d"))[:2])  # the tip of the head
        left, *_ = frame(groups[edge.consumer])
        dy = float(re.findall(r"[-\d.]+", groups[edge.consumer].get("transform"))[1])
        middles = [
            dy + float(rect.get("y")) + 6.5 for rect in groups[edge.consumer].iter(f"{SVG}rect") if rect.get("width") == "13"
        ]
        assert 0 < left - x < 12
        assert abs(middles[edge.port] - y) < 5


@pytest.mark.parametrize("make", GRAPHS)
def test_texts_fit_their_boxes_by_their_measure(make):
    for box in scene.Scene.of(View(make().snapshot), "full", "right").boxes.values():
        for item in box.items:
            if isinstance(item, Text):
                left = item.x - item.width * {"start": 0, "middle": 0.5, "end": 1}[item.anchor]
                assert left >= 0
                assert left + item.width <= box.width + 1


@pytest.mark.parametrize("make", GRAPHS)
def test_texts_of_a_box_do_not_overlap_by_their_measure(make):
    for box in scene.Scene.of(View(make().snapshot), "full", "right").boxes.values():
        texts = [item for item in box.items if isinstance(item, Text) and any(item.lines)]
        for a, b in combinations(texts, 2):
            apart_in_y = a.y + a.height <= b.y + 3 or b.y + b.height <= a.y + 3
            starts = [item.x - item.width * {"start": 0, "middle": 0.5, "end": 1}[item.anchor] for item in (a, b)]
            assert apart_in_y or starts[0] + a.width <= starts[1] or starts[1] + b.width <= starts[0], (a, b)


@pytest.mark.parametrize("make", GRAPHS)
def test_only_presentation_attributes_no_ids_no_links_and_six_digit_colours(make):
    svg = make().svg
    tree = ET.fromstring(svg)
    assert {part.tag.removeprefix(SVG) for part in tree.iter()} <= {"svg", "title", "desc", "g", "rect", "path", "text", "tspan"}
    attributes = {name for part in tree.iter() for name in part.attrib}
    assert not attributes & {"id", "style", "href", "onclick", "{http://www.w3.org/1999/xlink}href"}
    colours = {part.get(name) for part in tree.iter() for name in ("fill", "stroke", "color")} - {None, "none"}
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for colour in colours), colours


@pytest.mark.parametrize("make", GRAPHS)
def test_equal_graphs_give_equal_pictures_and_equal_words(make):
    one, other = make(), make()
    assert one.svg == other.svg
    assert repr(one) == repr(other)
    assert not re.search("0x[0-9a-f]{6}", repr(one))


def test_a_picture_says_what_it_shows():
    tree = ET.fromstring(seed().svg)
    assert tree.get("role") == "img"
    assert tree.find(f"{SVG}title").text == "Graph of out"
    assert tree.find(f"{SVG}desc").text == (
        "Graph of out: 1 leaf, 4 functions. Values flow from left to right: y from x and 2; MulBackward0 (2) from y and y; z "
        "from MulBackward0 (2) and 3; out from z with count 4. Gradients flow back from right to left."
    )
    words = [text for text in tree.itertext() if text]
    assert "values flow forward" in words
    assert "gradients flow backward" in words


def test_a_function_shows_its_operation_its_rules_what_it_saved_and_what_it_made():
    add, first, second, mean = parts(seed(), "node")[1:]
    words = [text.text for text in add.iter(f"{SVG}text") if text.text]
    assert words == ["Add", "1", "←", "2", "2", "y", "AddBackward0", "grad"]
    words = [text.text for text in first.iter(f"{SVG}text")]
    assert words.count("grad * y") == 2
    assert words.count("y 2×2") == 1  # saved twice, said once
    assert {"Mul", "MulBackward0", "1", "2"} <= set(words)
    assert {"grad * 3", "3", "z"} <= {text.text for text in second.iter(f"{SVG}text")}
    assert "out" not in [text.text for text in mean.iter(f"{SVG}text")]  # it has a card


def test_a_square_has_two_edges_with_arrows_of_their_own():
    first, second = parts(square(), "edge")
    assert ends(first[2]) != ends(second[2])
    assert abs(ends(first[2])[1][1] - ends(second[2])[1][1]) > 4


def test_a_card_has_the_cells_of_2017():
    x = Variable(microtorch.ones(2, 2), requires_grad=True)
    group = parts(viz.card(x), "root")[0]
    words = ["".join(text.itertext()) for text in group.iter(f"{SVG}text")]
    assert words[:8] == ["x", "Variable 2×2 float32", "leaf", "requires_grad", "data", "grad", "not computedyet", "grad_fn"]
    assert words[-2:] == ["1\N{NO-BREAK SPACE}11\N{NO-BREAK SPACE}1", "None"]
    frame_ = next(rect for rect in group.iter(f"{SVG}rect") if rect.get("class") == "mt-box")
    assert frame_.get("stroke-dasharray")


def test_the_grad_cell_can_be_rewritten():
    (cell,) = (text for text in parts(seed(), "node")[0].iter(f"{SVG}text") if text.get("class") == "mt-grad")
    assert "".join(cell.itertext()) == "not computedyet"


def test_saved_values_can_be_struck_out_and_constants_cannot():
    x = microtorch.ones(2, requires_grad=True)
    texts = [text for node in parts(viz.draw((x * x).exp().sum()), "node") for text in node.iter(f"{SVG}text")]
    assert [text.text for text in texts if text.get("class") == "mt-saved"] == ["x (2,)", "out (2,)"]


def test_a_large_parameter_is_a_heat_map_blue_below_zero_and_vermillion_above():
    W = microtorch.ones(32, 32, requires_grad=True)
    W.data[:16] = -1.0
    W.data[0, 0] = float("nan")
    tiles = [rect for rect in parts(viz.card(W), "root")[0].iter(f"{SVG}rect") if rect.get("class") == "mt-heat"]
    assert [tiles[i].get("fill") for i in (0, 1, 255)] == ["#000000", "#0072B2", "#D55E00"]
    assert len(tiles) == 256


def test_tooltips_and_texts_take_names_literally():
    drawing = hostile()
    shown = set(ET.fromstring(drawing.svg).itertext())
    for name in (
        'x", URL="javascript:alert(1)',
        "<b>bold</b>",
        "two·lines·",
        "{|}<p0>",
        "x" * 39 + "…",
        "&lt;&amp;",
        "·abc·",
        "x" * 17 + "…",
    ):
        assert name in shown, name


# ---- the words ------------------------------------------------------------------------------------------------------


def test_the_words_for_the_tutorials_graph():
    assert (
        repr(seed())
        == """\
Graph of out: 1 leaf, 4 functions. Values flow down the table, gradients back up.

  #  makes  node                   saved                 input         gradient sent back
  0  x      leaf
  1  y      AddBackward0                                 input from 0  grad
                                                         other = 2     not tracked
  2         MulBackward0           input 2x2, other 2x2  input from 1  grad * y
                                                         other from 1  grad * y
  3  z      MulBackward0           other = 3             input from 2  grad * 3
                                                         other = 3     not tracked
  4  out    MeanBackward0 count=4                        input from 3  grad / count, for every element averaged

x: Variable 2x2 float32, leaf, requires_grad, data [[1, 1], [1, 1]], grad not computed yet, grad_fn None
out (from 4): Variable scalar float32, requires_grad, data 27, grad None (kept for leaves only), grad_fn MeanBackward0"""
    )


def test_the_words_for_a_card():
    x = Variable(microtorch.ones(2, 2), requires_grad=True)
    assert repr(viz.card(x)) == (
        "x: Variable 2x2 float32, leaf, requires_grad, data [[1, 1], [1, 1]], grad not computed yet, grad_fn None"
    )


def test_each_line_of_the_words_is_a_line_whatever_the_names():
    drawing = hostile()
    nodes, edges = drawing.snapshot.nodes, drawing.snapshot.edges
    leaves = sum(node.kind == "leaf" for node in nodes)
    assert len(repr(drawing).split("\n")) == 3 + leaves + len(edges) + 1 + leaves + 1


# ---- a notebook -----------------------------------------------------------------------------------------------------


def without_script(html):
    """What is there where no script runs."""
    return ET.fromstring(html[: html.rindex("<script>")])


@pytest.mark.usefixtures("graphviz")
def test_a_notebook_gets_words_and_an_image_with_words_in_it():
    bundle = seed()._repr_mimebundle_()
    assert list(bundle) == ["text/plain", "text/html", "application/pdf"]
    assert bundle["text/plain"] == repr(seed())
    assert bundle["text/html"] == seed()._repr_html_()
    image = without_script(bundle["text/html"]).find(".//img")
    assert image.get("src").startswith("data:image/svg+xml;base64,")
    assert image.get("alt").startswith("Graph of out: 1 leaf, 4 functions.")


@pytest.mark.usefixtures("graphviz")
def test_an_alt_text_cannot_break_out_of_its_attribute():
    image = without_script(hostile()._repr_html_()).find(".//img")
    assert sorted(image.attrib) == ["alt", "src", "style"]
    assert 'x", URL="javascript:alert(1)' in unescape(image.get("alt"))


# ---- files ----------------------------------------------------------------------------------------------------------

BEGINNING = {
    "svg": b"<svg xmlns=",
    "html": b"<!doctype html>",
    "png": b"\x89PNG\r\n",
    "pdf": b"%PDF-",
    "dot": b"digraph {",
    "txt": b"Graph of",
}


@pytest.mark.parametrize("form", BEGINNING)
@pytest.mark.parametrize("make", [seed, hostile])
def test_a_drawing_is_saved_in_the_format_of_the_files_name(form, make, tmp_path):
    path = tmp_path / f"graph.{form.upper() if make is seed else form}"
    make().save(path)
    assert path.read_bytes().startswith(BEGINNING[form])


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "html", "txt"])
def test_a_card_is_saved_too(form, tmp_path):
    path = tmp_path / f"card.{form}"
    viz.card(microtorch.randn(20, 20)).save(str(path))
    assert path.stat().st_size > 50


@pytest.mark.parametrize("name", ["graph.jpeg", "graph", "graph.svg.gz"])
def test_an_unknown_format_is_refused_and_nothing_written(name, tmp_path):
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.html, \.dot, \.txt"):
        seed().save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_the_dot_file_draws_the_same_nodes_and_both_kinds_of_arrows(tmp_path):
    seed().save(tmp_path / "graph.dot")
    source = (tmp_path / "graph.dot").read_text("utf-8")
    tree = ET.fromstring(graphviz.render(source, form="svg"))
    nodes = [g for g in tree.iter(f"{SVG}g") if g.get("class") == "node"]
    edges = [g for g in tree.iter(f"{SVG}g") if g.get("class") == "edge"]
    assert len(nodes) == 6
    assert len(edges) == 2 * 6
    assert sum(path.get("stroke-dasharray") is not None for g in edges for path in g.iter(f"{SVG}path")) == 6


def test_no_name_becomes_dot_code(tmp_path):
    hostile().save(tmp_path / "graph.dot")
    tree = ET.fromstring(graphviz.render((tmp_path / "graph.dot").read_text("utf-8"), form="svg"))
    assert not [part for part in tree.iter() if part.tag.endswith("}a")]
    assert sum(g.get("class") == "node" for g in tree.iter(f"{SVG}g")) == len(hostile().snapshot.nodes) + 1


FIGURES = ["Variable", "autograd_grad_fn", "gradient_of_gradient", "network", "product", "recurrent", "view"]


def test_the_figures_are_drawn_by_one_command(tmp_path):
    main(str(tmp_path))
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {"Variable.png", "autograd_grad_fn.png", *(f"{name}.svg" for name in FIGURES)}


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_in_the_repository_are_those_that_the_command_draws(name):
    kept = ET.parse(Path(__file__).parents[2] / "img" / f"{name}.svg").getroot()
    drawn = ET.fromstring(figures()[name].svg)

    def structure(tree):  # coordinates may differ from Graphviz to Graphviz
        return [(part.tag, part.get("class"), part.text) for part in tree.iter()]

    assert structure(kept) == structure(drawn)


# ---- every Graphviz, and none ---------------------------------------------------------------------------------------

FAKE = """#!{python}
import sys
import pygraphviz
with open({log!r}, "a") as log:
    print(*sys.argv[1:], file=log)
form = next(argument[2:] for argument in sys.argv if argument.startswith("-T"))
drawn = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode()).draw(format=form, prog="nop2" if "-n2" in sys.argv else "dot")
sys.stdout.buffer.write(drawn if isinstance(drawn, bytes) else drawn.encode())
"""


def program(folder, text):
    path = folder / "dot"
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def no_program(monkeypatch, tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="the fake dot is a script")
def test_dot_on_the_path_is_used(no_program, tmp_path):
    needs("pygraphviz", "lab")
    without = seed().svg
    log = tmp_path / "log"
    program(no_program, FAKE.format(python=sys.executable, log=str(log)))
    assert seed().svg == without
    assert "-Tjson" in log.read_text()
    seed().save(tmp_path / "graph.png")
    assert "-Tpng -n2" in log.read_text()  # nothing is placed anew


BROKEN = {
    "it hangs": ("cat > /dev/null; sleep 1000", "was not done after 0 seconds"),
    "it reads nothing": ("sleep 1000", "was not done after 0 seconds"),
    "it leaves something running": ("sleep 1000 & exit 0", "was not done after 0 seconds"),
    "it hangs after it has drawn": ("exec >&-; sleep 1000", "was not done after 0 seconds"),
    "it fails": ("exit 1", "failed, with exit status 1"),
    "it crashes": ("kill -SEGV $$", "failed, with exit status -11"),
    "it draws, and fails": ("echo '{}'; exit 3", "failed, with exit status 3"),
    "garbage": ("head -c 3000 /dev/urandom", "wrote what is no (json|png)"),
    "garbage without end": ("cat /dev/zero", "wrote more than 1,048,576 bytes"),
    "nothing": ("true", "wrote what is no (json|png)"),
    "an empty layout": ("echo '{}'", "wrote what is no (json|png)"),
    "half a layout": ("""echo '{"bb": "0,0,1,1", "objects": [{"name": "n0"'""", "wrote what is no (json|png)"),
    "another layout": ("""echo '{"bb": "0,0,1,1", "objects": [{"name": "n0"}]}'""", "wrote what is no (json|png)"),
}
BROKEN = {how: (f"#!/bin/sh\nPATH={os.defpath}\n{script}\n", words) for how, (script, words) in BROKEN.items()}
BROKEN["no program"] = ("what no system can run", "cannot be run")


def broken(how, folder, monkeypatch):
    """A dot that is broken in one way; what is said of it."""
    script, words = BROKEN[how]
    program(folder, script)
    monkeypatch.setattr(graphviz, "SECONDS", 0.3 if "done" in words else 60)
    monkeypatch.setattr(graphviz, "BYTES_A_SECOND", math.inf)
    monkeypatch.setattr(graphviz, "LONGEST", 2**20)
    return words


@pytest.mark.skipif(sys.platform == "win32", reason="the broken dot is a script")
@pytest.mark.parametrize("how", BROKEN)
def test_a_dot_that_is_broken_is_told_and_pygraphviz_draws_in_its_place(how, no_program, monkeypatch):
    needs("pygraphviz", "lab")
    expected = seed().svg
    words = broken(how, no_program, monkeypatch)
    with pytest.warns(RuntimeWarning, match=rf"bin/dot {words}.*: pygraphviz draws in its place"):
        assert seed().svg == expected


@pytest.mark.skipif(sys.platform == "win32", reason="the broken dot is a script")
@pytest.mark.parametrize("how", BROKEN)
def test_a_dot_that_is_broken_is_named_where_there_is_no_other(how, no_program, monkeypatch, tmp_path):
    words = broken(how, no_program, monkeypatch)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    drawing = seed()
    with pytest.warns(RuntimeWarning, match=rf"needs Graphviz, and .*bin/dot {words}.*, and there is no pygraphviz"):
        assert list(drawing._repr_mimebundle_()) == ["text/plain"]
    with pytest.raises(viz.GraphvizMissingError, match=rf"bin/dot {words}"):
        drawing.save(tmp_path / "graph.png")


def test_a_pygraphviz_that_fails_is_named_and_there_are_the_words(no_program, monkeypatch):
    needs("pygraphviz", "lab")

    def broken(*arguments, **options):
        raise OSError("no layout engine")

    monkeypatch.setattr("pygraphviz.AGraph.draw", broken)
    with pytest.warns(RuntimeWarning, match=r"pygraphviz failed \(OSError: no layout engine\)"):
        assert list(seed()._repr_mimebundle_()) == ["text/plain"]


@pytest.mark.skipif(sys.platform == "win32", reason="the hanging dot is a script")
def test_nothing_that_a_hanging_dot_has_begun_is_left(no_program, monkeypatch, tmp_path):
    needs("pygraphviz", "lab")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    program(no_program, f"#!/bin/sh\nPATH={os.defpath}\nsleep 1000 > {fifo} &\nwait\n")
    monkeypatch.setattr(graphviz, "SECONDS", 2.0)
    with pytest.warns(RuntimeWarning, match="was not done after"):
        assert seed().svg
    assert select.select([reader], [], [], 60)[0]  # nobody holds the other end any more
    assert os.read(reader, 1) == b""
    os.close(reader)


def recurrent():
    """A loop of forty steps, which are a fold in folds."""
    W, h = microtorch.ones(2, 2, requires_grad=True), microtorch.ones(1, 2)
    for _ in range(40):
        h = (h @ W + h).tanh() * W.sum()
    return h.sum()


def inside(sheets):
    """Of the insides of folds, the names of their boxes."""
    return [sorted(re.findall(r'data-(?:node|fold)="\d+"', sheet.layouts[0].svg)) for sheet in sheets[1:]]


@pytest.mark.usefixtures("dot")
def test_the_insides_of_all_folds_are_placed_in_one_run(monkeypatch):
    run, counts = graphviz.run, []
    monkeypatch.setattr(
        graphviz, "run", lambda command, sources, form: counts.append(len(sources)) or run(command, sources, form)
    )
    sheets = viz.draw(recurrent(), fold=True).sheets
    assert len(sheets) > 3
    assert counts[-1] == len(sheets) - 1
    assert len(counts) <= 3  # and before that, the whole, wide and narrow


@pytest.mark.usefixtures("dot")
def test_pygraphviz_places_them_one_by_one(monkeypatch):
    needs("pygraphviz", "lab")
    expected = inside(viz.draw(recurrent(), fold=True).sheets)
    monkeypatch.setenv("PATH", "")
    assert inside(viz.draw(recurrent(), fold=True).sheets) == expected


def test_as_many_layouts_are_wanted_as_graphs():
    layout = b'{"bb": "0,0,1,1", "objects": [{"name": "n0", "pos": "0,0"}]}\n'
    assert graphviz.is_of("json", 2 * layout, 2)
    assert not graphviz.is_of("json", layout, 2)
    assert not graphviz.is_of("json", layout + layout[:20], 2)


@pytest.mark.usefixtures("dot")
def test_a_large_graph_has_more_time(monkeypatch):
    seconds = []

    class Watch(threading.Timer):
        def __init__(self, interval, *arguments):
            seconds.append(interval)
            super().__init__(interval, *arguments)

    monkeypatch.setattr(graphviz, "Timer", Watch)
    for make in (square, large):
        assert make().svg
    assert graphviz.SECONDS < seconds[0] < graphviz.SECONDS + 1
    assert seconds[1] > graphviz.SECONDS + 2


@pytest.fixture(params=["pygraphviz", "graphviz"])
def no_graphviz(request, no_program, monkeypatch):
    monkeypatch.setitem(sys.modules, request.param, None)


@pytest.mark.usefixtures("no_graphviz")
def test_without_graphviz_there_are_the_words():
    drawing = seed()
    assert list(drawing._repr_mimebundle_()) == ["text/plain"]
    assert drawing._repr_html_() is None
    assert repr(drawing).startswith("Graph of out")


@pytest.mark.usefixtures("no_graphviz")
@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_without_graphviz_saving_a_picture_says_what_to_install(form, tmp_path):
    with pytest.raises(viz.GraphvizMissingError, match="pip install graphviz pygraphviz brings one"):
        seed().save(tmp_path / f"graph.{form}")
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


@pytest.mark.usefixtures("no_graphviz")
def test_without_graphviz_a_card_is_still_a_picture(tmp_path):
    card = viz.card(microtorch.ones(2, 2))
    assert card.svg.startswith("<svg")
    assert list(card._repr_mimebundle_()) == ["text/plain", "text/html", "application/pdf"]
    card.save(tmp_path / "card.svg")
    seed().save(tmp_path / "graph.txt")
    assert (tmp_path / "graph.txt").read_text("utf-8").startswith("Graph of out")


@pytest.mark.usefixtures("graphviz")
def test_in_a_notebook_a_variable_shows_its_card_and_a_node_its_graph():
    x = microtorch.ones(2, requires_grad=True)
    y = x * 2
    shown = x._repr_mimebundle_()
    assert (shown["text/plain"], "<img" in shown["text/html"]) == (repr(x), True)
    shown = y.grad_fn._repr_mimebundle_()
    assert (shown["text/plain"], shown["text/html"]) == ("<MulBackward0>", viz.draw(y.grad_fn)._repr_html_())
