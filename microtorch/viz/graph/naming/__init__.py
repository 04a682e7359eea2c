"""Where names come from: the frames of the code that draws, what its variables hold, the lines that assign."""
