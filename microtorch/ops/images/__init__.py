"""Windows that slide over images, and their like in one and three dimensions: convolution, pooling, padding, resampling."""
