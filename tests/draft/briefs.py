"""A small brief for tests: an incident in a harbour, with every kind of record."""

from __future__ import annotations

from typing import Any

PARAGRAPHS = (
    "Northland's patrol boat was sunk in a harbour of Southland.",
    "Northland has promised an answer; nine in ten observers expect a volley.",
    "Southland's red line is known to nobody else, and its envoys may pass a word on.",
)
PROMISED = {"quote": "Northland has promised an answer", "para": 2}
UNKNOWN = {"quote": "Southland’s red line is known to nobody else", "para": 3}
EXPECTED = {"quote": "nine in ten observers expect a volley", "para": 1}
OURS = {"ours": True}


def harbour() -> dict[str, Any]:
    """The brief of the incident as the JSON of an answer; quotes are exact, folded and in another paragraph."""
    return {
        "title": "Harbour incident",
        "summary": "A patrol boat was sunk; an answer is promised.",
        "actors": [
            {
                "key": "north",
                "name": "Northland",
                "wants": "To keep its promise",
                "says": "It has promised",
                **PROMISED,
            },
            {"key": "south", "name": "Southland", "says": "It has a red line", **UNKNOWN},
        ],
        "moves": [
            {"key": "word", "name": "Northland's word", "by": "north", "says": "It can send a word", **OURS},
            {"key": "answer", "name": "Northland's answer", "by": "north", "says": "It must answer", **PROMISED},
            {"key": "reply", "name": "Southland's reply", "by": "south", "says": "It can reply", **OURS},
            {"key": "ally_part", "name": "the ally's part", "by": "south", "says": "It can join", **OURS},
        ],
        "unknowns": [
            {"key": "red_line", "name": "Southland's red line", "says": "Only Southland knows it", **UNKNOWN},
            {"key": "hit", "name": "the hit", "says": "A volley may hit", **EXPECTED},
        ],
        "options": [
            {"of": "word", "key": "silent", "name": "silence", "says": "No word", **OURS},
            {"of": "word", "key": "sent", "name": "a word", "says": "A word is sent", **OURS},
            {"of": "answer", "key": "stand_down", "name": "no answer", "says": "It stands down", **OURS},
            {"of": "answer", "key": "staged", "name": "a staged answer", "says": "It was announced", **OURS},
            {
                "of": "answer",
                "key": "volley",
                "name": "a volley",
                "value": 2,
                "says": "Observers expect it",
                **EXPECTED,
            },
            {"of": "reply", "key": "absorb", "name": "no reply", "says": "It lets it pass", **OURS},
            {"of": "reply", "key": "truce", "name": "a truce", "says": "It offers a truce", **OURS},
            {"of": "reply", "key": "all_out", "name": "war", "says": "It goes to war", **OURS},
            {"of": "ally_part", "key": "hold", "name": "holding still", "says": "It holds", **OURS},
            {"of": "ally_part", "key": "join", "name": "joining in", "says": "It joins", **OURS},
            {"of": "red_line", "key": "low", "name": "a low red line", "says": "It bears little", **OURS},
            {"of": "red_line", "key": "high", "name": "a high red line", "says": "It bears much", **OURS},
            {"of": "hit", "key": "hits", "name": "a hit", "says": "It hits", **OURS},
            {"of": "hit", "key": "misses", "name": "a miss", "says": "It misses", **OURS},
        ],
        "steps": [
            {"kind": "chance", "key": "red_line", "seen_by": ["south"], "says": "It is hidden", **UNKNOWN},
            {"kind": "move", "key": "word", "seen_by": [], "says": "Nobody sees it", **OURS},
            {
                "kind": "tell",
                "key": "word_told",
                "of": "word",
                "to": ["south"],
                "happens_if": "word == sent",
                "says": "A word that is sent arrives",
                **OURS,
            },
            {"kind": "move", "key": "answer", "in_rounds": True, "together": "both", "says": "It comes first", **OURS},
            {"kind": "move", "key": "ally_part", "in_rounds": True, "together": "both", "says": "At once", **OURS},
            {
                "kind": "chance",
                "key": "hit",
                "happens_if": "answer != stand_down",
                "in_rounds": True,
                "says": "A strike hits or not",
                **OURS,
            },
            {
                "kind": "move",
                "key": "reply",
                "happens_if": "answer != stand_down",
                "in_rounds": True,
                "says": "It comes after a strike",
                **OURS,
            },
            {
                "kind": "state",
                "key": "war",
                "name": "war",
                "start": 0,
                "becomes": "max(war, reply == all_out)",
                "in_rounds": True,
                "says": "War is remembered",
                **OURS,
            },
        ],
        "rounds": {"count": 2, "until": "war == 1"},
        "restrictions": [
            {"of": "answer", "option": "staged", "only_if": "word == sent", "says": "Somebody must know", **OURS},
            {"of": "reply", "option": "truce", "closed": True, "says": "Only with a mediator", **OURS},
        ],
        "inputs": [
            {
                "key": "war_cost",
                "name": "what war costs",
                "is": "triangular(4, 6, 9)",
                "unit": "lost rounds",
                "says": "War is dear",
                **OURS,
            },
            {"key": "low_odds", "name": "the odds of a low red line", "is": 0.4, "says": "It is hidden", **UNKNOWN},
            {"key": "hit_odds", "name": "the odds of a hit", "is": "beta(9, 1)", "says": "Most expect it", **EXPECTED},
        ],
        "odds": [
            {
                "key": "low",
                "step": "red_line",
                "option": "low",
                "odds": "low_odds",
                "says": "As the input has it",
                **OURS,
            },
            {"key": "high", "step": "red_line", "option": "high", "odds": "rest", "says": "The rest", **OURS},
            {
                "key": "feared",
                "step": "red_line",
                "option": "low",
                "odds": "low_odds / 2",
                "believed_by": "north",
                "says": "Northland thinks it less likely",
                **OURS,
            },
            {
                "key": "hoped",
                "step": "red_line",
                "option": "high",
                "odds": "rest",
                "believed_by": "north",
                "says": "The rest",
                **OURS,
            },
            {
                "key": "staged_hits",
                "step": "hit",
                "option": "hits",
                "odds": "hit_odds / 4",
                "when": "answer == staged",
                "says": "A staged answer hits less",
                **OURS,
            },
            {
                "key": "staged_misses",
                "step": "hit",
                "option": "misses",
                "odds": "rest",
                "when": "answer == staged",
                "says": "The rest",
                **OURS,
            },
            {"key": "hits", "step": "hit", "option": "hits", "odds": "hit_odds", "says": "A volley", **EXPECTED},
            {"key": "misses", "step": "hit", "option": "misses", "odds": "rest", "says": "The rest", **OURS},
        ],
        "lets": [{"key": "struck", "is": "answer in [staged, volley]"}],
        "stakes": [
            {
                "actor": "north",
                "key": "face",
                "name": "face",
                "pays": "-1 * (answer == stand_down)",
                "when": "each_round",
                "says": "It has promised",
                **PROMISED,
            },
            {
                "actor": "north",
                "key": "war",
                "name": "war",
                "pays": "-war_cost * war",
                "when": "end",
                "says": "War is dear",
                **OURS,
            },
            {
                "actor": "south",
                "key": "face",
                "name": "face",
                "when": "each_round",
                "says": "A hit hurts",
                **OURS,
                "pays": "(-1 - 3 * (red_line == low)) * (reply == absorb) * struck * (1 + (hit == hits))",
            },
            {
                "actor": "south",
                "key": "company",
                "name": "company",
                "pays": "0.2 * (ally_part == join) - 0.1",
                "when": "each_round",
                "says": "It is easier together",
                **OURS,
            },
            {
                "actor": "south",
                "key": "war",
                "name": "war",
                "pays": "-war_cost * war",
                "when": "end",
                "says": "War is dear",
                **OURS,
            },
        ],
        "endings": [
            {"key": "war_comes", "name": "the war", "if": "war == 1", "avoid": True, "says": "It is feared", **OURS},
            {"key": "joined", "name": "a joint stand", "if": "ally_part == join", "says": "It joined", **OURS},
            {"key": "calm", "name": "calm", "if": "otherwise", "says": "All else", **OURS},
        ],
        "levers": [
            {"key": "mediation", "name": "a mediator", "cost": 1, "says": "A mediator brings a truce", **OURS},
            {"key": "pact", "name": "a pact", "cost": 0.5, "says": "A pact binds", **OURS},
        ],
        "lever_acts": [
            {"lever": "mediation", "act": "allow", "on": "reply", "value": "truce"},
            {"lever": "mediation", "act": "set", "on": "war_cost", "value": "war_cost + 1"},
            {"lever": "pact", "act": "forbid", "on": "answer", "value": "volley"},
            {"lever": "pact", "act": "forbid", "on": "answer", "value": "staged"},
            {"lever": "pact", "act": "commit", "on": "ally_part", "value": "hold"},
        ],
        "left_out": [
            {"key": "harbour", "says": "Whose harbour it was", "quote": "in a harbour of Southland", "para": 1}
        ],
        "notes": [{"says": "The ally has no name in the document"}],
    }
