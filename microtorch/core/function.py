"""How do users write an operation of their own? As a `Function`, whose instance is the node, and the ``ctx`` of its backward.

They derive from it and define two static methods, as in PyTorch. The package's own operations are of the kind in
``primitive.py``; what every node has, theirs and the users', is in ``node.py``.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from .accumulate_grad import gradient_edge
from .create_graph import rewrap
from .grad_mode import Block, mode, observed
from .node import NO_EDGE, Edge, Node, new
from .saved import already_freed, unpacked
from .telling import untracked
from .variable import Variable, wrap
from .versions import count, next_sequence_nr, stamp
from .views import CUSTOM, check_in_place, rebase, set_edge, view_of

_PLAIN = (bool, int, float, str)
_NOTHING: tuple[tuple[int, ...], Any] = ((), None)  # stands for an output that is no Variable

__all__ = ["Function", "once_differentiable"]

F = TypeVar("F", bound=Callable[..., Any])


class Function(Node):
    """A node of the graph, which is also the context (``ctx``) of the operation it remembers.

    Derive from it to define an operation of your own, with two static methods: ``forward(ctx, *args)`` computes the result
    without being recorded, and ``backward(ctx, *grad_outputs)`` returns one gradient (or None) for each argument of forward.
    Or leave ``ctx`` out of ``forward(*args)``, and set it up in a third: ``setup_context(ctx, inputs, output)``.

    >>> import microtorch
    >>> class Double(microtorch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x * 2
    ...
    ...     @staticmethod
    ...     def backward(ctx, grad_output):
    ...         return grad_output * 2
    >>> x = microtorch.ones(3, requires_grad=True)
    >>> y = Double.apply(x)
    >>> y.grad_fn, y.grad_fn.next_functions
    (<DoubleBackward>, ((<AccumulateGrad>, 0),))
    >>> y.sum().backward()
    >>> x.grad.tolist()
    [2.0, 2.0, 2.0]
    """

    __slots__ = ()

    needs_input_grad: tuple[bool, ...] = ()  # for each argument of forward, whether it is a Variable that requires a gradient
    materialize_grads: bool = True
    generate_vmap_rule: bool = False  # of no effect: there is no vmap
    to_save: tuple[Variable | None, ...] = ()
    dirty_tensors: tuple[Variable, ...] = ()
    non_differentiable: tuple[Variable, ...] = ()
    _saved_edges: tuple[Edge | int, ...] = ()  # beside `saved`: an edge, or for an output just its number
    _arguments: tuple[str, ...] = ()  # what forward was given: types' names
    _recorded: bool = False
    _plain: tuple[tuple[int, Any], ...] = ()  # which arguments are numbers or words, for pictures
    _variables: tuple[int, ...] = ()  # which of the arguments are Variables: these have an edge each

    if TYPE_CHECKING:
        forward: Callable[..., Any]  # of any signature: static in a user's Function, a method in a Primitive
        backward: Callable[..., Any]
        vjp: Callable[..., Any]
    else:

        @staticmethod
        def forward(*args, **kwargs):
            """Compute the result from the arguments: to be defined by a subclass."""
            name = type(args[0]).__name__ if args else "Function"
            raise NotImplementedError(
                f"{name}: You must implement the forward function for custom autograd.Function: a static method forward(ctx, "
                "*args)"
            )

        @staticmethod
        def backward(ctx, *grad_outputs):
            """Compute the arguments' gradients from the results' gradients: to be defined by a subclass."""
            raise NotImplementedError(
                f"{type(ctx).__name__}: You must implement either the backward or vjp method for your custom autograd.Function "
                "to use it with backward mode AD: a static method backward(ctx, *grad_outputs)"
            )

        vjp = backward  # torch's other name for it

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Put on ``ctx`` what backward needs: where a subclass defines it, ``forward`` is called without ``ctx``."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """Forward mode differentiation, which microtorch does not have."""
        raise NotImplementedError(
            "jvp: microtorch has no forward mode, the custom jvp is never used for forward mode AD; "
            "autograd.functional.jvp computes the product in reverse mode"
        )

    @staticmethod
    def vmap(info: Any, in_dims: Any, *args: Any) -> Any:
        """Vectorised mapping, which microtorch does not have."""
        raise NotImplementedError("microtorch has no vmap: loop over the batch, or write the operation for batches")

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if hasattr(cls, "__bool__") or hasattr(cls, "__len__"):
            raise TypeError(f"{cls.__name__} must not define __bool__ or __len__: its instances are nodes of the graph, and true")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Compute ``forward`` on the arguments and record the node.

        Args:
            args: Variables, which become the node's edges, and anything else, which is passed on as it is.
            kwargs: bound to the parameters of ``forward``.

        Returns:
            What ``forward`` returned: a Variable or a tuple of them. What is no Variable is passed on as it is.

        Raises:
            TypeError: ``forward`` returned a list or a dict, whose Variables would lose their gradients.
            RuntimeError: what ``forward`` marked as dirty cannot be changed in place, or was not returned.
        """
        separate_context = cls.setup_context is not Function.setup_context
        if kwargs or separate_context:
            args = _bound(cls, args, kwargs, separate_context)
        node = new(cls)
        node._begin(args)
        with Block(grad=False):
            if separate_context:
                result = cls.forward(*args)
                cls.setup_context(node, args, result)
            else:
                result = cls.forward(node, *args)
        results = result if isinstance(result, tuple) else (result,)
        node._finish(args, results)
        outputs = tuple(node._output(args, each, number) for number, each in enumerate(results))
        node._remember(args, outputs)
        return outputs if isinstance(result, tuple) else outputs[0]

    def _begin(self, args: tuple[Any, ...]) -> None:
        edges = [gradient_edge(arg) if isinstance(arg, Variable) else NO_EDGE for arg in args]
        self._saved, self._versions, self._shortcut = (), None, None
        self._shape = self._dtype = None
        self._arguments = tuple(type(arg).__name__ for arg in args)
        self._variables = tuple(i for i, arg in enumerate(args) if isinstance(arg, Variable))
        self._below = tuple(edges[i] or None for i in self._variables)
        self.needs_input_grad = tuple(edge is not NO_EDGE for edge in edges)
        self._recorded = bool(mode.recording) and any(self.needs_input_grad)
        self._untracked = tuple([untracked(args[i]) for i in self._variables if not edges[i]])
        self._plain = tuple([(i, arg) for i, arg in enumerate(args) if isinstance(arg, _PLAIN)])

    def _finish(self, args: tuple[Any, ...], results: tuple[Any, ...]) -> None:
        """Refuse what cannot be recorded, before anything is."""
        name = type(self).__name__
        for each in results:
            if isinstance(each, list | dict):
                raise TypeError(
                    f"{name}.forward must return a Variable or a tuple of them, not {type(each).__name__}: the gradients of "
                    "what is in it would be lost"
                )
        for each in self.dirty_tensors:
            which = [f"argument {i}" for i, arg in enumerate(args) if arg is each]
            if which:
                count(each, operation=f"{name}.apply")
            else:
                warnings.warn(
                    f"{name}: mark_dirty was given something that is not an input of forward: mark what was changed in place, "
                    "and that alone",
                    stacklevel=4,
                )
            if not any(each is result for result in results):
                raise RuntimeError(
                    "Some elements marked as dirty during the forward method were not returned as output. The inputs that are "
                    f"modified inplace must all be outputs of the Function: {name}.forward must return "
                    f"{' and '.join(which) or 'them'} too"
                )
            if self._recorded and which:
                check_in_place(each, f"{name}.apply")
                if each._view is not None and len(results) > 1:
                    raise RuntimeError(
                        "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot "
                        f"return more than one Tensor. This is not supported by the current autograd engine: {name} should clone "
                        f"{which[0]}"
                    )
        self._number = next_sequence_nr()
        self._outputs = tuple(
            (each.array.shape, each.array.dtype) if isinstance(each, Variable) else _NOTHING for each in results
        )
        if len(results) == 1:
            self._shape, self._dtype = self._outputs[0]

    def _output(self, args: tuple[Any, ...], result: Any, number: int) -> Any:
        """One result with its place in the graph: an input as a view of it, unless it was marked as dirty."""
        if not isinstance(result, Variable):
            return result
        is_input = any(result is arg for arg in args)
        dirty = is_input and any(result is each for each in self.dirty_tensors)
        if is_input and not dirty:
            result = view_of(result, "" if self._recorded else "no_grad mode")
        if dirty and not self._recorded and result.requires_grad:
            return result.detach()
        if not self._recorded or result.array.dtype.kind != "f" or any(result is each for each in self.non_differentiable):
            return result
        if dirty:
            result._grad = None  # of what it was before
            rebase(result, self.edge(number))
        else:
            set_edge(result, self.edge(number), CUSTOM)
        return result

    def save_for_backward(self, *variables: Variable | None) -> None:
        """Keep inputs, outputs or intermediate Variables for ``backward``, which finds them in ``saved_tensors``.

        Raises:
            TypeError: one is neither a Variable nor None.
        """
        for i, each in enumerate(variables):
            if each is not None and not isinstance(each, Variable):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {i} is of type {type(each).__name__}: "
                    f"{type(self).__name__}.forward should set it on ctx, as in ctx.scale = scale"
                )
        self.to_save = variables

    @property
    def saved_variables(self) -> tuple[Variable | None, ...]:
        """The name that ``saved_tensors`` had in 2017."""
        return self.saved_tensors

    def save_for_forward(self, *variables: Variable | None) -> None:
        """Accepted, since PyTorch has it; forward mode differentiation, which would use it, is not here."""

    def mark_dirty(self, *variables: Variable) -> None:
        """Say that ``forward`` has changed these inputs in place; they must also be returned.

        Raises:
            RuntimeError: one is no Variable.
        """
        self._only_variables(variables, "mark_dirty can only accept variables")
        self.dirty_tensors = variables

    def mark_non_differentiable(self, *variables: Variable) -> None:
        """Say that these outputs have no gradient: they will not require one, and ``backward`` gets zeros for them.

        Raises:
            RuntimeError: one is no Variable.
        """
        self._only_variables(variables, "mark_non_differentiable only accepts variable arguments")
        self.non_differentiable = variables

    def _only_variables(self, values: tuple[Any, ...], words: str) -> None:
        for i, each in enumerate(values):
            if not isinstance(each, Variable):
                raise RuntimeError(f"{words}: in {type(self).__name__}, argument {i} is of type {type(each).__name__}")

    def set_materialize_grads(self, value: bool) -> None:
        """Whether ``backward`` gets zeros (the default) or None for an output that nobody used."""
        self.materialize_grads = value

    def _remember(self, args: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
        """Save each value with what it is rewrapped by: its edge, or for an output just its number.

        An output's edge leads to this node: kept here, it would be a reference cycle, as would the output Variable itself.
        """
        to_save = self.to_save
        for name in ("to_save", "dirty_tensors", "non_differentiable"):
            vars(self).pop(name, None)
        if not self._recorded:
            return
        where: dict[int, Edge | int] = {id(args[i]): edge for i, edge in zip(self._variables, self._below, strict=True)}
        where |= {id(each): number for number, each in enumerate(outputs)}
        self._saved = tuple(None if each is None else each.array for each in to_save)
        self._versions = tuple(None if each is None else stamp(each, self) for each in to_save)
        self._saved_edges = tuple(
            NO_EDGE if each is None else where[id(each)] if id(each) in where else gradient_edge(each) for each in to_save
        )
        if mode.recording is not True:
            observed(self)

    @property
    def saved_tensors(self) -> tuple[Variable | None, ...]:
        """What ``save_for_backward`` kept, as Variables with their place in the graph.

        Raises:
            RuntimeError: backward has released them, or one of them was changed in place since.
        """
        return tuple(
            None if array is None else rewrap(array, self.saved_edge(position))
            for position, array in enumerate(unpacked(self, mode.grad))
        )

    def saved_edge(self, position: int) -> Edge:
        """Where the gradient of a saved value goes: of an input, to where it came from; of an output, here."""
        where = self._saved_edges[position]
        return (self._edge_of_output or self.edge(where)) if isinstance(where, int) else where

    def saved_values(self) -> tuple[tuple[str, Any], ...] | None:
        """Name and array of all that is saved; None once it was released."""
        if self._saved is None:
            return None
        return tuple((f"saved_tensors[{i}]", each) for i, each in enumerate(self._saved))

    def gradients(self, grad_outputs: Sequence[Any], wanted: Sequence[bool] | None, create_graph: bool) -> Sequence[Any]:
        """As `Node.gradients`, by the user's ``backward``."""
        if self._saved is None:
            raise already_freed(self)
        given = [self._given(grad, number) for number, grad in enumerate(grad_outputs)]
        with Block(grad=create_graph):
            result = self._own_backward()(self, *given)
        chosen = self._checked(result if isinstance(result, tuple) else (result,))
        return chosen if create_graph else [None if each is None else each.array for each in chosen]

    def _own_backward(self) -> Callable[..., Any]:
        cls = type(self)
        if cls.vjp is Function.vjp:
            return cls.backward
        if cls.backward is not Function.backward:
            raise RuntimeError(
                f"Implementing both 'backward' and 'vjp' for a custom Function is not allowed: {cls.__name__} has both. You "
                "should only implement one of them."
            )
        return cls.vjp

    def _given(self, grad: Any, number: int) -> Variable | None:
        if grad is None:
            if not self.materialize_grads or self._outputs[number] is _NOTHING:
                return None
            grad = np.zeros(*self._outputs[number])
        return grad if isinstance(grad, Variable) else wrap(grad)

    def _checked(self, results: tuple[Any, ...]) -> list[Any]:
        """The gradients of the Variables among the arguments, out of what backward returned for all arguments.

        Raises:
            RuntimeError: there are too few or too many, or one has the wrong type or shape.
        """
        name, expected = type(self).name(self), len(self._arguments)
        # More gradients than arguments are right as long as the rest is None: torch's rule.
        if len(results) < expected or any(each is not None for each in results[expected:]):
            raise RuntimeError(
                f"function {name} returned an incorrect number of gradients (expected {expected}, got {len(results)}): "
                f"forward took {expected} argument{'' if expected == 1 else 's'}; return a tuple of one gradient for each, "
                "None where there is none"
            )
        for position, grad in enumerate(results[:expected]):
            if grad is None:
                continue
            if position not in self._variables:
                raise RuntimeError(
                    f"function {name} returned a gradient different than None at position {position + 1}, but the corresponding "
                    f"forward input was not a Variable, but of type {self._arguments[position]}"
                )
            if not isinstance(grad, Variable):
                kind = type(grad)
                full = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
                raise RuntimeError(
                    f"expected Variable or None (got {full}): {type(self).__name__}.backward must return a tuple of Variables, "
                    f"made of numbers with microtorch.tensor(...), and not {kind.__name__} at position {position + 1}"
                )
        return [
            grad if edge is not NO_EDGE else None
            for grad, edge in zip([results[i] for i in self._variables], self._below, strict=True)
        ]


def once_differentiable(backward: F) -> F:
    """Declare a ``backward`` that cannot itself be differentiated: doing so is then an error, not a wrong result.

    Source: ``torch.autograd.function.once_differentiable``.
    """

    @functools.wraps(backward)
    def once(ctx: Function, *grad_outputs: Any) -> Any:
        with Block(grad=False):
            result = backward(ctx, *grad_outputs)
        if not mode.grad or not any(isinstance(each, Variable) and each.requires_grad for each in grad_outputs):
            return result
        results = result if isinstance(result, tuple) else (result,)
        refused = tuple(_Twice.apply(each.detach().requires_grad_()) if isinstance(each, Variable) else each for each in results)
        return refused if isinstance(result, tuple) else refused[0]

    return once  # type: ignore[return-value]


class _Twice(Function):
    """Stands in the graph where a ``once_differentiable`` backward has no derivative."""

    @staticmethod
    def forward(ctx: Any, grad: Any) -> Any:
        return grad.clone()

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


def _bound(cls: type[Function], args: tuple[Any, ...], kwargs: dict[str, Any], separate_context: bool) -> tuple[Any, ...]:
    """Keyword arguments in their place among the positional ones; with ``setup_context``, defaults too."""
    signature = inspect.signature(cls.forward)
    if separate_context:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return bound.args
    return signature.bind(None, *args, **kwargs).args[1:]
