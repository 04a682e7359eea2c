"""Colours, by computation: text can be read, and states differ for the colour-blind and in grey."""

import re
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

from microtorch import widgets
from microtorch.viz.picture import colours
from microtorch.viz.picture.colours import (
    BLUE,
    BLUE_PALE,
    FOG,
    FOG_PALE,
    GREY,
    INK,
    NAVY,
    PEACH,
    RULE,
    RUST,
    VERMILLION,
    WHITE,
    WIRE,
    YELLOW,
    YELLOW_DEEP,
)  # fmt: skip

CSS = (Path(widgets.__file__).parent / "static" / "stepper.css").read_text("utf-8")
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
# Machado, Oliveira and Fernandes 2009: what is left of linear RGB without the cones for green.
DEUTERANOPIA = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]])


def linear(colour):
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(XYZ[1] @ linear(colour))


def contrast(a, b):
    """As WCAG defines it."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    """CIELAB, in which distances are about what the eye tells apart: 2 just so, 10 at a glance."""
    x = XYZ @ rgb / np.array([0.95047, 1, 1.08883])
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def as_seen(colour):
    """By someone with deuteranopia."""
    return lab(np.clip(DEUTERANOPIA @ linear(colour), 0, 1))


def states():
    """State → colour, width and dashes of the border, as the style sheet has them."""
    variables = dict(re.findall(r"(--mt-[a-z]+): (#[0-9a-f]{6});", CSS))
    found = {}
    for state in ("waiting", "ready", "current", "done", "bad", "failed"):
        rule = re.search(rf'\[data-state="{state}"\] \.mt-box[^{{]*{{([^}}]*)}}', CSS)[1]
        stroke = re.search(r"stroke: (?:var\((--mt-[a-z]+)\)|(#[0-9a-f]{6}))", rule)
        look = re.findall(r"stroke-(?:width|dasharray): ([^;]*);", rule)
        found[state] = (variables.get(stroke[1]) or stroke[2], tuple(look))
    return found


def test_black_on_white_has_the_largest_contrast():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize(("text", "ground"), [
    *product([INK, GREY], [WHITE, YELLOW, YELLOW_DEEP, BLUE_PALE, FOG, FOG_PALE]),
    (RUST, WHITE), (RUST, YELLOW), (RUST, PEACH), (NAVY, BLUE_PALE), (RUST, "#FFF0CC"), (INK, "#FFF0CC"), (INK, "#FBE9F2"),
])  # fmt: skip
def test_text_can_be_read_on_its_ground(text, ground):
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("line", [WIRE, VERMILLION, BLUE, INK, GREY, RULE])
def test_lines_can_be_seen(line):
    assert contrast(line, WHITE) >= 3


@pytest.mark.parametrize("line", [WIRE, VERMILLION, BLUE, INK, GREY])
def test_lines_can_be_seen_on_a_lane(line):
    assert contrast(line, PEACH) >= 3


@pytest.mark.parametrize(("one", "other"), [*combinations(["waiting", "ready", "current", "done", "bad", "failed"], 2)])
def test_states_differ_without_the_cones_for_green_and_in_grey_and_by_their_borders(one, other):
    (a, look), (b, other_look) = states()[one], states()[other]
    assert np.linalg.norm(as_seen(a) - as_seen(b)) >= 10
    assert abs(lab(linear(a))[0] - lab(linear(b))[0]) >= 8
    assert look != other_look


def test_values_and_gradients_differ_without_the_cones_for_green_and_in_grey():
    assert np.linalg.norm(as_seen(WIRE) - as_seen(VERMILLION)) >= 20
    assert abs(lab(linear(WIRE))[0] - lab(linear(VERMILLION))[0]) >= 20


def test_every_colour_has_six_digits():
    palette = [value for name, value in vars(colours).items() if name.isupper()]
    assert len(palette) >= 10
    assert all(re.fullmatch("#[0-9A-F]{6}", value) for value in palette)
