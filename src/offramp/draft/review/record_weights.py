"""How much of the endings' variance rests on each record of a draft, so that a person reads the heaviest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from offramp.common.errors import OfframpError
from offramp.common.texts import tr
from offramp.crisis.reading import read
from offramp.draft.brief_records import DraftBrief, InputRecord, Record, claims_of
from offramp.draft.review.record_names import BriefNames, named_in
from offramp.draft.sidecar import CRISIS
from offramp.game.compiler import compile_crisis
from offramp.runs.result import Run
from offramp.runs.run import run_in_memory
from offramp.study.sensitivity.weigh import weigh

DRAWS, SEED = 128, 1
LIGHT = 0.01
"""A smaller share of the endings' variance is not told."""
MAX_NODES = 50_000
"""Maximum number of nodes of a game that is weighed while a person waits."""


@dataclass(frozen=True)
class InputWeights:
    """For each input its share of the variance of all endings together, or `why_not` it is not known."""

    by_input: Mapping[str, float] = field(default_factory=dict)
    why_not: str = ""


@dataclass(frozen=True)
class RecordWeight:
    """The share of the variance of all endings together that an `input` carries, on which a record rests."""

    share: float
    input: str


NO_WEIGHT = RecordWeight(0.0, "")


def quick_run(folder: Path) -> Run:
    """Some draws of a draft's crisis file, in memory; it takes seconds.

    Raises
    ------
    OfframpError
        If the file cannot be read, has faults, or makes too large a game.
    """
    crisis = read(folder / CRISIS)
    return run_in_memory(crisis, compile_crisis(crisis, max_nodes=MAX_NODES), draws=DRAWS, seed=SEED)


def input_weights(folder: Path) -> InputWeights:
    """Weigh the inputs of a draft's crisis file on a `quick_run`."""
    try:
        carried = weigh(quick_run(folder)).carried
    except OfframpError as error:
        return InputWeights(why_not=str(error).splitlines()[0].replace(f"{folder / CRISIS}", CRISIS))
    return InputWeights(carried) if carried else InputWeights(why_not=tr("no input moves any ending"))


def record_weights(brief: DraftBrief, by_input: Mapping[str, float]) -> dict[str, RecordWeight]:
    """The weight of each record, by id: of an input its own, of others that of the heaviest input that they name.

    A name of `lets` stands for what its expression names; a lever has what its acts set and name.
    """
    lets = {let.key: named_in(let).words for let in brief.lets}

    def weight(words: Iterable[str]) -> RecordWeight:
        pending, seen = list(words), set[str]()
        while pending:
            word = pending.pop()
            if word not in seen:
                seen.add(word)
                pending.extend(lets.get(word, ()))
        heaviest = max(sorted(seen & by_input.keys()), key=by_input.__getitem__, default=None)
        return NO_WEIGHT if heaviest is None else RecordWeight(by_input[heaviest], heaviest)

    weights = {id_: weight(named_in(record).words) for id_, record in claims_of(brief).items()}
    for entry in brief.inputs:
        weights[f"inputs.{entry.key}"] = RecordWeight(by_input.get(entry.key, 0.0), entry.key)
    for lever in brief.levers:
        acts = [act for act in brief.lever_acts if act.lever == lever.key]
        words = [*named_in(lever).words, *(word for act in acts for word in (act.on, *named_in(act).words))]
        weights[f"levers.{lever.key}"] = weight(words)
    return weights


def weight_in_words(record: Record, weight: RecordWeight, names: BriefNames) -> str:
    """What part of the endings' variance a record or its input carries, as a sentence; empty if it is a light one.

    Examples
    --------
    `Its input, what a clash costs, carries about 34% of the variance of the endings together (128 draws).`
    """
    if weight.share < LIGHT:
        return ""
    share = f"{weight.share:.0%}"
    if isinstance(record, InputRecord):
        return tr(
            "It carries about {share} of the variance of the endings together ({draws} draws).",
            share=share,
            draws=DRAWS,
        )
    return tr(
        "Its input, {input}, carries about {share} of the variance of the endings together ({draws} draws).",
        input=names.inputs.get(weight.input, weight.input),
        share=share,
        draws=DRAWS,
    )
