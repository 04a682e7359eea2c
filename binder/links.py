"""The links that open lab 1 on mybinder.org: ``python binder/links.py [OWNER/REPOSITORY] [TAG]`` prints them."""

import sys
from urllib.parse import quote, urlencode

REPOSITORY = "OWNER/microtorch"  # where it lies on GitHub: the one place that says so
TAG = "v0.1.0"  # not a branch: each of its commits would have an image built anew, while somebody waits
NOTEBOOK = "notebooks/01_autograd_variables_functions_gradients.ipynb"


def link(repository: str, tag: str, path: str) -> str:
    """To a path of the Jupyter server that Binder starts."""
    return f"https://mybinder.org/v2/gh/{repository}/{tag}?urlpath={quote(path, safe='')}"


def plain(repository: str = REPOSITORY, tag: str = TAG) -> str:
    """The notebook as it is in the image."""
    return link(repository, tag, f"lab/tree/{NOTEBOOK}")


def pulled(repository: str = REPOSITORY, tag: str = TAG, content: str = "", branch: str = "main") -> str:
    """The notebook as it is in a repository now: nbgitpuller fetches it, and keeps what a student has written.

    ``content`` is the address of the repository that has the notebooks; left out, the one of the image.
    """
    content = content or f"https://github.com/{repository}"
    folder = content.rstrip("/").rpartition("/")[2].removesuffix(".git")
    asked = {"repo": content, "branch": branch, "urlpath": f"lab/tree/{folder}/{NOTEBOOK}"}
    return link(repository, tag, f"git-pull?{urlencode(asked)}")


if __name__ == "__main__":
    for each in (plain, pulled):
        sys.stdout.write(f"{each(*sys.argv[1:3])}\n")
