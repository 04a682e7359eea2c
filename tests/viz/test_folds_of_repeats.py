"""What repeats is found by its structure: the operations, and what each reads; it is told apart from what only looks alike."""

import pytest

from microtorch.viz.graph.fold import fold
from tests.viz.folds import graph, labels, scoped


def line(text):
    """A graph in which each function reads the one before; a letter is an operation, the first node a leaf."""
    return graph(["", *text], [[], *([i] for i in range(len(text)))])


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ("AB" * 5, ["A → B ×5"]),
        ("XAB" + "AB" * 5 + "Y", ["A → B ×6"]),
        ("ABAB", []),  # of so little, twice is nothing to fold
        ("ABABAB", ["A → B ×3"]),
        ("AAA", []),
        ("AAAA", ["A ×4"]),
        ("ABCDEFGH" * 2, ["A → B → … → H ×2"]),
        ("AAAAB" * 4, ["A ×4 → B ×4"]),
        ("ABABABC" * 3 + "Z", ["(A → B) ×3 → C ×3"]),
        ("ABC" * 4 + "DE" * 4, ["A → B → C ×4", "D → E ×4"]),
        ("ABCDEFGHIJK", []),
        ("ABCDEFGHIJKLM" + "XY" * 3, ["chain of 13: A, B, …", "X → Y ×3"]),
    ],
)
def test_what_is_found_in_a_line_of_functions(operations, expected):
    assert labels(fold(line(operations)).outermost) == expected


def test_blocks_that_skip_a_connection_are_cut_where_one_value_is_on_its_way():
    """h = h + Relu(h); what comes before ends as a block ends, which is no part of the first block."""
    operations, inputs = ["", "Relu", "Add"], [[], [0], [1]]
    for _ in range(6):
        h = len(operations) - 1
        operations += ["Mm", "Relu", "Add"]
        inputs += [[h], [h + 1], [h, h + 2]]
    (repeat,) = fold(graph(operations, inputs)).outermost
    assert (repeat.label, repeat.times, min(repeat.nodes)) == ("Mm → Relu → Add", 6, 3)


def test_the_same_operations_wired_in_another_way_are_no_repeat():
    """Each Mul also reads something that stands now here, now there."""
    operations = ["", *["Mul", "Add"] * 8]
    alike = [[], *([i] for i in range(16))]
    other = [reads if i % 2 else [*reads, [0, 0, 1, 5, 3, 9, 2, 13, 4][i // 2]] for i, reads in enumerate(alike)]
    assert labels(fold(graph(operations, alike)).outermost) == ["Mul → Add ×8"]
    assert fold(graph(operations, other)).outermost == ()


def test_what_all_blocks_read_from_before_them_does_not_keep_them_apart():
    """The memory of an encoder, which every layer of a decoder reads."""
    operations, inputs = ["", "Exp"], [[], [0]]
    for _ in range(6):
        h = len(operations) - 1
        operations += ["Mm", "Softmax", "Add"]
        inputs += [[h, 1], [h + 1], [h, h + 2]]
    assert labels(fold(graph(operations, inputs)).outermost) == ["Mm → Softmax → Add ×6"]


def test_nor_does_what_they_read_of_the_first_of_them():
    """The output of the first step, on which every further step looks back."""
    operations, inputs = ["", "Mm", "Softmax", "Add"], [[], [0, 0], [1], [0, 2]]
    for _ in range(6):
        h = len(operations) - 1
        operations += ["Mm", "Softmax", "Add"]
        inputs += [[h, 2], [h + 1], [h, h + 2]]
    (repeat,) = fold(graph(operations, inputs)).outermost
    assert (repeat.label, repeat.times) == ("Mm → Softmax → Add", 7)


def test_nor_what_each_of_them_reads_from_elsewhere_before_them():
    """The way up in a U-shaped network: each block reads the output of another on the way down, the last first."""
    operations, inputs = ["", *"ABCDEF"], [[], *([i] for i in range(6))]
    for skipped in range(6, 0, -1):
        h = len(operations) - 1
        operations += ["Up", "Mul", "Relu"]
        inputs += [[h], [h + 1, skipped], [h + 2]]
    assert labels(fold(graph(operations, inputs)).outermost) == ["Up → Mul → Relu ×6"]


def test_the_first_block_may_read_what_is_not_tracked():
    """The first state of a recurrent network is a constant."""
    operations, inputs = ["", ""], [[], []]
    for step in range(6):
        h = len(operations) - 1 if step else None
        operations += ["Mm", "Add", "Tanh"]
        inputs += [[h, 0], [len(operations) - 3, 1], [len(operations) - 2]]
    (steps,) = fold(graph(operations, inputs)).outermost
    assert (steps.kind, steps.label, steps.times) == ("step", "step", 6)


def loop(weights, connected=True):
    """Six blocks of a Mm and a Tanh that all use the same leaf, or each its own; and read one another, or not."""
    operations, inputs = ["", ""], [[], []]
    for _ in range(6):
        here = len(operations)
        if weights == "own":
            operations.append("")
            inputs.append([])
        last = here - 1 if connected else 1
        operations += ["Mm", "Tanh"]
        inputs += [[last, here if weights == "own" else 0], [len(operations) - 2]]
    return graph(operations, inputs)


@pytest.mark.parametrize(
    ("weights", "connected", "kind"),
    [("same", True, "step"), ("own", True, "repeat"), ("same", False, "repeat")],
)
def test_steps_are_blocks_that_lead_to_one_another_and_use_the_same_leaves(weights, connected, kind):
    (found,) = fold(loop(weights, connected)).outermost
    assert (found.kind, found.times) == (kind, 6)


def test_the_leaves_of_all_steps_stand_in_the_fold_of_the_steps():
    (steps,) = fold(loop("same")).outermost
    assert 0 in steps.nodes
    assert all(0 not in inner.nodes for inner in steps.folds)


def test_a_fold_that_repeats_holds_its_first_block_and_the_others_by_number():
    (repeat,) = fold(line("ABCDE" * 100)).outermost
    (others,) = repeat.folds
    assert (repeat.times, others.times, others.kind, others.label) == (100, 99, "more", "A → B → … → E (2–100)")
    assert repeat.nodes - others.nodes == {*range(6)}
    assert labels(others.folds)[0] == "A → B → … → E (2–34) ×33"
    assert labels(others.folds[0].folds)[:2] == ["A → B → … → E (2)", "A → B → … → E (3)"]


def test_the_units_of_a_repeat_are_alike():
    text = "ABAC" * 3 + "ABABD" * 9 + "CAB"
    snapshot = line(text)
    for outer in fold(snapshot).outermost:
        for each in outer.walk():
            if each.times > 1:
                functions = [snapshot.nodes[node].operation for node in sorted(each.nodes) if node]
                size = len(functions) // each.times
                assert functions == functions[:size] * each.times


def test_what_was_folded_repeats_in_its_turn():
    """Layers of four neurons, each of which reads all neurons of the layer before: no run of neurons is longer than a layer."""
    operations, inputs, layer = ["", "", "", ""], [[], [], [], []], [0, 1, 2, 3]
    for _ in range(4):
        neurons = []
        for _ in range(4):
            operations += ["Dot", "Tanh"]
            inputs += [layer, [len(operations) - 2]]
            neurons.append(len(operations) - 1)
        layer = neurons
    (layers,) = fold(graph(operations, inputs)).outermost
    assert (layers.label, layers.times) == ("(Dot → Tanh) ×4", 4)


def test_a_chain_ends_where_a_second_function_reads_from_it():
    text = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    inputs = [[], *([i] for i in range(26))]
    inputs[26] = [25, 13]
    assert labels(fold(graph(["", *text], inputs)).outermost) == ["chain of 13: A, B, …", "chain of 12: N, O, …"]


def test_what_is_a_chain_as_a_whole_needs_no_fold_in_its_module():
    (net,) = fold(scoped(line("ABCDEFGHIJKLMNO"), ("net", "Net", range(1, 16)))).outermost
    assert (net.label, net.folds) == ("net", ())
