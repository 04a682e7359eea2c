"""What a class draws that is too large to be drawn node by node: a picture a person can read, of folds with sensible names."""

import pytest

import microtorch
from microtorch import viz
from microtorch.viz.graph.fold import fold, opened
from tests.viz import programs
from tests.viz.folds import count, insides, judge, labels


def snapshot(program, **options):
    return programs.seen(program, viz.snapshot, **options)


def words(view):
    """A view as a student reads it: operations, leaves by name, folds."""
    folds = {f"f{each.id}": name for each, name in zip(view.folds, labels(view.folds), strict=True)}
    nodes = view.snapshot.nodes
    return [
        folds.get(box) or nodes[int(box[1:])].label or nodes[int(box[1:])].operation or "leaf"
        for box in dict.fromkeys(view.boxes.values())
        if box[0] in "nf"
    ]


@pytest.mark.parametrize("program", [*programs.LARGE, *programs.PROGRAMS])
def test_every_program_is_a_picture_a_person_can_read_at_every_level(program):
    view = fold(snapshot(program))
    judge(view, 80)
    all_of_them = list(insides(view))
    for inside in all_of_them[:: 1 + len(all_of_them) // 100]:
        judge(inside, 80)


def test_a_chain_of_ten_thousand():
    view = fold(snapshot(programs.chain))
    assert words(view) == ["x", "Add", "Mul", "Add → Mul (2–4,999) ×4998", "Add"]
    assert labels(fold(view.snapshot, True).folds) == ["Add → Mul ×4999"]


def test_a_residual_network_of_two_hundred_layers_with_its_weights_in_a_list():
    assert words(fold(snapshot(programs.residual))) == ["W[0]", "Mm", "Relu", "Add", "Mm → Relu → Add (2–200) ×199", "Mean"]


def test_a_recurrent_network_of_a_hundred_steps():
    view = fold(snapshot(programs.long_rnn))
    assert words(view) == ["U", "Mm", "W", "Mm", "Add", "b", "Add", "Tanh", "steps 2–100 ×99", "Sub", "Pow", "Mean"]
    (steps,) = fold(view.snapshot, True).folds
    assert (steps.kind, steps.times) == ("step", 100)
    assert steps.note == "100 times: Mm, Mm, Add, Add, Tanh; all with U 3×5, W 5×5, b 5"
    inside = opened(view, view.folds[0])
    assert labels(inside.folds)[:2] == ["steps 2–34 ×33", "steps 35–67 ×33"]
    assert words(opened(view, inside.folds[0]))[0] == "step 2"


def lstm_classifier(lib):
    class Classifier(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.lstm, self.output = lib.nn.Embedding(20, 8), lib.nn.LSTM(8, 16), lib.nn.Linear(16, 3)

        def forward(self, words):
            return self.output(self.lstm(self.embedding(words))[1][0][-1])

    net, words, labels = Classifier(), lib.arange(24).view(6, 4) % 20, lib.arange(4) % 3
    out = lib.nn.functional.cross_entropy(net(words), labels)
    del Classifier
    return locals()


def test_an_lstm_is_its_first_step_and_the_others_in_a_fold():
    view = fold(snapshot(lstm_classifier))
    step = ["Add", "UnsafeSplit", "Sigmoid", "Sigmoid", "Tanh", "Sigmoid", "Mul", "Mul", "Add", "Tanh", "Mul"]
    assert words(view) == [
        *("net.embedding.weight", "Embedding"),
        *("net.lstm.weight_ih_l0", "T", "View", "net.lstm.bias_ih_l0", "Addmm", "View", "Unbind"),
        *("net.lstm.weight_hh_l0", "T", "net.lstm.bias_hh_l0", "Addmm", *step, "steps 2–6 ×5"),
        *("Stack", "Select", "net.output.weight", "T", "net.output.bias", "Addmm", "LogSoftmax", "NllLoss"),
    ]
    (steps,) = view.folds
    assert steps.note.endswith("all with net.lstm.weight_hh_l0 64×16, net.lstm.bias_hh_l0 64")


def test_all_that_an_lstm_makes_is_in_its_scope():
    nodes = snapshot(lstm_classifier).nodes
    inside = [node.operation for node in nodes if "net.lstm" in [scope.name for scope in node.scope]]
    assert inside.count("UnsafeSplit") == 6
    assert inside[-1] == "Stack"
    assert {"Embedding", "Select", "LogSoftmax"}.isdisjoint(inside)


def test_a_network_of_scalars_as_neurons_in_layers():
    closed = labels(fold(snapshot(programs.scalar_mlp), True).folds)
    assert closed == ["(Mul → Add) ×3 → Tanh ×16", "(Mul → Add) ×16 → Tanh ×16", "Mul → Add ×16"]


def test_eight_steps_fit_as_they_are():
    view = fold(snapshot(programs.rnn))
    assert (view.folds, count(view)) == ((), 46)
    assert labels(fold(view.snapshot, True).folds) == ["step ×8"]


def test_the_gates_of_a_cell_repeat_in_its_steps():
    weights = [[microtorch.randn(*shape, requires_grad=True) for shape in ((2, 4), (4, 4), (4,))] for _ in range(4)]
    h = c = microtorch.zeros(3, 4)
    for _ in range(20):
        x = microtorch.randn(3, 2)
        i, f, o, g = (x @ W + h @ U + b for W, U, b in weights)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
    view = fold(viz.snapshot(h.sum()))
    assert labels(view.folds) == ["Mm, Mm, Add, Add ×4", "steps 2–20 ×19"]


def test_samples_that_share_their_weights_share_a_bundle_of_leaves():
    weights = [microtorch.tensor(0.1 * i, requires_grad=True) for i in range(64)]
    losses = []
    for sample in range(20):
        values = [w * (sample + 1.0) for w in weights]
        while len(values) > 1:
            values = [a + b for a, b in zip(values[::2], values[1::2], strict=False)]
        losses.append(values[0].tanh())
    view = fold(viz.snapshot(sum(losses)))
    judge(view, 80)
    kinds = {each.kind for outer in view.outermost for each in outer.walk()}
    assert "leaves" in kinds


def test_a_graph_in_which_nothing_repeats_shows_what_is_nearest_to_the_root():
    microtorch.manual_seed(0)
    picks = microtorch.randint(0, 9, (400, 3)).tolist()
    values = [microtorch.tensor(1.0, requires_grad=True)]
    for a, b, operation in picks:
        first, second = values[-1 - a % len(values)], values[-1 - b % len(values)]
        values.append([first * second, first + second, (first - second).tanh()][operation % 3])
    view = fold(viz.snapshot(sum(values[-9:]).exp()))
    judge(view, 80)
    last = len(view.snapshot.nodes) - 1
    assert view.boxes[last] == f"n{last}"
    assert sum(box[0] == "n" for box in view.boxes.values()) > 30
    assert view.folds[0].kind == "part"
    assert view.folds[0].label.split(" earlier: ")[0] == f"{len(view.folds[0].nodes) - 1}"


# ---- of modules: each call is a fold ----


def test_a_residual_network_of_blocks_in_modules():
    view = fold(snapshot(programs.resnet), True)
    assert labels(view.folds) == ["net"]
    (net,) = view.folds
    assert labels(net.folds) == ["net.0", "net.1", "net.4"]
    (blocks,) = net.folds[1].folds
    assert (blocks.label, blocks.times) == ("Block", 4)
    assert blocks.note == "4 times: Block (Conv2d → BatchNorm2d → Relu → Conv2d → BatchNorm2d → Add → Relu)"
    first, others = blocks.folds
    assert (first.label, others.label, others.times) == ("net.1.0", "net.1.1–3", 3)
    assert labels(first.folds) == ["conv1", "norm1", "conv2", "norm2"]
    assert first.folds[0].note == "Conv2d: 1 function, weight 4×4×3×3, bias 4"


def test_two_hundred_residual_blocks_in_modules():
    view = fold(snapshot(programs.residual_modules))
    assert words(view) == ["net.0.linear.weight", "T", "net.0.linear.bias", "Addmm", "Relu", "Add", "net.1–199 ×199", "Mean"]


def test_the_modules_of_pytorch_are_the_same_folds_where_parameters_tell(torch):
    here, there = (fold(programs.seen(programs.mlp, viz.snapshot, lib)).outermost for lib in (microtorch, torch))
    assert here == there
