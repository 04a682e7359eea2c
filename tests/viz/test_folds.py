"""What ``fold=`` takes, what it closes, and what it says when it is asked for something else."""

import pytest

from microtorch.viz.graph.fold import fold, opened
from microtorch.viz.words.folds import folds
from tests.viz.folds import count, graph, labels, scoped

# ---- a small network: a leaf x, two layers of a weight and two functions each in modules, a loss ----


def network():
    operations = ["", "", "Mm", "Tanh", "", "Mm", "Tanh", "Mean"]
    inputs = [[], [], [0, 1], [2], [], [3, 4], [5], [6]]
    return scoped(
        graph(operations, inputs),
        ("net", "Sequential", range(1, 7)),
        ("net.0", "Layer", range(1, 4)),
        ("net.1", "Layer", range(4, 7)),
    )


def long(times=100):
    """A leaf; Mul and Tanh in turns; Mean."""
    return graph(["", *["Mul", "Tanh"] * times, "Mean"], [[], *([i] for i in range(2 * times + 1))])


def test_a_small_graph_is_shown_whole_and_true_folds_it():
    assert fold(network()).folds == ()
    assert labels(fold(network(), True).folds) == ["net"]


def test_false_folds_nothing_however_large():
    assert count(fold(long(), False)) == 202


def test_names_close_these_folds_and_no_others():
    view = fold(network(), ["net.1"])
    assert labels(view.folds) == ["net.1"]
    assert list(dict.fromkeys(view.boxes.values())) == ["n0", "n1", "n2", "n3", f"f{view.folds[0].id}", "n7"]


def test_of_names_of_which_one_is_in_the_other_the_outer_one_is_closed():
    assert labels(fold(network(), ["net.0", "net"]).folds) == ["net"]


def test_all_folds_are_there_to_be_opened_and_closed_whatever_is_closed_now():
    for asked in ("auto", True, False, ["net.0"]):
        (outer,) = fold(network(), asked).outermost
        assert [each.label for each in outer.walk()] == ["net", "net.0", "net.1"]


def test_auto_closes_what_repeats_behind_its_first():
    view = fold(long())
    assert count(view) == 5
    assert [(each.kind, each.label, each.times) for each in view.folds] == [("more", "Mul → Tanh (2–100)", 99)]


def test_auto_leaves_no_fold_of_a_handful():
    view = fold(graph(["", *"AAAABBB", *"CD" * 100], [[], *([i] for i in range(207))]))
    assert labels(view.folds) == ["C → D (2–100) ×99"]


def test_auto_opens_what_fits_the_outer_ones_first():
    view = fold(scoped(long(), ("net", "Net", range(1, 201)), ("net.head", "Head", range(195, 201))))
    assert "net" not in labels(view.folds)
    assert labels(view.folds)[0] == "Mul → Tanh (2–97) ×96"


@pytest.mark.parametrize("limit", [40, 60, 80, 300])
def test_auto_keeps_to_the_limit(limit):
    view = fold(graph(["Mul", "Tanh", "Exp", "Mul", "Add"] * 7 + ["Log"] * 3, [[]] + [[i // 2] for i in range(37)]), limit=limit)
    assert count(view) <= limit
    assert (view.folds == ()) == (limit >= 38)


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        (["net.2"], ValueError, r"there is no fold 'net.2'; did you mean 'net.1'\? The folds are 'net', 'net.0', 'net.1'"),
        (["x" * 9], ValueError, r"there is no fold 'xxxxxxxxx'. The folds are 'net'"),
        (
            "net.0",
            TypeError,
            r"fold= is 'auto', True, False, or a list of the folds to close, as in fold=\['net.0'\]; got 'net.0'",
        ),
        (3, TypeError, "fold= is .* got int"),
        (None, TypeError, "fold= is .* got NoneType"),
        ([3], TypeError, "labels of folds, .* got a list with int"),
    ],
)
def test_what_cannot_be_folded_is_said(asked, error, message):
    with pytest.raises(error, match=message):
        fold(network(), asked)


def test_where_there_are_no_folds_a_name_is_told_so():
    with pytest.raises(ValueError, match=r"there is no fold 'a'\. Nothing can be folded"):
        fold(graph(["", "Mul"], [[], [0]]), ["a"])


@pytest.mark.parametrize(("limit", "error"), [("80", TypeError), (True, TypeError), (8, ValueError)])
def test_a_limit_is_a_number_of_boxes_that_leaves_room(limit, error):
    with pytest.raises(error, match="limit="):
        fold(network(), limit=limit)


# ---- the inside of a fold, and what is around it ----


def test_the_inside_of_a_fold_shows_what_is_joined_to_it_as_stubs():
    view = fold(network())
    (net,) = view.outermost
    inside = opened(view, net)
    assert inside.boxes == {1: "n1", 2: "n2", 3: "n3", 4: "n4", 5: "n5", 6: "n6", 0: "o0", 7: "o7"}
    assert [(stub.key, stub.label) for stub in inside.stubs.values()] == [("o0", "leaf"), ("o7", "Mean")]


def test_what_stands_in_one_fold_beside_it_is_one_stub_with_its_label():
    view = fold(network())
    _, second = view.outermost[0].folds
    assert {stub.key: stub.label for stub in opened(view, second).stubs.values()} == {"o3": "net.0", "o7": "Mean"}


def hub(before, after):
    """A module of two functions; what it reads, and what reads it."""
    here = len(before) + 1
    functions = [[0]] * len(before) + [[*range(1, here)], [here]] + [[here + 1]] * len(after)
    return scoped(graph(["", *before, "Stack", "Exp", *after], [[], *functions]), ("net", "Net", [here, here + 1]))


def stubs(view):
    net = next(each for outer in view.outermost for each in outer.walk() if each.label == "net")
    return {stub.key: stub.label for stub in opened(view, net).stubs.values()}


def test_more_stubs_than_there_is_room_for_become_one_on_each_side():
    found = stubs(fold(hub("ABCDEFGHIJ", "KLMNOPQRSTUVW")))
    assert [found[f"o{i}"] for i in range(1, 8)] == [*"ABCDEFG"]
    assert [found[f"o{i}"] for i in range(13, 20)] == [*"KLMNOPQ"]
    assert (found["o8"], found["o20"], len(found)) == ("3 more", "6 more", 16)


def test_as_many_stubs_as_there_is_room_for_stand_by_themselves():
    assert stubs(fold(hub("ABCDEFGH", "K"))) == {**{f"o{i + 1}": name for i, name in enumerate("ABCDEFGH")}, "o11": "K"}


def test_what_stands_in_a_fold_beside_it_is_one_stub_however_many_they_are():
    assert list(stubs(fold(hub("A" * 20, "B" * 20))).values()) == ["A", "B"]


def test_what_joins_two_stubs_is_not_shown():
    view = fold(scoped(graph(["", "Exp", "Tanh", "Add"], [[], [0], [1], [1, 2]]), ("net", "Net", [0, 1])))
    inside = opened(view, view.outermost[0])
    assert [(link.source, link.target) for link in inside.links] == [("n0", "n1"), ("n1", "o2"), ("n1", "o3")]


def test_the_inside_of_a_fold_reads_the_edges_of_its_own_nodes_and_no_others():
    snapshot = scoped(graph(["", "Exp", "Tanh", "Sin", "Cos"], [[], [0], [1], [2], [3]]), ("net", "Net", [1, 2]))
    view = fold(snapshot)
    assert [edge.id for edge in opened(view, view.outermost[0]).edges] == [0, 1, 2]
    assert view.edges is snapshot.edges


def test_links_of_nodes_are_edges_and_at_folds_one_for_each_pair():
    snapshot = graph(["", "Mul", "Mul"], [[], [0, 0], [1, 1]])
    assert [(link.source, link.target, len(link.edges)) for link in fold(snapshot).links] == [
        ("n0", "n1", 1),
        ("n0", "n1", 1),
        ("n1", "n2", 1),
        ("n1", "n2", 1),
    ]
    view = fold(scoped(snapshot, ("net", "Net", [0, 1])), True)
    assert [(link.source, link.target, len(link.edges)) for link in view.links] == [(f"f{view.folds[0].id}", "n2", 2)]


def test_folds_in_words():
    view = fold(network(), ["net.0", "net.1"])
    assert folds(view) == [
        "net.0 (Layer: 2 functions, 1 leaf): nodes 1–3",
        "net.1 (Layer: 2 functions, 1 leaf): nodes 4–6",
    ]
    assert folds(opened(view, view.folds[1])) == ["inside net.1, joined to net.0, Mean"]
    assert folds(fold(network())) == []
