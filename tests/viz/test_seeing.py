"""docs/seeing.md runs from top to bottom, and prints what it says; its table has all reasons."""

import re
from pathlib import Path

import pytest

from microtorch.viz.words.reasons import WORDS

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "seeing.md").read_text(encoding="utf-8")
PROGRAM = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
(PRINTED,) = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)


def test_it_runs_and_comes_to_what_it_says(tmp_path, monkeypatch, graphviz):
    monkeypatch.chdir(tmp_path)
    space = {}
    exec("\n".join(PROGRAM), space)
    assert f"{space['result']!r}\n" == PRINTED
    assert space["answer"].reason == "values used without history"
    assert (tmp_path / "graph.svg").exists()


def test_every_reason_is_in_the_table():
    assert re.findall(r"^\| `([a-z ]+)` \|", TEXT, re.MULTILINE) == list(WORDS)


@pytest.mark.parametrize("page", ["seeing.md", "any-engine.md"])
def test_its_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)h][^)]*)\)", (DOCS / page).read_text(encoding="utf-8"))
    assert links
    assert all((DOCS / link).exists() for link in links)
