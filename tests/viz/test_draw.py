"""``draw``: what it chooses by itself, and what it is told; which folds open to what; the same in both libraries."""

import re
import weakref

import pytest

import microtorch
from microtorch import viz
from microtorch.viz.picture.choosing import COLUMNS, TALL
from tests.viz.programs import LARGE, PROGRAMS, chain, lenet, lstm, mlp, resnet, rnn, second_order, seed, seen

WIDE, NARROW = COLUMNS


def form(picture):
    """Density and direction: downwards, a picture is higher than it is wide."""
    return picture.detail, "down" if picture.height > picture.width else "right"


def keys(svg, name):
    return re.findall(rf'class="mt-{name}" data-{name}="(\d+)"', svg)


# ---- by itself ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "wide", "narrow"),
    [
        (seed, ("full", "right"), ("full", "down")),
        (second_order, ("full", "right"), ("full", "down")),
        (mlp, ("compact", "down"), ("compact", "down")),
        (lenet, ("compact", "down"), ("compact", "down")),
    ],
)
def test_the_fullest_picture_that_fits_is_drawn(program, wide, narrow):
    drawing = seen(program, viz.draw)
    assert form(drawing.picture) == wide
    assert form(drawing.fitting(NARROW)) == narrow


@pytest.mark.parametrize("width", COLUMNS)
@pytest.mark.parametrize("program", [*PROGRAMS, lstm, *LARGE])
def test_what_a_class_draws_fits_its_column_and_is_no_endless_strip(program, width):
    picture = seen(program, viz.draw).fitting(width)
    assert picture.width <= width
    assert picture.height <= 1.1 * TALL[picture.detail]


@pytest.mark.parametrize("program", LARGE)
def test_of_a_large_graph_at_most_a_hundred_boxes_are_seen(program):
    drawing = seen(program, viz.draw)
    for sheet in drawing.sheets:
        for layout in sheet.layouts:
            assert len(re.findall(r'class="mt-(?:node|fold|root)"', layout.svg)) <= 100


def test_what_fits_a_wide_column_may_be_folded_in_a_narrow_one():
    drawing = seen(lenet, viz.draw)
    assert not keys(drawing.svg, "fold")
    assert len(keys(drawing.sheets[0].layouts[1].svg, "fold")) == 5  # the layers with weights


def test_a_picture_for_both_columns_is_there_once():
    assert [len(seen(program, viz.draw).sheets[0].layouts) for program in (seed, mlp)] == [2, 1]


# ---- as it is told --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", ["full", "compact"])
@pytest.mark.parametrize("direction", ["right", "down"])
def test_density_and_direction_can_be_had_by_argument(detail, direction):
    drawing = seen(seed, viz.draw, detail=detail, direction=direction)
    assert form(drawing.picture) == (detail, direction)
    assert form(drawing.fitting(NARROW)) == (detail, direction)


def written(svg):
    return {word for word in re.findall(r">([^<>\n]+)</t", svg.partition("</desc>")[2]) if "\n" not in word}


@pytest.mark.parametrize(
    ("detail", "said", "unsaid"),
    [
        ("none", ["0", "Add · 2", "Mean", "count 4"], ["x", "y", "2×2"]),
        ("compact", ["x", "2×2", "y", "Mean", "count 4"], ["0", "data", "27"]),
        ("values", ["x", "data", "grad", "27", "y"], ["2×2", "←", "MulBackward0"]),
        ("full", ["x", "data", "grad", "27", "y", "←", "y 2×2", "MulBackward0"], []),
    ],
)
def test_each_detail_says_more_than_the_one_before(detail, said, unsaid):
    words = written(re.sub("<title>.*?</title>", "", seen(seed, viz.draw, detail=detail).svg, flags=re.DOTALL))
    assert words.issuperset(said)
    assert words.isdisjoint(unsaid)


def test_without_any_detail_data_are_blank_pills():
    source = seen(rnn, viz.draw, detail="none", fold=False).svg
    assert 'class="mt-input"' in source
    assert not any("target" in words for words in written(source))


def test_in_folds_that_open_as_much_is_said_as_outside():
    for detail, data in {"none": False, "compact": False, "values": True, "full": False}.items():
        inside = seen(resnet, viz.draw, detail=detail, fold=True).sheets[1:]
        assert any("data</text>" in layout.svg for sheet in inside for layout in sheet.layouts) == data


def test_without_detail_no_norms_stand_on_the_edges():
    x = microtorch.ones(2, requires_grad=True)
    y = (x * 3).sum()
    y.backward()
    assert [wire.norm for wire in viz.draw(y, detail="none").picture.wires] == [None] * 3
    assert any(wire.norm for wire in viz.draw(y, detail="compact").picture.wires)


def test_without_folds_every_node_is_a_box():
    drawing = seen(rnn, viz.draw, fold=False)
    assert [*map(int, keys(drawing.svg, "node"))] == [node.id for node in drawing.snapshot.nodes]
    assert not keys(drawing.svg, "fold")


def test_with_all_folds_a_network_is_a_box():
    drawing = seen(resnet, viz.draw, fold=True)
    assert drawing.view.folds[0].label == "net"
    assert len(keys(drawing.svg, "fold")) == len(drawing.view.folds)


def test_folds_can_be_named():
    drawing = seen(resnet, viz.draw, fold=["net.1"])
    assert [fold.label for fold in drawing.view.folds] == ["net.1"]
    assert "net.1 (" in repr(drawing)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"detail": "fulll"}, ValueError, "detail= is 'auto', 'none', 'compact', 'values' or 'full'; got 'fulll'"),
        ({"direction": "left"}, ValueError, "direction= is 'auto', 'right' or 'down'; got 'left'"),
        ({"detail": None}, ValueError, "got None"),
        ({"fold": "net"}, TypeError, r"a list of the folds to close"),
        ({"fold": ["net.7"]}, ValueError, "net.7"),
        ({"fold": 3}, TypeError, "got int"),
    ],
)
def test_what_is_no_argument_is_refused_in_words(options, error, words):
    with pytest.raises(error, match=words):
        seen(resnet, viz.draw, **options)


# ---- folds that open ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", [rnn, resnet, lstm])
def test_every_fold_opens_to_a_sheet_that_knows_where_it_stands(program):
    sheets = {sheet.key: sheet for sheet in seen(program, viz.draw).sheets}
    for key, sheet in sheets.items():
        for layout in sheet.layouts:
            for fold in keys(layout.svg, "fold"):
                assert f"f{fold}" in sheets
        assert not key or sheet.parent in sheets


def test_all_that_is_drawn_of_a_fold_is_in_it_or_outlined():
    first, *insides = seen(rnn, viz.draw).sheets
    (fold,) = seen(rnn, viz.draw).fitting(WIDE).view.folds
    shown = {int(node) for sheet in insides for layout in sheet.layouts for node in keys(layout.svg, "node")}
    assert first.key == ""
    assert shown <= fold.nodes


def test_of_very_many_folds_only_some_open():
    assert len(seen(chain, viz.draw).sheets) <= 30


def test_a_drawing_keeps_no_graph():
    x = microtorch.ones(2, requires_grad=True)
    y = (x * 2).sum()
    gone = weakref.ref(y.grad_fn)
    drawing = viz.draw(y)
    assert drawing.sheets
    del y
    assert gone() is None


# ---- PyTorch --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", [seed, mlp, lenet, rnn, lstm])
def test_the_same_program_is_drawn_in_the_same_boxes(program, torch):
    def boxes(library):
        return re.findall(r'class="mt-(\w+)" data-(?:node|fold|root|edge)="(\d+)"', seen(program, viz.draw, library).svg)

    assert boxes(microtorch) == boxes(torch)
