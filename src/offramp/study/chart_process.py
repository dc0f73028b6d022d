"""Charts drawn by a process of their own.

The program that draws charts takes half a second to begin, and Python's other threads wait meanwhile. A process that is
started before the numbers are there has begun when they come.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

from offramp.common.isolation import PACKAGE_FOLDER, command, environment

Specification = Mapping[str, Any]
DrawSvg = Callable[[Specification, str], str]
"""Draws a specification in a version of Vega-Lite as an SVG document."""
NOTHING: Specification = {"mark": "point", "data": {"values": []}}
"""A chart of nothing, which is drawn to begin."""


def svg_here(specification: Specification, version: str) -> str:
    """A specification of Vega-Lite, drawn by this process, offline."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(dict(specification), vl_version=version, allowed_base_urls=[])
    return svg


@contextmanager
def chart_process() -> Iterator[DrawSvg]:
    """A function that draws as `svg_here` does, by a process of its own that ends with the context.

    If that process cannot be started, has ended or answers anything else, this one draws.
    """
    try:
        process = subprocess.Popen(
            command("offramp.study.chart_process"),
            cwd=PACKAGE_FOLDER,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the process that waits for the answer
        )
    except OSError:
        yield svg_here
        return
    asked, answers, one_at_a_time = process.stdin, process.stdout, Lock()
    assert asked is not None
    assert answers is not None

    def drawn_apart(specification: Specification, version: str) -> str:
        with one_at_a_time:
            if process.poll() is None:
                try:
                    asked.write(json.dumps([specification, version]).encode() + b"\n")
                    asked.flush()
                    return str(json.loads(answers.readline()))
                except (OSError, ValueError):  # its next answer could be that to this question
                    process.kill()
                    process.wait()
        return svg_here(specification, version)

    try:
        yield drawn_apart
    finally:
        process.kill()
        process.wait()
        for pipe in (asked, answers):
            with suppress(OSError):  # the rest of a question that was not sent
                pipe.close()


def _answer_until_closed() -> None:
    """Draw an empty chart, which loads everything, then a chart for each line of standard input."""
    import vl_convert

    svg_here(NOTHING, vl_convert.get_vegalite_versions()[-1])
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(svg_here(*json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _answer_until_closed()
