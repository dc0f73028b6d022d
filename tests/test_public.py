"""What `import offramp` offers: every function takes a crisis, a game or a run, and says what it cannot take."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import offramp
from offramp.common.numerals import percent
from offramp.fitting.fit_folder import write_fit
from offramp.gambit.opening import Playable
from tests.crises import crisis_of
from tests.elicitation.panels import OFFICERS
from tests.fitting.deterrence import TEXT as DETERRENCE
from tests.fitting.deterrence import cases_drawn
from tests.fitting.kept_fits import FITTED, RAIDS
from tests.fitting.rolling_origin.past_attacks import TEXT as ATTACKS
from tests.fitting.rolling_origin.past_attacks import attacks
from tests.fitting.test_simulated_cases import BLUFF, OBSERVED, ROWS, TRUE
from tests.runs.test_evidence import RAID

CALLS: dict[str, Callable[[Any], object]] = {
    "solve": offramp.solve,
    "trace": lambda given: offramp.trace(given, to=1),
    "equilibria": lambda given: offramp.equilibria(given, 2),
    "explore": offramp.explore,
    "limit": offramp.limit,
    "run": lambda given: offramp.run(given, draws=2),
    "endings": offramp.endings,
    "moves": offramp.moves,
    "weigh": offramp.weigh,
    "update": offramp.update,
    "why": lambda given: offramp.why(given, "reply"),
    "paths": offramp.paths,
    "compare": lambda given: offramp.compare(given, crisis_of(RAID), draws=2),
}


@pytest.fixture(scope="module")
def crisis() -> offramp.Crisis:
    return crisis_of(RAID)


@pytest.fixture(scope="module")
def run(crisis: offramp.Crisis) -> offramp.Run:
    return offramp.run(crisis, draws=512)


@pytest.mark.parametrize("name", CALLS)
def test_a_function_makes_what_it_needs_of_a_crisis_a_game_or_a_run(
    name: str, crisis: offramp.Crisis, run: offramp.Run
) -> None:
    given: list[Playable] = (
        [run.game, run] if name in ("endings", "moves", "weigh", "update") else [crisis, run.game, run]
    )
    for one in given:
        assert CALLS[name](one) is not None


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("wrong", ["crisis.yaml", Path("runs/first"), 3, None])
def test_what_a_function_cannot_take_is_said_in_one_line(name: str, wrong: object) -> None:
    with pytest.raises(offramp.UsageError, match=r"^expected a (crisis|run)") as caught:
        CALLS[name](wrong)
    assert "\n" not in str(caught.value)


def test_a_run_in_a_folder_is_the_run_in_memory_and_is_resumed(crisis: offramp.Crisis, tmp_path: Path) -> None:
    memory = offramp.run(crisis, draws=16, seed=3)
    kept = offramp.run(crisis, draws=16, seed=3, out=tmp_path / "run")
    again = offramp.resume(tmp_path / "run")
    opened = offramp.open_run(tmp_path / "run")
    assert (memory.folder, kept.folder, again.folder, opened.folder) == (None, *3 * [tmp_path / "run"])
    for one in (kept, again, opened):
        assert one.endings.tobytes() == memory.endings.tobytes()
    with pytest.raises(offramp.UsageError, match="give `out`"):
        offramp.run(crisis, draws=16, until=0.1)


def test_whatever_has_numbers_gives_a_data_frame_and_labelled_arrays(run: offramp.Run) -> None:
    branch = offramp.trace(run, to=1)
    for one in (run, offramp.solve(run), branch, offramp.endings(run), offramp.moves(run), offramp.moves(run, draw=3)):
        assert len(one.to_pandas())
        assert one.to_xarray().sizes
    moves = run.to_xarray()["moves"]
    occurrence, taken = run.occurrences[0], run.taken[0]
    rows = [
        f"{occurrence.move}{f'@{occurrence.round}' if occurrence.round else ''}.{name}" for name in occurrence.options
    ]
    np.testing.assert_array_equal(moves.sel(option=rows), taken)
    np.testing.assert_array_equal(
        branch.to_xarray()["endings"].sel(ending="struck"), branch.to_pandas()["ending.struck"]
    )


def test_public_names_are_there_typed_and_loaded_when_used() -> None:
    for name in offramp.__all__:
        assert getattr(offramp, name) is not None
    assert set(offramp.__all__) <= set(dir(offramp))
    assert (Path(offramp.__file__).parent / "py.typed").is_file()
    with pytest.raises(AttributeError, match="no attribute 'ensembel'"):
        offramp.ensembel  # noqa: B018
    heavy = "import sys, offramp; sys.exit(any(name in sys.modules for name in ('numpy', 'pandas')))"
    assert subprocess.run([sys.executable, "-c", heavy], check=False).returncode == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda crisis, run: offramp.run(crisis, draws=1.5),
        lambda crisis, run: offramp.run(crisis, draws=True),
        lambda crisis, run: offramp.run(crisis, seed="a"),
        lambda crisis, run: offramp.run(crisis, out=3),
        lambda crisis, run: offramp.solve(crisis, given={"line": "x"}),
        lambda crisis, run: offramp.solve(crisis, given="line=1"),
        lambda crisis, run: offramp.solve(crisis, rationality="x"),
        lambda crisis, run: offramp.paths(crisis, to=3),
        lambda crisis, run: offramp.read(None),
        lambda crisis, run: offramp.read(run),
        lambda crisis, run: offramp.open_run(run),
        lambda crisis, run: offramp.verify(run),
        lambda crisis, run: offramp.resume(crisis),
        lambda crisis, run: offramp.list_runs(None),
        lambda crisis, run: offramp.compile_game(None),
        lambda crisis, run: offramp.compile_game("crisis.yaml"),
        lambda crisis, run: offramp.set_up("crisis.yaml"),
        lambda crisis, run: offramp.endings(run).to_pandas("zz"),
    ],
)
def test_a_wrong_argument_is_named_in_one_line(
    call: Callable[[Any, Any], object], crisis: offramp.Crisis, run: offramp.Run
) -> None:
    with pytest.raises(offramp.UsageError) as caught:
        call(crisis, run)
    assert "\n" not in str(caught.value)


def test_a_compiled_game_is_returned_as_it_is(crisis: offramp.Crisis, run: offramp.Run) -> None:
    assert offramp.compile_game(run) is run.game
    assert offramp.set_up(run).game is run.game
    assert offramp.moves_in(run, 3).answer == offramp.moves(run, draw=3).answer


PLANTS = (None, [1], 3, -1, "x", object())


@pytest.fixture(scope="module")
def valid(
    crisis: offramp.Crisis, run: offramp.Run, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """By public function, arguments that it takes, and that keep it short."""
    folder = tmp_path_factory.mktemp("runs")
    offramp.run(crisis, draws=8, out=folder / "whole")
    board = offramp.set_up(crisis)
    match, played = (offramp.begin(board, seats, 1) for seats in (("north", "south"), ()))
    (turn, *_) = offramp.awaiting(match)
    (x, y) = crisis.inputs
    map_file = folder / "map.yaml"
    (folder / "other.yaml").write_text((folder / "whole" / "crisis.yaml").read_text())
    map_file.write_text("files: {one: whole/crisis.yaml, other: other.yaml}")
    (folder / "panel.yaml").write_text(OFFICERS)
    (folder / "past.yaml").write_text(DETERRENCE)
    write_fit(FITTED, folder / "fit")
    return {
        "awaiting": {"match": match},
        "backtest": {"crisis": crisis_of(ATTACKS), "data": attacks(4, 20), "start": 1903.0, "once": True},
        "begin": {"board": board, "seats": ("south",), "seed": 1},
        "choose": {"match": match, "actor": turn, "option": "quiet"},
        "clean": {"found": ()},
        "compare": {"a": crisis, "b": crisis, "draws": 4},
        "compile_game": {"crisis": crisis},
        "debrief": {"match": played},
        "drawings_of": {"finding": offramp.endings(run)},
        "elicit": {"path": folder / "panel.yaml"},
        "endings": {"run": run},
        "equilibria": {"game": crisis, "starts": 1},
        "explore": {"crisis": crisis},
        "facilitator_view": {"match": match},
        "fit": {"crisis": offramp.read(folder / "past.yaml"), "data": cases_drawn(40), "starts": 0},
        "leftovers": {"directory": folder},
        "levers": {"crisis": crisis, "draws": 4},
        "limit": {"game": crisis},
        "list_runs": {"directory": folder},
        "map_of": {"crisis": crisis, "x": x, "y": y, "size": 3},
        "merge": {"folders": [folder / "whole", folder / "whole"], "out": folder / "merged"},
        "moves": {"run": run},
        "moves_in": {"run": run, "draw": 1},
        "open_ledger": {"path": folder / "ledger.db"},
        "open_run": {"folder": folder / "whole"},
        "paths": {"game": crisis},
        "processes": {"workers": 1},
        "progress_of": {"folder": folder / "whole"},
        "read": {"path": folder / "whole" / "crisis.yaml"},
        "read_map": {"path": map_file},
        "resume": {"folder": folder / "whole"},
        "run": {"crisis": crisis, "draws": 4},
        "set_up": {"crisis": crisis},
        "simulate_cases": {"crisis": crisis_of(BLUFF + OBSERVED), "coefficients": TRUE, "data": ROWS},
        "solve": {"game": crisis},
        "solve_part": {"crisis": crisis, "folder": folder / "part", "chunks": range(1), "draws": 4},
        "spread_of_rivals": {"key_map": offramp.read_map(map_file), "draws": 2},
        "trace": {"game": crisis, "to": 1},
        "update": {"run": run},
        "verify": {"folder": folder / "whole", "draws": 1},
        "view": {"match": match, "actor": turn},
        "weigh": {"run": run},
        "why": {"game": crisis, "move": "reply"},
        "with_fit": {"crisis": crisis_of(RAIDS), "fit": folder / "fit"},
        "worth": {"run": run, "draws": 8},
    }


FUNCTIONS = [name for name in offramp.__all__ if inspect.isfunction(getattr(offramp, name))]


def test_a_public_function_is_found_by_its_name_in_another_process() -> None:
    for name in FUNCTIONS:
        assert pickle.loads(pickle.dumps(getattr(offramp, name))) is getattr(offramp, name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_whatever_is_given_the_answer_is_right_or_one_line_says_what_is_wrong(
    name: str, valid: dict[str, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    function, wrong = getattr(offramp, name), []
    for parameter in inspect.signature(function).parameters:
        for plant in PLANTS:
            try:
                function(**valid[name] | {parameter: plant})
            except offramp.OfframpError as error:
                if "\n" in str(error):
                    wrong.append((parameter, plant, str(error)))
            except Exception as error:
                wrong.append((parameter, plant, repr(error)))
    assert wrong == []


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda crisis: crisis.with_levers(None), "`names` must be a text, found None"),
        (lambda crisis: crisis.with_levers(["talks"]), "`names` must be a text, found list of str"),
        (lambda crisis: crisis.supposing("reply=wait"), "`facts` must be a mapping from texts to texts"),
        (lambda crisis: offramp.Execution(workers=-1), "`workers` must be 1 or more, found -1"),
        (lambda crisis: offramp.Execution(workers="two"), "`workers` must be a whole number or None, found 'two'"),
        (
            lambda crisis: offramp.why(crisis, "reply", sees="a=b"),
            "`sees` must be a mapping from texts to texts or None",
        ),
        (lambda crisis: offramp.levers(crisis, below="x"), "`below` must be a number or None, found 'x'"),
        (lambda crisis: offramp.drawings_of(None), "`finding` must be a Finding, found None"),
        (lambda crisis: offramp.clean("dir"), "`found` must be a list of Leftovers, found 'dir'"),
        (lambda crisis: offramp.merge(None, "x"), "`folders` must be a list of texts or paths, found None"),
        (lambda crisis: offramp.list_runs("missing"), "missing is no folder"),
        (lambda crisis: offramp.leftovers("missing"), "missing is no folder"),
    ],
)
def test_a_wrong_type_is_said_with_what_was_expected(
    call: Callable[[Any], object], said: str, crisis: offramp.Crisis
) -> None:
    with pytest.raises(offramp.UsageError) as caught:
        call(crisis)
    assert str(caught.value).startswith(said)


def test_what_solving_gives_prints_itself_in_words_and_few_lines(crisis: offramp.Crisis, tmp_path: Path) -> None:
    board = offramp.set_up(crisis)
    offramp.run(crisis, draws=2, out=tmp_path / "first")
    printed = [
        (offramp.trace(crisis), "the principal branch at the medians of the inputs"),
        (offramp.limit(crisis), "the limit of perfect play at the medians of the inputs"),
        (offramp.equilibria(crisis, 2)[0], "an equilibrium at the medians of the inputs"),
        (board, "the equilibrium at the medians of the inputs"),
        (offramp.begin(board, [board.movers[0]], 1), "seed 1, people play"),
        (offramp.list_runs(tmp_path)[0], "first: finished, 2 of 2 draws, seed 1"),
    ]
    for found, words in printed:
        text = repr(found)
        assert words in text
        assert crisis.title in text
        assert "array(" not in text
        assert "=" not in text
        assert len(text.splitlines()) < 6 + len(crisis.endings)
    branch, endings = offramp.trace(crisis), offramp.solve(crisis).endings
    last = [line.split()[-1] for line in repr(branch).splitlines()[2:-1]]
    assert last == [percent(probability) for probability in endings.values()]
