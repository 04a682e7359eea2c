"""What every optimiser has: groups of parameters with their settings, a state for each parameter, hooks."""

from __future__ import annotations

import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from functools import wraps
from itertools import chain
from typing import Any

import numpy as np

from ..arrays.dtypes import Array, get_default_dtype
from ..core.grad_mode import enable_grad
from ..core.hook_lists import RemovableHandle
from ..core.hooks import retains_grad
from ..core.variable import Variable, wrap
from ..core.versions import count

__all__ = ["Optimizer", "register_optimizer_step_post_hook", "register_optimizer_step_pre_hook", "required"]

required = object()  # the default of a setting that each group has to give itself

Hooks = OrderedDict[int, Callable[..., Any]]

_of_all: defaultdict[str, Hooks] = defaultdict(OrderedDict)  # the hooks around every optimiser's step, by kind


def register_optimizer_step_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Let ``hook(optimizer, args, kwargs)`` be called before each step of every optimiser."""
    return RemovableHandle(_of_all["step_pre"], hook)


def register_optimizer_step_post_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Let ``hook(optimizer, args, kwargs)`` be called after each step of every optimiser."""
    return RemovableHandle(_of_all["step_post"], hook)


def _with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """A ``step`` with the hooks around it. It notes that it was called: learning rate schedulers ask for it."""

    @wraps(step)
    def hooked(*args: Any, **kwargs: Any) -> Any:
        self: Optimizer = args[0]  # among the arguments that a hook sees and may replace, as in torch
        for hook in chain(_of_all["step_pre"].values(), self._hooks["step_pre"].values()):
            replaced = hook(self, args, kwargs)
            if replaced is not None:
                if not isinstance(replaced, tuple) or len(replaced) != 2:
                    raise RuntimeError(f"{hook} must return None or a tuple of (new_args, new_kwargs), but got {replaced}.")
                args, kwargs = replaced
        result = step(*args, **kwargs)
        self._opt_called = True
        for hook in chain(self._hooks["step_post"].values(), _of_all["step_post"].values()):
            hook(self, args, kwargs)
        return result

    return hooked


class Optimizer:
    """Changes parameters by their ``.grad``. A subclass defines ``begin`` and ``move``, or ``step`` itself, as in PyTorch.

    Args:
        params: Variables; pairs of a name and a Variable; or dicts, each a group with "params" and with settings of its own.
        defaults: the settings of groups that do not say otherwise.

    Raises:
        TypeError: ``params`` is one Variable alone, or holds something else.
        ValueError: there are none, one is no leaf, or one is in two groups.

    >>> import microtorch
    >>> class SignDescent(Optimizer):
    ...     def move(self, values, gradient, state, lr, group):
    ...         values -= lr * np.sign(gradient)
    >>> x = microtorch.tensor(3.0, requires_grad=True)
    >>> optimizer = SignDescent([x], {"lr": 0.5})
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> x.item()
    2.5
    """

    param_groups: list[dict[str, Any]]
    state: defaultdict[Variable, dict[str, Any]]
    _opt_called = False

    def __init_subclass__(cls) -> None:
        if "step" in vars(cls):
            cls.step = _with_hooks(cls.step)  # type: ignore[method-assign]

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Variable):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"{params.dtype.tensor_type}: give it in a list"
            )
        if callable(getattr(params, "parameters", None)) or getattr(params, "__name__", "") == "parameters":
            what = "a module" if hasattr(params, "parameters") else "its method parameters itself"
            raise TypeError(f"{type(self).__name__}() takes the parameters of a module, not {what}: write .parameters()")
        self.defaults, self.state, self.param_groups = defaults, defaultdict(dict), []
        self._hooks: defaultdict[str, Hooks] = defaultdict(OrderedDict)
        listed = list(params)
        if not listed:
            raise ValueError("optimizer got an empty parameter list")
        for group in listed if isinstance(listed[0], dict) else [{"params": listed}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Train more parameters: ``{"params": [...], "lr": 0.1}``.

        Raises:
            TypeError: it is no dict of Variables, or they are in a set, which has no order.
            ValueError: one is no leaf, or in a group already; a setting is missing; some have names, and others none.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        names, params = _names_and_parameters(param_group["params"])
        for each in params:
            if not (each.is_leaf or retains_grad(each)):
                raise ValueError(f"can't optimize a non-leaf Tensor: {each._described()} was made by {each.grad_fn}")
        group = {"params": params, **self.defaults}
        group |= {name: value for name, value in param_group.items() if name != "params"}
        group |= {"param_names": names} if names else {}
        for name, value in group.items():
            if value is required:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
        self._refuse_twice(params)
        if any(("param_names" in group) != ("param_names" in other) for other in self.param_groups):
            which = "with names" if names else "without names"
            raise ValueError(
                "all optimizer param groups should be with/without names. "
                f"cannot add param group {which} to the optimizer"
            )  # fmt: skip
        self.param_groups.append(group)

    def _refuse_twice(self, params: list[Variable]) -> None:
        """Refuse what is in a group already; what stands twice in the new one gets a warning."""
        new = {id(each) for each in params}
        if new & {id(each) for group in self.param_groups for each in group["params"]}:
            raise ValueError("some parameters appear in more than one parameter group")
        if len(new) < len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters: each step changes them more than once",
                stacklevel=2,
            )

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the ``.grad`` of all parameters; or, without ``set_to_none``, set it to zeros."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none:
                    parameter.grad = None
                elif parameter.grad is not None:
                    parameter.grad.detach_().zero_()

    @_with_hooks
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change the parameters once; those without a ``.grad`` stay as they are.

        Args:
            closure: where given, it is called first: it computes the loss, calls ``backward()``, and returns the loss.

        Returns:
            What ``closure`` returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with np.errstate(all="ignore"):  # inf and nan go where they go in torch: into the parameters
            for group in self.param_groups:
                self._update(group)
        return loss

    def _update(self, group: dict[str, Any]) -> None:
        """Change the parameters of a group: here is what all methods share, ``move`` is what makes them different."""
        learning = [each for each in group["params"] if each.grad is not None]
        count(*learning, operation=f"{type(self).__name__}.step")
        lr, decay = float(group["lr"]), float(group.get("weight_decay", 0))
        for parameter in learning:
            values, gradient = parameter.array, parameter.grad.array
            if group.get("maximize"):
                gradient = -gradient
            if decay and group.get("decoupled_weight_decay"):
                values *= 1 - lr * decay
            elif decay:
                gradient = gradient + decay * values
            self.move(values, gradient, self.state.get(parameter) or self._begun(parameter, group), lr, group)

    def _begun(self, parameter: Variable, group: dict[str, Any]) -> dict[str, Any]:
        """The first state of a parameter, which is kept if there is any."""
        state = self.begin(parameter, group)
        if state:
            self.state[parameter] = state
        return state

    def begin(self, parameter: Variable, group: dict[str, Any]) -> dict[str, Any]:
        """What a parameter's state is before its first step, by torch's names: Variables."""
        return {}

    def move(self, values: Array, gradient: Array, state: dict[str, Any], lr: float, group: dict[str, Any]) -> None:
        """Change the values of one parameter, in place.

        Args:
            values: the parameter's, of any shape.
            gradient: its gradient, of the same shape, with ``maximize`` and ``weight_decay`` in it; not to be changed.
            state: what ``begin`` made, and earlier steps have changed.
            lr: the learning rate.
            group: the other settings.
        """
        raise NotImplementedError(f"{type(self).__name__} must define move(), or step() itself")

    def state_dict(self) -> dict[str, Any]:
        """The settings and the state, with numbers in place of the parameters. Its Variables are those of the optimiser."""
        for hook in self._hooks["state_dict_pre"].values():
            hook(self)
        parameters = [each for group in self.param_groups for each in group["params"]]
        numbers = {id(each): number for number, each in reversed([*enumerate(parameters)])}
        groups = [
            {name: value for name, value in group.items() if name != "params"}
            | {"params": [numbers[id(each)] for each in group["params"]]}
            for group in self.param_groups
        ]
        state = {"state": {numbers.get(id(each), each): one for each, one in self.state.items()}, "param_groups": groups}
        for hook in self._hooks["state_dict_post"].values():
            replaced = hook(self, state)
            state = state if replaced is None else replaced
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over copies of settings and state, for as many parameters in as many groups.

        Raises:
            ValueError: there are others.
        """
        state_dict = dict(state_dict)
        for hook in self._hooks["load_state_dict_pre"].values():
            replaced = hook(self, state_dict)
            state_dict = state_dict if replaced is None else replaced
        groups = deepcopy(state_dict["param_groups"])
        if len(groups) != len(self.param_groups):
            raise ValueError(
                f"loaded state dict has a different number of parameter groups: {len(groups)}, and not {len(self.param_groups)}"
            )
        pairs = [*zip(self.param_groups, groups, strict=True)]
        if any(len(old["params"]) != len(new["params"]) for old, new in pairs):
            raise ValueError("loaded state dict contains a parameter group that doesn't match the size of optimizer's group")
        parameters = {
            number: each for old, new in pairs for number, each in zip(new["params"], old["params"], strict=True)
        }  # fmt: skip
        state = {
            parameters.get(number, number): _like(parameters[number], one) if number in parameters else deepcopy(one)
            for number, one in state_dict["state"].items()
        }
        self.state = defaultdict(dict, state)
        for old, new in pairs:
            old.update(new | {"params": old["params"]})
        for hook in self._hooks["load_state_dict_post"].values():
            hook(self)

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Let ``hook(optimizer, args, kwargs)`` be called before each step; it may return other ``(args, kwargs)``."""
        return self._hooked("step_pre", hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Let ``hook(optimizer, args, kwargs)`` be called after each step."""
        return self._hooked("step_post", hook)

    def register_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Let ``hook(optimizer)`` be called before ``state_dict()`` looks."""
        return self._hooked("state_dict_pre", hook, prepend)

    def register_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Let ``hook(optimizer, state_dict)`` be called with what was made; it may return another."""
        return self._hooked("state_dict_post", hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Let ``hook(optimizer, state_dict)`` be called before loading; it may return another to load."""
        return self._hooked("load_state_dict_pre", hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Let ``hook(optimizer)`` be called after loading."""
        return self._hooked("load_state_dict_post", hook, prepend)

    def _hooked(self, kind: str, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        handle = RemovableHandle(self._hooks[kind], hook)
        self._hooks[kind].move_to_end(handle.id, last=not prepend)
        return handle

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def _names_and_parameters(given: Any) -> tuple[list[str], list[Variable]]:
    """The parameters of a group, in a list; and their names, if they came in pairs, as from ``named_parameters()``."""
    if isinstance(given, set):
        raise TypeError(
            "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
            "will change between runs. Please use a list instead."
        )
    listed = [given] if isinstance(given, Variable) else list(given)
    named = [each for each in listed if isinstance(each, tuple) and len(each) == 2]
    if named and len(named) < len(listed):
        raise ValueError("all optimizer params should be with/without names. Some param names are missing")
    params = [each for _, each in named] or listed
    for each in params:
        if not isinstance(each, Variable):
            raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(each).__name__}")
    return [name for name, _ in named], params


def _like(parameter: Variable, value: Any, name: str = "") -> Any:
    """What is loaded of a parameter's state: copies, in the parameter's dtype, but for the number of steps."""
    if isinstance(value, dict):
        return {key: _like(parameter, each, key) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_like(parameter, each) for each in value)
    if name == "step":  # a number, in files of older versions
        return number(float(value))
    if isinstance(value, Variable):
        return value.detach().clone().to(parameter.dtype if parameter.is_floating_point() else value.dtype)
    return deepcopy(value)


def zeros_like(parameter: Variable) -> Variable:
    """Zeros of a parameter's shape and dtype, for its state."""
    return wrap(np.zeros_like(parameter.array))


def number(value: float) -> Variable:
    """A 0-dim Variable for a state, of the default dtype: how many steps there were, for instance."""
    return wrap(np.array(value, np.float64 if get_default_dtype().itemsize == 8 else np.float32))


def counted(state: dict[str, Any]) -> float:
    """Count one more step of a parameter: which one it is, 1.0 for the first."""
    step = state["step"].array
    step += 1
    return float(step)
