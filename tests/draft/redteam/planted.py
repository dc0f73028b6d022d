"""Crises of two fictional accounts with planted gaps, what a scripted model answers, and what is to come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ACCOUNTS = Path(__file__).parents[2] / "accounts"


@dataclass(frozen=True)
class Planted:
    """A crisis with gaps against its account, the answers to both questions, and the points expected of them.

    `expected`: by `WeakPoint.about`, the kind, what becomes of the quote, its paragraph, and the line that it names.
    """

    account: str
    missing: dict[str, Any]
    support: dict[str, Any]
    expected: dict[str, tuple[str, str, int | None, str]]
    left_out: tuple[str, ...] = field(default=())

    @property
    def crisis(self) -> str:
        return Path(__file__).with_name(f"{Path(self.account).parent}.yaml").read_text(encoding="utf-8")

    @property
    def document(self) -> Path:
        return ACCOUNTS / self.account


LAMPERT = Planted(
    "lampert_strait/account.md",
    {
        "missing": [
            {"what": "actor", "name": "The League of the Northern Seas", "says": "Lund could propose a swap.",
             "quote": "He could propose a swap: the ship's records for the crew.", "para": 9},
            {"what": "option", "of": "answer", "name": "Arbitration by the League", "says": "Amsel could ask for it.",
             "quote": "to ask the league of the northern seas to arbitrate", "para": 8},
            {"what": "option", "of": "Corvane's charge", "name": "Letting everything go", "says": "He may let all go.",
             "quote": "He may let everything go with an apology asked for and not received.", "para": 4},
            {"what": "Hidden_Fact", "name": "The councillors' letter", "says": "It would make his threats noise.",
             "quote": "a letter, signed by four of the seven councillors, that forbids a trial", "para": 12},
            {"what": "ending", "name": "Everyone home", "says": "Ship and all come home.",
             "quote": "Everyone home, ship and all", "para": 19},
            {"what": "actor", "name": "The families", "says": "They press the minister.",
             "quote": "the families will bring the government down", "para": 15},
            {"what": "option", "of": "mediation", "name": "A saint's day", "says": "Both could use it.", "ours": True},
            {"what": "ending", "name": "PRISONERS", "says": "A trial and sentences.", "ours": True},
        ],
        "notes": ["The hotel matters to nothing."],
    },
    {
        "unsupported": [
            {"claim": 2, "says": "¶15 speaks of the frost and of the families; the batteries are in ¶16.",
             "quote": "My guess is that one time in three the batteries would fire", "para": 16},
            {"claim": 3, "says": "That he is tired of the sea says nothing of what backing down costs.", "ours": True},
            {"claim": 99, "says": "There is none.", "ours": True},
        ]
    },
    {
        "actors: The League of the Northern Seas": ("missing actor", "exact", 9, ""),
        "timeline.answer: Arbitration by the League": ("missing option", "folded", 8, "move: answer"),
        "timeline.charge: Letting everything go": ("missing option", "elsewhere", 7, "move: charge"),
        "timeline: The councillors' letter": ("missing hidden fact", "exact", 12, ""),
        "endings: Everyone home": ("missing ending", "exact", 19, ""),
        "actors: The families": ("missing actor", "failed", None, ""),
        "timeline: A saint's day": ("missing option", "none", None, ""),
        "inputs.fire: ¶15": ("unsupported claim", "exact", 16, "fire: {name"),
        "inputs.shame: “said to be tired of the sea” (¶7)": ("unsupported claim", "none", None, "shame: {name"),
    },
    (
        "ending 'PRISONERS': left out, because the crisis has one of that name",
        "The model notes: The hotel matters to nothing.",
        "claim 99: left out, because there are 7 claims",
    ),
)  # fmt: skip

KELL = Planted(
    "kell_dam/account.txt",
    {
        "missing": [
            {"what": "actor", "name": "General Pohl", "says": "Whether he would obey is open.",
             "quote": "whether Hask's army would obey an order to cross", "para": 8},
            {"what": "actor", "name": "The River Commission", "says": "It can order a slow filling.",
             "quote": "It can order a slow filling, it can declare itself without power", "para": 9},
            {"what": "option", "of": "filling", "name": "Putting it off", "says": "She could put the filling off.",
             "quote": "put the filling off altogether until there is a treaty", "para": 5},
            {"what": "hidden fact", "name": "A leak in the abutment", "says": "Only the engineers know.",
             "quote": "something that only the Varrow engineers know: whether the east abutment leaks", "para": 7},
            {"what": "ending", "name": "The wall gives way", "says": "Twenty thousand live below it.",
             "quote": "the wall itself giving way with twenty thousand people living below it", "para": 12},
        ]
    },
    {"unsupported": [{"claim": 1, "says": "¶13 is about visas and herons.",
                      "quote": "She has promised light in every village by the autumn vote", "para": 5}], "notes": []},
    {
        "actors: General Pohl": ("missing actor", "exact", 8, ""),
        "actors: The River Commission": ("missing actor", "exact", 9, ""),
        "timeline.filling: Putting it off": ("missing option", "exact", 5, "move: filling"),
        "timeline: A leak in the abutment": ("missing hidden fact", "exact", 7, ""),
        "endings: The wall gives way": ("missing ending", "exact", 12, ""),
        "inputs.vote: ¶13": ("unsupported claim", "exact", 5, "vote: {name"),
    },
)  # fmt: skip
PLANTED = {"lampert_strait": LAMPERT, "kell_dam": KELL}


def written_planted(planted: Planted, folder: Path) -> Path:
    """The crisis file of a planted crisis."""
    file = folder / "crisis.yaml"
    file.write_text(planted.crisis, encoding="utf-8")
    return file
