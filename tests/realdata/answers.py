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


def funnel(case: Case, result: dict[str, Any]) -> dict[str, Any]:
    def figures(of: dict[str, Any]) -> dict[str, Any]:
        shown = {name: of[name] for name in ("counts", "time_to_convert_seconds")}
        if case.query["order"] == "unordered":
            del shown["time_to_convert_seconds"]  # the examples do not say it
        return shown

    if "breakdown" in case.query:
        return {"breakdown": {line["label"]: figures(line) for line in result["breakdown"]}}
    return figures(result)


def paths(case: Case, result: dict[str, Any]) -> dict[str, Any]:
    return {"sessions": result["sessions"], "edges": result["edges"]}


def retention(case: Case, result: dict[str, Any]) -> dict[str, Any]:
    return {"cohorts": result["cohorts"]}


def lifecycle(case: Case, result: dict[str, Any]) -> dict[str, Any]:
    return result


def stickiness(case: Case, result: dict[str, Any]) -> dict[str, Any]:
    return {"persons_by_active_periods": result["people"]}


def sessions(case: Case, result: dict[str, Any]) -> dict[str, Any]:
    names = ("bucket", "sessions", "median_duration_seconds")
    kept = [{name: each[name] for name in names} for each in result["buckets"] if each["sessions"]]
    more = {"pageviews", "events"}  # what the pages show besides
    total = {name: value for name, value in result["total"].items() if name not in more}
    return {"total": total, "buckets": kept}


def attribution(case: Case, result: dict[str, Any]) -> dict[str, Any]:
    return {"conversions": result["conversions"], "models": result["models"]}


FORMS: dict[str, Callable[[Case, dict[str, Any]], dict[str, Any]]] = {
    "funnel": funnel,
    "trends": trends,
    "paths": paths,
    "retention": retention,
    "lifecycle": lifecycle,
    "stickiness": stickiness,
    "sessions": sessions,
    "attribution": attribution,
}
