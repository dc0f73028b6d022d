"""`offramp gallery` lists the crises that come with Offramp, and says what one of them is about."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.crisis.gallery import gallery, gallery_files, gallery_title
from offramp.crisis.templates import templates
from offramp.study.known_outcomes.gallery_listing import gallery_listing
from offramp.study.known_outcomes.kept_scores import KeptScores, kept_scores
from offramp.study.plain_values import as_plain, from_plain
from tests.shipped import CRISES


def test_the_gallery_is_the_folders_of_crises_and_no_name_is_also_that_of_a_template() -> None:
    assert set(gallery()) == {path.parent.name for path in CRISES.glob("*/crisis.yaml")}
    assert not set(gallery()) & set(templates())


@pytest.mark.parametrize("name", gallery())
def test_every_crisis_has_a_title_and_a_readme(name: str) -> None:
    crisis = offramp.read(gallery()[name] / "crisis.yaml")
    assert isinstance(crisis, offramp.Crisis)
    assert gallery_title(name) == crisis.title
    assert list(gallery_files(name))[:2] == ["crisis.yaml", "README.md"]


@pytest.mark.parametrize("name", gallery())
def test_nothing_in_a_copy_points_to_what_is_not_copied(name: str) -> None:
    copied = gallery_files(name)
    for file, content in copied.items():
        if file.endswith(".yaml"):
            assert re.findall(r"\$schema=(\S+)", content.decode()) in ([], ["crisis.schema.json"])
    links = re.findall(r"\]\(([^)\s]+)\)", copied["README.md"].decode())
    assert {link for link in links if not link.startswith(("https:", "#"))} <= copied.keys()
    shipped = gallery()[name]
    assert copied["crisis.yaml"].splitlines()[1:] == (shipped / "crisis.yaml").read_bytes().splitlines()[1:]
    assert json.loads(copied["crisis.schema.json"])["title"] == "Offramp crisis"


def test_the_list_has_each_crisis_with_its_facts() -> None:
    found = json.loads(CliRunner().invoke(main, ["gallery", "--json"]).stdout)
    rows = {row["crisis"]: row for row in found["crises"]}
    assert set(rows) == {row["crisis"] for row in found["outcomes"]} == set(gallery())
    assert rows["tehran-2024"] == {
        "crisis": "tehran-2024",
        "title": "After the killing in Tehran",
        "as_of": "2024-07-31",
        "actors": 5,
        "endings": 4,
    }


def test_one_crisis_is_told_by_the_first_part_of_its_readme_and_its_files() -> None:
    found = json.loads(CliRunner().invoke(main, ["gallery", "tehran-2024", "--json"]).stdout)
    assert found["answer"][0].startswith("On 31 July 2024")
    assert not any(line.startswith("#") for line in found["answer"])
    assert {"crisis.yaml", "README.md"} <= {row["file"] for row in found["files"]}


def test_an_unknown_crisis_is_refused_with_the_nearest_name() -> None:
    done = CliRunner().invoke(main, ["gallery", "tehran-2042"])
    assert done.exit_code == 2
    assert done.stderr == "no crisis 'tehran-2042' in the gallery; did you mean 'tehran-2024'?\n"


def test_a_score_counts_only_as_long_as_its_files_are_those_that_were_scored() -> None:
    kept = kept_scores()
    assert kept is not None
    assert from_plain(json.loads(json.dumps(as_plain(kept, KeptScores))), KeptScores) == kept
    name = next(iter(kept.endings))
    assert kept.endings_of(name)
    changed = KeptScores({**kept.stamps, name: "0" * 64}, kept.endings, kept.gallery)
    assert changed.endings_of(name) is None
    assert changed.score_of(name) is None


def test_a_crisis_whose_scores_are_of_other_files_is_named_below_the_list() -> None:
    listing = gallery_listing()
    assert len(listing.notes) == 1
    changed = replace(listing.crises[0], endings=None, score=None)
    assert replace(listing, crises=(changed, *listing.crises[1:])).notes[1] == (
        f"No scores are kept of {changed.name}: the files have changed since. `offramp backtest DIR` scores a copy."
    )


def test_a_copy_is_not_written_through_a_link_that_leads_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "README.md").symlink_to(tmp_path / "elsewhere")
    done = CliRunner().invoke(main, ["new", str(tmp_path / "mine"), "--from", "gas-2009"])
    assert done.exit_code == 2
    assert "README.md exists already; nothing is overwritten" in done.stderr
    assert not (tmp_path / "elsewhere").exists()
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["README.md"]
