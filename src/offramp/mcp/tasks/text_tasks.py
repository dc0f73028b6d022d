"""Tasks of the resources: schemas, and the tables of a run, as texts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.app.http_errors import Refused
from offramp.common.words import expected

if TYPE_CHECKING:
    import pandas as pd

    from offramp.runs.result import Run

MOST_DRAWS = 200_000
"""Maximum number of draws of a run whose table is made here."""
MOST_BYTES = 2_000_000
"""Maximum size of a table."""
_DRAWS = re.compile(r"draws(?:-(\d{1,9})-(\d{1,9}))?")


def crisis_schema() -> str:
    """The JSON Schema of a crisis file, as `offramp schema` prints it."""
    from offramp.crisis.json_schema import json_schema

    return json.dumps(json_schema(), indent=2, ensure_ascii=False)


def brief_schema() -> str:
    """The JSON Schema of a brief: the records of a document."""
    from offramp.draft.brief_records import DraftBrief

    return json.dumps(DraftBrief.model_json_schema(), indent=1, ensure_ascii=False)


def run_table(folder: Path, name: str) -> str:
    """A table of a run as CSV: `draws`, or `draws-FIRST-LAST` for some of them; or one of its endings and moves.

    Raises
    ------
    Refused
        If there is no such table, or it is too large.
    """
    from offramp.app.tasks.study_tasks import run_of

    run = run_of(folder)
    found = _table(run, name)
    text = found.to_csv(index=False, lineterminator="\n")
    if len(text.encode()) > MOST_BYTES:
        raise Refused(
            413, f"this table has {len(text.encode()):,} bytes, at most {MOST_BYTES:,}: ask for draws-0-999, say"
        )
    return text


def _table(run: Run, name: str) -> pd.DataFrame:
    from offramp.study.outlook.endings import endings
    from offramp.study.outlook.moves import moves_over_draws

    if asked := _DRAWS.fullmatch(name):
        if run.draws > MOST_DRAWS:
            raise Refused(413, f"the run has {run.draws:,} draws: read the Parquet files in its folder")
        first, last = (int(asked[1]), int(asked[2])) if asked[1] else (0, run.draws - 1)
        return run.to_pandas().iloc[first : last + 1]
    tables = {table.name: table for finding in (endings(run), moves_over_draws(run)) for table in finding.tables}
    if name not in tables:
        names = ("draws", *tables)
        raise Refused(404, f"the run has no table '{name[:60]}'{expected(name, names, len(names))}")
    return tables[name].to_pandas()
