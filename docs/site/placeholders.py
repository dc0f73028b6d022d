"""What the site puts in place of a comment in a page; the code host shows nothing there.

`<!-- site: commands -->` becomes what `made_by` gives under that name, and `<!-- pages: studies now -->` the navigation
below a page. A mermaid flowchart, which the code host draws itself, becomes a picture.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from command_reference import command_reference
from crisis_cards import crisis_cards
from flowchart import drawn
from python_reference import python_reference
from sphinx.application import Sphinx

MADE: dict[str, Callable[[], str]] = {
    "commands": command_reference,
    "crises": crisis_cards,
    "python": python_reference,
}
"""Markdown by the name of its placeholder."""


def navigation(pages: str, folder: Path) -> str:
    """A hidden table of contents; a name with a `*` stands for the pages that match it, of which there may be none."""
    named = [page for page in pages.split() if "*" not in page or any(folder.glob(page))]
    return "\n".join(["```{toctree}", ":hidden:", ":glob:", "", *named, "```"])


def put_in_place(app: Sphinx, name: str, source: list[str]) -> None:
    """Replace the placeholders and flowcharts of a page that is about to be read."""
    text = re.sub(r"^<!-- site: (\w+) -->$", lambda found: MADE[found[1]](), source[0], flags=re.M)
    folder = Path(app.srcdir, name).parent
    text = re.sub(r"^<!-- pages: (.+) -->$", lambda found: navigation(found[1], folder), text, flags=re.M)
    source[0] = re.sub(r"^```mermaid\n(.*?)^```$", lambda found: drawn(found[1]), text, flags=re.M | re.S)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", put_in_place)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
