"""Names that look alike but differ: the micro sign and a Greek mu, full-width letters, a Cyrillic a.

Two texts look alike if they have the same skeleton: their compatibility form (NFKC, Unicode Standard Annex 15), with
letters of other scripts that look Latin replaced by Latin ones (after Unicode Technical Standard 39).
"""

from __future__ import annotations

import unicodedata

_CYRILLIC = "АВЕЅІЈКМНОРСТУХӀԚԜѴҮаеѕіјорсухӏԛԝѵүԁһ", "ABESIJKMHOPCTYXIQWVYaesijopcyxlqwvydh"
_GREEK = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲϳ", "ABEZHIKMNOPTYXocj"
_OTHER = "օսհıɑɡ", "ouhiag"
_ALIKE_IN_SOME_FONTS = "αγινρυ", "ayivpu"
_MARKS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212∗⁎∕⁄∶‹›", "-------**//:<>"
_LATIN_LOOKING = {
    **str.maketrans(*_CYRILLIC),
    **str.maketrans(*_GREEK),
    **str.maketrans(*_OTHER),
    **str.maketrans(*_ALIKE_IN_SOME_FONTS),
    **str.maketrans(*_MARKS),
}


def skeleton(word: str) -> str:
    """The word with every letter replaced by the plain letter it looks like.

    Examples
    --------
    >>> skeleton("\N{FULLWIDTH LATIN SMALL LETTER W}ar"), skeleton("w\N{CYRILLIC SMALL LETTER A}r"), skeleton("war")
    ('war', 'war', 'war')
    """
    if word.isascii():
        return word
    plain = unicodedata.normalize("NFKC", word).translate(_LATIN_LOOKING)
    return "".join([str(unicodedata.digit(letter, letter)) for letter in plain])


def letter_difference(word: str, other: str) -> str:
    """The first letters in which two words differ, by their Unicode names."""
    at = _first_difference(word, other)
    return f"'{word}' has {_named(word[at])}, '{other}' {_named(other[at])}"


def disguised_letter(word: str) -> str | None:
    """Describe a letter that has a plainer form, or a Latin-looking letter among Latin ones; None if there is none."""
    plain = skeleton(word)
    if plain == word:
        return None
    at = _first_difference(word, plain)
    latin = any("LATIN" in unicodedata.name(letter, "") for letter in word if letter != word[at])
    if unicodedata.normalize("NFKC", word[at]) == word[at] and (not latin or word[at] in _ALIKE_IN_SOME_FONTS[0]):
        return None  # a word in another script, written with that script's letters, or a letter of mathematics
    return f"'{word}' contains {_named(word[at])}, which looks like {_named(plain[at])}"


def is_unseen(letter: str) -> bool:
    """Whether a character has no picture, as a zero-width space."""
    return unicodedata.category(letter) == "Cf"


def plain_hint(text: str) -> str:
    """The hint on the first character of a text that looks like a plain one or cannot be seen, or ''.

    Examples
    --------
    >>> plain_hint("２ weeks"), plain_hint("2 weeks")
    ("; write '2' (U+0032 DIGIT TWO) for '２' (U+FF12 FULLWIDTH DIGIT TWO)", '')
    """
    for letter in text:
        plain = skeleton(letter)
        if is_unseen(letter):
            return f"; remove {_named(letter)}, which cannot be seen"
        if plain != letter and plain.isascii():
            return f"; write '{plain}' ({_names(plain)}) for '{letter}' ({_named(letter)})"
    return ""


def _first_difference(word: str, other: str) -> int:
    """The index of the first letter that differs; 0 if one word begins with the other."""
    return next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), 0)


def _names(letters: str) -> str:
    return ", ".join(map(_named, letters))


def _named(letter: str) -> str:
    """The code point and Unicode name of a letter."""
    return f"U+{ord(letter):04X} {unicodedata.name(letter, 'without a name')}"
