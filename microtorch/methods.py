"""The binding table: which operation is which operator, method and in-place form of a `Variable`, and which NumPy function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from .function import is_variable
from .grad_mode import mode
from .ops import arithmetic, elementwise, indexing, linalg, reduction, shaping

if TYPE_CHECKING:
    from .variable import Variable


def _in_place(name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
    """``x.name(...)``: compute ``operation(x, ...)`` and write the values into the memory of ``x``."""

    def change(self: Variable, *args: Any, **kwargs: Any) -> Variable:
        if mode.enabled and any(is_variable(each) and each.requires_grad for each in (self, *args)):
            raise RuntimeError(_not_recorded(name, self))
        values = operation(self.detach(), *args, **kwargs).array
        if values.shape != self.array.shape:
            raise RuntimeError(f"{name}: a result of shape {values.shape} does not fit into {self._described()}")
        if not np.can_cast(values.dtype, self.array.dtype, "same_kind"):
            raise RuntimeError(f"{name}: result type {values.dtype} can't be cast to the desired output type {self.array.dtype}")
        self.array[...] = values
        return self

    change.__name__ = change.__qualname__ = name
    change.__doc__ = (
        f"``{name.strip('_')}`` in place: the values change, the Variable stays. Refused where it would have to be recorded."
    )
    return change


def _augmented(in_place: Callable[..., Any], operation: Callable[..., Any]) -> Callable[..., Any]:
    """``x += y``: in place; but a new Variable, under the same name, where the change would have to be recorded."""

    def assign(self: Variable, other: Any) -> Any:
        leaf = self.requires_grad and self.is_leaf
        recorded = mode.enabled and (self.requires_grad or (is_variable(other) and other.requires_grad))
        return operation(self, other) if recorded and not leaf else in_place(self, other)

    return assign


def _not_recorded(name: str, variable: Variable) -> str:
    if variable.requires_grad and variable.is_leaf:
        reason = f"a leaf Variable that requires grad is being used in an in-place operation: {variable._described()}, in {name}"
    else:
        reason = f"{name}: in-place operations are not recorded, and {variable._described()} or an operand requires a gradient"
    return f"{reason}. Change the values under microtorch.no_grad() or through .data, or compute a new Variable"


def _set_item(self: Variable, key: Any, value: Any) -> None:
    """``x[key] = value``: write into the memory of ``x``. Refused where it would have to be recorded."""
    if mode.enabled and (self.requires_grad or (is_variable(value) and value.requires_grad)):
        raise RuntimeError(_not_recorded("__setitem__", self))
    self.array[indexing.numpy_key(key)] = value.array if is_variable(value) else value


class Methods:
    """The operators and methods of `Variable`, grouped by the module that has the operation."""

    __slots__ = ()

    # arithmetic
    add = arithmetic.add
    sub = arithmetic.sub
    mul = __mul__ = __rmul__ = arithmetic.mul
    div = __truediv__ = arithmetic.div
    __add__ = __radd__ = arithmetic.Add.apply
    __sub__ = arithmetic.Sub.apply
    __rsub__ = arithmetic.rsub
    __rtruediv__ = arithmetic.rtruediv
    pow = __pow__ = arithmetic.pow
    __rpow__ = arithmetic.rpow
    neg = __neg__ = arithmetic.neg
    reciprocal = arithmetic.reciprocal

    add_ = _in_place("add_", arithmetic.add)
    __iadd__ = _augmented(add_, arithmetic.add)
    sub_ = _in_place("sub_", arithmetic.sub)
    __isub__ = _augmented(sub_, arithmetic.sub)
    mul_ = _in_place("mul_", arithmetic.mul)
    __imul__ = _augmented(mul_, arithmetic.mul)
    div_ = _in_place("div_", arithmetic.div)
    __itruediv__ = _augmented(div_, arithmetic.div)
    copy_ = _in_place("copy_", elementwise.overwritten)
    fill_ = _in_place("fill_", elementwise.overwritten)
    zero_ = _in_place("zero_", lambda x: elementwise.overwritten(x, 0))

    # elementwise
    exp = elementwise.exp
    log = elementwise.log
    tanh = elementwise.tanh
    sigmoid = elementwise.sigmoid
    relu = elementwise.relu
    to = elementwise.to
    eq = elementwise.eq
    ne = elementwise.ne
    lt = __lt__ = elementwise.lt
    le = __le__ = elementwise.le
    gt = __gt__ = elementwise.gt
    ge = __ge__ = elementwise.ge
    __eq__ = elementwise.eq  # type: ignore[assignment] # element by element, where Python expects a bool
    __ne__ = elementwise.ne  # type: ignore[assignment]
    __hash__ = object.__hash__  # which __eq__ would take away: as a key, a Variable stands for itself
    __and__ = elementwise.logical_and

    # reduction
    sum = reduction.sum
    mean = reduction.mean

    # shaping
    clone = shaping.clone
    expand = shaping.expand
    permute = shaping.permute
    reshape = shaping.reshape
    squeeze = shaping.squeeze
    t = shaping.t
    transpose = swapaxes = shaping.transpose
    unsqueeze = shaping.unsqueeze
    view = shaping.view
    T = property(shaping.reversed_dims)
    mT = property(shaping.matrix_transpose)

    # indexing
    __getitem__ = indexing.getitem
    __setitem__ = _set_item

    # linalg
    matmul = __matmul__ = linalg.matmul
    mm = linalg.mm
    mv = linalg.mv
    bmm = linalg.bmm
    dot = linalg.dot

    # What NumPy's functions do when a Variable is among their arguments: the same, and it is recorded.
    numpy_functions: ClassVar[dict[Callable[..., Any], Callable[..., Any]]] = {
        np.add: arithmetic.add,
        np.subtract: lambda x, y: arithmetic.sub(x, y) if is_variable(x) else arithmetic.rsub(y, x),
        np.multiply: arithmetic.mul,
        np.true_divide: arithmetic.div,
        np.power: arithmetic.pow,
        np.negative: arithmetic.neg,
        np.reciprocal: arithmetic.reciprocal,
        np.exp: elementwise.exp,
        np.log: elementwise.log,
        np.tanh: elementwise.tanh,
        np.matmul: linalg.matmul,
        np.equal: elementwise.eq,
        np.not_equal: elementwise.ne,
        np.less: elementwise.lt,
        np.less_equal: elementwise.le,
        np.greater: elementwise.gt,
        np.greater_equal: elementwise.ge,
        np.where: elementwise.where,
        np.sum: reduction.sum,
        np.mean: reduction.mean,
        np.reshape: shaping.reshape,
        np.expand_dims: shaping.unsqueeze,
        np.swapaxes: shaping.transpose,
        np.dot: linalg.matmul,
    }

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        function = self.numpy_functions.get(ufunc)
        if function is None or method != "__call__" or kwargs:
            call = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
            raise _unsupported(call, kwargs)
        return function(*inputs)

    def __array_function__(self, numpy_function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        function = self.numpy_functions.get(numpy_function)
        if function is None:
            raise _unsupported(f"np.{numpy_function.__name__}", {})
        return function(*args, **kwargs)


def _unsupported(call: str, kwargs: dict[str, Any]) -> TypeError:
    with_what = f" with {', '.join(kwargs)}" if kwargs else ""
    return TypeError(
        f"{call}{with_what} cannot be recorded on a Variable; use one of its methods, or compute on x.detach().numpy(), "
        "outside of the graph"
    )
