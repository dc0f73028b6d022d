"""How much of the endings' spread rests on each record of a draft, so that a person reads the heaviest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from offramp.common.errors import OfframpError
from offramp.crisis.reading import read
from offramp.draft.brief_records import DraftBrief, LeverAct, claims_of
from offramp.draft.review.record_names import named_in
from offramp.draft.sidecar import CRISIS
from offramp.game.compiler import compile_crisis
from offramp.runs.result import Run
from offramp.runs.run import run_in_memory
from offramp.study.sensitivity.weigh import weigh

DRAWS, SEED = 128, 1
MAX_NODES = 50_000
"""Maximum number of nodes of a game that is weighed while a person waits."""


@dataclass(frozen=True)
class InputWeights:
    """For each input its share of the variance of all endings together, or `why_not` it is not known."""

    by_input: Mapping[str, float] = field(default_factory=dict)
    why_not: str = ""


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
    return InputWeights(carried) if carried else InputWeights(why_not="no input moves any ending")


def record_weights(brief: DraftBrief, by_input: Mapping[str, float]) -> dict[str, float]:
    """The weight of each record, by id: of an input its own, of others the largest of the inputs that they name.

    A name of `lets` stands for what its expression names; a lever has what its acts set and name.
    """
    lets = {let.key: named_in(let).words for let in brief.lets}

    def weight(words: Iterable[str]) -> float:
        pending, seen = list(words), set[str]()
        while pending:
            word = pending.pop()
            if word not in seen:
                seen.add(word)
                pending.extend(lets.get(word, ()))
        return max((by_input.get(word, 0.0) for word in seen), default=0.0)

    def of_acts(acts: Iterable[LeverAct]) -> float:
        return max((weight([act.on, *named_in(act).words]) for act in acts), default=0.0)

    weights = {id_: weight(named_in(record).words) for id_, record in claims_of(brief).items()}
    for entry in brief.inputs:
        weights[f"inputs.{entry.key}"] = by_input.get(entry.key, 0.0)
    for lever in brief.levers:
        id_ = f"levers.{lever.key}"
        weights[id_] = max(weights[id_], of_acts(act for act in brief.lever_acts if act.lever == lever.key))
    return weights
