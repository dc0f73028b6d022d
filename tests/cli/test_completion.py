"""Completion in real shells: what is typed, Tab, and the line that then stands there."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from offramp.cli.frame import MODULES

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="shells of a POSIX system"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

CRISIS = """\
format: 1
title: A harbour
as_of: 2030-01-01
actors: {north: {}, nordland: {}, south: {rationality: "uniform(1, 3)"}}
inputs: {toll: "uniform(0, 1)", tolerance: 2}
timeline:
  - {chance: weather, odds: {storm: 0.5, calm: rest}}
  - repeat: 2
    steps:
      - {move: answer, by: north, options: {stand_down: standing down, volley: a volley}}
levers: {hotline: {cost: 1}, broker: {cost: 2}}
endings: {war: answer == volley, peace: rest}
"""
"""With a mistake that `check` names: names are completed all the same."""
TAB, START = "\t", "\x01"
PATIENCE = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a crisis, a run, files that are neither, and names that a shell would act on."""
    folder = tmp_path_factory.mktemp("shell")
    (folder / "harbour").mkdir()
    (folder / "harbour" / "crisis.yaml").write_text(CRISIS, encoding="utf-8")
    (folder / "runs" / "harbour-1").mkdir(parents=True)
    for name in ("manifest.json", "crisis.yaml"):
        (folder / "runs" / "harbour-1" / name).write_text(CRISIS, encoding="utf-8")
    (folder / "broken.yaml").write_text("actors: [", encoding="utf-8")
    (folder / "table.csv").write_text("a,b\n", encoding="utf-8")
    (folder / "hark$(touch planted).yaml").write_text("", encoding="utf-8")
    os.mkfifo(folder / "pipe.yaml")
    return folder


def asked(folder: Path, line: str, shell: str = "zsh") -> list[str]:
    """What `offramp` answers a shell for a line, as `KIND,WORD`; nothing else is printed."""
    variables = {**os.environ, "_OFFRAMP_COMPLETE": f"{shell}_complete", "COMP_LINE": line}
    command = [Path(sys.executable).with_name("offramp")]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture(scope="module", params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], dict[str, str]]:
    """The command of an interactive shell with the completion, set up as `offramp completion --help` says."""
    name = request.param
    if name != "bash" and shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    home = tmp_path_factory.mktemp(name)
    offramp = Path(sys.executable).with_name("offramp")
    script = subprocess.run([offramp, "completion", name], capture_output=True, text=True, check=True).stdout
    path = f"{offramp.parent}{os.pathsep}{os.environ['PATH']}"
    variables = {"PATH": path, "HOME": str(home), "ZDOTDIR": str(home), "TERM": "dumb", "LANG": "C.UTF-8"}
    if name == "bash":
        (home / "rc").write_text(script)
        return ["bash", "--noprofile", "--rcfile", str(home / "rc"), "-i"], variables
    if name == "zsh":
        (home / "functions").mkdir()
        (home / "functions" / "_offramp").write_text(script)
        (home / ".zshrc").write_text(f"fpath=({home}/functions $fpath)\nautoload -U compinit\ncompinit -u -D\n")
        return ["zsh", "-i"], variables
    (home / ".config" / "fish" / "completions").mkdir(parents=True)
    (home / ".config" / "fish" / "completions" / "offramp.fish").write_text(script)
    return ["fish", "-i"], variables


def line_after_tab(shell: tuple[list[str], dict[str, str]], folder: Path, typed: str) -> list[str]:
    """The words of the line after Tab, as the shell itself prints them."""
    command, variables = shell
    process, own = pty.fork()  # with a terminal that is its own, as job control needs
    if process == 0:
        os.chdir(folder)
        os.execvpe(command[0], command, variables)
    try:
        heard = ""
        os.write(own, b"printf '<<%s>>' ready\n")
        heard = _until(own, heard, "<<ready>>")
        os.write(own, f"{typed}{TAB}".encode())
        os.write(own, f"{START}printf '<%s>' \n".encode())
        os.write(own, b"printf '<<%s>>' done\n")
        heard = _until(own, heard[heard.rindex("<<ready>>") :], "<<done>>")
        return re.findall(r"(?<!<)<([^<>%\s]+)>", heard)
    finally:
        os.close(own)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _until(own: int, heard: str, mark: str) -> str:
    stop = time.monotonic() + PATIENCE
    while mark not in heard:
        assert time.monotonic() < stop, heard
        if select.select([own], [], [], 1)[0]:
            heard += os.read(own, 65_536).decode(errors="replace")
    return heard


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("offramp sol", ["offramp", "solve"]),
        ("offramp solve har", ["offramp", "solve", "harbour/crisis.yaml"]),
        ("offramp endings r", ["offramp", "endings", "runs/harbour-1"]),
        ("offramp play harbour/crisis.yaml --as s", ["offramp", "play", "harbour/crisis.yaml", "--as", "south"]),
        (
            "offramp solve harbour/crisis.yaml --lever h",
            ["offramp", "solve", "harbour/crisis.yaml", "--lever", "hotline"],
        ),
        ("offramp solve harbour/crisis.yaml --set toll", ["offramp", "solve", "harbour/crisis.yaml", "--set", "toll="]),
        (
            "offramp solve harbour/crisis.yaml --suppose answer=v",
            ["offramp", "solve", "harbour/crisis.yaml", "--suppose", "answer=volley"],
        ),
        ("offramp fit harbour/crisis.yaml --data ta", ["offramp", "fit", "harbour/crisis.yaml", "--data", "table.csv"]),
    ],
)
def test_tab_completes_the_line(
    shell: tuple[list[str], dict[str, str]], folder: Path, typed: str, words: list[str]
) -> None:
    assert line_after_tab(shell, folder, typed) == words


def test_every_command_is_offered_and_none_is_loaded_for_it(folder: Path) -> None:
    assert asked(folder, "offramp ") == [f"plain,{name}" for name in MODULES]
    program = "import sys, os; from offramp.cli import main; main(['x'], standalone_mode=False)"
    variables = {**os.environ, "_X_COMPLETE": "zsh_complete", "_OFFRAMP_COMPLETE": "zsh_complete", "COMP_LINE": "x "}
    loaded = f"import atexit, sys; atexit.register(lambda: print(sorted(sys.modules), file=sys.stderr)); {program}"
    done = subprocess.run(
        [sys.executable, "-c", loaded], env=variables, capture_output=True, text=True, check=False, cwd=folder
    )
    assert "offramp.cli.frame" in done.stderr
    assert "numpy" not in done.stderr
    assert "offramp.cli.solve_command" not in done.stderr


def test_names_come_from_the_crisis_or_from_the_crisis_of_the_run(folder: Path) -> None:
    for place in ("harbour/crisis.yaml", "runs/harbour-1"):
        assert asked(folder, f"offramp compare {place} {place} --suppose ") == ["plain,weather", "plain,answer"]
    assert asked(folder, "offramp map harbour/crisis.yaml --x ") == [
        "plain,toll", "plain,tolerance", "plain,south.rationality"
    ]  # fmt: skip
    assert asked(folder, "offramp why harbour/crisis.yaml ") == ["plain,answer"]
    assert asked(folder, "offramp why harbour/crisis.yaml --ending ") == ["plain,war", "plain,peace"]
    assert asked(folder, "offramp solve harbour/crisis.yaml --suppose weather=", "bash") == [
        "plain,storm",
        "plain,calm",
    ]


def test_what_cannot_be_read_offers_nothing_and_says_nothing(folder: Path) -> None:
    for place in ("broken.yaml", "pipe.yaml", "absent.yaml", "table.csv", "runs", "s3://bucket/run", "/dev/zero"):
        assert asked(folder, f"offramp solve {place} --lever ") == []
    assert asked(folder, "offramp solve 'harbour") == ["plain,harbour/crisis.yaml"]


def test_only_crisis_files_are_offered_and_no_name_on_which_a_shell_would_act(folder: Path) -> None:
    assert asked(folder, "offramp check ") == ["plain,broken.yaml", "plain,harbour/crisis.yaml"]
    assert asked(folder, "offramp check hark") == ["file,hark"]
    assert asked(folder, "offramp run ") == ["plain,broken.yaml", "plain,harbour/crisis.yaml", "plain,runs/harbour-1"]
    assert not (folder / "planted").exists()


def test_a_folder_with_very_many_files_is_read_up_to_a_bound(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"f{number:03}.yaml").touch()
    assert len(asked(tmp_path, "offramp check ")) == 200
