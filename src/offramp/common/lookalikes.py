"""Names that look alike and are not the same: the micro sign and a Greek mu, full-width letters, a Cyrillic a.

Two texts look alike here if their compatibility forms are one (NFKC, Unicode Standard Annex 15) after the letters of
other scripts that cannot be told from Latin ones are taken for those (after Unicode Technical Standard 39).
"""

from __future__ import annotations

import unicodedata

_CYRILLIC = "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁһ", "ABESIJKMHOPCTYXaesijopcyxdh"
_GREEK = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo"
_LATIN_LOOKING = str.maketrans(*_CYRILLIC) | str.maketrans(*_GREEK)


def skeleton(word: str) -> str:
    """What a word looks like.

    Examples
    --------
    >>> skeleton("\N{FULLWIDTH LATIN SMALL LETTER W}ar"), skeleton("w\N{CYRILLIC SMALL LETTER A}r"), skeleton("war")
    ('war', 'war', 'war')
    """
    return word if word.isascii() else unicodedata.normalize("NFKC", word).translate(_LATIN_LOOKING)


def told_apart(word: str, other: str) -> str:
    """How to tell two words that look alike: the first letter in which they differ, by its Unicode name."""
    at = next((at for at, (one, two) in enumerate(zip(word, other, strict=False)) if one != two), 0)
    return f"'{word}' has {_named(word[at])}, '{other}' {_named(other[at])}"


def oddity(word: str) -> str | None:
    """The letter of a name that looks like another: it has a plainer form, or is of another script among Latin ones."""
    plain = skeleton(word)
    if plain == word:
        return None
    at = next((at for at, (one, two) in enumerate(zip(word, plain, strict=False)) if one != two), 0)
    latin = any("LATIN" in unicodedata.name(letter, "") for letter in word if letter != word[at])
    if unicodedata.normalize("NFKC", word[at]) == word[at] and not latin:
        return None  # a word of another script, in its own letters
    return f"'{word}' holds {_named(word[at])}, which looks like {_named(plain[at])}"


def _named(letter: str) -> str:
    return f"U+{ord(letter):04X} {unicodedata.name(letter, 'without a name')}"
