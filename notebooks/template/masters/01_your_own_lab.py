# %% [markdown]
# # A lab of your own
#
# A template: two exercises, a step through a graph, a summary. Change everything.
#
# **What you'll do:** one thing. **What you'll learn:** one thing. **What you'll need:** the lab before.
#
# **Minutes:** 10

# %%
import microtorch as torch
from microtorch import viz
from microtorch.labs import check, load, summary

load("exercises.py")

# %% [markdown]
# **Exercise X01-E1.** `w` is used twice. Predict `w.grad`, then step there.

# %%
# BEGIN SOLUTION
prediction = 3
# INSTEAD
# prediction = ...
# END SOLUTION
check("X01-E1", prediction)

# %%
w = torch.tensor(1.0, requires_grad=True)
viz.step(w * 2 + w)

# %% [markdown]
# **Exercise X01-E2.** Write the derivative of `(3 * v + 1) ** 2`.
#
# <details><summary>A hint</summary>The chain rule: the outer derivative times the inner one.</details>

# %%
def slope(v):
    """The derivative of (3 * v + 1) ** 2 with respect to v, a float."""
    # BEGIN SOLUTION
    return 6 * (3 * v + 1)
    # END SOLUTION

check("X01-E2", slope)

# %%
summary("X01")
