"""The course: the exercises of each lab. Their notebooks are in the repository's folder ``notebooks``."""

from .lab01 import LAB as LAB01
from .lab02 import LAB as LAB02
from .lab03 import LAB as LAB03
from .lab04 import LAB as LAB04
from .lab05 import LAB as LAB05
from .lab06 import LAB as LAB06

__all__ = ["LABS"]

LABS = (LAB01, LAB02, LAB03, LAB04, LAB05, LAB06)
