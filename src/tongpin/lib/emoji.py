"""What counts as one emoji."""

from __future__ import annotations

import re
import unicodedata

_JOINER, _PICTURE, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"
_TONES = "\U0001f3fb-\U0001f3ff"
_TAGS = "\U000e0020-\U000e007f"
_REGION = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_KEY = re.compile(f"[0-9#*]{_PICTURE}?{_KEYCAP}")
#: A sign, perhaps as a picture, with a skin tone, or with the tags of a flag.
_SIGN = re.compile(f"(?s:(.))(?:{_PICTURE}|[{_TONES}])?[{_TAGS}]*")


def is_emoji(text: str) -> bool:
    """Whether the text is exactly one emoji.

    >>> is_emoji("👍"), is_emoji("👩🏽‍💻"), is_emoji("1️⃣"), is_emoji("🇨🇳"), is_emoji("👍👍"), is_emoji("好")
    (True, True, True, True, False, False)
    """
    if _REGION.fullmatch(text) or _KEY.fullmatch(text):
        return True
    parts = [_SIGN.fullmatch(part) for part in text.split(_JOINER)]
    return all(part is not None and _is_sign(part[1]) for part in parts)


def _is_sign(sign: str) -> bool:
    """A symbol that is drawn as a picture: not a letter, a currency or a mathematical sign."""
    return unicodedata.category(sign) == "So" or sign in "‼⁉↔↕▶◀◾◽"
