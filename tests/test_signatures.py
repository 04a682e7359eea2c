"""What can be called here can be called as in torch: by position and by the names of arguments, as function and as method."""

import inspect
from collections.abc import Iterator

import pytest

import microtorch
from microtorch.autograd import Variable
from tests.public_names import functions

FUNCTIONS = functions()
METHODS = {
    name: each
    for cls in (Variable, *Variable.__bases__)
    for name, each in vars(cls).items()
    if inspect.isfunction(each) and not name.startswith("_")
}
# Arguments for which there is no use here: memory has one layout, lies on the CPU, and is dense.
ONE_MEMORY = {"layout", "device", "pin_memory", "memory_format", "non_blocking", "implicit", "sparse_grad"}
# Overloads that are not here, each with its reason.
ABSENT = {
    "bmm.dtype": "a product in another dtype: on GPUs only",
    "mm.dtype": "a product in another dtype: on GPUs only",
    "addmm.dtype": "a product in another dtype: on GPUs only",
    "baddbmm.dtype": "a product in another dtype: on GPUs only",
    "einsum": "torch.einsum itself takes no path",
    "tensordot": "torch.tensordot itself takes one pair of lists",
    "add.Scalar": "alpha by position, which torch warns of",
    "sub.Scalar": "alpha by position, which torch warns of",
    "subtract.Scalar": "alpha by position, which torch warns of",
    "rsub.Scalar": "alpha of what nobody calls by its name",
    "rsub.Tensor": "alpha of what nobody calls by its name",
    "set_.source_Storage_storage_offset": "there are no storages",
    "set_.source_Tensor_storage_offset": "as_strided does that",
    "repeat_interleave.Tensor": "indices alone: torch.repeat_interleave(x.new(...)) is nowhere documented",
    "select.t": "of compiled programs",
    "initial_seed": "of compiled programs",
    "seed": "of compiled programs",
    "manual_seed": "of compiled programs",
    "manual_seed.generator": "of compiled programs",
    "to.prim_Device": "of compiled programs",
    "to.prim_dtype": "of compiled programs",
    "to.prim_other": "of compiled programs",
}
# Functions whose documented names of arguments are others than those of their schema.
OTHER_NAMES = {"dsplit", "hsplit", "result_type", "searchsorted", "split", "swapaxes", "tensor_split", "vsplit"}
# Forms in place that are not here.
NOT_IN_PLACE = {"as_strided_"}
# Methods alone, though torch has functions, of which nobody speaks.
METHODS_ALONE = {"detach", "is_inference"}


def schemas(torch, name: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """The overloads of one of torch's functions on tensors: name, arguments by position, and by keyword alone."""
    for schema in torch._C._jit_get_schemas_for_operator(f"aten::{name}"):
        overload = f"{name}.{schema.overload_name}".rstrip(".")
        arguments = [each for each in schema.arguments if each.name not in ONE_MEMORY]
        kinds = [str(each.type) for each in arguments]
        of_programs = not kinds or arguments[0].name in {"a", "l", "t"} or (kinds[0].startswith("List[") and name == "sort")
        named_dimensions = any("str" in kind for kind in kinds[1:2])
        if (
            of_programs
            or named_dimensions
            or any(each.is_out for each in arguments)
            or overload.endswith("_")
            or overload in ABSENT
        ):
            continue
        by_position = [each.name for each in arguments if not each.kwarg_only]
        names = ["input" if each == "self" else each for each in by_position]
        yield overload, names, [each.name for each in arguments if each.kwarg_only]


def refused(signature: inspect.Signature, given: list[str], by_name: list[str]) -> str:
    """Why there is no such call; empty if there is."""
    try:
        signature.bind(*given, **dict.fromkeys(by_name))
    except TypeError as error:
        return f"{signature}: {error}"
    return ""


def check(function, overloads: list[tuple[str, list[str], list[str]]]) -> None:
    """Every overload can be called by position, and one of them by the names of all its arguments."""
    signature = inspect.signature(function)
    first = next(iter(signature.parameters), "")
    assert {name: why for name, given, named in overloads if (why := refused(signature, given, named))} == {}
    several = any(each.kind is each.VAR_POSITIONAL for each in signature.parameters.values())
    if not several and overloads[0][0].partition(".")[0] not in OTHER_NAMES:
        named = [[first if each == "input" else each for each in given + names] for _, given, names in overloads]
        assert "" in [refused(signature, [], each) for each in named]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_one_of_torch_and_takes_its_arguments(torch, name):
    assert hasattr(torch, name)
    overloads = list(schemas(torch, name))
    if overloads:
        check(FUNCTIONS[name], overloads)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_one_of_torch_and_takes_its_arguments(torch, name):
    assert hasattr(torch.Tensor, name)
    overloads = [each for each in schemas(torch, name) if "input" in each[1]]
    if overloads:
        check(METHODS[name], overloads)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_a_method_in_torch_is_one_here_and_so_is_its_form_in_place(torch, name):
    for form in (name, f"{name}_"):
        assert hasattr(Variable, form) or form in NOT_IN_PLACE or not hasattr(torch.Tensor, form), form


@pytest.mark.parametrize("name", [name for name in METHODS if not name.endswith("_") and name not in METHODS_ALONE])
def test_what_is_a_function_in_torch_is_one_here(torch, name):
    assert hasattr(microtorch, name) or not callable(getattr(torch, name, None))
