"""What to say of two Jacobians that should be equal: where they differ most, and why, where that can be recognised.

A mistake in a backward leaves a mark: a wrong factor makes one Jacobian a multiple of the other, a forgotten transpose
permutes its entries. Each mark is looked for in turn, and those that fit are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..arrays.dtypes import Array, dtype, float64

__all__ = ["Mismatch"]


@dataclass(frozen=True)
class Mismatch:
    """Two Jacobians of one output with respect to one input, in float64: a row an element of the output, a column of the input.

    Args:
        numerical: by central differences: (f(x + eps) − f(x − eps)) / 2 eps.
        analytical: by backward.
        bend: half the difference of the slopes on both sides of the point: (f(x + eps) − 2 f(x) + f(x − eps)) / 2 eps. Next
            to nothing where the function is smooth.
        others: the numerical Jacobians of the same output with respect to the other inputs, by the inputs' numbers.
        output_shape: of the output.
        input_shape: of the input.
        input_dtype: of the input.
        atol: the absolute tolerance.
        rtol: the tolerance relative to ``numerical``.
    """

    numerical: Array
    analytical: Array
    bend: Array
    others: Mapping[int, Array]
    output_shape: tuple[int, ...]
    input_shape: tuple[int, ...]
    input_dtype: dtype
    atol: float
    rtol: float

    def __bool__(self) -> bool:
        return not self._explained_by(self.numerical)

    def __str__(self) -> str:
        causes = "; or ".join(self._causes())
        return (
            f"numerical:{_text(self.numerical)}\nanalytical:{_text(self.analytical)}\n"
            f"(a row for each element of the output, of shape {self.output_shape}; "
            f"a column for each element of the input, of shape {self.input_shape})\n"
            f"{self._greatest_difference()}" + (f"\nLikely cause: {causes}." if causes else "")
        )

    def _greatest_difference(self) -> str:
        with np.errstate(invalid="ignore"):
            difference = np.nan_to_num(np.abs(self.analytical - self.numerical), nan=np.inf)
        row, column = np.unravel_index(difference.argmax(), difference.shape)
        return (
            f"They differ most at {_element('output', int(row), self.output_shape)}, "
            f"{_element('input', int(column), self.input_shape)}: "
            f"numerical {self.numerical[row, column]:.6g}, analytical {self.analytical[row, column]:.6g}."
        )

    def _explained_by(self, expected: Array) -> bool:
        return np.allclose(self.analytical, expected, self.rtol, self.atol)

    def _causes(self) -> Iterator[str]:
        if not np.isfinite(self.numerical).all():
            yield "func gives NaN or infinity at this point or near it"
        elif not np.isfinite(self.analytical).all():
            yield "backward makes NaN or infinity"
        elif self._has_a_kink():
            yield "func has a kink or a jump within eps of this point, where there is no derivative: check at another point"
        else:
            marks = [*self._factors(), *self._transposes(), *self._confusions(), *self._gaps()]
            if not marks and self.input_dtype is not float64:
                marks = [
                    f"the input is {self.input_dtype}, too coarse for a step of eps: use .double(), or a larger eps and atol"
                ]
            yield from marks

    def _has_a_kink(self) -> bool:
        """Whether what backward gives lies between the slopes on both sides, wherever it is not the central one."""
        if self.input_dtype is not float64:
            return False  # where rounding alone makes such a difference
        wrong = ~np.isclose(self.analytical, self.numerical, self.rtol, self.atol)
        away = np.abs(self.analytical - self.numerical)[wrong]
        return bool((away <= np.abs(self.bend)[wrong] * (1 + self.rtol) + self.atol).all())

    def _factors(self) -> Iterator[str]:
        numerical, analytical = self.numerical, self.analytical
        if not analytical.any():
            yield (
                "no gradient comes back: backward returns None or zeros for this input, or values were taken out of the graph "
                "(by detach(), .data, .numpy() or no_grad())"
            )
        elif np.allclose(numerical, 0, 0, self.atol):
            yield "func does not depend on this input, or not at this point"
        else:
            factor = float((analytical * numerical).sum() / (numerical * numerical).sum())
            told = np.count_nonzero(numerical) > 1 or _is_simple(factor)  # of one number, any is a multiple
            if told and factor and self._explained_by(factor * numerical):
                what = "the sign is wrong" if abs(factor + 1) < self.rtol else "a factor is missing, or one too many"
                yield f"{what}: analytical = {factor:.6g} × numerical"

    def _transposes(self) -> Iterator[str]:
        numerical, shape = self.numerical, self.output_shape + self.input_shape
        candidates = {}
        if len(numerical) == len(numerical.T):
            candidates["the Jacobian is transposed: backward multiplies by J where it must by Jᵀ"] = numerical.T
        if len(self.input_shape) > 1:
            candidates["the gradient is transposed"] = numerical.reshape(shape).swapaxes(-2, -1)
        if len(self.output_shape) > 1:
            last = len(self.output_shape) - 1
            candidates["the gradient of the output is used transposed"] = numerical.reshape(shape).swapaxes(last - 1, last)
        for cause, expected in candidates.items():
            if self._explained_by(expected.reshape(numerical.shape)):
                yield cause

    def _confusions(self) -> Iterator[str]:
        for number, numerical in self.others.items():
            if numerical.shape == self.analytical.shape and self.analytical.any() and self._explained_by(numerical):
                yield f"this is the gradient for input {number}: does backward return its gradients in the order of the inputs?"

    def _gaps(self) -> Iterator[str]:
        """Entries that are zero, where all the rest is right."""
        wrong = ~np.isclose(self.analytical, self.numerical, self.rtol, self.atol)
        if not self.analytical[wrong].any() and self.analytical.any():
            yield (
                f"a part of the gradient is missing: {wrong.sum()} of {wrong.size} entries are zero and the rest is right. An "
                "input that is used several times, as in broadcasting, gets the sum of the gradients of all its uses"
            )


def _is_simple(factor: float) -> bool:
    """Whether it is a whole number, or one divided by one."""
    return 1e-6 < abs(factor) < 1e6 and any(abs(each - round(each)) < 1e-4 * abs(each) for each in (factor, 1 / factor))


def _text(jacobian: Array) -> str:
    return np.array2string(jacobian, precision=6, suppress_small=True, threshold=200, max_line_width=120)


def _element(name: str, position: int, shape: tuple[int, ...]) -> str:
    index = np.unravel_index(position, shape) if shape else ()
    return f"{name}[{', '.join(str(int(i)) for i in index)}]" if shape else name
