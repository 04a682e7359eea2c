"""``Function``: the node of an operation, and the context (``ctx``) that its backward reads.

Users derive from it and define two static methods, as in PyTorch. The package's own operations are of the kind in
``primitive.py``; what every node has, theirs and the users', is in ``node.py``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from .grad_mode import Switch, mode
from .node import NO_EDGE, Edge, Node, already_freed, gradient_edge, new, next_sequence_nr, observed, rewrap, wrap
from .versions import stamps, version_of
from .views import check_in_place, rebase, set_edge, view_of

if TYPE_CHECKING:
    from .variable import Variable

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

    needs_input_grad: tuple[bool, ...] = ()  # for each argument of forward, whether backward's gradient for it will be used
    materialize_grads: bool = True
    to_save: tuple[Variable | None, ...] = ()
    dirty_tensors: tuple[Variable, ...] = ()
    non_differentiable: tuple[Variable, ...] = ()
    _saved_edges: tuple[Edge | int, ...] = ()  # beside `saved`: an edge, or for an output just its number
    _variable_arguments: tuple[int, ...] = ()  # which of forward's arguments are Variables: they have an edge each

    if TYPE_CHECKING:
        forward: Callable[..., Any]  # of any signature: static in a user's Function, a method in a Primitive
        backward: Callable[..., Any]
    else:

        @staticmethod
        def forward(ctx, *args):
            """Compute the result from the arguments: to be defined by a subclass."""
            raise NotImplementedError(
                "You must implement the forward function for custom autograd.Function: a static method forward(ctx, *args)"
            )

        @staticmethod
        def backward(ctx, *grad_outputs):
            """Compute the arguments' gradients from the results' gradients: to be defined by a subclass."""
            raise NotImplementedError(
                "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
                "backward mode AD: a static method backward(ctx, *grad_outputs)"
            )

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Put on ``ctx`` what backward needs: where a subclass defines it, ``forward`` is called without ``ctx``."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """Forward mode differentiation, which microtorch does not have."""
        raise NotImplementedError("microtorch has no forward mode AD; autograd.functional.jvp gets the product in reverse mode")

    @staticmethod
    def vmap(info: Any, in_dims: Any, *args: Any) -> Any:
        """Vectorised mapping, which microtorch does not have."""
        raise NotImplementedError("microtorch has no vmap; loop over the batch, or write the operation for batches")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: a Function is used through its class."""
        name = type(self).__name__
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function "
            f"with static forward method, and call it as {name}.apply(...), not as {name}()(...)"
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Compute ``forward`` on the arguments and record the node.

        Args:
            args: Variables, which become the node's edges, and anything else, which is passed on as it is.
            kwargs: in the form with ``setup_context`` only: bound to ``forward``'s parameters.

        Returns:
            What ``forward`` returned: a Variable or a tuple of them.

        Raises:
            TypeError: ``forward`` returned something that is no Variable, or was given keyword arguments.
            RuntimeError: what ``forward`` marked as dirty cannot be changed in place, or was not returned.
        """
        separate_context = cls.setup_context is not Function.setup_context
        if kwargs:
            args = _bound(cls, args, kwargs, separate_context)
        node = new(cls)
        node._begin(args)
        with Switch(grad=False):
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
        self.saved, self.versions, self.hooks, self.plan = (), None, None, None
        self.shape = self.dtype = None
        self._variable_arguments = tuple(i for i, arg in enumerate(args) if isinstance(arg, Variable))
        self.next_functions = tuple(edges[i] for i in self._variable_arguments)
        self.needs_input_grad = tuple(edge is not NO_EDGE for edge in edges)
        self.recorded = bool(mode.recording) and any(self.needs_input_grad)

    def _finish(self, args: tuple[Any, ...], results: tuple[Any, ...]) -> None:
        """Refuse what cannot be recorded, before anything is."""
        for number, each in enumerate(results):
            if not isinstance(each, Variable):
                raise TypeError(
                    f"{type(self).__name__}.forward: expected Tensor or tuple of Tensors (got {type(each).__name__}) for return "
                    f"value {number}: return Variables, and keep anything else on ctx"
                )
        for each in self.dirty_tensors:
            if not any(each is result for result in results):
                raise RuntimeError(
                    "Some elements marked as dirty during the forward method were not returned as output. The inputs that are "
                    f"modified inplace must all be outputs of the Function {type(self).__name__}."
                )
            if self.recorded:
                check_in_place(each, f"{type(self).__name__}.apply")
        self.sequence_nr = next_sequence_nr()
        self.outputs = tuple((each.array.shape, each.array.dtype) for each in results)

    def _output(self, args: tuple[Any, ...], result: Variable, number: int) -> Variable:
        """One result with its place in the graph: an input as a view of it, unless it was changed in place and marked as dirty."""
        dirty = any(result is each for each in self.dirty_tensors)
        if dirty:
            version_of(result).bump(f"{type(self).__name__}.apply")
        elif any(result is arg for arg in args):
            result = view_of(result)
        if not self.recorded or result.array.dtype.kind != "f" or any(result is each for each in self.non_differentiable):
            return result
        if dirty:
            rebase(result, (self, number))
        else:
            set_edge(result, (self, number), f"the output of {self.name()}")
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
                    "set it on ctx instead, as in ctx.scale = scale"
                )
        self.to_save = variables

    def mark_dirty(self, *variables: Variable) -> None:
        """Say that ``forward`` has changed these inputs in place; they must also be returned."""
        self.dirty_tensors = variables

    def mark_non_differentiable(self, *variables: Variable) -> None:
        """Say that these outputs have no gradient: they will not require one, and ``backward`` gets zeros for them."""
        self.non_differentiable = variables

    def set_materialize_grads(self, value: bool) -> None:
        """Whether ``backward`` gets zeros (the default) or None for an output that nobody used."""
        self.materialize_grads = value

    def _remember(self, args: tuple[Any, ...], outputs: tuple[Variable, ...]) -> None:
        """Save each value with what it is rewrapped by: its edge, or for an output just its number.

        An output's edge leads to this node: kept here, it would be a reference cycle, as would the output Variable itself.
        """
        to_save = self.to_save
        for name in ("to_save", "dirty_tensors", "non_differentiable"):
            vars(self).pop(name, None)
        if not self.recorded:
            return
        edges = [self.next_functions[i] for i in range(len(self._variable_arguments))]
        inputs = {id(args[i]): edge for i, edge in zip(self._variable_arguments, edges, strict=True)}
        where: dict[int, Edge | int] = {**inputs, **{id(each): number for number, each in enumerate(outputs)}}
        self.saved = tuple(None if each is None else each.array for each in to_save)
        self.versions = stamps(to_save)
        self._saved_edges = tuple(where.get(id(each), NO_EDGE) for each in to_save)
        if mode.recording is not True:
            observed(self)

    @property
    def saved_tensors(self) -> tuple[Variable | None, ...]:
        """What ``save_for_backward`` kept, as Variables with their place in the graph.

        Raises:
            RuntimeError: backward has released them, or one of them was changed in place since.
        """
        return tuple(
            None if array is None else rewrap(array, (self, where) if isinstance(where, int) else where)
            for array, where in zip(self._unpacked(), self._saved_edges, strict=True)
        )

    def saved_values(self) -> tuple[tuple[str, Any], ...] | None:
        """Name and array of all that is saved; None once it was released."""
        if self.saved is None:
            return None
        return tuple((f"saved_tensors[{i}]", each) for i, each in enumerate(self.saved) if each is not None)

    def gradients(self, grad_outputs: Sequence[Any], wanted: Sequence[bool] | None, create_graph: bool) -> Sequence[Any]:
        """As `Node.gradients`, by the user's ``backward``."""
        if self.saved is None:
            raise already_freed(self)
        given = [self._given(grad, number) for number, grad in enumerate(grad_outputs)]
        with Switch(grad=create_graph):
            result = self.backward(self, *given)
        results = result if isinstance(result, tuple | list) else (result,)
        expected = len(self.needs_input_grad)
        # More gradients than arguments are right as long as the rest is None: torch's rule.
        if len(results) < expected or any(each is not None for each in results[expected:]):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected {expected}, got {len(results)}): "
                "return one for each argument of forward, None where there is none"
            )
        for position, grad in enumerate(results[:expected]):
            self._check_gradient(position, grad)
        chosen = [results[i] for i in self._variable_arguments]
        return chosen if create_graph else [None if each is None else each.array for each in chosen]

    def _given(self, grad: Any, number: int) -> Variable | None:
        if grad is None:
            if not self.materialize_grads:
                return None
            shape, dtype = self.outputs[number]
            grad = np.zeros(shape, dtype)
        return grad if isinstance(grad, Variable) else wrap(grad)

    def _check_gradient(self, position: int, grad: Any) -> None:
        if grad is None:
            return
        if position not in self._variable_arguments:
            raise RuntimeError(
                f"function {self.name()} returned a gradient different than None at position {position}, but the corresponding "
                "forward input was not a Variable"
            )
        if not isinstance(grad, Variable):
            raise TypeError(
                f"{type(self).__name__}.backward must return Variables or None, not {type(grad).__name__} (at position {position})"
            )


def once_differentiable(backward: F) -> F:
    """Declare a ``backward`` that cannot itself be differentiated: doing so is then an error, not a wrong result.

    Source: ``torch.autograd.function.once_differentiable``.
    """

    @functools.wraps(backward)
    def once(ctx: Function, *grad_outputs: Any) -> Any:
        with Switch(grad=False):
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
    """Keyword arguments in their place among the positional ones."""
    if not separate_context:
        raise TypeError(
            f"{cls.__name__}.apply() takes no keyword arguments ({', '.join(kwargs)}): give them by position, or define "
            "setup_context, with which keywords work"
        )
    bound = inspect.signature(cls.forward).bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.args
