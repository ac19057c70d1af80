"""Secrets that programs carry: a prefix that says whose they are, 256 random bits, and a checksum.

A scanner finds them in code by their form (``tpw_`` and 49 letters and digits) and tells a real one from a look-alike
by the checksum, without asking a server. The checksum is no protection: whoever makes up 43 characters can add it.
"""

from __future__ import annotations

import re
import secrets
import string
import zlib

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
BODY, CHECK = 43, 6  # 62 ** 43 > 2 ** 256; 62 ** 6 > 2 ** 32
_FORM = re.compile(rf"([a-z]+_)([0-9A-Za-z]{{{BODY}}})([0-9A-Za-z]{{{CHECK}}})")


def new(prefix: str) -> str:
    """A new secret behind ``prefix``, such as ``tpw_``."""
    body = "".join(secrets.choice(DIGITS) for _digit in range(BODY))
    return prefix + body + _checksum(prefix + body)


def is_proper(text: str) -> bool:
    """Whether the text has the form and the checksum of such a secret, whatever its prefix."""
    found = _FORM.fullmatch(text)
    return found is not None and _checksum(found[1] + found[2]) == found[3]


def _checksum(text: str) -> str:
    """CRC-32 of the text as six digits of base 62."""
    rest, digits = zlib.crc32(text.encode()), ""
    for _digit in range(CHECK):
        rest, digit = divmod(rest, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits
