"""The functions that networks are made of: activations, losses, layers. PyTorch's ``torch.nn.functional``."""

from ..ops.activation import celu, elu, gelu, glu, logsigmoid, mish, selu, silu, softplus, softsign, tanhshrink
from ..ops.adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_max_pool1d, adaptive_max_pool2d
from ..ops.attention import scaled_dot_product_attention
from ..ops.batch_norm import batch_norm, instance_norm
from ..ops.class_margins import multi_margin_loss, multilabel_margin_loss, multilabel_soft_margin_loss
from ..ops.classification import cross_entropy, nll_loss
from ..ops.columns import fold, unfold
from ..ops.convolution import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from ..ops.dropout import alpha_dropout, dropout, dropout1d, dropout2d, dropout3d, feature_alpha_dropout
from ..ops.elementwise import relu, sigmoid, tanh
from ..ops.embedding import embedding, one_hot
from ..ops.likelihoods import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    gaussian_nll_loss,
    kl_div,
    poisson_nll_loss,
)
from ..ops.linear import bilinear, linear
from ..ops.losses import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from ..ops.margin_losses import (
    cosine_embedding_loss,
    cosine_similarity,
    hinge_embedding_loss,
    margin_ranking_loss,
    pairwise_distance,
    soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from ..ops.normalization import group_norm, layer_norm, normalize, rms_norm
from ..ops.padding import pad
from ..ops.piecewise import (
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    prelu,
    relu6,
    rrelu,
    softshrink,
    threshold,
)
from ..ops.pooling import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from ..ops.probabilities import log_softmax, softmax, softmin
from ..ops.resampling import interpolate, pixel_shuffle, pixel_unshuffle
from ..ops.unpooling import max_unpool1d, max_unpool2d
