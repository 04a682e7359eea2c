"""The notebooks: what they say, what they print, and the tutorial that they follow."""
