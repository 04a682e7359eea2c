"""Backward passes of a student's engine: micrograd as it is, and graphs whose nodes know their rules."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microtorch.viz import trace
from microtorch.viz.passes.of_nodes import RuledNode
from microtorch.viz.passes.story import Story
from tests.conftest import needs

needs("micrograd", "test")
from micrograd.engine import Value  # noqa: E402


def expression():
    """The example of micrograd's README, without its prints."""
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return [a, b, c, d, e, f], g


def test_the_end_equals_backward_bit_for_bit_and_the_beginning_restores():
    walked, root = expression()
    walk = trace(root)
    assert [each.grad for each in (*walked, root)] == [0] * 7
    walk.last()
    end = [each.grad for each in walked]
    walk.first()
    assert [each.grad for each in walked] == [0] * 6
    walk.close()
    root.backward()
    assert [each.grad for each in walked] == end


def reached(root):
    found, waiting = {id(root): root}, [root]
    while waiting:
        for each in waiting.pop()._prev:
            if id(each) not in found:
                found[id(each)] = each
                waiting.append(each)
    return found.values()


def watched(backward, look):
    def both():
        backward()
        look()

    return both


def test_the_pass_is_told_in_words():
    a, b = Value(2.0), Value(-3.0)
    d = a * b
    e = d + a
    lines = repr(trace(e)).splitlines()
    assert lines[:2] == [
        "backward() from e, 4 steps, at 0:",
        "  0  Nothing has run yet: backward() will start at + (e) with 1.",
    ]
    told = {line[5:] for line in lines[2:]}
    assert "* (d) receives 1 and sends -3 to a and 2 to b." in told or "* (d) receives 1 and sends 2 to b and -3 to a." in told
    assert "b accumulates 2: b.grad held 0 and is now 0 + 2 = 2." in told


def test_what_a_value_has_kept_from_an_earlier_pass_is_told():
    a = Value(2.0)
    b = a * 3
    c = b + 1
    c.backward()
    text = repr(trace(c))
    assert "* (b) receives 1 (kept from before) + 1 = 2" in text
    assert "a accumulates 6: a.grad held 3 and is now 3 + 6 = 9." in text


def test_a_value_that_has_a_second_turn_sends_once_more_what_it_has_kept():
    """As where backward() is a plain recursion, which has no order: micrograd's pull request 64."""
    a = Array(3.0, label="a")
    b = a * Array(2.0, label="two")
    c = b * Array(5.0, label="five")
    d = b * c

    def recursion():
        d.grad = np.ones(())

        def visit(value):
            value._backward()
            for each in value._prev:
                visit(each)

        visit(d)

    d.backward = recursion
    walk = trace(d)
    for position in (2, 6):  # the turns of b
        walk.goto(position)
        assert [walk.snapshot.nodes[i].outputs for i, each in enumerate(walk.states()) if each.name == "current"] == [("b",)]
    lines = [line[5:] for line in repr(walk).splitlines()]
    assert lines[3:5] == [
        "* (b) receives 30 and sends 60 to a and 90 to two.",
        "a accumulates 60: a.grad was None and is now 60.",
    ]
    assert lines[7:9] == [
        "* (b) receives 30 (kept from before) + 30 = 60 and sends 120 to a and 180 to two.",
        "a accumulates 120: a.grad held 60 and is now 60 + 120 = 180.",
    ]


def doubled(see):
    """What is seen of b = a + a and c = b + b, while they have these names, with a backward() that is a plain recursion."""
    a = Value(3.0)
    b = a + a
    c = b + b
    b._prev, c._prev = [a, a], [b, b]  # as in an engine that keeps a list

    def recursion():
        c.grad = 1.0

        def visit(value):
            value._backward()
            for each in value._prev:
                visit(each)

        visit(c)

    c.backward = recursion
    return see(c)


def test_what_is_used_twice_by_one_operation_has_two_arrows_that_share_the_sum():
    walk = doubled(trace)
    assert len(walk.snapshot.edges) == 4
    assert [line[5:] for line in repr(walk).splitlines()][2:5] == [
        "+ (c) receives 1 and sends 1 to + (b), twice.",
        "+ (b) receives 1 + 1 = 2 and sends 2 to a, twice.",
        "a accumulates 2 + 2 = 4: a.grad held 0 and is now 0 + 4 = 4.",
    ]


def test_a_turn_at_which_nothing_new_has_come_is_told_so():
    walk = doubled(trace)
    assert repr(walk).splitlines()[5] == "  4  a has another turn, though nothing new has come: a.grad stays 4."
    assert Story(walk).before() == ["3 nodes will run, in 7 turns: some more often than once."]
    assert [walk.snapshot.nodes[i].outputs for i in walk.ready()] == [("c",)]


def test_the_page_lists_every_grad_that_such_an_engine_keeps_and_its_later_turns():
    data = doubled(trace).page()
    rows = {
        leaf["name"]: [(each["step"], each["after"]["text"]) for each in (leaf, *leaf.get("later", ()))]
        for leaf in data["leaves"]
    }
    assert rows == {"c": [(1, "1")], "b": [(1, "2")], "a": [(3, "4"), (6, "8")]}
    assert data["leaf_count"] == 1


def test_recording_calls_each_backward_once_and_leaves_the_engine_as_it_was():
    a = Value(2.0)
    b = a * a
    own, calls = b._backward, []
    b._backward = counted = watched(own, lambda: calls.append(1))
    walk = trace(b)
    walk.last()
    walk.first()
    assert calls == [1]
    assert b._backward is counted


def test_a_backward_that_raises_is_the_last_step():
    a = Value(0.0)
    b = a**-1 if a.data else a * 2
    c = b * 3

    def broken():
        a.grad += 7.0
        raise ZeroDivisionError("too small")

    b._backward = broken
    walk = trace(c)
    assert walk.steps[-1].error == "ZeroDivisionError: too small"
    assert a.grad == 0
    walk.last()
    assert a.grad == 7.0  # as the failing backward() leaves it
    walk.first()
    assert a.grad == 0
    assert b._backward is broken


def test_a_gradient_to_begin_with_is_refused():
    with pytest.raises(TypeError, match="begins with 1"):
        trace(Value(2.0) * 3, 5.0)


class Array:
    """An engine on arrays whose gradients grow in place, with labels, and with what it was made from in a tuple."""

    def __init__(self, data, prev=(), op="", label=""):
        self.data, self.grad, self._prev, self._op, self.label = np.asarray(data), None, prev, op, label
        self._backward = lambda: None

    def add(self, gradient):
        if self.grad is None:
            self.grad = np.zeros_like(self.data)
        self.grad += gradient

    def __mul__(self, other):
        out = Array(self.data * other.data, (self, other), "*")

        def backward():
            self.add(other.data * out.grad)
            other.add(self.data * out.grad)

        out._backward = backward
        return out

    def backward(self):
        self.grad = np.ones_like(self.data)
        order, seen = [], set()

        def visit(value):
            if value not in seen:
                seen.add(value)
                for each in value._prev:
                    visit(each)
                order.append(value)

        visit(self)
        for value in reversed(order):
            value._backward()


def test_arrays_that_grow_in_place_are_walked():
    x, w = Array([1.0, 2.0], label="x"), Array([3.0, 4.0], label="w")
    w.grad = held = np.array([1.0, 1.0])
    walk = trace(x * w)
    assert (x.grad, w.grad.tolist()) == (None, [1, 1])
    walk.last()
    assert (x.grad.tolist(), w.grad.tolist()) == ([3, 4], [2, 3])
    assert w.grad is held
    walk.first()
    assert (x.grad, held.tolist()) == (None, [1, 1])
    assert "w accumulates [1, 2]: w.grad held [1, 1] and is now [1, 1] + [1, 2] = [2, 3]." in repr(walk)


@settings(max_examples=60, deadline=None)
@given(
    program=st.lists(st.tuples(st.sampled_from("+*r"), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8),
    moves=st.lists(st.integers(0, 30), max_size=5),
    stale=st.booleans(),
)
def test_any_walk_over_any_graph_shows_the_prefix_of_backward(program, moves, stale):
    values = [Value(0.5), Value(-0.75), Value(1.5)]
    for operation, i, j in program:
        a, b = values[i % len(values)], values[j % len(values)]
        values.append({"+": lambda: a + b, "*": lambda: a * b, "r": lambda: (a * 2).relu()}[operation]())  # noqa: B023
    root = values[-1]
    if stale:
        root.backward()
    every = list(reached(root))
    before = [each.grad for each in every]
    walk = trace(root)
    own = [each._backward for each in every]
    seen = [before]
    for each in every:
        each._backward = watched(each._backward, lambda: seen.append([one.grad for one in every]))
    root.backward()
    for each, grad, backward in zip(every, before, own, strict=True):
        each.grad, each._backward = grad, backward
    for move in (*moves, len(walk.steps)):
        walk.goto(min(move, len(walk.steps)))
        assert [each.grad for each in every] == seen[walk.position]
    walk.close()
    assert [each.grad for each in every] == before


# ---- nodes that know their rules ----


class Weight:
    def __init__(self, data):
        self.data, self.grad, self.requires_grad, self.grad_fn, self.is_leaf = data, None, True, None, True


class End:
    next_functions = ()

    def __init__(self, variable):
        self.variable = variable

    def name(self):
        return "AccumulateGrad"


class Times:
    """The product of two inputs, each a leaf's node or another product."""

    def __init__(self, *inputs):
        self.inputs = inputs
        self.next_functions = tuple((each, 0) for each in inputs)
        self.value = math.prod(number(each) for each in inputs)

    def name(self):
        return "Times"

    def gradients(self, grad_outputs):
        (grad,) = grad_outputs
        a, b = map(number, self.inputs)
        return [grad * b, grad * a]


def number(node):
    return node.variable.data if isinstance(node, End) else node.value


def test_nodes_with_rules_are_walked_by_the_smallest_engine():
    x, y = End(Weight(2.0)), End(Weight(5.0))
    x.variable.grad = 1.0
    out: RuledNode = Times(Times(x, y), x)
    walk = trace(out)
    assert [walk.snapshot.nodes[step.node].name for step in walk.steps] == ["Times", "Times", "AccumulateGrad", "AccumulateGrad"]
    walk.last()
    assert (x.variable.grad, y.variable.grad) == (21.0, 4.0)
    walk.first()
    assert (x.variable.grad, y.variable.grad) == (1.0, None)


def test_a_rule_that_raises_is_the_last_step():
    x = End(Weight(2.0))
    out = Times(x, x)
    out.gradients = lambda grads: 1 / 0
    assert trace(out).steps[-1].error == "ZeroDivisionError: division by zero"


def test_nodes_without_rules_are_refused():
    class Mute:
        next_functions = ()

        def name(self):
            return "Mute"

    with pytest.raises(TypeError, match=r"nodes with gradients\(\)"):
        trace(Mute())
