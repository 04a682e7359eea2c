"""Words for a name that is not here: that PyTorch has it and why this package has not, or which name was meant."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

_ON_DEMAND = ("nn", "optim", "utils")  # a quarter of the package, of which not every program makes use

_ABSENT = {  # why: what
    "it has real numbers only": "complex complex32 complex64 complex128 cfloat cdouble polar real imag conj angle fft stft istft",
    "NumPy has no such numbers": "bfloat16 quint8 qint8 qint32 float8_e4m3fn float8_e5m2",
    "memory has one layout": "channels_last channels_last_3d",
    "all its tensors are dense": "sparse sparse_coo sparse_coo_tensor sparse_csr sparse_csr_tensor",
    "it runs on one CPU, one operation after the other": "compile jit fx distributed mps xpu onnx export ao amp autocast",
    "its derivatives are those of backward()": "vmap func",
}

# What PyTorch has under these names, and this package has not. A test compares the lists with PyTorch.
_NOT_HERE = {
    "": """
        as_strided_scatter bartlett_window bilinear blackman_window block_diag broadcast_shapes broadcast_tensors
        celu_ channel_shuffle cholesky_inverse cholesky_solve combinations corrcoef cov cumulative_trapezoid diagflat
        diagonal_scatter digamma dist empty_permuted empty_strided erfc erfinv frexp from_dlpack frombuffer gcd geqrf
        get_float32_matmul_precision get_num_interop_threads get_num_threads gradient hamming_window hann_window
        histogram histogramdd i0 igamma igammac index_reduce is_inference kaiser_window lcm ldexp lgamma logcumsumexp
        lu lu_solve lu_unpack matrix_exp mvlgamma nanquantile nextafter nonzero_static orgqr ormqr pca_lowrank pdist
        polygamma quantile range relu_ renorm rrelu_ scatter_reduce select_scatter selu_ set_float32_matmul_precision
        set_flush_denormal set_num_interop_threads set_num_threads slice_scatter svd_lowrank threshold_ to_dlpack
        trapezoid trapz triangular_solve unravel_index use_deterministic_algorithms vander
    """,
    "nn": """
        AdaptiveAvgPool3d AdaptiveLogSoftmaxWithLoss AdaptiveMaxPool3d AvgPool3d Buffer CELU CTCLoss ChannelShuffle
        CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d CosineEmbeddingLoss
        CosineSimilarity DataParallel EmbeddingBag FeatureAlphaDropout Fold FractionalMaxPool2d FractionalMaxPool3d
        GLU GaussianNLLLoss Hardshrink Hardsigmoid Hardswish Hardtanh HingeEmbeddingLoss InstanceNorm1d InstanceNorm2d
        InstanceNorm3d LPPool1d LPPool2d LPPool3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d
        LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d
        LazyInstanceNorm2d LazyInstanceNorm3d LazyLinear LocalResponseNorm MarginRankingLoss MaxPool3d MaxUnpool1d
        MaxUnpool2d MaxUnpool3d Mish MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss MultiheadAttention
        PReLU PairwiseDistance ParameterDict PixelShuffle PixelUnshuffle PoissonNLLLoss RReLU ReLU6 ReflectionPad1d
        ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d SELU SoftMarginLoss
        Softmax2d Softmin Softshrink Softsign SyncBatchNorm Tanhshrink Threshold Transformer TransformerDecoder
        TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer TripletMarginLoss
        TripletMarginWithDistanceLoss Unflatten Unfold UninitializedBuffer UninitializedParameter Upsample
        UpsamplingBilinear2d UpsamplingNearest2d ZeroPad1d ZeroPad2d ZeroPad3d
    """,
    "nn.functional": """
        adaptive_avg_pool3d adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices adaptive_max_pool3d
        adaptive_max_pool3d_with_indices affine_grid avg_pool3d celu_ channel_shuffle conv_tbc ctc_loss elu_
        embedding_bag fractional_max_pool2d fractional_max_pool2d_with_indices fractional_max_pool3d
        fractional_max_pool3d_with_indices grid_sample gumbel_softmax hardtanh_ leaky_relu_ linear_cross_entropy
        local_response_norm lp_pool1d lp_pool2d lp_pool3d max_pool1d_with_indices max_pool2d_with_indices max_pool3d
        max_pool3d_with_indices max_unpool3d multi_head_attention_forward native_channel_shuffle pdist relu_ rrelu_
        selu_ threshold_ upsample upsample_bilinear upsample_nearest
    """,
    "nn.init": """
        constant dirac dirac_ eye eye_ kaiming_normal kaiming_uniform normal orthogonal orthogonal_ sparse sparse_
        trunc_normal_ uniform xavier_normal xavier_uniform
    """,
    "nn.utils": """
        convert_conv2d_weight_memory_format convert_conv3d_weight_memory_format fuse_conv_bn_eval fuse_conv_bn_weights
        fuse_linear_bn_eval fuse_linear_bn_weights parametrizations parametrize remove_spectral_norm
        remove_weight_norm skip_init spectral_norm stateless weight_norm
    """,
    "optim": """
        Adafactor Muon SparseAdam swa_utils
    """,
    "utils": """
        backcompat checkpoint collect_env deterministic dlpack hooks
    """,
    "utils.data": """
        DFIterDataPipe DataChunk DistributedSampler IterDataPipe MapDataPipe functional_datapipe
    """,
    "linalg": """
        cond diagonal eig eigvals lu lu_factor lu_solve matrix_exp tensorinv tensorsolve vander
    """,
}


def no_attribute(namespace: str, name: str) -> AttributeError:
    """The error of a module that has no such name; ``namespace`` is "", "nn" or "nn.functional", for instance."""
    full, absent = f"microtorch.{namespace}".rstrip("."), _NOT_HERE.get(namespace, "").split()
    if name in absent:
        return AttributeError(f"{full} has no {name}: PyTorch has it, and microtorch has not")
    meant = nearest(name, [*vars(sys.modules[full]), *absent])
    hint = f". Did you mean: {meant!r}?" if meant else ""
    return AttributeError(f"module {full!r} has no attribute {name!r}{hint}{' (which is not here)' * (meant in absent)}")


def nearest(name: str, known: Iterable[str]) -> str:
    """The public name that was meant, if one of those ``known`` is nearly the same, be it in other letters; else ""."""
    if name.startswith("_"):  # as Python itself asks for some while it imports
        return ""
    import difflib  # which takes as long as a wing of operations

    public = {each.lower(): each for each in known if not each.startswith("_")}
    close = difflib.get_close_matches(name.lower(), public, 1, 0.75)
    return public[close[0]] if close else ""


def __getattr__(name: str) -> Any:
    if name in _ON_DEMAND:
        return import_module(f"{__package__}.{name}")
    for reason, names in _ABSENT.items():
        if name in names.split():
            raise AttributeError(f"microtorch has no {name}: {reason}. PyTorch has it")
    raise no_attribute("", name)


def __dir__() -> list[str]:
    return sorted({*vars(sys.modules[__package__]), *_ON_DEMAND})
