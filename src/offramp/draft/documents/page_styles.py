"""What a page's own styles say about whether a reader sees a text: a small part of CSS.

Read are the rules of `<style>` and of `style` attributes that hide, shrink, move or colour a text. Selectors may have
element names, classes, identifiers, attributes, descendants and children; a rule with any other selector is left out,
such as one for a link under the pointer. Style sheets in other files are not read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from lxml.etree import _Element as Element

Declarations = dict[str, str]
Colour = tuple[int, int, int]

MAX_RULES = 20_000
"""Rules read at most, of those that matter."""
PROPERTIES = frozenset(
    {
        "display", "visibility", "opacity", "color", "background", "background-color", "background-image", "font",
        "font-size", "filter", "scale",
        "position", "left", "top", "right", "text-indent", "clip", "clip-path", "width", "height",
        "max-height", "max-width", "overflow", "content-visibility", "transform", "-webkit-text-fill-color",
    }
)  # fmt: skip
WHITE: Colour = (255, 255, 255)
COLOURS: dict[str, Colour] = {
    "white": WHITE, "black": (0, 0, 0), "snow": (255, 250, 250), "ivory": (255, 255, 240), "azure": (240, 255, 255),
    "mintcream": (245, 255, 250), "ghostwhite": (248, 248, 255), "whitesmoke": (245, 245, 245),
    "floralwhite": (255, 250, 240), "seashell": (255, 245, 238), "aliceblue": (240, 248, 255),
    "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192), "red": (255, 0, 0),
    "blue": (0, 0, 255), "green": (0, 128, 0), "yellow": (255, 255, 0), "navy": (0, 0, 128),
}  # fmt: skip
ALIKE = 16
"""Colours whose parts, of 255, differ by no more than this cannot be told apart as text and ground."""

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))")
_COMPOUND = re.compile(r"([a-zA-Z][\w-]*|\*)?((?:[.#][\w-]+|\[[\w-]+(?:=(?:\"[^\"]*\"|'[^']*'|[\w-]+))?\])*)")
_PART = re.compile(r"[.#][\w-]+|\[[^\]]*\]")
_LENGTH = re.compile(r"([+-]?\d*\.?\d+)(px|pt|em|rem|ex|%|vw|vh|cm|mm|in)?")
_PIXELS = {None: 1.0, "px": 1.0, "pt": 4 / 3, "cm": 37.8, "mm": 3.78, "in": 96.0, "vw": 10.0, "vh": 8.0, "rem": 16.0}


@dataclass(frozen=True)
class _Compound:
    """Conditions on one element: its name, identifier, classes and attributes; `child`: of the next one's child."""

    tag: str | None
    names: frozenset[str]
    classes: frozenset[str]
    attributes: tuple[tuple[str, str | None], ...]
    child: bool = False

    def fits(self, element: Element) -> bool:
        return (
            (self.tag is None or element.tag == self.tag)
            and all(element.get("id") == name for name in self.names)
            and self.classes <= set((element.get("class") or "").split())
            and all(
                element.get(name) is not None and value in (None, element.get(name)) for name, value in self.attributes
            )
        )


@dataclass(frozen=True)
class _Rule:
    """A selector, from the element outwards, with its weight in the cascade and its declarations."""

    compounds: tuple[_Compound, ...]
    weight: tuple[int, int, int, int]
    declarations: Declarations

    def fits(self, element: Element) -> bool:
        if not self.compounds[0].fits(element):
            return False
        place: Element | None = element
        for inner, outer in pairwise(self.compounds):
            place = place.getparent() if place is not None else None
            while place is not None and not outer.fits(place):
                place = None if inner.child else place.getparent()
            if place is None:
                return False
        return True


@dataclass
class Styles:
    """The rules of a page, by what the element itself must be or have."""

    rules: dict[str, list[_Rule]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0

    def read(self, sheet: str) -> None:
        """Add the rules of a style sheet."""
        for selectors, body in _blocks(_COMMENT.sub(" ", sheet)):
            declarations = declared(body)
            for selector in selectors.split(",") if declarations else ():
                compounds = _compounds(selector)
                if compounds is None or self.count >= MAX_RULES:
                    continue
                self.count += 1
                weight = (
                    sum(len(one.names) for one in compounds),
                    sum(len(one.classes) + len(one.attributes) for one in compounds),
                    sum(one.tag is not None for one in compounds),
                    self.count,
                )
                self.rules[_key(compounds[0])].append(_Rule(compounds, weight, declarations))

    def of(self, element: Element) -> Declarations:
        """What the page declares for an element, the strongest last."""
        keys = [str(element.tag), "*", *(f".{name}" for name in (element.get("class") or "").split())]
        if identifier := element.get("id"):
            keys.append(f"#{identifier}")
        fitting = [rule for key in keys for rule in self.rules.get(key, ()) if rule.fits(element)]
        fitting.sort(key=lambda rule: rule.weight)
        layers = [rule.declarations for rule in fitting]
        if style := element.get("style"):
            layers.append(declared(style))
        result: Declarations = {}
        for important in (False, True):
            for layer in layers:
                for name, value in layer.items():
                    if value.endswith("!important") == important:
                        result[name] = value.removesuffix("!important").strip()
        return result


def declared(body: str) -> Declarations:
    """The declarations of a block or of a `style` attribute that matter here, in lower case."""
    plain = _ESCAPE.sub(_unescaped, _COMMENT.sub(" ", body)).lower()
    pairs = (part.partition(":") for part in plain.split(";"))
    return {
        name.strip(): re.sub(r"\s*!\s*important", "!important", " ".join(value.split()))
        for name, _, value in pairs
        if name.strip() in PROPERTIES and value.strip()
    }


def _unescaped(match: re.Match[str]) -> str:
    """The character that an escape of CSS stands for, which is its number."""
    return chr(int(match[1], 16)) if match[1] and int(match[1], 16) < 0x110000 else match[2] or ""


def pixels(length: str, font: float = 16.0) -> float | None:
    """A length in pixels, None if it is not one; em and % are of `font`.

    Examples
    --------
    >>> pixels("0"), pixels("-9999px"), pixels("50%", 20.0), pixels("auto")
    (0.0, -9999.0, 10.0, None)
    """
    match = _LENGTH.fullmatch(length.strip().removeprefix("calc(").removesuffix(")").strip())
    if match is None:
        return None
    unit = match[2]
    scale = {"em": font, "ex": font / 2, "%": font / 100}.get(unit or "") or _PIXELS[unit]
    return float(match[1]) * scale


def colour(text: str) -> Colour | None:
    """A colour as red, green and blue of 255; None if it is not known, or lets the ground through.

    Examples
    --------
    >>> colour("#fff"), colour("rgb(255 255 250)"), colour("rgba(0, 0, 0, 0.5)"), colour("inherit")
    ((255, 255, 255), (255, 255, 250), None, None)
    """
    text = text.strip()
    if match := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", text):
        digits = match[1] if len(match[1]) == 6 else "".join(2 * digit for digit in match[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    parts = _parts(text)
    if len(parts) == 3 or (len(parts) == 4 and parts[3] >= 0.95):
        return int(parts[0]), int(parts[1]), int(parts[2])
    if match := re.fullmatch(r"hsl\(\s*[\d.]+(?:deg)?[\s,]+([\d.]+)%[\s,]+([\d.]+)%\s*\)", text):
        level = min(round(2.55 * float(match[2])), 255)
        return (level, level, level) if level in (0, 255) or float(match[1]) < 5.0 else None
    return COLOURS.get(text)


def is_transparent(text: str) -> bool:
    """Whether a colour shows nothing."""
    parts = _parts(text)
    return text == "transparent" or (len(parts) == 4 and parts[3] < 0.05)


def _parts(text: str) -> list[float]:
    """The numbers of `rgb(...)` or `rgba(...)`: three of 255, and how opaque it is; empty if it is something else."""
    match = re.fullmatch(r"rgba?\(([^()]{5,60})\)", text.strip())
    words = [word for word in re.split(r"[\s,/]+", match[1].strip()) if word] if match else []
    values = [pixels(word, 255.0 if index < 3 else 1.0) for index, word in enumerate(words)]
    return [value for value in values if value is not None] if None not in values else []


def alike(one: Colour | None, other: Colour | None) -> bool:
    """Whether two known colours cannot be told apart."""
    return one is not None and other is not None and max(abs(a - b) for a, b in zip(one, other, strict=True)) <= ALIKE


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """The selectors and the body of each rule, also of those inside `@media screen` and the like."""
    closing: list[bool] = []  # for each open group: whether its rules count
    start = 0
    for match in re.finditer(r"[{};]", sheet):
        head = sheet[start : match.start()].strip()
        sign, start = match[0], match.end()
        if sign == "{":
            counts = all(closing)
            if head.startswith("@"):
                closing.append(counts and _for_screen(head.lower()))
            else:
                end = sheet.find("}", start)
                if counts:
                    yield head, sheet[start : end if end >= 0 else len(sheet)]
                closing.append(False)  # what is inside is no rule
        elif sign == "}" and closing:
            closing.pop()


def _for_screen(head: str) -> bool:
    """Whether the rules of a group are for a reader at a screen of usual size."""
    if head.startswith("@media"):
        return "print" not in head and "speech" not in head and "not" not in head and "max-" not in head
    return head.startswith(("@supports", "@layer", "@container"))


def _compounds(selector: str) -> tuple[_Compound, ...] | None:
    """A selector from the element outwards, or None if it is of another kind."""
    compounds: list[_Compound] = []
    child = False
    for word in reversed(selector.replace(">", " > ").split()):
        if word == ">":
            if not compounds or child:
                return None
            child = True
            continue
        match = _COMPOUND.fullmatch(word)
        if match is None:
            return None
        if compounds and child:
            compounds[-1] = replace(compounds[-1], child=True)
        child = False
        parts = _PART.findall(match[2])
        attributes = [part[1:-1].partition("=") for part in parts if part[0] == "["]
        compounds.append(
            _Compound(
                match[1].lower() if match[1] and match[1] != "*" else None,
                frozenset(part[1:] for part in parts if part[0] == "#"),
                frozenset(part[1:] for part in parts if part[0] == "."),
                tuple((name.lower(), value.strip("\"'") if sign else None) for name, sign, value in attributes),
            )
        )
    return tuple(compounds) if compounds and not child else None


def _key(compound: _Compound) -> str:
    """Where a rule is looked up: by an identifier, a class or the name of the element."""
    if compound.names:
        return f"#{min(compound.names)}"
    return f".{min(compound.classes)}" if compound.classes else compound.tag or "*"
