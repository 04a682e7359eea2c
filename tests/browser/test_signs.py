"""The signs of a node's state, as they are drawn: small, and not to be mistaken for each other."""

import re
from itertools import combinations

import numpy as np
import pytest
from playwright.sync_api import Browser

from microtorch.viz.page import source

STATES = ["waiting", "ready", "current", "done", "untracked", "bad", "failed"]
DRAWN = """([program, state, size]) => {
    const url = URL.createObjectURL(new Blob([program], {type: 'text/javascript'}));
    return import(url).then(({SIGN}) => {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = size;
        const context = canvas.getContext('2d');
        context.scale(size / 12, size / 12);
        context.fill(new Path2D(SIGN[state]));
        return [...context.getImageData(0, 0, size, size).data].filter((_, i) => i % 4 === 3);
    });
}"""


@pytest.fixture(scope="module")
def drawn(browser: Browser):
    """How dark each pixel of each sign is, at its size in a picture and in one made smaller."""
    program = (source.STATIC["stepper"] / "dom.js").read_text("utf-8")
    page = browser.new_page()
    found = {(state, size): np.array(page.evaluate(DRAWN, [program, state, size])) / 255 for state in STATES for size in (9, 12)}
    page.close()
    return found


@pytest.mark.parametrize("size", [9, 12])
@pytest.mark.parametrize(("one", "other"), [*combinations(STATES, 2)])
def test_two_signs_differ_in_many_of_their_pixels(drawn, one, other, size):
    a, b = drawn[one, size], drawn[other, size]
    assert np.abs(a - b).sum() >= 0.25 * max(a.sum(), b.sum())


@pytest.mark.parametrize("state", STATES)
def test_a_sign_is_more_than_a_dot(drawn, state):
    pixels = drawn[state, 12].reshape(12, 12) > 0.5
    assert np.ptp(np.flatnonzero(pixels.any(axis=0))) >= 7
    assert np.ptp(np.flatnonzero(pixels.any(axis=1))) >= 7


def test_every_state_has_a_sign():
    program = (source.STATIC["stepper"] / "dom.js").read_text("utf-8")
    assert re.findall(r"^  (\w+):", program.partition("SIGN = {")[2].partition("};")[0], re.MULTILINE) == STATES
