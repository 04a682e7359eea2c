"""What a tensor is besides autograd: how it is made, printed, converted, saved. Nothing here is differentiated by a rule."""
