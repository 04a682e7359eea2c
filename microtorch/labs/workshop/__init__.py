"""The workshop: masters, the notebooks made from them, and the proof that a lab is sound."""
