"""What training needs beside modules: gradients clipped, parameters as one vector, sequences of several lengths (``rnn``)."""

from typing import NoReturn

from ...attributes import no_attribute
from . import rnn
from .clip_grad import clip_grad_norm, clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm
from .convert_parameters import parameters_to_vector, vector_to_parameters


def __getattr__(name: str) -> NoReturn:
    raise no_attribute("nn.utils", name)
