"""Networks: ``nn.functional`` has the functions, as in PyTorch."""

from . import functional
