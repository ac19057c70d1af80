"""What holds other things: menus, dialogs, callouts, empty states, charts."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tongpin.ui.tags.drawing import draw
from tongpin.ui.tags.library import register

# Chosen below by a variable, so named here for the sprite.
# icons: sparkles filter lock info circle-check triangle-alert circle-alert ellipsis


@register.simple_tag
def chart(
    data: dict[str, Any],
    ident: str,
    label: str,
    *,
    pick: bool = False,
    png: bool = True,
    field: str = "",
    day: str = "",
    title: str = "",
    says: str = "",
    file: str = "",
) -> SafeString:
    """A line chart of a daily series with its table twin; ``data`` as in ``islands/chart_data.ts``.

    ``pick`` lets a day be chosen; it goes to the date field with the id ``field``. ``day`` is the one chosen before.
    ``title``, ``says`` and ``file`` are what its picture carries above the drawing, and the name it is saved under.
    """
    return render_to_string(
        "ui/components/_chart.html",
        {
            "data": data,
            "ident": ident,
            "label": label,
            "pick": pick,
            "field": field,
            "day": day,
            "png": png,
            "title": title,
            "says": says,
            "file": file,
            "names": data.get("names", {}),
            "band": any("low" in row for row in data["rows"]),
            "expected": any("expected" in row for row in data["rows"]),
            "target": any("target" in row for row in data["rows"]),
        },
    )


@register.simple_tag
def plot(
    data: dict[str, Any],
    ident: str,
    label: str,
    *,
    table: list[dict[str, Any]],
    head: str,
    title: str = "",
    says: str = "",
    file: str = "",
) -> SafeString:
    """Several lines or bars with their table twin; ``data`` as in ``islands/plot_data.ts``.

    ``table`` has a dict for each column of the drawing: ``{"label", "cells": [{"text", "url"}]}``, the cells in the
    order of the series; ``url`` leads to what is behind the point ("" for nothing). ``head`` names the columns.
    """
    return render_to_string(
        "ui/components/_plot.html",
        {
            "data": data, "ident": ident, "label": label, "table": table, "head": head, "title": title,
            "says": says, "file": file,
        },
    )  # fmt: skip


@register.simple_block_tag
def menu(
    content: str,
    ident: str,
    label: str = "",
    icon: str = "",
    css: str = "btn-quiet",
    *,
    only_icon: bool = False,
) -> SafeString:
    """A button and the menu it opens: ``{% menu "row-7" label=… only_icon=True %}…{% endmenu %}``."""
    return render_to_string(
        "ui/components/_menu.html",
        {
            "content": content,
            "ident": ident,
            "label": label,
            "icon_name": icon or ("ellipsis" if only_icon else ""),
            "css": css,
            "only_icon": only_icon,
        },
    )


@register.simple_block_tag
def dialog(content: str, ident: str, title: str, css: str = "") -> SafeString:
    """A native dialog, opened by ``<button data-dialog="ident">``; Esc and the veil close it."""
    return render_to_string(
        "ui/components/_dialog.html", {"content": content, "ident": ident, "title": title, "css": css}
    )


@register.simple_block_tag
def callout(content: str, kind: str = "info") -> SafeString:
    """A boxed remark: info, good, warn, bad."""
    sign = {"good": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}.get(kind, "info")
    return format_html('<div class="callout {}">{}<div>{}</div></div>', kind, draw(sign), SafeString(content))


@register.simple_tag
def empty(
    kind: str,
    title: str,
    text: str = "",
    action: str = "",
    url: str = "",
    icon: str = "",
    css: str = "",
    level: int = 2,
) -> SafeString:
    """Why there is nothing: ``none`` (nothing yet), ``filtered`` (hidden) or ``denied`` (not for you)."""
    signs = {"none": "sparkles", "filtered": "filter", "denied": "lock"}
    return render_to_string(
        "ui/components/_empty.html",
        {
            "kind": kind,
            "title": title,
            "text": text,
            "action": action,
            "url": url,
            "sign": icon or signs[kind],
            "css": css,
            "heading": f"h{level}",
        },
    )


@register.simple_tag
def tab(url: str, label: str, current: bool = False, count: int | None = None) -> SafeString:
    """A tab that is a link; inside ``<nav class="tabs" aria-label="…">``."""
    here = SafeString(' aria-current="page"') if current else SafeString("")
    number = format_html('<span class="count">{}</span>', count) if count else SafeString("")
    return format_html('<a class="tab" href="{}"{}>{}{}</a>', url, here, label, number)
