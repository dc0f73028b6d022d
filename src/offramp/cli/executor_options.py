"""Who solves a command's draws: threads of this process, or as its options say, other processes or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import click

from offramp.common.errors import UsageError

if TYPE_CHECKING:
    from concurrent.futures import Executor

Result = TypeVar("Result")


def crew(command: Callable[..., Result]) -> Callable[..., Result]:
    """Options `--workers` and `--dask` of a command that solves draws."""
    workers = click.option(
        "--workers", type=int, default=None, metavar="N", help="Solve in N processes, in place of threads of one."
    )
    dask = click.option(
        "--dask",
        default=None,
        metavar="ADDRESS",
        help="Solve on a Dask cluster, by its scheduler; the workers of a run see its folder.",
    )
    return workers(dask(command))


@contextmanager
def crew_of(workers: int | None, dask: str | None) -> Iterator[Executor | None]:
    """The executor that the options ask for; None for threads of this process."""
    if workers is None and dask is None:
        yield None
        return
    from offramp.runs.executors import dask_cluster, processes

    if dask is not None and workers is not None:
        raise UsageError("--workers is for processes of this machine; with --dask the cluster has its workers")
    with processes(workers) if workers is not None else dask_cluster(str(dask)) as executor:
        yield executor
