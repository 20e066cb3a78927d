"""Holds recorded requests against Discord's own OpenAPI description, from the folder named by `HEARTHSIDE_SPECS`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match  # pyright: ignore[reportUnknownVariableType]  untyped in part
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.adapters.fake_discord_rest import Request
from tests.adapters.fake_discord_world import Json

# discord.py sends ids here as numbers, and Discord takes them; the description knows text alone.
NUMBERS_TAKEN_AS_IDS = re.compile(
    r"(message_reference/\w+_id|attachments/\d+/id|allowed_mentions/users/\d+|recipient_id|default_values/\d+/id)$"
)


class Spec:
    """Discord's description, loaded once."""

    def __init__(self, path: Path) -> None:
        spec: Json = json.loads(path.read_text("utf-8"))
        self._registry = Registry[Any]().with_resource("urn:discord", Resource[Any](spec, DRAFT202012))
        self._operations: list[tuple[str, str, re.Pattern[str], Json, list[Json]]] = []
        self._validators: dict[str, Any] = {}
        for pattern, item in sorted(spec["paths"].items(), key=lambda one: one[0].count("{")):
            shape = re.compile(re.sub(r"\\?\{[^}]+\\?\}", "[^/]+", pattern))
            for method, operation in item.items():
                if method in ("get", "put", "post", "patch", "delete"):
                    parameters = item.get("parameters", []) + operation.get("parameters", [])
                    self._operations.append((method, pattern, shape, operation, parameters))

    def faults(self, request: Request) -> Iterator[str]:
        """Yield every way in which this request differs from Discord's description."""
        for method, pattern, shape, operation, parameters in self._operations:
            if method == request.method.lower() and shape.fullmatch(request.path):
                known = {one.get("name") for one in parameters if one.get("in") == "query"}
                yield from (f"query {name} is not described" for name in request.query if name not in known)
                yield from self._faults_in_body(request, method, pattern, operation)
                return
        yield f"no such operation: {request.method} {request.path}"

    def _faults_in_body(self, request: Request, method: str, pattern: str, operation: Json) -> Iterator[str]:
        described: Json | None = operation.get("requestBody")
        if request.body is None:
            if described and described.get("required"):
                yield "the body is missing"
            return
        if described is None:
            yield "a body where none is described"
            return
        media = "application/json" if "application/json" in described["content"] else next(iter(described["content"]))
        escaped = [part.replace("~", "~0").replace("/", "~1") for part in (pattern, media)]
        pointer = f"/paths/{escaped[0]}/{method}/requestBody/content/{escaped[1]}/schema"
        for error in self._validator(pointer).iter_errors(_ids_as_text(request.body)):
            worst = cast("Any", best_match([error]) or error)
            yield f"body at /{'/'.join(map(str, worst.absolute_path))}: {worst.message[:300]}"

    def _validator(self, pointer: str) -> Any:
        if pointer not in self._validators:
            reference = {"$ref": "urn:discord#" + quote(pointer, safe="/~@")}
            self._validators[pointer] = Draft202012Validator(reference, registry=self._registry)
        return self._validators[pointer]


def _ids_as_text(value: Any, path: str = "") -> Any:
    """Return a copy of a body in which the numbers that Discord takes as ids are text."""
    if isinstance(value, dict):
        fields = cast("Json", value)
        return {key: _ids_as_text(one, f"{path}/{key}") for key, one in fields.items()}
    if isinstance(value, list):
        return [_ids_as_text(one, f"{path}/{place}") for place, one in enumerate(cast("list[Any]", value))]
    return str(value) if isinstance(value, int) and NUMBERS_TAKEN_AS_IDS.search(path) else value


def discord_spec() -> Spec:
    """Return the description, or skip the test that asked and say why."""
    folder = os.environ.get("HEARTHSIDE_SPECS")
    if not folder or not (path := Path(folder) / "discord-openapi.json").exists():
        pytest.skip("set HEARTHSIDE_SPECS to a folder with discord-openapi.json to hold requests against it")
    return Spec(path)
