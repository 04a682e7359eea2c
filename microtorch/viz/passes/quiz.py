"""Predict: what will this node send, what will x.grad be? Asked before the pass tells, judged in words, and counted."""

from __future__ import annotations

from typing import Any

from .asking import Quiz
from .trace import Trace, trace

__all__ = ["Quiz", "quiz"]


def quiz(root: Any, gradient: Any = None) -> Quiz:
    """Ask before the pass tells: at each step, which gradient is sent, or what a ``.grad`` becomes.

    `step` and `export_html` take it for what it asks about: their page then asks, and what is answered there counts here.

    Args:
        root: what the pass starts from, whatever `trace` takes; or a trace, which has one quiz.
        gradient: the gradient to begin with.

    Raises:
        TypeError: ``root`` is nothing that can be walked.
        RuntimeError: whatever ``root.backward(gradient)`` refuses to begin with.

    >>> import microtorch
    >>> x = microtorch.tensor(2.0, requires_grad=True)
    >>> out = x * x * 3
    >>> asking = quiz(out)
    >>> (question,) = asking.at(0)
    >>> question
    0. MulBackward0 (out) receives 1. What will it send to MulBackward0?
    >>> question.answer(-3)
    Not yet: that is the right size with the wrong sign. The rule of MulBackward0 (out) for MulBackward0: grad * 3.
    >>> question.answer(3)
    Right: 3.
    >>> asking.score()["mistakes"]
    {'wrong sign': 1}
    """
    return (root if isinstance(root, Trace) else trace(root, gradient)).quiz
