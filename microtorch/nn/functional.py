"""The functions that networks are made of: activations, losses, layers. PyTorch's ``torch.nn.functional``."""

from ..ops.elementwise import relu, sigmoid, tanh

__all__ = ["relu", "sigmoid", "tanh"]
