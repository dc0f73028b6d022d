"""A run that is not as it was written, or not what its crisis gives, is found before a number of it is shown."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

import offramp
from offramp.crisis.model import Crisis
from offramp.gambit.opening import compile_game
from offramp.runs.chunk_tables import draws_frame, sums_frame
from offramp.runs.chunk_task import facts_of_chunk
from offramp.runs.listing import list_runs
from offramp.runs.opened import open_run
from offramp.runs.running import run_into
from offramp.runs.sampling import CHUNK
from offramp.runs.solve_draws import solve_chunks, solve_only
from offramp.runs.store.layout import as_marker, seal, tables_of
from offramp.runs.store.whole_files import write_parquet
from offramp.runs.stored_draw import read_draw
from offramp.runs.verified import Problem
from offramp.runs.verifying import verify
from tests.crises import crisis_of
from tests.runs.test_evidence import RAID

DRAWS = CHUNK + 40
HARMLESS = ("log.jsonl", ".lock")  # no number of the crisis is in them


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(RAID)


@pytest.fixture(scope="module")
def sound(crisis: Crisis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_into(crisis, tmp_path_factory.mktemp("verify") / "run", draws=DRAWS).folder


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of another crisis with files of the same names and tables of the same columns."""
    crisis = crisis_of(RAID.replace("uniform(0, 1)", "uniform(0, 2)"))
    return run_into(crisis, tmp_path_factory.mktemp("other") / "run", draws=DRAWS).folder


def unfinished(sound: Path, folder: Path) -> Path:
    shutil.copytree(sound, folder)
    for name in ("finished.json", "moves.parquet"):
        (folder / name).unlink()
    return folder


def test_a_draw_solved_alone_has_the_bits_that_it_has_in_its_chunk(crisis: Crisis) -> None:
    game = compile_game(crisis)
    (chunk,) = solve_chunks(crisis, game, [(1, CHUNK)], seed=1)
    whole = draws_frame(chunk, game)
    for places in ([0], [1023], [1024 - 128], [3, 500, 501, 900], list(range(40, 60))):
        alone = draws_frame(solve_only(crisis, game, 1, np.array(places), seed=1), game)
        expected = whole.iloc[places].reset_index(drop=True)
        assert alone.drop(columns="draw").equals(expected.drop(columns="draw"))


@pytest.mark.parametrize("draws", [0, 1, 32, None])
def test_a_sound_run_is_sound(sound: Path, draws: int | None) -> None:
    found = verify(sound, draws=draws)
    assert (found.sound, found.problems, found.finished, found.elsewhere, found.largest) == (True, (), True, (), 0.0)
    assert (found.draws, found.files) == (DRAWS, 3 + 3 * 2)
    assert found.recomputed == (DRAWS if draws is None else draws)


def test_another_seed_picks_other_draws_and_more_than_all_are_all(sound: Path) -> None:
    assert verify(sound, draws=10_000).recomputed == DRAWS
    assert verify(sound, draws=3, seed=9).sound
    with pytest.raises(offramp.UsageError, match="0 draws or more"):
        verify(sound, draws=-1)


def test_of_an_unfinished_run_is_verified_what_is_there(sound: Path, tmp_path: Path) -> None:
    folder = unfinished(sound, tmp_path / "run")
    (folder / "chunk-00000.sha256").unlink()
    found = verify(folder, draws=None)
    assert (found.sound, found.finished, found.draws, found.asked, found.recomputed) == (True, False, 40, DRAWS, 40)


def a_bit(path: Path, chance: random.Random, other: Path) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def cut_short(path: Path, chance: random.Random, other: Path) -> None:
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


def emptied(path: Path, chance: random.Random, other: Path) -> None:
    path.write_bytes(b"")


def longer(path: Path, chance: random.Random, other: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def gone(path: Path, chance: random.Random, other: Path) -> None:
    path.unlink()


def of_another_crisis(path: Path, chance: random.Random, other: Path) -> None:
    shutil.copyfile(other / path.name, path)


DAMAGES = (a_bit, a_bit, a_bit, cut_short, cut_short, emptied, longer, gone, of_another_crisis)


def names_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name not in HARMLESS)


@pytest.mark.parametrize("damage", range(len(DAMAGES)), ids=[damage.__name__ for damage in DAMAGES])
def test_any_damage_to_any_file_is_found_by_verify_and_by_every_reader(
    crisis: Crisis, sound: Path, other: Path, tmp_path: Path, damage: int
) -> None:
    chance = random.Random(damage)
    for name in names_of(sound):
        folder = tmp_path / name / "run"
        shutil.copytree(sound, folder)
        DAMAGES[damage](folder / name, chance, other)
        if name == "manifest.json" and not (folder / name).exists():
            with pytest.raises(offramp.UsageError, match=r"it has no manifest\.json"):
                verify(folder)
        elif name == "finished.json" and not (folder / name).exists():
            assert not verify(folder, draws=0).finished
        else:
            found = verify(folder, draws=0)
            assert not found.sound, name
            named = {problem.file for problem in found.problems}
            assert name in named or name == "finished.json", named  # a marker that is sound, but not of this run
        if name.endswith(".sha256"):  # that is for those who go on; readers go by the marker
            assert open_run(folder).to_pandas().equals(open_run(sound).to_pandas())
            continue
        with pytest.raises(offramp.OfframpError):
            open_run(folder)
        (state,) = list_runs(folder.parent) or (None,)
        if name in ("finished.json", "manifest.json", "crisis.yaml"):
            assert state is None or state.state in ("damaged", "unfinished")
            assert state is None or state.endings is None or state.state == "damaged"
        if name in ("finished.json", "manifest.json", tables_of({}, 0)[0]):
            with pytest.raises(offramp.OfframpError):
                read_draw(folder, crisis, 7)


def forged(sound: Path, folder: Path, crisis: Crisis) -> Path:
    """A run that goes on, in which a number of draw 1030 and its hashes were changed by someone who knows how."""
    unfinished(sound, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    game = compile_game(crisis)
    (chunk,) = solve_chunks(crisis, game, [(1, 40)], seed=1)
    frame = draws_frame(chunk, game)
    frame.loc[6, "ending.struck"] = np.nextafter(frame.loc[6, "ending.struck"], 1.0)
    facts = facts_of_chunk(manifest, 1, 40)
    write_parquet(frame, folder / tables_of({}, 1)[0], facts)
    write_parquet(sums_frame(chunk, game), folder / tables_of({}, 1)[1], facts)
    seal(folder, {}, 1)
    return folder


def test_a_number_that_the_crisis_does_not_give_is_found_in_spite_of_its_hash(
    crisis: Crisis, sound: Path, tmp_path: Path
) -> None:
    folder = forged(sound, tmp_path / "run", crisis)
    assert verify(folder, draws=0).sound
    found = verify(folder, draws=None)
    (problem,) = found.problems
    assert (problem.file, problem.chunk, problem.draw, problem.column) == (
        "chunk-00001.parquet",
        1,
        1030,
        "ending.struck",
    )
    assert problem.held == np.nextafter(problem.solved, 1.0)
    assert str(problem).startswith("chunk-00001.parquet: draw 1030, ending.struck: holds 0.")
    assert (found.differing, found.recomputed, found.largest > 0.0) == (1, DRAWS, True)


def test_on_another_processor_or_with_other_versions_numbers_may_differ_in_the_last_digits(
    crisis: Crisis, sound: Path, tmp_path: Path
) -> None:
    folder = forged(sound, tmp_path / "run", crisis)
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"instructions": "', '"instructions": "not-'))
    found = verify(folder, draws=None)
    assert found.sound
    assert 0.0 < found.largest < 1e-15
    (differs,) = found.elsewhere
    assert differs.startswith("instructions (then not-")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (('"seed": 1', '"seed": 2'), "chunk-00000.parquet: belongs to another run"),
        (('"title": "Raid"', '"title": "Ried"'), "manifest.json: does not fit crisis.yaml: title"),
        (("uniform(low=0.0", "uniform(low=0.5"), "manifest.json: does not fit crisis.yaml: inputs"),
        (("--seed 1", "--seed 3"), "manifest.json: does not fit crisis.yaml: command"),
    ],
)
def test_a_manifest_of_an_unfinished_run_that_was_changed_does_not_fit_its_crisis(
    sound: Path, tmp_path: Path, entry: tuple[str, str], says: str
) -> None:
    folder = unfinished(sound, tmp_path / "run")
    path = folder / "manifest.json"
    assert entry[0] in path.read_text()
    path.write_text(path.read_text().replace(*entry))
    assert any(str(problem).startswith(says) for problem in verify(folder).problems)


def test_what_the_marker_and_the_moves_say_must_be_what_the_chunks_hold(sound: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(sound, folder)
    said = json.loads((folder / "finished.json").read_text())
    said.pop("seal")
    said["endings"]["struck"]["mean"] += 0.25
    (folder / "finished.json").write_bytes(as_marker(said))
    assert verify(folder).problems == (Problem("finished.json", "its endings differ from those of the chunks"),)
