"""A LaTeX table has a column for each fit and breaks on no name."""

from __future__ import annotations

import math

from offramp.fitting.fit_latex import LatexColumn, latex_table


def test_fits_stand_side_by_side_with_errors_under_the_estimates() -> None:
    one = LatexColumn("A & B", {"war_cost": (1.23456, 0.5), "tie": (-0.5, math.nan)}, {"Cases": "1,000"})
    other = LatexColumn("100%", {"tie": (0.25, 0.125)}, {"Cases": "1,000", "BIC": "-3.10"})
    lines = latex_table([one, other], "SE: 5% level").splitlines()
    assert lines[0] == r"\begin{tabular}{lrr}"
    assert r" & A \& B & 100\% \\" in lines
    assert lines[lines.index(r"war\_cost & $1.235$ &  \\") + 1] == r" & (0.500) &  \\"
    assert lines[lines.index(r"tie & $-0.500$ & $0.250$ \\") + 1] == r" & (--) & (0.125) \\"
    assert r"BIC &  & -3.10 \\" in lines
    assert r"\multicolumn{3}{l}{\footnotesize SE: 5\% level} \\" in lines


def test_a_hostile_name_is_only_text() -> None:
    column = LatexColumn("x", {"\\input{/etc/passwd}^^41~\x1b\n%": (1.0, 1.0)}, {})
    text = latex_table([column], "")
    assert r"\textbackslash{}input\{/etc/passwd\}\textasciicircum{}\textasciicircum{}41\textasciitilde{}" in text
    assert "\x1b" not in text
    assert "\\input" not in text


def test_a_small_estimate_has_the_digits_that_its_error_allows() -> None:
    pairs = {
        "trade": (1.16e-05, 1.99e-06),
        "tie": (0.01234, 0.00456),
        "dead": (-12345.6, 2345.6),
        "far": (2e-9, math.nan),
    }
    lines = latex_table([LatexColumn("A", pairs, {})], "").splitlines()
    for value, error in (
        (r"trade & $1.16 \times 10^{-5}$ \\", r" & ($1.99 \times 10^{-6}$) \\"),
        (r"tie & $0.01234$ \\", r" & (0.00456) \\"),
        (r"dead & $-12346$ \\", r" & (2346) \\"),
        (r"far & $2.00 \times 10^{-9}$ \\", r" & (--) \\"),
    ):
        assert lines[lines.index(value) + 1] == error
