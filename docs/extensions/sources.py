"""A link to a file of Python leads to a page that shows it, instead of to a download; a folder has none, and is only named."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx.addnodes import download_reference, pending_xref
from sphinx.application import Sphinx

FOLDER = "_modules"  # where sphinx.ext.viewcode has its pages, of the files that the reference describes
BACK = re.compile(r'<a class="viewcode-back".*?</a>')


def link(app: Sphinx, document: nodes.document) -> None:
    """Before downloads are collected and links are looked up, turn those to Python files into links to their pages."""
    for node in list(document.findall(download_reference)):
        if node["reftarget"].endswith(".py"):
            path, _ = app.env.relfn2path(node["reftarget"])
            app.env.metadata[app.env.docname].setdefault("sources", []).append(path)
            target = app.builder.get_relative_uri(app.env.docname, page(path))
            node.replace_self(nodes.reference("", "", *node.children, refuri=target, internal=True))
    for node in list(document.findall(pending_xref)):
        if node["reftype"] == "myst" and Path(app.env.doc2path(app.env.docname)).parent.joinpath(node["reftarget"]).is_dir():
            node.replace_self(node.children)


def page(path: str) -> str:
    """The name of a file's page."""
    return f"{FOLDER}/{Path(path).with_suffix('').as_posix()}"


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The pages of files that are linked to, but for those that are there."""
    for path in sorted({each for of in app.env.metadata.values() for each in of.get("sources", ())}):
        source, made = Path(app.srcdir, path), Path(app.outdir, f"{page(path)}.html")
        if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
            code = highlight(source.read_text("utf-8"), PythonLexer(), HtmlFormatter())
            yield page(path), {"title": path, "body": f"<h1>{path}</h1>\n{code}", "parents": []}, "page.html"


def without_ways_back(app: Sphinx, name: str, template: str, context: dict[str, Any], document: Any) -> None:
    """Of what two modules offer, viewcode's link back to its description takes the page of the one and the name in the other."""
    if name.startswith(FOLDER):
        context["body"] = BACK.sub("", context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """For Sphinx."""
    app.connect("doctree-read", link, priority=100)
    app.connect("html-collect-pages", pages, priority=900)  # after viewcode
    app.connect("html-page-context", without_ways_back)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
