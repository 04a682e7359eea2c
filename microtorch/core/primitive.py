"""What is an operation of the package? A `Primitive`: forward in plain NumPy, and beside it one rule for each input's gradient.

It is a `Function`, and so a node: an instance is made for each application, and stays in the graph where that is recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np

from ..arrays.dtypes import Array, promote
from ..arrays.operands import constant
from ..arrays.shapes import shapes_do_not_broadcast
from .accumulate_grad import gradient_edge
from .applying import apply_to_one, apply_to_several, apply_to_two, stamp_input
from .create_graph import recorded, rewrapped
from .function import Function
from .grad_mode import mode, observed
from .node import NO_EDGE, Edge
from .rules import Rule, RuleSet, RuleSets, Shared, names_of_values, rule, shared
from .saved import unpacked
from .telling import of_others
from .variable import Variable, unrecorded, wrap
from .versions import counted, next_sequence_nr

__all__ = ["Elementwise", "Primitive", "rule", "shared"]


class Primitive(Function):
    """One of the package's operations: ``forward`` on NumPy arrays, and a `rule` for each input.

    A subclass defines ``forward(self, *inputs, **parameters)``, which returns an array (or a tuple of arrays), and for every
    input ``grad_<input>``. ``self`` is the node: what a rule needs besides inputs and output (a shape, an axis) is set on it.
    """

    __slots__ = ()

    torch_name: ClassVar[str]  # MulBackward0 is torch_name "Mul" and overload 0; set where the class is named otherwise
    overload: int = 0  # SumBackward0 sums everything, SumBackward1 along dimensions
    ufunc: ClassVar[Any] = None  # of NumPy, where one computes it of two arrays of one floating dtype, or one and a number
    is_view: ClassVar[bool] = False  # whether the output shares the memory of the one input
    several_views: ClassVar[bool] = False  # whether there are several outputs, which all do
    input_names: ClassVar[tuple[str, ...]] = ()
    output_names: ClassVar[tuple[str, ...]] = ("out",)  # of the arrays that forward returns; declared where they are several
    parameter_names: ClassVar[tuple[str, ...]] = ()  # of the parameters that rules read: saved like inputs
    data_names: ClassVar[tuple[str, ...]] = ()  # of other data that forward was given, for pictures: see `Node._untracked`
    constants: ClassVar[
        dict[str, Any]
    ] = {}  # what else decides the result: attributes, by torch's names, with their defaults or ...
    rules: ClassVar[tuple[Rule, ...]] = ()
    shares: ClassVar[dict[str, Shared]] = {}
    rule_sets: ClassVar[RuleSets]

    def __init_subclass__(cls) -> None:
        cls.torch_name = vars(cls).get("torch_name", cls.__name__)
        declared = {name[len("grad_") :]: each for name, each in vars(cls).items() if isinstance(each, Rule)}
        if declared:
            cls.input_names, cls.rules = tuple(declared), tuple(declared.values())
            cls.shares = {name: each for name, each in vars(cls).items() if isinstance(each, Shared)}
            reading: list[Rule | Shared] = [*cls.rules, *cls.shares.values()]
            read = {name: None for each in reading for name in each.reads}
            declared_first = cls.input_names[0]
            cls.parameter_names = tuple(name for name in read if name not in {*declared, *cls.shares, *cls.output_names})
            cls.rule_sets = RuleSets(cls)
            for name in read:
                if name not in cls.shares:
                    torch_name = {declared_first: "self", "out": "result"}.get(name, name)
                    setattr(cls, f"_saved_{torch_name}", property(partial(saved_value, name=name)))
        if cls.rules:
            for_its_inputs = apply_to_one if len(cls.rules) == 1 and not cls.parameter_names else apply_to_several
            cls.apply = staticmethod((for_its_inputs if cls.ufunc is None else apply_to_two)(cls))

    def name(self) -> str:
        """The name PyTorch gives such a node."""
        return f"{self.torch_name}Backward{self.overload}"

    @property
    def formulas(self) -> tuple[str, ...]:
        """For each input, its rule: an expression or a sentence."""
        return tuple(each.formula for each in self.rules)

    @classmethod
    def apply_in_general(cls, *inputs: Any, **parameters: Any) -> Any:
        """Compute ``forward`` on the inputs' arrays, and record the node where an input requires a gradient.

        Args:
            inputs: Variables, arrays or Python scalars: the node gets one edge for each.
            parameters: everything that is not differentiated. What a rule reads may be a Variable: it is saved like an input.

        Returns:
            A Variable, or a tuple of them where ``forward`` returns a tuple.
        """
        values = tuple([each.array if isinstance(each, Variable) else constant(each) for each in inputs])
        edges = tuple([gradient_edge(each) if isinstance(each, Variable) else NO_EDGE for each in inputs])
        node = cls()
        return node.record(inputs, values, edges, node.forward(*values, **parameters))

    apply = apply_in_general  # until a class has rules: then one of applying.py

    def record(self, given: Sequence[Any], values: Sequence[Any], edges: Sequence[Edge], out: Any) -> Any:
        """The output as a Variable (a tuple of them for a tuple), which this node remembers where an input needs a gradient.

        Args:
            given: the inputs as they came, and the parameters that rules read.
            values: the same as arrays and scalars.
            edges: of the inputs.
            out: what forward made of them.
        """
        several = out.__class__ is tuple
        recording = mode.recording
        if not recording or edges.count(NO_EDGE) == len(edges):
            return tuple(map(unrecorded, out)) if several else unrecorded(out)
        self._below = tuple([edge or None for edge in edges])
        self._number = next_sequence_nr()
        others = [i for i in range(len(given)) if i >= len(edges) or not edges[i]]
        if others:
            self._untracked = of_others(others, given)
        rules = self.rule_set
        if several:
            self._shortcut = None
            self._shape = self._dtype = None
            self._outputs = tuple((each.shape, each.dtype) for each in out)
            results: tuple[Any, ...] = tuple(wrap(each, self.edge(nr)) for nr, each in enumerate(out))
        else:
            results = (wrap(out, self),)
            self._shortcut = rules
            self._shape, self._dtype = results[0].array.shape, results[0].array.dtype
        self._saved = rules.keep((*values, *(each.array for each in results)))
        self._versions = tuple([stamp_input(each, self) for each in rules.keep((*given, *map(counted, results)))])
        if recording is not True:
            observed(self)
        return results if several else results[0]

    @property
    def rule_set(self) -> RuleSet:
        """The rules of the inputs that need a gradient; as in torch, of one input alone even where that has no way to go."""
        if len(self._below) == 1:
            return self.rule_sets[1]
        return self.rule_sets[sum(1 << i for i, below in enumerate(self._below) if below is not None)]

    @classmethod
    def on(cls, *inputs: Any, **parameters: Any) -> Any:
        """The operation on arrays where arrays are given, on Variables where Variables are: for use in rules."""
        for each in inputs:
            if isinstance(each, Variable):
                return cls.apply(*inputs, **parameters)
        return cls().forward(*inputs, **parameters)

    def gradients(self, grad_outputs: Sequence[Any], wanted: Sequence[bool] | None, create_graph: bool) -> Sequence[Any]:
        """As `Node.gradients`, by the rules of the inputs that need one."""
        grad = grad_outputs[0] if self._shape is not None else grad_outputs
        if grad is None or (grad is grad_outputs and all(each is None for each in grad)):
            return [None] * len(self._below)
        rules, saved = self.rule_set, unpacked(self, create_graph)
        gradients = rules.only(wanted)
        return recorded(self, rules, gradients, grad, saved) if create_graph else gradients(self, grad, saved)

    def filled(self, grad_outputs: Sequence[Any]) -> Any:
        """Of an operation with several outputs, the gradients that have arrived, and zeros for what nobody used."""
        grads = [np.zeros(*output) if grad is None else grad for grad, output in zip(grad_outputs, self._outputs, strict=True)]
        return [np.asarray(grad) if isinstance(grad, np.generic) else grad for grad in grads]

    def saved_edge(self, position: int) -> Edge:
        """Where the gradient of a saved value goes: of an input, to where it came from; of an output, here."""
        return self.edge_of_value(self.rule_set.sources[position])

    def edge_of_value(self, source: int) -> Edge:
        """Where the gradient of an input goes, of a parameter (nowhere), or of an output, in the order of `names_of_values`."""
        if source < len(self._below):
            return self._below[source]
        number = source - len(self._below) - len(self.parameter_names)
        if number == 0 and self._edge_of_output is not None:
            return self._edge_of_output
        return self.edge(number) if number >= 0 else NO_EDGE

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The saved inputs and outputs as Variables with their place in the graph; Python scalars as they are."""
        return rewrapped(self, self.rule_set, unpacked(self, mode.grad))

    def saved_values(self) -> tuple[tuple[str, Any], ...] | None:
        """Name and value (array or Python scalar) of all that is saved; None once it was released."""
        if self._saved is None:
            return None
        names = names_of_values(self)
        return tuple((names[source], value) for source, value in zip(self.rule_set.sources, self._saved, strict=True))


def saved_value(node: Primitive, name: str) -> Any:
    """``z.grad_fn._saved_self``: a saved value by the name of its input, as PyTorch's lessons read it; None if not needed.

    The first input is called ``self`` there, the output ``result``.
    """
    names = names_of_values(node)
    saved = dict(zip([names[source] for source in node.rule_set.sources], node.saved_tensors, strict=True))
    return saved.get(name)


class Elementwise(Primitive):
    """A `Primitive` on two operands, element by element, that one NumPy ufunc computes, with torch's type promotion."""

    __slots__ = ()

    floating: ClassVar[bool] = False  # whether integers become floats first

    def forward(self, x: Any, y: Any) -> Array:
        """The values alone: what `Primitive.on` asks for."""
        return self.compute(x, y)

    @classmethod
    def compute(cls, x: Any, y: Any) -> Array:
        """The values alone, from arrays and Python scalars.

        Raises:
            RuntimeError: the shapes do not broadcast.
        """
        x, y = promote(x, y, floating=cls.floating)
        try:
            return np.asarray(cls.ufunc(x, y))
        except ValueError as error:
            if "broadcast" not in str(error):
                raise RuntimeError(f"{cls.__name__}: {error}") from None
            raise shapes_do_not_broadcast(cls.__name__, np.shape(x), np.shape(y)) from None
