"""Notations from other languages and from everyday writing, and how to write them here, for error messages.

If a text does not parse, `foreign` looks near the error for an operator of another language, a choice with `then`, a
range, a number with a comma and the like, and says what to write instead.
"""

from __future__ import annotations

import re

WINDOW = 80
"""Number of characters examined on each side of an error."""

_OPERATORS = {
    "==": ("===", "≡", ":="),
    "!=": ("!==", "=/=", "<>", "≠"),
    ">=": ("=>", "≥", "⩾"),
    "<=": ("=<", "≤", "⩽"),
    "and": ("&&", "&", "∧", "AND", "And"),
    "or": ("||", "|", "∨", "OR", "Or"),
    "not": ("!", "¬", "NOT", "Not"),
    "-": ("−", "–", "—"),
    "*": ("×", "·", "∙"),
    "/": ("÷",),
    "**": ("^",),
}
_NUMBER = r"[-+−]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_WORD = r"[^\W\d]\w*"
RANGE_FORMS = (
    "uniform({low}, {high}), triangular({low}, MODE, {high}) or percentiles(p10={low}, p50=MEDIAN, p90={high})"
)
"""How to write a range from `low` to `high`."""
_RANGE = f"'{{0}}' is a range; write it as a distribution: {RANGE_FORMS}"

WORDS = dict.fromkeys(("true", "yes", "always"), "1") | dict.fromkeys(("false", "no", "never"), "0")
"""Words for truth values in other languages, and the numbers used here."""

_HABITS: tuple[tuple[str, str], ...] = (
    (rf"\bbetween\s+(?P<low>{_NUMBER})\s+and\s+(?P<high>{_NUMBER})", _RANGE),
    (rf"(?P<low>{_NUMBER})\s*(?:[–—]|\.\.+|…|\bto\b)\s*(?P<high>{_NUMBER})(?![\w.])", _RANGE),
    (
        rf"(?P<mid>{_NUMBER})\s*(?:±|\+/?-)\s*{_NUMBER}",
        "'{0}' is a range; write it as a distribution: normal({mid}, SD) or uniform(LOW, HIGH)",
    ),
    (
        rf"(?:[~≈]|\b(?:about|around|roughly)\b)\s*(?P<mid>{_NUMBER})",
        "'{0}' is uncertain; write a distribution: triangular(LOW, {mid}, HIGH)",
    ),
    (
        rf"(?P<step>{_WORD})(?P<mark>@)(?P<number>[0-9]+)\s*==\s*(?P<option>{_WORD})",
        "unexpected '@'; an expression names a step without its round, as in {step} == {option}; to keep what round "
        "{number} came to, add a state with `becomes: 1 if round == {number} and {step} == {option} else STATE`",
    ),
    (
        rf"(?P<step>{_WORD})(?P<mark>@)",
        "unexpected '@'; an expression names a step without its round, as in {step}; to keep what a round came to, "
        "add a state",
    ),
    (
        rf"(?P<name>{_WORD})\s*(?P<sign>[-+*/])(?P<mark>=)\s*(?P<amount>{_WORD}|{_NUMBER}|\([^()]*\))\s*$",
        "unexpected '{sign}='; write {name} {sign} {amount}",
    ),
    (
        rf"(?P<name>{_WORD})\s*(?P<sign>[-+*/])(?P<mark>=)(?!=)",
        "unexpected '{sign}='; write {name} {sign} (...)",
    ),
    (
        rf"(?P<name>{_WORD})\s*(?P<mark>(?P<sign>[-+])(?P=sign))\s*(?:$|[),])",
        "unexpected '{mark}'; write {name} {sign} 1",
    ),
    (r"(?<![\w.])[0-9]+(?:_[0-9]+)+(?![\w.])", "unexpected '_'; write the digits of a number without it"),
    (r"(?<![\w.])[0-9]{1,3}(?:\s[0-9]{3})+(?![\w.])", "unexpected space in '{0}'; write the thousands without it"),
    (r"(?<=\w)\s+is\s+not\b", "unexpected 'is not'; write '!='"),
    (r"(?<=\w)\s+(?P<word>is|equals)\b", "unexpected '{word}'; write '=='"),
    (r"\bin\s*(?P<mark>[({])", "expected '[' after 'in', found '{mark}'; write in [ONE, OTHER]"),
    (rf"(?P<name>{_WORD})\s*(?P<mark>[\[{{])", "unexpected '{mark}'; write {name}(...)"),
    (r"(?<![\w.])[-+]?\.(?:nan|NaN|NAN|inf|Inf|INF)\b", "expected a finite number, found '{0}'"),
    (rf"(?<![\w.]){_NUMBER}\s?(?P<mark>[kKmM]|bn|mn)\b", "unexpected '{mark}'; write out the number, with its zeros"),
    (rf"{_NUMBER}\s*(?P<mark>%)", "unexpected '%'; write 0.05 for 5%"),
    (
        r"(?<![\w.])[0-9]+(?:,[0-9]+)+(?![\w.])",
        "unexpected ','; write numbers with a decimal point, as in 0.5, and without commas",
    ),
    (r";", "unexpected ';'; write a comma between values, and numbers with a decimal point, as in 0.5"),
    (
        r"^\s*[^\W\d]\w*(?:\s+(?!(?:and|or|not|in|if|else)\b)[^\W\d]\w*)+\s*$",
        "'{0}' is text, and an expression is expected, such as STEP == OPTION or 2 * (STEP == OPTION)",
    ),
    (r"[$€£¥]", "unexpected '{0}'; write a number without its unit"),
    (r"(?<=[\d)])\s+[xX](?=\s+[\d(])", "unexpected 'x'; write '*' to multiply"),
    (r"(?<=[\d)])\s*\(", "expected an operator before '('; write '*' to multiply"),
    (r"^\s*(?P<mark>[“”„«»])", "unexpected '{mark}'; write the plain quotation mark \" instead"),
    ("[\"'`“”„‘’«»]", "unexpected quotation mark; write names and options without quotes"),
    *(
        (rf"\b{sign}\b" if sign.isalpha() else re.escape(sign), f"unexpected '{{0}}'; write '{ours}'")
        for ours, signs in _OPERATORS.items()
        for sign in signs
    ),
    (r"(?<![=!<>])=(?!=)", "unexpected '='; write equality as '=='"),
    (r"[}\])]", "unexpected '{0}', which closes nothing; remove it"),
)
"""Patterns, compiled only when a text does not parse, and what to say of them."""

_CHOICE_WORDS = re.compile(r"\b(if|IF|If|then|else|otherwise|when|where)\b|([?])|(?<=[^:])(:)")

_BRACED = re.compile(r"\b(if\b[^{}]*)[{]([^{}]*)[}]")
_BRACED_ELSE = re.compile(r"\b(else)\s*[{]([^{}]*)[}]")


def _choice_message(text: str, missing: str) -> str | None:
    """The message about a choice between two values not written `A if CONDITION else B`; None if it is no choice.

    `missing` stands for B where the text has none.
    """
    first, *rest = _CHOICE_WORDS.split(_BRACED_ELSE.sub(r"\1 \2", _BRACED.sub(r"\1 then \2", text)))
    words = [next(word for word in rest[at : at + 3] if word).lower() for at in range(0, len(rest), 4)]
    parts = [part.strip(" \t\n,;") for part in (first, *rest[3::4])]
    then, condition, otherwise = "", "", missing
    match words:
        case ["if"] if not parts[0] and parts[1].startswith("(") and parts[1].endswith(")") and "," in parts[1]:
            condition, then, *others = [part.strip() for part in parts[1][1:-1].split(",")]
            otherwise = ", ".join(others) or missing
        case ["if"] if not parts[0]:
            return "unexpected 'if'; write a condition without it"
        case ["then"] | ["if", "then"] if not parts[-1]:
            return "unexpected 'then'; write a condition without it"
        case ["if", "then"] | ["if", "then", "else" | "otherwise"] if not parts[0]:
            condition, then, otherwise = (*parts[1:], missing)[:3]
        case ["if" | "when" | "where", "else" | "otherwise"] if parts[0] and words != ["if", "else"] and parts[2]:
            then, condition, otherwise = parts
        case ["if" | "when" | "where", "else" | "otherwise"] if parts[0] and "," in parts[1] and not parts[2]:
            then = parts[0]
            condition, _, otherwise = parts[1].rpartition(",")
        case ["if" | "when" | "where"] if parts[0]:
            then, condition = parts
        case ["?"] | ["?", ":"]:
            condition, then, otherwise = (*parts, missing)[:3]
        case _:
            shape = {"then", "when", "where", "otherwise", "?"} & set(words)
            return "a choice has the form A if CONDITION else B" if shape else None
    written = f"{then.strip()} if {condition.strip()} else {otherwise.strip()}"
    balanced = all(part.count("(") == part.count(")") for part in (then, condition, otherwise))
    shown = f"; write {written}" if balanced and then and condition and len(written) <= WINDOW else ""
    return f"a choice has the form A if CONDITION else B{shown}"


def foreign(text: str, offset: int, otherwise: str = "0") -> tuple[str, int] | None:
    """The message about a text that does not parse at `offset`, and its place; None if no known notation is there.

    `otherwise` is advised for a choice without `else`.

    Examples
    --------
    >>> foreign("if x > 0 then 1 else 0", 0)
    ('a choice has the form A if CONDITION else B; write 1 if x > 0 else 0', 0)
    >>> foreign("a && b", 2)
    ("unexpected '&&'; write 'and'", 2)
    """
    choice = _choice_message(text, otherwise)
    if choice is not None:
        return choice, offset
    if text.count("(") <= text.count(")"):  # what is missing at the end is told by what stands there
        offset = max(min(offset, len(text.rstrip()) - 1), 0)
    begin = max(offset - WINDOW, 0)
    around = text[begin : offset + WINDOW]
    for pattern, message in _HABITS:
        for match in re.finditer(pattern, around):
            if match.start() <= offset - begin < match.end():
                notation, groups = match[0].lstrip(), match.groupdict()
                at = match.start("mark") if "mark" in groups else match.end() - len(notation)
                return message.format(notation, **groups), begin + at
    return None
