"""The operations: one class each, in one place, with its forward and the rule for each input side by side."""

import warnings

# Where a value becomes inf or nan, NumPy warns and torch does not: log(0) is a result, and not worth a red box in a notebook.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"microtorch\.(ops|primitive|engine)")
