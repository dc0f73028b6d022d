"""The widget's traits, as a notebook's cells read and set them: always a solution or a message, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest

import offramp
from tests.crises import crisis_of
from tests.equilibrium.test_large_numbers import large
from tests.raid_now import RAID_NOW, raid_now
from tests.shipped import tehran
from tests.translations import compiled, speaking

HOSTILE = RAID_NOW.replace("title: Raid", 'title: "<img src=x onerror=alert(1)> \\u202e"')

EFG = """EFG 2 R "One choice" { "North" }
p "" 1 1 "answer" { "hold" "strike" } 0
t "" 1 "quiet" { 1 }
t "" 2 "war" { 0 }
"""


def test_setting_a_trait_solves_as_solve_does() -> None:
    explorer = offramp.explore(tehran(), given={"talks": 0.9})
    assert explorer.endings == offramp.solve(tehran(), given={"talks": 0.9}).endings
    explorer.given = {"talks": np.float32(0.25)}
    explorer.levers = ("hotline",)
    right = offramp.solve(tehran().with_levers("hotline"), given={"talks": 0.25})
    assert explorer.endings == explorer.solution.endings == right.endings
    explorer.given = {}
    explorer.levers = []
    assert explorer.endings == offramp.solve(tehran()).endings
    assert explorer.message == ""


@pytest.mark.parametrize(
    ("given", "levers", "message"),
    [
        ({"qq": 1.0}, [], "unknown input 'qq'"),
        ({"q": "much"}, [], "`given` must be a mapping from texts to numbers"),
        ({"q": nan}, [], "input 'q' must be a finite number, found nan"),
        ({"q": inf}, [], "input 'q' must be a finite number"),
        ({"q": 10**400}, [], "input 'q' must be a finite number, found 1000"),
        ({3: 1.0}, [], "`given` must be"),
        (None, [], "`given` must be"),
        ({}, ["hotlin"], "unknown lever 'hotlin'; did you mean 'hotline'?"),
        ({}, "hotline", "`levers` must be a list of texts"),
        ({}, None, "`levers` must be"),
        ({}, object(), "`levers` must be"),
        ({}, ["hotline"] * 1_000_000, "`levers` has 1,000,000 entries, but the crisis has "),
        ({"q": 3.0}, [], "not possible at these values: "),
    ],
)
def test_what_cannot_be_solved_ends_in_a_message_and_the_next_setting_works(
    given: object, levers: object, message: str
) -> None:
    explorer = offramp.explore(crisis_of(RAID_NOW))
    explorer.given, explorer.levers = given, levers
    assert explorer.message.startswith(message)
    assert "\n" not in explorer.message
    assert (explorer.endings, explorer.solution) == ({}, None)
    json.dumps(explorer.get_state(["given", "levers", "endings", "message", "_answer"]), allow_nan=False)
    explorer.given, explorer.levers = {}, []
    assert explorer.message == ""
    assert explorer.endings == offramp.solve(crisis_of(RAID_NOW)).endings


def test_a_page_sets_its_question_and_nothing_that_python_answers() -> None:
    explorer = offramp.explore(crisis_of(RAID_NOW))
    esm = explorer._esm
    forged = {"endings": {"x": 9}, "message": "forged", "_answer": {"step": "x"}, "_crisis": {}, "_esm": "alert(1)"}
    explorer.set_state(forged | {"given": {"q": 0.5}, "_asked": 1})
    assert explorer.endings == offramp.solve(crisis_of(RAID_NOW), given={"q": 0.5}).endings
    assert (explorer.message, explorer._answer["asked"], explorer._esm) == ("", 1, esm)
    assert explorer._crisis


def test_what_did_not_converge_is_said() -> None:
    explorer = offramp.explore(large(pays="1e20 * x * (m == l) + 1e20"), given={"x": 1e-18})
    assert not explorer.solution.converged
    assert explorer._answer["warning"] == "The solve did not converge: the numbers are not those of an equilibrium."


def test_wrong_arguments_are_named_at_once() -> None:
    with pytest.raises(offramp.UsageError, match="unknown input 'qq'"):
        offramp.explore(raid_now(), given={"qq": 1.0})
    with pytest.raises(offramp.UsageError, match="unknown lever 'hot'"):
        offramp.explore(raid_now(), levers=["hot"])


def test_levers_that_the_crisis_has_pulled_stay_pulled() -> None:
    crisis = crisis_of(RAID_NOW).with_levers("hotline")
    explorer = offramp.explore(crisis)
    assert [lever["key"] for lever in explorer._crisis["levers"] if lever["fixed"]] == ["hotline"]
    explorer.levers = ["doubt"]
    assert explorer.endings == offramp.solve(crisis.with_levers("doubt")).endings


def test_a_run_and_a_game_of_gambit_are_explored_too(tmp_path: Path) -> None:
    run = offramp.run(raid_now(), draws=4)
    assert offramp.explore(run).endings == offramp.solve(run).endings
    (tmp_path / "game.efg").write_text(EFG)
    tree = offramp.read(tmp_path / "game.efg")
    assert offramp.explore(tree).endings == offramp.solve(tree).endings


def test_a_page_without_widgets_shows_a_table_in_which_hostile_text_is_only_text() -> None:
    explorer = offramp.explore(crisis_of(HOSTILE))
    shown, _ = explorer._repr_mimebundle_()
    assert "&lt;img src=x" in shown["text/html"]
    assert "<img" not in shown["text/html"]
    assert "\u202e" not in json.dumps(explorer.get_state(["_crisis"]), ensure_ascii=False) + shown["text/html"]
    assert shown["text/plain"] == repr(explorer.solution)


def test_without_anywidget_a_message_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['anywidget'] = None\n"
        "import offramp\n"
        "try: offramp.explore(offramp.read('crises/tehran-2024/crisis.yaml'))\n"
        "except offramp.UsageError as error: print(error)"
    )
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout == "`explore` needs anywidget: pip install 'offramp[notebook]'\n"


def test_the_widget_speaks_by_the_catalogue(tmp_path: Path) -> None:
    german = compiled(
        tmp_path / "de.mo",
        {
            "Reset": "Zurücksetzen",
            "{input}: back to the median": "{input}: zurück zum Median",
            ("{count} more", "{count} more"): ("noch {count}", "noch {count}"),
            "{ending} {share}, {change} points": "{ending} {share}, {change} Punkte",
        },
    )
    code = (
        "import offramp, json\n"
        "shown = offramp.explore(offramp.read('crises/tehran-2024/crisis.yaml'))\n"
        "page = shown._crisis\n"
        "texts = [page['texts']['reset'], page['inputs'][0]['back'], page['more'], shown._answer['said']]\n"
        "print(json.dumps(texts))"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, cwd=root, env=speaking(german), capture_output=True, text=True, check=True)
    reset, back, more, said = json.loads(found.stdout)
    assert (reset, more.split()[0]) == ("Zurücksetzen", "noch")
    assert back.endswith(": zurück zum Median")
    assert " Punkte" in said
    assert "points" not in said
