"""How far an output is from its target. No layers, and no distances for their own sake."""
