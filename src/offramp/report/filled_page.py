"""A page of HTML that needs nothing but itself: a template and a style sheet of this package, filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from offramp.common.numerals import amount, percent, quantity, span
from offramp.common.printable import printable
from offramp.common.texts import catalogue, filled, tr, translated, trn
from offramp.crisis.names import capital
from offramp.report.style import hash_of, style
from offramp.study.finding import Table
from offramp.study.wording import odds_word


def filled_page(template: str, sheet: str, context: Mapping[str, Any]) -> str:
    """A template filled with `context`, its `style` and the `style_hash` that its policy admits.

    `template` and `sheet` are names of files beside this module. Every text of the context is escaped.
    """
    text = style(sheet)
    own = {"style": Markup(text), "style_hash": hash_of(text)}
    return environment().get_template(template).render({**context, **own})


@cache
def environment() -> Environment:
    """The environment of all templates; it keeps those that it has compiled, which takes 0.3 s for the report's."""
    environment = Environment(
        loader=PackageLoader("offramp.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters |= {function.__name__: function for function in FILTERS}
    environment.globals |= {"tr": tr, "trn": trn, "woven": woven, "language": catalogue().language}
    environment.filters["amount"] = lambda value: amount(value).replace("-", "−")
    return environment


DAY = re.compile(r"\d{4}-\d{2}-\d{2}|–")


def cell_classes(table: Table) -> list[str]:
    """The class of every column's cells: `n` numbers, `day` dates, `whole` other text, in its own line on a phone."""
    columns = zip(table.columns, zip(*table.shown(), strict=True), strict=True)
    return [
        "n" if column.kind != "text" else "day" if number and all(map(DAY.fullmatch, cells)) else "whole"
        for number, (column, cells) in enumerate(columns)
    ]


FILTERS = (percent, span, quantity, odds_word, capital, cell_classes)


def woven(message: str, /, **values: object) -> Markup:
    """A text of the catalogue as HTML: it and its values are escaped, except for values that are HTML already."""
    return Markup(filled(str(escape(translated(message))), {name: escape(value) for name, value in values.items()}))
