"""Linear algebra: PyTorch's ``torch.linalg``."""

from typing import NoReturn

from .attributes import no_attribute
from .ops.linalg.contractions import multi_dot, vecdot
from .ops.linalg.decompositions import eigh, eigvalsh, svdvals
from .ops.linalg.decompositions import linalg_cholesky as cholesky
from .ops.linalg.decompositions import linalg_qr as qr
from .ops.linalg.decompositions import linalg_svd as svd
from .ops.linalg.determinants import linalg_det as det
from .ops.linalg.determinants import linalg_slogdet as slogdet
from .ops.linalg.distances import linalg_cross as cross
from .ops.linalg.matrices import LinAlgError
from .ops.linalg.matrix_norms import matrix_norm, norm
from .ops.linalg.products import matmul
from .ops.linalg.pseudoinverse import lstsq, matrix_rank, pinv
from .ops.linalg.solving import inv, matrix_power, solve, solve_triangular
from .ops.reduction.norms import vector_norm

__all__ = [
    "LinAlgError", "cholesky", "cross", "det", "eigh", "eigvalsh", "inv", "lstsq", "matmul", "matrix_norm", "matrix_power",
    "matrix_rank", "multi_dot", "norm", "pinv", "qr", "slogdet", "solve", "solve_triangular", "svd", "svdvals", "vecdot",
    "vector_norm",
]  # fmt: skip


def __getattr__(name: str) -> NoReturn:
    raise no_attribute("linalg", name)
