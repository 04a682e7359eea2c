"""What programs have beside networks, as ``torch.utils``: ``utils.data``, which brings samples in batches."""

from typing import NoReturn

from ..attributes import no_attribute
from . import data


def __getattr__(name: str) -> NoReturn:
    raise no_attribute("utils", name)
