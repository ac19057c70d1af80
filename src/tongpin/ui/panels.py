"""A page of a lower module shows what higher modules know about the same object.

panels.register("workspaces.project", render_goals, order=20)      # in goals/apps.py
panels.register_everywhere(render_relations, order=60)             # on the page of every registered object
{% show_panels project %}                                          {# in the project's page #}
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

from tongpin.kernel import objects

#: Gets the request and the row; gives the panel's HTML, or "" when it has nothing to say.
Render = Callable[[HttpRequest, Any], SafeString | str]


@dataclass(frozen=True, slots=True)
class Panel:
    """``object_type`` None: every registered type but those in ``except_for``."""

    object_type: str | None
    render: Render
    order: int = 50
    except_for: frozenset[str] = frozenset()

    def wanted_on(self, key: str) -> bool:
        if self.object_type is None:
            return key in objects.types() and key not in self.except_for
        return self.object_type == key


_panels: list[Panel] = []


def register(object_type: str, render: Render, *, order: int = 50) -> None:
    """Show ``render``'s answer on the page of every object of that type (``app_label.model``)."""
    if not any(p.object_type == object_type and p.render is render for p in _panels):
        _panels.append(Panel(object_type, render, order))


def register_everywhere(render: Render, *, order: int = 50, except_for: Collection[str] = ()) -> None:
    """Show ``render``'s answer on the page of every object registered in ``kernel.objects``, also of later modules.

    ``except_for`` holds the type keys on whose pages it has no place.
    """
    if not any(p.object_type is None and p.render is render for p in _panels):
        _panels.append(Panel(None, render, order, frozenset(except_for)))


def rendered(request: HttpRequest, row: Any) -> list[SafeString | str]:
    """The panels for this row that have something to say, in order."""
    key = row._meta.label_lower
    wanted = sorted((p for p in _panels if p.wanted_on(key)), key=lambda p: p.order)
    return [html for p in wanted if (html := p.render(request, row))]
