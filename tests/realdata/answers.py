"""The product's answers in the form of the worked examples, one function a kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.realdata.insights import Case


def asked(query: dict[str, Any]) -> dict[str, Any]:
    """A question of the examples as the product's: the same words, but that their pages lie in ``path``."""
    return {**query, "property": "path"} if query["kind"] == "paths" else query


def trends(case: Case, result: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"buckets": result["buckets"]}
    if "breakdown" in case.query:
        told["breakdown"] = {line["label"]: line["values"] for line in result["series"]}
    else:
        told["series"] = {line["name"]: line["values"] for line in result["series"]}
    if result["formula"] is not None:
        told["formula"] = result["formula"][0]["values"]
    return told


def paths(case: Case, result: dict[str, Any]) -> dict[str, Any]:
    return {"sessions": result["sessions"], "edges": result["edges"]}


FORMS: dict[str, Callable[[Case, dict[str, Any]], dict[str, Any]]] = {"trends": trends, "paths": paths}
