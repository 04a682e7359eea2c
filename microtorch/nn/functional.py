"""The functions that networks are made of: activations, losses, layers. PyTorch's ``torch.nn.functional``."""

from ..ops.attention import scaled_dot_product_attention
from ..ops.batch_norm import batch_norm, instance_norm
from ..ops.dropout import alpha_dropout, dropout, dropout1d, dropout2d, dropout3d, feature_alpha_dropout
from ..ops.elementwise import relu, sigmoid, tanh
from ..ops.embedding import embedding, one_hot
from ..ops.linear import bilinear, linear
from ..ops.normalization import group_norm, layer_norm, normalize, rms_norm
from ..ops.padding import pad

__all__ = [
    "alpha_dropout", "batch_norm", "bilinear", "dropout", "dropout1d", "dropout2d", "dropout3d", "embedding",
    "feature_alpha_dropout", "group_norm", "instance_norm", "layer_norm", "linear", "normalize", "one_hot", "pad", "relu",
    "rms_norm", "scaled_dot_product_attention", "sigmoid", "tanh",
]  # fmt: skip
