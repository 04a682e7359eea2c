"""Data for training, as ``torch.utils.data``: datasets, samplers that say in which order, and the loader that makes batches."""

from typing import NoReturn

from ...attributes import no_attribute
from .collate import default_collate, default_convert
from .dataloader import DataLoader, get_worker_info
from .dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler, SubsetRandomSampler, WeightedRandomSampler


def __getattr__(name: str) -> NoReturn:
    raise no_attribute("utils.data", name)
