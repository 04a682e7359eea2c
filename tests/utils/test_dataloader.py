"""The loader: batches without chance, lengths and refusals are torch's; with chance they follow the seed; no workers start."""

import warnings

import numpy as np
import pytest

import microtorch
from microtorch import nn, optim
from microtorch.autograd import Variable
from microtorch.utils.data import dataloader
from tests.utils.structures import batches, outcome
from tests.utils.test_datasets import AtOnce, squares, stream


def pairs(lib, length=5):
    return lib.utils.data.TensorDataset(lib.arange(2.0 * length).view(length, 2), lib.arange(length))


def named(lib):
    return [{"x": np.full(2, i, np.float32), "word": "abc"[i]} for i in range(3)]


def together(samples):
    return len(samples), samples


# Programs that make a loader, of `lib` and its DataLoader, L.
LOADERS = {
    "one by one": lambda lib, L: L(pairs(lib)),
    "in twos": lambda lib, L: L(pairs(lib), batch_size=2),
    "in twos, whole": lambda lib, L: L(pairs(lib), batch_size=2, drop_last=True),
    "more in a batch than there are": lambda lib, L: L(pairs(lib), 10),
    "not in batches": lambda lib, L: L(pairs(lib), batch_size=None),
    "arrays, not in batches": lambda lib, L: L([np.arange(2), np.arange(2)], batch_size=None),
    "a dataset of one's own": lambda lib, L: L(squares(lib), 3),
    "a list": lambda lib, L: L([1.5, 2.5, 3.5], 2),
    "a tensor": lambda lib, L: L(lib.arange(6).view(3, 2), 2),
    "an array": lambda lib, L: L(np.arange(6).reshape(3, 2), 2),
    "dicts": lambda lib, L: L(named(lib), 2),
    "several at once": lambda lib, L: L(AtOnce("abc"), 2),
    "the dataset's own batches": lambda lib, L: L(lib.arange(6), sampler=[[0, 1], [4, 5]], batch_size=None),
    "by a sampler": lambda lib, L: L(pairs(lib), 2, sampler=[4, 0, 2]),
    "by a sampler of the library": lambda lib, L: L(pairs(lib), 2, sampler=lib.utils.data.SequentialSampler(range(3))),
    "by a sampler of batches": lambda lib, L: L(pairs(lib), batch_sampler=[[4, 0, 2], [1]]),
    "by keys": lambda lib, L: L({"a": 1, "b": 2}, sampler=["b", "a", "b"], batch_size=2),
    "by a function of one's own": lambda lib, L: L([3, 4, 5], 2, collate_fn=together),
    "by a function of one's own, not in batches": lambda lib, L: L([3, 4, 5], None, collate_fn=str),
    "a subset": lambda lib, L: L(lib.utils.data.Subset(pairs(lib), [3, 1]), 2),
    "a stream": lambda lib, L: L(stream(lib, 1, 2, 3), 2),
    "a stream, whole batches": lambda lib, L: L(stream(lib, 1, 2, 3), 2, drop_last=True),
    "a stream, whole batches that come out even": lambda lib, L: L(stream(lib, 1, 2, 3, 4), 2, drop_last=True),
    "a stream, not in batches": lambda lib, L: L(stream(lib, 1, "a"), None),
    "a stream of nothing": lambda lib, L: L(stream(lib), 2),
    "a stream with shuffle=False": lambda lib, L: L(stream(lib, 1), shuffle=False),
    "nothing": lambda lib, L: L([], 2),
    "with the type of its batches": lambda lib, L: L[int]([1]),
}
REFUSED = {
    "shuffle and a sampler": lambda lib, L: L([1], shuffle=True, sampler=[0]),
    "a size and a sampler of batches": lambda lib, L: L([1], 2, batch_sampler=[[0]]),
    "shuffle and a sampler of batches": lambda lib, L: L([1], shuffle=True, batch_sampler=[[0]]),
    "drop_last and a sampler of batches": lambda lib, L: L([1], drop_last=True, batch_sampler=[[0]]),
    "both samplers": lambda lib, L: L([1], sampler=[0], batch_sampler=[[0]]),
    "drop_last without batches": lambda lib, L: L([1], batch_size=None, drop_last=True),
    "no batch size": lambda lib, L: L([1], batch_size=0),
    "a batch size with a fraction": lambda lib, L: L([1], batch_size=1.5),
    "a stream, shuffled": lambda lib, L: L(stream(lib, 1), shuffle=True),
    "a stream by a sampler": lambda lib, L: L(stream(lib, 1), sampler=[0]),
    "a stream by a sampler of batches": lambda lib, L: L(stream(lib, 1), batch_sampler=[[0]]),
    "nothing, shuffled": lambda lib, L: L([], shuffle=True),
    "fewer workers than none": lambda lib, L: L([1], num_workers=-1),
    "a negative timeout": lambda lib, L: L([1], timeout=-1),
    "prefetching without workers": lambda lib, L: L([1], prefetch_factor=2),
    "workers that stay, without workers": lambda lib, L: L([1], persistent_workers=True),
    "a way to start workers, without workers": lambda lib, L: L([1], multiprocessing_context="spawn"),
    "samples that are no numbers": lambda lib, L: next(iter(L([None]))),
    "the length of a stream that has none": lambda lib, L: len(L(type("S", (lib.utils.data.IterableDataset,), {})())),
}


@pytest.mark.parametrize("program", LOADERS.values(), ids=LOADERS.keys())
def test_batches_and_how_many_there_are_are_torchs(torch, program):
    mine, theirs = program(microtorch, microtorch.utils.data.DataLoader), program(torch, torch.utils.data.DataLoader)
    for _ in range(2):  # a loader begins anew each time
        assert batches(microtorch, mine) == batches(torch, theirs)
    assert outcome(lambda: len(mine)) == outcome(lambda: len(theirs))
    assert (mine.batch_size, mine.drop_last) == (theirs.batch_size, theirs.drop_last)


@pytest.mark.parametrize("program", REFUSED.values(), ids=REFUSED.keys())
def test_what_torch_refuses_is_refused(torch, program):
    refusal = outcome(lambda: program(torch, torch.utils.data.DataLoader))
    assert refusal in {"ValueError", "TypeError"}
    assert outcome(lambda: program(microtorch, microtorch.utils.data.DataLoader)) == refusal


def orders(lib, *seeds, passes=1, **options):
    """The order of the samples in each pass of a loader with a generator of each seed."""
    found = []
    for seed in seeds:
        loader = lib.utils.data.DataLoader(range(20), 3, shuffle=True, generator=lib.Generator().manual_seed(seed), **options)
        found += [[number for batch in loader for number in batch.tolist()] for _ in range(passes)]
    return found


def test_shuffled_batches_have_all_samples_and_follow_the_seed(lib):
    first, again, other = orders(lib, 1, 1, 2)
    assert sorted(first) == [*range(20)]
    assert first == again != other


def test_each_pass_is_shuffled_anew(lib):
    first, second = orders(lib, 1, passes=2)
    assert first != second


def test_a_dropped_batch_is_another_one_each_time(lib):
    first, second = orders(lib, 1, passes=2, drop_last=True)
    assert len(first) == len(second) == 18
    assert {*first} != {*second}


def test_the_order_is_that_of_the_packages_own_generator():
    (order,) = orders(microtorch, 7)
    assert order == microtorch.randperm(20, generator=microtorch.Generator().manual_seed(7)).tolist()


def test_two_passes_at_once_do_not_disturb_each_other(lib):
    loader = lib.utils.data.DataLoader([1, 2, 3], 2)
    first, second = iter(loader), iter(loader)
    assert [next(first).tolist(), next(second).tolist(), next(first).tolist()] == [[1, 2], [1, 2], [3]]


def test_a_pass_knows_how_long_it_is_and_is_its_own_iterator(lib):
    begun = iter(lib.utils.data.DataLoader([1, 2, 3], 2))
    assert len(begun) == 2
    assert iter(begun) is begun


def test_an_error_in_a_sample_does_not_end_the_pass(lib):
    class Damaged(list):
        def __getitem__(self, index):
            return 1 / super().__getitem__(index)

    begun = iter(lib.utils.data.DataLoader(Damaged([1, 0, 2])))
    assert next(begun).tolist() == [1.0]
    with pytest.raises(ZeroDivisionError):
        next(begun)
    assert next(begun).tolist() == [0.5]


@pytest.mark.parametrize("name", ["batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"])
def test_what_would_change_nothing_cannot_be_set(lib, name):
    loader = lib.utils.data.DataLoader([1, 2])
    with pytest.raises(ValueError, match=f"{name} attribute should not be set after DataLoader is initialized"):
        setattr(loader, name, 2)
    loader.collate_fn = together
    assert next(iter(loader)) == (1, [1])


def test_there_are_no_workers(lib):
    assert lib.utils.data.get_worker_info() is None


def test_workers_are_warned_of_once_and_there_are_none():
    dataloader._say_that_there_are_none.cache_clear()
    with pytest.warns(UserWarning, match="in this process.*starts no workers") as warned:
        loader = microtorch.utils.data.DataLoader([1, 2], num_workers=2)
    assert (len(warned), warned[0].filename, loader.num_workers) == (1, __file__, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loader = microtorch.utils.data.DataLoader(
            [1, 2], num_workers=4, pin_memory=True, timeout=3, worker_init_fn=print, multiprocessing_context="spawn",
            prefetch_factor=2, persistent_workers=True, pin_memory_device="cuda", in_order=False,
        )  # fmt: skip
        assert [each.tolist() for each in loader] == [[1], [2]]


def test_a_program_of_2017_trains_on_batches():
    microtorch.manual_seed(0)
    inputs = microtorch.randn(40, 3)
    trainset = microtorch.utils.data.TensorDataset(inputs, inputs.sum(1, keepdim=True))
    trainloader = microtorch.utils.data.dataloader.DataLoader(trainset, batch_size=8, shuffle=True)
    net = nn.Linear(3, 1)
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    images, labels = iter(trainloader).next()
    assert (tuple(images.size()), tuple(labels.size())) == ((8, 3), (8, 1))
    running = []
    for _ in range(20):
        running_loss = 0.0
        for i, data in enumerate(trainloader, 0):  # noqa: B007 - as it was written
            inputs, labels = data
            inputs, labels = Variable(inputs), Variable(labels)
            optimizer.zero_grad()
            loss = nn.MSELoss()(net(inputs), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.data[0]
        running.append(running_loss / (i + 1))
    assert running[-1] < 0.01 * running[0]


def test_names_are_where_programs_import_them_from(lib):
    d = lib.utils.data
    assert d.dataloader.DataLoader is d.DataLoader
    assert d.dataloader.default_collate is d.default_collate
    assert d.dataset.Dataset is d.Dataset
    assert d.sampler.SubsetRandomSampler is d.SubsetRandomSampler
