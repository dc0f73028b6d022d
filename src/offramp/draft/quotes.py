"""Verifies quotes by machine: whether the words stand in the document. Whether they support a claim, a person decides.

A quote is exact in its paragraph, or the same after folding (Unicode NFKC, quotation marks, dashes, case, white space),
or in another paragraph, or it fails. There is no threshold of similarity.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from offramp.draft.brief_records import ON_OUR_SCALE, WITH_NUMBERS, DraftBrief, Record, claims_of, kind_of

SHORTEST = 12
"""A quote of fewer characters could stand anywhere, so it fails."""
MOST_COMBINED = 32
"""A letter has fewer marks in any language (Unicode Standard Annex 15, Stream-Safe Text Format, allows 30)."""

State = Literal["exact", "folded", "elsewhere", "failed", "ours"]

_MARKS = str.maketrans(dict.fromkeys("\"'`´ʼ‘’‚‛“”„‟‹›«»′″", "'") | dict.fromkeys("-‐‑‒–—―−﹘﹣－", "-"))
_UNSEEN = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")

_NUMBERS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions
billion billions dozen dozens half halves third thirds quarter quarters twice thrice double doubled triple tripled
null zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig hundert tausend million
millionen milliarde milliarden dutzend halb halbe hälfte drittel viertel doppelt zweimal dreimal
zéro deux trois quatre cinq sept huit neuf dix onze douze vingt trente quarante cinquante cent cents mille douzaine
moitié tiers quart
"""
_QUANTITIES = """
all almost always chance chances few fewer hardly largely least less likely majority many minority more most mostly much
nearly never none odds often overwhelming overwhelmingly percent percentage probable probably probability rare rarely
scarcely seldom several share sometimes unlikely usually
alle fast häufig immer kaum kein keine mehr mehrere mehrheit meist meisten nie niemals oft prozent selten viel viele
wahrscheinlich wenig wenige
aucun aucune beaucoup jamais majorité moins peu plupart plus plusieurs pourcent presque probable probablement rarement
souvent toujours tous toutes
"""
_WORDS_OF_QUANTITY = frozenset(_NUMBERS.split()) | frozenset(_QUANTITIES.split())


@dataclass(frozen=True)
class QuoteCheck:
    """What became of a record's quote: its state, and the document's own words with their span in a paragraph (from 1).

    A record that is ours, or whose quote failed, has no paragraph.
    """

    state: State
    paragraph: int | None = None
    start: int = 0
    end: int = 0
    text: str = ""

    @property
    def found(self) -> bool:
        """Whether the words stand in the document."""
        return self.paragraph is not None


def verified(quote: str, para: int | None, paragraphs: Sequence[str]) -> QuoteCheck:
    """Look for a quote in its paragraph (from 1), as it is and folded, then in the others.

    Examples
    --------
    >>> verified("the envoy’s offer", 1, ["He heard the Envoy's  offer."])
    QuoteCheck(state='folded', paragraph=1, start=9, end=27, text="the Envoy's  offer")
    >>> verified("a blockade of the port", 1, ["Nothing.", "It was a blockade of the port."]).state
    'elsewhere'
    """
    if not quote:
        return QuoteCheck("ours")
    if len(_folded(quote)[0].strip()) < SHORTEST:
        return QuoteCheck("failed")
    if para is not None and para <= len(paragraphs):
        block = paragraphs[para - 1]
        if span := _exact(quote, block):
            return QuoteCheck("exact", para, *span, block[slice(*span)])
        if span := _in_folded(quote, block):
            return QuoteCheck("folded", para, *span, block[slice(*span)])
    for look in (_exact, _in_folded):
        for number, block in enumerate(paragraphs, start=1):
            if span := look(quote, block):
                return QuoteCheck("elsewhere", number, *span, block[slice(*span)])
    return QuoteCheck("failed")


def verified_brief(brief: DraftBrief, paragraphs: Sequence[str]) -> dict[str, QuoteCheck]:
    """The check of every record's quote, by id."""
    return {id_: verified(record.quote, record.para, paragraphs) for id_, record in claims_of(brief).items()}


def invented(checks: Mapping[str, QuoteCheck]) -> tuple[str, ...]:
    """The ids of the records whose quotes failed."""
    return tuple(id_ for id_, check in checks.items() if check.state == "failed")


def speaks_of_quantity(quote: str) -> bool:
    """Whether a quote holds a digit, a number word or a word of quantity, so that a number may rest on it.

    Examples
    --------
    >>> speaks_of_quantity("about a dozen boats"), speaks_of_quantity("the envoy was angry")
    (True, False)
    """
    if any(unicodedata.category(letter)[0] == "N" or letter in "%‰" for letter in quote):
        return True
    return not _WORDS_OF_QUANTITY.isdisjoint(re.findall(r"[^\W\d_]+", quote.casefold()))


def because_of(claims: Iterable[tuple[str, Record, QuoteCheck]]) -> str:
    """The reason of a part in one line, from the ids, records and checks of its claims.

    Claims without words of the document come last, marked as ours. A number is ours unless the words speak of a
    quantity; on the scale of payoffs, which no document knows, it always is.
    """
    found: dict[str, None] = {}
    ours: dict[str, None] = {}
    for id_, record, check in claims:
        says = record.says.rstrip(". ")
        if not check.found:
            ours[says.removeprefix("Ours:").strip()] = None
        elif kind_of(id_) in ON_OUR_SCALE or (kind_of(id_) in WITH_NUMBERS and not speaks_of_quantity(check.text)):
            found[f"{says}; the scale is ours"] = None
        else:
            found[says] = None
    return ". ".join([*found, *([f"Ours: {'; '.join(ours)}"] if ours else [])])


def _exact(quote: str, paragraph: str) -> tuple[int, int] | None:
    at = paragraph.find(quote.strip())
    return None if at < 0 else (at, at + len(quote.strip()))


def _in_folded(quote: str, paragraph: str) -> tuple[int, int] | None:
    wanted = _folded(quote)[0].strip()
    folded, spans = _folded(paragraph)
    at = folded.find(wanted)
    return None if at < 0 else (spans[at][0], spans[at + len(wanted) - 1][1])


@lru_cache(maxsize=20_000)  # all paragraphs of the longest document, and its quotes
def _folded(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The folded text, and for each of its characters the span of the text that it comes from."""
    letters: list[str] = []
    spans: list[tuple[int, int]] = []
    for start, end in _clusters(text):
        plain = unicodedata.normalize("NFKC", text[start:end]).translate(_MARKS).casefold()
        for letter in plain:
            if letter in _UNSEEN:
                continue
            if letter.isspace():
                if letters and letters[-1] == " ":
                    spans[-1] = (spans[-1][0], end)
                    continue
                letter = " "
            letters.append(letter)
            spans.append((start, end))
    return "".join(letters), tuple(spans)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the pieces that are normalised one by one: a letter with the marks that combine with it."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or at - start == MOST_COMBINED or not _combine(text[start:at], text[at]):
            yield start, at
            start = at


def _combine(piece: str, letter: str) -> bool:
    """Whether a letter becomes another text with the piece before it than by itself."""
    if letter.isascii():
        return False
    if unicodedata.combining(letter):
        return True
    apart = unicodedata.normalize("NFKC", piece) + unicodedata.normalize("NFKC", letter)
    return unicodedata.normalize("NFKC", piece + letter) != apart
