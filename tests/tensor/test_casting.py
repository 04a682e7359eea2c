"""dtypes and devices: conversions, limits, and what is not here."""

import numpy as np
import pytest

import microtorch
from microtorch.arrays import dtypes
from microtorch.tensor.printing import printoptions
from tests.libraries import assert_refused

EXPRESSIONS = [
    *(f"x.{name}()" for name in ("float", "double", "half", "int", "long", "short", "byte", "char", "bool", "cpu")),
    "x.to(lib.float64)", "x.to('cpu')", "x.to(lib.device('cpu'), lib.int32)", "x.to(i)", "x.to(dtype=lib.float16)",
    "x.to(device='cpu', dtype=lib.float64)", "x.to('cpu', lib.float64, non_blocking=True)", "x.to(lib.float32, copy=True) is x",
    "x.to(lib.float32) is x", "x.to('cpu') is x", "x.type().split('.')[1]", "i.type().split('.')[1]", "x.type(lib.LongTensor)",
    "x.type('torch.DoubleTensor')", "x.type(lib.int16)", "x.type_as(i)", "x.is_floating_point()", "lib.is_floating_point(i)",
    "x.is_cuda", "x.is_sparse", "x.is_complex()", "i.is_signed()", "x.byte().is_signed()", "x.element_size()", "x.nbytes",
    "x.itemsize", "x.nelement()", "lib.numel(x)", "x.ndimension()", "x.stride()", "x.t().stride(0)", "x[:, 1:].storage_offset()",
    "x.t().is_contiguous()", "x.is_contiguous()", "x.size(-1)", "x.device", "repr(lib.device('cuda:1'))",
    "lib.device('cpu').type",
    "lib.device('cpu') == x.device", "lib.device('cuda', 1).index", "lib.is_tensor(x)", "lib.is_tensor(3)",
    "x.is_same_size(i)", "lib.cuda.is_available()", "lib.cuda.device_count()", "lib.finfo(lib.float32)", "lib.finfo(lib.float16)",
    "lib.finfo().bits", "lib.finfo(lib.float64).max", "lib.iinfo(lib.uint8)", "lib.iinfo(lib.int64).max",
    *(f"lib.promote_types(lib.{a}, lib.{b})" for a,
        b in [("int64", "float32"), ("uint8", "int8"), ("bool", "uint8"), ("float16", "int64")]),
    "lib.result_type(i, 2.5)", "lib.result_type(x, lib.tensor(1.0, dtype=lib.float64))", "lib.result_type(i, x)",
    *(f"lib.can_cast(lib.{a}, lib.{b})" for a, b in
      [("float64", "int8"), ("int64", "uint8"), ("uint8", "int8"), ("bool", "int8"), ("int8", "bool"), ("float64", "float16")]),
    "lib.float32.is_floating_point", "lib.int8.is_signed", "lib.bool.is_signed", "lib.float16.itemsize", "lib.float32.is_complex",
    "lib.accelerator.is_available()", "lib.get_default_device()", "lib.inf", "lib.pi", "x[lib.newaxis].shape", "1.0 in x",
    "7 in x",
    "x.to(float)", "x.to()", "x.to(None)", "x.to(lib.float64, False, True)", "x.to('cpu', lib.float32, False, True) is x",
    "x.to(i, copy=True)", "i.to(i, copy=True) is i", "x.type(lib.Tensor) is x", "x.type('torch.FloatTensor') is x", "x.layout",
    "lib.strided", "x.is_cpu", "x.get_device()", "lib.ones(0, 3).stride()", "lib.ones(2, 0, 3).stride()", "lib.ones(()).stride()",
    "lib.ones(1).expand(3).stride()", "lib.ones(4)[::2].stride(-1)", "lib.ones(0, 3).is_contiguous()",
    "x.t()[1].storage_offset()",
    "lib.iinfo(lib.int64)", "lib.finfo(lib.float32) == lib.finfo()", "lib.finfo(lib.half) == lib.finfo()",
    "lib.iinfo(lib.int8) == lib.iinfo(lib.int8)", "lib.float32.to_real()", "lib.device(lib.device('cpu', 0))",
    "lib.device('cpu', 0) == lib.device('cpu')", "len({lib.device('cpu'), lib.device('cpu')})", "lib.cuda.empty_cache()",
    "reversed(i)", "reversed(lib.tensor(2))", "complex(i[0])", "lib.is_nonzero(i[0])", "float(lib.ones(1, 1))", "i[0] in i",
    "np.int64(3) in i",
    "[1, 2, 3][i[0]]", "[*range(i[1])]", "sorted([i[2], i[0]])[0]", "format(x[0, 0], '.2f')", "'%d %.1f' % (i[0], x[0, 1])",
    "lib.result_type(1, 2)", "lib.result_type(1.5, i)",
    "(x.half() + 1).dtype", "x.half().sum()", "x.half().mean()", "x.bool().sum()", "x.byte() + 255", "x.char() * 100",
    "x.double() + i",
]  # fmt: skip


def evaluated(lib, expression):
    names = {"lib": lib, "np": np, "x": lib.tensor([[0.5, 1.0, -2.0]]), "i": lib.tensor([1, 2, 3])}
    found = eval(expression, names)
    if hasattr(found, "tolist"):
        return str(found.dtype).rpartition(".")[2], tuple(found.shape), found.tolist()
    return str(found).replace("microtorch", "torch")


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
def test_it_is_what_torch_says(torch, expression):
    assert evaluated(microtorch, expression) == evaluated(torch, expression)


MISTAKES = {
    "a dtype behind a Variable": (lambda lib, x: x.to(other=x), TypeError, "other|argument"),
    "a device for a dtype": (lambda lib, x: x.to("cpu", "cpu"), TypeError, "dtype|argument"),
    "a list": (lambda lib, x: x.to([1]), TypeError, "list|text|1"),
    "a number as type": (lambda lib, x: x.type(3), TypeError, "dtype must be a type, str, or dtype object"),
    "a name that no type has": (lambda lib, x: x.type("torch.FooTensor"), ValueError, "invalid type: 'torch.FooTensor'"),
    "the type of a number": (lambda lib, x: x.type_as(3), TypeError, "type_as.*'other'.*not int"),
    "a device of nothing": (lambda lib, x: lib.device(None), TypeError, "device"),
    "a device of two numbers": (lambda lib, x: lib.device("cuda:1", 2), RuntimeError, "index"),
    "a device below 0": (lambda lib, x: lib.device("cpu", -1), RuntimeError, "must not be negative"),
    "a stride that is not there": (lambda lib, x: x.stride(5), IndexError, r"range of \[-2, 1\], but got 5"),
    "a stride of a number": (lambda lib, x: x.sum().stride(0), IndexError, "specified as 0 but tensor has no dimensions"),
    "a size that is not there": (lambda lib, x: x.size(2), IndexError, r"range of \[-2, 1\], but got 2"),
    "a size of a number": (lambda lib, x: x.sum().size(-1), IndexError, "specified as -1 but tensor has no dimensions"),
    "a float of several": (lambda lib, x: float(x), ValueError, "only one element tensors"),
    "an int of none": (lambda lib, x: int(lib.ones(0)), ValueError, "only one element tensors"),
    "a complex number of several": (lambda lib, x: complex(x), ValueError, "only one element tensors"),
    "an int of nan": (lambda lib, x: int(lib.tensor(float("nan"))), ValueError, "NaN"),
    "an index of a float": (lambda lib, x: [1, 2][lib.tensor(1.0)], TypeError, "only integer tensors of a single element"),
    "a range of a float": (lambda lib, x: range(lib.tensor(1.0)), TypeError, "only integer tensors of a single element"),
    "a format of several": (lambda lib, x: f"{x:.2f}", TypeError, "unsupported format string"),
    "a list in a Variable": (lambda lib, x: [1] in x, RuntimeError, "__contains__ only supports"),
    "limits of a number": (lambda lib, x: lib.finfo(3), TypeError, "int|3"),
    "limits of a bool": (lambda lib, x: lib.iinfo(lib.bool), TypeError, "iinfo"),
    "a dtype that is a number": (lambda lib, x: lib.promote_types(3, lib.half), TypeError, "dtype"),
    "an integer default": (lambda lib, x: lib.set_default_tensor_type(lib.LongTensor), TypeError, "only floating-point types"),
    "a default of a dtype": (lambda lib, x: lib.set_default_tensor_type(lib.float32), TypeError, "invalid type object"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.filterwarnings("ignore:torch.set_default_tensor_type")
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib, lib.ones(2, 3))


@pytest.mark.filterwarnings("ignore:torch.set_default_tensor_type")
def test_a_type_of_2017_sets_the_default_dtype(lib):
    try:
        lib.set_default_tensor_type(lib.DoubleTensor)
        assert lib.tensor(1.0).dtype is lib.float64
        lib.set_default_tensor_type("torch.HalfTensor")
        assert lib.get_default_dtype() is lib.float16
    finally:
        lib.set_default_dtype(lib.float32)


def test_a_conversion_to_integers_is_an_inference_tensor_in_inference_mode(lib):
    with lib.inference_mode():
        assert lib.ones(2).long().is_inference()


def test_a_copy_of_one_dtype_is_recorded_as_a_conversion(lib):
    assert lib.ones(2, requires_grad=True).to(lib.float32, copy=True).grad_fn.name() == "ToCopyBackward0"


@pytest.mark.parametrize("style", ["variable", "tensor"])
@pytest.mark.parametrize("name", [each.name for each in dtypes.ALL])
def test_every_dtype_is_printed_in_both_styles(name, style):
    dtype = getattr(microtorch, name)
    with printoptions(style=style):
        for shape in [(), (0,), (2, 0), (3,), (2, 2, 2)]:
            text = repr(microtorch.ones(shape, dtype=dtype))
            assert ("microtorch." if style == "variable" else "tensor(") in text


@pytest.mark.parametrize(
    "expression",
    ["ones.sum()", "ones.sum(0)", "ones.mean(0)", "large.mean()", "large.mean(1)", "large.var(0)", "large.std()",
     "ones.cumsum(0)", "large[0].norm()", "ones.sum(0, keepdim=True)", "ones.sum(dtype=lib.float64)",
     "large.sum(1, dtype=lib.float32)",
     "lib.var_mean(large, 0)[0]"],
)  # fmt: skip
def test_halves_are_summed_with_more_digits_than_they_have(torch, expression):
    found = []
    for lib in (microtorch, torch):
        large = (lib.arange(3000.0).view(1500, 2) * 0.1 + 100).half()
        found.append(eval(expression, {"lib": lib, "ones": lib.ones(4100, 2).half(), "large": large}))
    mine, theirs = found
    assert str(mine.dtype).replace("micro", "") == str(theirs.dtype)
    np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-3)


def test_a_conversion_carries_gradients_in_the_dtype_of_its_input(lib):
    x = lib.ones(2, requires_grad=True)
    x.double().half().to("cpu").sum().backward()
    assert (x.grad.tolist(), x.grad.dtype) == ([1.0, 1.0], lib.float32)


ABSENT = {
    "a GPU": (lambda: microtorch.ones(2).cuda(), RuntimeError, "no cuda"),
    "another device": (lambda: microtorch.ones(2).to("mps"), RuntimeError, "no mps"),
    "a GPU by number": (lambda: microtorch.ones(2).to(0), RuntimeError, "no cuda:0"),
    "a name of CUDA": (lambda: microtorch.cuda.FloatTensor, AttributeError, "no FloatTensor.*no CUDA"),
    "a layout of images": (lambda: microtorch.channels_last, AttributeError, "one layout"),
    "the current GPU": (lambda: microtorch.cuda.current_device(), RuntimeError, "no CUDA"),
    "another default device": (lambda: microtorch.set_default_device("cuda"), RuntimeError, "no cuda"),
    "complex numbers": (lambda: microtorch.ones(2).cfloat(), RuntimeError, "real numbers only"),
    "a complex dtype": (lambda: microtorch.complex64, AttributeError, "no complex64.*real numbers only"),
    "a number that is complex": (lambda: microtorch.tensor(1j), TypeError, "real numbers only"),
    "bfloat16": (lambda: microtorch.ones(2).bfloat16(), RuntimeError, "NumPy has no bfloat16"),
    "sparse tensors": (lambda: microtorch.ones(2).to_sparse(), RuntimeError, "dense tensors only"),
    "vmap": (lambda: microtorch.vmap, AttributeError, "no vmap.*backward"),
    "compiling": (lambda: microtorch.compile, AttributeError, "no compile.*one CPU"),
    "what nobody has": (lambda: microtorch.exponent, AttributeError, "no attribute 'exponent'"),
    "a dtype by name": (lambda: microtorch.ones(2).to("float64"), RuntimeError, "device type.*float64"),
    "a dtype of NumPy": (lambda: microtorch.ones(2).to(np.float64), TypeError, "microtorch.float64"),
    "too many arguments": (lambda: microtorch.ones(2).to(microtorch.int64, True, False, None, 1), TypeError,
        "positional arguments"),
    "an unknown type": (lambda: microtorch.ones(2).type("torch.cuda.FloatTensor"), ValueError, "invalid type"),
    "limits of the other kind": (lambda: microtorch.finfo(microtorch.int8), TypeError, "iinfo"),
    "limits of floats": (lambda: microtorch.iinfo(microtorch.float32), TypeError, "finfo"),
}  # fmt: skip


@pytest.mark.parametrize("what", ABSENT)
def test_what_is_not_here_is_said_plainly(what):
    assert_refused(ABSENT[what])
