"""A snapshot tells the truth about a live graph, of whatever engine, and lets it go."""

import gc
import json
import math
import sys
import tracemalloc
import warnings
import weakref
from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest

import microtorch
from microtorch import viz
from microtorch.autograd import Function, Variable
from microtorch.viz import drawing
from microtorch.viz.graph.snapshot import freeze, summarize
from microtorch.viz.words.text import grad, text
from tests.viz.graphs import tutorial


def test_nodes_come_in_the_order_of_their_making_and_a_leaf_before_its_first_use():
    *_, out = tutorial()
    snapshot = viz.snapshot(out)
    assert [(node.id, node.kind, node.name) for node in snapshot.nodes] == [
        (0, "leaf", "AccumulateGrad"),
        (1, "function", "AddBackward0"),
        (2, "function", "MulBackward0"),
        (3, "function", "MulBackward0"),
        (4, "function", "MeanBackward0"),
    ]
    assert [node.operation for node in snapshot.nodes] == ["", "Add", "Mul", "Mul", "Mean"]


def test_what_was_computed_first_has_the_smaller_id_whatever_the_order_of_the_arguments():
    x = microtorch.ones(2, requires_grad=True)
    early = x.exp()
    late = x.tanh()
    assert [node.name for node in viz.snapshot(late * early).nodes[1:]] == ["ExpBackward0", "TanhBackward0", "MulBackward0"]


def test_every_input_is_an_edge_of_its_own_and_a_constant_one_that_leads_nowhere():
    *_, out = tutorial()
    edges = viz.snapshot(out).edges
    assert [(edge.consumer, edge.port, edge.producer) for edge in edges] == [
        (1, 0, 0),
        (1, 1, None),
        (2, 0, 1),
        (2, 1, 1),
        (3, 0, 2),
        (3, 1, None),
        (4, 0, 3),
    ]
    assert [edge.id for edge in edges] == list(range(7))


def test_a_leaf_used_twice_is_one_node():
    w = microtorch.ones(2, requires_grad=True)
    snapshot = viz.snapshot((w * w) + w)
    assert [node.kind for node in snapshot.nodes].count("leaf") == 1


def test_ports_tell_the_rules_and_the_saved_values_their_names():
    *_, out = tutorial()
    times_y = viz.snapshot(out).nodes[2]
    assert [(port.index, port.name, port.formula) for port in times_y.ports] == [
        (0, "input", "grad * other"),
        (1, "other", "grad * input"),
    ]
    assert [(saved.name, saved.summary.values) for saved in times_y.saved] == [
        ("input", [[3, 3], [3, 3]]),
        ("other", [[3, 3], [3, 3]]),
    ]


def test_after_backward_the_saved_values_are_freed_the_edges_are_there_and_grad_is_a_value():
    *_, out = tutorial()
    before = viz.snapshot(out)
    out.backward()
    after = viz.snapshot(out)
    assert after.edges == before.edges
    assert [saved.freed for saved in after.nodes[2].saved] == [True]
    assert (before.nodes[0].variable.grad_state, before.nodes[0].variable.grad) == ("not computed yet", None)
    assert after.nodes[0].variable.grad_state == "value"
    assert after.nodes[0].variable.grad.values == [[4.5, 4.5], [4.5, 4.5]]


def test_names_are_those_of_the_calling_code():
    x, y, z, out = tutorial()  # noqa: RUF059 - found by their names
    snapshot = viz.snapshot(out)
    assert snapshot.nodes[0].label == "x"
    assert [node.outputs for node in snapshot.nodes[1:]] == [("y",), (), ("z",), ("out",)]
    assert snapshot.roots[0].variable.name == "out"


def test_an_explicit_name_goes_before_the_variables_own_and_that_before_the_code():
    x, y, z, out = tutorial()  # noqa: RUF059 - found by its name
    x.name = "weights"
    y.name = "hidden"
    snapshot = viz.snapshot(out, names={"input": x})
    assert snapshot.nodes[0].label == "input"
    assert [node.outputs for node in snapshot.nodes[1:]] == [("hidden",), (), ("z",), ("out",)]


def test_a_name_with_an_underscore_is_nobodys_name():
    _, _hidden = 0, microtorch.ones(1, requires_grad=True)
    assert viz.snapshot(_hidden * 2).nodes[0].label == ""


def test_what_ipython_displays_is_called_as_in_the_notebook_and_not_as_in_ipython(monkeypatch):
    weight = microtorch.ones(1, requires_grad=True)
    shell = SimpleNamespace(user_ns={"weight": weight})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    formatter = {"__name__": "IPython.core.formatters", "card": viz.card}
    exec("def display(obj): return card(obj)", formatter)
    assert repr(formatter["display"](weight)).startswith("weight: ")


def test_names_are_found_in_lists_dicts_and_modules_too():
    class Module:
        def __init__(self):
            self.weight = microtorch.ones(1, requires_grad=True)

        def named_parameters(self):
            yield "weight", self.weight

    layers = [microtorch.ones(1, requires_grad=True)]
    table = {"bias": microtorch.ones(1, requires_grad=True)}
    net = Module()
    snapshot = viz.snapshot(layers[0] * table["bias"] * net.weight)
    assert sorted(node.label for node in snapshot.nodes if node.kind == "leaf") == ["layers[0]", "net.weight", "table['bias']"]


class Woken(Exception):  # noqa: N818 - it is what must not happen
    pass


def wake(*arguments):
    """What an object does that answers whatever it is asked by an error, and keeps a note of it."""
    touched.append(arguments)
    raise Woken


touched = []


class Unready:
    """A module whose parameters are not there yet."""

    named_parameters = wake


class Endless:
    def named_parameters(self):
        while True:
            yield "more", self


class Unnamed:
    def named_parameters(self):
        yield proxy(), self


class NotOne:
    named_parameters = 3


class AlmostVariable:
    grad_fn = property(wake)
    name = property(wake)


def proxy():
    """Wakes up when any attribute is asked for, even its class, or when it is compared, or asked whether it is true."""

    class Proxy:
        __getattribute__ = __eq__ = __bool__ = __len__ = __iter__ = __repr__ = __call__ = wake
        __class__ = property(wake)
        __hash__ = None

    return Proxy()


def strange_type():
    """A type that is itself a proxy."""

    class Meta(type):
        __getattribute__ = __eq__ = __hash__ = __instancecheck__ = __subclasscheck__ = wake

    return Meta("Strange", (), {})


STRANGE = {
    "a proxy": proxy, "a proxy as type": strange_type, "an object of such a type": lambda: object.__new__(strange_type()),
    "a list of proxies": lambda: [proxy(), proxy()], "a dict of proxies": lambda: {"a": proxy(), 3: proxy(), (): proxy()},
    "an unready module": Unready, "an endless module": Endless, "a module without names": Unnamed, "no module": NotOne,
    "almost a Variable": AlmostVariable, "a class of modules": lambda: Unready,
}  # fmt: skip


class Growing:
    def __init__(self, space):
        object.__setattr__(self, "space", space)

    @property
    def __class__(self):
        self.space[f"more{len(self.space)}"] = 1
        return Growing


@pytest.mark.parametrize("what", STRANGE)
@pytest.mark.parametrize("show", [viz.snapshot, viz.draw, viz.card, viz.trace])
def test_a_strange_object_among_the_variables_has_no_name_and_all_others_have_theirs(what, show, monkeypatch):
    bias = microtorch.ones(1, requires_grad=True)
    shell = SimpleNamespace(user_ns={"strange": STRANGE[what](), "bias": bias})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    weight, here = microtorch.ones(1, requires_grad=True), STRANGE[what]()
    total = weight * bias
    del bias
    touched.clear()
    told = repr(show(total))
    if "module" not in what and "Variable" not in what:
        assert touched == []
    assert "total" in told
    assert [node.label for node in viz.snapshot(total).nodes if node.kind == "leaf"] == ["weight", "bias"]
    del here


def test_keys_that_are_no_names_and_namespaces_that_grow_do_no_harm(monkeypatch):
    weight = microtorch.ones(1, requires_grad=True)
    space = {3: weight, None: weight, ("a", "b"): weight, Unready: weight}
    space["growing"], space["table"] = Growing(space), {}
    space["table"]["growing"] = Growing(space["table"])
    space["kernel"] = weight
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(user_ns=space)))
    out = weight * 2
    del weight
    assert viz.snapshot(out).nodes[0].label == "kernel"


def test_a_program_in_a_namespace_of_its_own_make_is_drawn():
    class Space(dict):
        def keys(self):
            raise Woken

    for name in (None, 3, "program"):
        space = {"__name__": name, "viz": viz, "x": microtorch.ones(1, requires_grad=True)}
        exec("found = viz.snapshot(x * 2).nodes[0].label", space)
        assert space["found"] == "x"
    space = Space(viz=viz, x=microtorch.ones(1, requires_grad=True))
    exec("found = viz.snapshot(x * 2).nodes[0].label", {}, space)
    assert space["found"] in {"", "x"}


def test_an_output_is_known_by_its_number():
    class Both(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, twice, thrice):
            return twice * 2 + thrice * 3

    x = microtorch.ones(2, requires_grad=True)
    twice, thrice = Both.apply(x)
    snapshot = viz.snapshot(thrice.exp(), twice)
    assert snapshot.nodes[1].outputs == ("twice", "thrice")
    assert [(edge.producer, edge.output) for edge in snapshot.edges if edge.consumer == 2] == [(1, 1)]
    assert [(root.node, root.output) for root in snapshot.roots] == [(2, 0), (1, 0)]


def test_a_users_function_shows_what_it_saved():
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, gradient):
            return gradient * 2 * ctx.saved_tensors[0]

    y = Square.apply(microtorch.ones(1, requires_grad=True))
    assert [(saved.name, saved.freed) for saved in viz.snapshot(y).nodes[1].saved] == [("saved_tensors[0]", False)]
    y.backward()
    assert [saved.freed for saved in viz.snapshot(y).nodes[1].saved] == [True]


def test_a_leaf_alone_is_a_graph_of_one_node():
    x = microtorch.ones(2, requires_grad=True)
    snapshot, (live,) = freeze(x)
    assert (len(snapshot.nodes), snapshot.edges, snapshot.roots[0].node) == (1, (), 0)
    assert live is (x * 2).grad_fn.next_functions[0][0]


def test_a_node_can_be_the_root():
    *_, out = tutorial()
    snapshot = viz.snapshot(out.grad_fn)
    assert len(snapshot.nodes) == 5
    assert snapshot.roots[0].variable is None


def test_live_nodes_stand_at_their_ids():
    *_, out = tutorial()
    snapshot, live = freeze(out)
    assert [node.name() for node in live] == [node.name for node in snapshot.nodes]
    assert live[-1] is out.grad_fn


def test_a_snapshot_is_plain_data():
    x = Variable(microtorch.tensor([float("nan"), float("inf"), 1.0]), requires_grad=True)
    big = Variable(microtorch.full((20, 20), float("nan")), requires_grad=True)
    snapshot = viz.snapshot(x * 2, big.exp())
    text = json.dumps(asdict(snapshot), allow_nan=False)
    assert '"values": ["nan", "inf", 1.0]' in text


def test_neither_snapshot_nor_drawing_keeps_the_graph_alive():
    x, y, z, out = tutorial()
    drawing, snapshot = viz.draw(out), viz.snapshot(out)
    assert drawing.svg
    assert repr(drawing)
    gone = [weakref.ref(each) for each in (x, y, z, out, out.grad_fn, y.grad_fn)]
    del x, y, z, out
    gc.collect()
    assert all(each() is None for each in gone)
    assert snapshot.nodes


def test_a_snapshot_stays_as_it_was_when_the_graph_goes_on():
    x, *_, out = tutorial()
    snapshot = viz.snapshot(out)
    before = asdict(snapshot)
    out.backward()
    x.data[0, 0] = 7
    assert asdict(snapshot) == before


def test_drawing_changes_nothing():
    x, *_, out = tutorial()
    saved = out.grad_fn.next_functions[0][0]._saved
    _ = repr(viz.draw(out)), viz.draw(out).svg, viz.card(x).svg, viz.snapshot(out)
    assert x.grad is None
    assert out.grad_fn.next_functions[0][0]._saved is saved
    out.backward()
    assert x.grad.tolist() == [[4.5, 4.5], [4.5, 4.5]]


def test_a_chain_of_100_000_nodes_is_no_problem():
    x = microtorch.ones(1, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y * 1
    snapshot = viz.snapshot(y)
    assert len(snapshot.nodes) == 100_001
    assert snapshot.nodes[0].label == "x"
    assert all(edge.consumer == edge.producer + 1 for edge in snapshot.edges if edge.producer is not None)


def test_of_a_very_large_graph_a_drawing_keeps_the_nodes_nearest_to_the_root(monkeypatch):
    y = microtorch.ones(1, requires_grad=True)
    for _ in range(1000):
        y = y * 1
    monkeypatch.setattr(drawing, "MOST", 200)
    snapshot = viz.draw(y).snapshot
    assert snapshot.omitted == 801
    assert snapshot.nodes[-1].kind == "more"
    assert snapshot.nodes[-1].name == "801 more"
    assert sum(edge.producer == snapshot.nodes[-1].id for edge in snapshot.edges) == 1
    assert snapshot.roots[0].node == 199
    assert "801 more nodes" in repr(viz.draw(y))
    assert viz.draw(y).svg


def test_of_a_node_with_very_many_inputs_a_drawing_shows_the_first():
    class Total(Function):
        @staticmethod
        def forward(ctx, *inputs):
            return inputs[0] * len(inputs)

        @staticmethod
        def backward(ctx, gradient):
            return (gradient,) * len(ctx.needs_input_grad)

    x = microtorch.ones(1, requires_grad=True)
    y = Total.apply(*[x] * 1000)
    drawn = viz.draw(y).snapshot
    assert [port.name for port in drawn.nodes[1].ports][-2:] == [None, "… 976 more inputs"]
    assert len(drawn.edges) == 1000
    assert viz.draw(y).svg.count('class="mt-edge"') == 25  # the last is all the others'
    assert len(repr(viz.draw(y)).splitlines()) < 40
    assert len(viz.snapshot(y).edges) == 1000


# ---- other engines --------------------------------------------------------------------------------------------------


def test_pytorchs_graph_is_read_as_it_is(torch):
    x = torch.ones(2, 2, requires_grad=True)
    y = x + 2
    z = y * y * 3
    out = z.mean()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # PyTorch warns when the grad of a non-leaf is read
        theirs = viz.snapshot(out)
    ours = viz.snapshot(tutorial()[-1])
    assert [node.name for node in theirs.nodes] == [node.name for node in ours.nodes]
    assert theirs.edges == ours.edges
    assert [node.outputs for node in theirs.nodes[1:]] == [("y",), (), ("z",), ("out",)]
    assert [(saved.name, saved.summary.values) for saved in theirs.nodes[2].saved] == [
        ("input", [[3, 3], [3, 3]]),
        ("other", [[3, 3], [3, 3]]),
    ]
    assert theirs.nodes[0].variable.type == "Tensor"
    out.backward()
    after = viz.snapshot(out)
    assert [saved.freed for saved in after.nodes[2].saved] == [True, True]
    assert after.nodes[0].variable.grad.values == [[4.5, 4.5], [4.5, 4.5]]


def test_pytorchs_types_that_numpy_lacks_are_shown_in_float32(torch):
    x = torch.ones(2, dtype=torch.bfloat16, requires_grad=True)
    info = viz.snapshot(x * 2).nodes[0].variable
    assert (info.dtype, info.data.values) == ("bfloat16", [1.0, 1.0])


def test_a_students_engine_needs_two_attributes():
    class Node:
        def __init__(self, name, *inputs):
            self.next_functions = [(node, 0) for node in inputs]
            self.name = lambda: name

    a, b = Node("A"), Node("B")
    late = Node("Add", Node("Neg", b), a)
    snapshot = viz.snapshot(late)
    assert [node.name for node in snapshot.nodes] == ["B", "Neg", "A", "Add"]
    assert viz.draw(late).svg.count('class="mt-edge"') == 3


# ---- summaries ------------------------------------------------------------------------------------------------------


def test_up_to_16_elements_are_kept_and_more_become_a_heat_map():
    assert summarize(np.arange(16.0)).values == list(range(16))
    large = summarize(np.arange(17.0))
    assert large.values is None
    assert len(large.heat) == 1
    assert len(large.heat[0]) == 16


@pytest.mark.parametrize(
    ("shape", "grid"), [((100,), (1, 16)), ((20, 5), (16, 5)), ((32, 32), (16, 16)), ((3, 4, 5), (3, 16)), ((1, 1, 400), (1, 16))]
)
def test_a_heat_map_has_at_most_16_rows_and_columns(shape, grid):
    heat = summarize(np.ones(shape)).heat
    assert (len(heat), len(heat[0])) == grid
    assert {value for row in heat for value in row} == {1.0}


def test_a_heat_map_shows_the_means_of_blocks():
    array = np.zeros((32, 32))
    array[:2, :2] = [[1, 2], [3, 4]]
    heat = summarize(array).heat
    assert heat[0][0] == 2.5
    assert sum(value for row in heat for value in row) == 2.5


def test_statistics_leave_out_what_is_not_finite_and_count_it():
    summary = summarize(np.array([np.nan, np.inf, -np.inf, 3.0, 4.0, 0.0]))
    assert (summary.min, summary.max, summary.norm) == (0.0, 4.0, 5.0)
    assert (summary.zeros, summary.nans, summary.infs) == (1, 1, 2)


def layouts(shape):
    """Arrays of one shape, however they lie in memory."""
    rng = np.random.default_rng(0)
    array = rng.integers(-3, 30, shape).astype(np.float32)
    array[(0,) * len(shape)], array[(-1,) * len(shape)] = np.nan, np.inf
    turned = np.ascontiguousarray(array.T).T
    wide = np.repeat(array, 2, axis=-1)[..., ::2]
    return {"whole": array, "turned": turned, "every other": wide, "backwards": array[::-1, ..., ::-1]}


@pytest.mark.parametrize("layout", ["whole", "turned", "every other", "backwards"])
@pytest.mark.parametrize(
    "shape", [(3, 70_000), (70_000, 3), (300, 400), (2, 100, 1000), (40, 50, 60), (1, 2, 70_000), (2, 3, 4, 5)]
)
def test_what_is_read_in_blocks_is_what_the_whole_says(shape, layout):
    array = layouts(shape)[layout]
    finite = array[np.isfinite(array)].astype(np.float64)
    summary = summarize(array)
    assert (summary.min, summary.max) == (finite.min(), finite.max())
    assert summary.mean == pytest.approx(finite.mean())
    assert summary.norm == pytest.approx(np.linalg.norm(finite))
    assert (summary.zeros, summary.nans, summary.infs) == (np.count_nonzero(array == 0), 1, 1)
    table = array.reshape(shape[0], -1).astype(np.float64)
    rows, columns = (np.linspace(0, n, min(n, 16) + 1).astype(int) for n in table.shape)
    for i, row in enumerate(summary.heat):
        for j, value in enumerate(row):
            mean = table[rows[i] : rows[i + 1], columns[j] : columns[j + 1]].mean()
            assert value == (pytest.approx(mean) if np.isfinite(mean) else None)


@pytest.mark.parametrize("layout", ["whole", "turned", "every other", "backwards"])
@pytest.mark.parametrize("shape", [(1000, 4000), (2, 1000, 2000), (1, 2, 2_000_000)])
def test_a_summary_of_a_large_array_takes_little_memory(shape, layout):
    array = layouts(shape)[layout]
    tracemalloc.start()
    summarize(array)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 2**20


LONG = 10**6


@pytest.mark.parametrize(
    ("shape", "strides"),
    [
        ((LONG, LONG), (0, 0)),
        ((LONG, 50), (0, 8)),
        ((50, LONG), (8, 0)),
        ((50, LONG, LONG), (8, 0, 0)),
        ((LONG, 50, LONG), (0, 8, 0)),
    ],
)
def test_what_is_expanded_is_looked_at_once(shape, strides):
    array = np.lib.stride_tricks.as_strided(np.arange(50.0), shape, strides)
    core = np.arange(50.0) if 8 in strides else np.zeros(1)
    summary = summarize(array)
    repeated = math.prod(shape) // core.size
    assert (summary.min, summary.max, summary.mean) == (core.min(), core.max(), core.mean())
    assert summary.norm == pytest.approx(np.linalg.norm(core) * math.sqrt(repeated))
    assert summary.zeros == repeated
    x = Variable(array)
    assert f"min {core.min():g}, max {core.max():g}, mean {core.mean():g}" in repr(viz.card(x))
    assert viz.card(x).svg
    if len(shape) == 2:
        assert (len(summary.heat), len(summary.heat[0])) == (16, 16)


def test_of_windows_that_overlap_too_often_to_count_the_shape_is_shown():
    array = np.lib.stride_tricks.as_strided(np.arange(2.0 * LONG), (LONG, LONG), (8, 8))
    summary = summarize(array)
    assert (summary.shape, summary.mean, summary.heat) == ((LONG, LONG), None, None)
    assert "data 1000000x1000000 float64," in repr(viz.card(Variable(array)))
    assert viz.card(Variable(array)).svg
    few = np.lib.stride_tricks.sliding_window_view(np.arange(1000.0), 100)
    assert summarize(few).mean == pytest.approx(few.mean())


@pytest.mark.parametrize("array", [np.zeros((0, 3)), np.full(3, np.nan), np.full(20, np.nan), np.full(20, 1e308), np.array(True)])
def test_there_is_a_summary_of_everything_without_a_warning(array):
    summary = summarize(array)
    json.dumps(asdict(summary), allow_nan=False)
    assert summary.shape == array.shape
    assert text(summary)


def test_grad_is_never_a_made_up_zero():
    x, y, *_ = tutorial()
    states = [grad(viz.card(each).snapshot.roots[0].variable) for each in (x, y, x.detach())]
    assert states == ["not computed yet", "None (kept for leaves only)", "None (not tracked)"]


# ---- bad input ------------------------------------------------------------------------------------------------------


class Model:
    def forward(self):
        return None


@pytest.mark.parametrize("show", [viz.draw, viz.snapshot])
@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda x: (x * 2, x * 3), TypeError, ["a tuple of 2", "draw(*outputs)"]),
        (lambda x: [x * 2], TypeError, ["a list of 1"]),
        (lambda x: (x * 2).mean, TypeError, ["'mean'", "call it", "out.mean()"]),
        (lambda x: Model(), TypeError, ["module Model", "draw(model(x))"]),
        (lambda x: np.ones(2), TypeError, ["a ndarray", "records no operations", "requires_grad=True"]),
        (lambda x: 3.0, TypeError, ["a float"]),
        (lambda x: x.grad, TypeError, ["None", "Call backward() first"]),
        (lambda x: Variable, TypeError, ["the class Variable"]),
        (lambda x: object(), TypeError, ["a object", "draw takes Variables"]),
        (lambda x: x.detach() * 2, ValueError, ["no graph", "requires_grad=True", "card(v)"]),
    ],
)
def test_what_has_no_graph_is_refused_with_a_remedy(show, make, error, words):
    x = microtorch.ones(2, requires_grad=True)
    with pytest.raises(error) as caught:
        show(make(x))
    assert all(word in str(caught.value) for word in words), caught.value


def test_nothing_to_draw_is_an_error():
    with pytest.raises(TypeError, match="nothing to draw"):
        viz.draw()


@pytest.mark.parametrize("names", [["x"], {"x": 3}, {3: "x"}])
def test_names_map_names_to_variables(names):
    x = microtorch.ones(2, requires_grad=True)
    with pytest.raises(TypeError, match=r"names=\{'x': x\}"):
        viz.draw(x * 2, names=names)


def test_a_card_shows_one_variable():
    with pytest.raises(TypeError, match="got a ndarray"):
        viz.card(np.ones(2))
    with pytest.raises(TypeError, match=r"got None .*Call backward\(\) first"):
        viz.card(microtorch.ones(2, requires_grad=True).grad)
