"""Finds assumptions without a source, cites that are not found or not checked, and numbers on words without any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from offramp.common.texts import tr, trn
from offramp.common.words import cut, listed
from offramp.crisis.checks.cites import parts_of
from offramp.crisis.checks.misquotes import mismatch_hint
from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of
from offramp.draft.quotes import speaks_of_quantity
from offramp.draft.redteam.claims_in_crisis import Assumption, CitedTexts, CitedWords, assumptions_of
from offramp.draft.redteam.weak_point import PointQuote, WeakPoint

SOURCED = ("inputs", "chance", "moves", "payoffs")
"""The sections whose assumptions a source can support; a rationality and a lever are the analyst's own."""
MANY, SHARE = 5, 0.25
"""A paragraph is pointed out if so many assumptions rest on it, and this share of all that cite anything."""
FEWEST = 3
"""That all cites are of one source is pointed out from this number of assumptions on."""
MOST_LISTED = 6
_PARTS = {
    "inputs": tr("inputs"),
    "chance": tr("chance steps"),
    "moves": tr("moves"),
    "payoffs": tr("payoff terms"),
}
_ONLY = {
    "inputs": tr("the only input"),
    "chance": tr("the only chance step"),
    "moves": tr("the only move"),
    "payoffs": tr("the only payoff term"),
}


def unsupported(crisis: Crisis, texts: CitedTexts) -> Iterator[WeakPoint]:
    """Cites that are not found or not checked, numbers on words without a quantity, and what rests on no source."""
    assumed = list(assumptions_of(crisis))
    yield from _not_found(assumed, texts)
    yield from _without_quantity(assumed, texts)
    yield from _not_checked(crisis, assumed, texts)
    yield from _without_source(crisis, assumed)
    yield from _one_place(crisis, assumed, texts)


def _passages(assumed: Sequence[Assumption], texts: CitedTexts) -> Iterator[tuple[Assumption, str, CitedWords]]:
    for one in assumed:
        for cite in one.reason.cites:
            if (passage := texts.passage(cite)) is not None:
                yield one, cite, passage


def _not_found(assumed: Sequence[Assumption], texts: CitedTexts) -> Iterator[WeakPoint]:
    """Cites of a document that was given: those of the crisis's own files are faults, which `offramp check` names."""
    for one, cite, passage in _passages(assumed, texts):
        parts = parts_of(cite)
        if passage.paragraph is not None or parts is None:
            continue
        blocks, (_, wanted) = texts.paragraphs[passage.source], parts
        if isinstance(wanted, int):
            says = trn(
                "there is no ¶{number} in the document, which has {count} paragraph",
                "there is no ¶{number} in the document, which has {count} paragraphs",
                len(blocks),
                number=wanted,
            )
            yield _quote(one, says, tr("the paragraph that says it, or that it is ours"))
        else:
            says = f"{tr('the document does not contain the cited words')}{mismatch_hint(wanted, blocks)}"
            yield _quote(one, says, tr("words that say it, or that it is ours"), PointQuote(wanted, "failed"))


def _without_quantity(assumed: Sequence[Assumption], texts: CitedTexts) -> Iterator[WeakPoint]:
    """Inputs that cite words without any quantity, and whose reason does not say that the number is ours."""
    for one in assumed:
        passages = [passage for cite in one.reason.cites if (passage := texts.passage(cite)) is not None]
        if one.section != "inputs" or not passages or len(passages) < len(one.reason.cites):
            continue
        if "ours" in (one.reason.because or "").casefold() or any(speaks_of_quantity(each.words) for each in passages):
            continue
        first = passages[0]
        if first.paragraph is not None:
            says = tr("a number rests on words that speak of no quantity: {number}", number=one.written)
            shown = PointQuote(cut(first.words, 300), "exact", first.paragraph)
            answer = tr("words with the number; or a reason that says that the number is ours")
            yield _quote(one, says, answer, shown)


def _quote(one: Assumption, says: str, answer: str, quote: PointQuote | None = None) -> WeakPoint:
    return WeakPoint("quote", one.about, f"{one.name}: {says}", answer, (one.line,), quote=quote)


def _not_checked(crisis: Crisis, assumed: Sequence[Assumption], texts: CitedTexts) -> Iterator[WeakPoint]:
    """Sources whose text is not at hand, so that nobody can look up what is cited of them."""
    cited: dict[str, dict[str, Assumption]] = {}
    for one in assumed:
        for parts in filter(None, map(parts_of, one.reason.cites)):
            if parts[0] not in texts.paragraphs:
                cited.setdefault(parts[0], {})[one.about] = one
    for key, by in cited.items():
        yield WeakPoint(
            "source",
            f"sources.{key}.file",
            trn(
                "the text of {source} is not here, so what {count} assumption cites of it is not looked up: {names}",
                "the text of {source} is not here, so what {count} assumptions cite of it is not looked up: {names}",
                len(by),
                source=names_of(crisis).cite(key),
                names=_listed(by.values()),
            ),
            tr("the text as the `file` of the source, or as --document"),
            _lines(by.values()),
        )


def _without_source(crisis: Crisis, assumed: Sequence[Assumption]) -> Iterator[WeakPoint]:
    """By section, the assumptions that cite nothing; one point for all if the crisis names no source.

    Inputs with neither a reason nor a source are left to `offramp check`, which names them.
    """
    could = [one for one in assumed if one.section in SOURCED]
    if could and not crisis.sources:
        says = tr(
            "the crisis names no source: all its {number} inputs, moves, chance steps and payoff terms are its own",
            number=len(could),
        )
        yield WeakPoint("source", "sources", says, tr("a document that it rests on, and cites of it"))
        return
    for section in SOURCED:
        whole = [one for one in could if one.section == section]
        bare = [
            one for one in whole if not one.reason.cites and (section != "inputs" or one.reason.because is not None)
        ]
        if bare:
            yield WeakPoint(
                "source",
                section,
                _lacking(_which(section, len(bare), len(whole)), bare),
                tr("a cite for those that a document supports; a reason why they are fair for the others"),
                _lines(bare),
            )


def _which(section: str, bare: int, whole: int) -> str:
    if whole == 1:
        return _ONLY[section]
    if bare == whole:
        return tr("all {number} {parts}", number=whole, parts=_PARTS[section])
    return tr("{number} of {all} {parts}", number=bare, all=whole, parts=_PARTS[section])


def _lacking(which: str, bare: Sequence[Assumption]) -> str:
    """What assumptions without a source lack."""
    unsaid, names = sum(one.reason.because is None for one in bare), _listed(bare)
    if unsaid == len(bare):
        return trn(
            "{which} has neither a source nor a reason: {names}",
            "{which} have neither a source nor a reason: {names}",
            len(bare),
            which=which,
            names=names,
        )
    if unsaid:
        return tr(
            "{which} have no source, {number} of them without a reason: {names}",
            which=which,
            number=unsaid,
            names=names,
        )
    return trn("{which} has no source: {names}", "{which} have no source: {names}", len(bare), which=which, names=names)


def _one_place(crisis: Crisis, assumed: Sequence[Assumption], texts: CitedTexts) -> Iterator[WeakPoint]:
    """A paragraph, or a source, on which much or all rests."""
    resting: dict[tuple[str, int | str], dict[str, Assumption]] = {}
    for one in assumed:
        for cite in one.reason.cites:
            passage, parts = texts.passage(cite), parts_of(cite)
            if parts is not None:
                place = parts[1] if passage is None or passage.paragraph is None else passage.paragraph
                resting.setdefault((parts[0], place), {})[one.about] = one
    citing = {one.about: one for by in resting.values() for one in by.values()}
    names = names_of(crisis)
    for (key, place), by in resting.items():
        if isinstance(place, int) and len(by) >= max(MANY, SHARE * len(citing)):
            yield WeakPoint(
                "source",
                f"sources.{key} ¶{place}",
                tr(
                    "{number} of the {all} assumptions that cite anything rest on one paragraph, {paragraph}: {names}",
                    number=len(by),
                    all=len(citing),
                    paragraph=f"{names.cite(key)} ¶{place}",
                    names=_listed(by.values()),
                ),
                tr("whether the paragraph says all of that, and what else does"),
                _lines(by.values()),
            )
    sources = Counter(key for key, _ in resting)
    if len(sources) == 1 and len(citing) >= FEWEST:
        (key,) = sources
        yield WeakPoint(
            "source",
            f"sources.{key}",
            tr(
                "all {number} assumptions that cite anything rest on one source, {source}: what it leaves out or gets "
                "wrong, the crisis does too",
                number=len(citing),
                source=names.cite(key),
            ),
            tr("a second source that says the same, or another thing"),
            (crisis.sources[key].place.line,),
        )


def _listed(assumed: Iterable[Assumption]) -> str:
    return listed((one.name for one in assumed), MOST_LISTED)


def _lines(assumed: Iterable[Assumption]) -> tuple[int, ...]:
    return tuple(sorted({one.line for one in assumed}))
