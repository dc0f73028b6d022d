"""The JSON Schema agrees with the reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
import yamlcore

from offramp.crisis.json_schema import json_schema
from tests.shipped import CRISES

SHIPPED = sorted(CRISES.glob("*/crisis.yaml"))


def loaded(path: Path) -> Any:
    """A file as an editor loads it, by YAML 1.2."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yamlcore.CoreLoader)


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_every_shipped_crisis_validates(path: Path) -> None:
    jsonschema.validate(loaded(path), json_schema())


def test_a_key_that_does_not_exist_does_not_validate() -> None:
    document = loaded(SHIPPED[0])
    document["timeline"][0]["sean_by"] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json_schema())


def test_every_key_is_described() -> None:
    schema = json_schema()
    parts = {"crisis": schema, **schema["$defs"]}
    keys = [(part, key, what) for part, body in parts.items() for key, what in body.get("properties", {}).items()]
    assert [(part, key) for part, key, what in keys if not what.get("description")] == []


def test_the_schema_file_in_crises_is_the_output_of_offramp_schema() -> None:
    import json

    written = json.loads((CRISES / "crisis.schema.json").read_text(encoding="utf-8"))
    assert written == json_schema(), "write it again: offramp schema > crises/crisis.schema.json"
