"""`offramp solve` and `offramp trace`, by real processes: what they say of equilibria, and what they refuse."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import offramp as package
from offramp.cli import main
from offramp.gambit.opening import compile_game
from tests.cli.test_cli import HARBOUR, done, offramp, refused
from tests.report.strategic import CHICKEN, DILEMMA, TURNING

PENNIES = 'NFG 1 R "Pennies" { "Ann" "Bob" } { { "heads" "tails" } { "heads" "tails" } }\n1 -1  -1 1  -1 1  1 -1\n'
TOLD = """\
format: 1
title: Told
actors: {north: {name: North}, south: {name: South}}
timeline:
  - {move: order, by: north, options: [wait, go]}
  - {move: answer, by: south, options: [yield_, fight]}
payoffs:
  north: {prize: 2 * (answer == yield_) * (order == go)}
  south: {face: -1 * (answer == yield_) * (order == go)}
endings: {war: answer == fight, peace: otherwise}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("solving")
    files = {"chicken.nfg": CHICKEN, "turning.nfg": TURNING, "dilemma.nfg": DILEMMA, "pennies.nfg": PENNIES}
    for name, text in (files | {"told.yaml": TOLD, "harbour.yaml": HARBOUR}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def words(text: str) -> str:
    return " ".join(text.split())


def answer(folder: Path, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done(folder, *arguments, "--json"))
    return found


def test_solve_says_that_the_equilibrium_lies_on_the_principal_branch(folder: Path) -> None:
    assert "PRINCIPAL: It lies on the principal branch" in done(folder, "solve", "dilemma.nfg")
    assert answer(folder, "solve", "dilemma.nfg")["status"] == "principal"


def test_solve_says_that_a_game_in_which_all_is_seen_has_one_equilibrium(folder: Path) -> None:
    assert "PRINCIPAL: It is the only equilibrium" in done(folder, "solve", "told.yaml")


def test_solve_says_at_which_rationality_another_branch_crosses(folder: Path) -> None:
    said = words(done(folder, "solve", "chicken.nfg"))
    assert "BIFURCATION: At rationality 0.686 another branch of equilibria crosses the principal one" in said
    assert "the model does not determine which of them play follows beyond" in said
    found = answer(folder, "solve", "chicken.nfg", "--rationality", "0.5")
    assert (found["status"], found["bifurcations"]) == ("principal", [])


def test_solve_says_where_the_branch_has_turned_on_the_way(folder: Path) -> None:
    said = words(done(folder, "solve", "turning.nfg", "--rationality", "12"))
    assert re.search(r"Near rationality 9\.90 and 0\.81\d the branch turns", said)
    assert "the branch turns" not in words(done(folder, "solve", "turning.nfg", "--rationality", "3"))


def test_solve_prints_the_certificate_with_the_payoffs(folder: Path) -> None:
    """In the dilemma both regret breaking's gain of 1 as often as they keep: 1 / (1 + exp 3)."""
    lines = done(folder, "solve", "dilemma.nfg").splitlines()
    head, certified = (line.split() for line in lines if line.startswith("actor"))
    assert head == ["actor", "payoff", "of", "which"]
    assert certified == ["actor", "rationality", "regret", "once", "regret"]
    _, row = (line for line in lines if line.startswith("Ann  "))
    assert row.split()[2:4] == ["0.05", "0.05"]
    assert "largest violation of the equilibrium's equations" in words("\n".join(lines))
    certificate = answer(folder, "solve", "dilemma.nfg")["certificate"]
    assert certificate["regret"]["Ann"] == pytest.approx(0.04742587317756678, abs=1e-9)
    assert certificate["regret_once"] == pytest.approx(certificate["regret"])


def test_all_lists_every_equilibrium_found_and_says_how_many_ends_the_story_has(folder: Path) -> None:
    said = words(done(folder, "solve", "chicken.nfg", "--all", "40"))
    assert "Chicken: equilibria at rationality 3.00, from 40 random starts" in said
    assert "The story has three ends" in said
    assert "They differ most in how likely swerve, drive is: <0.001% in one and 99.75% in another." in said
    assert "status bifurcation bifurcation bifurcation" in said
    found = answer(folder, "solve", "chicken.nfg", "--all", "40", "--seed", "2")
    assert (found["starts"], found["seed"]) == (40, 2)
    assert found["widest_difference"]["greatest"] > 0.99
    assert len(found["equilibria"]) == 3
    for entry in found["equilibria"]:
        assert 0 <= entry["starts"] <= 40
        assert entry["certificate"]["residual"] <= entry["certificate"]["tolerance"]
        assert sum(entry["endings"].values()) == pytest.approx(1.0)
    assert found == answer(folder, "solve", "chicken.nfg", "--all", "40", "--seed", "2")


def test_between_the_turns_of_a_branch_all_finds_the_equilibria_that_lie_on_it(folder: Path) -> None:
    found = answer(folder, "solve", "turning.nfg", "--all", "100")["equilibria"]
    assert [entry["status"] for entry in found] == ["principal", "other branch", "other branch"]
    alone = answer(folder, "solve", "turning.nfg", "--rationality", "0.7", "--all", "100")["equilibria"]
    assert [entry["status"] for entry in alone] == ["principal"]


def test_one_equilibrium_is_no_proof_that_there_is_no_other(folder: Path) -> None:
    said = words(done(folder, "solve", "dilemma.nfg", "--all", "10"))
    assert "One equilibrium was found. That is no proof that there is no other." in said
    assert answer(folder, "solve", "dilemma.nfg", "--all", "10")["widest_difference"] is None


def test_rational_reports_the_limit_of_perfect_play_with_its_regret(folder: Path) -> None:
    said = words(done(folder, "solve", "dilemma.nfg", "--rational"))
    assert "Dilemma: the limit of perfect play" in said
    assert "until regret fell no more" in said
    found = answer(folder, "solve", "dilemma.nfg", "--rational")
    assert found["endings"]["break, break"] == pytest.approx(1.0)
    assert found["regret"] < 1e-9
    assert found["ties"] == []


def test_rational_says_where_another_branch_crosses_on_the_way(folder: Path) -> None:
    said = words(done(folder, "solve", "chicken.nfg", "--rational"))
    assert "At rationality 0.686 another branch of equilibria crosses the principal one" in said
    assert answer(folder, "solve", "chicken.nfg", "--rational")["status"] == "bifurcation"


def test_rational_says_where_options_tie_and_what_the_mix_is(folder: Path) -> None:
    said = words(done(folder, "solve", "pennies.nfg", "--rational"))
    assert "2 situations in which several options are equally good; the mix shown is the one that the branch" in said
    found = answer(folder, "solve", "pennies.nfg", "--rational")
    assert [tie["actor"] for tie in found["ties"]] == ["Ann", "Bob"]
    assert found["endings"] == pytest.approx(dict.fromkeys(found["endings"], 0.25))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["solve", "chicken.nfg", "--rational", "--all", "5"],
            "--all looks for equilibria at a rationality, --rational at the limit: use one of them",
        ),
        (
            ["solve", "chicken.nfg", "--rational", "--rationality", "5"],
            "--rational takes rationality to its limit: leave out --rationality",
        ),
        (
            ["solve", "chicken.nfg", "--seed", "5"],
            "--seed sets the random starts of --all N: give --all, or leave out --seed",
        ),
        (["solve", "chicken.nfg", "--all", "5", "--seed", "-5"], "a seed is a whole number from 0 up, found -5"),
        (["solve", "chicken.nfg", "--all", "0"], "the number of starts must be from 1 to 100,000, found 0"),
        (["trace", "chicken.nfg", "--to", "0"], "a branch is followed to a rationality above 0, found 0"),
        (
            ["trace", "chicken.nfg", "--picture", "branch.pdf"],
            "a picture's name ends in .svg, .png or .html, found 'branch.pdf'",
        ),
        (
            ["trace", "dilemma.nfg", "--picture", "chicken.nfg/branch.svg"],
            "cannot write chicken.nfg/branch.svg: chicken.nfg is a file, not a folder",
        ),
    ],
)
def test_what_makes_no_sense_together_gets_one_line(folder: Path, arguments: list[str], message: str) -> None:
    before = sorted(folder.iterdir())
    assert refused(folder, *arguments) == message
    assert sorted(folder.iterdir()) == before


def test_trace_prints_the_branch_and_marks_where_it_turns(folder: Path) -> None:
    said = done(folder, "trace", "turning.nfg", "--to", "50")
    assert "Turning: the principal branch" in said
    assert re.search(r"Near rationality 9\.90 and 0\.81\d it turns\.", said)
    assert [line.split()[0][:4] for line in said.splitlines() if line.endswith("turns")] == ["9.90", "0.81"]


def test_trace_json_holds_every_point_with_its_profile_and_certificate(folder: Path) -> None:
    branch = answer(folder, "trace", "harbour.yaml", "--to", "12", "--set", "south.rationality=6", "--lever", "talks")
    assert set(branch) == {"conditions", "reached", "turns", "bifurcations", "moves", "points"}
    assert branch["reached"] is True
    first, last = branch["points"][0], branch["points"][-1]
    assert first["rationality"] == {"north": 0.0, "south": 0.0}
    assert last["rationality"] == pytest.approx({"north": 6.0, "south": 12.0})
    assert [move["move"] for move in branch["moves"]] == ["answer", "reply", "reply"]
    assert len(last["choice"]) == sum(len(move["options"]) for move in branch["moves"])
    for point in branch["points"]:
        assert point["residual"] < 1e-8
        assert sum(point["endings"].values()) == pytest.approx(1.0)
    given = ("--set", "south.rationality=12", "--set", "north.rationality=6", "--lever", "talks")
    assert refused(folder, "solve", "harbour.yaml", *given).startswith("unknown input 'north.rationality'")


def test_trace_ends_where_solve_stands(folder: Path) -> None:
    (last,) = answer(folder, "trace", "dilemma.nfg", "--rationality", "2")["points"][-1:]
    solved = answer(folder, "solve", "dilemma.nfg", "--rationality", "2")
    assert last["endings"] == pytest.approx(solved["endings"], abs=1e-9)


@pytest.mark.parametrize("suffix", [".svg", ".png", ".html"])
def test_trace_draws_a_picture_over_nothing_that_exists(folder: Path, suffix: str) -> None:
    picture = folder / "new" / f"branch{suffix}"
    said = done(folder, "trace", "chicken.nfg", "--picture", f"new/branch{suffix}")
    assert f"wrote new/branch{suffix}: " in said
    before = picture.read_bytes()
    assert refused(folder, "trace", "chicken.nfg", "--picture", f"new/branch{suffix}") == (
        f"new/branch{suffix} exists already; nothing is overwritten: choose another --picture, or remove it"
    )
    assert picture.read_bytes() == before
    assert not [path for path in picture.parent.iterdir() if path.name.startswith(".")]


def test_trace_json_with_a_picture_stays_one_json_object(folder: Path) -> None:
    result = offramp(folder, "trace", "dilemma.nfg", "--json", "--picture", "apart.svg")
    assert json.loads(result.stdout)["reached"] is True
    assert result.stderr.startswith("wrote apart.svg: ")


def test_a_branch_that_could_not_be_followed_to_its_end_is_exit_code_1(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch = package.trace(compile_game(package.read(folder / "dilemma.nfg")))
    monkeypatch.setattr(
        sys.modules["offramp.equilibrium.tracing"], "trace", lambda *_, **__: replace(branch, reached=False)
    )
    result = CliRunner().invoke(main, ["trace", str(folder / "dilemma.nfg")])
    assert result.exit_code == 1
    assert "The branch could be followed only to rationality 3.00." in result.output


def test_an_equilibrium_that_was_not_found_is_exit_code_1(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offramp.equilibrium.multiplicity.equilibria", lambda *_, **__: ())
    result = CliRunner().invoke(main, ["solve", str(folder / "dilemma.nfg"), "--all", "3"])
    assert result.exit_code == 1
    assert "NOT CONVERGED: no equilibrium was found from 3 starts." in result.output


def test_branches_equilibria_and_limits_are_in_the_python_interface(folder: Path) -> None:
    game = compile_game(package.read(folder / "chicken.nfg"))
    reached: list[float] = []
    branch = package.trace(game, to=2, progress=reached.append)
    assert len(reached) == len(branch.scale)
    assert (reached[0], reached[-1]) == (0.0, 1.0)
    started: list[int] = []
    assert len(package.equilibria(game, 20, progress=started.append)) == 3
    assert sum(started) == 20
    assert package.limit(game).regret < 1e-3


SUPPORT = """\
format: 1
title: Support
actors: {a: {name: A}}
inputs: {war_cost: {is: "triangular(4, 8, 14)", because: Ours}}
timeline: [{move: m, by: a, options: [l, r]}]
payoffs: {a: {t: war_cost * (m == l)}}
endings: {l: m == l, r: otherwise}
"""


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (
            "war_cost=20",
            "warning: --set war_cost = 20 is outside triangular(low=4, mode=8, high=14), which ranges from 4 to 14",
        ),
        ("war_cost=13", ""),
        (
            "war_cost=4-9",
            "--set takes INPUT=VALUE with a number, found 'war_cost=4-9'; "
            "a range is written in the file, as the input's distribution",
        ),
    ],
)
def test_a_setting_outside_of_its_distribution_is_said(setting: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "crisis.yaml").write_text(SUPPORT, encoding="utf-8")
    assert offramp(tmp_path, "solve", "crisis.yaml", "--set", setting).stderr.strip() == said
