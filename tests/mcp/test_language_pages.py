"""The language for an assistant: one page that fits and compiles, and every section of the reference."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest
import yaml
import yamlcore

import offramp
from offramp.crisis.distribution import NAMES as DISTRIBUTIONS
from offramp.crisis.expressions.expression import FUNCTIONS
from offramp.crisis.json_schema import json_schema
from offramp.crisis.reading import read_text
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import central_draws, warnings_of
from offramp.game.tables import tabulate
from offramp.mcp.language_pages import condensed_language, language_section, language_sections

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", condensed_language(), re.MULTILINE | re.DOTALL)


def keywords() -> set[str]:
    """Every key that the schema knows, whatever part it stands in."""
    schema = json_schema()
    parts = [schema, *schema["$defs"].values(), schema["properties"]["observed"]["items"]]
    return {key for part in parts for key in part.get("properties", {})}


def test_the_condensed_language_has_at_most_8_kb() -> None:
    assert len(condensed_language().encode()) <= 8_000


@pytest.mark.parametrize("text", EXAMPLES, ids=["most parts", "numbers and grids"])
def test_every_example_compiles_without_a_warning_solves_with_each_lever_and_fits_the_schema(text: str) -> None:
    crisis = read_text(text.encode(), "crisis.yaml")
    game = compile_game(crisis)
    tabulate(game, central_draws(crisis))
    assert warnings_of(game, 10_000) == ()
    for levers in ((), *((lever,) for lever in crisis.levers)):
        solution = offramp.solve(crisis.with_levers(*levers))
        assert solution.converged
        assert sum(solution.endings.values()) == pytest.approx(1.0)
    assert offramp.solve(crisis.now()).converged
    schema = jsonschema.Draft202012Validator(json_schema())
    schema.validate(yaml.load(text, Loader=yamlcore.CoreLoader))


def test_every_keyword_distribution_and_function_is_in_the_condensed_language() -> None:
    page = condensed_language()
    words = {*keywords(), *DISTRIBUTIONS, *FUNCTIONS}
    assert len(words) > 60
    assert [word for word in sorted(words) if not re.search(rf"\b{word}\b", page)] == []


def test_every_keyword_is_used_in_an_example_but_for_those_that_the_text_shows() -> None:
    shown = "\n".join(EXAMPLES)
    assert [word for word in sorted(keywords()) if not re.search(rf"\b{word}\b", shown)] == []


def test_the_sections_are_the_whole_reference_without_the_marks_of_its_tests() -> None:
    page = PAGE.read_text(encoding="utf-8")
    body = "".join(language_sections().values())
    assert body == re.sub(r"^<!-- .*? -->\n", "", page[page.index("\n## ") + 1 :], flags=re.MULTILINE | re.DOTALL)
    assert language_section("payoffs").startswith("## Payoffs\n")
    assert "<!--" not in body


def test_an_unknown_section_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(offramp.UsageError, match="did you mean 'payoffs'"):
        language_section("payoff")
