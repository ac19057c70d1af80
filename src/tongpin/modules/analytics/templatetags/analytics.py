"""What this module's templates ask for."""

from __future__ import annotations

from django import template
from django.template.context import Context

from tongpin.modules.analytics import analytics_tabs

register = template.Library()


@register.simple_tag(takes_context=True)
def tabs_of_analytics(context: Context, current: str) -> list[analytics_tabs.Shown]:
    """The tabs above a page of Analytics whose own tab has this key."""
    return analytics_tabs.of(context["request"].actor, current)
