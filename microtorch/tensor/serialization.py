"""``save`` and ``load``: Variables, and what they stand in. A file holds numbers and text: loading one cannot run code.

It is a zip archive, as NumPy's ``.npz``: one ``.npy`` for each memory, and ``structure.json``: ``variables`` says where in these
memories each Variable lies, ``object`` what they are part of.
"""

from __future__ import annotations

import io
import os
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from ..arrays.dtypes import ALL, Array, dtype
from ..arrays.memory import root_of
from ..arrays.shapes import Size
from ..core.variable import Variable, is_variable
from .creation import made
from .devices import device, on_cpu

if TYPE_CHECKING:
    import zipfile
    from pathlib import Path


# json, pathlib, tempfile and zipfile are imported where they are used: they take as much memory as a third of the package.

__all__ = ["load", "save"]

_FORMAT = "microtorch 1"
_STRUCTURE = "structure.json"
_DTYPES = {each.name: each for each in ALL}
_SEQUENCES: dict[str, Any] = {"list": list, "tuple": tuple, "Size": Size}
_MAPPINGS: dict[str, Any] = {"dict": dict, "OrderedDict": OrderedDict, "Counter": Counter}
_DEEPEST = 100
# What reading a damaged file ends in: names that are not there, values of a wrong kind or size, ends that come early.
_DAMAGE = (LookupError, TypeError, ValueError, ArithmeticError, RuntimeError, EOFError, OSError, MemoryError)


def save(obj: Any, f: str | os.PathLike[str] | BinaryIO) -> None:
    """Write Variables to a file: alone, or in dicts, lists and tuples, beside numbers, strings, None, dtypes, devices.

    Args:
        obj: what to save; a number of NumPy stays one. Variables that share memory still do when they are loaded, and one that
            stands in several places is one again. Of what was computed, the values are saved, and no graph.
        f: the path, or a file that is open for writing bytes. A file that was there is replaced only when all is written.

    Raises:
        TypeError: something else is among it.
        ValueError: it is nested too deep, or holds itself; or there is something else than a file at the path.

    >>> import io, microtorch
    >>> file = io.BytesIO()
    >>> save({"weight": microtorch.ones(2)}, file)
    >>> _ = file.seek(0)
    >>> load(file)["weight"].tolist()
    [1.0, 1.0]
    """
    data = _Writer().archive(obj)
    if hasattr(f, "write"):
        f.write(data)
        return
    from pathlib import Path

    path = Path(f).resolve()  # of a link, what it points to is replaced
    if path.exists() and not path.is_file():
        raise ValueError(f"{str(path)!r} is no file that could be replaced")
    write_whole(path, data)


def write_whole(path: Path, data: bytes) -> None:
    """Let a file hold this, or be as it was: it is written beside, to the disk, and then takes the old one's name."""
    for left in path.parent.glob(f"{_beside(path)}*"):
        _remove_if_left(left)
    temporary, file = _temporary(path)
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            if path.exists():
                temporary.chmod(path.stat().st_mode & 0o777)
            if os.name == "nt":
                file.close()  # Windows renames nothing that is open; elsewhere it stays locked
            temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _beside(path: Path) -> str:
    """How the temporary files for a path begin: short, since the name itself may be as long as names can be."""
    from zlib import crc32

    return f".microtorch-{crc32(os.fsencode(path.name)):08x}-"


def _temporary(path: Path) -> tuple[Path, BinaryIO]:
    """A new file beside a path, open and locked: by the lock others know that somebody is writing to it."""
    from secrets import token_hex

    while True:
        temporary = path.with_name(f"{_beside(path)}{token_hex(8)}.tmp")
        file = temporary.open("xb")
        try:
            _lock(file)
        except BlockingIOError:  # by somebody who is about to remove it
            file.close()
            continue
        except OSError:  # there are no locks in this file system
            pass
        if temporary.exists():
            return temporary, file
        file.close()


def _remove_if_left(temporary: Path) -> None:
    """Remove a temporary file that nobody writes to any more: whoever did so, was killed."""
    from contextlib import suppress

    with suppress(OSError), temporary.open("ab") as file:
        _lock(file)
        if os.name == "nt":
            file.close()
        temporary.unlink()  # which Windows refuses, while somebody has it open


def _lock(file: BinaryIO) -> None:
    """Hold a file as long as it is open and this process lives.

    Raises:
        BlockingIOError: somebody else holds it.
        OSError: there are no locks where it lies.
    """
    try:
        import fcntl
    except ImportError:  # Windows, which opens a file for one at a time
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class _Writer:
    """Puts an object into an archive: each memory once, each Variable once."""

    def __init__(self) -> None:
        self.memories: dict[int, tuple[str, Array]] = {}
        self.variables: dict[int, tuple[int, Variable]] = {}
        self.places: list[dict[str, Any]] = []

    def archive(self, obj: Any) -> bytes:
        import json
        import zipfile

        structure = {"format": _FORMAT, "object": self.described(obj, "obj", 0), "variables": self.places}
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, array in self.memories.values():
                with archive.open(name, "w", force_zip64=True) as entry:
                    npy.write_array(entry, array.astype(array.dtype.newbyteorder("<"), copy=False), allow_pickle=False)
            archive.writestr(_STRUCTURE, json.dumps(structure))
        return file.getvalue()

    def described(self, obj: Any, where: str, depth: int) -> dict[str, Any]:
        """What an object is, as JSON: its kind, and what it takes to make it."""
        if depth > _DEEPEST:
            raise ValueError(f"{where} is nested more than {_DEEPEST} deep, or holds itself")
        kind = type(obj).__name__
        if obj is None or type(obj) in {bool, int, str}:
            return {"value": obj}
        if type(obj) is float:
            return {"float": obj.hex()}  # to the last bit; inf and nan too
        if is_variable(obj):
            return {"Variable": self.number(obj)}
        if isinstance(obj, np.generic) and obj.dtype.name in _DTYPES:
            return {"number": [obj.dtype.name, float(obj).hex() if obj.dtype.kind == "f" else int(obj)]}
        if isinstance(obj, dtype):
            return {"dtype": obj.name}
        if isinstance(obj, device):
            return {"device": str(obj)}
        if type(obj) in _SEQUENCES.values():
            return {kind: [self.described(each, f"{where}[{i}]", depth + 1) for i, each in enumerate(obj)]}
        if type(obj) in _MAPPINGS.values():
            pairs = [((key, f"the key {key!r} of {where}"), (each, f"{where}[{key!r}]")) for key, each in obj.items()]
            return {kind: [[self.described(*each, depth + 1) for each in pair] for pair in pairs]}
        raise TypeError(
            f"{where} is of type {kind}, which microtorch.save does not write: Variables, numbers, strings, None, dtypes, and "
            f"dicts, lists and tuples of them. {_remedy(obj)}"
        )

    def number(self, variable: Variable) -> int:
        """Where in ``variables`` it stands."""
        if id(variable) not in self.variables:
            self.variables[id(variable)] = len(self.places), variable
            self.places.append(self.place(variable))
        return self.variables[id(variable)][0]

    def place(self, variable: Variable) -> dict[str, Any]:
        array = variable.array
        memory = root_of(array)
        distances = (array.ctypes.data - memory.ctypes.data, *array.strides)
        # Of what lies in no simple order, the values.
        if not memory.flags.forc or min(array.strides, default=0) < 0 or any(each % array.itemsize for each in distances):
            memory = array = np.ascontiguousarray(array).reshape(array.shape)
        name, _ = self.memories.setdefault(id(memory), (f"{len(self.memories)}.npy", memory))
        start = (array.ctypes.data - memory.ctypes.data) // array.itemsize
        steps = [step // array.itemsize for step in array.strides]
        return {
            "memory": name, "dtype": variable.dtype.name, "start": start, "shape": array.shape, "steps": steps,
            "requires_grad": variable.requires_grad,
        }  # fmt: skip


def _remedy(obj: Any) -> str:
    """What to save in place of an object."""
    if hasattr(obj, "load_state_dict"):
        return (
            "Save what it has learned, microtorch.save(x.state_dict(), path); then make another one by the same code, and "
            "x.load_state_dict(microtorch.load(path))"
        )
    return "Of an array, save from_numpy(array); of a module or an optimiser, its state_dict()"


def load(f: str | os.PathLike[str] | BinaryIO, map_location: Any = None, *, weights_only: bool = True) -> Any:
    """Read what `save` wrote. No file can make this run code: it holds numbers and text, and all else is refused.

    Args:
        f: the path, or a file that is open for reading bytes.
        map_location: the CPU.
        weights_only: True, which is all there is.

    Raises:
        ValueError: the file is damaged, or was not written by `save`: PyTorch's own files, for instance.
        TypeError: the file is open for reading text.
        RuntimeError: ``map_location`` is not the CPU.
    """
    import zipfile
    from pathlib import Path

    on_cpu(map_location)
    if not weights_only:
        raise ValueError("weights_only=False asks for files that run code when they are loaded: microtorch has none")
    data = f.read() if hasattr(f, "read") else Path(f).read_bytes()
    if isinstance(data, str):
        raise TypeError("load() reads bytes, and this file is open for reading text: open it with mode 'rb'")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_overlaps(archive, data)
            return _Reader(archive).object()
    except (*_DAMAGE, zipfile.BadZipFile) as error:
        why = _looks_like(data) or str(error) or type(error).__name__
        raise ValueError(f"{_named(f)} is no file of microtorch.save, or it is damaged: {why}") from None


def _refuse_overlaps(archive: zipfile.ZipFile, data: bytes) -> None:
    """Refuse a file of which some bytes are read for several entries: so all entries together are no longer than the file."""
    end = 0
    for entry in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise ValueError(f"its entry {entry.filename!r:.50} overlaps another")
        header = data[entry.header_offset : entry.header_offset + 30]  # which ends with the lengths of a name and an extra
        before = 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        end = entry.header_offset + before + entry.compress_size
    if end > archive.start_dir:
        raise ValueError("its last entry overlaps the directory")


def _named(f: Any) -> str:
    return "the file" if hasattr(f, "read") else repr(str(f))


def _looks_like(data: bytes) -> str:
    """What a file is that is no archive; nothing of one that is."""
    if data[:2] == b"PK":
        return ""
    if data[:1] == b"\x80":
        return "it looks like a pickle, which would run code"
    return "it is no zip archive" if data else "it is empty"


class _Reader:
    """Makes the object that an archive describes, and believes nothing of it unseen."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.memories: dict[str, Array] = {}
        self.variables: list[Variable] = []
        self.makers: dict[str, Any] = {
            "value": self.value, "float": float.fromhex, "dtype": _DTYPES.__getitem__, "device": device,
            "Variable": self.variables.__getitem__, "number": self.number,
        }  # fmt: skip

    def object(self) -> Any:
        import json

        if _STRUCTURE not in self.archive.namelist():
            raise ValueError(f"there is no {_STRUCTURE} in it; PyTorch's own files are read by PyTorch, and NumPy's by NumPy")
        structure = json.loads(self.read(_STRUCTURE))
        if structure["format"] != _FORMAT:
            raise ValueError(f"its format is {structure['format']!r}, and this version reads {_FORMAT!r}")
        self.variables += [self.variable(**place) for place in structure["variables"]]
        return self.made(structure["object"], 0)

    def read(self, name: str) -> bytes:
        entry = self.archive.getinfo(name)
        # So that no file unfolds to more than its own length.
        if entry.compress_type or entry.flag_bits & 1 or entry.file_size != entry.compress_size:
            raise ValueError(f"{name} is compressed or encrypted, which save() never does")
        return self.archive.read(entry)

    def made(self, described: Any, depth: int) -> Any:
        if depth > _DEEPEST:
            raise ValueError(f"it is nested more than {_DEEPEST} deep")
        if not isinstance(described, dict) or len(described) != 1:
            raise ValueError(f"{described!r:.50} describes no object")
        ((kind, content),) = described.items()
        if kind in _SEQUENCES:
            return _SEQUENCES[kind]([self.made(each, depth + 1) for each in content])
        if kind in _MAPPINGS:
            return _MAPPINGS[kind]({self.made(key, depth + 1): self.made(each, depth + 1) for key, each in content})
        if kind not in self.makers:
            raise ValueError(f"it holds a {kind!r}, which is unknown")
        return self.makers[kind](content)

    @staticmethod
    def value(content: Any) -> Any:
        if content is not None and type(content) not in {bool, int, str}:
            raise ValueError(f"{content!r:.50} is no number and no text")
        return content

    @staticmethod
    def number(content: Any) -> Any:
        """A number of NumPy's."""
        name, value = content
        own = _DTYPES[name].dtype
        return own.type(float.fromhex(value) if own.kind == "f" else int(value))

    def memory(self, name: str, dtype: str) -> Array:
        """The numbers of a ``.npy``, behind its header: that is a piece of Python, and of it only the order of bytes is read."""
        if name not in self.memories:
            data = self.read(name)
            start = 10 + int.from_bytes(data[8:10], "little")
            own = _DTYPES[dtype].dtype
            stored = own.newbyteorder(">" if b"'descr': '>" in data[:start] else "<")
            self.memories[name] = np.frombuffer(memoryview(data)[start:], stored).astype(own)
        if self.memories[name].dtype != _DTYPES[dtype].dtype:
            raise ValueError(f"two Variables have different dtypes for {name}")
        return self.memories[name]

    def variable(
        self, *, memory: str, dtype: str, start: int, shape: list[int], steps: list[int], requires_grad: bool
    ) -> Variable:
        row = self.memory(memory, dtype)
        last = start + sum((length - 1) * step for length, step in zip(shape, steps, strict=True))
        if min((*shape, *steps, start), default=0) < 0 or (0 not in shape and last >= row.size):
            raise ValueError(f"a Variable of shape {shape} reaches beyond the memory it is part of")
        strides = [step * row.itemsize for step in steps]
        return made(np.ndarray(shape, row.dtype, row, start * row.itemsize, strides), requires_grad)
