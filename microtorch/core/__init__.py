"""How a value remembers its history, and how gradients find their way back. Nothing here knows an operation by name."""
