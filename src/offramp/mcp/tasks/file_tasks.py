"""Tasks of the tools that check, begin and run a crisis file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.app.schemas import NODES
from offramp.app.tasks.compiled_scenarios import for_page
from offramp.crisis.faults import CrisisError
from offramp.mcp.tasks.answer_sentences import conditions, draws_in_words, plain, sentence_of
from offramp.mcp.tasks.meter import Meter
from offramp.mcp.tasks.study_answers import CrisisText, crisis_in, mistakes_of_tools

if TYPE_CHECKING:
    from offramp.crisis.editor.new_crisis import NewCrisis

REPORT_SHARE = 0.05
"""The share of a run's work that its report takes, roughly."""


def check(text: CrisisText, cites: bool) -> dict[str, Any]:
    """What `offramp check` finds: every mistake; or the warnings, the size and what conditions reveal."""
    from offramp.study.file_check import check_file, mistakes

    try:
        found = check_file(crisis_in(text), NODES)
    except CrisisError as error:
        first, count = error.faults[0], len(error.faults)
        many = f"{count} mistakes; the first is" if count > 1 else "1 mistake,"
        message = for_page(first.message)
        sentence = f"The file has {many} in line {first.place.line}, column {first.place.column}: {message}."
        return {"sentence": sentence, **mistakes(error)}
    warnings, size = len(found.warnings), found.game.size
    solved = (
        f"{found.draws} draws were solved to look for choices and endings that never come about"
        if found.draws
        else "the game is too large to be solved here"
    )
    told = f"{warnings} warning{'s' * (warnings != 1)}" if warnings else "no warnings"
    facts = f"{size.nodes:,} nodes, {size.information_sets:,} information sets"
    draft = f" {found.game.crisis.draft.sentence}" if found.game.crisis.draft else ""
    sentence = f"The file has no mistakes and {told}; its game has {facts}; {solved}.{draft}"
    return {"sentence": sentence, **found.to_dict(cites=cites)}


def from_template(name: str) -> dict[str, Any]:
    """The text of a template; UsageError if there is none of that name."""
    from offramp.crisis.templates import template_line, template_text

    text = template_text(name)
    return {"sentence": f"This is the template {name}: {template_line(name)}.", "text": text, "faults": []}


def from_form(form: NewCrisis) -> dict[str, Any]:
    """The text of a new crisis from the answers to the form, as the workbench writes it; or what is wrong with them."""
    from offramp.crisis.editor.new_crisis import faults_of
    from offramp.crisis.editor.new_crisis_text import new_crisis_text

    faults = [asdict(fault) for fault in faults_of(form)]
    if faults:
        count = f"{len(faults)} answer{'s' * (len(faults) != 1)} of the form"
        first = f"{faults[0]['at']}: {faults[0]['message']}"
        return {"sentence": f"Nothing is written yet: mend {count} first, such as {first}.", "faults": faults}
    sentence = (
        f"This crisis file has {len(form.actors)} actors, {len(form.steps)} steps and {len(form.endings)} endings, and"
        " every number in it is a first guess."
    )
    return {"sentence": sentence, "text": new_crisis_text(form), "faults": []}


def run(
    text: CrisisText,
    folder: Path,
    draws: int,
    seed: int,
    levers: tuple[str, ...],
    options: dict[str, Any],
    meter: Meter,
) -> dict[str, Any]:
    """Solve a crisis over draws into an empty folder, with its report, as `offramp run` does."""
    from offramp.app.tasks.study_tasks import at_moment
    from offramp.crisis.draft_standing import as_json_key
    from offramp.report.page import page
    from offramp.runs.execution import Execution
    from offramp.runs.running import run_into
    from offramp.study.outlook.endings import endings

    crisis = at_moment(crisis_in(text), options).with_levers(*levers)
    execution = Execution(page=page, progress=lambda done: meter((1.0 - REPORT_SHARE) * done / draws))
    with mistakes_of_tools():
        found = run_into(crisis, folder, draws=draws, seed=seed, max_nodes=NODES, execution=execution)
        said = endings(found).answer[:1] if found.converged.any() else ("No draw converged, so there are no numbers",)
        result: dict[str, Any] = plain(found.to_dict())
    under = conditions(found.crisis, draws_in_words(found.draws, found.seed))
    return {"sentence": sentence_of(said, under), **result, **as_json_key(found.crisis.draft)}
