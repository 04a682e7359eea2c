"""The tables of operations, wing by wing. One row buys every check in test_operations.py: forward, gradients, formulas, parity.

A row is an expression. It runs as it stands on microtorch's Variables and on torch's, and, where NumPy says the same in
other words, these stand beside it. The names in it are its inputs, of the shapes in `SHAPES` unless the row says otherwise.

Some rows are compared with torch alone: points where a derivative has no value, and what NumPy says in no few words.
"""

from tests.ops.tables import elementwise, images, linalg, losses, network, random, reduction, selection, shaping

WINGS = [shaping, elementwise, selection, reduction, linalg, random, network, losses, images]
OPERATIONS = [row for wing in WINGS for row in wing.OPERATIONS]
TORCH_ALONE = [row for wing in WINGS for row in getattr(wing, "TORCH_ALONE", ())]
