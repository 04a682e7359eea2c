import microtorch.nn
