"""The same elements in another shape, or side by side: mostly views. No element is chosen or changed."""
