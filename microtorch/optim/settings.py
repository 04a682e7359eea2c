"""What the settings of an optimiser may be; and those of torch's that change no number here."""

from __future__ import annotations

from ..core.variable import Variable

__all__ = ["learning_rate", "not_negative", "switches", "two_betas"]

_IN_WORDS = {"eps": "epsilon"}  # as torch says it


def not_negative(**settings: float) -> None:
    """Refuse negative numbers, and nan.

    Raises:
        ValueError: one is negative.
    """
    for name, value in settings.items():
        if not value >= 0:
            raise ValueError(f"Invalid {_IN_WORDS.get(name, name)} value: {value}: it must not be negative")


def learning_rate(lr: float | Variable) -> float:
    """The rate as a number.

    Raises:
        ValueError: it is negative, or a Variable of several elements.
    """
    if isinstance(lr, Variable) and lr.array.size != 1:
        raise ValueError(f"Tensor lr must be 1-element, and this one has {lr.array.size}")
    rate = as_number(lr)
    if not rate >= 0:
        raise ValueError(f"Invalid learning rate: {rate}: it must not be negative")
    return rate


def as_number(setting: float | Variable) -> float:
    """A setting that may be a Variable, as a number."""
    return float(setting.item()) if isinstance(setting, Variable) else setting


def two_betas(betas: tuple[float | Variable, float | Variable]) -> tuple[float, float]:
    """The weights of two averages, as numbers.

    Raises:
        ValueError: one is not from 0 to below 1.
    """
    first, second = map(as_number, betas)
    for index, beta in enumerate((first, second)):
        if not 0 <= beta < 1:
            raise ValueError(f"Invalid beta parameter at index {index}: {beta}: it must be from 0 to below 1")
    return first, second


def switches(**given: bool | None) -> dict[str, bool | None]:
    """How torch is to compute: settings that change no number. They are kept, since torch shows and saves them.

    Raises:
        NotImplementedError: ``differentiable=True``: steps are not recorded here.
        RuntimeError: ``capturable=True``, which torch refuses on the CPU, too; or ``fused`` and ``foreach`` are both True.
    """
    if given.get("differentiable"):
        raise NotImplementedError(
            "differentiable=True, a step that is itself recorded, is not here: compute the new values from the gradients of "
            "autograd.grad(loss, parameters, create_graph=True) instead"
        )
    if given.get("capturable"):
        raise RuntimeError("capturable=True is for the graphs of GPUs, and there is only the CPU: leave it out")
    if given.get("fused") and given.get("foreach"):
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    return given
