"""Samples become a batch as in torch: the same containers, dtypes, shapes and values; and the same is refused."""

from array import array
from collections import OrderedDict, UserDict, defaultdict, namedtuple
from types import MappingProxyType

import numpy as np
import pytest

import microtorch
from tests.utils.structures import outcome, plain

Point = namedtuple("Point", "x y")

# Samples of all kinds, by what they are; "t" makes a tensor.
SAMPLES = {
    "tensors": lambda t: [t([1.0, 2.0]), t([3.0, 4.0])],
    "0-dim tensors": lambda t: [t(1), t(2)],
    "tensors of different dtypes": lambda t: [t([1, 2]), t([1.5, 2.5])],
    "0-dim tensors of different dtypes": lambda t: [t(1), t(2.5)],
    "one sample": lambda t: [t([True])],
    "arrays": lambda t: [np.arange(3), np.arange(3)],
    "arrays of float16": lambda t: [np.ones((2, 1), np.float16)],
    "0-dim arrays": lambda t: [np.array(1.5), np.array(2.5)],
    "NumPy's floats": lambda t: [np.float32(1), np.float32(2)],
    "NumPy's doubles, which are floats": lambda t: [np.float64(1), np.float64(2)],
    "NumPy's integers": lambda t: [np.int16(1), np.int16(2)],
    "NumPy's bools": lambda t: [np.bool_(True), np.bool_(False)],
    "floats": lambda t: [1.5, 2.5],
    "integers": lambda t: [1, 2],
    "bools": lambda t: [True, False],
    "an integer, then a float": lambda t: [1, 2.5],
    "strings": lambda t: ["one", "two"],
    "bytes": lambda t: [b"one", b"two"],
    "tuples": lambda t: [(t([1.0]), 1), (t([2.0]), 2)],
    "tuples of strings": lambda t: [("a", 1), ("b", 2)],
    "lists": lambda t: [[1, "a"], [2, "b"]],
    "empty lists": lambda t: [[], []],
    "nested": lambda t: [{"a": (1, [2.0, {"b": t(3)}])}, {"a": (4, [5.0, {"b": t(6)}])}],
    "dicts": lambda t: [{"x": t([1.0]), "y": 1}, {"x": t([2.0]), "y": 2}],
    "dicts of which a later one has more": lambda t: [{"x": 1}, {"x": 2, "y": 3}],
    "OrderedDicts": lambda t: [OrderedDict(b=1, a=2), OrderedDict(b=3, a=4)],
    "defaultdicts": lambda t: [defaultdict(int, x=1), defaultdict(int, x=2)],
    "UserDicts": lambda t: [UserDict(x=1), UserDict(x=2)],
    "mappings that cannot be changed": lambda t: [MappingProxyType({"x": 1}), MappingProxyType({"x": 2})],
    "named tuples": lambda t: [Point(1, "a"), Point(2, "b")],
    "ranges": lambda t: [range(2), range(2)],
    "Python's arrays": lambda t: [array("i", [1, 2]), array("i", [3, 4])],
}
REFUSED = {
    "tensors of different shapes": lambda t: [t([1.0]), t([1.0, 2.0])],
    "arrays of different shapes": lambda t: [np.ones(1), np.ones(2)],
    "lists of different lengths": lambda t: [[1], [1, 2]],
    "dicts of which a later one lacks a key": lambda t: [{"x": 1}, {}],
    "None": lambda t: [None, None],
    "sets": lambda t: [{1}, {2}],
    "arrays of strings": lambda t: [np.array(["a"])],
    "arrays of objects": lambda t: [np.array([None])],
    "nothing": lambda t: [],
}


def collated(lib, samples):
    return plain(lib, lib.utils.data.default_collate(samples(lib.tensor)))


@pytest.mark.parametrize("samples", SAMPLES.values(), ids=SAMPLES.keys())
def test_a_batch_is_torchs(torch, samples):
    assert collated(microtorch, samples) == collated(torch, samples)


@pytest.mark.parametrize("samples", REFUSED.values(), ids=REFUSED.keys())
def test_what_torch_refuses_is_refused(torch, samples):
    refusal = outcome(lambda: collated(torch, samples))
    assert refusal in {"RuntimeError", "TypeError", "KeyError", "IndexError"}
    assert outcome(lambda: collated(microtorch, samples)) == refusal


@pytest.mark.parametrize("samples", [*SAMPLES.values(), *REFUSED.values()], ids=[*SAMPLES, *REFUSED])
def test_a_sample_that_is_no_batch_is_converted_as_in_torch(torch, samples):
    mine, theirs = (plain(lib, lib.utils.data.default_convert(samples(lib.tensor))) for lib in (microtorch, torch))
    assert mine == theirs


def test_what_cannot_be_in_a_batch_is_named_with_the_remedy():
    with pytest.raises(TypeError, match=r"found <class 'NoneType'>.*collate_fn="):
        microtorch.utils.data.default_collate([(1, None)])
    with pytest.raises(TypeError, match="found an array of <U1"):
        microtorch.utils.data.default_collate([np.array(["a"])])


def test_a_batch_leads_back_to_its_samples(lib):
    rows = [lib.tensor([float(i)], requires_grad=True) for i in range(2)]
    (lib.utils.data.default_collate(rows) * lib.tensor([[2.0], [3.0]])).sum().backward()
    assert [each.grad.tolist() for each in rows] == [[2.0], [3.0]]
