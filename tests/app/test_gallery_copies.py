"""The gallery in the workbench: cards of all crises, and copies that never leave the folder nor touch what is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from offramp.crisis.gallery import gallery, gallery_files
from tests.app.served import Served, serving

NAME = "deterrence-egame"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workbench with a folder of its own."""
    with serving(tmp_path_factory.mktemp("gallery")) as running:
        yield running


def copied(served: Served, name: str = NAME) -> str:
    answer = served.client.post("/api/gallery/copy", json={"name": name})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["path"])


def test_every_crisis_of_the_gallery_is_a_card_with_its_endings(own: Served) -> None:
    cards = {card["name"]: card for card in own.client.get("/api/gallery").json()["crises"]}
    assert set(cards) == set(gallery())
    for card in cards.values():
        assert card["title"]
        assert card["actors"] >= 2
        assert sum(ending["happened"] for ending in card["endings"]) == (
            card["state"] == "decided" and card["standing"] != "none of its endings"
        )
        means = [ending["mean"] for ending in card["endings"]]
        assert None in means or sum(means) == pytest.approx(1.0)


def test_a_copy_has_all_files_and_a_second_one_another_name(own: Served) -> None:
    assert copied(own) == f"{NAME}/crisis.yaml"
    assert copied(own) == f"{NAME}-2/crisis.yaml"
    for folder in (NAME, f"{NAME}-2"):
        there = {path.name: path.read_bytes() for path in (own.folder / folder).iterdir()}
        assert there == gallery_files(NAME)
    assert own.client.get("/api/file", params={"path": f"{NAME}/crisis.yaml"}).json()["writable"]


def test_what_lies_in_the_way_a_link_too_is_left_alone(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    os.symlink(outside, tmp_path / NAME)
    (tmp_path / f"{NAME}-2").write_text("mine")
    with serving(tmp_path) as served:
        assert copied(served) == f"{NAME}-3/crisis.yaml"
    assert not list(outside.iterdir())
    assert (tmp_path / f"{NAME}-2").read_text() == "mine"


@pytest.mark.parametrize("name", ["../secrets", "/etc", "none", "starter", ".", "shipped:tehran-2024"])
def test_only_a_crisis_of_the_gallery_is_copied(own: Served, name: str) -> None:
    before = sorted(own.folder.rglob("*"))
    answer = own.client.post("/api/gallery/copy", json={"name": name})
    assert answer.status_code == 404
    assert "is in the gallery; there are:" in answer.json()["error"]
    assert sorted(own.folder.rglob("*")) == before


def test_a_request_that_is_no_name_is_refused(own: Served) -> None:
    for body in ({}, {"name": ""}, {"name": 7}, {"name": "a" * 201}, {"name": NAME, "to": "/tmp"}):
        assert own.client.post("/api/gallery/copy", json=body).status_code == 422


def test_without_the_token_nothing_is_shown_or_copied(own: Served) -> None:
    before = sorted(own.folder.rglob("*"))
    with own.anonymous() as stranger:
        assert stranger.get("/api/gallery").status_code == 401
        assert stranger.post("/api/gallery/copy", json={"name": NAME}).status_code == 401
    assert sorted(own.folder.rglob("*")) == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with serving(tmp_path) as served:
            answer = served.client.post("/api/gallery/copy", json={"name": NAME})
            assert (answer.status_code, answer.json()["error"]) == (422, "cannot write the copy: Permission denied")
    finally:
        tmp_path.chmod(0o700)
