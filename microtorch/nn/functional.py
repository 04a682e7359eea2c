"""The functions that networks are made of: activations, losses, layers. PyTorch's ``torch.nn.functional``."""

from ..ops.activation import (
    celu,
    elu,
    gelu,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    logsigmoid,
    mish,
    prelu,
    relu6,
    selu,
    silu,
    softplus,
    softshrink,
    softsign,
    tanhshrink,
    threshold,
)
from ..ops.elementwise import relu, sigmoid, tanh
from ..ops.probabilities import log_softmax, softmax, softmin
