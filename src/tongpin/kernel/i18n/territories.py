"""Countries and languages by name in the active language, as CLDR has them."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import get_language

from tongpin.kernel.i18n.countries import Country

# Babel's data is read when the first name is asked for: most processes never do.


def territory_name(code: str) -> str:
    """The name of a country or territory by its ISO 3166-1 code; what is no code is shown as it is."""
    return _territory(code, get_language() or "en")


def language_name(tag: str) -> str:
    """The name of a language by its BCP 47 tag (``zh-CN``, ``pt``); what is no tag is shown as it is."""
    return _language(tag, get_language() or "en")


@lru_cache(2048)
def _territory(code: str, language: str) -> str:
    if code in (Country.HK, Country.TW):  # one name in the whole program
        return str(Country(code).label)
    return _locale(language).territories.get(code.upper(), code)  # type: ignore[no-any-return]


@lru_cache(2048)
def _language(tag: str, language: str) -> str:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415

    try:
        told = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return tag
    name = told.get_language_name(_locale(language)) or told.language
    if not told.territory:
        return name
    pair = "{}（{}）" if language.startswith("zh") else "{} ({})"
    return pair.format(name, territory_name(told.territory))


def _locale(language: str):  # type: ignore[no-untyped-def]
    from babel import Locale  # noqa: PLC0415

    return Locale.parse("zh_Hans" if language.startswith("zh") else "en")
