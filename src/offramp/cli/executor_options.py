"""Options `--workers` and `--dask`: solve a command's draws in processes or on a cluster, not in threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import click

from offramp.cli.parameter_types import WHOLE
from offramp.common.errors import UsageError

if TYPE_CHECKING:
    from concurrent.futures import Executor

Result = TypeVar("Result")


def executor_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Add the options `--workers` and `--dask` to a command that solves draws."""
    workers = click.option(
        "--workers",
        type=WHOLE,
        default=None,
        metavar="N",
        help="Solve in N processes instead of threads of one process.",
    )
    dask = click.option(
        "--dask",
        default=None,
        metavar="ADDRESS",
        help="Solve on the Dask cluster of this scheduler; its workers must see the run's folder.",
    )
    return workers(dask(command))


@contextmanager
def executor_of(workers: int | None, dask: str | None) -> Iterator[Executor | None]:
    """The executor for these options; None for threads of this process."""
    if workers is None and dask is None:
        yield None
        return
    from offramp.runs.executors import dask_cluster, processes

    if dask is not None and workers is not None:
        raise UsageError("--workers is for processes of this machine; with --dask the cluster has its own workers")
    with processes(workers) if workers is not None else dask_cluster(str(dask)) as executor:
        yield executor
