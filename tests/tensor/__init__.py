"""What a tensor is besides autograd: made, printed, converted, saved."""
