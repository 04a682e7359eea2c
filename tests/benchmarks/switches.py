"""What it costs to leave something on: the seed's graph and a perceptron, with it and without; and to record a loop."""

from contextlib import nullcontext
from functools import partial
from importlib.util import find_spec

from .networks import data, perceptron_in_microtorch, perceptron_in_torch
from .race import Row, race

SWITCHES = ("off", "hooks on Variables", "hooks on nodes", "anomaly mode", "saved-tensor hooks", "source tracking")


def _within(switch: str):
    """What is on while a step runs, and how a value that is computed on the way is watched."""
    import microtorch
    from microtorch import viz

    modes = {
        "anomaly mode": microtorch.autograd.detect_anomaly,
        "saved-tensor hooks": partial(microtorch.autograd.graph.saved_tensors_hooks, lambda x: x, lambda x: x),
        "source tracking": viz.track_source,
    }
    watches = {
        "hooks on Variables": lambda value: value.register_hook(lambda grad: None),
        "hooks on nodes": lambda value: value.grad_fn.register_hook(lambda inputs, outputs: None),
    }
    return modes.get(switch, nullcontext), watches.get(switch, lambda value: None)


def seed(switch: str):
    """The seed's graph, with something on."""
    import microtorch

    mode, watch = _within(switch)

    def step():
        with mode():
            x = microtorch.ones(2, 2, dtype=microtorch.float64, requires_grad=True)
            y = x + 2
            z = y * y * 3
            out = z.mean()
            for each in (y, z, out):
                watch(each)
            out.backward()
        return [out, x.grad]

    return step


def perceptron(switch: str):
    """A perceptron, 64-32-10, with something on."""
    import microtorch
    from microtorch.nn import functional

    mode, watch = _within(switch)
    x, labels, layers = data(32, 64, 32, 10)
    x, labels = microtorch.tensor(x), microtorch.tensor(labels)
    (w1, b1), (w2, b2) = (
        (microtorch.tensor(w.T.copy(), requires_grad=True), microtorch.tensor(b, requires_grad=True)) for w, b in layers
    )

    def step():
        with mode():
            hidden = functional.relu(functional.linear(x, w1, b1))
            out = functional.linear(hidden, w2, b2)
            loss = functional.cross_entropy(out, labels)
            for each in (hidden, out, loss):
                watch(each)
            loss.backward()
        found = [loss, *(each.grad for each in (w1, b1, w2, b2))]
        for each in (w1, b1, w2, b2):
            each.grad = None
        return found

    return step


def table(rounds: int):
    """The lines of the table: for each program, how many times as long it takes."""
    yield f"| left on | {' | '.join(SWITCHES)} |"
    yield f"|---|{'---|' * len(SWITCHES)}"
    for name, build in (("the seed's graph", seed), ("MLP 64-32-10", perceptron)):
        result = race(Row(name, {switch: partial(build, switch) for switch in SWITCHES}), rounds)
        yield f"| {name} | {' | '.join(f'{result.ratio(switch, SWITCHES[0]):.2f} ×' for switch in SWITCHES)} |"
    yield ""
    yield "| a loop, MLP 64-32-10, batch 32, SGD | alone | recorded | budget |"
    yield "|---|---|---|---|"
    for library in ("microtorch", *(["torch"] * bool(find_spec("torch")))):
        result = race(Row(library, {name: partial(loop, library, name) for name in ("alone", "recorded")}), rounds)
        yield f"| {library} | {1e6 * result.seconds('alone'):.0f} µs | {result.ratio('recorded', 'alone'):.2f} × | 1.5 × |"


def loop(library: str, name: str):
    """A training step, in a loop that is recorded or is not."""
    from microtorch import viz

    step = partial(perceptron_in_torch if library == "torch" else perceptron_in_microtorch, 32, 64, 32, 10)()
    if name == "recorded":
        viz.record().__enter__()  # for the length of the process
    return step
