"""The prompt for news: the steps of the crisis with what is observed of them, and the texts. No odds, no payoffs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from offramp.crisis.dates import span_in_words
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of
from offramp.crisis.steps import Chance, Move, Rounds, Step, Together
from offramp.draft.news.news_records import NewsAnswer
from offramp.draft.news.proposals import NewsSource
from offramp.draft.prompts import Prompt, data_section, numbered, prompt_of

MOST_DAYS = 60
"""Maximum number of rounds whose days are listed."""


def news_prompt(crisis: Crisis, sources: Sequence[NewsSource], number: int, complaints: Sequence[str] = ()) -> Prompt:
    """What is asked of texts; `number`: of the prompt; `complaints`: what was wrong with the last answer."""
    texts = (_text_section(place, source) for place, source in enumerate(sources, start=1))
    return prompt_of("news", number, [_game_section(crisis), *texts], NewsAnswer, complaints)


def _game_section(crisis: Crisis) -> str:
    lines = [crisis.title, *([crisis.summary] if crisis.summary else [])]
    if crisis.as_of:
        lines.append(f"The game begins after {crisis.as_of}: what happened until then is in it already.")
    lines += ["", *_steps(crisis, crisis.timeline), "Observed already:", *(_observed(crisis) or ["- nothing"])]
    return data_section("The game", "game", "\n".join(lines))


def _steps(crisis: Crisis, steps: Iterable[Step], conditional: bool = False) -> Iterator[str]:
    """The lines of steps; `conditional`: whether they may not come about."""
    for step in steps:
        may_lack = conditional or step.condition is not None
        if isinstance(step, Chance | Move):
            yield from _step(crisis, step, may_lack)
        elif isinstance(step, Together):
            yield from _steps(crisis, step.steps, may_lack)
        elif isinstance(step, Rounds):
            yield f"Rounds 1 to {step.count}, in each of which these steps come again; give the `round`:"
            yield from _days(step)
            yield from _steps(crisis, step.steps, may_lack or step.until is not None)
            yield "The rounds end here."


def _step(crisis: Crisis, step: Chance | Move, may_lack: bool) -> Iterator[str]:
    who = f"a move of {crisis.actors[step.by].name}" if isinstance(step, Move) else "nobody chooses it"
    yield f"{step.name} (key {step.key}, {who}){_explained(step.says)}"
    for key, option in step.option_details.items():
        yield f"- {key}: {option.name}{_explained(option.says)}"
    if may_lack:
        yield f"- {SKIPPED}: {names_of(crisis).absent(step.key)}"
    yield ""


def _days(rounds: Rounds) -> Iterator[str]:
    if rounds.times is not None:
        for number in range(1, min(rounds.count, MOST_DAYS) + 1):
            yield f"round {number} is {span_in_words(rounds.times.span(number))}"


def _explained(says: str | None) -> str:
    return f": {says}" if says else ""


def _observed(crisis: Crisis) -> list[str]:
    return [
        f"- {entry.date}: {step}{f' in round {entry.round}' if entry.round else ''} = {' or '.join(values)}"
        for entry in crisis.observed
        for step, values in entry.values.items()
    ]


def _text_section(number: int, source: NewsSource) -> str:
    day = f", of {source.as_of}: use nothing that happened or became known later" if source.as_of else ""
    return data_section(f"Text {number}{day}", "news", f"{source.name}\n\n{numbered(source.paragraphs)}")
