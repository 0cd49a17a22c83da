"""The generated descriptions: none has drifted, each is well formed, and they say what the services really have."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
import yaml

from contracts.describe import drifted
from contracts.description.routes import declared
from contracts.description.shapes import schema_of
from contracts.topics import PARTITIONS, TOPICS
from tests.support.intake import EXAMPLES

CONTRACTS = EXAMPLES.parent
SERVICES = ("ingest", "metrics", "alerts")


def _openapi(service: str) -> Any:
    return yaml.safe_load((CONTRACTS / "openapi" / f"{service}.yaml").read_text(encoding="utf-8"))


def _asyncapi() -> Any:
    return yaml.safe_load((CONTRACTS / "asyncapi.yaml").read_text(encoding="utf-8"))


def _references(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        if isinstance(document.get("$ref"), str):
            yield document["$ref"]
        for value in document.values():
            yield from _references(value)
    elif isinstance(document, list):
        for value in document:
            yield from _references(value)


def _found(reference: str, document: Any) -> bool:
    place, _, pointer = reference.partition("#")
    if place:
        return (CONTRACTS / place).exists()
    for part in pointer.strip("/").split("/"):
        if part not in document:
            return False
        document = document[part]
    return True


def test_nothing_has_drifted() -> None:
    """`python -m contracts.describe` would change no committed file."""
    assert drifted() == []


@pytest.mark.parametrize("path", sorted((CONTRACTS / "schemas").glob("*.json")), ids=lambda path: path.stem)
def test_schemas_are_schemas(path: Path) -> None:
    """Each committed schema is valid JSON Schema 2020-12."""
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("service", SERVICES)
def test_openapi_holds_together(service: str) -> None:
    """Each reference leads somewhere, operation ids are unique, each operation tells its answer and how it refuses."""
    document = _openapi(service)
    assert all(_found(reference, document) for reference in _references(document))
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        assert {"401", "403", "429", "503"} < set(operation["responses"])
        for status in ("429", "503"):
            assert "Retry-After" in operation["responses"][status]["headers"]


def test_openapi_names_the_parameters_of_its_paths() -> None:
    """Every {part} of a path is declared."""
    for service in SERVICES:
        for path, operations in _openapi(service)["paths"].items():
            for operation in operations.values():
                declared = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
                assert declared == set(re.findall(r"{(\w+)}", path))


def test_asyncapi_is_about_the_topics() -> None:
    """AsyncAPI has a channel for each topic, with its partitions, its events, its producer and its consumers."""
    document = _asyncapi()
    assert set(document["channels"]) == set(TOPICS)
    assert all(_found(reference, document) for reference in _references(document))
    for name, topic in TOPICS.items():
        channel = document["channels"][name]
        assert channel["bindings"]["kafka"]["partitions"] == PARTITIONS
        assert [*channel["messages"]] == ([*topic.events] or ["dead_letter"])
        ours = {key for key, each in document["operations"].items() if each["channel"]["$ref"] == f"#/channels/{name}"}
        wanted = {f"{consumer}.receives.{name}" for consumer in topic.consumers}
        assert ours == {f"{topic.producer}.sends.{name}", *wanted}


def test_a_shape_is_read_to_its_end() -> None:
    """The notation of answers: kinds, nullable members, nested objects and lists; anything else is refused."""
    schema = schema_of("id lag:decimal? text:(zh en) items:[seq:int] done:bool")
    assert list(schema["properties"]) == ["id", "lag", "text", "items", "done"]
    assert schema["properties"]["items"]["items"]["properties"]["seq"] == {"type": "integer"}
    assert schema["properties"]["lag"]["anyOf"][1] == {"type": "null"}
    with pytest.raises(ValueError, match="not a shape"):
        schema_of("id, lag")


def test_routes_have_both_languages() -> None:
    """Each route says in Chinese and in English what it is for."""
    for service in SERVICES:
        for route in declared().of(service).values():
            assert re.search(r"[\u4e00-\u9fff]", route.zh)
            assert re.search(r"[a-z]", route.en)
