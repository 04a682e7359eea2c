"""Networks: modules and their parameters; ``nn.functional`` has the functions, ``nn.init`` first values, as in PyTorch."""

from typing import NoReturn

from ..attributes import no_attribute
from . import functional, init, utils
from .modules.activation import ELU, GELU, LeakyReLU, LogSigmoid, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh
from .modules.batchnorm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from .modules.container import ModuleDict, ModuleList, ParameterList, Sequential
from .modules.conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .modules.dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d
from .modules.flatten import Flatten
from .modules.linear import Bilinear, Identity, Linear
from .modules.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
)
from .modules.module import Module
from .modules.normalization import GroupNorm, LayerNorm, RMSNorm
from .modules.pooling import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AvgPool1d,
    AvgPool2d,
    MaxPool1d,
    MaxPool2d,
)
from .modules.rnn import GRU, LSTM, RNN, RNNBase
from .modules.rnn_cells import GRUCell, LSTMCell, RNNCell, RNNCellBase
from .modules.sparse import Embedding
from .parameter import Parameter


def __getattr__(name: str) -> NoReturn:
    raise no_attribute("nn", name)
