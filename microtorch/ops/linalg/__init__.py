"""Products of vectors and matrices, and what is solved and decomposed. No network layers."""
