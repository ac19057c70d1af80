"""The strings of the islands in the reader's language."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext, ngettext

from tongpin.ui import manifest


def strings(language: str) -> dict[str, str | list[str]]:
    """English to ``language`` for every string of the islands; a plural maps to its forms for 1 and 2."""
    wanted = manifest.manifest()["messages"]
    with translation.override(language):
        found: dict[str, str | list[str]] = {text: gettext(text) for text in wanted["one"]}
        found |= {many: [ngettext(one, many, 1), ngettext(one, many, 2)] for one, many in wanted["many"]}
    return found
