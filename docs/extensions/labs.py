"""The labs on the front page, from what the course says of itself."""

from pathlib import Path

from microtorch.labs import LABS, Lab

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def table() -> str:
    """In Markdown, with links for a file in docs."""
    return "\n".join(["| lab | minutes | you learn to |", "|:--|--:|:--|", *map(row, LABS)])


def row(lab: Lab) -> str:
    """One lab."""
    links = f"[{title(lab)}](../notebooks/{notebook(lab)}) ([solved](../notebooks/solutions/{notebook(lab)}))"
    return f"| {links} | {lab.minutes} | {lab.objective} |"


def contents(caption: str, folder: str) -> str:
    """The part of the table of contents that lists the notebooks of one folder."""
    entries = "\n".join(f"{title(lab)} </{folder}/{notebook(lab)}>" for lab in LABS)
    return f"```{{toctree}}\n:caption: {caption}\n:hidden:\n\n{entries}\n```"


def title(lab: Lab) -> str:
    """With its number."""
    return f"{int(lab.id.removeprefix('L'))}. {lab.title}"


def notebook(lab: Lab) -> str:
    """The file whose name begins with the lab's number."""
    (found,) = NOTEBOOKS.glob(f"{lab.id.removeprefix('L')}_*.ipynb")
    return found.name
