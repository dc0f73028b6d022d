"""From an elicitation into a crisis file: distributions with their reason and cite, and the file as a source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from offramp.common.errors import UsageError
from offramp.common.texts import tr, trn
from offramp.common.words import listed, nearest
from offramp.crisis.checks.cites import located, parts_of
from offramp.crisis.checks.sources import paragraphs
from offramp.crisis.editor.file_change import FileChange, file_bytes, read_to_change
from offramp.crisis.editor.grounding import Grounding, NewSource, free_key, ground_inputs
from offramp.crisis.model import Crisis
from offramp.elicitation.classical_model import Pooling
from offramp.elicitation.elicited import Elicited, in_points, input_of
from offramp.elicitation.estimates import PanelEstimates, PooledAnswer
from offramp.elicitation.panel import Panel

SOURCE = "elicitation"
"""The key of a source that is added; a number is added if it is taken."""
LONGEST_PHRASE = 120


def change_of(elicited: Elicited, crisis_file: Path, inputs: Sequence[str] = ()) -> FileChange:
    """What the pools of an elicitation make of a crisis file; nothing is written.

    Parameters
    ----------
    elicited
        The elicitation.
    crisis_file
        The crisis file.
    inputs
        The keys of the inputs to change; by default those of all questions.

    Raises
    ------
    UsageError
        If an input is unknown, measured in another unit, or has no smooth distribution; if the elicitation file is not
        in the folder of the crisis or below it; or if the crisis file cannot be changed.
    OfframpError
        If the crisis file cannot be read.
    """
    before = file_bytes(crisis_file)
    crisis = read_to_change(before, str(crisis_file))
    estimates = elicited.estimates
    source, new_source = _source(estimates.panel, crisis, crisis_file)
    chosen = _chosen(estimates, crisis, inputs)
    groundings = [_grounding(estimate, estimates, source) for estimate in chosen]
    text = ground_inputs(before.decode("utf-8"), str(crisis_file), groundings, new_source)
    return FileChange(crisis_file, before, text.encode("utf-8"), tuple(input_of(estimate) for estimate in chosen))


def _source(panel: Panel, crisis: Crisis, crisis_file: Path) -> tuple[str, NewSource | None]:
    """The key of the elicitation file as a source of the crisis, and the source to add if there is none yet."""
    folder, file = crisis_file.resolve().parent, Path(panel.path).resolve()
    if not file.is_relative_to(folder):
        where = f"{panel.path} is not in the folder of {crisis_file} or below it"
        raise UsageError(f"{where}, so cites of it could not be checked; copy it there")
    for source in crisis.sources.values():
        if source.file is not None and (folder / source.file).resolve() == file:
            return source.key, None
    key = free_key(SOURCE, crisis.sources)
    return key, NewSource(key, panel.title, file.relative_to(folder).as_posix())


def _chosen(estimates: PanelEstimates, crisis: Crisis, inputs: Sequence[str]) -> list[PooledAnswer]:
    """The estimates to write, after the checks that need no text."""
    by_input: dict[str, PooledAnswer] = {}
    for estimate in estimates.estimates:
        key = input_of(estimate)
        if key in by_input:
            both = f"'{by_input[key].question.key}' and '{estimate.question.key}'"
            raise UsageError(f"{both} are both about the input '{key}'")
        by_input[key] = estimate
    for key in inputs:
        if key not in by_input:
            known = f" (there are questions on {listed(by_input, 20)})" if by_input else ""
            raise UsageError(f"no question is about the input '{key}'{nearest(key, by_input)}{known}")
    chosen = [by_input[key] for key in dict.fromkeys(inputs or by_input)]
    if not chosen:
        raise UsageError(f"{estimates.panel.path} has no questions besides its seed questions")
    written = {key: entry for key, entry in crisis.inputs.items() if entry.of_actor is None}
    for estimate in chosen:
        key, question = input_of(estimate), estimate.question
        if key not in written:
            hint = nearest(key, written) or f" (inputs: {listed(written, 20)})"
            more = "\n--input KEY writes only the inputs that it names" if not inputs and len(by_input) > 1 else ""
            where = f"question '{question.key}': {crisis.path} has no input '{key}'"
            raise UsageError(f"{where}{hint}{more}")
        unit = written[key].unit
        if unit and question.unit and unit != question.unit:
            units = f"asked in {question.unit}, but the input is in {unit}"
            raise UsageError(f"'{key}' is {units}; write the same unit in both files")
        if estimate.used is None:
            raise UsageError(f"no expert with a weight answered '{question.key}'; take --pool equal")
        if estimate.fit is None:
            how = "give natural bounds (low, high), use scale: log, or write the distribution by hand"
            raise UsageError(f"no smooth percentiles() has the pool's numbers of '{question.key}': {how}")
    return chosen


def _grounding(estimate: PooledAnswer, estimates: PanelEstimates, source: str) -> Grounding:
    assert estimate.fit is not None
    panel, count = estimates.panel, len(estimate.question.answers)
    because = tr(
        "Elicited from {experts}, {weights}; at most {error} of probability off their pool",
        experts=trn("{count} expert", "{count} experts", count),
        weights=_weights(estimates.pooling, len(panel.seeds)),
        error=in_points(estimate.fit.error),
    )
    return Grounding(input_of(estimate), estimate.fit.text, because, _cite(estimate, panel, source))


def _weights(pooling: Pooling, seeds: int) -> str:
    if pooling == "equal":
        return tr("equal weights")
    on = trn("{count} seed question", "{count} seed questions", seeds)
    if pooling == "global":
        return tr("weights by performance on {seeds}", seeds=on)
    return tr("weights by performance on {seeds} and by question", seeds=on)


def _cite(estimate: PooledAnswer, panel: Panel, source: str) -> str:
    """The cite of a question: its words if they stand first in the paragraph with its key, else that paragraph."""
    question = estimate.question
    until_key = "\n".join(panel.text.splitlines()[: question.place.line])
    number = max(1, len(paragraphs(until_key)))
    cite = f'{source} "{question.asks}"'
    parts = parts_of(cite)
    place = None if parts is None else located(parts[1], paragraphs(panel.text))
    is_there = place is not None and place.paragraph == number
    return cite if is_there and len(question.asks) <= LONGEST_PHRASE else f"{source} ¶{number}"
