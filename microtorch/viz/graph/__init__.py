"""What is looked at: a live graph, the names in it, and both frozen into plain data."""
