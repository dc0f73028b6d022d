"""From a fit into a crisis: each estimate as the distribution of its input, with where it comes from.

In the file (`--into`) and in memory (`offramp run --fit`) the text is the same, so a run of either has the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from offramp.common.errors import UsageError
from offramp.common.words import listed, nearest
from offramp.crisis.distribution import Distribution, from_expression
from offramp.crisis.editor.file_change import FileChange, file_bytes, read_to_change
from offramp.crisis.editor.grounding import Grounding, NewSource, free_key, ground_inputs
from offramp.crisis.editor.rewriting import content_of
from offramp.crisis.expressions.grammar import parse
from offramp.crisis.faults import Fault, Location
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Input
from offramp.crisis.reading import read_text
from offramp.fitting.fit_folder import KeptFit, read_fit
from offramp.fitting.fitted_choice import rule_warnings
from offramp.fitting.fitted_distribution import fitted_distribution, written_correlations
from offramp.runs.store.manifest import exact_text

SOURCE = "cases"
"""The key of the source that is added; a number is added if it is taken."""
_PENALTIES = {
    "none": "",
    "prior": ", with the priors of the file",
    "cauchy": ", with Cauchy priors",
    "log-f": ", with log-F priors",
}


def change_of_fit(kept: KeptFit, crisis_file: Path) -> FileChange:
    """What the estimates of a fit make of a crisis file; nothing is written.

    Raises
    ------
    UsageError
        If the file lacks an input that was estimated, or cannot be changed; if some estimate has no standard error.
    OfframpError
        If the file cannot be read.
    """
    before = file_bytes(crisis_file)
    crisis = read_to_change(before, str(crisis_file))
    after, inputs = _text_with(kept, before.decode("utf-8"), crisis)
    return FileChange(crisis_file, before, after.encode("utf-8"), inputs)


class HasFit(Protocol):
    """What has a fit to keep: a fit, or the posterior of one."""

    def kept(self) -> KeptFit: ...


def with_fit(crisis: Crisis, fit: HasFit | str | Path) -> Crisis:
    """The crisis with the estimates of a fit as the distributions of its coefficients, as `--into` would write them.

    Parameters
    ----------
    crisis
        A crisis that `read` returns: pull levers and suppose afterwards.
    fit
        What `offramp.fit` returns, its posterior, or the folder that `offramp fit --out` has written.

    Raises
    ------
    UsageError
        If the crisis lacks an input that was estimated, or its file cannot be changed; if some estimate has no standard
        error; if the folder holds no fit.
    """
    if not isinstance(crisis, Crisis):
        raise UsageError(f"expected a crisis that `read` returns, found {type(crisis).__name__}")
    if crisis.pulled or crisis.outset is not None:
        raise UsageError("a fit goes into a crisis before levers are pulled or anything is supposed")
    if isinstance(fit, str | Path):
        kept = read_fit(fit)
    elif callable(getattr(fit, "kept", None)):
        kept = fit.kept()
    else:
        raise UsageError(f"expected a fit or the folder of one, found {type(fit).__name__}")
    text, _ = _text_with(kept, crisis.text, crisis)
    read = read_text(text.encode("utf-8"), crisis.path, allow_outside=crisis.allow_outside)
    warnings = (Fault(Location(1, 1), said) for said in rule_warnings(kept.rules, kept.title, crisis))
    return replace(read, draft=crisis.draft, warnings=(*read.warnings, *warnings))


def warnings_of_fit(kept: KeptFit, crisis_file: Path) -> tuple[str, ...]:
    """What is doubtful about the estimates of a fit in a crisis file; raises as `change_of_fit`."""
    crisis = read_to_change(file_bytes(crisis_file), str(crisis_file))
    return tuple(rule_warnings(kept.rules, kept.title, crisis))


def _text_with(kept: KeptFit, text: str, crisis: Crisis) -> tuple[str, tuple[str, ...]]:
    """The text of a crisis file with the estimates, and the entries of `inputs` that change."""
    check_estimated(kept.parameters, crisis)
    entries = [crisis.inputs[name] for name in kept.parameters]
    errors = kept.standard_errors
    if kept.covariance is None or errors is None or not (errors > 0.0).all():
        why = f": {kept.remarks[0]}" if kept.remarks else ""
        remedy = "fit with --prior, --cauchy or --log-f, or leave out what the cases cannot tell"
        raise UsageError(f"an estimate has no standard error, so there is no distribution to write{why}\n{remedy}")
    texts = {
        entry.key: fitted_distribution(
            _prior(entry, kept.priors[place]), float(kept.values[place]), float(errors[place])
        )
        for place, entry in enumerate(entries)
    }
    source, new = _source(kept, crisis)
    because = because_of(kept)
    written = _written(text)
    groundings = [
        _sum_grounding(crisis, key, texts, written.get(key), because, f"{source} ¶1")
        if key in crisis.sums
        else Grounding(key, texts[key], because, f"{source} ¶1")
        for key in dict.fromkeys(entry.of_sum or entry.key for entry in entries)
    ]
    fitted = {entry.key for entry in entries}
    others = [
        pair
        for pair in crisis.correlations
        if not {pair.first, pair.second} <= fitted and {pair.first, pair.second} <= {*crisis.uncertain, *fitted}
    ]
    pairs = written_correlations(kept.parameters, kept.covariance, others)
    after = ground_inputs(text, crisis.path, groundings, new, pairs)
    return after, tuple(grounding.input for grounding in groundings)


def check_estimated(names: Sequence[str], crisis: Crisis) -> None:
    """Check that a crisis has the inputs that are estimated; UsageError that names those that it lacks."""
    missing = [name for name in names if name not in crisis.inputs]
    if missing:
        one = missing[0]
        known = [name for name, entry in crisis.inputs.items() if entry.column is None]
        hint = nearest(one, known) or f" (inputs: {listed(known, 20)})"
        more = f"; nor {listed((f'{name!r}' for name in missing[1:]), 10)}" if len(missing) > 1 else ""
        raise UsageError(f"{crisis.path} has no input '{one}', which is estimated{hint}{more}")


def _prior(entry: Input, written: str) -> Distribution:
    """The prior whose kind and bounds an estimate keeps: that of the crisis, or of the fit where that is a number."""
    return from_expression(parse(written)) if entry.distribution.kind == "constant" else entry.distribution


def _written(text: str) -> dict[str, object]:
    """What a crisis file has as `is`, by input, as it is written."""
    inputs = content_of(text).get("inputs")
    entries = inputs.items() if isinstance(inputs, dict) else ()
    return {str(key): entry.get("is") for key, entry in entries if isinstance(entry, dict)}


def _sum_grounding(
    crisis: Crisis, name: str, texts: Mapping[str, str], written: object, because: str, cite: str
) -> Grounding:
    """The distributions of all coefficients of a sum, by entry; those that were not estimated keep what is written."""
    by_entry = {str(entry): part for entry, part in written.items()} if isinstance(written, dict) else {}
    own, kept = {}, []
    for key in crisis.sums[name].coefficients:
        entry = key.removeprefix(f"{name}.")
        if key in texts:
            own[entry] = texts[key]
        else:
            kept.append(entry)
            # a distribution of a column of text holds for each of its levels
            column = entry.partition(".")[0]
            part = by_entry.get(entry, by_entry.get(column)) if by_entry else written
            own[entry] = exact_text(crisis.inputs[key].distribution) if part is None else str(part)
    if kept:
        fitted = listed((entry for entry in own if entry not in kept), 20)
        because = f"{because}: {fitted}; not fitted: {listed(kept, 20)}"
    return Grounding(name, own, because, cite)


def because_of(kept: KeptFit) -> str:
    """Where an estimate comes from: `Fitted to 7,240 cases, 1985 to 1998, of attacks.csv`."""
    years = f", {kept.years}" if kept.years else ""
    how = {"clustered": "; clustered standard errors", "sandwich": "; robust standard errors"}.get(kept.errors, "")
    what = "Posterior of" if kept.errors == "posterior" else "Fitted to"
    table = f", of {Path(kept.table).name}" if kept.table_sha256 else ""
    return f"{what} {kept.cases:,} cases{years}{table}{_PENALTIES[kept.penalty]}{how}"


def _source(kept: KeptFit, crisis: Crisis) -> tuple[str, NewSource | None]:
    """The key of the table as a source of the crisis, and the source to add if there is none yet.

    The source has no file: a run in another folder must not depend on the table.
    """
    digest = f"SHA-256 {kept.table_sha256}" if kept.table_sha256 else "given in Python"
    title = f"{Path(kept.table).name}, {kept.rows:,} rows, {digest}"
    for source in crisis.sources.values():
        if source.title == title:
            return source.key, None
    key = free_key(SOURCE, crisis.sources)
    return key, NewSource(key, title)
