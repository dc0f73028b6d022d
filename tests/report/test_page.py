"""What the report promises: what a file says stays text, nothing is fetched, and the numbers are the run's."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

import offramp
from offramp.common.numerals import amount, percent, quantity
from offramp.common.printable import printable
from offramp.crisis.names import capital, names_of
from offramp.crisis.parts import name_of
from offramp.report.page import page
from offramp.report.style import hash_of
from offramp.runs.result import Run
from offramp.runs.store.manifest import manifest_of
from offramp.study.wording import WORDS, odds_word
from tests.crises import crisis_of
from tests.report.harbour import harbour, with_status, with_unconverged
from tests.shipped import tehran
from tests.study.outlook.test_ending_times import TEXT as SIEGE
from tests.study.outlook.test_endings import COIN

VOID = {"meta", "br"}
HOSTILE = (
    "<script>alert(1)</script>",
    "</title></style></svg><img src=https://evil.example/x onerror=alert(1)>",
    "\" onload=alert(1) x='",
    "javascript:alert(1)//https://evil.example/",
    "{{ 7 * 7 }}{% raw %}<style>@import url(https://evil.example/)</style>",
    "]]><!-- <iframe srcdoc='<b>'> &lt;script&gt; &#60;",
    "\u202ereversed\u2066 \x1b[31mred\x00",
)


@dataclass
class Page(HTMLParser):
    """A page taken apart: its elements, its text, and its tables as captions with rows."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    tables: list[tuple[str, list[list[str]]]] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in VOID:
            return
        self.open_tags.append(tag)
        if tag == "table":
            self.rows: list[list[str]] = []
            self.caption = ""
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag, f"</{tag}> closes nothing"
        if tag == "table":
            self.tables.append((self.caption, [[" ".join(cell.split()) for cell in row] for row in self.rows]))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if "caption" in self.open_tags:
            self.caption += data
        elif "td" in self.open_tags or "th" in self.open_tags:
            self.rows[-1][-1] += data + " "

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def table(self, words: str) -> list[list[str]]:
        """The rows of the one table whose caption has these words."""
        (found,) = (rows for caption, rows in self.tables if words in caption)
        return found

    def values(self, attribute: str) -> list[str]:
        return [str(attributes[attribute]) for _, attributes in self.tags if attribute in attributes]


def manifest_for(ensemble: Run) -> dict[str, Any]:
    return manifest_of(ensemble.crisis, ensemble.game, draws=ensemble.draws, seed=ensemble.seed)


def made(ensemble: Run) -> str:
    return page(ensemble, manifest_for(ensemble))


def taken_apart(html: str) -> Page:
    parsed = Page()
    parsed.feed(html)
    parsed.close()
    assert not parsed.open_tags
    return parsed


def parsed_page(ensemble: Run) -> Page:
    return taken_apart(made(ensemble))


@pytest.fixture(scope="module")
def ensemble() -> Run:
    return harbour()


@pytest.fixture(scope="module")
def parsed(ensemble: Run) -> Page:
    return parsed_page(ensemble)


def shape(parsed: Page) -> list[Any]:
    """Elements with the names of their attributes: what text can never change."""
    return [(tag, sorted(attributes)) for tag, attributes in parsed.tags]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_crisis_file_is_never_markup(text: str) -> None:
    levers = ("hotline", "restraint")
    hostile = parsed_page(harbour(text, levers, draws=4))
    assert shape(hostile) == shape(parsed_page(harbour(levers=levers, draws=4)))
    shown = " ".join(printable(text).split())
    assert hostile.text.count(shown) >= 20


@pytest.mark.parametrize("text", HOSTILE[:-1])
def test_names_in_charts_and_tables_are_never_markup(ensemble: Run, parsed: Page, text: str) -> None:
    crisis = ensemble.crisis
    endings = tuple(replace(ending, key=f"{text}{n}") for n, ending in enumerate(crisis.endings))
    actors = {key: replace(actor, name=text) for key, actor in crisis.actors.items()}
    hostile = parsed_page(replace(ensemble, crisis=replace(crisis, endings=endings, actors=actors)))
    assert shape(hostile) == shape(parsed)


def test_the_page_asks_for_nothing_outside_itself_and_runs_nothing(parsed: Page) -> None:
    tags = {tag for tag, _ in parsed.tags}
    assert not tags & {
        "script",
        "link",
        "img",
        "image",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "use",
        "foreignobject",
    }
    attributes = {name for _, attributes in parsed.tags for name in attributes}
    assert not attributes & {"src", "srcset", "style", "action", "poster", "data", "xlink:href", "ping"}
    assert not [name for name in attributes if name.startswith("on")]
    assert all(target.startswith("#") for target in parsed.values("href"))
    (style,) = (text for text in parsed.texts if "font-size" in text)
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_admits_the_pages_own_style_and_nothing_else(parsed: Page) -> None:
    (policy,) = (tag[1]["content"] for tag in parsed.tags if tag[1].get("http-equiv") == "Content-Security-Policy")
    (style,) = (text for text in parsed.texts if "font-size" in text)
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.pop("style-src") == f"'{hash_of(style)}'"
    assert rules.pop("img-src") == "data:"
    assert set(rules.values()) == {"'none'"}
    assert "default-src" in rules


def test_the_first_lines_say_what_is_likeliest_in_words_and_numbers(ensemble: Run, parsed: Page) -> None:
    name, interval = max(ensemble.ending_intervals.items(), key=lambda item: item[1].mean)
    start = parsed.text.index("As of 2031-03-02, the likeliest ending is")
    lead = parsed.text[start : start + 200]
    assert lead.index(name_of(name)) < lead.index(odds_word(interval.mean)) < lead.index(percent(interval.mean))
    assert f"{percent(interval.p05)} to {percent(interval.p95)} in nine draws out of ten" in lead
    assert "as of 2031-03-02" in parsed.text[:start]
    assert ensemble.crisis.title in parsed.text[:start]


def test_the_first_lines_name_no_likeliest_ending_in_a_tie() -> None:
    even = crisis_of(COIN.replace("{heads: bias, tails: rest}", "{heads: 1/2, tails: rest}"))
    text = taken_apart(made(offramp.run(even, draws=16, seed=1))).text
    assert "The likeliest endings are won and lost: roughly even chance, 50.0% each." in text
    assert "The likeliest ending is" not in text


def test_endings_are_those_of_the_ensemble(ensemble: Run, parsed: Page) -> None:
    rows = parsed.table("How it ends")[1:]
    means = [interval.mean for interval in ensemble.ending_intervals.values()]
    assert [row[1] for row in rows] == [percent(mean) for mean in sorted(means, reverse=True)]
    for name, interval in ensemble.ending_intervals.items():
        (row,) = (row for row in rows if row[0].startswith(name_of(name)))
        assert row[1:5] == [percent(v) for v in (interval.mean, interval.p05, interval.p50, interval.p95)]
        assert row[5].startswith(odds_word(interval.mean))


def test_every_move_in_every_round_has_its_shares_with_their_ranges(ensemble: Run, parsed: Page) -> None:
    tables = [rows for caption, rows in parsed.tables if caption.startswith("Chosen by")]
    titles = [f"{capital(name_of(move.move))}, round {move.round}" for move in ensemble.moves]
    assert len(ensemble.moves) == 4
    assert [title for title in titles if title in parsed.text] == titles
    for move, rows in zip(ensemble.moves, tables, strict=True):
        for (option, share), row in zip(move.options.items(), rows[1:], strict=True):
            assert row[0].startswith(name_of(option))
            assert row[1] == percent(share.mean)
            assert row[3].split(" to ")[0] == percent(share.p05)
            assert row[3].split(" to ")[-1] == percent(share.p95)


def test_the_likeliest_situations_of_a_move_are_shown_with_what_is_chosen_there(parsed: Page, ensemble: Run) -> None:
    likeliest = next(entry for entry in ensemble.by_situation if entry.situation.move == "reply")
    assert likeliest.situation.round == 1
    rows = next(rows for caption, rows in parsed.tables if caption.startswith("By situation") and "all out" in rows[0])
    red_line, answer = likeliest.situation.sees["red_line"], likeliest.situation.sees["answer"]
    assert rows[1][0].startswith(f"red line: {red_line}")
    assert name_of(str(answer)) in rows[1][0]
    assert rows[1][1:] == [percent(likeliest.reached), *map(percent, likeliest.options.values())]
    assert any(row[3] == "not open" for row in rows), "an option that a situation does not offer has no share"


def test_payoffs_are_those_of_the_ensemble_in_the_analysts_odds_and_in_own_eyes(ensemble: Run, parsed: Page) -> None:
    rows = [row[1:] for row in parsed.table("Expected payoff")[1:]]
    own = ensemble.interval(ensemble.own_eyes[ensemble.game.actors.index("north")])
    intervals = [ensemble.payoff_intervals["north"], own, ensemble.payoff_intervals["south"]]
    expected = [[amount(i.mean), f"{amount(i.p05)} to {amount(i.p95)}"] for i in intervals]
    assert rows == [[cell.replace("-", "−") for cell in row] for row in expected]


def test_every_input_is_shown_with_median_distribution_reason_and_cite() -> None:
    ensemble = harbour("Quite so.", ("hotline",), draws=8)
    rows = {row[0]: row for row in parsed_page(ensemble).table("inputs with their distributions")[1:]}
    assert list(rows) == [f"{entry.name} {key}" for key, entry in ensemble.crisis.inputs.items()]
    rows = dict(zip(ensemble.crisis.inputs, rows.values(), strict=True))
    names = names_of(ensemble.crisis)
    for name, entry in ensemble.crisis.inputs.items():
        shown = rows[name]
        assert str(entry.distribution) in shown[3]
        assert (entry.reason.because or "No reason given.") in shown[3]
        assert "; ".join(names.cite(cite) for cite in entry.reason.cites) in shown[3]
    assert rows["unexplained"][1:3] == [quantity(1.0), f"{quantity(0.55)} to {quantity(1.45)}"]
    assert "With the levers pulled" in rows["war_cost"][3]
    assert "With the levers pulled" not in rows["intercept"][3]


def test_options_and_endings_show_their_reason_and_every_cite_leads_to_its_source() -> None:
    reason = """because: Why so, cite: [cable-7 ¶1, 'wire "two, three"', nowhere ¶2]"""
    crisis = crisis_of(f"""
format: 1
title: Several cites
sources: {{cable-7: {{title: The cable, author: Ann Post}}, wire: {{title: The wire}}, nowhere: {{title: A third}}}}
actors: {{north: {{name: North}}}}
inputs: {{luck: {{is: "uniform(0, 1)", {reason}}}}}
timeline: [{{move: sail, by: north, options: {{go: {{{reason}}}, stay: at anchor}}}}]
payoffs: {{north: {{gain: luck * (sail == go)}}}}
endings: {{out: {{if: sail == go, {reason}}}, home: otherwise}}
""")
    html = made(offramp.run(crisis, draws=8, seed=1))
    page = taken_apart(html)
    shown = 'Why so [ Ann Post ¶1 ; “The wire” "two, three" ; “A third” ¶2 ]'
    rows = [row[0] for _, table in page.tables for row in table]
    assert [row for row in rows if row.startswith(("out Why", "go Why"))] == [f"out {shown} sail == go", f"go {shown}"]
    assert html.count('<a href="#source-wire">') == 3
    (luck,) = (row for row in page.table("input with its distribution")[1:])
    assert shown in luck[3]


def test_the_whole_tehran_crisis_is_shown_in_less_than_300_kilobytes() -> None:
    crisis = tehran()
    html = made(offramp.run(crisis, draws=8, seed=1))
    assert len(html.encode()) < 300_000
    text = taken_apart(html).text
    reasons = [entry.reason for entry in crisis.inputs.values()] + [term.reason for term in crisis.terms]
    cites = [names_of(crisis).cite(cite) for reason in reasons for cite in reason.cites]
    for words in [*(reason.because for reason in reasons if reason.because), *cites]:
        assert " ".join(words.split()) in text


def test_draws_that_did_not_converge_are_named_and_never_averaged(ensemble: Run) -> None:
    parsed = parsed_page(with_unconverged(ensemble, 2, 9, 10, 11, 12, 30))
    assert "6 did not converge" in parsed.text
    assert "draws 2, 9–12, 30, counted from 0" in parsed.text
    kept = ensemble.endings[0, [draw for draw in range(32) if draw not in (2, 9, 10, 11, 12, 30)]]
    assert [row[1] for row in parsed.table("26 converged draws")[1:] if row[0].startswith("war")] == [
        percent(kept.mean())
    ]


def test_draws_that_did_not_converge_are_listed_with_their_inputs(ensemble: Run) -> None:
    parsed = parsed_page(with_unconverged(ensemble, 2, 9))
    rows = parsed.table("What went into each of them")[1:]
    assert [row[0] for row in rows] == ["2", "9"]
    for row, draw in zip(rows, (2, 9), strict=True):
        for name, values in ensemble.inputs.items():
            assert f"{ensemble.crisis.inputs[name].name} {quantity(values[draw])}" in row[1]
    many = parsed_page(with_unconverged(harbour(draws=128), *range(101)))
    assert len(many.table("What went into the first 100; finished.json lists all")) == 101


def test_the_page_says_how_the_draws_stand_to_their_principal_branch(ensemble: Run, parsed: Page) -> None:
    last = parsed.text[parsed.text.rindex("How sure is the computation All draws converged") :]
    assert "Draws by status: 1 principal, 31 not traced." in last
    assert "In the sample, every draw" in parsed.text
    assert "Several equilibria." not in parsed.text
    doubtful = parsed_page(with_status(ensemble, "other branch", 0))
    assert doubtful.text.count("1 of 1 draws compared with their principal branch (100.0%) has another") == 2
    assert "Several equilibria." in doubtful.text


def test_a_run_in_which_no_draw_converged_has_no_numbers(ensemble: Run) -> None:
    parsed = parsed_page(with_unconverged(ensemble, *range(32)))
    assert "No draw converged." in parsed.text
    assert {cell for row in parsed.table("How it ends")[1:] for cell in row[1:]} == {"–"}
    assert "nan" not in parsed.text.lower().split()


def test_levers_pulled_are_named_with_what_they_do() -> None:
    parsed = parsed_page(harbour(levers=("hotline", "restraint"), draws=4))
    assert "Levers pulled: hotline , restraint ." in parsed.text
    rows = parsed.table("Levers pulled in this run")[1:]
    assert [row[:2] for row in rows] == [["hotline", "1"], ["restraint", "none given"]]
    assert "war_cost = 2 * war_cost" in rows[0][2]
    assert "answer: no volley" in rows[1][2]
    assert "forbidden by a lever" in parsed.text


def test_the_words_for_probabilities_and_everything_to_repeat_the_run_are_stated(ensemble: Run) -> None:
    manifest = manifest_for(ensemble)
    text = taken_apart(page(ensemble, manifest)).text
    method = text[text.index("Words for probabilities") :]
    assert [word for word in WORDS if word in method] == list(WORDS)
    for part in (manifest["sha256"], manifest["command"], *manifest["versions"].values(), str(manifest["seed"])):
        assert part in method


def test_the_page_can_be_walked_by_headings_tables_and_links(parsed: Page) -> None:
    levels = [int(tag[1]) for tag, _ in parsed.tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert parsed.tags[0] == ("html", {"lang": "en"})
    counts = [sum(tag == name for tag, _ in parsed.tags) for name in ("table", "caption")]
    assert counts[0] == counts[1]
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in parsed.tags if tag == "th")
    names = parsed.values("id")
    assert len(names) == len(set(names))
    pointed = [target.removeprefix("#") for target in parsed.values("href")]
    pointed += [target for value in parsed.values("aria-labelledby") for target in value.split()]
    assert set(pointed) <= set(names)


def test_every_picture_has_a_title_or_is_hidden_from_a_screen_reader(parsed: Page) -> None:
    pictures = [attributes for tag, attributes in parsed.tags if tag == "svg"]
    charts = [attributes for attributes in pictures if attributes.get("role") == "img"]
    assert len(charts) == 2
    assert all(attributes["aria-labelledby"] for attributes in charts)
    assert all(attributes.get("aria-hidden") == "true" for attributes in pictures if attributes not in charts)


def test_charts_are_loaded_only_when_a_page_is_made() -> None:
    code = "import sys, offramp.report.page as p; print({'altair', 'vl_convert'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_of_rounds_with_dates_the_page_shows_the_last_one_before_each_ending() -> None:
    timed = offramp.run(crisis_of(SIEGE), draws=16, seed=3)
    rows = parsed_page(timed).table("The last round played")
    assert rows[0] == ["ending", "round", "from", "to", "share", "by then"]
    assert rows[1][:4] == ["a storm", "1", "2031-01-31", "2031-02-27"]
    untimed = offramp.run(crisis_of(SIEGE.replace("    lasts: 1 month\n", "")), draws=16, seed=3)
    assert not any("last round" in caption for caption, _ in parsed_page(untimed).tables)
