"""One schema of the options of studies: functions, command line, server and page agree with it."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import offramp
from offramp.app.study_requests import options_of
from offramp.cli import main
from offramp.common.errors import UsageError
from offramp.study.options import STUDIES, StudyOption
from tests.every_command import EVERY_COMMAND

PAGE = Path(__file__).parents[2] / "web" / "src" / "runs" / "options.json"
EVERY = [(study, option) for study, options in STUDIES.items() for option in options]
FUNCTIONS = {"map": offramp.map_of}
WRITTEN_OTHERWISE = {"given": "--set", "levers": "--lever", "sees": "--given"}
EXAMPLES = {
    "name": "a",
    "names": ["a"],
    "number": 0.5,
    "share": 0.5,
    "values": {"a": 1.0},
    "facts": {"a": "b"},
    "flag": True,
}


def name_of(study: str, option: StudyOption) -> str:
    return f"{study}-{option.name}"


@pytest.mark.parametrize(("study", "option"), EVERY, ids=lambda value: getattr(value, "name", value))
def test_an_option_is_a_parameter_of_the_function_with_its_default(study: str, option: StudyOption) -> None:
    parameters = inspect.signature(FUNCTIONS.get(study) or getattr(offramp, study)).parameters
    if option.name in ("levers", "now", "suppose"):
        return  # said of the crisis: `crisis.with_levers(...)`, `crisis.now()`, `crisis.supposing(...)`
    parameter = parameters[option.parameter or option.name]
    if option.default is not None:
        assert parameter.default == option.default
    assert option.needed == (parameter.default is inspect.Parameter.empty)


@pytest.mark.parametrize(("study", "option"), EVERY, ids=lambda value: getattr(value, "name", value))
def test_an_option_is_one_of_the_command_with_its_default(study: str, option: StudyOption) -> None:
    parameters = {word: one for one in EVERY_COMMAND[study].params for word in (*one.opts, one.name)}
    found = parameters.get(WRITTEN_OTHERWISE.get(option.name, f"--{option.name}")) or parameters[option.name]
    assert found.required == option.needed
    assert (
        found.required
        or found.multiple
        or getattr(found, "is_flag", False)
        or (found.default or None) == option.default
    )


@pytest.mark.parametrize(("study", "option"), [one for one in EVERY if one[1].needed and one[0] == "map"])
def test_a_command_without_what_it_needs_says_so(study: str, option: StudyOption, tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["new", str(tmp_path / "small")]).exit_code == 0
    others = [word for one in STUDIES[study] if one.needed and one != option for word in (f"--{one.name}", "spiral")]
    refused = CliRunner().invoke(main, [study, str(tmp_path / "small" / "crisis.yaml"), *others])
    assert (refused.exit_code, f"Missing option '--{option.name}'" in refused.stderr) == (2, True)


@pytest.mark.parametrize(("study", "option"), EVERY, ids=lambda value: getattr(value, "name", value))
def test_the_server_reads_an_option_within_its_bounds(study: str, option: StudyOption) -> None:
    needed = {other.name: EXAMPLES[other.kind] for other in STUDIES[study] if other.needed}
    good = option.high if option.kind == "whole" else EXAMPLES[option.kind]
    assert options_of(study, needed | {option.name: good})[option.name] in (
        good,
        tuple(good) if option.kind == "names" else good,
    )
    for wrong in (option.high + 1, option.low - 1) if option.kind == "whole" else ([[]],):
        with pytest.raises(UsageError, match=f"'{option.name}' takes"):
            options_of(study, needed | {option.name: wrong})


def test_the_page_has_the_numbers_of_the_schema() -> None:
    """`python tests/study/test_options.py` writes the page's file."""
    assert json.loads(PAGE.read_text(encoding="utf-8")) == numbers()


def numbers() -> dict[str, dict[str, dict[str, float | None]]]:
    return {
        study: {
            option.name: {"value": option.default, "min": option.low, "max": option.high}
            for option in options
            if option.kind == "whole" and option.name != "seed"
        }
        for study, options in STUDIES.items()
        if any(option.kind == "whole" and option.name != "seed" for option in options)
    }


if __name__ == "__main__":
    PAGE.write_text(json.dumps(numbers(), indent=2) + "\n", encoding="utf-8")
