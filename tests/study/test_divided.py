"""Where the principal branch divides no side is the answer, and what is told of one of them says so."""

from __future__ import annotations

import offramp
from offramp.study.explanation.explaining import why
from offramp.study.histories.flows import flows_of
from offramp.study.histories.paths import paths
from offramp.study.histories.plays import solved
from offramp.study.outlook.endings import endings
from tests.crises import crisis_of
from tests.runs.test_ensemble import CHICKEN

SYMMETRIC = crisis_of(CHICKEN.decode())


def told(rationality: float | None) -> set[str]:
    """What findings of one solve say that they rest on."""
    return {
        why(SYMMETRIC, "first", rationality=rationality).basis,
        paths(SYMMETRIC, rationality=rationality).basis,
        flows_of(*solved(SYMMETRIC, rationality)).solved,
    }


def test_what_is_told_of_one_of_several_branches_says_so() -> None:
    (basis,) = told(None)
    assert basis.startswith("One solve at the medians of the inputs. At rationality 0.6")
    assert "another branch of equilibria crosses the principal one" in basis
    assert "The numbers are those of one of these branches; no branch is likelier" in basis


def test_before_the_branch_divides_nothing_is_said_of_it() -> None:
    assert told(0.5) == {"One solve at the medians of the inputs, with rationality 0.5 for all actors."}


def test_the_endings_of_a_run_in_which_the_branch_divides_carry_the_warning_of_the_run() -> None:
    found = endings(offramp.run(SYMMETRIC, draws=130, seed=1))
    assert "In 2 draws another branch of equilibria crosses the principal one" in found.answer[-1]
