"""How it is shown: in a notebook, in a page of its own, in files."""
