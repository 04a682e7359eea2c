"""The module where `Variable` stood in 2017: ``from torch.autograd.variable import Variable``."""

from ..core.variable import Variable

__all__ = ["Variable"]
