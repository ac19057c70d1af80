"""The product's answers in the form of the worked examples, one function a kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.realdata.insights import Case


def asked(query: dict[str, Any]) -> dict[str, Any]:
    """A question of the examples as the product's: the same words."""
    return query


def trends(case: Case, result: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"buckets": result["buckets"]}
    if "breakdown" in case.query:
        told["breakdown"] = {line["label"]: line["values"] for line in result["series"]}
    else:
        told["series"] = {line["name"]: line["values"] for line in result["series"]}
    if result["formula"] is not None:
        told["formula"] = result["formula"][0]["values"]
    return told


FORMS: dict[str, Callable[[Case, dict[str, Any]], dict[str, Any]]] = {"trends": trends}
