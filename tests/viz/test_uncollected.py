import gc

import pytest

from microtorch.viz.graph.uncollected import uncollected


def test_nothing_is_collected_meanwhile_and_then_again():
    assert not uncollected(gc.isenabled)()
    assert gc.isenabled()


def test_what_fails_leaves_the_collector_on():
    with pytest.raises(ZeroDivisionError):
        uncollected(lambda: 1 / 0)()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        uncollected(int)()
        assert not gc.isenabled()
    finally:
        gc.enable()
