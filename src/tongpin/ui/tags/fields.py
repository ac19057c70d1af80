"""Forms and the controls in them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tongpin.ui.tags.drawing import draw
from tongpin.ui.tags.library import HUES, register


@register.simple_tag
def field(
    bound: forms.BoundField, hint: str = "", label: str = "", css: str = "", **attrs: Any
) -> SafeString:
    """Label, control, hint and errors of a form field; what was typed stays.

    Further keywords become attributes of the control: ``{% field form.email autocomplete="email" %}``.
    A field with ``show_hidden_initial`` sends back what was shown: ``changed_data`` is then what this person changed.
    """
    widget = bound.field.widget
    if bound.is_hidden:
        return SafeString(bound.as_hidden())
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
    return render_to_string(
        "ui/components/_field.html",
        {
            "field": bound,
            "ident": ident,
            "kind": kind,
            "label": label or bound.label,
            "hint": hint,
            "css": css,
            "control": bound.as_widget(attrs=given) if kind != "choices" else "",
            "shown": bound.as_hidden(only_initial=True) if bound.field.show_hidden_initial else "",
            "described": given.get("aria-describedby", ""),
            "choices": list(bound) if kind == "choices" else [],
            "optional": not bound.field.required and kind == "input",
        },
    )


@register.simple_tag
def form_errors(form: forms.BaseForm) -> SafeString:
    """What is wrong with the form as a whole, above its fields."""
    errors = form.non_field_errors()
    if not errors:
        return SafeString("")
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
    autofocus: bool = False,
) -> SafeString:
    """A search-and-choose box.

    ``source`` answers ``?q=`` with JSON {"items": [{id, title, hint}]}; ``selected`` holds such rows.
    """
    return render_to_string(
        "ui/components/_picker.html",
        {
            "name": name,
            "source": source,
            "selected": list(selected),
            "multiple": multiple,
            "ident": ident or f"id_{name}",
            "placeholder": placeholder,
            "label": label,
            "autofocus": autofocus,
        },
    )


@register.simple_tag
def swatches(name: str, value: Any = 1, label: str = "") -> SafeString:
    """Choose one of the eight hues; posts its number."""
    return render_to_string(
        "ui/components/_swatches.html",
        {
            "name": name,
            "value": int(value or 1),
            "label": label or _("Colour"),
            "hues": range(1, HUES + 1),
        },
    )


@register.simple_tag
def file_drop(
    name: str,
    *,
    accept: str = "",
    multiple: bool = False,
    hint: str = "",
    paste: bool = True,
    required: bool = False,
    label: str = "",
    css: str = "",
) -> SafeString:
    """A file field that takes a drop and a paste as well; ``css="drop-line"`` is one line high.

    Every file field is this one: a browser's own speaks the browser's language.
    """
    return render_to_string(
        "ui/components/_file.html",
        {
            "name": name,
            "accept": accept,
            "multiple": multiple,
            "hint": hint,
            "paste": paste,
            "required": required,
            "label": label,
            "css": css,
        },
    )


@register.simple_tag
def copy_line(text: str, label: str = "") -> SafeString:
    """A line of text with a copy button: links, tokens, commands."""
    return render_to_string("ui/components/_copy.html", {"text": text, "label": label or _("Copy")})
