"""inf and nan are results, in torch and here: NumPy's warnings of them reach nobody."""

import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import microtorch
from tests.libraries import weighted
from tests.ops.tables import OPERATIONS

EXTREME = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 1e-300, -1.0, 2.0]


def differentiated_twice(expression, arrays):
    leaves = {name: microtorch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    out = eval(expression, vars(microtorch) | leaves)
    outs = [each for each in (out if isinstance(out, tuple | list) else [out]) if getattr(each, "requires_grad", False)]
    if outs:
        weighted(microtorch, outs).backward(retain_graph=True)  # on arrays, and then on Variables
    for _ in range(2):
        outs = [each for each in outs if each is not None and each.requires_grad]
        if outs:
            total = weighted(microtorch, outs)
            outs = microtorch.autograd.grad(total, [*leaves.values()], create_graph=True, allow_unused=True)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_where_numpy_warns_it_is_of_a_line_of_ours_which_the_filter_knows(operation):
    rng = np.random.default_rng(len(operation.expression))
    shapes = {name: array.shape for name, array in operation.values("float64").items()}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(6):
            arrays = {name: rng.choice(EXTREME, shape) for name, shape in shapes.items()}
            with suppress(RuntimeError, ValueError):  # which some raise of such values
                differentiated_twice(operation.expression, arrays)
    from_numpy = {f"{each.filename}: {each.message}" for each in caught if "numpy" in Path(each.filename).parts}
    assert not from_numpy


def test_a_program_that_overflows_and_divides_by_zero_says_nothing():
    program = """if True:
        import microtorch
        x = microtorch.tensor([[0.0, float("inf")], [1e300, -1.0]], requires_grad=True)
        y = x.log() / x + (x * 1e300).exp() - x.std() + microtorch.nn.functional.layer_norm(x, (2,))
        (y * y[:1]).sum().backward()
        print(x.grad.isnan().any().item())
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("True\n", "")
