"""What does a node remember for those who look at it, and not for backward? What stood where no gradient goes, and constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import ref

import numpy as np

__all__ = ["of_others", "shown", "untracked"]

_NUMBERS = (int, float, np.generic)  # made once: `int | float` would be, for each operation


def untracked(value: Any) -> Any:
    """What a node remembers of an input without a gradient: numbers as they were given; data weakly, to keep none alive."""
    if isinstance(value, _NUMBERS):
        return value
    try:
        return ref(value)
    except TypeError:  # of a list or a tuple there is none
        return None


def of_others(others: Sequence[int], given: Sequence[Any]) -> Any:
    """What a node remembers of those of the given that have no edge; of one alone no tuple."""
    return untracked(given[others[0]]) if len(others) == 1 else tuple([untracked(given[i]) for i in others])


def shown(*names: str, **defaults: Any) -> dict[str, Any]:
    """Declare the `Primitive.constants` of an operation: what else decides its result, by torch's names.

    Args:
        names: attributes of its nodes, or properties, that a picture always shows.
        defaults: those that it shows where they are not so.

    >>> shown("exponent"), shown(dim=None)
    ({'exponent': Ellipsis}, {'dim': None})
    """
    return dict.fromkeys(names, ...) | defaults
