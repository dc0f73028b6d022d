"""What a record of a brief does to the model, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from offramp.common.texts import tr, trn
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

if TYPE_CHECKING:
    from offramp.draft.sidecar import Decision


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
            yield tr("{name} is: {formula}", name=name_of(word), formula=names.in_words(lets[word].value))


def _words(brief: DraftBrief, entry: BriefPart, names: BriefNames) -> str:
    match entry:
        case ActorRecord():
            if entry.wants:
                return tr("{actor} is an actor; it wants: {wants}", actor=entry.name, wants=entry.wants)
            return tr("{actor} is an actor", actor=entry.name)
        case MoveRecord():
            return tr("{actor} chooses: {move}", actor=names.actor(entry.by), move=entry.name)
        case UnknownRecord():
            return _unknown(brief, entry, names)
        case OptionRecord():
            return _option(brief, entry, names)
        case StepRecord():
            return _step(brief, entry, names)
        case RestrictionRecord():
            return _restriction(brief, entry, names)
        case InputRecord():
            number = f"{entry.name}: {names.in_words(entry.value)}"
            return tr("{number}, in {unit}", number=number, unit=entry.unit) if entry.unit else number
        case OddsRecord():
            return _odds(entry, names)
        case StakeRecord():
            return _stake(entry, names)
        case EndingRecord():
            return _ending(entry, names)
        case LeverRecord():
            return _lever(brief, entry, names)
        case LeverAct():
            return _act(entry, names)
        case NamedExpression():
            return tr("{name} stands for: {formula}", name=entry.key, formula=names.in_words(entry.value))
    return tr("The model leaves this out")


def _odds(entry: OddsRecord, names: BriefNames) -> str:
    values = {
        "option": names.option(entry.step, entry.option),
        "step": names.step(entry.step),
        "actor": names.actor(entry.believed_by) if entry.believed_by else "",
        "odds": tr("what the other odds leave") if entry.odds == "rest" else names.in_words(entry.odds),
    }
    if entry.believed_by:
        odds = tr("Odds of “{option}” for {step}, as {actor} believes: {odds}", **values)
    else:
        odds = tr("Odds of “{option}” for {step}: {odds}", **values)
    return odds + _if(names, entry.when)


def _stake(entry: StakeRecord, names: BriefNames) -> str:
    values = {"actor": names.actor(entry.actor), "stake": f"{entry.name} = {names.in_words(entry.pays)}"}
    if entry.when == "each_round":
        return tr("Counts for {actor} in each round: {stake}", **values)
    if entry.when == "end":
        return tr("Counts for {actor} at the end: {stake}", **values)
    return tr("Counts for {actor}: {stake}", **values)


def _ending(entry: EndingRecord, names: BriefNames) -> str:
    if entry.condition == "otherwise":
        ending = tr("It ends with {ending} in all other cases", ending=entry.name)
    else:
        condition = names.in_words(entry.condition)
        ending = tr("It ends with {ending} if {condition}", ending=entry.name, condition=condition)
    return "; ".join([ending, tr("to be avoided")] if entry.avoid else [ending])


def _lever(brief: DraftBrief, entry: LeverRecord, names: BriefNames) -> str:
    if entry.cost:
        cost = names.in_words(entry.cost)
        lever = tr("Could be tried: {lever}, at a cost of {cost}", lever=entry.name, cost=cost)
    else:
        lever = tr("Could be tried: {lever}", lever=entry.name)
    acts = [_act(act, names) for act in brief.lever_acts if act.lever == entry.key]
    return "; ".join([lever, *(acts or [tr("it does nothing yet")])])


def _unknown(brief: DraftBrief, unknown: UnknownRecord, names: BriefNames) -> str:
    step = next((step for step in brief.steps if step.kind == "chance" and step.key == unknown.key), None)
    if step is None or EVERYONE in step.seen_by:
        return tr("Chance: {step}, seen by everyone once it happens", step=unknown.name)
    return tr("Hidden: {step}, known to {actors}", step=unknown.name, actors=_seers(step, names))


def _option(brief: DraftBrief, option: OptionRecord, names: BriefNames) -> str:
    move = next((move for move in brief.moves if move.key == option.of), None)
    if move is None:
        may = tr("{step} may be: {option}", step=names.step(option.of), option=option.name)
    else:
        actor = names.actor(move.by)
        may = tr("{actor} may choose {option} ({move})", actor=actor, option=option.name, move=move.name)
    if not option.value:
        return may
    counts = tr("which counts as {formula}", formula=names.in_words(option.value))
    return f"{may}, {counts}"


def _step(brief: DraftBrief, step: StepRecord, names: BriefNames) -> str:
    when = _rounds(step, brief, names)
    if step.kind == "state":
        values = {
            "state": step.name or step.key,
            "start": names.in_words(step.start),
            "becomes": names.in_words(step.becomes),
            "when": when,
        }
        if when:
            kept = tr("Kept {when}: {state}, at first {start}, then {becomes}", **values)
        else:
            kept = tr("Kept: {state}, at first {start}, then {becomes}", **values)
        return kept + _if(names, step.happens_if)
    if step.kind == "tell":
        told = trn(
            "{actors} is told {step}",
            "{actors} are told {step}",
            len(step.to),
            actors=listed(map(names.actor, step.to)),
            step=names.step(step.of),
        )
        return f"{told} {when}".rstrip() + _if(names, step.happens_if)
    order = [other for other in brief.steps if other.kind in CHOSEN]
    partners = [other for other in order if step.together and other.together == step.together and other is not step]
    place = tr("Step {number} of {count}", number=order.index(step) + 1, count=len(order))
    words = f"{place} {when}".rstrip() + f": {names.step(step.key)}"
    if partners:
        together = tr("at the same time as {steps}", steps=listed(names.step(other.key) for other in partners))
        words += f", {together}"
    seen = tr("seen by {actors}", actors=_seers(step, names))
    return f"{words}{_if(names, step.happens_if)}; {seen}"


def _rounds(step: StepRecord, brief: DraftBrief, names: BriefNames) -> str:
    """In which rounds a step is, as a clause; empty outside rounds."""
    rounds = brief.rounds
    if not step.in_rounds or rounds is None:
        return ""
    if rounds.until:
        condition = names.in_words(rounds.until)
        return tr("in each of at most {count} rounds (until {condition})", count=rounds.count, condition=condition)
    return tr("in each of at most {count} rounds", count=rounds.count)


def _seers(step: StepRecord, names: BriefNames) -> str:
    if EVERYONE in step.seen_by:
        return tr("everyone")
    return listed(map(names.actor, step.seen_by)) or tr("nobody")


def _restriction(brief: DraftBrief, limit: RestrictionRecord, names: BriefNames) -> str:
    move = next((move for move in brief.moves if move.key == limit.of), None)
    who = names.actor(move.by) if move is not None else names.step(limit.of)
    values = {"actor": who, "option": names.option(limit.of, limit.option), "condition": names.in_words(limit.only_if)}
    if limit.closed and limit.only_if:
        return tr("{actor} may choose {option} only after a lever allows it and only if {condition}", **values)
    if limit.closed:
        return tr("{actor} may choose {option} only after a lever allows it", **values)
    if limit.only_if:
        return tr("{actor} may choose {option} only if {condition}", **values)
    return tr("{actor} may choose {option}", **values)


def _act(act: LeverAct, names: BriefNames) -> str:
    if act.act == "set":
        return tr(
            "{input} becomes {formula}", input=names.inputs.get(act.on, act.on), formula=names.in_words(act.value)
        )
    step, option = names.step(act.on), names.option(act.on, act.value)
    if act.act == "forbid":
        return tr("{step}: not {option}", step=step, option=option)
    if act.act == "allow":
        return tr("{step}: also {option}", step=step, option=option)
    return tr("{step}: always {option}", step=step, option=option)


def _if(names: BriefNames, condition: str) -> str:
    """A condition as a clause after a comma; empty without one."""
    if not condition:
        return ""
    clause = tr("if {condition}", condition=names.in_words(condition))
    return f", {clause}"


def decided_in_words(decision: Decision) -> str:
    """A decision, by whom and when."""
    match decision.verdict:
        case "accepted":
            return tr("accepted by {person} on {date}", person=decision.by, date=decision.date)
        case "changed":
            return tr("changed by {person} on {date}", person=decision.by, date=decision.date)
        case "rejected":
            return tr("rejected by {person} on {date}", person=decision.by, date=decision.date)
        case "not said":
            return tr("not said by {person} on {date}", person=decision.by, date=decision.date)
        case "taken back":
            return tr("taken back by {person} on {date}", person=decision.by, date=decision.date)
