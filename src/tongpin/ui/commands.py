"""What the palette can do besides going somewhere: the theme, the language, signing out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from tongpin.kernel.errors import Text
from tongpin.kernel.tenancy.enums import Theme
from tongpin.lib import pinyin
from tongpin.lib.grams import normalise

# icons: monitor sun moon languages log-out
THEMES: dict[str, tuple[str, Text]] = {
    Theme.LIGHT: ("sun", _("Light theme")),
    Theme.DARK: ("moon", _("Dark theme")),
    Theme.SYSTEM: ("monitor", _("Theme of the system")),
}
LANGUAGES: dict[str, Text] = {"en": _("Switch to English"), "zh-hans": _("Switch to Chinese")}


def findable(label: Text, words: tuple[Text, ...] = ()) -> dict[str, str]:
    """What finds a row: ``names`` in every language of the product, a line each, and their pinyin ``initials``."""
    names: dict[str, None] = {}
    for language in LANGUAGES:
        with translation.override(language):
            names |= dict.fromkeys(normalise(str(text)) for text in (label, *words))
    spoken = {key: None for name in names for key in _typed(name)}
    return {"names": "\n".join(names), "initials": " ".join(spoken)}


@lru_cache(maxsize=1024)
def _typed(name: str) -> tuple[str, ...]:
    """What is typed for a Chinese name; nothing for others, which are matched as they are."""
    return () if name.isascii() else tuple(pinyin.keys(" ".join(pinyin.syllables(name))))


def offered(theme: str, language: str, here: str) -> list[dict[str, Any]]:
    """The rows for a signed-in person whose theme and language are these, on the page ``here``."""
    themes = [
        _row(
            f"ui.theme.{value}", label, icon, "ui:appearance", {"theme": value}, (_("theme"), _("appearance"))
        )
        for value, (icon, label) in THEMES.items()
        if value != theme
    ]
    back, words = {"next": here}, (_("language"),)
    languages = [
        _row(f"ui.language.{code}", label, "languages", "ui:language", {"language": code, **back}, words)
        for code, label in LANGUAGES.items()
        if code != language
    ]
    return [*themes, *languages, _row("ui.logout", _("Sign out"), "log-out", "account_logout", {})]


def _row(
    ident: str, label: Text, icon: str, url_name: str, fields: dict[str, str], words: tuple[Text, ...] = ()
) -> dict[str, Any]:
    shown = {"id": ident, "kind": "do", "title": str(label), "icon": icon}
    return {**shown, "post": reverse(url_name), "fields": fields, **findable(label, words)}
