"""One backward pass: recorded, walked there and back, told in words."""
