"""The API's description, as programs read it (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.errors import ConfigError
from ninja.openapi.schema import OpenAPISchema

from tongpin.config.api import problems

#: What any operation may answer besides 200, and what it means.
REFUSALS: dict[int, str] = {
    400: "The request cannot be read: no JSON, or refused for a reason given in the problem.",
    401: "No API token, or one that does not work.",
    403: "The token's owner, or its scopes, may not do this.",
    404: "There is no such thing, or it is not to be seen with this token.",
    422: "The input is wrong; the problem says where.",
    429: "Too many requests; “Retry-After” says when to go on.",
}
#: … and what an operation with a body may answer as well.
BODY_REFUSALS: dict[int, str] = {
    409: "Someone else changed it meanwhile, or its state does not allow this.",
    413: "The body is too large.",
    415: "The body is not application/json.",
}
SLUG = {
    "in": "path",
    "name": "slug",
    "required": True,
    "description": "The workspace's address name.",
    "schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
}


class Description(OpenAPISchema):
    """Ninja's description, with what the framework does not know added: problems, the slug, headers."""

    def __init__(self, api: NinjaAPI, path_prefix: str) -> None:
        super().__init__(api, path_prefix)
        self.add_schema_definitions(
            {"Problem": problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")}
        )
        for path, item in self["paths"].items():
            for operation in item.values():
                _complete(path, operation)

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        """Keep shapes by name. Raises ConfigError for a second, different one: it would replace the first."""
        for name, definition in definitions.items():
            if self.schemas.setdefault(name, definition) != definition:
                raise ConfigError(f"two different shapes of the API are called {name}: rename one")


def _complete(path: str, operation: dict[str, Any]) -> None:
    parameters = [p for p in operation.get("parameters", []) if p["name"] != "slug"]
    operation["parameters"] = [SLUG, *parameters] if "{slug}" in path else parameters
    refusals = REFUSALS | (BODY_REFUSALS if "requestBody" in operation else {})
    for status, meaning in refusals.items():
        operation["responses"][str(status)] = {
            "description": meaning,
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            **({"headers": _RETRY} if status == 429 else {}),
        }
    operation["responses"] = {str(k): v for k, v in operation["responses"].items()}


_RETRY = {
    "Retry-After": {
        "description": "Seconds to wait.",
        "schema": {"type": "integer", "minimum": 0},
        "required": True,
    }
}
