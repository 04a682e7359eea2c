"""How is an operation applied, and recorded? By `Primitive.apply`: arrays forward, then a node with what its rules will read.

What every operation of every program pays for is here, so each form is written out in one piece. Each function takes the class of
an operation, and returns its ``apply``: what `Primitive.apply_in_general` does (read that first), for exactly one input, for two
that a ufunc combines, and for any number. What is out of the ordinary, they leave to `Primitive.record`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

import numpy as np
from numpy import ndarray

from ..arrays.dtypes import FLOAT32, FLOAT64
from ..arrays.operands import constant
from .accumulate_grad import gradient_edge
from .grad_mode import mode
from .node import DEAD_EDGE, LEAF_EDGE, NO_EDGE, Edge, Node, new
from .telling import of_others, untracked
from .unrolled import own_code
from .variable import Variable, array_of
from .versions import Stamp, counted, next_sequence_nr, stamp
from .views import SEVERAL, relate

__all__ = ["apply_to_one", "apply_to_several", "apply_to_two", "stamp_input"]


def stamp_input(value: Any, node: Node) -> Stamp:
    """What ``node`` remembers of an input that it saves, beside its array: of a leaf, which it holds anyway, the leaf itself."""
    if not isinstance(value, Variable):
        return None
    return value if value._version_cell is None and value._edge is LEAF_EDGE else stamp(value, node)


def apply_to_one(cls: Any) -> Callable[..., Any]:  # noqa: C901 - unrolled, which is its purpose
    """`Primitive.apply` for exactly one input, unrolled: see `apply_to_two`."""
    rules = cls.rule_sets[1]
    saves_input, saves_output, is_view, several_views = 0 in rules.sources, 1 in rules.sources, cls.is_view, cls.several_views

    def apply(x: Any, **parameters: Any) -> Any:  # noqa: C901, PLR0912
        if isinstance(x, Variable):
            value, edge = x.array, x._edge
            if not edge and edge is not NO_EDGE:
                edge = gradient_edge(x)
        else:
            value, edge = array_of(x), NO_EDGE  # which says that it is none
        node = cls()
        out = node.forward(value, **parameters) if parameters else node.forward(value)
        if not edge or out.__class__ is tuple or mode.recording is not True:
            result = node.record((x,), (value,), (edge,), out)
            if is_view:
                relate(result, x)
            elif several_views:
                for each in result:
                    relate(each, x, SEVERAL)
            return result
        result = new(Variable)
        result.array = out = out if out.__class__ is ndarray else np.asarray(out)
        result._grad = result._view = result._version_cell = result._accumulator = None
        node._below = (edge,)
        node._number = next_sequence_nr()
        node._shape = out.shape
        node._dtype = out.dtype
        node._shortcut = rules
        if saves_output:
            own = stamp(result, node)
            if saves_input:
                node._saved, node._versions = (value, out), (stamp_input(x, node), own)
            else:
                node._saved, node._versions = (out,), (own,)
        elif saves_input:
            node._saved, node._versions = (value,), (stamp_input(x, node),)
        else:
            node._saved = ()
            node._versions = None
        result._edge = node
        if is_view:
            relate(result, x)
        return result

    return own_code(apply)


def apply_to_several(cls: Any) -> Callable[..., Any]:  # noqa: C901
    """`Primitive.apply` for any number of inputs, and for parameters that are saved like them: see `apply_to_two`."""
    rule_sets, names = cls.rule_sets, cls.parameter_names

    def apply(*inputs: Any, **parameters: Any) -> Any:  # noqa: C901
        values: tuple[Any, ...] = ()
        edges: tuple[Edge, ...] = ()
        needs, bit, dead = 0, 1, False
        for each in inputs:
            try:
                value, edge = each.array, each._edge
            except AttributeError:  # it is no Variable
                value, edge = constant(each), NO_EDGE
            if not edge and edge is not NO_EDGE:
                edge = gradient_edge(each)
                dead = dead or edge is DEAD_EDGE
            if edge:
                needs += bit
            bit += bit
            values += (value,)
            edges += (edge,)
        for name in names:
            each = parameters[name]
            inputs += (each,)
            parameters[name] = array = each.array if isinstance(each, Variable) else each
            values += (array,)
        node = cls()
        try:
            out = node.forward(*(values[: len(edges)] if names else values), **parameters)
        except ValueError as error:
            raise _in_torch_terms(error, cls) from None
        if not needs or dead or mode.recording is not True or out.__class__ is tuple:
            return node.record(inputs, values, edges, out)
        result = new(Variable)
        result.array = out = out if out.__class__ is ndarray else np.asarray(out)
        result._grad = result._view = result._version_cell = result._accumulator = None
        node._below = edges
        node._number = next_sequence_nr()
        node._shape = out.shape
        node._dtype = out.dtype
        node._shortcut = rules = rule_sets[needs]
        if rules.others:
            node._untracked = of_others(rules.others, inputs)
        if rules.sources:
            if rules.of_output:
                counted(result)
            node._saved = rules.keep((*values, out))
            node._versions = tuple([stamp_input(each, node) for each in rules.keep((*inputs, result))])
        else:
            node._saved = ()
            node._versions = None
        result._edge = node
        return result

    return own_code(apply)


def _in_torch_terms(error: ValueError, operation: Any) -> Exception:
    if "broadcast" not in str(error):
        return error
    return RuntimeError(f"{operation.torch_name}: the shapes of the operands do not broadcast: {error}")


def apply_to_two(cls: Any) -> Callable[[Any, Any], Variable]:  # noqa: C901, PLR0915 - unrolled, which is its purpose
    """`Primitive.apply` for exactly two inputs and a ufunc, unrolled, with its class bound and all that it calls written out.

    Small programs consist of such operations, and what they pay for is here: half the time of `apply_in_general`.
    """
    ufunc, rule_sets = cls.ufunc, cls.rule_sets
    in_general: Callable[..., Variable] = cls.apply_in_general
    reads_nothing = [not rules.sources for rules in map(rule_sets.__getitem__, range(4))]
    reads_first_alone = [rules.sources == (0,) for rules in map(rule_sets.__getitem__, range(4))]
    reads_other_alone = [rules.sources == (1,) for rules in map(rule_sets.__getitem__, range(4))]
    reads_both = rule_sets[3].sources == (0, 1)

    def apply(x: Any, y: Any) -> Variable:  # noqa: C901, PLR0912, PLR0915
        try:
            a, x_edge, needs = x.array, x._edge, 1
        except AttributeError:  # it is no Variable
            return in_general(x, y)
        if not x_edge:
            if x_edge is NO_EDGE:
                needs = 0
            elif not (x_edge := gradient_edge(x)):
                return in_general(x, y)
        dtype = a.dtype
        b: Any
        if isinstance(y, Variable):
            b, y_edge = y.array, y._edge
            if y_edge is not NO_EDGE:
                needs += 2
                if not y_edge and not (y_edge := gradient_edge(y)):
                    return in_general(x, y)
            other = b.dtype
        else:
            y_edge, other = NO_EDGE, dtype
            if y.__class__ is float:
                b = y
            elif y.__class__ is int and (dtype is FLOAT64 or dtype is FLOAT32):
                b = float(y)  # which NumPy takes faster
            else:
                b, other = constant(y), None
        node = cls()
        # Two arrays of one floating dtype, or one and a number, need no promotion.
        if other is dtype and (dtype is FLOAT64 or dtype is FLOAT32):
            try:
                out = ufunc(a, b)
            except ValueError:
                out = node.forward(a, b)  # which says what does not fit
        else:
            out = node.forward(a, b)
        if not needs or mode.recording is not True:
            return node.record((x, y), (a, b), (x_edge, y_edge), out)  # type: ignore[no-any-return]
        result = new(Variable)
        result.array = out = out if out.__class__ is ndarray else np.asarray(out)
        result._grad = result._view = result._version_cell = result._accumulator = None
        node._below = (x_edge, y_edge)
        node._number = next_sequence_nr()
        node._shape = out.shape
        node._dtype = out.dtype
        node._shortcut = rule_sets[needs]
        if needs == 1:
            node._untracked = y if y.__class__ is float else ref(y) if isinstance(y, Variable) else untracked(y)
        elif needs == 2:
            node._untracked = ref(x)
        if reads_nothing[needs]:
            node._saved = ()
            node._versions = None
        elif reads_other_alone[needs]:
            node._saved = (b,)
            node._versions = None if b.__class__ is float else (stamp_input(y, node),)
        elif reads_first_alone[needs]:
            node._saved = (a,)
            node._versions = (stamp_input(x, node),)
        elif needs == 3 and reads_both:
            node._saved = (a, b)
            node._versions = (stamp_input(x, node), stamp_input(y, node))
        else:
            rules = rule_sets[needs]
            if rules.of_output:
                counted(result)
            node._saved = rules.keep((a, b, out))
            node._versions = tuple([stamp_input(each, node) for each in rules.keep((x, y, result))])
        result._edge = node
        return result

    return own_code(apply)
