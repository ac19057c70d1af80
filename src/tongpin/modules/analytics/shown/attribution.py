"""Attribution: a row a source, a column a model, what each model owes to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tongpin.modules.analytics.insight_people import Behind
from tongpin.modules.analytics.insights.attribution import DIRECT
from tongpin.modules.analytics.insights.schema import Attribution
from tongpin.modules.analytics.shown.words import Shown, group, number, percent, plain, ratio, width

NOTHING = {"conversions": 0, "value": 0}
MOST_SHOWN = 100


def shown(question: Attribution, result: dict[str, Any], behind: Behind) -> Shown:
    """Conversions and their value by source and model; a source's place goes by the first model asked for."""
    models = result["models"]
    first = models[question.models[0]]
    sources = sorted(
        {source for found in models.values() for source in found},
        key=lambda source: (-first.get(source, NOTHING)["conversions"], source),
    )
    rows = []
    for source in sources[:MOST_SHOWN]:
        cells = []
        for model in question.models:
            told = models[model].get(source, NOTHING)
            share = ratio(told["conversions"], result["conversions"])
            cells.append({
                "count": number(told["conversions"]), "share": percent(share), "width": width(share),
                "value": number(told["value"]) if question.value_property else "",
                "url": behind({"model": model, "source": source}) if told["conversions"] else "",
            })  # fmt: skip
        rows.append({"label": _source(source), "cells": cells})
    totals = [(_("Conversions"), number(result["conversions"]), behind({}))]
    if question.value_property:
        totals.append((question.value_property, number(result["value"]), ""))
    context = {
        "totals": totals,
        "models": [_model(model) for model in question.models],
        "rows": rows,
        "by": question.by,
        "hidden": number(len(sources) - MOST_SHOWN) if len(sources) > MOST_SHOWN else "",
    }
    lines: list[Sequence[str]] = [
        [pgettext("attribution", "Model"), question.by, _("Conversions"), pgettext("attribution", "Value")]
    ]
    for model in question.models:
        for source in sources:
            told = models[model].get(source, NOTHING)
            value = plain(told["value"]) if question.value_property else ""
            lines.append([_model(model), _source(source), plain(told["conversions"]), value])
    return Shown("analytics/insight/_attribution.html", context, lines, empty=not result["conversions"])


def _source(source: str) -> str:
    return _("(direct)") if source == DIRECT else group(source)


def _model(model: str) -> str:
    return {
        "first": pgettext("attribution", "First touch"),
        "last": pgettext("attribution", "Last touch"),
        "linear": pgettext("attribution", "Linear"),
        "position": pgettext("attribution", "By position"),
    }[model]
