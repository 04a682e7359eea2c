"""Whatever the graph: every node stands in one box, no more boxes than a person can read, no circle; at every level of folds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microtorch.viz.graph.fold import fold
from tests.viz.folds import count, graph, insides, judge, scoped

OPERATIONS = ["Mul", "Add", "Tanh"]


@st.composite
def graphs(draw):
    """Graphs with stretches that repeat, stretches at random, leaves used here and there, and modules, some torn apart."""
    operations, inputs = [""] * draw(st.integers(1, 30)), []
    inputs += [[] for _ in operations]
    random = draw(st.randoms(use_true_random=False))
    for _ in range(draw(st.integers(1, 8))):
        period, times, far = draw(st.integers(1, 9)), draw(st.integers(1, 40)), draw(st.sampled_from([1, 3, 20, 1000]))
        names = [random.choice(OPERATIONS) for _ in range(period)]
        backs = [[random.randint(1, far) for _ in range(random.randint(1, 3))] for _ in range(period)]
        wild = draw(st.booleans())
        for i in range(period * times):
            if random.random() < draw(st.sampled_from([0.0, 0.0, 0.3])):
                operations.append("")
                inputs.append([])
            here = len(operations)
            operations.append(names[i % period])
            inputs.append([max(here - (random.randint(1, far) if wild else back), 0) for back in backs[i % period]])
    calls = []
    for number in range(draw(st.integers(0, 6))):
        low, high = sorted(draw(st.tuples(st.integers(0, len(operations)), st.integers(0, len(operations)))))
        nodes = [i for i in range(low, high) if operations[i] and (number < 4 or random.random() < 0.9)]
        calls.append((f"net.{number}", random.choice(["Linear", "Block"]), nodes))
    return scoped(graph(operations, inputs), *calls)


@given(graphs(), st.sampled_from([40, 80]))
@settings(deadline=None, max_examples=40)
def test_every_view_of_any_graph_can_be_read(snapshot, limit):
    for asked in ("auto", True):
        judge(fold(snapshot, asked, limit), limit)
    view = fold(snapshot, False, limit)
    judge(view, len(snapshot.nodes))
    for inside in insides(view, limit):
        judge(inside, limit)


def many_leaves(count):
    return graph([""] * count + ["Stack"], [[]] * count + [list(range(count))])


def shared_leaves(count):
    """Each of many leaves is used in places far from each other."""
    functions = [[i, count + i - 1] if i else [i] for i in range(count)]
    again = [[i * 37 % count, 2 * count + i - 1] for i in range(count)]
    return graph([""] * count + ["Mul", "Add"] * count, [[]] * count + functions + again)


def fan(count):
    """One function that reads many, which read one leaf each, in no order that repeats."""
    names = [OPERATIONS[i * i % 7 % 3] for i in range(count)]
    return graph([""] * count + names + ["Stack"], [[]] * count + [[i] for i in range(count)] + [list(range(count, 2 * count))])


def circles(count):
    """What a student's engine may make by mistake: the first reads the last."""
    return graph(["Mul"] * count, [[(i - 1) % count] for i in range(count)])


def backwards(count):
    """Nodes whose numbers do not follow the values."""
    return graph(["Mul"] * count, [[i + 1] if i + 1 < count else [] for i in range(count)])


SHAPES = [many_leaves, shared_leaves, fan, backwards]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 2, 70, 700])
def test_a_graph_of_any_shape_can_be_read(shape, size):
    view = fold(shape(size))
    judge(view, 80)
    for inside in insides(view):
        judge(inside, 80)


def test_a_graph_with_a_circle_in_it_ends_in_a_view_too():
    assert count(fold(circles(500))) <= 80


def test_modules_may_be_nested_as_deep_as_python_can_call():
    snapshot = scoped(
        graph(["Mul", "Add"] * 100, [[]] + [[i] for i in range(199)]), *((f"m{i}", "M", range(i // 8, 200)) for i in range(300))
    )
    judge(fold(snapshot), 80)
