"""The course, its documents and the reference as one static site: ``python -m sphinx -c docs . build/site``.

The repository itself is the source, so that every link that works there works here. Nothing is run: notebooks stand as they were
committed, with their pictures and steppers. Nothing is fetched, when the site is made or when it is read.
"""

from importlib.resources import files

import microtorch
from docs.extensions import labs

project = "microtorch"
project_copyright = "the microtorch authors: code BSD-3-Clause, texts and figures CC BY 4.0"
version = release = microtorch.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "docs.extensions.formulas",
    "docs.extensions.public",
    "docs.extensions.sources",
]
root_doc = "docs/index"
include_patterns = ["docs/**", "notebooks/*.ipynb", "notebooks/solutions/*.ipynb", "CONTRIBUTING.md", "CHANGELOG.md"]
exclude_patterns = ["docs/extensions", "docs/static", "docs/templates"]

suppress_warnings = [
    "mystnb.unknown_mime_type",  # what a check says, as data: it stands beside in words
    "myst.header",  # the tutorial of 2017 has titles of the first and the third rank
    "toc.empty_glob",
]

nb_execution_mode = "off"
nb_ipywidgets_js = {}  # what would fetch widgets from a network
myst_enable_extensions = ["dollarmath", "html_image", "substitution"]
myst_heading_anchors = 3
myst_substitutions = {
    "labs": labs.table(),
    "unsolved": labs.contents("Labs", "notebooks"),
    "solved": labs.contents("Labs, solved", "notebooks/solutions"),
}

add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
default_role = "py:obj"
toc_object_entries = False
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "microtorch"
html_static_path = ["static", str(files("ziamath") / "fonts/STIXTwoMath-Regular.ttf")]  # what formulas are drawn with
html_css_files = ["site.css"]
html_additional_pages = {"index": "to_the_front_page.html"}
templates_path = ["templates"]
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # it is fetched, which no page opened as a file may do
html_math_renderer = "mathml"
