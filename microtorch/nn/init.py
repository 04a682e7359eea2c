"""First values of parameters: functions that fill a Variable in place, and record nothing."""

from __future__ import annotations

import math
from typing import Any, NoReturn

from ..attributes import no_attribute
from ..core.grad_mode import no_grad
from ..core.variable import Variable, array_of
from ..random import Generator

__all__ = [
    "calculate_gain", "constant_", "kaiming_normal_", "kaiming_uniform_", "normal_", "ones_", "uniform_", "xavier_normal_",
    "xavier_uniform_", "zeros_",
]  # fmt: skip

_GAINS = {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4, "linear": 1.0, "sigmoid": 1.0} | {
    f"{name}{dims}d": 1.0 for name in ("conv", "conv_transpose") for dims in (1, 2, 3)
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much weights before a nonlinearity are made larger, so that it keeps the spread of values.

    Args:
        nonlinearity: the name of its function.
        param: the slope of "leaky_relu" below 0; None for 0.01.

    Raises:
        ValueError: there is no such nonlinearity, or ``param`` is no number.

    >>> round(calculate_gain("relu"), 4), calculate_gain("selu")
    (1.4142, 0.75)
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in _GAINS:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}: there are leaky_relu, {', '.join(_GAINS)}")
    return _GAINS[nonlinearity]


def uniform_(tensor: Variable, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Variable:
    """Random numbers, uniform between ``a`` and ``b``."""
    return _filled(tensor, "uniform_", a, b, generator=generator)


def normal_(tensor: Variable, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Variable:
    """Random numbers from a normal distribution."""
    return _filled(tensor, "normal_", mean, std, generator=generator)


def constant_(tensor: Variable, val: float) -> Variable:
    """``val`` everywhere."""
    return _filled(tensor, "fill_", val)


def ones_(tensor: Variable) -> Variable:
    """1 everywhere."""
    return _filled(tensor, "fill_", 1)


def zeros_(tensor: Variable) -> Variable:
    """0 everywhere."""
    return _filled(tensor, "zero_")


def xavier_uniform_(tensor: Variable, gain: float = 1.0, generator: Generator | None = None) -> Variable:
    """Uniform, with the variance ``gain ** 2 * 2 / (fan_in + fan_out)``: as large on the way forth as on the way back.

    Raises:
        ValueError: there are fewer than two dimensions.
    """
    bound = math.sqrt(3) * _xavier(tensor, gain)
    return _filled(tensor, "uniform_", -bound, bound, generator=generator)


def xavier_normal_(tensor: Variable, gain: float = 1.0, generator: Generator | None = None) -> Variable:
    """Normal, with the variance of `xavier_uniform_`. Errors are the same."""
    return _filled(tensor, "normal_", 0.0, _xavier(tensor, gain), generator=generator)


def kaiming_uniform_(
    tensor: Variable,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Variable:
    """Uniform, with the variance ``gain ** 2 / fan``: the spread of values stays through layers with that nonlinearity.

    Args:
        tensor: of shape (fan_out, fan_in); or (channels out, channels in, kernel …).
        a: the slope of "leaky_relu" below 0.
        mode: "fan_in", for the way forth; "fan_out", for the way back.
        nonlinearity: what stands behind the layer, a name as in `calculate_gain`.
        generator: of the random numbers; None for the default.

    Raises:
        ValueError: there are fewer than two dimensions, or there is no such mode or nonlinearity.
    """
    bound = math.sqrt(3) * _kaiming(tensor, a, mode, nonlinearity)
    return _filled(tensor, "uniform_", -bound, bound, generator=generator)


def kaiming_normal_(
    tensor: Variable,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Variable:
    """Normal, with the variance of `kaiming_uniform_`. Arguments and errors are the same."""
    return _filled(tensor, "normal_", 0.0, _kaiming(tensor, a, mode, nonlinearity), generator=generator)


def fans(tensor: Variable) -> tuple[int, int]:
    """How many values go into each output of a layer with this weight, and how many outputs each value goes into.

    Raises:
        ValueError: there are fewer than two dimensions.
    """
    shape = array_of(tensor).shape
    if len(shape) < 2:
        raise ValueError(f"Fan in and fan out can not be computed for tensor with fewer than 2 dimensions: {tensor._described()}")
    places = math.prod(shape[2:])
    return shape[1] * places, shape[0] * places


def _xavier(tensor: Variable, gain: float) -> float:
    return gain * math.sqrt(2 / (sum(fans(tensor)) or math.inf))


def _kaiming(tensor: Variable, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    fan = fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan or math.inf)


def _filled(tensor: Variable, method: str, *args: Any, **kwargs: Any) -> Variable:
    array_of(tensor)
    with no_grad():
        result: Variable = getattr(tensor, method)(*args, **kwargs)
    return result


def __getattr__(name: str) -> NoReturn:
    raise no_attribute("nn.init", name)
