"""The ``autograd`` namespace: gradients checked by finite differences, Jacobians and Hessians."""
