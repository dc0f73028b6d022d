"""Reads the payoffs and endings of a crisis file."""

from __future__ import annotations

from collections.abc import Mapping

from offramp.crisis import scalars, schema
from offramp.crisis.expressions.expression import Expression
from offramp.crisis.parts import Ending, Measure, Term
from offramp.crisis.sections.described import Reasons, described, text_of
from offramp.crisis.sections.naming import Namespace, Scope
from offramp.crisis.sections.timeline import TimelineReader
from offramp.crisis.sections.viewers import unknown_actor
from offramp.crisis.text.document import Scalar


def read_terms(
    names: Namespace,
    payoffs: Mapping[Scalar, Mapping[Scalar, schema.TermPart | Scalar]],
    timeline: TimelineReader,
    reason: Reasons,
) -> tuple[Term, ...]:
    """All payoff terms; `timeline` must have read all steps."""
    terms = []
    for actor, parts in payoffs.items():
        if not names.may_be(actor, "actor"):
            unknown_actor(names, actor, "payoffs")
        for name, part in parts.items():
            written = part if isinstance(part, schema.TermPart) else schema.TermPart(pays=part)
            what = f"payoff term '{name}' of {actor}"
            pays = names.expression(written.pays, Scope(what, timeline.known, inputs=True, round=bool(timeline.counts)))
            term_reason = reason(written)
            if pays is not None:
                rounds = _paid_in_rounds(names, name, what, "pays", pays, written.when, timeline)
                words = described(name, written)
                terms.append(
                    Term(
                        str(actor),
                        str(name),
                        **words,
                        pays=pays,
                        each_round=rounds,
                        reason=term_reason,
                        place=name.place,
                    )
                )
    return tuple(terms)


def read_measures(
    names: Namespace, parts: Mapping[Scalar, schema.MeasurePart | Scalar], timeline: TimelineReader, reason: Reasons
) -> tuple[Measure, ...]:
    """All measures; `timeline` must have read all steps."""
    scope = Scope("a measure", timeline.known, inputs=True, round=bool(timeline.counts))
    measures = []
    for name, part in parts.items():
        written = part if isinstance(part, schema.MeasurePart) else schema.MeasurePart(amount=part)
        amount = names.expression(written.amount, scope)
        measure_reason = reason(written)
        if amount is not None:
            rounds = _paid_in_rounds(names, name, f"measure '{name}'", "is", amount, written.when, timeline)
            words, unit = described(name, written), text_of(written.unit)
            measures.append(
                Measure(
                    str(name),
                    **words,
                    unit=unit,
                    pays=amount,
                    each_round=rounds,
                    reason=measure_reason,
                    place=name.place,
                )
            )
    return tuple(measures)


def _paid_in_rounds(
    names: Namespace, name: Scalar, what: str, key: str, pays: Expression, when: str | None, timeline: TimelineReader
) -> int | None:
    """The position of the rounds in which a term is paid, or None if it is paid once.

    `key`: the key of `pays` in the file, `pays` of a payoff term or `is` of a measure, which is counted and not paid.
    """
    paid = "paid" if key == "pays" else "counted"
    inner = [word for word in pays.places if word == "round" or word in timeline.rounds_of]
    if when is None and inner:
        forms = f"{{{key}: ..., when: each_round}} or {{{key}: ..., when: end}}"
        message = f"{what} names '{inner[0]}', which is inside rounds: say when it is {paid}, {forms}"
        names.fault(name.place, message)
    if when != "each_round":
        return None
    blocks = {timeline.rounds_of[word] for word in inner if word != "round"} or set(timeline.counts)
    if len(blocks) != 1:
        why = "there are no rounds"
        if blocks:
            why = "it names steps of several `rounds` blocks" if inner else "there are several `rounds` blocks"
        names.fault(name.place, f"{what} cannot be {paid} each_round: {why}")
        return None
    block = blocks.pop()
    for word, place in pays.places.items():
        if timeline.positions.get(word, -1) > block:
            message = f"{what} is {paid} each_round and cannot name a later step; '{word}' comes after the rounds"
            names.fault(place, message)
    return block


def read_endings(
    names: Namespace, parts: Mapping[Scalar, schema.EndingPart | Scalar], timeline: TimelineReader, reason: Reasons
) -> tuple[Ending, ...]:
    """All endings; `timeline` must have read all steps."""
    scope = Scope("an ending", timeline.known, round=bool(timeline.counts))
    endings: list[Ending] = []
    otherwise: Scalar | None = None
    for name, part in parts.items():
        written = part if isinstance(part, schema.EndingPart) else schema.EndingPart(condition=part)
        text = written.condition
        if otherwise is not None:
            names.fault(name.place, f"'{otherwise}: otherwise' must come last; '{name}' could never be reached")
        is_last = names.means(text, "otherwise")
        if is_last:
            otherwise = otherwise or name
        condition = None if is_last else names.expression(text, scope)
        ending_reason = reason(written)
        if condition is not None or is_last:
            endings.append(
                Ending(
                    str(name),
                    **described(name, written),
                    condition=condition,
                    place=name.place,
                    avoid=scalars.is_set(written.avoid),
                    reason=ending_reason,
                )
            )
    return tuple(endings)
