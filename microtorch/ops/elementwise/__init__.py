"""Each element of the result from the elements in its place. Shapes are broadcast, never reduced."""
