"""dtype objects and torch's type promotion, in one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np

__all__ = ["dtype", "get_default_dtype", "set_default_dtype"]

Array = np.ndarray[Any, np.dtype[Any]]


class dtype:  # noqa: N801 - torch's name
    """The type of a Variable's elements, as ``torch.dtype``; NumPy accepts it wherever it takes a dtype.

    >>> import microtorch
    >>> microtorch.float32
    microtorch.float32
    >>> microtorch.float32.is_floating_point, microtorch.int64.itemsize
    (True, 8)
    """

    def __init__(self, name: str, tensor_name: str) -> None:
        self.name = name
        self.dtype = np.dtype(name)  # NumPy reads this attribute: np.zeros(2, microtorch.float32) works
        self.tensor_type = f"microtorch.{tensor_name}"

    @property
    def is_floating_point(self) -> bool:
        """Whether a Variable of this dtype can require a gradient."""
        return self.dtype.kind == "f"

    @property
    def itemsize(self) -> int:
        """Bytes an element."""
        return self.dtype.itemsize

    @property
    def is_complex(self) -> bool:
        """False: there are real numbers only."""
        return self.dtype.kind == "c"

    @property
    def is_signed(self) -> bool:
        """Whether it has negative numbers."""
        return self.dtype.kind in "fi"

    def to_real(self) -> dtype:
        """This dtype: there are real numbers only."""
        return self

    def __repr__(self) -> str:
        return f"microtorch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return from_numpy_dtype, (self.dtype,)  # a copy is this very object: dtypes are compared by identity


float16 = dtype("float16", "HalfTensor")
float32 = dtype("float32", "FloatTensor")
float64 = dtype("float64", "DoubleTensor")
int8 = dtype("int8", "CharTensor")
int16 = dtype("int16", "ShortTensor")
int32 = dtype("int32", "IntTensor")
int64 = dtype("int64", "LongTensor")
uint8 = dtype("uint8", "ByteTensor")
bool_ = dtype("bool", "BoolTensor")

ALL: Final = (float16, float32, float64, int8, int16, int32, int64, uint8, bool_)
OWN: Final = {each.dtype.char: each.dtype for each in ALL}  # looked up in a quarter of the time of the dtypes themselves
FROM_NUMPY: Final = {each.dtype: each for each in ALL}
_FROM_PYTHON: Final[dict[Any, dtype]] = {float: float64, int: int64, bool: bool_}
_default = float32

FLOAT32: Final = float32.dtype  # NumPy's dtypes are singletons: the hot path compares them by `is`
FLOAT64: Final = float64.dtype
FLOAT16: Final = float16.dtype


def get_default_dtype() -> dtype:
    """The dtype that Python floats become, and that dividing integers gives: float32 unless it was set."""
    return _default


def set_default_dtype(new: dtype) -> None:
    """Make ``new``, a floating dtype, the default.

    Raises:
        TypeError: ``new`` is not a floating dtype.
    """
    global _default
    if not isinstance(new, dtype) or not new.is_floating_point:
        raise TypeError(f"only floating-point types are supported as the default type: float16, float32 or float64, not {new!r}")
    _default = new


def as_dtype(given: Any) -> dtype:
    """The dtype that an argument ``dtype=`` names: one of this package, or Python's float, int or bool.

    Raises:
        TypeError: it names none.
    """
    if given.__class__ is dtype:
        return given
    try:
        return _FROM_PYTHON[given]
    except (KeyError, TypeError):
        raise TypeError(f"dtype must be a dtype, such as microtorch.float64, not {given!r}"[:200]) from None


def dtype_of_type(name: Any) -> dtype:
    """The dtype of a type of 2017: of its name, with or without torch's own module, of its constructor; or a dtype itself.

    Raises:
        ValueError: there is no such type.
        TypeError: it is something else.
    """
    if isinstance(name, str):
        module, _, kind = name.rpartition(".")
        kinds = {each.tensor_type.rpartition(".")[2]: each for each in ALL} | {"Tensor": get_default_dtype()}
        if kind not in kinds or module not in {"torch", "microtorch"}:
            raise ValueError(f"invalid type: {name!r}; such are 'microtorch.FloatTensor' and 'microtorch.LongTensor'")
        return kinds[kind]
    if isinstance(name, dtype):
        return name
    found_dtype = getattr(name, "dtype", name)  # of FloatTensor; of Tensor, None: the default one
    if not isinstance(name, type) or not isinstance(found_dtype, dtype | None):
        raise TypeError(f"dtype must be a type, str, or dtype object, such as microtorch.LongTensor, not {name!r}"[:200])
    return found_dtype or get_default_dtype()


def from_numpy_dtype(numpy_dtype: np.dtype[Any]) -> dtype:
    """The dtype object that stands for a NumPy dtype.

    Raises:
        TypeError: there is no tensor of that dtype (object, string, complex, unsigned beyond uint8 …).
    """
    try:
        return FROM_NUMPY[numpy_dtype]
    except KeyError:
        names = ", ".join(each.name for each in ALL)
        raise TypeError(f"no tensor holds NumPy's {numpy_dtype}; the dtypes are {names}") from None


def in_own_dtype(array: Array) -> Array:
    """The array, on the same memory, with the dtype object of which there is one: what comes from a pickle has an equal one.

    Raises:
        TypeError: no tensor has its dtype.
    """
    own = from_numpy_dtype(array.dtype).dtype
    return array if array.dtype is own else array.view(own)


def category(numpy_dtype: np.dtype[Any]) -> int:
    """0 for bool, 1 for integers, 2 for floats: torch promotes within the highest category only."""
    return {"b": 0, "i": 1, "u": 1, "f": 2}[numpy_dtype.kind]


def scalar_dtype(scalar: Any) -> np.dtype[Any]:
    if isinstance(scalar, bool):
        return bool_.dtype
    return int64.dtype if isinstance(scalar, int) else _default.dtype


def promoted(given: Iterable[np.dtype[Any]]) -> np.dtype[Any]:
    """The dtype that holds what several hold: of the highest category among them, and wide enough for those of that category."""
    among = list(given)
    if len(among) == 1:
        return among[0]
    highest = max(map(category, among))
    # Within one category NumPy agrees with torch: int8 with uint8 is int16 in both.
    return np.result_type(*[each for each in among if category(each) == highest])


def result_dtype(*values: Any) -> np.dtype[Any]:
    """The NumPy dtype in which torch computes with these arrays and Python scalars.

    Arrays with dimensions come first, 0-dim arrays second, Python scalars last; a later group counts only where it is of a
    higher category (bool < integer < float). So a 0-dim or Python number never widens an array of its own kind.
    Source: the "type promotion" section of torch.Tensor's attributes documentation.

    >>> import numpy as np
    >>> result_dtype(np.ones(2, np.int64), np.ones(2, np.float32))
    dtype('float32')
    >>> result_dtype(np.ones(2, np.float32), np.ones((), np.float64)), result_dtype(np.ones(2, np.int64), 0.5)
    (dtype('float32'), dtype('float32'))
    """
    arrays = [value.dtype for value in values if isinstance(value, np.ndarray) and value.ndim]
    zero_dim = [value.dtype for value in values if isinstance(value, np.ndarray) and not value.ndim]
    scalars = [scalar_dtype(value) for value in values if not isinstance(value, np.ndarray)]
    result: np.dtype[Any] | None = None
    for group in (arrays, zero_dim, scalars):
        if not group:
            continue
        if result is None or max(map(category, group)) > category(result):
            result = promoted(group)
    assert result is not None, "result_dtype needs at least one value"
    return result


def promote(x: Any, y: Any, *, floating: bool = False) -> tuple[Any, Any]:
    """Bring two operands to the dtype torch computes in; Python scalars stay scalars where NumPy then agrees.

    Args:
        x: an array or a Python scalar.
        y: the other operand.
        floating: true for operations whose result is never an integer, as division.
    """
    target = result_dtype(x, y)
    if floating and target.kind != "f":
        target = _default.dtype
    if not isinstance(x, np.ndarray) and not isinstance(y, np.ndarray):
        x = np.asarray(x)  # of two numbers, NumPy would make its own default dtype
    return _cast(x, target), _cast(y, target)


def _cast(value: Any, target: np.dtype[Any]) -> Any:
    if isinstance(value, np.ndarray):
        return value if value.dtype is target else value.astype(target)
    return value if target.kind == "f" else np.asarray(value).astype(target)[()]  # which wraps around, as in torch


def to_floating(x: Array) -> Array:
    """``x``, or its values in the default dtype where they are integers or bools."""
    return x if x.dtype.kind == "f" else x.astype(_default.dtype)
