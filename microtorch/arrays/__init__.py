"""NumPy's arrays in PyTorch's terms: dtypes and their promotion, shapes, operands, memory. Nothing here knows a Variable."""
