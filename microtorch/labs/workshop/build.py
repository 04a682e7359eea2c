"""From masters to notebooks: the student's, cleared, and the solved one, run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .master import Master

__all__ = ["build", "executed", "masters"]

WIDGET = "application/vnd.jupyter.widget-view+json"
MARK = re.compile(' data-of="[0-9a-f]+"')  # by which a widget finds what it stands for: another one in each run
LINK = re.compile(r"""(\]\(|\b(?:src|href)=")\.\./""")


def masters(folder: Path) -> list[Path]:
    """The masters of a folder of labs.

    Raises:
        FileNotFoundError: it has none.
    """
    found = sorted((folder / "masters").glob("*.py"))
    if not found:
        raise FileNotFoundError(f"there is no master in {folder / 'masters'}: a lab is written there as NN_title.py")
    return found


def build(folder: Path) -> list[Path]:
    """Write the notebooks of all masters in ``folder/masters``: ``NN_title.ipynb`` and ``solutions/NN_title.ipynb``.

    Building them again changes nothing (with the same Graphviz: another one places the boxes of the pictures elsewhere).
    """
    import nbformat

    written = []
    for path in masters(folder):
        master = Master.read(path)
        (folder / "solutions").mkdir(exist_ok=True)
        for notebook, target in [
            (master.notebook(set()), folder / f"{master.name}.ipynb"),
            (executed(deeper(master.notebook()), folder / "solutions"), folder / "solutions" / f"{master.name}.ipynb"),
        ]:
            nbformat.write(notebook, target)
            written.append(target)
    return written


def deeper(notebook: Any) -> Any:
    """A notebook for a folder one level deeper: its links to files beside the labs' folder go one level further up."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(r"\1../../", cell.source)
    return notebook


def executed(notebook: Any, folder: Path) -> Any:
    """The notebook with what its cells show, and nothing that differs from run to run."""
    from nbclient import NotebookClient

    plain: dict[str, Any] = {"record_timing": False, "store_widget_state": False, "coalesce_streams": True}
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, **plain).execute()
    notebook.metadata["language_info"] = {"name": "python"}  # without the number of the Python that ran it
    for cell in notebook.cells:
        # A widget is dead without its kernel: what it keeps for that case stands in an output of its own.
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if WIDGET not in output.get("data", {})]
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):
                output.data["text/html"] = MARK.sub("", output.data["text/html"])
    return notebook
