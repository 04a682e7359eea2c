"""What every optimiser has: groups of parameters with their settings, and a state for each parameter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from ..core.grad_mode import enable_grad
from ..core.variable import Variable

__all__ = ["Optimizer"]


class Optimizer:
    """Changes parameters by their ``.grad``. A subclass defines ``update(group)``.

    Args:
        params: Variables; or dicts, each a group with "params" and with settings of its own.
        defaults: the settings of groups that do not say otherwise.

    Raises:
        TypeError: ``params`` is one Variable alone, or holds something else.
        ValueError: there are none, one is no leaf, or one is in two groups.
    """

    param_groups: list[dict[str, Any]]
    state: defaultdict[Variable, dict[str, Any]]

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
        listed = list(params)
        if not listed:
            raise ValueError("optimizer got an empty parameter list")
        for group in listed if isinstance(listed[0], dict) else [{"params": listed}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Train more parameters: ``{"params": [...], "lr": 0.1}``.

        Raises:
            TypeError: it is no dict of Variables.
            ValueError: one is no leaf, or in a group already.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group).__name__}")
        params = param_group["params"]
        params = [params] if isinstance(params, Variable) else list(params)
        named = all(isinstance(each, tuple) and len(each) == 2 for each in params)
        names, params = zip(*params, strict=True) if named and params else ((), params)
        params = list(params)
        for each in params:
            if not isinstance(each, Variable):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(each).__name__}")
            if not each.is_leaf:
                raise ValueError(f"can't optimize a non-leaf Tensor: {each._described()} was made by {each.grad_fn}")
        taken = {id(each) for group in self.param_groups for each in group["params"]}
        if len({id(each) for each in params} - taken) < len(params):
            raise ValueError("some parameters appear in more than one parameter group, or twice in one")
        settings = {name: value for name, value in param_group.items() if name != "params"}
        given = {"param_names": list(names)} if names else {}  # of named_parameters()
        self.param_groups.append({"params": params, **self.defaults, **settings, **given})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the ``.grad`` of all parameters; or, without ``set_to_none``, set it to zeros."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none:
                    parameter.grad = None
                elif parameter.grad is not None:
                    parameter.grad = parameter.grad.detach().zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change the parameters once.

        Args:
            closure: where given, it is called first: it computes the loss, calls ``backward()``, and returns the loss.

        Returns:
            What ``closure`` returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            self.update(group)
        return loss

    def update(self, group: dict[str, Any]) -> None:
        """Change the parameters of a group by their gradients."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """The settings and the state, with numbers in place of the parameters."""
        parameters = [each for group in self.param_groups for each in group["params"]]
        numbers = {id(each): number for number, each in enumerate(parameters)}
        groups = [
            {name: value for name, value in group.items() if name != "params"}
            | {"params": [numbers[id(each)] for each in group["params"]]}
            for group in self.param_groups
        ]
        return {"state": {numbers[id(each)]: state for each, state in self.state.items()}, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over settings and state, for as many parameters in as many groups.

        Raises:
            ValueError: there are others.
        """
        groups = deepcopy(state_dict["param_groups"])
        if len(groups) != len(self.param_groups):
            raise ValueError(
                f"loaded state dict has a different number of parameter groups: {len(groups)}, and not {len(self.param_groups)}"
            )
        if any(len(old["params"]) != len(new["params"]) for old, new in zip(self.param_groups, groups, strict=True)):
            raise ValueError("loaded state dict contains a parameter group that doesn't match the size of optimizer's group")
        parameters: dict[int, Variable] = {}
        for old, new in zip(self.param_groups, groups, strict=True):
            parameters |= dict(zip(new["params"], old["params"], strict=True))
            old.update(new | {"params": old["params"]})
        self.state = defaultdict(dict)
        for number, state in state_dict["state"].items():
            parameter = parameters[number]
            self.state[parameter] = {name: _like(parameter, value) for name, value in state.items()}

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def _like(parameter: Variable, value: Any) -> Any:
    """What is loaded of a parameter's state: a copy, in the parameter's dtype."""
    if not isinstance(value, Variable):
        return deepcopy(value)
    return value.detach().clone().to(parameter.dtype)
