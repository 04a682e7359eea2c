"""What a page is made of, before any browser: HTML for notebooks, pages of their own, and what may stand in them."""

import base64
import hashlib
import json
import re
import xml.etree.ElementTree as ET
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest

import microtorch
from microtorch import viz
from microtorch.viz.page import source
from microtorch.viz.page.export import export_html
from microtorch.viz.page.notebook import notebook_html, still
from microtorch.viz.page.sheets import Layout, Sheet
from tests.viz import programs
from tests.viz.graphs import hostile
from tests.viz.sheets import NARROW, WIDE, Drawing

EVIL = '</script><img src=x onerror="alert(1)">\n\n<!-- &lt;'


def html_of(drawing: Drawing) -> str:
    return notebook_html(drawing.sheets, drawing.alt, repr(drawing))


def unpacked(html: str) -> dict[str, object]:
    """What the loader gives to the viewer."""
    (packed,) = re.findall(r'atob\("([^"]*)"\)', html)
    return json.loads(zlib.decompress(base64.b64decode(packed)))


class Elements(HTMLParser):
    """Every element of a page, with its attributes, and its texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


# ---- in a notebook ----


def test_without_scripts_there_is_an_image_with_its_text_and_the_same_in_words():
    page = Elements(html_of(Drawing()))
    (image,) = page.all("img")
    assert base64.b64decode(image["src"].removeprefix("data:image/svg+xml;base64,")).decode() == still(WIDE.svg)
    assert image["alt"] == "Graph of loss: 1 leaf, 3 functions"
    assert image["style"] == "max-width: 100%; min-width: 990px; height: auto"
    assert [tag for tag, _ in page.found] == ["div", "div", "img", "details", "summary", "pre", "script"]
    assert "Graph of loss: 1 leaf, 3 functions.\n \n  W  →  net.0  →  loss" in page.text


@pytest.mark.parametrize("make", [lambda: programs.seen(programs.lenet, viz.draw), hostile])
def test_the_image_is_smaller_than_the_picture_and_says_the_same(make):
    whole = make().svg
    image = still(whole)
    texts, there = ([each for each in re.findall(r"<(?:text|tspan)[^>]*>([^<]+)<", svg) if each] for svg in (whole, image))
    assert there == texts
    assert all(len(re.findall(curve, image)) == len(re.findall(curve, whole)) for curve in (r"M[\d.]", r"C[\d.]", "Z"))
    assert not re.search(r"<title|<desc| class=| data-| tabindex=", image)
    ET.fromstring(image)
    assert len(image) < 0.8 * len(whole)


def test_the_viewer_gets_every_picture():
    given = unpacked(html_of(Drawing()))
    sheets = given["sheets"]
    assert [sheet["key"] for sheet in sheets] == ["", "f3", "f4"]
    assert [sheet["parent"] for sheet in sheets] == ["", "", "f3"]
    assert [each["svg"] for each in sheets[0]["layouts"]] == [WIDE.svg, NARROW.svg]
    assert [[bool(each["svg"]) for each in sheet["layouts"]] for sheet in sheets] == [[True, True], [True], [True]]
    assert given["text"] == source.script()


def test_the_same_drawing_gives_the_same_html_and_two_of_them_share_no_id():
    html = html_of(Drawing())
    assert html == html_of(Drawing())
    assert not any("id" in attributes for _, attributes in Elements(html).found)
    assert " id=" not in "".join(layout["svg"] for sheet in unpacked(html)["sheets"] for layout in sheet["layouts"])


def test_in_markdown_the_html_stays_in_one_piece():
    assert not re.search(r"\n\s*\n", html_of(Drawing()))


def test_what_every_drawing_of_a_notebook_carries_is_small():
    alone = Drawing((Sheet("", "", (Layout("", 1, 1),)),), "")
    assert len(html_of(alone)) < 7_000


def test_no_name_becomes_markup():
    drawing = Drawing((Sheet("", EVIL, (WIDE, Layout(f"<svg><text>{EVIL}</text></svg>", 9, 9))),), EVIL)
    for page in map(Elements, (html_of(drawing), export_html(drawing))):
        assert [image["alt"] for image in page.all("img")] == [" ".join(EVIL.split())]
        assert len(page.all("script")) == 1


# ---- a page of its own ----


def test_a_drawings_page_begins_with_the_whole_graph_and_ends_with_the_last_fold():
    (root,) = Elements(export_html(Drawing())).all("main")
    assert (root["data-position"], root["data-last"], root["tabindex"]) == ("0", "2", "0")


def test_a_trace_is_exported_where_it_stands():
    x = microtorch.ones(2, 2, requires_grad=True)
    walk = viz.trace((x * 3).mean())
    walk.goto(2)
    page = export_html(walk)
    (root,) = Elements(page).all("main")
    assert (root["data-position"], root["data-last"]) == ("2", "3")
    assert "x accumulates 0.75 in each of 2×2" in Elements(page).text
    walk.close()


def test_a_stepper_is_exported_as_its_trace():
    walk = viz.trace(microtorch.ones((), requires_grad=True) * 2)

    class Stepper:
        trace = walk

    assert export_html(Stepper()) == export_html(walk)
    walk.close()


def test_the_stepper_of_fifty_nodes_is_small():
    x = microtorch.ones(2, requires_grad=True)
    y = x
    for _ in range(48):
        y = y * 2
    walk = viz.trace(y.sum())
    assert len(walk.snapshot.nodes) == 50
    assert len(export_html(walk).encode()) < 100_000
    walk.close()


@pytest.mark.parametrize("make", [Drawing, lambda: viz.trace(microtorch.ones((), requires_grad=True) * 2)])
def test_a_page_may_run_its_own_scripts_and_fetch_nothing(make):
    page = Elements(export_html(make()))
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    (script,) = re.findall(r"<script[^>]*>(.*?)</script>", export_html(make()), re.DOTALL)
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy
    assert not any(name in attributes for _, attributes in page.found for name in ("href", "onload", "onerror"))


def test_names_in_a_trace_do_not_leave_its_data():
    x = microtorch.ones((), requires_grad=True)
    x.name = EVIL
    walk = viz.trace(x * 2)
    assert len(Elements(export_html(walk)).all("script")) == 1
    assert not Elements(export_html(walk)).all("img")
    walk.close()


@pytest.mark.parametrize(
    ("what", "called"),
    [(None, "None"), (3, "a int"), ("out", "a str"), (microtorch.ones(2), "a Variable"), ([Drawing()], "a list")],
)
def test_what_is_neither_drawing_nor_trace_is_refused_in_words(what, called, tmp_path: Path):
    with pytest.raises(TypeError, match=rf"viz.draw\(out\).*viz.trace\(out\).*not {called}"):
        export_html(what, tmp_path / "page.html")
    assert not [*tmp_path.iterdir()]


def test_a_file_is_written_whole_or_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "page.html"
    page = export_html(Drawing(), path)
    assert path.read_text("utf-8") == page
    monkeypatch.setattr("os.fsync", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export_html(Drawing(), path)
    assert path.read_text("utf-8") == page
    assert [*tmp_path.iterdir()] == [path]


# ---- the sources ----


@pytest.mark.parametrize("name", ["viewer", "stepper"])
def test_what_is_small_is_made_of_what_is_read(name: str):
    folder = source.STATIC[name]
    files, digest = re.findall(r"^// (.*), sha256 (\w+)\n", (folder / f"{name}.min.js").read_text("utf-8"))[0]
    read = b"".join((folder / each).read_bytes() for each in files.split())
    assert hashlib.sha256(read).hexdigest() == digest
    assert {each.name for each in folder.glob("*.js")} <= {*files.split(), f"{name}.min.js"}


def test_no_text_of_the_stepper_runs_over_lines_so_that_margins_can_be_left_out():
    assert [line for line in source.module("stepper").splitlines() if line.count("`") % 2] == []
