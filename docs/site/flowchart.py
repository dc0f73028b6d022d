"""A mermaid flowchart that is one chain of boxes, drawn as a picture from top to bottom, which fits a phone."""

import re
from html import escape
from itertools import pairwise

ARROW = re.compile(r'^\s*(\w+)(?:\(\["(.+?)"\]\))? -->\|"(.+?)"\| (\w+)(?:\(\["(.+?)"\]\))?$', re.M)
WIDTH, BOX, HEIGHT, STEP, LEFT = 350, 190, 34, 76, 1


def drawn(chart: str) -> str:
    """The chart as an SVG inside raw HTML; a chart that is no chain is an error of its writer."""
    arrows = ARROW.findall(chart)
    if not arrows or any(before[3] != after[0] for before, after in pairwise(arrows)):
        raise ValueError("the site draws a flowchart that is one chain of arrows with words on them")
    first, last = arrows[0], arrows[-1]
    boxes = [first[1] or first[0], *(arrow[4] or arrow[3] for arrow in arrows)]
    height = STEP * (len(boxes) - 1) + HEIGHT + 4
    said = f"{first[1] or first[0]} to {last[4] or last[3]}: " + ", ".join(boxes)
    lines = [
        f'<svg class="flowchart" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(said)}" xmlns="http://www.w3.org/2000/svg">'
    ]
    middle = LEFT + BOX / 2
    for place, name in enumerate(boxes):
        top = 2 + STEP * place
        lines.append(f'<rect x="{LEFT}" y="{top}" width="{BOX}" height="{HEIGHT}" rx="6"/>')
        lines.append(f'<text x="{middle}" y="{top + 22}" text-anchor="middle">{escape(name)}</text>')
    for place, arrow in enumerate(arrows):
        top = 2 + STEP * place + HEIGHT
        end = top + STEP - HEIGHT
        lines.append(f'<path d="M{LEFT + 24} {top} V{end - 2} m-5 -8 l5 8 l5 -8"/>')
        lines.append(f'<text class="by" x="{LEFT + 38}" y="{(top + end) / 2 + 4}">{escape(arrow[2])}</text>')
    return "\n".join(["```{raw} html", *lines, "</svg>", "```"])
