"""Linear algebra: PyTorch's ``torch.linalg``."""

from .ops.contractions import multi_dot, vecdot
from .ops.distances import linalg_cross as cross
from .ops.products import matmul

__all__ = ["cross", "matmul", "multi_dot", "vecdot"]
