"""What a record of a brief does to the model, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from offramp.common.words import listed
from offramp.crisis.names import capital
from offramp.crisis.parts import name_of
from offramp.draft.brief_records import (
    CHOSEN,
    EVERYONE,
    ActorRecord,
    BriefPart,
    DraftBrief,
    EndingRecord,
    InputRecord,
    LeverAct,
    LeverRecord,
    MoveRecord,
    NamedExpression,
    OddsRecord,
    OptionRecord,
    RestrictionRecord,
    StakeRecord,
    StepRecord,
    UnknownRecord,
)
from offramp.draft.review.record_names import BriefNames, named_in

_WHEN = {"once": "", "each_round": " in each round", "end": " at the end"}


def words_of(brief: DraftBrief, entry: BriefPart, names: BriefNames | None = None) -> str:
    """What an entry of a brief does, in one sentence without a full stop, with the brief's names in place of keys.

    It ends with what the names of `lets` stand for that the entry rests on.
    """
    names = names or BriefNames.of(brief)
    return "; ".join([capital(_words(brief, entry, names)), *_lets(brief, entry, names)])


def _lets(brief: DraftBrief, entry: BriefPart, names: BriefNames) -> Iterator[str]:
    """What each name of `lets` is that an entry names: itself, in another name, or in what a lever or the rounds do."""
    parts: list[BriefPart] = [entry]
    if isinstance(entry, LeverRecord):
        parts += [act for act in brief.lever_acts if act.lever == entry.key]
    elif isinstance(entry, StepRecord) and entry.in_rounds and brief.rounds is not None:
        parts.append(brief.rounds)
    lets = {let.key: let for let in brief.lets}
    seen: set[str] = set()
    while parts:
        for word in sorted(named_in(parts.pop(0)).words & lets.keys() - seen):
            seen.add(word)
            parts.append(lets[word])
            yield f"{name_of(word)} is: {names.in_words(lets[word].value)}"


def _words(brief: DraftBrief, entry: BriefPart, names: BriefNames) -> str:
    match entry:
        case ActorRecord():
            return f"{entry.name} is an actor" + (f"; it wants: {entry.wants}" if entry.wants else "")
        case MoveRecord():
            return f"{names.actor(entry.by)} chooses: {entry.name}"
        case UnknownRecord():
            return _unknown(brief, entry, names)
        case OptionRecord():
            return _option(brief, entry, names)
        case StepRecord():
            return _step(brief, entry, names)
        case RestrictionRecord():
            return _restriction(brief, entry, names)
        case InputRecord():
            return f"{entry.name}: {names.in_words(entry.value)}{f', in {entry.unit}' if entry.unit else ''}"
        case OddsRecord():
            odds = "what the other odds leave" if entry.odds == "rest" else names.in_words(entry.odds)
            what = f"“{names.option(entry.step, entry.option)}” for {names.step(entry.step)}"
            belief = f", as {names.actor(entry.believed_by)} believes" if entry.believed_by else ""
            return f"Odds of {what}{belief}: {odds}{_if(names, entry.when)}"
        case StakeRecord():
            return (
                f"Counts for {names.actor(entry.actor)}{_WHEN[entry.when]}: {entry.name} = {names.in_words(entry.pays)}"
            )
        case EndingRecord():
            condition = (
                "in all other cases" if entry.condition == "otherwise" else f"if {names.in_words(entry.condition)}"
            )
            return f"It ends with {entry.name} {condition}{'; to be avoided' if entry.avoid else ''}"
        case LeverRecord():
            acts = [_act(act, names) for act in brief.lever_acts if act.lever == entry.key]
            cost = f", at a cost of {names.in_words(entry.cost)}" if entry.cost else ""
            return f"Could be tried: {entry.name}{cost}" + (f"; {'; '.join(acts)}" if acts else "; it does nothing yet")
        case LeverAct():
            return _act(entry, names)
        case NamedExpression():
            return f"{entry.key} stands for: {names.in_words(entry.value)}"
    return "The model leaves this out"


def _unknown(brief: DraftBrief, unknown: UnknownRecord, names: BriefNames) -> str:
    step = next((step for step in brief.steps if step.kind == "chance" and step.key == unknown.key), None)
    if step is None or EVERYONE in step.seen_by:
        return f"Chance: {unknown.name}, seen by everyone once it happens"
    return f"Hidden: {unknown.name}, known to {_seers(step, names)}"


def _option(brief: DraftBrief, option: OptionRecord, names: BriefNames) -> str:
    move = next((move for move in brief.moves if move.key == option.of), None)
    value = f", which counts as {names.in_words(option.value)}" if option.value else ""
    if move is None:
        return f"{names.step(option.of)} may be: {option.name}{value}"
    return f"{names.actor(move.by)} may choose {option.name} ({move.name}){value}"


def _step(brief: DraftBrief, step: StepRecord, names: BriefNames) -> str:
    rounds = _rounds(step, brief, names)
    if step.kind == "state":
        start, becomes = names.in_words(step.start), names.in_words(step.becomes)
        return f"Kept{rounds}: {step.name or step.key}, at first {start}, then {becomes}{_if(names, step.happens_if)}"
    if step.kind == "tell":
        told = listed(map(names.actor, step.to))
        verb = "is" if len(step.to) == 1 else "are"
        return f"{told} {verb} told {names.step(step.of)}{rounds}{_if(names, step.happens_if)}"
    order = [other for other in brief.steps if other.kind in CHOSEN]
    partners = [other for other in order if step.together and other.together == step.together and other is not step]
    together = f", at the same time as {listed(names.step(other.key) for other in partners)}" if partners else ""
    place = f"Step {order.index(step) + 1} of {len(order)}"
    seen = f"seen by {_seers(step, names)}"
    return f"{place}{rounds}: {names.step(step.key)}{together}{_if(names, step.happens_if)}; {seen}"


def _rounds(step: StepRecord, brief: DraftBrief, names: BriefNames) -> str:
    if not step.in_rounds or brief.rounds is None:
        return ""
    until = f" (until {names.in_words(brief.rounds.until)})" if brief.rounds.until else ""
    return f" in each of at most {brief.rounds.count} rounds{until}"


def _seers(step: StepRecord, names: BriefNames) -> str:
    if EVERYONE in step.seen_by:
        return "everyone"
    return listed(map(names.actor, step.seen_by)) or "nobody"


def _restriction(brief: DraftBrief, limit: RestrictionRecord, names: BriefNames) -> str:
    move = next((move for move in brief.moves if move.key == limit.of), None)
    who = names.actor(move.by) if move is not None else names.step(limit.of)
    conditions: Sequence[str] = [
        *(["only after a lever allows it"] if limit.closed else []),
        *([f"only if {names.in_words(limit.only_if)}"] if limit.only_if else []),
    ]
    return f"{who} may choose {names.option(limit.of, limit.option)} {' and '.join(conditions)}".rstrip()


def _act(act: LeverAct, names: BriefNames) -> str:
    if act.act == "set":
        return f"{names.inputs.get(act.on, act.on)} becomes {names.in_words(act.value)}"
    step, option = names.step(act.on), names.option(act.on, act.value)
    return {"forbid": f"{step}: not {option}", "allow": f"{step}: also {option}"}.get(
        act.act, f"{step}: always {option}"
    )


def _if(names: BriefNames, condition: str) -> str:
    return f", if {names.in_words(condition)}" if condition else ""
