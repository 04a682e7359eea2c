"""What functions with several results return: named tuples, printed as PyTorch prints them."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

__all__ = [
    "aminmax", "cummax", "cummin", "kthvalue", "linalg_eigh", "linalg_lstsq", "linalg_qr", "linalg_slogdet", "linalg_svd", "max",
    "median", "min", "mode", "nanmedian", "qr", "slogdet", "sort", "svd", "topk",
]  # fmt: skip


def _printed(self: Any) -> str:
    fields = ",\n".join(f"{name}={value}" for name, value in zip(self._fields, self, strict=True))
    return f"microtorch.return_types.{type(self).__name__}(\n{fields})"


def _of(function: str, *fields: str) -> Any:
    """The type of the results of a function, whose name it bears."""
    described = f"What ``{function}`` returns: {' and '.join(fields)}."
    parts = {"__slots__": (), "__repr__": _printed, "__module__": __name__, "__doc__": described}
    return type(function, (namedtuple(function, fields),), parts)


max = _of("max", "values", "indices")
min = _of("min", "values", "indices")
median = _of("median", "values", "indices")
nanmedian = _of("nanmedian", "values", "indices")
mode = _of("mode", "values", "indices")
sort = _of("sort", "values", "indices")
topk = _of("topk", "values", "indices")
kthvalue = _of("kthvalue", "values", "indices")
cummax = _of("cummax", "values", "indices")
cummin = _of("cummin", "values", "indices")
aminmax = _of("aminmax", "min", "max")
linalg_eigh = _of("linalg_eigh", "eigenvalues", "eigenvectors")
linalg_lstsq = _of("linalg_lstsq", "solution", "residuals", "rank", "singular_values")
linalg_qr = _of("linalg_qr", "Q", "R")
linalg_slogdet = _of("linalg_slogdet", "sign", "logabsdet")
linalg_svd = _of("linalg_svd", "U", "S", "Vh")
qr = _of("qr", "Q", "R")
slogdet = _of("slogdet", "sign", "logabsdet")
svd = _of("svd", "U", "S", "V")
