"""What one node tells of itself: its operation, inputs, constants, saved values, and the modules that it was made in."""
