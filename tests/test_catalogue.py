"""Every text of the pages and of findings goes through one catalogue, with the values that it names."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import write_po
from translation.template import KEYWORDS, template

import offramp
from offramp.draft.brief_records import claims_of
from offramp.draft.review.record_fields import fields_of
from tests.draft.review.harbour_draft import draft_in
from tests.shipped import CRISES
from tests.translations import marking, speaking
from tests.untranslated import untranslated

PACKAGE = Path(offramp.__file__).parent
DOCS = Path(__file__).parents[1] / "docs"
GREEK = Path(__file__).parent / "app" / "page" / "greek.yaml"
VALUE = re.compile(r"\{(\w+)\}")
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))


READ = ("cli", "study", "report", "notebook", "play", "elicitation")
"""Packages whose texts are for readers."""
NOT_SHOWN = {
    "cli/export_command.py": {"draw {} of the run {}"},  # a comment in the file of a game
    "cli/frame.py": {
        "cannot use {}: {}", "cannot write the output: {}",
        "not enough memory for this game: lower --max-nodes, or use `memory: state`",
    },  # error messages
    "cli/mcp_command.py": {"Authorization: Bearer {}"},  # a header of HTTP
    "cli/parameter_types.py": {
        "expected a finite number, found '{}'.", "expected a number, found {}{}.",
        "expected a whole number, found {}{}.",
        "expected a folder, a file or a URL, found nothing.", "expected a file or a folder, found nothing.",
    },  # error messages
    "cli/penalty_options.py": {
        "Add the priors of the file: the posterior mode.", "Add weak Cauchy priors, for separated cases.",
        "Add weak log-F priors, for separated cases.",
    },  # the help of options
    "cli/redteam_command.py": {"set aside"},  # a key of data
    "cli/review_command.py": {"not said"},  # a key of data
    "cli/review_session.py": {"not said"},  # a key of data
    "cli/run_command.py": {"{} (its own: {})"},  # part of an error message
    "cli/settings.py": {
        "--set gives '{}' several values, {}: give one",
        "; a range is written in the file, as the input's distribution",
        "input '{}' must be a finite number, found {}",
        "a chance step", "a column of text, whose words are inputs, each 1 or 0", "; '{}' is {}, and no input",
    },  # error messages
    "play/board.py": {"Board of '{}': the equilibrium {}"},  # how it prints itself in Python
    "play/match.py": {
        "Match of '{}', seed {}, people play {}: {}", "it ended in {}",
    },  # how it prints itself in Python
    "study/goal.py": {"endings to avoid"},  # a key of data
    "study/forecasting/claim_words.py": {"{}: {}, {}: {} (void if the move is not made)"},  # a claim: a key
    "study/key_map_reading.py": {"the path of {}", "the row {}"},  # parts of error messages
    "study/value_of_information/worth.py": {"hidden value"},  # a key of data
    "study/compared_solutions.py": {"other branch"},  # a status of a draw
    "report/brief_docx.py": {"List Bullet"},  # a style of Word
    "elicitation/panel_file.py": {
        "the answer of {}", "must be {} {}, {}",
        "is so close to {} that rounding errors hide the difference; ask for that instead",
    },  # parts of error messages
}  # fmt: skip
"""What the finder takes for texts, and readers never see as such."""


def test_no_text_of_a_finding_goes_past_the_catalogue() -> None:
    found = []
    for path in MODULES:
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith(READ) and name != "study/options.py":  # the help of commands
            texts = {text for _, text in untranslated(path.read_text(encoding="utf-8"))}
            found += [(name, text) for text in sorted(texts - NOT_SHOWN.get(name, set()))]
    assert found == []


def calls() -> Iterator[tuple[str, ast.Call]]:
    """The calls of the catalogue in the package."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


def test_a_text_gets_every_value_that_it_names_and_no_other() -> None:
    wrong = []
    for place, call in calls():
        assert isinstance(call.func, ast.Name)
        messages = call.args[: 2 if call.func.id == "trn" else 1]
        if not all(isinstance(one, ast.Constant) for one in messages):
            continue  # the catalogue itself
        named = {name for one in messages for name in VALUE.findall(ast.literal_eval(one))}
        given = {one.arg for one in call.keywords}
        if given and None not in given and named - {"count"} != given - {"count"}:
            wrong.append((place, named ^ given))
    assert wrong == []


def test_a_text_is_asked_for_in_one_way_so_that_a_catalogue_can_hold_it() -> None:
    catalogue = template()
    assert len(catalogue) > 1000
    plural = {message.id[0] for message in catalogue if isinstance(message.id, tuple)}
    assert not plural & {message.id for message in catalogue if isinstance(message.id, str)}


def test_what_a_form_says_of_the_fields_of_a_record_is_in_the_catalogue(tmp_path: Path) -> None:
    records = claims_of(draft_in(tmp_path).brief).values()
    said = {field.says for record in records for field in fields_of(record) if field.says}
    assert len(said) > 15
    assert said <= {message.id for message in template()}


VERBATIM = re.compile(
    r"lognormal\(.*\)|beta\(.*\)|pert\(.*\)|triangular\(.*\)|\w+\.rationality|moves\.parquet|\S*greek\.yaml"
    r"|offramp run .*|offramp 0.*|\b[0-9a-f]{64}\b|SHA-256|McKelvey.*|Turocy.*|Experimental Economics|Games and Eco.*"
)
"""What stays as it is in every language: distributions, keys, files, commands, versions, papers."""


def test_findings_and_reports_say_nothing_past_the_catalogue(tmp_path: Path) -> None:
    """The crisis is in Greek letters and every text stands between marks, so Latin letters outside went past it.

    The marks close a style that Rich does not know, so a text that it takes for styles ends in an error.
    """
    command = [sys.executable, "-m", "tests.everything_said", str(GREEK), str(tmp_path)]
    environment = speaking(marking(tmp_path / "marks.mo", "[/style]⟧")) | {"PYTHONIOENCODING": "utf-8"}
    said = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True).stdout
    assert r"\[/style]" not in said
    said = re.sub(r"</tspan>\s*<tspan[^>]*>", " ", said)  # a label in several lines is one text
    texts = re.split(r"<[^>]*>|\n", re.sub("<style>.*?</style>", "", said, flags=re.DOTALL))
    assert sum("⟦" in text for text in texts) > 500
    assert {text for text in map(outside, texts) if re.search("[A-Za-z]{2}", VERBATIM.sub("", text))} == set()


def outside(text: str) -> str:
    """What of a text stands outside all marks."""
    depth, found = 0, ""
    for letter in text:
        depth += (letter == "⟦") - (letter == "⟧")
        found += letter if depth == 0 and letter != "⟧" else ""
    return found.strip()


def test_a_translation_made_as_the_documentation_says_is_used(tmp_path: Path) -> None:
    page = (DOCS / "translating.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    \.venv/bin/(pybabel .+)$", page, re.M)
    assert [command.split()[1] for command in commands] == ["init", "compile", "update"]
    (tmp_path / "build").mkdir()
    with (tmp_path / "build" / "offramp.pot").open("wb") as file:
        write_po(file, template())
    babel(commands[0], tmp_path)
    german = tmp_path / "german.po"
    begun = german.read_text(encoding="utf-8")
    english = '{crisis}: what opens a way out?"\nmsgstr "'
    assert english in begun
    german.write_text(begun.replace(english, english + "{crisis}: Wo ist der Ausweg?"), encoding="utf-8")
    babel(commands[1], tmp_path)
    command = [sys.executable, "-m", "offramp", "levers", str(CRISES / "brinkmanship" / "crisis.yaml"), "--draws", "8"]
    environment = speaking(tmp_path / "german.mo")
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[0].endswith(": Wo ist der Ausweg?")
    babel(commands[2], tmp_path)
    assert "Wo ist der Ausweg?" in german.read_text(encoding="utf-8")


def babel(command: str, folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "babel.messages.frontend", *command.split()[1:]], cwd=folder, check=True)
