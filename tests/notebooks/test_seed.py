"""The tutorial of 2017 is the specification: its cells print what it says, here and in the first notebook."""

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path

NOTEBOOK = Path(__file__).parents[2] / "notebooks/solutions/01_autograd_variables_functions_gradients.ipynb"

SEED = [  # its code cells, and what each printed; a tensor's text ends with a line break, and print adds another
    ("import torch\nfrom torch.autograd import Variable", ""),
    (
        "# create a variable\nx = Variable(torch.ones(2,2), requires_grad=True)\nprint(x)",
        "Variable containing:\n 1  1\n 1  1\n[torch.FloatTensor of size 2x2]\n\n",
    ),
    (
        "# ops on Variables\ny = x + 2\nprint(y)",
        "Variable containing:\n 3  3\n 3  3\n[torch.FloatTensor of size 2x2]\n\n",
    ),
    ("# y was created as a result of an operation, so it has a grad_fn.\nprint(y.grad)", "None\n"),
    (
        "z = y * y * 3\nprint(z)\n\nout = z.mean()\nprint(out)",
        (
            "Variable containing:\n 27  27\n 27  27\n[torch.FloatTensor of size 2x2]\n\n"
            "Variable containing:\n 27\n[torch.FloatTensor of size 1]\n\n"
        ),
    ),
    (
        "out.backward()\nprint(x.grad)",
        "Variable containing:\n 4.5000  4.5000\n 4.5000  4.5000\n[torch.FloatTensor of size 2x2]\n\n",
    ),
]

PROSE = """\
# Autograd: automatic differentiation [Variables, Functions & Gradients]
The autograd package provides automatic differentiation for all operations on Tensors. It is a define-by-run \
framework, which means that your backprop is defined by how your code is run, and that every single iteration can be \
different.
[Wiki: Das automatische Differenzieren bzw. Differenzieren von Algorithmen ist ein Verfahren der Informatik und \
angewandten Mathematik. Zu einer Funktion in mehreren Variablen, die als Prozedur in einer Programmiersprache oder \
als Berechnungsgraph gegeben ist, wird eine erweiterte Prozedur erzeugt, die sowohl die Funktion als auch einen oder \
beliebig viele Gradienten, bis hin zur vollen Jacobi-Matrix / Ableitungsmatrix, auswertet.]
### Variable
`autograd.Variable` is the central class of the package. It wraps a Tensor, and supports nearly all of operations \
defined on it. Once you finish your computation you can call `.backward()` and have all the gradients computed \
automatically.
You can access the raw tensor through the `.data` attribute, while the gradient w.r.t. this variable is accumulated \
into `.grad`.
### Function
2nd very important for autograd implementation - a `Function`.
`Variable` and `Function` are interconnected and build up an acyclic graph, that encodes a complete history of \
computation. Each variable has a .grad_fn attribute that references a Function that has created the Variable (except \
for Variables created by the user - their grad_fn is None).
### Gradients
let’s backprop now `out.backward()` is equivalent to doing `out.backward(torch.Tensor([1.0]))`
and print gradients `d(out)/dx`:
### Read Later:
Documentation of `Variable` and `Function` is at http://pytorch.org/docs/autograd
"""


def here(text):
    """What the seed says of torch, said of microtorch."""
    text = text.replace("torch.FloatTensor", "microtorch.FloatTensor").replace("from torch", "from microtorch")
    return "import microtorch as torch" + text.removeprefix("import torch") if text.startswith("import") else text


def test_every_cell_of_the_seed_prints_what_it_printed_in_2017():
    namespace = {}
    for source, printed in SEED:
        with redirect_stdout(io.StringIO()) as stdout:
            exec(here(source), namespace)
        assert stdout.getvalue() == here(printed)


def test_the_notebook_has_the_seeds_cells_in_their_order_and_prints_what_they_print():
    cells = [cell for cell in notebook_cells("code") if cell[0] in {here(source) for source, _ in SEED}]
    assert cells == [(here(source), here(printed)) for source, printed in SEED]


def test_the_notebook_has_the_seeds_sentences_in_their_order():
    lines = [line for source, _ in notebook_cells("markdown") for line in source.splitlines()]
    sentences = PROSE.splitlines()
    assert [line for line in lines if line in sentences] == sentences


def test_the_seeds_figures_stand_where_it_has_them():
    cells = [source for source, _ in notebook_cells("markdown", "code")]
    (variable,) = [source for source in cells if source.startswith("### Variable")]
    assert re.search(r'accumulated into `\.grad`\.\n\n<img src="\.\./\.\./img/Variable\.svg" alt="[^"]+" />$', variable)
    gradients, figure, backward = cells[cells.index("viz.draw(out)") - 1 :][:3]
    assert gradients.startswith("### Gradients")
    assert figure == "viz.draw(out)"
    assert backward == here(SEED[-1][0])


def notebook_cells(*kinds):
    """Source and printed text of each cell."""
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    return [("".join(cell["source"]), printed(cell)) for cell in cells if cell["cell_type"] in kinds]


def printed(cell):
    outputs = cell.get("outputs", [])
    return "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")
