"""The way forth: how a graph was made, node by node, before its backward pass; and the update after it, on the same walk."""

import gc
import json
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import microtorch
from microtorch import viz
from microtorch.viz.graph.reading.values import small
from microtorch.viz.graph.snapshot import Snapshot
from microtorch.viz.passes import making
from microtorch.viz.passes.making import WORKED_OUT, Making
from microtorch.viz.passes.trace import Trace, trace
from tests.viz import quizzes
from tests.viz.passes_cases import leaf
from tests.viz.quizzes import Value, arrays, programs


def tutorial(lib: Any = microtorch) -> tuple[Any, Trace]:
    x = lib.ones(2, 2, requires_grad=True)
    y = x + 2
    z = y * y * 3
    out = z.mean()
    return x, trace(out, forward=True)


def sentences(walk: Trace) -> list[str]:
    return [making.Making(walk.snapshot, walk.made).sentence(k) for k in range(walk.start, 0)]


def gives(root: Any) -> list[str]:
    """What each node gives, in the order of their making."""
    walk = trace(root, forward=True)
    told = Making(walk.snapshot, walk.made)
    walk.close()
    return [told.holds(made) for made in walk.made]


# ---- the walk ----


def test_it_begins_before_the_graph_and_the_positions_of_the_pass_stay_what_they_are(lib: Any) -> None:
    x, walk = tutorial(lib)
    assert (walk.position, walk.start, walk.end, len(walk.steps)) == (-6, -6, 5, 5)
    seen = {}
    for k in range(-6, 6):
        walk.goto(k)
        seen[k] = None if x.grad is None else x.grad.tolist()
    assert {k for k, grad in seen.items() if grad} == {5}
    assert (walk.position, walk.snapshot.nodes[walk.steps[0].node].name) == (5, "MeanBackward0")
    walk.first()
    assert (walk.position, x.grad) == (-6, None)
    walk.next()
    assert walk.position == -5
    walk.last()
    assert walk.position == 5


def test_the_seeds_graph_is_told_as_it_was_made(lib: Any) -> None:
    _, walk = tutorial(lib)
    told = [each.replace(" with count 4", "").replace("a constant", "2") for each in sentences(walk)]  # PyTorch tells neither
    assert told == [
        "Nothing is there yet: no value is computed, and there is no graph. Each operation will add a node to it.",
        "x enters the graph: a leaf, 1 in each of 2×2.",
        "AddBackward0 (y) is made: from x and 2 it gives 3 in each of 2×2.",
        "MulBackward0 is made: from y and y it gives 9 in each of 2×2.",
        "MulBackward0 (z) is made: from MulBackward0 and 3 it gives 27 in each of 2×2.",
        "MeanBackward0 (out) is made: from z it gives 27.",
    ]
    lines = repr(walk).splitlines()
    assert lines[0] == "backward() from out, 5 nodes made before it, 5 steps, at -6:"
    assert lines[7] == "   0  The graph is whole. Nothing has run yet: backward() will start at MeanBackward0 (out) with 1."
    assert lines[12].startswith("   5  x accumulates 4.5")


def test_without_it_nothing_changes() -> None:
    x = leaf(2.0)
    walk = trace(x * 3)
    assert (walk.start, walk.position, walk.made) == (0, 0, ())
    with pytest.raises(IndexError, match="positions 0 to 2, not -1"):
        walk.goto(-1)


def test_a_pass_that_was_recorded_can_take_in_the_way_forth_later() -> None:
    x = leaf(2.0)
    walk = trace(x * 3)
    walk.last()
    walk.forward()
    assert (walk.position, walk.start, x.grad) == (-3, -3, None)


def test_a_closed_trace_stays_as_it_is() -> None:
    walk = trace(leaf(2.0) * 3)
    walk.close()
    with pytest.raises(RuntimeError, match="closed"):
        walk.forward()
    assert walk.start == 0


def test_a_tensor_without_numbers_is_in_nobodys_way(torch: Any) -> None:
    assert [small(torch.ones(2, device=device)) is None for device in ("meta", "cpu")] == [True, False]


def test_each_node_is_unmade_until_its_position_and_current_at_it() -> None:
    _, walk = tutorial()
    names = []
    for k in range(-6, 1):
        walk.goto(k)
        names.append([state.name[0] for state in walk.states()])
    assert ["".join(each) for each in names] == ["uuuuu", "cuuuu", "mcuuu", "mmcuu", "mmmcu", "mmmmc", "wwwwr"]


@pytest.mark.parametrize("existing", [False, True])
def test_on_the_way_forth_each_grad_is_the_object_that_it_was(existing: bool) -> None:
    x = leaf(2.0)
    held = x.grad = microtorch.tensor(7.0) if existing else None
    walk = trace(x * x, forward=True)
    walk.last()
    walk.goto(-1)
    assert x.grad is held
    assert held is None or held.item() == 7.0


LIBRARIES = ["microtorch", "torch"]


@settings(max_examples=25, deadline=None)
@given(program=programs(), moves=st.lists(st.integers(0, 60), max_size=8), existing=st.booleans())
@pytest.mark.parametrize("name", LIBRARIES)
def test_any_walk_forth_and_back_shows_the_prefix_of_backward(
    name: str, program: quizzes.Program, moves: list[int], existing: bool
) -> None:
    library = pytest.importorskip(name)
    leaves: list[Any] = []
    root = arrays(program, recording(library, leaves), [0.5, -1.0, 2.0, 0.25])
    for each in leaves if existing else ():
        each.grad = library.ones_like(each)
    plain = trace(root)
    prefix = []
    for k in range(len(plain.steps) + 1):
        plain.goto(k)
        prefix.append(grads(leaves))
    plain.close()
    walk = trace(root, forward=True)
    assert len(walk.made) == len(walk.snapshot.nodes)
    for move in [0, *moves]:
        k = walk.start + move % (walk.end - walk.start + 1)
        walk.goto(k)
        assert grads(leaves) == prefix[max(k, 0)]
    walk.last()
    assert grads(leaves) == prefix[-1]
    walk.first()
    assert grads(leaves) == prefix[0]
    walk.close()


def recording(library: Any, leaves: list[Any]) -> Any:
    """A library that keeps the leaves it makes."""

    class Recording:
        def tensor(self, *args: Any, **kwargs: Any) -> Any:
            leaves.append(library.tensor(*args, **kwargs))
            return leaves[-1]

    return Recording()


def grads(leaves: list[Any]) -> list[Any]:
    return [None if each.grad is None else np.asarray(each.grad.tolist()).tobytes() for each in leaves]


@settings(max_examples=25, deadline=None)
@given(moves=st.lists(st.integers(0, 30), max_size=8))
def test_any_walk_over_a_students_engine_too(moves: list[int]) -> None:
    a, b = Value(2.0), Value(-3.0)
    root = (a * b + a * a).relu()
    plain = trace(root)
    prefix = [(plain.goto(k), (a.grad, b.grad))[1] for k in range(len(plain.steps) + 1)]
    plain.close()
    walk = trace(root, forward=True)
    for move in moves:
        k = walk.start + move % (walk.end - walk.start + 1)
        walk.goto(k)
        assert (a.grad, b.grad) == prefix[max(k, 0)]
    walk.close()
    assert (a.grad, b.grad) == (0.0, 0.0)


def test_it_keeps_no_graph_alive() -> None:
    x = leaf(1.0, 2.0)
    y = x * x
    walk, node = trace(y.sum(), forward=True), weakref.ref(y.grad_fn)
    del y
    gc.collect()
    assert node() is None
    assert len(walk.made) == 3


# ---- in which order, and what each operation gave ----


def test_nodes_come_in_the_order_of_their_making_each_leaf_with_its_first_use(lib: Any) -> None:
    x, w, b = (lib.tensor(value, requires_grad=True) for value in (2.0, 3.0, 4.0))
    h = x.exp()
    out = w * h + b
    walk = trace(out, forward=True)
    titles = Making(walk.snapshot, walk.made).titles
    assert [titles[made.node] for made in walk.made] == [
        *("x", "ExpBackward0 (h)", "w", "MulBackward0", "b", "AddBackward0 (out)"),
    ]
    walk.close()


OPERATIONS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "AddBackward0": lambda x, y, m: x + y,
    "SubBackward0": lambda x, y, m: x - y,
    "MulBackward0": lambda x, y, m: x * y,
    "DivBackward0": lambda x, y, m: x / y,
    "NegBackward0": lambda x, y, m: -x,
    "ReciprocalBackward0": lambda x, y, m: x.reciprocal(),
    "PowBackward0": lambda x, y, m: x**3,
    "ExpBackward0": lambda x, y, m: x.exp(),
    "LogBackward0": lambda x, y, m: x.log(),
    "SqrtBackward0": lambda x, y, m: x.sqrt(),
    "TanhBackward0": lambda x, y, m: x.tanh(),
    "SigmoidBackward0": lambda x, y, m: x.sigmoid(),
    "ReluBackward0": lambda x, y, m: y.relu(),
    "SumBackward0": lambda x, y, m: x.sum(),
    "MeanBackward0": lambda x, y, m: x.mean(),
    "DotBackward0": lambda x, y, m: x @ y,
    "MvBackward0": lambda x, y, m: m @ y,
    "MmBackward0": lambda x, y, m: m @ m,
}


def test_every_operation_that_can_be_worked_out_is_tested() -> None:
    assert OPERATIONS.keys() == WORKED_OUT.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_a_small_operation_gives_can_be_worked_out(name: str, lib: Any) -> None:
    matrix = [[1.0, -2.0, 0.5], [3.0, 0.0, 1.0], [0.25, 4.0, -1.0]]
    x, y, m = (lib.tensor(values, requires_grad=True) for values in ([0.5, 2.0, 3.0], [1.5, -2.0, 0.25], matrix))
    made = OPERATIONS[name](x, y, m)
    expected = made.detach().numpy().copy()
    walk = trace(made.sum() * 1 if made.ndim else made * 1, forward=True)
    del made  # so that nothing with a name holds it
    found = making.told(nameless(walk.snapshot))
    node = next(each.id for each in walk.snapshot.nodes if each.name == name)
    np.testing.assert_allclose(np.asarray(found[node, 0].values, dtype=float), expected, rtol=1e-6)
    walk.close()


def nameless(snapshot: Snapshot) -> Snapshot:
    """A snapshot in which nobody tells what an operation gave, or has kept it."""
    return replace(snapshot, nodes=tuple(replace(each, values=(), saved=()) for each in snapshot.nodes))


def twice(x: Any) -> Any:
    return (x.cosh() + 0).sum()


def kept(x: Any) -> Any:
    return (x.cosh() * x).sum()


def more(x: Any) -> Any:
    total = x.sum()
    return microtorch.add(total, total, alpha=2) * 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (twice, ["[0, 0]", "2 numbers", "2 numbers", "2"]),  # of what is unknown, the shape
        (kept, ["[0, 0]", "[1, 1]", "[0, 0]", "0"]),  # by the node that reads it
        (more, ["[0, 0]", "0", "1 number", "0"]),  # a constant that is not in the table
    ],
)
def test_what_is_known_is_told_and_else_the_shape(make: Callable[[Any], Any], words: list[str]) -> None:
    assert gives(make(leaf(0.0, 0.0))) == words


def test_a_variable_with_a_name_tells_what_was_computed() -> None:
    x = leaf(0.0, 0.0)
    h = x.cosh()
    assert gives((h + 0).sum())[1] == "[1, 1]"


def test_a_large_value_is_told_by_its_shape() -> None:
    x = microtorch.ones(5, 8, requires_grad=True)
    y = x * 2
    assert gives(y.sum()) == ["1 in each of 5×8", "5×8 numbers", "80"]


def test_a_students_engine_knows_what_all_its_values_are() -> None:
    a, b = Value(2.0), Value(-3.0)
    assert gives((a * b).relu()) == ["2", "-3", "-6", "0"]


def test_nodes_of_another_engine_may_tell_what_they_computed() -> None:
    class Node:
        variable = None

        def __init__(self, kind: str, *below: Any, computed: float = 0.0) -> None:
            self.kind, self.next_functions = kind, [(each, 0) for each in below]
            self.data, self.grad, self.result = computed, None, computed
            if not below:
                self.variable = self

        def name(self) -> str:
            return self.kind

        def computed(self) -> list[float]:
            return [self.result]

        def gradients(self, grads: Any) -> Any:
            return [grads[0] for _ in self.next_functions]

    a = Node("AccumulateGrad", computed=2.0)
    out = Node("Wave", Node("Surprise", a, computed=5.0), computed=8.0)
    assert gives(out) == ["2", "5", "8"]


def test_a_node_keeps_what_its_rule_needs_by_the_programs_names() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    h = x * w
    walk = trace((h.tanh() * 2).sum(), forward=True)
    told = Making(walk.snapshot, walk.made)
    assert {told.titles[made.node]: told.keeps(made) for made in walk.made if told.keeps(made)} == {
        "MulBackward0 (h)": ["x (2,)", "w (2,)"],
        "TanhBackward0": ["out (2,)"],
        "MulBackward0": ["other = 2"],
    }
    assert [told.back(made) for made in walk.made][2:4] == [["x", "w"], ["MulBackward0 (h)"]]


def test_of_a_very_large_graph_the_last_nodes_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST", 3)
    _, walk = tutorial()
    assert (walk.start, len(walk.made)) == (-4, 3)
    assert sentences(walk)[-1].endswith("With it, 2 more nodes are made.")
    walk.goto(-1)
    assert [state.name for state in walk.states()] == ["made", "made", "current", "unmade", "unmade"]


def test_lines_of_code_stand_above_what_they_have_made() -> None:
    space: dict[str, Any] = {"x": leaf(2.0)}
    with viz.track_source():
        exec(compile("y = x * 3\nz = y + y * y\n", "lesson.py", "exec"), space)
    lines = repr(trace(space["z"], forward=True)).splitlines()
    assert [line.strip() for line in lines if "lesson.py" in line] == ["lesson.py, line 1", "lesson.py, line 2"]
    assert [i for i, line in enumerate(lines) if "lesson.py" in line] == [2, 5]  # above the leaf, which it uses first


# ---- the update ----


def test_an_update_is_two_more_positions_and_grad_follows(lib: Any) -> None:
    w = lib.tensor(0.5, requires_grad=True)
    walk = trace(w * 2, forward=True)
    with viz.update(walk):
        w.data -= 0.1 * w.grad
        w.grad = None
    assert (walk.position, walk.end, w.grad) == (4, 4, None)
    walk.previous()
    assert w.grad.item() == 2.0
    walk.goto(-1)
    assert w.grad is None
    walk.last()
    assert w.grad is None
    assert walk.overwritten == ()
    assert [line.strip() for line in repr(walk).splitlines()[-2:]] == [
        "3  w is updated: 0.5 − 0.1 × 2 = 0.3.",
        "4  w.grad is cleared: it was 2 and is now None.",
    ]


@pytest.mark.parametrize("existing", [False, True])
def test_a_grad_that_was_zeroed_in_place_is_zero_again_at_the_end(existing: bool) -> None:
    w = leaf(0.5)
    w.grad = microtorch.tensor(1.0) if existing else None
    walk = trace(w * 2)
    with viz.update(walk):
        w.grad.zero_()
    for k, expected in [(2, 2.0 + existing), (3, 0.0), (0, 1.0 if existing else None), (3, 0.0), (2, 2.0 + existing)]:
        walk.goto(k)
        assert (None if w.grad is None else w.grad.item()) == expected
    walk.close()
    assert (None if w.grad is None else w.grad.item()) == (1.0 if existing else None)


def test_without_zero_grad_it_says_that_the_gradients_stay() -> None:
    v, w = leaf(1.0), leaf(2.0)
    walk = trace(v * w)
    with viz.update(walk):
        for each in (v, w):
            each.data -= 0.5 * each.grad
    assert repr(walk).splitlines()[-1].strip() == (
        "4  v and w are updated, each by − 0.5 × its gradient. The gradients stay until zero_grad(): "
        "the next backward() adds to them."
    )


def test_the_next_update_takes_the_place_of_the_last() -> None:
    w = leaf(0.5)
    walk = trace(w * 2)
    for _ in range(2):
        with viz.update(walk):
            w.data -= 0.1 * w.grad
            w.grad = None
    assert walk.end == 4
    assert "0.3 − 0.1 × 2 = 0.1" in repr(walk)


# ---- what the page and the strip get ----


def test_the_page_is_plain_json_and_tells_where_each_node_and_edge_is_made() -> None:
    _, walk = tutorial()
    page = json.loads(json.dumps(walk.page(), allow_nan=False))
    assert (page["first"], page["last"], page["count"]) == (-6, 5, 5)
    assert [each["node"] for each in page["made"]] == [-1, 0, 1, 2, 3, 4]
    assert {flow["edge"]: flow["tag"] for each in page["made"] for flow in each["edges"]} == {
        0: "1",
        2: "3",
        3: "3",
        4: "9",
        6: "27",
    }
    assert "track_source" in page["hint"]


def test_how_to_get_the_lines_is_said_by_each_kind_of_graph_for_itself(torch: Any) -> None:
    tensor = torch.tensor(2.0, requires_grad=True)
    walks = [trace(each, forward=True) for each in (leaf(2.0) * 2, tensor * 2, Value(2.0) * Value(3.0))]
    assert [("load_ext" in hint, "detect_anomaly" in hint) for hint in (walk.page()["hint"] for walk in walks)] == [
        *((True, False), (False, True), (False, False)),
    ]


def test_each_line_of_code_knows_where_it_begins() -> None:
    with viz.track_source():
        _, walk = tutorial()
    page = walk.page()
    assert page["begun"] == [-5, -3, -1]
    assert [each["line"] for each in page["made"]] == [-1, 0, 0, 1, 1, 2]
    assert page["hint"] == ""


def test_in_a_picture_with_folds_each_fold_and_line_knows_when_it_is_there() -> None:
    y = leaf(1.0)
    for _ in range(100):
        y = y * 1.0
    page = trace(y, forward=True).page()
    (made,) = page["drawn"]["folds"].values()
    assert sum(last - first + 1 for first, last in made) > 90
    assert page["drawn"]["wires"].keys() == page["wires"].keys()
    assert all(page["first"] < k < 0 for k in page["drawn"]["wires"].values())


def test_the_parts_of_an_update_are_sent_as_rows_with_heat_maps() -> None:
    microtorch.manual_seed(0)
    w = microtorch.randn(4, 30, requires_grad=True)
    walk = trace((w * w).sum())
    with viz.update(walk):
        w.data -= 0.1 * w.grad
    (part,) = walk.page()["updates"]
    (row,) = part["rows"]
    assert (row["name"], row["by"]) == ("w", "− 0.1 × ")
    assert [len(row[key]["heat"]) for key in ("old", "grad", "new")] == [4, 4, 4]


def test_the_strip_has_frames_for_all_of_it() -> None:
    x, walk = tutorial()
    with viz.update(walk):
        x.data -= 0.1 * x.grad
        x.grad = None
    strip = viz.filmstrip(walk)
    assert strip.svg.count('class="mt-frame"') == 14
    for place in (
        "forward 0 / 5",
        "forward 5 / 5",
        "back 0 / 5",
        "back 5 / 5",
        "update 2 / 2",
        "Before the first line",
        "Before the first step",
    ):
        assert place in strip.svg
    assert [line.split()[1] for line in repr(strip).splitlines()[-3:]] == ["4.5", "4.5", "None"]
    assert repr(viz.filmstrip(x.sum(), forward=True)).splitlines()[2].split()[0] == "-3"
