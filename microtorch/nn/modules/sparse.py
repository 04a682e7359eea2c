"""A table of vectors that are trained, looked up by number."""

from __future__ import annotations

from typing import Any

from ...core.grad_mode import no_grad
from ...core.variable import Variable
from ...tensor import creation
from .. import functional, init
from ..parameter import Parameter
from .module import Module

__all__ = ["Embedding"]


class Embedding(Module):
    """A vector for each number from 0 to ``num_embeddings - 1``.

    Args:
        num_embeddings: how many there are.
        embedding_dim: the length of each.
        padding_idx: one that begins at 0 and gets no gradient.
        max_norm: where given, vectors that are looked up and longer are shortened to it, in place.
        norm_type: the p of that norm.
        scale_grad_by_freq: divide the gradient of each by how often it was looked up.
        sparse: refused by ``forward``, since here all gradients are dense.
        device: the CPU.
        dtype: of the table.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(f"padding_idx must be within num_embeddings: {padding_idx}, where there are {num_embeddings}")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        self.weight = Parameter(creation.empty(num_embeddings, embedding_dim, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Begin anew: standard normal, and 0 for ``padding_idx``."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx].fill_(0)

    def forward(self, input: Variable) -> Variable:
        """As `nn.functional.embedding`."""
        return functional.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        )

    def extra_repr(self) -> str:
        """Its settings: those that are not the default."""
        defaults = {"padding_idx": None, "max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False, "sparse": False}
        given = (f", {name}={getattr(self, name)}" for name, default in defaults.items() if getattr(self, name) != default)
        return f"{self.num_embeddings}, {self.embedding_dim}{''.join(given)}"
