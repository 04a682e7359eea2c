"""``.. public:: module`` describes all that a module offers, from its docstrings: a section for each file it comes from."""

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import microtorch

STAR = re.compile(r"``.*?``|(?<=[( ])\*(?=[\w,)])")  # outside of code, as in "(*, n)"


class Public(SphinxDirective):
    """What has several names is described under one; what the module ``elsewhere`` describes is only named."""

    required_arguments = 1
    option_spec = {"elsewhere": str}  # noqa: RUF012 (as docutils has it)

    def run(self) -> list[nodes.Node]:
        """The sections, with what the file says of itself, and then the names that mean the same."""
        module = self.arguments[0]
        elsewhere = self.options.get("elsewhere", "")
        known = {id(each): f"{elsewhere}.{name}" for name, each in offered(elsewhere).items()} if elsewhere else {}
        described, same = [], []
        for name, each in sorted(offered(module).items(), key=lambda pair: (pair[0] != pair[1].__name__, pair[0])):
            if id(each) in known:
                same.append(f"- ``{name}``: `{known[id(each)]}`")
            else:
                known[id(each)] = f"{module}.{name}"
                described.append((each.__module__, name, each))
        files = sorted({file for file, _, _ in described}, key=list(sys.modules).index)  # as loaded: what others build on first
        lines = [line for file in files for line in section(module, file, described, titled=len(files) > 1)]
        if same:
            lines += [*heading("Other names"), *sorted(same)]
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def offered(name: str) -> dict[str, Any]:
    """The public classes and functions of a module, by name: not those that only Python and IPython call."""
    module = importlib.import_module(name)
    names = getattr(module, "__all__", None) or [each for each in vars(module) if not each.startswith("_")]
    found = {each: getattr(module, each) for each in names if "_ipython_" not in each}
    return {
        name: each
        for name, each in found.items()
        if (inspect.isclass(each) or inspect.isfunction(each))
        and each.__module__.startswith(microtorch.__name__)
        and each.__module__ != "microtorch.attributes"
    }


def section(module: str, file: str, described: list[tuple[str, str, Any]], *, titled: bool) -> Iterator[str]:
    """What comes from one file."""
    if titled:
        yield from heading(file.rpartition(".")[2].replace("_", " ").capitalize())
        yield from [*(inspect.getdoc(importlib.import_module(file)) or "").split("\n\n")[0].splitlines(), ""]
    for origin, name, each in described:
        if origin == file:
            kind = "function" if inspect.isfunction(each) else "class"
            yield from [f".. auto{kind}:: {module}.{name}", *members(each), ""]


def heading(title: str) -> list[str]:
    """The title of a section."""
    return [title, "-" * len(title), ""]


def members(value: Any) -> list[str]:
    """Which members of a class are described with it: of a Variable, those that are no functions of the package, too."""
    if not inspect.isclass(value):
        return []
    own = [name for name in vars(value) if not name.startswith("_") and not is_function(value, name)]
    return [f"   :members: {', '.join(own)}"] if own else []


def is_function(cls: type, name: str) -> bool:
    """Whether a method, or that of which it is the form in place, is a function of the package as well."""
    plain = name.removesuffix("_")
    return plain in vars(cls) and vars(cls)[plain] is getattr(microtorch, plain, None)


def keep_stars(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """A star in a docstring is a star, and begins no emphasis."""
    for i, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            lines[i] = STAR.sub(lambda found: rf"\{found[0]}" if found[0] == "*" else found[0], line)


def setup(app: Sphinx) -> dict[str, bool]:
    """For Sphinx."""
    app.add_directive("public", Public)
    app.connect("autodoc-process-docstring", keep_stars, priority=900)  # after napoleon
    return {"parallel_read_safe": True, "parallel_write_safe": True}
