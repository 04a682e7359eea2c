"""Numbers drawn at random, and their gradients. The generator itself is `microtorch.random`."""
