"""To each exercise at least one answer that is right, and another one than the solved notebook has."""

import math
from functools import cache

import numpy as np

import microtorch as torch
from microtorch import nn, optim, viz
from microtorch.labs.course import lab01, lab04, lab05, lab06


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


def rows_by_grad(f, x):
    """Several passes over one graph."""
    y = f(x)
    rows = [torch.autograd.grad(y, x, each, retain_graph=True)[0] for each in torch.eye(len(y))]
    return torch.stack(rows)


def weighed_sums(f, x):
    """Without a vector, from the weighed sum; and NumPy's arrays."""
    found = []
    for i in range(len(f(x))):
        x.grad = None
        f(x)[i].backward()
        found.append(x.grad.numpy().copy())
    return np.array(found)


def all_axes_at_once(grad, shape):
    lead = grad.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1 and grad.shape[i + lead] > 1)
    return grad.sum(axes).reshape(shape) if axes else grad


def autograd_undoes_it(grad, shape):
    value = torch.zeros(shape, requires_grad=True)
    torch.broadcast_to(value, grad.shape).backward(grad)
    return value.grad


def product_by_autograd(grad, x, w):
    x, w = x.requires_grad_(), w.requires_grad_()
    return torch.autograd.grad(x @ w, (x, w), grad)


def predicted_by_choosing():
    quiz = viz.quiz(lab06.frozen_loss())
    for question in quiz.questions[4:9]:
        question.choose([name for name, _ in question.options()].index(""))
    return quiz


def by_logsumexp(scores, labels):
    return (torch.logsumexp(scores, 1) - scores.gather(1, labels.unsqueeze(1)).squeeze(1)).sum() / len(labels)


def by_a_mask(scores, labels):
    top = scores.max(1, keepdim=True).values.detach()
    log_p = scores - top - (scores - top).exp().sum(1, keepdim=True).log()
    return -(log_p * nn.functional.one_hot(labels, scores.shape[1])).sum(1).mean()


def step_through_data(parameters, lr):
    for p in parameters:
        p.data = p.data - lr * p.grad.data


def step_by_add(parameters, lr):
    with torch.no_grad():
        for p in parameters:
            p.add_(p.grad, alpha=-lr)


def train_with_an_optimizer(net, inputs, labels, steps, lr):
    optimizer, losses = optim.SGD(net.parameters(), lr=lr), []
    for _ in range(steps):
        loss = nn.functional.nll_loss(nn.functional.log_softmax(net(inputs), 1), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(loss.item()))
    return losses


@cache  # trained when it is first asked
def linear_reader():
    torch.manual_seed(0)
    return lab06.trained(lab06.trained(nn.Linear(64, 10), 20, 0.5), 10, 0.1)


def weight_without_history(values):
    with torch.no_grad():
        w = values / 100
    w.requires_grad = True
    return w


def parts_weighed_by_their_length(w, hours, level, size):
    gradient = 0
    for start in range(0, len(hours), size):
        part = slice(start, start + size)
        loss = torch.nn.functional.mse_loss(w * hours[part], level[part])
        gradient = gradient + torch.autograd.grad(loss, w)[0] * len(hours[part])
    return gradient / len(hours)


def fit_by_an_optimizer(hours, level, steps, rate):
    w, b = torch.tensor([0.5], requires_grad=True), torch.tensor([-0.5], requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=rate)
    for _ in range(steps):
        torch.nn.functional.mse_loss(w * hours + b, level).backward()
        optimizer.step()
        optimizer.zero_grad()
    return w.squeeze(), b.squeeze()


def mean_of_numbers(w, data):
    with torch.no_grad():
        losses = [(w * x - target) ** 2 for x, target in data]
    return torch.stack(losses).mean()


def picture_of_a_copy(x):
    y = x.exp()
    picture = y.detach().clone()
    picture[picture > 1] = 1
    return y.sum(), picture


def picture_computed_anew(x):
    with torch.no_grad():
        picture = x.exp().clamp_(max=1)
    return x.exp().sum(), picture


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
    "L04-E1": [torch.tensor([[1.0, 2.0], [-1.0, 4.0], [1.0, 8.0]]), "[[1, 2], [-1, 4], [1, 8]]"],
    "L04-E2": [rows_by_grad, weighed_sums, lambda f, x: torch.autograd.functional.jacobian(f, x)],
    "L04-E3": [(1, 3, 1000)],
    "L04-E4": [np.array([4.0, 7.0]), "[1 + 3, 2 + 5]"],
    "L04-E5": [all_axes_at_once, autograd_undoes_it],
    "L04-E6": [product_by_autograd, lambda grad, x, w: [(w @ grad.T).T, (grad.T @ x).T]],
    "L04-E7": [{case: f" {choice.right.upper()}" for case, choice in lab04.GRADCHECK.kind.cases.items()}],
    "L06-E1": ["2.303", -math.log(0.1), np.log(10)],
    "L06-E2": [by_logsumexp, by_a_mask],
    "L06-E3": [predicted_by_choosing()],
    "L06-E4": [{"E": "Stays as it was ", "D": "Learns", "C": "raises next time", "B": "raises at once", "A": "learns once"}],
    "L06-E5": [step_through_data, step_by_add],
    "L06-E6": [train_with_an_optimizer],
    "L06-E7": [lambda images: linear_reader()(images)],
    "L02-E1": [{each: "FILLED" if each in "xh" else " stays none" for each in ("x", "data", "y", "h", "w", "unused")}],
    "L02-E2": [weight_without_history, lambda values: torch.tensor(values.numpy() / 100, requires_grad=True)],
    "L02-E3": ["4.5 + 4.5", torch.full((2, 2), 9.0)],
    "L02-E4": ["7 + 6", torch.tensor(13)],
    "L02-E5": [parts_weighed_by_their_length],
    "L02-E6": [{"E": "Falls", "D": "Stays", "C": "Falls", "B": "Falls", "A": "Swings"}],
    "L02-E7": [fit_by_an_optimizer],
    "L05-E1": [{each: choice.right.title() for each, choice in lab05.SAVES.kind.cases.items()}],
    "L05-E2": [{each: "Raises" if each in "df" else "Runs" for each in "fedcba"}],
    "L05-E3": [mean_of_numbers, lambda w, data: sum(((w.detach() * x - target) ** 2 for x, target in data), start=0) / len(data)],
    "L05-E4": [{each: "Raises" if each in "ae" else "Runs" for each in "fedcba"}],
    "L05-E5": ["1 + 2", torch.tensor([3.0])],
    "L05-E6": [picture_of_a_copy, picture_computed_anew],
    "L05-E7": [{each: choice.right.upper() for each, choice in lab05.HISTORY.kind.cases.items()}],
}
