"""The course: the exercises of each lab. Their notebooks are in the repository's folder ``notebooks``."""

from .lab01 import LAB as LAB01

__all__ = ["LABS"]

LABS = (LAB01,)
