"""Write the notebooks from their masters: ``python notebooks/build.py`` runs every cell and keeps what it shows.

The notebooks are never edited by hand. Building them again changes nothing (with the same Graphviz: another one places
the boxes of the pictures elsewhere).
"""

from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
WIDGET = "application/vnd.jupyter.widget-view+json"


def main() -> None:
    """Write all notebooks."""
    for master in sorted(FOLDER.glob("masters/*.py")):
        nbformat.write(build(master), FOLDER / f"{master.stem}.ipynb")


def build(master: Path) -> nbformat.NotebookNode:
    """The executed notebook of one master."""
    notebook = read(master)
    plain = {"record_timing": False, "store_widget_state": False, "coalesce_streams": True}
    NotebookClient(notebook, resources={"metadata": {"path": str(FOLDER)}}, **plain).execute()
    notebook.metadata["language_info"] = {"name": "python"}  # without the number of the Python that ran it
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(WIDGET, None)  # a widget is dead without its kernel: its words remain
    return notebook


def read(master: Path) -> nbformat.NotebookNode:
    """The notebook of one master, not yet run."""
    notebook = jupytext.read(master)
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number:02}"
        cell.metadata = {}
    return notebook


if __name__ == "__main__":
    main()
