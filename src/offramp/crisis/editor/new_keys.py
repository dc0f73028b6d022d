"""Keys for the parts of a new crisis, made from the names that a person gives them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from offramp.common.lookalikes import skeleton
from offramp.crisis.expressions.expression import FUNCTIONS
from offramp.crisis.scalars import is_name

MAX_KEY = 24
"""Longer keys are cut after a word, to keep expressions short."""
MAX_READ = 100
"""Number of characters of a name from which a key is made."""
YAML_WORDS = frozenset({"yes", "no", "true", "false", "null", "on", "off", "y", "n"})
"""Words that other readers of YAML do not take for text."""
_ARTICLES = re.compile(r"^an? (?=.*\w)|\bthe (?=.*\w)")


def fits_as_key(key: str) -> bool:
    """Whether a text may be the key of a part in a new crisis: a name of the language that is no function.

    Examples
    --------
    >>> fits_as_key("north"), fits_as_key("2nd"), fits_as_key("otherwise"), fits_as_key("log")
    (True, False, False, False)
    """
    return is_name(key) and key not in FUNCTIONS and key.lower() not in YAML_WORDS


def key_from(name: str, taken: Collection[str], otherwise: str) -> str:
    """A key made from a name, in lower case, without accents and articles, other than those `taken`.

    `otherwise` is the key of a name without letters.

    Examples
    --------
    >>> key_from("Northland's answer", (), "step"), key_from("a blockade", {"blockade"}, "option")
    ('northlands_answer', 'blockade_2')
    >>> key_from("yes", (), "option"), key_from("???", (), "option")
    ('option_yes', 'option')
    """
    plain = unicodedata.normalize("NFKD", re.sub("['’]", "", name[:MAX_READ]))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = unicodedata.normalize("NFKC", plain.lower())
    words = re.findall(r"[^\W_]+", _ARTICLES.sub("", plain))
    key = _cut(words)
    fitting = (one for one in (key, f"{otherwise}_{key}") if fits_as_key(one) and skeleton(one) == one)
    return free(next(fitting, otherwise) if key else otherwise, taken)


def free(key: str, taken: Collection[str]) -> str:
    """The key, with a number if it is taken.

    Examples
    --------
    >>> free("war", {"war", "war_2"})
    'war_3'
    """
    number = 1
    numbered = key
    while numbered in taken:
        number += 1
        numbered = f"{key}_{number}"
    return numbered


def _cut(words: Iterable[str]) -> str:
    """The words with _ between them, as many as fit into a key."""
    key = ""
    for word in words:
        longer = f"{key}_{word}" if key else word[:MAX_KEY]
        if len(longer) > MAX_KEY:
            break
        key = longer
    return key
