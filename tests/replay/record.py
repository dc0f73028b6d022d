"""Record answers for the accounts anew: `python -m tests.replay.record --model NAME --base-url URL [ACCOUNT ...]`.

Tests never run this: it asks a model, with a person's own key. What the new answers are worth is written to
`measured.yaml`. With `--keep-answers` nothing is asked: the answers stay, are marked as answers to the prompts as they
are now, and must be worth what was measured. Use that only if a change of a prompt changes no good answer.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from offramp.draft.drafting import advance
from offramp.draft.stages import next_prompt
from tests.accounts.scoring import accounts, expected_of
from tests.replay.measuring import MEASURED, measured, read_measured, write_measured
from tests.replay.recorded import EXCHANGES, begun, hash_of, recorded, recorded_accounts, replayed


def record(account: str, model: str, base_url: str, key_env: str | None) -> None:
    """Draft an account with a model, and keep what it answered in place of what was recorded."""
    expected = expected_of(account)
    with TemporaryDirectory() as temporary:
        draft = Path(temporary) / "draft"
        command = [sys.executable, "-m", "offramp", "draft", str(expected.document), "--out", str(draft), "--yes"]
        command += ["--as-of", expected.as_of, "--model", model, "--base-url", base_url]
        subprocess.run([*command, "--key-env", key_env] if key_env else command, check=True)
        kept = sorted((draft / "exchanges").glob("*.json"))
        shutil.rmtree(EXCHANGES / account, ignore_errors=True)
        for path in kept:
            exchange = json.loads(path.read_text(encoding="utf-8"))
            number = int(path.name.partition("-")[0])
            write(
                account, exchange["stage"], number, exchange["model"], exchange["messages_sha256"], exchange["answer"]
            )


def keep_answers(account: str) -> None:
    """Mark the recorded answers of an account as answers to today's prompts."""
    exchanges = recorded(account)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        draft = begun(account, folder, exchanges[0].model)
        for one in exchanges:
            prompt = next_prompt(draft, folder)
            if prompt is None or prompt.stage != one.stage:
                asks = "nothing" if prompt is None else prompt.stage
                sys.exit(
                    f"{account}: {one.path.name} answers {one.stage}, and the draft now asks {asks}: record it anew"
                )
            write(account, one.stage, one.number, one.model, hash_of(prompt, one.model), one.answer)
            draft = advance(folder, draft, one.answer)
    if draft.stage != "done":
        sys.exit(f"{account}: the draft asks {draft.stage}, which has no answer: record it anew")


def measure(account: str) -> None:
    """Write what the recorded answers of an account are worth into `measured.yaml`."""
    content = read_measured() if MEASURED.exists() else {}
    with TemporaryDirectory() as temporary:
        content[account] = measured(account, replayed(account, Path(temporary)))
    write_measured(dict(sorted(content.items())))


def write(account: str, stage: str, number: int, model: str, messages_sha256: str, answer: str) -> None:
    """Write one exchange; an answer that is JSON is written so that a person can read it."""
    path = EXCHANGES / account / f"{stage}-{number}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        readable = json.loads(answer)
    except ValueError:
        readable = answer
    content = {"model": model, "messages_sha256": messages_sha256, "answer": readable}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Record the accounts named, or all."""
    parser = argparse.ArgumentParser(description="Record a model's answers for the accounts of tests/accounts.")
    parser.add_argument("accounts", nargs="*", choices=[*accounts(), []], metavar="ACCOUNT")
    parser.add_argument("--model")
    parser.add_argument("--base-url")
    parser.add_argument("--key-env", help="name of the environment variable that holds the key")
    parser.add_argument("--keep-answers", action="store_true", help="ask nothing; mark the answers as up to date")
    given = parser.parse_args()
    if given.keep_answers:
        for account in given.accounts or recorded_accounts():
            keep_answers(account)
        return
    if not given.model or not given.base_url:
        parser.error("name a model and its address: --model NAME --base-url URL")
    for account in given.accounts or accounts():
        record(account, given.model, given.base_url, given.key_env)
        measure(account)


if __name__ == "__main__":
    main()
