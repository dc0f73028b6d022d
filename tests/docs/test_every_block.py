"""Every command and every block of Python and SQL on every page works, one after the other, as a reader tries them.

To save time, a run has fewer draws here than on its page. What is not run is on a list with the reason.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import duckdb
import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from tests.docs.page_blocks import PAGES, Piece, inline_commands, pieces
from tests.docs.page_folders import PLACES, STARTER_DRAWS, TEHRAN, filled

ELSEWHERE = {
    "docs/tutorial.md": "tests/docs/test_tutorial.py",
    "docs/solving.md": "tests/docs/test_solving.py",
    "docs/studies.md": "tests/docs/test_studies.py",
    "docs/translating.md": "tests/test_catalogue.py",
    "crises/second-thomas-shoal/README.md": "tests/crises/test_second_thomas_shoal.py",
}
"""Pages whose blocks are compared with what they show, or named attribute by attribute, in a test of their own."""
NOT_RUN = {
    r"--model |^offramp play .*--seat \w+=model": "asks a language model at a server",
    r"--dask |^dask |^scheduler=|^workers=|^trap |^export SBATCH|^sbatch |SLURM_ARRAY|dask_jobqueue": "needs a cluster",
    r"^helm |kubectl|dask_kubernetes": "needs Kubernetes",
    r"s3://": "needs an object store; tests/runs/store has one",
    r"^(\.venv/bin/)?offramp (app|mcp)\b": "serves until it is stopped; tests/app and tests/mcp do so",
    r"^(pip|pipx|uvx) |^make ": "installs from an index; tests/test_installed.py installs the wheel",
    r"^offramp (review (harbour|reef)|news harbour/news) *(#.*)?$": "asks a person at a terminal",
    r"^offramp rivals harbour": "needs drafts that are done; tests/cli/test_draft_rivals.py makes them",
    r"war1800|disputes": "needs data sets of others; tests/fitting fits them",
}
"""What is not run, as patterns of the text, and why."""
APART = ("docs/drafting.md",)
"""Pages whose sections each begin anew."""
DRAWS = 256
OWN = {"run": ["--draws", str(DRAWS)], "levers": ["--draws", "64"], "fit": ["--starts", "0"]}
"""Options that make a command quick that the page gives without them."""
QUICK = {
    "processes(8)": "processes(2)",
    "equilibria(crisis, 100)": "equilibria(crisis, 2)",
    "fit.effects()": "fit.effects(20)",
    'over("balance")': 'over("balance", 20)',
    "offramp.levers(now)": "offramp.levers(now, draws=64)",
    'supposed.with_levers("hotline")': 'supposed.with_levers("hotline"), draws=64',
}
"""The same for Python."""


def reason_not_to_run(piece: Piece) -> str | None:
    return next((why for pattern, why in NOT_RUN.items() if re.search(pattern, piece.text, re.MULTILINE)), None)


def cheaper(words: list[str]) -> list[str]:
    """The same command with fewer draws and workers."""
    for option, most in (("--draws", 64 if words[0] == "levers" else DRAWS), ("--workers", 2)):
        if option in words and "--chunks" not in words:
            place = words.index(option) + 1
            words[place] = str(min(int(words[place]), most))
    own = OWN.get(words[0], []) if words[1].endswith(".yaml") else []
    return [*words, *([] if own[:1] and own[0] in words else own)]


def run_command(text: str, variables: dict[str, str]) -> str:
    """What a command says, run in this folder by this process.

    A line such as `RULE="..."` gives a value to a variable of the shell, which is kept.
    """
    first, *words = shlex.split(text, comments=True)
    if re.match(r"[A-Z]+=", first):
        name, _, variables[name] = first.partition("=")
        return ""
    assert first == "offramp", text
    words = [variables.get(word.removeprefix("$"), word) if word.startswith("$") else word for word in words]
    result = CliRunner().invoke(main, cheaper([PLACES.get(word, word) for word in words]), input="1\n" * 60)
    assert result.exit_code == 0, f"{text}\n{result.stdout[-1000:]}{result.stderr[-1000:]}{result.exception!r}"
    return result.stdout


def quicker(text: str, draws: int) -> str:
    """The same Python with fewer draws, processes and starts."""
    for slow, quick in QUICK.items():
        text = text.replace(slow, quick)
    text = re.sub(r"\bdraws=[\d_]+", f"draws={draws}", text)
    return re.sub(r"levers\(crisis, draws=\d+", "levers(crisis, draws=64", text)


def tried() -> dict[str, list[Piece]]:
    """What is run in one folder: a page, or a section of a page whose sections are each on their own."""
    found: dict[str, list[Piece]] = {}
    for piece in (piece for page in PAGES if page not in ELSEWHERE for piece in pieces(page)):
        name = f"{piece.page}: {piece.section}" if piece.page in APART else piece.page
        if reason_not_to_run(piece) is None:
            found.setdefault(name, []).append(piece)
    return found


@pytest.mark.parametrize(("name", "pieces"), tried().items(), ids=tried())
def test_the_blocks_of_a_page_work_one_after_the_other(
    name: str, pieces: list[Piece], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crisis = filled(tmp_path, name, pieces)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"offramp": offramp, "crisis": offramp.read(crisis), "__name__": "__main__"}
    variables: dict[str, str] = {}
    for piece in pieces:
        if piece.kind == "python":
            exec(quicker(piece.text, STARTER_DRAWS if crisis != TEHRAN else 64), names)
        elif piece.kind == "sql":
            assert duckdb.sql(piece.text).fetchall()
        else:
            run_command(piece.text, variables)


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_what_is_not_run_is_still_on_a_page(pattern: str) -> None:
    everything = [piece for page in PAGES for piece in pieces(page)]
    assert any(re.search(pattern, piece.text, re.MULTILINE) for piece in everything)


@pytest.mark.parametrize("page", PAGES)
def test_a_command_that_a_sentence_names_exists_with_its_options(page: str) -> None:
    for written in inline_commands(page):
        words = [word.strip("[],") for word in shlex.split(written)][1:]
        command: click.Command = main
        while isinstance(command, click.Group) and words and re.match(r"[a-z]+$", words[0]):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found is not None, f"{page}: {written}"
            command = found
        options = {flag for parameter in command.params for flag in parameter.opts} | {"--help", "--version"}
        unknown = {word for word in words if word.startswith("--")} - options
        assert not unknown, f"{page}: {written}"
