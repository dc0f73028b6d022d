"""The brief as one HTML page that prints on two sheets of A4 and needs nothing but itself."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from offramp.common.printable import printable
from offramp.report.brief_document import BriefDocument
from offramp.report.own_words import passages
from offramp.report.style import hash_of


def brief_page(document: BriefDocument) -> str:
    """The page; every text is escaped, and the page's own policy forbids scripts and all requests."""
    environment = Environment(
        loader=PackageLoader("offramp.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    sheet = files("offramp.report").joinpath("brief.css").read_text(encoding="utf-8")
    context = {"style": Markup(sheet), "style_hash": hash_of(sheet), "passages": passages(document.own_words)}
    return environment.get_template("brief.html").render(document=document, **context)
