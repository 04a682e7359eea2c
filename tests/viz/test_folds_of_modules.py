"""Modules as folds: one for each call, nested as the calls are, with the parameters that nothing else uses."""

from microtorch.viz.graph.fold import fold
from tests.viz.folds import graph, labels, scoped


def tree(folds):
    """The labels, nested."""
    return {fold.label: tree(fold.folds) for fold in folds}


# Two layers of a weight, a bias, a product and a sum; after each a Tanh.
LAYERS = graph(
    ["", "", "", "Mm", "Add", "Tanh", "", "", "Mm", "Add", "Tanh"], [[], [], [], [0, 1], [3, 2], [4], [], [], [5, 6], [8, 7], [9]]
)


def test_calls_nest():
    view = fold(
        scoped(LAYERS, ("net", "Net", range(1, 11)), ("net.one", "Linear", range(1, 5)), ("net.two", "Linear", range(6, 10)))
    )
    assert tree(view.outermost) == {"net": {"one": {}, "two": {}}}


def test_a_leaf_stands_in_the_module_that_alone_uses_it():
    view = fold(scoped(LAYERS, ("one", "Linear", range(1, 5)), ("two", "Linear", range(6, 10))))
    assert [sorted(each.nodes) for each in view.outermost] == [[1, 2, 3, 4], [6, 7, 8, 9]]


def test_a_leaf_that_two_modules_use_stands_around_both():
    shared = graph(["", "Mm", "Exp", "Mm", "Exp"], [[], [0], [1], [2, 0], [3]])
    view = fold(scoped(shared, ("net", "Net", range(5)), ("net.a", "A", range(3)), ("net.b", "A", [3, 4])))
    (net,) = view.outermost
    assert [sorted(each.nodes) for each in net.folds] == [[1, 2], [3, 4]]
    assert 0 in net.nodes


def test_a_leaf_that_is_no_parameter_stands_outside_though_only_the_module_uses_it():
    view = fold(scoped(LAYERS, ("net", "Net", range(1, 11))))
    assert [sorted(each.nodes) for each in view.outermost] == [list(range(1, 11))]


def test_a_module_of_one_function_without_parameters_is_that_function():
    view = fold(scoped(LAYERS, ("net", "Net", range(1, 6)), ("net.act", "Tanh", [5])))
    assert tree(view.outermost) == {"net": {}}


def test_so_is_a_module_whose_parameter_others_use_too():
    tied = scoped(graph(["", "Mm", "Exp", "Mm"], [[], [0], [1], [2, 0]]), ("one", "Tied", [0, 1]), ("two", "Tied", [3]))
    assert fold(tied).outermost == ()


def test_a_module_that_only_calls_another_is_one_box_with_it():
    view = fold(scoped(LAYERS, ("net", "Net", range(3, 6)), ("net.inner", "Inner", range(3, 6))))
    assert tree(view.outermost) == {"net": {}}


def test_a_name_is_told_as_seen_from_the_module_around_but_is_never_a_number():
    view = fold(
        scoped(
            LAYERS,
            ("net", "Net", range(1, 11)),
            ("net.layers", "Sequential", range(1, 10)),
            ("net.layers.0", "Block", range(1, 5)),
            ("net.layers.1", "Sequential", range(6, 10)),
        )
    )
    assert tree(view.outermost) == {"net": {"layers": {"layers.0": {}, "layers.1": {}}}}


def test_what_stands_between_two_functions_of_a_call_is_in_it():
    """PyTorch's modules are told by their parameters, and a Tanh has none."""
    view = fold(
        scoped(
            LAYERS, ("net", "Net", [1, 2, 3, 4, 6, 7, 8, 9]), ("net.0", "Linear", range(1, 5)), ("net.2", "Linear", range(6, 10))
        )
    )
    assert tree(view.outermost) == {"net": {"net.0": {}, "net.2": {}}}
    assert sorted(view.outermost[0].nodes) == list(range(1, 10))


def test_a_call_that_is_interrupted_by_another_is_a_fold_for_each_part_of_it():
    view = fold(scoped(LAYERS, ("torn", "Torn", [1, 2, 3, 4, 9, 10]), ("between", "Net", range(5, 9))))
    assert labels(view.outermost) == ["torn", "between", "torn"]


def test_two_calls_of_one_module_are_two_folds():
    view = fold(scoped(LAYERS, ("net", "Net", [3, 4]), ("net", "Net", [8, 9])))
    assert labels(view.outermost) == ["net", "net"]


def test_modules_that_repeat_are_called_by_their_names():
    operations, inputs, calls = [""], [[]], [("net", "Net", [])]
    for i in range(60):
        here = len(operations)
        operations += ["", "Mm", "Tanh"]
        inputs += [[], [max(here - 1, 0), here], [here + 1]]
        calls.append((f"net.blocks.{i}", "Block", range(here, here + 3)))
        calls[0][2].extend(range(here, here + 3))
    view = fold(scoped(graph(operations, inputs), *calls))
    (rest,) = view.folds
    assert (rest.kind, rest.label, rest.times, rest.note) == ("more", "blocks.1–59", 59, "59 times: Block (Mm → Tanh)")
    assert labels(rest.folds) == ["blocks.1–29 ×29", "blocks.30–59 ×30"]
    assert labels(rest.folds[0].folds)[:2] == ["blocks.1", "blocks.2"]
    (net,) = view.outermost
    (repeat,) = net.folds
    assert (repeat.kind, repeat.label, repeat.times) == ("repeat", "Block", 60)
    assert labels(repeat.folds) == ["blocks.0", "blocks.1–59 ×59"]


def test_the_note_tells_the_class_and_the_parameters():
    view = fold(scoped(LAYERS, ("one", "Linear", range(1, 5)), ("two", "Softmax", [9, 10])))
    assert [each.note for each in view.outermost] == ["Linear: 2 functions, 2 leaves", "Softmax: 2 functions"]
