"""The core: what a value remembers, how gradients travel, and the contract around it."""
