"""The labs: ``check("L01-E2", answer)`` says whether an answer is right, and if not, what has likely gone wrong.

The course's own exercises stand in `microtorch.labs.course`. A lab of one's own is made of the same pieces: an `Exercise` with
one of the kinds of answer below, in a `Lab` that `register` makes known; ``python -m microtorch.labs`` builds and proves it
(docs/your-own-lab.md).
"""

from .checking import check, load, register, summary
from .course import LABS
from .exercise import Exercise, Lab
from .kinds.calls import Calls, Case
from .kinds.choices import Choice, Choices
from .kinds.passes import Passes, Requirement
from .kinds.predictions import Predictions
from .kinds.value import Value
from .mistakes import MISTAKES

__all__ = [
    "LABS", "MISTAKES", "Calls", "Case", "Choice", "Choices", "Exercise", "Lab", "Passes", "Predictions", "Requirement", "Value",
    "check", "load", "register", "summary",
]  # fmt: skip

register(*LABS)
