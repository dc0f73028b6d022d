"""A run on a Dask cluster of real worker processes has the bytes of one that was solved here."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.crisis.model import Crisis
from offramp.runs.execution import Execution
from offramp.runs.executors import WorkerLostError, current_workers, dask_cluster
from offramp.runs.running import resume, run_into
from offramp.runs.sampling import CHUNK
from offramp.runs.store.recognising import progress_of
from tests.copies import Copy
from tests.crises import crisis_of
from tests.runs.folders import SHORT, bytes_of, short
from tests.runs.test_evidence import RAID

pytest.importorskip("distributed")

DRAWS = 10 * CHUNK + 300
IN = "ip netns exec"
CALM = ("--no-nanny", "--nthreads", "1", "--no-dashboard")


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(RAID)


@pytest.fixture(scope="module")
def undisturbed(crisis: Crisis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_into(crisis, tmp_path_factory.mktemp("dask") / "run", draws=DRAWS, execution=SHORT).folder


@contextmanager
def started(program: str, *asked: str, place: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A program of Dask, in a network namespace if one is named."""
    lines = f"import dask; dask.config.refresh(); from distributed.cli.dask_{program} import main; main()"
    command = [*place.split(), sys.executable, "-c", lines, *asked]
    start = subprocess.Popen if place else Copy
    with start(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("", 0))
        return int(found.getsockname()[1])


@contextmanager
def cluster(host: str = "127.0.0.1", places: tuple[str, ...] = ("", "", "")) -> Iterator[tuple[str, list[Any]]]:
    """The address of a scheduler, and its workers' processes, one for each place."""
    address = f"tcp://{host}:{(port := free_port())}"
    with ExitStack() as stack:
        stack.enter_context(started("scheduler", "--host", host, "--port", str(port), "--no-dashboard"))
        yield address, [stack.enter_context(started("worker", address, *CALM, place=place)) for place in places]


@contextmanager
def crew_of(address: str, workers: int) -> Iterator[Any]:
    """The cluster, once it has so many workers."""
    begun = time.monotonic()
    while True:
        try:
            with dask_cluster(address, patience=2.0) as crew:
                while current_workers(crew) < workers:
                    assert time.monotonic() - begun < 60
                    time.sleep(0.1)
                yield crew
                return
        except offramp.UsageError:  # the scheduler is not up yet
            if time.monotonic() - begun > 60:
                raise
            time.sleep(0.2)


def test_workers_that_are_killed_change_no_byte(crisis: Crisis, undisturbed: Path, tmp_path: Path) -> None:
    with cluster() as (address, workers), crew_of(address, 3) as crew:
        killed: list[int] = []

        def kill(done: int) -> None:
            if len(killed) < 2:
                victim = workers[len(killed)]
                victim.send_signal(signal.SIGKILL)
                killed.append(victim.wait())

        run_into(crisis, tmp_path / "run", draws=DRAWS, execution=Execution(executor=crew, progress=kill, page=short))
        assert killed == [-signal.SIGKILL] * 2
        assert workers[2].poll() is None
    assert bytes_of(tmp_path / "run") == bytes_of(undisturbed)


def test_a_cluster_that_vanishes_is_told_of_and_the_run_goes_on_without(
    crisis: Crisis, undisturbed: Path, tmp_path: Path
) -> None:
    folder, stack = tmp_path / "run", ExitStack()
    with stack:
        address, _ = stack.enter_context(cluster(places=("",)))
        with (
            crew_of(address, 1) as crew,
            pytest.raises(WorkerLostError, match=r"draws are kept, `offramp run .*` resumes"),
        ):
            run_into(
                crisis,
                folder,
                draws=DRAWS,
                execution=Execution(executor=crew, progress=lambda done: stack.close(), page=short),
            )
    assert CHUNK <= progress_of(folder).done < DRAWS
    resume(folder, execution=SHORT)
    assert bytes_of(folder) == bytes_of(undisturbed)


def test_a_cluster_without_workers_is_waited_for_and_that_is_said(
    crisis: Crisis, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["offramp.runs.executors"], "NO_WORKERS_SECONDS", 1.0)
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__NO_WORKERS_TIMEOUT", "60s")  # where nothing is said, fail
    said: list[str] = []
    with ExitStack() as stack:
        address, workers = stack.enter_context(cluster(places=()))
        crew = stack.enter_context(crew_of(address, 0))

        def say(line: str) -> None:
            said.append(line)
            if "no workers" in line:
                workers.append(stack.enter_context(started("worker", address, *CALM)))

        def kill(done: int) -> None:
            workers[0].kill()

        run_into(
            crisis,
            tmp_path / "run",
            draws=DRAWS,
            execution=Execution(executor=crew, progress=kill, page=short, say=say),
        )
    none, some = "has no workers: waiting for some, Ctrl-C stops", "has workers now"
    told = r"the Dask cluster at (.*) (has .*); ([\d,]+) of 10,540 draws are kept"
    found = [match.groups() for line in said if (match := re.fullmatch(told, line))]
    assert [(where, what) for where, what, _ in found] == [(address, what) for what in (none, some, none, some)]
    kept = [int(done.replace(",", "")) for *_, done in found]
    assert kept == sorted(kept)  # a worker may have solved a chunk by the time that it is told of
    assert kept[0] == 0 < kept[2] <= kept[3] < DRAWS
    assert bytes_of(tmp_path / "run") == bytes_of(undisturbed)


def test_a_study_on_a_cluster_without_workers_waits_for_one(crisis: Crisis) -> None:
    with ExitStack() as stack:
        address, _ = stack.enter_context(cluster(places=()))
        crew = stack.enter_context(crew_of(address, 0))
        stack.enter_context(started("worker", address, *CALM))
        assert current_workers(crew) == 0
        found = offramp.map_of(crisis, *list(crisis.inputs)[:2], size=5, executor=crew)
    here = offramp.map_of(crisis, *list(crisis.inputs)[:2], size=5)
    assert found.shares.tobytes() == here.shares.tobytes()


def as_root(command: str) -> None:
    subprocess.run(command.split(), check=True, capture_output=True)


@contextmanager
def two_networks() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Two network namespaces with an address each, joined to this one: the address here, and how to work in each."""
    mark, made = os.getpid() % 1000, list[str]()
    hosts = ("10.231.0.1", "10.231.1.1")
    try:
        for number, host in enumerate(hosts):
            name, here, there = (f"offramp{mark}{kind}{number}" for kind in "nht")
            as_root(f"ip netns add {name}")
            made.append(name)
            as_root(f"ip link add {here} type veth peer name {there} netns {name}")
            as_root(f"ip address add {host}/24 dev {here}")
            as_root(f"ip link set {here} up")
            own = host.removesuffix("1") + "2"
            as_root(f"ip -n {name} address add {own}/24 dev {there}")
            as_root(f"ip -n {name} link set {there} up")
            as_root(f"ip -n {name} link set lo up")
            as_root(f"ip -n {name} route add default via {host}")
        yield hosts[0], tuple(f"{IN} {name}" for name in made)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"network namespaces cannot be made here: {getattr(error, 'stderr', error)!r}")
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root makes network namespaces")
@pytest.mark.skipif(shutil.which("ip") is None, reason="needs iproute2")
def test_workers_in_two_networks_with_their_own_addresses_make_the_same_bytes(
    crisis: Crisis, undisturbed: Path, tmp_path: Path
) -> None:
    with two_networks() as (host, places), cluster(host, places) as (address, _), crew_of(address, 2) as crew:
        addresses = sorted(key.removeprefix("tcp://").partition(":")[0] for key in crew._client.nthreads())
        assert addresses == ["10.231.0.2", "10.231.1.2"]
        run_into(crisis, tmp_path / "run", draws=DRAWS, execution=Execution(executor=crew, page=short))
    assert bytes_of(tmp_path / "run") == bytes_of(undisturbed)


def test_what_is_wrong_with_a_cluster_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "raid.yaml").write_text(RAID)
    asked = ["run", str(tmp_path / "raid.yaml"), "--out", str(tmp_path / "run"), "--dask"]
    result = CliRunner().invoke(main, [*asked, "nonsense://x"])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith("no Dask scheduler answers at nonsense://x: unknown address scheme")
    silent = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(offramp.UsageError, match=f"no Dask scheduler answers at {silent}: "):  # noqa: SIM117
        with dask_cluster(silent, patience=0.5):
            pass
    both = CliRunner().invoke(main, [*asked, "tcp://127.0.0.1:1", "--workers", "2"])
    assert both.stderr.startswith("--workers is for processes of this machine")
    assert not (tmp_path / "run").exists()


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(offramp.UsageError, match=r"--dask needs Dask: pip install 'offramp\[dask\]'"),
        dask_cluster("x"),
    ):
        pass
