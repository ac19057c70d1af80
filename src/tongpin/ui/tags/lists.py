"""Lists that sort, page and stay current; htmx."""

from __future__ import annotations

from typing import Any

from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tongpin.ui import panels
from tongpin.ui.tags.drawing import draw
from tongpin.ui.tags.library import attributes, register

# icons: arrow-up arrow-down arrow-up-down


@register.simple_tag(takes_context=True)
def sort_head(context: Context, key: str, label: str, css: str = "", default: str = "") -> SafeString:
    """A table head that sorts by ``?sort=key`` / ``-key``; the choice lives in the address."""
    query = context["request"].GET.copy()
    now = query.get("sort", default)
    query["sort"] = f"-{key}" if now == key else key
    query.pop("cursor", None)
    state, sign = {key: ("ascending", "arrow-up"), f"-{key}": ("descending", "arrow-down")}.get(
        now, ("", "arrow-up-down")
    )
    aria = format_html(' aria-sort="{}"', state) if state else SafeString("")
    return format_html(
        '<th scope="col" class="{}"{}><a class="sort" href="?{}">{}{}</a></th>',
        css,
        aria,
        query.urlencode(),
        label,
        draw(sign),
    )


@register.simple_tag(takes_context=True)
def load_more(context: Context, cursor: str | None, target: str) -> SafeString:
    """The button of a list paged by cursor: appends the next page's rows to ``target`` (the list, as ``#its-id``).

    With the last page the button goes. A page may have several such lists, each with its own button.
    """
    query = context["request"].GET.copy()
    query["cursor"] = cursor or ""
    given = {
        "url": f"?{query.urlencode()}" if cursor else "",
        "target": target,
        "ident": f"{target[1:]}-more",
    }
    return render_to_string("ui/components/_more.html", given)


@register.simple_tag(takes_context=True)
def show_panels(context: Context, row: Any) -> SafeString:
    """What higher modules registered for this object."""
    return format_html_join("", "{}", ((html,) for html in panels.rendered(context["request"], row)))


@register.simple_tag
def hx(
    method: str,
    url: str,
    target: str = "",
    swap: str = "",
    push: bool | str = False,
    trigger: str = "",
    select: str = "",
    indicator: str = "",
    confirm: str = "",
    include: str = "",
    vals: str = "",
    sync: str = "",
) -> SafeString:
    """htmx attributes: ``<button {% hx "post" url target="#row-1" %}>``. Default swap: morph the target."""
    return attributes(
        {
            f"hx-{method}": url,
            "hx-target": target,
            "hx-swap": swap,
            "hx-push-url": "true" if push is True else push or None,
            "hx-trigger": trigger,
            "hx-select": select,
            "hx-indicator": indicator,
            "hx-confirm": confirm,
            "hx-include": include,
            "hx-vals": vals,
            "hx-sync": sync,
        }
    )


@register.simple_tag
def live(subject: str, url: str = "") -> SafeString:
    """Re-fetch this element when the subject changes: ``<ul id="bets" {% live "goals.bet" %}>``.

    It needs an id. ``subject`` is "type" or "type:id"; ``url`` answers with the element (else the page does).
    """
    return attributes({"data-live": subject, "data-live-url": url})


@register.simple_tag(takes_context=True)
def peek(context: Context, ident: str, url: str) -> SafeString:
    """Attributes of a link that opens ``url`` (a fragment) in the side panel, under an address of its own.

    The page must render the same fragment in block ``peek_content`` when it is opened with ``?peek=``.
    """
    query = context["request"].GET.copy()
    query["peek"] = ident
    here = f"?{query.urlencode()}"
    swap = {"hx-get": url, "hx-target": "#peek-body", "hx-swap": "innerHTML", "hx-push-url": here}
    return attributes({"data-peek": True, "href": here, **swap})
