"""How often a token may ask, counted in the shared cache so that all processes count together."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongpin.kernel import clock
from tongpin.kernel.errors import Throttled

#: Seconds in which ``settings.API_RATE`` requests of one token are let through.
WINDOW = 60


class TooFast(Throttled):
    """More requests than allowed; ``seconds`` until the next window."""

    def __init__(self, seconds: int) -> None:
        wait = ngettext("Try again in %d second.", "Try again in %d seconds.", seconds) % seconds
        super().__init__(_("This token asks too often."), hint=wait)
        self.seconds = seconds


def count(secret: str) -> None:
    """Count one request of the token. Raises TooFast beyond API_RATE in a window; 0 counts nothing."""
    if not settings.API_RATE:
        return
    now = int(clock.now().timestamp())
    window, passed = divmod(now, WINDOW)
    key = f"api:{hashlib.sha256(secret.encode()).hexdigest()[:32]}:{window}"
    cache.add(key, 0, timeout=2 * WINDOW)
    try:
        used = cache.incr(key)
    except ValueError:  # culled between the two calls
        used = 1
    if used > settings.API_RATE:
        raise TooFast(WINDOW - passed)
