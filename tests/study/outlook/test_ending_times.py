"""In which round each ending comes about, against a file that counts the rounds itself, and its days."""

from __future__ import annotations

import json

import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.study.outlook.ending_times import ending_times
from tests.crises import crisis_of

TEXT = """
format: 1
title: Siege
as_of: 2031-01-31
actors: {north: {name: Northland}, south: {name: Southland, memory: state}}
inputs: {cost: {is: "uniform(0.2, 2)", because: test}}
timeline:
  - {chance: resolve, odds: {low: 0.3, high: rest}, seen_by: [south]}
  - rounds: 3
    lasts: 1 month
    until: reply == yield_ or answer == storm
    steps:
      - {move: answer, by: north, options: [wait, press, storm]}
      - {move: reply, by: south, if: answer == press, options: [hold_out, yield_]}
  - {move: after, by: south, if: reply != yield_, options: [sulk, talk]}
payoffs:
  north:
    cost: {pays: -cost * (answer == press), when: each_round}
    prize: {pays: 2 * (reply == yield_) - 1.5 * (answer == storm), when: end}
  south:
    pride: {pays: -(reply == yield_) * (1 + (resolve == high)), when: end}
    pain: {pays: -0.7 * (answer == press), when: each_round}
endings:
  stormed: {if: answer == storm, avoid: yes, name: a storm}
  yields: reply == yield_
  holds: otherwise
"""
COUNTED = (
    TEXT[: TEXT.index("endings:")]
    + """
endings:
  stormed_1: answer == storm and round == 1
  stormed_2: answer == storm and round == 2
  stormed_3: answer == storm and round == 3
  yields_1: reply == yield_ and round == 1
  yields_2: reply == yield_ and round == 2
  yields_3: reply == yield_ and round == 3
  holds: otherwise
"""
)


def means(crisis: Crisis, draws: int) -> dict[str, float]:
    return {name: one.mean for name, one in offramp.run(crisis, draws=draws, seed=3).ending_intervals.items()}


def test_shares_are_those_of_a_file_with_an_ending_for_each_round() -> None:
    when = ending_times(offramp.run(crisis_of(TEXT), draws=64, seed=3))
    counted = means(crisis_of(COUNTED), 64)
    assert when is not None
    for ending in ("stormed", "yields"):
        by_round = [counted[f"{ending}_{number}"] for number in (1, 2, 3)]
        expected = [0.0, *(share / sum(by_round) for share in by_round)]
        assert when.shares[ending] == pytest.approx(expected, abs=1e-9)
    assert when.shares["holds"] == pytest.approx([0, 0, 0, 1])


def test_the_answer_and_the_table_give_the_days_of_the_rounds() -> None:
    found = offramp.endings(offramp.run(crisis_of(TEXT), draws=64, seed=3))
    assert found.when is not None
    best = max(range(4), key=found.when.shares["stormed"].__getitem__)
    days = ["", "2031-01-31 to 2031-02-27", "2031-02-28 to 2031-03-30", "2031-03-31 to 2031-04-29"]
    said = next(sentence for sentence in found.answer if "the last round" in sentence)
    assert said.startswith(
        f"Of the plays that end in a storm, the last round is most often round {best} ({days[best]}): in"
    )
    rows = [row for row in found.to_dict()["when"] if row["ending"] == "stormed"]
    assert [f"{row['from']} to {row['to']}" for row in rows] == [days[row["round"]] for row in rows]
    assert rows[-1]["by_then"] == pytest.approx(1.0)
    json.dumps(found.to_dict())
    for said in (found.when.basis, found.notes[-1]):
        assert said == "By round: from the first 64 draws, solved again."


def test_without_dates_nothing_is_added() -> None:
    run = offramp.run(crisis_of(TEXT.replace("    lasts: 1 month\n", "")), draws=64, seed=3)
    assert ending_times(run) is None
    assert [table.name for table in offramp.endings(run).tables] == ["endings"]


def test_as_of_now_rounds_that_are_over_have_no_share() -> None:
    text = TEXT + "observed:\n  - {date: 2031-02-05, round: 1, answer: press, reply: hold_out}\n"
    when = ending_times(offramp.run(crisis_of(text).now(), draws=256, seed=3))
    assert when is not None
    assert all(shares[0] == shares[1] == 0.0 for shares in when.shares.values())
    assert all(sum(shares) == pytest.approx(1.0) for shares in when.shares.values())
