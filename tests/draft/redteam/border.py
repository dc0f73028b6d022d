"""A crisis without a weak point that a program finds, and the texts that it cites."""

from __future__ import annotations

from pathlib import Path

from offramp.draft.redteam.examining import Examined, examined
from offramp.draft.redteam.target import target_of

CABLE = "Seven in ten officers expect a raid.\n\nThe raid was promised in public.\n"
MEMO = "The general's mood is known to his staff alone, and four in ten call him tired.\n"
CLEAN = """\
format: 1
title: Border
sources:
  cable: {title: A cable, author: A. Writer, date: 2031-03-01, file: sources/cable.txt}
  memo: {title: A memo, author: B. Writer, date: 2031-03-01, file: sources/memo.txt}
actors:
  north: {name: Northland, rationality: 4}
  south: {name: Southland, rationality: 3}
inputs:
  prize: {name: the prize, is: "uniform(0.5, 1.5)", because: Officers, cite: cable ¶1}
  pain: {name: the pain, is: "uniform(0.6, 1.6)", because: Also officers, cite: cable ¶1}
timeline:
  - {chance: line, name: the red line, odds: {low: 0.4, high: rest}, seen_by: [south], cite: cable ¶1}
  - {chance: mood, name: the mood, odds: {tired: 0.4, keen: rest}, seen_by: [north], because: Staff, cite: memo ¶1}
  - {move: raid, name: the raid, by: north, options: [hold, strike], because: Promised, cite: cable ¶2}
  - {move: reply, name: the reply, by: south, if: raid == strike, options: [absorb, fight], cite: memo ¶1}
payoffs:
  north:
    gain: {pays: prize * (raid == strike) - 0.6 * (mood == tired) * (raid == strike), because: Promised, cite: cable ¶2}
    loss: {pays: -2 * (reply == fight), because: Promised, cite: cable ¶2}
  south:
    face: {pays: -1.2 * (reply == absorb) * (line == low), because: Staff, cite: memo ¶1}
    loss: {pays: -0.5 * pain * (reply == fight), because: Staff, cite: memo ¶1}
endings:
  war: {if: reply == fight, name: a war, avoid: yes}
  calm: {if: otherwise, name: calm}
levers:
  talks: {name: talks, set: {prize: prize / 2}, because: Ours}
"""


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    """The crisis file of `CLEAN` with planted changes, in a folder with its sources."""
    text = CLEAN
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "cable.txt").write_text(CABLE, encoding="utf-8")
    (folder / "sources" / "memo.txt").write_text(MEMO, encoding="utf-8")
    file = folder / "crisis.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def looked_over(folder: Path, *changes: tuple[str, str], document: Path | None = None) -> Examined:
    """What is found in `CLEAN` with planted changes."""
    return examined(target_of(written(folder, *changes), document))


def line_of(folder: Path, words: str) -> int:
    """The line of the crisis file that holds some words."""
    lines = (folder / "crisis.yaml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)
