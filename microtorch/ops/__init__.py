"""The operations: one class each, in one place, with its forward and the rule for each input side by side."""

import warnings

import numpy as np

# Where a value becomes inf or nan, NumPy warns and torch does not: log(0) is a result, and not worth a red box in a notebook.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"microtorch\.")

# The C library of Linux hands freed memory back to the system, and each page of it that is wanted again costs a page fault: a
# quarter of a convolutional net's time. It keeps as much as the largest block that it ever saw freed. So it sees one, which
# nobody writes to, so that it takes no memory.
np.empty(1 << 24, np.uint8)
