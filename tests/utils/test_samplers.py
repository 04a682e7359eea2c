"""Samplers: what they give without chance, their lengths and refusals are torch's; what they give by chance follows the seed."""

from collections import Counter

import pytest

import microtorch
from tests.utils.structures import outcome

# Programs on a library's samplers, d: what they come to is the same in both, the kind of an error too.
PROGRAMS = {
    "in order": lambda d: [*d.SequentialSampler("abc")],
    "of nothing": lambda d: [*d.SequentialSampler("")],
    "lengths": lambda d: [len(d.SequentialSampler("abc")), len(d.RandomSampler("abc")), len(d.SubsetRandomSampler([1, 2]))],
    "all, in any order": lambda d: sorted(d.RandomSampler("abcde")),
    "fewer than there are": lambda d: [len({*d.RandomSampler("abcde", num_samples=3)}), len(d.RandomSampler("abc", False, 2))],
    "more than there are, in rounds": lambda d: sorted(Counter(d.RandomSampler("abc", num_samples=7)).values()),
    "with replacement, as many": lambda d: [len([*d.RandomSampler("ab", True)]), len([*d.RandomSampler("ab", True, 100)])],
    "with replacement, of one": lambda d: [*d.RandomSampler("a", True, 3)],
    "of a subset, in any order": lambda d: sorted(d.SubsetRandomSampler([5, 3, 3])),
    "by weights": lambda d: {*d.WeightedRandomSampler([0.0, 1.0, 3.0], 50)},
    "by weights, each once": lambda d: sorted(d.WeightedRandomSampler([1, 1, 3], 3, replacement=False)),
    "by weights, how many": lambda d: len(d.WeightedRandomSampler([1.0, 2.0], 7)),
    "by weights, each once, of too few": lambda d: [*d.WeightedRandomSampler([1.0, 2.0], 3, replacement=False)],
    "in batches": lambda d: [*d.BatchSampler(d.SequentialSampler(range(5)), 2, False)],
    "in whole batches": lambda d: [*d.BatchSampler(range(5), 2, True)],
    "in batches that come out even": lambda d: [*d.BatchSampler(iter("abcd"), 2, True)],
    "in batches, of nothing": lambda d: [*d.BatchSampler([], 2, False)],
    "how many batches": lambda d: [len(d.BatchSampler(range(n), 3, last)) for n in (0, 2, 3, 4) for last in (True, False)],
    "how many batches of what has no length": lambda d: len(d.BatchSampler(iter("ab"), 2, True)),
    "of nothing, at random": lambda d: d.RandomSampler(""),
    "a number of samples that is none": lambda d: d.RandomSampler("ab", num_samples=0),
    "a number of samples with a fraction": lambda d: d.RandomSampler("ab", num_samples=1.5),
    "replacement that is no bool": lambda d: d.RandomSampler("ab", replacement=1),
    "weights in rows": lambda d: d.WeightedRandomSampler([[1.0], [2.0]], 1),
    "no samples by weights": lambda d: d.WeightedRandomSampler([1.0], 0),
    "samples by weights, as a bool": lambda d: d.WeightedRandomSampler([1.0], True),
    "replacement by weights that is no bool": lambda d: d.WeightedRandomSampler([1.0], 1, 1),
    "batches of none": lambda d: d.BatchSampler("ab", 0, False),
    "batches of a fraction": lambda d: d.BatchSampler("ab", 1.5, False),
    "batches of True": lambda d: d.BatchSampler("ab", True, False),
    "drop_last that is no bool": lambda d: d.BatchSampler("ab", 1, 0),
    "a sampler without numbers": lambda d: iter(d.Sampler()),
    "one with the type of its numbers": lambda d: isinstance(d.Sampler[int](), d.Sampler),
}  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_program_comes_to_the_same_as_with_torch(torch, program):
    mine, theirs = (outcome(lambda lib=lib: program(lib.utils.data)) for lib in (microtorch, torch))
    assert mine == theirs


def samplers(lib):
    """A sampler of each kind that draws, for a generator."""
    d = lib.utils.data
    return {
        "RandomSampler": lambda g: d.RandomSampler(range(50), generator=g),
        "RandomSampler with replacement": lambda g: d.RandomSampler(range(50), True, 80, g),
        "SubsetRandomSampler": lambda g: d.SubsetRandomSampler(range(50), g),
        "WeightedRandomSampler": lambda g: d.WeightedRandomSampler([1.0] * 50, 40, generator=g),
    }


@pytest.mark.parametrize("name", samplers(microtorch))
def test_the_same_seed_gives_the_same_order_and_the_next_pass_another(lib, name):
    sampler = samplers(lib)[name]

    def passes(seed):
        made = sampler(lib.Generator().manual_seed(seed))
        return [*made], [*made]

    assert passes(1) == passes(1)
    assert passes(1) != passes(2)
    assert passes(1)[0] != passes(1)[1]


@pytest.mark.parametrize("name", samplers(microtorch))
def test_without_a_generator_the_default_ones_seed_counts(lib, name):
    orders = []
    for seed in (1, 1, 2):
        lib.manual_seed(seed)
        orders.append([*samplers(lib)[name](None)])
    assert orders[0] == orders[1] != orders[2]


def test_what_is_drawn_meanwhile_does_not_change_the_order(lib):
    def order(meanwhile):
        lib.manual_seed(0)
        return [(index, meanwhile())[0] for index in lib.utils.data.RandomSampler(range(5), True, 50)]

    assert order(lambda: lib.rand(1)) == order(lambda: None)


def test_the_length_of_the_data_may_change(lib):
    data = [1]
    sampler = lib.utils.data.RandomSampler(data)
    data += [2, 3]
    assert sorted(sampler) == [0, 1, 2]
    assert len(sampler) == 3


def test_data_that_is_empty_by_now_is_said_to_be():
    with pytest.raises(ValueError, match="data source is empty"):
        next(iter(microtorch.utils.data.RandomSampler([], num_samples=3)))


def test_a_sampler_of_2017_hands_its_data_to_the_class_above():
    class Evens(microtorch.utils.data.sampler.Sampler):
        def __init__(self, data):
            super().__init__(data)
            self.data = data

        def __iter__(self):
            return iter(range(0, len(self.data), 2))

    assert [*Evens("abcde")] == [0, 2, 4]
