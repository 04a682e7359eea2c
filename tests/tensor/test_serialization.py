"""``save`` and ``load``: what is saved comes back, and no file runs code."""

import functools
import io
import json
import os
import pickle
import signal
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from collections import OrderedDict

import numpy as np
import pytest

import microtorch
from microtorch.autograd import Variable


def again(obj, lib=microtorch):
    file = io.BytesIO()
    lib.save(obj, file)
    file.seek(0)
    return lib.load(file)


@pytest.mark.parametrize("name", ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"])
def test_a_variable_of_any_dtype_comes_back(name):
    dtype = getattr(microtorch, name)
    for shape in [(), (2, 3), (0, 2)]:
        x = microtorch.ones(shape, dtype=dtype)
        back = again(x)
        assert (back.dtype, back.shape, back.tolist()) == (x.dtype, x.shape, x.tolist())


def test_nested_containers_come_back_as_they_were():
    obj = OrderedDict(
        a=[1, 2.5, None, True, "text"], b=(microtorch.tensor([1.0]), {"c": {3: float("inf")}}), d=microtorch.int64,
        e=microtorch.device("cpu"), f=microtorch.Size((2, 3)),
    )  # fmt: skip
    back = again(obj)
    assert type(back) is OrderedDict
    assert list(back) == list(obj)
    assert (back["a"], back["d"], back["e"], back["f"]) == (obj["a"], obj["d"], obj["e"], obj["f"])
    assert back["b"][0].tolist() == [1.0]
    assert back["b"][1] == {"c": {3: float("inf")}}


@pytest.mark.parametrize(
    "number", [np.float64(0.1), np.float32("nan"), np.float16(2), np.int64(-(2**63)), np.uint8(255), np.bool_(True)]
)
def test_a_number_of_numpy_comes_back_with_its_dtype(number):
    back = again({"loss": [number]})["loss"][0]
    assert type(back) is type(number)
    assert repr(back) == repr(number)


def test_training_goes_on_from_a_file_as_if_it_had_not_stopped():
    def trained(steps, state=None):
        x = microtorch.tensor([3.0, -1.0], requires_grad=True)
        optimizer = microtorch.optim.SGD([x], lr=np.float64(0.1), momentum=0.9)
        if state is not None:
            x.data.copy_(state["x"])
            optimizer.load_state_dict(state["optimizer"])
        for _ in range(steps):
            optimizer.zero_grad()
            (x**2).sum().backward()
            optimizer.step()
        return {"x": x, "optimizer": optimizer.state_dict()}

    resumed = trained(3, again(trained(4)))
    assert resumed["x"].tolist() == trained(7)["x"].tolist()
    assert type(resumed["optimizer"]["param_groups"][0]["lr"]) is np.float64


@pytest.mark.parametrize(
    "make", [lambda nn, optim: nn.Linear(1, 1), lambda nn, optim: optim.SGD(nn.Linear(1, 1).parameters(), 0.1)]
)
def test_of_a_module_or_an_optimizer_the_error_says_what_to_save(make):
    with pytest.raises(TypeError, match=r"obj is of type (Linear|SGD).*save\(x\.state_dict\(\), path\).*x\.load_state_dict"):
        microtorch.save(make(microtorch.nn, microtorch.optim), io.BytesIO())


def test_a_leaf_still_requires_its_gradient_and_a_result_becomes_a_leaf(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    leaf, result, plain = again((x, x * 2, x.detach()), lib)
    assert (leaf.requires_grad, result.requires_grad, plain.requires_grad) == (True, True, False)
    assert (result.is_leaf, result.grad_fn, result.tolist()) == (True, None, [2.0, 4.0])


def test_a_variable_in_several_places_is_one_again(lib):
    x = lib.ones(2)
    a, b, c = again([x, {"x": x}, x.detach()], lib)
    assert a is b["x"]
    assert a is not c
    a.add_(1)
    assert c.tolist() == [2.0, 2.0]


def test_variables_that_share_memory_still_do():
    x = microtorch.arange(6.0)
    base, part, turned = again([x, x[2:], x.view(2, 3).t()])
    base[3] = 50
    assert part.tolist() == [2.0, 50.0, 4.0, 5.0]
    assert turned[0].tolist() == [0.0, 50.0]


def test_a_view_of_a_large_memory_comes_back_whatever_its_strides():
    x = microtorch.arange(24.0).view(2, 3, 4)
    views = [x.permute(2, 0, 1), x[:, ::2], x.expand(2, 2, 3, 4), x[1, 2], (x * 2).permute(0, 2, 1) + 1, x[:0]]
    views += [
        Variable(np.arange(6.0)[::-2]),
        Variable(np.asfortranarray(np.eye(2))),
        Variable(np.arange(9.0).reshape(3, 3)[1:, 1]),
    ]
    assert [each.tolist() for each in again(views)] == [each.tolist() for each in views]


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "model.mt"
    microtorch.save(microtorch.ones(2), path)
    before = path.read_bytes()
    with pytest.raises(TypeError, match=r"obj\['f'\] is of type function"):
        microtorch.save({"x": microtorch.ones(3), "f": again}, path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["model.mt"]
    assert microtorch.load(str(path), map_location="cpu").tolist() == [1.0, 1.0]


class Hostile:
    def __reduce__(self):
        return os.system, ("echo this must not run > /tmp/hostile",)


def archive(**files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in files.items():
            made.writestr(name.replace("_", "."), content)
    return file.getvalue()


def saved(obj):
    file = io.BytesIO()
    microtorch.save(obj, file)
    return file.getvalue()


PART = {"memory": "0.npy", "dtype": "float64", "start": 0, "shape": [1], "steps": [1], "requires_grad": False}


def with_object(described, *places, **files):
    structure = {"format": "microtorch 1", "object": described, "variables": places}
    return archive(structure_json=json.dumps(structure), **files)


def compressed(data):
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            made.writestr(name, source.read(name))
    return file.getvalue()


def npy(array, **options):
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


DAMAGED = {
    "nothing": (b"", "empty"),
    "random bytes": (bytes(range(200)), "no zip archive"),
    "a pickle": (pickle.dumps(Hostile()), "pickle, which would run code"),
    "a file cut short": (saved(microtorch.ones(100))[:-40], "damaged"),
    "an archive of something else": (archive(data_pkl="x"), "no structure.json"),
    "a later format": (archive(structure_json='{"format": "microtorch 9", "object": null}'), "microtorch 9"),
    "no JSON": (archive(structure_json="{"), "damaged"),
    "an unknown kind": (with_object({"function": "os.system"}), "function"),
    "no object": (with_object([]), "describes no object"),
    "two objects in one": (with_object({"value": 1, "float": "1"}), "describes no object"),
    "a list for a number": (with_object({"value": [1]}), "no number and no text"),
    "a device that is none": (with_object({"device": "fpu"}), "Expected one of"),
    "a float that is none": (with_object({"float": "0x1p99999"}), "damaged"),
    "a number that is none": (with_object({"number": ["float32", [1]]}), "damaged"),
    "a number out of range": (with_object({"number": ["uint8", 256]}), "damaged"),
    "a number of no dtype": (with_object({"number": ["object", 1]}), "damaged"),
    "a dtype that is none": (with_object({"dtype": "complex64"}), "complex64"),
    "pairs of three": (with_object({"dict": [[{"value": 1}] * 3]}), "damaged"),
    "a key that has no hash": (with_object({"dict": [[{"list": []}, {"value": 1}]]}), "unhashable"),
    "a Variable that is not there": (with_object({"Variable": 0}), "damaged"),
    "an array that is not there": (with_object(None, PART), "0.npy"),
    "no number of a place": (with_object(None, PART | {"start": "0"}, **{"0_npy": npy(np.ones(1))}), "damaged"),
    "a place with something else": (with_object(None, PART | {"hook": 1}), "hook"),
    "a gradient for integers": (
        with_object(None, PART | {"dtype": "int64", "requires_grad": True}, **{"0_npy": npy(np.ones(1, int))}), "floating point"),
    "an array of complex numbers": (with_object(None, PART | {"dtype": "complex64"}, **{"0_npy": npy(np.ones(1))}), "complex64"),
    "a memory of two dtypes": (
        with_object(None, PART, PART | {"dtype": "int64"}, **{"0_npy": npy(np.ones(1))}), "different dtypes"),
    "an array that is no array": (with_object(None, PART, **{"0_npy": "x = 1"}), "beyond the memory"),
    "half a number": (with_object(None, PART, **{"0_npy": npy(np.ones(1))[:-3]}), "multiple of element size"),
    "a bomb": (compressed(saved(microtorch.zeros(100000))), "compressed"),
    "a byte that was changed": (saved(microtorch.ones(100)).replace(b"\0\0\x80?", b"\0\0\x80@", 1), "(?i)crc"),
    "NumPy's own archive": (archive(a_npy=npy(np.ones(2))), "NumPy's by NumPy"),
    "deep nesting": (with_object(functools.reduce(lambda inner, _: {"list": [inner]}, range(150), {"value": 1})), "nested"),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGED)
def test_a_foreign_or_damaged_file_is_refused_and_runs_nothing(what, tmp_path, monkeypatch):
    data, message = DAMAGED[what]
    monkeypatch.setattr(os, "system", lambda command: pytest.fail("the file has run code"))
    with pytest.raises(ValueError, match=message):
        microtorch.load(io.BytesIO(data))


def overlapping(entries, kernel):
    """A file whose entries all end with the same bytes: each holds its own header, those of all after it, and these bytes."""
    names = [f"{i}.npy" for i in range(entries)]
    body, central = b"", b""
    for name in reversed(names):
        content = body + kernel if body else kernel
        body = local_header(name, content) + body
    structure = json.dumps(
        {
            "format": "microtorch 1",
            "object": {"list": [{"Variable": i} for i in range(entries)]},
            "variables": [PART | {"memory": name, "dtype": "uint8"} for name in names],
        }
    ).encode()
    body += kernel
    offset = 0
    for name in names:
        length = len(local_header(name, b""))
        content = body[offset + length :]
        central += central_header(name, content, offset)
        offset += length
    offset = len(body)
    body += local_header("structure.json", structure) + structure
    central += central_header("structure.json", structure, offset)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, entries + 1, entries + 1, len(central), len(body), 0)
    return body + central + end


def local_header(name, content):
    sizes = (zlib.crc32(content), len(content), len(content))
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, *sizes, len(name), 0) + name.encode()


def central_header(name, content, offset):
    sizes = (zlib.crc32(content), len(content), len(content))
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, *sizes, len(name), 0, 0, 0, 0, 0, offset) + name.encode()


def test_entries_that_overlap_are_refused_before_any_is_unfolded():
    bomb = overlapping(200, bytes(100_000))
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) > 100 * len(bomb)
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"its entry '1\.npy' overlaps another"):
        microtorch.load(io.BytesIO(bomb))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * len(bomb)


def test_an_entry_that_reaches_into_the_directory_is_refused():
    data = bytearray(saved(microtorch.ones(2)))
    at = data.rindex(b"PK\1\2")  # of structure.json
    size = struct.unpack("<L", data[at + 20 : at + 24])[0]
    data[at + 20 : at + 28] = struct.pack("<2L", size + 10, size + 10)
    with pytest.raises(ValueError, match="overlaps the directory"):
        microtorch.load(io.BytesIO(bytes(data)))


@pytest.mark.parametrize("name", ["float16", "float32", "float64", "int16", "int64"])
def test_numbers_with_the_first_byte_first_are_read_as_what_they_are(name):
    part = PART | {"dtype": name, "shape": [3], "memory": "0.npy"}
    data = with_object({"Variable": 0}, part, **{"0_npy": npy(np.array([1, 2, -3], np.dtype(name).newbyteorder(">")))})
    x = microtorch.load(io.BytesIO(data))
    assert x.tolist() == [1, 2, -3]
    assert (x + x).tolist() == [2, 4, -6]


@pytest.mark.parametrize(("offset", "step"), [(0, 12), (4, 8)])
def test_a_view_that_lies_between_the_elements_of_its_memory_comes_back(offset, step):
    memory = np.arange(12, dtype=np.float64)
    odd = np.ndarray((3,), memory.dtype, memory, offset, (step,))
    assert again(Variable(odd)).tolist() == odd.tolist()


def test_a_variable_never_reaches_beyond_its_memory():
    file = io.BytesIO(saved(microtorch.ones(2)))
    with zipfile.ZipFile(file) as made:
        structure, array = json.loads(made.read("structure.json")), made.read("0.npy")
    for change in ({"shape": [1000]}, {"start": 5}, {"steps": [-1]}, {"start": -1}, {"shape": [2, 10**9], "steps": [0, 7]}):
        structure["variables"][0] |= change
        hostile = archive(structure_json=json.dumps(structure), **{"0_npy": array})
        with pytest.raises(ValueError, match="beyond the memory"):
            microtorch.load(io.BytesIO(hostile))


def test_a_pickle_in_an_array_is_not_even_looked_at(monkeypatch):
    hostile = npy(np.array([Hostile()], dtype=object), allow_pickle=True)
    monkeypatch.setattr(os, "system", lambda command: pytest.fail("the file has run code"))
    data = with_object({"Variable": 0}, PART | {"dtype": "uint8"}, **{"0_npy": hostile})
    assert microtorch.load(io.BytesIO(data)).dtype is microtorch.uint8


def test_numpy_reads_the_arrays_in_a_file():
    with np.load(io.BytesIO(saved(microtorch.arange(3.0).view(3, 1))), allow_pickle=False) as file:
        assert file["0"].ravel().tolist() == [0.0, 1.0, 2.0]


def test_whatever_bytes_are_changed_a_file_is_read_or_refused():
    whole = np.frombuffer(saved({"w": microtorch.ones(3, requires_grad=True), "b": [1, 2.5, "text"]}), np.uint8)
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(500):
        data = whole.copy()
        data[rng.integers(0, len(data), rng.integers(1, 4))] = rng.integers(0, 256)
        data = data[: rng.integers(0, len(data))] if rng.random() < 0.2 else data
        try:
            microtorch.load(io.BytesIO(data.tobytes()))
        except ValueError:
            refused += 1
    assert refused > 250


def test_pytorchs_own_files_are_refused_with_the_remedy(torch):
    file = io.BytesIO()
    torch.save({"w": torch.ones(2)}, file)
    with pytest.raises(ValueError, match=r"no structure\.json.*PyTorch"):
        microtorch.load(io.BytesIO(file.getvalue()))


def test_files_that_would_run_code_cannot_be_asked_for():
    with pytest.raises(ValueError, match="run code"):
        microtorch.load(io.BytesIO(saved(1)), weights_only=False)
    with pytest.raises(RuntimeError, match="no cuda"):
        microtorch.load(io.BytesIO(saved(1)), map_location="cuda")


def test_what_is_nested_too_deep_or_in_itself_is_not_written():
    endless = []
    endless.append(endless)
    for obj in (endless, functools.reduce(lambda inner, _: [inner], range(200), 1)):
        with pytest.raises(ValueError, match="nested more than 100 deep, or holds itself"):
            microtorch.save(obj, io.BytesIO())


def test_what_is_not_written_is_named_with_the_remedy():
    for obj, message in [({"a": [1, np.ones(2)]}, r"obj\['a'\]\[1\] is of type ndarray.*from_numpy"), ({object: 1}, "the key")]:
        with pytest.raises(TypeError, match=message):
            microtorch.save(obj, io.BytesIO())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_file_keeps_its_permissions_and_a_new_one_gets_those_of_any_new_file(tmp_path):
    path = tmp_path / "model.mt"
    microtorch.save(1, path)
    (tmp_path / "any").touch()
    assert path.stat().st_mode == (tmp_path / "any").stat().st_mode
    for mode in (0o600, 0o640, 0o444):
        path.chmod(mode)
        microtorch.save(2, path)
        assert path.stat().st_mode & 0o777 == mode


def test_saving_never_changes_what_the_process_takes_from_new_files(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("another thread's new file would be open to all"))
    microtorch.save(1, tmp_path / "model.mt")


def test_a_name_may_be_as_long_as_names_can_be(tmp_path):
    path = tmp_path / ("m" * 255)
    microtorch.save(1, path)
    assert microtorch.load(path) == 1


def test_all_is_on_the_disk_before_the_old_file_is_replaced(tmp_path, monkeypatch):
    path = tmp_path / "model.mt"
    microtorch.save(1, path)
    sizes = []
    synced = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (sizes.append(os.fstat(file).st_size), synced(file)))
    before = path.stat().st_size
    microtorch.save([1, 2, 3], path)
    assert sizes == [path.stat().st_size]
    assert sizes[0] > before


KILLED = """
import os, signal, sys, microtorch
os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)
microtorch.save(2, sys.argv[1])
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_what_a_killed_save_leaves_the_next_one_removes(tmp_path):
    path, other = tmp_path / "model.mt", tmp_path / "other.mt"
    for each in (path, other):
        microtorch.save(1, each)
        assert subprocess.run([sys.executable, "-c", KILLED, str(each)], check=False).returncode == -signal.SIGKILL
    assert len([*tmp_path.iterdir()]) == 4
    assert microtorch.load(path) == 1
    microtorch.save(3, path)
    microtorch.save(3, other)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["model.mt", "other.mt"]


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no file that is open")
def test_what_another_save_is_writing_stays(tmp_path, monkeypatch):
    path = tmp_path / "model.mt"
    synced = os.fsync

    def meanwhile(file):
        monkeypatch.setattr(os, "fsync", synced)
        microtorch.save("the second", path)
        assert microtorch.load(path) == "the second"

    monkeypatch.setattr(os, "fsync", meanwhile)
    microtorch.save("the first", path)
    assert microtorch.load(path) == "the first"
    assert [each.name for each in tmp_path.iterdir()] == ["model.mt"]


def test_a_link_stays_a_link_and_what_is_no_file_stays(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "model.mt")
    microtorch.save(1, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert microtorch.load(tmp_path / "model.mt") == 1
    with pytest.raises(ValueError, match="no file that could be replaced"):
        microtorch.save(1, tmp_path)
    with pytest.raises(FileNotFoundError):
        microtorch.save(1, tmp_path / "nowhere" / "model.mt")
    with pytest.raises(FileNotFoundError):
        microtorch.load(tmp_path / "nothing.mt")


def test_a_file_of_text_is_refused(tmp_path):
    microtorch.save(1, tmp_path / "model.mt")
    with (tmp_path / "model.mt").open(encoding="latin-1") as file, pytest.raises(TypeError, match="mode 'rb'"):
        microtorch.load(file)


def test_a_loaded_variable_is_one_of_the_package():
    assert isinstance(again(microtorch.ones(1)), Variable)
