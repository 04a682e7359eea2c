"""What readers without a notebook get: nbconvert's pages, LaTeX and Markdown, and what a sanitiser leaves."""

import base64
import re
import zlib

import nbformat
import pytest

from microtorch.viz.page.notebook import mimebundle
from microtorch.viz.page.pdf import pdf
from tests.conftest import needs
from tests.viz.sheets import WIDE, Drawing, box, layout

needs("nbconvert", "lab")


@pytest.fixture
def notebook() -> nbformat.NotebookNode:
    """A notebook with a drawing, as it is stored."""
    cell = nbformat.v4.new_code_cell("draw(loss)")
    cell.outputs = [nbformat.v4.new_output("display_data", mimebundle(Drawing()))]
    return nbformat.v4.new_notebook(cells=[cell])


def test_as_html_the_picture_and_its_viewer_are_there(notebook):
    from nbconvert import HTMLExporter

    html = HTMLExporter().from_notebook_node(notebook)[0]
    assert 'alt="Graph of loss: 1 leaf, 3 functions"' in html
    assert "DecompressionStream" in html


def test_as_latex_the_picture_is_a_pdf_and_inkscape_is_not_asked_for(notebook):
    from nbconvert import LatexExporter

    latex, resources = LatexExporter().from_notebook_node(notebook)
    (name,) = resources["outputs"]
    assert name.endswith(".pdf")
    assert resources["outputs"][name].startswith(b"%PDF-1.4")
    assert name in latex


def test_as_markdown_the_html_stays_in_one_piece(notebook):
    from nbconvert import MarkdownExporter

    text = MarkdownExporter().from_notebook_node(notebook)[0]
    assert mimebundle(Drawing())["text/html"] in text


def test_what_a_sanitiser_leaves_says_the_same():
    html = mimebundle(Drawing())["text/html"]
    left = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    left = re.sub(r' (style|class|slot|on\w+|data-\w+)="[^"]*"', "", left)
    assert 'alt="Graph of loss: 1 leaf, 3 functions"' in left
    assert "<summary>In words</summary>" in left
    assert "W  →  net.0  →  loss" in left
    assert re.search(r'<img src="data:image/svg\+xml;base64,', left)


# ---- the PDF ----


def drawn(made: bytes) -> str:
    """The operators of a page."""
    (stream,) = re.findall(rb"stream\n(.*?)\nendstream", made, re.DOTALL)
    return zlib.decompress(stream).decode("latin-1")


def test_a_pdf_is_small_and_always_the_same():
    assert pdf(WIDE.svg) == pdf(WIDE.svg)
    assert len(base64.b64encode(pdf(WIDE.svg))) < 3_000
    assert b"/MediaBox [0 0 825 90]" in pdf(WIDE.svg)


def test_every_shape_and_text_is_drawn_in_its_colour():
    operators = drawn(pdf(WIDE.svg))
    assert "20 30 cm" in operators
    assert "0 0.447 0.698 RG" in operators
    assert f"<{'W 3×4'.encode('cp1252').hex()}> Tj" in operators
    assert "100 50 m 100 50 500 50 500 50 c S" in operators


def test_signs_of_mathematics_are_taken_from_the_symbol_font():
    operators = drawn(pdf(layout(100, 100, box("node", "", 0, 0, "∂L→θ 変")).svg))
    assert "/F5 10 Tf <b6> Tj /F0 10 Tf <4c> Tj /F5 10 Tf <ae71> Tj" in operators
    assert "<203f> Tj" in operators
