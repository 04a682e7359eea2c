"""The functions that networks are made of: activations, losses, layers. PyTorch's ``torch.nn.functional``."""

from typing import NoReturn

from ..attributes import no_attribute
from ..ops.elementwise.exponential import tanh
from ..ops.images.adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_max_pool1d, adaptive_max_pool2d
from ..ops.images.columns import fold, unfold
from ..ops.images.convolution import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from ..ops.images.padding import pad
from ..ops.images.pooling import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from ..ops.images.resampling import interpolate, pixel_shuffle, pixel_unshuffle
from ..ops.images.unpooling import max_unpool1d, max_unpool2d
from ..ops.losses.class_margins import multi_margin_loss, multilabel_margin_loss, multilabel_soft_margin_loss
from ..ops.losses.classification import cross_entropy, nll_loss
from ..ops.losses.likelihoods import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    gaussian_nll_loss,
    kl_div,
    poisson_nll_loss,
)
from ..ops.losses.losses import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from ..ops.losses.margin_losses import (
    cosine_embedding_loss,
    cosine_similarity,
    hinge_embedding_loss,
    margin_ranking_loss,
    pairwise_distance,
    soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from ..ops.network.activation import celu, elu, gelu, glu, logsigmoid, mish, selu, sigmoid, silu, softplus, softsign, tanhshrink
from ..ops.network.attention import scaled_dot_product_attention
from ..ops.network.batch_norm import batch_norm, instance_norm
from ..ops.network.dropout import alpha_dropout, dropout, dropout1d, dropout2d, dropout3d, feature_alpha_dropout
from ..ops.network.embedding import embedding, one_hot
from ..ops.network.linear import bilinear, linear
from ..ops.network.normalization import group_norm, layer_norm, normalize, rms_norm
from ..ops.network.piecewise import (
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    prelu,
    relu,
    relu6,
    rrelu,
    softshrink,
    threshold,
)
from ..ops.network.probabilities import log_softmax, softmax, softmin


def __getattr__(name: str) -> NoReturn:
    raise no_attribute("nn.functional", name)
