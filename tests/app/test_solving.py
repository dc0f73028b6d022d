"""What the workbench says of a setting is what `offramp solve` says of it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import httpx
import numpy as np
import pytest

import offramp
from offramp.crisis.reading import read_text
from offramp.gambit.opening import compile_game
from offramp.study.lead import lead as report_lead
from offramp.study.wording import odds_word
from tests.app.served import SMALL, Served


def endings(text: str, path: str = "x.yaml", levers: tuple[str, ...] = (), **more: object) -> dict[str, float]:
    """The endings of a traced solve."""
    game = compile_game(read_text(text.encode(), path).with_levers(*levers))
    return dict(offramp.solve(game, **more).endings)  # type: ignore[arg-type]


def test_a_slider_step_gives_the_endings_of_a_traced_solve(served: Served) -> None:
    text = (served.folder / "crisis.yaml").read_text(encoding="utf-8")
    crisis = offramp.read(served.folder / "crisis.yaml")
    name = next(iter(crisis.inputs))
    for share in (0.05, 0.5, 0.95):
        value = float(crisis.inputs[name].distribution.quantile(np.array([share]))[0])
        said = served.solve(text, given={name: value}).json()
        assert said["converged"]
        assert said["endings"] == pytest.approx(endings(text, given={name: value}), abs=1e-7)


def test_levers_and_rationality_count(served: Served) -> None:
    for more in ({"levers": ["hotline"]}, {"rationality": 0.5}, {"given": {"gain": 1.75}, "levers": ["hotline"]}):
        said = served.solve(SMALL, **more).json()
        levers = tuple(more.get("levers", ()))  # type: ignore[call-overload]
        asked = {name: value for name, value in more.items() if name != "levers"}
        assert said["endings"] == pytest.approx(endings(SMALL, levers=levers, **asked), abs=1e-8)
        assert set(said["payoffs"]) == {"north", "south"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"given": {"gian": 1.0}}, "gain"),
        ({"levers": ["hotlien"]}, "hotline"),
        ({"rationality": -1.0}, "rationality"),
    ],
)
def test_a_mistake_is_answered_with_the_nearest_right_word(served: Served, wrong: dict[str, object], said: str) -> None:
    answer = served.solve(SMALL, **wrong)
    assert answer.status_code == 422
    assert said in answer.json()["error"]


def test_a_text_with_faults_is_answered_with_them(served: Served) -> None:
    answer = served.solve(SMALL.replace("by: south", "by: suoth"))
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("line 9: ")
    assert answer.json()["faults"][0]["line"] == 9
    assert "more mistake" not in answer.json()["error"]


def test_how_many_more_mistakes_a_text_has_is_not_taken_for_a_count_of_words(served: Served) -> None:
    answer = served.solve(SMALL.replace("by: south", "by: zebra").replace("gain / 2", "giraffe / 2"))
    first, second = answer.json()["faults"]
    assert first["line"] < second["line"]
    assert answer.json()["error"] == f"line {first['line']}: {first['message']} (the file has 1 more mistake)"


def test_a_step_that_comes_after_a_later_one_is_stale(served: Served) -> None:
    steps = [served.setting() | {"client": "order", "number": number} for number in (5, 4, 5, 6)]
    answers = [served.client.post("/api/solve", json=step) for step in steps]
    assert [answer.status_code for answer in answers] == [200, 409, 200, 200]
    assert answers[1].json()["stale"] is True
    assert answers[3].json()["number"] == 6


def test_of_many_steps_at_once_the_last_is_answered_and_the_others_are_stale_or_answered(served: Served) -> None:
    def step(number: int) -> httpx.Response:
        body = served.setting(given={"gain": number / 40}) | {"client": "many", "number": number}
        return served.client.post("/api/solve", json=body)

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(step, range(40)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert answers[-1].status_code == 200
    game = compile_game(read_text(SMALL.encode(), "x.yaml"))
    for number, answer in enumerate(answers):
        if answer.status_code == 200:
            expected = offramp.solve(game, given={"gain": number / 40}).endings
            assert answer.json()["endings"] == pytest.approx(dict(expected), abs=1e-8)


def test_twenty_people_at_once_get_their_own_values(served: Served) -> None:
    game = compile_game(read_text(SMALL.encode(), "x.yaml"))
    wrong: list[str] = []

    def person(place: int) -> None:
        with served.anonymous(Authorization=f"Bearer {served.token}") as client:
            for number in range(8):
                given = {"gain": (place + number / 8) / 10}
                body = served.setting(given=given) | {"client": f"person {place}", "number": number}
                answer = client.post("/api/solve", json=body)
                expected = dict(offramp.solve(game, given=given).endings)
                if answer.status_code != 200 or answer.json()["endings"] != pytest.approx(expected, abs=1e-8):
                    wrong.append(answer.text)

    people = [threading.Thread(target=person, args=(place,)) for place in range(20)]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join()
    assert wrong == []


def test_where_the_slider_rests_the_branch_is_followed_and_play_is_drawn(served: Served) -> None:
    said = served.client.post("/api/settle", json=served.setting(given={"gain": 1.5}, width=800)).json()
    solution = offramp.solve(compile_game(read_text(SMALL.encode(), "x.yaml")), given={"gain": 1.5})
    assert said["status"] == solution.status == "principal"
    assert said["endings"] == pytest.approx(dict(solution.endings), abs=1e-12)
    assert said["rationality"] == {"north": 2.0, "south": 2.0}
    assert said["timeline"].startswith("<svg")
    assert " style=" not in said["timeline"]
    answer = next(move for move in said["moves"] if move["step"] == "answer")
    assert answer["options"] == pytest.approx(dict(solution.moves[0].options), abs=1e-12)
    assert answer["reached"] == pytest.approx(1.0)


def test_the_spread_holds_what_is_given(served: Served) -> None:
    said = served.client.post("/api/spread", json=served.setting(draws=128)).json()
    assert (said["draws"], said["converged"]) == (128, 128)
    band = said["endings"]["war"]
    assert band["p05"] < band["p50"] < band["p95"]
    ensemble = offramp.run(read_text(SMALL.encode(), "x.yaml"), draws=128, seed=1)
    assert band["mean"] == pytest.approx(ensemble.ending_intervals["war"].mean, abs=1e-9)
    held = served.client.post("/api/spread", json=served.setting(draws=16, given={"gain": 1.0})).json()
    assert held["endings"]["war"]["p05"] == pytest.approx(endings(SMALL, given={"gain": 1.0})["war"], abs=1e-8)
    assert held["endings"]["war"]["p95"] == pytest.approx(held["endings"]["war"]["p05"], abs=1e-12)


NAMED = SMALL.replace(
    "endings: {war: answer == strike and reply == retaliate, quiet: otherwise}",
    "endings: {war: {if: answer == strike and reply == retaliate, name: the open war, avoid: yes}, quiet: otherwise}",
)


def test_the_spread_has_the_mean_of_a_measure_as_of_a_payoff(served: Served) -> None:
    text = SMALL.replace("south: {name: South", "watcher: {name: Watcher}, south: {name: South")
    text = text.replace("payoffs:\n", "payoffs:\n  watcher: {price: 3 * (reply == retaliate)}\n")
    text += "measures: {price: 3 * (reply == retaliate)}\n"
    for more in ({}, {"supposed": {"answer": "strike"}, "levers": ["hotline"]}):
        answer = served.client.post("/api/spread", json=served.setting(text, **more) | {"draws": 64}).json()
        assert answer["measures"] == {"price": pytest.approx(answer["payoffs"]["watcher"], abs=1e-12)}


def test_the_spread_leads_with_the_sentences_of_a_report_in_names(served: Served) -> None:
    def lead(**varied: object) -> list[str]:
        return list(served.client.post("/api/spread", json=served.setting(NAMED, draws=128, **varied)).json()["lead"])

    run = offramp.run(read_text(NAMED.encode(), "x.yaml"), draws=128, seed=1)
    report = [sentence.text for sentence in report_lead(run, None)]
    assert lead() == report
    assert any(sentence.startswith("The ending to avoid is the open war: ") for sentence in report)
    first, *_ = lead(given={"gain": 1.5}, levers=["hotline"], rationality=4.0)
    assert first.startswith("With gain at 1.5, rationality 4 for all actors and hotline in force, the likeliest ending")
    observed = NAMED + "observed: [{date: 2031-03-09, answer: strike}]\n"
    now = served.client.post("/api/spread", json=served.setting(observed, draws=128, now=True)).json()["lead"]
    assert now[0].startswith("As of 2031-03-09, after answer: strike, the likeliest ending is the open war: likely, ")


def test_what_matters_is_the_ending_at_the_deciles_of_an_input(served: Served) -> None:
    said = served.client.post("/api/matters", json=served.setting(NAMED, draws=256)).json()
    (bar,) = said["tornado"]["war"]  # the other input is fixed
    assert (said["avoid"], bar["input"]) == ("war", "gain")
    assert [bar["low"], bar["high"]] == pytest.approx([0.2, 1.8])
    exact = [endings(NAMED, given={"gain": gain})["war"] for gain in (0.2, 1.8)]
    assert [bar["at_low"], bar["at_high"]] == pytest.approx(exact, abs=1e-3)
    assert said["lead"] == ["The numbers for the open war depend most on one assumption: gain."]
    held = served.client.post("/api/matters", json=served.setting(NAMED, draws=256, given={"gain": 1.0})).json()
    assert held == {"avoid": "war", "tornado": {"war": [], "quiet": []}, "lead": []}


def test_what_matters_as_of_now_is_over_draws_that_count_by_what_they_explain(served: Served) -> None:
    text = NAMED.replace("face: (answer", "face: gain * (answer")
    said = served.client.post("/api/matters", json=served.setting(text, draws=512, supposed={"answer": "strike"}))
    (bar,) = said.json()["tornado"]["war"]
    supposed = read_text(text.encode(), "x.yaml").supposing({"answer": "strike"})
    run = offramp.run(supposed, draws=4096, seed=1)
    gain, weight = run.inputs["gain"], run.weights
    order = np.argsort(gain)
    level = np.cumsum(weight[order]) / weight.sum()
    deciles = [gain[order][np.searchsorted(level, share)] for share in (0.1, 0.9)]
    assert [bar["low"], bar["high"]] == pytest.approx(deciles, abs=0.05)
    assert deciles[0] < 0.15  # a strike makes a small gain likelier, for which South retaliates less
    exact = [float(offramp.solve(supposed, given={"gain": value}).endings["war"]) for value in deciles]
    assert [bar["at_low"], bar["at_high"]] == pytest.approx(exact, abs=0.01)


def test_the_best_lever_is_that_of_the_study_on_the_same_draws(served: Served) -> None:
    def best(**varied: object) -> list[str]:
        answer = served.client.post("/api/best-lever", json=served.setting(NAMED, draws=64, **varied))
        return list(answer.json()["lead"])

    found = offramp.levers(read_text(NAMED.encode(), "x.yaml"), draws=64, seed=1)
    assert best() == [found.on_best_lever]
    assert best(levers=["hotline"]) == []
    assert best(rationality=0.0)[0] == "No lever makes the open war less likely on average."


def test_the_best_lever_is_told_with_the_levers_that_are_impossible_in_some_draws(served: Served) -> None:
    text = NAMED.replace("levers:\n", "levers:\n  shock: {name: a shock, set: {gain: log(gain - 1)}}\n")
    assert text != NAMED
    (said,) = served.client.post("/api/best-lever", json=served.setting(text, draws=64)).json()["lead"]
    found = offramp.levers(read_text(NAMED.encode(), "x.yaml"), draws=64, seed=1)
    assert said.startswith(f"{found.on_best_lever} A shock is left out: impossible in ")


def test_why_is_told_of_a_move_at_the_setting(served: Served) -> None:
    answer = served.client.post("/api/why", json=served.setting(move="reply", sees={"answer": "strike"}))
    finding = answer.json()
    assert "South" in finding["title"]
    assert finding["answer"]
    options = next(table for table in finding["tables"] if table["name"] == "options")
    assert options["columns"][0]["name"] == "option"
    assert all(isinstance(cell, str) for row in options["rows"] for cell in row)
    wrong = served.client.post("/api/why", json=served.setting(move="repyl", sees={}))
    assert wrong.status_code == 422
    assert "reply" in wrong.json()["error"]


def test_what_is_supposed_stays_and_levers_and_sliders_act_after_it(served: Served) -> None:
    text = SMALL.replace("face: (answer", "face: gain * (answer")
    varied = {"given": {"gain": 1.5}, "levers": ["hotline"]}
    supposed = read_text(text.encode(), "x.yaml").supposing({"answer": "strike"})
    solution = offramp.solve(supposed.with_levers("hotline"), given={"gain": 1.5})
    said = served.solve(text, supposed={"answer": "strike"}, **varied).json()
    assert said["endings"] == pytest.approx(dict(solution.endings), abs=1e-8)
    assert said["payoffs"]["north"] == pytest.approx(-3.0 * said["endings"]["war"], abs=1e-8)  # the prize is past
    settled = served.client.post("/api/settle", json=served.setting(text, supposed={"answer": "strike"}, **varied))
    assert settled.json()["moves"][0]["options"] == {"hold": 0.0, "strike": 1.0}
    body = served.setting(text, supposed={"answer": "strike"}, draws=512)
    spread = served.client.post("/api/spread", json=body).json()["endings"]["war"]
    run = offramp.run(supposed, draws=512, seed=1)
    word = spread.pop("word")
    assert spread == pytest.approx(asdict(run.ending_intervals["war"]), abs=1e-9)
    assert word == odds_word(spread["mean"])
    assert spread["mean"] != pytest.approx(float(np.mean(run.endings[0])), abs=0.01)  # draws have weights


OBSERVED = SMALL + "observed: [{date: 2031-03-09, answer: strike}]\n"


def test_as_of_now_is_after_what_the_file_observed(served: Served) -> None:
    outset, now = (served.solve(OBSERVED, now=moment).json()["endings"]["war"] for moment in (False, True))
    assert outset == pytest.approx(endings(SMALL)["war"], abs=1e-8)
    assert now == pytest.approx(1.0 / (1.0 + np.exp(-1.0)), abs=1e-8)


@pytest.mark.parametrize(
    ("text", "supposed", "said"),
    [
        (SMALL, {"repyl": "absorb"}, "did you mean 'reply'"),
        (SMALL, {"reply": "absrob"}, "did you mean 'absorb'"),
        (SMALL, {"reply@2": "absorb"}, "not inside rounds"),
        (
            OBSERVED.replace("answer, by", "answer, name: the answer, by").replace(
                "options: [hold, strike]", "options: {hold: no answer, strike: a strike}"
            ),
            {"answer": "hold"},
            "what is supposed, the answer: no answer, contradicts the answer: a strike",
        ),
        (SMALL, {f"reply@{number}": "absorb" for number in range(101)}, "100"),
        (SMALL, {"reply": "a" * 201}, "200"),
        (SMALL, {"reply": ["absorb"]}, "supposed.reply: expected text, found a list"),
    ],
)
def test_what_cannot_be_supposed_is_refused_in_a_sentence(
    served: Served, text: str, supposed: dict[str, object], said: str
) -> None:
    answer = served.solve(text, supposed=supposed)
    assert answer.status_code == 422
    assert said in answer.json()["error"]
