"""Short states: badges, results, times, changes, keys, progress."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tongpin.ui.tags.drawing import draw
from tongpin.ui.tags.library import register
from tongpin.ui.wording import EVIDENCE, RESULTS, ago, exact

# icons: minus trending-up trending-down hash


@register.simple_tag
def badge(text: Any, kind: str = "", icon: str = "") -> SafeString:
    """A short state: the word carries the meaning. ``kind`` good, part, warn, bad, accent, outline."""
    return format_html('<span class="badge {}">{}{}</span>', kind, draw(icon) if icon else "", text)


@register.simple_tag
def result(state: str, size: str = "") -> SafeString:
    """A result's word with its shape and colour: met, partly, missed, negative, unclear, watching."""
    css, sign, word = RESULTS[state]
    return format_html(
        '<span class="result result-{} {}">{}{}</span>',
        css,
        f"result-{size}" if size else "",
        draw(sign),
        word,
    )


@register.simple_tag
def evidence(level: str) -> SafeString:
    """How sure a result is: A, B, C, D or counted."""
    words = EVIDENCE[level]
    letter = format_html("<b>{}</b>", level.upper()) if level != "counted" else draw("hash")
    return format_html(
        '<span class="evidence evidence-{}">{}<span>{}</span></span>', level.lower(), letter, words
    )


@register.simple_tag
def time_ago(when: datetime | None, *, short: bool = False) -> SafeString:
    """``<time>``: how long ago, with the exact moment in the reader's zone as its title."""
    if when is None:
        return SafeString("")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', when.isoformat(), exact(when), ago(when, short=short)
    )


@register.simple_tag
def delta(value: float | None, unit: str = "%", good: str = "up", digits: int = 1) -> SafeString:
    """A change with its arrow. ``good`` up, down or none: which direction is welcome."""
    if value is None:
        return SafeString("")
    up = value > 0
    css = "" if value == 0 or good == "none" else ("good" if up == (good == "up") else "bad")
    sign = draw("trending-up") if up else draw("trending-down") if value < 0 else draw("minus")
    return format_html(
        '<span class="delta {}">{}{}{}</span>', css, sign, f"{value:+.{digits}f}".replace("-", "−"), unit
    )


@register.filter
def thousands(value: int | None) -> str:
    """A count as both languages write it, digits in groups of three: 12,345; "" for none."""
    return "" if value is None else f"{value:,}"


@register.simple_tag
def keys(combination: str) -> SafeString:
    """Keys as printed on them: ``{% keys "g b" %}``."""
    caps = [(k.upper() if len(k) == 1 else k,) for k in combination.split()]
    return format_html('<span class="keys">{}</span>', format_html_join("", "<kbd>{}</kbd>", caps))


@register.simple_tag
def progress(value: float | None, maximum: float = 100, label: str = "", css: str = "") -> SafeString:
    """A bar; without a value it only says that something is going on."""
    at = format_html(' value="{}" max="{}"', value, maximum) if value is not None else SafeString("")
    return format_html(
        '<progress class="progress {}"{} aria-label="{}"></progress>', css, at, label or _("Progress")
    )
