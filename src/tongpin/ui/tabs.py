"""The tabs of an object's page: the module it belongs to shows the page, higher ones add tabs that lead to their own.

tabs.register("workspaces.project", Tab("board", _("Board"), board_url, order=20))  # in work/apps.py
tabs.of(request, row)  # in the view of the page
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from tongpin.kernel.errors import Text
from tongpin.kernel.tenancy.actor import Actor


def _everyone(actor: Actor, row: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Tab:
    """``url(row)`` is where it leads; ``visible(actor, row)`` who has it."""

    key: str
    label: Text
    url: Callable[[Any], str]
    order: int = 50
    visible: Callable[[Actor, Any], bool] = _everyone


@dataclass(frozen=True, slots=True)
class Shown:
    """A tab on one page."""

    label: Text
    url: str
    current: bool


_tabs: dict[str, dict[str, Tab]] = {}


def register(object_type: str, tab: Tab) -> None:
    """Add a tab to the page of every object of that type (``app_label.model``); the same key again replaces it."""
    _tabs.setdefault(object_type, {})[tab.key] = tab


def of(request: HttpRequest, row: Any) -> list[Shown]:
    """The tabs this reader has on the row's pages, in order."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    known = sorted(_tabs.get(row._meta.label_lower, {}).values(), key=lambda tab: tab.order)
    mine = [(tab.label, tab.url(row)) for tab in known if tab.visible(actor, row)]
    return [Shown(label, url, url == request.path) for label, url in mine]
