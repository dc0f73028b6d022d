"""Tasks of the tools that study a run or a crisis: what the command line prints with `--json`, after a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.app.http_errors import Refused
from offramp.app.tasks import study_tasks
from offramp.common.errors import UsageError
from offramp.mcp.tasks.answer_sentences import conditions, draws_in_words, plain, sentence_of
from offramp.mcp.tasks.meter import Meter

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis
    from offramp.study.finding import Finding

Options = Mapping[str, Any]
CrisisText = tuple[str, str]
"""The text and the absolute path of a crisis file."""
SAID = {
    "endings": 1, "moves": 4, "weigh": 1, "levers": 2, "worth": 2, "why": 3, "map": 2, "update": 2, "compare": 1,
}  # fmt: skip
"""How many sentences of a finding's answer the first line of the tool's answer takes."""
ON_FEWER = {"worth": 320, "levers": 96}
"""The studies of a run that take its first draws alone, and how many if none are asked for."""
_MORE_DRAWS = re.compile(r"run again with --draws ([\d,]+)")
SEED = 1
"""The seed of the draws of a study of a crisis, if none is asked for, as on the command line."""


def of_run(folder: Path, study: str, options: Options, since: CrisisText | None, meter: Meter) -> dict[str, Any]:
    """A study of a run; `since`: for `update`, the file with the events observed since the run."""
    later = None if since is None else since[::-1]
    with mistakes_of_tools():
        finding = study_tasks.finding_of(folder, study, options, later, progress=meter)
    run = study_tasks.run_of(folder)
    crisis = study_tasks.at_moment(run.crisis, dict(options))
    draws, seed = run.draws, run.seed
    if study in ON_FEWER:
        draws, seed = min(draws, options.get("draws", ON_FEWER[study])), options.get("seed", seed)
    return _answer(study, finding, conditions(crisis, draws_in_words(draws, seed)))


def of_crisis(text: CrisisText, study: str, options: Options, meter: Meter) -> dict[str, Any]:
    """A study of a crisis file that needs no run."""
    crisis = crisis_in(text)
    with mistakes_of_tools():
        finding = study_tasks.finding_of_crisis(crisis, study, options, SEED, meter)
    crisis = study_tasks.at_moment(crisis, dict(options)).with_levers(*options.get("levers", ()))
    return _answer(study, finding, conditions(crisis, _how(crisis, study, options)))


def compared(
    places: tuple[Path | CrisisText, Path | CrisisText],
    names: tuple[str, str],
    options: Options,
    map_file: Path | None,
    meter: Meter,
) -> dict[str, Any]:
    """Where two crises differ, each a file or that of a run, and how much each difference changes.

    `map_file`: a map of keys, which says what the second calls the things of the first.
    """
    from offramp.study.key_map_reading import read_map

    key_map = None if map_file is None else read_map(map_file)
    (first, seed), (second, _) = (_crisis_and_seed(place) for place in places)
    with mistakes_of_tools():
        crises = study_tasks.both_at_moment((first, second), options, key_map)
        finding = study_tasks.comparison(crises, options, names, seed, meter, key_map)
    how = draws_in_words(options.get("draws", 128), options.get("seed", seed))
    moments = [conditions(crisis, "") for crisis in crises]
    under = moments[0] if moments[0] == moments[1] else f"A: {moments[0]}; B: {moments[1]}"
    return _answer("compare", finding, f"A is {names[0]}, B is {names[1]}; {how}; {under}")


def reported(folder: Path, meter: Meter) -> tuple[str, dict[str, Any]]:
    """The page that `offramp report` writes, and the answer of the tool that writes it."""
    page, lead = study_tasks.report_with_lead(folder, meter)
    run = study_tasks.run_of(folder)
    under = conditions(run.crisis, draws_in_words(run.draws, run.seed))
    return page, {"sentence": sentence_of(lead[:1], under), "title": run.crisis.title, "answer": list(lead)}


def crisis_in(text: CrisisText) -> Crisis:
    """A crisis with what is known of the draft beside it; only sources in its folder are read."""
    from offramp.crisis.draft_standing import unread_beside
    from offramp.crisis.reading import read_text

    content, path = text
    return replace(read_text(content.encode("utf-8", "surrogatepass"), path), draft=unread_beside(Path(path)))


@contextmanager
def mistakes_of_tools() -> Iterator[None]:
    """Put a mistake into the words of the tools, which have no options of a command."""
    try:
        yield
    except UsageError as error:
        raise UsageError(_MORE_DRAWS.sub(r"ask again with \1 draws", str(error))) from None


def _crisis_and_seed(place: Path | CrisisText) -> tuple[Crisis, int]:
    """The crisis of a file or a run, and the run's seed."""
    if isinstance(place, Path):
        run = study_tasks.run_of(place)
        return run.crisis, run.seed
    return crisis_in(place), SEED


def _how(crisis: Crisis, study: str, options: Options) -> str:
    """How a study of a crisis was solved, in words."""
    from offramp.crisis.inputs import conditions as conditions_of_solve

    if study == "levers":
        return draws_in_words(options.get("draws", 96), options.get("seed", SEED))
    solved = conditions_of_solve(crisis, options.get("given"), options.get("rationality"))
    return f"each point one solve {solved}, apart from the axes" if study == "map" else f"one solve {solved}"


def _answer(study: str, finding: Finding, under: str) -> dict[str, Any]:
    """The answer of a tool: a sentence, then everything that the command line prints as JSON."""
    if not finding.answer:
        raise Refused(422, "there is nothing to say: no draw converged")
    found: dict[str, Any] = plain(finding.to_dict())
    said = finding.answer[: SAID[study]]
    left_out = (told for told in _levers_left_out(finding) if not any(told in sentence for sentence in said))
    return {"sentence": sentence_of([*said, *left_out], under), **found}


def _levers_left_out(finding: Finding) -> Iterator[str]:
    """Sentences on the levers that are no choice, since they make some draws impossible."""
    from offramp.study.impossible_levers import left_out_by_themselves
    from offramp.study.interventions.levers_finding import Levers
    from offramp.study.value_of_information.worth_finding import Worth

    if isinstance(finding, Levers | Worth):
        for one in left_out_by_themselves(finding.impossible):
            yield one.told(finding.names)
