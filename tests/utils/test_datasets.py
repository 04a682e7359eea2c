"""Datasets: samples, lengths and refusals are torch's; parts at random are whole and follow the seed."""

import pytest

import microtorch
from tests.utils.structures import outcome, plain


def stream(lib, *values):
    class Stream(lib.utils.data.IterableDataset):
        def __iter__(self):
            return iter(values)

        def __len__(self):
            return len(values)

    return Stream()


def squares(lib, length=4):
    class Squares(lib.utils.data.Dataset):
        def __getitem__(self, index):
            return lib.tensor(index), index**2

        def __len__(self):
            return length

    return Squares()


class AtOnce(list):
    """A list that knows how to give several samples at once; the first, ``short`` fewer than are asked for."""

    short = 0

    def __getitems__(self, indices):
        return [f"{self[i]}!" for i in indices[self.short :]]


class TooFew(AtOnce):
    short = 1


# Programs on `lib` and its `utils.data`, d: what they come to is the same in both, the kind of an error too.
PROGRAMS = {
    "a row of each tensor": lambda lib, d: d.TensorDataset(lib.zeros(3, 2), lib.arange(3))[1],
    "the last row": lambda lib, d: d.TensorDataset(lib.arange(3))[-1],
    "rows by a slice": lambda lib, d: d.TensorDataset(lib.arange(4), lib.ones(4))[1:3],
    "rows by a list": lambda lib, d: d.TensorDataset(lib.arange(4))[[3, 0]],
    "a row that is not there": lambda lib, d: d.TensorDataset(lib.arange(3))[3],
    "all rows": lambda lib, d: list(d.TensorDataset(lib.arange(3))),
    "how many rows there are": lambda lib, d: len(d.TensorDataset(lib.zeros(3, 2))),
    "tensors of different lengths": lambda lib, d: d.TensorDataset(lib.zeros(3), lib.zeros(2)),
    "no tensors": lambda lib, d: len(d.TensorDataset()),
    "arrays": lambda lib, d: d.TensorDataset(lib.zeros(3).numpy()),
    "a dataset of one's own": lambda lib, d: [squares(lib)[3], len(squares(lib))],
    "a dataset without samples": lambda lib, d: d.Dataset()[0],
    "a dataset without a length": lambda lib, d: len(d.Dataset()),
    "one with the type of its samples": lambda lib, d: isinstance(d.Dataset[int](), d.Dataset),
    "a stack": lambda lib, d: d.StackDataset([1, 2], "ab")[1],
    "a stack by names": lambda lib, d: d.StackDataset(number=[1, 2], word="ab")[0],
    "the length of a stack": lambda lib, d: [len(d.StackDataset([1, 2])), len(d.StackDataset(a="abc"))],
    "a stack of several": lambda lib, d: d.StackDataset("abc", AtOnce([1, 2, 3])).__getitems__([2, 0]),
    "a stack of several by names": lambda lib, d: d.StackDataset(a="abc", b=AtOnce([1, 2, 3])).__getitems__([2, 0]),
    "a stack of too few": lambda lib, d: d.StackDataset("abc", TooFew([1, 2, 3])).__getitems__([2, 0]),
    "a stack of different lengths": lambda lib, d: d.StackDataset([1], [1, 2]),
    "a stack of different lengths by names": lambda lib, d: d.StackDataset(a=[1], b=[1, 2]),
    "a stack of nothing": lambda lib, d: d.StackDataset(),
    "a stack of both kinds": lambda lib, d: d.StackDataset([1], a=[1]),
    "one after the other": lambda lib, d: [*d.ConcatDataset([[1, 2], [], "ab"])],
    "from the end": lambda lib, d: [d.ConcatDataset([[1, 2], "ab"])[i] for i in (-1, -4)],
    "before the first": lambda lib, d: d.ConcatDataset([[1, 2]])[-3],
    "after the last": lambda lib, d: d.ConcatDataset([[1, 2]])[2],
    "lengths, added up": lambda lib, d: [len(d.ConcatDataset([[1], [2, 3]])), d.ConcatDataset([[1], [2, 3]]).cumulative_sizes],
    "a sum": lambda lib, d: [*(squares(lib, 2) + squares(lib, 1) + d.TensorDataset(lib.arange(1)))],
    "none after the other": lambda lib, d: d.ConcatDataset([]),
    "streams by number": lambda lib, d: d.ConcatDataset([stream(lib, 1)]),
    "a chain": lambda lib, d: [*d.ChainDataset([stream(lib, 1, 2), stream(lib, 3)])],
    "a sum of streams": lambda lib, d: [*(stream(lib, 1) + stream(lib, 2))],
    "the length of a chain": lambda lib, d: len(stream(lib, 1) + stream(lib, 2, 3)),
    "a chain of what is no stream": lambda lib, d: [*d.ChainDataset([[1]])],
    "the length of a chain of what is no stream": lambda lib, d: len(d.ChainDataset([[1]])),
    "a subset": lambda lib, d: [*d.Subset("abcdef", [4, 0])],
    "the length of a subset": lambda lib, d: len(d.Subset("abcdef", [4, 0])),
    "a subset by a list": lambda lib, d: d.Subset(lib.arange(6), [4, 0, 2])[[0, 2]],
    "a subset by a tensor": lambda lib, d: d.Subset(lib.arange(6) * 2, lib.tensor([4, 0]))[1],
    "several of a subset": lambda lib, d: d.Subset("abcdef", [4, 0]).__getitems__([1]),
    "several of a subset at once": lambda lib, d: d.Subset(AtOnce("abcdef"), [4, 0]).__getitems__([1, 0]),
    "a subset of a subset": lambda lib, d: [*d.Subset(d.Subset("abcdef", [4, 0]), [1])],
    "parts by lengths": lambda lib, d: [len(each) for each in d.random_split(range(10), [3, 7])],
    "parts by fractions": lambda lib, d: [len(each) for each in d.random_split(range(10), [0.3, 0.3, 0.4])],
    "parts with what is left over": lambda lib, d: [len(each) for each in d.random_split(range(11), [0.5, 0.25, 0.25])],
    "one part": lambda lib, d: [len(each) for each in d.random_split(range(1), [1])],
    "parts of too many": lambda lib, d: d.random_split(range(10), [3, 8]),
    "fractions of too little": lambda lib, d: d.random_split(range(10), [0.3, 0.3]),
    "fractions of a little too much": lambda lib, d: d.random_split(range(10), [0.5, 0.5 + 1e-12]),
    "a negative fraction": lambda lib, d: d.random_split(range(10), [1.5, -0.5]),
}  # fmt: skip


def result(lib, program):
    return outcome(lambda: plain(lib, program(lib, lib.utils.data)))


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_program_comes_to_the_same_as_with_torch(torch, program):
    assert result(microtorch, program) == result(torch, program)


def test_a_part_that_is_empty_is_warned_of(lib):
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        assert [len(each) for each in lib.utils.data.random_split(range(3), [0.9, 0.1])] == [3, 0]


def test_parts_at_random_have_all_samples_and_follow_the_seed(lib):
    def parts(seed):
        made = lib.utils.data.random_split(range(20), [15, 5], generator=lib.Generator().manual_seed(seed))
        return [[*each] for each in made]

    first, second = parts(0)
    assert sorted(first + second) == [*range(20)]
    assert parts(0) == parts(0) != parts(1)
    lib.manual_seed(3)
    first = lib.utils.data.random_split(range(20), [0.5, 0.5])[0].indices
    lib.manual_seed(3)
    assert lib.utils.data.random_split(range(20), [0.5, 0.5])[0].indices == first


def test_a_subset_with_samples_of_its_own_has_to_give_several_too(lib):
    class Doubled(lib.utils.data.Subset):
        def __getitem__(self, index):
            return super().__getitem__(index) * 2

    with pytest.raises(NotImplementedError, match="Doubled overrides __getitem__ but not __getitems__"):
        Doubled([1, 2], [0])

    class Both(Doubled):
        def __getitems__(self, indices):
            return [self[i] for i in indices]

    assert [each.tolist() for each in lib.utils.data.DataLoader(Both([1, 2], [1]))] == [[4]]


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (lambda d: d.TensorDataset(microtorch.zeros(3), microtorch.zeros(2)), r"lengths \[3, 2\]"),
        (lambda d: d.TensorDataset(microtorch.zeros(3).numpy()), r"argument 0 is of type ndarray.*as_tensor"),
        (lambda d: d.StackDataset([1], [1, 2]), r"lengths are \[1, 2\]"),
        (lambda d: d.random_split(range(10), [3, 8]), r"They are \[3, 8\], and it has 10"),
    ],
)
def test_a_refusal_says_the_lengths(program, words):
    with pytest.raises((AssertionError, TypeError, ValueError), match=words):
        program(microtorch.utils.data)
