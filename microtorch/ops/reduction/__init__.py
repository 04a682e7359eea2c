"""Many elements made into fewer, or ordered: along dimensions. Products of matrices are next door, in `linalg`."""
