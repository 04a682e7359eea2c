"""dtypes and devices: conversions, limits, and what is not here."""

import numpy as np
import pytest

import microtorch

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
    "(x.half() + 1).dtype", "x.half().sum()", "x.half().mean()", "x.bool().sum()", "x.byte() + 255", "x.char() * 100",
    "x.double() + i",
]  # fmt: skip


def evaluated(lib, expression):
    names = {"lib": lib, "x": lib.tensor([[0.5, 1.0, -2.0]]), "i": lib.tensor([1, 2, 3])}
    found = eval(expression, names)
    if hasattr(found, "tolist"):
        return str(found.dtype).rpartition(".")[2], tuple(found.shape), found.tolist()
    return str(found).replace("microtorch", "torch")


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
def test_it_is_what_torch_says(torch, expression):
    assert evaluated(microtorch, expression) == evaluated(torch, expression)


def test_a_conversion_carries_gradients_in_the_dtype_of_its_input(lib):
    x = lib.ones(2, requires_grad=True)
    x.double().half().to("cpu").sum().backward()
    assert (x.grad.tolist(), x.grad.dtype) == ([1.0, 1.0], lib.float32)


ABSENT = {
    "a GPU": (lambda: microtorch.ones(2).cuda(), RuntimeError, "no cuda"),
    "another device": (lambda: microtorch.ones(2).to("mps"), RuntimeError, "no mps"),
    "a GPU by number": (lambda: microtorch.ones(2).to(0), RuntimeError, "no cuda:0"),
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
    program, error, message = ABSENT[what]
    with pytest.raises(error, match=message):
        program()
