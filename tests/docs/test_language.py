"""The page of the crisis language: every example is run, and every message on it is the program's own.

A yaml block that begins with `format: 1` is a whole crisis; any other is a fragment of the page's first
crisis (see `document`). A comment right before a block says more than that it solves:

    <!-- error: MESSAGE -->      these are its faults, one a line, as in the text block that follows
    <!-- warning: MESSAGE -->    it has this warning, shown in the text block that follows
    <!-- solves: ENDINGS -->     it ends like this, shown in the text block that follows
    <!-- sees: MOVE -->          the text block that follows holds the information sets of the move
    <!-- file: NAME -->          this text is a file beside the crisis
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
import yamlcore

import offramp
from offramp.crisis.distribution import NAMES as DISTRIBUTIONS
from offramp.crisis.expressions.expression import FUNCTIONS
from offramp.crisis.faults import CrisisError, Fault
from offramp.crisis.json_schema import json_schema
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.gambit.opening import compile_game
from offramp.game.checks.game_warnings import central_draws, warnings_of
from offramp.game.compiler import MAX_NODES
from offramp.game.game import Game, described_sees
from offramp.game.tables import tabulate

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>\w+): (?P<what>.*?) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
ADDED_TO = ("actors", "inputs", "sources")
"""The parts to which a fragment adds; it replaces any other."""


@dataclass(frozen=True)
class Example:
    """A block of the page: the comment before it, and the text block after it, if one follows."""

    line: int
    language: str
    text: str
    mark: str
    what: str
    shown: str

    @property
    def whole(self) -> bool:
        return re.search(r"^format: 1$", self.text, re.MULTILINE) is not None


def examples(page: str) -> tuple[Example, ...]:
    blocks = list(BLOCK.finditer(page))
    found = []
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        line = page.count("\n", 0, block.start("text"))
        shown = after["text"].strip() if after is not None and after["language"] == "text" else ""
        mark, what = block["mark"] or "", block["what"] or ""
        found.append(Example(line, block["language"], block["text"], mark, what, shown))
    return tuple(found)


EXAMPLES = examples(PAGE.read_text(encoding="utf-8"))
YAML = [example for example in EXAMPLES if example.language == "yaml"]


def marked(*marks: str) -> list[Any]:
    return [pytest.param(example, id=f"line{example.line}") for example in YAML if example.mark in marks]


def document(example: Example, loader: Any = yamlcore.CoreLoader) -> dict[str, Any]:
    """The example as a whole crisis, as an editor loads it: a fragment is put into the first crisis of the page."""
    fragment: dict[str, Any] = yaml.load(example.text, Loader=loader)
    if example.whole:
        return fragment
    crisis: dict[str, Any] = yaml.load(YAML[0].text, Loader=loader)
    if "timeline" in fragment:
        del crisis["payoffs"]
        crisis["endings"] = {"all": "otherwise"}
    for part, value in fragment.items():
        crisis[part] = {**crisis.get(part, {}), **value} if part in ADDED_TO else value
    return crisis


def text_of(example: Example) -> str:
    """The example as the text of a whole crisis; a fragment's scalars are put in as they are written."""
    if example.whole:
        return example.text
    return yaml.safe_dump(document(example, yaml.BaseLoader), sort_keys=False, allow_unicode=True, width=1000)


@cache
def folder_files() -> dict[str, str]:
    return {example.what: example.text for example in EXAMPLES if example.mark == "file"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in folder_files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def read(example: Example, folder: Path) -> Crisis:
    return read_text(text_of(example).encode(), str(folder / "crisis.yaml"))


def compiled(example: Example, folder: Path) -> Game:
    """The example compiled, with all its numbers tried."""
    game = compile_game(read(example, folder))
    tabulate(game, central_draws(game.crisis))
    return game


def faults_of(example: Example, folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(CrisisError) as caught:
        compiled(example, folder)
    return caught.value.faults


def test_the_page_begins_with_a_whole_crisis_of_twenty_lines() -> None:
    assert YAML[0].whole
    assert YAML[0].text.count("\n") <= 20


@pytest.mark.parametrize("example", marked("", "warning", "solves", "sees"))
def test_every_example_compiles_solves_and_is_accepted_by_the_schema(example: Example, folder: Path) -> None:
    game = compiled(example, folder)
    for levers in [(), *((lever,) for lever in game.crisis.levers)]:
        solution = offramp.solve(compile_game(game.crisis.with_levers(*levers)))
        assert solution.converged
        assert sum(solution.endings.values()) == pytest.approx(1.0)
    jsonschema.validate(document(example), json_schema(), cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("example", marked("error"))
def test_every_mistake_on_the_page_gets_exactly_the_message_shown(example: Example, folder: Path) -> None:
    found = faults_of(example, folder)
    located = [fault.located("crisis.yaml") for fault in found]
    messages = located if example.whole else [fault.message for fault in found]
    assert "\n".join(messages) == example.shown == example.what


@pytest.mark.parametrize("example", marked("warning"))
def test_every_warning_on_the_page_is_given_as_shown(example: Example, folder: Path) -> None:
    assert example.shown in [warning.message for warning in warnings_of(compiled(example, folder))]
    assert example.what == example.shown


@pytest.mark.parametrize("example", marked("solves"))
def test_a_solved_example_ends_as_shown(example: Example, folder: Path) -> None:
    endings = offramp.solve(compiled(example, folder)).endings
    assert ", ".join(f"{name} {100 * share:.1f} %" for name, share in endings.items()) == example.shown == example.what


@pytest.mark.parametrize("example", marked("sees"))
def test_information_sets_read_as_shown(example: Example, folder: Path) -> None:
    move, _, number = example.what.partition(" in round ")
    situations = compiled(example, folder).situations
    found = [described_sees(entry) for entry in situations if (entry.move, entry.round) == (move, int(number or 0))]
    assert found
    assert "\n".join(found) == example.shown


def test_every_key_of_the_schema_occurs_in_an_example_in_each_part_that_may_have_it() -> None:
    used: set[tuple[str, str]] = set()
    for example in YAML:
        if example.mark != "error":
            used.update(keys_used(document(example)))
    assert {(name, key) for name, part in schema_parts().items() for key in part["properties"]} - used == set()


def test_the_table_of_all_keys_lists_every_key_of_the_schema_once_and_says_which_are_needed() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("\n## All keys\n")[2]
    rows = re.findall(r"^\| ([a-z ]+) \| (`.*?`) \| (.*?) ?\|", table, re.MULTILINE)
    keys = [(part, key, needed == "yes") for part, cell, needed in rows for key in re.findall(r"\w+", cell)]
    parts = schema_parts()
    expected = [
        (TITLES[name], key, key in part.get("required", []))
        for name, part in parts.items()
        for key in part["properties"]
    ]
    assert sorted(keys) == sorted(expected)


def test_every_distribution_and_function_occurs_in_an_example() -> None:
    text = "\n".join(example.text for example in YAML if example.mark != "error")
    assert [name for name in (*DISTRIBUTIONS, *FUNCTIONS) if f"{name}(" not in text] == []


FIRST = YAML[0].text
LETS = "let:\n  l0: red_line == low\n" + "".join(f"  l{n}: l{n - 1} + l{n - 1}\n" for n in range(1, 16))
ALIASES = "b0: &b0 [x]\n" + "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]\n" for n in range(1, 8))
PRIOR = 'is: "normal(0, 1)"'
SUMS = "".join(f"\n  c{n}: {{is: 1, column: c{n}}}" for n in range(1001)) + "".join(
    f"\n  s{k}: {{linear: [{', '.join(f'c{n}' for n in range(1001))}], {PRIOR}}}" for k in range(5)
)
COUNTS = "cases: {counts: {" + ", ".join(f"n{n}: {{reply: absorb}}" for n in range(101)) + "}}"
LEVERS = "levers: {" + ", ".join(f"l{n}: {{cost: 1}}" for n in range(101)) + "}"


def many_rounds(rounds: int, steps: int) -> str:
    """The beginning of a timeline: rounds of moves."""
    moves = "".join(f"\n      - {{move: wait_{n}, by: north, options: [yes_, no_]}}" for n in range(steps))
    return f"timeline:\n  - rounds: {rounds}\n    steps:{moves}"


def limits() -> dict[str, str]:
    """The page's table of limits."""
    section = PAGE.read_text(encoding="utf-8").partition("\n## Limits\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|", section, re.MULTILINE))


@pytest.mark.parametrize(
    ("row", "limit", "text"),
    [
        ("the file", "2,000,000", "#" * 2_000_001),
        ("nested mappings and lists", "40", "a: " + "[" * 41 + "]" * 41),
        ("values in the file, with aliases written out", "30,000", ALIASES),
        ("an expression", "5,000", FIRST.replace("absorbed: reply", "absorbed: " + "1 + " * 1300 + "reply")),
        ("an expression", "nested 40 deep", FIRST.replace("reply == all_out,", f"{'(' * 40}1{')' * 40},")),
        ("an expression", "nested 150 deep", FIRST.replace("absorbed: reply", "absorbed: " + "1 + " * 151 + "reply")),
        ("an expression with its lets written out", "20,000 names and numbers", FIRST + LETS),
        ("actors", "100", FIRST.replace("actors:", "actors:" + "".join(f"\n  a{n}: {{name: A}}" for n in range(99)))),
        (
            "options of a move, values of a chance step",
            "1,000",
            FIRST.replace("[absorb, all_out]", f"[absorb, all_out, {', '.join(f'o{n}' for n in range(999))}]"),
        ),
        (
            "entries of one `linear`",
            "2,000",
            FIRST.replace("inputs:", f"inputs:\n  s: {{linear: [{'1, ' * 2001}], {PRIOR}}}"),
        ),
        ("entries of one `linear`", "5,000 coefficients in", FIRST.replace("inputs:", f"inputs:{SUMS}")),
        ("columns of `observed` or `counts` of recorded cases", "100", FIRST + COUNTS),
        ("rounds", "1000", FIRST.replace("timeline:", many_rounds(1001, 1))),
        ("steps, every round counted", "10,000", FIRST.replace("timeline:", many_rounds(1000, 11))),
        (
            "steps that an actor may remember to the end, every round counted",
            "1,000",
            FIRST.replace("timeline:", many_rounds(501, 2)),
        ),
        ("mistakes that are listed", "100", FIRST + LEVERS),
    ],
)
def test_what_is_beyond_a_limit_is_refused_with_the_number_that_the_page_gives(row: str, limit: str, text: str) -> None:
    with pytest.raises(CrisisError) as caught:
        read_text(text.encode(), "crisis.yaml")
    words = limit.replace("nested", "nested more than")
    assert re.search(rf"\b{limit}\b", limits()[row])
    assert re.search(rf"\b{words}\b", caught.value.faults[0].message)


def test_a_name_may_be_as_long_as_the_page_says() -> None:
    longest = int(limits()["a name"].removesuffix(" characters"))
    assert read_text(FIRST.replace("red_line", "r" * longest).encode(), "crisis.yaml").named["r" * longest]
    with pytest.raises(CrisisError, match="expected a name"):
        read_text(FIRST.replace("red_line", "r" * (longest + 1)).encode(), "crisis.yaml")


def test_the_largest_game_and_run_are_those_that_the_page_gives() -> None:
    assert limits()["nodes of the game"].startswith(f"{MAX_NODES:,},")
    with pytest.raises(offramp.UsageError) as caught:
        offramp.run(read_text(FIRST.encode(), "crisis.yaml"), draws=0)
    assert f"between 1 and {limits()['draws of a run']}, found 0" in str(caught.value)


def test_every_link_of_the_page_leads_to_a_heading() -> None:
    page = PAGE.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert [link for link in re.findall(r"\]\(#([^)]+)\)", page) if link not in anchors] == []


TITLES = {
    "CrisisPart": "crisis",
    "SourcePart": "source",
    "ActorPart": "actor",
    "InputPart": "input",
    "CorrelationPart": "correlation",
    "ChancePart": "chance",
    "MovePart": "move",
    "TellPart": "tell",
    "StatePart": "state",
    "TogetherPart": "together",
    "RoundsPart": "rounds",
    "TermPart": "payoff term",
    "OptionPart": "option",
    "MeasurePart": "measure",
    "EndingPart": "ending",
    "LeverPart": "lever",
    "Observation": "observation",
    "CasesPart": "recorded cases",
}
"""What the page calls the parts of the schema."""


def schema_parts() -> dict[str, dict[str, Any]]:
    """The parts that the schema describes, each with its properties."""
    schema = json_schema()
    parts = {"CrisisPart": schema, **schema["$defs"], "Observation": schema["properties"]["observed"]["items"]}
    return {name: part for name, part in parts.items() if "properties" in part}


def keys_used(crisis: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys of a crisis, each with its part of the schema."""
    for name, section in (
        ("SourcePart", "sources"),
        ("ActorPart", "actors"),
        ("InputPart", "inputs"),
        ("LeverPart", "levers"),
        ("MeasurePart", "measures"),
        ("EndingPart", "endings"),
    ):
        parts = [part for part in crisis.get(section, {}).values() if isinstance(part, dict)]
        yield from ((name, key) for part in parts for key in part)
    for terms in crisis.get("payoffs", {}).values():
        yield from (("TermPart", key) for term in terms.values() if isinstance(term, dict) for key in term)
    yield from (("CorrelationPart", key) for part in crisis.get("correlations", []) for key in part)
    yield from (("Observation", key) for part in crisis.get("observed", []) for key in part)
    yield from (("CasesPart", key) for key in crisis.get("cases", {}))
    yield from (("CrisisPart", key) for key in crisis)
    yield from step_keys(crisis["timeline"])


def step_keys(steps: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for step in steps:
        kind = next(kind for kind in ("chance", "move", "tell", "state", "together", "rounds") if kind in step)
        yield from ((f"{kind.capitalize()}Part", key) for key in step)
        options = step.get("options", [])
        parts = [part for part in options.values() if isinstance(part, dict)] if isinstance(options, dict) else []
        yield from (("OptionPart", key) for part in parts for key in part)
        yield from step_keys(step[kind] if kind == "together" else step.get("steps", []))
