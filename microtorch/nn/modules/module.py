"""``Module``: a part of a network, with its parameters, its buffers, and the modules that it is made of."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar
from weakref import ref

from ...arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ...arrays.dtypes import float16, float32, float64
from ...core.grad_mode import no_grad
from ...core.hook_lists import RemovableHandle
from ...core.node import Node
from ...core.variable import Variable
from ...core.versions import next_sequence_nr
from ..parameter import Parameter

__all__ = ["Module"]

M = TypeVar("M", bound="Module")

_REGISTRIES = "_parameters", "_buffers", "_modules"  # where a module keeps what is found among its attributes


class IncompatibleKeys(NamedTuple):
    """What `Module.load_state_dict` did not find in the dict, and what it found there and has no place for."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Module:
    """A part of a network. A subclass calls ``super().__init__()``, assigns its parts, and defines ``forward``.

    A `Parameter` or a `Module` that is assigned to an attribute is found by everything that goes through all of them:
    ``parameters()`` for an optimiser, ``state_dict()`` for a file, ``train()`` and ``eval()``, ``to(dtype)``.

    >>> import microtorch
    >>> from microtorch import nn
    >>> class Scaled(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = nn.Parameter(microtorch.tensor(2.0))
    ...
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> Scaled()(microtorch.ones(2)).tolist(), [name for name, _ in Scaled().named_parameters()]
    ([2.0, 2.0], ['factor'])
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Variable | None]
    _modules: dict[str, Module | None]
    _not_in_state: set[str]  # the buffers that are not
    _forward_pre_hooks: dict[int, Callable[..., Any]]
    _forward_hooks: dict[int, Callable[..., Any]]

    def __init__(self) -> None:
        vars(self).update(
            training=True, _parameters={}, _buffers={}, _modules={}, _not_in_state=set(), _forward_pre_hooks={}, _forward_hooks={}
        )

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes: a subclass says it, and ``module(...)`` calls it."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What ``forward`` gives, with the hooks before and behind it."""
        begin = next_sequence_nr()
        for hook in tuple(self._forward_pre_hooks.values()):
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        try:
            output = self.forward(*args, **kwargs)
        except (IndexError, RuntimeError, TypeError, ValueError) as error:
            _name_layer(error, self)
            raise
        for hook in tuple(self._forward_hooks.values()):
            changed = hook(self, args, output)
            if changed is not None:
                output = changed
        mark(output, self, begin)
        return output

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, args)`` before ``forward``: what it returns, if not None, are the arguments instead."""
        return RemovableHandle(self._forward_pre_hooks, hook)

    def register_forward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after ``forward``: what it returns, if not None, is the output instead."""
        return RemovableHandle(self._forward_hooks, hook)

    # ── Attributes ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _registries(self) -> tuple[dict[str, Any], ...]:
        return tuple(vars(self).get(each, {}) for each in _REGISTRIES)

    def __getattr__(self, name: str) -> Any:  # called for what is no plain attribute
        for registry in _REGISTRIES:
            if name in (held := vars(self).get(registry, {})):
                return held[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        parameters, buffers, modules = self._registries()
        if isinstance(value, Parameter | Module):
            kind = "module" if isinstance(value, Module) else "parameters"
            if "_parameters" not in vars(self):
                raise AttributeError(f"cannot assign {kind} before Module.__init__() call: begin with super().__init__()")
            registry = modules if isinstance(value, Module) else parameters
            if name not in registry:
                self._forget(name)
            registry[name] = value
        elif name in parameters and value is not None:
            raise TypeError(f"cannot assign {_kind(value)!r} as parameter {name!r} (nn.Parameter or None expected)")
        elif name in modules and value is not None:
            raise TypeError(f"cannot assign {_kind(value)!r} as child module {name!r} (nn.Module or None expected)")
        elif name in buffers and not isinstance(value, Variable | None):
            raise TypeError(f"cannot assign {_kind(value)!r} as buffer {name!r} (Variable or None expected)")
        else:
            registry = next((each for each in (parameters, buffers, modules) if name in each), {})
            if registry:
                registry[name] = value
            else:
                object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        if any(name in registry for registry in self._registries()):
            self._forget(name)
        else:
            object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *(name for registry in self._registries() for name in registry)})

    def _forget(self, name: str) -> None:
        for registry in (vars(self), *self._registries()):
            registry.pop(name, None)
        self._not_in_state.discard(name)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """As ``self.<name> = param``; None says that there might be one.

        Raises:
            KeyError: the name cannot be one, or is taken.
            TypeError: ``param`` is neither.
        """
        self._check_name(name, "parameter", self._parameters)
        if not isinstance(param, Parameter | None):
            raise TypeError(f"cannot assign {_kind(param)!r} object to parameter {name!r} (nn.Parameter or None required)")
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Variable | None, persistent: bool = True) -> None:
        """A Variable that belongs to the module's state, and is no parameter: no optimiser changes it.

        Args:
            name: of the attribute.
            tensor: the Variable, or None.
            persistent: whether it is in the ``state_dict``.

        Raises:
            KeyError: the name cannot be one, or is taken.
            TypeError: ``tensor`` is neither.
        """
        self._check_name(name, "buffer", self._buffers)
        if not isinstance(tensor, Variable | None):
            raise TypeError(f"cannot assign {_kind(tensor)!r} object to buffer {name!r} (Variable or None required)")
        self._buffers[name] = tensor
        (self._not_in_state.discard if persistent else self._not_in_state.add)(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """As ``self.<name> = module``, for any name.

        Raises:
            KeyError: the name cannot be one, or is taken.
            TypeError: ``module`` is no Module.
        """
        if not isinstance(module, Module | None):
            raise TypeError(f"{_kind(module)} is not a Module subclass")
        self._check_name(name, "module", self._modules)
        self._modules[name] = module

    def _check_name(self, name: str, kind: str, registry: dict[str, Any]) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {type(name).__name__}")
        if not name or "." in name:
            raise KeyError(f'{kind} name can\'t be empty string "" or contain ".", got: {name!r}')
        if name not in registry and hasattr(self, name):
            raise KeyError(f"attribute {name!r} already exists")

    # ── What it is made of ───────────────────────────────────────────────────────────────────────────────────────────

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that this one is made of, each once, with their names."""
        seen: set[int] = set()
        for name, module in self._modules.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Module]:
        """The modules that this one is made of."""
        return (module for _, module in self.named_children())

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all below it, with their names from here: ``"0.weight"`` is the weight of the module ``"0"``."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """This module and all below it, each once."""
        return (module for _, module in self.named_modules())

    def _named(self, registry: str, prefix: str, recurse: bool, remove_duplicate: bool) -> Iterator[tuple[str, Any]]:
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        seen: set[int] = set()
        for path, module in modules:
            for name, value in getattr(module, registry).items():
                if value is not None and id(value) not in seen:
                    if remove_duplicate:
                        seen.add(id(value))
                    yield f"{path}.{name}" if path else name, value

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """All parameters, each once, with their names: of this module, and (``recurse``) of all below it."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, each once: what an optimiser is given."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Variable]]:
        """All buffers, each once, with their names."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Variable]:
        """All buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The module of that name from here, ``"encoder.0"``; this one for an empty name.

        Raises:
            AttributeError: there is none.
        """
        module = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
            below = getattr(module, name)
            if not isinstance(below, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
            module = below
        return module

    # ── Its state ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _state(self) -> dict[str, Variable]:
        """The parameters and buffers of this module alone that belong into a ``state_dict``."""
        buffers = {name: each for name, each in self._buffers.items() if name not in self._not_in_state}
        return {name: each for name, each in (self._parameters | buffers).items() if each is not None}

    def state_dict(
        self, *, destination: dict[str, Variable] | None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Variable]:
        """All parameters and buffers by name: detached, on the same memory; with ``keep_vars``, they themselves."""
        state = OrderedDict() if destination is None else destination
        for name, value in self._state().items():
            state[prefix + name] = value if keep_vars else value.detach()
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=state, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        return state

    def load_state_dict(self, state_dict: Mapping[str, Variable], strict: bool = True) -> IncompatibleKeys:
        """Copy values into the parameters and buffers, by name.

        Args:
            state_dict: as `state_dict` gives it.
            strict: whether every name must be on both sides.

        Returns:
            The names that were missing, and those that were not expected.

        Raises:
            RuntimeError: a name is on one side alone, or a shape differs; then nothing is copied.
            TypeError: ``state_dict`` is no dict.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        own = self.state_dict(keep_vars=True)
        missing, unexpected = [key for key in own if key not in state_dict], [key for key in state_dict if key not in own]
        errors = [_misfit(key, own[key], value) for key, value in state_dict.items() if key in own]
        if strict:
            errors = [_listed("Unexpected", unexpected), *errors]
            errors = [_listed("Missing", missing), *errors]
        if any(errors):
            text = "".join(f"\n\t{each}" for each in errors if each)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:{text}")
        with no_grad():
            for key, value in own.items():
                if key in state_dict:
                    value.copy_(state_dict[key])
        return IncompatibleKeys(missing, unexpected)

    def train(self: M, mode: bool = True) -> M:
        """Let this module and all below it be in training, or not: it decides what dropout and batch norm do.

        Raises:
            ValueError: ``mode`` is no bool.
        """
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self: M) -> M:
        """End the training: ``train(False)``."""
        return self.train(False)

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Let all parameters require a gradient, or none."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the ``.grad`` of all parameters; or, without ``set_to_none``, set it to zeros."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad = parameter.grad.detach().zero_()

    def apply(self: M, fn: Callable[[Module], Any]) -> M:
        """Call ``fn`` with every module below this one, and then with this."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def to(self: M, dtype: Dtype) -> M:
        """Convert parameters and buffers that are floating, in place.

        Raises:
            TypeError: ``dtype`` is not floating.
        """
        if not isinstance(dtype, Dtype) or not dtype.is_floating_point:
            raise TypeError(f"nn.Module.to only accepts floating point dtypes, but got desired dtype={dtype!r}")
        for module in self.modules():
            for parameter in module._parameters.values():
                if parameter is not None and parameter.dtype.is_floating_point:
                    grad, parameter.grad = parameter.grad, None
                    parameter.data = parameter.data.to(dtype)
                    parameter.grad = None if grad is None else grad.detach().to(dtype)
            for name, buffer in module._buffers.items():
                if buffer is not None and buffer.dtype.is_floating_point:
                    module._buffers[name] = buffer.to(dtype)
        return self

    def half(self: M) -> M:
        """Convert to float16."""
        return self.to(float16)

    def float(self: M) -> M:
        """Convert to float32."""
        return self.to(float32)

    def double(self: M) -> M:
        """Convert to float64."""
        return self.to(float64)

    def extra_repr(self) -> str:
        """What a subclass adds to the text of a module: its settings."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr().split("\n") if self.extra_repr() else []
        parts = [f"({name}): {indented(repr(module))}" for name, module in self._modules.items()]
        if not parts and len(extra) < 2:
            return f"{type(self).__name__}({''.join(extra)})"
        return f"{type(self).__name__}(\n  " + "\n  ".join([*extra, *parts]) + "\n)"


def mark(output: Any, module: Module, begin: int) -> None:
    """Say at the node of an output in which call of a module it was made, as all since ``begin``: for pictures, which fold it."""
    if isinstance(output, Variable):
        node = output._edge
        if not isinstance(node, Node):  # of a view, of one of several outputs
            node = output.grad_fn
        if node is not None and node._number > begin:
            node.__dict__["_calls"] = (*node.__dict__.get("_calls", ()), (ref(module), begin))
    elif isinstance(output, tuple | list):
        for each in output:
            mark(each, module, begin)
    elif isinstance(output, dict):
        for each in output.values():
            mark(each, module, begin)


def indented(text: str) -> str:
    """The lines after the first, two to the right."""
    return text.replace("\n", "\n  ")


def _kind(value: Any) -> str:
    return value.dtype.tensor_type if type(value) is Variable else type(value).__name__


def _listed(what: str, keys: list[str]) -> str:
    return f"{what} key(s) in state_dict: {', '.join(f'{chr(34)}{key}{chr(34)}' for key in keys)}." if keys else ""


def _misfit(key: str, own: Variable, value: Any) -> str:
    """Why a value cannot be copied into the module's own; empty where it can."""
    if not isinstance(value, Variable):
        return f'While copying the parameter named "{key}", expected a Variable from checkpoint but received {type(value)}'
    if value.array.shape == own.array.shape:
        return ""
    return (
        f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, the shape in current model is "
        f"{own.shape}."
    )


def _name_layer(error: Exception, module: Module) -> None:
    """Say in an error which layer it comes from: the innermost, by what it was made with."""
    if not hasattr(error, "_layer") and error.args and isinstance(error.args[0], str) and not module._modules:
        error._layer = module  # type: ignore[attr-defined]
        error.args = (f"{error.args[0]} (in the layer {module!r})", *error.args[1:])
