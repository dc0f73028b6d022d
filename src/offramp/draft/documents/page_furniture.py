"""What of a saved page is not the account: navigation, notices, lists of links, readers' comments.

The page says so itself, by elements and roles, or by the usual words in the names of classes and identifiers. What
holds a large part of the page's words is never left out, whatever its name, so that no account is lost.
"""

from __future__ import annotations

import re

from lxml.etree import _Element as Element

MOST = 0.5
"""Share of the page's words that an element holds at most, if its kind says that it is furniture."""
MOST_NAMED = 0.2
"""Share of the page's words that it holds at most, if only its name says so."""
ELEMENTS = {"nav": "navigation", "aside": "asides", "search": "search", "menu": "navigation"}
ROLES = {
    "navigation": "navigation", "search": "search", "complementary": "asides", "contentinfo": "footers",
    "banner": "headers", "menu": "navigation", "menubar": "navigation", "alertdialog": "notices", "dialog": "notices",
}  # fmt: skip
NAMES = {
    **dict.fromkeys(("nav", "navbar", "navigation", "menu", "breadcrumb", "breadcrumbs", "pagination"), "navigation"),
    **dict.fromkeys(("cookie", "cookies", "consent", "gdpr", "popup", "modal", "paywall"), "notices"),
    **dict.fromkeys(
        ("newsletter", "subscribe", "subscription", "promo", "advert", "advertisement", "ads"), "promotion"
    ),
    **dict.fromkeys(("share", "sharing", "sharedaddy", "social"), "promotion"),
    **dict.fromkeys(("sidebar", "related", "recommended", "trending", "popular"), "asides"),
    **dict.fromkeys(("comments", "disqus", "respond"), "discussion"),
    **dict.fromkeys(("masthead",), "headers"),
    **dict.fromkeys(("footer", "colophon"), "footers"),
}


def furniture(element: Element, in_article: bool, words_of_page: int) -> str | None:
    """What an element is, if it is furniture of the page, such as "navigation"; None otherwise."""
    kind, most = _kind(element, in_article), MOST
    if kind is None:
        kind, most = _named(element), MOST_NAMED
    if kind is None or word_count(" ".join(element.itertext())) > most * words_of_page:
        return None
    return kind


def word_count(text: str) -> int:
    """The number of words of a text."""
    return len(text.split())


def _kind(element: Element, in_article: bool) -> str | None:
    tag = str(element.tag)
    role = (element.get("role") or "").lower()
    if role in ROLES or tag in ELEMENTS:
        return ROLES.get(role) or ELEMENTS[tag]
    if tag == "footer" and not in_article:
        return "footers"
    if tag == "header" and not in_article and element.find(".//h1") is None:
        return "headers"
    return "links" if tag in ("ul", "ol") and _only_links(element) else None


def _named(element: Element) -> str | None:
    if not element.get("class") and not element.get("id"):
        return None
    names = re.split(r"[\s_-]+", f"{element.get('class') or ''} {element.get('id') or ''}".lower())
    return next((NAMES[name] for name in names if name in NAMES), None)


def _only_links(element: Element) -> bool:
    """Whether a list has several items, and no text outside links."""
    links = list(element.iter("a"))
    if len(links) < 2 or len(element) < 2:
        return False
    in_links = sum(len("".join(link.itertext()).strip()) for link in links)
    return in_links > 0 and in_links >= len("".join("".join(element.itertext()).split())) * 0.9
