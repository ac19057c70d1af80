"""The API keeps to its description whatever is sent, and what it once had it keeps."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import uuid
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tongpin.config.api import api
from tongpin.kernel.actions.registry import registry
from tongpin.modules.analytics.tests.conftest import _store, store  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db

PINNED = Path(__file__).with_name("operations.json")
#: Made-up requests for each operation and mode; a longer search is ``TONGPIN_EXAMPLES=500``.
EXAMPLES = int(os.environ.get("TONGPIN_EXAMPLES", "12"))
APPLICATION = get_wsgi_application()
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@functools.cache
def described():
    """The description as JSON, as a client gets it."""
    return json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))


def operations():
    return sorted((path, method) for path, item in described()["paths"].items() for method in item)


@pytest.fixture
def app():
    """The server's own WSGI application on this test's connection, which must outlive each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield APPLICATION
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@functools.cache
def read_description(app):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


@pytest.fixture
def schema(app):
    return read_description(app)


def target_of(people, action):
    """An object an action could be called on; None where the test data has none."""
    model = registry[action].target if action in registry else None
    if model is None:
        return None
    chosen = {"workspace": people.workspace, "membership": people.member}.get(model._meta.model_name)
    row = chosen or model._default_manager.first()
    return str(row.public_id) if row else None


@pytest.mark.parametrize(("path", "method"), operations())
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_an_operation_keeps_to_its_description(request, people, program_of, schema, path, method, mode):
    """No 5xx, no status, media type, header or shape that the description does not have."""
    if "analytics" in path:
        request.getfixturevalue("store")  # without one it says 503, and rightly so
    operation = schema[path][method]
    bearer = {"Authorization": f"Bearer {program_of('owner').token}"}
    target = target_of(people, path.rpartition("/")[2])
    fixed = {"path_parameters": {"slug": "acme"}} if "{slug}" in path else {}

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode, **fixed), real=st.booleans())
    def every(case, real):
        if real and target and isinstance(case.body, dict) and "target" in case.body:
            case.body["target"] = target  # a made-up id finds nothing, and so tries little
        with transaction.atomic():
            case.call_and_validate(headers=bearer, checks=CHECKS)
            transaction.set_rollback(True)

    every()


def test_every_operation_needs_a_token(people, program_of, schema):
    token = program_of("owner").token
    for path, method in operations():
        fixed = {
            name: "acme" if name == "slug" else str(uuid.uuid4()) for name in re.findall(r"{(\w+)}", path)
        }
        body = {"body": {}} if method == "post" else {}
        case = schema[path][method].Case(path_parameters=fixed, **body)
        for headers in ({}, {"Authorization": f"Bearer {token[:-1]}~"}, {"Cookie": "tongpin_session=x"}):
            assert case.call(headers=headers).status_code == 401, (path, headers)
    assert described()["components"]["securitySchemes"]["Token"] == {"type": "http", "scheme": "bearer"}


def test_the_description_is_version_3_1_and_needs_nobody(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found = answer.json()
    assert found["openapi"] == "3.1.0"
    assert found["info"]["version"] == "1"
    assert set(found["paths"]) == {path for path, _ in operations()}
    identifiers = [
        operation["operationId"] for item in found["paths"].values() for operation in item.values()
    ]
    assert len(identifiers) == len(set(identifiers))


def shape(schema, node):
    """What of a schema a client can depend on: names, types, what is required; not the words about them."""
    if isinstance(node, dict):
        if "$ref" in node:
            return shape(schema, schema["components"]["schemas"][node["$ref"].rpartition("/")[2]])
        silent = {"description", "title", "examples", "default"}
        return {
            key: shape(schema, value)
            for key, value in sorted(node.items())
            if key not in silent or not isinstance(value, str | list | int | float | type(None))
        }
    return [shape(schema, item) for item in node] if isinstance(node, list) else node


def pins():
    """Each operation with its parameters, and hashes of its input's and its answer's shape."""
    schema = described()

    def pin(node):
        return hashlib.sha256(json.dumps(shape(schema, node), sort_keys=True).encode()).hexdigest()[:12]

    return {
        f"{method.upper()} {path}": {
            "parameters": sorted(p["name"] + ("" if p["required"] else "?") for p in operation["parameters"]),
            "input": pin(operation.get("requestBody", {})),
            "answer": pin(operation["responses"]["200"]),
        }
        for path, item in schema["paths"].items()
        for method, operation in item.items()
    }


def test_operations_are_those_pinned():
    """Version 1 only grows. A change here is a decision: ``python -m tests.api.pin`` writes the new list."""
    assert pins() == json.loads(PINNED.read_text())
