"""Linear algebra: PyTorch's ``torch.linalg``."""

from .ops.contractions import multi_dot, vecdot
from .ops.decompositions import eigh, eigvalsh, svdvals
from .ops.decompositions import linalg_cholesky as cholesky
from .ops.decompositions import linalg_qr as qr
from .ops.decompositions import linalg_svd as svd
from .ops.determinants import linalg_det as det
from .ops.determinants import linalg_slogdet as slogdet
from .ops.distances import linalg_cross as cross
from .ops.matrices import LinAlgError
from .ops.matrix_norms import matrix_norm, norm
from .ops.norms import vector_norm
from .ops.products import matmul
from .ops.pseudoinverse import lstsq, matrix_rank, pinv
from .ops.solving import inv, matrix_power, solve, solve_triangular

__all__ = [
    "LinAlgError", "cholesky", "cross", "det", "eigh", "eigvalsh", "inv", "lstsq", "matmul", "matrix_norm", "matrix_power",
    "matrix_rank", "multi_dot", "norm", "pinv", "qr", "slogdet", "solve", "solve_triangular", "svd", "svdvals", "vecdot",
    "vector_norm",
]  # fmt: skip
