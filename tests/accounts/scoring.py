"""How much of what a reader finds in an account a draft has, and how true its quotes are.

A draft's record counts as an expected thing if its key or its name holds all words of one of the thing's synonyms.
Words are compared without case and accents; `fill*` stands for every word that begins so. There is no measure of
similarity, so a score does not depend on a threshold. Quotes are checked without the package's own code.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

ACCOUNTS = Path(__file__).parent
SHORTEST = 12
"""A shorter quote supports nothing."""
CLAIMS = (
    "actors",
    "moves",
    "unknowns",
    "options",
    "steps",
    "inputs",
    "odds",
    "stakes",
    "lets",
    "endings",
    "levers",
    "lever_acts",
    "left_out",
)
"""The brief's lists of records that say something about the crisis; notes are the model's own remarks."""
Synonyms = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Expected:
    """What a reader finds in one account: each thing by a name of ours, with the words that count as it."""

    document: Path
    kind: str
    as_of: str
    is_crisis: bool
    actors: Synonyms
    options: Mapping[str, Synonyms]
    hidden: Synonyms
    endings: Synonyms
    facts_after: tuple[str, ...]
    injected: tuple[str, ...]
    not_seen: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """How many expected things the records hold, and how many of the records not marked as ours are expected."""

    expected: int
    found: int
    records: int
    fitting: int
    missed: tuple[str, ...]
    unexpected: tuple[str, ...]

    @property
    def recall(self) -> float:
        """The share of what was expected that was found; 1 if nothing was expected."""
        return self.found / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        """The share of the records that were expected; 1 if there are none."""
        return self.fitting / self.records if self.records else 1.0


def accounts() -> list[str]:
    """The names of all accounts."""
    return sorted(path.parent.name for path in ACCOUNTS.glob("*/expected.yaml"))


def expected_of(account: str) -> Expected:
    """What is expected of the account with that name."""
    path = ACCOUNTS / account / "expected.yaml"
    # Every word stays a word: YAML's own reader takes `no` for false and a date for a date.
    written = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return Expected(
        path.parent / written["account"],
        written["kind"],
        written["as_of"],
        written.get("crisis", "true") == "true",
        _synonyms(written["actors"]),
        {actor: _synonyms(options) for actor, options in written["options"].items()},
        _synonyms(written["hidden"]),
        _synonyms(written["endings"]),
        tuple(written["facts_after_as_of"]),
        tuple(written["injected"]),
        tuple(written.get("not_seen", ())),
    )


def folded_words(text: str) -> tuple[str, ...]:
    """The words of a text without case, accents and punctuation.

    Examples
    --------
    >>> folded_words("Fill the lake, Präsident_Hask!")
    ('fill', 'the', 'lake', 'prasident', 'hask')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W_]+", plain))


def counts_as(text: str, synonyms: Sequence[str]) -> bool:
    """Whether the text holds all words of one of the synonyms.

    Examples
    --------
    >>> counts_as("Filling over three seasons", ["fill* three", "slow*"])
    True
    >>> counts_as("Fill at once", ["fill* three", "slow*"])
    False
    """
    words = folded_words(text)
    return any(all(_stands_in(word, words) for word in synonym.split()) for synonym in synonyms)


def score_actors(brief: Mapping[str, Any], expected: Expected) -> Score:
    """How well the brief's actors are those expected."""
    return _score(brief["actors"], expected.actors)


def score_options(brief: Mapping[str, Any], expected: Expected) -> Score:
    """How well the options of each expected actor's moves are those expected of it, summed over the actors.

    An option of an actor that was not expected fits nothing. The options of a hidden fact are not scored here.
    """
    movers = {move["key"]: move["by"] for move in brief["moves"]}
    parts = []
    for actor, options in expected.options.items():
        keys = {one["key"] for one in brief["actors"] if counts_as(_label(one), expected.actors[actor])}
        parts.append(_score([one for one in brief["options"] if movers.get(one["of"]) in keys], options))
    known = {one["key"] for one in brief["actors"] if any(counts_as(_label(one), s) for s in expected.actors.values())}
    strangers = [one for one in brief["options"] if one["of"] in movers and movers[one["of"]] not in known]
    return _sum([*parts, _score(strangers, {})])


def score_hidden(brief: Mapping[str, Any], expected: Expected) -> Score:
    """How well the brief's unknowns are the hidden facts expected."""
    return _score(brief["unknowns"], expected.hidden)


def score_endings(brief: Mapping[str, Any], expected: Expected) -> Score:
    """How well the brief's endings are those expected."""
    return _score(brief["endings"], expected.endings)


def quote_kind(quote: str, para: int, paragraphs: Sequence[str]) -> str:
    """Whether a quote is `exact` or `folded` in its paragraph, `elsewhere`, `short`, or `invented`.

    `para` counts from 1. Folded means alike but for case, white space, and the shapes of quotation marks and dashes.
    """
    if len(quote.strip()) < SHORTEST:
        return "short"
    named = paragraphs[para - 1] if 0 < para <= len(paragraphs) else ""
    if quote in named:
        return "exact"
    if _folded(quote) in _folded(named):
        return "folded"
    return "elsewhere" if any(_folded(quote) in _folded(one) for one in paragraphs) else "invented"


def quote_kinds(brief: Mapping[str, Any], paragraphs: Sequence[str]) -> Counter[str]:
    """How many of the brief's quotes are of each kind."""
    return Counter(
        quote_kind(one["quote"], one.get("para") or 0, paragraphs) for one in _claims(brief) if one.get("quote")
    )


def share_of_ours(brief: Mapping[str, Any]) -> float:
    """The share of the brief's claims that cite nothing."""
    claims = list(_claims(brief))
    return sum(bool(one.get("ours")) for one in claims) / len(claims) if claims else 0.0


def phrases_in(brief: Mapping[str, Any], phrases: Sequence[str]) -> list[str]:
    """The phrases that stand in the brief, word for word, anywhere but in its notes."""
    texts = [f" {' '.join(folded_words(text))} " for text in _texts({**brief, "notes": []})]
    return [one for one in phrases if any(f" {' '.join(folded_words(one))} " in text for text in texts)]


def _synonyms(written: Mapping[str, Sequence[str]]) -> Synonyms:
    return {name: tuple(words) for name, words in written.items()}


def _stands_in(word: str, words: Sequence[str]) -> bool:
    return any(one.startswith(word[:-1]) for one in words) if word.endswith("*") else word in words


def _label(record: Mapping[str, Any]) -> str:
    return f"{record['key']} {record['name']}"


def _score(records: Sequence[Mapping[str, Any]], things: Synonyms) -> Score:
    """Every record stands for at most one thing: the largest number of things that records can stand for are found."""
    fits = np.array(
        [[counts_as(_label(record), words) for record in records] for words in things.values()], dtype=bool
    ).reshape(len(things), len(records))
    at = maximum_bipartite_matching(csr_array(fits), perm_type="column") if fits.size else [-1] * len(things)
    missed = tuple(name for name, record in zip(things, at, strict=True) if record < 0)
    fitting = [bool(column.any()) for column in fits.T]
    from_text = [pair for pair in zip(records, fitting, strict=True) if not pair[0].get("ours")]
    return Score(
        len(things),
        len(things) - len(missed),
        len(from_text),
        sum(fit for _, fit in from_text),
        missed,
        tuple(record["key"] for record, fit in from_text if not fit),
    )


def _sum(scores: Sequence[Score]) -> Score:
    return Score(
        sum(one.expected for one in scores),
        sum(one.found for one in scores),
        sum(one.records for one in scores),
        sum(one.fitting for one in scores),
        tuple(name for one in scores for name in one.missed),
        tuple(key for one in scores for key in one.unexpected),
    )


def _claims(brief: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for kind in CLAIMS:
        yield from brief.get(kind) or ()


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub("[\u2018\u2019\u201a\u201b\u2032`]", "'", plain)
    plain = re.sub("[\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb]", '"', plain)
    plain = re.sub("[\u2010-\u2015\u2212]", "-", plain)
    return " ".join(plain.split())


def _texts(value: Any) -> Iterator[str]:
    """Every text and number of a JSON value, keys left out."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, Sequence):
        for one in value:
            yield from _texts(one)
    elif value is not None:
        yield str(value)
