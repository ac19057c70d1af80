"""A page of a lower module shows what higher modules know about the same object.

panels.register("workspaces.project", render_goals, order=20)      # in goals/apps.py
{% panels project %}                                               {# in the project's page #}
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

#: Gets the request and the row; gives the panel's HTML, or "" when it has nothing to say.
Render = Callable[[HttpRequest, Any], SafeString | str]


@dataclass(frozen=True, slots=True)
class Panel:
    object_type: str
    render: Render
    order: int = 50


_panels: list[Panel] = []


def register(object_type: str, render: Render, *, order: int = 50) -> None:
    """Show ``render``'s answer on the page of every object of that type (``app_label.model``)."""
    if not any(p.object_type == object_type and p.render is render for p in _panels):
        _panels.append(Panel(object_type, render, order))


def rendered(request: HttpRequest, row: Any) -> list[SafeString | str]:
    """The panels for this row that have something to say, in order."""
    key = row._meta.label_lower
    wanted = sorted((p for p in _panels if p.object_type == key), key=lambda p: p.order)
    return [html for p in wanted if (html := p.render(request, row))]
