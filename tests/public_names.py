"""The names that programs may use, one a line with its signature: ``python -m tests.public_names``.

Two states of the package offer the same, where the two lists are: ``diff <(…) <(…)``.
"""

import importlib
import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import microtorch

NAMESPACES = [
    "microtorch",
    "microtorch.accelerator",
    "microtorch.autograd",
    "microtorch.autograd.function",
    "microtorch.autograd.functional",
    "microtorch.autograd.gradcheck",
    "microtorch.autograd.graph",
    "microtorch.autograd.variable",
    "microtorch.cuda",
    "microtorch.linalg",
    "microtorch.nn",
    "microtorch.nn.functional",
    "microtorch.nn.init",
    "microtorch.nn.modules.module",
    "microtorch.nn.parameter",
    "microtorch.nn.utils",
    "microtorch.nn.utils.rnn",
    "microtorch.optim",
    "microtorch.optim.lr_scheduler",
    "microtorch.random",
    "microtorch.return_types",
    "microtorch.utils",
    "microtorch.utils.data",
    "microtorch.utils.data.dataloader",
    "microtorch.utils.data.dataset",
    "microtorch.utils.data.sampler",
    "microtorch.viz",
    "microtorch.widgets",
]


def names() -> Iterator[str]:
    for namespace in NAMESPACES:
        # gradcheck is a function's name, too, and hides its module
        module = importlib.import_module(namespace)
        for name in sorted(getattr(module, "__all__", None) or dir(module)):
            value = getattr(module, name)
            if name.startswith("_") or (isinstance(value, ModuleType) and value.__name__ not in NAMESPACES):
                continue
            yield f"{namespace}.{name}{shown(value)}"
            if inspect.isclass(value) and value.__module__.startswith("microtorch"):
                yield from (f"{namespace}.{name}.{member}" for member in members(value))


def functions() -> dict[str, Any]:
    """The functions of the package itself that programs call, by name: not those that IPython calls."""
    public = {name: each for name, each in vars(microtorch).items() if not name.startswith("_")}
    return {name: each for name, each in public.items() if inspect.isfunction(each) and "_ipython_" not in name}


def shown(value: Any) -> str:
    try:
        return re.sub(r" at 0x\w+", "", f"{inspect.signature(value)}") if callable(value) else f": {type(value).__name__}"
    except (TypeError, ValueError):
        return ": callable"


def members(cls: type) -> list[str]:
    """What one may do with an instance, operators included."""
    of_object = dir(object)
    return sorted(
        each
        for each in dir(cls)
        if (not each.startswith("_") or (each.startswith("__") and each not in of_object)) and not each.startswith("__static")
    )


if __name__ == "__main__":
    print("\n".join(names()))
