"""Interrupts, at any line: no mode stays switched, no lock held, and the handler itself may compute gradients."""

import random
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

import microtorch
from microtorch.core import accumulate_grad, grad_mode, versions

COUNT = 4000
pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signal.setitimer")


class StopError(Exception):
    pass


@pytest.fixture
def alarm() -> Iterator[None]:
    def handler(*arguments):
        raise StopError

    before = signal.signal(signal.SIGALRM, handler)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def interrupted(program: Callable[[], None]) -> None:
    """``program``, over and over, until an alarm goes off somewhere in it."""
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(2e-5, 3e-4))
        while True:
            program()
    except StopError:
        signal.setitimer(signal.ITIMER_REAL, 0)


def free(lock) -> bool:
    """Whether another thread can take it."""
    taken = []
    thread = threading.Thread(target=lambda: taken.append(lock.acquire(timeout=1)) or (taken[0] and lock.release()))
    thread.start()
    thread.join()
    return taken == [True]


def without_gradients():
    with microtorch.no_grad():
        pass


def nested():
    with microtorch.no_grad(), microtorch.enable_grad():
        pass
    with microtorch.inference_mode():
        pass


@microtorch.no_grad()
def decorated():
    pass


@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize("program", [without_gradients, nested, decorated])
def test_no_mode_stays_switched(program):
    left = 0
    for _ in range(COUNT):
        interrupted(program)
        left += not (microtorch.is_grad_enabled() and not microtorch.is_inference_mode_enabled())
        microtorch.set_grad_enabled(True)
    assert left <= COUNT // 500  # of torch's own no_grad, more than one in ten
    assert len(grad_mode.mode.entered) <= 1


@pytest.mark.usefixtures("alarm")
def test_no_lock_stays_held_and_a_grad_is_whole():
    x = microtorch.ones(3, requires_grad=True)
    for _ in range(COUNT):
        interrupted(lambda: (x * 2).sum().backward())
        assert x.grad is None or len(set(x.grad.tolist())) == 1
    assert free(accumulate_grad._lock)
    assert free(versions._lock)


@pytest.mark.usefixtures("alarm")
def test_a_change_in_place_holds_no_lock_either():
    x = microtorch.ones(3)
    for _ in range(COUNT):
        interrupted(lambda: x.mul_(1.0))
    assert free(versions._lock)


def test_a_handler_may_compute_gradients_and_change_things_in_place(alarm):
    x = microtorch.ones(2, requires_grad=True)
    calls = []

    def handler(*arguments):
        calls.append(1)
        with microtorch.enable_grad():
            (x * 1).sum().backward()
        with microtorch.no_grad():
            x.mul_(1.0)

    signal.signal(signal.SIGALRM, handler)
    for _ in range(COUNT):
        signal.setitimer(signal.ITIMER_REAL, random.uniform(2e-5, 3e-4))  # one: on a busy machine, the next would find it at work
        with microtorch.no_grad():
            x.mul_(1.0)
        (x * 2).sum().backward()
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert calls


def test_what_a_block_left_without_its_end_is_ended_by_the_block_around():
    before = [*grad_mode.mode.entered]
    with microtorch.no_grad():
        block = microtorch.enable_grad()
        block.__enter__()
        assert microtorch.is_grad_enabled()
    assert microtorch.is_grad_enabled()
    assert grad_mode.mode.entered == before


def test_a_block_entered_by_hand_and_dropped_is_meant_for_good(lib):
    lib.no_grad().__enter__()
    assert not lib.is_grad_enabled()
    lib.set_grad_enabled(True)


def test_between_two_cells_all_blocks_are_ended():
    block = microtorch.no_grad()
    block.__enter__()
    grad_mode.restore_all()
    assert microtorch.is_grad_enabled()


@pytest.mark.parametrize("create_graph", [False, True])
def test_threads_lose_no_gradient(create_graph):
    x = microtorch.zeros(1000, requires_grad=True)

    def run():
        for _ in range(50):
            (x * 1.0).sum().backward(create_graph=create_graph)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert set(x.grad.tolist()) == {400.0}
