"""Answers of the command palette (Ctrl+K): where one may go, what one may start, and what was found."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path, reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from tongpin.kernel import objects
from tongpin.kernel.objects import Card
from tongpin.kernel.search.query import QUERY_LIMIT, find
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib import pinyin
from tongpin.lib.grams import normalise
from tongpin.ui import navigation
from tongpin.ui.access import in_workspace
from tongpin.ui.navigation import NavItem

COMMANDS = 8
HITS = 20
LANGUAGES = ("en", "zh-hans")

#: What people call a thing elsewhere, and its names here (design, words): looked for as well.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "数据看板": ("仪表盘", "dashboard"),
    "看板": ("仪表盘",),
    "用户分群": ("人群", "segment"),
    "人群包": ("人群", "segment"),
    "bug": ("缺陷",),
    "发布": ("版本", "release"),
    "space": ("project", "项目"),
    "协作组": ("项目", "project"),
    "issue": ("item", "需求"),
    "ticket": ("item", "需求"),
    "时间线": ("甘特图", "gantt"),
    "预期效果": ("效果追踪", "bets"),
    "频道": ("channel",),
}


@require_safe
@in_workspace("workspaces.workspace.view")
def palette(request: HttpRequest) -> JsonResponse:
    """``?q=``: a list of ``{id, kind, title, hint, icon, url, keys}``; ``kind`` is go, new, do or hit."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked = request.GET.get("q", "")[:QUERY_LIMIT]
    rows = [_command(actor, item) for item in commands(actor, asked)]
    return JsonResponse([*rows, *(_hit(card) for card in hits(actor, asked))], safe=False)


def commands(actor: Actor, asked: str) -> list[NavItem]:
    """Navigation rows of this actor that match, best first; all of them for an empty question."""
    mine = [item for item in navigation.items() if _reachable(actor, item) and item.visible(actor)]
    phrases = [normalise(text) for text in (asked, *_synonyms(asked))]
    if not phrases[0]:
        return mine
    ranked = [(min(_rank(item, phrase) for phrase in phrases), n, item) for n, item in enumerate(mine)]
    return [item for rank, _, item in sorted(ranked, key=lambda r: r[:2]) if rank < _NONE][:COMMANDS]


def hits(actor: Actor, asked: str) -> list[Card]:
    """Objects that match; those that match by another word for the same thing come after."""
    found: dict[tuple[str, Any], Card] = {}
    for text in (asked, *_synonyms(asked)):
        for card in find(actor, text, limit=HITS):
            found.setdefault((card.type, card.id), card)
    return list(found.values())[:HITS]


def _synonyms(asked: str) -> tuple[str, ...]:
    return SYNONYMS.get(normalise(asked), ())


def _reachable(actor: Actor, item: NavItem) -> bool:
    return actor.workspace is not None or not item.needs_workspace


_NONE = 9


def _rank(item: NavItem, phrase: str) -> int:
    """0 is best: a name begins so, then its pinyin, then a name holds it, then another word for it does."""
    names, others = _names(item)
    typed = pinyin.typed(phrase)
    if any(name.startswith(phrase) for name in names):
        return 0
    if typed and any(key.startswith(typed) for name in names for key in _spoken(name)):
        return 1
    if any(phrase in name for name in names):
        return 2
    if any(phrase in other for other in others):
        return 3
    if typed and any(key.startswith(typed) for other in others for key in _spoken(other)):
        return 4
    return _NONE


def _names(item: NavItem) -> tuple[list[str], list[str]]:
    """The row's names and its other words, in every language of the product: people mix them."""
    names, others = [], []
    for language in LANGUAGES:
        with translation.override(language):
            names.append(normalise(str(item.label)))
            others += [normalise(str(word)) for word in item.words]
    return names, others


def _spoken(name: str) -> list[str]:
    """Pinyin keys of a Chinese name; none for others, whose letters are matched as they are."""
    return [] if name.isascii() else pinyin.keys(" ".join(pinyin.syllables(name)))


def _command(actor: Actor, item: NavItem) -> dict[str, str]:
    arguments = [actor.workspace.slug] if item.needs_workspace and actor.workspace else []
    return {
        "id": item.key,
        "kind": navigation.kind_of(item),
        "title": str(item.label),
        "hint": str(navigation.GROUPS.get(item.group, "")),
        "icon": item.icon,
        "url": reverse(item.url_name, args=arguments) + item.query,
        "keys": item.shortcut,
    }


def _hit(card: Card) -> dict[str, str]:
    label = str(objects.types()[card.type].label) if card.type in objects.types() else ""
    return {
        "id": f"{card.type}:{card.id}",
        "kind": "hit",
        "title": card.title,
        "hint": " · ".join(str(part) for part in (label, card.state, card.hint) if part),
        "icon": card.icon,
        "url": card.url,
        "keys": "",
    }


urlpatterns = [path("w/<slug:slug>/palette", palette, name="palette")]
