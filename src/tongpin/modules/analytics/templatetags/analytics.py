"""What this module's templates ask for."""

from __future__ import annotations

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from tongpin.modules.analytics import analytics_tabs
from tongpin.modules.analytics.models import Tile
from tongpin.ui import prose

register = template.Library()


@register.simple_tag(takes_context=True)
def tabs_of_analytics(context: Context, current: str) -> list[analytics_tabs.Shown]:
    """The tabs above a page of Analytics whose own tab has this key."""
    return analytics_tabs.of(context["request"].actor, current)


@register.simple_tag
def tile_text(tile: Tile) -> SafeString:
    """A text tile's markdown as HTML."""
    return prose.shown(tile.text)
