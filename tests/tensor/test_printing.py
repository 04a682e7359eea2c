"""What is printed, to the byte: as PyTorch 0.3.1 printed it, and as PyTorch prints it today.

The texts of 2017 come from the tutorial, from 0.3's documentation and from notebooks of that year (said at each row);
where none was found, they follow from the rules of 0.3.1's ``torch/_tensor_str.py``.
"""

import math
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from microtorch.arrays.dtypes import float32, float64, int64
from microtorch.tensor import printing
from microtorch.tensor.printing import get_printoptions, printoptions, set_printoptions, tensor_style, variable_style
from microtorch.tensor.printing.options import Options


@pytest.fixture(autouse=True)
def _restored_options():
    with printoptions():
        yield


def variable(array, dtype=float32, **attributes):
    """What printing reads of a Variable."""
    return SimpleNamespace(array=np.asarray(array, dtype.dtype), dtype=dtype, **attributes)


def node(name):
    return SimpleNamespace(name=lambda: name)


# ------------------------------------------------------------------------------------------------------ 2017: the seed


@pytest.mark.parametrize(
    ("array", "printed"),
    [
        (np.ones((2, 2)), " 1  1\n 1  1\n[microtorch.FloatTensor of size 2x2]\n"),
        (np.full((2, 2), 3), " 3  3\n 3  3\n[microtorch.FloatTensor of size 2x2]\n"),
        (np.full((2, 2), 27), " 27  27\n 27  27\n[microtorch.FloatTensor of size 2x2]\n"),
        (27, " 27\n[microtorch.FloatTensor of size 1]\n"),
        (np.full((2, 2), 4.5), " 4.5000  4.5000\n 4.5000  4.5000\n[microtorch.FloatTensor of size 2x2]\n"),
    ],
)
def test_the_tutorial_prints_what_it_printed(array, printed, capsys):
    print(printing.variable_text(variable(array, _wrapped=True)))
    assert capsys.readouterr().out == "Variable containing:\n" + printed + "\n"


def test_a_raw_tensor_has_an_empty_line_for_a_header():
    text = printing.variable_text(variable([1, 2], int64, _wrapped=False))
    assert text == "\n 1\n 2\n[microtorch.LongTensor of size 2]\n"


# --------------------------------------------------------------------------------------------------- 2017: the numbers

TINY = [
    [0, 0, 0, 0],
    [1.8217e-44, 1.1614e-41, 0, 2.2369e08],
    [0, 0, 2.0376e-40, 2.0376e-40],
    [np.nan, np.nan, -5.3105e37, np.nan],
]
TRIANGLE = np.tril(np.ones((1, 5, 5), np.uint8))
UNPOOLED = np.arange(1, 17).reshape(1, 1, 4, 4)
EMBEDDED = np.float32([[[0.3988, -1.5525], [-0.4672, 0.7829]], [[0.1367, -1.7194], [-0.3098, -0.0366]]]) * np.float32(1e-4)


NUMBERS = {
    # Documentation of 0.3, torch.acos; the NaN decides nothing.
    "a NaN": ([2.2608, 1.2956, 1.1075, np.nan], " 2.2608\n 1.2956\n 1.1075\n    nan\n"),
    "only NaN": ([np.nan, np.nan], "nan\nnan\n"),  # in the description of a library that looks for NaN
    "a NaN among whole numbers": ([np.nan, 1], "nan\n  1\n"),
    "infinities": ([[1, -np.inf], [np.inf, 12]], "  1 -inf\ninf  12\n"),
    # A notebook on hooks: gradients of zero, times a negative number.
    "negative zero": (np.float32([[0.0, -0.0, -0.0]]), " 0 -0 -0\n"),
    "negative integers": ([[-1, 20], [3, -400]], "  -1   20\n   3 -400\n"),
    # The same notebook, and one on batch norm's buffers: all below 0.1 have a factor in common.
    "a factor": (np.float32([[0.051902, -0.023778, -0.044071]]), "1.00000e-02 *\n  5.1902 -2.3778 -4.4071\n"),
    "a factor of a vector": (np.float32([0.091559, 0.019914]), "1.00000e-02 *\n  9.1559\n  1.9914\n"),
    "a large factor": ([123456.5, -4000.25], "1.00000e+05 *\n  1.2346\n -0.0400\n"),
    "no factor": ([[0.1, 0.05]], " 0.1000  0.0500\n"),
    "wide": ([[1234.5, 1.5]], " 1234.5000     1.5000\n"),
    # A notebook that looked at memory nobody had filled.
    "far apart": (
        np.float32(TINY),
        (
            " 0.0000e+00  0.0000e+00  0.0000e+00  0.0000e+00\n"
            " 1.8217e-44  1.1614e-41  0.0000e+00  2.2369e+08\n"
            " 0.0000e+00  0.0000e+00  2.0376e-40  2.0376e-40\n"
            "        nan         nan -5.3105e+37         nan\n"
        ),
    ),
    "three digits of exponent": ([1e-200, 1.5], " 1.0000e-200\n  1.5000e+00\n"),
    "the largest whole": ([99999.0, 1], " 99999\n     1\n"),
    "whole but long": (np.array([100000, -1]), " 1.0000e+05\n-1.0000e+00\n"),
    "the ends of int64": (np.array([-(2**63), 2**63 - 1]), "-9.2234e+18\n 9.2234e+18\n"),
    "booleans, as bytes": (np.array([[True, False]]), " 1  0\n"),
    "bytes": (np.array([0, 255], np.uint8), "   0\n 255\n"),
    "halves": (np.array([[0.1, 1]], np.float16), " 0.1000  1.0000\n"),
    "smallest float, where 0.3.1 divided by 0": ([5e-324], "4.94066e-324 *\n  1.0000\n"),
    # Documentation of nn.MaxUnpool3d, of masks in the transformer, and of HashEmbedding.
    "a matrix of a 4-D tensor": (
        UNPOOLED,
        "(0 ,0 ,.,.) = \n   1   2   3   4\n   5   6   7   8\n   9  10  11  12\n  13  14  15  16\n",
    ),
    "a matrix of a 3-D tensor": (
        TRIANGLE,
        "(0 ,.,.) = \n  1  0  0  0  0\n  1  1  0  0  0\n  1  1  1  0  0\n  1  1  1  1  0\n  1  1  1  1  1\n",
    ),
    "two matrices with a factor": (
        EMBEDDED,
        (
            "(0 ,.,.) = \n1.00000e-04 *\n   0.3988 -1.5525\n  -0.4672  0.7829\n\n"
            "(1 ,.,.) = \n1.00000e-04 *\n   0.1367 -1.7194\n  -0.3098 -0.0366\n"
        ),
    ),
    "matrices of one number": (np.ones((2, 1, 1)), "(0 ,.,.) = \n  1\n\n(1 ,.,.) = \n  1\n"),
}


@pytest.mark.parametrize("row", NUMBERS)
def test_numbers_are_written_as_in_2017(row):
    array, body = np.asarray(NUMBERS[row][0]), NUMBERS[row][1]
    size = "x".join(map(str, array.shape))
    assert variable_style(array, "microtorch.SomeTensor") == f"\n{body}[microtorch.SomeTensor of size {size}]\n"


def test_empty_values():
    assert variable_style(np.zeros(0), "T") == "[T with no dimension]\n"
    # 2017: "Variable containing:[torch.LongTensor with no dimension]", in the notes to a segmentation loss.
    assert printing.variable_text(variable([], int64)) == "Variable containing:[microtorch.LongTensor with no dimension]\n"
    assert variable_style(np.zeros((0, 3)), "T") == "\n[T of size 0x3]\n"
    assert variable_style(np.zeros((2, 3, 0)), "T") == "\n[T of size 2x3x0]\n"


# --------------------------------------------------------------------------------------------------- 2017: the columns


def body(array, **options):
    text = variable_style(np.asarray(array), "T", Options(**options))
    return text[1 : text.rindex("[T of size")]


def test_a_matrix_longer_than_six_is_five_wide():
    assert body(np.zeros((1, 10))) == "    0     0     0     0     0     0     0     0     0     0\n"  # "numpy-100" in PyTorch


def test_wide_matrices_stand_in_blocks_of_columns():
    # arange(10, 50).view(1, -1), in "numpy-100" in PyTorch, 2017.
    blocks = [range(10, 23), range(23, 36), range(36, 49), range(49, 50)]
    expected = "".join(
        f"\nColumns {block[0] - 10} to {block[-1] - 10} \n" + " ".join(f"{value:5}" for value in block) + "\n" for block in blocks
    )
    assert expected.startswith("\nColumns 0 to 12 \n   10    11    12 ")
    assert body(np.arange(10.0, 50).reshape(1, -1)) == expected


def test_blocks_within_slices_indent_their_first_row_once_more():
    assert body([[[1, 2, 3], [4, 5, 6]]], linewidth=9) == (
        "(0 ,.,.) = \n\nColumns 0 to 1 \n   1  2\n  4  5\n\nColumns 2 to 2 \n   3\n  6\n"
    )


def test_blocks_repeat_the_factor():
    assert body([[0.01, 0.02]], linewidth=10) == (
        "\nColumns 0 to 0 \n1.00000e-02 *\n  1.0000\nColumns 1 to 1 \n1.00000e-02 *\n  2.0000\n"
    )


def test_a_short_matrix_is_never_shortened():
    expected = "\nColumns 0 to 4 \n 0  0  0  0  0\n\nColumns 5 to 5 \n 0\n"
    assert body(np.zeros((1, 6)), threshold=1, linewidth=17) == expected


def test_long_matrices_in_a_small_tensor_are_three_wide():
    assert body(np.zeros((1, 1, 7))) == "(0 ,.,.) = \n   0   0   0   0   0   0   0\n"


def test_a_line_too_short_for_a_number_holds_one():  # 0.3.1 never returned
    assert body([[1, 2]], linewidth=1) == "\nColumns 0 to 0 \n 1\nColumns 1 to 1 \n 2\n"


# ---------------------------------------------------------------------------------------------- 2017: large, shortened


def test_a_long_vector_shows_its_ends():
    assert body(np.arange(1000)) == "   0\n   1\n   2\n ⋮  \n 997\n 998\n 999\n"


def test_a_vector_below_the_threshold_is_whole():
    assert body(np.arange(999)).count("\n") == 999


def test_a_short_vector_never_shows_an_element_twice():  # 0.3.1 wrote 0 1 2 ⋮ 1 2 3
    assert body([0, 1, 2, 3], threshold=4) == " 0\n 1\n 2\n 3\n"


def test_a_large_matrix_shows_its_corners():
    # A mask of bytes of size 50x384, in a script on packed sequences, 2017.
    mask = np.ones((50, 384), np.uint8)
    mask[:, 300:] = 0
    row = "    1     1     1  ...      0     0     0\n"
    assert body(mask) == row * 3 + "       ...          ⋱          ...       \n" + row * 3


def test_a_large_matrix_with_a_factor():
    # A softmax of size 128x66, in the notes to a memory network, 2017.
    softmax = np.full((128, 66), 0.015)
    softmax[0, :3] = 0.017682, 0.016, 0.015325
    lines = body(softmax).splitlines()
    assert lines[:2] == ["1.00000e-02 *", " 1.7682  1.6000  1.5325  ...   1.5000  1.5000  1.5000"]
    assert lines[4] == "          ...             ⋱             ...          "


def test_a_large_matrix_of_numbers_far_apart():
    # The same softmax after three rounds.
    softmax = np.full((128, 66), 7.2926e-06)
    softmax[70, 30] = 0.5
    row = " 7.2926e-06  7.2926e-06  7.2926e-06  ...   7.2926e-06  7.2926e-06  7.2926e-06"
    dots = "                ...                   ⋱                   ...                "
    assert body(softmax).splitlines() == [row] * 3 + [dots] + [row] * 3


def test_a_tall_matrix_shows_its_first_and_last_rows():
    assert body(np.zeros((500, 2))) == "    0     0\n" * 3 + "     ⋮      \n" + "    0     0\n" * 3


def test_a_large_but_narrow_matrix_of_few_rows_is_cut_in_its_columns_only():
    assert body(np.zeros((2, 500))) == "    0     0     0  ...      0     0     0\n" * 2


def test_a_large_4d_tensor_shows_the_first_and_last_slices():
    # Samples of size 10x1x28x28, in a notebook on VQ-VAE, 2017.
    rows = ["  0.5000  0.5000  0.5000  ...   0.5000  0.5000  0.5000"] * 3
    matrix = [*rows, "           ...             ⋱             ...          ", *rows]
    shown = [[f"({i} ,0 ,.,.) = ", *matrix] for i in (0, 1, 2, 7, 8, 9)]
    again, jump = ["     ⋮ ", ""], ["...   ", "     ⋮ ", ""]
    expected = [line for part, dots in zip(shown, [again, again, jump, again, again, []], strict=True) for line in part + dots]
    assert body(np.full((10, 1, 28, 28), 0.5)).splitlines() == expected


def test_slices_of_a_small_tensor_are_all_shown():
    assert body(np.zeros((7, 1, 1))).count("(") == 7


def test_shortened_slices_repeat_the_factor():
    row = "  1.0000  1.0000  1.0000  ...   1.0000  1.0000  1.0000\n"
    assert body(np.full((1, 1, 7), 0.01), threshold=7) == "(0 ,.,.) = \n1.00000e-02 *\n" + row


def test_small_slices_of_a_large_tensor_are_whole_and_ignore_the_line():
    assert body(np.zeros((1, 1, 6)), threshold=6, linewidth=4) == "(0 ,.,.) = \n  0  0  0  0  0  0\n"


def test_the_options_hold_in_the_style_of_2017():
    assert body([0.123456], precision=2) == "   0.12\n"
    assert body(range(10), threshold=10, edgeitems=1) == " 0\n⋮ \n 9\n"
    assert body(range(10), threshold=10, edgeitems=0) == "⋮ \n"
    assert body(np.zeros((9, 9)), threshold=10, edgeitems=0) == "...   ⋱   ...\n"


def test_shortening_never_copies_a_large_array():
    large = np.ones((1000, 4000), np.float32).T
    tracemalloc.start()
    variable_style(large, "T")
    tensor_style(large, "microtorch.float32")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < large.nbytes / 8


@pytest.mark.parametrize("style", [variable_style, tensor_style])
@pytest.mark.parametrize(("shape", "strides"), [((10**6, 10**6), (0, 0)), ((10**6, 10**6), (8, 8)), ((10**6,) * 3, (0, 8, 16))])
def test_elements_that_are_shown_many_times_are_looked_at_once(style, shape, strides):
    memory = np.arange(4.0 * 10**6) % 8 + 0.5
    assert " 0.5000" in style(np.lib.stride_tricks.as_strided(memory, shape, strides), "T").replace("[", " ")


@settings(max_examples=200, deadline=None)
@given(data=st.data(), dims=st.lists(st.tuples(st.integers(1, 5), st.integers(-4, 4)), min_size=1, max_size=4))
def test_a_text_depends_on_the_elements_and_not_on_where_they_lie(data, dims):
    kind = data.draw(st.sampled_from([np.float16, np.float32, np.float64, np.int64, np.uint8]))
    elements = (
        st.integers(0, 200)
        if kind in {np.int64, np.uint8}
        else st.sampled_from([0, -0.0, 1, 2.5, 1e-3, -7, 1e4, np.nan, -np.inf])
    )
    memory = np.array(data.draw(st.lists(elements, min_size=65, max_size=65)), kind)
    start = sum((length - 1) * -min(step, 0) for length, step in dims)
    strides = [step * memory.itemsize for _, step in dims]
    view = np.lib.stride_tricks.as_strided(memory[start:], [length for length, _ in dims], strides)
    options = Options(threshold=data.draw(st.sampled_from([1, 1000])), edgeitems=1)
    assert variable_style(view, "T", options) == variable_style(view.copy(), "T", options)


def test_the_width_of_numbers_is_that_of_the_whole_array_though_it_is_read_in_blocks():
    for last, row in ((1e6, " 0.0000e+00"), (0.5, " 0.0000"), (99999, "     0"), (np.nan, "  0")):
        large = np.zeros(300_000, np.float32)
        large[-5] = last
        assert body(large).splitlines()[0] == row


# --------------------------------------------------------------------------------------------------------------- today

FLOATS = st.sampled_from([np.float16, np.float32, np.float64])
INTEGERS = st.sampled_from([np.int8, np.int16, np.int32, np.int64, np.uint8])
SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=9) | st.tuples(st.integers(0, 60))
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "precision": st.integers(0, 9),
        "threshold": st.sampled_from([0, 1, 5, 20, 100, 1000, math.inf]),
        "edgeitems": st.integers(0, 4),
        "linewidth": st.integers(1, 130),
        "sci_mode": st.booleans(),
        "profile": st.sampled_from(["default", "short", "full"]),
    },
)


@st.composite
def float_arrays(draw):
    dtype, shape = draw(FLOATS), draw(SHAPES)
    whole = st.integers(-2000, 2000).map(float)
    some = draw(st.sampled_from([whole, st.floats(-10, 10), st.floats(), whole | st.sampled_from([math.nan, math.inf])]))
    values = draw(hnp.arrays(np.float64, shape, elements=some, fill=some))
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(values * 10.0 ** draw(st.sampled_from([0, 0, -3, -5, 4, 9]))).astype(dtype)


ARRAYS = float_arrays() | hnp.arrays(INTEGERS | st.just(np.bool_), SHAPES)


@settings(max_examples=400, deadline=None)
@given(
    array=ARRAYS,
    options=OPTIONS,
    tracked=st.sampled_from(["no", "leaf", "result"]),
    default=st.sampled_from(["32", "64"]),
)
def test_today_s_style_is_torch_s_to_the_byte(torch, array, options, tracked, default):
    tensor = torch.from_numpy(array.copy())
    if tracked != "no" and tensor.is_floating_point():
        tensor.requires_grad_()
        tensor = tensor * 1 if tracked == "result" else tensor
    torch.set_default_dtype(getattr(torch, f"float{default}"))
    torch.set_printoptions(**options)
    try:
        expected = repr(tensor)
    finally:
        torch.set_printoptions(profile="default")
        torch.set_default_dtype(torch.float32)
    with printoptions(**options):
        assert expected == tensor_style(
            array,
            str(tensor.dtype),
            default_dtype=f"torch.float{default}",
            grad_fn=tensor.grad_fn and tensor.grad_fn.name(),
            requires_grad=tensor.requires_grad,
        )


@pytest.mark.parametrize(
    ("made", "printed"),
    [
        (variable([[1, 1], [1, 1]], requires_grad=True), "tensor([[1., 1.],\n        [1., 1.]], requires_grad=True)"),
        (variable([0.5], grad_fn=node("MulBackward0")), "tensor([0.5000], grad_fn=<MulBackward0>)"),
        (variable(4.5, float64), "tensor(4.5000, dtype=microtorch.float64)"),
        (variable([], int64), "tensor([], dtype=microtorch.int64)"),
        (variable(np.zeros((0, 3))), "tensor([], size=(0, 3))"),
        (variable([1, 1000]), "tensor([   1., 1000.])"),
        (variable(1e8), "tensor(100000000.)"),
        (variable([1e-5, 1]), "tensor([1.0000e-05, 1.0000e+00])"),
        (variable(range(1001), int64), "tensor([   0,    1,    2,  ...,  998,  999, 1000])"),
    ],
)
def test_a_variable_prints_in_today_s_style_when_asked(made, printed):
    set_printoptions(style="tensor")
    assert printing.variable_text(made) == printed


@pytest.mark.parametrize(("linewidth", "between"), [(37, " "), (36, "\n       ")])
def test_what_does_not_fit_on_the_line_begins_another(linewidth, between):
    text = tensor_style(np.float32([0.5]), "T", default_dtype="T", requires_grad=True, options=Options(linewidth=linewidth))
    assert text == f"tensor([0.5000],{between}requires_grad=True)"


# ------------------------------------------------------------------------------------------------------------- options


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"precision": -1}, "precision must be a whole number, 0 or more, not -1"),
        ({"precision": 2.5}, "precision must be a whole number"),
        ({"threshold": math.nan}, "threshold must be a number, 0 or more, or math.inf, not nan"),
        ({"threshold": "all"}, "threshold must be a number"),
        ({"edgeitems": -1}, "edgeitems must be a whole number"),
        ({"linewidth": 0}, "linewidth must be a whole number, 1 or more, not 0"),
        ({"linewidth": True}, "linewidth must be a whole number, 1 or more, not True"),
        ({"sci_mode": "yes"}, "sci_mode must be True, False, or None for automatic, not 'yes'"),
        ({"style": "old"}, "style must be 'variable' .* or 'tensor' .*, not 'old'"),
        ({"profile": "long"}, r"profile must be one of \['default', 'short', 'full'\], not 'long'"),
    ],
)
def test_a_wrong_option_is_refused_and_changes_nothing(wrong, why):
    before = get_printoptions()
    with pytest.raises(ValueError, match=f"^set_printoptions: {why}"):
        set_printoptions(**({"precision": 7, "style": "tensor"} | wrong))
    assert get_printoptions() == before


def test_a_profile_sets_what_is_not_given_and_leaves_the_style():
    set_printoptions(style="tensor", linewidth=50)
    set_printoptions(profile="short", threshold=7)
    expected = {"precision": 2, "threshold": 7, "edgeitems": 2, "linewidth": 80, "sci_mode": None, "style": "tensor"}
    assert get_printoptions() == expected


def test_scientific_mode_falls_back_to_automatic_with_every_call_as_in_torch():
    set_printoptions(sci_mode=True)
    set_printoptions(precision=3)
    assert get_printoptions()["sci_mode"] is None


def test_options_of_a_block_end_with_it_even_by_an_error():
    before = get_printoptions()
    with pytest.raises(KeyError), printoptions(style="tensor", sci_mode=False):
        raise KeyError
    assert get_printoptions() == before
