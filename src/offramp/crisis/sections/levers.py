"""Reads the levers and observations of a crisis file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from offramp.common.words import expected, listed, quoted
from offramp.crisis import scalars, schema
from offramp.crisis.expressions.expression import SKIPPED, Expression
from offramp.crisis.lever import Lever
from offramp.crisis.observation import Observation, in_words
from offramp.crisis.sections.assumptions import read_number
from offramp.crisis.sections.described import Reasons, described
from offramp.crisis.sections.naming import Namespace, Scope
from offramp.crisis.sections.resolving import KIND_WORDS
from offramp.crisis.sections.timeline import TimelineReader
from offramp.crisis.sections.written_steps import check_among
from offramp.crisis.text.document import Scalar

LARGEST_COST = 1e100
"""Largest cost of a lever, as the largest number that payoffs take: sums of costs stay finite."""


def read_levers(
    names: Namespace, parts: Mapping[Scalar, schema.LeverPart], timeline: TimelineReader, reason: Reasons
) -> dict[str, Lever]:
    """All levers; `timeline` must have read all steps."""
    return {str(key): _lever(names, key, part, timeline, reason) for key, part in parts.items()}


def _lever(names: Namespace, key: Scalar, part: schema.LeverPart, timeline: TimelineReader, reason: Reasons) -> Lever:
    if not (part.set or part.forbid or part.allow or part.commit):
        names.fault(key.place, f"lever '{key}' does nothing; expected `set`, `forbid`, `allow` or `commit`")
    sets: dict[str, Expression] = {}
    for name, text in (part.set or {}).items():
        if name in names.sums:
            message = f"lever '{key}' sets '{name}', which is a sum; set its coefficients"
            names.fault(name.place, f"{message} ({listed(names.sums[name].coefficients, 20)})")
        elif not names.may_be(name, "input"):
            hint = expected(name, names.of_kind("input"))
            names.fault(name.place, f"lever '{key}' sets '{name}', which is not an input{hint}")
        value = names.expression(text, Scope(f"lever '{key}'", None, inputs=True))
        if value is not None:
            sets[str(name)] = value
    forbids = _options_by_move(names, f"lever '{key}' forbids options of", part.forbid or {})
    allows = _options_by_move(names, f"lever '{key}' allows options of", part.allow or {})
    committed = {move: [option] for move, option in (part.commit or {}).items()}
    commits = {
        move: options[0] for move, options in _options_by_move(names, f"lever '{key}' commits", committed).items()
    }
    _check_options(names, key, part, timeline)
    return Lever(
        key=str(key),
        **described(key, part),
        sets=sets,
        forbids=forbids,
        allows=allows,
        commits=commits,
        cost=None if part.cost is None else _cost(names, key, part.cost),
        reason=reason(part),
        place=key.place,
    )


def _cost(names: Namespace, key: Scalar, text: Scalar) -> float | None:
    """A lever's cost; None, with a fault added, if it is not a number or too large to be added to others."""
    cost = read_number(names, text, f"the cost of lever '{key}'")
    if cost is not None and abs(cost) > LARGEST_COST:
        expected_range = f"expected a number from {-LARGEST_COST:g} to {LARGEST_COST:g}"
        names.fault(text.place, f"the cost of lever '{key}' is {cost:g}; {expected_range}")
        return None
    return cost


def _options_by_move(
    names: Namespace, does: str, parts: Mapping[Scalar, Sequence[Scalar]]
) -> dict[str, tuple[str, ...]]:
    """The options named for each move; `does`: what the lever does, before the move's name."""
    by_move: dict[str, tuple[str, ...]] = {}
    for move, options in parts.items():
        if not names.may_be(move, "move"):
            names.fault(move.place, f"{does} '{move}', which is not a move{expected(move, names.of_kind('move'))}")
        elif (known := names.options_of(move)) is not None:
            check_among(names, options, move, known)
            by_move[str(move)] = tuple(map(str, options))
    return by_move


def _check_options(names: Namespace, key: Scalar, part: schema.LeverPart, timeline: TimelineReader) -> None:
    """Check that what a lever forbids, allows and commits to goes together."""
    forbids, allows = part.forbid or {}, part.allow or {}
    for move, options in forbids.items():
        known = names.options_of(move)
        if known is not None and set(known) <= set(options):
            names.fault(move.place, f"lever '{key}' forbids every option of '{move}'")
    for move, options in allows.items():
        closed = timeline.closed.get(move, ())
        for option in options:
            if option in forbids.get(move, ()):
                names.fault(option.place, f"lever '{key}' allows '{option}' of '{move}' and forbids it")
            elif option not in closed and option in (names.options_of(move) or ()):
                which = f"closed: {listed(closed)}" if closed else "it has no `closed` options"
                names.fault(option.place, f"lever '{key}' allows '{option}' of '{move}', which is not closed ({which})")
    for move, option in (part.commit or {}).items():
        if option in forbids.get(move, ()):
            names.fault(option.place, f"lever '{key}' commits '{move}' to '{option}' and forbids it")
        elif option in timeline.closed.get(move, ()) and option not in allows.get(move, ()):
            add = f"add `allow: {{{move}: [{option}]}}`"
            names.fault(option.place, f"lever '{key}' commits '{move}' to '{option}', which is closed; {add}")


Written = Mapping[Scalar, Scalar | Sequence[Scalar]]
"""An entry of `observed`: its date, its round, and the value or values of steps."""


def read_observed(names: Namespace, parts: Sequence[Written], timeline: TimelineReader) -> tuple[Observation, ...]:
    """All observations; `timeline` must have read all steps."""
    already_observed: dict[tuple[str, int | None], Scalar] = {}
    observed = tuple(_observation(names, part, timeline, already_observed) for part in parts if part)
    _check_dates(names, parts, timeline)
    return observed


def _check_dates(names: Namespace, parts: Sequence[Written], timeline: TimelineReader) -> None:
    """Check that dates follow the order of the timeline; a step that not everybody sees may be observed late."""
    dated: list[tuple[tuple[int, int, int], str, Scalar]] = []
    for part in parts:
        date, number = _one(part, "date") or "", _one(part, "round") or ""
        for key in part:
            if key in timeline.order and scalars.is_date(date):
                in_round = int(number) if key in timeline.rounds_of and scalars.is_count(number) else 0
                dated.append(((timeline.positions[key], in_round, timeline.order[key]), str(date), key))
    latest: tuple[tuple[int, int, int], str, Scalar] | None = None
    for at, date, key in sorted(dated, key=lambda entry: (entry[0], entry[1])):
        if latest is not None and latest[0] < at and date < latest[1]:
            before = f"{in_words((latest[2], latest[0][1]))} comes before it in the timeline"
            message = f"{in_words((key, at[1]))} is observed on {date}, but {before} and is observed on {latest[1]}"
            names.fault(key.place, message)
        if key in timeline.public and (latest is None or date >= latest[1]):
            latest = at, date, key


def _one(part: Written, key: str) -> Scalar | None:
    """The value under `date` or `round`; None if there is none, or several."""
    return next((value for word, value in part.items() if word == key and isinstance(value, Scalar)), None)


def _observation(
    names: Namespace,
    part: Written,
    timeline: TimelineReader,
    already_observed: dict[tuple[str, int | None], Scalar],
) -> Observation:
    place = next(iter(part)).place
    date, round_text = _one(part, "date"), _one(part, "round")
    for key, value in part.items():
        if key in ("date", "round") and not isinstance(value, Scalar):
            names.fault(key.place, f"expected one value in '{key}', found a list")
    dated = next((key for key in part if scalars.is_date(key)), None)
    if dated is not None:
        names.fault(dated.place, f"'{dated}' is a date; write {{date: {dated}, STEP: VALUE}}")
    elif date is None and "date" not in part:
        names.fault(place, "an observation needs a `date`")
    elif date is not None and not isinstance(date, scalars.StandIn) and not scalars.is_date(date):
        names.fault(date.place, f"expected {scalars.DATE_WORDS} in 'date', found {quoted(date)}")
    number = int(round_text) if round_text is not None and scalars.is_count(round_text) else None
    if round_text is not None and not isinstance(round_text, scalars.StandIn) and number is None:
        names.fault(round_text.place, f"expected {scalars.COUNT_WORDS} in 'round', found {quoted(round_text)}")
    values: dict[str, tuple[str, ...]] = {}
    for key, value in part.items():
        if key in ("date", "round", dated):
            continue
        among = (value,) if isinstance(value, Scalar) else tuple(value)
        step, at, in_round = key.partition("@")
        if at and step in timeline.rounds_of and scalars.is_count(in_round):
            names.fault(key.place, f"unexpected '@{in_round}' in {quoted(key)}; write {step} and `round: {in_round}`")
            continue
        check_observed(names, key, among, timeline.closed.get(key, ()))
        if not names.may_be(key, "chance", "move"):
            continue
        values[str(key)] = tuple(map(str, among))
        rounds = timeline.rounds_of.get(key)
        if rounds is not None and "round" not in part:
            names.fault(key.place, f"'{key}' is inside rounds; give the `round` in which it was observed")
        elif rounds is None and round_text is not None and key in timeline.positions:
            names.fault(round_text.place, f"'{key}' is not inside rounds; observe it in an entry without `round`")
        elif rounds is not None and round_text is not None and (number or 0) > timeline.counts[rounds]:
            names.fault(
                round_text.place, f"there is no round {number}; there are rounds 1 to {timeline.counts[rounds]}"
            )
        first = already_observed.setdefault((str(key), None if rounds is None else number), key)
        if first is not key:
            names.fault(key.place, f"'{key}' has been observed already (line {first.place.line})")
    return Observation(str(date), number, values, place)


def check_observed(names: Namespace, step: Scalar, values: Sequence[Scalar], closed: Sequence[str] = ()) -> None:
    """Report values that a step cannot have taken; `closed` are its options that only a lever opens."""
    if not names.may_be(step, "chance", "move"):
        kind = names.symbols[step].kind if step in names.symbols else None
        description = f"{KIND_WORDS[kind]}; only chance steps and moves are observed" if kind else "not a step"
        names.fault(step.place, f"{quoted(step)} is {description}{expected(step, names.of_kind('chance', 'move'))}")
        return
    options = names.options_of(step)
    for place, value in enumerate(values):
        if options is not None and value not in (*options, SKIPPED) and not isinstance(value, scalars.StandIn):
            message = f"{quoted(value)} is not an option of '{step}' ({listed(options)})"
            names.fault(value.place, f"{message}{names.option_hint(step, value, options)}")
        elif value in closed:
            opened = "an option that was taken is open: remove it from `closed`"
            names.fault(value.place, f"'{value}' of '{step}' is closed; {opened}")
        elif value in values[:place]:
            names.fault(value.place, f"'{value}' is listed twice")
