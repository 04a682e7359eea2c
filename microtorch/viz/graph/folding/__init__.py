"""How a graph too large to read is put into folds: modules, blocks that repeat, chains, and what is left, in parts."""
