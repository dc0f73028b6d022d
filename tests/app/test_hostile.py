"""Crises made to hurt are refused in a sentence, and nobody else waits for them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.app.served import Served
from tests.crisis.hostile import CASES


def flips(count: int) -> str:
    """A crisis with so many coins that all count: 2 to the power of that many histories."""
    coins = "".join(f"  - {{chance: c{number}, odds: {{a: 0.5, b: rest}}}}\n" for number in range(count))
    heads = " + ".join(f"(c{number} == a)" for number in range(count))
    return (
        f"format: 1\ntitle: Coins\nactors: {{north: {{name: North}}}}\ntimeline:\n{coins}"
        f"  - {{move: answer, by: north, options: [hold, strike]}}\n"
        f"payoffs: {{north: {{gain: (answer == hold) * ({heads})}}}}\n"
        "endings: {war: answer == strike, quiet: otherwise}\n"
    )


@pytest.mark.parametrize("coins", [18, 40])
def test_a_crisis_of_a_million_million_histories_is_told_to_be_too_large(served: Served, coins: int) -> None:
    answer = served.solve(flips(coins))
    assert answer.status_code == 422
    assert "too large" in answer.json()["error"]
    assert "--max-nodes N" in answer.json()["error"]
    checked = served.client.post("/api/check", json={"path": "a.yaml", "text": flips(coins)}).json()
    assert any("too large" in fault["message"] for fault in checked["faults"])


def test_large_crises_do_not_keep_others_waiting(served: Served) -> None:
    def large(number: int) -> int:
        text = flips(14) + f"# {number}\n"
        with served.anonymous(Authorization=f"Bearer {served.token}") as client:
            body = served.setting(text) | {"client": f"large {number}", "number": 1}
            return client.post("/api/solve", json=body).status_code

    assert served.solve().status_code == 200
    with ThreadPoolExecutor(8) as threads:
        heavy = [threads.submit(large, number) for number in range(8)]
        for number in range(5):
            assert served.solve(given={"gain": number / 5}).status_code == 200
        assert not all(each.done() for each in heavy)
        assert {each.result() for each in heavy} <= {200, 503}


@pytest.mark.parametrize("name", ["a billion laughs", "ten thousand brackets", "an anchor in itself, often"])
def test_files_made_to_hurt_are_refused_in_a_sentence(served: Served, name: str) -> None:
    make, message = CASES[name]
    answer = served.solve(make())
    assert answer.status_code == 422
    assert message in answer.json()["error"]
    assert served.solve().status_code == 200


def test_odd_characters_are_no_fault_of_the_program(served: Served) -> None:
    for text in ("\0", "\ud800", "\ufeff", "{", "title: \x85", "é" * 1000, "- " * 1000):
        for call, more in (("check", {}), ("solve", {"client": "odd", "number": 1})):
            body = json.dumps({"path": "a.yaml", "text": text} | more)
            answer = served.client.post(f"/api/{call}", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 422 or not answer.json()["ok"]
