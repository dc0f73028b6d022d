"""What the container of the workbench promises, as far as the file itself says it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINES = re.sub(r"\\\n\s*", "", (ROOT / "Containerfile").read_text(encoding="utf-8")).splitlines()
FINAL = LINES[max(place for place, line in enumerate(LINES) if line.startswith("FROM ")) :]


def test_the_workbench_runs_as_a_user_without_rights_and_asks_for_a_password() -> None:
    user = next(line for line in FINAL if line.startswith("USER "))
    assert user != "USER root"
    start = next(line for line in FINAL if line.startswith("ENTRYPOINT "))
    assert '"--password-file", "/run/secrets/password"' in start
    assert FINAL.index(user) < FINAL.index(start)
    assert any(line.startswith("HEALTHCHECK ") for line in FINAL)
    assert 'VOLUME ["/crises", "/state"]' in FINAL


def test_no_secret_history_or_built_file_is_copied_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".git", ".venv", "password", "runs", "**/node_modules"} <= set(ignored)
    assert [line for line in FINAL if line.startswith(("COPY", "ADD"))] == [
        "COPY --from=build /opt/offramp /opt/offramp"
    ]
    assert not [line for line in LINES if re.match(r"(ARG|ENV) \S*(PASSWORD|TOKEN|KEY)", line)]


def test_only_what_is_locked_is_installed() -> None:
    installs = [line for line in LINES if "pip install" in line]
    parts = [part for line in installs for part in line.split("&&") if "pip install" in part]
    assert parts
    assert all("--require-hashes" in part or "--no-index" in part for part in parts)
