"""The ledger of forecasts: an SQLite file to which entries are only added, never changed or removed.

A forecast is a probability for a question: a claim, the day on which it is due, and the rule by which it will be
resolved. Forecasts with the same claim, day and rule are updates of one question, and so are forecasts that follow
another. An outcome belongs to a question; a later outcome corrects an earlier one, and both stay.

>>> ledger = open_ledger("forecasts.sqlite")                                            # doctest: +SKIP
>>> made = add(ledger, claim="A volley is fired", probability=0.3,
...            due=date(2031, 4, 1), rule="Reported by two agencies")                   # doctest: +SKIP
>>> resolve(ledger, made.id, happened=True, because="Both agencies, 2031-03-20")        # doctest: +SKIP
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

from offramp.common.errors import UsageError
from offramp.common.words import listed, quoted
from offramp.study.forecasting.ledger_entries import Entries, Forecast, Origin, Resolution, Result
from offramp.study.forecasting.ledger_file import Ledger, read, transaction, write

Question = tuple[str, date, str]
"""A question: claim, day due, rule of resolution."""
Words = tuple[str | None, date | None, str | None]


def open_ledger(path: str | Path) -> Ledger:
    """Open a ledger; the first forecast creates its file, or fills it if it is empty.

    Raises
    ------
    UsageError
        If the file is something else, was written by a newer Offramp, or is not as it was made.
    """
    ledger = Ledger(Path(path))
    if not _is_new(ledger):
        with transaction(ledger):
            pass
    return ledger


def add(
    ledger: Ledger,
    *,
    probability: float,
    claim: str | None = None,
    due: date | None = None,
    rule: str | None = None,
    base_rate: float | None = None,
    follows: int | None = None,
    made: date | None = None,
    origin: Origin | None = None,
) -> Forecast:
    """Enter a forecast.

    Parameters
    ----------
    ledger
        The ledger; its file is made if there is none.
    probability
        The probability of the claim, 0 to 1.
    claim, due, rule
        The question: what is claimed, the day (UTC) on which it is due, and how it will be resolved. If another
        forecast has the same three, this one is on the same question.
    base_rate
        How often such a thing happens; by default the base rate of the last forecast on the question.
    follows
        A forecast on the same question, from which claim, day and rule are taken.
    made
        For an old forecast, the day on which it was made; it is marked as entered later, and has to be entered before
        an outcome of its question is.
    origin
        The run that it comes from; `prediction` makes claim, probability and origin from a run.

    Raises
    ------
    UsageError
        For a probability out of range, a question without claim, day or rule, an unknown `follows` or one on another
        question, a forecast made after it was due, and one on a question that has an outcome.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    _check_share(probability, "a probability")
    if base_rate is not None:
        _check_share(base_rate, "a base rate")
    if made is not None and made > now.date():
        raise UsageError(f"a forecast cannot have been made on {made}: today is {now.date()}")
    when = now if made is None else datetime.combine(made, time(), UTC)
    words = (_single_spaced(claim), due, _single_spaced(rule))
    if follows is None:
        _check_time(when, _whole(words)[1])  # before a file is made
    else:
        _check_exists(ledger)
    with transaction(ledger, writing=True) as connection:
        held = read(connection)
        number = len(held.forecasts) + 1
        (claimed, day, how), before = _question_of(held, words, follows, origin)
        _check_time(when, day)
        if before is not None:
            _check_open(held, before.question)
        if before is not None and base_rate is None:
            base_rate = before.base_rate
        question = number if before is None else before.question
        forecast = Forecast(number, question, claimed, float(probability), day, how, base_rate, when, now, origin)
        write(connection, forecast)
    return forecast


def resolve(
    ledger: Ledger,
    forecast: int,
    *,
    happened: bool,
    known: date | None = None,
    because: str | None = None,
    correct: bool = False,
) -> Resolution:
    """Enter how the question of a forecast came out; it holds for every forecast on the question.

    Parameters
    ----------
    ledger, forecast
        The ledger, and the id of any forecast on the question.
    happened
        Whether the claim came true.
    known
        The day (UTC) on which that was known, by default today, or for a correction the same as before;
        forecasts made later do not count.
    because
        The source.
    correct
        Whether this corrects an outcome entered before; both stay in the ledger.

    Raises
    ------
    UsageError
        For an unknown forecast, a day in the future, a second outcome, or a correction without an earlier outcome.
    """
    return _enter_outcome(ledger, forecast, "yes" if happened else "no", known, because, correct)


def void(ledger: Ledger, forecast: int, *, because: str, correct: bool = False) -> Resolution:
    """Enter that the question of a forecast cannot be resolved, and why; raises as `resolve`."""
    if _single_spaced(because) is None:
        raise UsageError("a question is void for a reason: say why it cannot be resolved")
    return _enter_outcome(ledger, forecast, "void", None, because, correct)


def entries(ledger: Ledger) -> Entries:
    """All entries of a ledger; raises UsageError if there is none."""
    _check_exists(ledger)
    with transaction(ledger) as connection:
        return read(connection)


def _enter_outcome(
    ledger: Ledger, number: int, result: Result, known: date | None, because: str | None, correct: bool
) -> Resolution:
    now = datetime.now(UTC).replace(microsecond=0)
    if known is not None and known > now.date():
        raise UsageError(f"an outcome cannot be known on {known}: today is {now.date()}")
    _check_exists(ledger)
    with transaction(ledger, writing=True) as connection:
        held = read(connection)
        question = held.forecast(number).question
        standing = held.standing.get(question)
        if standing is not None and not correct:
            was = "void" if standing.result == "void" else f"resolved, {standing.result}"
            raise UsageError(
                f"forecast {number} is {was} since {standing.entered.date()}; entries are never changed: "
                "say --correct to enter a correction, which then holds"
            )
        if standing is None and correct:
            raise UsageError(f"forecast {number} has no outcome yet that could be corrected")
        day = known or (now.date() if standing is None else standing.known)
        outcome = Resolution(len(held.outcomes) + 1, question, result, day, _single_spaced(because), now)
        write(connection, outcome)
    return outcome


def _check_share(value: float, what: str) -> None:
    if not 0.0 <= value <= 1.0:
        meant = f"; did you mean {value / 100:g}?" if 1.0 < value <= 100.0 else ""
        raise UsageError(f"{what} is between 0 and 1, found {value:g}{meant}")


def _check_time(made: datetime, due: date) -> None:
    """Raise UsageError if a forecast would be made after it was due."""
    if made.date() > due:
        how = "`offramp backtest` says how well a crisis of the past would have been forecast"
        raise UsageError(f"a forecast made on {made.date()} cannot be due on {due}, which is past; {how}")


def _check_open(held: Entries, question: int) -> None:
    """Raise UsageError if a question has an outcome: a forecast entered after it proves no foresight."""
    if (outcome := held.standing.get(question)) is not None:
        raise UsageError(
            f"forecast {question} and those that follow it are closed: the outcome, {outcome.result}, was known on "
            f"{outcome.known} and entered on {outcome.entered.date()}; a forecast is entered before it"
        )


def _is_new(ledger: Ledger) -> bool:
    """Whether no forecast has been entered: there is no file, or an empty one, which a process may just have made."""
    return not ledger.path.exists() or (ledger.path.is_file() and ledger.path.stat().st_size == 0)


def _check_exists(ledger: Ledger) -> None:
    if _is_new(ledger):
        raise UsageError(f"there is no ledger at {ledger.path}: the first `offramp forecast add` makes one")


def _single_spaced(text: str | None) -> str | None:
    """A text with single spaces; None if nothing is left."""
    return None if text is None else " ".join(text.split()) or None


def _whole(words: Words) -> Question:
    """A question with claim, day and rule; UsageError if one is missing."""
    claim, due, rule = words
    if claim is not None and due is not None and rule is not None:
        return claim, due, rule
    missing = [name for name, part in zip(("claim", "due", "rule"), words, strict=True) if part is None]
    raise UsageError(
        "a forecast needs a claim, the day on which it is due, and the rule by which it will be resolved, or a "
        f"forecast that it follows; missing: {listed(missing)}"
    )


def _question_of(
    held: Entries, words: Words, follows: int | None, origin: Origin | None
) -> tuple[Question, Forecast | None]:
    """The question, and the last forecast on it; UsageError if the forecast followed is on another question."""
    if follows is None:
        question = _whole(words)
        first = next((forecast for forecast in held.forecasts if forecast.asked == question), None)
        return question, None if first is None else held.on(first.question)[-1]
    followed = held.forecast(follows)
    # a claim made from a run holds the title of the crisis, which may have been rewritten since
    for name, new, old in zip(("claim", "day", "rule"), words, followed.asked, strict=True):
        if new not in (None, old) and not (name == "claim" and origin is not None):
            raise UsageError(
                f"forecast {follows} has another {name}, {quoted(str(old))}; what differs there is another question"
            )
    earlier = held.on(followed.question)
    targets = {forecast.origin.target for forecast in earlier if forecast.origin is not None}
    if origin is not None and targets and origin.target not in targets:
        raise UsageError(f"forecast {follows} is of {targets.pop()}, not of {origin.target}: that is another question")
    return followed.asked, earlier[-1]
