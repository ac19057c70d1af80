"""Text that people wrote in markdown, as pages show it: ``lib.markdown`` makes and cleans it, here it is trusted."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.safestring import SafeString

from tongpin.lib import markdown


def shown(
    text: str, references: Mapping[markdown.Key, markdown.Reference] | None = None, *, wrapped: bool = False
) -> SafeString:
    """The text as HTML for ``<div class="prose">``; ``wrapped`` as in ``lib.markdown.render``."""
    return SafeString(markdown.render(text, references, wrapped=wrapped))
