"""A run in an object store has the bytes of one in a folder, survives what that survives, and is read as it is."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import offramp
from offramp.cli import main
from offramp.common.errors import OfframpError, UsageError
from offramp.crisis.model import Crisis
from offramp.runs.execution import Execution
from offramp.runs.executors import processes
from offramp.runs.listing import list_runs, state_of
from offramp.runs.merging import merge
from offramp.runs.opened import open_run
from offramp.runs.running import resume, run_into
from offramp.runs.sampling import CHUNK
from offramp.runs.store.object_store import LEASE
from offramp.runs.store.remote import copy_of
from offramp.runs.store.store import url_of
from offramp.runs.verifying import verify
from tests.copies import Copy, ran
from tests.crises import crisis_of
from tests.runs.folders import DRAWS, SHORT, bytes_of, short, stopped
from tests.runs.test_dask import cluster, crew_of
from tests.runs.test_evidence import RAID

fsspec = pytest.importorskip("fsspec")
s3fs = pytest.importorskip("s3fs")
connections = pytest.importorskip("botocore.session")
pytest.importorskip("moto.server")

BUCKET = "crises"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an object store: a process of its own, which speaks S3."""
    log = tmp_path_factory.mktemp("store") / "log"
    with (
        log.open("w") as file,
        subprocess.Popen([sys.executable, "-m", "moto.server", "-p", "0"], stdout=file, stderr=file) as process,
    ):
        try:
            while not (said := re.search(r"Running on http://127.0.0.1:(\d+)", log.read_text())):
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
            yield int(said[1])
        finally:
            process.kill()


@pytest.fixture(scope="module")
def files(served: int) -> Iterator[Any]:
    """The store as tests look into it, over one connection: to make one takes a third of a second of the processor.

    What botocore reads for each connection, 2 MB on what S3 offers, it reads once.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{served}",
            "AWS_ACCESS_KEY_ID": "analyst",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "1",
        }.items():
            patch.setenv(name, value)
        patch.setattr(connections, "create_loader", cache(connections.create_loader))
        yield s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False)


@pytest.fixture
def bucket(files: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket that nobody has written to yet, the machine's copies being gone as well."""
    monkeypatch.setenv("OFFRAMP_CACHE_DIR", str(tmp_path / "cache"))
    files.mkdir(BUCKET)
    yield files
    files.rm(BUCKET, recursive=True)


@pytest.fixture(scope="module")
def crisis() -> Crisis:
    return crisis_of(RAID)


@pytest.fixture(scope="module")
def undisturbed(crisis: Crisis, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    place = tmp_path_factory.mktemp("elsewhere") / "run"
    return bytes_of(place) if run_into(crisis, place, draws=DRAWS, execution=SHORT) else {}


def objects(files: Any, url: str) -> dict[str, bytes]:
    """By name what is in a folder of the store, but for the log, which alone knows of time."""
    names = files.ls(url, detail=False)
    found = {name.rsplit("/", 1)[1]: files.cat_file(name) for name in names}
    return {name: content for name, content in found.items() if name != "log.jsonl"}


def without_lock(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in found.items() if name != ".lock"}


URL = f"s3://{BUCKET}/runs/raid-1"


def test_a_run_in_a_store_has_the_bytes_of_one_in_a_folder(
    crisis: Crisis, undisturbed: dict[str, bytes], bucket: Any
) -> None:
    run = run_into(crisis, URL, draws=DRAWS, execution=SHORT)
    assert run.folder == URL
    assert objects(bucket, URL) == without_lock(undisturbed)


def test_workers_write_to_the_store_themselves_and_a_run_is_extended_there(
    crisis: Crisis, undisturbed: dict[str, bytes], bucket: Any
) -> None:
    lines: list[str] = []
    with processes(2) as crew:
        run_into(crisis, URL, draws=CHUNK + 10, execution=Execution(executor=crew, page=short))
        run_into(crisis, URL, draws=DRAWS, execution=Execution(executor=crew, page=short, say=lines.append))
    assert objects(bucket, URL) == without_lock(undisturbed)
    assert len(lines) == 1
    assert lines[0].startswith(f"resuming {URL}: ")


def test_what_workers_have_written_beyond_the_end_of_a_run_goes_from_the_store(
    crisis: Crisis, bucket: Any, tmp_path: Path
) -> None:
    asked: Any = {"draws": 6 * CHUNK, "until": 0.005}
    run_into(crisis, tmp_path / "run", **asked, execution=SHORT)
    with processes(2) as crew:
        run = run_into(crisis, URL, **asked, execution=Execution(executor=crew, page=short))
    assert run.draws < 4 * CHUNK
    assert objects(bucket, URL) == without_lock(bytes_of(tmp_path / "run"))


def test_workers_of_a_cluster_write_to_the_store(crisis: Crisis, undisturbed: dict[str, bytes], bucket: Any) -> None:
    with cluster(places=("", "")) as (address, _), crew_of(address, 2) as crew:
        run_into(crisis, URL, draws=DRAWS, execution=Execution(executor=crew, page=short))
    assert objects(bucket, URL) == without_lock(undisturbed)


def test_what_was_stopped_goes_on_from_another_machine(
    crisis: Crisis, undisturbed: dict[str, bytes], bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(crisis, URL, 1100)
    assert state_of(URL).done == CHUNK
    with pytest.raises(UsageError, match=rf"{URL} is not finished: 1,024 of .* `offramp run {URL}` resumes"):
        open_run(URL)
    monkeypatch.setenv("OFFRAMP_CACHE_DIR", str(tmp_path / "other"))
    resume(URL, execution=SHORT)
    assert objects(bucket, URL) == without_lock(undisturbed)


CHILD = """
import sys
from offramp.runs.running import run_into
from tests.crises import crisis_of
from tests.runs.folders import DRAWS, SHORT, short
from tests.runs.test_evidence import RAID
run_into(crisis_of(RAID), sys.argv[1], draws=DRAWS, execution=SHORT)
"""


def test_a_run_that_is_killed_goes_on_at_once_and_ends_with_the_same_bytes(
    undisturbed: dict[str, bytes], bucket: Any
) -> None:
    for moment in ("manifest.json", "chunk-00000.parquet", "chunk-00001.sha256"):
        with Copy([sys.executable, "-c", CHILD, URL]) as child:
            while child.poll() is None and not bucket.exists(f"{URL}/{moment}"):
                time.sleep(0.01)
            child.send_signal(signal.SIGKILL)
    assert bucket.exists(f"{URL}/.lock")
    assert ran([sys.executable, "-c", CHILD, URL]).returncode == 0
    assert objects(bucket, URL) == without_lock(undisturbed)


def test_another_machine_that_writes_is_told_of_until_it_is_silent(crisis: Crisis, bucket: Any) -> None:
    signed = {"host": "elsewhere", "process": 12, "key": "other", "at": time.time()}
    bucket.pipe_file(f"{URL}/.lock", json.dumps(signed).encode())
    with pytest.raises(UsageError, match=rf"{URL} is in use: process 12 on elsewhere is writing this run"):
        run_into(crisis, URL, draws=10)
    bucket.pipe_file(f"{URL}/.lock", json.dumps(signed | {"at": time.time() - LEASE - 1.0}).encode())
    run_into(crisis, URL, draws=10)
    mine = {"host": socket.gethostname(), "process": os.getppid(), "key": "other", "at": time.time()}
    bucket.pipe_file(f"{URL}/.lock", json.dumps(mine).encode())
    with pytest.raises(UsageError, match="is in use"):
        run_into(crisis, URL, draws=20)


def test_a_damaged_object_is_found_before_a_number_is_shown_though_the_copy_is_sound(
    crisis: Crisis, bucket: Any
) -> None:
    run_into(crisis, URL, draws=CHUNK + 10, execution=SHORT)
    sound = objects(bucket, URL)
    for name in ("manifest.json", "crisis.yaml", "chunk-00001.parquet", "moves.parquet"):
        open_run(URL)
        content = bytearray(sound[name])
        content[len(content) // 2] ^= 1
        bucket.pipe_file(f"{URL}/{name}", bytes(content))
        with pytest.raises(UsageError, match=re.escape(f"{URL}/{name}") + " is"):
            open_run(URL)
        assert name in {problem.file for problem in verify(URL, draws=1).problems}
        if name in ("manifest.json", "crisis.yaml"):
            bucket.pipe_file(f"{URL}/{name}", sound[name])
            continue
        resume(URL, execution=SHORT)
        assert objects(bucket, URL) == sound


def test_what_is_here_already_is_not_brought_again(crisis: Crisis, bucket: Any) -> None:
    run_into(crisis, URL, draws=CHUNK + 10, execution=SHORT)
    first = open_run(URL)
    copy = copy_of(URL)
    stamps = {path.name: path.stat().st_mtime_ns for path in copy.iterdir()}
    again = open_run(URL)
    assert {path.name: path.stat().st_mtime_ns for path in copy.iterdir()} == stamps
    assert np.array_equal(again.endings, first.endings)


def test_studies_merge_and_lists_take_a_url(crisis: Crisis, undisturbed: dict[str, bytes], bucket: Any) -> None:
    stopped(crisis, URL, 1100)
    other = f"s3://{BUCKET}/runs/raid-2"
    run_into(crisis, other, draws=DRAWS, execution=SHORT)
    assert [(run.place, run.state) for run in list_runs(f"s3://{BUCKET}/runs")] == [
        (other, "finished"),
        (URL, "unfinished"),
    ]
    merged = merge([URL, other], f"s3://{BUCKET}/merged", page=short)
    assert (merged.folder, merged.finished) == (f"s3://{BUCKET}/merged", True)
    assert objects(bucket, f"s3://{BUCKET}/merged") == without_lock(undisturbed)
    runner = CliRunner()
    asked = runner.invoke(main, ["endings", other, "--json"])
    here = offramp.endings(open_run(other))
    assert (asked.exit_code, json.loads(asked.output)) == (0, json.loads(json.dumps(here.to_dict())))
    assert runner.invoke(main, ["verify", other, "--draws", "2"]).exit_code == 0
    few = f"s3://{BUCKET}/runs/raid-3"
    run_into(crisis, few, draws=64, execution=SHORT)
    written = runner.invoke(main, ["report", few])
    assert written.output.startswith(f"wrote {few}/report.html")
    assert b"<!doctype html>" in bucket.cat_file(f"{few}/report.html")[:100].lower()


def openings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The URLs for which a connection is made from now on."""
    opened: list[str] = []
    real = fsspec.core.url_to_fs
    monkeypatch.setattr(fsspec.core, "url_to_fs", lambda url, **how: opened.append(url) or real(url, **how))
    return opened


def test_a_worker_connects_once_for_all_its_chunks(
    crisis: Crisis, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = openings(monkeypatch)
    with ThreadPoolExecutor(1) as one:
        for chunks in (1, 4):
            place = f"s3://{BUCKET}/runs/{chunks}"
            run_into(crisis, place, draws=chunks * CHUNK, execution=Execution(executor=one, page=short))
    few, many = (opened.count(f"s3://{BUCKET}/runs/{chunks}") for chunks in (1, 4))
    assert few == many > 0


def test_runs_are_listed_over_one_connection_however_many_there_are(
    crisis: Crisis, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_into(crisis, f"s3://{BUCKET}/runs/0", draws=8, seed=1)
    for name in bucket.find(f"{BUCKET}/runs/0"):
        for number in range(1, 4):
            bucket.cp_file(name, name.replace("/runs/0/", f"/runs/{number}/"))
    opened = openings(monkeypatch)
    runs = list_runs(f"s3://{BUCKET}/runs")
    assert {str(run.place) for run in runs} == {f"s3://{BUCKET}/runs/{number}" for number in range(4)}
    assert opened == [f"s3://{BUCKET}/runs"]


def test_what_cannot_be_is_said_in_one_line(crisis: Crisis, bucket: Any, tmp_path: Path) -> None:
    runner = CliRunner()
    file = tmp_path / "raid.yaml"
    file.write_text(RAID)
    for asked, said in (
        (["endings", f"s3://{BUCKET}/none"], f"s3://{BUCKET}/none is no run: it has no manifest.json"),
        (["endings", "s4://a/b"], "'s4://' is unknown"),
        (["run", str(file), "--out", "s3://bukket/run", "--draws", "8"], "there is no bucket 'bukket'"),
        (["clean", f"s3://{BUCKET}/runs"], "DIR must be a folder or file of this machine"),
    ):
        found = runner.invoke(main, asked)
        assert (found.exit_code, said in found.output, found.output.count("\n")) == (2, True, 1), found.output
    assert not bucket.exists("bukket")
    bucket.pipe_file(f"{BUCKET}/letters/one.txt", b"to whom it may concern")
    with pytest.raises(UsageError, match=f"s3://{BUCKET}/letters exists already; nothing is overwritten"):
        run_into(crisis, f"s3://{BUCKET}/letters", draws=8)


@contextmanager
def line_to(port: int) -> Iterator[tuple[int, Callable[[], None]]]:
    """A port behind which is another one, until the line between them is cut."""

    class Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as beyond:
                while ready := select.select([self.request, beyond], [], [], 60.0)[0]:
                    for end in ready:
                        if not (content := end.recv(65536)) or cut.is_set():
                            return
                        (beyond if end is self.request else self.request).sendall(content)

    class Line(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    cut = threading.Event()
    with Line(("127.0.0.1", 0), Forward) as line:
        threading.Thread(target=line.serve_forever, daemon=True).start()

        def sever() -> None:
            cut.set()
            line.shutdown()
            line.socket.close()

        yield line.server_address[1], sever
        line.shutdown()


def test_a_store_that_goes_away_is_said_and_the_run_goes_on_later(
    crisis: Crisis, undisturbed: dict[str, bytes], bucket: Any, served: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = 0
    with line_to(served) as (port, sever), monkeypatch.context() as elsewhere:
        elsewhere.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")

        def progress(more: int) -> None:
            nonlocal done
            done += more
            if done >= 2 * CHUNK:
                sever()

        with pytest.raises(OfframpError, match=rf"cannot write {URL}: .*; 1,024 of .* `offramp run {URL}` resumes"):
            run_into(crisis, URL, draws=DRAWS, execution=Execution(progress=progress, page=short))
    resume(URL, execution=SHORT)
    assert objects(bucket, URL) == without_lock(undisturbed)


def test_a_process_that_was_silent_while_another_took_over_writes_no_more(
    crisis: Crisis, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["offramp.runs.store.object_store"], "RENEWED", 0.05)
    other = {"host": "elsewhere", "process": 12, "key": "other", "at": time.time()}
    done = 0

    def progress(more: int) -> None:
        nonlocal done
        done += more
        if done == CHUNK:
            for _ in range(20):  # as one who lives and signs, whatever the other writes between
                bucket.pipe_file(f"{URL}/.lock", json.dumps(other).encode())
                time.sleep(0.05)

    with pytest.raises(OfframpError, match="another process took it over"):
        run_into(crisis, URL, draws=DRAWS, execution=Execution(progress=progress, page=short))
    assert json.loads(bucket.cat_file(f"{URL}/.lock")) == other


def test_two_studies_that_bring_the_same_run_wait_for_each_other(crisis: Crisis, bucket: Any, tmp_path: Path) -> None:
    run_into(crisis, URL, draws=4 * CHUNK, execution=SHORT)
    shutil.rmtree(tmp_path / "cache")
    with ThreadPoolExecutor(2) as both:
        one, other = both.map(lambda _: open_run(URL).endings, range(2))
    assert np.array_equal(one, other)


def test_urls_are_told_from_paths() -> None:
    assert url_of("s3://bucket/run/") == "s3://bucket/run"
    assert url_of(Path("s3://bucket/run")) == "s3://bucket/run"
    assert url_of("file:///tmp/run") == "file:///tmp/run"
    assert [url_of(one) for one in ("run", "./s3:/run", "C:/runs/x", Path("runs/a-1"))] == [None] * 4
