"""A card for each folder of crises: its title, its first paragraph, and its picture if it has one."""

import re
from pathlib import Path

PICTURES = ("picture.svg", "picture.png")


def plain(markdown: str) -> str:
    """One line of Markdown without links, so that it can stand in a card that is itself a link."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(markdown.split()))


def card(readme: Path) -> list[str]:
    title, *paragraphs = readme.read_text(encoding="utf-8").strip().split("\n\n")
    picture = next((name for name in PICTURES if (readme.parent / name).is_file()), None)
    name = readme.parent.name
    return [
        f":::{{grid-item-card}} {plain(title.lstrip('# '))}",
        f":link: /crises/{name}/README",
        ":link-type: doc",
        *([f":img-bottom: /crises/{name}/{picture}", f":img-alt: A picture of {name}"] if picture else []),
        "",
        plain(next((text for text in paragraphs if text[0] not in "#!<|`"), "")),
        ":::",
    ]


def crisis_cards(root: Path) -> str:
    """A grid of all crises, and their pages in the navigation."""
    cards = [line for readme in sorted(root.glob("crises/*/README.md")) for line in card(readme)]
    pages = ["```{toctree}", ":hidden:", ":glob:", "", "/crises/*/README", "```"]
    return "\n".join(["::::{grid} 1 1 2 2", ":gutter: 3", *cards, "::::", "", *pages])
