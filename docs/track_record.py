"""Scores the gallery, and writes docs/track-record.md, its picture, and crises/scores.json.

python docs/track_record.py          # some minutes: 2,048 draws of each crisis that has changed
python docs/track_record.py --page   # only the page and its picture, from the scores that are kept
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from offramp.common.numerals import percent, quantity
from offramp.common.words import listed
from offramp.study.drawings import WIDTHS, drawings_of
from offramp.study.finding import Table
from offramp.study.known_outcomes.crisis_score import BASE_RATE, EQUAL, CrisisScore
from offramp.study.known_outcomes.gallery_score import GalleryScore
from offramp.study.known_outcomes.kept_scores import KeptScores, kept_scores, write_scores
from offramp.study.known_outcomes.version_score import TUNED

HERE = Path(__file__).resolve().parent
PAGE = HERE / "track-record.md"
PICTURE = "pictures/track-record-calibration.svg"
CALLED = {BASE_RATE: "the base rate", EQUAL: "equal odds"}
KNEW = {"all": "all", "some": "some", "none": "nothing"}
WORST = 6
"""Number of events that are named as the worst foreseen."""

INTRODUCTION = """# Track record

What the gallery's crises are worth as forecasts, also where they lose. `python docs/track_record.py` writes this
page; its numbers are those of `offramp backtest crises/` with 2,048 draws and seed 1, which everybody can repeat.

A crisis is scored on two things, which the model never reads:

- **its observed events**, in their order: how likely the model held each, given the events before it, against *play
  at random*, in which every option of every move is equally likely;
- **the ending that came about**, by the odds before any event, against the *base rate*, which is the outside view
  that `outcome.yaml` states without the model, and against *equal odds* for all endings.

The log score is minus the natural logarithm of the probability that was given to what came about: 0 is best. The
first version of a crisis is the file as it was written before its first solve; the tuned one is what the gallery
ships."""

LIMITS = """## What this cannot show

- **Foresight.** Where the writer knew the outcome, a good score shows that the model can hold what happened, and a
  bad one that it cannot. Only a crisis that was open when it was written tests foresight, and until its day comes
  it has no score.
- **That tuning is honest.** The rules allow a change only because a game was degenerate, contradicted its sources
  or was wrong as a model; the README of each crisis lists every change. The first versions are scored beside the
  tuned ones, so that a reader sees what tuning did.
- **Other crises.** These were chosen by their writers, because their record is good. The intervals are over crises
  of this kind, and there are few.
- **That the reasons are right.** A model can give what happened high odds for a wrong reason. `offramp why` and
  `offramp paths` show the reasons, and a reader must judge them.
- **That the base rates are right.** Some are counts of past cases, some are judgements; each `outcome.yaml` says
  which."""

FITTED = """## Fitted crises

The crises above have numbers that people judged. A crisis can also be fitted to a table of past cases and forecast
later ones, each from earlier cases only ([how](fitting.md#does-it-predict-the-backtest)). On 1,927 militarized
disputes from 1946 on, of a public data set, a game of three moves:

| | log score, one fit to disputes until 1945 | a fit for each year |
| --- | --- | --- |
| the game | 1.145 | 1.071 |
| rates of earlier cases | 1.162 | 1.104 |
| multinomial logit | 1.149 | 1.060 |

With one fit the game beats base rates by 0.017 a case (90 % interval 0.001 to 0.033) and cannot be told from the
logit. With a fit for each year it beats base rates by 0.033 (0.019 to 0.047) and **loses to the logit** by 0.011
(0.005 to 0.017): for a bare forecast take the logit. Fitted to disputes until 1945, all three give war 10 to 12 %
on average, and it came in 1.7 %."""


def page_of(kept: KeptScores) -> str:
    """The page, from the scores that are kept."""
    return "\n".join(_lines(kept.gallery))


def _lines(scored: GalleryScore) -> Iterator[str]:
    yield INTRODUCTION
    yield ""
    yield "## In short"
    yield ""
    yield from (f"- {sentence}" for sentence in scored.answer)
    yield ""
    yield "## The ending"
    yield ""
    yield "The odds before any event, and after all of them; *known* is how much of the outcome the writer knew."
    yield ""
    yield from markdown(scored.table("endings"))
    yield "## The events"
    yield ""
    yield "The mean log score of the observed events, and how many times as likely as at random they were together."
    yield ""
    yield from markdown(scored.table("events"))
    yield "## All together"
    yield ""
    yield "A gain above 0 is better than the other. The interval, 5 % to 95 %, draws whole crises again (bootstrap)."
    yield ""
    yield from markdown(scored.table("scores"))
    yield "## Calibration"
    yield ""
    yield "Every option of every step that was observed, by tenths of the probability that it was given before."
    yield ""
    yield f"![Calibration of the crises as tuned]({PICTURE})"
    yield ""
    yield from markdown(scored.table("calibration"))
    yield "## Where it loses"
    yield ""
    yield from _losses(scored)
    yield from _open(scored)
    yield "## How much the writers knew"
    yield ""
    yield "| crisis | known | how |"
    yield "| --- | --- | --- |"
    for one in scored.scores:
        known = f"{KNEW[one.outcome.knew]} | {cell(one.outcome.knew_how)}"
        yield f"| [{one.folder}](../crises/{one.folder}/README.md) | {known} |"
    yield ""
    yield FITTED
    yield ""
    yield LIMITS
    yield ""


def _losses(scored: GalleryScore) -> Iterator[str]:
    """The crises and the events on which the model does worse than a reference."""
    lost = False
    for one, version in scored.of_version(TUNED):
        worse = []
        ending = one.outcome.ending
        if version.events and version.log_an_event > version.log_at_random_an_event:
            ours, theirs = quantity(version.log_an_event), quantity(version.log_at_random_an_event)
            worse.append(f"on its events to play at random ({ours} against {theirs})")
        for name, odds in one.references.items():
            if ending is not None and version.odds(ending)[0] < odds[ending]:
                given, stated = percent(version.odds(ending)[0]), percent(odds[ending])
                worse.append(f"on the ending to {CALLED[name]} ({given} against {stated})")
        if worse:
            lost = True
            yield f"- **{one.folder}** loses {listed(worse)}."
    if not lost:
        yield "No crisis loses to a reference."
    events = [(one, event) for one, version in scored.of_version(TUNED) for event in version.events]
    worst = sorted(events, key=lambda pair: pair[1].probability / pair[1].at_random)[:WORST]
    yield ""
    yield "The events that the models held least likely, against play at random:"
    yield ""
    yield "| crisis | date | observed | likely | at random |"
    yield "| --- | --- | --- | ---: | ---: |"
    for one, event in worst:
        shares = f"{percent(event.probability)} | {percent(event.at_random)}"
        yield f"| {one.folder} | {event.event.date} | {cell(event.observed)} | {shares} |"
    yield ""


def _open(scored: GalleryScore) -> Iterator[str]:
    """The standing odds of the crises that are open."""
    still_open = [one for one in scored.scores if one.outcome.due is not None]
    if not still_open:
        return
    yield "## Still open"
    yield ""
    yield "These odds stand, and are scored on the day that is due."
    yield ""
    for one in still_open:
        yield f"- **{one.folder}**, due {one.outcome.due}: {_standing(one)}."
    yield ""


def _standing(one: CrisisScore) -> str:
    """The odds of an open crisis after its last event, beside the base rate."""
    odds, names = one.tuned.standings()[-1], one.tuned.names.endings
    parts = (
        f"{names[key]} {percent(share)} (base rate {percent(one.outcome.base_rate[key])})"
        for key, share in sorted(odds.items(), key=lambda item: -item[1])
    )
    return ", ".join(parts)


def markdown(table: Table) -> Iterator[str]:
    """A table of a finding; numbers to the right."""
    yield f"| {' | '.join(cell(column.heading) for column in table.columns)} |"
    yield f"| {' | '.join('---' if column.kind == 'text' else '---:' for column in table.columns)} |"
    yield from (f"| {' | '.join(map(cell, row))} |" for row in table.shown())
    yield ""


def cell(text: str) -> str:
    """A text in a cell of a table."""
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


def write_picture(kept: KeptScores) -> None:
    """Draw the calibration."""
    for drawing in drawings_of(kept.gallery):
        (HERE / PICTURE).write_text(drawing.document(WIDTHS["wide"]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--page"]:
        for scoring in write_scores(draws=2048, seed=1):
            print(f"scoring {scoring}", flush=True)
    found = kept_scores()
    if found is None:
        sys.exit("there are no scores: run it without --page")
    PAGE.write_text(page_of(found), encoding="utf-8")
    write_picture(found)
