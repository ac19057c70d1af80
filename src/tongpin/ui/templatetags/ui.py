"""The components as template tags. A builtin library: templates need no ``{% load %}``."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any

from django import forms, template
from django.conf import settings
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tongpin.ui import manifest, panels, pictures
from tongpin.ui.wording import EVIDENCE, RESULTS, ago, exact

register = template.Library()
EMPTY = mark_safe("")
HUES = 8
# Chosen below by a variable, so named here for the sprite.
# icons: sparkles minus trending-up trending-down hash filter lock info circle-check triangle-alert circle-alert arrow-up arrow-down arrow-up-down ellipsis


def _attrs(pairs: dict[str, Any]) -> SafeString:
    """HTML attributes; None and False are left out, True is a bare attribute, ``_`` in a name is ``-``."""
    kept = [
        (k.replace("_", "-"), v) for k, v in pairs.items() if v is not None and v is not False and v != ""
    ]
    return format_html_join(
        "", " {}", ((format_html('{}="{}"', k, v) if v is not True else k,) for k, v in kept)
    )


# -- assets -----------------------------------------------------------------------------------------------------


@register.simple_tag
def asset(name: str) -> str:
    """Address of a built file: ``{% asset "app.css" %}``."""
    return manifest.url_of(name)


@register.simple_tag
def island(name: str) -> SafeString:
    """The script of a module's own island and its chunks: ``{% island "goals/lookback" %}`` in block head."""
    preload = format_html_join(
        "", '<link rel="modulepreload" href="{}">', ((u,) for u in manifest.imports_of(f"{name}.js"))
    )
    return preload + format_html('<script type="module" src="{}"></script>', manifest.url_of(f"{name}.js"))


@register.simple_tag(name="icon")
def draw(name: str, css: str = "", label: str = "") -> SafeString:
    """A lucide icon: decoration, unless ``label`` says what it means."""
    if settings.TESTING and not manifest.has_icon(name):
        raise manifest.NotBuilt(
            f"The sprite has no icon {name!r}; name it in a template or as icon=, then build."
        )
    says = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    sprite = manifest.url_of("icons.svg")
    return format_html('<svg class="icon {}" {}><use href="{}#{}"></use></svg>', css, says, sprite, name)


# -- people, states, times ----------------------------------------------------------------------------------------


def _hue(key: str) -> str:
    return f"hue-{zlib.crc32(key.encode()) % HUES + 1}"


def initials(name: str) -> str:
    """The one or two signs that stand for a name: 沈一诺 is 一诺, Daniel Tan is DT."""
    name = name.strip()
    if any("一" <= sign <= "鿿" for sign in name):
        chinese = "".join(sign for sign in name if "一" <= sign <= "鿿")
        return chinese[-2:]
    words = name.replace("@", " ").replace(".", " ").split()
    return "".join(word[0] for word in words[:2]).upper() or "?"


@register.simple_tag
def avatar(who: Any, size: str = "", *, square: bool = False, label: bool = False) -> SafeString:
    """Picture or initials of a member, user or workspace. ``size`` sm, lg, xl. Decoration unless ``label``."""
    person = getattr(who, "user", None) or who
    name = (getattr(person, "name", "") or getattr(person, "email", "") or str(person)) if person else "?"
    key = str(getattr(person, "public_id", "") or name)
    picture = picture_url(person)
    inner = (
        format_html('<img src="{}" alt="">', picture)
        if picture
        else format_html("{}", initials(name)[:1] if square else initials(name))
    )
    css = " ".join(
        filter(
            None,
            [
                _hue(key),
                f"avatar-{size}" if size else "",
                "square" if square else "",
                "is-off" if getattr(who, "deactivated_at", None) else "",
            ],
        )
    )
    says = (
        format_html('role="img" aria-label="{}" title="{}"', name, name)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html('<span class="avatar {}" {}>{}</span>', css, says, inner)


def picture_url(person: Any) -> str:
    """Where the picture of a person or the logo of a workspace is served; "" if there is none."""
    return pictures.url_of(getattr(person, "avatar", None) or getattr(person, "logo", None))


@register.simple_tag
def person(who: Any, size: str = "sm") -> SafeString:
    """Avatar and name."""
    user = getattr(who, "user", None) or who
    return format_html(
        '<span class="person">{}<span class="truncate">{}</span></span>',
        avatar(who, size),
        user.name or user.email,
    )


@register.simple_tag
def badge(text: Any, kind: str = "", icon: str = "") -> SafeString:
    """A short state. ``kind`` good, part, warn, bad, accent, outline; the word carries the meaning, the colour helps."""
    return format_html('<span class="badge {}">{}{}</span>', kind, draw(icon) if icon else "", text)


@register.simple_tag
def result(state: str, size: str = "") -> SafeString:
    """The word of a result (met, partly, missed, negative, unclear, watching, counted) with its shape and colour."""
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
        return EMPTY
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', when.isoformat(), exact(when), ago(when, short=short)
    )


@register.simple_tag
def delta(value: float | None, unit: str = "%", good: str = "up", digits: int = 1) -> SafeString:
    """A change with its arrow. ``good`` up, down or none: which direction is welcome."""
    if value is None:
        return EMPTY
    up = value > 0
    css = "" if value == 0 or good == "none" else ("good" if up == (good == "up") else "bad")
    sign = draw("trending-up") if up else draw("trending-down") if value < 0 else draw("minus")
    return format_html(
        '<span class="delta {}">{}{}{}</span>', css, sign, f"{value:+.{digits}f}".replace("-", "−"), unit
    )


@register.simple_tag
def keys(combination: str) -> SafeString:
    """Keys as printed on them: ``{% keys "g b" %}``."""
    caps = [(k.upper() if len(k) == 1 else k,) for k in combination.split()]
    return format_html('<span class="keys">{}</span>', format_html_join("", "<kbd>{}</kbd>", caps))


@register.simple_tag
def progress(value: float | None, maximum: float = 100, label: str = "", css: str = "") -> SafeString:
    """A bar; without a value it only says that something is going on."""
    at = format_html(' value="{}" max="{}"', value, maximum) if value is not None else EMPTY
    return format_html(
        '<progress class="progress {}"{} aria-label="{}"></progress>', css, at, label or _("Progress")
    )


# -- forms ----------------------------------------------------------------------------------------------------------


@register.simple_tag
def field(
    bound: forms.BoundField, hint: str = "", label: str = "", css: str = "", **attrs: Any
) -> SafeString:
    """Label, control, hint and errors of a form field; what was typed stays.

    Further keywords become attributes of the control: ``{% field form.email autocomplete="email" placeholder="…" %}``.
    """
    widget = bound.field.widget
    if bound.is_hidden:
        return mark_safe(bound.as_hidden())
    ident = bound.auto_id or bound.html_name
    hint = hint or str(bound.help_text or "")
    described = [f"{ident}_hint"] * bool(hint) + [f"{ident}_errors"] * bool(bound.errors)
    given: dict[str, Any] = {k.replace("_", "-"): v for k, v in attrs.items()}
    if described:
        given["aria-describedby"] = " ".join(described)
    if bound.errors:
        given["aria-invalid"] = "true"
    kind = "input"
    if isinstance(widget, forms.CheckboxInput):
        kind = "check"
    elif isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        kind = "choices"
    if kind == "input":
        given["class"] = f"input {widget.attrs.get('class', '')} {given.get('class', '')}".strip()
    return mark_safe(
        render_to_string(
            "ui/components/_field.html",
            {
                "field": bound,
                "ident": ident,
                "kind": kind,
                "label": label or bound.label,
                "hint": hint,
                "css": css,
                "control": bound.as_widget(attrs=given) if kind != "choices" else "",
                "described": given.get("aria-describedby", ""),
                "choices": list(bound) if kind == "choices" else [],
                "optional": not bound.field.required and kind == "input",
            },
        )
    )


@register.simple_tag
def form_errors(form: forms.BaseForm) -> SafeString:
    """What is wrong with the form as a whole, above its fields."""
    errors = form.non_field_errors()
    if not errors:
        return EMPTY
    lines = format_html_join("", "<p>{}</p>", ((e,) for e in errors))
    return format_html(
        '<div class="callout bad" role="alert">{}<div>{}</div></div>', draw("circle-alert"), lines
    )


@register.simple_tag
def picker(
    name: str,
    source: str,
    *,
    selected: Any = (),
    multiple: bool = False,
    ident: str = "",
    placeholder: str = "",
    label: str = "",
) -> SafeString:
    """A search-and-choose box. ``source`` answers ``?q=`` with JSON [{id, title, hint, initials, hue}]; ``selected`` holds such rows."""
    return mark_safe(
        render_to_string(
            "ui/components/_picker.html",
            {
                "name": name,
                "source": source,
                "selected": list(selected),
                "multiple": multiple,
                "ident": ident or f"id_{name}",
                "placeholder": placeholder,
                "label": label,
            },
        )
    )


@register.simple_tag
def swatches(name: str, value: Any = 1, label: str = "") -> SafeString:
    """Choose one of the eight hues; posts its number."""
    return mark_safe(
        render_to_string(
            "ui/components/_swatches.html",
            {
                "name": name,
                "value": int(value or 1),
                "label": label or _("Colour"),
                "hues": range(1, HUES + 1),
            },
        )
    )


@register.simple_tag
def file_drop(
    name: str, *, accept: str = "", multiple: bool = False, hint: str = "", paste: bool = True
) -> SafeString:
    """A file field that takes a drop and a paste as well."""
    return mark_safe(
        render_to_string(
            "ui/components/_file.html",
            {
                "name": name,
                "accept": accept,
                "multiple": multiple,
                "hint": hint,
                "paste": paste,
            },
        )
    )


@register.simple_tag
def copy_line(text: str, label: str = "") -> SafeString:
    """A line of text with a copy button: links, tokens, commands."""
    return mark_safe(
        render_to_string("ui/components/_copy.html", {"text": text, "label": label or _("Copy")})
    )


@register.simple_tag
def chart(
    data: dict[str, Any], ident: str, label: str, *, pick: bool = False, png: bool = True
) -> SafeString:
    """A line chart of a daily series with its table twin. ``data`` as in ``islands/chart_data.ts``; ``pick`` lets a day be chosen."""
    return mark_safe(
        render_to_string(
            "ui/components/_chart.html",
            {
                "data": data,
                "ident": ident,
                "label": label,
                "pick": pick,
                "png": png,
                "names": data.get("names", {}),
                "band": any("low" in row for row in data["rows"]),
                "expected": any("expected" in row for row in data["rows"]),
                "target": any("target" in row for row in data["rows"]),
            },
        )
    )


# -- containers -----------------------------------------------------------------------------------------------------


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
    """A button and the menu it opens: ``{% menu "row-7" label=… only_icon=True %}<a role="menuitem" …>{% endmenu %}``."""
    return mark_safe(
        render_to_string(
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
    )


@register.simple_block_tag
def dialog(content: str, ident: str, title: str, css: str = "") -> SafeString:
    """A native dialog, opened by ``<button data-dialog="ident">``; Esc and the veil close it."""
    return mark_safe(
        render_to_string(
            "ui/components/_dialog.html", {"content": content, "ident": ident, "title": title, "css": css}
        )
    )


@register.simple_block_tag
def callout(content: str, kind: str = "info") -> SafeString:
    """A boxed remark: info, good, warn, bad."""
    sign = {"good": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}.get(kind, "info")
    return format_html('<div class="callout {}">{}<div>{}</div></div>', kind, draw(sign), mark_safe(content))


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
    """Why there is nothing: ``none`` (nothing yet), ``filtered`` (hidden by filters) or ``denied`` (not for you)."""
    signs = {"none": "sparkles", "filtered": "filter", "denied": "lock"}
    return mark_safe(
        render_to_string(
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
    )


@register.simple_tag
def tab(url: str, label: str, current: bool = False, count: int | None = None) -> SafeString:
    """A tab that is a link; inside ``<nav class="tabs" aria-label="…">``."""
    here = mark_safe(' aria-current="page"') if current else EMPTY
    number = format_html('<span class="count">{}</span>', count) if count else EMPTY
    return format_html('<a class="tab" href="{}"{}>{}{}</a>', url, here, label, number)


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
    aria = format_html(' aria-sort="{}"', state) if state else EMPTY
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
    """ "Load more" for a list paged by cursor: appends the rows of the next page to ``target`` (a CSS selector)."""
    if not cursor:
        return EMPTY
    query = context["request"].GET.copy()
    query["cursor"] = cursor
    return mark_safe(
        render_to_string("ui/components/_more.html", {"url": f"?{query.urlencode()}", "target": target})
    )


@register.simple_tag(takes_context=True)
def show_panels(context: Context, row: Any) -> SafeString:
    """What higher modules registered for this object."""
    return format_html_join("", "{}", ((html,) for html in panels.rendered(context["request"], row)))


# -- htmx -----------------------------------------------------------------------------------------------------------


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
    return _attrs(
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
    """Re-fetch this element when the subject changes: ``<ul id="bets" {% live "goals.bet" %}>``. It needs an id.

    ``subject`` is "type" or "type:id"; ``url`` answers with the element (else the page itself is asked for it).
    """
    return _attrs({"data-live": subject, "data-live-url": url})
