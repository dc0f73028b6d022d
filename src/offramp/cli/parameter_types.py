"""What the values of options and arguments are: numbers, paths, and places that may be at a URL."""

from __future__ import annotations

import re
from math import isfinite
from pathlib import Path
from typing import Any

import click

from offramp.common.typed_numbers import number_hint, number_of
from offramp.common.words import quoted


class FiniteNumber(click.FloatRange):
    """A number that is neither infinite nor NaN, between the bounds, if any."""

    name = "float"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str):
            try:
                number_of(value)
            except ValueError as error:
                self.fail(f"expected a number, found {quoted(value)}{error}.", param, ctx)
        number = super().convert(value, param, ctx)
        if not isfinite(number):
            self.fail(f"expected a finite number, found '{value}'.", param, ctx)
        return number

    def _describe_range(self) -> str:
        """The bounds, as the help shows them; click's own says `x<=None` if there are none."""
        return "" if self.min is None and self.max is None else super()._describe_range()


class WholeNumber(click.IntRange):
    """A whole number, between the bounds, if any."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and not re.fullmatch(r"\s*[-+]?\d{1,4000}\s*", value, re.ASCII):
            self.fail(f"expected a whole number, found {quoted(value)}{number_hint(value, whole=True)}.", param, ctx)
        return super().convert(value, param, ctx)

    def _describe_range(self) -> str:
        """The bounds, as the help shows them; click's own says `x<=None` if there are none."""
        return "" if self.min is None and self.max is None else super()._describe_range()


WHOLE = WholeNumber()
"""Any whole number; what takes it says its bounds."""


class FilePath(click.Path):
    """A path of this machine; an empty one would be the folder in which the command runs."""

    def __init__(self, path_type: type = Path, **options: Any) -> None:
        super().__init__(path_type=path_type, **options)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("expected a file or a folder, found nothing.", param, ctx)
        return super().convert(value, param, ctx)


class FolderOrUrl(click.ParamType[Path | str]):
    """A folder or file of this machine, or a URL that fsspec understands, such as `s3://bucket/run`."""

    name = "place"

    def convert(self, value: Path | str, param: click.Parameter | None, ctx: click.Context | None) -> Path | str:
        if value == "":
            self.fail("expected a folder, a file or a URL, found nothing.", param, ctx)
        return value if "://" in str(value) else Path(value)
