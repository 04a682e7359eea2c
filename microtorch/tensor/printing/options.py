"""How Variables are printed: the options, and how to set them."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

__all__ = ["OPTIONS", "Options", "get_printoptions", "printoptions", "set_printoptions"]

Rule = Callable[[Any], bool]

_PROFILES: dict[str, dict[str, Any]] = {
    "default": {},
    "short": {"precision": 2, "edgeitems": 2},
    "full": {"threshold": math.inf},
}


def _at_least(least: int, *kinds: type) -> Rule:
    def holds(value: Any) -> bool:
        return type(value) in kinds and value >= least  # a subclass would let True be a width

    return holds


_RULES: dict[str, tuple[Rule, str]] = {
    "precision": (_at_least(0, int), "a whole number, 0 or more"),
    "threshold": (_at_least(0, int, float), "a number, 0 or more, or math.inf"),
    "edgeitems": (_at_least(0, int), "a whole number, 0 or more"),
    "linewidth": (_at_least(1, int), "a whole number, 1 or more"),
    "sci_mode": (lambda value: value is None or isinstance(value, bool), "True, False, or None for automatic"),
    "style": (lambda value: value in ("variable", "tensor"), "'variable' (as in 2017) or 'tensor' (as today)"),
}


@dataclass
class Options:
    """How Variables are printed; the fields are described at `set_printoptions`."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None
    style: str = "variable"

    def __post_init__(self) -> None:
        for name, (holds, wanted) in _RULES.items():
            value = getattr(self, name)
            if not holds(value):
                raise ValueError(f"set_printoptions: {name} must be {wanted}, not {value!r}")


OPTIONS = Options()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
    style: str | None = None,
) -> None:
    """Set how Variables are printed, as ``torch.set_printoptions`` does; what is not given stays as it is.

    Args:
        precision: Digits after the point.
        threshold: The number of elements from which on (in today's style: above which) a Variable is shortened.
        edgeitems: Elements that a shortened Variable shows at either end of a dimension.
        linewidth: Characters a line; shortened matrices in the style of 2017 ignore it.
        profile: ``"default"``, ``"short"`` or ``"full"``: sets the four above, except where they are given.
        sci_mode: Scientific notation in today's style. As in PyTorch, not giving it leaves the choice to the values.
        style: ``"variable"``, the format of 2017, or ``"tensor"``, today's.

    Raises:
        ValueError: An option cannot have this value. Nothing was changed.

    >>> import microtorch
    >>> set_printoptions(precision=2, style="tensor")
    >>> microtorch.ones(2) / 3
    tensor([0.33, 0.33])
    >>> set_printoptions(profile="default", style="variable")
    """
    if profile not in (None, *_PROFILES):
        raise ValueError(f"set_printoptions: profile must be one of {list(_PROFILES)}, not {profile!r}")
    start = OPTIONS if profile is None else Options(style=OPTIONS.style, **_PROFILES[profile])
    given: dict[str, Any] = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
        "style": style,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    vars(OPTIONS).update(vars(replace(start, sci_mode=sci_mode, **changes)))


def get_printoptions() -> dict[str, Any]:
    """Return the options in force, as keyword arguments of `set_printoptions`.

    >>> get_printoptions()
    {'precision': 4, 'threshold': 1000, 'edgeitems': 3, 'linewidth': 80, 'sci_mode': None, 'style': 'variable'}
    """
    return asdict(OPTIONS)


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Set options for the length of a ``with`` block; they are those of `set_printoptions`.

    >>> with printoptions(style="tensor"):
    ...     get_printoptions()["style"]
    'tensor'
    """
    before = get_printoptions()
    set_printoptions(**options)
    try:
        yield
    finally:
        set_printoptions(**before)


def ends(size: int, edge: int) -> list[int]:
    """Return the indices that a shortened dimension keeps."""
    return [*range(edge), *range(size - edge, size)] if size > 2 * edge else list(range(size))
