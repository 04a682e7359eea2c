r"""The two texts of a Variable.

``style="variable"``, the default, is that of the tutorial of 2017; only the type's name differs:

>>> import microtorch
>>> x = microtorch.autograd.Variable(microtorch.ones(2, 2), requires_grad=True)
>>> repr(x)
'Variable containing:\n 1  1\n 1  1\n[microtorch.FloatTensor of size 2x2]\n'

``style="tensor"`` is today's:

>>> with printoptions(style="tensor"):
...     x * 2
tensor([[2., 2.],
        [2., 2.]], grad_fn=<MulBackward0>)
"""

from typing import Any

from ...arrays.dtypes import get_default_dtype
from .options import OPTIONS, get_printoptions, printoptions, set_printoptions
from .tensor_style import tensor_style
from .variable_style import variable_style

__all__ = ["get_printoptions", "printoptions", "set_printoptions", "tensor_style", "variable_style", "variable_text"]


def variable_text(variable: Any) -> str:
    """Return what `print` and `repr` show of a Variable, in the style in force."""
    if OPTIONS.style == "variable":
        header = "Variable containing:" if getattr(variable, "_wrapped", True) else ""
        return header + variable_style(variable.array, variable.dtype.tensor_type)
    node = getattr(variable, "grad_fn", None)
    return tensor_style(
        variable.array,
        repr(variable.dtype),
        default_dtype=repr(get_default_dtype()),
        grad_fn=None if node is None else node.name(),
        requires_grad=getattr(variable, "requires_grad", False),
    )
