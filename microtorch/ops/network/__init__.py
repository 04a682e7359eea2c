"""What layers of a network compute, one function a layer. Parameters are kept by `nn`; images have a wing of their own."""
