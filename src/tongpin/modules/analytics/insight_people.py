"""Addresses of who is behind a number of an insight's answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from tongpin.modules.analytics import insight_form

Behind = Callable[[Mapping[str, Any]], str]


def behind(slug: str, question: Mapping[str, Any]) -> Behind:
    """What makes the address of the users or customers behind a point of the answer to ``question``."""
    base = reverse("analytics:behind", args=[slug]) + "?" + insight_form.address(question)

    def address(point: Mapping[str, Any]) -> str:
        return f"{base}&{urlencode({'point': json.dumps(point, ensure_ascii=False, separators=(',', ':'))})}"

    return address
