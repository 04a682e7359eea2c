"""What is said: a snapshot as text, and rules with numbers in them."""
