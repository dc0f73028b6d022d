"""An elicitation is written into a crisis file with a cite that `check` verifies, and only where it fits."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.reading import read
from offramp.elicitation.elicited import elicit, in_points
from offramp.elicitation.into_crisis import change_of
from tests.elicitation.panels import OFFICERS, PUBLISHED

CRISIS = """\
format: 1
title: Harbour incident
actors:
  north: {name: Northland}
inputs:
  war_cost: {is: "triangular(4, 6, 9)", unit: lost rounds, because: Ours}  # to be asked
  other: {is: 3}
timeline:
  - {move: answer, by: north, options: [stand_down, volley]}
payoffs: {north: {war: -war_cost * other * (answer == volley)}}
endings: {struck: answer == volley, quiet: otherwise}
"""


@pytest.fixture
def crisis(tmp_path: Path) -> Path:
    (tmp_path / "crisis.yaml").write_text(CRISIS, encoding="utf-8")
    (tmp_path / "panel.yaml").write_text(OFFICERS, encoding="utf-8")
    return tmp_path / "crisis.yaml"


def with_panel(crisis: Path, text: str) -> Path:
    """The elicitation file beside the crisis, with another text."""
    file = crisis.with_name("panel.yaml")
    file.write_text(text, encoding="utf-8")
    return file


def test_the_input_gets_the_pool_its_largest_error_and_a_checked_cite(crisis: Path) -> None:
    elicited = elicit(crisis.with_name("panel.yaml"))
    change_of(elicited, crisis).write()
    entry = read(crisis).inputs["war_cost"]
    (estimate,) = elicited.estimates.estimates
    assert estimate.used is not None
    assert estimate.fit is not None
    spread = float(np.ptp(estimate.used.quantile((0.1, 0.9))))
    found = entry.distribution.quantile(np.array([0.1, 0.5, 0.9]))
    assert found == pytest.approx(estimate.used.quantile((0.1, 0.5, 0.9)), abs=1e-3 * spread)
    assert entry.reason.because == (
        f"Elicited from 3 experts, equal weights; at most {in_points(estimate.fit.error)} of probability off their pool"
    )
    assert entry.reason.cites == ('elicitation "How many lost rounds is the war worth?"',)
    (cite,) = read(crisis).cites
    assert cite.first_words is not None
    assert cite.first_words.startswith("How many lost rounds is the war worth? unit: lost rounds")


def test_every_other_line_stays_and_the_mode_of_the_file_too(crisis: Path) -> None:
    crisis.chmod(0o640)
    change_of(elicit(crisis.with_name("panel.yaml")), crisis).write()
    after = crisis.read_text(encoding="utf-8").splitlines()
    before = CRISIS.splitlines()
    assert [line for line in before if line not in after] == [before[5]]
    assert [line for line in after if line not in before] == [
        "sources:",
        '  elicitation: {title: "Three officers", file: "panel.yaml"}',
        after[7],
    ]
    assert after[7].endswith("}  # to be asked")
    assert crisis.stat().st_mode & 0o777 == 0o640


def test_a_cite_of_a_question_changed_later_is_a_fault_of_the_crisis(crisis: Path) -> None:
    change_of(elicit(crisis.with_name("panel.yaml")), crisis).write()
    with_panel(crisis, OFFICERS.replace("How many", "How few"))
    with pytest.raises(OfframpError, match="does not contain the phrase"):
        read(crisis)


def test_a_source_that_is_there_already_is_used(crisis: Path) -> None:
    named = CRISIS.replace("actors:", "sources: {asked: {title: A, file: ./panel.yaml}}\nactors:")
    crisis.write_text(named, encoding="utf-8")
    change = change_of(elicit(crisis.with_name("panel.yaml")), crisis)
    assert b'"asked \\"How many' in change.after
    assert change.after.count(b"panel.yaml") == 1


def test_a_source_key_that_is_taken_gets_a_number(crisis: Path) -> None:
    crisis.write_text(CRISIS.replace("actors:", "sources: {elicitation: {title: A}}\nactors:"), encoding="utf-8")
    assert b"elicitation-2: {title" in change_of(elicit(crisis.with_name("panel.yaml")), crisis).after


@pytest.mark.parametrize("asks", ['What is it in "lost rounds"?', "x" * 200, "It''s what?"])
def test_a_question_that_is_no_phrase_is_cited_by_its_paragraph(crisis: Path, asks: str) -> None:
    written = f"'{asks}'"
    file = with_panel(crisis, OFFICERS.replace("How many lost rounds is the war worth?", written))
    change_of(elicit(file), crisis).write()
    assert read(crisis).inputs["war_cost"].reason.cites == ("elicitation ¶2",)


def test_a_question_asked_twice_is_cited_by_its_paragraph(crisis: Path) -> None:
    first = "  other:\n    asks: How many lost rounds is the war worth?\n    answers: {amber: [1, 2, 3]}\n\n  war_cost:"
    change_of(elicit(with_panel(crisis, OFFICERS.replace("  war_cost:", first))), crisis).write()
    cites = {key: entry.reason.cites for key, entry in read(crisis).inputs.items()}
    assert cites == {
        "war_cost": ("elicitation ¶3",),
        "other": ('elicitation "How many lost rounds is the war worth?"',),
    }


SEEDS = """
seeds:
  boats: {asks: How many?, truth: 12, answers: {amber: [5, 10, 20], birch: [10, 11, 13], cedar: [1, 4, 9]}}
"""


def test_the_reason_says_how_the_experts_are_weighted(crisis: Path) -> None:
    file = with_panel(crisis, OFFICERS + SEEDS)
    assert b"weights by performance on 1 seed question; at most" in change_of(elicit(file), crisis).after
    assert b"equal weights; at most" in change_of(elicit(file, "equal"), crisis).after
    assert (
        b"weights by performance on 1 seed question and by question;" in change_of(elicit(file, "item"), crisis).after
    )


@pytest.mark.parametrize(
    ("old", "new", "inputs", "said"),
    [
        ("war_cost:", "war_costs:", (), "has no input 'war_costs'; did you mean 'war_cost'"),
        ("    unit: lost rounds", "    unit: days", (), "asked in days, but the input is in lost rounds"),
        ("", "", ("war_cots",), "no question is about the input 'war_cots'; did you mean 'war_cost'"),
        ("[3, 6, 12]", "[3.9, 4, 12]", (), None),
        ("birch: [3, 6, 12]\n      cedar: [4, 8, 20]", "birch: [1.999, 5, 900]", (), "no smooth percentiles"),
        ("war_cost:", "other:", (), None),
        ("    unit", "    input: other\n    unit", (), None),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_written(
    crisis: Path, old: str, new: str, inputs: tuple[str, ...], said: str | None
) -> None:
    file = with_panel(crisis, OFFICERS.replace(old, new) if old else OFFICERS)
    if said is None:
        assert change_of(elicit(file), crisis, inputs).inputs
        return
    with pytest.raises(UsageError, match=said):
        change_of(elicit(file), crisis, inputs)
    assert crisis.read_text(encoding="utf-8") == CRISIS


def test_a_question_on_which_no_weighted_expert_answered_names_the_equal_pool(crisis: Path) -> None:
    seeds = SEEDS.replace("[1, 4, 9]", "[11, 12.5, 13]").replace("[5, 10, 20]", "[100, 200, 300]")
    answers = "      birch: [3, 6, 12]\n      cedar: [4, 8, 20]\n"
    many = "".join(seeds.replace("\nseeds:\n", "").replace("boats", f"boats_{n}") for n in range(8))
    file = with_panel(crisis, OFFICERS.replace(answers, "") + "\nseeds:\n" + many)
    elicited = elicit(file)
    assert elicited.estimates.used.weights["amber"] == 0.0
    assert "war_cost: no expert with a weight answered; --pool equal has an answer." in elicited.answer
    with pytest.raises(UsageError, match="take --pool equal"):
        change_of(elicited, crisis)


def test_an_elicitation_outside_the_crisis_folder_is_not_written(crisis: Path, tmp_path: Path) -> None:
    folder = tmp_path / "below"
    folder.mkdir()
    inside = folder / "crisis.yaml"
    inside.write_text(CRISIS, encoding="utf-8")
    with pytest.raises(UsageError, match="not in the folder"):
        change_of(elicit(tmp_path / "panel.yaml"), inside)
    os.symlink(tmp_path / "panel.yaml", folder / "panel.yaml")
    with pytest.raises(UsageError, match="not in the folder"):
        change_of(elicit(folder / "panel.yaml"), inside)


def test_a_file_that_changed_in_the_meantime_is_not_overwritten(crisis: Path) -> None:
    change = change_of(elicit(crisis.with_name("panel.yaml")), crisis)
    crisis.write_text(CRISIS + "# more\n", encoding="utf-8")
    with pytest.raises(UsageError, match="changed in the meantime"):
        change.write()
    assert crisis.read_text(encoding="utf-8") == CRISIS + "# more\n"


def test_a_crisis_with_mistakes_is_not_changed(crisis: Path) -> None:
    crisis.write_text(CRISIS.replace("actors:", "actor:"), encoding="utf-8")
    with pytest.raises(UsageError, match="so it was not changed"):
        change_of(elicit(crisis.with_name("panel.yaml")), crisis)


def test_seeds_alone_can_be_scored_but_not_written(crisis: Path) -> None:
    elicited = elicit(PUBLISHED / "tobacco.yaml")
    assert elicited.answer[0] == "Weights by performance on the seed questions: Ex7 100.0%; the other 6 have no weight."
    assert [table.name for table in elicited.tables] == ["experts", "pools", "seeds"]
    assert elicited.drawings() == ()
    (crisis.parent / "tobacco.yaml").write_bytes((PUBLISHED / "tobacco.yaml").read_bytes())
    with pytest.raises(UsageError, match="no questions besides its seed questions"):
        change_of(elicit(crisis.parent / "tobacco.yaml"), crisis)
