"""Names that are not here: what PyTorch has is said to be there, what is nearly right gets a word, in a notebook too."""

import re
import subprocess
import sys
import types

import pytest

import microtorch
from microtorch import attributes, notebook

NAMESPACES = ["", "nn", "nn.functional", "nn.init", "nn.utils", "optim", "utils", "utils.data", "linalg"]


def inner(library: types.ModuleType, namespace: str) -> types.ModuleType:
    for name in filter(None, namespace.split(".")):
        library = getattr(library, name)
    return library


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_what_is_said_to_be_pytorchs_alone_is(torch, namespace):
    names = attributes._NOT_HERE[namespace].split()
    assert [name for name in names if not hasattr(inner(torch, namespace), name)] == []
    assert [name for name in names if name in vars(inner(microtorch, namespace))] == []


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("nn", "Transformer"),
        ("optim", "Muon"),
        ("", "quantile"),
        ("linalg", "matrix_exp"),
        ("", "vmap"),
        ("utils", "checkpoint"),
        ("utils.data", "DistributedSampler"),
    ],
)
def test_a_name_that_pytorch_has_is_said_to_be_its_alone(namespace, name):
    with pytest.raises(AttributeError, match=rf"has no {name}.*PyTorch has it"):
        getattr(inner(microtorch, namespace), name)


@pytest.mark.parametrize(
    ("namespace", "name", "meant"),
    [
        ("nn", "linear", "Linear"), ("nn.functional", "softmx", "softmax"), ("", "oness", "ones"), ("linalg", "norma", "norm"),
        ("autograd", "gradd", "grad"), ("optim", "sgdd", "SGD"), ("nn.init", "xavier_uniform", "xavier_uniform_"),
        ("utils", "date", "data"), ("utils.data", "Dataloader", "DataLoader"),
    ],
)  # fmt: skip
def test_a_name_that_is_nearly_right_gets_a_word(namespace, name, meant):
    with pytest.raises(AttributeError, match=f"Did you mean: '{meant}'|PyTorch has it"):
        getattr(inner(microtorch, namespace), name)


def test_a_name_like_no_other_gets_none():
    with pytest.raises(AttributeError, match=r"has no attribute 'gradient_boosting'$"):
        microtorch.gradient_boosting  # noqa: B018


def caught(program):
    with pytest.raises((AttributeError, TypeError, RuntimeError)) as error:
        program()
    return error.value


@pytest.mark.parametrize(
    ("program", "meant"),
    [
        (lambda: microtorch.ones(2).backwards(), "backward"),
        (lambda: microtorch.tensor([1.0], requires_gard=True), "requires_grad"),
        (lambda: microtorch.nn.Linear(2, 2, bais=False), "bias"),
        (lambda: microtorch.optim.SGD([microtorch.ones(1)], lr=1, momentun=0.9), "momentum"),
    ],
)
def test_an_attribute_or_an_argument_that_is_nearly_right_is_known(program, meant):
    error = caught(program)
    said = str(error) + notebook.suggestion(error)
    assert re.findall(r"Did you mean:? '(\w+)'", said) == [meant]  # once: of arguments, Python 3.13 says it itself


@pytest.mark.parametrize("program", [lambda: microtorch.ones(2).xyzzy, lambda: [].backwards, lambda: microtorch.ones(2, xyzzy=1)])
def test_of_what_is_far_off_or_foreign_nothing_is_said(program):
    assert notebook.suggestion(caught(program)) == ""


def test_a_traceback_without_the_packages_frames_ends_at_the_users_line():
    def hook(grad):
        raise TypeError

    x = microtorch.ones(2, requires_grad=True)
    x.register_hook(hook)
    shown = notebook.without_own_frames(caught(x.sum().backward).__traceback__)
    names = []
    while shown is not None:
        names.append(shown.tb_frame.f_code.co_name)
        shown = shown.tb_next
    assert names == ["caught", "hook"]


SESSION = """
from IPython.testing.globalipapp import start_ipython
shell = start_ipython()
shell.run_cell("import microtorch as torch")
shell.colors = "nocolor"
shell.run_cell("torch.ones(2, 3) @ torch.ones(2, 3)")
shell.run_cell("torch.ones(2).backwards()")
"""


def test_in_a_notebook_an_error_shows_the_students_line_and_the_message():
    pytest.importorskip("IPython")
    shown = subprocess.run([sys.executable, "-c", SESSION], check=True, capture_output=True, text=True).stdout
    assert "----> 1 torch.ones(2, 3) @ torch.ones(2, 3)" in shown
    assert "mat1 and mat2 shapes cannot be multiplied" in shown
    assert "Did you mean: 'backward'?" in shown
    assert "microtorch/" not in shown
    assert "During handling" not in shown
