"""``viz.record()`` around a loop: what an iteration is, what is kept of it, what is noticed, and that the loop is left alone."""

import gc
import json
import math
import re
import threading
import weakref
from itertools import pairwise

import numpy as np
import pytest

import microtorch
import microtorch.nn
import microtorch.optim
from microtorch import viz
from microtorch.core.grad_mode import mode
from microtorch.viz.training import measures, recorded, structure
from microtorch.viz.training import run as training
from tests.optim.table import NAMES


def network(lib, *widths, activation="Tanh"):
    lib.manual_seed(0)
    layers = [layer for n, m in pairwise(widths) for layer in (lib.nn.Linear(n, m), getattr(lib.nn, activation)())]
    return lib.nn.Sequential(*layers[:-1])


def batch(lib):
    x = lib.tensor(np.random.default_rng(0).normal(size=(16, 3)).astype("float32"))
    return x, (x * x).sum(1).reshape(16, 1)


def trained(lib, net, count, rate=0.1, kind="SGD", **options):
    """The losses and gradients of a loop, told by the loop itself."""
    x, y = batch(lib)
    optimizer = getattr(lib.optim, kind)(net.parameters(), lr=rate, **options)
    losses, grads, weights = [], [], []
    for _ in range(count):
        loss = lib.nn.functional.mse_loss(net(x), y)
        loss.backward()
        losses.append(loss.item())
        grads.append([np.array(each.grad.detach().numpy()) for each in net.parameters()])
        weights.append([np.array(each.detach().numpy()) for each in net.parameters()])
        optimizer.step()
        optimizer.zero_grad()
    weights.append([np.array(each.detach().numpy()) for each in net.parameters()])
    return losses, grads, weights


# ---- what an iteration is, and what is kept of it ----


def test_every_backward_of_the_loop_is_an_iteration_with_its_loss(lib):
    with viz.record() as run:
        losses, _, _ = trained(lib, network(lib, 3, 8, 1), 70)
    assert len(run) == 70
    assert run.losses == tuple(losses)
    assert [each.loss for each in run] == losses
    assert (run[0].number, run[-1].number, run[69].loss) == (0, 69, losses[-1])


def test_the_numbers_of_each_leaf_are_those_of_its_gradient_and_data(lib):
    net = network(lib, 3, 8, 1, activation="ReLU")
    with viz.record() as run:
        _, grads, weights = trained(lib, net, 40)
    for k, iteration in enumerate(run):
        assert [leaf.name for leaf in iteration.leaves] == ["net.0.weight", "net.0.bias", "net.2.weight", "net.2.bias"]
        for leaf, grad, before, after in zip(iteration.leaves, grads[k], weights[k], weights[k + 1], strict=True):
            size = np.abs(grad.astype("float64"))
            assert leaf.shape == grad.shape
            assert leaf.grad_norm == pytest.approx(math.sqrt((size**2).sum()), rel=1e-9)
            assert leaf.grad_max == pytest.approx(size.max(), rel=1e-9)
            assert (leaf.zeros, leaf.nans, leaf.infs) == ((size == 0).mean(), 0, 0)
            assert leaf.data_norm == pytest.approx(np.linalg.norm(before.astype("float64")), rel=1e-6)
            moved = np.linalg.norm(after.astype("float64") - before.astype("float64"))
            assert leaf.update_norm == pytest.approx(moved, rel=1e-5, abs=1e-8)
            assert leaf.update_ratio == pytest.approx(leaf.update_norm / leaf.data_norm)


def test_the_loop_computes_what_it_computes_without_the_record(lib):
    alone = trained(lib, network(lib, 3, 8, 1), 20, momentum=0.9)
    with viz.record():
        seen = trained(lib, network(lib, 3, 8, 1), 20, momentum=0.9)
    assert alone[0] == seen[0]
    assert all(np.array_equal(a, b) for a, b in zip(alone[2][-1], seen[2][-1], strict=True))


@pytest.mark.parametrize("kind", NAMES)
def test_with_every_optimizer_the_loop_is_recorded_and_left_alone(kind):
    alone = trained(microtorch, network(microtorch, 3, 8, 1), 20, 0.01, kind)
    with viz.record() as run:
        losses, _, weights = trained(microtorch, network(microtorch, 3, 8, 1), 20, 0.01, kind)
    assert run.losses == tuple(losses) == tuple(alone[0])
    moved = np.linalg.norm(weights[1][0] - weights[0][0]) / np.linalg.norm(weights[0][0])
    assert run[0].leaves[0].update_ratio == pytest.approx(moved, rel=1e-4)
    assert moved > 0


def test_the_looks_of_a_line_search_are_iterations_too():
    net = network(microtorch, 3, 8, 1)
    optimizer, (x, y), losses = microtorch.optim.LBFGS(net.parameters(), line_search_fn="strong_wolfe"), batch(microtorch), []

    def closure():
        optimizer.zero_grad()
        (loss := microtorch.nn.functional.mse_loss(net(x), y)).backward()
        losses.append(loss.item())
        return loss

    with viz.record() as run:
        optimizer.step(closure)
    assert run.losses == tuple(losses)
    assert losses[-1] < losses[0] / 2


def test_gradients_that_are_accumulated_are_iterations_of_their_own_and_no_fault(lib):
    w = lib.tensor([1.0, 2.0], requires_grad=True)
    with viz.record() as run:
        for _ in range(3):
            (w * 1).sum().backward()
            (w * 2).sum().backward()
            w.data -= w.grad * 0.1
            w.grad = None
    assert len(run) == 6
    assert [each.leaves[0].grad_max for each in run] == pytest.approx([1, 3] * 3)
    assert [each.leaves[0].update_norm > 0 for each in run] == [False, True] * 3
    assert run.flags == ()


def test_of_many_iterations_of_one_graph_one_snapshot_is_kept(lib):
    with viz.record() as run:
        trained(lib, network(lib, 3, 8, 1), 30)
    assert len(run.graphs) == 1
    assert {each.graph for each in run} == {0}
    assert not any(saved.freed for node in run.graphs[0].nodes for saved in node.saved)


def test_another_structure_is_another_graph_and_an_old_one_is_known_again(lib):
    w = lib.tensor([1.0, 2.0], requires_grad=True)
    with viz.record() as run:
        for turns in (1, 2, 1, 3, 2):
            y = w
            for _ in range(turns):
                y = y * 2
            y.sum().backward()
    assert [each.graph for each in run] == [0, 1, 0, 2, 1]
    assert [len(graph.nodes) for graph in run.graphs] == [3, 4, 5]


def test_the_same_functions_of_other_shapes_are_another_graph(lib):
    with viz.record() as run:
        for size in (2, 3, 2):
            lib.ones(size, requires_grad=True).sum().backward()
    assert [each.graph for each in run] == [0, 1, 0]
    assert [each.leaves[0].shape for each in run] == [(2,), (3,), (2,)]


def test_leaves_measured_together_and_apart_come_to_the_same(monkeypatch):
    runs = []
    for elements in (measures.ELEMENTS, 8):
        monkeypatch.setattr(measures, "ELEMENTS", elements)
        with viz.record() as run:
            trained(microtorch, network(microtorch, 3, 8, 1), 10)
        runs.append([[leaf.grad_norm for leaf in each.leaves] for each in run])
    assert runs[0] == runs[1]


def test_two_networks_built_alike_share_a_graph_and_keep_their_names(lib):
    nets = [network(lib, 3, 4, 1) for _ in range(2)]
    x, _ = batch(lib)
    with viz.record() as run:
        for k in (0, 1, 0, 1):
            nets[k](x).sum().backward()
    assert [each.graph for each in run] == [0] * 4
    assert [each.leaves[0].name for each in run] == ["nets[0].0.weight", "nets[1].0.weight"] * 2


def test_a_leaf_that_is_another_one_each_time_has_no_update(lib):
    w = lib.tensor([1.0], requires_grad=True)
    with viz.record() as run:
        for k in range(50):
            x = lib.tensor([float(k + 1)], requires_grad=True)
            (w * x).sum().backward()
    assert [leaf.name for leaf in run[49].leaves] == ["w", "x"]
    assert run[10].leaves[1].update_norm in {None, 0.0}
    assert [each.leaves[1].data_norm for each in run] == [k + 1 for k in range(50)]


def test_a_leaf_that_backward_leaves_alone_is_none(lib):
    v, w = (lib.tensor([1.0], requires_grad=True) for _ in range(2))
    with viz.record() as run:
        (v * w).sum().backward(inputs=[v])
    first, second = run[0].leaves
    assert (first.grad_norm, second.grad_norm, second.zeros, second.nans) == (1, None, None, None)
    assert run.flags == ()


def test_a_very_long_run_keeps_every_other_iteration_and_all_losses(monkeypatch):
    monkeypatch.setattr(recorded, "NUMBERS", 7 * 200)
    w = microtorch.tensor([1.0], requires_grad=True)
    with viz.record() as run:
        for k in range(1000):
            (w * k).sum().backward()
    kept = [each.number for each in run]
    assert 100 < len(kept) <= 201
    assert kept == [*range(0, 1000, 8), 999]
    assert run.losses == tuple(float(k) for k in range(1000))
    assert (run[16].number, run[-1].number) == (16, 999)
    with pytest.raises(IndexError, match=r"iteration 17 was not kept: of so long a run, one in 8 is; \.losses has all"):
        run[17]


def test_of_very_many_graphs_some_are_kept(monkeypatch):
    monkeypatch.setattr(training, "GRAPHS", 2)
    w = microtorch.tensor([1.0], requires_grad=True)
    with viz.record() as run:
        for turns in range(1, 5):
            y = w
            for _ in range(turns):
                y = y * 2
            y.sum().backward()
    assert [each.graph for each in run] == [0, 1, None, None]
    assert len(run.graphs) == 2


def test_a_large_network_is_measured_leaf_by_leaf_all_the_same(lib):
    w, b = lib.ones(600, 600, requires_grad=True), lib.ones(3, requires_grad=True)
    with viz.record() as run:
        for _ in range(2):
            ((w * 2).sum() + b.sum()).backward()
            w.data -= 1
    assert [leaf.grad_norm for leaf in run[1].leaves] == pytest.approx([4 * 600, 2 * math.sqrt(3)])
    assert [leaf.update_norm for leaf in run[0].leaves] == pytest.approx([600, 0])


# ---- what is no iteration ----


def test_only_the_backward_of_a_single_number_is_an_iteration_and_only_in_the_block(lib):
    w = lib.tensor([1.0, 2.0], requires_grad=True)
    w.sum().backward()
    with viz.record() as run:
        (w * 2).backward(lib.ones(2))
        lib.autograd.grad((w * 2).sum(), w)
        lib.autograd.backward([(w * 2).sum(), (w * 3).sum()], [None, None])
        lib.autograd.backward((w * 3).sum())
        (w * 2).sum().reshape(1).backward(lib.ones(1))
    w.sum().backward()
    assert run.losses == (9, 6)


def test_a_backward_inside_of_a_backward_belongs_to_it(lib):
    v, w = (lib.tensor([1.0], requires_grad=True) for _ in range(2))

    def hook(grad):
        with lib.enable_grad():
            (v * 2).sum().backward()

    w.register_hook(hook)
    with viz.record() as run:
        (w * 3).sum().backward()
    assert run.losses == (3,)
    assert v.grad.tolist() == [2]


def test_a_backward_that_fails_is_no_iteration_and_those_before_stay(lib):
    w = lib.tensor([1.0], requires_grad=True)
    with viz.record() as run:
        loss = (w * w).sum()
        loss.backward()
        with pytest.raises(RuntimeError):
            loss.backward()
        (w * w).sum().backward()
    assert len(run) == 2


def test_another_threads_loop_is_not_seen(lib):
    w = lib.tensor([1.0], requires_grad=True)
    with viz.record() as run:
        thread = threading.Thread(target=lambda: (w * 2).sum().backward())
        thread.start()
        thread.join()
        (w * 3).sum().backward()
    assert run.losses == (3,)


def test_two_threads_record_a_run_each(lib):
    runs = {}
    both, first_over = threading.Barrier(2), threading.Event()

    def work(factor):
        w = lib.tensor([1.0], requires_grad=True)
        with viz.record() as runs[factor]:
            both.wait()
            if factor == 3:
                first_over.wait()
            (w * factor).sum().backward()
        first_over.set()

    threads = [threading.Thread(target=work, args=(factor,)) for factor in (2, 3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert {factor: run.losses for factor, run in runs.items()} == {2: (2,), 3: (3,)}


# ---- how it ends ----


def loop_that_fails(w, error):
    for _ in range(3):
        (w * 2).sum().backward()
    raise error


def backward_of(lib):
    return lib.autograd.backward if lib is not microtorch else mode.around_backward


@pytest.mark.parametrize("error", [ValueError("wrong batch"), KeyboardInterrupt()])
def test_an_error_goes_its_way_and_what_was_there_is_kept(lib, error):
    before = backward_of(lib)
    w = lib.tensor([1.0], requires_grad=True)
    with pytest.raises(type(error)), viz.record() as run:
        loop_that_fails(w, error)
    assert len(run) == 3
    assert f"It was ended by {type(error).__name__}" in repr(run)
    assert backward_of(lib) is before


def test_within_a_recorded_block_another_is_refused_and_the_first_goes_on():
    w = microtorch.tensor([1.0], requires_grad=True)
    with viz.record() as run:
        with pytest.raises(RuntimeError, match="being recorded already"), viz.record():
            pass
        w.sum().backward()
    with pytest.raises(RuntimeError, match="has its block already"), run:
        pass
    assert len(run) == 1


def test_a_block_without_a_backward_says_what_would_be_one():
    with viz.record() as run:
        assert repr(run) == "Training run: recording; no backward() yet."
    assert "no iterations. An iteration is a loss.backward()" in repr(run)
    assert run._repr_html_() is None
    assert run.flags == run.iterations == ()


def test_a_run_can_be_read_while_it_is_recorded():
    w = microtorch.tensor([1.0], requires_grad=True)
    with viz.record() as run:
        for k in range(5):
            (w * w).sum().backward()
            w.data -= 0.1
            w.grad = None
            assert len(run.iterations) == len(run) == k + 1
    assert [each.leaves[0].update_norm for each in run] == pytest.approx([0.1] * 5)


def test_a_run_keeps_no_variable_and_no_graph_alive(lib):
    w = lib.tensor([1.0], requires_grad=True)
    with viz.record() as run:
        loss = (w * w).sum()
        loss.backward()
    node, leaf = weakref.ref(loss), weakref.ref(w)
    del loss, w
    gc.collect()
    assert (node(), leaf(), len(run)) == (None, None, 1)
    assert not any(type(each) is measures.Table for each in gc.get_objects())


# ---- what is noticed ----


def test_of_a_run_without_faults_nothing_is_said():
    with viz.record() as run:
        trained(microtorch, network(microtorch, 3, 8, 1), 50)
    assert run.flags == ()
    assert "No gradient was NaN, exploding, vanishing, dead or left uncleared." in repr(run)


def test_vanishing_gradients_are_named_by_their_layers(lib):
    net = network(lib, 3, *[8] * 9, 1, activation="Sigmoid")
    with viz.record() as run:
        trained(lib, net, 3)
    (flag,) = run.flags
    assert re.match(
        r"Vanishing, in 3 of 3 iterations, first in iteration 0: an element of net\.0\.weight\.grad is [\d.e+]+ times smaller "
        r"than one of net\.18\.weight\.grad",
        flag,
    )


def test_exploding_gradients_are_told_with_their_norm(lib):
    w = lib.tensor([1.0], requires_grad=True)
    with viz.record() as run:
        for factor in (300.0, 999.0, 1001.0, 2000.0):
            (w * factor).sum().backward()
            w.grad = None
    assert run.flags == (
        "Exploding, in 2 of 4 iterations, first in iteration 2: the norm of all gradients together is 1001, over 1,000.",
    )


def test_gradients_that_grow_a_thousandfold_explode_however_small_they_were():
    w = microtorch.tensor([1.0], requires_grad=True)
    with viz.record() as run:
        for factor in (1e-5, 9e-3, 2e-2):
            (w * factor).sum().backward()
            w.grad = None
    assert run.flags == (
        "Exploding, in 1 of 3 iterations, first in iteration 2: the norm of all gradients together is 2000 times the first.",
    )


@pytest.mark.parametrize(("count", "told"), [(4, False), (5, True)])
def test_a_gradient_that_is_zero_throughout_for_five_iterations_is_dead(lib, count, told):
    net = network(lib, 3, 4, 1, activation="ReLU")
    net[0].bias.data.fill_(-100)
    with viz.record() as run:
        trained(lib, net, count)
    last = count - 1
    expected = f"Dead: net.0.weight.grad, net.0.bias.grad, net.2.weight.grad are zero throughout, from iteration 0 to {last}."
    assert run.flags == (expected,) * told


def test_a_loss_that_is_nan_is_traced_to_the_first_place_in_the_graph(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    with np.errstate(all="ignore"), viz.record() as run:
        for shift in (0.0, 5.0, 6.0):
            y = x - shift
            lib.sqrt(y).sum().backward()
            x.grad = None
    assert len(run.flags) == 1
    assert run.flags[0].startswith(
        "NaN or infinity, in 2 of 3 iterations, first in iteration 1: the loss is nan; the first function"
    )
    assert "SqrtBackward0" in run.flags[0]


def test_data_that_are_nan_are_found_before_what_is_computed_from_them(lib):
    w = lib.tensor([1.0, float("nan")], requires_grad=True)
    with viz.record() as run:
        (w * 2).sum().backward()
    assert run.flags[0].endswith("first in iteration 0: the loss is nan; the data of w have it already.")


def test_a_gradient_that_is_nan_while_the_loss_is_not_is_named(lib):
    v, w = lib.tensor([0.0, 4.0], requires_grad=True), lib.tensor([1.0], requires_grad=True)
    with np.errstate(all="ignore"), viz.record() as run:
        ((lib.sqrt(v) * 0.0).sum() + w.sum()).backward()
    assert run.flags == ("NaN or infinity, in 1 of 1 iteration, first in iteration 0: v.grad has 1 NaN, the loss is still 1.",)
    assert (run[0].leaves[0].nans, run[0].leaves[0].infs) == (1, 0)


def test_a_gradient_that_was_not_cleared_before_the_next_backward_is_noticed(lib):
    w = lib.tensor([1.0, 2.0], requires_grad=True)
    with viz.record() as run:
        for _ in range(4):
            (w * w).sum().backward()
            w.data -= 0.1 * w.grad
    (flag,) = run.flags
    assert flag.startswith(
        "Not cleared, in 3 of 4 iterations, first in iteration 1: w.grad still held the one of before, although"
    )


# ---- in words, and in files ----


def small():
    w, b = microtorch.tensor([[3.0, 4.0]], requires_grad=True), microtorch.tensor([0.0], requires_grad=True)
    with viz.record() as run:
        for _ in range(3):
            ((w * w).sum() + b.sum()).backward()
            w.data -= 0.25 * w.grad.data
            w.grad = b.grad = None
    return run


def test_printed_it_is_a_table_of_leaves():
    assert repr(small()) == (
        "Training run: 3 iterations, 1 graph. Loss: 25 at first, 1.562 at last, least 1.562 (iteration 2).\n"
        "\n"
        "  leaf  shape  gradient’s norm: first  least  most  last  update ÷ data: median\n"
        "  w     1x2    10                      2.5    10    2.5   0.5\n"
        "  b     (1,)   1                       1      1     1     not known\n"
        "\n"
        "No gradient was NaN, exploding, vanishing, dead or left uncleared."
    )


def test_the_file_has_the_format_its_name_ends_with(tmp_path, graphviz):
    run = small()
    for name in ("run.html", "run.svg", "run.txt", "run.json"):
        run.save(tmp_path / name)
    assert (tmp_path / "run.txt").read_text("utf-8") == f"{run!r}\n"
    assert (tmp_path / "run.html").read_text("utf-8") == viz.export_html(run)
    data = json.loads((tmp_path / "run.json").read_text("utf-8"))
    assert data["losses"] == [25, 6.25, 1.5625]
    assert data["iterations"][2]["leaves"][0]["grad_norm"] == 2.5
    with pytest.raises(ValueError, match=r"'run.gif': the name has to end with the format, one of \.html, \.svg, \.txt, \.json"):
        run.save(tmp_path / "run.gif")


def test_the_picture_has_axes_a_scale_and_its_words(tmp_path):
    small().save(tmp_path / "run.svg")
    svg = (tmp_path / "run.svg").read_text("utf-8")
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert texts[:4] == ["Loss", "1.56", "13.3", "25"]
    assert {"iteration 2", "w", "b", "all 0", "NaN or inf", "10"} <= set(texts)
    assert "<desc>Training run: 3 iterations" in svg
    assert "style=" not in svg
    assert not re.search(r"#[0-9A-Fa-f]{3}\b(?![0-9A-Fa-f])", svg)


def test_nan_is_a_mark_in_the_picture_and_text_in_json(tmp_path):
    w = microtorch.tensor([1.0], requires_grad=True)
    with viz.record() as run:
        for factor in (1.0, math.nan, 2.0):
            (w * factor).sum().backward()
            w.grad = None
    marks = []
    for i, each in enumerate((small(), run)):
        each.save(tmp_path / f"{i}.svg")
        marks.append((tmp_path / f"{i}.svg").read_text("utf-8").count('stroke-width="1.6"'))
    assert marks[0] == 1  # in the legend
    assert marks[1] > 3  # on the curve and all along the heat, too
    run.save(tmp_path / "run.json")
    assert json.loads((tmp_path / "run.json").read_text("utf-8"))["losses"] == [1, "nan", 2]


def test_hostile_names_stay_names(tmp_path, graphviz):
    w = microtorch.tensor([1.0], requires_grad=True)
    w.name = "</script><img src=x onerror=alert(1)>"
    with viz.record() as run:
        (w * 2).sum().backward()
    page = viz.export_html(run) + run._repr_html_()
    assert page.count("<script") == page.count("</script>") == 2
    assert "<img src=x" not in page
    run.save(tmp_path / "run.svg")
    assert ">…c=x onerror=alert(1)&gt;<" in (tmp_path / "run.svg").read_text("utf-8")
    run.save(tmp_path / "run.json")
    assert "<" not in (tmp_path / "run.json").read_text("utf-8")


def test_a_page_of_ten_thousand_iterations_is_small(graphviz):
    w = microtorch.tensor([1.0, 2.0], requires_grad=True)
    with viz.record() as run:
        for k in range(10_000):
            (w * (1 + math.sin(k))).sum().backward()
            w.grad = None
    assert len(run.graphs) == 1
    assert len(run.iterations) == 10_000
    assert len(viz.export_html(run)) < 100_000


def test_a_leaf_without_elements_is_passed_over(lib):
    w, empty = lib.ones(2, requires_grad=True), lib.ones(0, requires_grad=True)
    with viz.record() as run:
        (w.sum() + empty.sum()).backward()
    assert [leaf.name for leaf in run[0].leaves] == ["w"]


def test_naming_ends_where_every_iteration_has_new_leaves(monkeypatch):
    searched = []
    monkeypatch.setattr(structure, "freeze", lambda root, original=structure.freeze: searched.append(root) or original(root))
    with viz.record() as run:
        for _ in range(100):
            x = microtorch.ones(2, requires_grad=True)
            (x * 2).sum().backward()
    assert len(searched) <= structure.NAMINGS
    assert {each.leaves[0].name for each in run} == {"x"}
