"""To each exercise at least one answer that is right, and another one than the solved notebook has."""

import numpy as np

import microtorch as torch
from microtorch import viz
from microtorch.labs.course import lab01


def predicted_after_a_mistake():
    quiz = viz.quiz(lab01.out())
    for question in quiz.questions:
        question.answer(-1)
        question.choose([name for name, _ in question.options()].index(""))
    return quiz


def by_autograd(v):
    v = torch.as_tensor(float(v)).requires_grad_()
    (1 / (v * v + 1)).backward()
    return v.grad


def slopes_by_autograd():
    def f(x):
        y = x * 3
        while y > 2:
            y = y * 0.5
        return y

    xs = [torch.tensor(value, requires_grad=True) for value in (1.0, 3.0, 0.5)]
    return [torch.autograd.grad(f(x), x)[0].item() for x in xs]


def depth_first(out):
    order, seen = [], set()

    def visit(number):
        if number not in seen:
            seen.add(number)
            for each, _ in number.inputs:
                visit(each)
            order.append(number)

    visit(out)
    out.grad = 1
    for number in reversed(order):
        for each, slope in number.inputs:
            each.grad = each.grad + slope * number.grad


def by_counting(out):
    """Kahn's way: a number is ready when as many gradients have arrived as it was used."""
    uses, waiting = {}, [out]
    while waiting:
        for each in waiting.pop()._prev:
            if each not in uses:
                waiting.append(each)
            uses[each] = uses.get(each, 0) + 1
    out.grad, ready = 1.0, [out]
    while ready:
        number = ready.pop()
        number._backward()
        for each in number._prev:
            uses[each] -= 1
            ready += [each] * (not uses[each])


OTHERS = {
    "L01-E1": [{"out": "Made by a function", "x": "LEAF", "y": "made by a Function", "z": "made by a Function"}],
    "L01-E2": [predicted_after_a_mistake()],
    "L01-E3": ["9.0", torch.full((2, 2), 9.0)],
    "L01-E4": [np.full((2, 2), 18), "4 * 4.5"],
    "L01-E5": [3.0, "2.25 + 0.75"],
    "L01-E6": [by_autograd, lambda v: -2 * v * (1 + v**2) ** -2],
    "L03-E1": [(2, 4, 1), "[2, 4, 1]"],
    "L03-E2": [slopes_by_autograd(), "[3/2, 3/8, 3]"],
    "L03-E3": [{"x": "A number", "a": "a number ", "b": "none", "limit": " None ", "s": "NONE"}],
    "L03-E4": [["out", "d", "e", "c", "b", "a"], ("out", "e", "d", "c", "b", "a")],
    "L03-E5": [torch.tensor([4.0, 8.0])],
    "L03-E6": [depth_first, by_counting],
}
