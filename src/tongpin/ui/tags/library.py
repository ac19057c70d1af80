"""The tag library the modules of this package fill."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
HUES = 8


def attributes(pairs: dict[str, Any]) -> SafeString:
    """HTML attributes; None and False are left out, True is a bare attribute, ``_`` in a name is ``-``."""
    kept = [
        (k.replace("_", "-"), v) for k, v in pairs.items() if v is not None and v is not False and v != ""
    ]
    return format_html_join(
        "", " {}", ((format_html('{}="{}"', k, v) if v is not True else k,) for k, v in kept)
    )
