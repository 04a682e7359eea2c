"""``save`` and ``load``: what is saved comes back, and no file runs code."""

import functools
import io
import json
import os
import pickle
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

import microtorch
from microtorch.autograd import Variable


def again(obj):
    file = io.BytesIO()
    microtorch.save(obj, file)
    file.seek(0)
    return microtorch.load(file)


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


def test_a_leaf_still_requires_its_gradient_and_a_result_is_its_values():
    x = microtorch.tensor([1.0, 2.0], requires_grad=True)
    leaf, result = again((x, x * 2))
    assert leaf.requires_grad
    assert (result.requires_grad, result.grad_fn, result.tolist()) == (False, None, [2.0, 4.0])


def test_variables_that_share_memory_still_do():
    x = microtorch.arange(6.0)
    base, part, turned = again([x, x[2:], x.view(2, 3).t()])
    base[3] = 50
    assert part.tolist() == [2.0, 50.0, 4.0, 5.0]
    assert turned[0].tolist() == [0.0, 50.0]


def test_a_view_of_a_large_memory_comes_back_whatever_its_strides():
    x = microtorch.arange(24.0).view(2, 3, 4)
    views = [x.permute(2, 0, 1), x[:, ::2], x.expand(2, 2, 3, 4), x[1, 2], (x * 2).permute(0, 2, 1) + 1]
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


def with_object(described):
    return archive(structure_json=json.dumps({"format": "microtorch 1", "object": described}))


def objects_in_npy():
    file = io.BytesIO()
    np.save(file, np.array([Hostile()], dtype=object), allow_pickle=True)
    return file.getvalue()


PART = {"Variable": "0.npy", "start": 0, "shape": [1], "steps": [1], "requires_grad": False}
DAMAGED = {
    "nothing": (b"", "empty"),
    "random bytes": (bytes(range(200)), "no zip archive"),
    "a pickle": (pickle.dumps(Hostile()), "pickle, which would run code"),
    "a file cut short": (saved(microtorch.ones(100))[:-40], "damaged"),
    "an archive of something else": (archive(data_pkl="x"), "no structure.json"),
    "a later format": (archive(structure_json='{"format": "microtorch 9", "object": null}'), "microtorch 9"),
    "no JSON": (archive(structure_json="{"), "damaged"),
    "an unknown kind": (with_object({"function": "os.system"}), "function"),
    "an array that is not there": (with_object(PART), "0.npy"),
    "a pickle in an array": (
        archive(structure_json=json.dumps({"format": "microtorch 1", "object": PART}), **{"0_npy": objects_in_npy()}),
        "(?i)pickle|object"),
    "deep nesting": (with_object(functools.reduce(lambda inner, _: {"list": [inner]}, range(150), {"value": 1})), "nested"),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGED)
def test_a_foreign_or_damaged_file_is_refused_and_runs_nothing(what, tmp_path, monkeypatch):
    data, message = DAMAGED[what]
    monkeypatch.setattr(os, "system", lambda command: pytest.fail("the file has run code"))
    with pytest.raises(ValueError, match=message):
        microtorch.load(io.BytesIO(data))


def test_a_variable_never_reaches_beyond_its_memory():
    file = io.BytesIO(saved(microtorch.ones(2)))
    with zipfile.ZipFile(file) as made:
        structure, array = json.loads(made.read("structure.json")), made.read("0.npy")
    for change in ({"shape": [1000]}, {"start": 5}, {"steps": [-1]}, {"start": -1}, {"shape": [2, 10**9], "steps": [0, 7]}):
        structure["object"] |= change
        hostile = archive(structure_json=json.dumps(structure), **{"0_npy": array})
        with pytest.raises(ValueError, match="beyond the memory"):
            microtorch.load(io.BytesIO(hostile))


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


def test_a_loaded_variable_is_one_of_the_package():
    assert isinstance(again(microtorch.ones(1)), Variable)
