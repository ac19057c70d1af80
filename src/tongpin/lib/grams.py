"""Text cut into one- and two-character pieces, so that any short substring can be found through an index.

Words are not looked for: Chinese has no spaces, and a dictionary misses the names and product words people
search for most.
"""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")
# Lone surrogates and NUL cannot be stored; zero-width marks and variation selectors change nothing a reader
# sees.
_UNSEEN = re.compile("[\x00\ud800-\udfff\u00ad\u200b\u200c\u2060\ufe0e\ufe0f\ufeff]")


def normalise(text: str) -> str:
    """``text`` as it is compared: NFKC, case folded, unseen characters dropped, white space made single
    spaces."""
    folded = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()
    # Folding can undo the composition ("ŉ" gives two characters), hence once more.
    return _SPACE.sub(" ", _UNSEEN.sub("", unicodedata.normalize("NFKC", folded))).strip()


def grams(normal: str) -> list[str]:
    """Every character and every pair of neighbours in a normalised text, once each, sorted; none with a
    space."""
    pairs = {normal[i : i + 2] for i in range(len(normal) - 1)}
    return sorted(gram for gram in pairs | set(normal) if " " not in gram)


def needed(word: str) -> list[str]:
    """The grams that every text containing ``word`` (normalised, without spaces) must have; [] for an empty
    word."""
    if len(word) < 2:
        return [word] if word else []
    return sorted({word[i : i + 2] for i in range(len(word) - 1)})
