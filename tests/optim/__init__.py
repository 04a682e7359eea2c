"""Optimisers, and networks that they train."""
