"""docs/how-it-works.md leads through the source: every name it links is where the link leads, every picture is there."""

import ast
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "how-it-works.md").read_text(encoding="utf-8")
LINKS = re.findall(r"(?<!!)\[(`?)([^]]+?)`?\]\(([^)]+)\)", TEXT)
NAMES = [(name, target) for mark, name, target in LINKS if mark and target.endswith(".py") and not target.endswith("__init__.py")]


def defined(path: Path) -> set[str]:
    """What a file gives a name to: functions and classes, methods, and what is assigned or annotated."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


@pytest.mark.parametrize(("name", "target"), NAMES)
def test_a_name_is_where_its_link_leads(name: str, target: str):
    assert name in defined(DOCS / target)


@pytest.mark.parametrize("target", sorted({target for _, _, target in LINKS} | set(re.findall(r"!\[[^]]+\]\(([^)]+)\)", TEXT))))
def test_a_link_leads_somewhere(target: str):
    assert (DOCS / target).resolve().exists()


def test_most_of_it_is_links():
    assert len(NAMES) > 30


def test_the_operation_that_is_shown_is_the_one_that_runs():
    shown = next(block for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if block.startswith("class Mul"))
    source = (DOCS / "../microtorch/ops/elementwise/arithmetic.py").read_text(encoding="utf-8")
    (written,) = [each for each in ast.parse(source).body if isinstance(each, ast.ClassDef) and each.name == "Mul"]
    assert ast.unparse(ast.parse(shown)) == ast.unparse(written)
