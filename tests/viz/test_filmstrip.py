"""The steps as a strip of frames, for print and slides."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import microtorch
from microtorch import Variable, viz
from tests.viz.graphs import HOSTILE
from tests.viz.passes_cases import leaf


def chain(length: int) -> Variable:
    y = leaf(1.0)
    for _ in range(length):
        y = y * 1.0
    return y


def test_as_text_it_is_a_table_of_steps_and_grads() -> None:
    x, w = leaf(2.0), leaf(5.0)
    w.grad = microtorch.tensor(1.0)
    out = x * w
    assert repr(viz.filmstrip(out)).splitlines() == [
        "backward() from out, 3 steps:",
        "  #  x.grad  w.grad  what happens",
        "  0  None    1       Nothing has run yet: backward() will start at MulBackward0 (out) with 1.",
        "  1  None    1       MulBackward0 (out) receives 1 and sends 5 to x and 2 to w.",
        "  2  5       1       x accumulates 5: x.grad was None and is now 5.",
        "  3  5       3       w accumulates 2: w.grad held 1 and is now 1 + 2 = 3.",
    ]
    assert x.grad is None
    assert w.grad.item() == 1.0


def test_the_picture_has_a_frame_for_each_position() -> None:
    out = chain(2)
    picture = viz.filmstrip(out).svg
    assert picture.count('class="mt-frame"') == 4
    assert picture == viz.filmstrip(out).svg
    assert not re.search('style=|<style|class="(?!mt-)', picture)
    assert set(map(len, re.findall('#[0-9a-f]+(?=")', picture))) == {7}


def test_of_a_long_pass_the_ends_are_shown() -> None:
    strip = viz.filmstrip(chain(100))
    assert strip.svg.count('class="mt-frame"') == 24
    assert "78 more steps" in strip.svg
    assert "78 more steps" in repr(strip)


def test_hostile_names_stay_text() -> None:
    for name in HOSTILE:
        x = leaf(1.0)
        x.name = name
        root = ET.fromstring(viz.filmstrip(x * 2).svg)
        assert {each.tag.rpartition("}")[2] for each in root.iter()} == {"svg", "title", "desc", "rect", "g", "text"}


def test_a_step_that_fails_is_shown() -> None:
    z = leaf(2.0) * 3
    z.register_hook(lambda grad: 1 / 0)
    assert "ZeroDivisionError" in repr(viz.filmstrip(z))
    assert "#b00020" in viz.filmstrip(z).svg


def test_it_is_saved_in_the_format_its_name_ends_with(tmp_path: Path) -> None:
    strip = viz.filmstrip(chain(1))
    strip.save(tmp_path / "strip.svg")
    strip.save(str(tmp_path / "strip.txt"))
    assert (tmp_path / "strip.svg").read_text(encoding="utf-8") == strip.svg
    assert (tmp_path / "strip.txt").read_text(encoding="utf-8") == f"{strip!r}\n"
    with pytest.raises(ValueError, match=r"one of \.svg, \.txt"):
        strip.save(tmp_path / "strip.gif")
    assert not (tmp_path / "strip.gif").exists()


def test_what_cannot_be_walked_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot walk the backward pass of a float"):
        viz.filmstrip(3.0)
