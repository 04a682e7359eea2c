"""``save`` and ``load``: Variables, and what they stand in. A file holds numbers and text: loading one cannot run code.

It is a zip archive, as NumPy's ``.npz``: one ``.npy`` for each array, and ``structure.json``, which says what they are part of.
"""

from __future__ import annotations

import io
import os
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from .devices import device, on_cpu
from .dtypes import ALL, Size, dtype
from .node import is_variable, wrap

if TYPE_CHECKING:
    import zipfile

    from .variable import Variable

# json, tempfile and zipfile are imported where they are used: together they take as much memory as a third of the package.

__all__ = ["load", "save"]

_FORMAT = "microtorch 1"
_STRUCTURE = "structure.json"
_DTYPES = {each.name: each for each in ALL}
_SEQUENCES: dict[str, Any] = {"list": list, "tuple": tuple, "Size": Size}
_MAPPINGS: dict[str, Any] = {"dict": dict, "OrderedDict": OrderedDict}
_DEEPEST = 100


def save(obj: Any, f: str | os.PathLike[str] | BinaryIO) -> None:
    """Write Variables to a file: alone, or in dicts, lists and tuples, beside numbers, strings, None, dtypes and devices.

    Args:
        obj: what to save. Variables that share memory still do when they are loaded; of what was computed, the values are
            saved, and no graph.
        f: the path, or a file that is open for writing bytes. A file that was there is replaced only when all is written.

    Raises:
        TypeError: something else is among it.

    >>> import io, microtorch
    >>> file = io.BytesIO()
    >>> save({"weight": microtorch.ones(2)}, file)
    >>> _ = file.seek(0)
    >>> load(file)["weight"].tolist()
    [1.0, 1.0]
    """
    data = _written(obj)
    if hasattr(f, "write"):
        f.write(data)
        return
    import tempfile

    path = Path(f)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).chmod(0o666 & ~_mask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mask() -> int:
    """The permissions that this process takes away from new files."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def load(f: str | os.PathLike[str] | BinaryIO, map_location: Any = None, *, weights_only: bool = True) -> Any:
    """Read what `save` wrote. No file can make this run code: it holds numbers and text, and all else is refused.

    Args:
        f: the path, or a file that is open for reading bytes.
        map_location: the CPU.
        weights_only: True, which is all there is.

    Raises:
        ValueError: the file is damaged, or was not written by `save`: PyTorch's own files, for instance.
        RuntimeError: ``map_location`` is not the CPU.
    """
    import zipfile

    on_cpu(map_location)
    if not weights_only:
        raise ValueError("weights_only=False asks for files that run code when they are loaded: microtorch has none")
    data = f.read() if hasattr(f, "read") else Path(f).read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive)
    except zipfile.BadZipFile:
        raise ValueError(f"{_named(f)} is no file of microtorch.save, or it is damaged: {_looks_like(data)}") from None
    except (KeyError, TypeError, ValueError, EOFError, OSError, RecursionError, NotImplementedError) as error:
        raise ValueError(f"{_named(f)} is no file of microtorch.save, or it is damaged: {error}") from None


def _named(f: Any) -> str:
    return "the file" if hasattr(f, "read") else repr(str(f))


def _looks_like(data: bytes) -> str:
    if data[:1] == b"\x80":
        return "it looks like a pickle, which would run code"
    return "it is empty" if not data else "it is no zip archive, or its end is missing"


def _written(obj: Any) -> bytes:
    import json
    import zipfile

    arrays: dict[int, tuple[str, Any]] = {}
    structure = {"format": _FORMAT, "object": _described(obj, arrays, "obj")}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.values():
            with archive.open(name, "w", force_zip64=True) as entry:
                npy.write_array(entry, array, allow_pickle=False)
        archive.writestr(_STRUCTURE, json.dumps(structure))
    return file.getvalue()


def _described(obj: Any, arrays: dict[int, tuple[str, Any]], where: str) -> Any:
    """What an object is, as JSON; the arrays in it are put into ``arrays``, each memory once."""
    if obj is None or isinstance(obj, bool | str) or type(obj) in {int, float}:
        return {"value": obj} if not isinstance(obj, float) else {"float": obj.hex()}
    if is_variable(obj):
        return _described_variable(obj, arrays)
    if isinstance(obj, dtype):
        return {"dtype": obj.name}
    if isinstance(obj, device):
        return {"device": str(obj)}
    kind = type(obj).__name__
    if type(obj) in _SEQUENCES.values():
        return {kind: [_described(each, arrays, f"{where}[{i}]") for i, each in enumerate(obj)]}
    if type(obj) in _MAPPINGS.values():
        items = [[_described(key, arrays, where), _described(each, arrays, f"{where}[{key!r}]")] for key, each in obj.items()]
        return {kind: items}
    raise TypeError(
        f"{where} is of type {type(obj).__name__}, which microtorch.save does not write: Variables, numbers, strings, None, "
        "dtypes, and dicts, lists and tuples of them"
    )


def _described_variable(variable: Variable, arrays: dict[int, tuple[str, Any]]) -> Any:
    array = base = variable.array
    while isinstance(base.base, np.ndarray) and base.base.dtype == array.dtype:
        base = base.base
    if not base.flags.forc:  # of what lies in no simple order, the values
        base = array = np.ascontiguousarray(array)
    name, _ = arrays.setdefault(id(base), (f"{len(arrays)}.npy", base))
    start = (array.ctypes.data - base.ctypes.data) // array.itemsize
    return {
        "Variable": name, "start": start, "shape": array.shape, "steps": [step // array.itemsize for step in array.strides],
        "requires_grad": variable.requires_grad and variable.is_leaf,
    }  # fmt: skip


def _read(archive: zipfile.ZipFile) -> Any:
    import json

    if _STRUCTURE not in archive.namelist():
        raise ValueError(f"there is no {_STRUCTURE} in it; PyTorch's own files are read by PyTorch, and saved as arrays by NumPy")
    structure = json.loads(archive.read(_STRUCTURE))
    if structure["format"] != _FORMAT:
        raise ValueError(f"its format is {structure['format']!r}, and this version reads {_FORMAT!r}")
    return _made(structure["object"], archive, {}, 0)


def _made(described: Any, archive: zipfile.ZipFile, memories: dict[str, Any], depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError(f"it is nested more than {_DEEPEST} deep")
    if "Variable" in described:
        return _made_variable(described, archive, memories)
    ((kind, content),) = described.items()
    if kind in _SEQUENCES:
        return _SEQUENCES[kind](_made(each, archive, memories, depth + 1) for each in content)
    if kind in _MAPPINGS:
        return _MAPPINGS[kind]([tuple(_made(each, archive, memories, depth + 1) for each in pair) for pair in content])
    makers: dict[str, Any] = {"value": lambda it: it, "float": float.fromhex, "dtype": _DTYPES.__getitem__, "device": device}
    return makers[kind](content)


def _made_variable(described: dict[str, Any], archive: zipfile.ZipFile, memories: dict[str, Any]) -> Variable:
    name = described["Variable"]
    if name not in memories:
        with archive.open(name) as entry:
            memories[name] = npy.read_array(entry, allow_pickle=False)
    memory = memories[name]
    shape, steps, start = tuple(described["shape"]), tuple(described["steps"]), described["start"]
    row = memory.reshape(-1, order="A")
    last = start + sum((length - 1) * step for length, step in zip(shape, steps, strict=True))
    if min((*shape, *steps, start), default=0) < 0 or (0 not in shape and last >= row.size):
        raise ValueError(f"a Variable of shape {shape} reaches beyond the memory it is part of")
    array = np.ndarray(shape, memory.dtype, row, start * memory.itemsize, [step * memory.itemsize for step in steps])
    variable = wrap(array)
    if described["requires_grad"]:
        variable.requires_grad = True
    return variable
