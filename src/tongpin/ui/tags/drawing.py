"""Built assets and icons."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tongpin.ui import manifest
from tongpin.ui.tags.library import register


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
    return _drawn(manifest.url_of("icons.svg"), name, css, str(label))


@lru_cache(2048)  # a list repeats a handful of icons hundreds of times
def _drawn(sprite: str, name: str, css: str, label: str) -> SafeString:
    says = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html('<svg class="icon {}" {}><use href="{}#{}"></use></svg>', css, says, sprite, name)
