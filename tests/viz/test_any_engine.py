"""Any engine is shown whose nodes have name() and next_functions; what only looks like one is refused with what to change."""

import gc
import random
import re
import weakref
from pathlib import Path

import pytest

from microtorch import viz
from microtorch.viz.graph import protocol
from tests.conftest import needs

DOCUMENT = (Path(__file__).parents[2] / "docs" / "any-engine.md").read_text(encoding="utf-8")
ENGINE, USE, ADAPTER, MICROGRAD = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.fixture
def engine():
    """What the document's first two blocks define: the engine of forty lines, and a graph of it."""
    space = {}
    exec(ENGINE + USE, space)
    return space


def code(text):
    return [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


class Node:
    """A node of a student's engine."""

    def __init__(self, name, *inputs):
        self.called, self.next_functions = name, [(each, 0) for each in inputs]

    def name(self):
        return self.called


# ---- the document ---------------------------------------------------------------------------------------------------


def test_the_engine_has_forty_lines_and_the_adapter_ten():
    assert len(code(ENGINE)) <= 43  # with the docstring, the import and what the viewer needs
    assert len(code(ADAPTER)) <= 10


def test_its_graph_is_drawn_with_the_numbers_of_its_leaves(engine):
    a, out = engine["a"], engine["out"]
    told = repr(viz.draw(out))
    assert a.grad is not None
    assert "a: Value scalar float64, leaf, requires_grad, data 2, grad -0.03663" in told
    assert [node.operation for node in viz.snapshot(engine["out"]).nodes] == ["", "", "Mul", "Add", "Exp"]


def test_its_values_are_asked_why_and_compared(engine):
    a, b, out = engine["a"], engine["b"], engine["out"]
    assert viz.why(a, out).reason == "reached"
    assert viz.why(a, engine["Value"](1.0) * a).reason == "reached"
    assert viz.why(engine["Value"](7.0), out).reason == "not used"
    assert viz.why(engine["Value"](1.0), (fresh := engine["Value"](1.0)) * b).reason == "not used"
    assert viz.why(fresh, fresh * b).reason == "not run"
    assert viz.compare(out, (a * b + a).exp()).same
    assert viz.compare(out, a * b).differences == ("only a has Add → Exp (nodes 3 to 4 of a)",)


def test_a_leafs_card_shows_its_data_and_its_gradient(engine):
    info = viz.snapshot(engine["out"]).nodes[0].variable
    assert (info.data.values, info.grad.values) == (2.0, pytest.approx(-0.0366, rel=1e-2))


@pytest.fixture
def micrograd():
    needs("micrograd", "test")
    space = {"viz": viz}
    exec(ADAPTER + MICROGRAD, space)
    return space


def test_micrograd_is_seen_through_the_adapter(micrograd):
    snapshot = viz.snapshot(micrograd["Seen"](micrograd["out"], {}))
    assert [node.name for node in snapshot.nodes] == ["AccumulateGrad", "AccumulateGrad", "*", "**2", "+", "ReLU"]
    assert [(edge.producer, edge.consumer) for edge in snapshot.edges] == [(0, 2), (1, 2), (1, 3), (2, 4), (3, 4), (4, 5)]


def test_micrograd_sees_a_value_used_twice_in_one_operation_once(micrograd):
    a = micrograd["a"]
    assert len(viz.snapshot(micrograd["Seen"](a * a, {})).edges) == 1


def test_micrograds_order_is_the_same_in_each_run(micrograd):
    Value, Seen = micrograd["Value"], micrograd["Seen"]

    def table():
        hidden = [Value(0.5)]  # at other addresses each time
        hidden += [object() for _ in range(random.randrange(50))]
        a, b, c = Value(1.0), Value(2.0), Value(3.0)
        return viz.snapshot(Seen((a * b + c) * (b + c * 2) * a, {})).edges

    assert len({table() for _ in range(20)}) == 1


# ---- what is wrong with a graph -------------------------------------------------------------------------------------


def circle():
    a, b = Node("Add"), Node("Mul")
    a.next_functions, b.next_functions = [(b, 0)], [(a, 0)]
    return Node("Sum", a)


def itself():
    a = Node("Add")
    a.next_functions = [(a, 0)]
    return a


def long_circle():
    first = last = Node("Begin")
    for _ in range(1000):
        last = Node("Neg", last)
    first.next_functions = [(last, 0)]
    return last


def fresh():
    class Fresh(Node):
        next_functions = property(lambda self: [(Fresh("Neg"), 0)], lambda self, value: None)

    return Fresh("Neg")


def method():
    class Method:
        def name(self):
            return "Neg"

        def next_functions(self):
            return []

    return Method()


def unready():
    class Unready(Node):
        next_functions = property(lambda self: self.inputs["x"], lambda self, value: setattr(self, "inputs", {}))

    return Node("Sum", Unready("Neg"))


def with_inputs(value):
    node = Node("Neg")
    node.next_functions = value
    return node


def failing(name):
    class Failing(Node):
        pass

    Failing.name = name
    return Failing("Neg")


WRONG = {
    "a circle": (circle, ValueError, r"in a circle, Add → Mul → Add: a graph that backward\(\) can walk"),
    "a node that leads to itself": (itself, ValueError, r"in a circle, Add → Add:"),
    "a long circle": (long_circle, ValueError, r"Neg → Neg → Neg → Neg → … 994 more … → Neg → "),
    "new nodes each time": (
        fresh,
        TypeError,
        "next_functions of a Fresh makes a new Fresh each time it is read: make each node once",
    ),
    "a method": (method, TypeError, "next_functions of a Method is a method: make it an attribute"),
    "an error": (unready, TypeError, r"next_functions of a Unready cannot be read \(KeyError: 'x'\)"),
    "nodes in the place of pairs": (
        lambda: with_inputs([Node("A")]),
        TypeError,
        r"holds a Node: for each input a pair is wanted",
    ),
    "a pair without a number": (lambda: with_inputs([(Node("A"), "x")]), TypeError, "holds a tuple: for each input a pair"),
    "a negative output": (lambda: with_inputs([(Node("A"), -1)]), TypeError, "for each input a pair"),
    "an output without end": (lambda: with_inputs([(Node("A"), 10**9)]), TypeError, "for each input a pair"),
    "no node": (lambda: with_inputs([(3.0, 0)]), TypeError, "leads to a float, which is no node: a node has a method name"),
    "a set": (lambda: with_inputs({(None, 0)}), TypeError, "next_functions of a Node is a set: a list or tuple"),
    "None": (lambda: with_inputs(None), TypeError, "next_functions of a Node is None: a list or tuple"),
    "a name that fails": (lambda: failing(lambda self: 1 / 0), TypeError, r"name\(\) of a Failing failed \(ZeroDivisionError"),
    "no name": (lambda: failing(lambda self: 3), TypeError, r"name\(\) of a Failing returned a int: a string is wanted"),
}


@pytest.mark.parametrize("show", [viz.snapshot, viz.draw, lambda node: viz.compare(node, node), lambda node: viz.why(node, node)])
@pytest.mark.parametrize("what", WRONG)
def test_a_graph_that_cannot_be_walked_is_refused_with_what_to_change(what, show):
    make, error, words = WRONG[what]
    with pytest.raises(error, match=words):
        show(make())


def test_a_graph_without_an_end_is_given_up(monkeypatch):
    class Endless:
        below = None

        def name(self):
            return "Neg"

        @property
        def next_functions(self):
            self.below = self.below or Endless()
            return [(self.below, 0)]

    monkeypatch.setattr(protocol, "MOST", 1000)
    with pytest.raises(ValueError, match="more than 1,000 nodes: does next_functions of a Endless ever end"):
        viz.snapshot(Endless())


def test_what_is_used_twice_is_no_circle():
    a = Node("A")
    both = Node("Add", a, a)
    assert len(viz.snapshot(Node("Mul", both, Node("Neg", both))).nodes) == 4


def chain(length):
    node = leaf = Node("AccumulateGrad")
    for _ in range(length):
        node = Node("Neg", node)
    return leaf, node


def test_twenty_thousand_nodes_deep_is_no_recursion():
    leaf, node = chain(20_000)
    assert viz.why(leaf, node).reason == "not run"


def test_long_chains_are_compared():
    told = viz.compare(chain(2000)[1], chain(2001)[1]).differences
    assert told == ("b has 1 more turn of Neg: 2,001, a has 2,000 (node 2001 of b)",)


def test_names_from_outside_are_one_harmless_line():
    node = Node("<script>\n" + "x" * 10_000, Node("AccumulateGrad"))
    assert "<script>\n" not in viz.compare(node, Node("Neg"))._repr_html_()
    assert "<script>·" not in viz.compare(node, Node("Neg"))._repr_html_()
    told = repr(viz.compare(node, Node("Neg")))
    assert max(map(len, told.splitlines())) < 200
    assert "<script>·" in told


def test_what_is_said_of_a_graph_does_not_keep_it():
    node = Node("Neg", Node("AccumulateGrad"))
    gone = weakref.ref(node)
    kept = viz.compare(node, node), viz.why(node, node), viz.draw(node)
    del node
    gc.collect()
    assert gone() is None
    assert len(kept) == 3
