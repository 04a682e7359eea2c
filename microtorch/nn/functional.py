"""The functions that networks are made of: activations, losses, layers. PyTorch's ``torch.nn.functional``."""

from ..ops.convolution import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from ..ops.elementwise import relu, sigmoid, tanh

__all__ = [
    "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "relu", "sigmoid", "tanh",
]  # fmt: skip
