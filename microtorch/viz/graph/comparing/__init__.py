"""Questions about whole graphs: how two of them differ, and where the way to a gradient ends."""
