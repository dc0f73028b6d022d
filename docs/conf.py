"""Settings of the documentation site; `make docs` builds it into build/docs, and needs no network.

The sources are the Markdown pages where they lie in the repository, so that a link between two of them leads to the
same place on the code host and on the site. What is made from the code takes the place of comments: see
`site/placeholders.py`.
"""

import sys
from pathlib import Path

import offramp

sys.path.insert(0, str(Path(__file__).parent / "site"))

# jsonschema, which reads notebooks, would compile grammars of addresses for a second; no schema here needs them.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

project = "Offramp"
author = "The authors of Offramp"
project_copyright = "the authors of Offramp; Apache License 2.0"
release = version = offramp.__version__

extensions = [
    "sphinx.ext.autodoc",
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "mathml",
    "placeholders",
    "python_reference",
]

# The source folder is the root of the repository.
root_doc = "docs/index"
include_patterns = [
    "docs/**.md",
    "docs/notebooks/*.ipynb",
    "crises/*/README.md",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
]
exclude_patterns = [
    *(".*", "benchmarks", "build", "core", "dist", "locks", "mutants", "paper", "runs", "src", "tests", "web"),
    "crises/*/sources",
]
smartquotes_action = "q"  # of dashes, `--option` keeps both
nitpicky = True
nitpick_ignore_regex = [("py:class", r"(collections|concurrent)\..+")]  # Python's own, described elsewhere

# Markdown as the code host reads it, with equations and with cards on the front page
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # the tests run the notebooks
nb_merge_streams = True

# The Python reference
autodoc_typehints = "none"
autodoc_member_order = "bysource"

html_theme = "pydata_sphinx_theme"
html_title = "Offramp"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_extra_path = ["root"]
html_copy_source = False
html_show_sphinx = False
html_math_renderer = "mathml"
pygments_style = "a11y-high-contrast-light"
html_theme_options = {
    "logo": {"text": "Offramp"},
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "navigation_depth": 2,
    "show_toc_level": 2,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_center": [],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"docs/index": [], "README": [], "**": ["sidebar-nav-bs"]}
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True
